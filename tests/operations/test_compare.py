"""What verify says of the mirror: every difference from the standings, and nothing of what is on its way."""

from datetime import date

import pytest
from sqlalchemy import delete

from leaderboard.mirror import competitor_name, placed
from leaderboard.ranking import Mark
from leaderboard.tables import dirty
from operations.compare import compare
from operations.drain import Drain
from storage.engine import Store
from storage.redis import Change, Redis
from tests.leaderboard.boards import BOARD, PERIOD, leave, stand

SET = BOARD, PERIOD


async def forget_marks(store: Store) -> None:
    async with store.writing() as work:
        await work.execute(delete(dirty))


async def test_verify_names_what_differs(board: Store, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    """A score, a time, somebody who is missing and somebody who is too many; nothing of what is on its way."""
    monkeypatch.setattr("operations.compare.PAUSE_SECONDS", 0)
    found: list[str] = []
    redis, ranked = drain.mirror.redis, drain.mirror.ranked(SET)
    assert 0 == await compare(board, redis, found.append)
    (token,) = await redis.admit([ranked])
    assert token is not None
    told_wrong = [placed(51, 0, 1), placed(40, 1_000_000, 2), placed(7, 0, 3)]
    await redis.apply([(ranked, token, Change(1_000, told_wrong, [competitor_name(4)]))])
    await stand(board, [Mark(1, 0, 4)])
    await forget_marks(board)
    assert 3 == await compare(board, redis, found.append)
    start = f"mirror: board board-1 from {date.fromordinal(PERIOD)}: "
    assert [
        f"{start}competitor 1 stands at score 50, reached 1970-01-01T00:00:00+00:00; "
        "Redis has score 51, reached 1970-01-01T00:00:00+00:00",
        f"{start}competitor 2 stands at score 40, reached 1970-01-01T00:00:00+00:00; "
        "Redis has score 40, reached 1970-01-01T00:00:01+00:00",
        f"{start}competitor 4 stands at score 1, reached 1970-01-01T00:00:00+00:00; Redis has nothing",
    ] == found
    await leave(board, [4])
    await forget_marks(board)
    found.clear()
    assert 3 == await compare(board, redis, found.append)
    assert f"{start}2 take part; Redis has 3" in found


async def test_what_is_on_its_way_is_no_difference(board: Store, drain: Drain) -> None:
    """A change that the mirror has yet to be told of, be it that nothing drains just now."""
    found: list[str] = []
    await stand(board, [Mark(99, 0, 2), Mark(5, 0, 5)])
    await leave(board, [1])
    assert 0 == await compare(board, drain.mirror.redis, found.append)
    await drain.round()
    assert 0 == await compare(board, drain.mirror.redis, found.append)
    assert [] == found


async def test_verify_says_when_redis_does_not_answer(board: Store) -> None:
    """It is a difference that a person must look at, and no error."""
    found: list[str] = []
    assert 1 == await compare(board, Redis("unix:///nowhere.sock"), found.append)
    assert "mirror: Redis does not answer, so not all of it was compared: " in found[0]
