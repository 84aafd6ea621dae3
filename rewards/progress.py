"""Progress towards badges and zones: what activities add up to, and what that reaches. Pure: no database, no clock.

A batch reads its rows in one go, then decides activity by activity in order:

    keys = progress.keys(member, counts, day)               # for each activity; counts are the judge's
    book.load(...)                                          # the rows with these keys
    spans = progress.spans(member, counts, day, book)       # for each again: ranges of rows that are needed beside
    book.load(...)
    reached = progress.settle(member, seq, time_us, day, counts, book, tallies, held)
    book.changed()                                          # the rows to write

What is kept, under (member, measure, period, scope); see rewards/gauge.py:

- counts and sums, calendar or ever: (m, M, first day of the period or 0, 0), the value.
- distinct values, calendar or ever: (m, M, period, hash), how many activities have the value; (m, M, period, 0), how
  many values.
- rolling windows: (m, M, day, 0), the value of the day; of distinct values (m, M, day, hash), how many activities.
- streaks: (m, M, first day of the unit, 0), how many activities.
- a summary of each, with the best value so far and the highest level awarded: in the value row itself of what counts
  ever or repeats in calendar periods; else (m, M, 0, SUMMARY); of streaks that repeat in calendar periods (m, M,
  period, SUMMARY). A zone's level, 1 once it is entered, stands in the summaries of all its needs.
- what repeats in rolling windows, or in streaks ever: (m, M, 0, SINCE), the last day that its last award has used up;
  as level, the first day of that award.

What a level rests on is told as days: those of the period or run in which it was reached. Where that is not known any
more, because a requirement came later than the value, or where there is no window, all days there are.

A goal is looked at when something counts for it, and when a badge that it requires is awarded. Repeated streaks and
repeated distinct values over rolling windows only when a unit or value is new. Sums may go down: what was reached on
the way stays, until a retraction works the values out anew from what is left.
"""

from collections.abc import Iterable
from typing import NamedTuple

from activity.calendar import Calendar, PeriodKind
from rewards.award import Award
from rewards.book import SINCE, SUMMARY, Book, Held, ProgressKey, Rows, row_at
from rewards.evidence import Evidence, Span, Step
from rewards.gauge import SINCE_PLACE, Gauge, Run, whole
from rewards.goal import Goal, Need, in_order
from rewards.plan import Wake, plan_of
from rules.judge import Count, Metered
from rules.tally import Tallies, TallyKey

__all__ = ["SINCE", "SUMMARY", "Book", "Goal", "Held", "Need", "Progress", "ProgressKey", "Reached", "Span", "Step"]

LEVELS_AT_ONCE = 100  # that one activity can reach, of a badge `every` so many; the next activity goes on from there
DAYS_KEPT = 4_000  # days whose periods are remembered: more than ten years


class Reached(NamedTuple):
    """A level of a badge, or a zone, that an activity reached, and what it rests on."""

    goal: Goal
    level: int
    period: int  # of what repeats: first day of the calendar period, or of the run; else 0
    value: int
    first_day: int
    last_day: int

    def award(self, member: int, seq: int, activity: int | None, time_us: int) -> Award:
        """It as an award of a member, at a place in the sequence, of which no entry is known."""
        goal = self.goal
        return Award(
            seq=seq,
            ordinal=0,
            member=member,
            element=goal.element,
            version=goal.version,
            level=self.level,
            period=self.period,
            activity=activity,
            time_us=time_us,
            value=self.value,
            first_day=self.first_day,
            last_day=self.last_day,
            expires_us=goal.expires_us(time_us),
            entry=None,
        )


class _Visit(NamedTuple):
    """What deciding for one activity takes."""

    member: int
    time_us: int
    day: int
    book: Book
    tallies: Tallies
    held: Held


