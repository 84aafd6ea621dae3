"""Settled: what a draft leaves as it was throughout the time that it looks back on.

Rules never look at each other, and badges only at those that they require. So where a rule or badge said then what the
draft has it say, and everything around it was the same, judging again would find what was found: a simulation need not.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select

from operations.programme import to_document
from operations.revision import Revision
from operations.rule_history import connected
from operations.simulation.reading import Told
from rewards.award import Award
from rules.tables import revision, version
from storage.work import UnitOfWork

# Parts of a programme that are compared thing by thing, or that judging never asks.
APART = frozenset({"title", "dormant", "claims", "rules", "badges", "zones", "boards", "podiums"})

EVERY_SEQ = 2**63 - 1  # beyond any place in the sequence


@dataclass(frozen=True, slots=True)
class Settled:
    """Rules, badges and zones of which judging again finds what was found, and from which place in the sequence on."""

    elements: frozenset[int] = frozenset()
    seq: int = 0
    from_us: int = 0
    # Revisions after that place judged later parts of it anew: what happened since when, and was recorded before where.
    anew: tuple[tuple[int, int], ...] = ()

    def of(self, told: Sequence[Told], awards: Iterable[Award], taken: Collection[Award]) -> bool:
        """Whether that holds for a member, of whose activities none was retracted. `told` is in the order of the
        sequence. What was recorded earlier, or came so late that it would now be counted before others, may differ; so
        may what was counted after others when a later part was judged anew, and what a person gave or took.
        """
        if taken or any(award.by_hand for award in awards):
            return False
        for each in told:
            if each.seq >= self.seq:
                break
            if each.time_us >= self.from_us:
                return False
        return all(_in_turn(told, *each) for each in ((self.from_us, EVERY_SEQ), *self.anew))


def _in_turn(told: Iterable[Told], from_us: int, seq: int) -> bool:
    """Whether, of what was recorded before a place, all that happened before a time was recorded before the rest."""
    since = False
    for each in told:
        if each.seq >= seq:
            break
        if each.time_us >= from_us:
            since = True
        elif since:
            return False
    return True


async def settled(work: UnitOfWork, former: Revision, draft: Revision) -> Settled:
    """What a draft leaves as it was since the time from which it takes effect."""
    assert draft.from_us is not None
    columns = revision.c.number, revision.c.seq, revision.c.applied_us, revision.c.from_us, revision.c.document
    rows = await work.rows(select(*columns).where(revision.c.number <= former.number).order_by(revision.c.number))
    first = max((index for index, row in enumerate(rows) if row.applied_us <= draft.from_us), default=0)
    around = _around(to_document(draft.programme))
    if any(_around(orjson.loads(row.document)) != around for row in rows[first:]):
        return Settled()
    query = select(version.c.id).where(version.c.revision <= rows[first].number)
    old = {row.id for row in await work.rows(query)}
    found = {rule.element for rule in draft.rule_versions if rule.id in old}
    same = {badge.element for badge in draft.badge_versions if badge.id in old}
    linked = [
        {item.element, *(draft.badges[key].element for key in item.badge.requires)} for item in draft.badge_versions
    ]
    found |= same - connected({item.element for item in draft.badge_versions} - same, linked)
    zones = {zone.element for zone in draft.zone_versions if zone.id in old}
    if len(zones) == len(draft.zone_versions) == len(former.zone_versions):
        found |= zones
    anew = {row.from_us: row.seq for row in rows[first + 1 :] if row.from_us and row.from_us > draft.from_us}
    return Settled(frozenset(found), rows[first].seq, draft.from_us, tuple(anew.items()))


def _around(document: Mapping[str, Any]) -> bytes:
    parts = {name: part for name, part in document.items() if name not in APART}
    return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
