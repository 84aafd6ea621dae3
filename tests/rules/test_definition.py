"""The section `rules`: what it declares, and the words for every mistake."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.calendar import Calendar, PeriodKind
from activity.catalogue import RESERVED_ATTRIBUTES, RESERVED_FIELDS, UNUSABLE_NAMES, ActivityType, Field, FieldType
from activity.definition import Declared
from document import Document
from rules.condition import MEMBER_FIELDS, Scope
from rules.condition import RESERVED_FIELDS as KNOWN_FIELDS
from rules.definition import RULES_MAX, Expressions, read_rules, rule_from_plain, rule_to_plain
from rules.judge import BY_TYPES
from rules.rule import Limit, Rule
from rules.wording import ExpressionInvalid
from section import Names, attempt

LONDON = Calendar(ZoneInfo("Europe/London"), (4, 1))
FIELDS = {"network": FieldType.STRING, "url": FieldType.STRING, "reach": FieldType.INT}
TYPES = {
    "post.shared": ActivityType("post.shared", "Share", {name: Field(name, kind) for name, kind in FIELDS.items()}),
    "post.liked": ActivityType("post.liked", "Like", {"url": Field("url", FieldType.STRING)}),
}
NAMES = Names("there is no activity type", "activity types", tuple(TYPES))
DECLARED = Declared(TYPES, dict.fromkeys(TYPES, frozenset()), NAMES)
ATTRIBUTES = {"hourly": FieldType.BOOL}

KEY = "write small letters, digits and '-', beginning with a letter, at most 64 characters"
SETTINGS = "(settings: title, on, when, points, limits, tags, from, to, was)"
PERIODS = "day, week, month, quarter, half-year, year, ever"

RULES = """
share:
  title: Share a company post
  on: [post.shared]
  when: activity.network in ["linkedin", "x"]
  points: activity.reach > 1000 ? 10 :5
  limits:
    - {max: 3, per: day}
    - {max: 1, per: ever, by: activity.url, across: members}
  tags: [effort, network]
  from: 2026-04-01
  to: 2026-06-30
