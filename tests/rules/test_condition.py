"""Expressions: what they may name, what they give, and what managers are told of those that cannot be."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activity import catalogue
from activity.activity import Activity
from activity.catalogue import FieldType
from activity.member import Facts
from rules.condition import MEMBER_FIELDS, RESERVED_FIELDS, EvaluationFailed, ExpressionInvalid, Scope
from rules.guard import time_zones
from rules.wording import MESSAGE_LENGTH_MAX

ANY = {FieldType.BOOL, FieldType.INT, FieldType.DOUBLE, FieldType.STRING}

FIELDS = {
    "reach": FieldType.INT,
    "score": FieldType.DOUBLE,
    "with_comment": FieldType.BOOL,
    "network": FieldType.STRING,
    "url": FieldType.STRING,
    "published": FieldType.DATE,
    "seen": FieldType.TIMESTAMP,
    "tags": FieldType.STRINGS,
    "counts": FieldType.INTS,
    "scores": FieldType.DOUBLES,
}
SCOPE = Scope(FIELDS, {"joined": FieldType.DATE, "hourly": FieldType.BOOL, "since": FieldType.TIMESTAMP})

SHARED = Activity(
    source="scheduler",
    id="1",
    type="post.shared",
    member=7,
    time=datetime(2026, 7, 1, 7, 30, tzinfo=UTC),
    data={
        "reach": 1500,
        "score": 2.5,
        "with_comment": True,
        "network": "x",
        "url": "https://example.com/blog/é😀",
        "published": "2026-06-30",
        "seen": "2026-07-01T10:00:00+02:00",
        "tags": ["ai", "data"],
        "counts": [1, 2, 3],
        "scores": [1, 2.5],
    },
)
ALICE = Facts(
    team="uk",
    location="Leeds",
    department="Sales",
    time_zone="America/New_York",
    attributes={"joined": "2020-02-01", "hourly": False, "since": "2020-02-01T09:00:00Z"},
)


def evaluate(text: str, activity: Activity = SHARED, facts: Facts = ALICE) -> object:
    expression = SCOPE.compile(text, ANY)
    return expression.evaluate(SCOPE.activation(expression.names, activity, facts))


def failure(text: str, activity: Activity = SHARED, facts: Facts = ALICE) -> str:
    with pytest.raises(EvaluationFailed) as caught:
        evaluate(text, activity, facts)
    return str(caught.value)


def mistake(text: str, expected: set[FieldType] = ANY) -> str:
    """Line, column and message."""
    with pytest.raises(ExpressionInvalid) as caught:
        SCOPE.compile(text, expected)
    return f"{caught.value.line}:{caught.value.column} {caught.value.message}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("activity.reach", 1500),
        ("activity.score", 2.5),
        ("activity.with_comment", True),
        ("activity.network", "x"),
        ("activity.url", "https://example.com/blog/é😀"),
        ("string(activity.published)", "2026-06-30T00:00:00Z"),
        ("string(activity.seen)", "2026-07-01T08:00:00Z"),
        ("activity.tags[1]", "data"),
        ("activity.counts[2]", 3),
        ("activity.scores[0]", 1.0),
        ("activity.type", "post.shared"),
        ("activity.source", "scheduler"),
        ("string(activity.time)", "2026-07-01T07:30:00Z"),
        ("member.team", "uk"),
        ("member.location", "Leeds"),
        ("member.department", "Sales"),
        ("member.time_zone", "America/New_York"),
        ("string(member.joined)", "2020-02-01T00:00:00Z"),
        ("member.hourly", False),
        ("string(member.since)", "2020-02-01T09:00:00Z"),
    ],
)
def test_every_name_gives_its_value_in_its_type(text: str, expected: object) -> None:
    """Fields, the parts of every activity, facts and attributes are all in scope; dates are midnights in UTC."""
    value = evaluate(text)

    assert (expected, type(expected)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('activity.network in ["linkedin", "x", "mastodon"]', True),
        ('activity.reach > 100 && activity.network in ["x", "linkedin"]', True),
        ("5 + (activity.with_comment ? 5 : 0)", 10),
        ("activity.with_comment ? 10 : 5", 10),
        ("int(double(activity.reach) / 1000.0)", 1),
        ('activity.tags.exists(t, t == "ai")', True),
        ('activity.tags.exists(t, t.startsWith("ai"))', True),
        ('activity.tags.all(t, size(t) < 3 || t.endsWith("ta"))', True),
        ('activity.tags.exists_one(t, t.contains("a"))', False),
        ("activity.tags.exists(t, activity.url.contains(t))", False),
        ('["bl", "ai"].exists(p, activity.tags.exists(t, t.startsWith(p)))', True),
        ('{"x": 5, "linkedin": 3}[activity.network]', 5),
        ('activity.time.getHours("Europe/London") < 9', True),
        ("activity.time.getHours(member.time_zone)", 3),
        ('activity.time.getHours("+01:00")', 8),
        ("activity.time.getDayOfWeek()", 3),
        ('activity.time - activity.published < duration("36h")', True),
        ('activity.seen > member.joined + duration("24h")', True),
        ('activity.time > timestamp("2026-04-01T00:00:00Z")', True),
        ('activity.network + ":" + activity.url', "x:https://example.com/blog/é😀"),
        ("activity.score * 2.0", 5.0),
    ],
)
def test_the_rules_that_managers_write_work(text: str, expected: object) -> None:
    """The guard is in the way of none of the ordinary conditions and amounts."""
    assert expected == evaluate(text)


def test_names_are_the_variables_that_the_text_uses() -> None:
    """Variables of a comprehension and words inside of texts are none of them."""
    expression = SCOPE.compile('activity.tags.exists(t, t == "activity.url") && .member.hourly', {FieldType.BOOL})

    assert frozenset({"activity.tags", "member.hourly"}) == expression.names


def test_an_activation_serves_all_expressions_of_an_activity() -> None:
    """It binds the union of their names, and none of them sees what another did."""
    texts = ("activity.reach + 1", "activity.network", "activity.reach > 5")
    expressions = [SCOPE.compile(text, ANY) for text in texts]
    activation = SCOPE.activation({name for each in expressions for name in each.names}, SHARED, ALICE)

    expected = [1501, "x", True] * 2

    assert expected == [each.evaluate(activation) for each in expressions * 2]


def test_an_expression_without_names_needs_no_activation() -> None:
    """`names` is empty, and nothing has to be bound."""
    expression = SCOPE.compile("2 + 3", {FieldType.INT})

    assert (frozenset(), 5) == (expression.names, expression.evaluate(None))


def test_facts_that_a_member_does_not_have_are_empty_texts() -> None:
    """A member without team or place can be asked for it without failing."""
    asked = 'member.team + member.location + member.department + member.time_zone == ""'

    assert True is evaluate(asked, facts=Facts())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("member.joined < activity.time", "member.joined has no value for this member"),
        ("activity.reach > 5", "activity.reach has no value for this activity"),
    ],
)
def test_a_missing_value_fails_only_what_needs_it(text: str, message: str) -> None:
    """The verdict says what is missing; an expression that is decided without it has a value."""
    bare = Activity("s", "1", "post.shared", 7, SHARED.time, {})

    assert message == failure(text, bare, Facts())
    assert True is evaluate(f"{text} || activity.type == 'post.shared'", bare, Facts())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("activity.reach / (activity.reach - 1500)", "it divides by zero"),
        ("activity.reach % 0", "it divides by zero"),
        ("activity.reach * 9223372036854775807", "a number or a time is too large"),
        ("-(-9223372036854775807 - 1)", "a number or a time is too large"),
        ("int(1e300)", "a number or a time is too large"),
        ('activity.time + duration("87600000h") > activity.time', "a number or a time is too large"),
        ("activity.score / 0.0", "the result is not a finite number"),
        ("0.0 / 0.0", "the result is not a finite number"),
        ("activity.tags[2]", "there is no element [2] in a list of 2; the first is [0]"),
        ('{"linkedin": 3}[activity.network]', "there is no such key between { and }"),
        ('{"linkedin": 3}["overflow"]', "there is no such key between { and }"),
        ('{"a": 1, "a": 2}["a"]', "a key is written twice between { and }"),
        ("int(activity.network)", "cannot convert string to int"),
        ('"INVALID_ARGUMENT: no" + string(1 / 0)', "it divides by zero"),
    ],
)
def test_a_failure_says_what_happened(text: str, message: str) -> None:
    """Whether CEL raises it or hands it back as a value, the manager reads one sentence without codes."""
    assert message == failure(text)


@pytest.mark.parametrize("value", ["many", 2**70, -1e400, object(), "\ud800", [1], b"a", {}])
def test_values_of_other_types_than_declared_fail(value: Any) -> None:
    """What intake would not have let through ends in a verdict, never in another exception."""
    wrong = Activity("s", "1", "post.shared", 7, SHARED.time, dict.fromkeys(FIELDS, value))

    assert failure("activity.published < activity.seen", wrong)
    assert failure("activity.reach > 1", wrong)
    assert failure("activity.with_comment", wrong)


def test_reserved_names_are_refused_in_programmes() -> None:
    """A field or attribute that expressions could not tell from Laurels' own cannot be declared."""
    assert set() == set(RESERVED_FIELDS) - set(catalogue.RESERVED_FIELDS)
    assert set() == set(MEMBER_FIELDS) - set(catalogue.RESERVED_ATTRIBUTES)


