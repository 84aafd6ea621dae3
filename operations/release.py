"""Release: points that a rule held back come free when their time is over."""

from datetime import datetime

from sqlalchemy import select, tuple_, update

from activity.calendar import microseconds
from activity.roster import lock_keys
from operations.catch_up import bring_up
from operations.posting import Posting
from operations.revision import Revisions
from rewards.ledger import Kind
from rewards.tables import hold
from storage.engine import Store
from storage.work import UnitOfWork

CHUNK = 500  # in one transaction


async def release_due(store: Store, revisions: Revisions, *, now: datetime) -> int:
    """Release all held points that are due, some at a time. Returns how many."""
    due = select(hold.c.due_us).where(hold.c.due_us <= microseconds(now), hold.c.ended_seq.is_(None)).limit(1)
    done = 0
    async with store.reading() as work:
        waiting = bool(await work.rows(due))
    while waiting:
        async with store.writing() as work:
            count = await release(work, revisions, now=now)
        done += count
        waiting = count == CHUNK
    return done


async def release(work: UnitOfWork, revisions: Revisions, *, now: datetime, most: int = CHUNK) -> int:
    """Release held points that are due, the longest due first. Returns how many; call it until it is less than `most`.

    Safe to run anywhere, any number of times. Nothing is committed here. Raises NoProgramme.
    """
    await work.share_programme()
    state = await revisions.current(work)
    due = (hold.c.due_us <= microseconds(now)) & hold.c.ended_seq.is_(None)
    key = (hold.c.due_us, hold.c.seq, hold.c.ordinal)
    found = await work.rows(select(hold.c.seq, hold.c.ordinal, hold.c.member).where(due).order_by(*key).limit(most))
    if not found:
        return 0
    members = await lock_keys(work, (row.member for row in found))
    posting = Posting(state, now)
    await bring_up(work, state, members.values(), posting)
    # Read again under the lock: another process may have released them, a retraction voided them.
    chosen = tuple_(hold.c.seq, hold.c.ordinal).in_([(row.seq, row.ordinal) for row in found])
    rows = await work.rows(select(hold).where(due, chosen).order_by(*key))
    for row, seq in zip(rows, await work.take_seq(len(rows)) if rows else (), strict=True):
        told = (row.member, row.team, row.version, row.type, row.seq, row.points, row.time_us, row.day)
        posting.enter_row(seq, Kind.RELEASE, told, members[row.member].facts.participates)
        mine = (hold.c.seq == row.seq) & (hold.c.ordinal == row.ordinal)
        await work.execute(update(hold).where(mine).values(ended_seq=seq, released=True))
    await posting.write(work)
    return len(found)
