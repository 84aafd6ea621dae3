"""Sharing: what members came to share after which transfers.

To what each member has alone, a transfer is as if it had been known from the beginning; what members share changes
hands at its place in the sequence. So whatever comes to be shared after a transfer goes on from what it made, and
badges that look at each other must do so together.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import func, select

from activity.tables import transfer
from errors import LaurelsError
from operations.rule_history import RuleHistory, connected, rule_history
from rules.tables import element, revision, version
from storage.work import UnitOfWork


class TransferredApart(LaurelsError):
    """A badge would come to look at one that was shared before a transfer, and was not shared then itself."""


class SharedAfter(NamedTuple):
    """The elements that members came to share after the transfer at a place in the sequence; 0: before all."""

    seq: int
    elements: frozenset[int]


async def shared_after(work: UnitOfWork, history: RuleHistory) -> list[SharedAfter]:
    """All that members share or ever did, by when they came to."""
    places = [row.seq for row in await work.rows(select(transfer.c.seq).order_by(transfer.c.seq))]
    found: dict[int, set[int]] = {}
    for together, _, before in await _together(work, history, places):
        found.setdefault(places[before - 1] if before else 0, set()).update(together)
    return [SharedAfter(seq, frozenset(elements)) for seq, elements in sorted(found.items())]


async def refuse_apart(work: UnitOfWork) -> None:
    """Refuse a revision that has just been written by which badges look at each other that cannot go together. Raises
    TransferredApart."""
    places = [row.seq for row in await work.rows(select(transfer.c.seq).order_by(transfer.c.seq))]
    if not places:
        return
    for together, known, before in await _together(work, await rule_history(work), places):
        if known > before:
            keys = await work.rows(select(element.c.key).where(element.c.id.in_(together)).order_by(element.c.key))
            raise TransferredApart(
                f"the badges {', '.join(row.key for row in keys)} cannot come to require one another: activities went "
                "from one member to another while only some of them were given to the first so many. Declare a new "
                "badge under another key for what is to be required, or for what is to require it"
            )


async def _together(
    work: UnitOfWork, history: RuleHistory, places: Sequence[int]
) -> Iterator[tuple[frozenset[int], int, int]]:
    """Elements that look at each other, with how many of these places are known from the beginning to one of them, and
    how many come before the first of them was shared."""
    seqs = {row.number: row.seq for row in await work.rows(select(revision.c.number, revision.c.seq))}
    first = select(version.c.element, func.min(version.c.revision).label("number")).group_by(version.c.element)
    begun = {row.element: seqs[row.number] for row in await work.rows(first)}
    linked = [{facts.element, *facts.recognition.requires} for facts in history.versions.values() if facts.recognition]
    known: dict[int, int] = {}
    before: dict[int, int] = {}
    for each, number in history.excluded_since.items():
        before[each] = bisect_left(places, seqs[number])
        known[each] = before[each] if bisect_left(places, begun[each]) < before[each] else 0
    groups = {frozenset(connected({each}, linked) & history.excluded) for each in history.excluded}
    ordered = sorted(groups, key=sorted)
    return ((group, max(map(known.__getitem__, group)), min(map(before.__getitem__, group))) for group in ordered)
