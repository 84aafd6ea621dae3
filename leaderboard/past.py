"""A board as it stood at the end of a past day, summed from what the ledger held by then.

Days count by when things were recorded: what came later, a correction or a late activity, is not in it. Who has left
the programme since is not on it either. `recording_day` tells which part of the ledger to read: nothing is reported
more than an hour ahead, so what belongs to a period was recorded from the day before it on. It tells of entries alone:
facts of members have their own time of recording.
"""

from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, cast, exists, func, select, union_all

from activity.calendar import Calendar, Period, PeriodKind, microseconds
from activity.tables import member, member_facts
from leaderboard.board import Competitors
from leaderboard.closing import Cut
from leaderboard.cut import cut_standings, took_part_by
from leaderboard.mean import members_then, score_of
from leaderboard.ranking_selected import standing_marks
from leaderboard.rebuild import selected_by
from leaderboard.standing import BoardVersion, Counted
from leaderboard.tables import standing
from leaderboard.within import Within
from rewards.ledger import Kind
from rewards.tables import entry, recording_day
from storage.work import UnitOfWork

SEQ_MAX = 2**63 - 1


class DayEnd(NamedTuple):
    """The end of a past day, and the part of the sequence that holds what a period had by then."""

    first_seq: int
    last_seq: int
    after_us: int  # the first instant after the day


def day_after_us(calendar: Calendar, day: int) -> int:
    """The first instant after a local day, in microseconds."""
    ends = calendar.ends_at(calendar.period(PeriodKind.DAY, day))
    assert ends is not None
    return microseconds(ends)


async def end_of_day(work: UnitOfWork, calendar: Calendar, day: int, period: Period) -> DayEnd:
    """Where the sequence stood when a day was over."""

    async def first_seq(condition: ColumnElement[bool]) -> int:
        found = (await work.execute(select(func.min(recording_day.c.first_seq)).where(condition))).scalar_one()
        return SEQ_MAX if found is None else int(found)

    begins = await first_seq(recording_day.c.day >= period.first - 1) if period.first else 0
    ends = await first_seq(recording_day.c.day > day)
    return DayEnd(begins, ends - 1 if ends < SEQ_MAX else SEQ_MAX, day_after_us(calendar, day))


def is_recent(end: DayEnd, last_seq: int) -> bool:
    """Whether less has come since the end of a day than the period had by then; `last_seq` is the latest place."""
    return last_seq - end.last_seq < end.last_seq - end.first_seq


def past_marks(board: BoardVersion, counted: Counted, period: Period, end: DayEnd, within: Within) -> Select[Any]:
    """Score, time reached and competitor of all who stood on a board: of some members, if there is a `within`."""
    among = entry.c.seq >= end.first_seq, entry.c.seq <= end.last_seq, *within.holds(entry.c.member)
    return _marks(board, counted, period, end, *among)


def recent_marks(board: BoardVersion, counted: Counted, period: Period, end: DayEnd, within: Within) -> Select[Any]:
    """The same for a board of members that is in force, found by those who have got or lost points since.

    They are summed from their own entries; all others stand as they stood. It costs what has happened since, and not
    what the whole period holds.
    """
    since = entry.alias()
    moved = select(since.c.member).where(since.c.seq > end.last_seq)
    still = standing_marks(board.id, period.first, within)
    still = still.where(standing.c.competitor.not_in(moved), standing.c.competitor.not_in(_apart(end)))
    # Added to, `seq` leads SQLite to no range of the whole ledger: entries are found by their member.
    among = entry.c.member.in_(moved), entry.c.seq + 0 <= end.last_seq, *within.holds(entry.c.member)
    then = _marks(board, counted, period, end, *among)
    found = union_all(still, then).subquery()
    return select(found.c.score, found.c.reached_us, found.c.competitor)


def closed_marks(cut: Cut, counted: Counted, end: DayEnd, within: Within) -> Select[Any]:
    """The same for a period that was closed by then: what its cut of the ledger made up to the end of the day."""
    final_seq = SEQ_MAX if cut.final_seq is None else cut.final_seq

    def present(key: Any) -> Any:
        return took_part_by(key, lambda facts: (facts.c.recorded_us < end.after_us) & (facts.c.seq <= final_seq))

    cut = replace(cut, final_seq=min(final_seq, end.last_seq))
    made = cut_standings(cut, counted, present=present).subquery()
    marks = select(made.c.score, made.c.reached_us, made.c.competitor).where(made.c.listed)
    if cut.version.board.of is Competitors.MEMBERS:
        marks = marks.where(made.c.competitor.in_(select(member.c.key).where(member.c.participates)))
    return marks.where(*within.holds(made.c.competitor))


def _marks(
    board: BoardVersion, counted: Counted, period: Period, end: DayEnd, *among: ColumnElement[bool]
) -> Select[Any]:
    of_teams = board.board.of is Competitors.TEAMS
    competitor = entry.c.team if of_teams else entry.c.member
    taken = entry.alias()
    back = (taken.c.reverses_seq == entry.c.seq) & (taken.c.reverses_ordinal == entry.c.ordinal)
    conditions = [
        entry.c.kind != Kind.REVERSAL,
        ~exists().where(back, taken.c.seq <= end.last_seq),
        member.c.participates,
        entry.c.member.not_in(_apart(end)),
        *selected_by(counted),
        *among,
    ]
    if period.first:
        conditions += [entry.c.day >= period.first, entry.c.day < period.after]
    if of_teams:
        conditions.append(entry.c.team.is_not(None))
    points, active = cast(func.sum(entry.c.points), BigInteger), func.count(entry.c.member.distinct())
    return (
        select(
            score_of(board.board.score, points, active, _members_of(board, end)).label("score"),
            func.max(entry.c.time_us).label("reached_us"),
            competitor.label("competitor"),
        )
        .select_from(entry)
        .join(member, member.c.key == entry.c.member)
        .where(*conditions)
        .group_by(competitor)
    )


def _members_of(board: BoardVersion, end: DayEnd) -> ColumnElement[int]:
    """How many belonged to the team of an entry when the day was over, were eligible and took part, as they do now."""
    return members_then(
        board,
        entry.c.team,
        lambda facts: facts.c.recorded_us < end.after_us,
        lambda facts: facts.c.participates,
        lambda facts: exists().where(member.c.key == facts.c.member, member.c.participates),
    )


def _apart(end: DayEnd) -> Select[Any]:
    """The members who did not take part when the day was over, whatever they do now."""
    later = member_facts.alias()
    again = (later.c.member == member_facts.c.member) & (later.c.seq > member_facts.c.seq)
    return select(member_facts.c.member).where(
        ~member_facts.c.participates,
        member_facts.c.recorded_us < end.after_us,
        ~exists().where(again, later.c.recorded_us < end.after_us),
    )
