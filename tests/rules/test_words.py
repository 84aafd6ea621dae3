"""Conditions told to members in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.words import activity_words, by_words, member_words, members, name_words, quoted

ACTIVITIES = {
    'activity.network == "linkedin"': "with network linkedin",
    "activity.network != 'x'": "with network other than x",
    'activity.network in ["linkedin", "x", "mastodon"]': "with network linkedin, x or mastodon",
    '!(activity.network in ["linkedin", "x"])': "with network other than linkedin or x",
    'activity.network in ["x"]': "with network x",
    '"linkedin" == activity.network': "with network linkedin",
    "activity.reach >= 1000": "with at least 1,000 reach",
    "1000 <= activity.reach": "with at least 1,000 reach",
    "activity.reach > 100": "with more than 100 reach",
    "activity.reach < -5": "with less than -5 reach",
    "activity.score <= 2.5": "with at most 2.5 score",
    "activity.reach == 5": "with exactly 5 reach",
    "activity.reach != 5": "with reach other than 5",
    "activity.reads >= 1": "with reads of at least 1",
    "!(activity.reach > 5)": "with at most 5 reach",
    "activity.reach in [1, 2000]": "with reach 1 or 2,000",
    "activity.with_comment": "marked with comment",
    "!activity.with_comment": "not marked with comment",
    "!!activity.edited": "marked edited",
    "activity.edited == false": "not marked edited",
    "activity.edited != false": "marked edited",
    '"ai" in activity.topics': "with ai among topics",
    '!("ai" in activity.topics)': "with ai not among topics",
    'activity.url != ""': "with url",
    'activity.url == ""': "without url",
    "activity.url == ''": "without url",
    '!!!("ai" in activity.topics)': "with ai not among topics",
    'activity.network == "a, b"': 'with network "a, b"',
    'activity.reach >= 10 && activity.network in ["x", "y"]': "with at least 10 reach and with network x or y",
    '(activity.edited) || (activity.network == "x")': "marked edited or with network x",
    'activity.edited && member.location == "Paris"': "marked edited and by members whose location is Paris",
    '(activity.network == "x")': "with network x",
}
MEMBERS = {
    'member.department != "Services"': "whose department is not Services",
    'member.location in ["Paris", "New York"]': "whose location is Paris or New York",
    '!(member.location in ["Paris", "Oslo"])': "whose location is not Paris or Oslo",
    "member.hourly": "marked hourly",
    "!member.hourly": "not marked hourly",
    "member.years >= 5": "with at least 5 years",
    'member.team != ""': "whose team is known",
    'member.team == ""': "whose team is not known",
    'member.team == "Red" && !member.hourly': "whose team is Red and not marked hourly",
}
UNKNOWN = [
    "",
    "true",
    'activity.a == "x" && activity.b || activity.c',
    '(activity.a == "x" || activity.b) && activity.c',
    "activity.reach * 2 > 10",
    "activity.reach > activity.other",
    "activity.reach > -activity.other",
    "size(activity.tags) > 3",
    'activity.url.startsWith("https://")',
    'activity.tags.exists(t, t == "x")',
    "activity.a ? activity.b : activity.c",
    'activity.a == "x\\"y"',
    'activity.a == r"x"',
    'activity.a == """x"""',
    "activity.a == 5u",
    "activity.a == 0x10",
    "activity.a == 1e3",
    "activity.a // && activity.b",
    "!activity.a == true",
    "activity.a in []",
    "activity.a in [1, activity.b]",
    "activity.a in [1 2]",
    "activity.a in [1, 2]]",
    "(activity.a",
    "activity.a)",
    "!(activity.a && activity.b)",
    "activity.a == 1 == true",
    'activity.time > timestamp("2026-01-01T00:00:00Z")',
    "activity.a &&",
]


@pytest.mark.parametrize(("condition", "words"), ACTIVITIES.items())
def test_what_is_asked_of_an_activity(condition: str, words: str) -> None:
    """One field and a value, a list of them, or whether it is so; several, joined in one way."""
    assert words == activity_words(condition)


@pytest.mark.parametrize(("condition", "words"), MEMBERS.items())
def test_whom_something_is_for(condition: str, words: str) -> None:
    """The same of members, who are people."""
    assert words == member_words(condition)
    assert f"members {words}" == members(condition)


@pytest.mark.parametrize("condition", UNKNOWN)
def test_of_what_is_not_known_nothing_is_said(condition: str) -> None:
    """Rather than half of it, or the opposite."""
    assert activity_words(condition) is None
    assert member_words(condition) is None


def test_an_audience_asks_nothing_of_activities() -> None:
    """Nothing is said of members where a condition is of more than them."""
    assert member_words("activity.edited && member.hourly") is None
    assert 'members with "size(member.team) > 1"' == members("size(member.team) > 1")


def test_names_and_expressions_stand_for_themselves() -> None:
    """A field by its name; anything else in quotes, in one line."""
    assert ["with comment", "reads"] == [name_words(name) for name in ("activity.with_comment", "activity.reads")]
    assert ["url", "team", '"activity.a + 1"'] == [
        by_words(each) for each in ("activity.url", " member.team ", "activity.a\n + 1")
    ]
    assert "'activity.a == \"x\"'" == quoted('activity.a == "x"')


@given(st.text("activitymember.ab12 \"'()[]!=<>&|,in\n\\", max_size=60))
def test_any_text_is_told_or_not(condition: str) -> None:
    """No expression is an error, and what is told is one line."""
    for words in (activity_words(condition), member_words(condition), members(condition), by_words(condition)):
        assert words is None or "\n" not in words
