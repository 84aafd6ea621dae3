"""Several processes at once on one database."""

import asyncio
import sys
from collections import Counter

from activity.tables import activity
from rewards.tables import entry
from rules.tables import tally
from tests.operations.writer import PEOPLE, POOL
from tests.world import PROGRAMME, World


async def rival(url: str, seed: int, batches: int) -> list[int]:
    """Counts of recorded, conflict and refused that one process saw."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.operations.writer", url, str(seed), str(batches), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return [int(word) for word in output.split()]


async def test_two_processes_writing_the_same_members_keep_every_limit(world: World) -> None:
    """Rivals deliver the same activities of the same members, in orders of their own: each counts once, no limit is
    passed, nobody deadlocks, and verify finds nothing."""
    await world.apply()
    await world.hire(*(name.upper() for name in PEOPLE[:6]), team="Red")
    await world.hire(*(name.upper() for name in PEOPLE[6:]), team="Blue")
    url = world.store.url.render_as_string(hide_password=False)
    recorded, conflicts, refused = map(
        sum, zip(*await asyncio.gather(*(rival(url, seed, 40) for seed in (1, 2))), strict=True)
    )
    activities = await world.rows(activity)
    assert (len(activities), 0, 0) == (recorded, conflicts, refused)
    assert len(activities) > POOL // 2
    paid = Counter((row.member, row.day) for row in await world.rows(entry) if row.points == 5)
    assert {3} == set(paid.values()), "three shares a day are paid, no more and no fewer"
    assert sum(row.points == 7 for row in await world.rows(entry)) == 40, "each of the 40 urls is paid once for all"
    assert all(row[-1] == 1 for row in await world.rows(tally) if row.member == 0)
    assert await world.differences() == []


async def test_a_revision_applied_while_others_write_is_in_force_from_its_place_on(world: World) -> None:
    """Applying waits for those who write and lets none between: every verdict fits the revision of its place."""
    await world.apply()
    await world.hire(*(name.upper() for name in PEOPLE))
    url = world.store.url.render_as_string(hide_password=False)
    writing = asyncio.gather(*(rival(url, seed, 30) for seed in (3, 4)))
    for points in range(50, 60):
        await asyncio.sleep(0.1)
        await world.apply(PROGRAMME.replace("points: 7", f"points: {points}"))
    await writing
    assert await world.differences() == []
