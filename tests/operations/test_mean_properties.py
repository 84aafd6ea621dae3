"""What always holds of means around a closing, whoever comes and goes, and whomever boards ask for: compared with a
naive telling of the story."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.intake import Report
from activity.tables import team as team_table
from leaderboard.closing import State
from leaderboard.tables import standing
from operations.enrol import Profile
from rules.tables import version
from tests.conftest import OpenStore
from tests.operations.test_close import OCTOBER, places
from tests.world import World

PROGRAMME = """
programme: test
starts: 2026-10-01
time_zone: Europe/London
participation: opt-out
activities: {post.shared: {title: Shared a post}}
rules: {share: {title: Share a post, on: [post.shared], points: 5}}
boards:
  mean: {title: Means, period: month, of: teams, score: mean, closing: {}}
  mean-active: {title: Active, period: month, of: teams, score: mean-active, closing: {}}
  near: {title: Near, period: month, of: teams, score: mean, members: 'member.location != "Oslo"', closing: {}}
  near-active:
    {title: Near, period: month, of: teams, score: mean-active, members: 'member.location != "Oslo"', closing: {}}
"""

BOARDS = ("mean", "mean-active", "near", "near-active")
NAMES = ("ada", "ben", "cy", "dee")
DAY = datetime(2026, 10, 12, 9, 30, tzinfo=UTC)

names = st.sampled_from(NAMES)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), names),
        st.tuples(st.just("retract"), st.integers(0, 5)),
        st.tuples(st.just("adjust"), names),
        st.tuples(st.sampled_from(["leave", "join"]), names),
        st.tuples(st.just("move"), st.tuples(names, st.sampled_from(["Red", "Blue", "Green", ""]))),
        st.tuples(st.just("settle"), st.tuples(names, st.sampled_from(["Oslo", "Paris"]))),
        st.tuples(st.just("ask"), st.sampled_from(["Oslo", "Paris"])),
        st.tuples(st.sampled_from(["close", "close", "reopen", "finish"]), st.none()),
    ),
    min_size=8,
    max_size=25,
)


@dataclass
class Earned:
    who: str
    team: str
    city: str
    points: int
    in_time: bool


@dataclass
class Naive:
    """Teams in one month, told step by step."""

    state: State = State.OPEN
    earned: dict[int, Earned] = field(default_factory=dict)
    given: list[Earned] = field(default_factory=list)
    teams: dict[str, str] = field(default_factory=dict)
    cities: dict[str, str] = field(default_factory=lambda: dict.fromkeys(NAMES, ""))
    barred: str = "Oslo"  # for whom the boards called near are not
    closed: tuple[dict[str, str], dict[str, str], str] = ({}, {}, "")  # all three at the cutoff
    away: set[str] = field(default_factory=set)
    results: dict[str, dict[str, int]] = field(default_factory=dict)

    def scores(self, board: str) -> dict[str, int]:
        """In thousandths."""
        counted = [each for each in (*self.earned.values(), *self.given) if each.team and each.in_time]
        counted = [each for each in counted if each.who not in self.away]
        now = self.teams, self.cities, self.barred
        teams, cities, barred = now if self.state is State.OPEN else self.closed
        if not board.startswith("near"):
            barred = "nowhere"
        counted = [each for each in counted if each.city != barred]
        found = {}
        for team in {each.team for each in counted}:
            mine = [each for each in counted if each.team == team]
            members = {who for who, of in teams.items() if of == team and who not in self.away}
            members = {who for who in members if cities[who] != barred}
            by = members if members and not board.endswith("active") else {each.who for each in mine}
            found[team] = int(Fraction(1_000 * sum(each.points for each in mine), len(by)))
        return found


class Story:
    """Both tellings, a step at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.naive = Naive(teams={name: "Red" if name < "c" else "Blue" for name in NAMES})
        self._number = 0

    async def begin(self) -> None:
        self.world.now = datetime(2026, 10, 31, tzinfo=UTC)
        await self.world.apply(PROGRAMME)
        for name, team in self.naive.teams.items():
            await self.world.hire(name.title(), team=team)
        await self.record("ada")
        await self.record("cy")

    async def record(self, who: str) -> None:
        naive, number = self.naive, self._number
        self._number += 1
        (receipt,) = await self.world.record(Report("test", str(number), "post.shared", who, DAY, {}))
        if receipt.seq is not None:
            naive.earned[number] = Earned(who, naive.teams[who], naive.cities[who], 5, naive.state is State.OPEN)

    async def retract(self, number: int) -> None:
        if self.naive.earned.pop(number, None):
            await self.world.retract(number)

    async def adjust(self, who: str) -> None:
        naive = self.naive
        if who not in naive.away:
            points = -3 if len(naive.given) % 2 else 4
            await self.world.adjust(who, points, at=DAY)
            in_time = naive.state is not State.FINAL
            naive.given.append(Earned(who, naive.teams[who], naive.cities[who], points, in_time))

    async def leave(self, who: str) -> None:
        await self.world.enrol(Profile(who, participates=False))
        self.naive.away.add(who)

    async def join(self, who: str) -> None:
        await self.world.enrol(Profile(who, participates=True))
        self.naive.away.discard(who)

    async def move(self, told: tuple[str, str]) -> None:
        who, team = told
        await self.world.enrol(Profile(who, team=team))
        self.naive.teams[who] = team

    async def settle(self, told: tuple[str, str]) -> None:
        who, city = told
        await self.world.enrol(Profile(who, location=city))
        self.naive.cities[who] = city

    async def ask(self, barred: str) -> None:
        """Have the boards ask for others, from another revision on."""
        await self.world.apply(PROGRAMME.replace("Oslo", barred))
        self.naive.barred = barred

    async def close(self, _: None) -> None:
        naive = self.naive
        if naive.state is State.OPEN:
            for board in BOARDS:
                await self.world.close_early(board, OCTOBER)
            naive.state, naive.closed = State.PROVISIONAL, (naive.teams.copy(), naive.cities.copy(), naive.barred)

    async def reopen(self, _: None) -> None:
        if self.naive.state is State.PROVISIONAL:
            for board in BOARDS:
                await self.world.reopen(board, OCTOBER)
            self.naive.state = State.OPEN
            for each in self.naive.earned.values():
                each.in_time = True

    async def finish(self, _: None) -> None:
        if self.naive.state is State.PROVISIONAL:
            self.naive.results = {board: self.naive.scores(board) for board in BOARDS}
            self.naive.state = State.FINAL
            self.world.now += timedelta(days=7)
            await self.world.close()

    async def compare(self) -> None:
        stored = await scores(self.world)
        for board in BOARDS:
            if self.naive.state is State.FINAL:
                found = {team: score for _, team, score in await places(self.world, board)}
                assert self.naive.results[board] == found
            else:
                assert self.naive.scores(board) == stored.get(board, {})


async def scores(world: World) -> dict[str, dict[str, int]]:
    """By board and team, also where the board of a closed period is not in force any more."""
    names = {row.id: row.name for row in await world.rows(team_table)}
    keys = {row.id: row.key for row in await world.rows(version)}
    found: dict[str, dict[str, int]] = {}
    for row in await world.rows(standing):
        found.setdefault(keys[row.board], {})[names[row.competitor]] = row.score
    return found


@settings(
    max_examples=settings().max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
async def test_means_are_what_a_naive_telling_makes_them(
    open_store: OpenStore, steps: list[tuple[str, object]]
) -> None:
    """While the period is open or provisional, and the result for good; and verify agrees."""
    async with open_store() as store:
        story = Story(World(store))
        await story.begin()
        for verb, about in steps:
            await getattr(story, verb)(about)
            await story.compare()
        assert [] == await story.world.differences()
