"""What a closed period does not count: the difference between what the ledger says of it now, and what its result says.

Gained is what stands in the ledger, but came or was released too late. Lost is what counts, but was taken back since:
by a revision after the cutoff, by anybody after the result was final. Of one activity only the difference is told: a
revision that pays 8 where 5 were paid has 3 points come late.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, exists, func, select, true, union_all

from activity.tables import member
from leaderboard.board import Competitors
from leaderboard.closing import Cut
from leaderboard.cut import came_late, taken_too_late
from leaderboard.standing import Counted
from rewards.ledger import Kind
from rewards.tables import entry
from storage.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Late:
    """What came too late for one competitor: how many entries, and their points, below 0 where more was taken back."""

    competitor: int
    entries: int
    points: int
    released: int = 0  # points of them that had been held
    taken: int = 0  # points that were lost

    @property
    def came(self) -> int:
        """The points of what was recorded or given too late."""
        return self.points - self.released + self.taken


async def late_arrivals(work: UnitOfWork, cut: Cut, counted: Counted, only: int | None = None) -> list[Late]:
    """What came too late, of those who take part, or of one competitor alone; most points first."""
    of = "team" if cut.version.board.of is Competitors.TEAMS else "member"

    def told(row: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
        """By `row`, an entry or what takes it back: the two have the same member, team and activity."""
        competitor, takes_part = row.c[of], exists().where(member.c.key == row.c.member, member.c.participates)
        released = case((entry.c.kind == Kind.RELEASE, 1), else_=0).label("released")
        columns = competitor.label("competitor"), row.c.activity, released, row.c.points
        among = competitor.is_not(None) if only is None else competitor == only
        return select(*columns).where(*conditions, among, takes_part)

    taken = entry.alias()
    late = union_all(
        told(entry, *came_late(cut, counted)),
        told(taken, *taken_too_late(cut, counted, taken)),
    ).subquery()
    of_one = (late.c.competitor, late.c.activity, late.c.released)
    net = select(*of_one, func.count().label("entries"), func.sum(late.c.points).label("points")).group_by(*of_one)
    each = net.subquery()
    points = _sum(each.c.points)
    query = (
        select(
            each.c.competitor,
            _sum(each.c.entries),
            points,
            _sum(each.c.points, and_(each.c.released == 1, each.c.points > 0)),
            -_sum(each.c.points, each.c.points < 0),
        )
        .group_by(each.c.competitor)
        .order_by(points.desc(), each.c.competitor)
    )
    return [Late(*row) for row in await work.rows(query)]


def _sum(column: ColumnElement[Any], where: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    condition = true() if where is None else where
    return cast(func.sum(case((condition, column), else_=0)), BigInteger)
