"""Unknown: for whom activities are kept, those with most of them first."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from activity.calendar import instant
from activity.tables import kept
from operations.revision import Revisions
from storage.work import UnitOfWork


class UnknownPerson(NamedTuple):
    """Somebody by whose name no member is known."""

    kind: str  # of the identity; empty for an external id
    name: str  # as it was first written
    activities: int  # how many are kept
    first: datetime  # when those came
    last: datetime
    problem: str | None  # why some of them could not be recorded when the person was known
    id: int  # of the first of them

    @property
    def place(self) -> tuple[int, int]:
        """Where they stand in the list, which is in descending order of the first."""
        return self.activities, self.id


async def unknown_people(
    work: UnitOfWork, revisions: Revisions, *, count: int, after: tuple[int, ...] | None = None
) -> list[UnknownPerson]:
    """At most `count` of them, from the place behind `after`. In an opt-in programme there are none."""
    if (await revisions.current(work)).programme.opt_in:
        return []
    many, first = func.count(), func.min(kept.c.id)
    told = func.min(kept.c.received_us), func.max(kept.c.received_us), func.max(kept.c.problem)
    people = select(kept.c.kind, many, first, *told).group_by(kept.c.kind, kept.c.handle)
    if after is not None:
        people = people.having((many < after[0]) | ((many == after[0]) & (first > after[1])))
    rows = await work.rows(people.order_by(many.desc(), first).limit(count))
    names = {row.id: row.name for row in await work.find(kept, {"id": sorted(row[2] for row in rows)}, ("id", "name"))}
    return [
        UnknownPerson(kind, names[at], number, instant(began_us), instant(ended_us), problem, at)
        for kind, number, at, began_us, ended_us, problem in rows
    ]
