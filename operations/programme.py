"""The programme as a whole: what one file says, read, checked and written again.

A file becomes a value, the value plain data for the store, and either a file again:

    programme = parse(Path("programmes/social-journey.yaml").read_bytes())     # raises ProgrammeInvalid
    stored = to_document(programme)                                            # plain values, for JSON
    export(from_document(stored))                                              # a file that says the same
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from activity.calendar import Calendar, PeriodInvalid, PeriodKind, zone
from activity.catalogue import ActivityType, FieldType
from activity.claim import ClaimLimits
from activity.claim_definition import limits_from_plain, limits_to_plain, read_limits
from activity.definition import (
    Declared,
    activity_from_plain,
    activity_to_plain,
    read_activities,
    read_attributes,
)
from activity.identity import IdentityKind
from activity.identity_definition import identity_from_plain, identity_to_plain, read_identities
from document import Document, Node
from errors import Mistake, Mistaken
from leaderboard.board import Board, Competitors
from leaderboard.definition import board_from_plain, board_to_plain, read_boards
from rewards.badge import Badge
from rewards.definition import badge_from_plain, badge_to_plain, read_badges
from rewards.journey import Journey, Zone
from rewards.journey_definition import read_journey_zones, zone_from_plain, zone_to_plain
from rewards.metric_definition import days_from_plain, days_to_plain, whole_days
from rewards.podium import Podium
from rewards.podium_definition import podium_from_plain, podium_to_plain, read_podiums
from rules.definition import read_rules, rule_from_plain, rule_to_plain, tag_names
from rules.expressions import Expressions
from rules.rule import Rule, WorkingTime
from rules.working_time import read_working_time, working_time_from_plain, working_time_to_plain
from section import KEY, Names, Section, attempt, choice, day, described, did_you_mean, nearest, scalar, text
from writing import written

SETTINGS = (
    "programme",
    "title",
    "starts",
    "time_zone",
    "year_starts",
    "participation",
    "keep_unknown",
    "retention",
    "attributes",
    "identities",
    "dormant",
    "working_time",
    "claims",
    "activities",
    "rules",
    "badges",
    "zones",
    "boards",
    "podiums",
)
DORMANT_DAYS_MAX = 3_660
KEEP_UNKNOWN_DAYS = 30
KEEP_UNKNOWN_DAYS_MAX = 366
RETENTION_DAYS_MIN = 31
RETENTION_DAYS_MAX = 36_600
PLACES_LEVEL = 6  # zones, a zone, its needs, one of them, its measure, and of what: there is nothing deeper
OPT_IN, OPT_OUT = "opt-in", "opt-out"
NOTHING_KEPT = (
    f"nothing is kept of people unknown to an opt-in programme: remove it, or write 'participation: {OPT_OUT}'"
)


@dataclass(frozen=True)
class Programme:
    """Everything a programme file declares. Mappings keep the order of the file and are keyed by the things' keys."""

    key: str
    starts: date  # the first day on which an activity may have happened
    time_zone: str  # IANA name; with `starts` and `year_starts` fixed by the first apply
    activities: Mapping[str, ActivityType]
    rules: Mapping[str, Rule]
    boards: Mapping[str, Board]
    attributes: Mapping[str, FieldType]  # what is known of members beside the fields that everyone has
    year_starts: tuple[int, int] = (1, 1)  # month and day
    opt_in: bool = True  # members take part only when they say so
    title: str | None = None
    badges: Mapping[str, Badge] = field(default_factory=dict)
    journey: Journey = field(default_factory=Journey)
    working_time: WorkingTime | None = None
    podiums: Mapping[str, Podium] = field(default_factory=dict)
    identities: Mapping[str, IdentityKind] = field(default_factory=dict)  # what members are known by in other tools
    keep_unknown_days: int = KEEP_UNKNOWN_DAYS  # of an opt-out one: how long activities of unknown people are kept
    claims: ClaimLimits = field(default_factory=ClaimLimits)
    retention_days: int | None = None  # for how long data stays that nothing reads; None: for ever
    # Where the file says what may be odd or not fit the programme in force: line and column by the path of names.
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar(ZoneInfo(self.time_zone), self.year_starts)

    @property
    def kept_days(self) -> int:
        """For how many days activities of unknown people are kept: never longer than other data."""
        return min(self.keep_unknown_days, self.retention_days or self.keep_unknown_days)

    @property
    def zones(self) -> Mapping[str, Zone]:
        """The zones of the journey by key, in its order."""
        return {zone.key: zone for zone in self.journey.zones}


class ProgrammeInvalid(Mistaken):
    """A programme file has mistakes."""


