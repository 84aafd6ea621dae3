"""Closing: from open over provisional to final, with what counts at each step."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from activity.intake import Report
from activity.tables import member, team
from leaderboard.closing import State
from leaderboard.result import results
from leaderboard.tables import closing, closing_event
from operations.close import Closed, close_due
from operations.enrol import Profile
from operations.jobs import Jobs
from operations.revision import Revisions
from storage.work import UnitOfWork
from tests.operations.company import RECOGNITION
from tests.world import PROGRAMME, World, shared

# London: every period begins at midnight there. October ends on 1 November at 00:00 UTC, and is due on the 3rd.
CLOSING = (
    PROGRAMME.replace("starts: 2026-01-01", "starts: 2026-09-01")
    .replace(
        "effort: {title: Effort, tags: [effort], period: month}",
        "effort: {title: Effort, tags: [effort], period: month, closing: {}}",
    )
    .replace("period: quarter, of: teams}", "period: month, of: teams, closing: {grace: P0D, dispute_window: P3D}}")
)

OCTOBER = "2026-10"


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[misc,arg-type]


async def company(world: World, programme: str = CLOSING) -> World:
    """In the middle of October, with three members who shared something then."""
    world.now = at(2026, 10, 15)
    await world.apply(programme)
    await world.hire("Ada", "Ben", team="Red")
    await world.hire("Cy", team="Blue")
    for number, (name, day) in enumerate([("ada", 5), ("ada", 6), ("ben", 7), ("cy", 8)]):
        await world.record(shared(number, name, at=f"2026-10-{day:02}T09:30:00Z"))
    return world


async def provisional(world: World, programme: str = CLOSING) -> World:
    """October of the board effort is closed, and may be disputed until 10 November."""
    await company(world, programme)
    world.now = at(2026, 11, 3, 0, 1)
    await world.close()
    return world


async def places(world: World, key: str = "effort", period: str = OCTOBER) -> list[tuple[int, str, int]]:
    """Rank, name and score of a final result."""
    async with world.store.reading() as work:
        names = {row.key: row.external_id for row in await work.rows(select(member))}
        names |= {row.id: row.name for row in await work.rows(select(team))}
        row = await named_closing(world, key, period)
        return [(each.rank, names[each.competitor], each.score) async for each in results(work, row.id)]


async def named_closing(world: World, key: str = "effort", period: str = OCTOBER) -> Any:
    async with world.store.reading() as work:
        state = await world.revisions.current(work)
        (board,) = [each for each in state.board_versions if each.board.key == key]
        first = board.board.period_named(state.calendar, period).first
        rows = await work.rows(select(closing).where(closing.c.element == board.element, closing.c.period == first))
        return rows[0] if rows else None


async def scores(world: World, key: str = "effort", period: str = OCTOBER) -> dict[str, int]:
    return (await world.standings()).get((key, period), {})


async def test_a_period_is_open_then_provisional_then_final(world: World) -> None:
    """It closes after the days of grace, and is final after those of dispute; each step is done once."""
    await company(world)
    world.now = at(2026, 11, 2, 23, 59)
    await world.close()
    assert await named_closing(world) is None
    world.now = at(2026, 11, 3)
    await world.close()
    row = await named_closing(world)
    assert (State.PROVISIONAL, 1, None, None) == (row.state, row.attempt, row.digest, row.final_seq)
    assert {"ada": 24, "ben": 12, "cy": 12} == await scores(world)
    assert Closed(0, 0) == await world.close()
    world.now = at(2026, 11, 9, 23, 59)
    await world.close()
    assert State.PROVISIONAL == (await named_closing(world)).state
    world.now = at(2026, 11, 10)
    assert Closed(0, 1) == await world.close()
    row = await named_closing(world)
    assert (State.FINAL, 3, 64) == (row.state, row.participants, len(row.digest))
    assert [(1, "ada", 24), (2, "ben", 12), (2, "cy", 12)] == await places(world)
    assert Closed(0, 0) == await world.close()
    kinds = [each.kind for each in await world.rows(closing_event) if each.closing == row.id]
    assert ["closed", "final"] == kinds
    assert [] == await world.differences()


async def test_what_comes_after_the_cutoff_counts_in_no_closed_period(world: World) -> None:
    """It counts in the ledger, and on boards that are open; the closed standings stay."""
    await provisional(world)
    await world.record(shared(9, "cy", at="2026-10-20T09:30:00Z"))
    assert {"ada": 24, "ben": 12, "cy": 12} == await scores(world)
    assert 26 == (await scores(world, "everything", "ever"))["cy"]
    assert [] == await world.differences()
    world.now = at(2026, 11, 20)
    await world.close()
    await world.record(shared(10, "ben", at="2026-10-21T09:30:00Z"))
    assert [(1, "ada", 24), (2, "ben", 12), (2, "cy", 12)] == await places(world)
    assert [] == await world.differences()


async def test_corrections_in_the_dispute_window_count(world: World) -> None:
    """A retraction takes back what was counted, an adjustment adds, until the result is final; then neither does."""
    await provisional(world)
    await world.record(shared(9, "cy", at="2026-10-20T09:30:00Z"))
    await world.retract(9)
    await world.retract(0)
    await world.adjust("ben", 5, rule="share", at=at(2026, 10, 9))
    assert {"ada": 12, "ben": 17, "cy": 12} == await scores(world)
    assert [] == await world.differences()
    world.now = at(2026, 11, 20)
    await world.close()
    expected = [(1, "ben", 17), (2, "ada", 12), (2, "cy", 12)]
    assert expected == await places(world)
    await world.retract(1)
    await world.adjust("ada", 500, rule="share", at=at(2026, 10, 9))
    assert expected == await places(world)
    assert [] == await world.differences()


async def test_a_correction_that_leaves_nothing_leaves_no_place(world: World) -> None:
    """Who loses the only entry is on the board no more."""
    await provisional(world)
    await world.retract(3)
    assert {"ada": 24, "ben": 12} == await scores(world)
    assert [] == await world.differences()
    world.now = at(2026, 11, 20)
    await world.close()
    assert [(1, "ada", 24), (2, "ben", 12)] == await places(world)
    assert [] == await world.differences()


async def test_held_points_count_when_their_activity_came_in_time(world: World) -> None:
    """What an activity from before the cutoff had earned is released into the closed period, of a late one not."""
    programme = RECOGNITION.replace(
        "tags: [effort], period: month}", "tags: [effort], period: month, closing: {grace: P20D}}"
    )
    assert "closing" in programme
    await company(world, programme)
    world.now = at(2026, 10, 31)
    await world.record(Report("test", "idea", "idea.made", "ben", "2026-10-20T09:30:00Z", {}))
    await world.close_early("effort", OCTOBER)
    before = await scores(world)
    await world.record(Report("test", "late", "idea.made", "cy", "2026-10-21T09:30:00Z", {}))
    world.now = at(2026, 11, 20)
    assert 2 == await world.release()
    assert before | {"ben": before["ben"] + 20} == await scores(world)
    assert [] == await world.differences()


async def test_a_badge_that_a_person_takes_is_taken_from_a_provisional_result(world: World) -> None:
    """One that is given after the cutoff counts no more than any other late arrival."""
    await company(world, RECOGNITION.replace("period: quarter, of: teams}", "period: month, of: teams, closing: {}}"))
    await world.give("cy", "thanks")
    before = await scores(world, "teams")
    await world.close_early("teams", OCTOBER)
    await world.give("ada", "thanks")
    await world.take("cy", "thanks")
    assert before | {"Blue": before["Blue"] - 30} == await scores(world, "teams")
    assert [] == await world.differences()


async def test_who_leaves_a_provisional_result_has_no_place_and_a_final_one_keeps_the_gap(world: World) -> None:
    """Leaving closes ranks up until the fence; the frozen result does not move."""
    await provisional(world)
    await world.enrol(Profile("ben", participates=False))
    assert {"ada": 24, "cy": 12} == await scores(world)
    assert {"Red": 26, "Blue": 13} == await scores(world, "teams")
    assert [] == await world.differences()
    world.now = at(2026, 11, 20)
    await world.close()
    assert [(1, "ada", 24), (2, "cy", 12)] == await places(world)
    await world.enrol(Profile("ada", participates=False), Profile("ben", participates=True))
    assert [(1, "ada", 24), (2, "cy", 12)] == await places(world)
    assert [] == await world.differences()


async def test_every_period_that_was_missed_is_closed_in_order(world: World) -> None:
    """Also when the service was down for long, and from the programme's first day on."""
    await company(world)
    world.now = at(2027, 2, 10)
    closed = await world.close()
    rows = [row for row in await world.rows(closing) if row.element == (await named_closing(world)).element]
    assert 5 == len(rows) == len({row.period for row in rows}), "September to January"
    assert [row.period for row in rows] == sorted(row.period for row in rows)
    assert 10 == closed.closed
    world.now += timedelta(days=7)
    assert Closed(0, 10) == await world.close()
    assert [(1, "ada", 24), (2, "ben", 12), (2, "cy", 12)] == await places(world)
    assert [] == await world.differences()