like: {title: Like, on: post.liked, points: -1, tags: effort, was: heart}
either: {title: Either, on: [post.shared, post.liked], points: 1, from: 2026-12-01T10:00:00+01:00}
"""

# What stands after `title: T` in a rule on post.shared, points included only where they are not the subject.
MISTAKES = {
    "on: post.shared": "line 1, column 6: it.a: 'points' is missing",
    "points: 1": "line 1, column 6: it.a: 'on' is missing",
    "on: [], points: 1": "line 1, column 24: it.a.on: is an empty list: add to it, or remove the setting",
    "on: {post.shared: 1}, points: 1": "line 1, column 24: it.a.on: must be a list, not a group of settings",
    "on: post.share, points: 1": "line 1, column 24: it.a.on: there is no activity type 'post.share'; "
    "did you mean 'post.shared'? (activity types: post.shared, post.liked)",
    "on: [post.shared, post.shared], points: 1": "line 1, column 38: it.a.on.2: 'post.shared' is here twice: "
    "remove one",
    "on: post.shared, points: 1, limts: []": "line 1, column 48: it.a: there is no setting 'limts' here; "
    f"did you mean 'limits'? {SETTINGS}",
    "on: post.shared, points: ": "line 1, column 45: it.a.points: is empty: write an expression, or remove the setting",
    "on: post.shared, points: 1000000001": "line 1, column 45: it.a.points: must be from -1,000,000,000 to "
    "1,000,000,000, not '1000000001'",
    f"on: post.shared, points: {'9' * 101}": "line 1, column 45: it.a.points: must be a whole number, "
    f"not '{'9' * 64}…'",
    "on: post.shared, points: [1]": "line 1, column 45: it.a.points: must be a single value, not a list",
    "on: post.shared, points: 1, when: ''": "line 1, column 54: it.a.when: is empty: write an expression, "
    "or remove the setting",
    "on: post.shared, points: 1, limits: {max: 1}": "line 1, column 56: it.a.limits: must be a list, "
    "not a group of settings",
    "on: post.shared, points: 1, limits: [3]": "line 1, column 57: it.a.limits.1: must be settings, "
    "each written 'name: value', not '3'",
    "on: post.shared, points: 1, limits: [{per: day}]": "line 1, column 57: it.a.limits.1: 'max' is missing",
    "on: post.shared, points: 1, limits: [{max: 1}]": "line 1, column 57: it.a.limits.1: 'per' is missing",
    "on: post.shared, points: 1, limits: [{max: 0, per: day}]": "line 1, column 63: it.a.limits.1.max: "
    "must be from 1 to 1,000,000,000, not '0'",
    "on: post.shared, points: 1, limits: [{max: three, per: day}]": "line 1, column 63: it.a.limits.1.max: "
    "must be a whole number, not 'three'",
    "on: post.shared, points: 1, limits: [{max: 1, per: monthly}]": "line 1, column 71: it.a.limits.1.per: "
    f"must be one of {PERIODS}, not 'monthly'; did you mean 'month'?",
    "on: post.shared, points: 1, limits: [{max: 1, per: day, across: teams}]": "line 1, column 84: "
    "it.a.limits.1.across: must be one of members, not 'teams'",
    "on: post.shared, points: 1, limits: [{max: 1, per: day, each: url}]": "line 1, column 76: it.a.limits.1: "
    "there is no setting 'each' here (settings: max, per, by, across)",
    f"on: post.shared, points: 1, limits: [{', '.join(['{max: 1, per: day}'] * 21)}]": "line 1, column 48: "
    "it.a.limits: has 21 limits: a rule can have 20",
    "on: post.shared, points: 1, tags: [Effort]": f"line 1, column 55: it.a.tags.1: 'Effort' cannot be a key: {KEY}",
    "on: post.shared, points: 1, from: april": "line 1, column 54: it.a.from: must be a date such as 2026-01-31, "
    "not 'april'",
    "on: post.shared, points: 1, from: 2026-04-31": "line 1, column 54: it.a.from: there is no day 2026-04-31: "
    "write a date such as 2026-01-31",
    "on: post.shared, points: 1, to: 9999-12-31": "line 1, column 52: it.a.to: 9999-12-31 is too far away: "
    "write a year from 1970 to 2199",
    "on: post.shared, points: 1, to: 0001-01-01T00:00:00+09:00": "line 1, column 52: it.a.to: 0001-01-01 is too far "
    "away: write a year from 1970 to 2199",
    "on: post.shared, points: 1, from: 2026-04-01T09:00": "line 1, column 54: it.a.from: '2026-04-01T09:00' has no "
    "offset from UTC: end it with Z or, for example, +01:00",
    "on: post.shared, points: 1, from: 2026-04-01T25:00Z": "line 1, column 54: it.a.from: there is no time "
    "'2026-04-01T25:00Z': write it as 2026-04-01T09:00:00+01:00",
    "on: post.shared, points: 1, from: 2026-04-02, to: 2026-04-01": "line 1, column 70: it.a.to: must be after 'from': "
    "as it is, no activity can count",
    "on: post.shared, points: 1, was: a": "line 1, column 53: it.a.was: 'a' is still here, in line 1: "
    "a key that changed its name cannot stay",
}


def rules(
    text: str, declared: Declared = DECLARED, doubts: frozenset[str] = frozenset(), calendar: Calendar = LONDON
) -> tuple[dict[str, Rule], Names, list[str]]:
    """What is read of a section that stands under the name `it`: the rules, their tags and the mistakes."""
    document = Document(f"it: {text}")
    assert document.root is not None
    assert isinstance(document.root.content, dict)
    expressions = Expressions(declared, ATTRIBUTES, doubts)
    read = attempt(document.root.content["it"], lambda node: read_rules(node, expressions, calendar), None)
    found, tags = read or ({}, NAMES)
    return found, tags, [str(mistake) for mistake in document.mistakes]


def test_a_section_declares_rules() -> None:
    """Rules keep the order of the file; a date is a midnight of the programme, and a last day counts whole."""
    limits = (Limit(3, PeriodKind.DAY), Limit(1, PeriodKind.EVER, "activity.url", across_members=True))
    expected = {
        "share": Rule(
            key="share",
            title="Share a company post",
            on=("post.shared",),
            points="activity.reach > 1000 ? 10 :5",
            when='activity.network in ["linkedin", "x"]',
            limits=limits,
            tags=("effort", "network"),
            valid_from=datetime(2026, 3, 31, 23, tzinfo=UTC),
            valid_to=datetime(2026, 6, 30, 23, tzinfo=UTC),
        ),
        "like": Rule("like", "Like", ("post.liked",), -1, tags=("effort",), was="heart"),
        "either": Rule(
            "either", "Either", ("post.shared", "post.liked"), 1, valid_from=datetime(2026, 12, 1, 9, tzinfo=UTC)
        ),
    }
    found, tags, mistakes = rules(RULES.replace("\n", "\n  "))
    assert not mistakes
    assert expected == found
    assert list(expected) == list(found)
    assert Names("no rule carries the tag", "tags", ("effort", "network")) == tags


@pytest.mark.parametrize(("settings", "words"), MISTAKES.items())
def test_every_mistake_has_its_place_and_says_what_to_do(settings: str, words: str) -> None:
    """One mistake in a rule is one sentence."""
    assert [words] == rules(f"{{a: {{title: T, {settings}}}}}")[2]


def test_keys_and_titles_are_checked() -> None:
    """A rule has a key of small letters, and a title."""
    expected = [
        "line 1, column 6: it.My Rule: 'title' is missing",
        f"line 1, column 6: it.My Rule: 'My Rule' cannot be a key: {KEY}",
    ]
    assert expected == rules("{My Rule: {on: post.liked, points: 1}}")[2]


def test_a_programme_has_a_thousand_rules_at_most() -> None:
    """One more is a mistake of the section."""
    rule = "{title: T, on: post.liked, points: 1}"
    words = "line 1, column 1: it: has 1,001 rules: a programme can have 1,000"
    assert [words] == rules("{" + ", ".join(f"r{number}: {rule}" for number in range(RULES_MAX + 1)) + "}")[2]


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


@pytest.mark.parametrize("rule", ["tags: [Effort]", "tags: {a: b}", "tag: effort", "tags: *effort"])
def test_tags_are_not_known_while_a_rule_may_carry_others(rule: str) -> None:
    """With the tags of one rule unread, no board can be said to use an unknown one."""
    _, tags, mistakes = rules(f"\n  a: {{title: T, on: post.liked, points: 1, tags: [impact]}}\n  b:\n    {rule}\n")
    assert mistakes
    assert "impact" in tags.known
    assert not tags.complete
    assert not rules("{a: }")[1].complete


def test_all_mistakes_of_a_rule_are_found() -> None:
    """A mistake hides no other, not even in the same limit."""
    text = """
  share:
    titel: Share
    on: [post.shard, post.liked]
    when: activity.urll == "x"
    points: 2.5
    limits:
      - {max: none, per: dayly, by: activity.ur}
    tags: [OK]
    from: tomorrow
