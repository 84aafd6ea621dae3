"""The recorded history, read back for replay: activities with the facts that were in force at their place."""

from typing import Any, TypeAlias

import orjson
from sqlalchemy import ColumnElement, Select, func, select

from activity.activity import Activity
from activity.calendar import instant
from activity.roster import FACTS
from activity.tables import activity, member_facts
from storage.bulk import AnyRow

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


def facts_in_force(query: AnySelect, member: ColumnElement[int], seq: ColumnElement[int]) -> AnySelect:
    """The query with the columns of FACTS added: the facts of `member` that were in force at `seq`."""
    latest = (
        select(func.max(member_facts.c.seq))
        .where(member_facts.c.member == member, member_facts.c.seq < seq)
        .correlate_except(member_facts)
        .scalar_subquery()
    )
    facts = member_facts.alias()
    return query.add_columns(*(facts.c[name] for name in FACTS)).join(
        facts, (facts.c.member == member) & (facts.c.seq == latest)
    )


ACTIVITY = ("seq", "source", "id", "type", "member", "time_us", "data")
ACTIVITY_COLUMNS = [activity.c[name] for name in ACTIVITY]


def activity_of(row: AnyRow, type_keys: Any) -> Activity:
    """The activity in the first columns of a row, which are those of ACTIVITY."""
    _, source, identifier, kind, member, time_us, data = row[: len(ACTIVITY)]
    return Activity(
        source or "", identifier or "", type_keys.get(kind, ""), member, instant(time_us), orjson.loads(data or "{}")
    )
