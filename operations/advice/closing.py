"""Boards that a draft lets close no more, and podiums that it retires: what is provisional, or has just ended."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from activity.calendar import Calendar, Period, instant
from leaderboard.board import Board
from leaderboard.closing import State
from leaderboard.standing import BoardVersion
from leaderboard.tables import closing
from operations.closing_words import moment
from operations.pay import first_published
from operations.programme import Programme
from operations.revision import Revision
from rewards.podium import PodiumVersion
from rules.advice import Advice, Code
from storage.bulk import AnyRow
from storage.work import UnitOfWork

SHOWN = 3  # periods


async def advice_on_closings(work: UnitOfWork, current: Revision, declared: Programme, now: datetime) -> list[Advice]:
    """What becomes of periods that are over, where their board closes no more or their podium is retired."""
    found: list[Advice] = []
    boards = {each.board.key: each for each in current.board_versions}
    ending = {key for key, each in boards.items() if _ends(each.board, declared.boards, boards)}
    for key in boards:
        if key in ending:
            closes = boards[key].board.closing is not None
            waiting = [each.key for each in _waiting(current, boards[key], now)] if closes else []
            found += _of_board(key, await _provisional(work, boards[key]), waiting, current.calendar)
    podiums = {each.podium.key: each for each in current.podium_versions}
    for key, item in podiums.items():
        board = boards[item.podium.board]
        if _kept(key, declared.podiums, podiums) is None and board.board.key not in ending:
            found += await _of_podium(work, current, item, board, now)
    return found


def _of_board(key: str, disputed: Sequence[AnyRow], waiting: Sequence[str], calendar: Calendar) -> Iterator[Advice]:
    if disputed:
        until = moment(calendar, instant(max(row.disputes_until_us for row in disputed)))
        told = f"what it closed last is provisional, becomes final by {until}, and gives its prizes all the same: "
        told += "until then it can be corrected, but not reopened"
        yield Advice(Code.CLOSES_NO_MORE, f"boards.{key}", told)
    if waiting:
        told = f"{_listed(waiting)} over and not closed yet, which then never happens, and gives no prizes: publish "
        told += f"this later, or close first (python app.py close {key} {waiting[0]} --reason WHY)"
        yield Advice(Code.CLOSES_NO_MORE, f"boards.{key}", told)


async def _of_podium(
    work: UnitOfWork, current: Revision, item: PodiumVersion, board: BoardVersion, now: datetime
) -> list[Advice]:
    first = await first_published(work, item)
    path, found = f"podiums.{item.podium.key}", []
    periods = [
        board.board.period_from(current.calendar, row.period)
        for row in await _provisional(work, board)
        if row.cutoff_seq > first.seq
    ]
    if promised := [period.key for period in periods if first.before_end(current.calendar, period)]:
        told = f"{_listed(promised)} closed already, and gives its prizes all the same; reopen it if it is not to"
        found.append(Advice(Code.CLOSES_NO_MORE, path, told))
    waiting = _waiting(current, board, now)
    if lost := [period.key for period in waiting if first.before_end(current.calendar, period)]:
        told = f"{_listed(lost)} over and not closed yet, and then gives none of its prizes: publish this later, or "
        told += f"close first (python app.py close {board.board.key} {lost[0]} --reason WHY)"
        found.append(Advice(Code.CLOSES_NO_MORE, path, told))
    return found


def _ends(board: Board, declared: Mapping[str, Board], boards: Collection[str]) -> bool:
    """Whether a board closes no more, or is there no more."""
    kept = _kept(board.key, declared, boards)
    return kept is None or (board.closing is not None and kept.closing is None)


def _kept(key: str, declared: Mapping[str, Any], known: Collection[str]) -> Any:
    """What a board or podium in force becomes, under its key or another; None where it is retired."""
    renamed = (each for each in declared.values() if each.was == key and each.key not in known)
    return declared.get(key) or next(renamed, None)


async def _provisional(work: UnitOfWork, board: BoardVersion) -> Sequence[AnyRow]:
    query = select(closing).where(closing.c.element == board.element, closing.c.state == State.PROVISIONAL)
    return await work.rows(query.order_by(closing.c.period))


def _waiting(current: Revision, board: BoardVersion, now: datetime) -> list[Period]:
    """The periods that are over and not closed, the first to be closed first."""
    today, first = current.calendar.day(now), current.programme.starts.toordinal()
    closed = {span.first for span in current.closings.closed(board)}
    periods = board.board.periods(current.calendar, first, today - 1)
    return [each for each in periods if first < each.after <= today and each.first not in closed]


def _listed(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - SHOWN:,} more" if len(keys) > SHOWN else ""
    return f"{', '.join(keys[:SHOWN])}{more} {'is' if len(keys) == 1 else 'are'}"
