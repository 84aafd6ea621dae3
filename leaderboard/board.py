"""A board as its manager wrote it: which points count, over which period, for whom, and how ties are shown."""

from dataclasses import dataclass
from enum import StrEnum

from activity.calendar import PeriodKind


class Competitors(StrEnum):
    MEMBERS = "members"
    TEAMS = "teams"


class TieRule(StrEnum):
    """How equal scores are shown: `competition` 1, 1, 3; `dense` 1, 1, 2; `earliest` 1, 2, 3."""

    COMPETITION = "competition"
    DENSE = "dense"
    EARLIEST = "earliest"


@dataclass(frozen=True, slots=True)
class Board:
    """One ranking. Without `tags` points of every tag count, without `activities` those of every activity type, and
    without `rules` those of every rule, of badges, and those that a person gave."""

    key: str
    title: str
    period: PeriodKind
    of: Competitors = Competitors.MEMBERS
    tags: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()  # keys of activity types
    rules: tuple[str, ...] = ()  # keys
    ties: TieRule = TieRule.COMPETITION
    minimum: int | None = None  # the score with which one appears
    was: str | None = None
