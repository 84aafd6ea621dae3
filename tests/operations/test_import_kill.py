"""An import killed at random moments and run again ends where one that nobody disturbed does."""

import asyncio
import os
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from sqlalchemy import func, select

from activity.tables import activity
from rewards.tables import entry
from storage.engine import Store
from tests.conftest import OpenStore
from tests.loaded import LOADED, run_app
from tests.operations.importing import Importer
from tests.world import World

KILLS = 10
LINES = 10_500
PEOPLE = [f"m{number}" for number in range(20)]
MAPPING = """
of: activities
source: crm
id: "{id}"
type: post.shared
member: "{who}"
time: {value: "{time}", format: seconds}
data: {network: linkedin, url: "https://example.com/{page}", reach: "{reach}"}
"""

State = tuple[Mapping[tuple[str, str], Mapping[str, int]], list[tuple[str, str, int]], set[tuple[str, str]]]


def lines(now: datetime) -> str:
    """A file in which pages repeat, so that limits decide in the order of the lines; every tenth line is unsound."""
    chance = random.Random(7)
    written = ["id,who,time,page,reach"]
    for number in range(LINES):
        time = now - timedelta(days=60) + timedelta(minutes=5 * number)
        reach = "many" if number % 10 == 0 else chance.randrange(9_000)
        written.append(f"{number},{chance.choice(PEOPLE)},{int(time.timestamp())},{chance.randrange(3_000)},{reach}")
    return "\n".join(written)


async def state(world: World) -> State:
    """What came of it: standings, ledger, and the activities themselves."""
    kept = [(row.id, row.data) for row in await world.rows(activity)]
    assert len(kept) == len(set(kept)), "nothing twice"
    return await world.standings(), sorted(await world.ledger()), set(kept)


async def company(store: Store, now: datetime) -> World:
    world = World(store)
    world.now = now
    await world.apply()
    await world.hire(*(name.upper() for name in PEOPLE), team="Red")
    return world


async def count(store: Store) -> int:
    """How many activities are there."""
    async with store.reading() as work:
        return int((await work.execute(select(func.count()).select_from(activity))).scalar_one())


def start(folder: Path, url: str) -> ForkServerProcess:
    """The command, as a process of its own."""
    arguments = ("import", "activities", "lines.csv", "--mapping", "mapping.yaml")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    told = arguments, folder, inherited | {"LAURELS_DATABASE_URL": url}, str(folder / "said.txt"), os.devnull
    process = LOADED.Process(target=run_app, args=told, daemon=True)
    process.start()
    return process


async def test_an_import_killed_ten_times_ends_where_an_undisturbed_one_does(
    open_store: OpenStore, tmp_path: Path
) -> None:
    """SIGKILL, sooner or later after each new batch; what was committed stays, and counts once."""
    now = datetime.now(UTC)
    content = lines(now)
    (tmp_path / "lines.csv").write_text(content)
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    async with open_store() as store:
        world = await company(store, now)
        await Importer(world).activities(content.encode(), MAPPING)
        undisturbed = await state(world)
    chance = random.Random()
    async with open_store() as store:
        world = await company(store, now)
        url = store.url.render_as_string(hide_password=False)
        counts = []
        for _ in range(KILLS):
            before = await count(store)
            process = start(tmp_path, url)
            async with asyncio.timeout(120):
                while await count(store) == before and process.is_alive():
                    await asyncio.sleep(0.02)
            await asyncio.sleep(chance.uniform(0, 0.05))
            process.kill()
            await asyncio.to_thread(process.join)
            counts.append(await count(store))
        assert counts[0] < len(undisturbed[2]), "it was killed before its end"
        process = start(tmp_path, url)
        await asyncio.to_thread(process.join)
        assert process.exitcode == 1, (tmp_path / "said.txt").read_text()
        assert undisturbed == await state(world)
        assert [] == await world.differences()
        assert await world.rows(entry)
