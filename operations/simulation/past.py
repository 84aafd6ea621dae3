"""The past, read as fast as the drivers can: what members did and were given, up to one place in the sequence.

A simulation reads millions of rows, so it asks `sqlite3` and `asyncpg` themselves, in statements that are the same for
both. What is below a place in the sequence never changes, but for data that nothing reads and that is stripped, so
readers in several processes see the same.

    async with open_past(source) as past:
        for row in await past.rows(HISTORY, first, after): ...
"""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from typing import Any, NamedTuple, Protocol

import asyncpg
from sqlalchemy.engine import make_url

ROWS_AT_ONCE = 5_000
CACHE_KIB = 8_192  # of SQLite's pages, in each process; the machine caches the file beside

Row = Sequence[Any]


class Source(NamedTuple):
    """Where a history is, and which part of it is meant."""

    url: str
    snapshot: str | None  # of PostgreSQL: the one that all readers share
    seq: int  # up to this place
    revision: int  # that was in force there
    to_us: int  # what is told is of activities before this time; what came later may decide it


# Parameters, as far as a statement has them: first member key, first after, and seq, revision, to_us.
HISTORY = """
SELECT v.member, v.activity, v.place, v.outcomes, a.type, a.time_us, a.data, a.credited, a.source
FROM verdict AS v CROSS JOIN activity AS a
WHERE v.member >= $1 AND v.member < $2 AND v.activity <= $3 AND v.revision <= $4
AND a.seq = v.activity
ORDER BY v.member, v.activity, v.revision
"""
FACTS = """
SELECT member, seq, team, location, department, time_zone, attributes, participates FROM member_facts
WHERE member >= $1 AND member < $2 AND seq <= $3
ORDER BY member, seq
"""
FIRST_DAYS = "SELECT key, first_day FROM member WHERE key >= $1 AND key < $2"
# Members, and how many activities each has.
COUNTS = """
SELECT m.key, (SELECT count(*) FROM verdict AS v WHERE v.member = m.key AND v.activity <= $1) FROM member AS m
ORDER BY m.key
"""
# The columns of rewards.award.Award, then points, team and day of the entry.
AWARDS = """
SELECT a.seq, a.ordinal, a.member, a.element, a.version, a.level, a.period, a.activity, a.time_us, a.value,
a.first_day, a.last_day, a.expires_us, a.entry, coalesce(e.points, 0), e.team, coalesce(e.day, 0)
FROM award AS a LEFT JOIN entry AS e ON e.seq = a.seq AND e.ordinal = a.entry
WHERE a.member >= $1 AND a.member < $2 AND a.seq <= $3 AND (a.revoked_seq IS NULL OR a.revoked_seq > $3)
ORDER BY a.member, a.seq, a.ordinal
"""
# Those that a person took.
TAKEN = """
SELECT a.seq, a.ordinal, a.member, a.element, a.version, a.level, a.period, a.activity, a.time_us, a.value,
a.first_day, a.last_day, a.expires_us, a.entry
FROM award AS a
WHERE a.member >= $1 AND a.member < $2 AND a.seq <= $3 AND a.revoked_seq <= $3 AND a.revoked_by IS NOT NULL
ORDER BY a.member, a.seq, a.ordinal
"""
# Entries that follow from no verdict and no award: member, version, type, team, points, time, day, and the place at
# which it was recorded what they are for.
RELEASED = """
SELECT h.member, h.version, h.type, h.team, h.points, h.time_us, h.day, h.seq
FROM hold AS h
WHERE h.member >= $1 AND h.member < $2 AND h.released AND h.ended_seq <= $3 AND h.time_us < $4
AND NOT EXISTS (SELECT 1 FROM retraction AS r WHERE r.activity = h.seq AND r.seq <= $3)
"""
ADJUSTED = """
SELECT e.member, e.version, e.type, e.team, e.points, e.time_us, e.day, e.seq
FROM adjustment AS j JOIN entry AS e ON e.seq = j.seq
WHERE j.seq <= $1 AND e.time_us < $2
"""
DISTURBED = """
SELECT DISTINCT v.member FROM retraction AS r JOIN verdict AS v ON v.activity = r.activity WHERE r.seq <= $1
"""
RETRACTED = "SELECT activity FROM retraction WHERE seq <= $1"

# What all members did, in the order of the sequence: the columns of HISTORY, and the facts in force.
SEQUENCE = """
SELECT v.member, v.activity, v.place, v.outcomes, a.type, a.time_us, a.data, a.credited, a.source,
f.seq, f.team, f.location, f.department, f.time_zone, f.attributes, f.participates
FROM activity AS a
JOIN verdict AS v ON v.activity = a.seq
JOIN member_facts AS f ON f.member = v.member
AND f.seq = (SELECT max(g.seq) FROM member_facts AS g WHERE g.member = v.member AND g.seq < a.seq)
WHERE a.seq <= $1 AND v.revision <= $2 AND a.time_us >= $3 AND a.time_us < $4
ORDER BY v.activity, v.place, v.revision
"""


class Past(Protocol):
    """One reader's view."""

    async def rows(self, statement: str, *values: int) -> Iterable[Row]:
        """All rows, for as many as fit into memory; SQLite reads them as they are taken."""

    def stream(self, statement: str, *values: int) -> AsyncIterator[Sequence[Row]]:
        """All rows, so many at once."""


@asynccontextmanager
async def open_past(source: Source) -> AsyncIterator[Past]:
    """A reader, of a connection of its own."""
    url = make_url(source.url)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(f"file:{url.database}?mode=ro", uri=True, isolation_level=None)) as opened:
            opened.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
            opened.execute("BEGIN")
            yield _Sqlite(opened)
        return
    connection = await asyncpg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False), statement_cache_size=0
    )
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if source.snapshot:
                await connection.execute(f"SET TRANSACTION SNAPSHOT '{source.snapshot}'")
            # Members are read in ranges of their keys: by the index, whatever the statistics say.
            await connection.execute("SET LOCAL jit = off")
            yield _Postgresql(connection)
    finally:
        await connection.close()


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def rows(self, statement: str, *values: int) -> Iterator[Row]:
        return self._connection.execute(statement.replace("$", "?"), values)

    async def stream(self, statement: str, *values: int) -> AsyncIterator[Sequence[Row]]:
        cursor = self._connection.execute(statement.replace("$", "?"), values)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield rows


class _Postgresql:
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def rows(self, statement: str, *values: int) -> Sequence[Row]:
        found: Sequence[Row] = await self._connection.fetch(statement, *values)
        return found

    async def stream(self, statement: str, *values: int) -> AsyncIterator[Sequence[Row]]:
        cursor = await self._connection.cursor(statement, *values)
        while rows := await cursor.fetch(ROWS_AT_ONCE):
            yield rows