def test_every_time_zone_is_known_to_cel() -> None:
    """The names that the guard admits are those in the zone files that CEL reads, on every machine."""
    expression = SCOPE.compile("activity.time.getHours(member.time_zone)", {FieldType.INT})

    for zone in time_zones():
        value = expression.evaluate(SCOPE.activation(expression.names, SHARED, Facts(time_zone=zone)))
        assert 0 <= int(value) < 24


def test_a_members_zone_is_never_opened_as_a_file() -> None:
    """CEL would read any path that a zone names, and wait for ever for a pipe."""
    expected = "member.time_zone has no value for this member"

    for zone in ("/dev/stdin", "../../etc/passwd", "file:x", "localtime", "Europe/Londn"):
        assert expected == failure("activity.time.getHours(member.time_zone)", facts=Facts(time_zone=zone))


TOKENS = [
    *(
        "activity.reach",
        "activity.tags",
        "activity.url",
        "member.joined",
        "activity.",
        "x",
        "1",
        "0",
        "2.5",
        "'a'",
        '"',
    ),
    *("(", ")", "[", "]", "{", "}", "?", ":", ",", ".", "+", "-", "*", "/", "%", "!", "==", "<", "&&", "||", " in "),
    *(".exists(x,", ".all(x,", "size(", "string(", "int(", "timestamp(", ".getHours(", ".contains(", "true", "null"),
    *("\\", "'''", "r'", "b'", "//", "\n", "é", "😀", "`", "@", "0x", "1u", "\0", "\ud800"),
]


def outcome(text: str) -> tuple[str, int, int, object]:
    """What became of a text, with the place and message of a mistake, or the value."""
    try:
        return "value", 1, 1, evaluate(text)
    except ExpressionInvalid as invalid:
        return "invalid", invalid.line, invalid.column, invalid.message
    except EvaluationFailed as failed:
        return "failed", 1, 1, str(failed)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(TOKENS), max_size=40).map("".join)))
def test_any_text_is_a_value_or_one_of_two_errors(text: str) -> None:
    """Whatever is written as a rule ends in a value, in ExpressionInvalid with a place, or in EvaluationFailed."""
    kind, line, column, value = outcome(text)

    lines = text.split("\n")
    assert 1 <= line <= len(lines)
    assert 1 <= column <= len(lines[line - 1]) + 1
    assert type(value) in ((bool, int, float, str) if kind == "value" else (str,))
    assert kind == "value" or 0 < len(str(value)) <= MESSAGE_LENGTH_MAX
