"""A member with everything that is kept of them, across the domains."""

from typing import Annotated, Any

import orjson
import strawberry
from sqlalchemy import func, select
from strawberry import relay
from strawberry.scalars import JSON

from activity.schema import BigInt, MemberSummary, find_member, resolved, teams_by_id
from activity.tables import member as member_table
from api.context import Context, Info
from api.history import ACTIVITIES, ENTRIES, activities_of, ledger_of
from paging import PAGE_DEFAULT, PAGE_MAX, Connection
from rewards.schema import LedgerEntry
from rewards.tables import entry
from rules.schema import JudgedActivity

COLUMNS = ("key", "external_id", "name", "team", "location", "department", "time_zone", "attributes", "participates")

First = Annotated[
    int | None, strawberry.argument(description=f"How many: {PAGE_DEFAULT} unless said, at most {PAGE_MAX}.")
]
After = Annotated[str | None, strawberry.argument(description="Only those behind this cursor.")]


@strawberry.type(description="An employee, and what they did and got.")
class Member(MemberSummary, relay.Node):
    key: relay.NodeID[int]
    time_zone: str | None = strawberry.field(description="Their time zone, such as Europe/London.")
    attributes: JSON = strawberry.field(description="What is known of them beside these fields, by attribute.")
    participates: bool = strawberry.field(description="Whether they take part. Who does not is on no board.")

    @resolved("All points they ever got: the sum of their ledger.")
    async def points(self, info: Info) -> BigInt:
        query = select(func.coalesce(func.sum(entry.c.points), 0)).where(entry.c.member == self.key)
        async with info.context.reading() as work:
            return BigInt(int((await work.execute(query)).scalar_one()))

    @resolved("What their points are made of, the latest entry first.")
    async def ledger(self, info: Info, first: First = None, after: After = None) -> Connection[LedgerEntry] | None:
        return await ledger_of(info.context, self.key, ENTRIES.asked(first, after))

    @resolved("What they did and what the rules said of it, the latest recorded first.")
    async def activities(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[JudgedActivity] | None:
        return await activities_of(info.context, self.key, ACTIVITIES.asked(first, after))


async def member_named(context: Context, external_id: str) -> Member | None:
    """The member with this external id."""
    async with context.reading() as work:
        row = await find_member(work, external_id, *COLUMNS)
    return await _member(context, row)


async def member_at(context: Context, key: int) -> Member | None:
    """The member with this key."""
    async with context.reading() as work:
        rows = await work.find(member_table, {"key": [key]}, COLUMNS)
    return await _member(context, rows[0] if rows else None)


async def _member(context: Context, row: Any | None) -> Member | None:
    if row is None:
        return None
    teams = {}
    if row.team is not None:
        async with context.reading() as work:
            teams = await teams_by_id(work, [row.team])
    return Member(
        key=row.key,
        external_id=row.external_id,
        name=row.name,
        team=teams.get(row.team),
        location=row.location,
        department=row.department,
        time_zone=row.time_zone,
        attributes=JSON(orjson.loads(row.attributes)),
        participates=bool(row.participates),
    )