@pytest.mark.parametrize(
    ("period", "key", "due"),
    [
        ("month", "2026-03", at(2026, 4, 2, 23)),  # clocks went forward on the 29th: midnight is an hour earlier
        ("month", "2026-10", at(2026, 11, 3)),
        ("week", "2026-W43", at(2026, 10, 28)),  # the week in which they go back
        ("quarter", "2026/27-Q1", at(2026, 7, 2, 23)),
        ("half-year", "2026/27-H1", at(2026, 10, 2, 23)),
        ("year", "2026/27", at(2027, 4, 2, 23)),
    ],
)
async def test_a_period_is_due_at_a_midnight_of_the_programme(
    world: World, period: str, key: str, due: datetime
) -> None:
    """In its own time zone, across clock changes, with a year that starts in April."""
    programme = CLOSING.replace("[effort], period: month", f"[effort], period: {period}")
    world.now = at(2026, 3, 1)
    await world.apply(programme.replace("starts: 2026-09-01", "starts: 2026-03-01"))
    world.now = due - timedelta(microseconds=1)
    await world.close()
    assert await named_closing(world, period=key) is None
    world.now = due
    await world.close()
    row = await named_closing(world, period=key)
    assert State.PROVISIONAL == row.state


async def test_what_is_final_is_paid_in_the_same_transaction(world: World) -> None:
    """Who is to pay the winners is called with the result whole, once; where that fails nothing is final."""
    await provisional(world)
    world.now = at(2026, 11, 20)
    paid: list[list[int]] = []

    async def failing(work: UnitOfWork, closing_id: int) -> None:
        raise RuntimeError(closing_id)

    async def pay(work: UnitOfWork, closing_id: int) -> None:
        paid.append([place.score async for place in results(work, closing_id)])

    with pytest.raises(RuntimeError):
        await close_due(world.store, world.revisions, now=world.now, pay=failing)
    assert State.FINAL not in {row.state for row in await world.rows(closing)}
    await close_due(world.store, world.revisions, now=world.now, pay=pay)
    await close_due(world.store, world.revisions, now=world.now, pay=pay)
    assert 1 == paid.count([24, 12, 12])
    assert len(await world.rows(closing)) == len(paid)
    assert [] == await world.differences()


async def test_every_process_that_serves_closes(world: World) -> None:
    """Two jobs at once do each step once."""
    await company(world)
    world.now = at(2026, 11, 4)
    jobs = [Jobs(world.store, Revisions(), lambda: world.now) for _ in range(2)]
    first = await asyncio.gather(*(job.close_periods() for job in jobs))
    assert 4 == sum(first), "September and October of both boards"
    world.now = at(2026, 12, 4)
    last = await asyncio.gather(*(job.close_periods() for job in jobs))
    assert 6 == sum(last), "November of both boards, and four results"
    assert {1} == {row.attempt for row in await world.rows(closing)}
    assert [] == await world.differences()
