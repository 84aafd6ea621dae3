"""Close: what ends a period of a board, and what people do before its result is final.

Each step is a small transaction that finds what others have done: any number of processes may try at once, and one that
is killed leaves nothing half-done.
"""

from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import insert, select, update

from activity.calendar import Period, instant, microseconds
from activity.intake import Refused
from leaderboard.closing import Happened, State
from leaderboard.cut import moved_since, restate
from leaderboard.definition import board_from_plain
from leaderboard.rebuild import drop, rebuild
from leaderboard.relist import resum
from leaderboard.standing import BoardVersion
from leaderboard.tables import closing
from operations.adjust import Author
from operations.catch_up import catch_up, members_behind
from operations.closing_words import closed_in_words, refuse_unclosing, reopened_in_words
from operations.closings import Event, counted_in, cuts_of, find_closing, renumber, tell
from operations.counting import counted_by
from operations.due import before_start, due_periods
from operations.freeze import Pay, freeze
from operations.impartial import refuse_rewarded
from operations.named_period import Decided, named, named_period
from operations.publish import Unfinished
from operations.reasons import checked_reason
from operations.release import release_due
from operations.revision import NoProgramme, Revision, Revisions
from rules.tables import revision as revision_table
from storage.bulk import AnyRow
from storage.engine import Store
from storage.work import UnitOfWork


class Closed(NamedTuple):
    """What was done: how many periods were closed, and how many results are final now."""

    closed: int
    final: int


async def nobody(_work: UnitOfWork, _closing_id: int) -> None:
    """Pays nobody."""


async def close_due(store: Store, revisions: Revisions, *, now: datetime, pay: Pay = nobody) -> Closed:
    """Close what is due, and make final what nobody can dispute any more, in order. What was held until now is released
    first, or a process that was down would keep it from a result that it came in time for."""
    await release_due(store, revisions, now=now)
    return Closed(await _close(store, revisions, now), await end_disputes(store, revisions, now=now, pay=pay))


async def _close(store: Store, revisions: Revisions, now: datetime) -> int:
    async with store.reading() as work:
        try:
            state = await revisions.current(work)
        except NoProgramme:
            return 0
        due = await due_periods(work, state, now)
    done = 0
    if due:
        while await catch_up(store, revisions, now=now):
            """Members are brought up first: what a revision changes for some of them only would be unfair."""
    for each in due:
        async with store.writing() as work:
            await work.hold_programme()
            state = await revisions.current(work)
            if each.board not in state.board_versions or await _unfinished(work, state):
                continue
            done += await _cut(work, state, each.board, each.period, Event(Happened.CLOSED, microseconds(now)))
    return done


async def close_early(
    work: UnitOfWork, revisions: Revisions, board: str, period: str, *, author: Author, reason: str, now: datetime
) -> Decided:
    """Close a period before it is due. Nothing is committed here. Raises Refused, Unfinished and NoProgramme."""
    told = checked_reason(reason, "everybody")
    await work.hold_programme()
    state = await revisions.current(work)
    version, span = named(state, board, period)
    begins = state.calendar.starts_at(span)
    if before := before_start(state, span):
        raise Refused("period", f"{span.key} of {board!r} never closes: {before}")
    if begins is None or begins > now:
        raise Refused("period", f"{span.key} of {board!r} has not begun; close it from {span.first_date} on")
    await refuse_rewarded(work, revisions, state, author, version, span)
    if behind := await _unfinished(work, state):
        raise Unfinished(state.rejudged, behind)
    event = Event(Happened.CLOSED_EARLY, microseconds(now), author.name, told)
    if not await _cut(work, state, version, span, event):
        raise Refused("period", f"{span.key} of {board!r} is closed already")
    return Decided(version, span, closed_in_words(state, version, span, now))


async def reopen(
    work: UnitOfWork, revisions: Revisions, board: str, period: str, *, author: Author, reason: str, now: datetime
) -> Decided:
    """Open a provisional period again: what came late counts. Who was disqualified is on the board while it is open,
    and disqualified again when it closes: `due.due_at` says when that is, unless early. Nothing is committed here.
    Raises Refused, and NoProgramme."""
    told = checked_reason(reason, "everybody")
    await work.hold_programme()
    state = await revisions.current(work)
    version, span, _ = await named_period(work, state, board, period)
    row = await provisional(work, version, span)
    (cut,) = await cuts_of(work, state.calendar, [row])
    refuse_unclosing(state, version, span, row)
    await refuse_rewarded(work, revisions, state, author, cut.version, span, cut)
    await work.execute(update(closing).where(closing.c.id == row.id).values(state=State.OPEN))
    await tell(work, row.id, Event(Happened.REOPENED, microseconds(now), author.name, told))
    await renumber(work)
    done = Decided(version, span, await reopened_in_words(work, state, version, span, len(cut.disqualified)))
    closed = [each for each in state.closings.closed(version) if each.first != span.first]
    counted = await counted_by(work, state, version)
    if row.board == version.id and not version.board.is_mean:
        moved = await moved_since(work, cut)
        await resum(work, version, counted, state.calendar, moved, closed=closed, period=span)
        return done
    if row.board != version.id:
        await drop(work, row.board)
    await rebuild(work, version, counted, state.calendar, closed=closed, period=span)
    return done


