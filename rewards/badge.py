"""A badge as its manager wrote it: what is measured, at which levels it is awarded, to whom, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime

from rewards.noun import Noun
from rules.metric import Metric


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a badge. `at` is the value of its metric at which it is reached."""

    at: int
    title: str | None = None
    points: int = 0


@dataclass(frozen=True, slots=True)
class Badge:
    """A recognition. Without a metric it is given by hand, or when all badges that it requires are held.

    Its levels are either listed, or one `every` so many: levels 1, 2, 3 at 5, 10, 15.
    """

    key: str
    title: str
    metric: Metric | None = None
    levels: tuple[Level, ...] = (Level(1),)  # ascending; with `every` a single one, which every level is like
    every: bool = False
    repeat: bool = False  # once in each window, instead of once
    requires: tuple[str, ...] = ()  # keys of badges
    audience: str | None = None  # CEL of type bool over the member alone
    tags: tuple[str, ...] = ()  # what boards select its points by
    text: str | None = None  # what it is for, in words for members
    colour: str | None = None  # of its icon, as #rrggbb
    hidden: bool = False  # not shown to a member before they have it
    first: int | None = None  # only so many members get it
    expires_days: int | None = None  # after its award
    keep: bool = False  # kept when its evidence falls away, instead of revoked
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    noun: Noun | None = None  # what the metric counts, in words
    was: str | None = None


def points_at(badge: Badge, level: int) -> int:
    """What a level of a badge pays, from level 1."""
    return badge.levels[0 if badge.every else min(level, len(badge.levels)) - 1].points
