"""The recorded history, read back for replay: activities with the facts and the verdicts that held at their place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import orjson
from sqlalchemy import ColumnElement, Select, func, select

from activity.activity import Activity
from activity.calendar import instant
from activity.roster import FACTS, facts_of
from activity.tables import activity, member_facts, retraction
from operations.case import Case
from rules.tables import verdict
from rules.verdict import load
from storage.work import UnitOfWork

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


def facts_in_force(query: AnySelect, member: ColumnElement[int], seq: ColumnElement[int]) -> AnySelect:
    """The query with the columns of FACTS added: the facts of `member` that were in force at `seq`. What was known of
    them first holds before too: an activity from then can turn out to be theirs."""
    seqs = select(func.max(member_facts.c.seq)).correlate_except(member_facts).where(member_facts.c.member == member)
    first = select(func.min(member_facts.c.seq)).correlate_except(member_facts).where(member_facts.c.member == member)
    latest = func.coalesce(seqs.where(member_facts.c.seq < seq).scalar_subquery(), first.scalar_subquery())
    facts = member_facts.alias()
    return query.add_columns(*(facts.c[name] for name in FACTS)).join(
        facts, (facts.c.member == member) & (facts.c.seq == latest)
    )


# Of an activity, for one of the members whom it credits.
CASE = ("seq", "source", "id", "type", "credited_member", "time_us", "data", "recorded_us", "credited", "place")


def case_columns(member: ColumnElement[int], place: ColumnElement[int]) -> list[ColumnElement[Any]]:
    """The columns of CASE: of an activity, for `member`, who is at a place among those that it credits."""
    return [
        activity.c.seq,
        activity.c.source,
        activity.c.id,
        activity.c.type,
        member.label("credited_member"),
        activity.c.time_us,
        activity.c.data,
        activity.c.recorded_us,
        activity.c.credited,
        place.label("place"),
    ]


def case_of(
    row: Sequence[Any],
    facts: Sequence[Any],
    type_keys: Mapping[int, str],
    teams: dict[int, str],
    day_of: Callable[[Any], int],
) -> Case:
    """The case in the first columns of a row, which are those of CASE, without outcomes. `facts` are those of FACTS."""
    seq, source, identifier, kind, member, time_us, data, recorded_us, credited, place = row[: len(CASE)]
    time = instant(time_us)
    judged = Activity(source or "", identifier or "", type_keys.get(kind, ""), member, time, orjson.loads(data or "{}"))
    return Case(judged, facts_of(facts, teams), time_us, day_of(time), seq, place, credited, recorded_us, kind)


async def histories(
    work: UnitOfWork,
    members: Sequence[int],
    type_keys: Mapping[int, str],
    teams: dict[int, str],
    day_of: Callable[[Any], int],
) -> dict[int, list[Case]]:
    """What members did, in the order of the sequence, with what the rules said of it at last. What was retracted is
    left out."""
    query = (
        select(*case_columns(verdict.c.member, verdict.c.place), verdict.c.outcomes)
        .select_from(verdict)
        .join(activity, activity.c.seq == verdict.c.activity)
        .where(
            verdict.c.member.in_(members),
            verdict.c.activity.not_in(select(retraction.c.activity)),
        )
        .order_by(verdict.c.member, verdict.c.activity, verdict.c.revision)
    )
    query = facts_in_force(query, verdict.c.member, verdict.c.activity)
    found: dict[int, list[Case]] = {member: [] for member in members}
    for row in await work.rows(query):
        mine = found[row.credited_member]
        if mine and mine[-1].seq == row.seq:
            mine[-1].outcomes = load(row.outcomes)
            continue
        case = case_of(row, row[len(CASE) + 1 :], type_keys, teams, day_of)
        case.outcomes = load(row.outcomes)
        mine.append(case)
    return found