"""
    when = refusal('activity.urll == "x"', {FieldType.BOOL}, "post.liked")
    points = "points are whole numbers: '2.5' cannot be paid"
    by = refusal("activity.ur", BY_TYPES, "post.liked")
    expected = [
        f"line 3, column 5: it.share: there is no setting 'titel' here; did you mean 'title'? {SETTINGS}",
        "line 4, column 10: it.share.on.1: there is no activity type 'post.shard'; did you mean 'post.shared'? "
        "(activity types: post.shared, post.liked)",
        f"line 5, column 11: it.share.when: {when}",
        f"line 6, column 13: it.share.points: {points}",
        "line 8, column 15: it.share.limits.1.max: must be a whole number, not 'none'",
        f"line 8, column 26: it.share.limits.1.per: must be one of {PERIODS}, not 'dayly'; did you mean 'day'?",
        f"line 8, column 37: it.share.limits.1.by: {by}",
        f"line 9, column 12: it.share.tags.1: 'OK' cannot be a key: {KEY}",
        "line 10, column 11: it.share.from: must be a date such as 2026-01-31, not 'tomorrow'",
    ]
    assert sorted(expected) == sorted(rules(text)[2])


def test_plain_values_leave_out_what_is_default_and_come_back() -> None:
    """The plain form is that of the file, and nothing but `was` is lost on the way back."""
    found, _, _ = rules(RULES.replace("\n", "\n  "))
    expected: dict[str, object] = {
        "title": "Share a company post",
        "on": ["post.shared"],
        "when": 'activity.network in ["linkedin", "x"]',
        "points": "activity.reach > 1000 ? 10 :5",
        "limits": [{"max": 3, "per": "day"}, {"max": 1, "per": "ever", "by": "activity.url", "across": "members"}],
        "tags": ["effort", "network"],
        "from": "2026-04-01",
        "to": "2026-06-30",
    }
    assert expected == rule_to_plain(found["share"], LONDON)
    assert found["share"] == rule_from_plain("share", expected, LONDON)
    expected = {"title": "Like", "on": ["post.liked"], "points": -1, "tags": ["effort"]}
    assert expected == rule_to_plain(found["like"], LONDON)
    expected = {
        "title": "Either",
        "on": ["post.shared", "post.liked"],
        "points": 1,
        "from": "2026-12-01T09:00:00+00:00",
    }
    assert expected == rule_to_plain(found["either"], LONDON)
    assert found["either"] == rule_from_plain("either", rule_to_plain(found["either"], LONDON), LONDON)


@given(
    st.dates(date(1970, 1, 1), date(2199, 12, 31)),
    st.sampled_from(["UTC", "Europe/London", "America/Havana", "Africa/Cairo", "Pacific/Apia", "America/Sao_Paulo"]),
)
def test_a_date_means_the_same_instant_whatever_the_clocks_do(day: date, zone: str) -> None:
    """A day that begins after a change of the clocks, or was skipped altogether, comes back as the same instant."""
    calendar = Calendar(ZoneInfo(zone))
    plain = {"title": "T", "on": ["post.liked"], "points": 1, "from": day.isoformat(), "to": day.isoformat()}
    rule = rule_from_plain("a", plain, calendar)
    assert rule.valid_from is not None
    assert rule.valid_to is not None
    assert rule.valid_from <= rule.valid_to
    assert rule == rule_from_plain("a", rule_to_plain(rule, calendar), calendar)
    assert not any("T" in rule_to_plain(rule, calendar)[name] for name in ("from", "to"))


def test_reserved_names_are_those_of_conditions() -> None:
    """What a condition knows of every activity and member cannot be declared again."""
    assert set(KNOWN_FIELDS) <= set(RESERVED_FIELDS)
    assert set(MEMBER_FIELDS) <= set(RESERVED_ATTRIBUTES)


@pytest.mark.parametrize("name", UNUSABLE_NAMES)
def test_names_that_cannot_be_declared_cannot_be_read(name: str) -> None:
    """No condition could use a field of this name."""
    with pytest.raises(ExpressionInvalid):
        Scope({name: FieldType.BOOL}, {}).compile(f"activity.{name}", {FieldType.BOOL})
