"""Ranking as SQL: the top ten, one's own place and who stands around, against the bare driver asking the same.

100,000 members on one board, of whom many have equal scores; before the clock starts, half a million of their standings
are updated, as many activities do, and PostgreSQL has been left alone until it has tidied up by itself. The bare driver
(`sqlite3`, or `asyncpg`) runs the same statements in a transaction of their own, with everything known beforehand. The
two take turns, member by member.
"""

import asyncio
import random
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import asyncpg
from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite

from bench.database import driver_url
from bench.measurement import Measurement
from leaderboard import ranking_sql
from leaderboard.board import TieRule
from leaderboard.ranking_sql import SqlRanking
from leaderboard.tables import board_period, standing
from rules.tables import element, revision, version
from storage.engine import PLANNER, PRAGMAS, Store
from storage.migration import migrate
from tests.postgresql import postgresql_server

MEMBERS = 100_000
UPDATES = 50  # batches
BATCH = 10_000
TIDIED_SECONDS_MAX = 150  # autovacuum looks once a minute unless the server is told otherwise
TURNS = 300
BOARD, PERIOD = 1, 739_000
AROUND = 5
HERE = {"board": BOARD, "period": PERIOD}

Asked = tuple[Any, dict[str, int]]  # a statement with its values
Ask = Callable[[Sequence[Asked]], Awaitable[None]]


async def run(name: str, database: str) -> Measurement:
    """Microseconds at the median, ours and bare, of the three questions together; each is told on its own line."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if database == "sqlite":
            path = Path(folder) / "rank.db"
            store = Store(f"sqlite:///{path}")
            await _fill(store)
            ours, limit = await _turns(store, _bare_sqlite(path))
            await store.close()
        else:
            with postgresql_server(Path(folder) / "postgresql") as server:
                store = Store(server)
                await _fill(store)
                await _tidied(server)
                bare = await asyncpg.connect(driver_url(server), server_settings=PLANNER)
                ours, limit = await _turns(store, _bare_postgresql(bare))
                await bare.close()
                await store.close()
    for question in ours:
        told = f"ours {ours[question]:>7,.0f}  limit {limit[question]:>7,.0f}"
        print(f"  {question:8} {told}  ratio {ours[question] / limit[question]:5.3f}  us", file=sys.stderr)
    total, bare = sum(ours.values()), sum(limit.values())
    return Measurement(name, total, bare, total / bare, "us for top ten, mine and around")


async def _fill(store: Store) -> None:
    await migrate(store)
    chance = random.Random(1)
    async with store.writing() as work:
        row = {"number": 1, "seq": 1, "applied_us": 0, "document": "{}", "author": "", "pending": False}
        await work.execute(insert(revision).values(row))
        await work.execute(insert(element).values(id=BOARD, kind="board", key="board"))
        row = {"id": BOARD, "element": BOARD, "revision": 1, "key": "board", "definition": "{}"}
        await work.execute(insert(version).values(row))
        await work.insert(standing, _standings(range(1, MEMBERS + 1), chance))
        seen = {"board": [BOARD], "period": [PERIOD], "participants": [MEMBERS], "revision": [1]}
        await work.insert(board_period, seen)
    for _ in range(UPDATES):
        gains = _standings(sorted(chance.sample(range(1, MEMBERS + 1), BATCH)), chance)
        async with store.writing() as work:
            await work.upsert(standing, gains, add=("score", "entries"), greatest=("reached_us",))


async def _tidied(url: str) -> None:
    """Wait until autovacuum, which the table's own settings call, has been there since now."""
    connection = await asyncpg.connect(driver_url(url))
    since = await connection.fetchval("SELECT now()")
    for _ in range(TIDIED_SECONDS_MAX):
        seen = await connection.fetchval("SELECT last_autovacuum FROM pg_stat_user_tables WHERE relname = 'standing'")
        if seen is not None and seen > since:
            break
        await asyncio.sleep(1)
    else:
        print(f"  autovacuum did not come within {TIDIED_SECONDS_MAX} s", file=sys.stderr)
    await connection.close()


def _standings(keys: Sequence[int], chance: random.Random) -> dict[str, list[int]]:
    count = len(keys)
    return {
        "board": [BOARD] * count,
        "period": [PERIOD] * count,
        "competitor": list(keys),
        "score": [chance.choice((5, 5, 10, 10, 15, 40)) for _ in keys],
        "reached_us": [chance.randrange(10**15) for _ in keys],
        "entries": [1] * count,
        "listed": [True] * count,
    }


async def _turns(store: Store, bare: Ask) -> tuple[dict[str, float], dict[str, float]]:
    """Microseconds at the median by question."""
    ranking = SqlRanking(store.reading, BOARD, PERIOD, TieRule.COMPETITION)
    chance = random.Random(2)
    ours: dict[str, list[float]] = {"top": [], "mine": [], "around": []}
    limit: dict[str, list[float]] = {"top": [], "mine": [], "around": []}
    for turn in range(TURNS + 20):
        place = await ranking.place(chance.randrange(1, MEMBERS + 1))
        assert place is not None
        mark = HERE | place.mark._asdict()
        own = (ranking_sql.OWN, HERE | {"competitor": place.competitor})
        near = [(query, mark | {"count": AROUND}) for query in (ranking_sql.AHEAD, ranking_sql.BEHIND)]
        ahead = HERE | (await ranking.around(place.competitor, AROUND, AROUND))[0].mark._asdict()
        is_behind = place.position > MEMBERS // 2
        counts = ranking_sql.COUNTS_FROM_END if is_behind else ranking_sql.COUNTS_FROM_TOP
        asked: dict[str, tuple[Callable[[], Awaitable[Any]], list[Asked]]] = {
            "top": (partial(ranking.top, 10), [(ranking_sql.FIRST, HERE | {"count": 10})]),
            "mine": (partial(ranking.place, place.competitor), [own, (counts, mark)]),
            "around": (partial(ranking.around, place.competitor, AROUND, AROUND), [own, *near, (counts, ahead)]),
        }
        for question, (ask, statements) in asked.items():
            start = perf_counter()
            await ask()
            middle = perf_counter()
            await bare(statements)
            if turn >= 20:  # by then statements are prepared and pages are read
                ours[question].append((middle - start) * 1e6)
                limit[question].append((perf_counter() - middle) * 1e6)
    return ({name: median(times) for name, times in side.items()} for side in (ours, limit))  # type: ignore[return-value]


def _bare_sqlite(path: Path) -> Ask:
    """The driver in a thread of its own, as it must be in a server that answers others meanwhile."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    texts: dict[Any, Any] = {}

    def ask(statements: Sequence[Asked]) -> None:
        connection.execute("BEGIN")
        for query, values in statements:
            if query not in texts:
                texts[query] = query.compile(dialect=sqlite.dialect())
            compiled = texts[query]
            connection.execute(str(compiled), _ordered(compiled, values)).fetchall()
        connection.execute("ROLLBACK")

    return lambda statements: asyncio.to_thread(ask, statements)


def _bare_postgresql(connection: Any) -> Ask:
    dialect: Any = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]  # the library's
    prepared: dict[Any, Any] = {}

    async def ask(statements: Sequence[Asked]) -> None:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for query, values in statements:
                if query not in prepared:
                    compiled = query.compile(dialect=dialect)
                    prepared[query] = await connection.prepare(str(compiled)), compiled
                statement, compiled = prepared[query]
                await statement.fetch(*_ordered(compiled, values))

    return ask


def _ordered(compiled: Any, values: dict[str, int]) -> list[Any]:
    known = compiled.construct_params(values)
    return [known[name] for name in compiled.positiontup]
