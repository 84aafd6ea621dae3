"""What podiums came to for one member: what they won in each closed period, or why nothing."""

from collections.abc import Sequence
from datetime import datetime

import strawberry
from sqlalchemy import select

from activity.calendar import instant
from activity.schema import BigInt, Period
from api.access import Scope
from api.context import Context
from api.errors import Forbidden
from api.history import page
from api.payouts import Payout, PayoutEvent, load_events, load_payouts
from api.podiums import GIVINGS, period_and_podium
from leaderboard.board import Competitors
from leaderboard.closing import Happened
from leaderboard.late import Late, late_arrivals
from leaderboard.ranking_closed import ClosedRanking
from leaderboard.tables import closing, result
from operations.closings import counted_in, cuts_of, events_of_closing, load_closing
from operations.prizes import narrowed
from paging import Ask, Connection, Cursors, connection
from rewards.podium_schema import Podium
from rewards.prize_words import Stood, TooLate, Won, told
from rewards.tables import passed_over, payout, prize_giving
from rewards.winners import Why
from storage.bulk import AnyRow

PRIZES = Cursors("prize", 3)


@strawberry.type(description="Why a member has no place in a result.")
class Disqualification:
    at: datetime = strawberry.field(description="When.")
    author: str | None = strawberry.field(description="Who did it.")
    reason: str | None = strawberry.field(description="Why, in their words.")


@strawberry.type(description="What a podium came to for a member in one closed period.")
class PrizeOutcome:
    podium: Podium = strawberry.field(description="The podium, as it was then.")
    period: Period = strawberry.field(description="The period.")
    given_at: datetime = strawberry.field(description="When the winners were found.")
    sentence: str = strawberry.field(description="Why they won what they did, or nothing, in words.")
    payout: Payout | None = strawberry.field(description="The prize that they won, with all that became of it.")
    rank: int | None = strawberry.field(description="Their rank in the final result, as it is shown.")
    position: int | None = strawberry.field(description="Their position in it, from 1 without ties.")
    score: BigInt | None = strawberry.field(description="The points that counted.")
    passed_over: Why | None = strawberry.field(description="Why they were passed over, where they were.")
    disqualification: Disqualification | None = strawberry.field(description="Why they have no place in the result.")
    late_points: BigInt = strawberry.field(
        description="The points of the period that came too late to count in it, less those that count in it and were "
        "taken back since: below 0 where that is more."
    )
    key: strawberry.Private[tuple[int, int, int]]


async def prizes_of(
    context: Context, member: int, ask: Ask, *, podium: str | None, period: str | None
) -> Connection[PrizeOutcome]:
    """What podiums came to for a member, the latest period first; of one podium, and one of its periods, where they
    are given. Raises Forbidden, Refused and PeriodInvalid."""
    caller = context.caller
    if caller.member != member and not caller.may(Scope.MANAGE):
        raise Forbidden("prizes needs a key with the scope manage, or one that acts for the member")
    revision = await context.revision()
    async with context.reading() as work:
        query = await narrowed(work, GIVINGS, revision, podium=podium, period=period, of=prize_giving)
    rows, more = await page(context, query, (closing.c.period, prize_giving.c.closing, prize_giving.c.podium), ask)
    nodes = [await _outcome(context, row, member) for row in rows]
    return connection(nodes, lambda node: PRIZES.write(node.key), has_previous=ask.after is not None, has_next=more)


async def _outcome(context: Context, row: AnyRow, member: int) -> PrizeOutcome:
    calendar = (await context.revision()).calendar
    period, podium = period_and_podium(row, calendar)
    given = (payout.c.closing == row.closing) & (payout.c.podium == row.podium)
    over = (passed_over.c.closing == row.closing) & (passed_over.c.podium == row.podium)
    async with context.reading() as work:
        closed = await load_closing(work, row.closing)
        assert closed is not None
        (cut,) = await cuts_of(work, calendar, [closed])
        mine = await work.rows(select(payout.c.id).where(given, payout.c.member == member))
        passed = await work.rows(select(passed_over).where(over, passed_over.c.member == member))
        winners = select(result.c.position, result.c.score, result.c.reached_us).join(
            payout, (payout.c.closing == result.c.closing) & (payout.c.position == result.c.position)
        )
        last = await work.rows(winners.where(given).order_by(result.c.position.desc()).limit(1))
        late = await late_arrivals(work, cut, await counted_in(work, cut), member)
        happened = await events_of_closing(work, row.closing) if member in cut.disqualified else ()
    place = await ClosedRanking(context.reading, row.closing, Competitors.MEMBERS).place(member)
    won = await context.loader(load_payouts).load(mine[0].id) if mine else None
    events = await context.loader(load_events).load(won.number) if won else []
    out = _disqualification(happened, member)
    too_late = late[0] if late else Late(member, entries=0, points=0)
    return PrizeOutcome(
        podium=Podium.of(podium),
        period=Period.of(period, calendar),
        given_at=instant(row.given_us),
        sentence=told(
            podium,
            won=_won(won, events) if won else None,
            disqualified=(out.reason or "") if out else None,
            passed_over=passed[0].reason if passed else None,
            stood=Stood(place.position, place.score, place.reached_us) if place else None,
            last=Stood(*last[0]) if last else None,
            late=TooLate(too_late.came, too_late.released, too_late.taken),
        ),
        payout=won,
        rank=place.rank if place else None,
        position=place.position if place else None,
        score=BigInt(place.score) if place else None,
        passed_over=Why(passed[0].why) if passed else None,
        disqualification=out,
        late_points=BigInt(too_late.points),
        key=(row.period, row.closing, row.podium),
    )


def _won(won: Payout, events: Sequence[PayoutEvent]) -> Won:
    return Won(won.prize.title, events[0].reason or "", won.state, events[-1].reason)


def _disqualification(happened: Sequence[AnyRow], member: int) -> Disqualification | None:
    told = [row for row in happened if row.kind == Happened.DISQUALIFIED and row.competitor == member]
    if not told:
        return None
    return Disqualification(at=instant(told[-1].at_us), author=told[-1].author, reason=told[-1].reason)
