"""The values that decided a verdict."""

from datetime import UTC, datetime

import pytest

from activity.calendar import PeriodKind
from activity.member import Facts
from rules.rule import Limit, Rule, Steps
from rules.verdict import Outcome, Result
from rules.why import deciding_names, names_in, values_of

NOW = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("activity.reach > 100 && activity.reach < 200", ["activity.reach"]),
        (
            "activity.url.startsWith(\"activity.no\") || member.location == 'member.no'",
            ["activity.url", "member.location"],
        ),
        ('activity.a == "\\"activity.no\\"" // member.no', ["activity.a"]),
        ('activity.a == """x" activity.no "y"""', ["activity.a"]),
        ("activity.tags.exists(x, x == member . team)", ["activity.tags", "member.team"]),
        ("1 + 2", []),
    ],
)
def test_the_names_in_an_expression(expression: str, expected: list[str]) -> None:
    """Each once, in order; what only looks like a name in a text or a comment is none."""
    assert expected == names_in(expression)


RULE = Rule(
    "share",
    "Share",
    ("post.shared",),
    Steps(("activity.reach / 10", 5)),
    when="activity.network == 'x'",
    audience="member.location == 'Paris'",
    limits=(Limit(1, PeriodKind.EVER, by="activity.url"), Limit(3, PeriodKind.DAY)),
)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome(1, Result.CONDITION_FALSE), ["activity.network"]),
        (Outcome(1, Result.LIMITED, 0, 0), ["activity.url"]),
        (Outcome(1, Result.LIMITED, 0, 1), ["activity.time"]),
        (Outcome(1, Result.LIMITED, 0, "again from 12 November 2026 13:30"), ["activity.time"]),
        (Outcome(1, Result.LIMITED, 0, "cooldown 5"), ["activity.time"]),
        (Outcome(1, Result.LIMITED, 0, "it asks for 5 points"), ["activity.time", "activity.reach"]),
        (Outcome(1, Result.NOT_ELIGIBLE), ["activity.time"]),
        (Outcome(1, Result.NOT_ELIGIBLE, 0, "it credits only the member who is named first"), []),
        (Outcome(1, Result.NOT_ELIGIBLE, 0, "it is for members with ..."), ["member.location"]),
        (
            Outcome(1, Result.NOT_ELIGIBLE, 0, "outside working time: Saturday 22:10"),
            ["member.time_zone", "activity.time"],
        ),
        (Outcome(1, Result.HELD, 5), ["member.location", "activity.network", "activity.reach"]),
        (Outcome(1, Result.ERROR, 0, "?"), ["member.location", "activity.network", "activity.reach", "activity.url"]),
    ],
)
def test_what_decided_an_outcome(outcome: Outcome, expected: list[str]) -> None:
    """The condition that did not hold, the value that was counted, the amount that was paid."""
    assert expected == deciding_names(outcome, RULE)


def test_values_by_their_names() -> None:
    """Of the activity, its fields, and its member; null where there is none."""
    names = [
        "activity.type",
        "activity.source",
        "activity.time",
        "activity.reach",
        "member.team",
        "member.hourly",
        "member.x",
    ]
    facts = Facts(team="Red", attributes={"hourly": True})
    values = values_of(names, {"reach": 7}, "post.shared", None, NOW, facts)
    assert ["post.shared", None, "2026-11-12T09:30:00+00:00", 7, "Red", True, None] == list(values.values())
