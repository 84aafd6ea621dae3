"""What persons decide of a period: it is closed early, reopened, or a competitor is disqualified."""

from datetime import datetime

import pytest

from activity.intake import Refused
from leaderboard.closing import State
from leaderboard.tables import closing_event
from operations.close import Closed
from operations.disqualify import Competitor
from operations.due import due_at
from operations.named_period import named
from tests.operations.test_close import CLOSING, OCTOBER, at, company, named_closing, places, provisional, scores
from tests.world import World, shared


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
