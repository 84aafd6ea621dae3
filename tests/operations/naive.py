"""A naive reference for the whole meaning: what happened is kept in lists, and every answer is worked out from them.

It knows no tallies, rows, revisions or databases, and no CEL: expressions stand in tests/operations/pool.py beside a
Python function that says the same. How metrics are valued is left to the reference in tests/rewards/naive.py.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from activity.calendar import PeriodKind
from rewards.goal import Goal
from rewards.goal import Need as Want
from rules.metric import Aggregate
from tests.operations.spec import BadgeSpec, BoardSpec, Cel, Facts, RuleSpec, Spec, WorkingTime, ZoneSpec
from tests.rewards import naive as metrics

ZONE = ZoneInfo("Europe/London")
YEAR_MONTH = 4


def period_of(kind: str, day: int) -> int:
    """The first day of a period."""
    return metrics.period_of(PeriodKind(kind), day, YEAR_MONTH)[0]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def micros(time: datetime) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


class Refusal(Exception):
    """The service is to refuse this."""


@dataclass(eq=False)
class Act:
    """An activity for one of the members whom it credits."""

    id: str
    seq: int
    type: str
    time: datetime
    data: Mapping[str, Any]
    member: str
    facts: Facts
    place: int
    among: int
    recorded: datetime
    retracted: bool = False
    said: dict[int, tuple[str, int]] = field(default_factory=dict)  # result and points by rule

    @property
    def day(self) -> int:
        return self.time.astimezone(ZONE).toordinal()


@dataclass(eq=False)
class Pay:
    """Points that a member has."""

    member: str
    key: str  # of a rule or badge, "" for what a person gave
    points: int
    time: datetime
    team: str | None
    tags: tuple[str, ...]
    facts: Facts  # when it was recorded what they are for
    type: str | None = None
    act: Act | None = None
    rule: int = 0  # element
    named: int = 0  # element of the rule that a person named
    due: datetime | None = None  # of points that are held
    released: bool = False

    @property
    def day(self) -> int:
        return self.time.astimezone(ZONE).toordinal()

    @property
    def counts(self) -> bool:
        return self.due is None or self.released


@dataclass(eq=False)
class Award:
    member: str
    element: int
    key: str
    level: int
    period: int
    act: Act | None  # None: given by hand
    time: datetime
    expires: datetime | None
    seq: int
    version: Any  # what the badge said when it was made
    first_day: int
    last_day: int
    requires: tuple[int, ...] = ()
    pay: Pay | None = None

    def holds(self, time: datetime) -> bool:
        return self.expires is None or time < self.expires

    @property
    def occasion(self) -> tuple[int, int, int]:
        return self.element, self.level, self.period


class Found(NamedTuple):
    """A level that was reached."""

    element: int
    level: int
    period: int
    first_day: int
    last_day: int


@dataclass
class Life:
    since: int
    since_time: datetime | None

    def counts(self, seq: int, time: datetime) -> bool:
        return seq > self.since or (self.since_time is not None and time >= self.since_time)


Measure = tuple[Any, ...]  # element, and what is counted


class Aim:
    """A badge or zone in force."""

    def __init__(self, element: int, spec: BadgeSpec | ZoneSpec, elements: Mapping[str, int]) -> None:
        self.element = element
        self.spec = spec
        self.is_zone = isinstance(spec, ZoneSpec)
        self.repeat = isinstance(spec, BadgeSpec) and spec.repeat
        self.keep = isinstance(spec, BadgeSpec) and spec.keep
        self.first = spec.first if isinstance(spec, BadgeSpec) else None
        self.requires = tuple(elements[key] for key in spec.requires) if isinstance(spec, BadgeSpec) else ()
        self.needs: list[tuple[Measure, Any]] = []
        goals = []
        for place, need in enumerate(spec.needs, 1):
            self.needs.append(((element, need.identity(), spec.audience_text, self.repeat), need))
            goals.append(Want(place, need.metric, need.at))
        self.goal = Goal(
            element, element, is_zone=self.is_zone, needs=tuple(goals), every=spec.every, repeat=self.repeat
        )

    def period(self, place: int, day: int) -> int:
        return REFERENCE._period(self.goal, self.goal.needs[place], day)

    @property
    def runs(self) -> bool:
        return REFERENCE._runs(self.goal)

    def threshold(self, level: int) -> int | None:
        at = self.goal.needs[0].thresholds
        if self.goal.every:
            return at[0] * level
        return at[level - 1] if level <= len(at) else None


REFERENCE = metrics.Naive([], YEAR_MONTH)


@dataclass
class MemberState:
    """What a member's badges and zones rest on."""

    counted: dict[Measure, list[tuple[Act, int, int]]] = field(default_factory=lambda: defaultdict(list))
    levels: dict[tuple[Measure, int], int] = field(default_factory=dict)  # the highest, by period
    used: dict[Measure, tuple[int, int]] = field(default_factory=dict)  # last and first day of the last run
    held: list[Award] = field(default_factory=list)
    taken: list[Award] = field(default_factory=list)  # by a person


