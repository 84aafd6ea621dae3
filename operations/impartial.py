"""Impartial: nobody decides a contest that they are in. Who acts for no member is in none."""

from sqlalchemy import select

from activity.calendar import Period
from activity.intake import Refused
from activity.tables import member
from leaderboard.board import Competitors
from leaderboard.closing import Cut
from leaderboard.standing import BoardVersion
from leaderboard.tables import standing
from operations.adjust import Author
from operations.pay import revision_at
from operations.revision import Revision, Revisions
from rewards.payout import PayoutRefused
from rewards.tables import entry, payout
from storage.work import UnitOfWork

RULE = "nobody decides a contest that they are in"
REMEDY = "ask a manager who has no place in it, or use a key that acts for nobody"


async def refuse_involved(
    work: UnitOfWork, author: Author, board: BoardVersion, period: Period, cut: Cut | None = None
) -> None:
    """Raise Refused where the author stands on a board in a period, listed or not, or is disqualified there; on a board
    of teams one that they belong to or earned points for."""
    if author.member is None:
        return
    theirs, who = {author.member}, "you stand"
    if board.board.of is Competitors.TEAMS:
        earned = select(entry.c.team).where(entry.c.member == author.member)
        earned = earned.where(entry.c.day >= period.first, entry.c.day < period.after)
        belong = select(member.c.team).where(member.c.key == author.member)
        rows = [*await work.rows(belong), *await work.rows(earned.distinct())]
        theirs, who = {row.team for row in rows if row.team is not None}, "your team stands"
    stands = select(standing.c.competitor).where(
        standing.c.board == board.id, standing.c.period == period.first, standing.c.competitor.in_(sorted(theirs))
    )
    if (cut is not None and cut.disqualified & theirs) or await work.rows(stands.limit(1)):
        raise Refused("period", f"{who} on {board.board.key!r} in {period.key}, and {RULE}; {REMEDY}")


async def refuse_rewarded(
    work: UnitOfWork,
    revisions: Revisions,
    state: Revision,
    author: Author,
    board: BoardVersion,
    period: Period,
    cut: Cut | None = None,
) -> None:
    """The same where a podium rewards the board, or did at the cutoff."""
    if author.member is None:
        return
    rewarded = {item.podium.board for item in state.podium_versions}
    keys = {each.board.key for each in state.board_versions if each.element == board.element}
    if cut is not None and not keys & rewarded:
        then = await revision_at(work, revisions, state, cut.cutoff_seq)
        rewarded, keys = {item.podium.board for item in then.podium_versions}, {cut.version.board.key}
    if keys & rewarded:
        await refuse_involved(work, author, board, period, cut)


async def refuse_winner(work: UnitOfWork, author: Author, passed_on: int | None) -> None:
    """Raise PayoutRefused where a prize that somebody freed went on to themself."""
    if author.member is None or passed_on is None:
        return
    mine = select(payout.c.id).where(payout.c.id == passed_on, payout.c.member == author.member)
    if await work.rows(mine):
        raise PayoutRefused(f"you are the next in line and would get this prize, and {RULE}; {REMEDY}")
