"""Recording: one activity all the way to the standings."""

from operations.record import Status
from operations.verify import verify
from rewards.tables import entry
from tests.world import World, shared


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
    assert [(each.status, each.points) for each in receipts] == [(Status.RECORDED, 13), (Status.RECORDED, 18)]
    assert len(await world.rows(entry)) == 6
    assert await differences(world) == []
