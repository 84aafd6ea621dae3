"""What happened to badges and zones, in the order in which it happened: what other tools react to.

Awards are made and revoked side by side, and a place in the sequence is taken a little before what stands there can be
read. So an event is shown when it is a few seconds old: by then what stands before it can be read too, and whoever goes
on from a cursor misses nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import strawberry
from sqlalchemy import ColumnElement, Select, select, tuple_

from activity.calendar import instant, microseconds
from activity.schema import BigInt, MemberSummary, resolved
from activity.tables import member
from api.activity import load_members
from api.badges import BadgeAward, load_awards
from api.context import Context, Info
from api.journey import zone_of
from paging import Ask, Connection, Cursors, connection
from rewards.schema import Zone
from rewards.tables import award
from storage.bulk import AnyRow

EVENTS = Cursors("event", 3)
SETTLED_AFTER = timedelta(seconds=10)


class EventKind(StrEnum):
    BADGE_AWARDED = "badge awarded"
    BADGE_REVOKED = "badge revoked"
    ZONE_ENTERED = "zone entered"
    ZONE_LEFT = "zone left"


strawberry.enum(
    EventKind,
    description="What happened: a level of a badge was awarded or revoked, a zone was entered, or it was left again "
    "because what led into it was retracted.",
)


class Mark(NamedTuple):
    """Where an event stands: its place in the sequence, and the place of the award, whose end comes after awards."""

    at: int
    award_seq: int
    award_ordinal: int


@strawberry.type(description="A badge or zone that a member got, or lost.")
class Event:
    kind: EventKind = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When Laurels recorded it.")
    zone: Zone | None = strawberry.field(description="Which zone, if it is one.")
    reason: str | None = strawberry.field(description="Why a badge was given by hand, or something was revoked.")
    author: str | None = strawberry.field(description="Who gave or took it by hand.")
    seq: BigInt = strawberry.field(description="Its place in the programme's one sequence of events.")
    row: strawberry.Private[AnyRow]
    mark: strawberry.Private[Mark]

    @resolved("Whom it concerns.")
    async def member(self, info: Info) -> MemberSummary:
        return await info.context.loader(load_members).load(self.row.member)

    @resolved("Which level of which badge, if it is one, and what it rests or rested on.")
    async def award(self, info: Info) -> BadgeAward | None:
        if self.zone is not None:
            return None
        return await info.context.loader(load_awards).load((self.row.seq, self.row.ordinal))


async def events_of(context: Context, ask: Ask) -> Connection[Event]:
    """What happened to members who take part, the earliest first."""
    settled_us = microseconds(context.now() - SETTLED_AFTER)
    async with context.reading() as work:
        awarded, revoked = await work.rows(_awarded(ask)), await work.rows(_revoked(ask))
    found = [(Mark(row.seq, row.seq, row.ordinal), False, row.recorded_us, row) for row in awarded]
    found += [(Mark(row.revoked_seq, row.seq, row.ordinal), True, row.revoked_us, row) for row in revoked]
    found.sort(key=lambda each: each[0])
    young = next((place for place, each in enumerate(found) if each[2] > settled_us), len(found))
    shown, more = found[: min(ask.count, young)], ask.count < young
    nodes = await _events(context, shown)
    return connection(nodes, lambda node: EVENTS.write(node.mark), has_previous=ask.after is not None, has_next=more)


async def _events(context: Context, found: Sequence[tuple[Mark, bool, int, AnyRow]]) -> list[Event]:
    state = await context.revision()
    async with context.reading() as work:
        zones = await context.service.rulebook.zones(work, (each[3].version for each in found), state.calendar)
    nodes = []
    for mark, over, at_us, row in found:
        zone = zone_of(context, state, zones[row.version]) if row.version in zones else None
        badge = EventKind.BADGE_REVOKED if over else EventKind.BADGE_AWARDED
        nodes.append(
            Event(
                kind=badge if zone is None else EventKind.ZONE_LEFT if over else EventKind.ZONE_ENTERED,
                at=instant(at_us),
                zone=zone,
                reason=row.revoked_reason if over else row.reason,
                author=row.revoked_by if over else row.author,
                seq=BigInt(mark.at),
                row=row,
                mark=mark,
            )
        )
    return nodes


def _awarded(ask: Ask) -> Select[Any]:
    return _page((award.c.seq, award.c.seq, award.c.ordinal), ask)


def _revoked(ask: Ask) -> Select[Any]:
    query = _page((award.c.revoked_seq, award.c.seq, award.c.ordinal), ask)
    return query.where(award.c.revoked_seq.is_not(None))


def _page(key: tuple[ColumnElement[Any], ...], ask: Ask) -> Select[Any]:
    taking_part = (member.c.key == award.c.member) & member.c.participates
    query = select(award).join(member, taking_part)
    if ask.after is not None:
        query = query.where(key[0] >= ask.after[0], tuple_(*key) > tuple_(*ask.after))
    return query.order_by(*key).limit(ask.count + 1)
