"""Simulation: what a draft would have done, in the span that is asked for and in the background."""

import asyncio
import multiprocessing
from datetime import date

import pytest

from operations.programme import parse
from operations.publish import SinceInvalid
from operations.simulation.job import (
    Simulations,
    SimulationStatus,
    SimulationUnknown,
    cancel,
    simulation_of,
    with_warnings,
)
from operations.simulation.simulate import SpanInvalid
from tests.operations.simulating import CHANGES, PEOPLE, PROGRAMME, Company, day_of_shares, edited
from tests.world import World, published, shared


async def test_children_find_what_one_process_finds(world: World) -> None:
    """Members judged by two processes, in whatever order: the same bytes."""
    company = await Company(world.store).founded()
    await company.record(*day_of_shares(40, *PEOPLE), *[published(1, "ada", at="2026-11-12T09:30:00Z")])
    draft = edited({CHANGES[0], CHANGES[5], CHANGES[10], CHANGES[13]})
    seen: list[tuple[int, int]] = []
    alone = await company.simulate(draft, date(2026, 11, 1))
    together = await company.simulate(
        draft, date(2026, 11, 1), processes=2, progress=lambda judged, total: seen.append((judged, total))
    )
    assert alone.to_json() == together.to_json()
    assert alone.points_before != alone.points_after
    assert seen[0] == (0, seen[0][1])
    assert sorted(seen) == seen
    # What members share is judged once more: those of the types that such rules look at.
    assert seen[-1][0] == seen[-1][1]


async def test_what_members_share_is_told_apart(world: World) -> None:
    """A limit across members takes effect from now only; the report says what it would have done."""
    company = await Company(world.store).founded()
    url = {"url": "https://example.com/same"}
    await company.record(
        shared(1, "ada", **url), shared(2, "ben", **url), shared(3, "cid", url="https://example.com/3")
    )
    report = await company.simulate(edited({("points: 7\n", "points: 8\n")}), date(2026, 1, 1))
    assert report.points_before == report.points_after
    (first,) = (each for each in report.from_now_only if each.key == "first")
    assert (14, 16, 2, 2) == (first.points_before, first.points_after, first.awards_before, first.awards_after)


async def test_a_span_ends_before_its_last_day_is_over(world: World) -> None:
    """With `until`, what happened later is no part of it, before or after."""
    company = await Company(world.store).founded()
    await company.record(shared(1, at="2026-11-01T12:00:00Z"), shared(2, at="2026-11-10T12:00:00Z"))
    draft = edited({('"5 + (activity.with_comment ? 5 : 0)"', "50")})
    report = await company.simulate(draft, date(2026, 11, 1), until=date(2026, 11, 9))
    assert (1, 45) == (report.judged, report.points_after - report.points_before)
    assert ("2026-11-01", "2026-11-09") == (report.first_day, report.last_day)


async def test_what_came_after_the_span_still_decides(world: World) -> None:
    """The second share of the month was recorded last and happened first: the badge that it made stands in the span."""
    company = await Company(world.store).founded()
    for number, day in enumerate(("09", "02")):
        await company.record(shared(number, "ada", at=f"2026-11-{day}T09:30:00Z"))
    draft = edited({CHANGES[0]}).replace("at: 4, points: 20", "at: 4, points: 21")
    report = await company.simulate(draft, date(2026, 11, 1), until=date(2026, 11, 5))
    assert {("sharer", 1): (1, 1)} == {
        (each.badge, each.level): (each.before, each.after) for each in report.levels if each.badge == "sharer"
    }
    assert report.points_before == report.points_after
    assert 0 == report.members_changed


async def test_ended_periods_are_marked(world: World) -> None:
    """Who would have won a period that is over is information; the report says which are."""
    company = await Company(world.store).founded()
    await company.record(shared(1, at="2026-09-01T12:00:00Z"), shared(2, at="2026-11-10T12:00:00Z"))
    report = await company.simulate(PROGRAMME, date(2026, 1, 1))
    ended = {(each.board, each.period): each.ended for each in report.boards if each.board in ("effort", "everything")}
    assert {("effort", "2026-09"): True, ("effort", "2026-11"): False, ("everything", "ever"): False} == ended


@pytest.mark.parametrize(
    ("since", "until", "error", "words"),
    [
        (date(2025, 12, 31), None, SinceInvalid, "before the programme starts"),
        (date(2026, 11, 22), None, SinceInvalid, "is not past"),
        (date(2026, 11, 1), date(2026, 10, 31), SpanInvalid, "write a day between them"),
        (date(2026, 11, 1), date(2026, 11, 22), SpanInvalid, "write a day between them"),
    ],
)
async def test_a_span_must_lie_in_the_past(
    world: World, since: date, until: date | None, error: type[Exception], words: str
) -> None:
    """It begins after the programme does, and ends after it begins and not after today."""
    company = await Company(world.store).founded()
    with pytest.raises(error, match=words):
        await company.simulate(PROGRAMME, since, until=until)


async def test_a_cancelled_simulation_leaves_no_children(world: World) -> None:
    """Cancelling the task ends the processes at once."""
    company = await Company(world.store).founded()
    await company.record(*day_of_shares(100, *PEOPLE))
    task = asyncio.create_task(company.simulate(PROGRAMME, date(2026, 1, 1), processes=2))
    while not multiprocessing.active_children():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [] == multiprocessing.active_children()


async def test_a_simulation_in_the_background_is_seen_from_elsewhere(world: World) -> None:
    """It has a number, and who asks for it finds how far it is, and in the end the report."""
    company = await Company(world.store).founded()
    await company.record(*day_of_shares(20, *PEOPLE))
    running = Simulations(world.store, lambda: company.now, processes=0)
    number = await running.start(PROGRAMME, date(2026, 1, 1), author="boss")
    assert SimulationStatus.RUNNING is (await simulation_of(world.store, number)).status
    await running.wait(number)
    found = await simulation_of(world.store, number)
    plain = await company.simulate(PROGRAMME, date(2026, 1, 1))
    expected = await with_warnings(world.store, plain, parse(PROGRAMME), now=company.now)
    assert (SimulationStatus.DONE, expected.to_json(), expected.seq) == (found.status, found.report, found.seq)
    assert (found.total, "boss") == (found.judged, found.author)
    assert not await cancel(world.store, number, now=company.now)


async def test_a_simulation_can_be_cancelled_from_elsewhere(world: World) -> None:
    """Whoever knows its number ends it, in whichever process it runs."""
    company = await Company(world.store).founded()
    await company.record(*day_of_shares(100, *PEOPLE))
    running = Simulations(world.store, lambda: company.now, processes=1)
    number = await running.start(PROGRAMME, date(2026, 1, 1), author="boss")
    assert await cancel(world.store, number, now=company.now)
    await running.wait(number)
    assert SimulationStatus.CANCELLED is (await simulation_of(world.store, number)).status
    with pytest.raises(SimulationUnknown):
        await cancel(world.store, 99, now=company.now)


async def test_a_simulation_that_fails_says_why(world: World) -> None:
    """What publishing would refuse, simulating refuses in the same words."""
    company = await Company(world.store).founded()
    running = Simulations(world.store, lambda: company.now, processes=0)
    number = await running.start(PROGRAMME.replace("programme: test", "programme: other"), date(2026, 1, 1), author="x")
    await running.wait(number)
    found = await simulation_of(world.store, number)
    assert found.status is SimulationStatus.FAILED
    assert "cannot become other" in str(found.reason)
