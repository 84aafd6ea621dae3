"""Advice: what a manager would want to know of a sound programme before it is published. Pure; here of the rules alone.

Rules that pay for the same thing are in rules/double.py, what only the recorded activities can tell is in
operations/advice/, and what concerns badges in rewards/advice.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from activity.calendar import Calendar, PeriodKind
from activity.catalogue import ActivityType, FieldType
from rules.condition import MEMBER_FIELDS, RESERVED_FIELDS
from rules.literal import nearly, quoted
from rules.rule import Amount, Bonus, Credit, Rule, Steps
from rules.validity import moment_to_plain


class Code(StrEnum):
    """What a warning is about. A code keeps its meaning: whoever hides a warning goes by it."""

    UNLIMITED = "unlimited"
    ALWAYS_TRUE = "always-true"
    NEVER_TRUE = "never-true"
    LIMIT_NEVER_REACHED = "limit-never-reached"
    LIMIT_ALWAYS_REACHED = "limit-always-reached"
    COUNTS_EVERYBODY = "counts-everybody"
    OUT_OF_REACH = "out-of-reach"
    SAME_THING = "same-thing"
    NEAR_WORD = "near-word"
    QUOTED_FIELD = "quoted-field"
    OVER = "over"
    NOTHING_REPORTED = "nothing-reported"
    BUDGET_TOO_SMALL = "budget-too-small"
    BOARD_WITHOUT_POINTS = "board-without-points"
    BELOW_ZERO = "below-zero"
    NO_VALUE = "no-value"
    PRIZE_RISES = "prize-rises"
    TIES_DIFFER = "ties-differ"
    NO_PRIZES = "no-prizes"
    BEFORE_START = "before-start"
    CLOSES_NO_MORE = "closes-no-more"
    PRIZE_COUNTS = "prize-counts"
    HELD_TOO_LONG = "held-too-long"
    IDENTITIES_RETIRED = "identities-retired"
    EXTERNAL_ID_HIDDEN = "external-id-hidden"
    KEPT_FORGOTTEN = "kept-forgotten"
    STRIPS = "strips"
    DATA_GONE = "data-gone"


@dataclass(frozen=True, slots=True)
class Advice:
    """One warning: what is odd about a setting, and what to do about it. Nothing is refused for it."""

    code: Code
    path: str  # of keys, such as rules.share.limits; elements of a list are numbered from 1
    message: str
    also: tuple[str, ...] = ()  # paths of the other things that it is about
    line: int = 0  # in the file, from 1; 0 where the programme was read from none
    column: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        return f"{place}{self.path}: {self.message}"


class Written(NamedTuple):
    """An expression of the programme: where it stands, and the activities that it is evaluated on."""

    path: str
    text: str
    on: tuple[str, ...]  # keys of activity types
    condition: bool  # whether it is one, or an amount or a value of which others count


def expressions_of(rule: Rule) -> Iterator[Written]:
    """The expressions of a rule."""
    path = f"rules.{rule.key}"
    for name, condition in (("when", rule.when), ("audience", rule.audience)):
        if condition is not None:
            yield Written(f"{path}.{name}", condition, rule.on, True)
    if not isinstance(rule.points, Steps):
        amounts = [(f"{path}.points", rule.points)]
    else:
        where = "points" if rule.points.per is PeriodKind.EVER else "points.steps"
        amounts = [(f"{path}.{where}.{number}", amount) for number, amount in enumerate(rule.points.amounts, 1)]
    for where, amount in amounts:
        if isinstance(amount, str):
            yield Written(where, amount, rule.on, False)
    for number, limit in enumerate(rule.limits, 1):
        if limit.by is not None:
            yield Written(f"{path}.limits.{number}.by", limit.by, rule.on, False)


def advice_on_rules(
    rules: Mapping[str, Rule], types: Mapping[str, ActivityType], calendar: Calendar, now: datetime
) -> Iterator[Advice]:
    """What each rule says by itself."""
    for rule in rules.values():
        yield from _unlimited(rule)
        yield from _below_zero(rule, types)
        yield from _over(rule, calendar, now)
        yield from _budget_too_small(rule)


def advice_on_words(
    expressions: Iterable[Written], types: Mapping[str, ActivityType], attributes: Mapping[str, FieldType]
) -> Iterator[Advice]:
    """The names of fields that stand in quotation marks."""
    members = {f"member.{name}" for name in (*MEMBER_FIELDS, *attributes)}
    for written in expressions:
        fields = {f"activity.{name}" for key in written.on for name in (*RESERVED_FIELDS, *types[key].fields)}
        own = {name.partition(".")[2]: name for name in sorted(members | fields, reverse=True)}
        for text in dict.fromkeys(quoted(written.text)):
            meant = own.get(text) or (text if text in members | fields else None)
            if meant is None and text.startswith(("activity.", "member.")):
                meant = nearly(text, members | fields)
            if meant:
                yield Advice(
                    Code.QUOTED_FIELD,
                    written.path,
                    f'"{text}" in quotation marks is a text and not the field: write {meant} without them',
                )


def may_pay(rule: Rule) -> bool:
    """Whether a rule can give points at all, and does not only take them."""
    return any(isinstance(amount, str) or amount > 0 for amount in amounts_of(rule))


def amounts_of(rule: Rule) -> tuple[Amount, ...]:
    """What a rule pays, step by step."""
    return rule.points.amounts if isinstance(rule.points, Steps) else (rule.points,)


def of_deeds(rule: Rule, types: Mapping[str, ActivityType]) -> bool:
    """Whether a rule looks at what members do. Where any activity type belongs to a zone, the others tell what came of
    it, such as a complaint."""
    return any(types[key].zone for key in rule.on) or not any(kind.zone for kind in types.values())


def over(path: str, what: str, ended: datetime, calendar: Calendar, instead: str = "remove it") -> Advice:
    """That something ended before now."""
    day = moment_to_plain(ended, calendar, days_after=1)
    return Advice(Code.OVER, path, f"{what} ended with {day}: {instead}, or write a later day")


def _unlimited(rule: Rule) -> Iterator[Advice]:
    fading = isinstance(rule.points, Steps) and rule.points.per is PeriodKind.EVER and rule.points.amounts[-1] == 0
    if may_pay(rule) and not (rule.limits or rule.cooldown or rule.budget or fading):
        yield Advice(
            Code.UNLIMITED,
            f"rules.{rule.key}.limits",
            "nothing limits how often this rule pays: add a limit such as {max: 3, per: day}, a cooldown or a budget",
        )


def _below_zero(rule: Rule, types: Mapping[str, ActivityType]) -> Iterator[Advice]:
    least = min((amount for amount in amounts_of(rule) if isinstance(amount, int)), default=0)
    if least < 0 and of_deeds(rule, types):
        yield Advice(
            Code.BELOW_ZERO,
            f"rules.{rule.key}.points",
            f"this takes {-least:,} point{'s' * (least != -1)} from whoever does it: write {-least:,} if it is to be "
            "earned; an activity that turns out not to count is better retracted",
        )


def _over(rule: Rule, calendar: Calendar, now: datetime) -> Iterator[Advice]:
    if rule.valid_to and rule.valid_to <= now:
        yield over(f"rules.{rule.key}.to", "this rule pays nothing any more, as it", rule.valid_to, calendar)
        return
    for number, bonus in enumerate(rule.bonuses, 1):
        if bonus.valid_to and bonus.valid_to <= now:
            yield over(f"rules.{rule.key}.bonuses.{number}", _called(bonus), bonus.valid_to, calendar)


def _called(bonus: Bonus) -> str:
    return f"the bonus '{bonus.title}'" if bonus.title else "this bonus"


def _budget_too_small(rule: Rule) -> Iterator[Advice]:
    """Awards larger than the whole budget, which are never paid. A share of one may fit."""
    if rule.budget is None or rule.credit is Credit.SPLIT:
        return
    largest = max((amount for amount in amounts_of(rule) if isinstance(amount, int)), default=0)
    if largest > rule.budget.points:
        yield Advice(
            Code.BUDGET_TOO_SMALL,
            f"rules.{rule.key}.budget",
            f"{rule.budget.points:,} points never pay an award of {largest:,}: raise the budget, or lower 'points'",
        )
