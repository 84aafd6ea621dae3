"""Redis stopped and killed under a real server that is read and written: no wrong answer, no error, and back soon."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic

import httpx
import pytest
from sqlalchemy import select

from activity.tables import member
from api.access import create_key
from leaderboard.dirty import SetKey, attached
from leaderboard.mirror import Mirror
from storage.engine import Store
from storage.redis import Redis, RedisUnavailable
from tests.operations.mirroring import mirrored, sets, told
from tests.operations.outage import BOARDS, CROWD, GUEST, PROGRAMME, WRITERS, Load
from tests.operations.serving import Server
from tests.redis_server import RedisServer
from tests.world import World


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.close()


class Onlooker:
    """Sees what the mirror holds, from outside of the server."""

    def __init__(self, store: Store, url: str) -> None:
        self._store = store
        self._redis = Redis(url, read_seconds_max=5)
        self._names: dict[int, str] = {}

    async def mirror(self) -> Mirror | None:
        """The mirror that answers now."""
        async with self._store.reading() as work:
            attachment = await attached(work)
        await self._redis.forget()
        try:
            if attachment is None or attachment.run != await self._redis.meet():
                return None
        except RedisUnavailable:
            return None
        mirror = Mirror(self._redis)
        mirror.epoch = attachment.epoch
        mirror.know(monotonic())
        return mirror

    async def is_right(self, key: SetKey, load: Load) -> bool:
        """Whether the mirror has a board, and nothing in it is older than it may be."""
        known, mirror = load.known(), await self.mirror()
        places = await mirrored(mirror, key) if mirror else None
        if places is None:
            return False
        if not self._names:
            async with self._store.reading() as work:
                self._names = {row.key: row.external_id for row in await work.rows(select(member))}
        try:
            load.check([(self._names[place.competitor], place.score) for place in places], known)
        except AssertionError:
            return False
        return True

    async def is_equal(self, key: SetKey) -> bool:
        """Whether the mirror says what the database says."""
        mirror = await self.mirror()
        return mirror is not None and await told(self._store, key) == await mirrored(mirror, key)

    async def asked(self) -> int:
        """How often Redis was asked for the first of a board, by readers of the server."""
        stats = await self._redis._writers.info("commandstats")
        return int(stats.get("cmdstat_zrange", {}).get("calls", 0))

    async def seconds(self, holds: Callable[[SetKey], Awaitable[bool]]) -> float:
        """How long it takes until something holds of every board."""
        began = monotonic()
        async with asyncio.timeout(120):
            while not all([await holds(key) for key in await sets(self._store)]):
                await asyncio.sleep(0.02)
        return monotonic() - began

    async def close(self) -> None:
        await self._redis.close()


@asynccontextmanager
async def loaded(store: Store, redis: RedisServer) -> AsyncIterator[tuple[Load, Onlooker]]:
    """A server with this Redis, under load, which answers from it."""
    world = World(store)
    world.now = datetime.now(UTC) - timedelta(hours=1)
    await world.apply(PROGRAMME)
    await world.hire(*(name.upper() for name in (*CROWD, *WRITERS, GUEST)))
    async with store.writing() as work:
        token = await create_key(work, name="test", scopes=["ingest", "read", "manage"], now=world.now)
    server = Server(store.url.render_as_string(hide_password=False), token, LAURELS_REDIS_URL=redis.url)
    onlooker = Onlooker(store, redis.url)
    try:
        async with httpx.AsyncClient(timeout=60) as client:
            await server.start(client)
            load = Load(server, client, world)
            await load.fill()
            assert len(BOARDS) == len(await sets(store))
            async with load.on():
                await onlooker.seconds(lambda key: onlooker.is_right(key, load))
                yield load, onlooker
            await onlooker.seconds(onlooker.is_equal)
            assert [] == await world.differences()
    finally:
        await server.kill()
        await onlooker.close()


async def lose_and_return(redis: RedisServer, load: Load, onlooker: Onlooker, stopped_seconds: float) -> list[float]:
    """Redis stops, is killed and returns: the seconds until its ranks are right again, each time."""
    taken = []
    asked = await onlooker.asked()
    async with asyncio.timeout(120):
        while await onlooker.asked() < asked + 50:
            await load.until(1)
    redis.signal(signal.SIGSTOP)
    await asyncio.sleep(stopped_seconds)
    await load.until(20)
    redis.signal(signal.SIGCONT)
    taken.append(await onlooker.seconds(lambda key: onlooker.is_right(key, load)))
    await load.until(20)
    redis.kill()
    await load.until(20)
    redis.start()
    taken.append(await onlooker.seconds(lambda key: onlooker.is_right(key, load)))
    return taken


async def test_stopped_and_killed_under_load(store: Store, redis: RedisServer) -> None:
    """Readers and writers go on without an error, nobody reads anything that was not, and the ranks are soon back."""
    async with loaded(store, redis) as (load, onlooker):
        assert 2 == len(await lose_and_return(redis, load, onlooker, stopped_seconds=1.5))


@pytest.mark.soak
async def test_stopped_for_ten_seconds_and_killed_again_and_again(
    store: Store, redis: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same three times over, and how long it took the ranks to be right again."""
    async with loaded(store, redis) as (load, onlooker):
        taken = [await lose_and_return(redis, load, onlooker, stopped_seconds=10) for _ in range(3)]
    with capsys.disabled():
        for stopped, killed in taken:
            print(f"\nright again {stopped:.2f} s after SIGCONT, {killed:.2f} s after a start", end="")
        print(f"; {load.answers:,} answers, the longest in {load.longest_seconds:.2f} s")
