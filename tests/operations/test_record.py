"""Recording: one activity all the way to the standings."""

from leaderboard.tables import board_period, standing
from operations.record import Status
from operations.verify import verify
from rewards.tables import entry
from rules.tables import tally
from rules.verdict import load
from rules.tables import verdict
from tests.world import World, published, shared


async def differences(world: World) -> list[str]:
    found: list[str] = []
    async with world.store.reading() as work:
        await verify(work, found.append)
    return found


async def test_one_activity_reaches_every_board_that_counts_it(world: World) -> None:
    """An award becomes a ledger entry, and its points stand on each board that counts them."""
    await world.apply()
    await world.hire("Ada", "Ben", team="Red")
    receipts = await world.record(shared(1), shared(2, "ben", with_comment=True))
    assert [(Status.RECORDED, 13), (Status.RECORDED, 18)] == [(each.status, each.points) for each in receipts]
    assert 6 == len(await world.rows(entry))
    assert [] == await differences(world)
    print(await world.rows(standing), await world.rows(board_period), await world.rows(tally))
    for row in await world.rows(verdict): print(load(row.outcomes))
