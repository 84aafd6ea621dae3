"""Late arrivals: what stands in the ledger for a board in a closed period, but came after its cutoff."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, cast, func, select

from activity.tables import member
from leaderboard.board import Competitors
from leaderboard.closing import Cut
from leaderboard.cut import came_late
from leaderboard.standing import Counted
from rewards.tables import entry
from storage.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Late:
    """What came late for one competitor: how many entries, and their points."""

    competitor: int
    entries: int
    points: int


async def late_arrivals(work: UnitOfWork, cut: Cut, counted: Counted, only: int | None = None) -> list[Late]:
    """What came late, of those who take part, or of one competitor alone; most points first."""
    of_teams = cut.version.board.of is Competitors.TEAMS
    competitor = entry.c.team if of_teams else entry.c.member
    points = cast(func.sum(entry.c.points), BigInteger)
    query = (
        select(competitor, func.count(), points)
        .join(member, member.c.key == entry.c.member)
        .where(*came_late(cut, counted), member.c.participates, competitor.is_not(None))
        .group_by(competitor)
        .order_by(points.desc(), competitor)
    )
    if only is not None:
        query = query.where(competitor == only)
    return [Late(*row) for row in await work.rows(query)]
