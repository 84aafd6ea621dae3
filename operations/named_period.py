"""A period of a board as people name it: of a board in force, or of one that closed it and is retired."""

from collections.abc import Sequence
from typing import NamedTuple

from activity.calendar import Period, PeriodInvalid
from activity.intake import Refused, nearest
from leaderboard.board import Board
from leaderboard.closing import State
from leaderboard.standing import BoardVersion
from operations.closings import cuts_of, find_closing
from operations.retired import retired_boards
from operations.revision import Revision
from storage.bulk import AnyRow
from storage.work import UnitOfWork


class Named(NamedTuple):
    """What was named."""

    board: BoardVersion  # in force; of a retired one as it was when the period was closed
    period: Period
    closing: AnyRow | None  # as `find_closing` gives it


class Decided(NamedTuple):
    """What a person decided about a period, and the same in words."""

    board: BoardVersion
    period: Period
    told: str


def named(state: Revision, board: str, period: str) -> tuple[BoardVersion, Period]:
    """A board in force that closes, and one of its periods. Raises Refused."""
    version = in_force(state, board)
    if version is None:
        raise _unknown(state, board)
    if version.board.closing is None:
        raise _never_closes(version.board)
    return version, _period(state, version.board, period)


async def named_period(work: UnitOfWork, state: Revision, board: str, period: str) -> Named:
    """One of its periods of a board that closes, or one that it closed before its `closing` was removed or it was
    retired: then it is found by its last key. Where one in force has that key, it is found behind it as long as its
    result can be disputed. Raises Refused."""
    version = in_force(state, board)
    retired = await retired_boards(work, state, board)
    boards: list[tuple[int, Board]] = [(version.element, version.board)] if version else []
    closed = await _closed(work, state, [*boards, *retired], period)
    for row in closed:
        mine = version is not None and row.element == version.element
        if version is not None and not mine and row.state == State.FINAL and _has(state, version.board, period):
            continue
        if version is not None and mine:
            return Named(version, version.board.period_from(state.calendar, row.period), row)
        (cut,) = await cuts_of(work, state.calendar, [row])
        return Named(cut.version, cut.version.board.period_from(state.calendar, row.period), row)
    if version is None and retired:
        _period(state, retired[0][1], period)
        told = f"{board!r} is retired, and had not closed {period!r}: nothing can be decided there any more"
        raise Refused("period", f"{told}; name a period that it closed")
    version, span = named(state, board, period)
    return Named(version, span, await find_closing(work, version.element, span.first))


def in_force(state: Revision, key: str) -> BoardVersion | None:
    return next((version for version in state.board_versions if version.board.key == key), None)


async def _closed(
    work: UnitOfWork, state: Revision, boards: Sequence[tuple[int, Board]], period: str
) -> Sequence[AnyRow]:
    """The closings of what is closed of a period, those first that can be disputed."""
    found = []
    for element, board in boards:
        try:
            first = board.period_named(state.calendar, period).first
        except PeriodInvalid:
            continue
        row = await find_closing(work, element, first)
        if row is not None and row.state != State.OPEN:
            found.append(row)
    return sorted(found, key=lambda row: row.state != State.PROVISIONAL)


def _has(state: Revision, board: Board, period: str) -> bool:
    try:
        board.period_named(state.calendar, period)
    except PeriodInvalid:
        return False
    return True


def _period(state: Revision, board: Board, period: str) -> Period:
    try:
        return board.period_named(state.calendar, period)
    except PeriodInvalid as invalid:
        raise Refused("period", str(invalid)) from None


def _unknown(state: Revision, board: str) -> Refused:
    boards = [version.board.key for version in state.board_versions]
    return Refused("board", f"the programme has no board {board!r}{nearest(board, boards)}")


def _never_closes(board: Board) -> Refused:
    return Refused("board", f"{board.key!r} never closes; give it `closing: {{}}` in the programme first")
