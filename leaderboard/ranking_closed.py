"""The ranking of a final period, from its result: places that never move.

Who has opted out since is neither shown nor counted; their place stays empty, and nobody moves up. Positions have no
gaps in the table, so any mark is found by as many look-ups as halving the result takes; that of a competitor is in the
standings, which stay as they were when they were frozen.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, exists, func, literal_column, select

from activity.tables import member
from leaderboard.board import Competitors
from leaderboard.ranking import Mark, Place
from leaderboard.ranking_sql import Reading
from leaderboard.tables import closing, result, standing
from storage.bulk import AnyRow
from storage.work import UnitOfWork


class ClosedRanking:
    """The ranking of one final closing."""

    def __init__(self, reading: Reading, closing_id: int, of: Competitors) -> None:
        self._reading = reading
        self._of = {"closing": closing_id}
        self._queries = OF_TEAMS if of is Competitors.TEAMS else OF_MEMBERS

    async def participants(self) -> int:
        async with self._reading() as work:
            left = 0 if self._queries is OF_TEAMS else int((await work.execute(LEFT, self._of)).scalar_one())
            return await self._places(work) - left

    async def places(self) -> int:
        """How many places there are, with those of who has left."""
        async with self._reading() as work:
            return await self._places(work)

    async def ends(self) -> tuple[int, int]:
        """The first and the last position where somebody stands, 0 where nobody does."""
        first, last = await self.top(1), await self.before(None, 1)
        return (first[0].position, last[0].position) if first and last else (0, 0)

    async def ahead_of(self, mark: Mark) -> int:
        """How many places are ahead of a mark, whether or not anybody stands there."""
        async with self._reading() as work:
            return await self._ahead_of(work, mark)

    async def top(self, count: int) -> list[Place]:
        async with self._reading() as work:
            return await self._behind(work, 0, count)

    async def after(self, mark: Mark, count: int) -> list[Place]:
        async with self._reading() as work:
            ahead = await self._ahead_of(work, mark)
            at = await self._at(work, ahead + 1)
            return await self._behind(work, ahead + (at == mark), count)

    async def before(self, mark: Mark | None, count: int) -> list[Place]:
        async with self._reading() as work:
            after = NO_POSITION if mark is None else await self._ahead_of(work, mark) + 1
            return await self._ahead(work, after, count)

    async def around(self, competitor: int, above: int, below: int) -> list[Place]:
        async with self._reading() as work:
            rows = await work.rows(OWN, self._of | {"competitor": competitor})
            position = await self._ahead_of(work, Mark(*rows[0])) + 1 if rows else 0
            own = await self._behind(work, position - 1, 1) if rows else []
            if not own or own[0].competitor != competitor:
                return []
            ahead = await self._ahead(work, position, above)
            return [*ahead, *own, *await self._behind(work, position, below)]

    async def place(self, competitor: int) -> Place | None:
        found = await self.around(competitor, 0, 0)
        return found[0] if found else None

    async def _behind(self, work: UnitOfWork, position: int, count: int) -> list[Place]:
        rows = await work.rows(self._queries.behind, self._of | {"position": position, "count": count})
        return [_place(row) for row in rows]

    async def _ahead(self, work: UnitOfWork, position: int, count: int) -> list[Place]:
        rows = await work.rows(self._queries.ahead, self._of | {"position": position, "count": count})
        return [_place(row) for row in reversed(rows)]

    async def _places(self, work: UnitOfWork) -> int:
        return int((await work.execute(PLACES, self._of)).scalar_one_or_none() or 0)

    async def _ahead_of(self, work: UnitOfWork, mark: Mark) -> int:
        first, after = 0, await self._places(work)
        while first < after:
            middle = (first + after) // 2
            at = await self._at(work, middle + 1)
            if at is not None and at.order < mark.order:
                first = middle + 1
            else:
                after = middle
        return first

    async def _at(self, work: UnitOfWork, position: int) -> Mark | None:
        rows = await work.rows(AT, self._of | {"position": position})
        return Mark(*rows[0]) if rows else None


NO_POSITION = 2**31 - 1  # behind all


class Queries:
    """The statements that read places, of members who take part or of teams. They are made once."""

    def __init__(self, places: Select[*tuple[Any, ...]]) -> None:
        position, count = bindparam("position", type_=Integer), bindparam("count", type_=Integer)
        self.behind = places.where(result.c.position > position).order_by(result.c.position).limit(count)
        self.ahead = places.where(result.c.position < position).order_by(result.c.position.desc()).limit(count)


def _place(row: AnyRow) -> Place:
    rank, position, competitor, score, reached_us = row
    return Place(rank, position, competitor, score, reached_us)


_here: ColumnElement[bool] = result.c.closing == bindparam("closing")
_columns: Sequence[Any] = [result.c[name] for name in ("rank", "position", "competitor", "score", "reached_us")]
_places = select(*_columns).where(_here)

OF_TEAMS = Queries(_places)
OF_MEMBERS = Queries(_places.join(member, member.c.key == result.c.competitor).where(member.c.participates))

OWN = (
    select(standing.c.score, standing.c.reached_us, standing.c.competitor)
    .join(closing, (closing.c.board == standing.c.board) & (closing.c.period == standing.c.period))
    .where(closing.c.id == bindparam("closing"), standing.c.competitor == bindparam("competitor"))
)
PLACES = select(closing.c.participants).where(closing.c.id == bindparam("closing"))
AT = select(result.c.score, result.c.reached_us, result.c.competitor).where(
    _here, result.c.position == bindparam("position")
)

_last_score = select(result.c.score).where(_here).order_by(result.c.position.desc()).limit(1).scalar_subquery()
_placed = (
    (standing.c.board == closing.c.board)
    & (standing.c.period == closing.c.period)
    & (standing.c.competitor == member.c.key)
    & standing.c.listed
    & (standing.c.score >= _last_score)
)
# Word for word as the index has it, or SQLite does not take it; who left is then looked up among the standings.
LEFT = (
    select(func.count())
    .select_from(member)
    .where(literal_column("NOT participates"), member.c.first_day.is_not(None))
    .where(exists().where(closing.c.id == bindparam("closing"), _placed))
)
