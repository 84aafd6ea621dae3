"""The section `rules`: what it declares, and the words for every mistake."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
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
from rules.definition import (
    RULES_MAX,
    read_rules,
    read_working_time,
    rule_from_plain,
    rule_to_plain,
    working_time_from_plain,
    working_time_to_plain,
)
from rules.expressions import Expressions
from rules.judge import BY_TYPES
from rules.rule import Bonus, Budget, Credit, Limit, Rule, Steps, WorkingTime
from rules.wording import ExpressionInvalid
from section import Names, attempt, duration, duration_from_plain, duration_to_plain
from writing import written

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
SETTINGS = (
    "(settings: title, on, when, audience, points, limits, cooldown, budget, bonuses, credit, hold, any_time, tags, "
    "from, to, was)"
)
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

COMPLETE = """
write:
  title: Write an article
  on: [post.shared]
  audience: '!member.hourly && member.location == "Paris"'
  points:
    steps: [50, activity.reach, 10]
    per: month
  cooldown: PT90M
  budget: {points: 10000, per: quarter}
  bonuses:
    - {multiplier: 2, from: 2026-11-23, to: 2026-11-29, title: Launch week}
    - {multiplier: 1.05, to: 2026-12-01T10:00:00Z}
  credit: split
  hold: P14D
  any_time: true
first: {title: First, on: post.liked, points: [50, 20, 10], credit: each, any_time: false}
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
    "on: post.shared, points: [1]": "line 1, column 45: it.a.points: has 1 step: write 2 to 20 of them, or a single "
    "amount",
    "on: post.shared, points: []": "line 1, column 45: it.a.points: has 0 steps: write 2 to 20 of them, or a single "
    "amount",
    "on: post.shared, points: [1, [2]]": "line 1, column 49: it.a.points.2: must be a single value, not a list",
    "on: post.shared, points: [1, 2.5]": "line 1, column 49: it.a.points.2: points are whole numbers: '2.5' cannot be "
    "paid",
    "on: post.shared, points: {steps: [2, 1]}": "line 1, column 37: it.a.points: 'per' is missing",
    "on: post.shared, points: {per: day}": "line 1, column 37: it.a.points: 'steps' is missing",
    "on: post.shared, points: {steps: 2, per: day}": "line 1, column 53: it.a.points.steps: must be a list, not '2'",
    f"on: post.shared, points: {{steps: [{', '.join('1' * 21)}], per: day}}": "line 1, column 53: it.a.points.steps: "
    "has 21 steps: write 2 to 20 of them, or a single amount",
    "on: post.shared, points: {stops: [2, 1], per: day}": "line 1, column 46: it.a.points: there is no setting 'stops' "
    "here; did you mean 'steps'? (settings: steps, per)",
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
    "on: post.shared, points: 1, audience: ''": "line 1, column 58: it.a.audience: is empty: write an expression, "
    "or remove the setting",
    "on: post.shared, points: 1, audience: [a]": "line 1, column 58: it.a.audience: must be a single value, not a list",
    "on: post.shared, points: 1, cooldown: 4 hours": "line 1, column 58: it.a.cooldown: must be a duration such as "
    "PT4H (4 hours) or P14D (14 days), not '4 hours'; did you mean 'PT4H'?",
    "on: post.shared, points: 1, cooldown: PT59S": "line 1, column 58: it.a.cooldown: must be from PT1M to P366D, "
    "not 'PT59S'",
    "on: post.shared, points: 1, hold: P366DT1S": "line 1, column 54: it.a.hold: must be from PT1M to P366D, "
    "not 'P366DT1S'",
    "on: post.shared, points: 1, hold: {days: 3}": "line 1, column 54: it.a.hold: must be a single value, "
    "not a group of settings",
    "on: post.shared, points: 1, budget: 1000": "line 1, column 56: it.a.budget: must be settings, each written "
    "'name: value', not '1000'",
    "on: post.shared, points: 1, budget: {points: 1000}": "line 1, column 48: it.a.budget: 'per' is missing",
    "on: post.shared, points: 1, budget: {per: month}": "line 1, column 48: it.a.budget: 'points' is missing",
    "on: post.shared, points: 1, budget: {points: 0, per: month}": "line 1, column 65: it.a.budget.points: "
    "must be from 1 to 1,000,000,000,000, not '0'",
    "on: post.shared, points: 1, budget: {points: 1, per: monthly}": "line 1, column 73: it.a.budget.per: "
    f"must be one of {PERIODS}, not 'monthly'; did you mean 'month'?",
    "on: post.shared, points: 1, budget: {points: 1, per: day, of: all}": "line 1, column 78: it.a.budget: "
    "there is no setting 'of' here (settings: points, per)",
    "on: post.shared, points: 1, bonuses: {multiplier: 2}": "line 1, column 57: it.a.bonuses: must be a list, "
    "not a group of settings",
    "on: post.shared, points: 1, bonuses: [{multiplier: 2}]": "line 1, column 58: it.a.bonuses.1: "
    "needs 'from' or 'to': what always counts belongs in 'points'",
    "on: post.shared, points: 1, bonuses: [{to: 2026-11-29}]": "line 1, column 58: it.a.bonuses.1: "
    "'multiplier' is missing",
    "on: post.shared, points: 1, bonuses: [{multiplier: 2, from: 2026-11-30, to: 2026-11-29}]": "line 1, column 96: "
    "it.a.bonuses.1.to: must be after 'from': as it is, the bonus never counts",
    "on: post.shared, points: 1, bonuses: [{multiplier: 2, form: 2026-11-30}]": "line 1, column 74: it.a.bonuses.1: "
    "there is no setting 'form' here; did you mean 'from'? (settings: multiplier, from, to, title)",
    "on: post.shared, points: 1, bonuses: [{multiplier: 2, from: soon}]": "line 1, column 80: it.a.bonuses.1.from: "
    "must be a date such as 2026-01-31, not 'soon'",
    f"on: post.shared, points: 1, bonuses: [{', '.join(['{multiplier: 2, to: 2026-11-30}'] * 21)}]": "line 1, "
    "column 48: it.a.bonuses: has 21 bonuses: a rule can have 20",
    "on: post.shared, points: -1000000000, bonuses: [{multiplier: 1.5, to: 2026-11-30}]": "line 1, column 67: "
    "it.a.bonuses: make one award of 1,500,000,000 points: at most 1,000,000,000 can be paid at once",
    "on: post.shared, points: [1, 500000000], bonuses: [{multiplier: 3, to: 2026-11-30}]": "line 1, column 70: "
    "it.a.bonuses: make one award of 1,500,000,000 points: at most 1,000,000,000 can be paid at once",
    "on: post.shared, points: 1, credit: splitt": "line 1, column 56: it.a.credit: must be one of each, split, first, "
    "not 'splitt'; did you mean 'split'?",
    "on: post.shared, points: 1, any_time: yes": "line 1, column 58: it.a.any_time: must be true or false, not 'yes'",
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


