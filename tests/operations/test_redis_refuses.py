"""A Redis that answers, but refuses what is written to it or read: rankings are right, and the log says so once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from leaderboard import mirror as mirrors
from leaderboard.mirror import Mirror
from leaderboard.ranking import Mark
from operations.drain import Drain
from storage.engine import Store
from storage.redis import Redis, RedisRefused
from tests.leaderboard.boards import BOARD, PERIOD, make_boards, stand
from tests.operations.mirroring import asked, draining, told, until_mirrored
from tests.redis_server import RedisServer

SET = BOARD, PERIOD
REFUSED, TAKEN = "Redis answers, but refuses the standings", "Redis takes the standings again"


@pytest.fixture
async def drain(store: Store, own_redis: RedisServer) -> AsyncIterator[Drain]:
    """A board, and a drain that works by itself and mirrors it."""
    await make_boards(store)
    await stand(store, [Mark(50, 0, 1), Mark(40, 0, 2)])
    async with draining(store, own_redis.url, started=True) as drain:
        await until_mirrored(store, drain.mirror, SET)
        yield drain


class Log:
    """The warnings that were told, without their reasons."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog

    def warnings(self) -> list[str]:
        levels = ("WARNING", "ERROR")
        return [each.message.split(";")[0] for each in self._caplog.records if each.levelname in levels]

    async def until(self, *expected: str) -> None:
        async with asyncio.timeout(60):
            while self.warnings() != list(expected):
                assert len(self.warnings()) <= len(expected), self.warnings()
                await asyncio.sleep(0.02)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    return Log(caplog)


async def right(store: Store, drain: Drain) -> None:
    """Asked again and again, it answers as the database does."""
    for _ in range(40):
        assert await told(store, SET) == await asked(store, drain.mirror, SET)
        await asyncio.sleep(0.02)


async def test_a_set_that_cannot_be_built_is_told_once(
    store: Store, own_redis: RedisServer, drain: Drain, log: Log
) -> None:
    """However often it is asked for, and once that it is there again; a second time is told anew."""
    for times in (1, 2):
        await own_redis.run("CONFIG SET maxmemory 1")
        await own_redis.run("FLUSHALL")
        await asked(store, drain.mirror, SET)
        before = [REFUSED, TAKEN] * (times - 1)
        async with asyncio.timeout(60):
            while log.warnings() == before:
                await right(store, drain)
        await right(store, drain)
        assert [*before, REFUSED] == log.warnings()
        await own_redis.run("CONFIG SET maxmemory 0")
        await until_mirrored(store, drain.mirror, SET)
        await log.until(*before, REFUSED, TAKEN)


async def test_a_change_that_cannot_be_sent_is_told_once(
    store: Store, own_redis: RedisServer, drain: Drain, log: Log
) -> None:
    """The set is there, and is not asked while it does not have what changed."""
    await own_redis.run("CONFIG SET maxmemory 1")
    for score in (60, 70, 80):
        await stand(store, [Mark(score, 0, 2)])
        await log.until(REFUSED)
        async with asyncio.timeout(60):
            while drain.mirror.is_usable():  # for a second it may answer as before
                await asyncio.sleep(0.02)
        await right(store, drain)
    await log.until(REFUSED)
    await own_redis.run("CONFIG SET maxmemory 0")
    await until_mirrored(store, drain.mirror, SET)
    await log.until(REFUSED, TAKEN)


async def test_a_set_that_may_not_be_read_is_told_once(
    store: Store, own_redis: RedisServer, drain: Drain, log: Log
) -> None:
    """The user of the service has lost the right to read."""
    await own_redis.run("ACL SETUSER default -zrange")
    async with asyncio.timeout(60):
        while not log.warnings():
            await right(store, drain)
    await right(store, drain)
    await log.until(REFUSED)
    await own_redis.run("ACL SETUSER default +zrange")
    await until_mirrored(store, drain.mirror, SET)
    await log.until(REFUSED, TAKEN)


async def test_a_refusal_that_is_not_repeated_is_forgotten(monkeypatch: pytest.MonkeyPatch, log: Log) -> None:
    """A set for which nobody asks any more hides no other."""
    mirror = Mirror(Redis("redis://127.0.0.1:1"))
    mirror.refuse((1, 1), RedisRefused("no memory"))
    mirror.refuse((2, 1), RedisRefused("no memory"))
    mirror.accept((2, 1))
    assert [REFUSED] == log.warnings()
    monkeypatch.setattr(mirrors, "REFUSAL_SECONDS", 0)
    mirror.refuse((3, 1), RedisRefused("no memory"))
    assert [REFUSED, REFUSED] == log.warnings()
