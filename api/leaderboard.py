"""Which leaderboard is asked for: a board, one of its periods, and perhaps a past day or a part of its members."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date

from activity.calendar import Calendar, instant
from activity.calendar import Period as PeriodValue
from activity.catalogue import FieldType
from activity.intake import nearest
from api.access import Scope
from api.context import Context
from api.errors import NotFound
from leaderboard.board import Board as BoardValue
from leaderboard.board import Competitors
from leaderboard.board_schema import Board
from leaderboard.closing import State
from leaderboard.closing_schema import Closing
from leaderboard.late import Late, late_arrivals
from leaderboard.past import DayEnd, closed_marks, day_after_us, end_of_day, is_recent, past_marks, recent_marks
from leaderboard.ranking import Ranking
from leaderboard.ranking_closed import ClosedRanking
from leaderboard.ranking_qualified import qualified
from leaderboard.ranking_redis import mirrored
from leaderboard.ranking_selected import SelectedRanking, final_marks, standing_marks
from leaderboard.ranking_sql import SqlRanking
from leaderboard.schema import DayInvalid, Leaderboard
from leaderboard.standing import BoardVersion
from leaderboard.view import View
from operations.closings import counted_in, counted_then, cuts_of, events_of_closing, find_closing
from operations.counting import counted_by
from operations.past import board_since_us, board_then
from operations.retired import retired_boards
from operations.revision import Revision
from storage.bulk import AnyRow
from storage.work import UnitOfWork


async def leaderboard_named(context: Context, key: str, period: str | None, as_of: date | None) -> Leaderboard:
    """The leaderboard that the arguments name. Raises NotFound, DayInvalid and PeriodInvalid."""
    state = await context.revision()
    calendar = state.calendar
    boards = {version.board.key: version for version in state.board_versions}
    version = boards.get(key)
    today = calendar.day(context.now())
    if version is None:
        return await _retired(context, state, key, None if as_of is not None else period)
    day = None if as_of is None else as_of.toordinal()
    if day is not None:
        if day >= today:
            raise DayInvalid(
                f"asOf is {as_of}, and that day is not over; write an earlier one, or leave it out for now"
            )
        state, version = await _then(context, state, version, day)
    found = _period(version.board, calendar, period, today if day is None else day)
    return await _seen(context, state, version, View(found, day), today)


async def _retired(context: Context, state: Revision, key: str, period: str | None) -> Leaderboard:
    """A closed period of a board that is not in the programme any more. Raises NotFound and PeriodInvalid."""
    async with context.reading() as work:
        boards = await retired_boards(work, state, key)
        for element, board in boards if period is not None else ():
            span = _period(board, state.calendar, period, 0)
            row = await find_closing(work, element, span.first)
            if row is not None and row.state != State.OPEN:
                (cut,) = await cuts_of(work, state.calendar, [row])
                break
        else:
            near = nearest(key, [each.board.key for each in state.board_versions])
            closed = "; a retired one had this key: name a period that it closed, without asOf" if boards else ""
            raise NotFound(f"the programme has no board {key!r}{near}{closed}")
    return await _seen(context, state, cut.version, View(span), state.calendar.day(context.now()))


async def leaderboard_of(context: Context, version: BoardVersion, period: PeriodValue) -> Leaderboard:
    """A board in force in one of its periods, as it is now."""
    state = await context.revision()
    return await _seen(context, state, version, View(period), state.calendar.day(context.now()))


async def _seen(context: Context, state: Revision, version: BoardVersion, view: View, today: int) -> Leaderboard:
    views = BoardViews(context, await context.revision(), state, version, today)
    closing = await views.closing(view)
    board = version if closing is None or closing.state is State.OPEN else closing.cut.version
    views.show(board.board)
    return await Leaderboard.seen(Board.of_version(board), view, views, closing)


def _period(board: BoardValue, calendar: Calendar, named: str | None, day: int) -> PeriodValue:
    """The period that is named, or else the one that a day is in. A window is the only one of its board."""
    if named is not None:
        return board.period_named(calendar, named)
    return board.period_at(calendar, day) or board.period_from(calendar, 0)


async def open_ranking(context: Context, version: BoardVersion, period: PeriodValue) -> Ranking:
    """What answers for a whole board in an open period as it stands now."""
    of = version.id, period.first, version.board.ties
    behind = SqlRanking(context.reading, *of, context.service.middles)
    ranking = await mirrored(behind, context.service.mirror, context.reading, *of)
    return qualified(ranking, version.board)


class BoardViews:
    """The rankings of one board as a revision has it, `state`, however it is looked at."""

    def __init__(self, context: Context, current: Revision, state: Revision, version: BoardVersion, today: int) -> None:
        self.attributes: Mapping[str, FieldType] = current.programme.attributes
        self.today = today
        self.sees_names = context.sees_names
        self._of_members_now = version in current.board_versions and version.board.of is Competitors.MEMBERS
        self.shows: int | None = None
        self.own = context.caller.member
        self._now = next((each.board for each in current.board_versions if each.element == version.element), None)
        self._context = context
        self._state = state
        self._version = version
        self._closed: dict[tuple[int, int | None], Closing | None] = {}

    def reading(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._context.reading()

    @property
    def calendar(self) -> Calendar:
        return self._state.calendar

    def show(self, board: BoardValue) -> None:
        """Hide from all but managers what a board of members hides, as it was then or as it is now."""
        if not self._context.caller.may(Scope.MANAGE):
            said = [each.shows for each in (board, self._now) if each is not None and each.shows is not None]
            self.shows = min(said, default=None) if board.of is Competitors.MEMBERS else None

    async def closing(self, view: View) -> Closing | None:
        """How far the period of a view is closed, or was; None when it had not been closed by then."""
        key = view.period.first, view.as_of
        if key not in self._closed:
            until_us = None if view.as_of is None else day_after_us(self.calendar, view.as_of)
            async with self.reading() as work:
                row = await find_closing(work, self._version.element, view.period.first)
                if row is not None and until_us is not None and row.cutoff_us >= until_us:
                    row = None
                self._closed[key] = await self._closing(work, row, until_us) if row is not None else None
        return self._closed[key]

    async def ranking(self, view: View) -> Ranking:
        closing = await self.closing(view)
        if closing is None or closing.state is State.OPEN:
            return await self._open_ranking(view)
        cut = closing.cut
        version, first = cut.version, view.period.first
        if closing.state is State.FINAL:
            if not view.within:
                return ClosedRanking(self.reading, cut.closing, version.board.of)
            marks = final_marks(version.id, first, view.within)
        elif view.as_of is not None:
            async with self.reading() as work:
                end = await end_of_day(work, self.calendar, view.as_of, view.period)
                marks = closed_marks(cut, await counted_in(work, cut), end, view.within)
        elif view.within:
            marks = standing_marks(version.id, first, view.within)
        else:
            of = version.id, first, version.board.ties
            return qualified(SqlRanking(self.reading, *of, self._context.service.middles), version.board)
        return SelectedRanking(self.reading, marks, version.board.ties, version.board.minimum_score)

    async def _open_ranking(self, view: View) -> Ranking:
        version, within = self._version, view.within
        if view.as_of is None and not within:
            return await open_ranking(self._context, version, view.period)
        if view.as_of is None:
            marks = standing_marks(version.id, view.period.first, within)
        else:
            async with self.reading() as work:
                is_retired = version not in self._state.board_versions
                counted = await (counted_then(work, version) if is_retired else counted_by(work, self._state, version))
                end = await end_of_day(work, self.calendar, view.as_of, view.period)
                recent = await self._is_recent(work, view, end)
            marks = (recent_marks if recent else past_marks)(version, counted, view.period, end, within)
        return SelectedRanking(self.reading, marks, version.board.ties, version.board.minimum_score)

    async def _is_recent(self, work: UnitOfWork, view: View, end: DayEnd) -> bool:
        """Whether the standings of today help to find those of a past day."""
        if not self._of_members_now or not is_recent(end, await work.last_seq()):
            return False
        row = await find_closing(work, self._version.element, view.period.first)
        return row is None or row.state == State.OPEN

    async def _closing(self, work: UnitOfWork, row: AnyRow, until_us: int | None) -> Closing:
        (cut,) = await cuts_of(work, self.calendar, [row], until_us)

        async def load_events() -> Sequence[AnyRow]:
            async with self.reading() as work:
                rows = await events_of_closing(work, cut.closing)
            return [each for each in rows if until_us is None or each.at_us < until_us]

        async def load_late() -> list[Late]:
            async with self.reading() as work:
                return await late_arrivals(work, cut, await counted_in(work, cut))

        state = _state(row, until_us)
        is_final = state is State.FINAL
        return Closing(
            state=state,
            attempt=row.attempt,
            closed_at=instant(row.cutoff_us),
            disputes_until=instant(row.disputes_until_us),
            final_at=instant(row.final_us) if is_final else None,
            digest=row.digest if is_final else None,
            places=row.participants if is_final else None,
            cut=cut,
            reading=self.reading,
            sees_names=self.sees_names,
            own=self.own,
            load_events=load_events,
            load_late=load_late,
        )


def _state(row: AnyRow, until_us: int | None) -> State:
    """How far a closing was before an instant, or is now. Of one that was reopened only its last cutoff is known."""
    state = State(row.state)
    if state is State.FINAL and until_us is not None and row.final_us >= until_us:
        return State.PROVISIONAL
    return state


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
