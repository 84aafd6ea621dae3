"""The ranking from Redis: the same answers as from SQL, at the same cost however large the board is.

Whatever the mirror cannot answer, or not now, goes to the ranking behind it: dense ranks, which it does not count; sets
that are not there; an outage. Nobody who asks is told of it.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from leaderboard.board import TieRule
from leaderboard.dirty import is_left
from leaderboard.mirror import Mirror, competitor_name, mark_of, name_of
from leaderboard.ranking import Ahead, Mark, Place, Ranking, places
from leaderboard.ranking_sql import Reading
from storage.redis import SCORE_MAX, RankedSet, RedisRefused, RedisUnavailable, Run

T = TypeVar("T")


async def mirrored(
    ranking: Ranking, mirror: Mirror | None, reading: Reading, board: int, period: int, ties: TieRule
) -> Ranking:
    """The ranking from the mirror where there is one that can answer, and nobody left of whom it may not know."""
    if mirror is None or ties is TieRule.DENSE or not mirror.is_usable():
        return ranking
    async with reading() as work:
        if await is_left(work, (board, period)):
            return ranking
    return RedisRanking(mirror, ranking, board, period, ties)


class RedisRanking:
    """The ranking of one board version in one period, named by its first day. `behind` answers the same questions."""

    def __init__(self, mirror: Mirror, behind: Ranking, board: int, period: int, ties: TieRule) -> None:
        self._mirror = mirror
        self._behind = behind
        self._key = board, period
        self._ties = ties

    async def participants(self) -> int:
        found = await self._ask(lambda ranked: ranked.size())
        return await self._behind.participants() if found is None else found

    async def top(self, count: int) -> list[Place]:
        run = await self._ask(lambda ranked: ranked.top(count))
        return await self._behind.top(count) if run is None else self._places(run)

    async def after(self, mark: Mark, count: int) -> list[Place]:
        run = None
        if abs(mark.score) <= SCORE_MAX:
            run = await self._ask(lambda ranked: ranked.behind(mark.score, name_of(*mark[1:]), count))
        return await self._behind.after(mark, count) if run is None else self._places(run)

    async def before(self, mark: Mark | None, count: int) -> list[Place]:
        run = None
        if mark is None:
            run = await self._ask(lambda ranked: ranked.last(count))
        elif abs(mark.score) <= SCORE_MAX:
            run = await self._ask(lambda ranked: ranked.ahead(mark.score, name_of(*mark[1:]), count))
        return await self._behind.before(mark, count) if run is None else self._places(run)

    async def around(self, competitor: int, above: int, below: int) -> list[Place]:
        run = await self._ask(lambda ranked: ranked.around(competitor_name(competitor), above, below))
        return await self._behind.around(competitor, above, below) if run is None else self._places(run)

    async def place(self, competitor: int) -> Place | None:
        found = await self.around(competitor, 0, 0)
        return found[0] if found else None

    async def _ask(self, question: Callable[[RankedSet], Awaitable[T | None]]) -> T | None:
        """The mirror's answer; None when it has none that is right."""
        mirror = self._mirror
        if not mirror.is_usable():
            return None
        epoch = mirror.epoch
        try:
            found = await question(mirror.ask(self._key))
        except RedisUnavailable as error:
            mirror.suspend()
            if isinstance(error, RedisRefused):
                mirror.refuse(self._key, error)
            return None
        if found is None:
            mirror.miss(self._key)
        else:
            mirror.accept(self._key)
        # It may have become another while it was asked: what came then is of another time.
        return found if mirror.epoch == epoch else None

    def _places(self, run: Run) -> list[Place]:
        marks = [mark_of(name, score) for name, score in run.found]
        return places(marks, Ahead(run.better, run.first - 1 - run.better), self._ties)
