"""Why: what rules said of activities that were recorded just now, for whoever decided that they were."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import orjson
from sqlalchemy import select

from activity.activity import Activity
from activity.calendar import instant
from activity.catalogue import FieldValue
from activity.member import Facts
from activity.roster import lock_keys
from activity.tables import activity
from operations.revision import Revision
from rules.rule import Rule
from rules.sentence import Hold, sentence, with_values
from rules.tables import verdict
from rules.verdict import Outcome, Result, load
from rules.why import deciding_names, values_of
from storage.work import UnitOfWork


async def why(work: UnitOfWork, state: Revision, seqs: Sequence[int], now: datetime) -> Mapping[int, tuple[str, ...]]:
    """For each of these activities, of one member each, what every rule said of it: its title and a sentence."""
    query = select(verdict.c.member, verdict.c.outcomes, activity).join(activity, activity.c.seq == verdict.c.activity)
    rows = await work.rows(query.where(activity.c.seq.in_(seqs)))
    members = await lock_keys(work, {row.member for row in rows})
    rules = {version.id: version.rule for version in state.rule_versions}
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        data = cast(dict[str, FieldValue], orjson.loads(row.data or "{}"))
        kind = state.type_keys[row.type]
        did = Activity(row.source or "", row.id or "", kind, row.member, instant(row.time_us), data)
        outcomes = [outcome for outcome in load(row.outcomes) if outcome.version in rules]
        facts = members[row.member].facts
        told = (_told(each, rules[each.version], did, facts, state, now) for each in outcomes)
        found[row.seq] = tuple(told) or ("no rule pays for it",)
    return found


def _told(outcome: Outcome, rule: Rule, did: Activity, facts: Facts, state: Revision, now: datetime) -> str:
    held = outcome.result is Result.HELD and rule.hold is not None
    hold = Hold(now + rule.hold, released=False) if held and rule.hold else None
    words = sentence(outcome, rule, state.calendar, did.time, hold=hold)
    values = values_of(deciding_names(outcome, rule), did.data, did.type, did.source, did.time, facts)
    return f"{rule.title}: {with_values(words, outcome.result, rule.when, values)}"
