"""The journey as its manager wrote it: the zones that a member goes through, and what leads into each.

A zone is never a grade: its text says what is possible next.
"""

from dataclasses import dataclass

from rewards.noun import Noun
from rules.metric import Metric


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that leads into a zone: a metric that has reached a value, once and for good."""

    title: str  # what to do, in words: "Share three company posts in a month"
    metric: Metric
    at_least: int
    noun: Noun | None = None  # what the metric counts, in words


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the journey. A member enters it when all its needs are met; where there are none, at once."""

    key: str  # one of activity.catalogue.ZONES, in their order
    title: str
    needs: tuple[Need, ...] = ()
    text: str | None = None  # what is possible here, in words for members


@dataclass(frozen=True, slots=True)
class Journey:
    """The zones in their order, and how long a silence makes a member dormant."""

    zones: tuple[Zone, ...] = ()
    dormant_days: int | None = None
