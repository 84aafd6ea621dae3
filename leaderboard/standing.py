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

    @property
    def is_selective(self) -> bool:
        """Whether not all members can earn on it at all times."""
        return self.board.members is not None or self.board.newcomer_days is not None

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
    members_of: int | None = None  # the board version whose `members` alone count; None: everyone does
    newcomer_days: int | None = None  # for how many days from a member's first one

    def among(self, board: BoardVersion) -> "Counted":
        """Those of them that are of members who can earn on a board."""
        of = board.id if board.board.members is not None else None
        return self._replace(members_of=of, newcomer_days=board.board.newcomer_days)
