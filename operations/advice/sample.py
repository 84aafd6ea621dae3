"""A sample of what was recorded lately: enough activities to say what a rule would make of them, and never too many.

The same database gives the same sample. Types of which there are few activities are in it whole; of the others it has
members, in the order of their random keys, each with all that they did: limits and badges need no less.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from sqlalchemy import ColumnElement, Select, distinct, func, or_, select

from activity.activity import Activity
from activity.calendar import Calendar, instant, microseconds
from activity.member import Facts
from activity.roster import FACTS, facts_of, team_names
from activity.tables import activity, member, retraction
from operations.case import Case
from rules.tables import programme, verdict
from storage.work import UnitOfWork

CASES_MAX = 12_000  # of which judging takes a second or less
SLACK = timedelta(days=1)  # by which clocks of writers may differ, or a tool be ahead


@dataclass(frozen=True, slots=True)
class Sample:
    """Activities of the last days for each member whom they credit, in the order in which they were recorded."""

    days: int
    cases: Mapping[str, list[Case]] = field(default_factory=dict)  # by key of activity type
    totals: Mapping[str, int] = field(default_factory=dict)  # how many activities there are, in the sample or not
    members: frozenset[int] = frozenset()  # of whom the sample has everything
    complete: bool = True  # whether it has everything of everybody

    @property
    def span_days(self) -> int:
        """From the first to the last day with an activity: less than `days` where a programme is young."""
        days = [case.day for cases in self.cases.values() for case in cases]
        return max(days) - min(days) + 1 if days else 0


async def take_sample(
    work: UnitOfWork, type_keys: Mapping[int, str], calendar: Calendar, *, now: datetime, days: int, most: int
) -> Sample:
    """The activities of these types in the last days, `most` of them or little more. Facts are those of today."""
    cut_us = microseconds(now - timedelta(days=days))
    first = await first_seq(work, microseconds(now - timedelta(days=days) - SLACK))
    lately = [
        verdict.c.activity >= first,
        activity.c.time_us >= cut_us,
        activity.c.type.in_(sorted(type_keys)),
        activity.c.seq.not_in(select(retraction.c.activity)),
    ]
    totals = await _totals(work, lately)
    whole = _small_ones(totals, most)
    last = None
    if len(whole) < len(totals):
        last = await _last_member(work, lately, whole, most - sum(totals[each] for each in whole))
    rows = await work.rows(_rows(lately, whole, last).limit(2 * most))
    facts = await _facts(work, {row.member for row in rows})
    cases: dict[str, list[Case]] = {key: [] for key in type_keys.values()}
    known: tuple[int, int] | None = None
    for row in rows:
        if (row.seq, row.member) == known or not facts[row.member].participates:
            continue  # judged anew, so that it has several verdicts; or of nobody's interest any more
        known = row.seq, row.member
        time, data = instant(row.time_us), orjson.loads(row.data or "{}")
        judged = Activity(row.source or "", "", type_keys[row.type], row.member, time, data)
        case = Case(judged, facts[row.member], row.time_us, calendar.day(time), row.seq, row.place, among=row.credited)
        cases[judged.type].append(case)
    of_whom = {case.member for each in cases.values() for case in each}
    return Sample(
        days,
        cases,
        {key: totals.get(identifier, 0) for identifier, key in type_keys.items()},
        frozenset(key for key in of_whom if last is None or key <= last),
        complete=last is None,
    )


async def first_seq(work: UnitOfWork, recorded_us: int) -> int:
    """A place in the sequence before which nothing was recorded since an instant. There is no index on time, and a
    long history takes long to read."""
    low, high = 1, await work.last_seq() + 1
    while low < high:
        middle = (low + high) // 2
        query = select(activity.c.recorded_us).where(activity.c.seq >= middle).order_by(activity.c.seq).limit(1)
        found = (await work.execute(query)).scalar_one_or_none()
        if found is None or found >= recorded_us:
            high = middle
        else:
            low = middle + 1
    return low


async def _totals(work: UnitOfWork, lately: list[ColumnElement[bool]]) -> dict[int, int]:
    """How many activities there are of each type, once for each member whom they credit."""
    query = select(activity.c.type, func.count().label("count")).select_from(verdict.join(activity)).where(*lately)
    return {row[0]: row[1] for row in await work.rows(query.group_by(activity.c.type))}


def _small_ones(totals: Mapping[int, int], most: int) -> list[int]:
    """The types that are looked at whole: all of them, or the rarest as far as they fill half of the sample."""
    room = most if sum(totals.values()) <= most else most // 2
    whole = []
    for kind in sorted(totals, key=lambda kind: (totals[kind], kind)):
        if totals[kind] > room:
            break
        room -= totals[kind]
        whole.append(kind)
    return whole


async def _last_member(work: UnitOfWork, lately: list[ColumnElement[bool]], whole: list[int], room: int) -> int | None:
    """The last member, in the order of keys, with whom the other types still fit."""
    count = func.count(distinct(activity.c.seq))
    query = (
        select(verdict.c.member, count)
        .select_from(verdict.join(activity))
        .where(*lately, activity.c.type.not_in(whole))
        .group_by(verdict.c.member)
        .order_by(verdict.c.member)
    )
    last = None
    for key, count_of_member in await work.rows(query):
        room -= count_of_member
        if last is not None and room < 0:
            break
        last = key
    return last


def _rows(lately: list[ColumnElement[bool]], whole: list[int], last: int | None) -> Select[*tuple[object, ...]]:
    columns = (activity.c.seq, activity.c.source, activity.c.type, activity.c.time_us, activity.c.data)
    query = select(*columns, activity.c.credited, verdict.c.member, verdict.c.place)
    # What was stripped says too little to be judged by a draft.
    stripped = select(programme.c.stripped).scalar_subquery()
    query = query.select_from(verdict.join(activity)).where(*lately, activity.c.seq > stripped)
    if last is not None:
        query = query.where(or_(activity.c.type.in_(whole), verdict.c.member <= last))
    return query.order_by(activity.c.seq, verdict.c.member)


async def _facts(work: UnitOfWork, keys: set[int]) -> dict[int, Facts]:
    teams = await team_names(work)
    rows = await work.find(member, {"key": sorted(keys)}, ("key", *FACTS))
    return {row[0]: facts_of(row[1:], teams) for row in rows}