def parse(source: str | bytes) -> Programme:
    """The programme that a file declares. Raises ProgrammeInvalid with every mistake in it."""
    document = Document(source)
    if document.root is None and not document.mistakes:
        document.mistakes.append(Mistake("the file is empty: begin it with 'programme: KEY'", line=1, column=1))
    programme = attempt(document.root, _read, None) if document.root else None
    if document.mistakes or programme is None:
        raise ProgrammeInvalid(document.mistakes)
    return replace(programme, places=dict(_places(document.root)))


def to_document(programme: Programme) -> dict[str, Any]:
    """The programme as plain values under the names of a file, without what is default and without `was`."""
    calendar = programme.calendar
    header = {
        "programme": programme.key,
        "title": programme.title,
        "starts": programme.starts.isoformat(),
        "time_zone": programme.time_zone,
        "year_starts": None if programme.year_starts == (1, 1) else "{:02}-{:02}".format(*programme.year_starts),
        "participation": None if programme.opt_in else OPT_OUT,
        "keep_unknown": None
        if programme.keep_unknown_days == KEEP_UNKNOWN_DAYS
        else days_to_plain(programme.keep_unknown_days),
        "retention": days_to_plain(programme.retention_days) if programme.retention_days else None,
        "attributes": {name: kind.value for name, kind in programme.attributes.items()} or None,
        "identities": {key: identity_to_plain(kind) for key, kind in programme.identities.items()} or None,
        "dormant": days_to_plain(programme.journey.dormant_days) if programme.journey.dormant_days else None,
        "working_time": working_time_to_plain(programme.working_time) if programme.working_time else None,
        "claims": limits_to_plain(programme.claims) or None,
    }
    podiums = {key: podium_to_plain(podium) for key, podium in programme.podiums.items()}
    return (
        {name: value for name, value in header.items() if value is not None}
        | {
            "activities": {key: activity_to_plain(declared) for key, declared in programme.activities.items()},
            "rules": {key: rule_to_plain(rule, calendar) for key, rule in programme.rules.items()},
            "badges": {key: badge_to_plain(badge, calendar) for key, badge in programme.badges.items()},
            "zones": {key: zone_to_plain(zone) for key, zone in programme.zones.items()},
            "boards": {key: board_to_plain(board) for key, board in programme.boards.items()},
        }
        | ({"podiums": podiums} if podiums else {})
    )


def from_document(document: Mapping[str, Any]) -> Programme:
    """The programme of which `to_document` made this; it was checked then and is not again."""
    month, _, month_day = document.get("year_starts", "01-01").partition("-")
    year_starts = int(month), int(month_day)
    calendar = Calendar(ZoneInfo(document["time_zone"]), year_starts)
    badges, zones = document.get("badges", {}), document.get("zones", {})
    return Programme(
        key=document["programme"],
        title=document.get("title"),
        starts=date.fromisoformat(document["starts"]),
        time_zone=document["time_zone"],
        year_starts=year_starts,
        opt_in=document.get("participation") != OPT_OUT,
        keep_unknown_days=days_from_plain(document.get("keep_unknown", days_to_plain(KEEP_UNKNOWN_DAYS))),
        attributes={name: FieldType(kind) for name, kind in document.get("attributes", {}).items()},
        identities={key: identity_from_plain(key, plain) for key, plain in document.get("identities", {}).items()},
        activities={key: activity_from_plain(key, plain) for key, plain in document["activities"].items()},
        rules={key: rule_from_plain(key, plain, calendar) for key, plain in document["rules"].items()},
        boards={key: board_from_plain(key, plain) for key, plain in document["boards"].items()},
        badges={key: badge_from_plain(key, plain, calendar) for key, plain in badges.items()},
        journey=Journey(
            tuple(zone_from_plain(key, plain) for key, plain in zones.items()),
            days_from_plain(document["dormant"]) if "dormant" in document else None,
        ),
        working_time=working_time_from_plain(document["working_time"]) if "working_time" in document else None,
        podiums={key: podium_from_plain(key, plain) for key, plain in document.get("podiums", {}).items()},
        claims=limits_from_plain(document.get("claims", {})),
        retention_days=days_from_plain(document["retention"]) if "retention" in document else None,
    )


def export(programme: Programme) -> str:
    """The programme as a file. Parsing it gives the same programme, apart from `was`."""
    parts = [written({name: value}) for name, value in to_document(programme).items()]
    return "".join("\n" + part if part.count("\n") > 1 else part for part in parts)


def _places(node: Node | None, level: int = 1) -> Iterator[tuple[str, tuple[int, int]]]:
    if node is None or node.content is None or isinstance(node.content, str) or level > PLACES_LEVEL:
        return
    for entry in node.content.values() if isinstance(node.content, dict) else node.content:
        yield entry.path, entry.place
        yield from _places(entry, level + 1)


