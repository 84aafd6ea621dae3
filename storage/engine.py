"""Opening the database: one engine for SQLite or PostgreSQL, and transactions on it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from errors import LaurelsError
from storage import sqlite
from storage.work import UnitOfWork

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}

# Durable at commit (synchronous=FULL): a receipt says that the activity is stored for good. The page cache and the
# longer write-ahead log keep a store of a million activities from reading and checkpointing at every batch.
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=60000",
    "PRAGMA cache_size=-131072",
    "PRAGMA mmap_size=1073741824",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA wal_autocheckpoint=8000",
    # What a set of keys is looked up by, see storage/bulk.py.
    "CREATE TEMP TABLE IF NOT EXISTS wanted (a, b, c, d)",
)
LEAN = ("PRAGMA cache_size=-32768", "PRAGMA mmap_size=0")


# PostgreSQL takes a page out of order for four times as dear as the next one, as on a spinning disk, and would rather
# read a whole table than count in an index.
PLANNER = {"random_page_cost": "1.1"}


class DatabaseUrlInvalid(LaurelsError):
    """LAURELS_DATABASE_URL names no database that Laurels can use."""


def engine_url(text: str) -> URL:
    """The SQLAlchemy URL, with its driver, of a database URL as people write it. Raises DatabaseUrlInvalid."""
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    if url is None or url.drivername not in DRIVERS:
        raise DatabaseUrlInvalid(
            "LAURELS_DATABASE_URL cannot be used; write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        )
    return url.set(drivername=DRIVERS[url.drivername])


def files_of(text: str) -> tuple[Path, ...]:
    """The files of a SQLite database, be they there or not; none of PostgreSQL. Raises DatabaseUrlInvalid."""
    url = engine_url(text)
    name = url.database or ":memory:"
    if url.get_backend_name() != "sqlite" or name == ":memory:":
        return ()
    path = os.path.realpath(unquote(name.removeprefix("file:")) if name.startswith("file:") else name)
    return tuple(Path(path + ending) for ending in ("", "-wal", "-shm", "-journal"))


class Store:
    """The database of one programme. Opens connections as they are needed; `close` ends them.

    A lean one keeps little of a SQLite file in memory: for reading most of it once, and for long imports.
    """

    def __init__(self, url: str, *, connections_max: int = 10, lean: bool = False) -> None:
        self.url = engine_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"pool_size": connections_max, "max_overflow": 0, "pool_timeout": 60}
        if self.is_sqlite:
            options["connect_args"] = {"async_creator_fn": sqlite.connect}
        else:
            # Every transaction is READ COMMITTED: what was locked is read after the lock, by a statement of its own.
            options |= {"isolation_level": "READ COMMITTED", "connect_args": {"server_settings": PLANNER}}
        self.engine: AsyncEngine = create_async_engine(self.url, **options)
        self.committed: Callable[[], None] | None = None  # called after each transaction that may have written
        # SQLite has one writer; waiting here is fair and costs nothing, waiting in SQLite is polling.
        self._writer = asyncio.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            pragmas = (*PRAGMAS, *LEAN) if lean else PRAGMAS
            event.listen(self.engine.sync_engine, "connect", partial(_prepare_sqlite, pragmas))
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[UnitOfWork]:
        """One transaction that commits when the block ends, and leaves nothing behind when it raises."""
        async with self._writer, self.engine.begin() as connection:
            yield UnitOfWork(connection)
        if self.committed:
            self.committed()

    @asynccontextmanager
    async def rehearsing(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that writes, and is taken back when the block ends."""
        async with self._writer, self.engine.connect() as connection, connection.begin() as transaction:
            yield UnitOfWork(connection)
            await transaction.rollback()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[UnitOfWork]:
        """A transaction that only reads, from one snapshot."""
        async with self.engine.connect() as connection:
            level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            await connection.execution_options(reads_only=True, **level)
            async with connection.begin():
                yield UnitOfWork(connection)

    async def close(self) -> None:
        await self.engine.dispose()


def _prepare_sqlite(pragmas: Iterable[str], connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says, nowhere else
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
