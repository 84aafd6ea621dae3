"""A programme file as a whole: every mistake at once, and there and back again."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.calendar import Calendar, PeriodKind, window
from activity.catalogue import RESERVED_FIELDS, UNUSABLE_NAMES, ZONES, ActivityType, Field, FieldType, FieldValue
from leaderboard.board import Board, Competitors, TieRule
from operations.programme import Programme, ProgrammeInvalid, export, from_document, parse, to_document
from rewards.badge import Badge, Level
from rewards.journey import Journey, Need, Zone
from rules.definition import RULE_SETTINGS as DECLARED_OF_RULES
from rules.metric import Aggregate, Metric
from rules.rule import Budget, Credit, Limit, Rule, WorkingTime

SHIPPED = Path(__file__).parents[2] / "programmes" / "social-journey.yaml"

HEADER = "programme: demo\nstarts: 2026-01-01\ntime_zone: Europe/London\nactivities: {}\n"
SETTINGS = (
    "(settings: programme, title, starts, time_zone, year_starts, participation, attributes, dormant, working_time, "
    "activities, rules, badges, zones, boards, podiums)"
)
RULE_SETTINGS = f"(settings: {', '.join(DECLARED_OF_RULES)})"
KEY = "write small letters, digits and '-', beginning with a letter, at most 64 characters"

SMALL = """\
programme: demo
title: 'Demo: the small one'
starts: 2026-01-01
time_zone: Europe/London
year_starts: 04-01
participation: opt-out
attributes: {hourly: bool, joined: date}
dormant: P60D

working_time:
  days: [monday, tuesday, wednesday, thursday, friday]
  from: 08:00
  to: 18:00
  for: member.hourly

activities:
  post.shared:
    title: Shared
    zone: sharer
    fields: {url: string, reach: int}
  post.liked:
    title: Liked
    fields:
      url: string
      on: {type: bool, default: false}

rules:
  share:
    title: Share
    on: [post.shared]
    when: activity.url.startsWith("https://")
    points: 'activity.reach > 10 ? 10 : 5'
    limits:
      - {max: 3, per: day}
      - {max: 1, per: ever, by: activity.url, across: members}
    tags: [effort]
    from: 2026-04-01
    to: 2026-09-30
  like:
    title: Like
    on: [post.liked, post.shared]
    when: |-
      activity.url != ""
        && !member.hourly
    points: -5

badges:
  sharer:
    title: Sharer
    text: Shares again and again.
    on: [post.shared]
    when: activity.reach > 10
    measure: count
    window: half-year
    levels: [5, 25, 100]
    points: 10
    audience: '!member.hourly'
    tags: [recognition]
    colour: '#1f77b4'
    from: 2026-04-01
  reach:
    title: Reach
    on: [post.shared]
    measure: {sum: activity.reach}
    window: P30D
    levels:
      - {at: 1000, title: Bronze, points: 10}
      - {at: 5000, title: Silver, points: 50}
    requires: [sharer]
    first: 100
    expires: P365D
    evidence_lost: keep
  regular:
    title: Regular
    on: [post.shared, post.liked]
    measure: {streak: week, forgiving: 1}
    levels: [4]
    repeat: true
    hidden: true
  fives:
    title: Every five
    on: [post.shared]
    measure: count
    every: {at: 5, title: Five more}
  by-hand:
    title: Friend of the house

zones:
  consumer:
    title: Consumer
    text: You can share what you read.
  sharer:
    title: Sharer
    needs:
      - title: Share three posts in a month
        on: [post.shared]
        measure: count
        window: month
        at_least: 3

boards:
  effort:
    title: Effort
    tags: [effort, recognition]
    activities: [post.shared]
    period: half-year
    of: teams
    ties: earliest
