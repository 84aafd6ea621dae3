"""Boards as they stood on past days: what was shown at each day's end is told again, whatever happened since."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leaderboard.board import Competitors
from leaderboard.past import end_of_day, past_marks, recent_marks
from leaderboard.within import Within
from operations.counting import counted_by
from operations.enrol import Profile
from tests.api.conftest import Client, Json
from tests.world import PROGRAMME, World, published, shared

LONDON = ZoneInfo("Europe/London")
BOARDS = ("effort", "impact", "everything", "articles", "teams", "held", "reds", "starters", "means", "active", "near")
WHOLE = """query Whole($board: String!, $asOf: Date) { leaderboard(key: $board, asOf: $asOf) {
  participants period { key } board { title ties }
  top(n: 100) { rank position score mean reachedAt percentile member { externalId } team { name } } } }"""
HELD = """
  held:
    title: Wait for it
    on: [article.published]
    points: 9
    hold: P1D
    tags: [held]
"""
PROGRAMME_HELD = PROGRAMME.replace("boards:", f"{HELD.strip(chr(10))}\nboards:")
PROGRAMME_HELD += """  held: {title: Held, tags: [held], period: month}
  reds: {title: Reds, period: month, members: 'member.team == "Red"'}
  starters: {title: Starters, period: ever, of: teams, members: 'member.team != "Green"', newcomers: P9D}
  means: {title: Means, period: month, of: teams, score: mean}
  active: {title: Active, period: ever, of: teams, score: mean-active, minimum: 9}
  near: {title: Near, period: month, of: teams, score: mean, members: 'member.location != "Oslo"'}
