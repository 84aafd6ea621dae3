"""Rankings of the same standings, from SQL in two ways and from Redis."""

from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from leaderboard.board import TieRule
from leaderboard.ranking import Ranking
from leaderboard.ranking_qualified import QualifiedRanking
from leaderboard.ranking_redis import mirrored
from leaderboard.ranking_selected import SelectedRanking, standing_marks
from leaderboard.ranking_sql import SqlRanking
from leaderboard.within import Within
from operations.drain import Drain
from storage.engine import Store
from tests.leaderboard.boards import BOARD, PERIOD, make_boards
from tests.leaderboard.nobody import Nobody
from tests.operations.mirroring import draining


@pytest.fixture
async def board(store: Store) -> Store:
    """A store with two boards; nobody stands on them."""
    await make_boards(store)
    return store


@pytest.fixture
async def drain(board: Store, redis_url: str) -> AsyncIterator[Drain]:
    """A drain whose rounds the test asks for, met with an empty Redis."""
    async with draining(board, redis_url) as drain:
        await drain.round()
        yield drain


class Ask(Protocol):
    """Gives a ranking of the board as it stands now, perhaps of those with a minimum score."""

    async def __call__(self, ties: TieRule, minimum: int | None = None) -> Ranking: ...


@pytest.fixture(params=["indexed", "selected", "redis"])
def ask(request: pytest.FixtureRequest, board: Store) -> Ask:
    """From the index, from the same standings as any selection, or from Redis: there nothing else answers but for dense
    ranks."""

    async def selected(ties: TieRule, minimum: int | None = None) -> Ranking:
        return SelectedRanking(board.reading, standing_marks(BOARD, PERIOD, Within()), ties, minimum)

    async def indexed(ties: TieRule, minimum: int | None = None) -> Ranking:
        return qualified(SqlRanking(board.reading, BOARD, PERIOD, ties), minimum)

    async def from_redis(ties: TieRule, minimum: int | None = None) -> Ranking:
        await opened.round()
        built = await opened.build((BOARD, PERIOD)) or await opened.mirror.ranked((BOARD, PERIOD)).size()
        behind = SqlRanking(board.reading, BOARD, PERIOD, ties) if ties is TieRule.DENSE or not built else Nobody()
        return qualified(await mirrored(behind, opened.mirror, board.reading, BOARD, PERIOD, ties), minimum)

    if request.param == "redis":
        opened: Drain = request.getfixturevalue("drain")
        return from_redis
    return indexed if request.param == "indexed" else selected


def qualified(ranking: Ranking, minimum: int | None) -> Ranking:
    return ranking if minimum is None else QualifiedRanking(ranking, minimum)
