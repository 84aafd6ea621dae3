"""Redis emptied, set back, stopped and killed under reads and writes: nobody gets a wrong answer, or an error."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest

from leaderboard.mirror import FRESH_SECONDS
from leaderboard.ranking import Mark, Place
from operations.drain import Drain
from storage.engine import Store
from tests.leaderboard.boards import BOARD, PERIOD, make_boards, stand
from tests.operations.mirroring import asked, draining, mirrored, told, until_mirrored
from tests.redis_server import RedisServer

SET = BOARD, PERIOD
WRITER, CROWD = 10_000, 50


@pytest.fixture
async def drain(store: Store, own_redis: RedisServer) -> AsyncIterator[Drain]:
    """A board with many who stand on it, and a drain that works by itself and mirrors it."""
    await make_boards(store)
    await stand(store, [Mark(number % 7, number % 3, number) for number in range(1, CROWD)])
    async with draining(store, own_redis.url, started=True) as drain:
        await until_mirrored(store, drain.mirror, SET)
        yield drain


class Load:
    """One who writes and two who read. Whoever is written has one point more each time."""

    def __init__(self, store: Store, drain: Drain) -> None:
        self._store = store
        self._drain = drain
        self._committed = [(monotonic(), 0)]  # when a score was committed
        self.answers = 0
        self.from_mirror = 0
        self._going = True

    async def write(self) -> None:
        while self._going:
            score = self._committed[-1][1] + 1
            await stand(self._store, [Mark(score, score, WRITER)])
            self._committed.append((monotonic(), score))
            await asyncio.sleep(0.01)

    async def read(self) -> None:
        while self._going:
            began = monotonic()
            known = max(score for at, score in self._committed if at <= began - FRESH_SECONDS or not score)
            places = await asked(self._store, self._drain.mirror, SET)
            self._check(places, known)
            self.answers += 1
            self.from_mirror += self._drain.mirror.is_usable()
            await asyncio.sleep(0.005)

    def _check(self, places: list[Place], known: int) -> None:
        """Everyone is there, in order, and the writer with a score of no more than a second ago."""
        marks = [place.mark for place in places]
        assert marks == sorted(marks, key=lambda mark: (-mark.score, mark.reached_us, mark.competitor))
        assert {*range(1, CROWD)} == {mark.competitor for mark in marks} - {WRITER}
        score = next((mark.score for mark in marks if mark.competitor == WRITER), 0)
        assert known <= score <= self._committed[-1][1] + 1, "as old as a second at most, and nothing that was not"

    async def until(self, answers: int) -> None:
        wanted = self.answers + answers
        async with asyncio.timeout(60):
            while self.answers < wanted:
                await asyncio.sleep(0.01)

    def beside(self, store: Store, drain: Drain) -> "Load":
        """Those who read elsewhere what is written here."""
        load = Load(store, drain)
        load._committed = self._committed
        return load

    @asynccontextmanager
    async def on(self, *, writing: bool = True) -> AsyncIterator["Load"]:
        work = [self.read(), self.read(), *([self.write()] if writing else [])]
        tasks = [asyncio.create_task(task) for task in work]
        try:
            yield self
        finally:
            self._going = False
            await asyncio.gather(*tasks)


async def test_emptied(store: Store, own_redis: RedisServer, drain: Drain) -> None:
    """FLUSHALL under load: answers come from the database until the set is built again, which it is by itself."""
    async with Load(store, drain).on() as load:
        await load.until(20)
        for _ in range(3):
            await own_redis.run("FLUSHALL")
            await load.until(10)
    await until_mirrored(store, drain.mirror, SET)
    assert load.from_mirror


async def test_restarted_from_an_older_snapshot(store: Store, own_redis: RedisServer, drain: Drain) -> None:
    """What it brings back looks whole and ready, and is old: it is never asked."""
    await own_redis.run("SAVE")
    former, order = drain.mirror.epoch, drain.mirror.ranked(SET).keys[0]
    async with Load(store, drain).on() as load:
        await load.until(20)
        own_redis.kill()
        await load.until(5)
        own_redis.start()
        assert await own_redis.run(f"ZCARD {order}") == f":{CROWD}".encode(), "it is there to be asked, and ready"
        await load.until(20)
    await until_mirrored(store, drain.mirror, SET)
    assert former != drain.mirror.epoch


async def test_restarted_between_two_questions(store: Store, own_redis: RedisServer, drain: Drain) -> None:
    """Before anybody has noticed, the first to ask meets the older snapshot: it is refused at the door."""
    await own_redis.run("SAVE")
    await stand(store, [Mark(99, 0, 1)])
    await until_mirrored(store, drain.mirror, SET)
    mirror = drain.mirror
    drain._stopping = True
    drain.wake()
    drain._missed.set()
    await asyncio.gather(*drain._tasks)
    own_redis.kill()
    own_redis.start()
    mirror.know(monotonic())
    assert await told(store, SET) == await asked(store, mirror, SET)
    assert not mirror.is_usable()


async def test_stopped_and_continued(store: Store, own_redis: RedisServer, drain: Drain) -> None:
    """SIGSTOP: connections stay open and nothing answers. Whoever waited for it is answered from the database."""
    async with Load(store, drain).on() as load:
        await load.until(20)
        own_redis.signal(signal.SIGSTOP)
        await load.until(40)
        assert not drain.mirror.is_usable()
        own_redis.signal(signal.SIGCONT)
        await load.until(20)
    await until_mirrored(store, drain.mirror, SET)


async def test_killed_and_started_again(store: Store, own_redis: RedisServer, drain: Drain) -> None:
    """SIGKILL: it comes back with nothing, again and again."""
    async with Load(store, drain).on() as load:
        for _ in range(3):
            await load.until(10)
            own_redis.kill()
            await load.until(10)
            own_redis.start()
    await until_mirrored(store, drain.mirror, SET)


async def test_killed_while_a_set_is_built(store: Store, own_redis: RedisServer, drain: Drain) -> None:
    """Half a set is none: nobody reads it before it was announced, and then it is whole."""
    await stand(store, [Mark(number, 0, number) for number in range(20_000, 30_000)])
    await own_redis.run("FLUSHALL")
    assert len(await asked(store, drain.mirror, SET)) == 1_000
    while await own_redis.run("DBSIZE") == b":0":
        await asyncio.sleep(0)
    own_redis.kill()
    own_redis.start()
    await until_mirrored(store, drain.mirror, SET)


async def test_not_there_at_the_start(store: Store, own_redis: RedisServer) -> None:
    """A service whose Redis does not answer at its start works without, and takes it when it comes."""
    own_redis.kill()
    await make_boards(store)
    await stand(store, [Mark(number % 7, number % 3, number) for number in range(1, CROWD)])
    async with draining(store, own_redis.url, started=True) as drain, Load(store, drain).on() as load:
        await load.until(5)
        own_redis.start()
        await until_mirrored_once(drain)


async def test_an_outage_is_told_and_so_is_its_end(
    store: Store, own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Both once, and as warnings: a server that logs nothing less says both."""
    own_redis.kill()
    await make_boards(store)
    async with draining(store, own_redis.url, started=True) as drain, asyncio.timeout(60):
        while not caplog.messages:
            await asyncio.sleep(0.02)
        own_redis.start()
        while drain.mirror.epoch is None:
            await asyncio.sleep(0.02)
    told = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert ["Redis does not answer, rankings come", "Redis answers again"] == [text.split(" from")[0] for text in told]


async def until_mirrored_once(drain: Drain) -> None:
    async with asyncio.timeout(60):
        while await mirrored(drain.mirror, SET) is None:
            await asyncio.sleep(0.02)


async def restart(own_redis: RedisServer) -> None:
    own_redis.kill()
    own_redis.start()


async def test_two_processes_share_one_mirror(store: Store, own_redis: RedisServer, drain: Drain) -> None:
    """Each drains what it sees and builds what it misses; neither undoes what the other did, through every loss."""
    other = Store(store.url.render_as_string(hide_password=False))
    try:
        async with draining(other, own_redis.url, started=True) as second:
            here = Load(store, drain)
            there = here.beside(other, second)
            async with here.on(), there.on(writing=False):
                for lose in (own_redis.run("FLUSHALL"), restart(own_redis), own_redis.run("FLUSHALL")):
                    await here.until(20)
                    await lose
                    await there.until(20)
            for each in (drain, second):
                await until_mirrored(store, each.mirror, SET)
            assert drain.mirror.epoch == second.mirror.epoch
    finally:
        await other.close()