async def provisional(work: UnitOfWork, board: BoardVersion, period: Period) -> AnyRow:
    """The closing of a period whose result can still be changed. Raises Refused."""
    row = await find_closing(work, board.element, period.first)
    where = f"{period.key} of {board.board.key!r}"
    if row is None or row.state == State.OPEN:
        raise Refused("period", f"{where} is open; close it first")
    if row.state == State.FINAL or row.final_seq is not None:
        raise Refused("period", f"{where} is final, and never changes")
    return row


async def _cut(work: UnitOfWork, state: Revision, board: BoardVersion, period: Period, event: Event) -> bool:
    """Write the cutoff, unless the period is closed already. The programme is held."""
    assert board.board.closing is not None
    row = await find_closing(work, board.element, period.first)
    if row is not None and row.state != State.OPEN:
        return False
    until = state.calendar.later(instant(event.at_us), board.board.closing.dispute_days)
    told = {
        "board": board.id,
        "state": State.PROVISIONAL,
        "attempt": row.attempt + 1 if row is not None else 1,
        "cutoff_seq": await work.last_seq(),
        "cutoff_us": event.at_us,
        "disputes_until_us": microseconds(until),
    }
    if row is not None:
        identifier = row.id
        await work.execute(update(closing).where(closing.c.id == identifier).values(told))
        await _disqualify_again(work, state, row, board, period, event.at_us)
    else:
        added = insert(closing).values(told | {"element": board.element, "period": period.first})
        identifier = (await work.execute(added.returning(closing.c.id))).scalar_one()
    await tell(work, identifier, event)
    await renumber(work)
    return True


async def _disqualify_again(
    work: UnitOfWork, state: Revision, former: AnyRow, board: BoardVersion, period: Period, at_us: int
) -> None:
    """Who was disqualified before a period was reopened has no place in it still, unless other competitors have."""
    row = await find_closing(work, board.element, period.first)
    assert row is not None
    (cut,) = await cuts_of(work, state.calendar, [row])
    of = board_from_plain(former.key, orjson.loads(former.definition)).of
    if of is board.board.of:
        await restate(work, cut, await counted_in(work, cut), cut.disqualified)
        return
    told = f"the board is of {board.board.of} now, and was of {of}"
    for competitor in sorted(cut.disqualified):
        await tell(work, row.id, Event(Happened.REINSTATED, at_us, None, told, competitor))


async def end_disputes(store: Store, revisions: Revisions, *, now: datetime, pay: Pay = nobody) -> int:
    """Make final what nobody can dispute any more. Returns how many results this process did.

    Of one board they are made final in the order of their periods, as who won one may pause in the next: behind one
    that is open, can be disputed, is another process's work, or fails, its later ones wait. The first failure is raised
    at the end.
    """
    over = closing.c.disputes_until_us <= microseconds(now)
    query = select(closing.c.id, closing.c.element, closing.c.period).where(closing.c.state == State.PROVISIONAL, over)
    async with store.reading() as work:
        waiting = await work.rows(query.order_by(closing.c.period, closing.c.id))
    done, failed = 0, []
    for row in waiting:
        try:
            if await _waits(store, revisions, row):
                continue
            await _fence(store, row.id, now)
            done += await freeze(store, revisions, row.id, now=now, pay=pay)
        except Exception as error:  # one board's trouble is no reason to keep the others waiting
            failed.append(error)
    if failed:
        raise failed[0]
    return done


async def _waits(store: Store, revisions: Revisions, row: AnyRow) -> bool:
    """Whether an earlier period of the same board is to be final first. A board that closes no more waits for none that
    is open."""
    before = (closing.c.element == row.element) & (closing.c.period < row.period)
    async with store.reading() as work:
        if await work.rows(select(closing.c.id).where(before, closing.c.state == State.PROVISIONAL).limit(1)):
            return True
        state = await revisions.current(work)
    board = next((each for each in state.board_versions if each.element == row.element), None)
    if board is None or board.board.closing is None:
        return False
    closed = {span.first for span in state.closings.closed(board)}
    starts = state.programme.starts.toordinal()
    return any(period.first not in closed for period in board.board.periods(state.calendar, starts, row.period - 1))


async def _fence(store: Store, closing_id: int, now: datetime) -> None:
    """From here on nothing counts in a provisional period."""
    async with store.writing() as work:
        await work.hold_programme()
        disputed = (closing.c.id == closing_id) & (closing.c.state == State.PROVISIONAL) & closing.c.final_seq.is_(None)
        over = closing.c.disputes_until_us <= microseconds(now)
        fenced = update(closing).where(disputed, over).values(final_seq=await work.last_seq())
        if (await work.execute(fenced)).rowcount:
            await renumber(work)


async def _unfinished(work: UnitOfWork, state: Revision) -> int:
    """How many members are behind a revision that takes effect from a past date."""
    pending = await work.rows(select(revision_table.c.number).where(revision_table.c.pending))
    return await members_behind(work, state) if pending else 0
