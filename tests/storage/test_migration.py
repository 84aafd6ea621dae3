"""Migrations: every database comes to the schema that the code describes, whichever state it was in."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

import rewards.tables  # noqa: F401
from activity.tables import metadata
from storage.engine import Store
from storage.migration import DatabaseTooNew, migrate, newest


def difference(connection: Connection) -> list[object]:
    """What the database has and the metadata has not, or the other way round."""
    own = {"sequence"}  # SQLite's row for the programme's sequence
    context = MigrationContext.configure(
        connection,
        opts={"include_name": lambda name, kind, _: kind != "table" or name not in own, "compare_type": True},
    )
    return [*compare_metadata(context, metadata)]


async def test_migrating_an_empty_database_gives_the_schema_of_the_code(empty_url: str) -> None:
    """Tables, columns, types, keys and indexes are those that the code declares."""
    store = Store(empty_url)
    assert await migrate(store)
    async with store.engine.connect() as connection:
        assert [] == await connection.run_sync(difference)
    await store.close()


async def test_migrating_again_does_nothing(empty_url: str) -> None:
    """Every command migrates at its start; only the first finds something to do."""
    store = Store(empty_url)
    assert [True, False] == [await migrate(store), await migrate(store)]
    await store.close()


async def test_several_that_start_at_once_migrate_once(empty_url: str) -> None:
    """One of them migrates, the others wait for it."""
    stores = [Store(empty_url) for _ in range(3)]
    assert [False, False, True] == sorted(await asyncio.gather(*(migrate(store) for store in stores)))
    for store in stores:
        await store.close()


async def test_a_database_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    """The message says what to do, and nothing is changed."""
    store = Store(empty_url)
    await migrate(store)
    async with store.writing() as work:
        await work.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match="migrated by a newer version of Laurels"):
        await migrate(store)
    await store.close()


def test_the_newest_migration_is_the_last_file() -> None:
    """Migrations are numbered; the version that the code expects is the highest."""
    assert newest().isdigit()
