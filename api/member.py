"""A member with everything that is kept of them, across the domains."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
import strawberry
from sqlalchemy import func, select
from strawberry import relay
from strawberry.scalars import JSON

from activity.calendar import instant
from activity.schema import BigInt, MemberSummary, find_member, resolved, shown_names, teams_by_id
from activity.tables import member as member_table
from api.activity import JudgedActivity
from api.arguments import After, First
from api.badges import AWARDS, BadgeAward, badges_of
from api.claims import CLAIMS, Claim, OnlyState, claims_of
from api.context import Context, Info
from api.history import ACTIVITIES, ENTRIES, HOLDS, HeldPoints, activities_of, held_of, ledger_of
from api.journey import DORMANT, MemberJourney, dormant_members, journey_of
from api.ledger import LedgerEntry
from api.payouts import OnlyPodium, PeriodArgument
from api.people import MemberIdentity, WithRemoved, identities_of
from api.prizes import PRIZES, PrizeOutcome, prizes_of
from api.progress import BadgeProgress, next_of, progress_of
from paging import Ask, Connection, connection
from rewards.tables import entry, hold
from storage.bulk import AnyRow

SHOWN = ("key", "external_id", "name", "alias", "team", "location", "department")
COLUMNS = (*SHOWN, "time_zone", "attributes", "participates", "left_us")


@strawberry.type(description="An employee, and what they did and got.")
class Member(MemberSummary, relay.Node):
    key: relay.NodeID[int]
    alias: str | None = strawberry.field(
        description="What others than managers see instead of their name. Null to those while another member goes by "
        "it too: they see the external id then."
    )
    time_zone: str | None = strawberry.field(description="Their time zone, such as Europe/London.")
    attributes: JSON = strawberry.field(description="What is known of them beside these fields, by attribute.")
    participates: bool = strawberry.field(description="Whether they take part. Who does not is on no board.")

    left: datetime | None = strawberry.field(
        description="When they were marked as having left the company. For keys that may manage; null to others."
    )

    @resolved(
        "What other tools know them by, and reports may name them by. For a key that may manage, or that acts for them."
    )
    async def identities(self, info: Info, removed: WithRemoved = False) -> list[MemberIdentity] | None:
        return await identities_of(info.context, self.key, removed=removed)

    @resolved("All points they ever got: the sum of their ledger.")
    async def points(self, info: Info) -> BigInt:
        return BigInt(await info.context.loader(load_points).load(self.key))

    @resolved("The points that rules hold back for now, and that are not among the others.")
    async def points_held(self, info: Info) -> BigInt:
        return BigInt(await info.context.loader(load_points_held).load(self.key))

    @resolved("What their points are made of, the latest entry first.")
    async def ledger(self, info: Info, first: First = None, after: After = None) -> Connection[LedgerEntry] | None:
        return await ledger_of(info.context, self.key, ENTRIES.asked(first, after))

    @resolved("The points that rules hold back for now, those that are released first ahead.")
    async def held_points(self, info: Info, first: First = None, after: After = None) -> Connection[HeldPoints] | None:
        return await held_of(info.context, self.key, HOLDS.asked(first, after))

    @resolved("What they did and what the rules said of it, the latest recorded first.")
    async def activities(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[JudgedActivity] | None:
        return await activities_of(info.context, self.key, ACTIVITIES.asked(first, after))

    @resolved("The badges that they hold, level by level, the latest first.")
    async def badges(self, info: Info, first: First = None, after: After = None) -> Connection[BadgeAward] | None:
        return await badges_of(info.context, self.key, AWARDS.asked(first, after))

    @resolved("How far they are towards a badge. Null for one that there is not, or that is hidden until they have it.")
    async def badge(
        self, info: Info, key: Annotated[str, strawberry.argument(description="The badge's key in the programme.")]
    ) -> BadgeProgress | None:
        return await progress_of(info.context, self.key, key)

    @resolved("The badges they are closest to by what they do, the closest first; those that others must precede last.")
    async def next_badges(
        self, info: Info, first: Annotated[int, strawberry.argument(description="How many, at most 100.")] = 5
    ) -> list[BadgeProgress] | None:
        return await next_of(info.context, self.key, first)

    @resolved(
        "What podiums came to for them, the latest period first: what they won, or why nothing. For a key that may "
        "manage, or that acts for them."
    )
    async def prizes(
        self,
        info: Info,
        podium: OnlyPodium = None,
        period: PeriodArgument = None,
        first: First = None,
        after: After = None,
    ) -> Connection[PrizeOutcome] | None:
        return await prizes_of(info.context, self.key, PRIZES.asked(first, after), podium=podium, period=period)

    @resolved(
        "What they claimed to have done, the latest first, and what became of it. For a key that may manage, or that "
        "acts for them."
    )
    async def claims(
        self, info: Info, state: OnlyState = None, first: First = None, after: After = None
    ) -> Connection[Claim] | None:
        return await claims_of(info.context, self.key, state, CLAIMS.asked(first, after))

    @resolved("Where they are on the journey, and what comes next.")
    async def journey(self, info: Info) -> MemberJourney:
        return await journey_of(info.context, self.key)


async def member_named(context: Context, external_id: str) -> Member | None:
    """The member with this external id."""
    async with context.reading() as work:
        row = await find_member(work, external_id, *COLUMNS)
    return (await _members(context, [row]))[0] if row is not None else None


async def member_at(context: Context, key: int) -> Member | None:
    """The member with this key."""
    return (await _members_at(context, [key])).get(key)


async def dormant_page(context: Context, ask: Ask) -> Connection[Member]:
    """The members of whom nothing has come for too long, the longest silence first."""
    places, more = await dormant_members(context, ask)
    found = await _members_at(context, [key for _, key in places])
    cursors = {key: DORMANT.write((since_us, key)) for since_us, key in places}
    return connection(
        [found[key] for _, key in places],
        lambda node: cursors[node.key],
        has_previous=ask.after is not None,
        has_next=more,
    )


async def load_points(context: Context, keys: list[int]) -> list[int]:
    """The sums of members' ledgers."""
    query = select(entry.c.member, func.sum(entry.c.points).label("points")).where(entry.c.member.in_(keys))
    async with context.reading() as work:
        found = {row.member: int(row.points) for row in await work.rows(query.group_by(entry.c.member))}
    return [found.get(key, 0) for key in keys]


