"""Missed periods of a board become final in their order, whoever else is at work: who won in one pauses in the next."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from leaderboard.tables import closing
from operations.close import Closed, close_due
from operations.pay import paying
from operations.revision import Revisions
from storage.engine import Store
from storage.work import UnitOfWork
from tests.operations.prizes import payouts, with_podium
from tests.world import PROGRAMME, World, shared

FIRST = datetime(2026, 10, 5, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
MONTH, WEEKLY = "tags: [effort], period: month", "tags: [effort], period: week"
WINNERS = ["ada", "ben", "ada", "ben", "ada"]


async def missed(world: World) -> None:
    """Weeks in which the same two led, closed at once; nobody can dispute them any more."""
    file = with_podium("pause: 1").replace("period: month, closing: {}", "period: week, closing: {}")
    file = file.replace(", 2: {title: Dinner, amount: 50}, 3: {title: Book, amount: 10}}", "}\n    places: 1")
    world.now = FIRST
    await world.apply(file.replace("starts: 2026-01-01", "starts: 2026-10-05"))
    await world.hire("Ada", "Ben")
    for week in range(len(WINNERS)):
        world.now = FIRST + week * WEEK
        for number, name in enumerate(["ada", "ada", "ben"]):
            await world.record(shared(f"{week}.{number}", name, at=world.now.isoformat()))
    world.now += 2 * WEEK
    assert len(WINNERS) == (await world.close()).closed
    world.now += 2 * WEEK


async def finish(world: World, store: Store, revisions: Revisions) -> Closed:
    return await close_due(store, revisions, now=world.now, pay=paying(revisions, world.now))


async def winners(world: World) -> list[str]:
    return [who for _, who, *_ in await payouts(world)]


async def test_two_schedulers_pay_what_was_missed_in_order(world: World) -> None:
    """Neither goes on to a week while the other is still at work on the one before."""
    await missed(world)
    other = Store(world.store.url.render_as_string(hide_password=False))
    try:
        while WINNERS != await winners(world):
            done = await asyncio.gather(finish(world, world.store, world.revisions), finish(world, other, Revisions()))
            assert any(each.final for each in done)
            assert WINNERS[: len(await winners(world))] == await winners(world)
    finally:
        await other.close()
    assert [] == await world.differences()


class Failing:
    """Pays, but not for the first week as long as it fails."""

    def __init__(self, world: World, first: int) -> None:
        self._pay = paying(world.revisions, world.now)
        self._first = first

    async def pay(self, work: UnitOfWork, closing_id: int) -> None:
        if closing_id == self._first:
            raise OSError("no space left")
        await self._pay(work, closing_id)


async def failed(world: World) -> None:
    """The first week could not be paid."""
    await missed(world)
    failing = Failing(world, (await world.rows(closing))[0].id)
    with pytest.raises(OSError, match="no space left"):
        await close_due(world.store, world.revisions, now=world.now, pay=failing.pay)


async def test_behind_a_week_that_fails_the_later_ones_wait(world: World) -> None:
    """And are paid when it no longer does."""
    await failed(world)
    assert [] == await winners(world)
    await finish(world, world.store, world.revisions)
    assert WINNERS == await winners(world)


@pytest.mark.parametrize("open_store", ["postgresql"], indirect=True)
async def test_behind_a_week_that_another_has_the_later_ones_wait(world: World) -> None:
    """SQLite has one writer: there nobody is passed."""
    await failed(world)
    async with world.store.writing() as work:
        await work.rows(select(closing.c.id).order_by(closing.c.id).limit(1).with_for_update())
        assert Closed(0, 0) == await finish(world, world.store, world.revisions)
    await finish(world, world.store, world.revisions)
    assert WINNERS == await winners(world)


async def test_a_later_week_waits_for_one_that_was_reopened(world: World) -> None:
    """Or else who wins both would have paused in neither."""
    await missed(world)
    await world.reopen("effort", "2026-W41")
    for _ in range(2):  # while it is open, and while it can be disputed
        assert 0 == (await finish(world, world.store, world.revisions)).final
        world.now += WEEK
    assert 0 < (await finish(world, world.store, world.revisions)).final
    assert WINNERS == (await winners(world))[: len(WINNERS)]


async def test_a_week_that_is_closed_early_waits_for_those_before(world: World) -> None:
    """Also where they are still open."""
    await missed(world)
    await world.close_early("effort", "2026-W47")
    world.now += WEEK
    assert Closed(2, len(WINNERS)) == await finish(world, world.store, world.revisions), "closes W46 and W48"
    world.now += WEEK
    assert 3 == (await finish(world, world.store, world.revisions)).final


async def test_a_board_that_closes_no_more_waits_for_no_open_week(world: World) -> None:
    """It will never be closed."""
    await missed(world)
    await world.close_early("effort", "2026-W47")
    await world.apply(PROGRAMME.replace("starts: 2026-01-01", "starts: 2026-10-05").replace(MONTH, WEEKLY))
    world.now += WEEK
    assert Closed(0, len(WINNERS) + 1) == await finish(world, world.store, world.revisions)
