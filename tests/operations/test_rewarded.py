"""From a period that ends to the prizes of its podium: closed, final, paid once, whoever does it."""

import asyncio

from operations.jobs import Jobs
from rewards.payout import Verb
from tests.operations.prizes import PODIUM, moving, numbers, payouts, winner
from tests.operations.test_close import CLOSING, at, company
from tests.world import World

AWAITING = "awaiting-approval"


async def test_a_month_ends_in_its_prizes(world: World) -> None:
    """When it is final, and not before; ties share."""
    await company(world, CLOSING + PODIUM)
    jobs = Jobs(world.store, world.revisions, lambda: world.now)
    world.now = at(2026, 11, 3, 0, 1)
    await jobs.close_periods()
    assert [] == await payouts(world)
    world.now = at(2026, 11, 10, 0, 1)
    await jobs.close_periods()
    assert [
        (1, "ada", "Conference", 90, AWAITING),
        (2, "ben", "Dinner", 50, AWAITING),
        (2, "cy", "Dinner", 50, AWAITING),
    ] == await payouts(world)
    assert 0 == await jobs.close_periods()
    assert [] == await world.differences()
    await moving(world, (await numbers(world))["ada"], Verb.DECLINE, author=await winner(world, "ada"))
    assert 3 == len(await payouts(world))


async def test_rival_schedulers_pay_once(world: World) -> None:
    """Several processes wake at once after months in which none ran: each prize is given once."""
    await company(world, CLOSING + PODIUM)
    world.now = at(2027, 2, 20)
    jobs = [Jobs(world.store, world.revisions, lambda: world.now) for _ in range(3)]
    await asyncio.gather(*(each.close_periods() for each in jobs))
    world.now = at(2027, 2, 28)
    await asyncio.gather(*(each.close_periods() for each in jobs))
    assert ["ada", "ben", "cy"] == [name for _, name, *_ in await payouts(world)]
    assert [] == await world.differences()