"""
NAMES = ("ada", "bob", "cy", "dee", "eve")


async def board_of(client: Client, board: str, as_of: str | None = None) -> Json:
    found: Json = (await client.ask(WHOLE, board=board, asOf=as_of))["leaderboard"]
    return found


async def boards_of(client: Client, as_of: str | None = None) -> dict[str, Json]:
    return {board: await board_of(client, board, as_of) for board in BOARDS}


@pytest.fixture
async def company(world: World, empty_client: Client) -> World:
    """A company a week before the clocks change, with a programme that also holds points back."""
    world.now = datetime(2026, 3, 20, 9, tzinfo=UTC)
    await world.apply(PROGRAMME_HELD)
    await world.hire("Ada", "Bob", team="Red")
    await world.hire("Cy", "Dee", team="Blue")
    await world.hire("Eve")
    return world


class Days:
    """Random days at the company: everything that moves points, in an order that a seed decides."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = Random(seed)
        self.day = world.now.date()
        self.number = 0
        self.recorded: list[int] = []
        self.away: set[str] = set()

    async def pass_one(self) -> None:
        """A day from its first minutes to its last."""
        world, chance = self.world, self.random
        begins, ends = (
            datetime.combine(self.day + timedelta(days=days), time.min, LONDON).astimezone(UTC) for days in (0, 1)
        )
        for minute in sorted(chance.sample(range((ends - begins) // timedelta(minutes=1)), 8)):
            world.now = begins + timedelta(minutes=minute)
            await chance.choice((self.report, self.report, self.report, self.correct, self.move, self.release))()
        world.now = ends - timedelta(seconds=1)
        self.day += timedelta(days=1)

    async def report(self) -> None:
        reports = []
        for _ in range(self.random.randrange(1, 4)):
            self.number += 1
            at = self.world.now - timedelta(hours=self.random.randrange(60))
            make = self.random.choice((shared, shared, published))
            data: dict[str, Any] = {"reach": self.random.randrange(4) * 1000} if make is shared else {}
            reports.append(make(self.number, self.random.choice(NAMES), at=at.isoformat(), **data))
        receipts = await self.world.record(*reports)
        self.recorded += [int(each.id) for each, told in zip(reports, receipts, strict=True) if told.seq]

    async def correct(self) -> None:
        if self.recorded and self.random.random() < 0.6:
            await self.world.retract(self.recorded.pop(self.random.randrange(len(self.recorded))))
        else:
            await self.world.adjust(self.random.choice(sorted(set(NAMES) - self.away)), self.random.choice((-3, 5)))

    async def move(self) -> None:
        name = self.random.choice(NAMES)
        if name in self.away or self.random.random() < 0.4:
            self.away ^= {name}
            await self.world.enrol(Profile(name, participates=name not in self.away))
        else:
            team, location = self.random.choice(("Red", "Blue", "Green")), self.random.choice(("Oslo", "Paris", None))
            await self.world.enrol(Profile(name, team=team, location=location))

    async def release(self) -> None:
        await self.world.release()

    async def return_all(self) -> None:
        """Everyone takes part again."""
        await self.world.enrol(*(Profile(name, participates=True) for name in sorted(self.away)))
        self.away.clear()


@pytest.mark.parametrize("seed", range(2))
async def test_every_day_is_told_as_it_was(company: World, empty_client: Client, seed: int) -> None:
    """Late activities, retractions, gifts, released points, moves between teams and leaves of absence: none of it
    changes what a board is said to have been before. The days include one on which the clocks change."""
    company.now += timedelta(days=6)
    days = Days(company, seed)
    shown: dict[str, dict[str, Json]] = {}
    for _ in range(7):
        day = days.day.isoformat()
        await days.pass_one()
        shown[day] = await boards_of(empty_client)
    company.now += timedelta(days=40)
    await days.return_all()
    await days.report()
    assert [] == await company.differences()
    for day, boards in shown.items():
        assert boards == await boards_of(empty_client, day), day
        await compare_ways(company, date.fromisoformat(day).toordinal())


async def compare_ways(world: World, day: int) -> None:
    """Summed from all that the ledger held, or found by those who moved since: the same on every board of members."""
    async with world.store.reading() as work:
        state = await world.revisions.current(work)
        for version in state.board_versions:
            if version.board.of is Competitors.MEMBERS:
                period = version.board.period_at(state.calendar, day)
                assert period is not None
                end = await end_of_day(work, state.calendar, day, period)
                told = version, await counted_by(work, state, version), period, end, Within()
                whole, recent = [await work.rows(marks(*told)) for marks in (past_marks, recent_marks)]
                assert sorted(map(tuple, whole)) == sorted(map(tuple, recent)), version.board.key


async def test_who_leaves_is_gone_from_the_past_too(company: World, empty_client: Client) -> None:
    """Ranks of past days close up over them, and a team's sum is without their points; coming back restores it."""
    await company.record(published(1, "ada", at="2026-03-20T08:00:00Z"), shared(2, "bob", at="2026-03-20T08:00:00Z"))
    company.now += timedelta(days=1)
    before = [await board_of(empty_client, board, "2026-03-20") for board in ("everything", "teams")]
    await company.enrol(Profile("ada", participates=False))
    everything, teams = [await board_of(empty_client, board, "2026-03-20") for board in ("everything", "teams")]
    assert [(1, "bob")] == [(place["rank"], place["member"]["externalId"]) for place in everything["top"]]
    assert [13] == [place["score"] for place in teams["top"]]
    assert [13] == [place["mean"] for place in (await board_of(empty_client, "means", "2026-03-20"))["top"]]
    await company.enrol(Profile("ada", participates=True))
    assert [26.5] == [place["mean"] for place in (await board_of(empty_client, "means", "2026-03-20"))["top"]]
    assert before == [await board_of(empty_client, board, "2026-03-20") for board in ("everything", "teams")]


async def test_a_board_is_told_as_it_was_defined(company: World, empty_client: Client) -> None:
    """A board that has changed since, in what it counts and over which period, is told as it was shown then."""
    await company.record(published(1, "ada", at="2026-03-20T08:00:00Z"), shared(2, "bob", at="2026-03-20T08:00:00Z"))
    shown = await board_of(empty_client, "effort")
    company.now += timedelta(days=1)
    changed = "effort: {title: Reach, tags: [impact], period: week, ties: dense}"
    await company.apply(PROGRAMME_HELD.replace("effort: {title: Effort, tags: [effort], period: month}", changed))
    now = await board_of(empty_client, "effort")
    assert ("Reach", "2026-W12", [1]) == (now["board"]["title"], now["period"]["key"], [e["score"] for e in now["top"]])
    assert shown == await board_of(empty_client, "effort", "2026-03-20")


async def test_a_revision_that_looks_back_changes_no_past_day(company: World, empty_client: Client) -> None:
    """What it takes back and pays anew counts on the day on which it did so."""
    await company.record(published(1, "ada", at="2026-03-20T08:00:00Z"))
    shown = await board_of(empty_client, "everything")
    company.now += timedelta(days=1)
    await company.apply(PROGRAMME_HELD.replace("points: 40", "points: 60"), since="2026-03-01")
    await company.catch_up()
    assert [60] == [place["score"] for place in (await board_of(empty_client, "everything"))["top"]]
    assert shown == await board_of(empty_client, "everything", "2026-03-20")
    company.now += timedelta(days=1)
    assert [60] == [place["score"] for place in (await board_of(empty_client, "everything", "2026-03-21"))["top"]]


async def test_days_that_cannot_be_asked(company: World, empty_client: Client) -> None:
    """A day that is not over, and one on which there was no such board, are refused with the day to write instead."""
    query = 'query Q($day: Date!) { leaderboard(key: "effort", asOf: $day) { participants } }'
    told = "asOf is 2026-03-20, and that day is not over; write an earlier one, or leave it out for now"
    assert ("BAD_INPUT", told) == await empty_client.refusal(query, day="2026-03-20")
    told = (
        "there was no board 'effort' on 2026-03-19; it was first published on 2026-03-20, write that day or a later one"
    )
    assert ("NOT_FOUND", told) == await empty_client.refusal(query, day="2026-03-19")
    assert ("NOT_FOUND", told.replace("2026-03-19", "0001-01-01")) == await empty_client.refusal(
        query, day="0001-01-01"
    )
    assert "BAD_INPUT" == (await empty_client.refusal(query, day="9999-12-31"))[0]


CHANGES = """query Changes($board: String!, $since: Since!, $asOf: Date) { leaderboard(key: $board, asOf: $asOf) {
  top { rank member { externalId } team { name }
        change(since: $since) { isNew previousRank previousPosition previousScore ranksClimbed } } } }"""


async def changes_of(client: Client, board: str, since: str, as_of: str | None = None) -> dict[str, tuple[Any, ...]]:
    top = (await client.ask(CHANGES, board=board, since=since, asOf=as_of))["leaderboard"]["top"]
    return {
        (each["member"] or {}).get("externalId") or each["team"]["name"]: tuple(each["change"].values()) for each in top
    }


NEW = (True, None, None, None, None)


async def test_how_places_changed_since_the_day_before(company: World, empty_client: Client) -> None:
    """Who climbed, who fell and who is new, seen from now and from a past day."""
    await company.record(published(1, "ada", at="2026-03-20T08:00:00Z"), shared(2, "bob", at="2026-03-20T08:00:00Z"))
    assert {"ada": NEW, "bob": NEW} == await changes_of(empty_client, "everything", "DAY")
    company.now += timedelta(days=1)
    same = {"ada": (False, 1, 1, 40, 0), "bob": (False, 2, 2, 13, 0)}
    assert same == await changes_of(empty_client, "everything", "DAY")
    await company.record(
        *(published(n, "bob", at=f"2026-03-{n}T08:00:00Z") for n in (14, 21)),
        shared(9, "cy", at="2026-03-20T08:00:00Z"),
    )
    turned = {"bob": (False, 2, 2, 13, 1), "ada": (False, 1, 1, 40, -1), "cy": NEW}
    assert turned == await changes_of(empty_client, "everything", "DAY")
    assert {"Red": (False, 1, 1, 53, 0), "Blue": NEW} == await changes_of(empty_client, "teams", "DAY")
    company.now += timedelta(days=1)
    assert turned == await changes_of(empty_client, "everything", "DAY", "2026-03-21")
    company.now = datetime(2026, 4, 1, 9, tzinfo=UTC)
    await company.record(published(7, "ada", at="2026-04-01T08:00:00Z"))
    assert {"ada": NEW} == await changes_of(empty_client, "effort", "DAY")


async def test_how_places_changed_since_the_period_before(company: World, empty_client: Client) -> None:
    """The previous period is looked at as it stands on the same day; over all time there is none."""
    await company.record(shared(1, "ada", at="2026-03-12T08:00:00Z"), published(2, "bob", at="2026-03-12T08:00:00Z"))
    company.now = datetime(2026, 4, 2, 9, tzinfo=UTC)
    await company.record(published(3, "ada", at="2026-04-01T08:00:00Z"), published(4, "cy", at="2026-04-01T09:00:00Z"))
    expected = {"ada": (False, 2, 2, 12, 1), "cy": NEW}
    assert expected == await changes_of(empty_client, "effort", "PERIOD")
    company.now += timedelta(days=1)
    await company.record(published(5, "cy", at="2026-03-12T09:00:00Z"))
    assert expected == await changes_of(empty_client, "effort", "PERIOD", "2026-04-02")
    now = await changes_of(empty_client, "effort", "PERIOD")
    assert {"ada": (False, 3, 3, 12, 2), "cy": (False, 1, 2, 40, 0)} == now
    answer = (await empty_client.post(CHANGES, board="everything", since="PERIOD")).json()
    words = "a board over all time has no previous period; ask for the change since DAY"
    assert {words} == {error["message"] for error in answer["errors"]}
    assert [None, None] == [each["change"] for each in answer["data"]["leaderboard"]["top"]][:2]
