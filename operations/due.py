"""When the periods of boards are closed, those that were reopened among them."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from activity.calendar import Period, PeriodKind, instant
from leaderboard.closing import Happened, State
from leaderboard.standing import BoardVersion
from leaderboard.tables import closing, closing_event
from operations.revision import Revision
from storage.work import UnitOfWork

REOPENED_DAYS_MIN = 1  # for which a reopened period stays open: without grace it would be closed again at once


class Due(NamedTuple):
    """A period that is to be closed."""

    at: datetime
    board: BoardVersion
    period: Period


async def due_at(work: UnitOfWork, state: Revision, board: BoardVersion, period: Period) -> datetime | None:
    """When a period of a board is due, or was when it was open last; None for one that never closes by itself."""
    if board not in state.board_versions or board.board.closing is None or before_start(state, period):
        return None
    reopened = await _reopened(work, closing.c.element == board.element, closing.c.period == period.first)
    return _due_at(state, board, period, reopened.get((board.element, period.first)))


def before_start(state: Revision, period: Period) -> str:
    """Why nothing ever closes a period, in words, where it was over before the programme began; else nothing."""
    if period.after > state.programme.starts.toordinal():
        return ""
    return f"it was over before the programme began, on {state.programme.starts}, and nothing counts in it"


async def due_periods(work: UnitOfWork, state: Revision, now: datetime) -> list[Due]:
    """The periods that are to be closed by now, in the order in which they came due."""
    calendar, found = state.calendar, []
    reopened = await _reopened(work, closing.c.state == State.OPEN)
    for board in state.board_versions:
        if board.board.closing is None:
            continue
        closed = {span.first for span in state.closings.closed(board)}
        first, last = state.programme.starts.toordinal(), calendar.day(now) - board.board.closing.grace_days
        for period in board.board.periods(calendar, first, last):
            at = _due_at(state, board, period, reopened.get((board.element, period.first)))
            if at <= now and period.first not in closed:
                found.append(Due(at, board, period))
    return sorted(found, key=lambda due: due.at)


def _due_at(state: Revision, board: BoardVersion, period: Period, reopened_us: int | None) -> datetime:
    """At the midnight that ends its days of grace; one that was reopened has as many again from then, at least one."""
    assert board.board.closing is not None
    grace = board.board.closing.grace_days
    found = state.calendar.starts_at(state.calendar.period(PeriodKind.DAY, period.after + grace))
    assert found is not None
    if reopened_us is None:
        return found
    return max(found, state.calendar.later(instant(reopened_us), max(grace, REOPENED_DAYS_MIN)))


async def _reopened(work: UnitOfWork, *which: ColumnElement[bool]) -> dict[tuple[int, int], int]:
    """When each of some periods was reopened last, by board and first day; without those that never were."""
    last: Any = func.max(closing_event.c.at_us).label("at_us")
    query = select(closing.c.element, closing.c.period, last).join(
        closing_event, closing_event.c.closing == closing.c.id
    )
    query = query.where(closing_event.c.kind == Happened.REOPENED, *which)
    rows = await work.rows(query.group_by(closing.c.element, closing.c.period))
    return {(row.element, row.period): row.at_us for row in rows}
