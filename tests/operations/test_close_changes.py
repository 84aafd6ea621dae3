"""What a change of the programme does to closed periods and to those that are about to close."""

from datetime import date

import pytest

from leaderboard.closing import State
from leaderboard.tables import closing, result
from operations.programme import parse
from operations.publish import PlanRefused
from operations.revision import Revisions
from operations.simulation.simulate import simulate
from tests.operations.test_close import CLOSING, at, company, named_closing, places, provisional, scores
from tests.world import World, shared


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


async def test_nothing_is_closed_before_members_are_up_to_a_revision(world: World) -> None:
    """A revision that looks back reaches all of them or none before the cutoff."""
    await company(world)
    await world.apply(CLOSING.replace("5 + (activity", "50 + (activity"), since="2026-10-01")
    world.now = at(2026, 11, 3)
    await world.close()
    assert {"ada": 114, "ben": 57, "cy": 57} == await scores(world)
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
