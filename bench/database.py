"""Databases for benchmarks: filled once in SQLite, copied to wherever they are wanted."""

import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy import Boolean
from sqlalchemy.engine import make_url

import rewards.tables  # noqa: F401
from activity.tables import metadata
from bench.workload import BATCH, NOW, batches, profiles, programme
from operations.enrol import enrol
from operations.programme import Programme
from operations.publish import apply
from operations.record import record
from operations.revision import Revisions
from storage.engine import Store
from storage.migration import migrate

ROWS_AT_ONCE = 50_000


async def fill(path: Path, activities: int, declared: Programme | None = None) -> None:
    """A SQLite store with a programme, its members, and so many activities spread over its seven months."""
    store, revisions = Store(f"sqlite:///{path}"), Revisions()
    await migrate(store)
    async with store.writing() as work:
        await apply(work, revisions, declared or programme(), now=NOW)
    async with store.writing() as work:
        await enrol(work, revisions, profiles(), now=NOW)
    count = activities // BATCH
    for number, reports in enumerate(batches(0, count, over=timedelta(days=210)) if count else ()):
        async with store.writing() as work:
            await record(work, revisions, reports, now=NOW)
        if number % 100 == 99:
            print(f"  filled {number + 1} of {count} thousand activities", file=sys.stderr)
    await store.close()


def copy_sqlite(source: Path, target: Path) -> None:
    """A copy with nothing left in the write-ahead log."""
    connection = sqlite3.connect(source)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copy(source, target)


def driver_url(url: str) -> str:
    """The URL as asyncpg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def postgresql_copies(server: str, source: Path, count: int) -> AsyncIterator[list[str]]:
    """URLs of databases with all the rows of a SQLite store, alike in every page; dropped when the block ends."""
    names = [f"bench_{uuid4().hex}" for _ in range(count)]
    urls = [make_url(server).set(database=name).render_as_string(hide_password=False) for name in names]
    admin = await asyncpg.connect(driver_url(server))
    await admin.execute(f"CREATE DATABASE {names[0]}")
    store = Store(urls[0])
    await migrate(store)
    await store.close()
    await _load(source, urls[0])
    for name in names[1:]:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {names[0]}")
    try:
        yield urls
    finally:
        for name in names:
            await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def _load(source: Path, url: str) -> None:
    rows = sqlite3.connect(source)
    connection = await asyncpg.connect(driver_url(url))
    for table in metadata.sorted_tables:
        names = [column.name for column in table.columns]
        flags = [index for index, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
        quoted = ", ".join(f'"{name}"' for name in names)
        cursor = rows.execute(f"SELECT {quoted} FROM {table.name}")
        while chunk := cursor.fetchmany(ROWS_AT_ONCE):
            await connection.copy_records_to_table(table.name, records=_typed(chunk, flags), columns=names)
    (last,) = rows.execute("SELECT last FROM sequence").fetchone()
    await connection.execute(f"SELECT setval('seq', {max(last, 1)})")
    for name in ("team", "element", "version", "measure"):
        await connection.execute(f"SELECT setval('{name}_id_seq', (SELECT coalesce(max(id), 1) FROM {name}))")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()
    rows.close()


def _typed(rows: list[tuple[Any, ...]], flags: list[int]) -> list[tuple[Any, ...]]:
    if not flags:
        return rows
    return [tuple(bool(value) if index in flags else value for index, value in enumerate(row)) for row in rows]
