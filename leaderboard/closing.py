"""Closings: which periods of boards are closed, and what still counts in them.

The life of one board in one period:

    open -> provisional    the cutoff: what activities bring after it is late, and counts in the ledger alone
    provisional -> open    reopened, with a reason; closed again later, with everything that came meanwhile
    provisional            people correct what was counted: they retract, adjust, take, disqualify
    provisional -> final   the fence: nothing counts any more; the standings are copied to the result, and never move

What counts in a provisional period, or did in a final one, is a `Cut` of the ledger: `leaderboard/cut.py` has it as a
query.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from leaderboard.standing import BoardVersion


class State(StrEnum):
    OPEN = "open"
    PROVISIONAL = "provisional"
    FINAL = "final"


class Happened(StrEnum):
    """What happens to a closing."""

    CLOSED = "closed"
    CLOSED_EARLY = "closed early"
    REOPENED = "reopened"
    DISQUALIFIED = "disqualified"
    REINSTATED = "reinstated"
    FINAL = "final"


class Span(NamedTuple):
    """The days of a period: the first, and the first that no longer belongs."""

    first: int
    after: int


@dataclass(frozen=True, slots=True)
class Cut:
    """What a closed period counts."""

    closing: int
    version: BoardVersion  # the board as it was at the cutoff
    span: Span
    cutoff_seq: int
    final_seq: int | None = None  # since the fence
    disqualified: frozenset[int] = frozenset()

    @property
    def fenced(self) -> bool:
        return self.final_seq is not None


@dataclass(frozen=True)
class Closings:
    """What writers must know of all closings. `number` is that of the programme's row: another one means read anew."""

    number: int = 0
    spans: Mapping[int, Collection[Span]] = field(default_factory=dict)  # that are closed, by the board's element
    disputable: tuple[Cut, ...] = ()  # those in which corrections count, in the order in which their rows are locked

    def closed(self, board: BoardVersion) -> Collection[Span]:
        """The closed periods of a board, in all its versions."""
        return self.spans.get(board.element, ())


NOTHING_CLOSED = Closings()


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same days in as few spans as can be."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.first <= found[-1].after:
            found[-1] = Span(found[-1].first, max(span.after, found[-1].after))
        else:
            found.append(span)
    return found
