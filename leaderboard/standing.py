"""What a standing is made of: board versions, and which ledger entries they count."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from leaderboard.board import Board

StandingKey = tuple[int, int, int]  # board version, first day of the period, competitor


class BoardVersion(NamedTuple):
    """A board as one revision has it, with the id that the database gave it."""

    id: int
    board: Board
    element: int = 0  # the board through all its versions; 0 in a draft

    def counts(self, tags: Iterable[str], activity_type: str | None, rule: str | None) -> bool:
        """Whether points of a rule with these tags, for an activity of this type, count on the board.

        Points of badges are of no activity type and no rule; those that a person gave are of no activity type, and of
        the rule that they named, if any.
        """
        board = self.board
        return (
            (not board.tags or not set(board.tags).isdisjoint(tags))
            and (not board.activities or activity_type in board.activities)
            and (not board.rules or rule in board.rules)
        )


class Counted(NamedTuple):
    """Which entries a board counts: those of these rule and badge versions, and of these activity types (element ids).

    None stands for all of them, and for none at all: points that a person gave have neither.
    """

    versions: Collection[int] | None
    types: Collection[int] | None