"""

HEADER_MISTAKES = {
    ("programme: demo\n", ""): "line 1, column 1: 'programme' is missing",
    ("programme: demo", "programme: Démo"): f"line 1, column 12: programme: 'Démo' cannot be a key: {KEY}",
    ("starts: 2026-01-01\n", ""): "line 1, column 1: 'starts' is missing",
    ("2026-01-01", "1 January 2026"): "line 2, column 9: starts: must be a date such as 2026-01-31, "
    "not '1 January 2026'",
    ("2026-01-01", "2026-02-29"): "line 2, column 9: starts: there is no day 2026-02-29: write a date such as "
    "2026-01-31",
    ("time_zone: Europe/London\n", ""): "line 1, column 1: 'time_zone' is missing",
    ("Europe/London", "europe/lodnon"): "line 3, column 12: time_zone: there is no time zone 'europe/lodnon'; "
    "did you mean 'Europe/London'?",
    ("Europe/London", "5"): "line 3, column 12: time_zone: there is no time zone '5'; write a name such as "
    "Europe/London or UTC",
    ("activities: {}\n", ""): "line 1, column 1: 'activities' is missing",
    ("activities: {}", "activities: []"): "line 4, column 13: activities: must be settings, each written "
    "'name: value', not a list",
    ("activities", "activites"): f"line 4, column 1: there is no setting 'activites' here; did you mean 'activities'? "
    f"{SETTINGS}",
    ("starts", "year_starts: 4-1\nstarts"): "line 2, column 14: year_starts: must be a month and a day such as 04-01, "
    "not '4-1'",
    ("starts", "year_starts: 31-04\nstarts"): "line 2, column 14: year_starts: there is no day 31-04: "
    "write month and day, such as 04-01",
    ("starts", "year_starts: '02-29'\nstarts"): "line 2, column 14: year_starts: 02-29 is there in leap years only: "
    "let the year start on 02-28 or 03-01",
    ("starts", "participation: yes\nstarts"): "line 2, column 16: participation: must be one of opt-in, opt-out, "
    "not 'yes'",
    ("starts", "title: \nstarts"): "line 2, column 7: title: is empty: write a text, or remove the setting",
    (
        "starts",
        "boards: {a: {title: A, period: ever}}\npodiums: {p: {title: P, board: a, prize: Cup}}\nstarts",
    ): "line 3, "
    "column 32: podiums.p.board: 'a' never ends: name a board whose period is a week, a month, a half-year or the like",
    (
        "starts",
        "boards: {a: {title: A, period: day}}\npodiums: {p: {title: P, board: a, prize: Cup}}\nstarts",
    ): ("line 3, column 32: podiums.p.board: 'a' never closes, so that nobody ever wins: write 'closing: {}' there"),
    (
        "starts",
        "boards: {a: {title: A, period: day, of: teams}}\npodiums: {p: {title: P, board: a, prize: Cup}}\nstarts",
    ): (
        "line 3, column 32: podiums.p.board: 'a' is a board of teams, and prizes go to members: name a board of members"
    ),
    ("starts", "zones: {sharers: {title: S}}\nstarts"): "line 2, column 9: zones: there is no zone 'sharers'; "
    "did you mean 'sharer'? (zones: consumer, sharer, creator, engaged)",
    ("starts", "badges: {a: {title: A, requires: [b]}}\nstarts"): "line 2, column 35: badges.a.requires.1: "
    "there is no badge 'b' (badges: a)",
    ("starts", "dormant: 60 days\nstarts"): "line 2, column 10: dormant: must be whole days such as P30D, "
    "not '60 days'; did you mean 'P60D'?",
    ("starts", "dormant: PT36H\nstarts"): "line 2, column 10: dormant: must be whole days such as P30D, not 'PT36H'",
    ("starts", "dormant: P4000D\nstarts"): "line 2, column 10: dormant: must be from P1D to P3660D, not 'P4000D'",
    ("starts", "working_time: {days: monday, from: '18:00', to: '08:00'}\nstarts"): "line 2, column 49: "
    "working_time.to: must be later than 'from': working time cannot go on past midnight",
    ("starts", "prizes: {}\nstarts"): f"line 2, column 1: there is no setting 'prizes' here {SETTINGS}",
    ("starts", "attributes: {time_zone: string}\nstarts"): "line 2, column 14: attributes.time_zone: "
    "every member has 'time_zone' already: remove it, or choose another name",
    ("starts", "boards: {a: {title: A, period: day, tags: [x]}}\nstarts"): "line 2, column 44: boards.a.tags.1: "
    "no rule or badge carries the tag 'x' (tags: none)",
}

# What is changed in SMALL, and the one mistake that this makes.
BROKEN_ONCE = {
    ("\nactivities:", "\nactivites:"): "line 16, column 1: there is no setting 'activites' here; "
    f"did you mean 'activities'? {SETTINGS}",
    ("\nrules:", "\nrule:"): f"line 27, column 1: there is no setting 'rule' here; did you mean 'rules'? {SETTINGS}",
    ("reach: int", "reach: integer"): "line 20, column 34: activities.post.shared.fields.reach: must be one of bool, "
    "int, double, string, date, timestamp, list(string), list(int), list(double), not 'integer'; did you mean 'int'?",
    ("hourly: bool", "hourly: boolean"): "line 7, column 22: attributes.hourly: must be one of bool, "
    "int, double, string, date, timestamp, list(string), list(int), list(double), not 'boolean'; did you mean 'bool'?",
    ("attributes: {hourly: bool, joined: date}", "attributes: hourly"): "line 7, column 13: attributes: "
    "must be settings, each written 'name: value', not 'hourly'",
    ("post.shared", "Post.shared"): "line 17, column 3: activities.Post.shared: 'Post.shared' cannot be a key: "
    "write small letters, digits, '-' and '_' in parts joined by dots, as in post.shared, at most 64 characters",
    (
        "tags: [effort]\n    from",
        "tag: [effort]\n    from",
    ): f"line 36, column 5: rules.share: there is no setting 'tag' here; did you mean 'tags'? {RULE_SETTINGS}",
    ("  like:", "  share:"): "line 39, column 3: rules.share: 'share' is here twice, first in line 28: "
    "remove or rename one",
    ("\nrules:", "\n  none: {title: None}\nactivities:\n  x: {title: X}\nrules:"): "line 28, column 1: activities: "
    "'activities' is here twice, first in line 16: remove or rename one",
}


def mistakes(text: str | bytes) -> list[str]:
    with pytest.raises(ProgrammeInvalid) as caught:
        parse(text)
    assert "\n".join(map(str, caught.value.mistakes)) == str(caught.value)
    return [str(mistake) for mistake in caught.value.mistakes]


def without_was(programme: Programme) -> Programme:
    def renewed(things: Mapping[str, Any]) -> dict[str, Any]:
        return {key: replace(thing, was=None) for key, thing in things.items()}

    return replace(
        programme,
        activities=renewed(programme.activities),
        rules=renewed(programme.rules),
        badges=renewed(programme.badges),
        boards=renewed(programme.boards),
    )


@pytest.mark.parametrize(("change", "words"), HEADER_MISTAKES.items())
def test_every_mistake_has_its_place_and_says_what_to_do(change: tuple[str, str], words: str) -> None:
    """One mistake in what the programme says of itself is one sentence."""
    assert [words] == mistakes(HEADER.replace(*change))


@pytest.mark.parametrize(("change", "words"), BROKEN_ONCE.items())
def test_one_mistake_causes_no_other(change: tuple[str, str], words: str) -> None:
    """What refers to something broken is not reported, be it a field, a key, a tag or a whole section."""
    text = SMALL.replace(*change)
    assert text != SMALL
    assert [words] == mistakes(text)


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_is_no_programme(text: str) -> None:
    """It is told how to begin."""
    words = "line 1, column 1: the file is empty: begin it with 'programme: KEY'"
    assert [words] == mistakes(text)


@pytest.mark.parametrize("text", ["social-journey", "- programme: social-journey"])
def test_a_file_of_something_else_is_no_programme(text: str) -> None:
    """A text or a list is not taken for a programme."""
    (words,) = mistakes(text)
    assert words.startswith("line 1, column 1: must be settings, each written 'name: value', not ")


def test_all_mistakes_are_found_at_once_in_the_order_of_the_file() -> None:
    """No section hides the mistakes of another, and syntax that is refused hides nothing."""
    text = """\
