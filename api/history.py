"""A member's ledger, held points and activities, a page at a time: so many queries however long the page is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import BigInteger, ColumnElement, Select, literal, select, tuple_

from activity.calendar import instant
from activity.schema import BigInt, resolved
from api.activity import JudgedActivity, load_activities
from api.context import Context, Info
from api.ledger import LedgerEntry, entries_of, entries_query
from paging import Ask, Connection, Cursors, connection
from rewards.tables import entry, hold
from rules.schema import Rule
from rules.tables import verdict
from storage.bulk import AnyRow

ACTIVITIES = Cursors("activity", 1)
ENTRIES = Cursors("entry", 2)
HOLDS = Cursors("hold", 3)


@strawberry.type(description="Points that a rule holds back for a while. They are on no board until they are released.")
class HeldPoints:
    points: BigInt = strawberry.field(description="How many.")
    released_at: datetime = strawberry.field(description="When they are released, unless the activity is retracted.")
    rule: Rule = strawberry.field(description="The version of the rule that holds them.")
    key: strawberry.Private[tuple[int, int, int]]
    member_key: strawberry.Private[int]

    @resolved("What they are for.")
    async def activity(self, info: Info) -> JudgedActivity | None:
        return await info.context.loader(load_activities).load((self.key[1], self.member_key))


async def activities_of(context: Context, member: int, ask: Ask) -> Connection[JudgedActivity]:
    """What a member did, alone or with others, the latest recorded first."""
    query = select(verdict.c.activity).where(verdict.c.member == member).group_by(verdict.c.activity)
    rows, more = await page(context, query, (verdict.c.activity,), ask)
    return await activities_page(context, member, [row.activity for row in rows], ask, more)


async def activities_page(
    context: Context, member: int, seqs: Sequence[int], ask: Ask, more: bool
) -> Connection[JudgedActivity]:
    """A page of these activities, as they concern a member."""
    found = await context.loader(load_activities).load_many([(seq, member) for seq in seqs])
    nodes = [node for node in found if node is not None]
    return connection(
        nodes, lambda node: ACTIVITIES.write((node.seq,)), has_previous=ask.after is not None, has_next=more
    )


async def ledger_of(context: Context, member: int, ask: Ask) -> Connection[LedgerEntry]:
    """A member's ledger, the latest entry first."""
    rows, more = await page(
        context, entries_query().where(entry.c.member == member), (entry.c.seq, entry.c.ordinal), ask
    )
    nodes = await entries_of(context, rows)
    return connection(
        nodes, lambda node: ENTRIES.write((node.seq, node.ordinal)), has_previous=ask.after is not None, has_next=more
    )


async def held_of(context: Context, member: int, ask: Ask) -> Connection[HeldPoints]:
    """A member's held points, those that are released first ahead."""
    query = select(hold).where(hold.c.member == member, hold.c.ended_seq.is_(None))
    rows, more = await page(context, query, (hold.c.due_us, hold.c.seq, hold.c.ordinal), ask, ascending=True)
    calendar = (await context.revision()).calendar
    async with context.reading() as work:
        rules = await context.service.rulebook.rules(work, (row.version for row in rows), calendar)
    nodes = [
        HeldPoints(
            points=BigInt(row.points),
            released_at=instant(row.due_us),
            rule=Rule.of(row.version, rules[row.version]),
            key=(row.due_us, row.seq, row.ordinal),
            member_key=member,
        )
        for row in rows
    ]
    return connection(nodes, lambda node: HOLDS.write(node.key), has_previous=ask.after is not None, has_next=more)


async def page(
    context: Context, query: Select[Any], key: tuple[ColumnElement[int], ...], ask: Ask, *, ascending: bool = False
) -> tuple[Sequence[AnyRow], bool]:
    """A page in the order of a unique key, descending unless said otherwise, and whether there is more behind it."""
    if ask.after is not None:
        # Whatever a column holds: a cursor that somebody made up may be larger.
        marks = [literal(part, BigInteger) for part in ask.after]
        place, after = (tuple_(*key), tuple_(*marks)) if len(key) > 1 else (key[0], marks[0])
        query = query.where(place > after if ascending else place < after)
    order = [column.asc() if ascending else column.desc() for column in key]
    async with context.reading() as work:
        rows = await work.rows(query.order_by(*order).limit(ask.count + 1))
    return rows[: ask.count], len(rows) > ask.count
