"""The demo's two half-years tell what they claim: who won, who did not, why, and what became of the prizes.

Only what prizes hang on is filled in. What README says of it is asked as README has it.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest
from sqlalchemy import select

import app as command_line
from activity.tables import member
from api.access import Scope, create_key
from api.http import create_app
from leaderboard.tables import closing, closing_event, standing
from operations.verify import verify
from programmes import demo
from programmes.demo_company import DAYS, Step
from programmes.demo_days import MISCOUNTED
from programmes.demo_people import ADVERTISER, COAUTHORS, DECLINER, EXPERT, LATECOMER, WINNER
from programmes.demo_pilot import WRITERS
from rewards.tables import payout, payout_event
from settings import Settings
from storage.engine import Store
from storage.migration import migrate

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
README = (Path(__file__).parent.parent / "README.md").read_text()
TOLD = README.split("### The top three of two half-years\n")[1].split("\n## ")[0]

FIRST, SECOND = "2025/26-H2", "2026/27-H1"

BOARD = """query Board($period: String!) { leaderboard(key: "impact", period: $period) { state
  top(n: 5) { rank score member { externalId } } closing { places digest events { kind author reason
  member { externalId } } late { entries points arrivals { points member { externalId } } } } } }"""
PRIZES = """query Prizes($member: String!) { member(externalId: $member) { prizes { edges { node { period { key }
  sentence latePoints passedOver disqualification { author reason }
  payout { number nextInLine state events { to author reason } } } } } } }"""


@dataclass
class Filled:
    """A demo's store, and the ways to ask it."""

    url: str
    differences: list[str]

    def ask(self, question: str, **variables: Any) -> Any:
        return asyncio.run(self._ask([question], variables))[0]

    def ask_all(self, questions: Sequence[str]) -> list[Any]:
        return asyncio.run(self._ask(questions, {}))

    async def _ask(self, questions: Sequence[str], variables: dict[str, Any]) -> list[Any]:
        store = Store(self.url)
        async with store.writing() as work:
            key = await create_key(work, "demo", [Scope.MANAGE], NOW)
        await store.close()
        service = create_app(Settings(database_url=self.url), lambda: NOW, runs_jobs=False)
        found = []
        async with service.router.lifespan_context(service):
            transport = httpx.ASGITransport(app=service)
            async with httpx.AsyncClient(transport=transport, base_url="http://laurels.test", timeout=60) as http:
                http.headers["authorization"] = f"Bearer {key}"
                for question in questions:
                    sent = {"query": question, "variables": variables}
                    answer = (await http.post("/graphql", json=sent)).json()
                    assert "errors" not in answer, answer
                    found.append(answer["data"])
        return found

    def prizes(self, member: str) -> dict[str, Any]:
        """What podiums came to for a member, by half-year."""
        edges = self.ask(PRIZES, member=member)["member"]["prizes"]["edges"]
        return {edge["node"]["period"]["key"]: edge["node"] for edge in edges}


async def best_score(url: str, places: int) -> int:
    """The highest score of the first half-year, with that of who has no place in its result."""
    store = Store(url)
    async with store.reading() as work:
        of_closing = (closing.c.board == standing.c.board) & (closing.c.period == standing.c.period)
        scores = select(standing.c.score).join(closing, of_closing).where(closing.c.participants == places)
        found = [int(row.score) for row in await work.rows(scores)]
    await store.close()
    assert places + 1 == len(found)
    return max(found)


async def steps_of_prizes(store: Store, now: datetime = NOW) -> list[Step]:
    """What is missing of that on which prizes hang."""
    steps = [
        replace(step, reports=tuple(each for each in step.reports if each.member in WRITERS or each.id == MISCOUNTED))
        for step in await demo.missing(store, now=now)
    ]
    return [step for step in steps if step.deeds or step.profiles or step.reports]


