"""Days and periods of the model, found by trying: no arithmetic that the service shares."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

# Clocks go forward at midnight, so that a day begins at 1:00, and go back to midnight from 1:00: a day has it twice.
ZONE = ZoneInfo("America/Havana")

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Days that belong together; `after` is the first that does not. One of `ever` has neither."""

    kind: str
    key: str
    first: date | None = None
    after: date | None = None

    def has(self, day: date) -> bool:
        return self.first is None or self.after is None or self.first <= day < self.after


@dataclass(frozen=True)
class Calendar:
    """A year that starts on a month and day."""

    starts: tuple[int, int]

    def period(self, kind: str, day: date) -> Period:
        """The period of a kind that a day is in."""
        if kind == "ever":
            return Period(kind, "ever")
        first = last = day
        while self._name(kind, first - DAY) == self._name(kind, day):
            first -= DAY
        while self._name(kind, last) == self._name(kind, day):
            last += DAY
        return Period(kind, self._name(kind, day), first, last)

    def periods(self, kind: str, first: date, last: date) -> list[Period]:
        """Those that touch days from the first to the last, in order."""
        found: list[Period] = []
        day = first
        while day <= last:
            if not found or not found[-1].has(day):
                found.append(_period(self, kind, day))
            day += DAY
        return found

    def _name(self, kind: str, day: date) -> str:
        if kind == "day":
            return str(day)
        if kind == "week":
            return f"{day:%G-W%V}"
        if kind == "month":
            return f"{day:%Y-%m}"
        assert kind == "half-year"
        month, of_month = self.starts
        year = day.year if (day.month, day.day) >= (month, of_month) else day.year - 1
        half = 1 if day < date(year + (month > 6), (month + 5) % 12 + 1, of_month) else 2
        return f"{year}/{(year + 1) % 100:02}-H{half}"


@cache
def _period(calendar: Calendar, kind: str, day: date) -> Period:
    return calendar.period(kind, day)


def period_of(calendar: Calendar, kind: str, day: date) -> Period:
    return _period(calendar, kind, day)


def day_of(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


@cache
def begins(day: date) -> datetime:
    """The first instant of a day."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
    while day_of(moment) < day:
        moment += timedelta(minutes=15)
    return moment


def later(moment: datetime, days: int) -> datetime:
    """The same time of day so many days later."""
    return (moment.astimezone(ZONE) + timedelta(days=days)).astimezone(UTC)
