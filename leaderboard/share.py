"""Shares: what each member adds to a team, on boards of means.

A mean depends on all members of a team, so it is no sum that grows: whatever changes a share, or who belongs to the
team, has the standing worked out anew from all its shares, in the same transaction. A member's shares are theirs and
written under their lock; the standing is everyone's, and written under the lock of the board's period.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, cast, delete, func, select, true, update

from activity.calendar import Calendar
from activity.tables import member
from leaderboard.closing import Span
from leaderboard.dirty import mark_leaving
from leaderboard.mean import members_now, score_of
from leaderboard.rebuild import latest_time, recount, rewrite
from leaderboard.standing import BoardVersion, Counted
from leaderboard.tables import standing, team_share
from storage.work import UnitOfWork

KEY = ("board", "period", "team", "member")

ShareKey = tuple[int, int, int, int]


class Shares:
    """What a batch adds to shares, and takes from them."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._gains: dict[ShareKey, list[int]] = {}  # points, time reached, entries
        self._taken: dict[ShareKey, int] = {}  # the latest time of the entries taken back
        self.boards: dict[int, BoardVersion] = {}  # that count them

    @property
    def teams(self) -> set[tuple[int, int, int]]:
        """The board, period and team of each."""
        return {key[:3] for key in self._gains}

    def add(self, targets: Collection[tuple[int, int]], team: int, of: int, time_us: int, points: int) -> None:
        """Count one entry of a member, in some boards and periods."""
        for board, period in targets:
            gain = self._gains.setdefault((board, period, team, of), [0, 0, 0])
            gain[:] = gain[0] + points, max(gain[1], time_us), gain[2] + 1

    def take(self, targets: Collection[tuple[int, int]], team: int, of: int, time_us: int, points: int) -> None:
        """Take one back that was counted."""
        for board, period in targets:
            key = board, period, team, of
            gain = self._gains.setdefault(key, [0, 0, 0])
            gain[0] -= points
            gain[2] -= 1
            self._taken[key] = max(self._taken.get(key, 0), time_us)

    async def write(
        self, work: UnitOfWork, counted_by: Callable[[int], Awaitable[tuple[BoardVersion, Counted]]] | None
    ) -> None:
        """Add it to the shares. Members are locked; entries are written."""
        keys = sorted(self._gains)
        columns: dict[str, list[int]] = {name: [key[index] for key in keys] for index, name in enumerate(KEY)}
        for index, name in enumerate(("points", "reached_us", "entries")):
            columns[name] = [self._gains[key][index] for key in keys]
        await work.upsert(team_share, columns, add=("points", "entries"), greatest=("reached_us",))
        if not self._taken or not counted_by:
            return
        taken = sorted(self._taken)
        lost = {name: [key[index] for key in taken] for index, name in enumerate(KEY)}
        for row in await work.find(team_share, lost, (*KEY, "entries", "reached_us")):
            key = row.board, row.period, row.team, row.member
            mine = [team_share.c[name] == value for name, value in zip(KEY, key, strict=True)]
            if row[4] <= 0:
                await work.execute(delete(team_share).where(*mine))
            elif row.reached_us <= self._taken[key]:
                board, counted = await counted_by(key[0])
                reached = await latest_time(work, board, counted, self._calendar, *key[1:])
                await work.execute(update(team_share).where(*mine).values(reached_us=reached))

    async def restate(self, work: UnitOfWork) -> dict[tuple[int, int], int]:
        """Write the standings of their teams anew, and return how many more are listed, by board and period. The rows
        of the periods are locked."""
        teams: dict[tuple[int, int], set[int]] = {}
        for board, period, team in sorted(self.teams):
            teams.setdefault((board, period), set()).add(team)
        more = {}
        for (board, period), theirs in teams.items():
            changed = (standing.c.board == board) & (standing.c.period == period)
            expected = stated(self.boards[board])
            expected = expected.where(team_share.c.period == period, team_share.c.team.in_(sorted(theirs)))
            more[board, period] = await rewrite(work, changed & standing.c.competitor.in_(sorted(theirs)), expected)
        return more


async def restate_teams(
    work: UnitOfWork, board: BoardVersion, teams: Collection[int], closed: Collection[Span]
) -> None:
    """Write the standings of some teams in all periods that are not closed anew. The programme must be held."""
    theirs = (standing.c.board == board.id) & standing.c.competitor.in_(sorted(teams))
    frozen = [span.first for span in closed]
    expected = stated(board)
    expected = expected.where(team_share.c.team.in_(sorted(teams)), team_share.c.period.not_in(frozen))
    await rewrite(work, theirs & standing.c.period.not_in(frozen), expected)
    await recount(work, board)
    await mark_leaving(work, board.id, teams)


def stated(board: BoardVersion) -> Select[*tuple[Any, ...]]:
    """The standings that the shares of a board make, with the columns of `standing` in their order."""
    points = cast(func.sum(team_share.c.points), BigInteger)
    return (
        select(
            team_share.c.board,
            team_share.c.period,
            team_share.c.team,
            score_of(board.board.score, points, func.count(), members_now(board, team_share.c.team)),
            func.max(team_share.c.reached_us),
            cast(func.sum(team_share.c.entries), Integer),
            true(),
        )
        .join(member, member.c.key == team_share.c.member)
        .where(team_share.c.board == board.id, member.c.participates)
        .group_by(team_share.c.board, team_share.c.period, team_share.c.team)
    )
