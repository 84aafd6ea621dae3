"""Two processes that close at the same time, and are killed at random moments of it."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from multiprocessing.context import ForkServerProcess

import pytest
from sqlalchemy import text

import leaderboard.result
from leaderboard.closing import Happened, State
from leaderboard.tables import closing, closing_event
from storage.engine import Store
from tests.conftest import OpenStore
from tests.loaded import LOADED
from tests.operations.closer import CHUNK, close_due_days, due
from tests.world import PROGRAMME, World, shared

PEOPLE = [f"m{number}" for number in range(12)]
FIRST, DAYS = date(2026, 9, 1), 30

DAILY = PROGRAMME.replace("starts: 2026-01-01", f"starts: {FIRST}").replace(
    "effort: {title: Effort, tags: [effort], period: month}",
    "effort: {title: Effort, tags: [effort], period: day, closing: {grace: P1D, dispute_window: P2D}}",
)


class Closer:
    """A process that closes what is due, day after day."""

    def __init__(self, store: Store) -> None:
        self._url = store.url.render_as_string(hide_password=False)
        self._process: ForkServerProcess | None = None

    async def start(self) -> None:
        begins = LOADED.Event()
        self._process = LOADED.Process(
            target=close_due_days, args=(begins, self._url, f"{FIRST}", DAYS + 10), daemon=True
        )
        self._process.start()
        assert await asyncio.to_thread(begins.wait, 60)

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await asyncio.to_thread(self._process.join)
        assert self._process.exitcode in (0, -signal.SIGKILL)


@asynccontextmanager
async def paying(store: Store) -> AsyncIterator[None]:
    """A table in which who is paid leaves a row: nothing but the transaction keeps it from being there twice."""
    async with store.writing() as work:
        await work.execute(text("CREATE TABLE paid (closing INTEGER)"))
    try:
        yield
    finally:
        async with store.writing() as work:
            await work.execute(text("DROP TABLE paid"))


async def close_under_kills(store: Store, kills: int, seed: int) -> None:
    world, chance = World(store), random.Random(seed)
    world.now = datetime(2026, 10, 15, tzinfo=UTC)
    await world.apply(DAILY)
    await world.hire(*(name.upper() for name in PEOPLE), team="Red")
    times = [f"{FIRST + timedelta(days=day)}T{8 + chance.randrange(9):02}:30:00Z" for day in range(DAYS)]
    await world.record(
        *(shared(f"{name}-{at}", name, at=at) for at in times for name in PEOPLE if chance.random() < 0.8)
    )
    async with paying(store):
        closers = [Closer(store), Closer(store)]
        await asyncio.gather(*(closer.start() for closer in closers))
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(0, 0.1))
            killed = chance.choice(closers)
            await killed.kill()
            assert [] == await world.differences()
            await killed.start()
        for closer in closers:
            await closer.kill()
        await due(store.url.render_as_string(hide_password=False), f"{FIRST}", DAYS + 10)
        async with store.reading() as work:
            paid = [row.closing for row in await work.rows(text("SELECT closing FROM paid"))]
    rows = await world.rows(closing)
    ended = [row for row in rows if row.state == State.FINAL]
    assert len(rows) > DAYS
    assert len(ended) > DAYS
    assert len(rows) == len({(row.element, row.period) for row in rows})
    assert sorted(row.id for row in ended) == sorted(paid), "each result is paid once"
    happened = Counter((row.closing, row.kind) for row in await world.rows(closing_event))
    assert {1} == set(happened.values()), "each step was done once"
    assert len(ended) == sum(kind == Happened.FINAL for _, kind in happened)
    assert any(row.participants > CHUNK for row in ended)
    assert [] == await world.differences()


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaderboard.result, "CHUNK", CHUNK)


async def test_killed_ten_times_each_period_is_closed_once_and_each_result_paid_once(store: Store) -> None:
    """SIGKILL while two close: nothing is half-done for long, nothing twice, and verify finds nothing in between."""
    await close_under_kills(store, 10, seed=random.randrange(2**32))


@pytest.mark.soak
async def test_killed_two_hundred_times_each_period_is_closed_once(open_store: OpenStore) -> None:
    """The same, 200 times, over twenty histories."""
    for _ in range(20):
        async with open_store() as store:
            await close_under_kills(store, 10, seed=random.randrange(2**32))
