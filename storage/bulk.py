"""Sets of rows to and from the database, one statement each.

A set comes as columns, equally long: PostgreSQL takes them as arrays and unnests them in one statement; SQLite takes
rows through its driver's own loop. Each statement's text is made once. Rows are written in the order given, so a caller
that sorts by key locks in key order.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import orjson
from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    Boolean,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

Columns = Mapping[str, Sequence[Any]]
AnyRow: TypeAlias = Row[*tuple[Any, ...]]  # as long as it is

ARRAYS = {BigInteger: "bigint[]", Integer: "integer[]", Text: "text[]", Boolean: "boolean[]", LargeBinary: "bytea[]"}


async def insert(connection: AsyncConnection, table: Table, columns: Columns, unless: str | None = None) -> int:
    names = tuple(columns)
    if not columns[names[0]]:
        return 0
    ending = f" ON CONFLICT ({unless}) DO NOTHING" if unless else ""
    return await _write(connection, table, columns, ending)


async def upsert(
    connection: AsyncConnection, table: Table, columns: Columns, add: tuple[str, ...], greatest: tuple[str, ...]
) -> None:
    if columns[next(iter(columns))]:
        larger = "max" if connection.dialect.name == "sqlite" else "greatest"
        await _write(connection, table, columns, _conflict(table, tuple(columns), add, greatest, larger))


async def find(
    connection: AsyncConnection, table: Table, keys: Columns, wanted: tuple[str, ...], lock: bool = False
) -> Sequence[AnyRow]:
    names = tuple(keys)
    if not keys[names[0]]:
        return []
    if connection.dialect.name == "sqlite":
        await _want(connection, keys)
        return (await connection.exec_driver_sql(_find_sqlite(table, names, wanted))).all()
    statement = _find_postgresql(table, names, wanted, lock)
    return (await connection.exec_driver_sql(statement, tuple(keys.values()))).all()


async def find_between(
    connection: AsyncConnection, table: Table, keys: Columns, between: str, wanted: tuple[str, ...]
) -> Sequence[AnyRow]:
    names = tuple(keys)
    if not keys[names[0]]:
        return []
    if connection.dialect.name == "sqlite":
        await _want(connection, keys)
        return (await connection.exec_driver_sql(_between_sqlite(table, names, between, wanted))).all()
    statement = _between_postgresql(table, names, between, wanted)
    return (await connection.exec_driver_sql(statement, tuple(keys.values()))).all()


async def count_found(
    connection: AsyncConnection, table: Table, keys: Columns, by: tuple[str, ...]
) -> Sequence[AnyRow]:
    names = tuple(keys)
    if not keys[names[0]]:
        return []
    if connection.dialect.name == "sqlite":
        await _want(connection, keys)
        return (await connection.exec_driver_sql(_count_sqlite(table, names, by))).all()
    return (await connection.exec_driver_sql(_count_postgresql(table, names, by), tuple(keys.values()))).all()


def given(dialect: str, name: str, columns: Mapping[str, Sequence[int]]) -> CTE:
    if dialect == "sqlite":
        # Materialized, or SQLite reads the text again for each row that is joined.
        rows = func.json_each(literal(orjson.dumps(list(zip(*columns.values(), strict=True))).decode(), Text))
        value = rows.table_valued("value").c.value
        told = [func.json_extract(value, f"$[{place}]", type_=Integer).label(of) for place, of in enumerate(columns)]
        return select(*told).cte(name).prefix_with("MATERIALIZED")
    arrays = [literal(list(values), ARRAY(Integer)) for values in columns.values()]
    unnested = func.unnest(*arrays).table_valued(*(column(of, Integer) for of in columns))
    return select(unnested.render_derived()).cte(name)


async def _want(connection: AsyncConnection, keys: Columns) -> None:
    await connection.exec_driver_sql("DELETE FROM temp.wanted")
    await connection.exec_driver_sql(_insert_wanted(len(keys)), list(zip(*keys.values(), strict=True)))


async def _write(connection: AsyncConnection, table: Table, columns: Columns, ending: str) -> int:
    names = tuple(columns)
    if connection.dialect.name == "sqlite":
        rows = list(zip(*columns.values(), strict=True))
        return (await connection.exec_driver_sql(_insert_sqlite(table, names) + ending, rows)).rowcount
    result = await connection.exec_driver_sql(_insert_postgresql(table, names) + ending, tuple(columns.values()))
    return result.rowcount


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _array(table: Table, name: str, position: int) -> str:
    kind = next(array for type_, array in ARRAYS.items() if type(table.c[name].type) is type_)
    return f"${position}::{kind}"


def _arrays(table: Table, names: tuple[str, ...]) -> str:
    return ", ".join(_array(table, name, position) for position, name in enumerate(names, 1))


@lru_cache
def _insert_sqlite(table: Table, names: tuple[str, ...]) -> str:
    return f"INSERT INTO {table.name} ({_quoted(names)}) VALUES ({', '.join('?' * len(names))})"


@lru_cache
def _insert_postgresql(table: Table, names: tuple[str, ...]) -> str:
    return f"INSERT INTO {table.name} ({_quoted(names)}) SELECT * FROM unnest({_arrays(table, names)})"


@lru_cache
def _conflict(
    table: Table, names: tuple[str, ...], add: tuple[str, ...], greatest: tuple[str, ...], larger: str
) -> str:
    key = [column.name for column in table.primary_key]
    changes = []
    for name in names:
        if name in add:
            changes.append(f'"{name}" = {table.name}."{name}" + excluded."{name}"')
        elif name in greatest:
            changes.append(f'"{name}" = {larger}({table.name}."{name}", excluded."{name}")')
        elif name not in key:
            changes.append(f'"{name}" = excluded."{name}"')
    return f" ON CONFLICT ({_quoted(key)}) DO UPDATE SET {', '.join(changes)}"


@lru_cache
def _insert_wanted(count: int) -> str:
    return f"INSERT INTO temp.wanted ({', '.join('abcd'[:count])}) VALUES ({', '.join('?' * count)})"


def _from_sqlite(table: Table, names: tuple[str, ...]) -> str:
    # CROSS JOIN keeps the set of keys as the outer loop, whatever the statistics say.
    matches = " AND ".join(f't."{name}" = w.{letter}' for name, letter in zip(names, "abcd", strict=False))
    return f"FROM temp.wanted AS w CROSS JOIN {table.name} AS t WHERE {matches}"


def _from_postgresql(table: Table, names: tuple[str, ...]) -> str:
    matches = " AND ".join(f't."{name}" = w."{name}"' for name in names)
    return f"FROM unnest({_arrays(table, names)}) AS w({_quoted(names)}) JOIN {table.name} AS t ON {matches}"


def _of_table(names: tuple[str, ...]) -> str:
    return ", ".join(f't."{name}"' for name in names)


@lru_cache
def _find_sqlite(table: Table, names: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    return f"SELECT {_of_table(wanted)} {_from_sqlite(table, names)}"


@lru_cache
def _find_postgresql(table: Table, names: tuple[str, ...], wanted: tuple[str, ...], lock: bool) -> str:
    key = _of_table(tuple(column.name for column in table.primary_key))
    ending = f" ORDER BY {key} FOR NO KEY UPDATE OF t" if lock else ""
    return f"SELECT {_of_table(wanted)} {_from_postgresql(table, names)}{ending}"


@lru_cache
def _between_sqlite(table: Table, names: tuple[str, ...], between: str, wanted: tuple[str, ...]) -> str:
    first, last = list("abcd")[len(names) - 2 : len(names)]
    return (
        f'SELECT {_of_table(wanted)} {_from_sqlite(table, names[:-2])} AND t."{between}" BETWEEN w.{first} AND w.{last}'
    )


@lru_cache
def _between_postgresql(table: Table, names: tuple[str, ...], between: str, wanted: tuple[str, ...]) -> str:
    arrays = _arrays(table, names[:-2])
    ends = ", ".join(_array(table, between, position) for position in (len(names) - 1, len(names)))
    matches = " AND ".join(f't."{name}" = w."{name}"' for name in names[:-2])
    return (
        f"SELECT {_of_table(wanted)} FROM unnest({arrays}, {ends}) AS w({_quoted(names)}) JOIN {table.name} AS t "
        f'ON {matches} AND t."{between}" BETWEEN w."{names[-2]}" AND w."{names[-1]}"'
    )


@lru_cache
def _count_sqlite(table: Table, names: tuple[str, ...], by: tuple[str, ...]) -> str:
    return f"SELECT {_of_table(by)}, count(*) {_from_sqlite(table, names)} GROUP BY {_of_table(by)}"


@lru_cache
def _count_postgresql(table: Table, names: tuple[str, ...], by: tuple[str, ...]) -> str:
    return f"SELECT {_of_table(by)}, count(*) {_from_postgresql(table, names)} GROUP BY {_of_table(by)}"
