"""The history of rules and badges: what each version of them said, and since when members share what they decide."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import orjson
from sqlalchemy import select

from operations.comparing import VersionFacts
from operations.recognition import Recognition
from operations.revision import Revision
from rewards.definition import badge_to_plain
from rules.tables import element, version
from storage.work import UnitOfWork


class RuleHistory(NamedTuple):
    """All versions of rules and badges that there have been, and the elements that take effect from now only."""

    versions: Mapping[int, VersionFacts]
    excluded: frozenset[int]
    excluded_since: Mapping[int, int]  # by element, the first revision with which it took effect from now only


async def rule_history(work: UnitOfWork, states: Sequence[Revision] = ()) -> RuleHistory:
    """Read the versions. `states` may hold more, which are not stored: those of a draft."""
    columns = (version.c.id, version.c.element, version.c.key, version.c.definition, version.c.revision, element.c.kind)
    query = select(*columns).join(element).where(element.c.kind.in_(("activity", "rule", "badge")))
    types: dict[str, int] = {}
    versions: dict[int, VersionFacts] = {}
    since: dict[int, int] = {}
    linked: list[set[int]] = []  # badges that look at each other
    badges: dict[str, int] = {}
    first: set[int] = set()
    rows = await work.rows(query.order_by(version.c.revision, version.c.id))
    for number, rows_ in groupby(rows, key=lambda row: row.revision):
        group = list(rows_)
        badges |= {row.key: row.element for row in group if row.kind == "badge"}
        for row in group:
            if row.kind == "activity":
                types[row.key] = row.element
                continue
            told = orjson.loads(row.definition)
            if row.kind == "rule":
                versions[row.id] = VersionFacts(row.element, tuple(told.get("tags", ())))
                if "budget" in told or "hold" in told or any("across" in limit for limit in told.get("limits", ())):
                    since.setdefault(row.element, number)
                continue
            recognition = Recognition.of(number, row.element, told, types, badges)
            versions[row.id] = VersionFacts(row.element, tuple(told.get("tags", ())), recognition)
            linked.append({row.element, *recognition.requires})
            if "first" in told:
                first.add(row.element)
        for each in connected(first, linked):
            since.setdefault(each, number)
    for state in states:
        for item in state.rule_versions:
            versions[item.id] = VersionFacts(item.element, item.rule.tags)
            shared = any(limit.across_members for limit in item.rule.limits)
            if item.rule.budget or item.rule.hold or shared:
                since.setdefault(item.element, state.number)
        elements = {key: item.element for key, item in state.badges.items()}
        for badge in state.badge_versions:
            told = badge_to_plain(badge.badge, state.calendar)
            recognition = Recognition.of(state.number, badge.element, told, state.type_ids, elements)
            versions.setdefault(badge.id, VersionFacts(badge.element, badge.badge.tags, recognition))
            if badge.badge.first is not None:
                first.add(badge.element)
            linked.append({badge.element, *recognition.requires})
        for each in connected(first, linked):
            since.setdefault(each, state.number)
    return RuleHistory(versions, frozenset(since), since)


def connected(first: set[int], linked: Sequence[set[int]]) -> set[int]:
    """All badges that can depend on one of which only so many are given."""
    found = set(first)
    while grown := {each for group in linked if not group.isdisjoint(found) for each in group} - found:
        found |= grown
    return found