class Naive:
    """The company as it must be."""

    def __init__(self) -> None:
        self.members: dict[str, Facts] = {}
        self.first_days: dict[str, int] = {}  # on which members first took part
        self.states: dict[str, MemberState] = defaultdict(MemberState)
        self.acts: list[Act] = []
        self.pays: list[Pay] = []
        self.known: dict[str, Any] = {}
        self.spec: Spec | None = None
        self.elements: dict[tuple[str, str], int] = {}
        self.excluded: set[int] = set()
        self.first_keys: set[int] = set()
        self.linked: list[set[int]] = []
        self.kept: dict[int, bool] = {}  # of each badge there was, whether its awards are kept, as it said last
        self.lives: dict[Measure, Life] = {}
        self.aims: list[Aim] = []
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        self._seq = count(1)
        self._ids = count(1)

    # What happens.

    def enrol(self, name: str, facts: Facts) -> None:
        next(self._seq)
        self.members[name] = facts
        if facts.participates:
            self.first_days.setdefault(name, self.now.astimezone(ZONE).toordinal())

    def record(self, identifier: str, kind: str, names: Sequence[str], time: datetime, data: Any) -> tuple[str, int]:
        content = kind, tuple(names), time, tuple(sorted(data.items()))
        acts: list[Act] = []
        if not any(self.members[name].participates for name in names):
            return "ignored", 0
        if identifier in self.known:
            return ("duplicate" if self.known[identifier] == content else "conflict"), 0
        self.known[identifier] = content
        seq = next(self._seq)
        for place, name in enumerate(names):
            facts = self.members[name]
            if facts.participates:
                acts.append(Act(identifier, seq, kind, time, data, name, facts, place, len(names), self.now))
        self.acts += acts
        before = len(self.pays)
        for act in acts:
            assert self.spec is not None
            for spec in self.spec.rules:
                self._judge(act, spec, self.pays)
            for award in self._reach(act, self.states[act.member], self.aims):
                self._pay_award(award, act.facts.team)
        return "recorded", sum(pay.points for pay in self.pays[before:] if pay.counts)

    def retract(self, identifier: str) -> bool:
        acts = [act for act in self.acts if act.id == identifier]
        if not acts:
            raise Refusal
        if acts[0].retracted:
            return False
        next(self._seq)
        for act in acts:
            act.retracted = True
            self.pays = [pay for pay in self.pays if pay.act is not act]
            self._fall(act, self.states[act.member])
        return True

    def adjust(self, name: str, points: int, rule: str | None, time: datetime) -> None:
        assert self.spec is not None
        if points > 0 and not self.members[name].participates:
            raise Refusal
        next(self._seq)
        tags: tuple[str, ...] = ()
        if rule is not None:
            tags = next(each.tags for each in self.spec.rules if each.key == rule)
        named = self.elements["rule", rule] if rule is not None else 0
        facts = self.members[name]
        self.pays.append(Pay(name, rule or "", points, time, facts.team, tags, facts, named=named))

    def give(self, name: str, key: str, level: int) -> None:
        if not self.members[name].participates:
            raise Refusal
        aim = self._badge(key)
        state = self.states[name]
        spec = aim.spec
        assert isinstance(spec, BadgeSpec)
        if not spec.every and level > max(1, len(spec.needs[0].at if spec.needs else (1,))):
            raise Refusal
        day = self.now.astimezone(ZONE).toordinal()
        period = 0
        if aim.repeat:
            period = -day if aim.runs else aim.period(0, day)
        mine = [award for award in state.held if award.element == aim.element]
        if any((award.level, award.period) == (level, period) for award in mine):
            raise Refusal
        if aim.first is not None and not mine and self._holders(aim) >= aim.first:
            raise Refusal
        given = self._award(state, aim, Found(aim.element, level, period, day, day), None, name, next(self._seq))
        self._pay_award(given, self.members[name].team)
        self._raise(state, aim, period, level)
        for award in self._look(None, name, day, state, self.aims, {}, {aim.element}):
            self._pay_award(award, self.members[name].team)

    def take(self, name: str, key: str, level: int | None) -> None:
        aim = self._badge(key)
        state = self.states[name]
        ended = [each for each in state.held if each.element == aim.element and level in (None, each.level)]
        if not ended:
            raise Refusal
        next(self._seq)
        for award in ended:
            self._drop(state, award)
            state.taken.append(award)

    def release(self) -> int:
        due = [pay for pay in self.pays if pay.due is not None and not pay.released and pay.due <= self.now]
        for pay in due:
            next(self._seq)
            pay.released = True
        return len(due)

    def apply(self, spec: Spec, since: date | None = None) -> bool:
        if spec == self.spec and since is None:
            return False
        is_first, seq = self.spec is None, next(self._seq)
        since_time = midnight(since) if since and not is_first else None
        self.spec = spec
        declared = {("rule", each.key) for each in spec.rules} | {("badge", each.key) for each in spec.badges}
        declared |= {("zone", each.key) for each in spec.zones}
        self.elements = {each: self.elements.get(each) or next(self._ids) for each in sorted(declared)}
        self._exclude(spec)
        before = {measure for aim in self.aims for measure, _ in aim.needs}
        valid = _validities(self.aims)
        self.aims = self._in_order(spec)
        after = {measure for aim in self.aims for measure, _ in aim.needs}
        again = after - before & self.lives.keys()  # what comes back goes on as if it had never been away
        again |= {measure for measure in after & before if valid[measure] != _validities(self.aims)[measure]}
        for measure in after:
            life = self.lives.setdefault(measure, Life(seq, None))
            shared = measure[0] in self.excluded
            if since_time and not shared and (life.since_time is None or since_time < life.since_time):
                life.since_time = since_time
        for name, state in self.states.items():
            for measure in (after ^ before) | again:
                self._forget(state, measure)
            for aim in self.aims:
                for measure, need in aim.needs:
                    if measure in again and measure not in state.counted:
                        state.counted[measure] = self._counted(name, aim, measure, need)
                begins = {measure for measure, _ in aim.needs} - before
                for award in state.held:
                    if aim.element == award.element and begins | again & {measure for measure, _ in aim.needs}:
                        self._resume(state, aim, award)
                for award in state.taken:
                    if aim.element == award.element and again & {measure for measure, _ in aim.needs}:
                        self._resume(state, aim, award)
        if since_time:
            for name in self.members:
                self._rejudge(name, since_time)
        self.kept |= {self.elements["badge", each.key]: each.keep for each in spec.badges}
        return True

    # What there is then.

    def ledger(self) -> list[tuple[str, str, str, int, int]]:
        return sorted(
            (pay.member, pay.key, pay.act.id if pay.act else "", pay.points, pay.day)
            for pay in self.pays
            if pay.counts and pay.points
        )

    def verdicts(self) -> list[tuple[str, str, list[tuple[str, str, int]]]]:
        """What the rules in force say, or said when they last judged."""
        keys = {element: key for (kind, key), element in self.elements.items() if kind == "rule"}
        found = []
        for act in self.acts:
            said = sorted((keys[rule], *told) for rule, told in act.said.items() if rule in keys)
            found.append((act.id, act.member, said))
        return sorted(found)

    def badges(self) -> list[tuple[str, str, int, int, str, str]]:
        """What members hold, and what it was called when it was awarded."""
        return sorted(
            (
                award.member,
                award.key,
                award.level,
                award.period,
                award.act.id if award.act else "",
                award.version.plain()["title"],
            )
            for state in self.states.values()
            for award in state.held
        )

    def standings(self) -> dict[tuple[str, int, str], tuple[int, int, int]]:
        assert self.spec is not None
        found: dict[tuple[str, int, str], tuple[int, int, int]] = {}
        active: dict[tuple[str, int, str], set[str]] = defaultdict(set)
        for board in self.spec.boards:
            for pay in self.pays:
                who = pay.team if board.of == "teams" else pay.member
                listed = self.members[pay.member].participates
                if not (pay.counts and pay.points and who and listed and self._on(board, pay)):
                    continue
                key = board.key, period_of(board.period, pay.day), who
                score, reached, entries = found.get(key, (0, 0, 0))
                found[key] = score + pay.points, max(reached, micros(pay.time)), entries + 1
                active[key].add(pay.member)
        means = {board.key: board for board in self.spec.boards if board.score in ("mean", "mean-active")}
        for key, (points, reached, entries) in found.items():
            if mean := means.get(key[0]):
                there = [facts for facts in self.members.values() if facts.participates and facts.team == key[2]]
                there = [facts for facts in there if not mean.members or mean.members.call({}, facts)]
                by = len(there) if mean.score == "mean" and there else len(active[key])
                found[key] = int(Fraction(points * 1_000, by)), reached, entries
        return found

    def _on(self, board: BoardSpec, pay: Pay) -> bool:
        tagged = not board.tags or bool(set(board.tags) & set(pay.tags))
        ruled = not board.rules or (pay.rule or pay.named) in {self.elements["rule", key] for key in board.rules}
        asked = not board.members or board.members.call({}, pay.facts)
        last = self.first_days.get(pay.member, pay.day) + (board.newcomers or pay.day)
        return tagged and ruled and asked and pay.day < last and (not board.activities or pay.type in board.activities)

    # Rules.

    def _judge(self, act: Act, spec: RuleSpec, pays: list[Pay]) -> None:
        """What one rule says; what it pays is added to the list."""
        if act.type not in spec.on:
            return
        element = self.elements["rule", spec.key]
        mine = [pay for pay in pays if pay.rule == element and pay.points]
        result, points = self._decide(act, spec, mine)
        act.said[element] = result, points
        if points:
            due = act.recorded + spec.hold if spec.hold else None
            told = act.member, spec.key, points, act.time, act.facts.team, spec.tags, act.facts, act.type, act
            pays.append(Pay(*told, rule=element, due=due))

    def _decide(self, act: Act, spec: RuleSpec, paid: list[Pay]) -> tuple[str, int]:
        assert self.spec is not None
        own = [pay for pay in paid if pay.member == act.member]
        if not _valid(spec.valid_from, spec.valid_to, act.time):
            return "not eligible", 0
        works = self.spec.working_time
        if works and not spec.any_time and works.applies_to(act.facts) and _outside(works, act):
            return "not eligible", 0
        if spec.audience and not spec.audience.call({}, act.facts):
            return "not eligible", 0
        if spec.when and not spec.when.call(act.data, act.facts):
            return "condition false", 0
        for limit in spec.limits:
            among = [pay for pay in (paid if limit.across else own) if _same(limit.per, pay, act)]
            if limit.by:
                value = limit.by.call(act.data, act.facts)
                among = [pay for pay in among if pay.act and limit.by.call(pay.act.data, pay.act.facts) == value]
            if len(among) >= limit.max:
                return "limited", 0
        if spec.cooldown and any(abs(pay.time - act.time) < spec.cooldown for pay in own):
            return "limited", 0
        if spec.credit == "first" and act.place:
            return "not eligible", 0
        before = len([pay for pay in own if _same(spec.steps_per, pay, act)])
        points = _number(spec.points[min(before, len(spec.points) - 1)], act)
        bonuses = [each.percent for each in spec.bonuses if _valid(each.valid_from, each.valid_to, act.time)]
        if bonuses:
            points = points * max(bonuses) // 100
        if spec.credit == "split":
            points //= act.among
        if points and spec.budget:
            most, per = spec.budget
            if sum(pay.points for pay in paid if _same(per, pay, act)) + points > most:
                return "limited", 0
        return ("held" if points and spec.hold else "awarded"), points

    # Badges and zones.

    def _reach(self, act: Act, state: MemberState, aims: list[Aim]) -> list[Award]:
        """Count an activity, and award what it reaches."""
        fresh: dict[Measure, bool] = {}
        for aim in aims:
            for place, (measure, need) in enumerate(aim.needs):
                if measure not in fresh and (counts := _counts(aim, need, act)):
                    calculator = self._calculator(state, measure)
                    here = self._act(act, *counts)
                    fresh[measure] = calculator._is_fresh(here, aim.goal.needs[place].metric)
                    state.counted[measure].append((act, *counts))
        return self._look(act, act.member, act.day, state, aims, fresh, set())

    def _look(
        self,
        act: Act | None,
        member: str,
        day: int,
        state: MemberState,
        aims: list[Aim],
        fresh: Mapping[Measure, bool],
        awarded: set[int],
    ) -> list[Award]:
        """Look at what counted something, or requires what was awarded."""
        made: list[Award] = []
        time = act.time if act else self.now
        seq = act.seq if act else next(self._seq)
        for aim in aims:
            again = bool(awarded & set(aim.requires))
            if not again and not any(measure in fresh for measure, _ in aim.needs):
                continue
            if not all(self._holds(state, element, time) for element in aim.requires):
                continue
            found = self._found(aim, day, state, fresh, again=again)
            for each in found:
                award = self._award(state, aim, each, act, member, seq)
                made.append(award)
            if found and not aim.is_zone:
                awarded.add(aim.element)
        return made

    def _found(
        self, aim: Aim, day: int, state: MemberState, fresh: Mapping[Measure, bool], *, again: bool
    ) -> list[Found]:
        holds = any(award.element == aim.element for award in state.held)
        full = aim.first is not None and not holds and self._holders(aim) >= aim.first
        if not aim.needs:
            if holds or full or aim.is_zone:
                return []
            return [Found(aim.element, 1, 0, 0, metrics.EVER_LAST)]
        if aim.is_zone:
            values = [self._value(aim, place, state, 0) for place in range(len(aim.needs))]
            met = all(value >= need.at[0] for value, (_, need) in zip(values, aim.needs, strict=True))
            if not met or any(state.levels.get((measure, 0)) for measure, _ in aim.needs):
                return []
            self._raise(state, aim, 0, 1)
            return [Found(aim.element, 1, 0, 0, metrics.EVER_LAST)]
        measure, _ = aim.needs[0]
        want, calculator = aim.goal.needs[0], self._calculator(state, measure)
        here = metrics.Act(0, 0, want.metric.on[0], day, 0, 0, 0)
        is_fresh = fresh.get(measure, False)
        if aim.runs:
            if not is_fresh and not again:
                return []
            since = state.used.get(measure, (0, 0))[0]
            run = calculator._run(aim.goal, want, here, want.thresholds[0], since, looking=not is_fresh)
            if run is None:
                return []
            state.used[measure] = run[2], run[1]
            return [Found(aim.element, 1, run[1], run[1], run[2])]
        period = aim.period(0, day)
        value = self._value(aim, 0, state, period)
        level = state.levels.get((measure, period), 0)
        highest = level
        while (at := aim.threshold(highest + 1)) is not None and value >= at:
            highest += 1
        if highest == level or full:
            return []
        self._raise(state, aim, period, highest)
        found = []
        for number in range(level + 1, highest + 1):
            at = aim.threshold(number)
            assert at is not None
            run = calculator._run(aim.goal, want, here, at, 0) if is_fresh else None
            days = run[1:] if run else (0, metrics.EVER_LAST)
            found.append(Found(aim.element, number, period, *days))
        return found

    def _fall(self, act: Act, state: MemberState) -> None:
        """Take an activity out of what was counted, and revoke what loses its evidence."""
        touched = set()
        fell: list[Award] = []
        for measure, counted in state.counted.items():
            kept = [each for each in counted if each[0] is not act]
            if len(kept) < len(counted):
                touched.add(measure)
                counted[:] = kept
        for aim in self.aims:
            measures = {measure for measure, _ in aim.needs}
            if aim.keep:
                continue
            lost = []
            for award in state.held:
                if award.element != aim.element or award.act is None:
                    continue
                if any(_rested(award, element, fell, state) for element in aim.requires):
                    lost.append(award)
                    continue
                # What the badge said when it was awarded decides; what is no longer counted cannot fall away.
                then = Aim(aim.element, award.version, defaultdict(int))
                rests = {measure for measure, _ in then.needs}
                if rests & touched and rests <= measures and not self._stands(then, award, state):
                    lost.append(award)
            fell += lost
            for award in lost:
                self._drop(state, award)
            for award in sorted(lost, key=lambda each: -each.level):
                left = [
                    each.level
                    for each in state.held
                    if each.element == aim.element and each.period == award.period and not aim.runs
                ]
                for measure in measures:
                    if not aim.runs:
                        level = max([award.level - 1, *left])
                        place = measure, award.period if aim.repeat else 0
                        state.levels[place] = min(level, state.levels.get(place, 0))
                    elif state.used.get(measure, (0, 0))[1] == award.period:
                        state.used[measure] = award.period - 1, 0

    def _counted(self, member: str, aim: Aim, measure: Measure, need: Any) -> list[tuple[Act, int, int]]:
        """What a member did that counts, of all that there is."""
        life, found = self.lives[measure], []
        for act in self.acts:
            mine = act.member == member and not act.retracted and life.counts(act.seq, act.time)
            if mine and (counts := _counts(aim, need, act)):
                found.append((act, *counts))
        return found

    def _stands(self, aim: Aim, award: Award, state: MemberState) -> bool:
        for place, (measure, need) in enumerate(aim.needs):
            want = aim.goal.needs[place]
            threshold = need.at[0] if aim.is_zone else aim.threshold(award.level)
            if aim.runs:
                told = (aim.element, award.level, award.period, 0, award.first_day, award.last_day)
                if not self._calculator(state, measure)._supports(aim.goal, want, 0, told):
                    return False
            elif threshold is not None and self._value(aim, place, state, award.period) < threshold:
                return False
        return True

    def _value(self, aim: Aim, place: int, state: MemberState, period: int) -> int:
        """The highest value that there is in a period."""
        measure, _ = aim.needs[place]
        want = aim.goal.needs[place]
        return self._calculator(state, measure)._standing(0, aim.goal, want).get(period, 0)

    def _calculator(self, state: MemberState, measure: Measure) -> metrics.Naive:
        acts = [self._act(*each) for each in state.counted[measure]]
        return metrics.Naive([], YEAR_MONTH, acts)

    def _act(self, act: Act, amount: int, value: int) -> metrics.Act:
        return metrics.Act(act.seq, 0, act.type, act.day, micros(act.time), amount, value)

    def _award(self, state: MemberState, aim: Aim, found: Found, act: Act | None, member: str, seq: int) -> Award:
        days = aim.spec.expires if isinstance(aim.spec, BadgeSpec) else None
        time = act.time if act else self.now
        expires = time + timedelta(days=days) if days else None
        made = Award(
            member, aim.element, aim.spec.key, found.level, found.period, act, time, expires, seq, aim.spec, *found[3:]
        )
        made.requires = aim.requires
        state.held.append(made)
        return made

    def _pay_award(self, award: Award, team: str | None) -> None:
        spec = award.version
        if not isinstance(spec, BadgeSpec) or not spec.points:
            return
        facts = award.act.facts if award.act else self.members[award.member]
        award.pay = Pay(award.member, spec.key, spec.points, award.time, team, spec.tags, facts)
        self.pays.append(award.pay)

    def _drop(self, state: MemberState, award: Award) -> None:
        state.held.remove(award)
        if award.pay:
            self.pays.remove(award.pay)

    def _raise(self, state: MemberState, aim: Aim, period: int, level: int) -> None:
        if not aim.runs:
            for measure, _ in aim.needs:
                state.levels[measure, period] = max(level, state.levels.get((measure, period), 0))

    def _resume(self, state: MemberState, aim: Aim, award: Award) -> None:
        """An award that was made before is not made again, nor do its days count again."""
        for measure, _ in aim.needs:
            if not aim.runs:
                self._raise(state, aim, award.period if aim.repeat else 0, award.level)
            elif award.act is not None:
                # What rests on all days there are has used up those until it was made.
                last = award.last_day if award.last_day < metrics.EVER_LAST else award.act.day
                if last > state.used.get(measure, (0, 0))[0]:
                    state.used[measure] = last, award.period

    def _forget(self, state: MemberState, measure: Measure) -> None:
        state.counted.pop(measure, None)
        state.used.pop(measure, None)
        for key in [key for key in state.levels if key[0] == measure]:
            del state.levels[key]

    def _holds(self, state: MemberState, element: int, time: datetime) -> bool:
        return any(award.element == element and award.holds(time) for award in state.held)

    def _holders(self, aim: Aim) -> int:
        return sum(any(award.element == aim.element for award in state.held) for state in self.states.values())

    def _badge(self, key: str) -> Aim:
        for aim in self.aims:
            if aim.spec.key == key and not aim.is_zone:
                return aim
        raise Refusal

    def _in_order(self, spec: Spec) -> list[Aim]:
        keys = {each.key: self.elements["badge", each.key] for each in spec.badges}
        aims = [Aim(keys[each.key], each, keys) for each in spec.badges]
        aims += [Aim(self.elements["zone", each.key], each, keys) for each in spec.zones]
        ordered: list[Aim] = []
        while aims:
            placed = {aim.element for aim in ordered}
            following = next(aim for aim in aims if placed.issuperset(aim.requires))
            aims.remove(following)
            ordered.append(following)
        return ordered

    # Revisions that look back.

    def _exclude(self, spec: Spec) -> None:
        """What members share takes effect from now only, for good; and so do badges that look at such a badge."""
        for rule in spec.rules:
            if rule.budget or rule.hold or any(limit.across for limit in rule.limits):
                self.excluded.add(self.elements["rule", rule.key])
        for badge in spec.badges:
            element = self.elements["badge", badge.key]
            if badge.first is not None:
                self.excluded.add(element)
            self.linked.append({element, *(self.elements["badge", key] for key in badge.requires)})
        for _ in self.linked:
            for group in self.linked:
                if group & self.excluded:
                    self.excluded |= group

    def _rejudge(self, member: str, since: datetime) -> None:
        assert self.spec is not None
        state = self.states[member]
        aims = [aim for aim in self.aims if aim.element not in self.excluded]
        mine = {aim.element: aim for aim in aims}
        again = [act for act in self.acts if act.member == member and act.time >= since and not act.retracted]
        # What was paid since is paid anew.
        judged = {id(act) for act in again}
        self.pays = [
            pay for pay in self.pays if not (id(pay.act) in judged and pay.rule and pay.rule not in self.excluded)
        ]
        for act in again:
            act.said = {rule: told for rule, told in act.said.items() if rule in self.excluded}
        old = [each for each in state.held if each.element in mine and each.act is not None and each.time >= since]
        for award in old:
            state.held.remove(award)
        alive = {aim.element for aim in self.aims}
        for award in [each for each in state.held if each.act is not None and each.time >= since]:
            if award.element not in alive | self.excluded and not self.kept.get(award.element):
                self._drop(state, award)  # it is retired
        for aim in aims:
            for measure, _ in aim.needs:
                before = [each for each in state.counted[measure] if each[0].time < since]
                self._forget(state, measure)
                state.counted[measure] = before
        for award in (*state.held, *(each for each in state.taken if each.act is None or each.time < since)):
            if award.element in mine:
                self._resume(state, mine[award.element], award)
        made: list[Award] = []
        for act in again:
            for spec in self.spec.rules:
                if self.elements["rule", spec.key] not in self.excluded:
                    self._judge(act, spec, self.pays)
            made += self._reach(act, state, aims)
        taken = {each.occasion for each in state.taken if each.act is not None and each.time >= since}
        former = {each.occasion: each for each in old}
        for award in made:
            before_ = former.pop(award.occasion, None)
            if before_ is None and award.occasion in taken:
                state.held.remove(award)
            elif before_ is not None and (mine[award.element].is_zone or _terms(before_) == _terms(award)):
                state.held[state.held.index(award)] = before_
            else:
                if before_ is not None and before_.pay:
                    self.pays.remove(before_.pay)
                assert award.act is not None
                self._pay_award(award, award.act.facts.team)
        for award in former.values():
            if mine[award.element].keep:
                state.held.append(award)
                self._resume(state, mine[award.element], award)
            elif award.pay:
                self.pays.remove(award.pay)


