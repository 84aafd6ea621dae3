"""A mirror beside a store, for tests: what it says, and what it must say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select

from leaderboard.board import TieRule
from leaderboard.dirty import SetKey
from leaderboard.mirror import Mirror
from leaderboard.ranking import Place, Ranking
from leaderboard.ranking_redis import RedisRanking
from leaderboard.ranking_redis import mirrored as choose
from leaderboard.ranking_sql import SqlRanking
from leaderboard.tables import board_period
from operations.drain import Drain
from storage.engine import Store
from storage.redis import Redis
from tests.leaderboard.nobody import Nobody

PLACES = 1_000
PATIENCE_SECONDS = 600.0
TIES = TieRule.COMPETITION


@asynccontextmanager
async def draining(store: Store, url: str, *, started: bool = False) -> AsyncIterator[Drain]:
    """A drain that works by itself when `started`; else one whose rounds the test asks for, patient on any machine."""
    drain = Drain(store, Redis(url) if started else Redis(url, read_seconds_max=PATIENCE_SECONDS))
    if started:
        drain.start()
    else:
        drain.mirror.fresh_seconds = PATIENCE_SECONDS
    try:
        yield drain
    finally:
        store.committed = None
        await drain.stop()


async def told(store: Store, key: SetKey) -> list[Place]:
    """The whole ranking as the database has it."""
    return await SqlRanking(store.reading, *key, TIES).top(PLACES)


async def mirrored(mirror: Mirror, key: SetKey) -> list[Place] | None:
    """The whole ranking as the mirror has it; None when it does not say."""
    try:
        return await RedisRanking(mirror, Nobody(), *key, TIES).top(PLACES)
    except AssertionError:
        return None


async def asked(store: Store, mirror: Mirror, key: SetKey) -> list[Place]:
    """The whole ranking as it is answered, from wherever."""
    return await RedisRanking(mirror, SqlRanking(store.reading, *key, TIES), *key, TIES).top(PLACES)


async def answering(drain: Drain, store: Store, key: SetKey) -> Ranking:
    """What answers for a board now."""
    return await choose(SqlRanking(store.reading, *key, TIES), drain.mirror, store.reading, *key, TIES)


async def sets(store: Store) -> list[SetKey]:
    """The boards and periods that have seen points."""
    async with store.reading() as work:
        return [(row.board, row.period) for row in await work.rows(select(board_period))]


async def build_all(store: Store, drain: Drain) -> None:
    for key in await sets(store):
        assert await drain.build(key)


async def agree(store: Store, drain: Drain) -> None:
    """After a round, the mirror says of every board that it has what the database says."""
    while await drain.round():
        pass
    for key in await sets(store):
        assert await told(store, key) == await mirrored(drain.mirror, key), key


async def until_mirrored(store: Store, mirror: Mirror, key: SetKey) -> None:
    """Ask until the mirror answers, and as the database does. However slow the machine is, it comes to that."""
    async with asyncio.timeout(60):
        while await mirrored(mirror, key) != await told(store, key):
            await asyncio.sleep(0.02)
