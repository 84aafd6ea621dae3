"""What a rule said of an activity, in a sentence for the member it concerns, with what decided it."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from activity.calendar import Calendar, PeriodKind, instant
from rules.rule import Limit, Rule, Steps
from rules.verdict import FOR_MEMBERS, Outcome, Result, cooldown_paid_us, is_cooldown, period_kept
from rules.words import activity_words, by_words, members, name_words, quoted

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
_UNITS = (
    (timedelta(days=1), "day", "a"),
    (timedelta(hours=1), "hour", "an"),
    (MINUTE, "minute", "a"),
    (SECOND, "second", "a"),
)


class Hold(NamedTuple):
    """Until when points are held, and whether they came free."""

    until: datetime
    released: bool


def sentence(
    outcome: Outcome,
    rule: Rule,
    calendar: Calendar,
    time: datetime,
    *,
    hold: Hold | None = None,
    retracted: bool = False,
) -> str:
    """The outcome in words, such as "limited: 3 of 3 already paid on 12 November 2026".

    `rule` is the version that judged, `time` that of the activity, `hold` what is known of held points. Of an activity
    that was `retracted` nothing is paid: what the rule said was before that.
    """
    if retracted:
        held = outcome.result is Result.HELD
        said = f"held: {_points(outcome, rule, calendar, time)}" if held else sentence(outcome, rule, calendar, time)
        return f"retracted, so nothing is paid; before that {said}"
    detail = outcome.detail
    match outcome.result:
        case Result.AWARDED:
            return f"awarded: {_points(outcome, rule, calendar, time)}"
        case Result.HELD:
            return f"held: {_points(outcome, rule, calendar, time)}, {_held(outcome, hold, calendar)}"
        case Result.CONDITION_FALSE:
            words = activity_words(rule.when or "")
            return f"condition false: it asks for {f'an activity {words}' if words else quoted(rule.when or '')}"
        case Result.LIMITED:
            return f"limited: {_limited(outcome, rule, calendar, time)}"
        case Result.NOT_ELIGIBLE:
            if detail and rule.audience and str(detail).startswith(FOR_MEMBERS):
                return f"not eligible: it is for {members(rule.audience)}"
            return f"not eligible: {detail or f'the rule counts {_validity(rule, calendar)}'}"
        case Result.ERROR:
            return f"error: {detail}"


def with_values(said: str, result: Result, when: str | None, values: Mapping[str, object]) -> str:
    """A sentence with the values, by their names in expressions, that made a condition false: "; minutes is 5"."""
    if result is not Result.CONDITION_FALSE:
        return said
    told = activity_words(when or "") is not None
    return "; ".join(
        [said, *(_value(name, value) if told else f"{name} is {_written(value)}" for name, value in values.items())]
    )


def _value(name: str, value: object) -> str:
    """The value of a field beside a condition that is told in words: "network is "x"", "not marked edited"."""
    if isinstance(value, bool):
        return f"it is {'' if value else 'not '}marked {name_words(name)}"
    return f"{name_words(name)} is {_written(value)}"


def _written(value: object) -> str:
    """A value as the programme's expressions write it."""
    return "missing" if value is None else json.dumps(value, ensure_ascii=False)


def _points(outcome: Outcome, rule: Rule, calendar: Calendar, time: datetime) -> str:
    """The points, and the words that explain them."""
    points = f"{outcome.points:,} point" if abs(outcome.points) == 1 else f"{outcome.points:,} points"
    if outcome.detail is None:
        return points
    words = str(outcome.detail)
    if isinstance(rule.points, Steps):
        kept = period_kept(rule.points.per, calendar.day(time), calendar)
        words = words.replace(f" award{kept} pays ", f" award{_within(rule.points.per, time, calendar)} pays ", 1)
    return f"{points}, {words}"


def _held(outcome: Outcome, hold: Hold | None, calendar: Calendar) -> str:
    it, is_, was = ("it", "is", "was") if abs(outcome.points) == 1 else ("they", "are", "were")
    if hold is None:
        return f"on no board until {it} {is_} released"
    until = _moment(_minute_after(hold.until), calendar)
    if hold.released:
        return f"on no board until {until}, when {it} {was} released"
    return f"on no board until {until}, when {it} {is_} released unless something is found"


def _limited(outcome: Outcome, rule: Rule, calendar: Calendar, time: datetime) -> str:
    detail = outcome.detail
    if rule.cooldown and is_cooldown(outcome):
        return _cooled(outcome, rule.cooldown, calendar, time, _paid(rule))
    if isinstance(detail, str):
        kept = period_kept(rule.budget.per, calendar.day(time), calendar) if rule.budget else ""
        if rule.budget and kept and detail.endswith(f" left{kept}"):
            return detail.removesuffix(kept) + _within(rule.budget.per, time, calendar)
        return detail
    return _limit(rule.limits[detail or 0], _paid(rule), calendar, time)


def _paid(rule: Rule) -> str:
    """What became of the points of a rule: those that it holds are not paid yet."""
    return "paid or held" if rule.hold else "paid"


def _cooled(outcome: Outcome, cooldown: timedelta, calendar: Calendar, time: datetime, paid: str) -> str:
    once, clock = f"pays once in {_length(cooldown)}", f"({calendar.time_zone.key})"
    paid_us = cooldown_paid_us(outcome)
    if paid_us is None:
        return f"{once}; {outcome.detail} {clock}"
    other = instant(paid_us)
    told = _moment(other, calendar)
    if other > time:
        return f"{once}; the one on {told}, less than {_length(cooldown)} later, is {paid} already {clock}"
    again = _minute_after(other + cooldown)
    same_day = calendar.day(again) == calendar.day(other)
    from_ = f"{again.astimezone(calendar.time_zone):%H:%M}" if same_day else _moment(again, calendar)
    return f"{once}; the last was {paid} on {told}, so again from {from_} {clock}"


def _limit(limit: Limit, paid: str, calendar: Calendar, time: datetime) -> str:
    counted = f"{limit.max:,} of {limit.max:,} already {paid}"
    if limit.by:
        counted += f" for this {by_words(limit.by)}"
    if limit.across_members:
        counted += " among all members"
    return counted + _within(limit.per, time, calendar)


def _within(kind: PeriodKind, time: datetime, calendar: Calendar) -> str:
    return "" if kind is PeriodKind.EVER else f" {calendar.describe(calendar.period(kind, calendar.day(time)))}"


def _validity(rule: Rule, calendar: Calendar) -> str:
    words = []
    if rule.valid_from:
        words.append(f"from {_moment(rule.valid_from, calendar)}")
    if rule.valid_to:
        words.append(f"until {_moment(rule.valid_to, calendar)}")
    return f"{' '.join(words)} ({calendar.time_zone.key})"


def _length(length: timedelta) -> str:
    """A duration such as "4 hours", "a day and 12 hours"; a day is 24 hours."""
    words, left = [], length
    for unit, name, article in _UNITS:
        count, left = divmod(left, unit)
        if count:
            words.append(f"{article} {name}" if count == 1 else f"{count:,} {name}s")
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _minute_after(time: datetime) -> datetime:
    """The first whole minute at or after a time: nothing may be promised too early."""
    return time + (-(time - time.replace(second=0, microsecond=0)) % MINUTE)


def _moment(time: datetime, calendar: Calendar) -> str:
    """A time in the programme's zone, such as "12 November 2026 13:30"."""
    local = time.astimezone(calendar.time_zone)
    day = calendar.describe(calendar.period(PeriodKind.DAY, local.toordinal()))
    return f"{day.removeprefix('on ')} {local:%H:%M}"
