"""A member's ledger and activities, a page at a time, each page one query however many names it shows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, Select, select, tuple_
from strawberry.scalars import JSON

from activity.calendar import Calendar, instant
from activity.schema import BigInt, Team
from activity.tables import activity, team
from api.context import Context
from paging import Ask, Connection, Cursors, connection
from rewards.schema import LedgerEntry
from rewards.tables import entry
from rules.rule import Rule as RuleValue
from rules.schema import JudgedActivity, Rule, Verdict
from rules.tables import element, verdict
from rules.verdict import Outcome, load

ACTIVITIES = Cursors("activity", 1)
ENTRIES = Cursors("entry", 2)

# An activity with the key that its type has now, and what the rules said of it.
_ACTIVITY = (
    activity.c.seq.label("activity_seq"),
    activity.c.source,
    activity.c.id,
    element.c.key.label("type_key"),
    activity.c.time_us,
    activity.c.recorded_us,
    activity.c.data,
    verdict.c.outcomes,
)
_FROM = activity.join(element, element.c.id == activity.c.type).outerjoin(verdict, verdict.c.activity == activity.c.seq)


async def activities_of(context: Context, member: int, ask: Ask) -> Connection[JudgedActivity]:
    """What a member did, the latest recorded first."""
    query = select(*_ACTIVITY).select_from(_FROM).where(activity.c.member == member)
    rows, more = await _page(context, query, (activity.c.seq,), ask)
    nodes = await _judged(context, rows)
    return connection(
        nodes, lambda node: ACTIVITIES.write((node.seq,)), has_previous=ask.after is not None, has_next=more
    )


async def activity_at(context: Context, seq: int) -> JudgedActivity | None:
    """The activity at a place in the sequence."""
    async with context.reading() as work:
        rows = await work.rows(select(*_ACTIVITY).select_from(_FROM).where(activity.c.seq == seq))
    return (await _judged(context, rows))[0] if rows else None


async def ledger_of(context: Context, member: int, ask: Ask) -> Connection[LedgerEntry]:
    """A member's ledger, the latest entry first."""
    query = (
        select(
            *_ACTIVITY,
            entry.c.seq,
            entry.c.ordinal,
            entry.c.points,
            entry.c.time_us.label("entry_time_us"),
            entry.c.version,
            team.c.id.label("team_id"),
            team.c.name.label("team_name"),
        )
        .select_from(entry.join(_FROM, activity.c.seq == entry.c.activity).outerjoin(team, team.c.id == entry.c.team))
        .where(entry.c.member == member)
    )
    rows, more = await _page(context, query, (entry.c.seq, entry.c.ordinal), ask)
    activities = await _judged(context, rows)
    rules = await _rules(context, (row.version for row in rows))
    nodes = [
        LedgerEntry(
            points=BigInt(row.points),
            at=instant(row.entry_time_us),
            rule=Rule.of(row.version, rules[row.version]),
            activity=judged,
            team=Team(key=row.team_id, name=row.team_name) if row.team_id is not None else None,
            seq=BigInt(row.seq),
            ordinal=row.ordinal,
        )
        for row, judged in zip(rows, activities, strict=True)
    ]
    return connection(
        nodes,
        lambda node: ENTRIES.write((node.seq, node.ordinal)),
        has_previous=ask.after is not None,
        has_next=more,
    )


async def _page(
    context: Context, query: Select[Any], key: tuple[ColumnElement[int], ...], ask: Ask
) -> tuple[Sequence[Row[Any]], bool]:
    """A page in descending order of a unique key, and whether there is more behind it."""
    if ask.after is not None:
        query = query.where(tuple_(*key) < tuple_(*ask.after) if len(key) > 1 else key[0] < ask.after[0])
    query = query.order_by(*(column.desc() for column in key)).limit(ask.count + 1)
    async with context.reading() as work:
        rows = await work.rows(query)
    return rows[: ask.count], len(rows) > ask.count


async def _judged(context: Context, rows: Sequence[Row[Any]]) -> list[JudgedActivity]:
    calendar = (await context.revision()).calendar
    said = [load(row.outcomes) if row.outcomes else [] for row in rows]
    rules = await _rules(context, (outcome.version for outcomes in said for outcome in outcomes))
    return [
        JudgedActivity(
            seq=row.activity_seq,
            source=row.source,
            external_id=row.id,
            type=row.type_key,
            time=instant(row.time_us),
            recorded_at=instant(row.recorded_us),
            data=JSON(orjson.loads(row.data or "{}")),
            verdicts=_verdicts(outcomes, rules, calendar, row.time_us),
        )
        for row, outcomes in zip(rows, said, strict=True)
    ]


async def _rules(context: Context, versions: Iterable[int]) -> Mapping[int, RuleValue]:
    calendar = (await context.revision()).calendar
    async with context.reading() as work:
        return await context.service.rulebook.rules(work, versions, calendar)


def _verdicts(
    outcomes: Sequence[Outcome], rules: Mapping[int, RuleValue], calendar: Calendar, time_us: int
) -> list[Verdict]:
    day = calendar.day(instant(time_us))
    return [Verdict.of(outcome, rules[outcome.version], calendar, day) for outcome in outcomes]
