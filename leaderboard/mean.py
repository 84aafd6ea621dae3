"""The mean of a team: its points divided by its members, as a standing has it and as people read it.

A standing holds whole thousandths of a point, rounded towards zero, so that order, rank and digest need no fractions:

    thousandths(37, 3)       12333, which is shown as 12.333
    thousandths(-37, 3)      -12333

`mean` divides by those who belong to the team, take part and are eligible for the board, or, where nobody is left, by
those whose points are counted; `mean-active` always by the latter. There is at least one of them, or there would be no
standing.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, func, select

from activity.tables import member, member_facts
from leaderboard.board import THOUSAND, Scoring
from leaderboard.eligibility import eligible_by, eligible_now
from leaderboard.standing import BoardVersion
from storage.work import UnitOfWork


def thousandths(points: int, members: int) -> int:
    """Points divided by members, in whole thousandths, rounded towards zero."""
    return _divided(points * THOUSAND, members)


def divisor(scoring: Scoring, members: int, active: int) -> int:
    """By how many the points are divided: `members` belong to the team and count in it, `active` have points."""
    return members or active if scoring is Scoring.MEAN else active


def points_of(scoring: Scoring, score: int) -> int:
    """Whole points of a standing's score, rounded towards zero."""
    return score if scoring is Scoring.SUM else _divided(score, THOUSAND)


def mean_of(scoring: Scoring, score: int) -> float | None:
    """A standing's score as the number nearest to its three decimals; None where it is a sum."""
    return None if scoring is Scoring.SUM else score / THOUSAND


def shown(scoring: Scoring, score: int) -> str:
    """A standing's score as people read it: 1,234 or 1,234.567."""
    if scoring is Scoring.SUM:
        return f"{score:,}"
    whole, rest = divmod(abs(score), THOUSAND)
    return f"{'-' if score < 0 else ''}{whole:,}.{rest:03}"


def score_of(
    scoring: Scoring, points: ColumnElement[int], active: ColumnElement[int], members: ColumnElement[int]
) -> ColumnElement[int]:
    """A standing's score in a query, by the same rule. `points` must be of the type BigInteger."""
    if scoring is Scoring.SUM:
        return points
    by = func.coalesce(func.nullif(members, 0), active) if scoring is Scoring.MEAN else active
    return points * THOUSAND // by  # integers: both databases round towards zero


def members_now(board: BoardVersion, team: Any) -> ColumnElement[int]:
    """How many belong to the team of a row, take part and are eligible for a board, in a query."""
    theirs = member.alias()
    conditions = [theirs.c.team == team, theirs.c.participates]
    if board.board.members is not None:
        conditions.append(eligible_now(board.id, theirs.c.key))
    return _count(select(func.count()).select_from(theirs).where(*conditions), team)


def members_then(
    board: BoardVersion, team: Any, by_then: Callable[[Any], ColumnElement[bool]], *took_part: Any
) -> ColumnElement[int]:
    """How many belonged to the team of a row at a time in the past, and were eligible for a board. `by_then` says of a
    row of `member_facts` whether it had been recorded, and each of `took_part` whether its member is to be counted."""
    facts, later = member_facts.alias(), member_facts.alias()
    last = select(func.max(later.c.seq)).where(later.c.member == facts.c.member, by_then(later)).scalar_subquery()
    conditions = [condition(facts) for condition in took_part]
    if board.board.members is not None:
        conditions.append(eligible_by(board.id, facts.c.member, facts.c.seq))
    return _count(
        select(func.count()).select_from(facts).where(facts.c.team == team, facts.c.seq == last, *conditions), team
    )


def _divided(number: int, by: int) -> int:
    return number // by if number >= 0 else -(-number // by)


async def team_sizes(work: UnitOfWork) -> dict[int, int]:
    """How many members who take part belong to each team."""
    query = select(member.c.team, func.count()).where(member.c.team.is_not(None), member.c.participates)
    return {row[0]: row[1] for row in await work.rows(query.group_by(member.c.team))}


def _count(query: Any, team: Any) -> ColumnElement[int]:
    found: ColumnElement[int] = query.correlate(team.table).scalar_subquery()
    return found
