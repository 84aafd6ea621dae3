"""A view of a board: one period, now or at the end of a past day, of everyone or of some."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from activity.calendar import Calendar, PeriodKind
from activity.calendar import Period as PeriodValue
from activity.catalogue import FieldType
from errors import LaurelsError
from leaderboard.ranking import Ranking
from leaderboard.ranking_shown import ShownRanking
from leaderboard.within import Within
from storage.work import UnitOfWork


class Since(StrEnum):
    """What places are compared with: the end of the previous day, or the previous period."""

    DAY = "day"
    PERIOD = "period"


class ComparisonInvalid(LaurelsError):
    """There is nothing before this with which places could be compared."""


@dataclass(frozen=True, slots=True)
class View:
    period: PeriodValue
    as_of: int | None = None  # a past day; None for now
    within: Within = field(default_factory=Within)

    def earlier(self, since: Since, calendar: Calendar, today: int) -> "View | None":
        """What its places are compared with; None where the period had not begun. Raises ComparisonInvalid."""
        if since is Since.DAY:
            before = (today if self.as_of is None else self.as_of) - 1
            return replace(self, as_of=before) if before >= self.period.first else None
        if self.period.kind in (PeriodKind.EVER, None):
            what = "over all time" if self.period.kind else "with days of its own"
            raise ComparisonInvalid(f"a board {what} has no previous period; ask for the change since DAY")
        return replace(self, period=calendar.period(self.period.kind, self.period.first - 1))


class Views(Protocol):
    """The rankings of one board, however it is looked at."""

    attributes: Mapping[str, FieldType]  # what the programme declares of members, beside what is known of everyone
    today: int
    sees_names: bool  # or aliases, where members have one
    shows: int | None  # the last position that whoever asks sees of others; None for all
    own: int | None  # the member who asks

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A transaction that only reads."""

    @property
    def calendar(self) -> Calendar:
        """The programme's."""

    async def ranking(self, view: View) -> Ranking:
        """Who stands where in a view."""


async def shown(views: Views, view: View) -> Ranking:
    """The ranking of a view, with what whoever asks may see of it: within a part of the members those alone who are
    among the first places of all."""
    ranking = await views.ranking(view)
    if views.shows is None:
        return ranking
    shows = views.shows
    if view.within:
        first = await (await views.ranking(replace(view, within=Within()))).top(shows)
        last = first[-1].mark._replace(competitor=first[-1].competitor + 1) if first else None
        seen = await ranking.before(last, 1) if last else []
        shows = seen[0].position if seen else 0
    return ShownRanking(ranking, shows, views.own)
