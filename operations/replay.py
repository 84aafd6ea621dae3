"""Replay: judging the recorded history again, in its order, from nothing. Pure: it is fed, it never reads."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from operations.case import Case, paid
from operations.evidence import counted, fallen, goal_of
from operations.lives import lives_of
from operations.recount import accumulate, begun_elements, goal_begins, holders_of
from operations.rejudge import Rejudging, VersionFacts, rule_elements
from operations.revision import Life, Revision
from rewards.award import Award
from rewards.book import Book, Held
from rewards.goal import BadgeVersion, Goal, ZoneVersion
from rewards.progress import Progress, Reached
from rules.judge import Judge
from rules.recount import Recount, count_out
from rules.tally import Tallies
from rules.verdict import Outcome


class Again(NamedTuple):
    """What a revision that looks back says of an activity of the past."""

    revision: int
    case: Case
    outcomes: list[Outcome]


class Replay:
    """Judges activities in the order of the sequence, under the revision in force at each.

    `mine` picks the rules, badges and zones by their elements. They never look at each other, but for badges that
    require others, so any split of them gives the same: what asks one member only can be replayed member by member.
    `versions` has all versions of rules and badges, `brought_up` says up to which revision a member was brought up, and
    `from_now_only` with which revision a rule or badge first took effect from now only, because members share it.
    """

    def __init__(
        self,
        revisions: Sequence[Revision],
        mine: Callable[[int], bool],
        versions: Mapping[int, VersionFacts],
        brought_up: Callable[[int], int],
        from_now_only: Mapping[int, int],
        *,
        shared: bool = False,
    ) -> None:
        self.shared = shared  # whether these are the rules and badges that members share
        self._revisions = revisions
        self._next = 0  # index of the revision that comes next
        self.picks = mine
        self._versions = versions
        self._elements = rule_elements(versions)
        self._brought_up = brought_up
        self._from_now_only = from_now_only
        self._judge: Judge | None = None
        self._engine: Progress | None = None
        self._held = Held()
        self._history: dict[int, dict[int, Case]] = {}  # by member and place in the sequence, without the retracted
        self.revision: Revision | None = None  # the one in force
        self.elements: dict[int, int] = {}  # of the rule versions picked and in force
        self.lives: dict[int, Life] = {}
        self.tallies: Tallies = {}
        self.book = Book()
        self.awards: dict[int, list[Award]] = {}  # that members hold
        self._taken: dict[int, list[Award]] = {}  # that a person took
        self._things: dict[int, BadgeVersion | ZoneVersion] = {}  # all badge and zone versions so far
        self._types: dict[str, int] = {}  # activity types by all their keys so far
        self._badges: dict[int, Mapping[str, int]] = {}  # by their keys of then, for all badge versions so far
        self._goals_then: dict[int, Goal] = {}
        self.again: list[Again] = []

    def advance(self, seq: int) -> None:
        """Put every revision before this place in the sequence in force."""
        while self._next < len(self._revisions) and self._revisions[self._next].seq < seq:
            self._begin_next()

    def judge(self, case: Case) -> list[Outcome]:
        """The outcomes of the rules picked, under the revision in force. Call `advance` first."""
        assert self.revision is not None
        assert self._judge is not None
        assert self._engine is not None
        assessment = self._judge.assess(case.activity, case.facts, case.day, case.place, case.among)
        case.outcomes = self._judge.settle(assessment, self.tallies)
        if assessment.counts:
            reached = self._engine.settle(
                case.member, case.seq, case.time_us, case.day, assessment.counts, self.book, self.tallies, self._held
            )
            self._awarded(reached, case, case.seq)
        # Once no revision is left that could judge it again, only what was paid or counted is kept of what is shared.
        if (
            not self.shared
            or self._next < len(self._revisions)
            or assessment.counts
            or any(outcome.points for outcome in case.outcomes)
        ):
            self._history.setdefault(case.member, {})[case.seq] = case
        return case.outcomes

    def retract(self, activity: int) -> None:
        """Take back an activity, for every member whom it credits."""
        assert self._judge is not None
        assert self._engine is not None
        for member, history in self._history.items():
            case = history.pop(activity, None)
            if case is None:
                continue
            effects = self._judge.effects(case.activity, case.facts, case.day, paid(case.outcomes, self._elements))
            for key, amount in effects:
                count_out(self.tallies, key, amount, self._judge.clocks)
            counts = counted(self.lives, self._engine, self._judge, case)
            if counts:
                mine = self.awards.get(member, [])
                for lost in fallen(self._engine, case, counts, self.book, mine, self.tallies, self._goal_then):
                    self._drop(lost.award)

    def give(self, award: Award) -> None:
        """A person gave a badge."""
        assert self._engine is not None
        goal = next((goal for goal in self._engine.goals if goal.element == award.element), None)
        if goal is None:
            return
        member, day = award.member, award.last_day
        if goal.first_measure is not None and not self._held.has(member, award.element):
            key = (0, goal.first_measure, 0, 0)
            self.tallies[key] = self.tallies.get(key, 0) + 1
        self._engine.raise_(member, goal, award.period, award.level, self.book)
        self._add(award)
        reached = self._engine.settle_after(
            member, award.element, award.time_us, day, self.book, self.tallies, self._held
        )
        for each in reached:
            self._add(_award_of(each, member, award.seq, None, award.time_us))

    def take(self, element: int, ended: Iterable[Award]) -> None:
        """A person took badges of one kind from a member."""
        assert self._engine is not None
        goal = next((goal for goal in self._engine.goals if goal.element == element), None)
        member = None
        for award in ended:
            member = award.member
            self._drop(award)
            self._taken.setdefault(member, []).append(award)
        if goal and goal.first_measure is not None and member is not None and not self._held.has(member, element):
            key = (0, goal.first_measure, 0, 0)
            self.tallies[key] = self.tallies.get(key, 0) - 1

    def finish(self) -> None:
        """Put every revision that is left in force, so that the tallies are those of now."""
        while self._next < len(self._revisions):
            self._begin_next()

    def _goal_then(self, version: int) -> Goal:
        assert self.revision is not None
        if version not in self._goals_then:
            thing, badges = self._things[version], self._badges.get(version, {})
            self._goals_then[version] = goal_of(thing, self.revision, self._types, badges)
        return self._goals_then[version]

    def _awarded(self, reached: Iterable[Reached], case: Case, seq: int) -> None:
        for each in reached:
            self._add(_award_of(each, case.member, seq, case.seq, case.time_us))

    def _add(self, award: Award) -> None:
        self.awards.setdefault(award.member, []).append(award)
        self._held.add(award.member, award.element, award.level, award.period, award.expires_us)

    def _drop(self, award: Award) -> None:
        mine = self.awards.get(award.member, [])
        mine[:] = [each for each in mine if each.occasion != award.occasion]
        self._held.drop(award.member, award.element, award.level, award.period)

    def _begin_next(self) -> None:
        former, self.revision = self.revision, self._revisions[self._next]
        self._next += 1
        revision = self.revision
        rules = tuple(rule for rule in revision.rule_versions if self.picks(rule.element))
        self._engine = revision.progress_of(self.picks)
        self._judge = revision.judge_of(rules, self._engine)
        self.elements = {rule.id: rule.element for rule in rules}
        self._things.update((item.id, item) for item in revision.badge_versions)
        self._things.update((item.id, item) for item in revision.zone_versions)
        badges = {item.badge.key: item.element for item in revision.badge_versions}
        self._badges.update((item.id, badges) for item in revision.badge_versions)
        self._goals_then.clear()
        self._types |= revision.type_ids
        before, after = former.used if former else {}, revision.used
        dropped = before.keys() - after.keys()
        self.tallies = {key: count for key, count in self.tallies.items() if key[1] not in dropped}
        for group in [group for group in self.book.groups if group[1] in dropped]:
            del self.book.groups[group]
        if former is not None:
            self._rename_types(former)
        begun = after.keys() - before.keys()
        shared = {element for element, since in self._from_now_only.items() if since <= revision.number}
        self.lives, again = lives_of(former, revision, self.lives, shared)
        if former is not None and (begun or again):
            self._recount(begun)
            self._count_again(again)
            self._resume(begun, again)
        if revision.from_us is not None:
            rejudging = Rejudging(revision, self._versions, revision.from_us, self._looks_back, self.lives)
            for member in sorted(self._history.keys() | self.awards.keys()):
                if self._brought_up(member) >= revision.number:
                    self._rejudge(member, rejudging)

    def _looks_back(self, element: int) -> bool:
        """Whether the revision in force can take effect from a past date for a rule or badge."""
        assert self.revision is not None
        return self.picks(element) and self._from_now_only.get(element, self.revision.number + 1) > self.revision.number

    def _rename_types(self, former: Revision) -> None:
        """Call the activities of the past by the names that their types have now."""
        assert self.revision is not None
        now = self.revision.type_keys
        renamed = {key: now[each] for key, each in former.type_ids.items() if now.get(each, key) != key}
        if not renamed:
            return
        for history in self._history.values():
            for case in history.values():
                if name := renamed.get(case.activity.type):
                    case.activity = replace(case.activity, type=name)

    def _count_again(self, again: Collection[int]) -> None:
        assert self.revision is not None
        assert self._judge is not None
        assert self._engine is not None
        state = replace(self.revision, lives=self.lives)
        for group in [group for group in self.book.groups if group[1] in again]:
            del self.book.groups[group]
        for history in self._history.values():
            cases = [case for _, case in sorted(history.items())]
            accumulate(state, self._engine, self._judge, cases, again, self.book)

    def _recount(self, begun: Iterable[int]) -> None:
        assert self.revision is not None
        assert self._judge is not None
        begun = set(begun)
        wanted = {element for element in begun_elements(self.revision, begun) if self.picks(element)}
        recount = Recount(self._judge, begun, self.revision.programme.activities)
        for history in self._history.values():
            for case in history.values():
                for element, points in paid(case.outcomes, self._elements).items():
                    if element in wanted:
                        recount.count(element, case.activity, case.facts, case.day, points)
        self.tallies |= recount.tallies

    def _resume(self, begun: Iterable[int], again: Collection[int]) -> None:
        assert self._engine is not None
        begun = set(begun)
        goals = {goal.element: goal for goal in self._engine.goals if goal_begins(goal, begun | set(again))}
        awards = [award for mine in self.awards.values() for award in mine if award.element in goals]
        holders = holders_of(goals.values(), awards)
        self.tallies |= {key: count for key, count in holders.items() if key[1] in begun}
        for award in awards:
            self._engine.resume(goals[award.element], award, self.book)
        for award in (award for taken in self._taken.values() for award in taken):
            if award.element in goals and goal_begins(goals[award.element], again):
                self._engine.resume(goals[award.element], award, self.book)

    def _rejudge(self, member: int, rejudging: Rejudging) -> None:
        history = [case for _, case in sorted(self._history.get(member, {}).items())]
        done = rejudging.rejudge(history, self.awards.get(member, []), self._taken.get(member, []))
        for case, outcomes in done.verdicts:
            case.outcomes = outcomes
            self.again.append(Again(rejudging.revision.number, case, outcomes))
        for key in [key for key in self.tallies if key[0] == member and key[1] in rejudging.measures]:
            del self.tallies[key]
        self.tallies |= done.tallies
        for group in [group for group in self.book.groups if group[0] == member]:
            if group[1] in rejudging.progress_measures:
                del self.book.groups[group]
        self.book.groups |= done.book.groups
        for award in (*done.lost, *(award for award, _, _ in done.repaid)):
            self._drop(award)
        for case, reached in (*((case, reached) for _, reached, case in done.repaid), *done.won):
            self._add(_award_of(reached, member, rejudging.revision.seq, case.seq, case.time_us))


def _award_of(reached: Reached, member: int, seq: int, activity: int | None, time_us: int) -> Award:
    goal = reached.goal
    return Award(
        seq=seq,
        ordinal=0,
        member=member,
        element=goal.element,
        version=goal.version,
        level=reached.level,
        period=reached.period,
        activity=activity,
        time_us=time_us,
        value=reached.value,
        first_day=reached.first_day,
        last_day=reached.last_day,
        expires_us=goal.expires_us(time_us),
        entry=None,
    )
