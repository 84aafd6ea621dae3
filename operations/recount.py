"""Begin the tallies of limits that look at something no earlier revision counted, from what the ledger has paid."""

from collections.abc import Mapping

from sqlalchemy import select, tuple_

from activity.roster import facts_of, team_names
from activity.tables import activity
from operations.history import ACTIVITY, ACTIVITY_COLUMNS, activity_of, facts_in_force
from operations.revision import Revision
from rewards.tables import entry
from rules.judge import RuleVersion
from rules.measure import TALLY_KEY, Measure
from rules.recount import Recount
from rules.rule import Limit, Rule
from rules.tables import tally, version
from storage.work import UnitOfWork

CHUNK = 10_000  # awards read at a time


async def recount_tallies(work: UnitOfWork, state: Revision, begun: Mapping[int, Measure]) -> None:
    """Write the tallies of measures that begin with this revision. The programme must be held."""
    recount = recount_of(state, begun)
    teams = await team_names(work)
    last = (-1, -1)
    query = (
        select(*ACTIVITY_COLUMNS, version.c.element, entry.c.day, entry.c.seq.label("entry_seq"), entry.c.ordinal)
        .select_from(entry)
        .join(activity, activity.c.seq == entry.c.activity)
        .join(version, version.c.id == entry.c.version)
        .where(version.c.element.in_(recount.elements))
        .order_by(entry.c.seq, entry.c.ordinal)
        .limit(CHUNK)
    )
    query = facts_in_force(query, activity.c.member, activity.c.seq)
    while rows := await work.rows(query.where(tuple_(entry.c.seq, entry.c.ordinal) > last)):
        for row in rows:
            facts = facts_of(row[len(ACTIVITY) + 4 :], teams)
            recount.count(row.element, activity_of(row, state.type_keys), facts, row.day)
        last = rows[-1].entry_seq, rows[-1].ordinal
    keys = sorted(recount.tallies)
    columns = {name: [key[index] for key in keys] for index, name in enumerate(TALLY_KEY)}
    await work.upsert(tally, columns | {"count": [recount.tallies[key] for key in keys]})


def recount_of(state: Revision, begun: Mapping[int, Measure]) -> Recount:
    """A recount of the measures that begin with a revision."""
    on = {item.element: item.rule for item in state.rule_versions}
    judges = {}
    for element in {measure.element for measure in begun.values()}:
        limits = tuple(
            Limit(1, measure.per, measure.by or None, measure.across_members)
            for measure in begun.values()
            if measure.element == element
        )
        paying = Rule(on[element].key, on[element].title, on[element].on, 1, limits=limits)
        judges[element] = state.judge_of((RuleVersion(0, element, paying),))
    return Recount(judges, state.programme.activities)
