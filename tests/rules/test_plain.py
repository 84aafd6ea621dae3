"""Rules as plain values, which the store keeps and export writes: they come back as they were."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from activity.calendar import Calendar, PeriodKind
from rules.definition import rule_from_plain, rule_to_plain
from rules.rule import Bonus, Budget, Credit, Rule, Steps
from tests.rules.reading import COMPLETE, LONDON, RULES, rules
from writing import written


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
