"""Relist: the standings of a few competitors, where who takes part has changed, or what counts of what they did.

A board has a million standings, and one member at a time leaves: what is read and written here is theirs alone. The
programme must be held.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from activity.calendar import Calendar, Period
from leaderboard.closing import Span
from leaderboard.dirty import mark_leaving, mark_rebuilt
from leaderboard.rebuild import days_of, expected_standings, of_competitors
from leaderboard.standing import BoardVersion, Counted
from leaderboard.tables import board_period, standing
from storage.work import UnitOfWork


async def relist(
    work: UnitOfWork, board: BoardVersion, takes_part: Mapping[int, bool], *, closed: Collection[Span] = ()
) -> None:
    """List members on a board in all but its closed periods, or list them no more."""
    frozen = [span.first for span in closed]
    begun = select(board_period.c.period)
    begun = begun.where(board_period.c.board == board.id, board_period.c.period.not_in(frozen))
    # Of all periods by name, standings are looked up; else the whole board would be searched.
    there = standing.c.period.in_([row.period for row in await work.rows(begun)])
    before = await _listed(work, _theirs(board, takes_part) & there)
    for listed in (True, False):
        some = [key for key, takes in takes_part.items() if takes is listed]
        await work.execute(update(standing).where(_theirs(board, some), there).values(listed=listed))
    await _count(work, board, before, await _listed(work, _theirs(board, takes_part) & there))
    await mark_leaving(work, board.id, takes_part)


async def resum(
    work: UnitOfWork,
    board: BoardVersion,
    counted: Counted,
    calendar: Calendar,
    competitors: Collection[int],
    *,
    closed: Collection[Span] = (),
    period: Period | None = None,
) -> None:
    """Write the standings of some competitors anew from the ledger, on a board of sums: in all but closed periods, or
    in one."""
    theirs, among = _theirs(board, competitors), of_competitors(board, competitors)
    if period is None:
        theirs &= standing.c.period.not_in([span.first for span in closed])
    else:
        theirs &= standing.c.period == period.first
        among += days_of(period)
    expected = await expected_standings(work, board, counted, calendar, closed=closed, among=among)
    before = await _listed(work, theirs)
    await work.execute(delete(standing).where(theirs))
    await work.execute(insert(standing).from_select([column.name for column in standing.columns], expected))
    await _count(work, board, before, await _listed(work, theirs))
    if period is None:
        await mark_leaving(work, board.id, competitors)
    else:
        await mark_rebuilt(work, board.id, period.first)


def _theirs(board: BoardVersion, competitors: Iterable[int]) -> ColumnElement[bool]:
    return (standing.c.board == board.id) & standing.c.competitor.in_(sorted(competitors))


async def _listed(work: UnitOfWork, theirs: ColumnElement[bool]) -> dict[int, int]:
    """How many of some standings are listed, by period; 0 where there are none but unlisted ones."""
    listed = func.count().filter(standing.c.listed)
    rows = await work.rows(select(standing.c.period, listed).where(theirs).group_by(standing.c.period))
    return {row[0]: row[1] for row in rows}


async def _count(work: UnitOfWork, board: BoardVersion, before: Mapping[int, int], after: Mapping[int, int]) -> None:
    """Let the participants of periods follow, and mark those periods as changed."""
    periods = sorted(before.keys() | after.keys())
    columns = {
        "board": [board.id] * len(periods),
        "period": periods,
        "participants": [after.get(period, 0) - before.get(period, 0) for period in periods],
        "revision": [1] * len(periods),
    }
    await work.upsert(board_period, columns, add=("participants", "revision"))
