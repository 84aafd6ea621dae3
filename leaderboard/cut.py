"""The cut of the ledger that a closed period counts, as a query, and the standings that it makes.

Counted is what was recorded up to the cutoff; after it what a person adjusted, and the release of points that an
activity from before had earned. Taken back is what was taken back up to the cutoff; after it what a person takes back:
by retracting the activity, or the badge. A revision with effect from a past date that comes after the cutoff counts
neither way. After the fence nothing counts.
"""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from activity.tables import member, member_facts, retraction
from leaderboard.board import Competitors
from leaderboard.closing import Cut
from leaderboard.dirty import mark
from leaderboard.mean import members_then, score_of
from leaderboard.rebuild import rewrite, selected_by
from leaderboard.standing import Counted
from leaderboard.tables import board_period, standing
from rewards.ledger import Kind
from rewards.tables import award, entry
from storage.work import UnitOfWork

# Whether the member with a key is to be counted as one who takes part.
Present = Callable[[Any], Any]


async def restate(work: UnitOfWork, cut: Cut, counted: Counted, competitors: Collection[int]) -> None:
    """Write the standings of some competitors in a provisional period anew.

    The period's row is locked before the ledger is read: of two corrections of one team the second sees the first.
    """
    touched = {"board": [cut.version.id], "period": [cut.span.first], "participants": [0], "revision": [1]}
    await work.upsert(board_period, touched, add=("participants", "revision"))
    mine = (standing.c.board == cut.version.id) & (standing.c.period == cut.span.first)
    theirs = mine & standing.c.competitor.in_(sorted(competitors))
    more = await rewrite(work, theirs, cut_standings(cut, counted, competitors))
    row = (board_period.c.board == cut.version.id) & (board_period.c.period == cut.span.first)
    await work.execute(update(board_period).where(row).values(participants=board_period.c.participants + more))
    await mark(work, {(cut.version.id, cut.span.first): competitors})


def cut_standings(
    cut: Cut, counted: Counted, competitors: Collection[int] | None = None, present: Present | None = None
) -> Select[*tuple[Any, ...]]:
    """What the standings of a closed period must be, with the columns of `standing` in their order.

    Until the fence those who take part now are listed, from then on those who did at the fence; or whoever `present`
    says. A mean divides by those of them who belonged to the team at the cutoff, and were eligible then.
    """
    if present is None and cut.final_seq is not None:
        present = _took_part_at(cut.final_seq)
    of_teams = cut.version.board.of is Competitors.TEAMS
    competitor = entry.c.team if of_teams else entry.c.member
    takes_part = present(entry.c.member) if present else member.c.participates
    listed: ColumnElement[bool] = true() if of_teams else takes_part
    if cut.disqualified:
        listed = and_(listed, competitor.not_in(sorted(cut.disqualified)))
    groups = [competitor] if of_teams or present else [competitor, member.c.participates]
    points, active = cast(func.sum(entry.c.points), BigInteger), func.count(entry.c.member.distinct())
    query = (
        select(
            literal(cut.version.id, Integer).label("board"),
            literal(cut.span.first, Integer).label("period"),
            competitor.label("competitor"),
            score_of(cut.version.board.score, points, active, _members_of(cut, present)).label("score"),
            func.max(entry.c.time_us).label("reached_us"),
            func.count().label("entries"),
            cast(listed, Boolean).label("listed"),
        )
        .select_from(entry)
        .join(member, member.c.key == entry.c.member)
        .where(*counts_in(cut, counted))
        .group_by(*groups)
    )
    if competitors is not None:
        query = query.where(competitor.in_(sorted(competitors)))
    return query.where(entry.c.team.is_not(None), takes_part) if of_teams else query


def counts_in(cut: Cut, counted: Counted) -> list[ColumnElement[bool]]:
    """When an entry counts in a closed period."""
    taken = entry.alias()
    by_person = or_(
        exists().where(retraction.c.seq == taken.c.seq),
        exists().where(award.c.revoked_seq == taken.c.seq, award.c.revoked_by.is_not(None)),
    )
    taken_back = [
        taken.c.reverses_seq == entry.c.seq,
        taken.c.reverses_ordinal == entry.c.ordinal,
        or_(taken.c.seq <= cut.cutoff_seq, by_person),
    ]
    # A revision may have taken back, after the cutoff, what a retraction then no longer has to.
    retracted = [entry.c.type.is_not(None), retraction.c.activity == entry.c.activity]
    conditions = [*within(cut), or_(entry.c.seq <= cut.cutoff_seq, *_corrects(cut))]
    if cut.final_seq is not None:
        conditions.append(entry.c.seq <= cut.final_seq)
        taken_back.append(taken.c.seq <= cut.final_seq)
        retracted.append(retraction.c.seq <= cut.final_seq)
    return [*conditions, ~exists().where(*taken_back), ~exists().where(*retracted), *selected_by(counted)]


