"""The store: which databases it opens, and what its transactions promise."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.engine.interfaces import CacheStats

from activity.tables import team
from storage import sqlite
from storage.engine import DatabaseUrlInvalid, Store, engine_url, files_of


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///laurels.db", "sqlite+aiosqlite"),
        ("postgresql://me:secret@db/laurels", "postgresql+asyncpg"),
        ("postgres://me@db/laurels", "postgresql+asyncpg"),
        ("postgresql+asyncpg://db/laurels", "postgresql+asyncpg"),
    ],
)
def test_urls_are_written_as_people_write_them(url: str, driver: str) -> None:
    """The driver is ours to choose."""
    assert driver == engine_url(url).drivername


@pytest.mark.parametrize("url", ["", "laurels.db", "mysql://db/laurels", "postgresql+psycopg2://db/x", "http://x"])
def test_a_url_that_cannot_be_used_is_refused_without_repeating_its_password(url: str) -> None:
    """The message shows what to write."""
    with pytest.raises(DatabaseUrlInvalid, match="write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"):
        engine_url(url)


@pytest.mark.parametrize("url", ["sqlite:///{}", "sqlite:///file:{}?uri=true", "sqlite+aiosqlite:///{}"])
def test_the_files_of_a_database_are_known_before_they_are_there(url: str, tmp_path: Path) -> None:
    """What SQLite writes beside it among them; a database that is no file has none."""
    database = tmp_path.resolve() / "new.db"
    found = files_of(url.format(database))
    assert [f"{database}{ending}" for ending in ("", "-wal", "-shm", "-journal")] == [str(path) for path in found]
    for other in ("sqlite://", "sqlite:///:memory:", "postgresql://me@db/laurels"):
        assert () == files_of(other)


async def test_a_transaction_that_raises_leaves_nothing(store: Store) -> None:
    """All or nothing."""

    async def stop_half_way() -> None:
        async with store.writing() as work:
            await work.execute(insert(team).values(name="Red"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await stop_half_way()
    async with store.reading() as work:
        assert [] == list(await work.rows(select(team)))


async def test_a_reader_sees_one_moment(store: Store) -> None:
    """What others commit while a reader reads does not change what it sees."""
    async with store.reading() as reader:
        assert [] == list(await reader.rows(select(team)))
        async with store.writing() as work:
            await work.execute(insert(team).values(name="Red"))
        assert [] == list(await reader.rows(select(team)))


async def test_sqlite_is_durable_at_commit_and_checks_foreign_keys(empty_url: str) -> None:
    """A receipt says that the activity is stored for good."""
    store = Store(empty_url)
    async with store.reading() as work:
        if store.is_sqlite:
            pragmas = [
                (await work.execute(text(f"PRAGMA {name}"))).scalar() for name in ("synchronous", "foreign_keys")
            ]
            assert [2, 1] == pragmas
        else:
            assert "on" == (await work.execute(text("SHOW synchronous_commit"))).scalar()
    await store.close()


async def test_a_statement_of_sqlite_crosses_to_its_thread_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Executed, fetched and closed in one go; most take less time than a crossing."""
    crossings: list[Any] = []
    crossing = sqlite.Connection._execute

    def counted(connection: sqlite.Connection, *step: Any, **told: Any) -> Any:
        crossings.append(step)
        return crossing(connection, *step, **told)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(sqlite.Connection, "_execute", counted)
    async with store.writing() as work:
        crossings.clear()
        added = await work.execute(insert(team).values(name="Red").returning(team.c.id, team.c.name))
        assert [(1, "Red")] == [tuple(row) for row in added]
        assert 1 == (await work.execute(update(team).values(name="Blue"))).rowcount
        assert 2 == await work.insert(team, {"id": [2, 3], "name": ["Green", "Grey"]})
        assert ["Blue", "Green", "Grey"] == [row.name for row in await work.rows(select(team).order_by(team.c.id))]
        assert (4 if store.is_sqlite else 0) == len(crossings)


async def test_rows_are_given_to_join_with(store: Store) -> None:
    """However many there are, or none, the statement is compiled once."""
    async with store.writing() as work:
        await work.insert(team, {"id": [1, 2, 3], "name": ["Red", "Blue", "Grey"]})
        for rows in ([], [(3, 30)], [(day, 10 * day) for day in range(1, 1000)]):
            given = work.given("given", {"id": [row[0] for row in rows], "day": [row[1] for row in rows]})
            query = select(team.c.name, given.c.day).outerjoin(given, given.c.id == team.c.id).order_by(team.c.id)
            told = dict(rows)
            expected = [("Red", told.get(1)), ("Blue", told.get(2)), ("Grey", told.get(3))]
            result = await work.execute(query)
            assert expected == [tuple(row) for row in result]
        assert CacheStats.CACHE_HIT is result.context.cache_hit


async def test_the_sequence_ascends_without_end(store: Store) -> None:
    """Places are taken in order and never twice."""
    async with store.writing() as work:
        first = await work.take_seq(3)
        second = await work.take_seq(2)
    assert sorted({*first, *second}) == first + second
