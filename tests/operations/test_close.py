"""Closing: from open over provisional to final, with what counts at each step."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from activity.intake import Refused, Report
from activity.tables import member, team
from leaderboard.closing import State
from leaderboard.result import results
from leaderboard.tables import closing, closing_event, result
from operations.close import Closed, close_due
from operations.disqualify import Competitor
from operations.due import due_at
from operations.enrol import Profile
from operations.jobs import Jobs
from operations.named_period import named
from operations.programme import parse
from operations.publish import PlanRefused
from operations.revision import Revisions
from operations.simulation.simulate import simulate
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


async def test_a_revision_with_effect_from_a_past_day_changes_no_closed_period(world: World) -> None:
    """Neither what it pays nor what it takes back; what is open follows it, and what is retracted later is still
    taken back from the provisional result."""
    await provisional(world)
    changed = CLOSING.replace("points: 7", "points: 700")
    await world.apply(changed, since="2026-10-01")
    await world.catch_up()
    assert {"ada": 24, "ben": 12, "cy": 12} == await scores(world)
    assert 705 < (await scores(world, "everything", "ever"))["ben"] + 700
    assert [] == await world.differences()
    await world.apply(changed.replace("5 + (activity", "50 + (activity"), since="2026-10-01")
    await world.catch_up()
    assert {"ada": 24, "ben": 12, "cy": 12} == await scores(world)
    assert [] == await world.differences()
    await world.retract(2)
    assert {"ada": 24, "cy": 12} == await scores(world)
    assert [] == await world.differences()
    world.now = at(2026, 11, 20)
    await world.close()
    assert [(1, "ada", 24), (2, "cy", 12)] == await places(world)
    assert [] == await world.differences()


async def test_a_changed_board_changes_no_closed_period(world: World) -> None:
    """A closed period is of the board as it was: with other points, another tie rule, or gone altogether."""
    await provisional(world)
    narrower = CLOSING.replace("effort: {title: Effort, tags: [effort]", "effort: {title: Effort, tags: [impact]")
    await world.apply(narrower.replace("[impact], period: month,", "[impact], ties: dense, period: month,"))
    await world.record(shared(20, "cy", at="2026-11-02T09:30:00Z"))
    await world.adjust("ben", 5, rule="share", at=at(2026, 10, 9))
    assert {"cy": 1} == await scores(world, period="2026-11")
    assert {} == await scores(world), "none of the new board"
    assert [] == await world.differences()
    world.now = at(2026, 11, 20)
    await world.close()
    assert [(1, "ada", 24), (2, "ben", 17), (3, "cy", 12)] == await places(world)
    assert [] == await world.differences()


async def test_a_board_that_is_retired_while_its_result_is_provisional_ends_like_any_other(world: World) -> None:
    """What was closed becomes final, and what was not is closed no more."""
    await provisional(world)
    row = await named_closing(world)
    await world.apply(
        CLOSING.replace(
            "effort: {title: Effort, tags: [effort], period: month, closing: {}}", "other: {title: Other, period: day}"
        )
    )
    assert [] == await world.differences()
    await world.retract(0)
    world.now = at(2026, 12, 20)
    await world.close()
    found = [each for each in await world.rows(closing) if each.element == row.element]
    assert 2 == len(found), "September and October"
    assert {State.FINAL} == {each.state for each in found}
    assert [12, 12, 12] == [each.score for each in await world.rows(result) if each.closing == row.id]
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


async def test_a_period_is_closed_early_with_a_reason(world: World) -> None:
    """Before it is due, even before its end: what comes from then on is late."""
    await company(world)
    await world.close_early("effort", OCTOBER)
    await world.record(shared(9, "cy", at="2026-10-14T09:30:00Z"))
    assert {"ada": 24, "ben": 12, "cy": 12} == await scores(world)
    (event,) = await world.rows(closing_event)
    assert ("closed early", "manager", "found in a test") == (event.kind, event.author, event.reason)
    for board, period, words in [
        ("effort", OCTOBER, "2026-10 of 'effort' is closed already"),
        ("effort", "2026-11", "2026-11 of 'effort' has not begun; close it from 2026-11-01 on"),
        (
            "effort",
            "2025-11",
            "2025-11 of 'effort' never closes: it was over before the programme began, on 2026-09-01",
        ),
        ("effort", "soon", "'soon' is no month period; write a key such as 2026-11"),
        ("efort", OCTOBER, "the programme has no board 'efort'; did you mean effort?"),
        ("impact", OCTOBER, "'impact' never closes; give it `closing: {}` in the programme first"),
    ]:
        with pytest.raises(Refused) as refused:
            await world.close_early(board, period)
        assert words in refused.value.message
    assert [] == await world.differences()


async def test_a_provisional_period_is_reopened_with_everything_that_came_late(world: World) -> None:
    """It closes again after as many days of grace, with those disqualified who were; a final one stays closed."""
    await provisional(world)
    await world.record(shared(9, "cy", at="2026-10-20T09:30:00Z"))
    await world.disqualify("effort", OCTOBER, Competitor(member="ben"))
    await world.reopen("effort", OCTOBER)
    assert {"ada": 24, "ben": 12, "cy": 24} == await scores(world)
    await world.record(shared(10, "cy", at="2026-10-21T09:30:00Z"))
    assert {"ada": 24, "ben": 12, "cy": 36} == await scores(world)
    assert [] == await world.differences()
    with pytest.raises(Refused, match="is open; close it first"):
        await world.reopen("effort", OCTOBER)
    world.now = at(2026, 11, 5)
    assert Closed(0, 0) == await world.close()
    world.now = at(2026, 11, 5, 0, 1)
    assert Closed(1, 0) == await world.close()
    assert (State.PROVISIONAL, 2) == ((row := await named_closing(world)).state, row.attempt)
    world.now = at(2026, 11, 12, 0, 1)
    await world.close()
    assert [(1, "cy", 36), (2, "ada", 24)] == await places(world)
    with pytest.raises(Refused, match="is final, and never changes"):
        await world.reopen("effort", OCTOBER)
    assert [] == await world.differences()


async def test_a_reopened_period_without_grace_stays_open_for_a_day(world: World) -> None:
    """Or else the next look at what is due would close it again at once."""
    await provisional(world)
    await world.reopen("teams", OCTOBER)
    world.now = at(2026, 11, 4)
    assert Closed(0, 0) == await world.close()
    world.now = at(2026, 11, 4, 0, 1)
    assert Closed(1, 0) == await world.close()


async def test_when_a_reopened_period_is_due_is_told_as_it_is_decided(world: World) -> None:
    """Not before it was due at first; and each board by its own reopening."""
    await company(world)

    async def told(board: str, period: str = OCTOBER) -> datetime | None:
        async with world.store.reading() as work:
            state = await world.revisions.current(work)
            return await due_at(work, state, *named(state, board, period))

    assert at(2026, 11, 3) == await told("effort")
    await world.close_early("effort", OCTOBER)
    await world.reopen("effort", OCTOBER)
    assert at(2026, 11, 3) == await told("effort")
    world.now = at(2026, 11, 3, 0, 1)
    await world.close()
    await world.reopen("effort", OCTOBER)
    assert at(2026, 11, 5, 0, 1) == await told("effort")
    assert (at(2026, 11, 1), at(2026, 12, 3)) == (await told("teams"), await told("effort", "2026-11"))
    await world.reopen("teams", OCTOBER)
    assert at(2026, 11, 4, 0, 1) == await told("teams")


async def test_a_period_is_reopened_under_the_board_of_now(world: World) -> None:
    """Which counts other points by then; and one whose board is gone stays as it is."""
    await provisional(world)
    other = CLOSING.replace("effort: {title: Effort, tags: [effort]", "effort: {title: Effort, tags: [impact]")
    await world.apply(other)
    await world.reopen("effort", OCTOBER)
    assert {"ada": 2, "ben": 1, "cy": 1} == await scores(world)
    assert [] == await world.differences()


async def test_a_disqualified_competitor_has_no_place_until_reinstated(world: World) -> None:
    """The others move up; the reason and who said so are kept."""
    await provisional(world)
    await world.disqualify("effort", OCTOBER, Competitor(member="ada"))
    assert {"ben": 12, "cy": 12} == await scores(world)
    await world.adjust("ada", 5, rule="share", at=at(2026, 10, 9))
    assert {"ben": 12, "cy": 12} == await scores(world)
    assert [] == await world.differences()
    with pytest.raises(Refused, match="'ada' is disqualified already"):
        await world.disqualify("effort", OCTOBER, Competitor(member="ada"))
    with pytest.raises(Refused, match="'ben' is not disqualified in 2026-10 of 'effort'"):
        await world.reinstate("effort", OCTOBER, Competitor(member="ben"))
    await world.disqualify("effort", OCTOBER, Competitor(member="cy"))
    await world.reinstate("effort", OCTOBER, Competitor(member="ada"))
    assert {"ada": 29, "ben": 12} == await scores(world)
    world.now = at(2026, 11, 20)
    await world.close()
    assert [(1, "ada", 29), (2, "ben", 12)] == await places(world)
    assert [] == await world.differences()


async def test_a_team_is_disqualified(world: World) -> None:
    """On a board of teams."""
    await company(world)
    world.now = at(2026, 11, 1)
    await world.close()
    await world.disqualify("teams", OCTOBER, Competitor(team="Red"))
    assert {"Blue": 13} == await scores(world, "teams")
    await world.retract(2)
    assert [] == await world.differences()
    with pytest.raises(Refused, match="'teams' is a board of teams; name one of them"):
        await world.disqualify("teams", OCTOBER, Competitor(member="ada"))
    world.now = at(2026, 11, 4)
    await world.close()
    assert [(1, "Blue", 13)] == await places(world, "teams")
    assert [] == await world.differences()


async def test_nothing_is_closed_before_members_are_up_to_a_revision(world: World) -> None:
    """A revision that looks back reaches all of them or none before the cutoff."""
    await company(world)
    await world.apply(CLOSING.replace("5 + (activity", "50 + (activity"), since="2026-10-01")
    world.now = at(2026, 11, 3)
    await world.close()
    assert {"ada": 114, "ben": 57, "cy": 57} == await scores(world)
    assert [] == await world.differences()


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


async def test_the_period_of_a_board_stays_once_it_was_closed(world: World) -> None:
    """Else a month and a quarter that begin on one day would be one closing."""
    await provisional(world)
    changed = CLOSING.replace(
        "effort: {title: Effort, tags: [effort], period: month",
        "effort: {title: Effort, tags: [effort], period: quarter",
    )
    with pytest.raises(PlanRefused, match="is month since its first closing and cannot become quarter"):
        await world.apply(changed)
    await world.apply(changed.replace("  effort: {title: Effort", "  efforts: {title: Efforts"))


async def test_a_simulation_tells_who_would_have_won_closed_periods(world: World) -> None:
    """As information: publishing does not change them."""
    await provisional(world)
    changed = CLOSING.replace("5 + (activity", "50 + (activity")
    found = await simulate(
        world.store, Revisions(), parse(changed), since=date(2026, 10, 1), now=world.now, processes=0
    )
    closed = {(places.board, places.period): places for places in found.boards if places.closed}
    assert {"effort", "teams"} == {board for board, _ in closed}
    assert any(places.before != places.after for places in closed.values())
    before = await world.places()
    await world.apply(changed, since="2026-10-01")
    await world.catch_up()
    after = await world.places()
    for board, period in closed:
        told = [{key: at for key, at in each.items() if key[:2] == (board, period)} for each in (before, after)]
        assert told[0] == told[1]


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
