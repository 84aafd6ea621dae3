"""A naive reference for progress: every activity is kept in a list, and every value worked out anew from all of them.

It knows nothing of rows, summaries or ranges, nor of the service's calendar. What it shares with the service are the
values that describe goals and what they reached.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from activity.calendar import PeriodKind
from rewards.goal import Goal, Need
from rules.metric import Aggregate, Metric

EVER_LAST = date.max.toordinal() - 1
MONTHS = {PeriodKind.QUARTER: 3, PeriodKind.HALF_YEAR: 6, PeriodKind.YEAR: 12}


class Act(NamedTuple):
    """One activity, as far as metrics look at it."""

    number: int
    member: int
    type: str
    day: int
    time_us: int
    amount: int  # what sums add
    value: int  # what distinct values tell apart


# Element, level, period, value, first and last day.
Told = tuple[int, int, int, int, int, int]


def period_of(kind: PeriodKind, day: int, year_month: int) -> tuple[int, int]:
    """First and last day of a period, where years start on the first of a month."""
    if kind is PeriodKind.EVER:
        return 0, EVER_LAST
    at = date.fromordinal(day)
    if kind is PeriodKind.DAY:
        return day, day
    if kind is PeriodKind.WEEK:
        first = at - timedelta(days=at.weekday())
        return first.toordinal(), first.toordinal() + 6
    months = 1 if kind is PeriodKind.MONTH else MONTHS[kind]
    first = at.replace(day=1)
    while (first.month - year_month) % months:
        first = (first - timedelta(days=1)).replace(day=1)
    after = first
    for _ in range(months):
        after = (after + timedelta(days=31)).replace(day=1)
    return first.toordinal(), after.toordinal() - 1


@dataclass
class Naive:
    """The progress of all members towards the goals, which are listed in the order in which they are looked at."""

    goals: list[Goal]
    year_month: int = 1
    acts: list[Act] = field(default_factory=list)
    # By member: the best ever seen by measure and period, the level by element and period, the days used by element,
    # and the awards that a member has.
    best: dict[tuple[int, int, int], int] = field(default_factory=dict)
    levels: dict[tuple[int, int, int], int] = field(default_factory=dict)
    used: dict[tuple[int, int], list[Told]] = field(default_factory=dict)
    free_from: dict[tuple[int, int], int] = field(default_factory=dict)
    awards: dict[tuple[int, int], dict[tuple[int, int], tuple[Told, int | None]]] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)

    def record(self, act: Act) -> list[Told]:
        """Add an activity; what it reaches."""
        fresh = {
            need.measure: self._is_fresh(act, need.metric)
            for goal in self.goals
            for need in goal.needs
            if act.type in need.metric.on and (need.metric.aggregate is not Aggregate.SUM or act.amount)
        }
        self.acts.append(act)
        for goal in self.goals:
            for need in goal.needs:
                if need.measure in fresh:
                    for period, value in self._standing(act.member, goal, need).items():
                        key = act.member, need.measure, period
                        self.best[key] = max(self.best.get(key, 0), value)
        told: list[Told] = []
        awarded: set[int] = set()
        for goal in self.goals:
            touched = [need for need in goal.needs if need.measure in fresh]
            again = bool(awarded & set(goal.requires))
            if not touched and not again:
                continue
            if not all(self._holds(act.member, element, act.time_us) for element in goal.requires):
                continue
            found = self._reached(goal, act, touched, fresh, again=again)
            for each in found:
                expires = None if goal.expires_days is None else act.time_us + goal.expires_days * 86_400_000_000
                self.awards.setdefault((act.member, goal.element), {})[each[1], each[2]] = each, expires
            if found and not goal.is_zone:
                awarded.add(goal.element)
            told += found
        return told

    def retract(self, act: Act) -> list[Told]:
        """Take an activity back; the awards that lose what they rest on, which are revoked unless they are kept."""
        self.acts.remove(act)
        lost: list[Told] = []
        for goal in self.goals:
            touched = [need for need in goal.needs if act.type in need.metric.on]
            touched = [need for need in touched if need.metric.aggregate is not Aggregate.SUM or act.amount]
            for need in touched:
                standing = self._standing(act.member, goal, need)
                for period in [key[2] for key in self.best if key[:2] == (act.member, need.measure)]:
                    self.best[act.member, need.measure, period] = max(0, standing.get(period, 0))
            if touched and not goal.keep:
                lost += self._revoke(goal, act.member)
        return lost

    def steps(self, member: int, goal: Goal, day: int) -> list[tuple[int, int | None]]:
        """For each need the value that stands on a day, and the next that reaches something."""
        found: list[tuple[int, int | None]] = []
        for need in goal.needs:
            value, threshold = self._value(member, goal, need, day), need.thresholds[0]
            level = self.levels.get((member, goal.element, self._period(goal, need, day)), 0)
            if goal.is_zone:
                best = self._counting(member, goal, need, 0)
                found.append((best, None) if best >= threshold else (value, threshold))
            elif self._runs(goal):
                found.append((value, threshold))
            elif goal.every:
                found.append((value, threshold * (level + 1)))
            else:
                found.append((value, next(iter(need.thresholds[level:]), None)))
        return found

    def _value(self, member: int, goal: Goal, need: Need, day: int) -> int:
        """The value that stands on a day."""
        metric = need.metric
        since = self._since(member, goal)
        if not isinstance(metric.window, PeriodKind):
            return self._over(self._among(member, metric, max(since + 1, day - metric.window + 1), day), metric)
        first, last = period_of(metric.window, day, self.year_month)
        if metric.unit is None:
            return self._over(self._among(member, metric, first, last), metric)
        # The streak alive on the day: as if there were activity in its unit, and without it if there is none.
        units = self._units(member, metric, max(first, since + 1), day)
        here = self._unit(metric, day)
        lengths = [
            length
            for start, end, length in self._stretches(sorted(units | {here}), metric)
            if end == here  # the longest comes first
        ]
        return max(lengths) - (here not in units)

    def held(self, member: int) -> list[Told]:
        return sorted(each for key, found in self.awards.items() if key[0] == member for each, _ in found.values())

    def _reached(self, goal: Goal, act: Act, touched: list[Need], fresh: dict[int, bool], *, again: bool) -> list[Told]:
        if not goal.needs:
            if self.awards.get((act.member, goal.element)) or goal.is_zone or not self._take_place(goal):
                return []
            return [(goal.element, 1, 0, 1, 0, EVER_LAST)]
        if goal.is_zone:
            return self._entered(goal, act, touched, fresh)
        need = goal.needs[0]
        is_fresh = fresh.get(need.measure, False)
        if self._runs(goal):
            if not is_fresh and not again:
                return []
            run = self._run(goal, need, act, need.thresholds[0], self._since(act.member, goal), looking=not is_fresh)
            if run is None:
                return []
            told = (goal.element, 1, run[1], *run)
            self.used.setdefault((act.member, goal.element), []).append(told)
            return [told]
        period = self._period(goal, need, act.day)
        value = self._counting(act.member, goal, need, period)
        level = self.levels.get((act.member, goal.element, period), 0)
        if goal.every:
            highest = min(value // need.thresholds[0], level + 100)
        else:
            highest = len([threshold for threshold in need.thresholds if value >= threshold])
        if highest <= level or (level == 0 and not self._take_place(goal)):
            return []
        self.levels[act.member, goal.element, period] = highest
        return [
            (
                goal.element,
                number,
                period,
                *((is_fresh and self._run(goal, need, act, self._at(need, goal, number), 0)) or (value, 0, EVER_LAST)),
            )
            for number in range(level + 1, highest + 1)
        ]

    def _entered(self, goal: Goal, act: Act, touched: list[Need], fresh: dict[int, bool]) -> list[Told]:
        values = [self._counting(act.member, goal, need, 0) for need in goal.needs]
        if self.levels.get((act.member, goal.element, 0)):
            return []
        if any(value < need.thresholds[0] for value, need in zip(values, goal.needs, strict=True)):
            return []
        self.levels[act.member, goal.element, 0] = 1
        # What it rests on is told of the last metric that the activity added to, and the last need of that.
        known = [measure for measure in dict.fromkeys(need.measure for need in touched) if fresh[measure]]
        if not known:
            return [(goal.element, 1, 0, goal.needs[0].thresholds[0], 0, EVER_LAST)]
        need = [need for need in touched if need.measure == known[-1]][-1]
        run = self._run(goal, need, act, need.thresholds[0], 0)
        return [(goal.element, 1, 0, *(run or (self._counting(act.member, goal, need, 0), 0, EVER_LAST)))]

    def _revoke(self, goal: Goal, member: int) -> list[Told]:
        found = self.awards.get((member, goal.element), {})
        lost = []
        for (level, period), (told, _) in list(found.items()):
            if all(self._supports(goal, need, member, told) for need in goal.needs):
                continue
            lost.append(told)
            del found[level, period]
            key = member, goal.element
            if not self._runs(goal):
                self.levels[*key, period] = max((held for held, of in found if of == period), default=0)
            elif told == self.used[key][-1]:
                self.free_from[key] = period
        return lost

    def _supports(self, goal: Goal, need: Need, member: int, told: Told) -> bool:
        _, level, period, _, first, last = told
        if not self._runs(goal):
            return self._counting(member, goal, need, period) >= self._at(need, goal, level)
        if need.metric.unit is None:
            return self._over(self._among(member, need.metric, first, last), need.metric) >= need.thresholds[0]
        stretches = self._stretches(sorted(self._units(member, need.metric, first, last)), need.metric)
        return max((length for _, _, length in stretches), default=0) >= need.thresholds[0]

    def _since(self, member: int, goal: Goal) -> int:
        """The last day that awards have used up; from the first day of the last one on they are free if it was lost."""
        key = member, goal.element
        used = self.used.get(key, [])
        if not self._runs(goal) or not used:
            return 0
        lost = self.free_from.get(key) == used[-1][2] and used[-1][1:3] not in self.awards[key]
        return used[-1][2] - 1 if lost else used[-1][5]

    def _counting(self, member: int, goal: Goal, need: Need, period: int) -> int:
        """What decides about levels: the best there was, or what the value is now, where it is kept in one row."""
        metric = need.metric
        is_plain = metric.unit is None and isinstance(metric.window, PeriodKind)
        if is_plain and (goal.repeat or (metric.window is PeriodKind.EVER and not goal.is_zone)):
            return self._standing(member, goal, need).get(period, 0)
        return self.best.get((member, need.measure, period), 0)

    def _standing(self, member: int, goal: Goal, need: Need) -> dict[int, int]:
        """The highest value there is now, by the period that levels are kept for."""
        metric = need.metric
        found: dict[int, int] = {}
        for act in self.acts:
            if act.member != member or act.type not in metric.on:
                continue
            if isinstance(metric.window, PeriodKind):
                first, last = period_of(metric.window, act.day, self.year_month)
                values = [self._longest_or_total(member, metric, first, last)]
            else:
                days = metric.window
                values = [
                    self._over(self._among(member, metric, end - days + 1, end), metric)
                    for end in range(act.day, act.day + days)
                ]
            period = self._period(goal, need, act.day)
            found[period] = max(found.get(period, values[0]), *values)
        return found

    def _longest_or_total(self, member: int, metric: Metric, first: int, last: int) -> int:
        if metric.unit is None:
            return self._over(self._among(member, metric, first, last), metric)
        stretches = self._stretches(sorted(self._units(member, metric, first, last)), metric)
        return max((length for _, _, length in stretches), default=0)

    def _run(
        self, goal: Goal, need: Need, act: Act, threshold: int, since: int, *, looking: bool = False
    ) -> tuple[int, int, int] | None:
        """The first run that reaches the threshold: of those that the activity's day belongs to."""
        metric, member = need.metric, act.member
        if not isinstance(metric.window, PeriodKind):
            for end in range(act.day, act.day + metric.window):
                among = self._among(member, metric, max(since + 1, end - metric.window + 1), end)
                value = self._over(among, metric)
                if value >= threshold and act.day > since:
                    days = [day for day in {each.day for each in among} if self._counts_on(among, day, metric)]
                    return value, min(days), max(days)
            return None
        first, last = period_of(metric.window, act.day, self.year_month)
        if metric.unit is None:
            value = self._over(self._among(member, metric, first, last), metric)
            return (value, first, last) if value >= threshold else None
        here = self._unit(metric, act.day)
        slack = metric.forgiving + 1 if looking else 0
        units = sorted(self._units(member, metric, max(first, since + 1), last))
        for start, end, length in self._stretches(units, metric, longest=True):
            near = self._gap(metric, here, start) <= slack and self._gap(metric, end, here) <= slack
            if length >= threshold and near:
                return length, start, period_of(self._known_unit(metric), end, self.year_month)[1]
        return None

    def _is_fresh(self, act: Act, metric: Metric) -> bool:
        """Whether an activity can make a run: where it is the first of its unit, or of its value and day."""
        mine = [each for each in self.acts if each.member == act.member and each.type in metric.on]
        if metric.unit is not None:
            return all(self._unit(metric, each.day) != self._unit(metric, act.day) for each in mine)
        if metric.aggregate is Aggregate.DISTINCT and not isinstance(metric.window, PeriodKind):
            return all((each.day, each.value) != (act.day, act.value) for each in mine)
        return True

    def _among(self, member: int, metric: Metric, first: int, last: int) -> list[Act]:
        return [act for act in self.acts if act.member == member and act.type in metric.on and first <= act.day <= last]

    def _over(self, acts: Iterable[Act], metric: Metric) -> int:
        acts = list(acts)
        ways: dict[Aggregate, Callable[[], int]] = {
            Aggregate.COUNT: lambda: len(acts),
            Aggregate.SUM: lambda: sum(act.amount for act in acts),
            Aggregate.DISTINCT: lambda: len({act.value for act in acts}),
        }
        return ways[metric.aggregate]()

    def _counts_on(self, acts: list[Act], day: int, metric: Metric) -> bool:
        return self._over([act for act in acts if act.day == day], metric) != 0

    def _units(self, member: int, metric: Metric, first: int, last: int) -> set[int]:
        acts = [act for act in self.acts if act.member == member and act.type in metric.on]
        return {unit for unit in (self._unit(metric, act.day) for act in acts) if first <= unit <= last}

    def _unit(self, metric: Metric, day: int) -> int:
        return period_of(self._known_unit(metric), day, self.year_month)[0]

    def _known_unit(self, metric: Metric) -> PeriodKind:
        assert metric.unit is not None
        return metric.unit

    def _stretches(self, units: list[int], metric: Metric, *, longest: bool = False) -> list[tuple[int, int, int]]:
        """First and last unit and length of each stretch that misses no more units than are forgiven."""
        found = []
        for at, end in enumerate(units):
            for back in range(at + 1):
                start, length = units[back], at - back + 1
                if self._gap(metric, start, end) + 1 - length <= metric.forgiving:
                    found.append((start, end, length))
                    if longest:
                        break
        return found

    def _gap(self, metric: Metric, start: int, end: int) -> int:
        """How many units later `end` is, unit by unit."""
        count = 0
        while start < end:
            start = period_of(self._known_unit(metric), start, self.year_month)[1] + 1
            count += 1
        return count

    def _period(self, goal: Goal, need: Need, day: int) -> int:
        window = need.metric.window
        if not goal.repeat or not isinstance(window, PeriodKind):
            return 0
        return period_of(window, day, self.year_month)[0]

    def _runs(self, goal: Goal) -> bool:
        """Whether it repeats in runs of days or units, instead of in calendar periods."""
        if not goal.repeat or not goal.needs:
            return False
        metric = goal.needs[0].metric
        return not isinstance(metric.window, PeriodKind) or (
            metric.unit is not None and metric.window is PeriodKind.EVER
        )

    def _at(self, need: Need, goal: Goal, level: int) -> int:
        return need.thresholds[0] * level if goal.every else need.thresholds[level - 1]

    def _holds(self, member: int, element: int, time_us: int) -> bool:
        found = self.awards.get((member, element), {}).values()
        return any(expires is None or expires > time_us for _, expires in found)

    def _take_place(self, goal: Goal) -> bool:
        if goal.first is None:
            return True
        taken = self.places.get(goal.element, 0)
        if taken >= goal.first:
            return False
        self.places[goal.element] = taken + 1
        return True
