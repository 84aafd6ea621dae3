"""The ranking: who stands where on one board in one period, as questions that any store can answer.

The order is total: the higher score first, then who reached it first, then the lower key. A mark is a place in that
order whether or not anybody stands there, so a page that begins after a mark skips and repeats nobody while scores
change.
`leaderboard/ranking_sql.py` answers from the standings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from leaderboard.board import TieRule


class Mark(NamedTuple):
    """A place in the total order."""

    score: int
    reached_us: int
    competitor: int  # member key or team id

    @property
    def order(self) -> tuple[int, int, int]:
        """Sorts marks into the total order."""
        return -self.score, self.reached_us, self.competitor


@dataclass(frozen=True, slots=True)
class Place:
    """Where one competitor stands. `position` counts from 1 without gaps; `rank` is what the tie rule shows."""

    rank: int
    position: int
    competitor: int
    score: int
    reached_us: int

    @property
    def mark(self) -> Mark:
        return Mark(self.score, self.reached_us, self.competitor)


class Ranking(Protocol):
    """The questions about one board in one period. Places come in the total order; who takes no part has none."""

    async def participants(self) -> int:
        """How many there are."""

    async def top(self, count: int) -> list[Place]:
        """The first `count` places."""

    async def after(self, mark: Mark, count: int) -> list[Place]:
        """The first `count` places behind a mark."""

    async def before(self, mark: Mark | None, count: int) -> list[Place]:
        """The last `count` places ahead of a mark; without one, the last of all."""

    async def around(self, competitor: int, above: int, below: int) -> list[Place]:
        """A competitor's place with up to so many above and below it; nothing when they have none."""

    async def place(self, competitor: int) -> Place | None:
        """A competitor's place."""


class Ahead(NamedTuple):
    """How many stand ahead of a mark."""

    more: int  # with a higher score
    earlier: int  # with the same score, reached earlier or with a lower key
    scores: int = 0  # different scores that are higher; only a dense ranking needs it


def places(marks: Sequence[Mark], ahead: Ahead, ties: TieRule) -> list[Place]:
    """The places of neighbours in the total order, of which `ahead` is what stands ahead of the first."""
    found: list[Place] = []
    position = ahead.more + ahead.earlier
    shared = {TieRule.DENSE: ahead.scores, TieRule.COMPETITION: ahead.more}.get(ties, position) + 1
    previous = marks[0].score if marks else 0
    for score, reached_us, competitor in marks:
        position += 1
        if ties is TieRule.EARLIEST:
            shared = position
        elif score != previous:
            shared = shared + 1 if ties is TieRule.DENSE else position
        previous = score
        found.append(Place(shared, position, competitor, score, reached_us))
    return found
