"""A board as its manager wrote it: which points count, over which period, for whom, and how ties are shown."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from activity.calendar import Calendar, Period, PeriodInvalid, PeriodKind


class Competitors(StrEnum):
    MEMBERS = "members"
    TEAMS = "teams"


class Scoring(StrEnum):
    """What the score of a team is: the sum of its points, or that divided by its members, or by those who have any."""

    SUM = "sum"
    MEAN = "mean"
    MEAN_ACTIVE = "mean-active"


THOUSAND = 1_000  # means are counted in thousandths


class TieRule(StrEnum):
    """How equal scores are shown: `competition` 1, 1, 3; `dense` 1, 1, 2; `earliest` 1, 2, 3."""

    COMPETITION = "competition"
    DENSE = "dense"
    EARLIEST = "earliest"


@dataclass(frozen=True, slots=True)
class Terms:
    """When a period of a board is closed: so many days after its end, and final so many days after that."""

    grace_days: int = 2
    dispute_days: int = 7


@dataclass(frozen=True, slots=True)
class Board:
    """One ranking. Without `tags` points of every tag count, without `activities` those of every activity type, and
    without `rules` those of every rule, of badges, and those that a person gave."""

    key: str
    title: str
    period: PeriodKind | Period  # how long its periods are, or the one window that it has
    of: Competitors = Competitors.MEMBERS
    tags: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()  # keys of activity types
    rules: tuple[str, ...] = ()  # keys
    ties: TieRule = TieRule.COMPETITION
    members: str | None = None  # a condition over the member when something was recorded: who can earn here
    newcomer_days: int | None = None  # for how many days from their first one counts what a member did
    minimum: int | None = None  # the points with which one appears
    shows: int | None = None  # the last place that others see; a board of members alone has it
    closing: Terms | None = None  # without it the board never closes
    was: str | None = None
    score: Scoring = Scoring.SUM  # means are of teams alone

    @property
    def period_name(self) -> str:
        """The kind of its periods, such as half-year, or the key of its window."""
        return self.period.value if isinstance(self.period, PeriodKind) else self.period.key

    @property
    def is_mean(self) -> bool:
        """Whether scores are means of teams, in thousandths of a point. See leaderboard/mean.py."""
        return self.score is not Scoring.SUM

    @property
    def minimum_score(self) -> int | None:
        """The score of a standing with which one appears."""
        return self.minimum * THOUSAND if self.minimum is not None and self.is_mean else self.minimum

    def qualifies(self, score: int) -> bool:
        """Whether one appears with this score."""
        return self.minimum_score is None or score >= self.minimum_score

    def period_at(self, calendar: Calendar, day: int) -> Period | None:
        """The period that a day is in; None for a day outside the window."""
        if isinstance(self.period, PeriodKind):
            return calendar.period(self.period, day)
        return self.period if self.period.first <= day < self.period.after else None

    def period_from(self, calendar: Calendar, first: int) -> Period:
        """The period that begins on a day, 0 for ever."""
        return calendar.period(self.period, first or 1) if isinstance(self.period, PeriodKind) else self.period

    def period_named(self, calendar: Calendar, text: str) -> Period:
        """The period that a text names, by its key or a date in it. Raises PeriodInvalid."""
        if isinstance(self.period, PeriodKind):
            return calendar.parse(self.period, text)
        dates = (date.fromordinal(day).isoformat() for day in range(self.period.first, self.period.after))
        if text == self.period.key or text in dates:
            return self.period
        raise PeriodInvalid(f"{text!r} is not the period of this board, {self.period.key}; write that, or a date in it")

    def periods(self, calendar: Calendar, first_day: int, last_day: int) -> list[Period]:
        """Its periods that touch the days from `first_day` to `last_day`, in order."""
        if isinstance(self.period, PeriodKind):
            return list(calendar.periods(self.period, first_day, last_day))
        return [self.period] if self.period.first <= last_day and first_day < self.period.after else []