async def moved_since(work: UnitOfWork, cut: Cut) -> set[int]:
    """The competitors for whom the period counts something else once it is open again: of whom anything was written
    after the cutoff, and who are disqualified. All others stand as they would stand then."""
    competitor = entry.c.team if cut.version.board.of is Competitors.TEAMS else entry.c.member
    since = [entry.c.seq > cut.cutoff_seq, entry.c.day >= cut.span.first, entry.c.day < cut.span.after]
    rows = await work.rows(select(competitor).where(*since, competitor.is_not(None)).distinct())
    return {row[0] for row in rows} | cut.disqualified


def within(cut: Cut) -> list[ColumnElement[bool]]:
    """When an entry is of a period, and takes nothing back."""
    return [entry.c.day >= cut.span.first, entry.c.day < cut.span.after, entry.c.kind != Kind.REVERSAL]


def came_late(cut: Cut, counted: Counted) -> list[ColumnElement[bool]]:
    """When an entry stands for the board in the period, but came too late to count."""
    taken = entry.alias()
    standing_now = ~exists().where(taken.c.reverses_seq == entry.c.seq, taken.c.reverses_ordinal == entry.c.ordinal)
    late = and_(entry.c.seq > cut.cutoff_seq, ~or_(*_corrects(cut)))
    if cut.final_seq is not None:
        late = or_(late, entry.c.seq > cut.final_seq)
    # The primary key leads to the few that came after the cutoff.
    return [entry.c.seq > cut.cutoff_seq, late, *within(cut), standing_now, *selected_by(counted)]


def taken_too_late(cut: Cut, counted: Counted, taken: Any) -> list[ColumnElement[bool]]:
    """When an entry counts, although `taken`, an alias of `entry`, has taken it back since."""
    competitor = entry.c.team if cut.version.board.of is Competitors.TEAMS else entry.c.member
    conditions = [
        taken.c.seq > cut.cutoff_seq,
        taken.c.kind == Kind.REVERSAL,
        taken.c.day >= cut.span.first,
        taken.c.day < cut.span.after,
        # Added to, it leads SQLite to no range of all reversals: those since the cutoff are few.
        entry.c.seq == taken.c.reverses_seq + 0,
        entry.c.ordinal == taken.c.reverses_ordinal,
        competitor.not_in(sorted(cut.disqualified)),
        *counts_in(cut, counted),
    ]
    return conditions if cut.final_seq is None else [*conditions, took_part(entry.c.member, cut.final_seq)]


def _corrects(cut: Cut) -> list[ColumnElement[bool]]:
    """When an entry after the cutoff corrects what was counted."""
    return [
        entry.c.kind == Kind.ADJUSTMENT,
        and_(entry.c.kind == Kind.RELEASE, entry.c.activity <= cut.cutoff_seq),
    ]


def _members_of(cut: Cut, present: Present | None) -> ColumnElement[int]:
    """How many members the team of an entry has for a closed period."""

    def takes_part(facts: Any) -> Any:
        if present:
            return present(facts.c.member)
        return exists().where(member.c.key == facts.c.member, member.c.participates)

    return members_then(cut.version, entry.c.team, lambda facts: facts.c.seq <= cut.cutoff_seq, takes_part)


def took_part(key: ColumnElement[int], seq: int) -> Any:
    """Whether a member took part at a place in the sequence."""
    return took_part_by(key, lambda facts: facts.c.seq <= seq)


def took_part_by(key: ColumnElement[int], by_then: Callable[[Any], ColumnElement[bool]]) -> Any:
    """Whether a member took part at a past time. `by_then` says of their facts whether they had been recorded."""
    facts = member_facts.alias()
    found = select(facts.c.participates).where(facts.c.member == key, by_then(facts))
    return found.order_by(facts.c.seq.desc()).limit(1).scalar_subquery()


def _took_part_at(seq: int) -> Present:
    return lambda key: took_part(key, seq)
