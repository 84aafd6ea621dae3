"""Rejudge: a member's past activities under a revision that takes effect from a past date. Pure; `bring_up` writes it.

Tallies and progress start from what was really paid and counted before that date; activities since are judged again, in
the order in which they were recorded. Rules that members share (a budget, a limit across members), rules that hold
their points, and badges for the first so many members take effect from now only: what they said stays. What the
revision has no more was never there: what it paid since the date is taken back, with badges that are not to be kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from operations.case import Case, paid
from operations.comparing import Comparing, Payment, Said, VersionFacts
from operations.evidence import counted
from operations.recount import holders_of
from operations.revision import Life, Revision
from rewards.award import Award
from rewards.book import Book, Held
from rewards.progress import Reached
from rules.recount import count_in
from rules.tally import Tallies, measures_of
from rules.verdict import Outcome, alike


@dataclass(slots=True)
class Rejudged:
    """What comes of judging one member's history again."""

    verdicts: Said = field(default_factory=list)  # those that say something else
    payments: list[Payment] = field(default_factory=list)  # those that differ
    won: list[tuple[Case, Reached]] = field(default_factory=list)
    lost: list[Award] = field(default_factory=list)
    repaid: list[tuple[Award, Reached, Case]] = field(default_factory=list)  # held on, but on other terms
    tallies: Tallies = field(default_factory=dict)  # of the member, complete
    book: Book = field(default_factory=Book)
    held: Held = field(default_factory=Held)
    old: list[Award] = field(default_factory=list)  # that are made again, or lost
    stay: list[Award] = field(default_factory=list)  # from before the date, or by hand
    ended: list[Award] = field(default_factory=list)  # the same of what a person took: it is not made again
    taken: set[tuple[int, int, int, int]] = field(default_factory=set)  # occasions since the date that a person took

    def cut(self, to_us: int) -> None:
        """Leave out what did not happen before a time. An award that another activity makes now may move across it."""
        self.verdicts = [each for each in self.verdicts if each[0].time_us < to_us]
        self.payments = [each for each in self.payments if each.case.time_us < to_us]
        self.lost = [award for award in self.lost if award.time_us < to_us]
        self.won = [each for each in self.won if each[0].time_us < to_us]
        repaid, self.repaid = self.repaid, []
        for award, reached, case in repaid:
            if award.time_us < to_us and case.time_us < to_us:
                self.repaid.append((award, reached, case))
            elif award.time_us < to_us:
                self.lost.append(award)
            elif case.time_us < to_us:
                self.won.append((case, reached))

    @property
    def changes_ledger(self) -> bool:
        return bool(self.payments or self.won or self.lost or self.repaid)


class Again(NamedTuple):
    """What a revision that looks back says of an activity of the past."""

    revision: int
    case: Case
    outcomes: list[Outcome]


