"""Migrations: every database comes to the schema that the code describes, whichever state it was in."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, text

from activity.alias import likeness
from activity.tables import member, metadata
from operations.enrol import MemberStatus, Profile
from rewards.tables import passed_over, recording_day
from storage.engine import Store
from storage.migration import DatabaseTooNew, migrate, newest
from storage.work import UnitOfWork
from tests.operations.prizes import company, decided, paid
from tests.world import World, shared


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


async def test_days_before_boards_of_past_days_are_found_by_what_was_recorded(empty_url: str) -> None:
    """A database that is older than they are knows where its days began, in the programme's time zone."""
    store = Store(empty_url)
    await migrate(store)
    world = World(store)
    world.now = datetime(2026, 6, 1, 21, 50, tzinfo=UTC)
    await world.apply()
    await world.hire("Ada")
    for number, minutes in enumerate((0, 65, 10, 24 * 60)):
        world.now += timedelta(minutes=minutes)
        await world.record(shared(number, at="2026-06-01T09:00:00Z"))
    before = await world.rows(recording_day)
    assert 3 == len(before)
    async with store.writing() as work:
        for table in ("recording_day", "mirror", "dirty"):
            await work.execute(text(f"DROP TABLE {table}"))
        await _forget_who_left(work)
        await _forget_hashes(work)
        await _forget_left(work)
        await _forget_means(work)
        await work.execute(text("DROP INDEX ix_member_team"))
        await work.execute(text("ALTER TABLE member DROP COLUMN alias"))
        await _forget_eligibility(work)
        await work.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    await migrate(store)
    assert before == await world.rows(recording_day)
    await store.close()


async def test_the_days_on_which_members_first_took_part_are_found_by_their_facts(empty_url: str) -> None:
    """A database that is older than boards of newcomers knows since when its members take part, by the local day."""
    store = Store(empty_url)
    await migrate(store)
    world = World(store)
    world.now = datetime(2026, 6, 1, 23, 10, tzinfo=UTC)  # already the 2nd in London
    await world.apply()
    await world.enrol(Profile("ada", name="Ada"), *(Profile(name, name=name, participates=False) for name in "bc"))
    world.now += timedelta(days=3)
    await world.enrol(Profile("b", participates=True), Profile("ada", location="Paris"))
    before = {row.external_id: row.first_day for row in await world.rows(member)}
    assert before == {"ada": date(2026, 6, 2).toordinal(), "b": date(2026, 6, 5).toordinal(), "c": None}
    async with store.writing() as work:
        await _forget_who_left(work)
        await _forget_hashes(work)
        await _forget_left(work)
        await _forget_means(work)
        await _forget_eligibility(work)
        await work.execute(text("UPDATE alembic_version SET version_num = '0006'"))
    await migrate(store)
    assert before == {row.external_id: row.first_day for row in await world.rows(member)}
    await store.close()


async def test_who_was_passed_over_before_is_kept(empty_url: str) -> None:
    """By a database in which they were told apart by their positions."""
    store = Store(empty_url)
    await migrate(store)
    world = World(store)
    await company(world, "absent: empty")
    closing = await decided(world, "2026-11", {"ada": 9, "ben": 8})
    await world.enrol(Profile("ada", participates=False))
    await paid(world, closing)
    (before,) = await world.rows(passed_over)
    async with store.writing() as work:
        await _forget_who_left(work)
        await _forget_hashes(work)
        await _forget_left(work)
        await work.execute(text("DROP TABLE passed_over"))
        columns = "closing integer, podium integer, position integer, member bigint, why text, reason text"
        await work.execute(text(f"CREATE TABLE passed_over ({columns}, PRIMARY KEY (closing, podium, position))"))
        await work.execute(insert(passed_over).values(before._asdict()))
        await work.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    await migrate(store)
    assert [before] == await world.rows(passed_over)
    await store.close()


async def _forget_left(work: UnitOfWork) -> None:
    await work.execute(text("DROP INDEX ix_standing_unlisted"))


async def test_what_members_go_by_is_known_of_those_who_were_there_before(empty_url: str) -> None:
    """A database that is older than the comparison of aliases has what it compares, of every member."""
    store = Store(empty_url)
    await migrate(store)
    world = World(store)
    await world.apply()
    await world.enrol(*(Profile(f"E{number}", name=f" Ada  {number} ") for number in range(5)))
    await world.enrol(Profile("E0", alias="A\u0301lias"), Profile("E3", alias="Other"))
    before = await world.rows(member)
    async with store.writing() as work:
        await _forget_who_left(work)
        await _forget_hashes(work)
        await work.execute(text("UPDATE alembic_version SET version_num = '0009'"))
    await migrate(store)
    assert before == await world.rows(member)
    assert {likeness("\u00e1LIAS"), likeness("other"), None} == {row.alias_hash for row in before}
    (receipt,) = await world.enrol(Profile("E4", alias="ada 1"))
    assert MemberStatus.REFUSED is receipt.status
    await store.close()


async def _forget_identities(work: UnitOfWork) -> None:
    for table in ("identity", "identity_removal", "kept"):
        await work.execute(text(f"DROP TABLE {table}"))
    for column in ("left_us", "took_part"):
        await work.execute(text(f"ALTER TABLE member DROP COLUMN {column}"))


async def _forget_transfers(work: UnitOfWork) -> None:
    for table in ("transferred", "transfer"):
        await work.execute(text(f"DROP TABLE {table}"))
    await work.execute(text("ALTER TABLE verdict DROP COLUMN named"))
    await work.execute(text("ALTER TABLE member DROP COLUMN merged_into"))


async def _forget_retention(work: UnitOfWork) -> None:
    await work.execute(text("DROP INDEX ix_claim_kept"))
    for table in ("programme", "revision", "claim"):
        await work.execute(text(f"ALTER TABLE {table} DROP COLUMN stripped"))


async def _forget_claims(work: UnitOfWork) -> None:
    await _forget_retention(work)
    await work.execute(text("DROP TABLE claim"))


async def _forget_who_left(work: UnitOfWork) -> None:
    await _forget_transfers(work)
    await _forget_claims(work)
    await _forget_identities(work)
    await work.execute(text("DROP INDEX ix_member_left"))


async def _forget_hashes(work: UnitOfWork) -> None:
    for name in ("external_id", "name", "alias"):
        await work.execute(text(f"DROP INDEX ix_member_{name}_hash"))
        await work.execute(text(f"ALTER TABLE member DROP COLUMN {name}_hash"))


async def _forget_means(work: UnitOfWork) -> None:
    await work.execute(text("DROP TABLE team_share"))
    await work.execute(text("DROP INDEX ix_member_facts_team"))


async def _forget_eligibility(work: UnitOfWork) -> None:
    await work.execute(text("DROP TABLE exclusion"))
    await work.execute(text("ALTER TABLE member DROP COLUMN first_day"))
