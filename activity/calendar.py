"""Every question about days and periods: which day an instant falls on, which period a day is in, what that is called.

A day is an `int`, the proleptic ordinal of `datetime.date.toordinal`, in the programme's time zone. Nothing else in
Laurels adds months, compares time zones or names a period.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, reset_tzpath

from errors import LaurelsError

# Zones come from the package tzdata, pinned with the service, and not from the machine: wherever the history is
# replayed, its days begin at the same instants.
reset_tzpath(())

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
YEARS = range(1900, 3000)  # of periods that can be named: far from both ends of the calendar, where months run out


class PeriodInvalid(LaurelsError):
    """A text names no period of the kind that was asked for."""


class PeriodKind(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"
    EVER = "ever"


# Spelled out here: strftime's names depend on the locale of the process.
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

MONTHS_IN = {PeriodKind.QUARTER: 3, PeriodKind.HALF_YEAR: 6, PeriodKind.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """A run of days. `first` is its first day and its identity among periods of its kind; for `ever` it is 0."""

    kind: PeriodKind | None  # None for a window: days that were chosen freely
    first: int
    after: int  # the first day that no longer belongs; for `ever` the day after the last that exists
    key: str

    @property
    def first_date(self) -> date | None:
        return date.fromordinal(self.first) if self.first else None

    @property
    def last_date(self) -> date | None:
        return date.fromordinal(self.after - 1) if self.first else None


def window(first: date, last: date) -> Period:
    """The period from one day to another; both belong to it."""
    return Period(None, first.toordinal(), last.toordinal() + 1, f"{first}/{last}")


EVER = Period(PeriodKind.EVER, 0, date.max.toordinal(), "ever")


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 in UTC: how instants are stored. Exact for every aware datetime."""
    return (instant - EPOCH) // MICROSECOND


def instant(microseconds: int) -> datetime:
    """The aware datetime, in UTC, of a stored number of microseconds."""
    return EPOCH + timedelta(microseconds=microseconds)


