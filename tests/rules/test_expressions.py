"""Expressions in the section `rules`: what they may speak of, and where their mistakes are."""

from collections.abc import Collection

import pytest

from activity.catalogue import RESERVED_ATTRIBUTES, RESERVED_FIELDS, UNUSABLE_NAMES, FieldType
from activity.definition import Declared
from rules.condition import MEMBER_FIELDS, Scope
from rules.condition import RESERVED_FIELDS as KNOWN_FIELDS
from rules.judge import BY_TYPES
from rules.wording import ExpressionInvalid
from section import Names
from tests.rules.reading import ATTRIBUTES, TYPES, rules


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ("activity.reach > 3", 57),
        ("'activity.time > timestamp(\"2026-01-01T00:00:00Z\")'", 58),
        ("member.hourly && size(activity.url) > 3", 79),
        ('\'"activity" != member.team && activity.type != "x"\'', 87),
        ("activity", 57),
        ("member.team == '''it's''' && activity.type == 'x'", 57),  # a text that hides where it ends
    ],
)
def test_an_audience_asks_for_the_member_alone(written: str, column: int) -> None:
    """Whatever asks for the activity is sent to `when`, from the place where it stands."""
    words = "it.a.audience: only 'member' can be used here: use 'when' for what the activity must be"
    expected = [f"line 1, column {column}: {words}"]
    assert expected == rules(f"{{a: {{title: T, on: post.liked, points: 1, audience: {written}}}}}")[2]


@pytest.mark.parametrize("written", ["member.hourli", "member.location", "member.team = 1", "hourly"])
def test_an_audience_is_checked_as_conditions_are(written: str) -> None:
    """Its mistakes are told in the words of conditions."""
    with pytest.raises(ExpressionInvalid) as caught:
        Scope({}, ATTRIBUTES).compile(written, {FieldType.BOOL})
    (mistake,) = rules(f"{{a: {{title: T, on: post.liked, points: 1, audience: {written}}}}}")[2]
    assert mistake.endswith(f": it.a.audience: {caught.value.message}")


def test_every_mistake_of_an_expression_is_named() -> None:
    """Each at its own place, in the order of the text; what follows from another is not told."""
    text = "{a: {title: T, on: post.shared, points: activity.rech, when: 'activity.ur == 5 && activity.reach > true'}}"
    places = [text.index(part) + len("it: ") + 1 for part in ("activity.rech", "activity.ur ", "> true")]
    assert [f"line 1, column {column}" for column in places] == [each.partition(":")[0] for each in rules(text)[2]]
    audience = "'member.hourli && activity.reach > 3 && member.tam == 1'"
    found = rules(f"{{a: {{title: T, on: post.liked, points: 1, audience: {audience}}}}}")[2]
    assert [": only 'member' can", ": member.hourli is ", ": member.tam is not"] == [
        each.partition("audience")[2][:19] for each in found
    ]


@pytest.mark.parametrize("written", ["'member.location == \"activity.url\"'", "member.joined > 1", "'true'"])
def test_an_audience_may_speak_of_activities_in_texts(written: str) -> None:
    """A text is no activity; and what asks for an attribute whose declaration is broken is not judged."""
    text = f"{{a: {{title: T, on: post.liked, points: 1, audience: {written}}}}}"
    assert [] == rules(text, doubts=frozenset({"joined"}))[2]


def refusal(expression: str, expected: Collection[FieldType], kind: str = "post.shared") -> str:
    """What conditions themselves say of an expression; their own tests hold the words."""
    scope = Scope({name: field.type for name, field in TYPES[kind].fields.items()}, ATTRIBUTES)
    with pytest.raises(ExpressionInvalid) as caught:
        scope.compile(expression, expected)
    return caught.value.message