programme: Social Journey
starts: 01.01.2026
time_zone: Europe/Londn
attributes: {hourly: bool, team: string}
activities:
  post.shared: {title: Shared, zone: sharer, fields: {url: &url string, reach: number}}
  post.liked: {title: Liked, fields: {url: *url}}
rules:
  share: {title: Share, on: [post.shard], points: 5, tags: [effort]}
  like: {title: Like, on: post.liked, points: activity.ulr, limits: [{max: 1, per: dya}], tags: [effort]}
boards:
  effort: {title: Effort, tags: [efort], period: half-year}
badges:
  a: {title: A, on: [post.likes], measure: count, requires: [c], tags: [fun]}
  b: {title: B, levels: 3, colour: red}
zones: {sharer: {title: Sharer, needs: [{title: Share, on: post.liked, measure: sum}]}}
dormant: 5
"""
    expected = [
        "line 1, column 12: programme",
        "line 2, column 9: starts",
        "line 3, column 12: time_zone",
        "line 4, column 28: attributes.team",
        "line 6, column 60: activities.post.shared.fields.url",
        "line 6, column 80: activities.post.shared.fields.reach",
        "line 7, column 44: activities.post.liked.fields.url",
        "line 9, column 30: rules.share.on.1",
        "line 10, column 47: rules.like.points",
        "line 10, column 84: rules.like.limits.1.per",
        "line 12, column 34: boards.effort.tags.1",
        "line 14, column 22: badges.a.on.1",
        "line 14, column 62: badges.a.requires.1",
        "line 15, column 25: badges.b.levels",
        "line 15, column 36: badges.b.colour",
        "line 16, column 41: zones.sharer.needs.1",
        "line 16, column 81: zones.sharer.needs.1.measure",
        "line 17, column 10: dormant",
    ]
    assert expected == [": ".join(words.split(": ")[:2]) for words in mistakes(text)]


def test_a_file_that_says_everything_becomes_a_programme() -> None:
    """Each setting of the file is a field of the value."""
    programme = parse(SMALL)
    expected = Programme(
        key="demo",
        title="Demo: the small one",
        starts=date(2026, 1, 1),
        time_zone="Europe/London",
        year_starts=(4, 1),
        opt_in=False,
        attributes={"hourly": FieldType.BOOL, "joined": FieldType.DATE},
        activities=programme.activities,
        rules=programme.rules,
        boards=programme.boards,
        badges=programme.badges,
        journey=Journey(tuple(programme.zones.values()), dormant_days=60),
        working_time=WorkingTime((0, 1, 2, 3, 4), 8 * 60, 18 * 60, "member.hourly"),
    )
    assert expected == programme
    assert ["post.shared", "post.liked"] == list(programme.activities)
    assert ["share", "like"] == list(programme.rules)
    assert ["sharer", "reach", "regular", "fives", "by-hand"] == list(programme.badges)
    assert ["consumer", "sharer"] == list(programme.zones)
    assert ["effort"] == list(programme.boards)
    assert ZoneInfo("Europe/London") == programme.calendar.time_zone
    january_to_january = (1, 1)
    assert january_to_january == parse(HEADER).year_starts


def test_export_writes_a_file_as_people_would() -> None:
    """Short things in one line, sections apart, quotes only where they are needed; a tidy file comes back unchanged."""
    expected = SMALL
    assert expected == export(parse(SMALL))


def test_a_file_without_rules_or_boards_is_a_programme() -> None:
    """What is default is left out, and what is empty can be read back."""
    expected = {
        "programme": "demo",
        "starts": "2026-01-01",
        "time_zone": "Europe/London",
        "activities": {},
        "rules": {},
        "badges": {},
        "zones": {},
        "boards": {},
    }
    assert expected == to_document(parse(HEADER))
    assert parse(HEADER) == parse(export(parse(HEADER)))


def test_a_document_of_an_earlier_version_is_a_programme() -> None:
    """It knows no badges, zones or settings that came later."""
    document = to_document(parse(HEADER))
    del document["badges"], document["zones"]
    assert parse(HEADER) == from_document(document)


def test_boards_select_tags_of_rules_and_badges() -> None:
    """A tag that only a badge carries can be selected; while a badge is broken, nobody can tell what it carries."""
    board = "boards: {a: {title: A, period: day, tags: [x]}}\n"
    assert ("x",) == parse(HEADER + board + "badges: {b: {title: B, tags: [x]}}").boards["a"].tags
    (words,) = mistakes(HEADER + board + "badges: {b: {title: B, tags: [Y]}}")
    assert "badges.b.tags.1" in words


def test_was_is_for_one_plan_only() -> None:
    """A former key is read, but is no part of what is stored or exported."""
    programme = parse(SMALL.replace("  like:\n", "  like:\n    was: heart\n"))
    heart = programme.rules["like"].was
    assert heart == "heart"
    assert "heart" not in export(programme)
    assert parse(SMALL) == from_document(to_document(programme))


def test_the_shipped_programme_has_the_whole_journey() -> None:
    """Every zone has its activities, and so has impact; effort and impact have a board by half-year each."""
    programme = parse(SHIPPED.read_bytes())
    expected = {*ZONES, None}
    assert expected == {activity.zone for activity in programme.activities.values()}
    rewarded = {key for rule in programme.rules.values() for key in rule.on}
    assert set(programme.activities) == rewarded
    for tag in ("effort", "impact"):
        board = programme.boards[tag]
        assert board.tags == (tag,)
        assert board.period is PeriodKind.HALF_YEAR
    assert Competitors.TEAMS in {board.of for board in programme.boards.values()}


def test_no_shipped_rule_can_be_farmed() -> None:
    """Every rule pays so many times a day, and but for looking at statistics once for each thing it is about."""
    for key, rule in parse(SHIPPED.read_bytes()).rules.items():
        assert any(limit.per is PeriodKind.DAY and limit.by is None for limit in rule.limits), key
        assert key == "view-statistics" or any(limit.by and limit.max <= 2 for limit in rule.limits), key


def test_the_shipped_programme_comes_back() -> None:
    """Export and the stored form say the same as the file."""
    programme = parse(SHIPPED.read_bytes())
    assert programme == parse(export(programme))
    assert programme == from_document(json.loads(json.dumps(to_document(programme))))


STRAY = [
    *"\"'\\:#-[]{},&*!|>?%@`\t\0é\x85\u2028\ud800\ufeff\r\n 0",
    "- ",
    ": ",
    "\n  ",
    "...",
    "--- ",
    "<<: ",
    "&a ",
    "*a",
]


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """The text after a few accidents: something typed, cut, doubled, or moved to another line."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 20)))
        words = [*STRAY, text[start:end], text[start:end] * 2, "null", "9" * 30]
        typed = draw(st.sampled_from(words) | st.text(max_size=5))
        target = draw(st.sampled_from([start, end, draw(st.integers(0, len(text)))]))
        text = text[:start] + text[end:] if draw(st.booleans()) else text
        text = text[:target] + typed + text[target:]
    return text