def test_a_rule_can_say_who_earns_how_much_and_how_often() -> None:
    """Steps, a cool-down, a budget, bonuses, shares and a hold are read as they are meant; defaults may be written."""
    bonuses = (
        Bonus(200, "Launch week", datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)),
        Bonus(105, valid_to=datetime(2026, 12, 1, 10, tzinfo=UTC)),
    )
    expected = {
        "write": Rule(
            key="write",
            title="Write an article",
            on=("post.shared",),
            points=Steps((50, "activity.reach", 10), PeriodKind.MONTH),
            audience='!member.hourly && member.location == "Paris"',
            cooldown=timedelta(minutes=90),
            budget=Budget(10_000, PeriodKind.QUARTER),
            bonuses=bonuses,
            credit=Credit.SPLIT,
            hold=timedelta(days=14),
            any_time=True,
        ),
        "first": Rule("first", "First", ("post.liked",), Steps((50, 20, 10))),
    }
    found, _, mistakes = rules(COMPLETE.replace("\n", "\n  "))
    assert not mistakes
    assert expected == found


@pytest.mark.parametrize(
    "written", ["1", "1.00", "0.5", "1.005", "100.01", "101", "-2", "'1,5'", "double", "'2 x'", "''"]
)
def test_a_multiplier_adds_and_has_two_decimals_at_most(written: str) -> None:
    """What does not multiply, takes away, or cannot be held exactly is refused."""
    text = f"{{a: {{title: T, on: post.liked, points: 1, bonuses: [{{to: 2026-11-30, multiplier: {written}}}]}}}}"
    (mistake,) = rules(text)[2]
    shown = f"'{written.strip(chr(39))}'" if written != "''" else "nothing"
    words = f"it.a.bonuses.1.multiplier: must be from 1.01 to 100 with at most two decimals, not {shown}"
    assert mistake.endswith(words)


@pytest.mark.parametrize(
    ("written", "percent"), {"1.01": 101, "1.1": 110, "1.25": 125, "2": 200, "100": 10_000}.items()
)
def test_a_multiplier_is_kept_as_percent(written: str, percent: int) -> None:
    """It comes back as it was written."""
    text = f"{{a: {{title: T, on: post.liked, points: 1, bonuses: [{{to: 2026-11-30, multiplier: {written}}}]}}}}"
    rule = rules(text)[0]["a"]
    assert percent == rule.bonuses[0].percent
    plain = rule_to_plain(rule, LONDON)
    assert written == str(plain["bonuses"][0]["multiplier"])
    assert rule == rule_from_plain("a", plain, LONDON)


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


