"""The work that benchmarks do: a programme of 20 rules, 5,000 members, and as many activities as are wanted."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from activity.calendar import PeriodKind
from activity.catalogue import ActivityType, Field, FieldType
from activity.intake import Report
from leaderboard.board import Board, Competitors
from operations.enrol import Profile
from operations.programme import Programme
from rewards.badge import Badge, Level
from rewards.journey import Journey, Need, Zone
from rules.metric import Aggregate, Metric
from rules.rule import Limit, Rule

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STARTS = date(2026, 4, 21)  # seven months before
MEMBERS = 5_000
TEAMS = 100
TYPES = 5
RULES_PER_TYPE = 4
BATCH = 1_000

FIELDS = {
    "network": FieldType.STRING,
    "url": FieldType.STRING,
    "reach": FieldType.INT,
    "with_comment": FieldType.BOOL,
}

CONDITIONS = (
    'activity.network in ["linkedin", "x", "mastodon"]',
    "activity.reach >= 0",
    "activity.with_comment || activity.reach >= 0",
    None,
)

POINTS: tuple[int | str, ...] = (
    "5 + (activity.with_comment ? 5 : 0)",
    10,
    "1 + int(double(activity.reach) / 1000.0)",
    3,
)


def programme() -> Programme:
    """Five activity types, four rules for each, two limits for each rule: so many a day, and once for each url."""
    fields = {name: Field(name, kind) for name, kind in FIELDS.items()}
    types = {f"type{number}": ActivityType(f"type{number}", f"Type {number}", fields) for number in range(TYPES)}
    limits = (Limit(100, PeriodKind.DAY), Limit(1, PeriodKind.EVER, by="activity.url"))
    rules = {}
    for number in range(TYPES * RULES_PER_TYPE):
        kind, turn = divmod(number, RULES_PER_TYPE)
        rules[f"rule{number}"] = Rule(
            key=f"rule{number}",
            title=f"Rule {number}",
            on=(f"type{kind}",),
            points=POINTS[turn],
            when=CONDITIONS[turn],
            limits=limits,
            tags=("effort",) if turn % 2 else ("impact",),
        )
    boards = (
        Board("effort", "Effort", PeriodKind.MONTH, tags=("effort",)),
        Board("impact", "Impact", PeriodKind.HALF_YEAR, tags=("impact",)),
        Board("everything", "Everything", PeriodKind.EVER),
        Board("week", "This week", PeriodKind.WEEK),
        Board("teams", "Teams", PeriodKind.QUARTER, of=Competitors.TEAMS),
    )
    return Programme(
        key="bench",
        starts=STARTS,
        time_zone="Europe/London",
        activities=types,
        rules=rules,
        boards={board.key: board for board in boards},
        attributes={},
        opt_in=False,
    )


def recognising() -> Programme:
    """The same with 30 badges, six kinds of metric for each activity type, and the four zones."""
    aggregate = Aggregate
    counts = (Level(5), Level(25), Level(100), Level(500))
    kinds: tuple[tuple[dict[str, Any], tuple[Level, ...]], ...] = (
        ({"aggregate": aggregate.COUNT}, counts),
        ({"aggregate": aggregate.COUNT, "window": PeriodKind.MONTH}, counts),
        ({"aggregate": aggregate.SUM, "by": "activity.reach"}, (Level(100_000), Level(1_000_000))),
        ({"aggregate": aggregate.DISTINCT, "by": "activity.network", "window": PeriodKind.QUARTER}, (Level(3),)),
        ({"aggregate": aggregate.STREAK, "unit": PeriodKind.WEEK, "forgiving": 1}, (Level(4), Level(26))),
        ({"aggregate": aggregate.COUNT, "when": "activity.with_comment", "window": 30}, (Level(10), Level(50))),
    )
    badges = {
        f"badge{number}": Badge(
            f"badge{number}",
            f"Badge {number}",
            metric=Metric((f"type{number % TYPES}",), **kinds[number // TYPES][0]),
            levels=kinds[number // TYPES][1],
        )
        for number in range(TYPES * len(kinds))
    }

    def need(kind: int, at_least: int, **settings: Any) -> Need:
        metric = Metric((f"type{kind}",), Aggregate.COUNT, **settings)
        return Need(f"Do {at_least} of type {kind}", metric, at_least)

    zones = (
        Zone("consumer", "Consumer"),
        Zone("sharer", "Sharer", (need(0, 3),)),
        Zone("creator", "Creator", (need(1, 3), need(2, 2))),
        Zone("engaged", "Engaged", (need(3, 2, window=PeriodKind.MONTH), need(4, 2))),
    )
    return replace(programme(), badges=badges, journey=Journey(zones, dormant_days=60))


def profiles() -> list[Profile]:
    return [
        Profile(f"m{number}", name=f"Member {number}", team=f"Team {number % TEAMS}", participates=True)
        for number in range(MEMBERS)
    ]


def batches(first: int, count: int, *, over: timedelta) -> Iterator[list[Report]]:
    """So many batches of reports, numbered from `first`, of random members at times spread evenly over the span that
    ends now. The same arguments give the same reports."""
    chance = random.Random(first)
    total = count * BATCH
    for start in range(0, total, BATCH):
        reports = []
        for number in range(first + start, first + start + BATCH):
            time = NOW - over + over * ((number - first) / total)
            reports.append(
                Report(
                    "bench",
                    f"activity-{number}",
                    f"type{chance.randrange(TYPES)}",
                    f"m{chance.randrange(MEMBERS)}",
                    time.isoformat(),
                    {
                        "network": chance.choice(("linkedin", "x", "mastodon")),
                        "url": f"https://example.com/articles/{number}",
                        "reach": chance.randrange(20_000),
                        "with_comment": chance.random() < 0.3,
                    },
                )
            )
        yield reports
