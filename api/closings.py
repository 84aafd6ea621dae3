"""Closings of periods: what a leaderboard says of them, and what managers do about them, each with a reason."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import strawberry

from activity.calendar import instant
from activity.schema import member_summaries, resolved
from api.access import Access
from api.attempt import attempted_writing
from api.context import Info
from api.leaderboard import leaderboard_of
from api.prize_rehearsal import RehearsedPrizes
from api.problems import WHY_NOT, Problem
from leaderboard.closing import State
from leaderboard.schema import Leaderboard
from operations.close import close_early, reopen
from operations.disqualify import Competitor, disqualify, reinstate
from operations.due import due_at
from operations.named_period import Decided, named_period
from operations.prize_rehearsal import members_of, rehearse_prizes
from storage.work import UnitOfWork

FOR_ALL = "Why, in a few words, as everybody will read it."
FOR_SOME = "Why, in a few words, as managers and the member it is about will read it."
BOARD = "The board's key in the programme."
PERIOD = "The period's key, or any date in it as YYYY-MM-DD."


@strawberry.input(description="A period of a board.")
class PeriodInput:
    board: str = strawberry.field(description=BOARD)
    period: str = strawberry.field(description=PERIOD)
    reason: str = strawberry.field(description=FOR_ALL)


@strawberry.input(description="A member or team in a provisional result.")
class CompetitorInput:
    board: str = strawberry.field(description=BOARD)
    period: str = strawberry.field(description=PERIOD)
    member: str | None = strawberry.field(default=None, description="A member's external id, on a board of members.")
    team: str | None = strawberry.field(default=None, description="A team's name, on a board of teams.")
    reason: str = strawberry.field(description=FOR_SOME)


@strawberry.type(description="What became of a closing.")
class ClosingPayload:
    leaderboard: Leaderboard | None = strawberry.field(description="The board in the period, as it is now.")
    told: str | None = strawberry.field(
        description="What was done, in a sentence: which period it was, whether it is over, and until when it can be "
        "disputed or stays open. Null when nothing was."
    )
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.type(description="What closing a period now would give. Nothing is written.")
class ClosingRehearsal:
    leaderboard: Leaderboard = strawberry.field(description="The places as they would be.")
    due_at: datetime | None = strawberry.field(
        description="When the period closes by itself, reopened or not. Null: never, as it was over before the "
        "programme began, or its board closes no periods any more."
    )
    disputes_until: datetime | None = strawberry.field(
        description="Until when its result could be corrected, closed now; of a closed one, until when it can. Null: "
        "it never closes."
    )
    prizes: list[RehearsedPrizes] = strawberry.field(
        description="What each podium of the board would give, were this the result. Empty once it is final: see "
        "`prizeGiving`."
    )


@strawberry.type
class ClosingQueries:
    @resolved("What closing a period of a board now would give; nothing is written.", Access())
    async def closing_rehearsal(
        self,
        info: Info,
        board: Annotated[str, strawberry.argument(description=BOARD)],
        period: Annotated[str, strawberry.argument(description=PERIOD)],
    ) -> ClosingRehearsal | None:
        context = info.context
        state = await context.revision()
        async with context.reading() as work:
            version, span, row = await named_period(work, state, board, period)
            due = await due_at(work, state, version, span)
            prizes = await rehearse_prizes(work, context.service.revisions, version, span)
            people = await member_summaries(work, members_of(prizes), context.sees_names)
        until = None
        if row is not None and row.state != State.OPEN:
            until = instant(row.disputes_until_us)
        elif due is not None and (terms := version.board.closing) is not None:
            until = state.calendar.later(context.now(), terms.dispute_days)
        found = await leaderboard_of(context, version, span)
        return ClosingRehearsal(
            leaderboard=found,
            due_at=due,
            disputes_until=until,
            prizes=[RehearsedPrizes.of(each, people) for each in prizes],
        )


@strawberry.type
class ClosingMutations:
    @resolved(
        "Close a period of a board before it is due. What comes from now on counts in it no more. Nobody does so who "
        "stands there, where a podium rewards it.",
        Access(),
    )
    async def close_period(
        self, info: Info, input: Annotated[PeriodInput, strawberry.argument(description="The period.")]
    ) -> ClosingPayload | None:
        return await _changed(info, input, close_early)

    @resolved(
        "Open a provisional period again, with everything that came late. It closes after as many days of grace as at "
        "first, but at least one, or early; then people can correct it again. Nobody does so who stands there, where a "
        "podium rewards it.",
        Access(),
    )
    async def reopen_period(
        self, info: Info, input: Annotated[PeriodInput, strawberry.argument(description="The period.")]
    ) -> ClosingPayload | None:
        return await _changed(info, input, reopen)

    @resolved(
        "Give a member or team no place in a provisional result; the others move up. Nobody does so in a period in "
        "which they or their team stand.",
        Access(),
    )
    async def disqualify(
        self, info: Info, input: Annotated[CompetitorInput, strawberry.argument(description="Whom, and why.")]
    ) -> ClosingPayload | None:
        return await _changed(info, input, disqualify)

    @resolved(
        "Give a disqualified member or team their place again. Nobody does so in a period in which they or their team "
        "stand.",
        Access(),
    )
    async def reinstate(
        self, info: Info, input: Annotated[CompetitorInput, strawberry.argument(description="Whom, and why.")]
    ) -> ClosingPayload | None:
        return await _changed(info, input, reinstate)


async def _changed(
    info: Info, input: PeriodInput | CompetitorInput, change: Callable[..., Awaitable[Decided]]
) -> ClosingPayload:
    context = info.context
    who = (Competitor(input.member, input.team),) if isinstance(input, CompetitorInput) else ()

    async def changing(work: UnitOfWork) -> Decided:
        revisions = context.service.revisions
        told = {"author": context.caller.as_author, "reason": input.reason, "now": context.now()}
        return await change(work, revisions, input.board, input.period, *who, **told)

    attempt = await attempted_writing(context, changing)
    if (done := attempt.done) is None:
        return ClosingPayload(leaderboard=None, told=None, errors=attempt.errors)
    return ClosingPayload(leaderboard=await leaderboard_of(context, done.board, done.period), told=done.told, errors=[])