def test_plain_values_say_who_earns_how_much_and_how_often() -> None:
    """Every setting has a plain form, in the order of the documentation, and durations one way to be written."""
    found, _, _ = rules(COMPLETE.replace("\n", "\n  "))
    expected: dict[str, object] = {
        "title": "Write an article",
        "on": ["post.shared"],
        "audience": '!member.hourly && member.location == "Paris"',
        "points": {"steps": [50, "activity.reach", 10], "per": "month"},
        "cooldown": "PT1H30M",
        "budget": {"points": 10000, "per": "quarter"},
        "bonuses": [
            {"multiplier": 2, "from": "2026-11-23", "to": "2026-11-29", "title": "Launch week"},
            {"multiplier": 1.05, "to": "2026-12-01T10:00:00+00:00"},
        ],
        "credit": "split",
        "hold": "P14D",
        "any_time": True,
    }
    plain = rule_to_plain(found["write"], LONDON)
    assert expected == plain
    assert list(expected) == list(plain)
    assert found["write"] == rule_from_plain("write", expected, LONDON)
    expected = {"title": "First", "on": ["post.liked"], "points": [50, 20, 10]}
    assert expected == rule_to_plain(found["first"], LONDON)
    assert found["first"] == rule_from_plain("first", expected, LONDON)


AMOUNTS = st.integers(-1000, 1000) | st.just("activity.reach")
PERIOD_KINDS = st.sampled_from(PeriodKind)
SECONDS = st.integers(60, 366 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2198, 1, 1), timezones=st.just(UTC))
RULE_VALUES = st.builds(
    Rule,
    key=st.just("a"),
    title=st.just("T"),
    on=st.just(("post.shared",)),
    points=AMOUNTS | st.builds(Steps, st.lists(AMOUNTS, min_size=2, max_size=20).map(tuple), PERIOD_KINDS),
    when=st.none() | st.just('activity.network != "x: y"'),
    audience=st.none() | st.just("member.hourly"),
    limits=st.just(()),
    cooldown=st.none() | SECONDS,
    budget=st.none() | st.builds(Budget, st.integers(1, 10**12), PERIOD_KINDS),
    bonuses=st.lists(
        st.builds(Bonus, st.integers(101, 10_000), st.none() | st.just("Week 1: launch"), MOMENTS), max_size=3
    ).map(tuple),
    credit=st.sampled_from(Credit),
    hold=st.none() | SECONDS,
    any_time=st.booleans(),
    tags=st.just(()),
    valid_from=st.none() | MOMENTS,
    valid_to=st.none(),
    was=st.none(),
)


@given(RULE_VALUES)
def test_every_rule_comes_back_from_plain_values_and_from_a_file(rule: Rule) -> None:
    """What the store keeps and what export writes say the same as the rule."""
    plain = rule_to_plain(rule, LONDON)
    assert rule == rule_from_plain("a", plain, LONDON)
    text = written({"it": {"a": plain}}).removeprefix("it:")
    found, _, mistakes = rules(text)
    assert [] == mistakes
    assert {"a": rule} == found


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


def working_time(text: str) -> tuple[WorkingTime | None, list[str]]:
    """What is read of a setting that stands under the name `it`, and the mistakes."""
    document = Document(f"it: {text}")
    assert document.root is not None
    assert isinstance(document.root.content, dict)
    expressions = Expressions(DECLARED, ATTRIBUTES)
    found = attempt(document.root.content["it"], lambda node: read_working_time(node, expressions), None)
    return found, [str(mistake) for mistake in document.mistakes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{days: [monday, friday], from: '08:00', to: '18:30', for: member.hourly}",
            WorkingTime((0, 4), 480, 1110, "member.hourly"),
        ),
        ("{days: sunday, from: 00:00, to: 24:00}", WorkingTime((6,), 0, 1440)),
    ],
)
def test_working_time_is_read_and_comes_back(text: str, expected: WorkingTime) -> None:
    """Days of the week, a clock time at which they begin and end, and whom it is for."""
    found, mistakes = working_time(text)
    assert not mistakes
    assert expected == found
    assert expected == working_time_from_plain(working_time_to_plain(expected))
    assert (expected, []) == working_time(str(working_time_to_plain(expected)))


def test_the_days_of_working_time_have_one_order() -> None:
    """In whatever order they are written, the plain form is the same."""
    found, _ = working_time("{days: [friday, monday], from: 08:00, to: 17:05}")
    assert found is not None
    assert {"days": ["monday", "friday"], "from": "08:00", "to": "17:05"} == working_time_to_plain(found)


