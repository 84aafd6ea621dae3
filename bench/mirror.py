"""The mirror in Redis: its answers beside the same calls of redis-py made bare, and what it costs to record with it.

Ranking: a board of 1,000,000 members, with many equal scores. Ours are the answers of the ranking, as places; bare is a
plain client that sends the same command and takes what comes. The two take turns, call by call.

Recording: the batches of the ingest benchmark, with five boards, all of them mirrored and drained by the same process;
beside the same without a Redis. The two take turns, ten batches each; the time with a Redis includes the work until it
has everything.
"""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from redis.asyncio import Redis as Client
from sqlalchemy import func, select

from bench.database import copy_sqlite, fill
from bench.measurement import Measurement
from bench.workload import NOW, batches
from leaderboard.board import TieRule
from leaderboard.mirror import Mirror, competitor_name
from leaderboard.ranking_redis import RedisRanking
from leaderboard.tables import board_period, dirty
from operations.drain import Drain
from operations.record import record
from operations.revision import Revisions
from storage.engine import Store
from storage.migration import migrate
from storage.redis import DIGESTS, Redis
from tests.leaderboard.nobody import Nobody
from tests.redis_server import redis_server

MEMBERS = 1_000_000
SCORES = 50_000
CALLS = 4_000
WARM_UP = 200
SET = 1, 739_000

PATIENCE_SECONDS = 60  # on a busy machine the mirror is asked all the same: nothing changes there

TURNS = 6
BATCHES_A_TURN = 10

Call = Callable[[int], Awaitable[object]]


async def rank(name: str, question: str) -> Measurement:
    """Microseconds for an answer at the median, ours and bare."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, redis_server() as url:
        async with _mirrored(Path(folder) / "board.db", url) as mirror:
            client = Client.from_url(url)
            ours, bare = await _turns(*_calls(question, mirror, client))
            await client.aclose()
    return Measurement(name, ours * 1e6, bare * 1e6, ours / bare, "µs")


def _calls(question: str, mirror: Mirror, client: Client) -> tuple[Call, Call]:
    """Ours and the bare one, of a member."""
    ranking = RedisRanking(mirror, Nobody(), *SET, TieRule.COMPETITION)
    order, names, _ = mirror.ranked(SET).keys

    def script(above: int, below: int) -> Call:
        digest = DIGESTS["around"]
        return lambda member: client.evalsha(digest, 2, order, names, competitor_name(member), above, below)

    calls: dict[str, tuple[Call, Call]] = {
        "top": (lambda _: ranking.top(10), lambda _: client.zrange(order, 0, 10, withscores=True)),
        "mine": (lambda member: ranking.place(member), script(0, 0)),
        "around": (lambda member: ranking.around(member, 5, 5), script(5, 5)),
    }
    return calls[question]


async def _turns(ours: Call, bare: Call) -> tuple[float, float]:
    """Seconds at the median, ours and bare."""
    chance = random.Random(1)
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(WARM_UP + CALLS):
        member = chance.randint(1, MEMBERS)
        for call, taken in zip((ours, bare), seconds, strict=True):
            start = perf_counter()
            await call(member)
            if number >= WARM_UP:
                taken.append(perf_counter() - start)
    return median(seconds[0]), median(seconds[1])


@asynccontextmanager
async def _mirrored(path: Path, url: str) -> AsyncIterator[Mirror]:
    """A mirror with one board of all members."""
    store = Store(f"sqlite:///{path}")
    await migrate(store)
    _stand(path)
    drain = Drain(store, Redis(url, read_seconds_max=PATIENCE_SECONDS))
    drain.mirror.fresh_seconds = PATIENCE_SECONDS
    await drain.round()
    await drain.round()
    assert await drain.build(SET)
    drain.start()
    while not drain.mirror.is_usable():
        await asyncio.sleep(0.01)
    try:
        yield drain.mirror
    finally:
        await drain.stop()
        await store.close()


def _stand(path: Path) -> None:
    chance = random.Random(2)
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO board_period VALUES (?, ?, ?, 1)", (*SET, MEMBERS))
    rows = ((*SET, key, chance.randrange(SCORES), chance.randrange(10**15), 1, True) for key in range(1, MEMBERS + 1))
    connection.executemany("INSERT INTO standing VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


async def ingest(name: str) -> Measurement:
    """Activities a second, with a Redis and without."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, redis_server() as url:
        source = Path(folder) / "source.db"
        await fill(source, 10_000)
        stores = []
        for copy in (Path(folder) / "mirrored.db", Path(folder) / "alone.db"):
            copy_sqlite(source, copy)
            stores.append(Store(f"sqlite:///{copy}"))
        drain = Drain(stores[0], Redis(url))
        seconds = [0.0, 0.0]
        turns = _in_turns()
        for turn in range(TURNS + 1):
            reports = [next(turns) for _ in range(BATCHES_A_TURN)]
            for index, store in enumerate(stores):
                start = perf_counter()
                await _record(store, reports)
                if turn and index == 0:
                    await _drained(store, drain)
                if turn:
                    seconds[index] += perf_counter() - start
            if not turn:
                await _build_all(stores[0], drain)
                drain.start()
        await drain.stop()
        for store in stores:
            await store.close()
    total = TURNS * BATCHES_A_TURN * 1_000
    return Measurement(name, total / seconds[0], total / seconds[1], seconds[1] / seconds[0], "activities/s")


def _in_turns() -> Any:
    return batches(1_000_000, (TURNS + 1) * BATCHES_A_TURN, over=timedelta(hours=2))


async def _record(store: Store, reports: list[Any]) -> None:
    revisions = Revisions()
    for batch in reports:
        async with store.writing() as work:
            await record(work, revisions, batch, now=NOW)


async def _drained(store: Store, drain: Drain) -> None:
    """Until everything has reached Redis: the work that is left is counted, but not the time in which the drain would
    rest, so that more is committed meanwhile."""
    while True:
        async with store.reading() as work:
            if not (await work.execute(select(func.count()).select_from(dirty))).scalar_one():
                return
        await drain.round()


async def _build_all(store: Store, drain: Drain) -> None:
    """Every board and period that has points, in the mirror."""
    await drain.round()
    await drain.round()
    async with store.reading() as work:
        sets = [(row.board, row.period) for row in await work.rows(select(board_period))]
    for key in sets:
        assert await drain.build(key)
