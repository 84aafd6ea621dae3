"""The store: which databases it opens, and what its transactions promise."""

import pytest
from sqlalchemy import insert, select, text

from activity.tables import team
from storage.engine import DatabaseUrlInvalid, Store, engine_url


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


async def test_sqlite_is_durable_at_commit_and_checks_foreign_keys(store: Store) -> None:
    """A receipt says that the activity is stored for good."""
    if store.is_sqlite:
        async with store.reading() as work:
            pragmas = [
                (await work.execute(text(f"PRAGMA {name}"))).scalar() for name in ("synchronous", "foreign_keys")
            ]
        assert [2, 1] == pragmas
    else:
        async with store.reading() as work:
            assert "on" == (await work.execute(text("SHOW synchronous_commit"))).scalar()


async def test_the_sequence_ascends_without_end(store: Store) -> None:
    """Places are taken in order and never twice."""
    async with store.writing() as work:
        first = await work.take_seq(3)
        second = await work.take_seq(2)
    assert sorted({*first, *second}) == first + second
