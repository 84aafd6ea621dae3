"""Real databases for the tests: every test that asks for `store` runs on SQLite and on PostgreSQL.

PostgreSQL is the server that TEST_DATABASE_URL names, or one that the run starts for itself. A missing server fails the
run.
"""

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

import hypothesis
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

import api.tables  # noqa: F401
import leaderboard.tables  # noqa: F401
import rewards.tables  # noqa: F401
from activity.tables import metadata
from operations.revision import Revisions
from storage.engine import Store
from storage.migration import migrate
from tests import postgresql
from tests.world import World

# Everything deleted, and all numbers from 1 again. Small tables: TRUNCATE would make new files for each, far slower.
EMPTIED = "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))
TABLES = ("team", "element", "version", "measure", "api_key", "simulation")
NUMBERED = ("seq", *(f"{table}_id_seq" for table in TABLES))
EMPTY = f"DO $$ BEGIN {EMPTIED}; {'; '.join(f'ALTER SEQUENCE {name} RESTART' for name in NUMBERED)}; END $$"

# Enough to find what is often wrong, in a run that people wait for; `make soak` looks further.
hypothesis.settings.register_profile("test", max_examples=40)
hypothesis.settings.register_profile("soak", max_examples=1_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))

OpenStore = Callable[[], AbstractAsyncContextManager[Store]]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a PostgreSQL server's database, in which others may be created. All workers of a run share the server."""
    # Not in pytest's own folder: it keeps those of the last three runs, and several may go on at once.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
    with postgresql.postgresql_server(Path(gettempdir()) / f"laurels-{run}") as url:
        yield url


@pytest.fixture
async def empty_postgresql(postgresql_server: str) -> AsyncIterator[str]:
    """URL of a PostgreSQL database with nothing in it, dropped after the test."""
    name = f"laurels_{uuid4().hex}"
    admin = Store(postgresql_server)
    engine = admin.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgresql_server).set(database=name).render_as_string(hide_password=False)
    async with engine.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database with nothing in it, not even tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("empty_postgresql")
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sqlite") / "migrated.db"


@pytest.fixture(scope="session")
def migrated_postgresql() -> dict[str, str]:
    """The database that this worker's tests share, one after the other, by the URL of its server."""
    return {}


@pytest.fixture(params=["sqlite", "postgresql"])
def open_store(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite: Path, migrated_postgresql: dict[str, str]
) -> OpenStore:
    """Opens a migrated, empty store, as often as a test asks: for tests that run one history after another.

    On PostgreSQL they share one database, emptied at each opening: only one may be open at a time.
    """
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else None

    @asynccontextmanager
    async def opened() -> AsyncIterator[Store]:
        if server is None:
            store = await _sqlite(tmp_path / f"{uuid4().hex}.db", migrated_sqlite)
        else:
            store = await _postgresql(server, migrated_postgresql)
        try:
            yield store
        finally:
            await store.close()

    return opened


@pytest.fixture
async def store(open_store: OpenStore) -> AsyncIterator[Store]:
    """An open, migrated, empty store."""
    async with open_store() as opened:
        yield opened


async def _sqlite(path: Path, template: Path) -> Store:
    if not template.exists():
        made = Store(f"sqlite:///{template}")
        await migrate(made)
        await made.close()
    shutil.copy(template, path)
    return Store(f"sqlite:///{path}")


async def _postgresql(server: str, databases: dict[str, str]) -> Store:
    if server not in databases:
        name = f"laurels_{uuid4().hex}"
        admin = Store(server)
        async with admin.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await admin.close()
        databases[server] = make_url(server).set(database=name).render_as_string(hide_password=False)
        made = Store(databases[server])
        await migrate(made)
        await made.close()
    opened = Store(databases[server])
    async with opened.writing() as work:
        await work.execute(text(EMPTY))
    return opened


@pytest.fixture
def revisions() -> Revisions:
    return Revisions()


@pytest.fixture
def world(store: Store) -> World:
    """A small company on the store, with words to say what happens in it."""
    return World(store)
