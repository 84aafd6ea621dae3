"""Fixtures of the mirror: a drain with a real Redis, and a board that is mirrored."""

from collections.abc import AsyncIterator, Iterator

import pytest

from leaderboard.ranking import Mark
from operations.drain import Drain
from storage.engine import Store
from tests.leaderboard.boards import BOARD, PERIOD, make_boards, stand
from tests.operations.mirroring import draining
from tests.redis_server import RedisServer


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis of the test alone, which it may stop, fill up or lose."""
    server = RedisServer()
    server.start()
    yield server
    server.close()


@pytest.fixture
async def drain(store: Store, redis_url: str) -> AsyncIterator[Drain]:
    async with draining(store, redis_url) as opened:
        yield opened


@pytest.fixture
async def board(store: Store, drain: Drain) -> Store:
    """A board with two who stand on it, mirrored."""
    await make_boards(store)
    await drain.round()
    await stand(store, [Mark(50, 0, 1), Mark(40, 0, 2)])
    await drain.round()
    assert await drain.build((BOARD, PERIOD))
    return store
