"""Retired boards and podiums: found by their last key, as what they closed and gave is kept for good."""

from collections.abc import Collection, Sequence

import orjson
from sqlalchemy import ColumnElement, func, select

from leaderboard.board import Board
from leaderboard.closing import State
from leaderboard.definition import board_from_plain
from leaderboard.tables import closing
from operations.revision import Revision
from rewards.tables import prize_giving
from rules.tables import version
from storage.bulk import AnyRow
from storage.work import UnitOfWork

LAST, NEWER, OF_BOARD = version.alias("last"), version.alias("newer"), version.alias("of_board")


async def retired_boards(work: UnitOfWork, state: Revision, key: str) -> Sequence[tuple[int, Board]]:
    """The boards, by element, that had a key when they were retired, and that closed periods; the latest first."""
    query = select(LAST.c.element, LAST.c.definition).where(
        LAST.c.element.in_(select(closing.c.element).where(closing.c.state != State.OPEN)),
        _is_last(key, [each.element for each in state.board_versions]),
    )
    rows = await work.rows(query.order_by(LAST.c.revision.desc()))
    return [(row.element, board_from_plain(key, orjson.loads(row.definition))) for row in rows]


async def retired_podium(work: UnitOfWork, state: Revision, key: str) -> tuple[int, Board] | None:
    """The podium, by element, that had a key when it was retired, and the board whose prizes it gave last; None where
    none gave any."""
    query = (
        select(LAST.c.element, OF_BOARD.c.definition)
        .join(prize_giving, prize_giving.c.podium == LAST.c.element)
        .join(closing, closing.c.id == prize_giving.c.closing)
        .join(OF_BOARD, OF_BOARD.c.id == closing.c.board)
        .where(_is_last(key, [each.element for each in state.podium_versions]))
        .order_by(LAST.c.revision.desc(), closing.c.period.desc())
    )
    rows: Sequence[AnyRow] = await work.rows(query.limit(1))
    return (rows[0].element, board_from_plain("", orjson.loads(rows[0].definition))) if rows else None


def _is_last(key: str, in_force: Collection[int]) -> ColumnElement[bool]:
    """Whether `LAST` is the last version, with a key, of what is not in force."""
    newest = select(func.max(NEWER.c.revision)).where(NEWER.c.element == LAST.c.element).scalar_subquery()
    return (LAST.c.key == key) & LAST.c.element.not_in(in_force) & (LAST.c.revision == newest)
