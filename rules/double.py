"""Doubles: rules that pay for the same thing, so that whoever does it earns more than once. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
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


def advice_on_doubles(rules: Iterable[Rule], boards_of_both: BoardsOfBoth) -> Iterator[Advice]:
    """Rules with the same condition. Other limits, or another time of the day, make no difference: both pay."""
    groups: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        groups.setdefault((_plain(rule.when), _plain(rule.audience)), []).append(rule)
    for group in groups.values():
        for rule, others in doubles(group):
            under = "under the same condition" if rule.when or rule.audience else "without a condition"
            alike = [each for each in others if _tags_of(each) == _tags_of(rule)]
            if same := [each for each in alike if _once_only(each) == _once_only(rule)]:
                yield same_thing(rule, same, f"this rule and {named(same)} pay for the same activities, {under}")
            if first := [each for each in alike if _once_only(each) != _once_only(rule)]:
                yield _first_of_all(rule, first, under)
            apart = [each for each in others if _tags_of(each) != _tags_of(rule)]
            met = {each.key: boards_of_both(each, rule) for each in apart if _once_only(each) == _once_only(rule)}
            if boards := list(dict.fromkeys(key for keys in met.values() for key in keys)):
                yield _other_tags(rule, [each for each in apart if met.get(each.key)], boards, under)


def doubles(rules: Iterable[Rule]) -> Iterator[Double]:
    """Rules with those before them that share an activity type, count at the same time, and credit the same members."""
    found: dict[str, Double] = {}
    paying = [(rule, set(rule.on)) for rule in rules if may_pay(rule)]
    for (former, on), (latter, also_on) in combinations(paying, 2):
        if not on.isdisjoint(also_on) and former.credit == latter.credit and _meet(former, latter):
            found.setdefault(latter.key, Double(latter, [])).others.append(former)
    yield from found.values()


def alike(rules: Iterable[Rule]) -> Iterator[Double]:
    """Those that nothing but a condition tells apart, and that have not the same one."""
    for rule, others in doubles(rules):
        same = [
            each
            for each in others
            if _tags_of(each) == _tags_of(rule)
            and _once_only(each) == _once_only(rule)
            and (_plain(each.when), _plain(each.audience)) != (_plain(rule.when), _plain(rule.audience))
        ]
        if same:
            yield Double(rule, same)


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


def _first_of_all(rule: Rule, others: Sequence[Rule], under: str) -> Advice:
    which = "this rule" if _once_only(rule) else named(others)
    found = f"this rule and {named(others)} pay for the same activities, {under}, {which} for the first one alone"
    return _advice(rule, others, f"{found}: leave it if that one is to earn both, or tell them apart by 'when'")


def _other_tags(rule: Rule, others: Sequence[Rule], boards: Sequence[str], under: str) -> Advice:
    found = f"this rule and {named(others)} pay for the same activities, {under}, with other tags"
    where = f"both count on {_listed('board', boards)}"
    return _advice(rule, others, f"{found}; {where}: leave it if that is meant, or tell them apart by 'when'")


def _advice(rule: Rule, others: Iterable[Rule], message: str) -> Advice:
    return Advice(Code.SAME_THING, f"rules.{rule.key}", message, also=tuple(f"rules.{other.key}" for other in others))


def _tags_of(rule: Rule) -> frozenset[str]:
    return frozenset(rule.tags)


def _plain(expression: str | None) -> str:
    """An expression without what changes nothing."""
    return " ".join((expression or "").replace("'", '"').split())


def _once_only(rule: Rule) -> bool:
    """Whether a rule pays for being the first, or for the first time."""
    return any(limit.across_members or (limit.per is PeriodKind.EVER and not limit.by) for limit in rule.limits)


def _meet(former: Rule, latter: Rule) -> bool:
    """Whether there is a time at which both count."""
    starts = [rule.valid_from for rule in (former, latter) if rule.valid_from]
    ends = [rule.valid_to for rule in (former, latter) if rule.valid_to]
    return not starts or not ends or max(starts) < min(ends)