async def load_points_held(context: Context, keys: list[int]) -> list[int]:
    """The sums of what is held back from members."""
    waiting = hold.c.member.in_(keys) & hold.c.ended_seq.is_(None)
    query = select(hold.c.member, func.sum(hold.c.points).label("points")).where(waiting).group_by(hold.c.member)
    async with context.reading() as work:
        found = {row.member: int(row.points) for row in await work.rows(query)}
    return [found.get(key, 0) for key in keys]


async def _members_at(context: Context, keys: Sequence[int]) -> dict[int, Member]:
    async with context.reading() as work:
        rows = await work.find(member_table, {"key": list(keys)}, COLUMNS)
    return {member.key: member for member in await _members(context, rows)}


async def _members(context: Context, rows: Sequence[AnyRow | Any]) -> list[Member]:
    async with context.reading() as work:
        teams = await teams_by_id(work, {row.team for row in rows if row.team is not None})
        names = await shown_names(work, rows, context.sees_names)
    return [
        Member(
            key=row.key,
            external_id=row.external_id,
            name=names[row.key],
            alias=row.alias if context.sees_names or names[row.key] == row.alias else None,
            team=teams.get(row.team),
            location=row.location,
            department=row.department,
            time_zone=row.time_zone,
            attributes=JSON(orjson.loads(row.attributes)),
            participates=bool(row.participates),
            left=instant(row.left_us) if row.left_us is not None and context.sees_names else None,
        )
        for row in rows
    ]
