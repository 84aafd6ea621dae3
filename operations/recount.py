"""Begin the tallies of measures that no earlier revision counted, from what has been paid and awarded."""

from collections import Counter
from collections.abc import Collection, Iterable

from sqlalchemy import delete, literal, select, tuple_

from activity.roster import team_names
from activity.tables import activity, member
from leaderboard.rebuild import standing_for
from leaderboard.standing import Counted
from operations.case import Case
from operations.counters import store_book
from operations.evidence import counted
from operations.history import CASE, AnySelect, case_columns, case_of, facts_in_force, histories
from operations.revision import Revision
from rewards.award import Award
from rewards.book import Book
from rewards.goal import Goal
from rewards.progress import Progress
from rewards.tables import entry, hold, progress
from rules.judge import Judge
from rules.recount import Recount
from rules.tables import tally, version
from rules.tally import TALLY_KEY, TallyKey, measures_of
from storage.work import UnitOfWork

CHUNK = 10_000  # awards read at a time
MEMBERS = 100  # whose histories are read at a time


async def recount_tallies(work: UnitOfWork, state: Revision, begun: Collection[int]) -> None:
    """Write the tallies of rules' measures that begin with this revision. The programme must be held."""
    elements = begun_elements(state, begun)
    if not elements:
        return
    recount = Recount(state.judge, begun, state.programme.activities)
    teams = await team_names(work)
    for table, query in ((entry, _paid(elements)), (hold, _held(elements))):
        last = (-1, -1)
        while rows := await work.rows(query.where(tuple_(table.c.seq, table.c.ordinal) > last)):
            for row in rows:
                case = case_of(row[4 : 4 + len(CASE)], row[4 + len(CASE) :], state.type_keys, teams, state.calendar.day)
                recount.count(row[2], case.activity, case.facts, case.day, row[3])
            last = rows[-1][0], rows[-1][1]
    keys = sorted(recount.tallies)
    columns = {name: [key[index] for key in keys] for index, name in enumerate(TALLY_KEY)}
    await work.upsert(tally, columns | {"count": [recount.tallies[key] for key in keys]})


def begun_elements(state: Revision, begun: Collection[int]) -> list[int]:
    """The rules of which a measure begins."""
    return sorted(
        item.element
        for item in state.rule_versions
        if any(state.measures[each] in begun for each in measures_of(item.element, item.rule))
    )


def goal_begins(goal: Goal, begun: Collection[int]) -> bool:
    """Whether a badge or zone counts something new."""
    return goal.first_measure in begun or any(need.measure in begun for need in goal.needs)


def holders_of(goals: Iterable[Goal], awards: Iterable[Award]) -> dict[TallyKey, int]:
    """How many members hold each badge that only the first so many get."""
    holders = {(award.element, award.member) for award in awards}
    counts = Counter(element for element, _ in holders)
    return {(0, goal.first_measure, 0, 0): counts[goal.element] for goal in goals if goal.first_measure is not None}


async def recount_progress(work: UnitOfWork, state: Revision, again: Collection[int]) -> None:
    """Write the progress in these measures anew, from all that members did and that they count."""
    if not again:
        return
    await work.execute(delete(progress).where(progress.c.measure.in_(sorted(again))))
    teams = await team_names(work)
    keys = [row.key for row in await work.rows(select(member.c.key).order_by(member.c.key))]
    for start in range(0, len(keys), MEMBERS):
        book = Book()
        past = await histories(work, keys[start : start + MEMBERS], state.type_keys, teams, state.calendar.day)
        for history in past.values():
            accumulate(state, state.progress, state.judge, history, again, book)
        await store_book(work, book)


def accumulate(
    state: Revision, engine: Progress, judge: Judge, history: Iterable[Case], again: Collection[int], book: Book
) -> None:
    """Count a member's history for some measures, in the order of the sequence."""
    for case in history:
        found = counted(state.lives, engine, judge, case)
        mine = [each for each in found if engine.metered[each.metered].measure in again]
        engine.accumulate(case.member, case.day, mine, book)


def _paid(elements: list[int]) -> AnySelect:
    """Entries of rules that stand, in the order of the ledger."""
    query = (
        select(entry.c.seq.label("at"), entry.c.ordinal, version.c.element, entry.c.points)
        .add_columns(*case_columns(entry.c.member, literal(0)))
        .join(activity, activity.c.seq == entry.c.activity)
        .join(version, version.c.id == entry.c.version)
        .where(version.c.element.in_(elements), *standing_for(Counted(None, None)))
        .order_by(entry.c.seq, entry.c.ordinal)
        .limit(CHUNK)
    )
    return facts_in_force(query, entry.c.member, activity.c.seq)


def _held(elements: list[int]) -> AnySelect:
    """Points of rules that are still held."""
    query = (
        select(hold.c.seq.label("at"), hold.c.ordinal, version.c.element, hold.c.points)
        .add_columns(*case_columns(hold.c.member, literal(0)))
        .join(activity, activity.c.seq == hold.c.seq)
        .join(version, version.c.id == hold.c.version)
        .where(version.c.element.in_(elements), hold.c.ended_seq.is_(None))
        .order_by(hold.c.seq, hold.c.ordinal)
        .limit(CHUNK)
    )
    return facts_in_force(query, hold.c.member, activity.c.seq)
