"""What one rule version said of one activity, how it is kept, and how it is told."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from activity.calendar import Calendar, PeriodKind
from rules.rule import Limit, Rule


class Result(StrEnum):
    AWARDED = "awarded"
    HELD = "held"  # awarded, but on no board until the points are released
    CONDITION_FALSE = "condition false"
    LIMITED = "limited"
    NOT_ELIGIBLE = "not eligible"
    ERROR = "error"


class Outcome(NamedTuple):
    """One rule version's verdict. `detail` tells what the result alone does not:

    - awarded, held: how the points came about, in words such as "third award pays 20", where it is not plain
    - limited: the index of the limit, or in words what else held the award back
    - not eligible: words, or None where it was the rule's validity
    - error: words
    """

    version: int
    result: Result
    points: int = 0
    detail: int | str | None = None


# A verdict row holds one short list for each rule that looks at the activity's type, [version, letter, what it needs]:
# [7,"a",20], [7,"a",20,"third award pays 20"], [8,"l",0], [9,"c"].
LETTERS = {
    Result.AWARDED: "a",
    Result.HELD: "h",
    Result.CONDITION_FALSE: "c",
    Result.LIMITED: "l",
    Result.NOT_ELIGIBLE: "n",
    Result.ERROR: "e",
}
RESULTS = {letter: result for result, letter in LETTERS.items()}
PAID = (Result.AWARDED, Result.HELD)


def dump(outcomes: Sequence[Outcome]) -> str:
    """The text that is stored. The same outcomes give the same text."""
    kept: list[list[Any]] = []
    for version, result, points, detail in outcomes:
        row = [version, LETTERS[result], points] if result in PAID else [version, LETTERS[result]]
        kept.append(row if detail is None else [*row, detail])
    return orjson.dumps(kept).decode()


def load(text: str) -> list[Outcome]:
    """The outcomes of a stored text, in the order in which the rules stood in the programme."""
    outcomes = []
    for version, letter, *rest in orjson.loads(text):
        result = RESULTS[letter]
        points = rest.pop(0) if result in PAID else 0
        outcomes.append(Outcome(version, result, points, rest[0] if rest else None))
    return outcomes


def sentence(outcome: Outcome, rule: Rule, calendar: Calendar, day: int, *, retracted: bool = False) -> str:
    """The outcome in words for the member it concerns, such as "limited: 3 of 3 already paid on 12 November 2026".

    `rule` is the version that judged, `day` the local day of the activity. Of one that was `retracted` nothing is paid:
    what the rule said was before that.
    """
    if retracted:
        held = outcome.result is Result.HELD
        said = f"held: {_points(outcome)}" if held else sentence(outcome, rule, calendar, day)
        return f"retracted, so nothing is paid; before that {said}"
    detail = outcome.detail
    match outcome.result:
        case Result.AWARDED:
            return f"awarded: {_points(outcome)}"
        case Result.HELD:
            they_are = "it is" if abs(outcome.points) == 1 else "they are"
            return f"held: {_points(outcome)}, on no board until {they_are} released"
        case Result.CONDITION_FALSE:
            return f"condition false: it asks for {rule.when}"
        case Result.LIMITED:
            return f"limited: {detail if isinstance(detail, str) else _limit(rule.limits[detail or 0], calendar, day)}"
        case Result.NOT_ELIGIBLE:
            return f"not eligible: {detail or f'the rule counts {_validity(rule, calendar)}'}"
        case Result.ERROR:
            return f"error: {detail}"


def _points(outcome: Outcome) -> str:
    """The points, and the words that explain them."""
    points = f"{outcome.points:,} point" if abs(outcome.points) == 1 else f"{outcome.points:,} points"
    return points if outcome.detail is None else f"{points}, {outcome.detail}"


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
