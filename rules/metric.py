"""A metric as its manager wrote it: what is measured over a member's activities. It is what badges and zones ask."""

from dataclasses import dataclass
from enum import StrEnum

from activity.calendar import PeriodKind


class Aggregate(StrEnum):
    COUNT = "count"  # activities
    SUM = "sum"  # of the values of an expression
    DISTINCT = "distinct"  # values of an expression
    STREAK = "streak"  # days, weeks or months in a row with at least one activity


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured, over which of a member's activities, and over which time.

    >>> Metric(("content.published",), Aggregate.COUNT)                                     # ever
    >>> Metric(("post.shared",), Aggregate.DISTINCT, by="activity.network", window=30)      # in any 30 days
    >>> Metric(("post.shared",), Aggregate.STREAK, unit=PeriodKind.WEEK, forgiving=1)
    """

    on: tuple[str, ...]  # keys of activity types
    aggregate: Aggregate
    by: str | None = None  # CEL of type int for a sum, of type string, int or bool for distinct values
    unit: PeriodKind | None = None  # of a streak: day, week or month
    forgiving: int = 0  # how many missing units a streak may hold
    when: str | None = None  # CEL of type bool
    window: PeriodKind | int = PeriodKind.EVER  # a calendar period, or so many days in a row
