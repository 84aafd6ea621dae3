"""Gauges: how the value of one metric is kept in rows, and what the rows say.

A gauge knows how a metric is counted, and not what for: levels, requirements and revisions are the business of
rewards/progress.py. There are three: of totals, here, and of rolling windows and streaks, in rewards/series.py.

    gauge.add(rows, day, amount, scope)     # an activity counts; a negative amount takes it back
    gauge.advance(rows, day)                # the best so far, after something was added on a day
    gauge.renew(rows, day)                  # the same after something was taken back: needs all rows of the measure
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import NamedTuple

from activity.calendar import EVER, Calendar, PeriodKind
from rewards.book import SINCE, SUMMARY, Place, Rows, row_at

SINCE_PLACE = (0, SINCE)


class Run(NamedTuple):
    """A stretch of days, and the value over it."""

    value: int
    first_day: int
    last_day: int


def whole(value: int) -> Run:
    """A value that all days there are may have added to."""
    return Run(value, EVER.first, EVER.after - 1)


class Gauge(ABC):
    """How one metric is counted. `per` is the kind of period that has a best value and levels of its own."""

    runs = False  # whether it repeats in runs of days or units that use days up, instead of calendar periods
    summary_scope = SUMMARY

    def __init__(self, measure: int, calendar: Calendar, per: PeriodKind) -> None:
        self.measure = measure
        self._calendar = calendar
        self.per = per

    def summary(self, day: int) -> Place:
        """Where the best value and the level are kept that count on a day."""
        return self._calendar.period(self.per, day).first, self.summary_scope

    def summary_of(self, period: int) -> Place:
        """Where they are kept that count for an award of this period: 0 for what is awarded once."""
        return period, self.summary_scope

    def standing(self, day: int) -> Iterator[Place]:
        """The rows that tell what counts on a day, without anything being added."""
        yield self.summary(day)
        if self.runs:
            yield SINCE_PLACE

    @abstractmethod
    def places(self, day: int, scope: int) -> Iterator[Place]:
        """The rows that something added on a day changes or looks at."""

    def days_added(self, rows: Rows, day: int, scope: int) -> tuple[int, int] | None:  # noqa: ARG002
        """First and last period of the rows that are looked at too when something is added on a day."""
        return None

    def days_looked_at(self, rows: Rows, day: int) -> tuple[int, int] | None:  # noqa: ARG002
        """The same when a repeated award is looked for on a day on which nothing was added."""
        return None

    def days_current(self, rows: Rows, day: int) -> tuple[int, int] | None:
        """The same for `current`, which also asks for the standing rows."""
        return self.days_added(rows, day, 0)

    @abstractmethod
    def add(self, rows: Rows, day: int, amount: int, scope: int) -> bool:
        """Count an activity of a day; false if that can change no value, nor make a run."""

    @abstractmethod
    def advance(self, rows: Rows, day: int) -> None:
        """Bring the best value up to date, after something was added on a day."""

    @abstractmethod
    def renew(self, rows: Rows, day: int) -> None:
        """Work out the best value anew, after something was taken back on a day."""

    @abstractmethod
    def run(self, rows: Rows, day: int, threshold: int, since: int = 0, *, looking: bool = False) -> Run | None:
        """The first run after `since` that reaches a value: of those to which the day belongs or, when only looked
        for, might."""

    @abstractmethod
    def within(self, rows: Rows, first_day: int, last_day: int) -> int:
        """The value over the days of a run alone."""

    @abstractmethod
    def current(self, rows: Rows, day: int) -> int:
        """The value that stands on a day: of its period, of the days that end with it, or of the streak alive."""

    def since(self, rows: Rows) -> int:
        """The last day that a repeated award has used up."""
        row = rows.get(SINCE_PLACE) if self.runs else None
        return row[0] if row else 0


class Total(Gauge):
    """Counts, sums and distinct values over a calendar period or ever: a row for each period.

    Without `apart` that row is the summary too. Distinct values have a row each beside it, of how many activities have
    the value.
    """

    def __init__(
        self, measure: int, calendar: Calendar, window: PeriodKind, *, distinct: bool = False, apart: bool = False
    ) -> None:
        super().__init__(measure, calendar, PeriodKind.EVER if apart else window)
        self.window = window
        self.distinct = distinct
        self.apart = apart
        self.summary_scope = SUMMARY if apart else 0

    def places(self, day: int, scope: int) -> Iterator[Place]:
        period = self._calendar.period(self.window, day).first
        yield period, 0
        if self.distinct:
            yield period, kept_scope(scope)
        if self.apart:
            yield self.summary(day)

    def add(self, rows: Rows, day: int, amount: int, scope: int) -> bool:
        period = self._calendar.period(self.window, day).first
        if self.distinct:
            amount = add_value(rows, (period, kept_scope(scope)), amount)
        row_at(rows, (period, 0))[0] += amount
        return True

    def advance(self, rows: Rows, day: int) -> None:
        if self.apart:
            summary = row_at(rows, self.summary(day))
            summary[0] = max(summary[0], self.current(rows, day))

    def renew(self, rows: Rows, day: int) -> None:
        if self.apart:
            best = max(row[0] for (_, scope), row in rows.items() if scope == 0)
            row_at(rows, self.summary(day))[0] = max(best, 0)

    def run(self, rows: Rows, day: int, threshold: int, since: int = 0, *, looking: bool = False) -> Run | None:  # noqa: ARG002
        period = self._calendar.period(self.window, day)
        value = self.current(rows, day)
        return Run(value, period.first, period.after - 1) if value >= threshold else None

    def within(self, rows: Rows, first_day: int, last_day: int) -> int:  # noqa: ARG002
        return self.current(rows, max(1, first_day))

    def current(self, rows: Rows, day: int) -> int:
        return value_at(rows, self.value_place(day))

    def value_place(self, day: int) -> Place:
        """Where the value is kept of the period that a day is in."""
        return self._calendar.period(self.window, day).first, 0


def kept_scope(scope: int) -> int:
    """The scope under which a value's hash is kept."""
    return scope + 3 if 0 <= scope <= SINCE else scope


def value_at(rows: Rows, place: Place) -> int:
    row = rows.get(place)
    return row[0] if row else 0


def add_value(rows: Rows, place: Place, amount: int) -> int:
    """Count an activity with a value: 1 when it is the first, -1 when the last was taken back."""
    row = row_at(rows, place)
    before = row[0]
    row[0] += amount
    return (row[0] > 0) - (before > 0)
