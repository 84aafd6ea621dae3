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
    began, ended = func.min(kept.c.received_us).label("began"), func.max(kept.c.received_us).label("ended")
    told = began, ended, func.max(kept.c.problem).label("problem")
    people = select(kept.c.kind, kept.c.handle, many.label("many"), first.label("first"), *told)
    people = people.group_by(kept.c.kind, kept.c.handle)
    if after is not None:
        people = people.having((many < after[0]) | ((many == after[0]) & (first > after[1])))
    here = people.order_by(many.desc(), first).limit(count).subquery()
    # Ids are not in the order in which things came: a batch is written in that of its identities.
    nth = func.row_number().over(partition_by=(kept.c.kind, kept.c.handle), order_by=(kept.c.received_us, kept.c.place))
    named = select(kept.c.kind, kept.c.handle, kept.c.name, nth.label("nth")).subquery()
    same = (named.c.kind == here.c.kind) & (named.c.handle == here.c.handle) & (named.c.nth == 1)
    query = select(here, named.c.name).join(named, same).order_by(here.c.many.desc(), here.c.first)
    return [
        UnknownPerson(row.kind, row.name, row.many, instant(row.began), instant(row.ended), row.problem, row.first)
        for row in await work.rows(query)
    ]
