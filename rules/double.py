"""Doubles: rules that pay for the same thing, so that whoever does it earns more than once. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from activity.calendar import PeriodKind
from rules.advice import Advice, Code, may_pay
from rules.rule import Rule

SHOWN = 3  # of rules and boards

# Keys of the boards on which the points of both count, for one and the same activity.
BoardsOfBoth = Callable[[Rule, Rule], Sequence[str]]


class Double(NamedTuple):
    """A rule, and those before it that pay for the same thing."""

    rule: Rule
    others: list[Rule]


class _Looked(NamedTuple):
    """A rule, and what is compared of it."""

    rule: Rule
    on: frozenset[str]
    tags: frozenset[str]
    first_only: bool  # it pays for being the first, or for the first time
    condition: tuple[str, str]
    bounded: bool  # it began or ends


def advice_on_doubles(rules: Iterable[Rule], boards_of_both: BoardsOfBoth) -> Iterator[Advice]:
    """Rules with the same condition. Other limits, or another time of the day, make no difference: both pay."""
    groups: dict[tuple[str, str], list[_Looked]] = {}
    for each in _looked(rules):
        groups.setdefault(each.condition, []).append(each)
    for group in groups.values():
        for latter, formers in _doubles(group):
            rule = latter.rule
            under = "under the same condition" if rule.when or rule.audience else "without a condition"
            same, first, apart = list[Rule](), list[Rule](), list[Rule]()
            for former in formers:
                if former.first_only != latter.first_only:
                    if former.tags == latter.tags:
                        first.append(former.rule)
                else:
                    (same if former.tags == latter.tags else apart).append(former.rule)
            if same:
                yield same_thing(rule, same, f"this rule and {named(same)} pay for the same activities, {under}")
            if first:
                yield _first_of_all(rule, first, "this rule" if latter.first_only else named(first), under)
            met = {each.key: boards_of_both(each, rule) for each in apart}
            if boards := list(dict.fromkeys(key for keys in met.values() for key in keys)):
                yield _other_tags(rule, [each for each in apart if met[each.key]], boards, under)


def alike(rules: Iterable[Rule]) -> Iterator[Double]:
    """Rules with those before them that nothing but another condition tells apart."""
    kinds: dict[tuple[object, ...], list[_Looked]] = {}
    for each in _looked(rules):
        kinds.setdefault((each.tags, each.first_only), []).append(each)
    for kind in kinds.values():
        for latter, formers in _doubles(kind):
            if others := [each.rule for each in formers if each.condition != latter.condition]:
                yield Double(latter.rule, others)


def same_thing(rule: Rule, others: Sequence[Rule], found: str) -> Advice:
    """That a rule pays for the same thing as some before it."""
    times = "twice" if len(others) == 1 else f"{len(others) + 1} times"
    remedy = "keep one of them, or tell them apart by 'when' or by 'tags'"
    return _advice(rule, others, f"{found}, so that whoever does this earns {times}: {remedy}")


def named(rules: Sequence[Rule]) -> str:
    """Rules by their keys, as a sentence has them."""
    return _listed("rule", [rule.key for rule in rules])


def _listed(noun: str, keys: Sequence[str]) -> str:
    parts = [f"'{key}'" for key in keys[:SHOWN]]
    if len(keys) > SHOWN:
        parts.append(f"{len(keys) - SHOWN:,} more")
    return f"{noun} {parts[0]}" if len(parts) == 1 else f"{noun}s {', '.join(parts[:-1])} and {parts[-1]}"


def _first_of_all(rule: Rule, others: Sequence[Rule], which: str, under: str) -> Advice:
    found = f"this rule and {named(others)} pay for the same activities, {under}, {which} for the first one alone"
    return _advice(rule, others, f"{found}: leave it if that one is to earn both, or tell them apart by 'when'")


def _other_tags(rule: Rule, others: Sequence[Rule], boards: Sequence[str], under: str) -> Advice:
    found = f"this rule and {named(others)} pay for the same activities, {under}, with other tags"
    where = f"both count on {_listed('board', boards)}"
    return _advice(rule, others, f"{found}; {where}: leave it if that is meant, or tell them apart by 'when'")


def _advice(rule: Rule, others: Iterable[Rule], message: str) -> Advice:
    return Advice(Code.SAME_THING, f"rules.{rule.key}", message, also=tuple(f"rules.{other.key}" for other in others))


def _looked(rules: Iterable[Rule]) -> Iterator[_Looked]:
    for rule in rules:
        if may_pay(rule):
            condition = _plain(rule.when), _plain(rule.audience)
            bounded = rule.valid_from is not None or rule.valid_to is not None
            yield _Looked(rule, frozenset(rule.on), frozenset(rule.tags), _first_only(rule), condition, bounded)


def _doubles(rules: Sequence[_Looked]) -> Iterator[tuple[_Looked, list[_Looked]]]:
    """Rules with those before them that share an activity type, count at the same time, and credit the same members."""
    for at, latter in enumerate(rules):
        on, credit = latter.on, latter.rule.credit
        found = [each for each in rules[:at] if not on.isdisjoint(each.on) and each.rule.credit is credit]
        if latter.bounded:
            found = [each for each in found if _meet(each.rule, latter.rule)]
        if found:
            yield latter, found


def _plain(expression: str | None) -> str:
    """An expression without what changes nothing."""
    return " ".join((expression or "").replace("'", '"').split())


def _first_only(rule: Rule) -> bool:
    return any(limit.across_members or (limit.per is PeriodKind.EVER and not limit.by) for limit in rule.limits)


def _meet(former: Rule, latter: Rule) -> bool:
    """Whether there is a time at which both count."""
    starts = [rule.valid_from for rule in (former, latter) if rule.valid_from]
    ends = [rule.valid_to for rule in (former, latter) if rule.valid_to]
    return not starts or not ends or max(starts) < min(ends)
