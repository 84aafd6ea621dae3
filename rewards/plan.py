"""Plans: what counting for a metric takes, worked out once for a revision and read for every activity."""

from collections.abc import Iterator
from typing import NamedTuple

from activity.calendar import PeriodKind
from rewards.book import Book, ProgressKey
from rewards.evidence import Span
from rewards.gauge import Gauge, Total
from rewards.goal import Goal
from rules.tally import TallyKey


class Plan(NamedTuple):
    """What counting for one metered takes. A tuple: it is unpacked for each contribution."""

    measure: int
    slot: int  # of the kinds of period of counts and sums
    apart: bool  # whether their summary is a row of its own
    gauge: Gauge | None  # of everything but plain counts and sums
    position: int  # of the goal
    thresholds: tuple[int, ...]  # by level so far
    levels: int  # how many thresholds there are
    every: int  # or 0
    runs: bool


class Wake(NamedTuple):
    """What may be looked at in the wake of something: goals that require a badge, and theirs in turn."""

    gauges: tuple[Gauge, ...]
    shared: tuple[TallyKey, ...]
    requires: bool

    def standing(self, member: int, day: int) -> Iterator[ProgressKey]:
        """The rows that tell where a member stands on a day."""
        for gauge in self.gauges:
            for place in gauge.standing(day):
                yield member, gauge.measure, *place

    def looked_at(self, member: int, day: int, book: Book) -> Iterator[Span]:
        """The ranges of rows beside, once those are loaded."""
        for gauge in self.gauges:
            if days := gauge.days_looked_at(book.rows(member, gauge.measure), day):
                yield member, gauge.measure, *days


def plan_of(goal: Goal, position: int, gauge: Gauge, kinds: list[PeriodKind]) -> Plan:
    """The plan of a gauge of a goal. `kinds` are those that plans know by number; one that is new is added."""
    plain = isinstance(gauge, Total) and not gauge.distinct
    slot = 0
    if isinstance(gauge, Total):
        if gauge.window not in kinds:
            kinds.append(gauge.window)
        slot = kinds.index(gauge.window)
    thresholds = min(need.thresholds for need in goal.needs if need.measure == gauge.measure)
    every = thresholds[0] if goal.every else 0
    return Plan(
        gauge.measure,
        slot,
        isinstance(gauge, Total) and gauge.apart,
        None if plain else gauge,
        position,
        () if every else thresholds,
        0 if every else len(thresholds),
        every,
        gauge.runs,
    )