@pytest.mark.parametrize(
    ("setting", "expression", "expected"),
    [
        ("points", "3.0 / 2.0", {FieldType.INT}),
        ("points", "activity.rech", {FieldType.INT}),
        ("when", "activity.reach", {FieldType.BOOL}),
        ("when", "activity.reach >", {FieldType.BOOL}),
        ("by", "activity.time", BY_TYPES),
    ],
)
def test_an_expression_is_checked_against_the_catalogue(
    setting: str, expression: str, expected: Collection[FieldType]
) -> None:
    """Unknown fields and wrong types are refused in the words of conditions: amounts are int, conditions bool."""
    settings = {"points": "1", "when": "true", "by": "activity.url"} | {setting: f"'{expression}'"}
    rule = "title: T, on: post.shared, points: {points}, when: {when}, limits: [{{max: 1, per: day, by: {by}}}]"
    (mistake,) = rules("{a: {" + rule.format(**settings) + "}}")[2]
    path = "it.a.limits.1.by" if setting == "by" else f"it.a.{setting}"
    assert mistake.endswith(f": {path}: {refusal(expression, expected)}")


def test_an_expression_is_checked_for_each_activity_type() -> None:
    """Where a rule looks at several, the mistake says for which of them it is one, and once for those that share it."""
    text = "{a: {title: T, on: [post.shared, post.liked], points: activity.reach, when: 'no && true'}}"
    unknown_field = refusal("activity.reach", {FieldType.INT}, "post.liked")
    unknown_name = refusal("no && true", {FieldType.BOOL})
    expected = [
        f"line 1, column 59: it.a.points: for post.liked: {unknown_field}",
        f"line 1, column 82: it.a.when: for post.shared, post.liked: {unknown_name}",
    ]
    assert expected == rules(text)[2]


@pytest.mark.parametrize(
    ("written", "line", "column"),
    [
        ("activity.url != nowhere", 7, 27),
        ("'activity.url != nowhere'", 7, 28),
        ('"activity.url != \\"\\" && nowhere"', 7, 36),
        ("'activity.url != ''''\n      && nowhere'", 8, 10),
        ("activity.url != ''\n      && nowhere", 8, 10),
        ("|\n      activity.url != '' &&\n        nowhere", 9, 9),
        (">-\n\n      activity.url != ''\n      && nowhere\n", 10, 10),
    ],
)
def test_a_mistake_in_an_expression_has_its_place_in_the_file(written: str, line: int, column: int) -> None:
    """Behind quotes, escapes and in any line of a text, the place is that of the word that is wrong."""
    text = "\n  a: {title: T, on: post.liked, points: 1}\n  b:\n    title: T\n    on: post.liked\n    points: 1\n"
    (mistake,) = rules(f"{text}    when: {written}")[2]
    assert mistake.startswith(f"line {line}, column {column}: it.b.when: nowhere ")


def test_a_broken_declaration_causes_no_mistake_in_a_rule() -> None:
    """Expressions that use a field or attribute whose declaration is broken are not judged; all others are."""
    doubts = {"post.shared": frozenset({"seen"}), "post.liked": frozenset({"activity"})}
    declared = Declared(TYPES, doubts, Names("", "", (), complete=False))
    text = """
  a: {title: T, on: [post.shared, post.unread], points: activity.seen, when: member.joined > 1}
  b: {title: T, on: post.liked, points: activity.anything}
  c: {title: T, on: post.shared, points: activity.other}
"""
    words = f"line 4, column 42: it.c.points: {refusal('activity.other', {FieldType.INT})}"
    assert [words] == rules(text, declared, frozenset({"joined"}))[2]


def test_reserved_names_are_those_of_conditions() -> None:
    """What a condition knows of every activity and member cannot be declared again."""
    assert set(KNOWN_FIELDS) <= set(RESERVED_FIELDS)
    assert set(MEMBER_FIELDS) <= set(RESERVED_ATTRIBUTES)


@pytest.mark.parametrize("name", UNUSABLE_NAMES)
def test_names_that_cannot_be_declared_cannot_be_read(name: str) -> None:
    """No condition could use a field of this name."""
    with pytest.raises(ExpressionInvalid):
        Scope({name: FieldType.BOOL}, {}).compile(f"activity.{name}", {FieldType.BOOL})