class Progress(Evidence):
    """The badges and zones of one revision, in the order in which they are looked at."""

    def __init__(self, calendar: Calendar, goals: Iterable[Goal], metered: Iterable[Metered]) -> None:
        super().__init__(calendar, in_order(goals), metered)
        self._dependents = {
            goal.element: tuple(at for at, other in enumerate(self.goals) if goal.element in other.requires)
            for goal in self.goals
        }
        self._kinds: list[PeriodKind] = []
        self._first_days: dict[int, list[int]] = {}
        places = {need.measure: place for place, goal in enumerate(self.goals) for need in goal.needs}
        self._plans = [
            plan_of(self.goals[places[measure]], places[measure], self._gauges[measure], self._kinds)
            for measure in (item.measure for item in self.metered)
        ]
        self._wakes = [self._wake_of((places[item.measure],), item.measure) for item in self.metered]
        self._alone = [not wake.gauges for wake in self._wakes]

    def gauge(self, measure: int) -> Gauge:
        """What works out a measure of these goals."""
        return self._gauges[measure]

    def keys(self, member: int, counts: Iterable[Count], day: int) -> list[ProgressKey]:
        """The rows that `settle` needs."""
        first_days = self._first_days.get(day) or self._days(day)
        plans, alone = self._plans, self._alone
        keys: list[ProgressKey] = []
        for metered, _, scope in counts:
            measure, slot, apart, gauge, _, _, _, _, _ = plans[metered]
            if gauge is None:
                keys.append((member, measure, first_days[slot], 0))
                if apart:
                    keys.append((member, measure, 0, SUMMARY))
            else:
                for period, kept in gauge.places(day, scope):
                    keys.append((member, measure, period, kept))
            if not alone[metered]:
                keys.extend(self._wakes[metered].standing(member, day))
        return keys

    def spans(self, member: int, counts: Iterable[Count], day: int, book: Book) -> list[Span]:
        """The ranges of rows that `settle` needs beside those, once `keys` are loaded."""
        spans: list[Span] = []
        for metered, _, scope in counts:
            measure, _, _, gauge, _, _, _, _, _ = self._plans[metered]
            if gauge is not None and (days := gauge.days_added(book.rows(member, measure), day, scope)):
                spans.append((member, measure, *days))
            if not self._alone[metered]:
                spans.extend(self._wakes[metered].looked_at(member, day, book))
        return spans

    def shared(self, counts: Iterable[Count]) -> list[TallyKey]:
        """The counters of `first` that `settle` may ask and change; members share them."""
        return [key for metered, _, _ in counts for key in self._wakes[metered].shared]

    def needs_held(self, counts: Iterable[Count]) -> bool:
        """Whether `settle` may ask which badges the member holds."""
        return any(self._wakes[metered].requires for metered, _, _ in counts)

    def settle(
        self,
        member: int,
        seq: int,  # noqa: ARG002  (of what is decided; an award keeps it, and nothing here asks for it)
        time_us: int,
        day: int,
        counts: Iterable[Count],
        book: Book,
        tallies: Tallies,
        held: Held,
    ) -> list[Reached]:
        """Add what an activity counts, and say what that reaches, in the order in which goals are looked at."""
        pending = self._count(member, day, counts, book)
        return self._look(pending, _Visit(member, time_us, day, book, tallies, held)) if pending else []

    def accumulate(self, member: int, day: int, counts: Iterable[Count], book: Book) -> None:
        """Add what an activity counts, and decide nothing: what it reached is known already, see `resume`."""
        self._count(member, day, counts, book)

    def keys_after(self, member: int, element: int, day: int) -> list[ProgressKey]:
        """The rows that `settle_after` needs."""
        return list(self._wake_after(element).standing(member, day))

    def spans_after(self, member: int, element: int, day: int, book: Book) -> list[Span]:
        """The ranges of rows that `settle_after` needs beside those, once `keys_after` are loaded."""
        return list(self._wake_after(element).looked_at(member, day, book))

    def shared_after(self, element: int) -> list[TallyKey]:
        """The counters of `first` that `settle_after` may ask and change."""
        return list(self._wake_after(element).shared)

    def settle_after(
        self, member: int, element: int, time_us: int, day: int, book: Book, tallies: Tallies, held: Held
    ) -> list[Reached]:
        """What a member reaches because a badge was given to them by hand, which `held` knows of already."""
        pending = dict.fromkeys(self._dependents.get(element, ()))
        return self._look(pending, _Visit(member, time_us, day, book, tallies, held))

    def _count(self, member: int, day: int, counts: Iterable[Count], book: Book) -> dict[int, Gauge | None] | None:
        """Add what an activity counts: the goals to look at, by place, and the gauge that knows the run, if any."""
        first_days = self._first_days.get(day) or self._days(day)
        plans, groups = self._plans, book.groups
        pending: dict[int, Gauge | None] | None = None
        for metered, amount, scope in counts:
            measure, slot, apart, gauge, position, thresholds, levels, every, runs = plans[metered]
            rows = groups.get((member, measure))
            if rows is None:
                rows = groups[member, measure] = {}
            knows = True
            # Plain counts and sums are most of what there is: what their gauge does is written out here.
            if gauge is None:
                place = (first_days[slot], 0)
                row = rows.get(place)
                if row is None:
                    row = rows[place] = [0, 0, 0, 0]
                value = row[0] = row[0] + amount
                if apart:
                    row = row_at(rows, (0, SUMMARY))
                    if value > row[0]:
                        row[0] = value
            else:
                knows = gauge.add(rows, day, amount, scope)
                if knows:
                    gauge.advance(rows, day)
                row = row_at(rows, gauge.summary(day))
            level = row[1]
            if runs:
                look = knows
            elif level < levels:
                look = row[0] >= thresholds[level]
            else:
                look = every > 0 and row[0] >= (level + 1) * every
            if look:
                if pending is None:
                    pending = {}
                pending[position] = self._gauges[measure] if knows else pending.get(position)
        return pending

    def _look(self, pending: dict[int, Gauge | None], visit: _Visit) -> list[Reached]:
        """What is reached of these goals and, if a badge is, of those that require it, which come later in order."""
        reached: list[Reached] = []
        while pending:
            position = min(pending)
            goal, gauge = self.goals[position], pending.pop(position)
            if any(not visit.held.holds(visit.member, element, visit.time_us) for element in goal.requires):
                continue
            found = self._reached(goal, gauge, visit)
            reached += found
            if found and not goal.is_zone:
                for each in found:
                    visit.held.add(visit.member, goal.element, each.level, each.period, goal.expires_us(visit.time_us))
                for dependent in self._dependents[goal.element]:
                    pending.setdefault(dependent, None)
        return reached

    def _reached(self, goal: Goal, gauge: Gauge | None, visit: _Visit) -> list[Reached]:
        """What is reached of one goal. `gauge` is one of its own to which the activity has just added something."""
        if goal.is_zone:
            return self._zone_entered(goal, gauge, visit)
        if not goal.needs:
            if visit.held.has(visit.member, goal.element) or not goal.takes_place(visit.tallies):
                return []
            return [Reached(goal, 1, 0, *whole(1))]
        own = self._gauges[goal.needs[0].measure]
        rows = visit.book.rows(visit.member, own.measure)
        if own.runs:
            return _run_reached(goal, own, rows, visit.day, looking=gauge is None)
        place = own.summary(visit.day)
        row = row_at(rows, place)
        value, level = row[:2]
        highest = min(goal.level_at(value), level + LEVELS_AT_ONCE)
        if highest <= level:
            return []
        holds = level > 0 if goal.first is None else visit.held.has(visit.member, goal.element)
        if not holds and not goal.takes_place(visit.tallies):
            return []
        row[1] = highest
        found = []
        for number in range(level + 1, highest + 1):
            threshold = goal.threshold(number)
            run = own.run(rows, visit.day, threshold) if gauge and threshold else None
            found.append(Reached(goal, number, place[0] if goal.repeat else 0, *(run or whole(value))))
        return found

    def _zone_entered(self, goal: Goal, gauge: Gauge | None, visit: _Visit) -> list[Reached]:
        run = None
        for need in goal.needs:
            own, rows = self._gauges[need.measure], visit.book.rows(visit.member, need.measure)
            row = row_at(rows, own.summary(visit.day))
            if row[1] or row[0] < need.thresholds[0]:
                return []
            if own is gauge:
                run = own.run(rows, visit.day, need.thresholds[0]) or whole(row[0])
        self.raise_(visit.member, goal, 0, 1, visit.book)
        return [Reached(goal, 1, 0, *(run or whole(goal.needs[0].thresholds[0])))]

    def _wake_of(self, positions: Iterable[int], measure: int | None = None) -> Wake:
        found = set(positions)
        for position in range(len(self.goals)):
            if position in found:
                found.update(self._dependents[self.goals[position].element])
        goals = [self.goals[position] for position in sorted(found)]
        measures = dict.fromkeys(need.measure for goal in goals for need in goal.needs if need.measure != measure)
        return Wake(
            tuple(self._gauges[each] for each in measures),
            tuple((0, goal.first_measure, 0, 0) for goal in goals if goal.first_measure is not None),
            any(goal.requires or goal.first is not None for goal in goals),
        )

    def _wake_after(self, element: int) -> Wake:
        return self._wake_of(self._dependents.get(element, ()))

    def _days(self, day: int) -> list[int]:
        """The first days of the periods that a day is in, in the order of the kinds that plans know by number."""
        if len(self._first_days) > DAYS_KEPT:
            self._first_days.clear()
        found = self._first_days[day] = [self._calendar.period(kind, day).first for kind in self._kinds]
        return found


def _run_reached(goal: Goal, gauge: Gauge, rows: Rows, day: int, *, looking: bool) -> list[Reached]:
    """The next award of what repeats in runs: only days after those of its last award count."""
    since = row_at(rows, SINCE_PLACE)
    run: Run | None = gauge.run(rows, day, goal.needs[0].thresholds[0], since[0], looking=looking)
    if run is None:
        return []
    since[:2] = [run.last_day, run.first_day]
    return [Reached(goal, 1, run.first_day, *run)]
