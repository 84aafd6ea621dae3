"""Standings from the ledger: for a new board version, after a change of who takes part, and for proof."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    true,
)

from activity.calendar import Calendar, Period, PeriodKind
from activity.tables import member, member_facts
from leaderboard.board import Competitors
from leaderboard.closing import Span, State, merged
from leaderboard.dirty import mark_rebuilt
from leaderboard.eligibility import eligible
from leaderboard.mean import members_now, score_of
from leaderboard.standing import BoardVersion, Counted
from leaderboard.tables import board_period, closing, standing, team_share
from rewards.ledger import Kind
from rewards.tables import entry
from storage.work import UnitOfWork


async def rebuild(
    work: UnitOfWork,
    board: BoardVersion,
    counted: Counted,
    calendar: Calendar,
    *,
    closed: Collection[Span] = (),
    period: Period | None = None,
) -> None:
    """Write a board's standings anew from the ledger: all but those of closed periods, or those of one period. The
    programme must be held."""
    among = [] if period is None else days_of(period)
    written = [(standing, await expected_standings(work, board, counted, calendar, closed=closed, among=among))]
    if board.board.is_mean:
        written.append((team_share, await expected_shares(work, board, counted, calendar, closed=closed, among=among)))
    for table, expected in written:
        gone = delete(table).where(table.c.board == board.id)
        gone = gone.where(table.c.period.not_in([span.first for span in closed]))
        if period is not None:
            gone = gone.where(table.c.period == period.first)
        await work.execute(gone)
        await work.execute(insert(table).from_select([column.name for column in table.columns], expected))
    await recount(work, board)
    await mark_rebuilt(work, board.id, period.first if period is not None else None)


async def rewrite(work: UnitOfWork, theirs: ColumnElement[bool], expected: Select[*tuple[Any, ...]]) -> int:
    """Write some standings anew. Returns how many more are listed."""
    listed = select(func.count()).select_from(standing).where(theirs, standing.c.listed)
    before = (await work.execute(listed)).scalar_one()
    await work.execute(delete(standing).where(theirs))
    await work.execute(insert(standing).from_select([column.name for column in standing.columns], expected))
    return int((await work.execute(listed)).scalar_one()) - int(before)


async def drop(work: UnitOfWork, board: int) -> None:
    """Remove the standings of a board version that is no longer in force, but for closed periods."""
    await mark_rebuilt(work, board)
    for table in (standing, board_period):
        here = (closing.c.board == table.c.board) & (closing.c.period == table.c.period)
        is_closed = exists().where(here, closing.c.state != State.OPEN)
        await work.execute(delete(table).where(table.c.board == board, ~is_closed))
    await work.execute(delete(team_share).where(team_share.c.board == board))


async def recount(work: UnitOfWork, board: BoardVersion) -> None:
    """Count the participants of all periods of a board anew, and mark them as changed.

    A period in which nobody stands any more stays: its revision never falls back.
    """
    told = select(board_period.c.period, board_period.c.revision).where(board_period.c.board == board.id)
    revisions = {row.period: row.revision for row in await work.rows(told)}
    listed = func.count().filter(standing.c.listed)
    counted = select(standing.c.period, listed).where(standing.c.board == board.id).group_by(standing.c.period)
    counts = {row[0]: row[1] for row in await work.rows(counted)}
    periods = sorted(revisions.keys() | counts.keys())
    columns = {
        "board": [board.id] * len(periods),
        "period": periods,
        "participants": [counts.get(period, 0) for period in periods],
        "revision": [max(revisions.values(), default=0) + 1] * len(periods),
    }
    await work.upsert(board_period, columns)


async def expected_standings(
    work: UnitOfWork,
    board: BoardVersion,
    counted: Counted,
    calendar: Calendar,
    *,
    closed: Collection[Span] = (),
    among: Sequence[ColumnElement[bool]] = (),
) -> Select[*tuple[Any, ...]]:
    """What a board's standings must be, but for closed periods, as a query over the ledger with the columns of
    `standing` in their order; of some entries, if there are conditions for them.

    Who does not take part is unlisted on a board of members, and their points are no part of a team's.
    """
    of_teams = board.board.of is Competitors.TEAMS
    competitor = entry.c.team if of_teams else entry.c.member
    period, entries = await _entries(work, board, counted, calendar, closed, among)
    points = cast(func.sum(entry.c.points), BigInteger)
    active = func.count(entry.c.member.distinct())
    query = entries.add_columns(
        literal(board.id, Integer).label("board"),
        period,
        competitor.label("competitor"),
        score_of(board.board.score, points, active, members_now(board, entry.c.team)).label("score"),
        func.max(entry.c.time_us).label("reached_us"),
        func.count().label("entries"),
        (true() if of_teams else member.c.participates).label("listed"),
    ).group_by(period, competitor, *([] if of_teams else [member.c.participates]))
    return query.where(entry.c.team.is_not(None), member.c.participates) if of_teams else query


async def expected_shares(
    work: UnitOfWork,
    board: BoardVersion,
    counted: Counted,
    calendar: Calendar,
    *,
    closed: Collection[Span] = (),
    among: Sequence[ColumnElement[bool]] = (),
) -> Select[*tuple[Any, ...]]:
    """What members add to the teams of a board, likewise, with the columns of `team_share`."""
    period, entries = await _entries(work, board, counted, calendar, closed, among)
    query = entries.add_columns(
        literal(board.id, Integer).label("board"),
        period,
        entry.c.team,
        entry.c.member,
        cast(func.sum(entry.c.points), BigInteger).label("points"),
        func.max(entry.c.time_us).label("reached_us"),
        func.count().label("entries"),
    )
    return query.where(entry.c.team.is_not(None)).group_by(period, entry.c.team, entry.c.member)


async def _entries(
    work: UnitOfWork,
    board: BoardVersion,
    counted: Counted,
    calendar: Calendar,
    closed: Collection[Span],
    among: Sequence[ColumnElement[bool]],
) -> tuple[ColumnElement[int], Select[*tuple[Any, ...]]]:
    """The entries that stand for a board, but for closed periods, as a query without columns; and their period."""
    first, last = (await work.rows(select(func.min(entry.c.day), func.max(entry.c.day)).where(*among)))[0]
    spans = board.board.periods(calendar, first, last) if first is not None else ()
    period_of_day = [
        (day, period.first) for period in spans for day in range(max(period.first, first), min(period.after, last + 1))
    ]
    days = work.given("days", {"day": [day for day, _ in period_of_day], "period": [key for _, key in period_of_day]})
    query = (
        select()
        .select_from(entry)
        .join(member, member.c.key == entry.c.member)
        # Every entry has its day there. The outer join makes SQLite look days up, and not scan the ledger for each day.
        .outerjoin(days, days.c.day == entry.c.day)
        .where(*standing_for(counted), *among)
        .where(*(~entry.c.day.between(span.first, span.after - 1) for span in merged(closed)))
    )
    if not isinstance(board.board.period, PeriodKind):
        query = query.where(entry.c.day >= board.board.period.first, entry.c.day < board.board.period.after)
    return days.c.period, query


def days_of(period: Period) -> list[ColumnElement[bool]]:
    """When an entry is of a period."""
    return [entry.c.day >= period.first, entry.c.day < period.after]


def of_competitors(board: BoardVersion, competitors: Collection[int]) -> list[ColumnElement[bool]]:
    """When an entry is of one of these members, or was recorded in one of these teams. No index knows teams: entries
    are found by those who have ever belonged to them."""
    some = sorted(competitors)
    if board.board.of is Competitors.MEMBERS:
        return [entry.c.member.in_(some)]
    belonged = select(member_facts.c.member).where(member_facts.c.team.in_(some))
    return [entry.c.team.in_(some), entry.c.member.in_(belonged)]


def standing_for(counted: Counted) -> list[ColumnElement[bool]]:
    """When an entry stands for a board: it is counted, takes nothing back, and is not taken back."""
    taken = entry.alias()
    return [
        entry.c.kind != Kind.REVERSAL,
        ~exists().where(taken.c.reverses_seq == entry.c.seq, taken.c.reverses_ordinal == entry.c.ordinal),
        *selected_by(counted),
    ]


def selected_by(counted: Counted) -> list[ColumnElement[bool]]:
    """When an entry, joined with its member, is of what a board counts."""
    conditions: list[ColumnElement[bool]] = []
    if counted.versions is not None:
        conditions.append(entry.c.version.in_(sorted(counted.versions)))
    if counted.types is not None:
        conditions.append(entry.c.type.in_(sorted(counted.types)))
    return [*conditions, *eligible(counted)]


async def latest_time(
    work: UnitOfWork,
    board: BoardVersion,
    counted: Counted,
    calendar: Calendar,
    period: int,
    competitor: int,
    of_member: int | None = None,
) -> int:
    """When a standing was reached: the latest activity time, in microseconds, of the entries that stand for it; or of
    those that are one member's, whether or not they take part."""
    of_teams = board.board.of is Competitors.TEAMS
    query = (
        select(func.max(entry.c.time_us))
        .join(member, member.c.key == entry.c.member)
        .where(*of_competitors(board, [competitor]), *standing_for(counted))
    )
    if of_member is not None:
        query = query.where(entry.c.member == of_member)
    elif of_teams:
        query = query.where(member.c.participates)
    if period:
        after = board.board.period_from(calendar, period).after
        query = query.where(entry.c.day >= period, entry.c.day < after)
    return int((await work.execute(query)).scalar_one() or 0)
