"""Barred: from which boards of a draft, or of what is in force, what a member did does not count."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from activity.catalogue import FieldType
from activity.roster import facts_of
from leaderboard.eligibility import audiences_of
from leaderboard.standing import BoardVersion
from operations.simulation.past import Row

FACTS_KEPT = 20_000

NOWHERE: frozenset[int] = frozenset()


class Barred:
    """One member. `steps` are places in the sequence with the boards, by index, that do not count the member from there
    on; `ends` the boards that count newcomers, with the first day on which the member is none."""

    __slots__ = ("_boards", "_ends", "_seqs")

    def __init__(self, steps: Sequence[tuple[int, frozenset[int]]], ends: Sequence[tuple[int, int]]) -> None:
        self._seqs = [seq for seq, _ in steps]
        self._boards = [boards for _, boards in steps]
        self._ends = ends

    def at(self, place: int, day: int) -> frozenset[int]:
        """The boards that do not count what was recorded at a place in the sequence for a day."""
        index = bisect_right(self._seqs, place) - 1
        found = self._boards[index] if index >= 0 else NOWHERE
        late = [board for board, end in self._ends if day >= end]
        return found.union(late) if late else found


class Bars:
    """Says of each member what is barred, on the boards of one revision."""

    def __init__(
        self, boards: Sequence[BoardVersion], attributes: Mapping[str, FieldType], teams: Mapping[int, str]
    ) -> None:
        audiences = audiences_of(boards, attributes)
        self._audiences = [(index, audiences[each.id]) for index, each in enumerate(boards) if each.id in audiences]
        self._days = [
            (index, each.board.newcomer_days)
            for index, each in enumerate(boards)
            if each.board.newcomer_days is not None
        ]
        self._teams = dict(teams)
        self._known: dict[tuple[Any, ...], frozenset[int]] = {}

    @property
    def asks_first_day(self) -> bool:
        return bool(self._days)

    def of(self, facts: Sequence[Row], first_day: int | None) -> Barred | None:
        """Of a member with these facts, as rows of member, seq and what is known; None where no board asks."""
        if not self._audiences and not self._days:
            return None
        steps = [(row[1], self.outside(row[2:])) for row in facts] if self._audiences else []
        ends = [(index, first_day + days) for index, days in self._days] if first_day is not None else []
        return Barred(steps, ends)

    def outside(self, known: Row) -> frozenset[int]:
        """The boards, by index, that do not count a member of whom this is known."""
        key = tuple(known)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= FACTS_KEPT:
                self._known.clear()
            facts = facts_of(known, self._teams)
            outside = (index for index, audience in self._audiences if not audience.holds(facts))
            found = self._known[key] = frozenset(outside)
        return found
