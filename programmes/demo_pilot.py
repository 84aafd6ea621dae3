"""The demo's pilot: two dozen colleagues who took part before the whole company did.

Their tools were not connected yet: what they reported was brought in from files, once a week.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple

from activity.calendar import Calendar, PeriodKind
from activity.intake import Report
from operations.jobs import EVERY_SECONDS
from operations.programme import Programme
from programmes.demo_articles import LATE, LATE_DAYS, Halves, articles
from programmes.demo_days import Event, days_of
from programmes.demo_people import CAST, EXPERT, Habit, Person, Zone

WRITERS = (EXPERT, *CAST)
TEAMS = ("Data and AI", "Marketing")
COLLEAGUES = 16  # beside those who write
PACE_MAX = 0.6
SETTLED_DAYS = 40  # how long a half-year must be over, so that its prizes are on their way
DAYS_MAX = 600  # longer than any pilot, so that how long it is changes nothing of what was before

WEEK = 7
BEGINS = timedelta(hours=9)  # of the first day of a half-year
LOOKED = timedelta(seconds=EVERY_SECONDS)


class Delivery(NamedTuple):
    """One report as a tool delivered it."""

    at: datetime
    report: Report


@dataclass(frozen=True)
class Pilot:
    """When the pilot was, and what hangs on its half-years."""

    calendar: Calendar
    halves: Halves
    nights: tuple[datetime, ...]  # in which periods are closed, or their results final

    @property
    def began(self) -> datetime:
        """When the programme began."""
        return midnight(self.calendar, self.halves.first.first) + BEGINS


def first_day(calendar: Calendar, today: int) -> int:
    """When a pilot begins whose two half-years have been over for some time today."""
    running = calendar.period(PeriodKind.HALF_YEAR, today - SETTLED_DAYS)
    second = calendar.period(PeriodKind.HALF_YEAR, running.first - 1)
    return calendar.period(PeriodKind.HALF_YEAR, second.first - 1).first


def pilot_of(programme: Programme, day: int) -> Pilot:
    """The pilot that began in the half-year of a day."""
    calendar = programme.calendar
    first = calendar.period(PeriodKind.HALF_YEAR, day)
    halves = Halves(first, calendar.period(PeriodKind.HALF_YEAR, first.after))
    return Pilot(calendar, halves, nights(programme, first.first, first.first + DAYS_MAX))


def nights(programme: Programme, first: int, last: int) -> tuple[datetime, ...]:
    """When the service, which looks every few seconds, finds periods to close or to make final, between days."""
    found = set()
    for board in programme.boards.values():
        if board.closing is None or board.period is PeriodKind.EVER:
            continue
        for period in board.periods(programme.calendar, first, last):
            closed = period.after + board.closing.grace_days
            for day in (closed, closed + board.closing.dispute_days):
                found.add(midnight(programme.calendar, day) + LOOKED)
    return tuple(sorted(found))


def pilots(company: list[Person]) -> list[Person]:
    """Who took part from the beginning."""
    steady = (each for each in company if each.habit is Habit.STEADY and each.team in TEAMS and each.id not in WRITERS)
    return [each for each in company if each.id in WRITERS] + list(islice(steady, COLLEAGUES))


def article_deliveries(halves: Halves) -> list[Delivery]:
    """What prizes hang on, in the order in which it arrived."""
    return _delivered(articles(halves), "articles", date.fromordinal(halves.second.after))


def pilot_deliveries(company: list[Person], seed: int, began: datetime) -> list[Delivery]:
    """What their colleagues did in the pilot: they looked around, and shared what they liked."""
    found: list[Event] = []
    for person in pilots(company):
        if person.id not in WRITERS:
            looking = replace(person, zone=Zone.CONSUMER, pace=min(person.pace, PACE_MAX))
            found += days_of(looking, seed + 1, began, DAYS_MAX)
    return _delivered(found, "pilot", date.max)


def weekly(deliveries: list[Delivery], began: datetime, apart: Iterable[datetime]) -> Iterator[list[Delivery]]:
    """Deliveries, a week in each batch, and what came up to each time in `apart` in a batch of its own."""
    weeks = [began + timedelta(days=WEEK * number) for number in range(1, DAYS_MAX // WEEK)]
    first = 0
    for bound in [*sorted({*weeks, *apart}), datetime.max.replace(tzinfo=UTC)]:
        last = bisect_left(deliveries, bound, first, key=lambda delivery: delivery.at)
        if last > first:
            yield deliveries[first:last]
        first = last


def arrival(delivery: Delivery) -> tuple[datetime, str, str]:
    """What deliveries are ordered by."""
    return delivery.at, str(delivery.report.source), str(delivery.report.id)


def midnight(calendar: Calendar, day: int) -> datetime:
    """When a day begins."""
    found = calendar.starts_at(calendar.period(PeriodKind.DAY, day))
    assert found is not None
    return found


def _delivered(events: Iterable[Event], prefix: str, closes: date) -> list[Delivery]:
    ordered = sorted(events, key=lambda event: (event.time, event.source, event.person, event.type, str(event.data)))
    found = []
    for number, event in enumerate(ordered, 1):
        at = event.time.astimezone(UTC) + timedelta(minutes=10)
        if event.id in LATE:
            at = datetime.combine(closes + timedelta(days=LATE_DAYS), time(8), UTC)
        report = Report(
            source=event.source,
            id=event.id or f"{prefix}-{number:05}",
            type=event.type,
            member=event.person,
            time=event.time.isoformat(),
            data=event.data,
            contributors=list(event.others) or None,
        )
        found.append(Delivery(at, report))
    return sorted(found, key=arrival)
