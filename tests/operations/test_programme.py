"""A programme file as a whole: what it becomes, and there and back again."""

import json
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from activity.calendar import PeriodKind
from activity.catalogue import ZONES, FieldType
from leaderboard.board import Competitors
from operations.programme import Programme, export, from_document, parse, to_document
from rewards.journey import Journey
from rules.rule import WorkingTime

SHIPPED = Path(__file__).parents[2] / "programmes" / "social-journey.yaml"

HEADER = "programme: demo\nstarts: 2026-01-01\ntime_zone: Europe/London\nactivities: {}\n"

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
