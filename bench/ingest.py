"""Ingest: recording batches, against the bare driver writing the very same rows into the same tables and indexes.

20 rules of which 4 match each activity, two limits a rule, 5 boards, batches of 1,000, 5,000 members. What our
transactions write is captured, and written again by the bare driver (`sqlite3`, or `asyncpg` with arrays) to a copy of
the store, a transaction a batch, with the same durability. The two take turns, batch by batch, so that both see the
same machine. The bare driver gets its rows ready-made: it checks nothing, reads nothing and judges nothing.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import asyncpg
from sqlalchemy import event

from bench.database import copy_sqlite, driver_url, fill, postgresql_copies
from bench.measurement import Measurement
from bench.workload import BATCH, NOW, batches
from operations.record import Status, record
from operations.revision import Revisions
from storage.engine import PRAGMAS, Store
from tests.postgresql import postgresql_server

BATCHES = 30
WARM_UP = 5  # batches before the clock counts: caches, prepared statements, first pages
GROWN_ACTIVITIES = 1_000_000

Write = tuple[str, Any]  # a statement, and its rows (SQLite) or its columns (PostgreSQL)
Bare = Callable[[list[Write]], Awaitable[None]]


async def run(name: str, database: str, *, grown: bool) -> Measurement:
    """Activities a second, ours and bare."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source = Path(folder) / "source.db"
        await fill(source, GROWN_ACTIVITIES if grown else 0)
        if database == "sqlite":
            copies = [Path(folder) / "ours.db", Path(folder) / "bare.db"]
            for copy in copies:
                copy_sqlite(source, copy)
            connection = _bare_sqlite(copies[1])
            ours, bare = await _turns(f"sqlite:///{copies[0]}", lambda writes: _write_sqlite(connection, writes))
            connection.close()
        else:
            with postgresql_server(Path(folder) / "postgresql") as server:
                async with postgresql_copies(server, source, 2) as urls:
                    peer = await asyncpg.connect(driver_url(urls[1]))
                    ours, bare = await _turns(urls[0], lambda writes: _write_postgresql(peer, writes))
                    await peer.close()
    total = (BATCHES - WARM_UP) * BATCH
    return Measurement(name, total / ours, total / bare, bare / ours, "activities/s")


async def _turns(url: str, bare: Bare) -> tuple[float, float]:
    """Seconds that the counted batches took, ours and bare."""
    store, revisions = Store(url), Revisions()
    ours_seconds = bare_seconds = 0.0
    for number, reports in enumerate(batches(GROWN_ACTIVITIES, BATCHES, over=timedelta(hours=2))):
        with _captured(store) as writes:
            start = perf_counter()
            async with store.writing() as work:
                receipts = await record(work, revisions, reports, now=NOW)
            ours = perf_counter() - start
        assert all(receipt.status is Status.RECORDED for receipt in receipts)
        start = perf_counter()
        await bare(writes)
        if number >= WARM_UP:
            ours_seconds += ours
            bare_seconds += perf_counter() - start
    await store.close()
    return ours_seconds, bare_seconds


@contextmanager
def _captured(store: Store) -> Iterator[list[Write]]:
    """What the store writes in the block: every insert into a table of ours, with its rows."""
    writes: list[Write] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("INSERT INTO") and "temp.wanted" not in statement:
            writes.append((statement, parameters))

    event.listen(store.engine.sync_engine, "before_cursor_execute", keep)
    yield writes
    event.remove(store.engine.sync_engine, "before_cursor_execute", keep)


def _bare_sqlite(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    return connection


async def _write_sqlite(connection: sqlite3.Connection, writes: list[Write]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement, rows in writes:
        # SQLAlchemy hands over a set of one as that one row.
        connection.executemany(statement, rows if isinstance(rows, list) else [rows])
    connection.execute("COMMIT")


async def _write_postgresql(connection: asyncpg.Connection, writes: list[Write]) -> None:
    async with connection.transaction():
        for statement, columns in writes:
            await connection.execute(statement, *columns)
