"""Advice on rules by themselves, and the texts in expressions that look like a slip of the pen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activity.calendar import PeriodKind
from activity.catalogue import ActivityType
from rules.advice import Advice, Code, advice_on_rules, advice_on_words, expressions_of
from rules.literal import Compared, compared, nearly, quoted
from rules.rule import Bonus, Budget, Credit, Limit, Rule, Steps
from tests.rules.judging import ATTRIBUTES, LONDON, RULE, TYPES

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAILY = Limit(3, PeriodKind.DAY)


def rule(key: str = "share", **settings: Any) -> Rule:
    """A rule with a limit, of which there is nothing to say."""
    return replace(RULE, **({"key": key, "limits": (DAILY,)} | settings))


def advised(*rules: Rule, types: Mapping[str, ActivityType] = TYPES) -> list[Advice]:
    return list(advice_on_rules({each.key: each for each in rules}, types, LONDON, NOW))


def told(found: Sequence[Advice]) -> list[tuple[Code, str]]:
    return [(advice.code, advice.path) for advice in found]


def test_a_rule_with_a_limit_needs_no_advice() -> None:
    """One limit is enough, whatever it counts."""
    assert (
        advised(rule(), rule("other", on=("post.liked",), limits=(Limit(1, PeriodKind.EVER, by="activity.url"),))) == []
    )


def test_a_rule_that_pays_without_a_limit_is_told() -> None:
    """The message says what to add."""
    (found,) = advised(rule(limits=()))
    assert (found.code, found.path) == (Code.UNLIMITED, "rules.share.limits")
    assert str(found) == (
        "rules.share.limits: nothing limits how often this rule pays: "
        "add a limit such as {max: 3, per: day}, a cooldown or a budget"
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"cooldown": timedelta(hours=4)},
        {"budget": Budget(100, PeriodKind.MONTH)},
        {"points": 0},
        {"points": Steps((20, 10, 0))},
    ],
    ids=["cooldown", "budget", "nothing", "fading out"],
)
def test_a_rule_that_cannot_be_farmed_needs_no_limit(settings: dict[str, Any]) -> None:
    """A cool-down and a budget hold a rule back too; and one that pays nothing in the end has its own end."""
    assert told(advised(rule(limits=(), **settings))) == []


@pytest.mark.parametrize("points", ["activity.reach", Steps((20, 10)), Steps((20, 0), PeriodKind.DAY)])
def test_an_amount_that_may_go_on_needs_a_limit(points: Any) -> None:
    """Expressions, and steps that go on paying or begin anew, are no limits."""
    assert told(advised(rule(limits=(), points=points))) == [(Code.UNLIMITED, "rules.share.limits")]


def test_a_bonus_of_the_past_is_told_by_its_last_day() -> None:
    """Only the bonus that is over, by its place in the list and with the last day on which it counted."""
    past = Bonus(200, "Launch week", valid_to=datetime(2026, 5, 11, tzinfo=LONDON.time_zone).astimezone(UTC))
    (found,) = advised(rule(bonuses=(Bonus(150, valid_from=NOW), past)))
    assert (found.code, found.path) == (Code.OVER, "rules.share.bonuses.2")
    assert found.message == "the bonus 'Launch week' ended with 2026-05-10: remove it, or write a later day"


def test_a_rule_of_the_past_is_told_once() -> None:
    """A rule that is over says so, and nothing more of its bonuses."""
    past = NOW - timedelta(days=1)
    assert told(advised(rule(valid_to=past, bonuses=(Bonus(200, valid_to=past),)))) == [(Code.OVER, "rules.share.to")]
    assert advised(rule(valid_to=NOW + timedelta(days=1))) == []


@pytest.mark.parametrize("points", [11, Steps((5, 11))], ids=["amount", "step"])
def test_a_budget_smaller_than_one_award_is_told(points: Any) -> None:
    """What would exceed a budget is not paid in part: such an award never is."""
    (found,) = advised(rule(points=points, budget=Budget(10, PeriodKind.MONTH)))
    assert (found.code, found.path) == (Code.BUDGET_TOO_SMALL, "rules.share.budget")
    assert found.message == "10 points never pay an award of 11: raise the budget, or lower 'points'"


def test_a_share_of_an_award_may_fit_a_budget() -> None:
    """What several members share is smaller than the amount; and a budget of one award is a choice."""
    budget = Budget(10, PeriodKind.MONTH)
    assert advised(rule(points=11, budget=budget, credit=Credit.SPLIT), rule("b", points=10, budget=budget)) == []


@pytest.mark.parametrize("points", [-5, Steps((20, -5))], ids=["amount", "step"])
def test_points_taken_for_a_deed_are_told(points: Any) -> None:
    """A minus that slipped in: who does it loses points."""
    (found,) = advised(rule(points=points))
    assert (found.code, found.path) == (Code.BELOW_ZERO, "rules.share.points")
    assert found.message == (
        "this takes 5 points from whoever does it: write 5 if it is to be earned; "
        "an activity that turns out not to count is better retracted"
    )


def test_points_taken_for_what_came_of_a_deed_are_a_choice() -> None:
    """Where deeds belong to a zone, a type that belongs to none tells what others made of one."""
    types = TYPES | {"post.shared": replace(TYPES["post.shared"], zone="sharer")}
    assert told(advised(rule(points=-5, on=("post.liked",)), types=types)) == []
    assert told(advised(rule(points=-5), types=types)) == [(Code.BELOW_ZERO, "rules.share.points")]


def words(when: str) -> list[str]:
    written = expressions_of(rule(when=when))
    return [advice.message for advice in advice_on_words(written, TYPES, ATTRIBUTES)]


@pytest.mark.parametrize(
    ("when", "text", "meant"),
    [
        ('"network" == "x"', "network", "activity.network"),
        ('"activity.network" == "x"', "activity.network", "activity.network"),
        ('activity.url != "activity.netwrk"', "activity.netwrk", "activity.network"),
        ('"team" in ["red"]', "team", "member.team"),
        ('activity.url == "member.joined"', "member.joined", "member.joined"),
    ],
)
def test_a_field_in_quotation_marks_is_told(when: str, text: str, meant: str) -> None:
    """A name in quotes is sound CEL, and compares a text that nobody meant."""
    message = f'"{text}" in quotation marks is a text and not the field: write {meant} without them'
    assert words(when) == [message]


@pytest.mark.parametrize("when", ['activity.network == "network"', 'activity.url == "activity"', '"x" == "y"'])
def test_a_word_that_may_be_meant_is_left_alone(when: str) -> None:
    """A value can be called like a field."""
    assert words(when) == []


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ('activity.network == "x"', [("activity.network", "x")]),
        ("'x' != activity.network", [("activity.network", "x")]),
        ('activity.network in ["x", "y"]', [("activity.network", "x"), ("activity.network", "y")]),
        ('"ai" in activity.topics', [("activity.topics", "ai")]),
        ('activity.topics.exists(t, t == "ai")', [("activity.topics", "ai")]),
        ('a == "x" || member.team == "Red"', [("member.team", "Red")]),
        ('activity.url.contains("x") || "b == c" == activity.url', [("activity.url", "b == c")]),
        (r'activity.url == "a\"b"', []),
    ],
)
def test_what_texts_are_compared_with(expression: str, found: list[tuple[str, str]]) -> None:
    """Pairs of a field and a text, in either order, in lists and inside of exists."""
    assert list(compared(expression)) == [Compared(*each) for each in found]


def test_an_expression_that_is_a_text_is_constant() -> None:
    """As the value of `by` it would count everything as one."""
    assert list(quoted('"url"')) == ["url"]
    assert list(quoted('activity.url + "url"')) == []


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("linkedn", "linkedin"),
        ("Linkedin", "linkedin"),
        ("linkedin", None),
        ("facebook", None),
        ("level-3", None),
        ("levle-2", "level-2"),
    ],
)
def test_nearly_the_same_word(word: str, meant: str | None) -> None:
    """A slip of the pen, or another case; not a word that is known, another one, or another number."""
    assert nearly(word, ["linkedin", "x", "level-1", "level-2"]) == meant
