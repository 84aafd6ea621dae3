"""The unit of work: one transaction, and the few things that the two databases do differently inside it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CTE, CursorResult, Executable, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import bulk

PROGRAMME_LOCK = 4_985_211_300  # any number, the same in every process


class UnitOfWork:
    """One open transaction. Only the edge (a request, a job, a command) opens and commits it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.is_sqlite = connection.dialect.name == "sqlite"

    async def execute(self, statement: Executable, values: Any = None) -> CursorResult[*tuple[Any, ...]]:
        return await self.connection.execute(statement, values)

    async def rows(self, statement: Executable, values: Any = None) -> Sequence[bulk.AnyRow]:
        return (await self.connection.execute(statement, values)).all()

    async def share_programme(self) -> None:
        """Keep the programme's revision and the state of every period as they are until this transaction ends."""
        if not self.is_sqlite:
            await self.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": PROGRAMME_LOCK})

    async def hold_programme(self) -> None:
        """Wait for every transaction that shares the programme, and let none begin until this one ends."""
        if not self.is_sqlite:
            await self.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": PROGRAMME_LOCK})

    async def take_seq(self, count: int) -> list[int]:
        """The next places in the programme's one sequence, ascending. Call it once all locks are held.

        PostgreSQL has a sequence; SQLite, which has one writer at a time, a row.
        """
        if self.is_sqlite:
            result = await self.execute(
                text("UPDATE sequence SET last = last + :count RETURNING last"), {"count": count}
            )
            last = int(result.scalar_one())
            return list(range(last - count + 1, last + 1))
        rows = await self.rows(text("SELECT nextval('seq') FROM generate_series(1, :count)"), {"count": count})
        return [row[0] for row in rows]

    async def last_seq(self) -> int:
        """The latest place that was taken."""
        source = "sequence" if self.is_sqlite else "(SELECT last_value AS last FROM seq)"
        return int((await self.execute(text(f"SELECT last FROM {source} AS s"))).scalar_one())  # noqa: S608

    async def insert(self, table: Table, columns: bulk.Columns, *, unless: str | None = None) -> int:
        """Insert a set of rows, given by column, in their order; `unless` names a unique column whose known values are
        passed over. Returns how many rows were inserted."""
        return await bulk.insert(self.connection, table, columns, unless)

    async def upsert(
        self, table: Table, columns: bulk.Columns, *, add: Sequence[str] = (), greatest: Sequence[str] = ()
    ) -> None:
        """Insert rows, or change those whose primary key is there: `add` adds, `greatest` keeps the larger, and every
        other column is set."""
        await bulk.upsert(self.connection, table, columns, tuple(add), tuple(greatest))

    async def find(
        self, table: Table, keys: bulk.Columns, wanted: Sequence[str], *, lock: bool = False
    ) -> Sequence[bulk.AnyRow]:
        """The `wanted` columns of the rows with these keys (up to four columns). `lock` locks them in key order."""
        return await bulk.find(self.connection, table, keys, tuple(wanted), lock)

    async def find_between(
        self, table: Table, keys: bulk.Columns, between: str, wanted: Sequence[str]
    ) -> Sequence[bulk.AnyRow]:
        """The `wanted` columns of the rows with these keys whose column `between` lies in a range: the last two columns
        of `keys` are the first and the last value of each range."""
        return await bulk.find_between(self.connection, table, keys, between, tuple(wanted))

    def given(self, name: str, columns: Mapping[str, Sequence[int]]) -> CTE:
        """Rows to join with, given by column. They go as parameters: however many there are, the statement is the same,
        and is compiled once."""
        return bulk.given(self.connection.dialect.name, name, columns)

    async def count_found(self, table: Table, keys: bulk.Columns, *, by: Sequence[str]) -> Sequence[bulk.AnyRow]:
        """How many rows with these keys there are for each value of `by`: rows of its columns and a count."""
        return await bulk.count_found(self.connection, table, keys, tuple(by))
