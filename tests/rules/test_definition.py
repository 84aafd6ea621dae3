"""The section `rules`: what it declares, and the words for every mistake."""

from datetime import UTC, datetime, timedelta

import pytest

from activity.calendar import PeriodKind
from activity.catalogue import FieldType
from rules.definition import RULES_MAX, rule_from_plain, rule_to_plain
from rules.judge import BY_TYPES
from rules.rule import Bonus, Budget, Credit, Limit, Rule, Steps
from section import Names
from tests.rules.reading import COMPLETE, LONDON, RULES, rules
from tests.rules.test_expressions import refusal

KEY = "write small letters, digits and '-', beginning with a letter, at most 64 characters"
SETTINGS = (
    "(settings: title, on, when, audience, points, limits, cooldown, budget, bonuses, credit, hold, any_time, tags, "
    "from, to, was)"
)
PERIODS = "day, week, month, quarter, half-year, year, ever"

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
