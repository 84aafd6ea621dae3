"""Stripping killed at several points and done again ends where one that nobody disturbed does."""

import asyncio
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from activity.tables import activity
from activity.tables import claim as claim_table
from rewards.tables import entry
from rules.tables import programme, verdict
from storage.engine import Store
from tests.conftest import OpenStore
from tests.loaded import LOADED, run_app
from tests.operations.claims import CLAIMED, approved, claiming, company
from tests.operations.stripper import strip_old
from tests.world import World, published, shared

KILLS = 10
EACH = 100
CLAIMS = 20
KEEPING = f"retention: P60D\nclaims: {{per_day: 100}}\n{CLAIMED}"


async def history(world: World) -> World:
    """Posts, articles and claims, all recorded or decided longer ago than they are kept; and some that stay."""
    world.now = datetime.now(UTC) - timedelta(days=61)
    at = (world.now - timedelta(days=9)).isoformat()
    await company(world, KEEPING)
    await world.record(
        *(shared(number, ("ada", "ben")[number % 2], at=at) for number in range(EACH)),
        *(published(f"a{number}", at=at) for number in range(EACH)),
    )
    for number in range(CLAIMS):
        await approved(world, await claiming(world, at=at, note="At the fair", topic=str(number)))
    world.now += timedelta(days=61)
    await world.record(shared("young", at=at))
    await claiming(world, "ben", at=at, topic="waits")
    return world


async def left(world: World) -> list[Any]:
    """What stripping leaves of activities and claims, and how far it says that it is."""
    activities = [(row.seq, row.source, row.id, row.data) for row in await world.rows(activity)]
    claims = [(row.id, row.stripped, row.data, row.link, row.note) for row in await world.rows(claim_table)]
    return [activities, claims, await marker(world.store)]


async def results(world: World) -> list[Any]:
    """What it never changes."""
    return [await world.rows(verdict), await world.rows(entry), await world.standings()]


async def marker(store: Store) -> tuple[int, int]:
    """Up to which activity everything is stripped, and how many claims are."""
    async with store.reading() as work:
        claims = await work.rows(select(claim_table.c.id).where(claim_table.c.stripped))
        return int((await work.execute(select(programme.c.stripped))).scalar_one()), len(claims)


async def kill(store: Store, now: datetime, chance: random.Random) -> None:
    """Start a process that strips, and end it by SIGKILL sooner or later after a batch of its was committed."""
    before = await marker(store)
    process = LOADED.Process(target=strip_old, args=(store.url.render_as_string(hide_password=False), now), daemon=True)
    process.start()
    async with asyncio.timeout(60):
        while await marker(store) == before and process.is_alive():
            await asyncio.sleep(0.005)
    await asyncio.sleep(chance.choice((0, 0, chance.uniform(0, 0.02))))
    process.kill()
    await asyncio.to_thread(process.join)


async def test_killed_again_and_again_it_ends_where_an_undisturbed_one_does(
    open_store: OpenStore, tmp_path: Path
) -> None:
    """SIGKILL in the middle of it, and then the command: nothing is left over, nothing too much is gone."""
    async with open_store() as store:
        world = await history(World(store))
        await strip_old_here(world)
        undisturbed = await left(world)
    chance = random.Random()
    async with open_store() as store:
        world = await history(World(store))
        url, before, places = store.url.render_as_string(hide_password=False), await results(world), []
        for _ in range(KILLS):
            await kill(store, world.now, chance)
            places.append(await marker(store))
            assert [] == await world.differences()
        assert len(set(places)) > 1, "it went on where it was"
        assert undisturbed[2] != places[0], "it was killed before its end"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        told = ("strip",), tmp_path, inherited | {"LAURELS_DATABASE_URL": url}, "said.txt", "errors.txt"
        process = LOADED.Process(target=run_app, args=told, daemon=True)
        process.start()
        await asyncio.to_thread(process.join)
        assert (0, "") == (process.exitcode, (tmp_path / "errors.txt").read_text())
        assert undisturbed == await left(world)
        assert before == await results(world)
        assert [] == await world.differences()


async def strip_old_here(world: World) -> None:
    """In one go, as nobody disturbs it."""
    done = await world.strip()
    assert (2 * EACH + CLAIMS, CLAIMS) == done
