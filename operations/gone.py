"""Gone: what a programme reads, and activities that were stripped before anything read it no longer have.

Judged by it, they would be as if the field had come later: with its default, or without a value. What they had earned
would be taken back because nobody knows any more what they said. So nothing is judged again that far back.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from activity.calendar import instant
from activity.tables import activity, retraction
from errors import LaurelsError
from operations.programme import Programme
from operations.reading import Reading
from operations.revision import Revision
from rules.reads import SOURCE, Read
from rules.tables import programme
from storage.work import UnitOfWork

TOLD_MAX = 5


class Gone(NamedTuple):
    """An expression that reads a field, and the activities that have lost it, by places in the sequence."""

    read: Read
    type: int  # element id
    after: int
    up_to: int

    def query(self, *columns: Any) -> Select[*tuple[Any, ...]]:
        mine = activity.c.type == self.type, activity.c.seq > self.after, activity.c.seq <= self.up_to
        return select(*columns).where(*mine, activity.c.seq.not_in(select(retraction.c.activity)))


class DataGone(LaurelsError):
    """A past day is too long ago: rules, badges or zones read what activities since then have lost."""


async def gone(work: UnitOfWork, current: Revision, declared: Programme, *, revive: bool = False) -> list[Gone]:
    """What expressions of a draft read that activities may have lost. With `revive` types that were retired go on."""
    marker = (await work.execute(select(programme.c.stripped))).scalar_one()
    if not marker:
        return []
    reading = await Reading().up_to(work, current.number)
    former = reading.types if revive else {}
    return list(_gone(reading, {**former, **current.type_ids}, declared, marker))


async def refuse_gone(work: UnitOfWork, current: Revision, declared: Programme, from_us: int, *, revive: bool) -> None:
    """Refuse to judge activities since an instant again where some have lost what it takes. Raises DataGone."""
    lost: list[str] = []
    last_us = 0
    for each in await gone(work, current, declared, revive=revive):
        since = each.query(func.max(activity.c.time_us)).where(activity.c.time_us >= from_us)
        found = (await work.execute(since)).scalar_one()
        if found is not None:
            lost.append(f"{each.read.path} reads activity.{each.read.field} of {each.read.type}")
            last_us = max(last_us, found)
    if lost:
        told = "; ".join(lost[:TOLD_MAX]) + (f"; and {len(lost) - TOLD_MAX:,} more" if len(lost) > TOLD_MAX else "")
        last = date.fromordinal(declared.calendar.day(instant(last_us)))
        raise DataGone(
            f"activities up to {last} cannot be judged again, as what nothing read was stripped of them: {told}; "
            "write a later day, or publish from now on"
        )


def _gone(reading: Reading, types: Mapping[str, int], declared: Programme, marker: int) -> Iterator[Gone]:
    for read in reading.of(declared):
        kind = declared.activities[read.type]
        identifier = types.get(read.type) or types.get(kind.was or "")
        if identifier is None:
            continue  # nothing was recorded of it
        place = identifier, read.field
        first, since = reading.declared.get(place), reading.read.get(place)
        up_to = since.stripped if since else marker
        if up_to and (first or read.field == SOURCE):
            yield Gone(read, identifier, first.seq if first else 0, up_to)
