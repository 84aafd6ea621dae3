"""A rule as its manager wrote it: which activities it looks at, what they earn, and how often."""

from dataclasses import dataclass
from datetime import datetime

from activity.calendar import PeriodKind


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `max` awards in a period: of one member, of one member and value of `by`, or of everyone together.

    >>> Limit(max=3, per=PeriodKind.DAY)                        # three a day for each member
    >>> Limit(max=1, per=PeriodKind.EVER, by="activity.url")    # each member once for each url
    >>> Limit(max=1, per=PeriodKind.EVER, by="activity.url", across_members=True)   # whoever is first
    """

    max: int
    per: PeriodKind
    by: str | None = None  # CEL of type string, int or bool
    across_members: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What certain activities earn."""

    key: str
    title: str
    on: tuple[str, ...]  # keys of activity types
    points: int | str  # a whole number, or CEL of type int
    when: str | None = None  # CEL of type bool
    limits: tuple[Limit, ...] = ()
    tags: tuple[str, ...] = ()
    valid_from: datetime | None = None  # the first instant at which an activity counts
    valid_to: datetime | None = None  # the first instant at which it no longer does
    was: str | None = None
