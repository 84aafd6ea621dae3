"""Resume: judge what was kept aside once the people are known, and keep nothing for longer than the programme says.

In batches, each a transaction: what is recorded is kept no longer in the same one, so that a process that is killed
loses nothing and counts nothing twice. What cannot be recorded any more stays, with the reason, until its time is over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, literal_column, select, update

from activity.calendar import microseconds
from activity.identity import Identity, name_of
from activity.intake import Refused, Report
from activity.roster import keys_of
from activity.tables import activity, kept
from operations.kept import report_of
from operations.record import Receipt, Status, record
from operations.revision import Revision, Revisions
from storage.bulk import AnyRow
from storage.engine import Store
from storage.work import UnitOfWork

RESUMED_MAX = 1_000  # in one transaction, while which nobody else records
RECENT = timedelta(minutes=10)  # far longer than a transaction that records
AT_ONCE_MAX = 3  # transactions that whoever saved the members waits for
DROPPED_MAX = 1_000  # in one transaction

# Word for word as the index has it, or SQLite does not take it.
_DUE: ColumnElement[bool] = literal_column("due")

_Waiting = tuple[Identity, str]  # the first name of a report that nobody has, as it is compared and as it is written


async def resume(
    store: Store,
    revisions: Revisions,
    *,
    now: datetime,
    batches_max: int | None = None,
    chunk: int = RESUMED_MAX,
) -> int:
    """Judge what was kept for people who are known now, in the order in which it came, `chunk` in a transaction.
    Returns how many were looked at; there may be more where `batches_max` ended it."""
    done = batches = 0
    while batches_max is None or batches < batches_max:
        async with store.reading() as work:
            if not await work.rows(select(kept.c.id).where(_DUE).limit(1)):
                break
        async with store.writing() as work:
            done += await resume_batch(work, revisions, now=now, most=chunk)
        batches += 1
    return done


async def resume_batch(work: UnitOfWork, revisions: Revisions, *, now: datetime, most: int = RESUMED_MAX) -> int:
    """A batch of it, of which nothing is committed here. Returns how many were looked at."""
    await work.hold_programme()
    revision = await revisions.current(work)
    query = select(kept).where(_DUE).order_by(kept.c.received_us, kept.c.place, kept.c.id)
    rows = await work.rows(query.limit(most))
    reports = [_report(row, revision) for row in rows]
    waiting = await _waiting(work, revision, reports)
    ready = [at for at, name in enumerate(waiting) if name is None]
    receipts = await record(work, revisions, [reports[at] for at in ready], now=now, resumed=True)
    await _put(work, [(rows[at], name) for at, name in enumerate(waiting) if name is not None])
    await _settle(work, [(rows[at], receipt) for at, receipt in zip(ready, receipts, strict=True)])
    return len(rows)


async def drop_kept(store: Store, revisions: Revisions, *, now: datetime, chunk: int = DROPPED_MAX) -> int:
    """Keep no longer what has been kept for as long as the programme says, `chunk` in a transaction. Returns how many
    were dropped. What somebody else holds, who records or drops it, is left to them."""
    dropped = 0
    while True:
        async with store.reading() as work:
            if not await work.rows(select(kept.c.id).limit(1)):
                return dropped
            old = await _old(work, revisions, now)
            if not await work.rows(select(kept.c.id).where(old).limit(1)):
                return dropped
        async with store.writing() as work:
            query = select(kept.c.id).where(await _old(work, revisions, now)).limit(chunk)
            ids = [row.id for row in await work.rows(query.with_for_update(skip_locked=True))]
            if ids:
                await work.execute(delete(kept).where(kept.c.id.in_(ids)))
        if not ids:
            return dropped
        dropped += len(ids)


async def _old(work: UnitOfWork, revisions: Revisions, now: datetime) -> ColumnElement[bool]:
    """What was kept for too long, or was recorded under another name at the very moment at which it was kept."""
    revision = await revisions.current(work)
    before = microseconds(now - timedelta(days=revision.programme.kept_days))
    recently = microseconds(now - RECENT)
    recorded = select(activity.c.seq).where(activity.c.identity == kept.c.identity).exists()
    return (kept.c.received_us < before) | ((kept.c.received_us > recently) & recorded)


def _report(row: AnyRow, revision: Revision) -> Report:
    """What was reported, under the name that the type has now."""
    report = report_of(row.report)
    return Report(
        report.source,
        report.id,
        revision.type_keys.get(row.type, report.type),
        report.member,
        report.time,
        report.data,
        report.contributors,
    )


async def _waiting(work: UnitOfWork, revision: Revision, reports: Sequence[Report]) -> list[_Waiting | None]:
    """What each report still waits for; None where nothing is unknown, or it cannot be told."""
    kinds = revision.programme.identities
    named: list[list[_Waiting]] = []
    for report in reports:
        texts = [report.member, *(report.contributors or ())]
        try:
            named.append([(name_of(text, kinds), text) for text in texts])
        except Refused:  # by a kind that was declared since: recording says what is wrong
            named.append([])
    names = {name for those in named for name, _ in those}
    handles = {name for name in names if name.kind}
    known = await keys_of(work, names - handles, handles)
    return [next((each for each in those if each[0] not in known), None) for those in named]


async def _put(work: UnitOfWork, waiting: Sequence[tuple[AnyRow, _Waiting]]) -> None:
    """Have these wait for another name."""
    if not waiting:
        return
    put = update(kept).where(kept.c.id == bindparam("which"))
    put = put.values(due=False, problem=None, kind=bindparam("of"), handle=bindparam("called"), name=bindparam("text"))
    rows = [{"which": row.id, "of": name.kind, "called": name.handle, "text": text} for row, (name, text) in waiting]
    await work.execute(put, rows)


async def _settle(work: UnitOfWork, receipts: Sequence[tuple[AnyRow, Receipt]]) -> None:
    """Keep what was refused, with the reason, and no longer what was taken in now or before."""
    refused = [(row.id, receipt.message) for row, receipt in receipts if receipt.status is Status.REFUSED]
    if refused:
        told = update(kept).where(kept.c.id == bindparam("which")).values(due=False, problem=bindparam("why"))
        await work.execute(told, [{"which": identifier, "why": why} for identifier, why in refused])
    done = [row.id for row, receipt in receipts if receipt.status is not Status.REFUSED]
    if done:
        await work.execute(delete(kept).where(kept.c.id.in_(done)))
