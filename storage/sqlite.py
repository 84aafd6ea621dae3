"""SQLite behind asyncio: a statement crosses to the thread of its connection once, and its rows come back with it.

The driver by itself crosses for each step: to make a cursor, to execute, to fetch, to close. Most statements take less
time than that.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Self

import aiosqlite


async def connect(path: str, **options: Any) -> "Connection":
    """What SQLAlchemy calls as `async_creator_fn`, with what it makes of the database's URL."""
    connection = Connection(partial(sqlite3.connect, path, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # a process ends without waiting for it
    await connection
    return connection


class Connection(aiosqlite.Connection):
    """The driver's, with cursors of our own."""

    def cursor(self) -> "_Cursor":  # type: ignore[override]
        return _Cursor(self)


class _Cursor:
    """What SQLAlchemy asks of a cursor. A statement is executed, fetched and closed in one go."""

    def __init__(self, connection: Connection) -> None:
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._connection = connection
        self._rows: Sequence[Any] = ()

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Iterable[Any] = ()) -> Self:
        return await self._run(sqlite3.Cursor.execute, statement, parameters)

    async def executemany(self, statement: str, parameters: Iterable[Iterable[Any]]) -> Self:
        return await self._run(sqlite3.Cursor.executemany, statement, parameters)

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = ()

    async def _run(self, how: Callable[..., object], statement: str, parameters: Iterable[Any]) -> Self:
        await self._connection._execute(self._do, how, statement, parameters)  # type: ignore[no-untyped-call]
        return self

    def _do(self, how: Callable[..., object], statement: str, parameters: Iterable[Any]) -> None:
        """On the connection's thread."""
        cursor = self._connection._conn.cursor()
        try:
            how(cursor, statement, parameters)
            self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
            self._rows = cursor.fetchall() if cursor.description else ()
        finally:
            cursor.close()
