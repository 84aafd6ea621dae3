"""The section `rules` in tests: activity types to speak of, two sections to read, and what is read of one."""

from zoneinfo import ZoneInfo

from activity.calendar import Calendar
from activity.catalogue import ActivityType, Field, FieldType
from activity.definition import Declared
from document import Document
from rules.definition import read_rules
from rules.expressions import Expressions
from rules.rule import Rule
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
