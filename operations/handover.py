"""Hand over: what rules and badges that members share paid and counted for activities, from one member to another.

They are decided once, in one sequence for all. So what was paid goes along as it is, and the counts change hands.
"""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, select, update

from activity.roster import team_names
from activity.tables import activity, retraction
from operations.case import Case, paid
from operations.comparing import rule_elements
from operations.counters import (
    load_held,
    load_measures,
    load_tallies,
    lock_shared,
    standing_awards,
    store_book,
    store_tallies,
)
from operations.evidence import counted, fallen
from operations.history import CASE, case_columns, case_of, facts_in_force
from operations.posting import Posting, Revoked
from operations.retract import goals_then
from operations.revision import Revision
from operations.rule_history import RuleHistory
from rewards.award import Award
from rewards.ledger import Entry, Kind
from rewards.tables import hold
from rules.recount import count_in, count_out
from rules.tables import verdict
from rules.tally import TallyKey
from rules.verdict import load
from storage.work import UnitOfWork


class HandOver:
    """Hands over at one place in the sequence: `take_out`, then the activities are renamed, then `put_in`."""

    def __init__(self, work: UnitOfWork, state: Revision, history: RuleHistory, posting: Posting, seq: int) -> None:
        self._work = work
        self._state = state
        self._posting = posting
        self._seq = seq
        self._shared = history.excluded
        self._elements = rule_elements(history.versions)
        rules = tuple(each for each in state.rule_versions if each.element in self._shared)
        self._engine = state.progress_of(lambda element: element in self._shared)
        self._judge = state.judge_of(rules, self._engine)
        self._measures = {each.measure for each in self._engine.metered}
        self._firsts: set[TallyKey] = {
            (0, goal.first_measure, 0, 0) for goal in self._engine.goals if goal.first_measure is not None
        }

    async def take_out(self, moved: Sequence[int], member: int, entries: Iterable[Entry], listed: bool) -> None:
        """Take what was counted for these activities from a member."""
        if not self._shared:
            return
        work, cases = self._work, await self._cases(moved, member)
        effects = [effect for case in cases for effect in self._effects(case)]
        await lock_shared(work, {key for key, _ in effects} | self._firsts)
        before = await load_tallies(work, {key for key, _ in effects} | self._firsts)
        tallies = before.copy()
        for key, amount in effects:
            count_out(tallies, key, amount, self._judge.clocks)
        book = await load_measures(work, member, self._measures)
        rows = {
            (row.seq, row.ordinal): row for row in await standing_awards(work, [member]) if row.element in self._shared
        }
        mine = [Award.of(row) for row in rows.values()]
        goals = await goals_then(work, self._state, {award.version for award in mine})
        places = {entry[:2]: entry for entry in entries if entry[3] == member}
        for case in cases:
            counts = counted(self._state.lives, self._engine, self._judge, case)
            for lost, _ in fallen(self._engine, case, counts, book, mine, tallies, goals.__getitem__) if counts else ():
                mine.remove(lost)
                told = "an activity that it rests on was another member's"
                self._posting.revoke(self._seq, Revoked(rows[lost.seq, lost.ordinal], None, told))
                if lost.entry is not None:
                    self._posting.reverse(self._seq, places[lost.seq, lost.entry], listed, revised=True)
        await store_book(work, book)
        await store_tallies(work, before, tallies)

    async def end(self, dropped: Collection[int], former: int, entries: Iterable[Entry], listed: bool) -> int:
        """Take back what was paid to a member for activities that credit them no more, and void what is held. Returns
        the points."""
        points, gone = 0, set(dropped)
        for row in sorted(entries):
            if row[3] == former and row[7] in gone and self._elements.get(row[5] or 0) in self._shared:
                self._posting.reverse(self._seq, row, listed, revised=True)
                points += row[8]
        for seq in dropped if self._shared else ():
            await self._work.execute(delete(hold).where(hold.c.seq == seq, hold.c.member == former))
        return points

    async def put_in(
        self, moved: Sequence[int], member: int, former: int, entries: Iterable[Entry], listed: Sequence[bool]
    ) -> int:
        """Give it to another, with what was paid: `listed` says of the former and of them whether they take part.
        Returns the points."""
        if not self._shared:
            return 0
        work, cases = self._work, await self._cases(moved, member)
        by_seq = {case.seq: case for case in cases}
        points = 0
        for row in sorted(entries):
            case = by_seq.get(row[7] or 0)
            if row[3] == former and case is not None and self._elements.get(row[5] or 0) in self._shared:
                self._posting.reverse(self._seq, row, listed[0], revised=True)
                told = (member, case.facts.team_id, *row[5:11])
                self._posting.enter_row(self._seq, Kind.REVISION, told, listed[1])
                points += row[8]
        for case in await self._cases(moved, member, also_retracted=True):
            theirs = (hold.c.seq == case.seq) & (hold.c.member == former)
            await work.execute(update(hold).where(theirs, hold.c.released).values(ended_seq=self._seq))
            await work.execute(update(hold).where(theirs).values(member=member, team=case.facts.team_id))
        effects = [effect for case in cases for effect in self._effects(case)]
        before = await load_tallies(work, {key for key, _ in effects} | self._firsts)
        tallies = before.copy()
        for key, amount in effects:
            count_in(tallies, key, amount, self._judge.clocks)
        book, held = await load_measures(work, member, self._measures), await load_held(work, [member])
        for case in cases:
            counts = counted(self._state.lives, self._engine, self._judge, case)
            at = member, self._seq, case.time_us, case.day
            for reached in self._engine.settle(*at, counts, book, tallies, held):
                self._posting.award(reached, case, self._seq, listed[1], Kind.REVISION)
        await store_book(work, book)
        await store_tallies(work, before, tallies)
        return points

    def _effects(self, case: Case) -> list[tuple[TallyKey, int]]:
        said = paid(case.outcomes, self._elements)
        shared = {element: points for element, points in said.items() if element in self._shared}
        return self._judge.effects(case.activity, case.facts, case.day, shared)

    async def _cases(self, moved: Sequence[int], member: int, *, also_retracted: bool = False) -> list[Case]:
        """The activities for a member, with what was said of them at last; those alone that were not retracted, unless
        said."""
        query = (
            select(*case_columns(verdict.c.member, verdict.c.place), verdict.c.outcomes)
            .select_from(verdict)
            .join(activity, activity.c.seq == verdict.c.activity)
            .where(verdict.c.member == member, verdict.c.activity.in_(moved))
            .order_by(verdict.c.activity, verdict.c.revision)
        )
        if not also_retracted:
            query = query.where(verdict.c.activity.not_in(select(retraction.c.activity)))
        teams = await team_names(self._work)
        found: dict[int, Case] = {}
        for row in await self._work.rows(facts_in_force(query, verdict.c.member, verdict.c.activity)):
            facts = row[len(CASE) + 1 :]
            case = case_of(row, facts, self._state.type_keys, teams, self._state.calendar.day)
            case.outcomes = load(row.outcomes)
            found[case.seq] = case
        return list(found.values())
