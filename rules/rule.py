"""A rule as its manager wrote it: which activities it looks at, what they earn, and how often."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from activity.calendar import PeriodKind

Amount = int | str  # a whole number, or CEL of type int


class Credit(StrEnum):
    """What each member gets when an activity names several, such as the authors of one article."""

    EACH = "each"  # all of it
    SPLIT = "split"  # equal parts, rounded towards zero
    FIRST = "first"  # all of it for the one named first, nothing for the others


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
class Budget:
    """At most so many points in a period, of all members together. What would exceed it is not paid in part."""

    points: int
    per: PeriodKind


@dataclass(frozen=True, slots=True)
class Steps:
    """What a member's first award in a period pays, the second, and so on; after the last the last again.

    >>> Steps((50, 20, 10), PeriodKind.EVER)
    """

    amounts: tuple[Amount, ...]
    per: PeriodKind = PeriodKind.EVER


@dataclass(frozen=True, slots=True)
class Bonus:
    """Points are multiplied while it lasts, rounded towards zero. Of several that fit, the largest counts."""

    percent: int  # 200 doubles
    title: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None  # the first instant at which it no longer counts


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When activities of certain members earn, by the clock of their own time zone; without one, the programme's."""

    days: tuple[int, ...]  # 0 is Monday
    starts: int  # minutes after midnight
    ends: int  # minutes after midnight; at most 24 * 60
    applies_to: str | None = None  # CEL of type bool over the member; None: everyone


@dataclass(frozen=True, slots=True)
class Rule:
    """What certain activities earn."""

    key: str
    title: str
    on: tuple[str, ...]  # keys of activity types
    points: Amount | Steps
    when: str | None = None  # CEL of type bool
    audience: str | None = None  # CEL of type bool over the member alone: who can earn it
    limits: tuple[Limit, ...] = ()
    cooldown: timedelta | None = None  # between the times of two paid activities of a member
    budget: Budget | None = None
    bonuses: tuple[Bonus, ...] = ()
    credit: Credit = Credit.EACH
    hold: timedelta | None = None  # from recording until the points count
    any_time: bool = False  # pays outside the programme's working time too
    tags: tuple[str, ...] = ()
    valid_from: datetime | None = None  # the first instant at which an activity counts
    valid_to: datetime | None = None  # the first instant at which it no longer does
    was: str | None = None
