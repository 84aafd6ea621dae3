"""Programmes to draw from: variants of rules, badges, zones and boards, as the file says them and in plain Python."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from activity.calendar import PeriodKind
from rules.metric import Aggregate, Metric
from tests.operations.spec import (
    PUBLISHED,
    SHARED,
    BadgeSpec,
    BoardSpec,
    BonusSpec,
    Cel,
    LimitSpec,
    NeedSpec,
    RuleSpec,
    Spec,
    WorkingTime,
    ZoneSpec,
)

URL = Cel("activity.url", lambda data, _: data["url"])
NETWORK = Cel("activity.network", lambda data, _: data["network"])
REACH = Cel("activity.reach", lambda data, _: data["reach"])
THOUSANDS = Cel("activity.reach / 1000", lambda data, _: data["reach"] // 1000)
ON_X = Cel('activity.network == "x"', lambda data, _: data["network"] == "x")
FAR = Cel("activity.reach >= 1000 && !member.hourly", lambda data, facts: data["reach"] >= 1000 and not facts.hourly)
SALARIED = Cel("!member.hourly", lambda _, facts: not facts.hourly)
IN_PARIS = Cel('member.location == "Paris"', lambda _, facts: facts.location == "Paris")


def need(
    aggregate: Aggregate = Aggregate.COUNT,
    *at: int,
    on: tuple[str, ...] = (SHARED,),
    by: Cel | None = None,
    when: Cel | None = None,
    window: PeriodKind | int = PeriodKind.EVER,
    unit: PeriodKind | None = None,
    forgiving: int = 0,
) -> NeedSpec:
    value, condition = by.text if by else None, when.text if when else None
    metric = Metric(on, aggregate, by=value, unit=unit, forgiving=forgiving, when=condition, window=window)
    return NeedSpec(metric, at or (1,), when, by)


COUNT, SUM, DISTINCT, STREAK = Aggregate.COUNT, Aggregate.SUM, Aggregate.DISTINCT, Aggregate.STREAK
DAY, WEEK, MONTH = PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH
APRIL = date(2026, 4, 1)
CLOCKS = date(2026, 3, 29)

_share = RuleSpec("share", (SHARED,), (5,))
_reach = RuleSpec("reach", (SHARED, PUBLISHED), (THOUSANDS,), tags=("impact",))
_first = RuleSpec("first", (SHARED,), (7,), limits=(LimitSpec(1, "ever", URL, across=True),))
_article = RuleSpec("article", (PUBLISHED,), (41,), limits=(LimitSpec(2, "week"),))
_pot = RuleSpec("pot", (SHARED, PUBLISHED), (12,), budget=(30, "month"))
_late = RuleSpec("late", (PUBLISHED,), (11,), hold=timedelta(days=2))

# By key: what a rule can say. None: it is not there.
RULES: dict[str, tuple[RuleSpec | None, ...]] = {
    "share": (
        replace(_share, limits=(LimitSpec(3, "day"), LimitSpec(1, "ever", URL))),
        replace(_share, points=(8,), limits=(LimitSpec(1, "day"),)),
        replace(
            _share,
            when=ON_X,
            points=(Cel("activity.reach / 1000 + 1", lambda data, _: data["reach"] // 1000 + 1),),
            limits=(LimitSpec(2, "month", NETWORK),),
            tags=("effort", "impact"),
        ),
        replace(_share, points=(20, 10, 3), steps_per="month"),
        replace(
            _share,
            points=(9, Cel("activity.reach / 500", lambda data, _: data["reach"] // 500), 1),
            limits=(LimitSpec(2, "week"),),
            bonuses=(BonusSpec(200, CLOCKS, APRIL), BonusSpec(250, None, CLOCKS)),
        ),
        replace(_share, audience=SALARIED, points=(6,), valid_from=CLOCKS),
        replace(_share, points=(4,), valid_to=date(2026, 3, 30), any_time=True),
        replace(_share, points=(7,), cooldown=timedelta(hours=24)),
    ),
    "reach": (
        _reach,
        replace(_reach, bonuses=(BonusSpec(150, date(2026, 10, 1)),), audience=IN_PARIS),
        replace(_reach, tags=("impact", "effort")),
        replace(_reach, points=(0,)),
    ),
    "first": (
        None,
        _first,
        replace(_first, limits=(*_first.limits, LimitSpec(2, "month"))),
        replace(_first, limits=()),
    ),
    "article": (
        replace(_article, credit="split"),
        _article,
        replace(_article, credit="first"),
        replace(_article, limits=(), credit="split", bonuses=(BonusSpec(133, APRIL),)),
    ),
    "pot": (None, _pot, replace(_pot, budget=(20, "ever"), credit="split")),
    "late": (None, _late, replace(_late, limits=(LimitSpec(1, "week"),)), replace(_late, hold=None)),
}

_many = BadgeSpec("many", (need(COUNT, 1, 3, 5),), points=2, tags=("effort",))
_far = BadgeSpec("far", (need(SUM, 1_000, 26_000, by=REACH),), points=3)
_wide = BadgeSpec("wide", (need(DISTINCT, 2, by=NETWORK),), tags=("impact",))
_row = BadgeSpec("days", (need(STREAK, 2, 3, unit=DAY),), points=1)
_early = BadgeSpec("early", (need(COUNT, 1, 2, on=(SHARED, PUBLISHED)),), first=1, points=4)
_soon = BadgeSpec("soon", (need(COUNT, 1, on=(PUBLISHED,)),), expires=10)
_hand = BadgeSpec("hand", points=6, tags=("effort",))
_both = BadgeSpec("both", requires=("many", "soon"), points=5)
_again = BadgeSpec("again", (need(COUNT, 1, 2, on=(PUBLISHED,)),), requires=("hand",))
_crown = BadgeSpec("crown", requires=("both",), points=7, tags=("effort",))

BADGES: dict[str, tuple[BadgeSpec | None, ...]] = {
    "many": (
        None,
        _many,
        replace(_many, needs=(need(COUNT, 2, 3),), points=3),
        replace(_many, tags=("impact",)),
        replace(_many, needs=(need(COUNT, 1, 3, 4),)),
        replace(_many, needs=(need(COUNT, 2, when=FAR),)),
        replace(_many, needs=(need(COUNT, 1, 2, window=MONTH),), tags=()),
        replace(_many, needs=(need(COUNT, 2, window=MONTH),), repeat=True),
        replace(_many, needs=(need(COUNT, 2),), every=True),
        replace(_many, needs=(need(COUNT, 2, 3, window=30),)),
        replace(_many, needs=(need(COUNT, 2, window=3),), repeat=True),
        replace(_many, keep=True),
        replace(_many, valid_from=date(2026, 3, 30)),
        replace(_many, audience=SALARIED),
    ),
    "far": (
        None,
        _far,
        replace(_far, needs=(need(SUM, 1_000, by=REACH, window=WEEK),), repeat=True),
        replace(_far, needs=(need(SUM, 26_000, 50_000, by=REACH, window=40),), keep=True),
    ),
    "wide": (
        None,
        _wide,
        replace(_wide, needs=(need(DISTINCT, 2, 3, by=URL, window=MONTH),)),
        replace(_wide, needs=(need(DISTINCT, 2, by=URL, window=5),), repeat=True),
        replace(_wide, needs=(need(DISTINCT, 3, by=URL),), valid_to=CLOCKS),
    ),
    "days": (
        None,
        _row,
        replace(_row, needs=(need(STREAK, 2, unit=DAY, forgiving=1),), repeat=True),
        replace(_row, needs=(need(STREAK, 2, unit=WEEK),), keep=True),
        replace(_row, needs=(need(STREAK, 2, 3, unit=DAY, window=MONTH, forgiving=1),)),
        replace(_row, needs=(need(STREAK, 2, unit=DAY, window=WEEK),), repeat=True),
    ),
    "early": (None, _early, replace(_early, first=2), replace(_early, first=None)),
    "soon": (None, _soon, replace(_soon, expires=200), replace(_soon, expires=None, points=1)),
    "hand": (None, _hand, replace(_hand, points=0), replace(_hand, first=1)),
    "both": (None, _both, replace(_both, needs=(need(COUNT, 2),), requires=("many",)), replace(_both, requires=())),
    "again": (None, _again, replace(_again, needs=(need(COUNT, 1, on=(SHARED,)),), requires=("hand", "early"))),
    "crown": (
        None,
        _crown,
        replace(_crown, needs=(need(COUNT, 1, 2),), requires=("both", "again")),
        replace(_crown, needs=(need(COUNT, 1, 2, window=MONTH),), repeat=True, requires=("both", "wide")),
        replace(_crown, needs=(need(STREAK, 2, unit=DAY, forgiving=1),), repeat=True, requires=("days",)),
        replace(_crown, requires=("many", "far"), keep=True),
        replace(_crown, expires=3),
    ),
}

ZONES: dict[str, tuple[ZoneSpec | None, ...]] = {
    "sharer": (
        None,
        ZoneSpec("sharer", (need(COUNT, 2, window=MONTH),)),
        ZoneSpec("sharer", (need(COUNT, 3),)),
    ),
    "creator": (
        None,
        ZoneSpec("creator", (need(COUNT, 1, on=(PUBLISHED,)), need(DISTINCT, 2, by=URL, window=30))),
        ZoneSpec("creator", (need(COUNT, 1, on=(PUBLISHED,)), need(SUM, 25_000, by=REACH))),
    ),
}

BOARDS: dict[str, tuple[BoardSpec | None, ...]] = {
    "effort": (BoardSpec("effort", "month", tags=("effort",)), BoardSpec("effort", "quarter", tags=("effort",))),
    "impact": (None, BoardSpec("impact", "half-year", tags=("impact",))),
    "everything": (BoardSpec("everything", "ever"), BoardSpec("everything", "year")),
    "articles": (None, BoardSpec("articles", "week", activities=(PUBLISHED,))),
    "shares": (
        None,
        BoardSpec("shares", "month", rules=("share", "reach")),
        BoardSpec("shares", "year", of="teams", tags=("effort",), rules=("article", "share")),
    ),
    "teams": (
        BoardSpec("teams", "quarter", of="teams"),
        BoardSpec("teams", "ever", of="teams", tags=("effort",)),
        BoardSpec("teams", "quarter", of="teams", members=SALARIED, newcomers=4),
    ),
    "means": (
        BoardSpec("means", "quarter", of="teams", score="mean"),
        BoardSpec("means", "month", of="teams", score="mean-active", members=SALARIED, newcomers=4),
        BoardSpec("means", "ever", of="teams", tags=("effort",), score="mean"),
        BoardSpec("means", "quarter", of="teams", score="mean", members=SALARIED),
        BoardSpec("means", "quarter", of="teams", score="sum"),
    ),
    "active": (None, BoardSpec("active", "year", of="teams", tags=("effort",), score="mean-active")),
    "paris": (
        BoardSpec("paris", "year", members=IN_PARIS),
        BoardSpec("paris", "month", members=SALARIED, tags=("effort",)),
        None,
        BoardSpec("paris", "year", members=IN_PARIS, newcomers=4),
    ),
    "starters": (BoardSpec("starters", "ever", newcomers=4), BoardSpec("starters", "quarter", newcomers=200)),
}

WORKING_TIMES = (
    None,
    None,
    WorkingTime((0, 1, 2, 3, 4), 8 * 60, 18 * 60, hourly_only=True),
    WorkingTime((3, 4, 5, 6), 0, 24 * 60, hourly_only=False),
)

SECTIONS: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "rules": RULES,
    "badges": BADGES,
    "zones": ZONES,
    "boards": BOARDS,
}

Choice = Mapping[tuple[str, str], int]  # of a variant, by section and key


def spec_of(choice: Choice, working_time: int = 0, words: int = 0) -> Spec:
    """The programme of these variants; the first ones where nothing is chosen. What is required must be there.

    `words` are those of all badges: other ones for another number.
    """
    chosen = {
        section: {key: variants[choice.get((section, key), 0) % len(variants)] for key, variants in pool.items()}
        for section, pool in SECTIONS.items()
    }
    badges = {key: badge for key, badge in chosen["badges"].items() if badge}
    badges = {
        key: replace(badge, requires=tuple(each for each in badge.requires if each in badges), words=words)
        for key, badge in badges.items()
    }
    found = {section: tuple(each for each in things.values() if each) for section, things in chosen.items()}
    return Spec(found["rules"], tuple(badges.values()), found["zones"], found["boards"], WORKING_TIMES[working_time])
