"""Podiums over GraphQL: who won, and what each gave for a closed period and did not."""

from datetime import datetime
from typing import Annotated

import orjson
import strawberry
from sqlalchemy import func, select

from activity.calendar import Calendar, instant
from activity.calendar import Period as CalendarPeriod
from activity.schema import MemberSummary, Period, member_summaries, resolved
from activity.tables import member as member_table
from api.access import Access
from api.context import Context, Info
from api.payouts import Payout, PeriodArgument, payouts_of
from leaderboard.tables import closing
from operations.prizes import narrowed, payouts_query, period_of, record_of
from rewards.payout import State
from rewards.podium import Podium as PodiumValue
from rewards.podium_definition import podium_from_plain
from rewards.podium_schema import Podium, Prize
from rewards.tables import passed_over, payout, prize_giving
from rewards.winners import ABSENT, Why
from rules.tables import version
from storage.bulk import AnyRow

PUBLIC = (State.GRANTED, State.CLAIMED, State.DELIVERED)  # what everyone may see of who won

OF_PODIUM, BOARD = version.alias("of_podium"), version.alias("of_board")

GIVINGS = (
    select(
        prize_giving,
        closing.c.period,
        BOARD.c.definition.label("board"),
        OF_PODIUM.c.key,
        OF_PODIUM.c.definition,
    )
    .join(closing, closing.c.id == prize_giving.c.closing)
    .join(BOARD, BOARD.c.id == closing.c.board)
    .join(OF_PODIUM, OF_PODIUM.c.id == prize_giving.c.version)
)

PodiumArgument = Annotated[str, strawberry.argument(description="The podium's key.")]


@strawberry.type(description="Who won a prize.")
class PodiumWinner:
    place: int = strawberry.field(description="The place that wins it.")
    member: MemberSummary | None = strawberry.field(description="Who. Null for one who does not take part any more.")
    reason: str | None = strawberry.field(description="Why nobody is named. Null where somebody is.")
    prize: Prize = strawberry.field(description="What is won.")


@strawberry.type(description="A member who would have won, and did not.")
class PassedOver:
    position: int = strawberry.field(
        description="Where they stood in the result; of who left before it was final, where they would have."
    )
    member: MemberSummary | None = strawberry.field(description="Who.")
    why: Why = strawberry.field(description="Why, as a constant for programs.")
    reason: str = strawberry.field(description="Why, in words.")


@strawberry.type(description="A place that nobody won.")
class EmptyPlace:
    place: int = strawberry.field(description="Which.")
    reason: str = strawberry.field(description="Why.")


@strawberry.type(description="What a podium gave for one closed period, and what it did not.")
class PrizeGiving:
    podium: Podium = strawberry.field(description="The podium, as it was then.")
    period: Period = strawberry.field(description="The period.")
    given_at: datetime = strawberry.field(description="When the winners were found.")
    payouts: list[Payout] = strawberry.field(description="The prizes, by place; those of the next in line last.")
    passed_over: list[PassedOver] = strawberry.field(description="Who would have won, and did not.")
    empty: list[EmptyPlace] = strawberry.field(description="The places that nobody won.")


@strawberry.type
class PodiumQueries:
    """Root fields about what podiums gave."""

    @resolved("Who won a podium in one of its periods, once their prizes are granted; the places in order.", Access())
    async def winners(
        self, info: Info, podium: PodiumArgument, period: PeriodArgument = None
    ) -> list[PodiumWinner] | None:
        context, state = info.context, await info.context.revision()
        async with context.reading() as work:
            query = await narrowed(work, payouts_query(), state, podium=podium, period=period)
            if period is None:
                given = closing.alias()
                latest = select(func.max(given.c.period)).join(prize_giving, prize_giving.c.closing == given.c.id)
                latest = await narrowed(work, latest, state, podium=podium, of=prize_giving)
                query = query.where(closing.c.period == latest.scalar_subquery())
            query = query.where(payout.c.state.in_(PUBLIC)).add_columns(member_table.c.participates)
            rows = await work.rows(query.order_by(payout.c.place, payout.c.position))
            there = await member_summaries(work, {row.member for row in rows if row.participates}, context.sees_names)
        records = [record_of(row, state.calendar) for row in rows]
        return [
            PodiumWinner(
                place=each.place,
                member=there.get(each.member),
                reason=None if each.member in there else ABSENT,
                prize=Prize.of(each.prize),
            )
            for each in records
        ]

    @resolved(
        "What a podium gave for a closed period, the latest unless said; null while it has given nothing.", Access()
    )
    async def prize_giving(
        self, info: Info, podium: PodiumArgument, period: PeriodArgument = None
    ) -> PrizeGiving | None:
        context, state = info.context, await info.context.revision()
        async with context.reading() as work:
            query = await narrowed(work, GIVINGS, state, podium=podium, period=period, of=prize_giving)
            rows = await work.rows(query.order_by(closing.c.period.desc()).limit(1))
        return await _giving(context, rows[0]) if rows else None


def period_and_podium(row: AnyRow, calendar: Calendar) -> tuple[CalendarPeriod, PodiumValue]:
    """What a row of `GIVINGS` is about."""
    return period_of(row.board, row.period, calendar), podium_from_plain(row.key, orjson.loads(row.definition))


async def _giving(context: Context, row: AnyRow) -> PrizeGiving:
    calendar = (await context.revision()).calendar
    won = payouts_query().where(payout.c.closing == row.closing, payout.c.podium == row.podium)
    over = select(passed_over).where(passed_over.c.closing == row.closing, passed_over.c.podium == row.podium)
    async with context.reading() as work:
        payouts = await work.rows(won.order_by(payout.c.turn, payout.c.place, payout.c.share))
        passed = await work.rows(over.order_by(passed_over.c.position, passed_over.c.member))
        people = await member_summaries(work, {each.member for each in passed}, context.sees_names) if passed else {}
    period, podium = period_and_podium(row, calendar)
    return PrizeGiving(
        podium=Podium.of(podium),
        period=Period.of(period, calendar),
        given_at=instant(row.given_us),
        payouts=await payouts_of(context, payouts),
        passed_over=[
            PassedOver(position=each.position, member=people.get(each.member), why=Why(each.why), reason=each.reason)
            for each in passed
        ],
        empty=[EmptyPlace(**each) for each in orjson.loads(row.empty)],
    )