def assert_read_or_refused(text: str) -> None:
    try:
        programme = parse(text)
    except ProgrammeInvalid as invalid:
        mistakes = invalid.mistakes
    else:
        assert without_was(programme) == parse(export(programme))
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert mistakes
    for mistake in mistakes:
        assert 1 <= mistake.line <= len(lines)
        assert mistake.column >= 1
        assert "\n" not in str(mistake)


@settings(max_examples=25, deadline=None)
@given(damaged(SHIPPED.read_text(encoding="utf-8")))
def test_a_damaged_shipped_file_is_read_or_refused(text: str) -> None:
    """Whatever happens to the file, it is a programme or a list of mistakes with places, never anything else."""
    assert_read_or_refused(text)


@settings(max_examples=100, deadline=None)
@given(damaged(SMALL))
def test_a_damaged_file_is_read_or_refused(text: str) -> None:
    """The same for a small file, in which accidents meet more often."""
    assert_read_or_refused(text)


@settings(max_examples=50, deadline=None)
@given(st.recursive(st.text(max_size=8), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner)))
def test_any_yaml_is_read_or_refused(value: Any) -> None:
    """Files of any shape are refused with places."""
    assert_read_or_refused(yaml.safe_dump(value, allow_unicode=True))


def keys(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, fullmatch=True).filter(lambda key: len(key) <= 64)


LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp"], exclude_characters="\ufeff")
TITLES = (
    st.text(LETTERS | st.sampled_from("\"'\\:#-[]{},&*!|>?%@` "), min_size=1, max_size=40).map(str.strip).filter(bool)
)
KEYS = keys(r"[a-z][a-z0-9-]{0,9}") | st.sampled_from(["on", "yes", "null", "n"])
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


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    """Any sound programme, with texts that YAML finds hard."""
    calendar = Calendar(ZoneInfo(draw(st.sampled_from(["UTC", "Europe/London", "Asia/Kathmandu", "America/Havana"]))))
    names = keys("[a-z][a-z_]{2,8}").filter(lambda name: name not in RESERVED_FIELDS + UNUSABLE_NAMES)
    activities = draw(
        by_key(
            keys(r"[a-z][a-z0-9_-]{0,5}(\.[a-z0-9_-]{1,5}){0,2}"),
            lambda key: st.builds(
                ActivityType, st.just(key), TITLES, by_key(names, fields), st.none() | st.sampled_from(ZONES)
            ),
        )
    )
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
    return Programme(
        key=draw(KEYS),
        starts=draw(st.dates(date(1970, 1, 1), date(2199, 12, 31))),
        time_zone=calendar.time_zone.key,
        activities=activities,
        rules=rules,
        boards=draw(boards),
        attributes=draw(by_key(names.map("my_{}".format), lambda name: st.sampled_from(FieldType))),
        year_starts=draw(st.dates(date(2001, 1, 1), date(2001, 12, 31)).map(lambda day: (day.month, day.day))),
        opt_in=draw(st.booleans()),
        title=draw(st.none() | TITLES),
        badges=badges,
        journey=draw(journeys(list(activities))),
        working_time=draw(st.none() | WORKING_TIMES),
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programmes())
def test_every_programme_comes_back(programme: Programme) -> None:
    """Export gives a file of the same programme, and the stored form the same value, in the same order."""
    exported = parse(export(programme))
    assert programme == exported
    assert programme == from_document(json.loads(json.dumps(to_document(programme))))
    assert json.dumps(to_document(programme)) == json.dumps(to_document(exported))
