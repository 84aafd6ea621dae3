"""Freeze: copy the standings of a fenced period to its result, chunk by chunk, and make it final.

Behind the fence the standings do not move. Each chunk is a transaction of its own, which takes the closing's row and
finds how far the copy is: one that was killed is gone on with, and of two processes each does what the other has not.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import func, select, update

from activity.calendar import microseconds
from leaderboard.closing import Cut, Happened, State
from leaderboard.result import (
    NOBODY,
    Digest,
    ResultRow,
    Row,
    columns_of,
    ranked,
    result_chunk,
    standing_chunk,
)
from leaderboard.tables import closing, result
from operations.closings import Event, cuts_of, load_closing, tell
from operations.revision import Revision, Revisions
from storage.engine import Store
from storage.work import UnitOfWork

# What is to be done with a result in the transaction that makes it final, by the closing's id.
Pay = Callable[[UnitOfWork, int], Awaitable[None]]


async def freeze(store: Store, revisions: Revisions, closing_id: int, *, now: datetime, pay: Pay) -> bool:
    """Copy the result of a fenced closing, and make it final; whether this process did. It returns early where another
    one is at work on it."""
    async with store.reading() as work:
        state = await revisions.current(work)
        row = await load_closing(work, closing_id)
        if row is None or row.state != State.PROVISIONAL or row.final_seq is None:
            return False
        (cut,) = await cuts_of(work, state.calendar, [row])
    copying = _Copying(cut, digest_of(state, cut))
    while True:
        async with store.reading() as work:
            await copying.follow(work)
            rows = await copying.following(work)
        async with store.writing() as work:
            copied = await _take(work, cut)
            if copied is None:
                return False
            if copied != copying.last.position:
                continue
            if rows:
                await work.insert(result, columns_of(closing_id, rows))
            else:
                await _flip(work, cut, copying, now, pay)
                return True
        copying.add(rows)


def digest_of(state: Revision, cut: Cut) -> Digest:
    """The digest of a closing's result, as far as its first line."""
    board = cut.version.board
    return Digest(state.programme.key, board.key, board.period_from(state.calendar, cut.span.first).key)


class _Copying:
    """How far the copy is that this process knows of."""

    def __init__(self, cut: Cut, digest: Digest) -> None:
        self._cut = cut
        self._digest = digest
        self.last = NOBODY

    @property
    def digest(self) -> str:
        return self._digest.text

    async def follow(self, work: UnitOfWork) -> None:
        """Take in what others have copied."""
        while rows := await result_chunk(work, self._cut.closing, self.last.position):
            self.add(rows)

    async def following(self, work: UnitOfWork) -> list[Row]:
        """The next places to copy."""
        version = self._cut.version
        marks = await standing_chunk(work, version.id, self._cut.span.first, self.last)
        return ranked([mark for mark in marks if version.board.qualifies(mark[0])], self.last, version.board.ties)

    def add(self, rows: list[Row]) -> None:
        self._digest.add(rows)
        self.last = ResultRow(*rows[-1])


async def _take(work: UnitOfWork, cut: Cut) -> int | None:
    """Lock a closing that is still to be made final: how many places are copied. None where another process has it."""
    mine = (closing.c.id == cut.closing) & (closing.c.state == State.PROVISIONAL)
    if not await work.rows(select(closing.c.id).where(mine).with_for_update(skip_locked=True)):
        return None
    copied = select(func.max(result.c.position)).where(result.c.closing == cut.closing)
    return (await work.execute(copied)).scalar() or 0


async def _flip(work: UnitOfWork, cut: Cut, copying: _Copying, now: datetime, pay: Pay) -> None:
    now_us = microseconds(now)
    final = {"state": State.FINAL, "final_us": now_us, "digest": copying.digest}
    told = update(closing).where(closing.c.id == cut.closing)
    await work.execute(told.values(final | {"participants": copying.last.position}))
    await tell(work, cut.closing, Event(Happened.FINAL, now_us))
    await pay(work, cut.closing)
