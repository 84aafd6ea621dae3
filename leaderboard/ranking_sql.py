"""The ranking as SQL over the standings: one partial index, `ix_standing_order`, answers every question.

What stands behind a mark are those with the same score and a later (reached, key), then those with a lower score; what
stands ahead is the mirror image. Each half is one range of the index, read in its order, so a page costs what it shows
however many are tied. A position is two counts over the same two ranges, or what they leave of all who take part: it is
counted from the end that is nearer, as far as `middles` knows. `listed` is written just as the index has it: SQLite
takes a partial index only where its condition stands word for word.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    tuple_,
    union_all,
)

from leaderboard.board import TieRule
from leaderboard.middles import Middles
from leaderboard.ranking import Ahead, Mark, Place, places
from leaderboard.tables import board_period, standing
from storage.work import UnitOfWork

# `Store.reading`, or whatever gives one transaction for many questions.
Reading = Callable[[], AbstractAsyncContextManager[UnitOfWork]]


class SqlRanking:
    """The ranking of one board version in one period, named by its first day. `middles` are shared by all rankings of a
    database that are asked often."""

    def __init__(
        self, reading: Reading, board: int, period: int, ties: TieRule, middles: Middles | None = None
    ) -> None:
        self._reading = reading
        self._key = board, period
        self._of = {"board": board, "period": period}
        self._ties = ties
        self._middles = Middles() if middles is None else middles

    async def participants(self) -> int:
        async with self._reading() as work:
            return int((await work.execute(PARTICIPANTS, self._of)).scalar_one_or_none() or 0)

    async def top(self, count: int) -> list[Place]:
        async with self._reading() as work:
            rows = await work.rows(FIRST, self._of | {"count": count})
        return places([Mark(*row) for row in rows], Ahead(0, 0), self._ties)

    async def after(self, mark: Mark, count: int) -> list[Place]:
        async with self._reading() as work:
            return await self._placed(work, await self._behind(work, mark, count))

    async def before(self, mark: Mark | None, count: int) -> list[Place]:
        async with self._reading() as work:
            if mark is None:
                rows = await work.rows(LAST, self._of | {"count": count})
                return await self._placed(work, [Mark(*row) for row in reversed(rows)])
            return await self._placed(work, await self._ahead(work, mark, count))

    async def around(self, competitor: int, above: int, below: int) -> list[Place]:
        async with self._reading() as work:
            mark = await self._mark(work, competitor)
            if mark is None:
                return []
            ahead = await self._ahead(work, mark, above)
            return await self._placed(work, [*ahead, mark, *await self._behind(work, mark, below)])

    async def place(self, competitor: int) -> Place | None:
        found = await self.around(competitor, 0, 0)
        return found[0] if found else None

    async def _mark(self, work: UnitOfWork, competitor: int) -> Mark | None:
        rows = await work.rows(OWN, self._of | {"competitor": competitor})
        return Mark(*rows[0]) if rows else None

    async def _behind(self, work: UnitOfWork, mark: Mark, count: int) -> list[Mark]:
        if not count:
            return []
        rows = await work.rows(BEHIND, self._of | mark._asdict() | {"count": count})
        return sorted((Mark(*row) for row in rows), key=attrgetter("order"))[:count]

    async def _ahead(self, work: UnitOfWork, mark: Mark, count: int) -> list[Mark]:
        if not count:
            return []
        rows = await work.rows(AHEAD, self._of | mark._asdict() | {"count": count})
        return sorted((Mark(*row) for row in rows), key=attrgetter("order"))[-count:]

    async def _placed(self, work: UnitOfWork, marks: list[Mark]) -> list[Place]:
        if not marks:
            return []
        count = self._scores_ahead if self._ties is TieRule.DENSE else self._ahead_of
        return places(marks, await count(work, marks[0]), self._ties)

    async def _scores_ahead(self, work: UnitOfWork, mark: Mark) -> Ahead:
        return Ahead(*(await work.rows(AHEAD_AND_SCORES, self._of | mark._asdict()))[0])

    async def _ahead_of(self, work: UnitOfWork, mark: Mark) -> Ahead:
        query = COUNTS_FROM_END if self._middles.is_behind(self._key, mark) else COUNTS_FROM_TOP
        more, earlier, participants = (await work.rows(query, self._of | mark._asdict()))[0]
        self._middles.learn(self._key, mark, more + earlier, participants - more)
        return Ahead(more, earlier)


# The statements are made once: building one takes longer than most of them run.

_score, _reached, _competitor = standing.c.score, standing.c.reached_us, standing.c.competitor
_here = (standing.c.board == bindparam("board")) & (standing.c.period == bindparam("period"))
_listed: ColumnElement[bool] = literal_column("listed")
_tied = _score == bindparam("score")
_tiebreak = tuple_(_reached, _competitor)
_mark = tuple_(bindparam("reached_us", type_=BigInteger), bindparam("competitor", type_=BigInteger))
_count_max = bindparam("count", type_=Integer)

_down = (_score.desc(), _reached, _competitor)
_up = (_score, _reached.desc(), _competitor.desc())


def _marks(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(_score, _reached, _competitor).where(_here, _listed, *conditions)


def _run(order: tuple[Any, ...], *conditions: ColumnElement[bool]) -> Select[Any]:
    """The first of a range of the index, in its order or against it."""
    run = _marks(*conditions).order_by(*order).limit(_count_max).subquery()
    return select(run.c.score, run.c.reached_us, run.c.competitor)


def _count(of: Any, *conditions: ColumnElement[bool]) -> Any:
    return select(of).select_from(standing).where(_here, _listed, *conditions).scalar_subquery()


_more = _count(func.count(), _score > bindparam("score"))
_fewer = _count(func.count(), _score < bindparam("score"))
_earlier = _count(func.count(), _tied, _tiebreak < _mark)
_not_earlier = _count(func.count(), _tied, _tiebreak >= _mark)
_by_score = (
    select(func.count().label("tied")).where(_here, _listed, _score > bindparam("score")).group_by(_score).subquery()
)

PARTICIPANTS = select(board_period.c.participants).where(
    board_period.c.board == bindparam("board"), board_period.c.period == bindparam("period")
)
OWN = _marks(_competitor == bindparam("competitor"))
FIRST = _marks().order_by(*_down).limit(_count_max)
LAST = _marks().order_by(*_up).limit(_count_max)
BEHIND = union_all(_run(_down[1:], _tied, _tiebreak > _mark), _run(_down, _score < bindparam("score")))
AHEAD = union_all(_run(_up[1:], _tied, _tiebreak < _mark), _run(_up, _score > bindparam("score")))
_participants = PARTICIPANTS.scalar_subquery()
COUNTS_FROM_TOP = select(_more, _earlier, _participants)
COUNTS_FROM_END = select(_participants - _fewer - _not_earlier - _earlier, _earlier, _participants)
AHEAD_AND_SCORES = select(
    cast(func.coalesce(func.sum(_by_score.c.tied), 0), BigInteger), _earlier, func.count(_by_score.c.tied)
).select_from(_by_score)