def _validities(aims: Sequence[Aim]) -> dict[Measure, tuple[date | None, date | None] | None]:
    return {
        measure: (aim.spec.valid_from, aim.spec.valid_to) if isinstance(aim.spec, BadgeSpec) else None
        for aim in aims
        for measure, _ in aim.needs
    }


def _rested(award: Award, element: int, fell: Sequence[Award], state: MemberState) -> bool:
    """Whether an award required a badge that was held then by what fell, and that nothing holds for it now."""
    held, lost = ([each for each in among if each.element == element] for among in (state.held, fell))
    asked = element in award.requires and any(each.holds(award.time) for each in lost)
    return asked and not any(each.holds(award.time) for each in held)


def _terms(award: Award) -> tuple[Any, ...]:
    """What an award of a badge pays, until when, and what it rests on: all that is not words."""
    spec = award.version
    need = spec.needs[0] if spec.needs else None
    at = need and (need.at[0] * award.level if spec.every else need.at[award.level - 1])
    rests = need and (need.identity(), spec.audience_text, spec.repeat, at)
    return spec.points, set(spec.tags), spec.expires, set(award.requires), rests


def _counts(aim: Aim, need: Any, act: Act) -> tuple[int, int] | None:
    """What an activity adds, and which value it has; None where it does not count."""
    spec = aim.spec
    if act.type not in need.metric.on:
        return None
    if isinstance(spec, BadgeSpec):
        if not _valid(spec.valid_from, spec.valid_to, act.time):
            return None
        if spec.audience and not spec.audience.call({}, act.facts):
            return None
    if need.when and not need.when.call(act.data, act.facts):
        return None
    if need.metric.aggregate is Aggregate.SUM:
        amount = need.by.call(act.data, act.facts)
        return (amount, 0) if amount else None
    if need.metric.aggregate is Aggregate.DISTINCT:
        return 1, hash(need.by.call(act.data, act.facts))
    return 1, 0


def _number(amount: int | Cel, act: Act) -> int:
    return amount if isinstance(amount, int) else int(amount.call(act.data, act.facts))


def _valid(first: date | None, last: date | None, time: datetime) -> bool:
    """Both days count, whole."""
    if first and time < midnight(first):
        return False
    return not (last and time >= midnight(last + timedelta(days=1)))


def _outside(works: WorkingTime, act: Act) -> bool:
    local = act.time.astimezone(ZoneInfo(act.facts.time_zone) if act.facts.time_zone else ZONE)
    minutes = local.hour * 60 + local.minute
    return local.weekday() not in works.days or not works.starts <= minutes < works.ends


def _same(per: str, pay: Pay, act: Act) -> bool:
    return period_of(per, pay.day) == period_of(per, act.day)
