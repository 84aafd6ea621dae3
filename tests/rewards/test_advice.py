"""Advice on badges and zones by themselves: what nobody can reach."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activity.calendar import Calendar, PeriodKind, zone
from activity.catalogue import ActivityType, Field, FieldType
from rewards.advice import advice_on_goals, advice_on_requirements, measured
from rewards.badge import Badge, Level
from rewards.journey import Need, Zone
from rules.metric import Aggregate, Metric

LONDON = Calendar(zone("Europe/London"), (4, 1))
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FIELDS = {"url": Field("url", FieldType.STRING), "commented": Field("commented", FieldType.BOOL)}
TYPES = {key: ActivityType(key, key, FIELDS) for key in ("post.shared", "post.liked")}
ON = ("post.shared",)
DAYS = Metric(ON, Aggregate.STREAK, unit=PeriodKind.DAY)
MONTHS = replace(DAYS, unit=PeriodKind.MONTH)


def badge(metric: Metric, *levels: int, **settings: Any) -> Badge:
    return Badge("badge", "Badge", metric, tuple(map(Level, levels)), **settings)


def told(*badges: Badge, zones: tuple[Zone, ...] = ()) -> list[str]:
    return [str(advice) for advice in advice_on_goals(measured(badges, zones), TYPES, LONDON, NOW)]


@pytest.mark.parametrize(
    ("metric", "most", "why"),
    [
        (replace(DAYS, window=PeriodKind.WEEK), 7, "a week has no more than 7 days"),
        (replace(DAYS, window=PeriodKind.MONTH), 31, "a month has no more than 31 days"),
        (replace(MONTHS, window=PeriodKind.HALF_YEAR), 6, "a half-year has no more than 6 months"),
        (Metric(ON, Aggregate.DISTINCT, by="activity.commented"), 2, "activity.commented has only two values"),
        (Metric(ON, Aggregate.DISTINCT, by="activity.type"), 1, "it counts activities of 1 type"),
    ],
)
def test_a_level_above_what_there_can_be_is_told(metric: Metric, most: int, why: str) -> None:
    """The highest that can be reached is fine; one more is not, and the message says what can."""
    assert told(badge(metric, most)) == []
    message = f"badges.badge.levels: nobody can reach this, as {why}: ask for {most} at most"
    assert told(badge(metric, most + 1)) == [message]


def test_only_the_level_that_is_too_high_is_named() -> None:
    """The levels before it can be reached."""
    metric = replace(DAYS, window=PeriodKind.WEEK)
    (message,) = told(badge(metric, 3, 7, 8, 10))
    assert message.startswith("badges.badge.levels.3: nobody can reach the level at 8, as")


def test_a_streak_must_fit_between_from_and_to() -> None:
    """Two weeks and a day, from a Thursday to a Thursday, touch three weeks."""
    weeks = replace(DAYS, unit=PeriodKind.WEEK)
    between = {"valid_from": datetime(2027, 1, 7, tzinfo=UTC), "valid_to": datetime(2027, 1, 22, tzinfo=UTC)}
    assert told(badge(weeks, 3, **between)) == []
    (message,) = told(badge(weeks, 4, **between))
    assert "as between its 'from' and its 'to' there are no more than 3 weeks: ask for 3 at most" in message


def test_a_badge_of_the_past_is_told() -> None:
    """Nobody gets it any more; whoever has it keeps it."""
    message = "nobody gets this badge any more, as it ended with 2026-11-01: "
    message += "leave it for those who have it, or write a later day"
    ended = datetime(2026, 11, 2, tzinfo=UTC)
    assert told(badge(DAYS, 3, valid_to=ended)) == [f"badges.badge.to: {message}"]
    assert told(badge(DAYS, 3, valid_to=NOW + timedelta(days=1))) == []


def test_what_a_zone_asks_for_is_looked_at_alike() -> None:
    """A need of a zone is told by its number."""
    metric = replace(DAYS, window=PeriodKind.WEEK)
    zone = Zone("sharer", "Sharer", (Need("Share", DAYS, 300), Need("Share daily", metric, 8)))
    (message,) = told(zones=(zone,))
    assert message.startswith("zones.sharer.needs.2.at_least: nobody can reach this, as a week has no more than 7 days")


def test_what_requires_a_badge_out_of_reach_is_out_of_reach() -> None:
    """Directly or through another; a badge that requires only what can be reached is not."""
    requires = {"first": (), "second": ("first",), "third": ("other", "second"), "other": (), "fourth": ("other",)}
    badges = {key: Badge(key, key, requires=others) for key, others in requires.items()}
    found = [(advice.path, advice.message) for advice in advice_on_requirements(badges, ["first"])]
    ending = "make that one easier, or do without it"
    assert found == [
        ("badges.second.requires", f"nobody can get this badge, as nobody can get 'first': {ending}"),
        ("badges.third.requires", f"nobody can get this badge, as nobody can get 'second': {ending}"),
    ]
