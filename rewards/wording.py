"""Badges and zones in words: how one is earned, and what a member still lacks. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from activity.calendar import Calendar, PeriodKind
from rewards.badge import Badge
from rewards.journey import Zone
from rewards.noun import Noun, is_plural, noun_of_field, noun_of_title
from rewards.progress import Step
from rules.metric import Aggregate, Metric
from rules.words import activity_words, by_words, members, quoted

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
    how = _counted(badge.metric, values, titles, badge.noun)
    if badge.every:
        further = f"at {2 * values[0]:,}, {3 * values[0]:,} and so on" if values[0] > 1 else "with each further one"
        how += f", again {further}"
    parts = [how + _condition(badge.metric, badge.noun)]
    if badge.repeat:
        kind = badge.metric.window
        calendars = isinstance(kind, PeriodKind) and kind is not PeriodKind.EVER
        parts.append(f"once in each {kind}" if calendars else "again and again")
    if badge.requires:
        parts.append(f"after {titles.of_badges(badge.requires)}")
    return "; ".join([*parts, *_conditions(badge, calendar)])


def measured(metric: Metric, values: Sequence[int], titles: Titles, noun: Noun | None = None) -> str:
    """What is measured, up to one of these values: "Shared a company post 3 times in a month".

    A noun that the programme gives says what counts, and so stands for the condition too.
    """
    return _counted(metric, values, titles, noun) + _condition(metric, noun)


def still(
    metric: Metric,
    step: Step,
    day: int,
    calendar: Calendar,
    noun: Noun | None = None,
    titles: Titles | None = None,
) -> str | None:
    """What is missing from the next value that reaches something; None where nothing is next.

    "3 of 5 colleagues; 2 more to go", and before the first of them "5 different colleagues".
    """
    value, threshold = step
    if threshold is None:
        return None
    left = threshold - value
    if left <= 0:
        return "nothing more: it comes with the next that counts"
    within = _window(metric) if isinstance(metric.window, int) else _open_period(metric.window, day, calendar)
    noun = noun or _noun_of_values(metric) or _noun_of_types(metric, titles)
    if value:
        more = "one more" if left == 1 else f"{left:,} more"
        return f"{value:,} of {_amount(metric, threshold, noun)}{within}; {more} to go"
    if metric.aggregate is Aggregate.STREAK and threshold == 1:
        return f"one {metric.unit}{within}"
    if noun and metric.aggregate is not Aggregate.STREAK:
        different = "different " if metric.aggregate is Aggregate.DISTINCT and threshold > 1 else ""
        return noun.counted(threshold).replace(" ", f" {different}", 1) + within
    if metric.aggregate is Aggregate.COUNT and threshold == 1:
        return f"once{within}"
    return _amount(metric, threshold, noun) + within


def again(metric: Metric, day: int, calendar: Calendar) -> str:
    """When what was reached in the open period can be reached again: "again from 1 December 2026"."""
    if isinstance(metric.window, int) or metric.window is PeriodKind.EVER:
        return "again with days that no award has used"
    return f"again from {_day(calendar, calendar.period(metric.window, day).after)}"


def onward(zones: Sequence[Zone], place: int | None, entered: Collection[str]) -> str | None:
    """What is possible next on the journey, for who is at a place of it (None: in no zone) and has entered these zones.

    Zones are entered apart, so that one may have been passed by; it stays open. None where there are no zones.
    """
    if not zones:
        return None
    following = 0 if place is None else place + 1
    open_ = [zone.title for zone in zones[:following] if zone.needs and zone.key not in entered]
    verb = "are" if len(open_) > 1 else "is"
    if following < len(zones):
        told = f"{zones[following].title} comes next on your journey"
        return f"{told}; {listed(open_, 'and')} {verb} open to you as well" if open_ else told
    told = f"{zones[-1].title} is where the journey leads, and all that you do goes on counting"
    return f"{told}; {listed(open_, 'and')} {verb} still open to you" if open_ else told


def listed(words: Sequence[str], last: str) -> str:
    """Words as people list them: "5, 25 or 100"."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def moment(time: datetime, calendar: Calendar) -> str:
    """A time in the programme's zone, such as "1 November 2026"; with the time of day where it is not midnight."""
    local = time.astimezone(calendar.time_zone)
    day = _day(calendar, local.toordinal())
    return day if (local.hour, local.minute) == (0, 0) else f"{day} {local:%H:%M}"


