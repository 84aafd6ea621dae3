"""Rules that pay for the same thing: which are told, how plainly, and which are told apart."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activity.calendar import PeriodKind
from rules.advice import Advice, Code
from rules.double import advice_on_doubles
from rules.rule import Credit, Limit, Rule
from tests.rules.judging import RULE

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ONCE = (Limit(1, PeriodKind.EVER),)
FIRST = (Limit(1, PeriodKind.EVER, by="activity.url", across_members=True),)


def rule(key: str = "share", **settings: Any) -> Rule:
    return replace(RULE, **({"key": key, "limits": (Limit(3, PeriodKind.DAY),)} | settings))


def advised(*rules: Rule, boards: Sequence[str] = ()) -> list[Advice]:
    return list(advice_on_doubles(rules, lambda _former, _latter: boards))


def test_two_rules_with_the_same_condition_pay_twice() -> None:
    """Spaces and the kind of quotation marks make no difference; the later one is named, and the other beside."""
    first, second = rule(when='activity.network == "x"'), rule("again", when="activity.network  ==  'x'", points=1)
    (found,) = advised(first, second)
    assert (found.code, found.path, found.also) == (Code.SAME_THING, "rules.again", ("rules.share",))
    assert found.message == (
        "this rule and rule 'share' pay for the same activities, under the same condition, so that whoever does this "
        "earns twice: keep one of them, or tell them apart by 'when' or by 'tags'"
    )


@pytest.mark.parametrize(
    "settings", [{"any_time": True}, {"limits": ()}, {"limits": (Limit(1, PeriodKind.EVER, by="activity.url"),)}]
)
def test_both_pay_whatever_the_hours_and_limits(settings: dict[str, Any]) -> None:
    """A rule that pays at any time pays in working time too, and one with another limit does before it is reached."""
    (found,) = advised(rule(), rule("again", **settings))
    assert "earns twice" in found.message


def test_of_many_doubles_each_is_told_once_with_all_before_it() -> None:
    """Three of the same are two too many; whichever of them is new, a warning is about it."""
    found = advised(rule(), rule("again"), rule("more"))
    assert [(each.path, each.also) for each in found] == [
        ("rules.again", ("rules.share",)),
        ("rules.more", ("rules.share", "rules.again")),
    ]
    assert found[-1].message.startswith("this rule and rules 'share' and 'again' pay for the same activities")
    assert "earns 3 times" in found[-1].message


def test_of_very_many_the_first_are_named() -> None:
    """All of them are what the warning is about."""
    found = advised(*(rule(f"rule-{number}") for number in range(300)))
    assert (299, 299) == (len(found), len(found[-1].also))
    assert "rules 'rule-0', 'rule-1', 'rule-2' and 296 more pay" in found[-1].message


def test_with_other_tags_both_may_count_on_one_board() -> None:
    """A milder word, with the boards; none at all where no board counts both."""
    rules = rule(tags=("effort",)), rule("again", tags=("impact",))
    assert advised(*rules) == []
    (found,) = advised(*rules, boards=["everything", "a", "b", "c", "d"])
    assert (found.path, found.also) == ("rules.again", ("rules.share",))
    assert found.message == (
        "this rule and rule 'share' pay for the same activities, without a condition, with other tags; both count on "
        "boards 'everything', 'a', 'b' and 2 more: leave it if that is meant, or tell them apart by 'when'"
    )


@pytest.mark.parametrize("limits", [ONCE, FIRST], ids=["the first time", "whoever is first"])
def test_one_that_pays_for_the_first_alone_may_be_meant_beside_the_other(limits: tuple[Limit, ...]) -> None:
    """A milder word, that says which of them it is."""
    (found,) = advised(rule(), rule("first", limits=limits))
    assert found.message == (
        "this rule and rule 'share' pay for the same activities, without a condition, this rule for the first one "
        "alone: leave it if that one is to earn both, or tell them apart by 'when'"
    )
    (found,) = advised(rule("first", limits=limits), rule())
    assert "without a condition, rule 'first' for the first one alone" in found.message


@pytest.mark.parametrize(
    "settings",
    [
        {"on": ("post.liked",)},
        {"when": "activity.reach > 5"},
        {"audience": "member.hourly"},
        {"credit": Credit.FIRST},
        {"points": -5},
        {"valid_to": NOW + timedelta(days=1)},
        {"limits": ONCE, "tags": ("impact",)},
    ],
    ids=["type", "condition", "audience", "credit", "a penalty", "time", "the first time, with other tags"],
)
def test_rules_that_differ_in_what_they_are_for_are_no_doubles(settings: dict[str, Any]) -> None:
    """What tells two rules apart may be any of these."""
    former = rule(valid_from=NOW + timedelta(days=1), when=None, tags=("effort",))
    assert advised(former, rule("again", **({"tags": ("effort",)} | settings)), boards=["everything"]) == []
