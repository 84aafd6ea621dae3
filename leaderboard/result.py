"""The result of a final closing: its places as a stream, and the digest by which `verify` tells that none moved.

The digest is the SHA-256, in hexadecimal, of UTF-8 lines that each end in a line feed. The first names the programme,
the board and the period by their keys; then each place has one, in order:

    social-journey,impact,2026-H1
    1,1,5127339012345678,420,1781913600000000

with its position, the rank that the tie rule shows, the competitor (a member's random key, or a team's number), the
score, and when it was reached, in microseconds since 1970 in UTC. On a board of means the score is in thousandths of a
point: 12333 is 12.333.
"""

from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Integer, bindparam, literal_column, select

from leaderboard.board import TieRule
from leaderboard.tables import result, standing
from storage.bulk import Columns
from storage.work import UnitOfWork

CHUNK = 10_000  # rows that are read or written at once

COLUMNS = ("position", "rank", "competitor", "score", "reached_us")


Row = tuple[int, int, int, int, int]  # what a ResultRow is: there are a million of them


class ResultRow(NamedTuple):
    """One place of a result, in the order of its canonical line."""

    position: int
    rank: int
    competitor: int
    score: int
    reached_us: int


NOBODY = ResultRow(0, 0, 0, 0, 0)  # whom the first place comes after


class Digest:
    """The digest of a result, taken in place by place."""

    def __init__(self, programme: str, board: str, period: str) -> None:
        self._hash = sha256(f"{programme},{board},{period}\n".encode())

    def add(self, rows: Sequence[Row]) -> None:
        self._hash.update("".join(["%d,%d,%d,%d,%d\n" % row for row in rows]).encode())  # noqa: UP031  # half the time

    @property
    def text(self) -> str:
        return self._hash.hexdigest()


async def results(work: UnitOfWork, closing_id: int, after: int = 0) -> AsyncIterator[ResultRow]:
    """The places of a result in order, those behind a position; so many are in memory at a time."""
    while rows := await result_chunk(work, closing_id, after):
        for row in rows:
            yield ResultRow(*row)
        after = rows[-1][0]


async def result_chunk(work: UnitOfWork, closing_id: int, after: int) -> list[Row]:
    """The next places behind a position."""
    rows = await work.rows(PLACES, {"closing": closing_id, "after": after, "count": CHUNK})
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


async def standing_chunk(work: UnitOfWork, board: int, period: int, last: ResultRow) -> list[tuple[int, int, int]]:
    """The next listed standings behind a place, in the total order: score, reached and competitor of each."""
    asked = {"board": board, "period": period, "count": CHUNK}
    if not last.position:
        return [(row[0], row[1], row[2]) for row in await work.rows(FIRST, asked)]
    asked |= {"score": last.score, "reached_us": last.reached_us, "competitor": last.competitor}
    found: list[tuple[int, int, int]] = []
    for query in (TIED_LATER, TIED, LOWER):
        if len(found) < CHUNK:
            rows = await work.rows(query, asked | {"count": CHUNK - len(found)})
            found += [(row[0], row[1], row[2]) for row in rows]
    return found


def ranked(marks: Sequence[tuple[int, int, int]], last: ResultRow, ties: TieRule) -> list[Row]:
    """The places of the standings that follow a place, as rows of a result."""
    position, rank, _, score, _ = last
    found = []
    for mark in marks:
        position += 1
        if ties is TieRule.EARLIEST:
            rank = position
        elif mark[0] != score or position == 1:
            rank = rank + 1 if ties is TieRule.DENSE else position
        score = mark[0]
        found.append((position, rank, mark[2], score, mark[1]))
    return found


def columns_of(closing_id: int, rows: Sequence[Row]) -> Columns:
    return {"closing": [closing_id] * len(rows)} | dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))


# Word for word as the partial index has it, or SQLite does not take it.
LISTED: ColumnElement[bool] = literal_column("listed")

_count = bindparam("count", type_=Integer)
_here = (standing.c.board == bindparam("board")) & (standing.c.period == bindparam("period")) & LISTED
_order = (standing.c.score.desc(), standing.c.reached_us, standing.c.competitor)
_marks = select(standing.c.score, standing.c.reached_us, standing.c.competitor).where(_here).limit(_count)
_score = bindparam("score", type_=BigInteger)
_reached = bindparam("reached_us", type_=BigInteger)

PLACES = (
    select(*(result.c[name] for name in COLUMNS))
    .where(result.c.closing == bindparam("closing"), result.c.position > bindparam("after"))
    .order_by(result.c.position)
    .limit(_count)
)
FIRST = _marks.order_by(*_order)
TIED_LATER = _marks.where(
    standing.c.score == _score,
    standing.c.reached_us == _reached,
    standing.c.competitor > bindparam("competitor", type_=BigInteger),
).order_by(standing.c.competitor)
TIED = _marks.where(standing.c.score == _score, standing.c.reached_us > _reached).order_by(*_order[1:])
LOWER = _marks.where(standing.c.score < _score).order_by(*_order)
