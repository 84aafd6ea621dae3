"""The section `badges` of a programme file: what is recognised, and at which levels.

Such as:

    badges:
      prolific-creator:
        title: Prolific creator
        text: Publishes again and again.
        on: [content.published]
        measure: count                  # with `on`, `when` and `window`: see metric_definition.py
        window: half-year
        noun: {one: piece, many: pieces}    # what it counts, in words for members
        levels: [5, 25, 100]            # or [{at: 5, title: Bronze, points: 10}, ...], or `every: 5`
        repeat: true                    # again in each window
        requires: [first-steps]         # other badges
        points: 10                      # for each level that says none of its own
        evidence_lost: keep             # when activities that led to it are retracted
        tags: [impact]

A badge without `on` and `measure` is given by hand, or when all that it requires are held.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from activity.calendar import Calendar, PeriodKind
from document import Node
from rewards.badge import Badge, Level
from rewards.level_definition import level_from_plain, level_to_plain, read_level, read_levels
from rewards.metric_definition import (
    METRIC_SETTINGS,
    at_most,
    days_from_plain,
    days_to_plain,
    metric_from_plain,
    metric_to_plain,
    noun_from_plain,
    noun_to_plain,
    read_metric,
    read_noun,
    whole_days,
)
from rules.definition import tag_names
from rules.expressions import Expressions
from rules.judge import POINTS_MAX
from rules.metric import Aggregate
from rules.validity import moment, validity_from_plain, validity_to_plain
from section import (
    KEY,
    Names,
    Section,
    boolean,
    by_key,
    check_renames,
    choice,
    described,
    entries,
    integer,
    scalar,
    several,
    text,
)

BADGE_SETTINGS = (
    "title",
    "text",
    *METRIC_SETTINGS,
    "levels",
    "every",
    "repeat",
    "requires",
    "points",
    "audience",
    "tags",
    "hidden",
    "first",
    "expires",
    "evidence_lost",
    "colour",
    "from",
    "to",
    "was",
)
KEEP, REVOKE = "keep", "revoke"

BADGES_MAX = 500
REQUIRES_MAX = 100
CYCLES_SHOWN = 10
FIRST_MAX = 1_000_000_000  # members
EXPIRES_DAYS_MAX = 3_660

# Settings that are checked together: while one of them is broken, nobody can tell whether they fit.
COMBINED = {"on", "measure", "window", "levels", "every", "repeat", "first", "requires"}

# Settings that say how a measure is read, and so mean nothing without one.
OF_MEASURE = ("when", "window", "noun", "every", "repeat", "from", "to")


def read_badges(node: Node, expressions: Expressions, calendar: Calendar) -> tuple[dict[str, Badge], Names]:
    """Reads the section `badges`: the badges, and the tags that they carry."""
    names = Names("there is no badge", "badges", tuple(entries(node)))
    carried: dict[str, None] = {}  # in the order of the file
    tagged: set[str] = set()  # the badges of which all tags could be read

    def badge(key: str, entry: Node) -> Badge:
        section = Section(entry, BADGE_SETTINGS)
        tags: tuple[str, ...] = section.take("tags", several(KEY.read), ())
        carried.update(dict.fromkeys(tags))
        if "tags" not in section.broken:
            tagged.add(key)
        given = entries(entry).keys() | section.broken
        points = section.take("points", integer(0, POINTS_MAX), 0)
        every: Level | None = section.take("every", read_level(points), None)
        levels: tuple[Level, ...] = section.take("levels", read_levels(points), (Level(1, points=points),))
        found = Badge(
            key=key,
            title=section.need("title", text, ""),
            metric=read_metric(section, expressions, calendar) if given & {"on", "measure"} else None,
            levels=(every,) if every else levels,
            every=every is not None,
            repeat=section.take("repeat", boolean, False),
            requires=section.take("requires", _requires(key, names), ()),
            audience=section.take("audience", expressions.member_reader(), None),
            tags=tags,
            text=section.take("text", text, None),
            colour=section.take("colour", _colour, None),
            hidden=section.take("hidden", boolean, False),
            first=section.take("first", integer(1, FIRST_MAX), None),
            expires_days=section.take("expires", whole_days(1, EXPIRES_DAYS_MAX), None),
            keep=section.take("evidence_lost", choice((KEEP, REVOKE)), REVOKE) == KEEP,
            valid_from=section.take("from", moment(calendar, days_after=0), None),
            valid_to=section.take("to", moment(calendar, days_after=1), None),
            noun=section.take("noun", read_noun, None),
            was=section.take("was", KEY.read, None),
        )
        if not section.broken & COMBINED:
            for setting, told in _refused(found, entries(entry)):
                section.note(setting, told)
        if found.metric and found.valid_from and found.valid_to and found.valid_from >= found.valid_to:
            section.note("to", "must be after 'from': as it is, no activity can count")
        return found

    if len(entries(node)) > BADGES_MAX:
        node.note(f"has {len(entries(node)):,} badges: a programme can have {BADGES_MAX:,}", node.named_at)
    badges = by_key(KEY, badge)(node)
    check_renames(node)
    _check_cycles(node, badges)
    return badges, tag_names(tuple(carried), complete=len(tagged) == len(entries(node)))


def badge_to_plain(badge: Badge, calendar: Calendar) -> dict[str, Any]:
    """A badge as a programme file has it, without what is default."""
    plain: dict[str, Any] = {"title": badge.title}
    if badge.text is not None:
        plain["text"] = badge.text
    if badge.metric is not None:
        plain |= metric_to_plain(badge.metric) | noun_to_plain(badge.noun)
    points = {level.points for level in badge.levels}
    of_all = points.pop() if len(points) == 1 else None
    levels = [level_to_plain(level, of_all) for level in badge.levels]
    if badge.every:
        plain["every"] = levels[0]
    elif levels != [1]:
        plain["levels"] = levels
    if badge.repeat:
        plain["repeat"] = True
    if badge.requires:
        plain["requires"] = list(badge.requires)
    if of_all:
        plain["points"] = of_all
    if badge.audience is not None:
        plain["audience"] = badge.audience
    if badge.tags:
        plain["tags"] = list(badge.tags)
    if badge.hidden:
        plain["hidden"] = True
    if badge.first is not None:
        plain["first"] = badge.first
    if badge.expires_days is not None:
        plain["expires"] = days_to_plain(badge.expires_days)
    if badge.keep:
        plain["evidence_lost"] = KEEP
    if badge.colour is not None:
        plain["colour"] = badge.colour
    return plain | validity_to_plain(badge.valid_from, badge.valid_to, calendar)


def badge_from_plain(key: str, plain: Mapping[str, Any], calendar: Calendar) -> Badge:
    """The badge of which `badge_to_plain` made this."""
    points = plain.get("points", 0)
    levels = [plain["every"]] if "every" in plain else plain.get("levels", [1])
    valid_from, valid_to = validity_from_plain(plain, calendar)
    return Badge(
        key=key,
        title=plain["title"],
        metric=metric_from_plain(plain) if "measure" in plain else None,
        levels=tuple(level_from_plain(level, points) for level in levels),
        every="every" in plain,
        repeat=plain.get("repeat", False),
        requires=tuple(plain.get("requires", ())),
        audience=plain.get("audience"),
        tags=tuple(plain.get("tags", ())),
        text=plain.get("text"),
        colour=plain.get("colour"),
        hidden=plain.get("hidden", False),
        first=plain.get("first"),
        expires_days=days_from_plain(plain["expires"]) if "expires" in plain else None,
        keep=plain.get("evidence_lost") == KEEP,
        valid_from=valid_from,
        valid_to=valid_to,
        noun=noun_from_plain(plain),
    )


def _refused(badge: Badge, given: Collection[str]) -> Iterator[tuple[str, str]]:
    """The settings that do not go together, each with what to do instead."""
    if {"levels", "every"} <= set(given):
        yield "every", "goes without 'levels': remove one of them"
    if badge.first and badge.repeat:
        yield "first", "goes without 'repeat', as only so many members ever get the badge: remove one of them"
    if badge.metric is None:
        yield from _refused_without_measure(badge, given)
        return
    streak = badge.metric.aggregate is Aggregate.STREAK
    rolling = isinstance(badge.metric.window, int)
    if badge.every and (streak or rolling):
        what = "a streak" if streak else "a window of days in a row"
        yield "every", f"does not go with {what}: list 'levels', or write 'repeat: true' for a badge that comes again"
    elif badge.repeat and not streak and badge.metric.window is PeriodKind.EVER:
        yield "repeat", "needs a 'window' to come again in: write one, or 'every' for a level at each so many"
    elif badge.repeat and (streak or rolling) and len(badge.levels) > 1:
        what = "over days in a row" if rolling else "for a streak"
        yield "repeat", f"goes with one level {what}: keep one, or write a badge for each level"


def _refused_without_measure(badge: Badge, given: Collection[str]) -> Iterator[tuple[str, str]]:
    how = "when those that it requires are held" if badge.requires else "by hand"
    for setting in OF_MEASURE:
        if setting in given:
            yield setting, f"has no meaning for a badge given {how}: remove it, or add 'on' and 'measure'"
    if "levels" in given and (len(badge.levels) > 1 or badge.levels[0].at > 1):
        yield "levels", f"a badge given {how} has one level, at 1: remove the others, or add 'on' and 'measure'"
    if badge.requires and "audience" in given:
        yield "audience", "says whose activities are measured: remove it, or add 'on' and 'measure'"


def _check_cycles(node: Node, badges: Mapping[str, Badge]) -> None:
    """Notes badges that would have to be held before they can be reached."""
    required = {key: set(badge.requires) & badges.keys() - {key} for key, badge in badges.items()}
    for _ in range(CYCLES_SHOWN):
        try:
            TopologicalSorter(required).prepare()
            return
        except CycleError as error:
            members = error.args[1][:0:-1]  # each requires the next; the first stands at both ends of what is told
        places = list(badges)
        start = min(range(len(members)), key=lambda index: places.index(members[index]))
        way = [*members[start:], *members[:start], members[start]]
        requires = entries(entries(node)[way[0]])["requires"]
        requires.note(f"nobody can get this badge before itself: {' requires '.join(way)}; remove one of these")
        required = {key: others - set(members) for key, others in required.items()}


def _requires(key: str, names: Names) -> Callable[[Node], tuple[str, ...]]:
    def required(node: Node) -> str:
        name = names.read(node)
        if name == key:
            raise node.mistake("a badge cannot require itself: remove it")
        return name

    return at_most(REQUIRES_MAX, "badges that it requires", several(required))


def _colour(node: Node) -> str:
    written = scalar(node).strip().lower()
    if not written and not node.style:
        raise node.mistake("is empty, as YAML takes # for a comment: put the colour in quotes, such as #1f77b4")
    if not re.fullmatch("#[0-9a-f]{6}", written):
        raise node.mistake(f'must be a colour such as "#1f77b4", in quotes, not {described(node)}')
    return written
