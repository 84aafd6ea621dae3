"""Badges and zones in words: how one is earned, and what a member still lacks. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from activity.calendar import Calendar, PeriodKind
from rewards.badge import Badge
from rewards.progress import Step
from rules.metric import Aggregate, Metric

A_HIDDEN_BADGE = "a hidden badge"


@dataclass(frozen=True, slots=True)
class Titles:
    """What activity types and badges are called, by key, and which badges are hidden from whoever reads."""

    types: Mapping[str, str]
    badges: Mapping[str, str]
    hidden: Collection[str] = ()

    def of_badges(self, keys: Iterable[str]) -> str:
        names = (A_HIDDEN_BADGE if key in self.hidden else self.badges.get(key, key) for key in keys)
        return listed(list(dict.fromkeys(names)), "and")


def earned(badge: Badge, titles: Titles, calendar: Calendar) -> str:
    """How a badge is earned.

    "Published original content 5, 25 or 100 times in a half-year"
    """
    if badge.metric is None:
        how = f"By holding {titles.of_badges(badge.requires)}" if badge.requires else "Given by hand"
        return "; ".join([how, *_conditions(badge, calendar)])
    values = [level.at for level in badge.levels]
    how = measured(badge.metric, values, titles)
    if badge.every:
        how += f", again at {2 * values[0]:,}, {3 * values[0]:,} and so on"
    parts = [how]
    if badge.repeat:
        kind = badge.metric.window
        calendars = isinstance(kind, PeriodKind) and kind is not PeriodKind.EVER
        parts.append(f"once in each {kind}" if calendars else "again and again")
    if badge.requires:
        parts.append(f"after {titles.of_badges(badge.requires)}")
    return "; ".join([*parts, *_conditions(badge, calendar)])


def measured(metric: Metric, values: Sequence[int], titles: Titles) -> str:
    """What is measured, up to one of these values: "Shared a company post 3 times in a month"."""
    first, *others = (titles.types.get(key, key) for key in metric.on)
    what = listed([first, *map(_inside, others)], "or")
    many = max(values) > 1
    numbers = listed([f"{value:,}" for value in values], "or")
    match metric.aggregate:
        case Aggregate.COUNT:
            told = f"{what} {numbers} times" if many else f"{what} once"
        case Aggregate.SUM:
            told = f"{what}, {_name(metric)} adding up to {numbers}"
        case Aggregate.DISTINCT:
            told = f"{what} with {numbers} {'different values' if many else 'value'} of {_name(metric)}"
        case Aggregate.STREAK:
            told = f"{what} in {numbers} {_units(metric, max(values))} in a row"
    if metric.forgiving:
        told += f" ({metric.forgiving} missed {'are' if metric.forgiving > 1 else 'is'} forgiven)"
    told += _window(metric)
    return f"{told}, if {metric.when}" if metric.when else told


def still(metric: Metric, step: Step, day: int, calendar: Calendar) -> str | None:
    """What is missing from the next value that reaches something: "2 more in 2026-H2". None where nothing is next."""
    if step.threshold is None:
        return None
    left = step.threshold - step.value
    if left <= 0:
        return "nothing more: it comes with the next that counts"
    told = f"{left:,} more"
    match metric.aggregate:
        case Aggregate.SUM:
            told += f" of {_name(metric)}"
        case Aggregate.DISTINCT:
            told += f" different {'values' if left > 1 else 'value'} of {_name(metric)}"
        case Aggregate.STREAK:
            told += f" {_units(metric, left)} in a row"
    if isinstance(metric.window, int):
        return told + _window(metric)
    if metric.window is PeriodKind.EVER:
        return told
    return f"{told} {calendar.describe(calendar.period(metric.window, day))}"


def listed(words: Sequence[str], last: str) -> str:
    """Words as people list them: "5, 25 or 100"."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def moment(time: datetime, calendar: Calendar) -> str:
    """A time in the programme's zone, such as "1 November 2026"; with the time of day where it is not midnight."""
    local = time.astimezone(calendar.time_zone)
    day = calendar.describe(calendar.period(PeriodKind.DAY, local.toordinal())).removeprefix("on ")
    return day if (local.hour, local.minute) == (0, 0) else f"{day} {local:%H:%M}"


def _conditions(badge: Badge, calendar: Calendar) -> Iterator[str]:
    if badge.audience:
        yield f"for members with {badge.audience}"
    if badge.first is not None:
        yield f"only for the first {badge.first:,} members" if badge.first > 1 else "only for the first member"
    if badge.valid_from:
        yield f"from {moment(badge.valid_from, calendar)}"
    if badge.valid_to:
        yield f"until {moment(badge.valid_to, calendar)}"
    if badge.expires_days is not None:
        yield f"it lasts {badge.expires_days:,} {'days' if badge.expires_days > 1 else 'day'}"


def _window(metric: Metric) -> str:
    if isinstance(metric.window, PeriodKind):
        return "" if metric.window is PeriodKind.EVER else f" in a {metric.window}"
    return f" within {metric.window:,} days" if metric.window > 1 else " within a day"


def _units(metric: Metric, count: int) -> str:
    return f"{metric.unit}s" if count > 1 else f"{metric.unit}"


def _name(metric: Metric) -> str:
    """What a sum or distinct values are of: the name of a field alone, or the whole expression."""
    text = (metric.by or "").strip()
    field = text.removeprefix("activity.")
    return field if field.isidentifier() else text


def _inside(title: str) -> str:
    """A title within a sentence; what begins with an abbreviation stays as it is."""
    return title[:1].lower() + title[1:] if title[1:2].islower() or title[1:2] == " " else title