@pytest.mark.parametrize(
    ("text", "words"),
    {
        "{from: 08:00, to: 18:00}": "line 1, column 1: it: 'days' is missing",
        "{days: monday, to: 18:00}": "line 1, column 1: it: 'from' is missing",
        "{days: monday, from: 08:00}": "line 1, column 1: it: 'to' is missing",
        "{days: mon, from: 08:00, to: 18:00}": "line 1, column 12: it.days: must be one of monday, tuesday, wednesday, "
        "thursday, friday, saturday, sunday, not 'mon'; did you mean 'monday'?",
        "{days: [monday, monday], from: 08:00, to: 18:00}": "line 1, column 21: it.days.2: 'monday' is here twice: "
        "remove one",
        "{days: monday, from: 8, to: 18:00}": "line 1, column 26: it.from: must be a time of day such as 08:00, "
        "not '8'",
        "{days: monday, from: 08:60, to: 18:00}": "line 1, column 26: it.from: there is no time 08:60: write one from "
        "00:00 to 24:00",
        "{days: monday, from: 08:00, to: 24:01}": "line 1, column 37: it.to: there is no time 24:01: write one from "
        "00:00 to 24:00",
        "{days: monday, from: 22:00, to: 06:00}": "line 1, column 37: it.to: must be later than 'from': working time "
        "cannot go on past midnight",
        "{days: monday, from: 24:00, to: 24:00}": "line 1, column 37: it.to: must be later than 'from': working time "
        "cannot go on past midnight",
        "{days: monday, from: 08:00, to: 18:00, for: activity.reach > 1}": "line 1, column 49: it.for: only 'member' "
        "can be used here: use 'when' for what the activity must be",
        "{days: monday, from: 08:00, until: 18:00}": "line 1, column 33: it: there is no setting 'until' here "
        "(settings: days, from, to, for)",
        "weekdays": "line 1, column 5: it: must be settings, each written 'name: value', not 'weekdays'",
    }.items(),
)
def test_every_mistake_in_working_time_has_its_place(text: str, words: str) -> None:
    """As in rules, it says what to do."""
    assert words in working_time(text)[1]
    assert len(working_time(text)[1]) == (2 if "until" in text else 1)


def length(text: str) -> tuple[timedelta | None, list[str]]:
    """What is read of a duration of up to 400 days, and the mistakes."""
    document = Document(f"it: {text}")
    assert document.root is not None
    assert isinstance(document.root.content, dict)
    found = attempt(document.root.content["it"], duration(timedelta(seconds=1), timedelta(400)), None)
    return found, [str(mistake).partition(": it: ")[2] for mistake in document.mistakes]


@pytest.mark.parametrize(
    ("text", "seconds", "plain"),
    [
        ("PT1S", 1, "PT1S"),
        ("PT90M", 5_400, "PT1H30M"),
        ("PT24H", 86_400, "P1D"),
        ("P0DT4H", 14_400, "PT4H"),
        ("P14D", 1_209_600, "P14D"),
        ("P1DT2H3M4S", 93_784, "P1DT2H3M4S"),
        ("P1DT4S", 86_404, "P1DT4S"),
    ],
)
def test_a_duration_has_one_way_to_be_written(text: str, seconds: int, plain: str) -> None:
    """Days of 24 hours, hours, minutes and seconds."""
    expected = timedelta(seconds=seconds)
    assert (expected, []) == length(text)
    assert plain == duration_to_plain(expected)
    assert expected == duration_from_plain(plain)


@pytest.mark.parametrize(
    ("text", "meant"),
    {
        "4h": "PT4H",
        "P4H": "PT4H",
        "pt4h": "PT4H",
        "PT1D": "P1D",
        "P2W": "P14D",
        "2 weeks": "P14D",
        "1 day, 12 hours": "P1DT12H",
        "90 min": "PT1H30M",
        "p1dt12h": "P1DT12H",
        "P1DT": "P1D",
        "P1M": None,
        "P1Y": None,
        "3 months": None,
        "PT1.5H": None,
        "PT": None,
        "P": None,
        "'14'": None,
        "''": None,
        "-P1D": None,
        f"P{'9' * 10}D": None,
    }.items(),
)
def test_a_duration_that_cannot_be_read_is_guessed_where_it_can_be(text: str, meant: str | None) -> None:
    """A month or a year has no length of its own, and half an hour is 30 minutes: there nothing is guessed."""
    shown = f"'{text.strip(chr(39))}'" if text != "''" else "nothing"
    hint = f"; did you mean '{meant}'?" if meant else ""
    words = f"must be a duration such as PT4H (4 hours) or P14D (14 days), not {shown}{hint}"
    assert (None, [words]) == length(text)


@pytest.mark.parametrize("text", ["PT0S", "P401D", "PT999999999H", "P400DT1S"])
def test_a_duration_keeps_within_its_bounds(text: str) -> None:
    """They are told as durations are written."""
    assert (None, [f"must be from PT1S to P400D, not '{text}'"]) == length(text)
