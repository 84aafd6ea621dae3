"""What one rule version said of one activity, how it is kept, and how it is told."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from activity.calendar import Calendar, PeriodKind
from rules.rule import Limit, Rule


class Result(StrEnum):
    AWARDED = "awarded"
    CONDITION_FALSE = "condition false"
    LIMITED = "limited"
    NOT_ELIGIBLE = "not eligible"
    ERROR = "error"


class Outcome(NamedTuple):
    """One rule version's verdict. `detail` is the index of the limit that held, or the words of an error."""

    version: int
    result: Result
    points: int = 0
    detail: int | str | None = None


# A verdict row holds one short list for each rule that looks at the activity's type: [version, letter, what it needs].
LETTERS = {
    Result.AWARDED: "a",
    Result.CONDITION_FALSE: "c",
    Result.LIMITED: "l",
    Result.NOT_ELIGIBLE: "n",
    Result.ERROR: "e",
}
RESULTS = {letter: result for result, letter in LETTERS.items()}


def dump(outcomes: Sequence[Outcome]) -> str:
    """The text that is stored. The same outcomes give the same text."""
    kept: list[list[Any]] = []
    for version, result, points, detail in outcomes:
        if result is Result.AWARDED:
            kept.append([version, "a", points])
        elif detail is None:
            kept.append([version, LETTERS[result]])
        else:
            kept.append([version, LETTERS[result], detail])
    return orjson.dumps(kept).decode()


def load(text: str) -> list[Outcome]:
    """The outcomes of a stored text, in the order in which the rules stood in the programme."""
    outcomes = []
    for version, letter, *rest in orjson.loads(text):
        result = RESULTS[letter]
        if result is Result.AWARDED:
            outcomes.append(Outcome(version, result, rest[0]))
        else:
            outcomes.append(Outcome(version, result, 0, rest[0] if rest else None))
    return outcomes


def sentence(outcome: Outcome, rule: Rule, calendar: Calendar, day: int) -> str:
    """The outcome in words for the member it concerns, such as "limited: 3 of 3 already paid on 12 November 2026".

    `rule` is the version that judged, `day` the local day of the activity.
    """
    match outcome.result:
        case Result.AWARDED:
            return f"awarded: {_points(outcome.points)}"
        case Result.CONDITION_FALSE:
            return f"condition false: it asks for {rule.when}"
        case Result.LIMITED:
            return f"limited: {_limit(rule.limits[int(outcome.detail or 0)], calendar, day)}"
        case Result.NOT_ELIGIBLE:
            return f"not eligible: the rule counts {_validity(rule, calendar)}"
        case Result.ERROR:
            return f"error: {outcome.detail}"


def _points(points: int) -> str:
    return f"{points} point" if abs(points) == 1 else f"{points} points"


def _limit(limit: Limit, calendar: Calendar, day: int) -> str:
    counted = f"{limit.max} of {limit.max} already paid"
    if limit.by:
        counted += f" for this {limit.by.removeprefix('activity.')}"
    if limit.across_members:
        counted += " among all members"
    if limit.per is PeriodKind.EVER:
        return counted
    return f"{counted} {calendar.describe(calendar.period(limit.per, day))}"


def _validity(rule: Rule, calendar: Calendar) -> str:
    words = []
    if rule.valid_from:
        words.append(f"from {rule.valid_from.astimezone(calendar.time_zone):%Y-%m-%d %H:%M}")
    if rule.valid_to:
        words.append(f"until {rule.valid_to.astimezone(calendar.time_zone):%Y-%m-%d %H:%M}")
    return " ".join(words)
