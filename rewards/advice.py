"""Advice on badges and zones: what nobody can reach, or can no longer. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from activity.calendar import MICROSECOND, MONTHS_IN, Calendar, PeriodKind
from activity.catalogue import ActivityType, FieldType
from rewards.badge import Badge
from rewards.journey import Zone
from rules.advice import Advice, Code, Written, over
from rules.metric import Aggregate, Metric

DAYS_MAX = {
    PeriodKind.DAY: 1,
    PeriodKind.WEEK: 7,
    PeriodKind.MONTH: 31,
    PeriodKind.QUARTER: 92,
    PeriodKind.HALF_YEAR: 184,
    PeriodKind.YEAR: 366,
}


class Measured(NamedTuple):
    """A metric of the programme, where it stands, and what is asked of it first."""

    path: str  # of the badge or need
    metric: Metric
    at: int  # the value of the first level, or the one that a need asks for
    asked: str  # path of the setting that says so
    badge: Badge | None = None


def measured(badges: Iterable[Badge], zones: Iterable[Zone]) -> Iterator[Measured]:
    """The metrics of badges, and of what leads into zones."""
    for badge in badges:
        if badge.metric is not None:
            path = f"badges.{badge.key}"
            yield Measured(path, badge.metric, badge.levels[0].at, f"{path}.{_levels(badge)}", badge)
    for zone in zones:
        for number, need in enumerate(zone.needs, 1):
            path = f"zones.{zone.key}.needs.{number}"
            yield Measured(path, need.metric, need.at_least, f"{path}.at_least")


def expressions_of(item: Measured) -> Iterator[Written]:
    """The expressions of a metric, and of whom its badge is for."""
    metric = item.metric
    if metric.when is not None:
        yield Written(f"{item.path}.when", metric.when, metric.on, True)
    if item.badge and item.badge.audience is not None:
        yield Written(f"{item.path}.audience", item.badge.audience, metric.on, True)
    if metric.by is not None:
        yield Written(f"{item.path}.measure.{metric.aggregate}", metric.by, metric.on, False)


def advice_on_goals(
    metrics: Iterable[Measured], types: Mapping[str, ActivityType], calendar: Calendar, now: datetime
) -> Iterator[Advice]:
    """What badges and zones say by themselves."""
    for item in metrics:
        badge = item.badge
        if badge and badge.valid_to and badge.valid_to <= now:
            what, instead = "nobody gets this badge any more, as it", "leave it for those who have it"
            yield over(f"{item.path}.to", what, badge.valid_to, calendar, instead)
            continue
        levels = [level.at for level in badge.levels] if badge else [item.at]
        for most, why in _bounds(item, types, calendar):
            first = next((number for number, at in enumerate(levels) if at > most), None)
            if first is not None:
                which = f"the level at {levels[first]:,}" if first else "this"
                path = f"{item.asked}.{first + 1}" if first else item.asked
                yield Advice(Code.OUT_OF_REACH, path, f"nobody can reach {which}, as {why}: ask for {most:,} at most")
                break


def advice_on_requirements(badges: Mapping[str, Badge], unreachable: Iterable[str]) -> Iterator[Advice]:
    """Badges that require one of those that nobody can reach, directly or through others."""
    lost = set(unreachable)
    found: dict[str, str] = {}
    while more := {
        key: next(other for other in badge.requires if other in lost)
        for key, badge in badges.items()
        if key not in lost and not lost.isdisjoint(badge.requires)
    }:
        found |= more
        lost |= more.keys()
    for key in badges:
        if key in found:
            yield Advice(
                Code.OUT_OF_REACH,
                f"badges.{key}.requires",
                f"nobody can get this badge, as nobody can get '{found[key]}': make that one easier, or do without it",
                also=tuple(f"badges.{each}" for each in _chain(key, found)),
            )


def _chain(key: str, found: Mapping[str, str]) -> Iterator[str]:
    """The badges in the way of one, each in the way of the one before it."""
    while key in found:
        key = found[key]
        yield key


def _levels(badge: Badge) -> str:
    return "every" if badge.every else "levels"


def _bounds(item: Measured, types: Mapping[str, ActivityType], calendar: Calendar) -> Iterator[tuple[int, str]]:
    """The largest values that a metric can have, each with why."""
    metric, badge = item.metric, item.badge
    if metric.unit is not None:
        if isinstance(metric.window, PeriodKind) and metric.window is not PeriodKind.EVER:
            most = _units_in(metric.unit, metric.window)
            yield most, f"a {metric.window} has no more than {_counted(most, metric.unit)}"
        if badge and badge.valid_from and badge.valid_to:
            first, last = calendar.day(badge.valid_from), calendar.day(badge.valid_to - MICROSECOND)
            most = sum(1 for _ in calendar.periods(metric.unit, first, last))
            yield most, f"between its 'from' and its 'to' there are no more than {_counted(most, metric.unit)}"
    if metric.aggregate is Aggregate.DISTINCT and metric.by is not None:
        if metric.by == "activity.type":
            yield len(metric.on), f"it counts activities of {_counted(len(metric.on), 'type')}"
        elif _is_bool(metric, types):
            yield 2, f"{metric.by} has only two values"


def _units_in(unit: PeriodKind, window: PeriodKind) -> int:
    """How many whole days or months a window has at most; weeks do not fit any."""
    return MONTHS_IN.get(window, 1) if unit is PeriodKind.MONTH else DAYS_MAX[window]


def _is_bool(metric: Metric, types: Mapping[str, ActivityType]) -> bool:
    owner, _, name = (metric.by or "").partition(".")
    fields = [types[key].fields.get(name) for key in metric.on]
    return owner == "activity" and all(field is not None and field.type is FieldType.BOOL for field in fields)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
