"""An entry of the ledger with what it was paid for, what it takes back, and who made it and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import strawberry
from sqlalchemy import Select, select, tuple_

from activity.calendar import instant
from activity.schema import BigInt, Team, resolved
from activity.tables import retraction, team, transfer
from api.activity import JudgedActivity, load_activities
from api.context import Context, Info
from api.titles import titles_of
from rewards.ledger import Kind
from rewards.schema import Badge
from rewards.tables import adjustment, award, entry
from rules.schema import Rule
from rules.tables import revision
from storage.bulk import AnyRow

Place = tuple[int, int]  # of an entry: seq and ordinal


class CauseKey(NamedTuple):
    """What tells why an entry was made."""

    place: Place
    kind: Kind
    reverses: Place | None


class Cause(NamedTuple):
    """Who made an entry, and why, as far as a person did."""

    author: str | None = None
    reason: str | None = None


@strawberry.type(description="Points that a member got, or lost by a correction. An entry never changes.")
class LedgerEntry:
    kind: Kind = strawberry.field(description="What it is.")
    points: BigInt = strawberry.field(description="How many; below zero for what takes points.")
    at: datetime = strawberry.field(description="When the activity happened: which periods the points count in.")
    rule: Rule | None = strawberry.field(description="The version of the rule that paid, if a rule did.")
    badge: Badge | None = strawberry.field(description="The version of the badge that paid, if a badge did.")
    team: Team | None = strawberry.field(description="The member's team when it was recorded: whose points they are.")
    seq: BigInt = strawberry.field(description="Its place in the programme's one sequence of events.")
    ordinal: strawberry.Private[int]
    member_key: strawberry.Private[int]
    activity_seq: strawberry.Private[int | None]
    reversed_place: strawberry.Private[Place | None]

    @resolved(
        "What they were paid for. Null where it was no activity, as with points that a person gave, or one that turned "
        "out to be another member's."
    )
    async def activity(self, info: Info) -> JudgedActivity | None:
        if self.activity_seq is None:
            return None
        return await info.context.loader(load_activities).load((self.activity_seq, self.member_key))

    @resolved("The entry that it takes back.")
    async def reverses(self, info: Info) -> "LedgerEntry | None":
        if self.reversed_place is None:
            return None
        return await info.context.loader(load_entries).load(self.reversed_place)

    @resolved("Why, in the words of whoever corrected something. Null where no person did.")
    async def reason(self, info: Info) -> str | None:
        return (await self._cause(info)).reason

    @resolved("Who corrected something. Null where no person did.")
    async def author(self, info: Info) -> str | None:
        return (await self._cause(info)).author

    async def _cause(self, info: Info) -> Cause:
        if self.kind in (Kind.AWARD, Kind.RELEASE):
            return Cause()
        return await info.context.loader(load_causes).load(
            CauseKey((self.seq, self.ordinal), self.kind, self.reversed_place)
        )


def entries_query() -> Select[tuple[object, ...]]:
    """The columns that `entries_of` needs."""
    columns = [column for column in entry.columns if column.name not in ("team", "day")]
    return select(*columns, team.c.id.label("team_id"), team.c.name.label("team_name")).select_from(
        entry.outerjoin(team, team.c.id == entry.c.team)
    )


async def entries_of(context: Context, rows: Sequence[AnyRow]) -> list[LedgerEntry]:
    """The entries in rows of `entries_query`."""
    state = await context.revision()
    rulebook, titles = context.service.rulebook, await titles_of(context)
    async with context.reading() as work:
        await rulebook.load(work, (row.version for row in rows), state.calendar)
        rules = await rulebook.rules(work, (), state.calendar)
        badges = await rulebook.badges(work, (), state.calendar)
    return [
        LedgerEntry(
            kind=Kind(row.kind),
            points=BigInt(row.points),
            at=instant(row.time_us),
            rule=Rule.of(row.version, rules[row.version]) if row.version in rules else None,
            badge=Badge.of(row.version, badges[row.version].badge, titles, state.calendar)
            if row.version in badges
            else None,
            team=Team(key=row.team_id, name=row.team_name) if row.team_id is not None else None,
            seq=BigInt(row.seq),
            ordinal=row.ordinal,
            member_key=row.member,
            activity_seq=row.activity,
            reversed_place=(row.reverses_seq, row.reverses_ordinal) if row.reverses_seq is not None else None,
        )
        for row in rows
    ]


async def load_entries(context: Context, places: list[Place]) -> list[LedgerEntry | None]:
    """The entries at these places."""
    async with context.reading() as work:
        rows = await work.rows(entries_query().where(tuple_(entry.c.seq, entry.c.ordinal).in_(places)))
    found = {(node.seq, node.ordinal): node for node in await entries_of(context, rows)}
    return [found.get((BigInt(seq), ordinal)) for seq, ordinal in places]


async def load_causes(context: Context, keys: list[CauseKey]) -> list[Cause]:
    """Who made entries and why: a person who adjusted, retracted, gave or took, found whose an activity was, or
    published for the past."""
    seqs = sorted({key.place[0] for key in keys})
    of_awards = sorted({key.reverses[0] for key in keys if key.reverses} | set(seqs))
    back = revision.c.from_us.is_not(None) | revision.c.back_to.is_not(None)
    past = select(revision.c.seq, revision.c.author, revision.c.note).where(back)
    told = ("seq", "author", "reason")
    given = (*told, "entry", "revoked_seq", "revoked_by", "revoked_reason")
    async with context.reading() as work:
        adjusted = {row[0]: Cause(*row[1:]) for row in await work.find(adjustment, {"seq": seqs}, told)}
        corrected = {row[0]: Cause(*row[1:]) for row in await work.find(retraction, {"seq": seqs}, told)}
        corrected |= {row[0]: Cause(*row[1:]) for row in await work.find(transfer, {"seq": seqs}, told)}
        awards = {(row[0], row[3]): row for row in await work.find(award, {"seq": of_awards}, given)}
        published = await work.rows(past.order_by(revision.c.seq))

    def cause(key: CauseKey) -> Cause:
        at = key.place[0]
        if key.kind is Kind.ADJUSTMENT:
            return adjusted.get(at, Cause())
        if key.kind is Kind.BADGE:
            return Cause(*awards[key.place][1:3]) if key.place in awards else Cause()
        earlier = [row for row in published if row.seq < at]
        by_revision = Cause(earlier[-1].author or None, earlier[-1].note) if earlier else Cause()
        found = corrected.get(at, by_revision)
        lost = awards.get(key.reverses) if key.kind is Kind.REVERSAL and key.reverses else None
        if lost is not None and lost[4] == at:  # the badge that paid was taken, or fell away
            return Cause(lost[5] or found.author, lost[6])
        return found

    return [cause(key) for key in keys]
