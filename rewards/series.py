"""Gauges that keep a row for each day or unit: rolling windows of so many days, and streaks."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from activity.calendar import EVER, Calendar, PeriodKind
from rewards.book import Place, Rows, row_at
from rewards.gauge import Gauge, Run, Total, add_value, kept_scope, value_at
from rules.metric import Aggregate, Metric

DAYS_IN_UNIT_MAX = {PeriodKind.DAY: 1, PeriodKind.WEEK: 7, PeriodKind.MONTH: 31}


class Rolling(Gauge):
    """Counts, sums and distinct values over so many days in a row: a row for each day, or each day and value."""

    def __init__(self, measure: int, calendar: Calendar, days: int, *, distinct: bool = False, runs: bool = False):
        super().__init__(measure, calendar, PeriodKind.EVER)
        self._days = days
        self._distinct = distinct
        self.runs = runs

    def places(self, day: int, scope: int) -> Iterator[Place]:
        yield day, kept_scope(scope) if self._distinct else 0
        yield from self.standing(day)

    def days_added(self, rows: Rows, day: int, scope: int) -> tuple[int, int] | None:
        known = self._distinct and value_at(rows, (day, kept_scope(scope))) > 0
        return None if known else (max(1, day - self._days + 1), day + self._days - 1)

    def days_looked_at(self, rows: Rows, day: int) -> tuple[int, int] | None:
        return self.days_added(rows, day, 0) if self.runs else None

    def add(self, rows: Rows, day: int, amount: int, scope: int) -> bool:
        if self._distinct:
            return bool(add_value(rows, (day, kept_scope(scope)), amount))
        row_at(rows, (day, 0))[0] += amount
        return True

    def advance(self, rows: Rows, day: int) -> None:
        summary = row_at(rows, self.summary(day))
        summary[0] = max(summary[0], *(run.value for run in self._around(rows, day)), 0)

    def renew(self, rows: Rows, day: int) -> None:
        entries = self._entries(rows, 1, EVER.after)
        ends = {end for entry in entries for end in (entry[0], entry[0] + self._days)}
        best = max((run.value for run in self._windows(entries, ends)), default=0)
        row_at(rows, self.summary(day))[0] = max(best, 0)

    def run(self, rows: Rows, day: int, threshold: int, since: int = 0, *, looking: bool = False) -> Run | None:  # noqa: ARG002
        if day <= since:
            return None
        return next((run for run in self._around(rows, day, since) if run.value >= threshold), None)

    def within(self, rows: Rows, first_day: int, last_day: int) -> int:
        return self._value_of(self._entries(rows, first_day, last_day))

    def current(self, rows: Rows, day: int) -> int:
        return self._value_of(self._entries(rows, max(day - self._days, self.since(rows)) + 1, day))

    def _value_of(self, entries: list[tuple[int, int, int]]) -> int:
        return len({entry[1] for entry in entries}) if self._distinct else sum(entry[2] for entry in entries)

    def _entries(self, rows: Rows, first_day: int, last_day: int) -> list[tuple[int, int, int]]:
        """Day, scope and value of what was counted on these days, in order."""
        first_day = max(1, first_day)
        return sorted(
            (day, scope, row[0]) for (day, scope), row in rows.items() if first_day <= day <= last_day and row[0]
        )

    def _around(self, rows: Rows, day: int, since: int = 0) -> Iterator[Run]:
        """The windows that a day belongs to, by their ends: each at which the value can be higher than before."""
        last_day = day + self._days - 1
        entries = self._entries(rows, max(day - self._days, since) + 1, last_day)
        ends = {day}
        for entry_day, _, value in entries:
            # A window gains where it takes a day in; and where it leaves one behind that took something away.
            end = entry_day if value > 0 else entry_day + self._days
            if day < end <= last_day:
                ends.add(end)
        return self._windows(entries, ends)

    def _windows(self, entries: list[tuple[int, int, int]], ends: Iterable[int]) -> Iterator[Run]:
        counted: dict[int, int] = {}  # entries by scope
        value = left = right = 0
        for end in sorted(ends):
            while right < len(entries) and entries[right][0] <= end:
                _, scope, amount = entries[right]
                counted[scope] = counted.get(scope, 0) + 1
                value += (counted[scope] == 1) if self._distinct else amount
                right += 1
            while left < right and entries[left][0] <= end - self._days:
                _, scope, amount = entries[left]
                counted[scope] -= 1
                value -= (counted[scope] == 0) if self._distinct else amount
                left += 1
            if left < right:
                yield Run(value, entries[left][0], entries[right - 1][0])


class Streak(Gauge):
    """Days, weeks or months in a row with activity: a row for each unit. Within a calendar period, or ever.

    A new unit can only be part of a stretch that reaches as far as the best one so far to either side, and the missing
    units that are forgiven: no other rows are read.
    """

    def __init__(
        self, measure: int, calendar: Calendar, unit: PeriodKind, window: PeriodKind, forgiving: int, *, repeat: bool
    ) -> None:
        super().__init__(measure, calendar, window if repeat else PeriodKind.EVER)
        self._unit = unit
        self._window = window
        self._forgiving = forgiving
        self.runs = repeat and window is PeriodKind.EVER

    def places(self, day: int, scope: int) -> Iterator[Place]:  # noqa: ARG002
        yield self._calendar.period(self._unit, day).first, 0
        yield from self.standing(day)

    def days_added(self, rows: Rows, day: int, scope: int) -> tuple[int, int] | None:  # noqa: ARG002
        active = value_at(rows, (self._calendar.period(self._unit, day).first, 0)) > 0
        return None if active else self._reach(rows, day, 0)

    def days_looked_at(self, rows: Rows, day: int) -> tuple[int, int] | None:
        return self.days_current(rows, day) if self.runs else None

    def days_current(self, rows: Rows, day: int) -> tuple[int, int] | None:
        return self._reach(rows, day, self._forgiving + 1)

    def add(self, rows: Rows, day: int, amount: int, scope: int) -> bool:  # noqa: ARG002
        row = row_at(rows, (self._calendar.period(self._unit, day).first, 0))
        row[0] += amount
        return row[0] == amount

    def advance(self, rows: Rows, day: int) -> None:
        summary = row_at(rows, self.summary(day))
        summary[0] = max(summary[0], *(stretch.value for stretch in self._around(rows, day)), 0)

    def renew(self, rows: Rows, day: int) -> None:
        period = self._calendar.period(self.per, day)
        units = self._units(rows, max(1, period.first), period.after - 1)
        groups = groupby(units, key=lambda first: self._calendar.period(self._window, first).first)
        best = max((stretch.value for _, group in groups for stretch in self._stretches(list(group))), default=0)
        row_at(rows, self.summary(day))[0] = best

    def run(self, rows: Rows, day: int, threshold: int, since: int = 0, *, looking: bool = False) -> Run | None:
        slack = self._forgiving + 1 if looking else 0
        for stretch in self._around(rows, day, since, slack):
            if stretch.value >= threshold:
                last_unit = self._calendar.period(self._unit, stretch.last_day)
                return stretch._replace(last_day=last_unit.after - 1)
        return None

    def within(self, rows: Rows, first_day: int, last_day: int) -> int:
        stretches = self._stretches(self._units(rows, first_day, last_day))
        return max((stretch.value for stretch in stretches), default=0)

    def current(self, rows: Rows, day: int) -> int:
        """The units to which activity on the day would add another, or has."""
        unit = self._calendar.period(self._unit, day).first
        first_day = max(self._calendar.period(self._window, day).first, self.since(rows) + 1)
        units = self._units(rows, first_day, unit)
        active = unit in units[-1:]
        if not active:
            units.append(unit)
        *_, last = self._stretches(units)
        return last.value if active else last.value - 1

    def _reach(self, rows: Rows, day: int, slack: int) -> tuple[int, int]:
        unit = self._calendar.period(self._unit, day).first
        window = self._calendar.period(self._window, day)
        best = value_at(rows, self.summary(day))
        days = (best + self._forgiving + 1 + slack) * DAYS_IN_UNIT_MAX[self._unit]
        return max(1, window.first, unit - days), min(window.after - 1, unit + days)

    def _units(self, rows: Rows, first_day: int, last_day: int) -> list[int]:
        first_day = max(1, first_day)
        return sorted(
            first
            for (first, scope), row in rows.items()
            if first_day <= first <= last_day and scope == 0 and row[0] > 0
        )

    def _around(self, rows: Rows, day: int, since: int = 0, slack: int = 0) -> Iterator[Run]:
        """The longest stretch up to each unit, of those that come within `slack` missing units of a day's unit."""
        window = self._calendar.period(self._window, day)
        place = self._index(self._calendar.period(self._unit, day).first)
        for stretch in self._stretches(self._units(rows, max(window.first, since + 1), window.after - 1)):
            if self._index(stretch.first_day) - slack <= place <= self._index(stretch.last_day) + slack:
                yield stretch

    def _stretches(self, units: Sequence[int]) -> Iterator[Run]:
        """The longest stretch that ends with each unit, which misses no more units than are forgiven."""
        indexes = [self._index(first) for first in units]
        start = 0
        for end, index in enumerate(indexes):
            while index - indexes[start] - (end - start) > self._forgiving:
                start += 1
            yield Run(end - start + 1, units[start], units[end])

    def _index(self, first_day: int) -> int:
        """Numbers that go up by one from unit to unit."""
        if self._unit is PeriodKind.MONTH:
            first = date.fromordinal(first_day)
            return first.year * 12 + first.month
        return first_day // DAYS_IN_UNIT_MAX[self._unit]


def gauge_of(measure: int, metric: Metric, calendar: Calendar, *, repeat: bool, lasting: bool) -> Gauge:
    """The gauge of a metric. `lasting` keeps the best value of a sum too, which may go down again."""
    distinct = metric.aggregate is Aggregate.DISTINCT
    if metric.unit is not None:
        assert isinstance(metric.window, PeriodKind)
        return Streak(measure, calendar, metric.unit, metric.window, metric.forgiving, repeat=repeat)
    if not isinstance(metric.window, PeriodKind):
        return Rolling(measure, calendar, metric.window, distinct=distinct, runs=repeat)
    apart = not repeat and metric.window is not PeriodKind.EVER
    apart |= lasting and metric.aggregate is Aggregate.SUM
    return Total(measure, calendar, metric.window, distinct=distinct, apart=apart)
