"""Rehearse: the places of a period and who would win what, if it closed now, in words. Nothing is written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select

from activity.calendar import instant
from activity.tables import member, team
from leaderboard.board import Competitors
from leaderboard.closing import State
from leaderboard.mean import shown
from leaderboard.ranking_closed import ClosedRanking
from leaderboard.ranking_qualified import qualified
from leaderboard.ranking_sql import SqlRanking
from operations.closing_words import moment
from operations.closings import cuts_of
from operations.due import before_start, due_at
from operations.named_period import named_period
from operations.prize_rehearsal import members_of, rehearse_prizes
from operations.prize_rehearsal import told as in_lines
from operations.revision import Revisions
from storage.work import UnitOfWork


async def rehearse(work: UnitOfWork, revisions: Revisions, board: str, period: str, count: int) -> list[str]:
    """The first places, a line for each, when the period closes, and what its podiums would give. Raises Refused, and
    NoProgramme."""
    state = await revisions.current(work)
    version, span, row = await named_period(work, state, board, period)
    prizes = await rehearse_prizes(work, revisions, version, span)
    due = await due_at(work, state, version, span)
    told = f"closes at {moment(state.calendar, due)}" if due else f"never closes: {before_start(state, span)}"
    if row is not None and row.state != State.OPEN:
        (cut,) = await cuts_of(work, state.calendar, [row])
        version = cut.version
        at = instant(row.final_us if row.state == State.FINAL else row.disputes_until_us)
        told = f"{'is final since' if row.state == State.FINAL else 'can be disputed until'} "
        told += moment(state.calendar, at)

    @asynccontextmanager
    async def reading() -> AsyncIterator[UnitOfWork]:
        yield work

    ranking = qualified(SqlRanking(reading, version.id, span.first, version.board.ties), version.board)
    if row is not None and row.state == State.FINAL:
        ranking = ClosedRanking(reading, row.id, version.board.of)
    places = await ranking.top(count)
    keys = {place.competitor for place in places} | members_of(prizes)
    if version.board.of is Competitors.TEAMS:
        named_by = select(team.c.id, team.c.name).where(team.c.id.in_(keys))
    else:
        named_by = select(member.c.key, member.c.name).where(member.c.key.in_(keys))
    names = {row[0]: row[1] for row in await work.rows(named_by)}
    lines = [
        f"{place.rank:>6}  {shown(version.board.score, place.score):>10}  {names[place.competitor]}" for place in places
    ]
    number = await (ranking.places() if isinstance(ranking, ClosedRanking) else ranking.participants())
    lines.append(f"{span.key} of {version.board.key} has {number:,} place{'s' * (number != 1)}, and {told}.")
    return lines + [line for each in prizes for line in in_lines(each, span.key, names)]
