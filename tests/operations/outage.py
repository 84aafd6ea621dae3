"""Reading and writing over GraphQL while something breaks: every answer is checked against what was acknowledged."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import httpx

from leaderboard.mirror import FRESH_SECONDS
from tests.operations.serving import Server
from tests.world import World

PROGRAMME = """
programme: test
starts: 2026-01-01
time_zone: Europe/London
participation: opt-out
activities: {post.shared: {title: Shared a post}}
rules: {share: {title: Share a post, on: [post.shared], points: 1}}
boards:
  competition: {title: Competition, period: ever}
  earliest: {title: Earliest, period: ever, ties: earliest}
"""
BOARDS = ("competition", "earliest")

CROWD = {f"m{number}": 1 + number % 6 for number in range(30)}  # whose scores stay
WRITERS = ("w0", "w1")  # who have one point more each time
GUEST = "guest"  # who leaves and comes back

QUERY = f"""{{ {" ".join(f'{key}: leaderboard(key: "{key}") {{ ...All }}' for key in BOARDS)} }}
fragment All on Leaderboard {{
  participants
  top(n: 50) {{ ...P }}
  around(member: "m7", radius: 2) {{ ...P }}
  place(member: "m3") {{ ...P }}
  entries(last: 5) {{ edges {{ node {{ ...P }} }} }}
}}
fragment P on LeaderboardEntry {{ rank position score reachedAt member {{ externalId }} }}
"""
RECORD = "mutation ($of: [ActivityInput!]!) { recordActivities(input: {activities: $of}) { results { status } } }"
SAVE = "mutation ($of: [MemberInput]!) { saveMembers(input: {members: $of}) { results { status } } }"

Entry = Mapping[str, Any]


class Load:
    """Two who write, three who read, and one who leaves and comes back."""

    def __init__(self, server: Server, client: httpx.AsyncClient, world: World) -> None:
        self._server = server
        self._client = client
        self._began = world.now
        self._numbers = iter(range(10**9))
        self._sent = dict.fromkeys(WRITERS, 0)
        self._acknowledged = {name: [(float("-inf"), 0)] for name in WRITERS}  # when, and which score
        self._going = True
        self.answers = 0
        self.longest_seconds = 0.0

    async def fill(self) -> None:
        """The crowd and the guest have their points."""
        await self._record(*(name for name, points in CROWD.items() for _ in range(points)), GUEST)

    @asynccontextmanager
    async def on(self) -> AsyncIterator["Load"]:
        work = [*(self._write(name) for name in WRITERS), *(self._read() for _ in range(3)), self._come_and_go()]
        tasks = [asyncio.create_task(each) for each in work]
        try:
            yield self
        finally:
            self._going = False
            await asyncio.gather(*tasks)

    async def until(self, answers: int) -> None:
        wanted = self.answers + answers
        async with asyncio.timeout(120):
            while self.answers < wanted:
                await asyncio.sleep(0.01)

    def known(self) -> dict[str, int]:
        """The scores of writers that were acknowledged so long ago that everybody must know them."""
        until = monotonic() - FRESH_SECONDS
        return {name: max(score for at, score in told if at <= until) for name, told in self._acknowledged.items()}

    async def _write(self, name: str) -> None:
        while self._going:
            self._sent[name] += 1
            await self._record(name)
            self._acknowledged[name].append((monotonic(), self._sent[name]))
            await asyncio.sleep(0.03)

    async def _record(self, *names: str) -> None:
        of = []
        for name in names:
            number = next(self._numbers)
            at = (self._began + timedelta(milliseconds=number)).isoformat()
            of.append({"source": "test", "id": str(number), "type": "post.shared", "member": name, "time": at})
        answer = await self._server.ask(self._client, RECORD, of=of)
        assert {"RECORDED"} == {each["status"] for each in answer["recordActivities"]["results"]}

    async def _read(self) -> None:
        while self._going:
            known, began = self.known(), monotonic()
            answer = await self._server.ask(self._client, QUERY)
            self.longest_seconds = max(self.longest_seconds, monotonic() - began)
            for key in BOARDS:
                self._check(answer[key], known, by_position=key == "earliest")
            self.answers += 1
            await asyncio.sleep(0.01)

    async def _come_and_go(self) -> None:
        """Each is seen in the next answer: not within a second, but at once."""
        takes_part = True
        while self._going:
            takes_part = not takes_part
            await self._server.ask(self._client, SAVE, of=[{"externalId": GUEST, "participates": takes_part}])
            for board in (await self._server.ask(self._client, QUERY)).values():
                assert takes_part == (GUEST in {entry["member"]["externalId"] for entry in board["top"]})
            await asyncio.sleep(2)  # until the mirror knows it, the database answers

    def _check(self, board: Mapping[str, Any], known: Mapping[str, int], *, by_position: bool) -> None:
        self.check([(each["member"]["externalId"], int(each["score"])) for each in board["top"]], known)
        assert len(CROWD) <= board["participants"] - sum(map(bool, known.values())) <= len(CROWD) + 1 + len(WRITERS)
        for entries in (board["top"], board["around"], _last(board)):
            _assert_in_order(entries, by_position=by_position)
        assert 1 == board["top"][0]["position"]
        assert "m7" in [entry["member"]["externalId"] for entry in board["around"]]
        assert (5, 5) == (len(board["around"]), len(_last(board)))
        for entry in (*board["around"], board["place"], *_last(board)):
            assert CROWD.get(name := entry["member"]["externalId"], int(entry["score"])) == int(entry["score"]), name

    def check(self, places: Sequence[tuple[str, int]], known: Mapping[str, int]) -> None:
        """Everybody is there with their points, and writers with those of no more than a second ago."""
        scores = dict(places)
        assert len(scores) == len(places)
        assert CROWD | {GUEST: 1} == {GUEST: 1} | {name: scores[name] for name in scores.keys() - set(WRITERS)}
        for name in WRITERS:
            assert known[name] <= scores.get(name, 0) <= self._sent[name], f"{name}: as old as a second at most"


def _last(board: Mapping[str, Any]) -> list[Entry]:
    return [edge["node"] for edge in board["entries"]["edges"]]


def _assert_in_order(entries: Sequence[Entry], *, by_position: bool) -> None:
    """The total order, without a gap, and the ranks that the tie rule gives."""
    keys = [(-int(entry["score"]), datetime.fromisoformat(entry["reachedAt"])) for entry in entries]
    assert keys == sorted(keys)
    first = entries[0]["position"]
    assert [entry["position"] for entry in entries] == list(range(first, first + len(entries)))
    for before, entry in itertools.pairwise(entries):
        shares = not by_position and before["score"] == entry["score"]
        assert entry["rank"] == (before["rank"] if shares else entry["position"])
