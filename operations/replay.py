"""Replay: judging the recorded history again, in its order, from nothing. Pure: it is fed, it never reads."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from activity.activity import Activity
from activity.member import Facts
from operations.publish import used_measures
from operations.recount import recount_of
from operations.revision import Revision
from rules.judge import Judge, RuleVersion
from rules.measure import Tallies
from rules.verdict import Outcome, Result


class Paid(NamedTuple):
    """An award that has been paid, kept for limits that a later revision begins."""

    element: int
    activity: Activity
    facts: Facts
    day: int


class Replay:
    """Judges activities in the order of the sequence, under the revision in force at each.

    `mine` picks the rules to judge. Rules never look at each other, so any split of them gives the same outcomes: those
    whose limits ask one member only can be replayed member by member.
    """

    def __init__(
        self, revisions: Sequence[Revision], mine: Callable[[RuleVersion], bool], *, shared: bool = False
    ) -> None:
        self.shared = shared  # whether these are the rules with limits that all members share
        self._revisions = revisions
        self._next = 0  # index of the revision that comes next
        self._mine = mine
        self._judge: Judge | None = None
        self.elements: dict[int, int] = {}  # of the rule versions picked and in force
        self._paid: list[Paid] = []
        self.revision: Revision | None = None  # the one in force
        self.tallies: Tallies = {}

    def advance(self, seq: int) -> None:
        """Put every revision before this place in the sequence in force."""
        while self._next < len(self._revisions) and self._revisions[self._next].seq < seq:
            self._begin_next()

    def judge(self, activity: Activity, facts: Facts) -> list[Outcome]:
        """The outcomes of the rules picked, under the revision in force. Call `advance` first."""
        assert self.revision is not None
        assert self._judge is not None
        day = self.revision.calendar.day(activity.time)
        outcomes = self._judge.settle(self._judge.assess(activity, facts, day), self.tallies)
        for outcome in outcomes:
            if outcome.result is Result.AWARDED and outcome.points and self._next < len(self._revisions):
                self._paid.append(Paid(self.elements[outcome.version], activity, facts, day))
        return outcomes

    def finish(self) -> None:
        """Put every revision that is left in force, so that the tallies are those of now."""
        while self._next < len(self._revisions):
            self._begin_next()

    def _begin_next(self) -> None:
        former, self.revision = self.revision, self._revisions[self._next]
        self._next += 1
        rules = tuple(rule for rule in self.revision.rule_versions if self._mine(rule))
        self._judge = self.revision.judge_of(rules)
        self.elements = {rule.id: rule.element for rule in rules}
        before, after = used_measures(former), used_measures(self.revision)
        dropped = before.keys() - after.keys()
        self.tallies = {key: count for key, count in self.tallies.items() if key[1] not in dropped}
        mine = set(self.elements.values())
        begun = {key: found for key, found in after.items() if key not in before and found.element in mine}
        recount = recount_of(self.revision, begun)
        for paid in self._paid:
            if paid.element in recount.elements:
                recount.count(*paid)
        self.tallies |= recount.tallies