class Rejudging:
    """Judges histories again under one revision, from an instant on.

    `versions` has all versions of rules and badges there have been. `mine` picks the rules, badges and zones by
    element: what it does not pick takes effect from now only. `lives` says since when measures count, if not as they
    are stored. `shared` is for what members share, all of them in one sequence: no revision takes effect so, but a
    simulation asks it.
    """

    def __init__(
        self,
        revision: Revision,
        versions: Mapping[int, VersionFacts],
        from_us: int,
        mine: Callable[[int], bool],
        lives: Mapping[int, Life] | None = None,
        *,
        shared: bool = False,
    ) -> None:
        self.revision = revision
        self.from_us = from_us
        self.versions = versions
        self._mine = mine
        self._shared = shared
        self._types = revision.programme.activities
        self._lives = revision.lives if lives is None else lives
        self.rules = tuple(item for item in revision.rule_versions if mine(item.element))
        self.engine = revision.progress_of(mine)
        self.judge = revision.judge_of(self.rules, self.engine)
        self._goals = {goal.element: goal for goal in self.engine.goals}
        self._comparing = Comparing(revision, versions, mine)
        self.elements = self._comparing.elements
        self._kept = self._keeping()
        # What is counted for the member alone, of rules and goals that are judged again.
        self.measures = {
            revision.measures[measure]
            for item in self.rules
            for measure in measures_of(item.element, item.rule)
            if not measure.across_members
        }
        self.progress_measures = {metered.measure for metered in self.engine.metered}

    def rejudge(self, history: Sequence[Case], awards: Sequence[Award], taken: Sequence[Award] = ()) -> Rejudged:
        """Judge a member's history again: the activities that were not retracted in the order of the sequence, with
        what the rules said of them at last, and the awards that the member holds. `taken` are those that a person took.

        The same in steps, for histories that are not held in memory: `begin`, `count` each activity before the date,
        `resume`, `judge_again` each since, `finish`.
        """
        done = self.begin(awards, taken)
        for case in history:
            if case.time_us < self.from_us:
                self.count(case, done)
        self.resume(done)
        for case in history:
            if case.time_us >= self.from_us:
                self.judge_again(case, done)
        self.finish(done)
        return done

    def judges(self, element: int) -> bool:
        """Whether a rule, badge or zone is judged again."""
        return self._mine(element)

    def begin(self, awards: Sequence[Award], taken: Sequence[Award] = ()) -> Rejudged:
        """Begin with the awards that are held, and those that a person took."""
        done = Rejudged()
        for award in taken:
            if award.element in self._goals and (award.by_hand or award.time_us < self.from_us):
                done.ended.append(award)
            else:
                done.taken.add(award.occasion)
        for award in awards:
            if not award.by_hand and award.time_us >= self.from_us:
                if award.element in self._goals:
                    done.old.append(award)
                    continue
                if self._mine(award.element) and award.element not in self._kept:  # it is retired
                    done.lost.append(award)
                    continue
            done.held.add(award.member, award.element, award.level, award.period, award.expires_us)
            if award.element in self._goals:
                done.stay.append(award)
        if self._shared:
            done.tallies |= holders_of(self.engine.goals, done.stay)
        return done

    def resume(self, done: Rejudged) -> None:
        """Once what was before the date is counted: have the awards that were made before it, or by hand."""
        for award in (*done.stay, *done.ended):
            self.engine.resume(self._goals[award.element], award, done.book)

    def finish(self, done: Rejudged) -> None:
        """Once all activities are judged again: compare the awards."""
        self._compare_awards(done)

    def count(self, case: Case, done: Rejudged) -> None:
        """Count what an activity before the date was paid and counted for."""
        found = paid(case.outcomes, self.elements)
        if found:
            for key, amount in self.judge.effects(case.activity, case.facts, case.day, found):
                if key[0] or self._shared:
                    count_in(done.tallies, key, amount, self.judge.clocks)
        counts = counted(self._lives, self.engine, self.judge, case)
        if counts:
            self.engine.accumulate(case.member, case.day, counts, done.book)

    def judge_again(self, case: Case, done: Rejudged) -> None:
        """Judge an activity since the date again."""
        outcomes: list[Outcome] = []
        if case.activity.type in self._types:
            activity = self.judge.completed(case.activity)
            assessment = self.judge.assess(activity, case.facts, case.day, case.place, case.among)
            outcomes = self.judge.settle(assessment, done.tallies)
            if assessment.counts:
                reached = self.engine.settle(
                    case.member, case.seq, case.time_us, case.day, assessment.counts, done.book, done.tallies, done.held
                )
                done.won += [(case, each) for each in reached]
        if not alike(case.outcomes, outcomes):  # of few activities
            self._comparing.compare(case, outcomes, done.verdicts, done.payments)

    def _compare_awards(self, done: Rejudged) -> None:
        held = {award.occasion: award for award in done.old}
        won = []
        for case, reached in done.won:
            award = held.pop((case.member, reached.goal.element, reached.level, reached.period), None)
            if award is None:
                if (case.member, reached.goal.element, reached.level, reached.period) not in done.taken:
                    won.append((case, reached))
            elif self._pays_otherwise(award, reached):
                done.repaid.append((award, reached, case))
        for award in held.values():
            goal = self._goals[award.element]
            if goal.keep:
                self.engine.resume(goal, award, done.book)
            else:
                done.lost.append(award)
        done.won = won

    def _pays_otherwise(self, award: Award, reached: Reached) -> bool:
        """Whether an award would be another one now. Words that changed, and levels beside its own, are nothing."""
        if award.version == reached.goal.version or reached.goal.is_zone:
            return False
        before, after = (self.versions[each].recognition for each in (award.version, reached.goal.version))
        assert before is not None
        assert after is not None
        return before.terms(award.level) != after.terms(award.level)

    def _keeping(self) -> frozenset[int]:
        """The badges whose awards are kept when they are retired, as they said last."""
        last: dict[int, bool] = {}
        for _, facts in sorted(self.versions.items()):
            if facts.recognition and facts.recognition.revision < self.revision.number:
                last[facts.element] = facts.recognition.keep
        return frozenset(element for element, keep in last.items() if keep)
