"""The proof of what is closed: provisional standings and final results are what the ledger makes them up to their cuts,
and no place of a result has moved since its digest was taken."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, except_, func, select

from activity.calendar import instant
from leaderboard.board import Scoring
from leaderboard.closing import Cut, Happened, State
from leaderboard.cut import cut_standings
from leaderboard.mean import shown
from leaderboard.result import NOBODY, ResultRow, Row, ranked, result_chunk
from leaderboard.tables import board_period, closing, closing_event, result, standing
from operations.closings import all_closings, counted_in, cuts_of
from operations.freeze import digest_of
from operations.names import Names
from operations.revision import Revision
from storage.bulk import AnyRow
from storage.work import UnitOfWork

LAST_EVENTS = {
    State.OPEN: {Happened.REOPENED},
    State.PROVISIONAL: {Happened.CLOSED, Happened.CLOSED_EARLY, Happened.DISQUALIFIED, Happened.REINSTATED},
    State.FINAL: {Happened.FINAL},
}


class ClosingProof:
    """Compares every closing; names what differs."""

    def __init__(
        self,
        work: UnitOfWork,
        current: Revision,
        names: Names,
        differ: Callable[[str], None],
    ) -> None:
        self._work = work
        self._current = current
        self._names = names
        self._differ = differ

    async def prove(self) -> None:
        rows = await all_closings(self._work)
        places: dict[int, str] = {}
        for row, cut in zip(rows, await cuts_of(self._work, self._current.calendar, rows), strict=True):
            where = f"{cut.version.board.key} in {self._period(cut)}"
            places[row.id] = where
            await self._compare_events(row, where)
            if row.state != State.OPEN:
                await self._compare_standings(cut, where)
            if row.state == State.FINAL:
                await self._compare_result(row, cut, where)
        known = select(closing.c.id).where((closing.c.state == State.FINAL) | closing.c.final_seq.is_not(None))
        strays = select(result.c.closing).where(result.c.closing.not_in(known)).distinct()
        for row in await self._work.rows(strays):
            where = places.get(row.closing, f"closing number {row.closing}")
            self._differ(f"result of {where}: there are places, but it is not final")

    async def _compare_events(self, row: AnyRow, where: str) -> None:
        query = select(closing_event.c.kind).where(closing_event.c.closing == row.id)
        kinds = [event.kind for event in await self._work.rows(query.order_by(closing_event.c.ordinal))]
        last = kinds[-1] if kinds else "nothing"
        if last not in LAST_EVENTS[State(row.state)]:
            self._differ(f"closing of {where}: it is {row.state}, but what happened last was: {last}")
        attempts = sum(kind in (Happened.CLOSED, Happened.CLOSED_EARLY) for kind in kinds)
        if attempts != row.attempt:
            self._differ(f"closing of {where}: it was closed {attempts} times, and not {row.attempt}")

    async def _compare_standings(self, cut: Cut, where: str) -> None:
        made = cut_standings(cut, await counted_in(self._work, cut)).subquery()
        names = ("competitor", "score", "reached_us", "entries", "listed")
        mine = (standing.c.board == cut.version.id) & (standing.c.period == cut.span.first)
        stored = select(*(standing.c[name] for name in names)).where(mine)
        expected = select(*(made.c[name] for name in names))
        await self._compare(cut, stored, expected, f"closed standing on {where}")
        listed = select(func.count()).select_from(standing).where(mine, standing.c.listed)
        count = (await self._work.execute(listed)).scalar_one()
        told = select(board_period.c.participants)
        told = told.where(board_period.c.board == cut.version.id, board_period.c.period == cut.span.first)
        counted = (await self._work.execute(told)).scalar() or 0
        if counted != count:
            self._differ(f"participants on {where}: stored are {counted}; {count} are listed")

    async def _compare_result(self, row: AnyRow, cut: Cut, where: str) -> None:
        made = cut_standings(cut, await counted_in(self._work, cut)).subquery()
        expected = select(made.c.competitor, made.c.score, made.c.reached_us).where(made.c.listed)
        if (minimum := cut.version.board.minimum_score) is not None:
            expected = expected.where(made.c.score >= minimum)
        stored = select(result.c.competitor, result.c.score, result.c.reached_us)
        stored = stored.where(result.c.closing == cut.closing)
        await self._compare(cut, stored, expected, f"result of {where}")
        digest, last = digest_of(self._current, cut), NOBODY
        misplaced = 0
        while rows := await result_chunk(self._work, cut.closing, last.position):
            digest.add(rows)
            marks = [(score, reached_us, competitor) for _, _, competitor, score, reached_us in rows]
            misplaced += rows != ranked(marks, last, cut.version.board.ties) or not _ordered(last, rows)
            last = ResultRow(*rows[-1])
        if misplaced:
            self._differ(f"result of {where}: its places are not in the order of their scores")
        if digest.text != row.digest:
            self._differ(f"result of {where}: its digest is {row.digest}; its places make it {digest.text}")
        if last.position != row.participants:
            self._differ(f"result of {where}: it has {last.position} places, and not {row.participants}")

    async def _compare(
        self, cut: Cut, stored: Select[*tuple[Any, ...]], expected: Select[*tuple[Any, ...]], what: str
    ) -> None:
        had = {row[0]: row for row in await self._work.rows(except_(stored, expected))}
        gives = {row[0]: row for row in await self._work.rows(except_(expected, stored))}
        for key in sorted(had.keys() | gives.keys()):
            who = self._names.competitor(cut.version.board.of, key)
            stored_is, gives_is = (_told(cut.version.board.score, rows.get(key)) for rows in (had, gives))
            self._differ(f"{what} of {who}: stored is {stored_is}; the ledger gives {gives_is}")

    def _period(self, cut: Cut) -> str:
        return cut.version.board.period_from(self._current.calendar, cut.span.first).key


def _ordered(last: ResultRow, rows: list[Row]) -> bool:
    order = [(-row[3], row[4], row[2]) for row in rows]
    if last.position:
        order.insert(0, (-last.score, last.reached_us, last.competitor))
    return all(before < after for before, after in pairwise(order))


def _told(scoring: Scoring, row: AnyRow | None) -> str:
    if row is None:
        return "nothing"
    more = "" if len(row) == 3 else f" from {row.entries} entries" + ("" if row.listed else ", not listed")
    return f"score {shown(scoring, row.score)}{more}, reached {instant(row.reached_us).isoformat()}"
