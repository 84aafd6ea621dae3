"""The ranking of a board with a minimum: those with fewer points are not on it.

They are the end of the order, so whoever is left stands where they stood, and any ranking can be cut off there.
"""

from collections.abc import Sequence

from leaderboard.board import Board
from leaderboard.ranking import Mark, Place, Ranking

LAST = 2**63 - 1  # of times and of keys


def qualified(ranking: Ranking, board: Board) -> Ranking:
    """The ranking of a board, down to those who appear."""
    minimum = board.minimum_score
    return ranking if minimum is None else QualifiedRanking(ranking, minimum)


class QualifiedRanking:
    """Another ranking, down to the last place with at least `minimum` points."""

    def __init__(self, ranking: Ranking, minimum: int) -> None:
        self._ranking = ranking
        self._minimum = minimum
        self._end = Mark(minimum, LAST, LAST)

    async def participants(self) -> int:
        last = await self._ranking.before(self._end, 1)
        return last[0].position if last else 0

    async def top(self, count: int) -> list[Place]:
        return self._qualified(await self._ranking.top(count))

    async def after(self, mark: Mark, count: int) -> list[Place]:
        return self._qualified(await self._ranking.after(mark, count))

    async def before(self, mark: Mark | None, count: int) -> list[Place]:
        beyond = mark is None or mark.score < self._minimum
        return await self._ranking.before(self._end if beyond else mark, count)

    async def around(self, competitor: int, above: int, below: int) -> list[Place]:
        found = self._qualified(await self._ranking.around(competitor, above, below))
        return found if any(place.competitor == competitor for place in found) else []

    async def place(self, competitor: int) -> Place | None:
        found = await self._ranking.place(competitor)
        return found if found and found.score >= self._minimum else None

    def _qualified(self, places: Sequence[Place]) -> list[Place]:
        return [place for place in places if place.score >= self._minimum]
