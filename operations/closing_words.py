"""Closing in words: what somebody did by closing or reopening a period, and what cannot be reopened."""

from datetime import datetime

from activity.calendar import Calendar, Period, instant
from activity.intake import Refused
from leaderboard.standing import BoardVersion
from operations.due import due_at
from operations.revision import Revision
from storage.bulk import AnyRow
from storage.work import UnitOfWork


def closed_in_words(state: Revision, board: BoardVersion, period: Period, now: datetime) -> str:
    """What closing a period early means, which may not be over."""
    assert board.board.closing is not None
    calendar, days = state.calendar, board.board.closing.dispute_days
    until, left = calendar.later(now, days), period.after - 1 - calendar.day(now)
    told = f"{period.key} of {board.board.key} is closed"
    if left >= 0:
        when = f"{left} day{'s' * (left != 1)} before its last one, {period.last_date}" if left else "on its last day"
        told += f", {when}: what happens until then will be late"
    if days:
        told += f". It can be disputed until {moment(calendar, until)}; until then, reopen opens it again."
    else:
        told += ". It is final at once, for its board has no days of dispute."
    return told


async def reopened_in_words(
    work: UnitOfWork, state: Revision, board: BoardVersion, period: Period, disqualified: int
) -> str:
    """When a period that was reopened closes, and how many are disqualified again then."""
    due = await due_at(work, state, board, period)
    assert due is not None
    told = f"{period.key} of {board.board.key} is open again, and closes at {moment(state.calendar, due)}"
    return f"{told}; {disqualified} disqualified will be so again then." if disqualified else f"{told}."


def refuse_unclosing(state: Revision, board: BoardVersion, period: Period, row: AnyRow) -> None:
    """Raise Refused for a provisional period of a board that would never close it again."""
    if board in state.board_versions and board.board.closing is not None:
        return
    key, until = board.board.key, moment(state.calendar, instant(row.disputes_until_us))
    why, first = f"{key!r} closes no periods any more", "give it `closing` in the programme first"
    if board not in state.board_versions:
        why, first = f"{key!r} is retired", "bring the board back first (undo, or restore)"
    told = f"{period.key} of {key!r} would never close again, and give no prizes, as {why}; {first}, or correct the "
    raise Refused("period", f"{told}result as it is until {until}: retract, adjust, disqualify")


def moment(calendar: Calendar, at: datetime) -> str:
    return f"{at.astimezone(calendar.time_zone):%Y-%m-%d %H:%M %Z}"
