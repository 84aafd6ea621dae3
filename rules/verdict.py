"""What one rule version said of one activity, and how it is kept. `rules/sentence.py` tells it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from activity.calendar import MONTHS_IN, Calendar, PeriodKind


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
    - limited: the index of the limit, what `cooldown_detail` says, or in words what was left of a budget
    - not eligible: words, or None where it was the rule's validity
    - error: words
    """

    version: int
    result: Result
    points: int = 0
    detail: int | str | None = None


# A verdict row holds one short list for each rule that looks at the activity's type, [version, letter, what it needs]:
# [7,"a",20], [7,"a",20,"third award pays 20"], [8,"l",0], [9,"c"]. These forms never change: replay gives them again.
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


FOR_MEMBERS = "it is for members with "  # how the detail begins of what is not for a member; the audience follows

_COOLDOWN = "cooldown "
_AGAIN = "again from "  # how databases from before that keep a cool-down, with the minute in which it was over


def cooldown_detail(paid_us: int) -> str:
    """The detail of what was too near to another paid activity, with the time of that."""
    return f"{_COOLDOWN}{paid_us}"


def cooldown_paid_us(outcome: Outcome) -> int | None:
    """The time of the paid activity to which another was too near; None where it was held back by something else."""
    detail = outcome.detail
    if outcome.result is not Result.LIMITED or not isinstance(detail, str) or not detail.startswith(_COOLDOWN):
        return None
    return int(detail.removeprefix(_COOLDOWN))


def is_cooldown(outcome: Outcome) -> bool:
    """Whether a cool-down held an award back, in whichever form that is kept."""
    detail = outcome.detail
    return outcome.result is Result.LIMITED and isinstance(detail, str) and detail.startswith((_COOLDOWN, _AGAIN))


def alike(kept: Sequence[Outcome], judged: Sequence[Outcome]) -> bool:
    """Whether stored outcomes are what judging gives, in whichever form they keep a cool-down."""
    if kept == judged:
        return True
    pairs = zip(kept, judged, strict=False)
    return len(kept) == len(judged) and all(
        one == other or (one[:3] == other[:3] and is_cooldown(one) and is_cooldown(other)) for one, other in pairs
    )


def period_kept(kind: PeriodKind, day: int, calendar: Calendar) -> str:
    """How stored words name a period, after a blank: "in November 2026", and longer ones by their keys; not `ever`."""
    if kind is PeriodKind.EVER:
        return ""
    period = calendar.period(kind, day)
    return f" in {period.key}" if kind in MONTHS_IN else f" {calendar.describe(period)}"
