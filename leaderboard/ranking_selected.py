"""The ranking of any selection of marks: members of one team, or a board as it stood on a past day.

No index knows such an order, so the selection is ranked as a whole for every question.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, func, literal, select, tuple_

from activity.tables import member
from leaderboard.board import TieRule
from leaderboard.ranking import Mark, Place
from leaderboard.ranking_sql import Reading
from leaderboard.tables import standing
from leaderboard.within import Within


class SelectedRanking:
    """The ranking of `marks`, a query for the columns score, reached_us and competitor, from a score on if there is one
    with which one appears."""

    def __init__(self, reading: Reading, marks: Select[Any], ties: TieRule, minimum: int | None = None) -> None:
        self._reading = reading
        here = marks.cte("marks")
        if minimum is not None:
            here = select(here).where(here.c.score >= minimum).cte("qualified")
        order = here.c.score.desc(), here.c.reached_us, here.c.competitor
        position = func.row_number().over(order_by=order)
        ranks = {
            TieRule.COMPETITION: func.rank().over(order_by=here.c.score.desc()),
            TieRule.DENSE: func.dense_rank().over(order_by=here.c.score.desc()),
            TieRule.EARLIEST: position,
        }
        columns = ranks[ties].label("rank"), position.label("position")
        self._here = here
        self._placed = select(*columns, here.c.competitor, here.c.score, here.c.reached_us).cte("placed")

    async def participants(self) -> int:
        async with self._reading() as work:
            return int((await work.execute(select(func.count()).select_from(self._here))).scalar_one())

    async def top(self, count: int) -> list[Place]:
        return await self._places(self._placed.c.position <= count)

    async def after(self, mark: Mark, count: int) -> list[Place]:
        return await self._places(self._split(mark)[1], count=count)

    async def before(self, mark: Mark | None, count: int) -> list[Place]:
        ahead = () if mark is None else (self._split(mark)[0],)
        return (await self._places(*ahead, count=count, up=True))[::-1]

    async def around(self, competitor: int, above: int, below: int) -> list[Place]:
        own = select(self._placed.c.position).where(self._placed.c.competitor == competitor).scalar_subquery()
        return await self._places(self._placed.c.position.between(own - above, own + below))

    async def place(self, competitor: int) -> Place | None:
        found = await self.places([competitor])
        return found[0] if found else None

    async def places(self, competitors: Collection[int]) -> list[Place]:
        """The places of several; who has none is left out."""
        return await self._places(self._placed.c.competitor.in_(sorted(competitors)))

    def _split(self, mark: Mark) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        """What stands ahead of a mark, and what stands behind it."""
        score, *tiebreak = (self._placed.c[name] for name in Mark._fields)
        mine, own = (
            tuple_(*tiebreak),
            tuple_(literal(mark.reached_us, BigInteger), literal(mark.competitor, BigInteger)),
        )
        tied = score == mark.score
        return (score > mark.score) | (tied & (mine < own)), (score < mark.score) | (tied & (mine > own))

    async def _places(
        self, *conditions: ColumnElement[bool], count: int | None = None, up: bool = False
    ) -> list[Place]:
        position = self._placed.c.position
        query = select(self._placed).where(*conditions).order_by(position.desc() if up else position).limit(count)
        async with self._reading() as work:
            rows: Sequence[Any] = await work.rows(query)
        return [Place(*row) for row in rows]


def standing_marks(board: int, period: int, within: Within) -> Select[Any]:
    """The marks of a board version in one period as it stands now: those of some members, if there is a `within`."""
    return select(standing.c.score, standing.c.reached_us, standing.c.competitor).where(
        standing.c.board == board,
        standing.c.period == period,
        standing.c.listed,
        *within.holds(standing.c.competitor),
    )


def final_marks(board: int, period: int, within: Within) -> Select[Any]:
    """The same of a final period, whose standings stay as they are when a member leaves."""
    takes_part = select(member.c.key).where(member.c.participates)
    return standing_marks(board, period, within).where(standing.c.competitor.in_(takes_part))
