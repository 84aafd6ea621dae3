"""The section `zones` of a programme file: the journey, and what leads from one part of it to the next.

Such as:

    zones:                              # consumer, sharer, creator, engaged: in this order, some may be left out
      consumer: {title: Consumer, text: Reads what colleagues write.}
      sharer:
        title: Sharer
        needs:
          - {title: Share three posts in a month, on: [post.shared], measure: count, window: month, at_least: 3}
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from activity.calendar import Calendar
from activity.catalogue import ZONES
from document import Node, shown
from rewards.journey import Need, Zone
from rewards.metric_definition import (
    METRIC_SETTINGS,
    VALUE_MAX,
    at_most,
    metric_from_plain,
    metric_to_plain,
    noun_from_plain,
    noun_to_plain,
    read_metric,
    read_noun,
)
from rules.expressions import Expressions
from section import Section, attempt, did_you_mean, each, entries, integer, nearest, text

ZONE_SETTINGS = ("title", "text", "needs")
NEED_SETTINGS = ("title", *METRIC_SETTINGS, "at_least")

NEEDS_MAX = 10


def read_journey_zones(node: Node, expressions: Expressions, calendar: Calendar) -> tuple[Zone, ...]:
    """Reads the section `zones`."""
    found: list[Zone] = []
    latest = 0
    for key, entry in entries(node).items():
        if key not in ZONES:
            near = did_you_mean(nearest(key, ZONES))
            node.note(f"there is no zone '{shown(key)}'{near} (zones: {', '.join(ZONES)})", entry.named_at)
            continue
        if ZONES.index(key) < latest:
            entry.note(f"stands after {ZONES[latest]}: write zones in the order {', '.join(ZONES)}", entry.named_at)
        latest = max(latest, ZONES.index(key))
        zone = attempt(entry, partial(_zone, key, expressions=expressions, calendar=calendar), None)
        found += [zone] if zone else []
    return tuple(found)


def zone_to_plain(zone: Zone) -> dict[str, Any]:
    """A zone as a programme file has it, without what is default."""
    plain: dict[str, Any] = {"title": zone.title}
    if zone.text is not None:
        plain["text"] = zone.text
    if zone.needs:
        plain["needs"] = [
            {
                "title": need.title,
                **metric_to_plain(need.metric),
                **noun_to_plain(need.noun),
                "at_least": need.at_least,
            }
            for need in zone.needs
        ]
    return plain


def zone_from_plain(key: str, plain: Mapping[str, Any]) -> Zone:
    """The zone of which `zone_to_plain` made this."""
    needs = [
        Need(need["title"], metric_from_plain(need), need["at_least"], noun_from_plain(need))
        for need in plain.get("needs", ())
    ]
    return Zone(key, plain["title"], tuple(needs), plain.get("text"))


def _zone(key: str, entry: Node, expressions: Expressions, calendar: Calendar) -> Zone:
    section = Section(entry, ZONE_SETTINGS)
    return Zone(
        key=key,
        title=section.need("title", text, ""),
        needs=section.take("needs", _needs(expressions, calendar), ()),
        text=section.take("text", text, None),
    )


def _needs(expressions: Expressions, calendar: Calendar) -> Callable[[Node], tuple[Need, ...]]:
    def need(node: Node) -> Need:
        section = Section(node, NEED_SETTINGS)
        return Need(
            title=section.need("title", text, ""),
            metric=read_metric(section, expressions, calendar),
            at_least=section.need("at_least", integer(1, VALUE_MAX), 1),
            noun=section.take("noun", read_noun, None),
        )

    return at_most(NEEDS_MAX, "needs", each(need))