def _read(node: Node) -> Programme:
    section = Section(node, SETTINGS)
    time_zone = section.need("time_zone", _time_zone, "UTC")
    year_starts = section.take("year_starts", _month_and_day, (1, 1))
    attributes: dict[str, FieldType] = section.take("attributes", read_attributes, {})
    declared = section.need("activities", read_activities, Declared())
    expressions = Expressions(declared, attributes, section.lost("attributes", attributes, "member"))
    calendar = Calendar(ZoneInfo(time_zone), year_starts)
    read = section.take("rules", partial(read_rules, expressions=expressions, calendar=calendar), None)
    rules, rule_tags = read or ({}, tag_names((), complete="rules" not in section.broken))
    rule_names = Names("there is no rule", "rules", tuple(rules), complete="rules" not in section.broken)
    recognised = section.take("badges", partial(read_badges, expressions=expressions, calendar=calendar), None)
    badges, badge_tags = recognised or ({}, tag_names((), complete="badges" not in section.broken))
    zones = section.take("zones", partial(read_journey_zones, expressions=expressions, calendar=calendar), ())
    tags = _carried(rule_tags, badge_tags)
    read_all = partial(read_boards, activities=declared.names, rules=rule_names, tags=tags, expressions=expressions)
    boards: dict[str, Board] = section.take("boards", read_all, {})
    named = Names("there is no board", "boards", tuple(boards), complete="boards" not in section.broken)
    windows = [key for key, board in boards.items() if not isinstance(board.period, PeriodKind)]
    prizes = partial(read_podiums, boards=named, unfit=_without_podium(boards), windows=windows)
    opt_in = section.take("participation", choice((OPT_IN, OPT_OUT)), OPT_IN) == OPT_IN
    keep_unknown_days: int | None = section.take("keep_unknown", whole_days(1, KEEP_UNKNOWN_DAYS_MAX), None)
    if opt_in and keep_unknown_days is not None and "participation" not in section.broken:
        section.note("keep_unknown", NOTHING_KEPT)
    return Programme(
        key=section.need("programme", KEY.read, ""),
        title=section.take("title", text, None),
        starts=section.need("starts", day, date.min),
        time_zone=time_zone,
        year_starts=year_starts,
        opt_in=opt_in,
        keep_unknown_days=keep_unknown_days or KEEP_UNKNOWN_DAYS,
        attributes=attributes,
        identities=section.take("identities", read_identities, {}),
        activities=declared.types,
        rules=rules,
        badges=badges,
        journey=Journey(zones, section.take("dormant", whole_days(1, DORMANT_DAYS_MAX), None)),
        working_time=section.take("working_time", partial(read_working_time, expressions=expressions), None),
        boards=boards,
        podiums=section.take("podiums", prizes, {}),
        claims=section.take("claims", read_limits, ClaimLimits()),
        retention_days=section.take("retention", whole_days(RETENTION_DAYS_MIN, RETENTION_DAYS_MAX), None),
    )


def _without_podium(boards: Mapping[str, Board]) -> dict[str, str]:
    """Why a board can have no podium, and what to do instead, by the keys of those that cannot."""
    unfit = {}
    for key, board in boards.items():
        if board.of is Competitors.TEAMS:
            unfit[key] = f"'{key}' is a board of teams, and prizes go to members: name a board of members"
        elif board.period is PeriodKind.EVER:
            unfit[key] = f"'{key}' never ends: name a board whose period is a week, a month, a half-year or the like"
        elif board.closing is None:
            unfit[key] = f"'{key}' never closes, so that nobody ever wins: write 'closing: {{}}' there"
    return unfit


def _carried(rule_tags: Names, badge_tags: Names) -> Names:
    """The tags that boards can select, which rules and badges carry."""
    known = tuple(dict.fromkeys((*rule_tags.known, *badge_tags.known)))
    complete = rule_tags.complete and badge_tags.complete
    return Names("no rule or badge carries the tag", "tags", known, complete)


def _time_zone(node: Node) -> str:
    name = text(node)
    try:
        zone(name)
    except PeriodInvalid:
        hint = did_you_mean(nearest(name, available_timezones())) or "; write a name such as Europe/London or UTC"
        raise node.mistake(f"there is no time zone {described(node)}{hint}") from None
    return name


def _month_and_day(node: Node) -> tuple[int, int]:
    match = re.fullmatch("([0-9]{2})-([0-9]{2})", scalar(node).strip())
    if not match:
        raise node.mistake(f"must be a month and a day such as 04-01, not {described(node)}")
    month, month_day = int(match[1]), int(match[2])
    if (month, month_day) == (2, 29):
        raise node.mistake("02-29 is there in leap years only: let the year start on 02-28 or 03-01")
    try:
        date(2001, month, month_day)
    except ValueError:
        raise node.mistake(f"there is no day {match[0]}: write month and day, such as 04-01") from None
    return month, month_day
