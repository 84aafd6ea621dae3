"""The closings as they are stored: which periods are closed, and the cuts of the ledger that they count."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Select, func, insert, or_, select, update

from activity.calendar import Calendar
from leaderboard.board import Board, Competitors
from leaderboard.closing import Closings, Cut, Happened, Span, State
from leaderboard.cut import restate
from leaderboard.definition import board_from_plain
from leaderboard.standing import BoardVersion, Counted
from leaderboard.tables import closing, closing_event
from operations.paying import counted_of
from rules.tables import element, programme, version
from storage.bulk import AnyRow
from storage.work import UnitOfWork


class Event(NamedTuple):
    """One thing that happened to a closing."""

    kind: Happened
    at_us: int
    author: str | None = None
    reason: str | None = None
    competitor: int | None = None


async def load_closings(work: UnitOfWork, calendar: Calendar) -> Closings:
    """What writers must know of all closings, as they are in this transaction."""
    number = (await work.execute(select(programme.c.closings))).scalar_one()
    columns = (closing.c.element, closing.c.period, closing.c.state, version.c.definition)
    query = select(*columns).join(version, version.c.id == closing.c.board).where(closing.c.state != State.OPEN)
    spans: defaultdict[int, set[Span]] = defaultdict(set)
    for row in await work.rows(query):
        spans[row.element].add(span_of(calendar, board_from_plain("", orjson.loads(row.definition)), row.period))
    disputed = await work.rows(_closings().where(closing.c.state == State.PROVISIONAL, closing.c.final_seq.is_(None)))
    return Closings(number, spans, tuple(sorted(await cuts_of(work, calendar, disputed), key=_order)))


def span_of(calendar: Calendar, board: Board, first: int) -> Span:
    return Span(first, board.period_from(calendar, first).after)


async def find_closing(work: UnitOfWork, board: int, period: int) -> AnyRow | None:
    """The closing of a board, by its element, in one period; with key and definition of the board as it was closed."""
    rows = await work.rows(_closings().where(closing.c.element == board, closing.c.period == period))
    return rows[0] if rows else None


async def load_closing(work: UnitOfWork, closing_id: int) -> AnyRow | None:
    """The same by its id."""
    rows = await work.rows(_closings().where(closing.c.id == closing_id))
    return rows[0] if rows else None


async def all_closings(work: UnitOfWork, *states: State) -> Sequence[AnyRow]:
    """Closings, the oldest first."""
    query = _closings()
    if states:
        query = query.where(closing.c.state.in_(states))
    return await work.rows(query.order_by(closing.c.id))


async def cuts_of(
    work: UnitOfWork, calendar: Calendar, rows: Iterable[AnyRow], until_us: int | None = None
) -> list[Cut]:
    """The cuts of closings, as `find_closing` gives them; with those alone who were disqualified before an instant."""
    found = list(rows)
    disqualified: defaultdict[int, set[int]] = defaultdict(set)
    query = select(closing_event).where(closing_event.c.closing.in_([row.id for row in found]))
    if until_us is not None:
        query = query.where(closing_event.c.at_us < until_us)
    query = query.order_by(closing_event.c.closing, closing_event.c.ordinal)
    for event in await work.rows(query) if found else ():
        if event.kind == Happened.DISQUALIFIED:
            disqualified[event.closing].add(event.competitor)
        elif event.kind == Happened.REINSTATED:
            disqualified[event.closing].discard(event.competitor)
    cuts = []
    for row in found:
        board = board_from_plain(row.key, orjson.loads(row.definition))
        cuts.append(
            Cut(
                closing=row.id,
                version=BoardVersion(row.board, board, row.element),
                span=span_of(calendar, board, row.period),
                cutoff_seq=row.cutoff_seq,
                final_seq=row.final_seq,
                disqualified=frozenset(disqualified[row.id]),
            )
        )
    return cuts


async def counted_in(work: UnitOfWork, cut: Cut) -> Counted:
    """The entries that a closed period counts."""
    return await counted_then(work, cut.version)


async def counted_then(work: UnitOfWork, of: BoardVersion) -> Counted:
    """The entries that a board counts: as `counted_by`, but by the names of the board's own revision."""
    board = of.board
    types = None
    if board.activities:
        ids = {key: identifier for identifier, key in (await _keys_then(work, of, "activity")).items()}
        types = [ids[key] for key in board.activities]
    rules = await _keys_then(work, of, "rule") if board.rules else {}
    return (await counted_of(work, board, types, rules)).among(of)


async def events_of_closing(work: UnitOfWork, closing_id: int) -> Sequence[AnyRow]:
    """What happened to a closing, in order."""
    query = select(closing_event).where(closing_event.c.closing == closing_id)
    return await work.rows(query.order_by(closing_event.c.ordinal))


async def restate_corrected(
    work: UnitOfWork, cuts: Iterable[Cut], corrected: Collection[tuple[int, int | None, int]]
) -> None:
    """Write the standings in closed periods anew of members, with their teams and days, whom somebody corrected."""
    for cut in cuts if corrected else ():
        of_teams = cut.version.board.of is Competitors.TEAMS
        theirs = {
            team if of_teams else member for member, team, day in corrected if cut.span.first <= day < cut.span.after
        }
        if known := {each for each in theirs if each is not None}:
            await restate(work, cut, await counted_in(work, cut), known)


async def tell(work: UnitOfWork, closing_id: int, event: Event) -> None:
    """Write down what happened to a closing. It must be locked, or the programme held."""
    last = select(func.max(closing_event.c.ordinal)).where(closing_event.c.closing == closing_id)
    ordinal = ((await work.execute(last)).scalar() or 0) + 1
    await work.execute(insert(closing_event).values({"closing": closing_id, "ordinal": ordinal} | event._asdict()))


async def renumber(work: UnitOfWork) -> None:
    """Have every writer read the closings anew. The programme must be held."""
    await work.execute(update(programme).values(closings=programme.c.closings + 1))


async def _keys_then(work: UnitOfWork, board: BoardVersion, kind: str) -> dict[int, str]:
    """The keys of the elements of a kind, by id, that were in force when a board version was published."""
    since = select(version.c.revision).where(version.c.id == board.id).scalar_subquery()
    there = or_(element.c.retired.is_(None), element.c.retired > since)
    query = select(version.c.key, version.c.element).join(element)
    query = query.where(element.c.kind == kind, there, version.c.revision <= since).order_by(version.c.revision)
    return {row.element: row.key for row in await work.rows(query)}


def _order(cut: Cut) -> tuple[int, int]:
    """In which whoever corrects several locks their rows."""
    return cut.version.id, cut.span.first


def _closings() -> Select[*tuple[Any, ...]]:
    return select(closing, version.c.key, version.c.definition).join(version, version.c.id == closing.c.board)