def _counted(metric: Metric, values: Sequence[int], titles: Titles, noun: Noun | None) -> str:
    """The same without the condition."""
    first, *others = (titles.types.get(key, key) for key in metric.on)
    what = listed([first, *map(_inside, others)], "or")
    many = max(values) > 1
    numbers = listed([f"{value:,}" for value in values], "or")
    called = noun or _noun_of_values(metric)
    told = f"{what}: {f'{numbers} {called.many}' if many else called.counted(1)}" if called else ""
    match metric.aggregate:
        case Aggregate.COUNT:
            if not (noun and metric.when):
                told = f"{what} {numbers} times" if many else f"{what} once"
        case Aggregate.SUM:
            told = told or f"{what}, {by_words(metric.by or '')} adding up to {numbers}"
        case Aggregate.DISTINCT:
            if called and many:
                told = f"{what}: {numbers} different {called.many}"
            told = (
                told
                or f"{what} with {numbers} {'different values' if many else 'value'} of {by_words(metric.by or '')}"
            )
        case Aggregate.STREAK:
            told = f"{what} in {numbers} {_units(metric, max(values))} in a row"
            told += f", at least one {noun.one} in each" if noun else ""
    if metric.forgiving:
        told += f" ({metric.forgiving} missed {'are' if metric.forgiving > 1 else 'is'} forgiven)"
    return told + _window(metric)


def _condition(metric: Metric, noun: Noun | None) -> str:
    if not metric.when or noun:
        return ""
    return f", {activity_words(metric.when) or f'if {quoted(metric.when)}'}"


def _amount(metric: Metric, number: int, noun: Noun | None) -> str:
    """What has to be reached, as it follows "3 of": "5 colleagues", "4 weeks in a row"."""
    if metric.aggregate is Aggregate.STREAK:
        return f"{number:,} {_units(metric, number)} in a row"
    if noun:
        return f"{number:,} {noun.one if number == 1 else noun.many}"
    match metric.aggregate:
        case Aggregate.COUNT:
            return f"{number:,} {'times' if number > 1 else 'time'}"
        case Aggregate.DISTINCT:
            return f"{number:,} different ones" if number > 1 else "one"
    field = _field(metric)
    return f"{number:,} in {field}" if field else f"{number:,}"


def _open_period(kind: PeriodKind, day: int, calendar: Calendar) -> str:
    """The period in which something must happen: of longer ones, whose names say little, the day on which they end."""
    period = calendar.period(kind, day)
    if kind is PeriodKind.EVER:
        return ""
    if kind in (PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH):
        return f" {calendar.describe(period)}"
    return f" by {_day(calendar, period.after - 1)}"


def _conditions(badge: Badge, calendar: Calendar) -> Iterator[str]:
    if badge.audience:
        yield f"for {members(badge.audience)}"
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


def _field(metric: Metric) -> str | None:
    """The field that a sum or distinct values are of, if they are of one alone."""
    field = (metric.by or "").strip().removeprefix("activity.")
    return field if field.isidentifier() else None


def _noun_of_values(metric: Metric) -> Noun | None:
    """What a sum or distinct values are called by their field: "4 topics"; None where that makes no sentence."""
    field = _field(metric)
    if not field or (metric.aggregate is Aggregate.SUM and not is_plural(field)):
        return None
    return Noun("kind of activity", "kinds of activity") if field == "type" else noun_of_field(field)


def _noun_of_types(metric: Metric, titles: Titles | None) -> Noun | None:
    """What a count is of by the titles of its activity types, if they agree."""
    if titles is None or metric.aggregate is not Aggregate.COUNT:
        return None
    nouns = {noun_of_title(titles.types.get(key, "")) for key in metric.on}
    noun = nouns.pop() if len(nouns) == 1 else None
    return Noun(f"{noun.one} that counts", f"{noun.many} that count") if noun and metric.when else noun


def _day(calendar: Calendar, day: int) -> str:
    return calendar.describe(calendar.period(PeriodKind.DAY, day)).removeprefix("on ")


def _inside(title: str) -> str:
    """A title within a sentence; what begins with an abbreviation stays as it is."""
    return title[:1].lower() + title[1:] if title[1:2].islower() or title[1:2] == " " else title