def zone(name: str) -> ZoneInfo:
    """The time zone of the IANA database with this name. Raises PeriodInvalid when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PeriodInvalid(f"there is no time zone {name!r}; write a name such as Europe/London or UTC") from None


def _day_words(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def moment_words(time: datetime, zone: ZoneInfo) -> str:
    """A time by the clock of a zone, which it names: "12 November 2026, 09:30 (Europe/London)"."""
    local = time.astimezone(zone)
    return f"{_day_words(local.date())}, {local:%H:%M} ({zone.key})"


class Calendar:
    """The programme's days and periods: its time zone, and the month and day on which its year starts.

    >>> calendar = Calendar(ZoneInfo("Europe/London"), year_starts=(4, 1))
    >>> calendar.period(PeriodKind.QUARTER, date(2026, 11, 21).toordinal()).key
    '2026/27-Q3'
    """

    def __init__(self, time_zone: ZoneInfo, year_starts: tuple[int, int] = (1, 1)) -> None:
        self.time_zone = time_zone
        self.year_starts = year_starts
        self.period = lru_cache(maxsize=16_384)(self._period)

    def day(self, instant: datetime) -> int:
        """The local day on which an instant falls."""
        return instant.astimezone(self.time_zone).toordinal()

    def starts_at(self, period: Period) -> datetime | None:
        """The instant at which a period begins, in the programme's time zone; None for `ever`."""
        return self._midnight(period.first) if period.first else None

    def ends_at(self, period: Period) -> datetime | None:
        """The first instant after a period, in the programme's time zone; None for `ever`."""
        return self._midnight(period.after) if period.first else None

    def later(self, moment: datetime, days: int) -> datetime:
        """The same time of day so many days later; where clocks skip it, the same after the change."""
        local = moment.astimezone(self.time_zone) + timedelta(days=days)
        return local.astimezone(UTC).astimezone(self.time_zone)

    def parse(self, kind: PeriodKind, text: str) -> Period:
        """The period of this kind that `text` names, by its key or by any date in it.

        Raises PeriodInvalid with what is expected.
        """
        for candidate in self._days_named(text):
            if date.fromordinal(candidate).year not in YEARS:
                raise PeriodInvalid(f"{text!r} is in no year from {YEARS[0]} to {YEARS[-1]}; write one nearer to now")
            period = self.period(kind, candidate)
            if period.key == text or re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                return period
        if text == EVER.key and kind is PeriodKind.EVER:
            return EVER
        example = self.period(kind, date(2026, 11, 21).toordinal()).key
        raise PeriodInvalid(f"{text!r} is no {kind} period; write a key such as {example} or a date such as 2026-11-21")

    def periods(self, kind: PeriodKind, first_day: int, last_day: int) -> Iterator[Period]:
        """The periods of a kind that touch the days from `first_day` to `last_day`, in order."""
        day = first_day
        while day <= last_day:
            period = self.period(kind, day)
            yield period
            day = period.after

    def describe(self, period: Period) -> str:
        """The period in words that follow a verb: "on 12 November 2026", "in the half-year from 1 October 2026"."""
        if period.first_date is None or period.last_date is None:
            return "ever"
        if period.kind is PeriodKind.DAY:
            return f"on {_day_words(period.first_date)}"
        if period.kind is PeriodKind.MONTH:
            return f"in {MONTH_NAMES[period.first_date.month - 1]} {period.first_date.year}"
        return f"in the {period.kind} from {_day_words(period.first_date)}"

    def _period(self, kind: PeriodKind, day: int) -> Period:
        if kind is PeriodKind.EVER:
            return EVER
        local = date.fromordinal(day)
        if kind is PeriodKind.DAY:
            return Period(kind, day, day + 1, local.isoformat())
        if kind is PeriodKind.WEEK:
            year, week, weekday = local.isocalendar()
            first = day - weekday + 1
            return Period(kind, first, first + 7, f"{year:04}-W{week:02}")
        if kind is PeriodKind.MONTH:
            following = self._months_after(local.year, local.month, 1, 1)
            return Period(
                kind, local.replace(day=1).toordinal(), following.toordinal(), f"{local.year:04}-{local.month:02}"
            )
        return self._part_of_year(kind, local)

    def _part_of_year(self, kind: PeriodKind, local: date) -> Period:
        month, day = self.year_starts
        year = local.year if (local.month, local.day) >= (month, day) else local.year - 1
        length = MONTHS_IN[kind]
        parts = 12 // length
        number = max(n for n in range(parts) if self._months_after(year, month, day, n * length) <= local)
        first = self._months_after(year, month, day, number * length)
        after = self._months_after(year, month, day, (number + 1) * length)
        label = f"{year:04}" if self.year_starts == (1, 1) else f"{year:04}/{(year + 1) % 100:02}"
        suffix = {PeriodKind.QUARTER: f"-Q{number + 1}", PeriodKind.HALF_YEAR: f"-H{number + 1}", PeriodKind.YEAR: ""}
        return Period(kind, first.toordinal(), after.toordinal(), label + suffix[kind])

    @staticmethod
    def _months_after(year: int, month: int, day: int, months: int) -> date:
        """The same day some months later, or the last day of that month where it has no such day."""
        month_number = year * 12 + month - 1 + months
        year, month = month_number // 12, month_number % 12 + 1
        following = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, min(day, (following - timedelta(days=1)).day))

    def _midnight(self, day: int) -> datetime:
        """The first instant of a day. Where clocks skip midnight, fold 0 puts it on the change itself."""
        local = datetime.combine(date.fromordinal(day), time.min, self.time_zone)
        return local.astimezone(UTC).astimezone(self.time_zone)

    def _days_named(self, text: str) -> Iterator[int]:
        """A day or two that a period of this key would contain; nothing when the text looks like no key at all."""
        try:
            if match := re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                yield date.fromisoformat(text).toordinal()
            elif match := re.fullmatch(r"(\d{4})-W(\d{2})", text):
                yield date.fromisocalendar(int(match[1]), int(match[2]), 1).toordinal()
            elif match := re.fullmatch(r"(\d{4})-(\d{2})", text):
                yield date(int(match[1]), int(match[2]), 1).toordinal()
            elif match := re.fullmatch(r"(\d{4})(?:/\d{2})?(?:-([QH])([1-4]))?", text):
                length = {"Q": 3, "H": 6, None: 0}[match[2]]
                months = (int(match[3] or 1) - 1) * length
                yield self._months_after(int(match[1]), *self.year_starts, months).toordinal()
        except (ValueError, OverflowError):
            return
