"""Real databases for the tests: every test that asks for `store` runs on SQLite and on PostgreSQL.

PostgreSQL is the server that TEST_DATABASE_URL names, or one that the run starts for itself. A missing server fails the
run.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

import api.tables  # noqa: F401
import leaderboard.tables  # noqa: F401
import process
import rewards.tables  # noqa: F401
from activity.tables import metadata
from operations.revision import Revisions
from storage.engine import Store
from storage.migration import migrate
from tests import postgresql
from tests.redis_server import redis_server
from tests.world import World

# Everything deleted, and all numbers from 1 again. Small tables: TRUNCATE would make new files for each, far slower.
EMPTIED = "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))
TABLES = (
    "team",
    "element",
    "version",
    "measure",
    "api_key",
    "simulation",
    "closing",
    "payout",
    "claim",
    "kept",
    "identity_removal",
)
NUMBERED = ("seq", *(f"{table}_id_seq" for table in TABLES))
EMPTY = f"DO $$ BEGIN {EMPTIED}; {'; '.join(f'ALTER SEQUENCE {name} RESTART' for name in NUMBERED)}; END $$"

# Enough to find what is often wrong, in a run that people wait for; `make soak` looks further.
# However slow the machine is: no test is timed.
TIMELESS: dict[str, Any] = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("test", max_examples=40, **TIMELESS)
hypothesis.settings.register_profile("soak", max_examples=1_000, **TIMELESS)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


def pytest_collection_finish() -> None:
    """Tests run tuned as the service does: what collecting them has loaded is never garbage."""
    process.tune()


OpenStore = Callable[[], AbstractAsyncContextManager[Store]]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a PostgreSQL server's database, in which others may be created. All workers of a run share the server."""
    # Not in pytest's own folder: it keeps those of the last three runs, and several may go on at once.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
    with postgresql.postgresql_server(Path(gettempdir()) / f"laurels-{run}") as url:
        if "TEST_DATABASE_URL" not in os.environ:
            asyncio.run(_hurry(url))
        yield url


async def _hurry(url: str) -> None:
    """Spare a server of our own the waiting for the disk: no test stops the server or the machine."""
    admin = Store(url)
    async with admin.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("ALTER SYSTEM SET fsync = off"))
        await connection.execute(text("SELECT pg_reload_conf()"))
    await admin.close()


def _hurry_sqlite(connection: Any, _record: Any) -> None:
    """Nor does any test of a shared SQLite: what is killed is a process, and its writes are the system's by then."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


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
def sqlite_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sqlite")


@pytest.fixture(scope="session")
def engines() -> dict[str, AsyncEngine]:
    """The database that this worker's tests share, one after the other, by the URL of its server or its folder.

    With its engine they share the statements that it has compiled, a fifth of what tests take otherwise.
    """
    return {}


@pytest.fixture(scope="session")
async def postgresql_loop(
    postgresql_server: str, engines: dict[str, AsyncEngine]
) -> AsyncIterator[asyncio.AbstractEventLoop]:
    """The loop of all tests of a worker, in which connections to PostgreSQL stay open from one test to the next.

    A new one begins a process there, which knows no table and no statement yet: dearer than most tests.
    """
    yield asyncio.get_running_loop()
    if postgresql_server in engines:
        await engines[postgresql_server].dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def open_store(request: pytest.FixtureRequest, sqlite_folder: Path, engines: dict[str, AsyncEngine]) -> OpenStore:
    """Opens a migrated, empty store, as often as a test asks: for tests that run one history after another.

    They share one database, emptied at each opening: only one may be open at a time.
    """
    server = loop = None
    if request.param == "postgresql":
        server, loop = request.getfixturevalue("postgresql_server"), request.getfixturevalue("postgresql_loop")

    @asynccontextmanager
    async def opened() -> AsyncIterator[Store]:
        stays = asyncio.get_running_loop() is loop
        store = await (_sqlite(sqlite_folder, engines) if server is None else _postgresql(server, engines, stays=stays))
        try:
            yield store
        finally:
            if not stays:
                await store.close()

    return opened


@pytest.fixture
async def store(open_store: OpenStore) -> AsyncIterator[Store]:
    """An open, migrated, empty store."""
    async with open_store() as opened:
        yield opened


async def _sqlite(folder: Path, engines: dict[str, AsyncEngine]) -> Store:
    template, used = folder / "migrated.db", folder / "used.db"
    if str(folder) not in engines:
        made = Store(f"sqlite:///{template}")
        await migrate(made)
        await made.close()
        engine = Store(f"sqlite:///{used}").engine
        event.listen(engine.sync_engine, "connect", _hurry_sqlite)
        engines[str(folder)] = engine
    for left in folder.glob("used.db*"):
        left.unlink()
    shutil.copy(template, used)
    return _opened(engines[str(folder)])


async def _postgresql(server: str, engines: dict[str, AsyncEngine], *, stays: bool) -> Store:
    """On an engine of the worker's loop, or one whose connections are closed with the store, for a test with a loop of
    its own."""
    if server not in engines:
        name = f"laurels_{uuid4().hex}"
        admin = Store(server)
        async with admin.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await admin.close()
        url = make_url(server).set(database=name).render_as_string(hide_password=False)
        made = Store(url)
        await migrate(made)
        await made.close()
        engines[server], engines[f"{server} briefly"] = made.engine, Store(url).engine
    opened = _opened(engines[server if stays else f"{server} briefly"])
    async with opened.writing() as work:
        await work.execute(text(EMPTY))
    return opened


def _opened(engine: AsyncEngine) -> Store:
    store = Store(engine.url.render_as_string(hide_password=False))
    store.engine = engine
    return store


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of a Redis that the tests of this worker share. Each test's store has an epoch of its own in it."""
    with redis_server() as url:
        yield url


@pytest.fixture
def revisions() -> Revisions:
    return Revisions()


@pytest.fixture
def world(store: Store) -> World:
    """A small company on the store, with words to say what happens in it."""
    return World(store)
