"""Which leaderboard is asked for: a board, one of its periods, and perhaps a past day or a part of its members."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import date

from activity.calendar import Calendar, instant
from activity.calendar import Period as PeriodValue
from activity.catalogue import FieldType
from activity.intake import nearest
from api.context import Context
from api.errors import NotFound
from leaderboard.board import Board as BoardValue
from leaderboard.board import Competitors
from leaderboard.past import cut_at, day_after_us, is_recent, past_marks, recent_marks
from leaderboard.ranking import Ranking
from leaderboard.ranking_qualified import QualifiedRanking
from leaderboard.ranking_selected import SelectedRanking, standing_marks
from leaderboard.ranking_sql import SqlRanking
from leaderboard.schema import Board, DayInvalid, Leaderboard
from leaderboard.standing import BoardVersion
from leaderboard.view import View
from operations.counting import counted_by
from operations.past import board_since_us, board_then
from operations.revision import Revision
from storage.work import UnitOfWork


async def leaderboard_of(context: Context, key: str, period: str | None, as_of: date | None) -> Leaderboard:
    """The leaderboard that the arguments name. Raises NotFound, DayInvalid and PeriodInvalid."""
    state = await context.revision()
    calendar = state.calendar
    boards = {version.board.key: version for version in state.board_versions}
    version = boards.get(key)
    if version is None:
        raise NotFound(f"the programme has no board {key!r}{nearest(key, boards)}")
    today = calendar.day(context.now())
    day = None if as_of is None else as_of.toordinal()
    if day is not None:
        if day >= today:
            raise DayInvalid(
                f"asOf is {as_of}, and that day is not over; write an earlier one, or leave it out for now"
            )
        state, version = await _then(context, state, version, day)
    found = _period(version.board, calendar, period, today if day is None else day)
    views = BoardViews(context, await context.revision(), state, version, today)
    return await Leaderboard.seen(Board.of_version(version), View(found, day), views)


def _period(board: BoardValue, calendar: Calendar, named: str | None, day: int) -> PeriodValue:
    """The period that is named, or else the one that a day is in. A window is the only one of its board."""
    if named is not None:
        return board.period_named(calendar, named)
    return board.period_at(calendar, day) or board.period_from(calendar, 0)


def open_ranking(context: Context, version: BoardVersion, period: PeriodValue) -> Ranking:
    """What answers for a whole board as it stands now."""
    ranking = SqlRanking(context.reading, version.id, period.first, version.board.ties)
    minimum = version.board.minimum
    return ranking if minimum is None else QualifiedRanking(ranking, minimum)


class BoardViews:
    """The rankings of one board as a revision has it, `state`, however it is looked at."""

    def __init__(self, context: Context, current: Revision, state: Revision, version: BoardVersion, today: int) -> None:
        self.attributes: Mapping[str, FieldType] = current.programme.attributes
        self.today = today
        self.sees_names = context.sees_names
        self._of_members_now = version in current.board_versions and version.board.of is Competitors.MEMBERS
        self._context = context
        self._state = state
        self._version = version

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._context.reading()

    @property
    def calendar(self) -> Calendar:
        return self._state.calendar

    async def ranking(self, view: View) -> Ranking:
        version, within = self._version, view.within
        if view.as_of is None and not within:
            return open_ranking(self._context, version, view.period)
        if view.as_of is None:
            marks = standing_marks(version.id, view.period.first, within)
        else:
            async with self.reading() as work:
                counted = await counted_by(work, self._state, version)
                cut = await cut_at(work, self.calendar, view.as_of, view.period)
                recent = self._of_members_now and is_recent(cut, await work.last_seq())
            marks = (recent_marks if recent else past_marks)(version, counted, view.period, cut, within)
        return SelectedRanking(self.reading, marks, version.board.ties, version.board.minimum)


async def _then(context: Context, state: Revision, version: BoardVersion, day: int) -> tuple[Revision, BoardVersion]:
    """The board as it was defined when a day was over. Raises NotFound."""
    async with context.reading() as work:
        until_us = day_after_us(state.calendar, day)
        found = await board_then(work, context.service.revisions, state, version, until_us)
        if found is None:
            since = state.calendar.day(instant(await board_since_us(work, version)))
            raise NotFound(
                f"there was no board {version.board.key!r} on {date.fromordinal(day)}; it was first published on "
                f"{date.fromordinal(since)}, write that day or a later one"
            )
    return found