async def fill(url: str) -> Filled:
    store = Store(url)
    await migrate(store)
    await demo.fill(store, await steps_of_prizes(store), progress=lambda _: None)
    differences: list[str] = []
    async with store.reading() as work:
        await verify(work, differences.append)
    await store.close()
    return Filled(url, differences)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return asyncio.run(fill(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'laurels.db'}"))


def ranks(filled: Filled, period: str) -> list[tuple[int, str]]:
    found = filled.ask(BOARD, period=period)["leaderboard"]
    assert "FINAL" == found["state"]
    return [(each["rank"], each["member"]["externalId"]) for each in found["top"]]


def states(outcome: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(event["to"], event["author"]) for event in outcome["payout"]["events"]]


def test_all_is_as_verify_wants_it(filled: Filled) -> None:
    """Closings, results, prizes and their steps."""
    assert [] == filled.differences


def test_who_write_together_share_a_rank_and_a_place(filled: Filled) -> None:
    """Ranks 1, 2, 2, 4; both win the second prize, and nobody the third. One is delivered, one never was claimed."""
    assert [(1, EXPERT), (2, COAUTHORS[0]), (2, COAUTHORS[1]), (4, WINNER), (5, DECLINER)] == sorted(
        ranks(filled, FIRST)
    )
    kofi, mirjam = (filled.prizes(each)[FIRST] for each in COAUTHORS)
    assert "won Dinner for your team: place 2, shared by 2; it is delivered" == kofi["sentence"]
    assert "won Dinner for your team: place 2, shared by 2; it was not claimed in time" == mirjam["sentence"]
    steps = [("AWAITING_APPROVAL", None), ("GRANTED", "Helena Fischer")]
    assert [*steps, ("CLAIMED", COAUTHORS[0]), ("DELIVERED", "Samuel Okoye")] == states(kofi)
    assert [*steps, ("EXPIRED", None)] == states(mirjam)


def test_a_dispute_changed_who_won(filled: Filled) -> None:
    """Who was disqualified had the highest score: with it, all who won stood one place lower."""
    found = filled.ask(BOARD, period=FIRST)["leaderboard"]
    closed, out, final = found["closing"]["events"]
    assert ["CLOSED", "DISQUALIFIED", "FINAL"] == [each["kind"] for each in (closed, out, final)]
    assert (ADVERTISER, "Samuel Okoye") == (out["member"]["externalId"], out["author"])
    assert 64 == len(found["closing"]["digest"])
    outcome = filled.prizes(ADVERTISER)[FIRST]
    assert f"disqualified: {out['reason']}" == outcome["sentence"]
    assert outcome["payout"] is None
    best = asyncio.run(best_score(filled.url, found["closing"]["places"]))
    assert best > found["top"][0]["score"]


def test_the_best_is_passed_over_as_they_won_before(filled: Filled) -> None:
    """First in both half-years, and winner of one: the second goes to the next."""
    assert [(1, EXPERT), (2, WINNER), (3, DECLINER), (4, LATECOMER), (5, ADVERTISER)] == ranks(filled, SECOND)
    outcomes = filled.prizes(EXPERT)
    assert "won Conference of your choice: place 1; it is delivered" == outcomes[FIRST]["sentence"]
    assert outcomes[SECOND]["sentence"].startswith("passed over: stood at position 1 with ")
    assert " points, and won in the period before" in outcomes[SECOND]["sentence"]
    assert ("PAUSED", None) == (outcomes[SECOND]["passedOver"], outcomes[SECOND]["payout"])
    assert "won Conference of your choice: place 1; it is delivered" == filled.prizes(WINNER)[SECOND]["sentence"]


def test_what_one_declines_goes_to_the_next_in_line(filled: Filled) -> None:
    """With the reason; those between keep what they won. The next in line was disqualified half a year before."""
    declined, gained = filled.prizes(DECLINER)[SECOND], filled.prizes(ADVERTISER)[SECOND]
    assert ("DECLINED", DECLINER) == states(declined)[-1]
    assert "(My team wrote half of it; let others dine.)" in declined["sentence"]
    assert [("AWAITING_APPROVAL", None)] == states(gained)
    assert gained["payout"]["nextInLine"]
    number = declined["payout"]["number"]
    next_in_line = f"next in line for place 2: the prize of payout {number} was declined"
    assert f"won Dinner for your team: {next_in_line}; it awaits approval" == gained["sentence"]
    assert [("AWAITING_APPROVAL", None), ("GRANTED", "Helena Fischer"), ("CLAIMED", LATECOMER)] == states(
        filled.prizes(LATECOMER)[SECOND]
    )


def test_what_came_late_would_have_moved_one_up(filled: Filled) -> None:
    """It is listed beside the result, which stays as it is, and is more than what was missing."""
    found = filled.ask(BOARD, period=SECOND)["leaderboard"]
    scores = {each["member"]["externalId"]: each["score"] for each in found["top"]}
    late = {each["member"]["externalId"]: each["points"] for each in found["closing"]["late"]["arrivals"]}
    assert scores[LATECOMER] < scores[DECLINER] < scores[LATECOMER] + late[LATECOMER]
    outcome = filled.prizes(LATECOMER)[SECOND]
    assert 100 == late[LATECOMER] == outcome["latePoints"]
    assert outcome["sentence"].endswith("; 100 more points came too late to count")


def test_what_readme_asks_is_answered(filled: Filled) -> None:
    """Every query as it is written, and none is in vain."""
    questions = re.findall(r"ask '(.*?)'", TOLD, re.DOTALL)
    assert 4 == len(questions)
    for question, answer in zip(questions, filled.ask_all(questions), strict=True):
        assert all(answer.values()), question


def test_what_readme_lists_is_what_the_command_prints(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """But for the numbers of those who share a place, whose order nothing decides."""
    monkeypatch.setenv("LAURELS_DATABASE_URL", filled.url)
    assert 0 == command_line.main(["payouts", "list"])
    listed = re.search(r"python app.py payouts list\n\n((?:    .*\n)+)", TOLD)
    assert listed
    number = re.compile(r"^ +[23]  place 2 ", re.MULTILINE)
    told, printed = (number.sub("place 2 ", text) for text in (dedent(listed[1]), capsys.readouterr().out))
    assert sorted(told.splitlines()) == sorted(printed.splitlines())


async def history_of_prizes(path: Path, stops: Sequence[int]) -> list[tuple[Any, ...]]:
    """Every step of the pilot's prizes; the fill is interrupted after so many steps, and goes on a day later."""
    store = Store(f"sqlite:///{path}")
    await migrate(store)
    looked = datetime(2026, 11, 9, 12, tzinfo=UTC)
    joined = looked - timedelta(days=DAYS)
    for days, stop in enumerate([*stops, None]):
        steps = await steps_of_prizes(store, looked + timedelta(days=days))
        pilot = [step for step in steps if step.at < joined - timedelta(days=7)]
        await demo.fill(store, pilot[:stop], progress=lambda _: None)
    async with store.reading() as work:
        won = select(payout.c.place, member.c.external_id, payout_event.c.to_state, payout_event.c.at_us)
        won = won.join(payout, payout.c.id == payout_event.c.payout).join(member, member.c.key == payout.c.member)
        rows = await work.rows(won)
        disputes = await work.rows(select(closing_event.c.kind, closing_event.c.at_us))
    await store.close()
    return sorted(map(tuple, rows)) + sorted(map(tuple, disputes))


def test_a_fill_that_was_interrupted_in_the_pilot_goes_on_with_the_same_pilot(tmp_path: Path) -> None:
    """Also where another half-year counts as the last one that is over by then; in a dispute, and among the prizes."""
    whole = asyncio.run(history_of_prizes(tmp_path / "whole.db", ()))
    assert {"awaiting-approval", "granted", "claimed", "delivered", "expired"} <= {row[-2] for row in whole}
    assert whole == asyncio.run(history_of_prizes(tmp_path / "parts.db", (33, 4)))
