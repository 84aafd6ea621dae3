"""Replay: judging the recorded history again, in its order, from nothing. Pure: it is fed, it never reads."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from operations.case import Case, paid
from operations.comparing import VersionFacts, rule_elements
from operations.evidence import counted, fallen, goal_of
from operations.line import line_of
from operations.lives import lives_along, lives_back, lives_of
from operations.recount import accumulate, begun_elements, goal_begins, holders_of
from operations.rejudge import Again, Rejudging
from operations.revision import Life, Revision
from operations.unwind import Unwinding
from rewards.award import Award
from rewards.book import Book, Held
from rewards.goal import BadgeVersion, Goal, ZoneVersion
from rewards.progress import Progress, Reached
from rules.judge import Judge
from rules.recount import Recount, count_in, count_out
from rules.tally import Tallies, TallyKey
from rules.verdict import Outcome


class Replay:
    """Judges activities in the order of the sequence, under the revision in force at each.

    `mine` picks the rules, badges and zones by their elements. They never look at each other, but for badges that
    require others, so any split of them gives the same: what asks one member only can be replayed member by member.
    `versions` has all versions of rules and badges, `brought_up` says up to which revision a member was brought up, and
    `from_now_only` with which revision a rule or badge first took effect from now only, because members share it.

    Beside it go replays of what would be without the revisions that are undone later, each up to the undo, which goes
    on from where it leads. With `undone` it is such a replay itself: it follows one line, and meets what others left.
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
        undone: bool = False,
    ) -> None:
        self.shared = shared  # whether these are the rules and badges that members share
        self._revisions = revisions
        self._next = 0  # index of the revision that comes next
        self.picks = mine
        self._versions = versions
        self.elements_ever = rule_elements(versions)
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
        self._given: set[tuple[int, int]] = set()  # seq and element of what persons gave
        self._undone = undone
        self._refused: set[tuple[int, int, int, int]] = set()  # occasions that a person took where they had not come
        undos = [each for each in revisions if each.back_to is not None and not undone]
        if shared:  # what members came to share later was theirs alone before
            undos = [each for each in undos if any(since > each.number for since in from_now_only.values())]
        self._beside = {each.number: self._without(each) for each in undos}

    def advance(self, seq: int) -> None:
        """Put every revision before this place in the sequence in force."""
        while self._next < len(self._revisions) and self._revisions[self._next].seq < seq:
            self._begin_next()
        for each in self._beside.values():
            each.advance(seq)

    def judge(self, case: Case) -> list[Outcome]:
        """The outcomes of the rules picked, under the revision in force. Call `advance` first."""
        assert self.revision is not None
        assert self._judge is not None
        assert self._engine is not None
        for each in self._beside.values():
            each.follow(case)
        activity = self._judge.completed(case.activity)
        assessment = self._judge.assess(activity, case.facts, case.day, case.place, case.among)
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

    def follow(self, case: Case) -> None:
        """Judge a case that was recorded under whatever revision, as the one that would be in force says."""
        self.advance(case.seq)
        assert self.revision is not None
        key = self.revision.type_keys.get(case.kind, "")
        mine = replace(case, activity=replace(case.activity, type=key), outcomes=[])
        if key:
            self.judge(mine)
        else:  # nobody could have reported it
            self._history.setdefault(case.member, {})[case.seq] = mine

    def outcomes_of(self, member: int) -> dict[int, list[Outcome]]:
        """What the rules picked said at last of what a member did, by seq; without what was retracted."""
        return {seq: case.outcomes for seq, case in self._history.get(member, {}).items()}

    def retract(self, activity: int) -> None:
        """Take back an activity, for every member whom it credits."""
        assert self._judge is not None
        for each in self._beside.values():
            each.retract(activity)
        for history in self._history.values():
            case = history.pop(activity, None)
            if case is None:
                continue
            for key, amount in self._effects(case):
                count_out(self.tallies, key, amount, self._judge.clocks)
            self._fall(case)

    def transfer(self, seq: int, from_member: int, moved: Sequence[Case], dropped: Sequence[int]) -> None:
        """Activities turned out to be another member's: `moved` has them as theirs, and `dropped` credited them too.
        What was decided stays; the counts change hands. It is for what members share by then: all else is known from
        the beginning."""
        assert self._judge is not None
        assert self._engine is not None
        former = self._history.get(from_member, {})
        going = [(case, former.pop(case.seq)) for case in moved if case.seq in former]
        gone = [former.pop(each) for each in dropped if each in former]
        leaving = sorted([*gone, *(was for _, was in going)], key=lambda case: case.seq)
        for was in leaving:
            for key, amount in self._effects(was):
                count_out(self.tallies, key, amount, self._judge.clocks)
        for was in leaving:
            self._fall(was)
        for case, was in going:
            mine = replace(case, activity=replace(case.activity, type=was.activity.type), outcomes=was.outcomes)
            self._history.setdefault(mine.member, {})[mine.seq] = mine
            for key, amount in self._effects(mine):
                count_in(self.tallies, key, amount, self._judge.clocks)
        for case, _ in going:
            mine = self._history[case.member][case.seq]
            counts = counted(self.lives, self._engine, self._judge, mine)
            at = mine.member, seq, mine.time_us, mine.day
            self._awarded(self._engine.settle(*at, counts, self.book, self.tallies, self._held), mine, seq)

    def _effects(self, case: Case) -> list[tuple[TallyKey, int]]:
        assert self._judge is not None
        said = paid(case.outcomes, self.elements_ever)
        return self._judge.effects(case.activity, case.facts, case.day, said)

    def _fall(self, case: Case) -> None:
        """Take out of progress what a case counted, and drop the awards that rest on it."""
        assert self._judge is not None
        assert self._engine is not None
        counts = counted(self.lives, self._engine, self._judge, case)
        if counts:
            mine = self.awards.get(case.member, [])
            for lost in fallen(self._engine, case, counts, self.book, mine, self.tallies, self._goal_then):
                self._drop(lost.award)

    def give(self, award: Award) -> None:
        """A person gave a badge."""
        assert self._engine is not None
        for each in self._beside.values():
            each.give(award)
        self._given.add((award.seq, award.element))
        goal = next((goal for goal in self._engine.goals if goal.element == award.element), None)
        if goal is None:
            return
        member, day = award.member, award.last_day
        if goal.first_measure is not None and not self._held.has(member, award.element):
            key = (0, goal.first_measure, 0, 0)
            self.tallies[key] = self.tallies.get(key, 0) + 1
        self._engine.raise_(member, goal, award.period, award.level, self.book)
        self._drop(award)  # where it had come already, but for what is undone
        self._add(award)
        reached = self._engine.settle_after(
            member, award.element, award.time_us, day, self.book, self.tallies, self._held
        )
        for found in reached:
            self._add(found.award(member, award.seq, None, award.time_us))

    def take(self, element: int, ended: Collection[Award]) -> None:
        """A person took badges of one kind from a member."""
        assert self._engine is not None
        for each in self._beside.values():
            each.take(element, ended)
        goal = next((goal for goal in self._engine.goals if goal.element == element), None)
        member = None
        for award in ended:
            member = award.member
            if self._undone and award.occasion not in {each.occasion for each in self.awards.get(member, ())}:
                self._refused.add(award.occasion)
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
            award = each.award(case.member, seq, case.seq, case.time_us)
            if award.occasion in self._refused:
                self._drop(award)
            else:
                self._add(award)

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
        if former is not None and former.type_ids != revision.type_ids:
            self._rename_types()
        begun = after.keys() - before.keys()
        shared = {element for element, since in self._from_now_only.items() if since <= revision.number}
        lives = lives_of(former, revision, self.lives, shared)
        if revision.back_to is not None and not self._undone:
            then = lives_along(self._line(revision.back_to), self._from_now_only)
            lives = lives_back(lives, then, revision, shared)
        self.lives, again = lives
        if former is not None and (begun or again):
            self._recount(begun)
            self._count_again(again)
            self._resume(begun, again)
        if revision.from_us is not None:
            rejudging = Rejudging(revision, self._versions, revision.from_us, self._looks_back, self.lives)
            for member in sorted(self._history.keys() | self.awards.keys()):
                if self._brought_up(member) >= revision.number:
                    self._rejudge(member, rejudging)
        if beside := self._beside.pop(revision.number, None):
            self._go_back(beside)

    def _line(self, number: int) -> list[Revision]:
        return [
            self._revisions[each - 1]
            for each in line_of({each.number: each.back_to for each in self._revisions}, number)
        ]

    def _without(self, undo: Revision) -> "Replay":
        """The replay of what would be without the revisions that one undoes: of what it takes back."""
        assert undo.back_to is not None
        since = self._from_now_only
        return Replay(
            self._line(undo.back_to),
            lambda element: self.picks(element) and since.get(element, undo.number + 1) > undo.number,
            self._versions,
            lambda _: undo.number,
            since,
            undone=True,
        )

    def _go_back(self, beside: "Replay") -> None:
        """Go on from where the replay of the revisions that are left leads."""
        assert self.revision is not None
        beside.finish()
        unwinding = Unwinding(self.revision, self._versions, beside.picks)
        members = self._history.keys() | self.awards.keys() | beside.awards.keys()
        members = {member for member in members if self._brought_up(member) >= self.revision.number}
        for member in sorted(members):
            history = [case for _, case in sorted(self._history.get(member, {}).items())]
            then, awards = beside.outcomes_of(member), beside.awards.get(member, [])
            done = unwinding.unwind(history, then, self.awards.get(member, []), awards, self._given)
            for case, outcomes in done.verdicts:
                case.outcomes = outcomes
                self.again.append(Again(self.revision.number, case, outcomes))
            for award in done.lost:
                self._drop(award)
            for award in done.made:
                self._add(award._replace(seq=self.revision.seq))
        self._renew(members, unwinding, beside.tallies, beside.book)

    def _renew(self, members: Collection[int], renewed: Rejudging | Unwinding, tallies: Tallies, book: Book) -> None:
        """Have these counts of members in the measures that were judged again, and no other."""
        measures, metrics = renewed.measures, renewed.progress_measures
        for key in [key for key in self.tallies if key[0] in members and key[1] in measures]:
            del self.tallies[key]
        self.tallies |= {key: count for key, count in tallies.items() if key[0] in members and key[1] in measures}
        self.book.renew(members, metrics, book)

    def _looks_back(self, element: int) -> bool:
        """Whether the revision in force can take effect from a past date for a rule or badge."""
        assert self.revision is not None
        return self.picks(element) and self._from_now_only.get(element, self.revision.number + 1) > self.revision.number

    def _rename_types(self) -> None:
        """Call the activities of the past by the names that their types have now; of types that are retired by none."""
        assert self.revision is not None
        keys = self.revision.type_keys
        for history in self._history.values():
            for case in history.values():
                key = keys.get(case.kind, "")
                if case.activity.type != key:
                    case.activity = replace(case.activity, type=key)

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
                for element, points in paid(case.outcomes, self.elements_ever).items():
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
        self._renew({member}, rejudging, done.tallies, done.book)
        for award in (*done.lost, *(award for award, _, _ in done.repaid)):
            self._drop(award)
        for case, reached in (*((case, reached) for _, reached, case in done.repaid), *done.won):
            self._add(reached.award(member, rejudging.revision.seq, case.seq, case.time_us))
