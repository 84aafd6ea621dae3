"""Any sound programme, drawn at random with texts that YAML finds hard."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from activity.calendar import Calendar, PeriodKind, window
from activity.catalogue import (
    RESERVED_FIELDS,
    UNUSABLE_NAMES,
    ZONES,
    ActivityType,
    Claimable,
    Field,
    FieldType,
    FieldValue,
    LinkRule,
)
from activity.claim import ClaimLimits
from activity.identity import IdentityKind
from leaderboard.board import Board, Competitors, TieRule
from operations.programme import KEEP_UNKNOWN_DAYS, Programme
from rewards.badge import Badge, Level
from rewards.journey import Journey, Need, Zone
from rules.metric import Aggregate, Metric
from rules.rule import Budget, Credit, Limit, Rule, WorkingTime


def keys(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, fullmatch=True).filter(lambda key: len(key) <= 64)


LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp"], exclude_characters="\ufeff")
TITLES = (
    st.text(LETTERS | st.sampled_from("\"'\\:#-[]{},&*!|>?%@` "), min_size=1, max_size=40).map(str.strip).filter(bool)
)
KEYS = keys(r"[a-z][a-z0-9-]{0,9}") | st.sampled_from(["on", "yes", "null", "n"])
ALIASES = st.lists(TITLES | st.sampled_from(["com.example.post.shared", "on", "0x7", "a: b"]), max_size=4, unique=True)
VALUES: Mapping[FieldType, st.SearchStrategy[FieldValue]] = {
    FieldType.BOOL: st.booleans(),
    FieldType.INT: st.integers(-(2**63), 2**63 - 1),
    FieldType.DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
    FieldType.STRING: st.text(LETTERS | st.sampled_from("\n\t '\":#-~"), max_size=30),
    FieldType.DATE: st.dates().map(date.isoformat),
    FieldType.TIMESTAMP: st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    FieldType.STRINGS: st.lists(st.text(LETTERS, max_size=10), max_size=3),
    FieldType.INTS: st.lists(st.integers(-9, 9), max_size=3),
    FieldType.DOUBLES: st.lists(st.floats(-9, 9), max_size=3),
}
CONDITIONS = st.sampled_from(
    [
        "true",
        "activity.source == 'x: y # z'",
        '"é\\n😀" != activity.type && true',
        "activity.time > timestamp('2026-01-01T00:00:00Z')\n  || false",
        "!(member.team == '')",
    ]
)
BYS = st.sampled_from(["activity.source", "'[' + activity.type", "activity.source\n  + activity.type", "7"])
AMOUNTS = st.integers(-(10**9), 10**9) | st.sampled_from(["1 + 1", "true ? 1 : -1", "{'a': 1}['a']", "[1, 2][0]"])


def fields(name: str) -> st.SearchStrategy[Field]:
    kinds = st.sampled_from(FieldType)
    return kinds.flatmap(lambda kind: st.builds(Field, st.just(name), st.just(kind), st.none() | VALUES[kind]))


def by_key(key: st.SearchStrategy[str], thing: Any) -> st.SearchStrategy[dict[str, Any]]:
    things = st.lists(key, max_size=3, unique=True)
    return things.flatmap(lambda names: st.fixed_dictionaries({name: thing(name) for name in names}))


def subsets(names: list[str], min_size: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), min_size=min_size, unique=True).map(tuple) if names else st.just(())


def moments(calendar: Calendar, years: tuple[int, int]) -> st.SearchStrategy[datetime | None]:
    days = st.dates(date(years[0], 1, 1), date(years[1], 12, 31))
    midnights = days.map(lambda day: datetime.combine(day, time.min, calendar.time_zone).astimezone(UTC))
    instants = st.builds(datetime.combine, days, st.times(), st.just(UTC))
    return st.none() | midnights | instants


DAYS = st.sets(st.integers(0, 6), min_size=1).map(sorted).map(tuple)
AUDIENCES = st.none() | st.sampled_from(["member.team == 'x: y'", "!(member.location in ['Paris', '#'])"])
WINDOWS = st.tuples(st.dates(date(1970, 1, 1), date(2189, 1, 1)), st.integers(0, 3_659)).map(
    lambda drawn: window(drawn[0], drawn[0] + timedelta(days=drawn[1]))
)
WAITS = st.none() | st.integers(60, 366 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
WITHIN = st.none() | st.integers(3_600, 3_660 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
CLAIMABLE = st.none() | st.builds(Claimable, st.none() | TITLES, st.sampled_from(LinkRule), WITHIN)
WORKING_TIMES = st.builds(WorkingTime, DAYS, st.integers(0, 719), st.integers(720, 1440), AUDIENCES)


def metrics(activities: list[str]) -> st.SearchStrategy[Metric]:
    """Any metric that goes with one level, a value at a time; without activity types there is none."""
    on, when = subsets(activities, 1), st.none() | CONDITIONS
    windows = st.sampled_from(PeriodKind) | st.integers(1, 366)
    sums = st.builds(Metric, on, st.just(Aggregate.SUM), st.sampled_from(["1", "[2][0]"]), when=when, window=windows)
    counts = st.builds(Metric, on, st.just(Aggregate.COUNT), when=when, window=windows)
    values = st.builds(Metric, on, st.just(Aggregate.DISTINCT), BYS, when=when, window=windows)
    units = st.sampled_from([PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH])
    streaks = st.builds(Metric, on, st.just(Aggregate.STREAK), unit=units, forgiving=st.integers(0, 100), when=when)
    of_days = st.builds(
        Metric, on, st.just(Aggregate.STREAK), unit=st.just(PeriodKind.DAY), window=st.sampled_from(PeriodKind)
    )
    return counts | sums | values | streaks | of_days


@st.composite
def badge_sections(
    draw: st.DrawFn, calendar: Calendar, activities: list[str], tags: st.SearchStrategy[tuple[str, ...]]
) -> dict[str, Badge]:
    """Badges of which each requires only those before it, with settings that go together."""
    found: dict[str, Badge] = {}
    for key in draw(st.lists(KEYS, max_size=4, unique=True)):
        metric = draw(st.none() | metrics(activities)) if activities else None
        plain = (
            metric is not None and metric.aggregate is not Aggregate.STREAK and isinstance(metric.window, PeriodKind)
        )
        every = plain and draw(st.booleans())
        ats = sorted(draw(st.sets(st.integers(1, 10**12), min_size=1, max_size=4))) if metric else [1]
        ats = ats[:1] if every else ats
        again = metric is not None and (metric.window is not PeriodKind.EVER or metric.aggregate is Aggregate.STREAK)
        repeat = again and (plain or len(ats) == 1) and draw(st.booleans())
        found[key] = Badge(
            key=key,
            title=draw(TITLES),
            metric=metric,
            levels=tuple(Level(at, draw(st.none() | TITLES), draw(st.integers(0, 3))) for at in ats),
            every=every,
            repeat=repeat,
            requires=draw(subsets(list(found))),
            audience=draw(AUDIENCES) if metric else None,
            tags=draw(tags),
            text=draw(st.none() | TITLES),
            colour=draw(st.none() | st.from_regex("#[0-9a-f]{6}", fullmatch=True)),
            hidden=draw(st.booleans()),
            first=None if repeat else draw(st.none() | st.integers(1, 10**9)),
            expires_days=draw(st.none() | st.integers(1, 3660)),
            keep=draw(st.booleans()),
            valid_from=draw(moments(calendar, (1970, 2025))) if metric else None,
            valid_to=draw(moments(calendar, (2027, 2199))) if metric else None,
        )
    return found


def journeys(activities: list[str]) -> st.SearchStrategy[Journey]:
    needs: st.SearchStrategy[tuple[Need, ...]] = st.just(())
    if activities:
        need = st.builds(Need, TITLES, metrics(activities), st.integers(1, 10**12))
        needs = st.lists(need, max_size=3).map(tuple)
    zones = [st.builds(Zone, st.just(key), TITLES, needs, st.none() | TITLES) for key in ZONES]
    chosen = st.tuples(*(st.none() | each for each in zones)).map(lambda found: tuple(filter(None, found)))
    return st.builds(Journey, chosen, st.none() | st.integers(1, 3660))


def dealt(types: Mapping[str, ActivityType], names: list[str]) -> dict[str, ActivityType]:
    """Activity types that have these names among them as aliases, one after the other."""
    free = [name for name in names if name not in types]
    return {
        key: replace(kind, aliases=tuple(free[place :: len(types)])) for place, (key, kind) in enumerate(types.items())
    }


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Any sound programme, with texts that YAML finds hard."""
    calendar = Calendar(ZoneInfo(draw(st.sampled_from(["UTC", "Europe/London", "Asia/Kathmandu", "America/Havana"]))))
    names = keys("[a-z][a-z_]{2,8}").filter(lambda name: name not in RESERVED_FIELDS + UNUSABLE_NAMES)
    activities = draw(
        by_key(
            keys(r"[a-z][a-z0-9_-]{0,5}(\.[a-z0-9_-]{1,5}){0,2}"),
            lambda key: st.builds(
                ActivityType,
                st.just(key),
                TITLES,
                by_key(names, fields),
                st.none() | st.sampled_from(ZONES),
                claim=CLAIMABLE,
            ),
        )
    )
    activities = dealt(activities, draw(ALIASES))
    limits = st.builds(Limit, st.integers(1, 10**9), st.sampled_from(PeriodKind), st.none() | BYS, st.booleans())
    tags = st.lists(KEYS, max_size=2, unique=True).map(tuple)
    rules = draw(
        by_key(
            KEYS,
            lambda key: st.builds(
                Rule,
                st.just(key),
                TITLES,
                subsets(list(activities), 1),
                AMOUNTS,
                when=st.none() | CONDITIONS,
                audience=AUDIENCES,
                limits=st.lists(limits, max_size=3).map(tuple),
                cooldown=WAITS,
                budget=st.none() | st.builds(Budget, st.integers(1, 10**9), st.sampled_from(PeriodKind)),
                credit=st.sampled_from(Credit),
                hold=WAITS,
                any_time=st.booleans(),
                tags=tags,
                valid_from=moments(calendar, (1970, 2025)),
                valid_to=moments(calendar, (2027, 2199)),
            ),
        )
        if activities
        else st.just({})
    )
    badges = draw(badge_sections(calendar, list(activities), tags))
    carried = sorted({tag for thing in (*rules.values(), *badges.values()) for tag in thing.tags})
    boards = by_key(
        KEYS,
        lambda key: st.builds(
            Board,
            st.just(key),
            TITLES,
            st.sampled_from(PeriodKind) | WINDOWS,
            st.sampled_from(Competitors),
            subsets(carried),
            subsets(list(activities)),
            subsets(list(rules)),
            st.sampled_from(TieRule),
            minimum=st.none() | st.integers(1, 10**12),
            members=AUDIENCES,
            newcomer_days=st.none() | st.integers(1, 3_660),
            shows=st.none() | st.integers(1, 1_000),
        ).map(lambda board: replace(board, shows=None) if board.of is Competitors.TEAMS else board),
    )
    opt_in = draw(st.booleans())
    return Programme(
        key=draw(KEYS),
        starts=draw(st.dates(date(1970, 1, 1), date(2199, 12, 31))),
        time_zone=calendar.time_zone.key,
        activities=activities,
        rules=rules,
        boards=draw(boards),
        attributes=draw(by_key(names.map("my_{}".format), lambda name: st.sampled_from(FieldType))),
        year_starts=draw(st.dates(date(2001, 1, 1), date(2001, 12, 31)).map(lambda day: (day.month, day.day))),
        opt_in=opt_in,
        keep_unknown_days=KEEP_UNKNOWN_DAYS if opt_in else draw(st.integers(1, 366)),
        identities=draw(by_key(KEYS, lambda key: st.builds(IdentityKind, st.just(key), TITLES, st.booleans()))),
        title=draw(st.none() | TITLES),
        badges=badges,
        journey=draw(journeys(list(activities))),
        working_time=draw(st.none() | WORKING_TIMES),
        retention_days=draw(st.none() | st.integers(31, 36_600)),
        claims=draw(st.builds(ClaimLimits, st.integers(1, 1_000), st.integers(1, 1_000))),
    )
