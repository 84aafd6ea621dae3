"""Strip: take from what was recorded long ago whatever no rule, badge or zone ever read.

Points, verdicts and evidence stay, and so does what judging it again needs. In the order of the sequence, a batch in a
transaction: the programme keeps up to which place everything is stripped, so that whoever is killed goes on there, and
nothing is looked at twice. What only a later revision reads is gone: see operations/gone.py.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, bindparam, select, update

from activity.calendar import microseconds
from activity.claim import NOTHING_LEFT
from activity.intake import CLAIMS
from activity.tables import activity, claim
from operations.reading import Place, Reading
from operations.revision import Revision, Revisions
from rules.reads import SOURCE
from rules.tables import programme
from storage.bulk import AnyRow
from storage.engine import Store
from storage.work import UnitOfWork

STRIPPED_MAX = 1_000  # in one transaction

_WRITTEN = (
    update(activity)
    .where(activity.c.seq == bindparam("place"))
    .values(source=bindparam("told_by"), id=bindparam("called"), data=bindparam("left"))
)


class Stripped(NamedTuple):
    """How many were stripped."""

    activities: int
    claims: int


async def strip(
    store: Store, revisions: Revisions, reading: Reading, *, now: datetime, chunk: int = STRIPPED_MAX
) -> Stripped:
    """Strip everything that is old enough, `chunk` in a transaction. Without a programme there is nothing."""
    activities = claims = 0
    while True:
        async with store.reading() as work:
            if not await _is_due(work, revisions, reading, now):
                return Stripped(activities, claims)
        async with store.writing() as work:
            done = await strip_batch(work, revisions, reading, now=now, most=chunk)
        activities, claims = activities + done.activities, claims + done.claims


async def strip_batch(
    work: UnitOfWork, revisions: Revisions, reading: Reading, *, now: datetime, most: int = STRIPPED_MAX
) -> Stripped:
    """A batch of it, of which nothing is committed here. Safe to run anywhere, any number of times."""
    await work.share_programme()  # so that no revision comes that reads more
    revision = await revisions.current(work)
    before_us = _before_us(revision, now)
    if before_us is None:
        return Stripped(0, 0)
    # Locked: another process that strips goes on behind this batch.
    marker = (await work.execute(select(programme.c.stripped).with_for_update())).scalar_one()
    query = select(activity.c.seq, activity.c.type, activity.c.source, activity.c.id, activity.c.data)
    query = query.add_columns(activity.c.recorded_us).where(activity.c.seq > marker).order_by(activity.c.seq)
    rows = await work.rows(query.limit(most))
    young = next((at for at, row in enumerate(rows) if row.recorded_us >= before_us), len(rows))
    if old := rows[:young]:
        read = (await reading.up_to(work, revision.number)).read
        await work.execute(_WRITTEN, [_left(row, read) for row in old])
        await work.execute(update(programme).values(stripped=old[-1].seq))
    query = select(claim.c.id).where(_decided(before_us)).order_by(claim.c.decided_us, claim.c.id)
    claims = [row.id for row in await work.rows(query.limit(most))]
    if claims:
        await work.find(claim, {"id": sorted(claims)}, ("id",), lock=True)  # in the order in which they are decided
        gone = {"data": NOTHING_LEFT, "link": None, "note": None, "stripped": True}
        await work.execute(update(claim).where(claim.c.id.in_(claims)).values(gone))
    return Stripped(len(old), len(claims))


async def _is_due(work: UnitOfWork, revisions: Revisions, reading: Reading, now: datetime) -> bool:
    """Whether there is anything to strip. What revisions read is found out here, where nobody waits for it."""
    rows = await work.rows(select(programme.c.stripped))
    if not rows:
        return False
    revision = await revisions.current(work)
    before_us = _before_us(revision, now)
    if before_us is None:
        return False
    query = select(activity.c.recorded_us).where(activity.c.seq > rows[0].stripped).order_by(activity.c.seq).limit(1)
    if any(row.recorded_us < before_us for row in await work.rows(query)):
        await reading.up_to(work, revision.number)
        return True
    return bool(await work.rows(select(claim.c.id).where(_decided(before_us)).limit(1)))


def _before_us(revision: Revision, now: datetime) -> int | None:
    """What was recorded before this instant is stripped; nothing where the programme keeps everything."""
    days = revision.programme.retention_days
    return None if days is None else microseconds(now - timedelta(days=days))


def _decided(before_us: int) -> ColumnElement[bool]:
    return ~claim.c.stripped & (claim.c.decided_us < before_us)


def _left(row: AnyRow, read: Mapping[Place, object]) -> dict[str, Any]:
    """What is left of an activity. The source and id of a claim say no more than the claim, and prove it."""
    of_claim = row.source == CLAIMS
    data = {name: value for name, value in orjson.loads(row.data or "{}").items() if (row.type, name) in read}
    return {
        "place": row.seq,
        "told_by": row.source if of_claim or (row.type, SOURCE) in read else None,
        "called": row.id if of_claim else None,
        "left": orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode(),
    }
