"""Two processes that judge what was kept aside, killed at random moments of it."""

import asyncio
import random
from collections import Counter

import pytest

from activity.tables import activity, kept
from operations.enrol import Profile
from operations.record import Status
from rewards.tables import entry
from storage.engine import Store
from tests.loaded import LOADED
from tests.operations.resumer import resume_kept
from tests.operations.test_identities import OPT_OUT, statuses
from tests.world import World, shared

PEOPLE, EACH = [f"m{number}" for number in range(6)], 40


async def kill_and_go_on(store: Store, kills: int, seed: int) -> None:
    world, chance = World(store), random.Random(seed)
    await world.apply(OPT_OUT)
    total = len(PEOPLE) * EACH
    reports = [shared(number, f"slack:{PEOPLE[number % len(PEOPLE)]}", reach=number) for number in range(total)]
    assert {Status.KEPT} == set(statuses(await world.record(*reports)))
    await world.enrol(*(Profile(name, name, identities=[f"slack:{name}"]) for name in PEOPLE))
    url, killed = store.url.render_as_string(hide_password=False), 0
    while await world.rows(kept):
        begins = [LOADED.Event() for _ in range(2)]
        processes = [LOADED.Process(target=resume_kept, args=(each, url), daemon=True) for each in begins]
        for process in processes:
            process.start()
        for each in begins:
            assert await asyncio.to_thread(each.wait, 60)
        if killed < kills:
            await asyncio.sleep(chance.uniform(0.02, 0.4))
            for process in processes:
                process.kill()
            killed += 1
        for process in processes:
            await asyncio.to_thread(process.join)
        ids = Counter(row.id for row in await world.rows(activity))
        waiting = len(await world.rows(kept))
        assert (total, set(ids.values()) | {1}) == (len(ids) + waiting, {1}), "each is kept or recorded, never both"
        assert [] == await world.differences()
    assert {str(number) for number in range(total)} == set(ids)
    assert killed
    assert await world.rows(entry)


async def test_killed_three_times_nothing_that_was_kept_is_lost_or_counts_twice(store: Store) -> None:
    """SIGKILL in the middle of it: each is judged once, and verify finds nothing."""
    await kill_and_go_on(store, 3, seed=random.randrange(2**32))


@pytest.mark.soak
@pytest.mark.parametrize("_turn", range(20))
async def test_killed_again_and_again_nothing_that_was_kept_is_lost_or_counts_twice(store: Store, _turn: int) -> None:
    """The same, twenty times."""
    await kill_and_go_on(store, 5, seed=random.randrange(2**32))
