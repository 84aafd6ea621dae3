"""Why a rule said what it said: the values that its expressions name, as they were when it judged."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from activity.calendar import PeriodKind
from activity.catalogue import FieldValue
from activity.member import Facts
from rules.rule import Rule, Steps
from rules.verdict import FOR_MEMBERS, Outcome, Result, is_cooldown

# Texts and comments of CEL may hold anything, also what looks like a name.
_NO_NAMES = re.compile(r"""(?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|//[^\n]*""")
_NAME = re.compile(r"(?<![\w.])(?:activity|member)\s*\.\s*\w+")

TIME = "activity.time"

_OF_MEMBER = ("team", "location", "department", "time_zone")


def names_in(expression: str) -> list[str]:
    """The names that an expression uses, each once, in its order.

    >>> names_in('activity.reach > 100 && member.location == "member.home"')
    ['activity.reach', 'member.location']
    """
    found = _NAME.findall(_NO_NAMES.sub("''", expression))
    return list(dict.fromkeys(re.sub(r"\s", "", name) for name in found))


def deciding_names(outcome: Outcome, rule: Rule) -> list[str]:
    """The names of what decided an outcome: of the condition that did not hold, of what was counted, of the amount."""
    return list(dict.fromkeys(name for text in _deciding(outcome, rule) if text for name in names_in(text)))


def values_of(
    names: list[str], data: Mapping[str, FieldValue], kind: str, source: str | None, time: datetime, facts: Facts
) -> dict[str, object]:
    """The values of these names. None where there was none."""
    own: dict[str, object] = {"type": kind, "source": source, "time": time.isoformat()}
    found: dict[str, object] = {}
    for name in names:
        owner, _, field = name.partition(".")
        if owner == "activity":
            found[name] = own[field] if field in own else data.get(field)
        else:
            found[name] = getattr(facts, field) if field in _OF_MEMBER else facts.attributes.get(field)
    return found


def _deciding(outcome: Outcome, rule: Rule) -> Iterator[str | None]:
    """The expressions that had a part in an outcome."""
    amounts = rule.points.amounts if isinstance(rule.points, Steps) else (rule.points,)
    match outcome.result:
        case Result.CONDITION_FALSE:
            yield rule.when
        case Result.LIMITED:
            if isinstance(outcome.detail, int):
                limit = rule.limits[outcome.detail]
                yield limit.by
                yield TIME if limit.per is not PeriodKind.EVER else None
            else:
                yield TIME
                yield from (amount for amount in amounts if isinstance(amount, str) and not is_cooldown(outcome))
        case Result.NOT_ELIGIBLE:
            detail = str(outcome.detail or "")
            if detail.startswith("outside working time"):
                yield "member.time_zone"
                yield TIME
            elif detail.startswith(FOR_MEMBERS):
                yield rule.audience
            elif not detail:
                yield TIME
        case Result.AWARDED | Result.HELD:
            yield rule.audience
            yield rule.when
            yield from (amount for amount in amounts if isinstance(amount, str))
        case Result.ERROR:
            yield rule.audience
            yield rule.when
            yield from (amount for amount in amounts if isinstance(amount, str))
            yield from (limit.by for limit in rule.limits)
