"""The rehearsal of prizes: who would win what of a period as it stands, and that it is what becomes of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from activity.tables import member
from operations import prize_rehearsal
from operations.close import close_due
from operations.disqualify import Competitor
from operations.enrol import Profile
from operations.pay import paying
from operations.prize_rehearsal import PrizeRehearsal, rehearse_prizes
from operations.rehearse import rehearse
from rewards.tables import payout
from tests.operations.prizes import PEOPLE, empty, passed, payouts, with_podium
from tests.operations.test_close import at
from tests.world import World

SEPTEMBER, OCTOBER = "2026-09", "2026-10"


async def months(world: World, *changes: str) -> None:
    """A podium that pauses; September is closed, and in October there are scores."""
    world.now = at(2026, 9, 1, 12)
    await world.apply(with_podium("pause: 1", "minimum: 5", *changes))
    await world.hire(*PEOPLE)
    await earn(world, ada=30, ben=20, cy=10, dee=4)
    world.now = at(2026, 10, 4)
    await world.close()
    await earn(world, ada=50, dee=20, eve=20, ben=9, flo=8, cy=4)


async def earn(world: World, **points: int) -> None:
    for name, each in points.items():
        await world.adjust(name, each, rule="share")
        world.now += timedelta(minutes=1)


async def finish(world: World) -> None:
    await close_due(world.store, world.revisions, now=world.now, pay=paying(world.revisions, world.now))


async def rehearsed(world: World, period: str = OCTOBER, board: str = "effort") -> list[PrizeRehearsal]:
    async with world.store.reading() as work:
        state = await world.revisions.current(work)
        version = next(each for each in state.board_versions if each.board.key == board)
        span = version.board.period_named(state.calendar, period)
        return await rehearse_prizes(work, world.revisions, version, span)


async def lines(world: World, period: str = OCTOBER) -> list[str]:
    """What a rehearsal says of prizes."""
    async with world.store.reading() as work:
        told = await rehearse(work, world.revisions, "effort", period, 0)
    return told[1:]


async def names(world: World) -> dict[int, str]:
    async with world.store.reading() as work:
        return {row.key: row.external_id for row in await work.rows(select(member))}


async def test_an_open_period_tells_who_would_win_as_of_now(world: World) -> None:
    """Who shares a place, who has too little, who is passed over; and which period before it is not decided yet."""
    await months(world)
    undecided = [
        "Best of the month would give:",
        "  place 1    Ada: Conference, 90 GBP",
        "  place 2    Dee: Dinner, 50 GBP (place 2, shared by 2)",
        "  place 2    Eve: Dinner, 50 GBP (place 2, shared by 2)",
        "  2026-09 is not decided yet: who wins then is passed over here.",
    ]
    assert undecided == await lines(world)
    world.now = at(2026, 10, 20)
    await finish(world)
    assert [
        "Best of the month would give:",
        "  place 1    Dee: Conference, 90 GBP (place 1, shared by 2)",
        "  place 1    Eve: Conference, 90 GBP (place 1, shared by 2)",
        "  place 3    Flo: Book, 10 GBP",
        "  passed over  Ada, at position 1 with 50 points: won in the period before",
        "  passed over  Ben, at position 4 with 9 points: won in the period before",
    ] == await lines(world)
    await world.enrol(Profile("eve", participates=False), Profile("flo", participates=False))
    assert "  place 2    nobody: nobody else has a score of 5 or more" in await lines(world)
    assert 3 == len(await world.rows(payout))


@pytest.mark.parametrize("absent", ["next", "empty"])
@pytest.mark.parametrize("ties", ["share", "split", "earliest"])
async def test_what_is_rehearsed_is_what_is_given(world: World, absent: str, ties: str) -> None:
    """Closed and with somebody who has left meanwhile: the same winners, prizes, empty places and reasons."""
    await months(world, f"absent: {absent}", f"ties: {ties}")
    world.now = at(2026, 11, 4)
    await finish(world)
    await world.enrol(Profile("dee", participates=False))
    await world.disqualify("effort", OCTOBER, Competitor("ben"))
    (found,) = await rehearsed(world)
    assert found.outcome
    assert () == found.undecided
    world.now = at(2026, 11, 12)
    await finish(world)
    called = await names(world)
    winners = [
        (each.place, called[each.candidate.competitor], each.prize.title, each.amount) for each in found.outcome.winners
    ]
    given = await payouts(world)
    assert winners == [each[:4] for each in given if each[1] not in ("ada", "ben", "cy")]
    over = [(called[each.candidate.competitor], each.reason) for each in found.outcome.passed_over]
    assert sorted(over) == sorted(await passed(world))
    assert {"ada", "dee"} == {name for name, _ in over}
    assert [each._asdict() for each in found.outcome.empty] == (await empty(world))[-1]
    assert [] == await rehearsed(world), "it is final"
    assert [] == await world.differences()


async def test_of_many_who_tie_the_first_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """And how many more there are, of those who would win and of those who are passed over."""
    monkeypatch.setattr(prize_rehearsal, "SHOWN_MAX", 1)
    await months(world)
    assert [
        "Best of the month would give:",
        "  place 1    Ada: Conference, 90 GBP",
        "  and 2 more",
    ] == (await lines(world))[:3]
    world.now = at(2026, 10, 20)
    await finish(world)
    assert "  and 1 more who are passed over" == (await lines(world))[-1]
    (found,) = await rehearsed(world)
    assert (2, 1) == (found.more_winners, found.more_passed_over)


async def test_a_podium_that_came_too_late_gives_nothing(world: World) -> None:
    """It was published when the period was over; for the running one it is in time."""
    await months(world)
    world.now = at(2026, 11, 1, 12)
    await world.apply(with_podium("pause: 1").replace("  best:", "  late:"))
    told = "Best of the month gives no prizes for 2026-10: it was first published after the period ended."
    assert [told] == await lines(world)
    (found,) = await rehearsed(world, "2026-11")
    assert found.outcome
    assert () == found.undecided, "of October it gives nothing"


async def test_a_closed_period_is_of_the_podiums_of_its_cutoff(world: World) -> None:
    """As its prizes will be."""
    await months(world)
    world.now = at(2026, 10, 5)
    await world.apply(with_podium().replace("Conference", "Mug"))
    (before,), (after,) = await rehearsed(world, SEPTEMBER), await rehearsed(world)
    assert ("Conference", "Mug") == (before.podium.prizes[0].title, after.podium.prizes[0].title)
    assert [] == await rehearsed(world, board="teams", period="2026/27-Q3")


async def test_who_was_disqualified_before_a_reopening_is_passed_over(world: World) -> None:
    """On the board they stand while it is open; when it closes again they have no place."""
    await months(world)
    world.now = at(2026, 10, 31, 12)
    await world.close_early("effort", OCTOBER)
    await world.disqualify("effort", OCTOBER, Competitor(member="ada"))
    await world.reopen("effort", OCTOBER)
    told = await lines(world)
    assert "  place 1    Dee: Conference, 90 GBP (place 1, shared by 2)" in told
    assert "  passed over  Ada, at position 1 with 50 points: was disqualified" in told
