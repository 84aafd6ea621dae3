"""Payouts: which prizes were won and where they are, and the verbs that move them on, never for oneself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from activity.calendar import instant
from activity.schema import BigInt, MemberSummary, Period, find_member, member_summaries, resolved
from api.access import Access, Scope
from api.arguments import After, First
from api.attempt import attempted_writing
from api.context import Context, Info
from api.errors import Forbidden, NotFound
from api.history import page
from api.problems import WHY_NOT, Problem
from operations.payouts import Moved, move
from operations.prizes import PayoutRecord, events_of, narrowed, payouts_query, record_of
from paging import Ask, Connection, Cursors, connection
from rewards.payout import By, State, Verb, possible
from rewards.podium_schema import Podium, Prize
from rewards.tables import payout
from storage.bulk import AnyRow
from storage.work import UnitOfWork

PAYOUTS = Cursors("payout", 1)

OnlyPodium = Annotated[
    str | None,
    strawberry.argument(description="Only those of this podium: the key it has, or had when it was retired."),
]
PeriodArgument = Annotated[
    str | None, strawberry.argument(description="One of its periods: its key, or any date in it as YYYY-MM-DD.")
]


@strawberry.type(description="One step of a payout.")
class PayoutEvent:
    before: State | None = strawberry.field(name="from", description="The state before. Null: it began with this.")
    after: State = strawberry.field(name="to", description="The state since then.")
    at: datetime = strawberry.field(description="When.")
    author: str | None = strawberry.field(description="Who did it. Null: it came about by itself.")
    reason: str | None = strawberry.field(description="Why.")

    @classmethod
    def of(cls, row: AnyRow) -> "PayoutEvent":
        return cls(
            before=None if row.from_state is None else State(row.from_state),
            after=State(row.to_state),
            at=instant(row.at_us),
            author=row.author,
            reason=row.reason,
        )


@strawberry.type(description="One prize for one member, for one place of one closed period.")
class Payout:
    number: int = strawberry.field(description="What it is called by.")
    podium: Podium = strawberry.field(description="The podium, as it was when it gave the prize.")
    period: Period = strawberry.field(description="The period.")
    place: int = strawberry.field(description="The place that wins it.")
    position: int = strawberry.field(description="Where the member stood in the result, from 1 without ties.")
    next_in_line: bool = strawberry.field(description="Whether it came to them after another's had become free.")
    member: MemberSummary | None = strawberry.field(description="Who wins it.")
    prize: Prize = strawberry.field(description="What is won.")
    amount: BigInt | None = strawberry.field(description="How much of it the member gets: a part, where it is split.")
    state: State = strawberry.field(description="Where it is.")
    claimable_until: datetime | None = strawberry.field(description="Until when it can be claimed, once granted.")
    record: strawberry.Private[PayoutRecord]

    @resolved("What happened to it, in order.")
    async def events(self, info: Info) -> list[PayoutEvent]:
        return await info.context.loader(load_events).load(self.number)

    @resolved("What the key that asks can do with it now.")
    def possible(self, info: Info) -> list[Verb]:
        caller = info.context.caller
        if caller.member == self.record.member:
            return possible(self.state, By.WINNER)
        return possible(self.state, By.MANAGER) if caller.may(Scope.MANAGE) else []


@strawberry.input(description="A payout to move on.")
class MovePayoutInput:
    number: int = strawberry.field(description="Its number.")
    reason: str | None = strawberry.field(default=None, description="Why, for whoever looks at it later.")


@strawberry.input(description="A payout to end, with the reason.")
class EndPayoutInput:
    number: int = strawberry.field(description="Its number.")
    reason: str = strawberry.field(description="Why, in a few words, as managers and the winner will read it.")


@strawberry.type(description="What became of a payout.")
class MovePayoutPayload:
    payout: Payout | None = strawberry.field(description="The payout. Null when nothing was done.")
    passed_on: Payout | None = strawberry.field(
        description="The payout to the next in line, where the prize went on: for keys that manage alone. Others "
        "get null, whether it did or not."
    )
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.type
class PayoutQueries:
    """Root fields about payouts."""

    @resolved(
        "The prizes that were won, the latest first. A key that may manage sees all; one that acts for a member sees "
        "theirs.",
        Access(),
    )
    async def payouts(
        self,
        info: Info,
        podium: OnlyPodium = None,
        period: PeriodArgument = None,
        member: Annotated[str | None, strawberry.argument(description="Only this member's: an external id.")] = None,
        state: Annotated[State | None, strawberry.argument(description="Only those in this state.")] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Payout] | None:
        context, ask = info.context, PAYOUTS.asked(first, after)
        revision = await context.revision()
        async with context.reading() as work:
            query = await narrowed(work, payouts_query(), revision, podium=podium, period=period)
        if not context.caller.may(Scope.MANAGE):
            if context.caller.member is None:
                raise Forbidden("payouts needs a key with the scope manage, or one that acts for a member")
            query = query.where(payout.c.member == context.caller.member)
        if member is not None:
            query = query.where(payout.c.member == await _member_key(context, member))
        if state is not None:
            query = query.where(payout.c.state == state.value)
        return await _payouts_page(context, *await page(context, query, (payout.c.id,), ask), ask)


@strawberry.type
class PayoutMutations:
    """Root fields that move payouts on."""

    @resolved("Approve a prize, so that its winner can claim it. Nobody approves their own.", Access())
    async def approve_payout(
        self, info: Info, input: Annotated[MovePayoutInput, strawberry.argument(description="The payout.")]
    ) -> MovePayoutPayload | None:
        return await _moving(info, Verb.APPROVE, input)

    @resolved("Claim a prize that was granted. Its winner alone can, with a key that acts for them.", Access())
    async def claim_payout(
        self, info: Info, input: Annotated[MovePayoutInput, strawberry.argument(description="The payout.")]
    ) -> MovePayoutPayload | None:
        return await _moving(info, Verb.CLAIM, input)

    @resolved(
        "Decline a prize, which goes to the next in line if the podium says so. Its winner alone can, with a key that "
        "acts for them.",
        Access(),
    )
    async def decline_payout(
        self, info: Info, input: Annotated[EndPayoutInput, strawberry.argument(description="The payout.")]
    ) -> MovePayoutPayload | None:
        return await _moving(info, Verb.DECLINE, input)

    @resolved(
        "Say that a prize was delivered; one in points gives the points with it. Nobody delivers their own.", Access()
    )
    async def deliver_payout(
        self, info: Info, input: Annotated[MovePayoutInput, strawberry.argument(description="The payout.")]
    ) -> MovePayoutPayload | None:
        return await _moving(info, Verb.DELIVER, input)

    @resolved(
        "Revoke a prize that is not delivered yet, which goes to the next in line if the podium says so. Nobody "
        "revokes their own, or one that would be theirs next.",
        Access(),
    )
    async def revoke_payout(
        self, info: Info, input: Annotated[EndPayoutInput, strawberry.argument(description="The payout.")]
    ) -> MovePayoutPayload | None:
        return await _moving(info, Verb.REVOKE, input)


async def load_events(context: Context, numbers: list[int]) -> list[list[PayoutEvent]]:
    """What happened to payouts."""
    async with context.reading() as work:
        found = await events_of(work, numbers)
    return [[PayoutEvent.of(row) for row in found.get(number, ())] for number in numbers]


async def load_payouts(context: Context, numbers: list[int]) -> list[Payout | None]:
    """Payouts by number."""
    async with context.reading() as work:
        rows = await work.rows(payouts_query().where(payout.c.id.in_(numbers)))
    found = {each.number: each for each in await payouts_of(context, rows)}
    return [found.get(number) for number in numbers]


async def _moving(info: Info, verb: Verb, input: MovePayoutInput | EndPayoutInput) -> MovePayoutPayload:
    context, caller = info.context, info.context.caller

    async def moving(work: UnitOfWork) -> Moved:
        told = {"author": caller.as_author, "reason": input.reason, "now": context.now()}
        return await move(work, context.service.revisions, input.number, verb, **told)  # type: ignore[arg-type]

    attempt = await attempted_writing(context, moving)
    done, load = attempt.done, context.loader(load_payouts).load
    # Whoever declines is not told who comes next, unless they may see it.
    passed_on = done.passed_on if done and caller.may(Scope.MANAGE) else None
    return MovePayoutPayload(
        payout=await load(done.payout) if done else None,
        passed_on=await load(passed_on) if passed_on else None,
        errors=attempt.errors,
    )


async def _member_key(context: Context, external_id: str) -> int:
    async with context.reading() as work:
        row = await find_member(work, external_id, "key")
    if row is None:
        raise NotFound(f"there is no member with the external id {external_id!r}")
    return int(row.key)


async def _payouts_page(context: Context, rows: Sequence[AnyRow], more: bool, ask: Ask) -> Connection[Payout]:
    return connection(
        await payouts_of(context, rows),
        lambda node: PAYOUTS.write((node.number,)),
        has_previous=ask.after is not None,
        has_next=more,
    )


async def payouts_of(context: Context, rows: Sequence[AnyRow]) -> list[Payout]:
    """The payouts in rows of `payouts_query`."""
    calendar = (await context.revision()).calendar
    async with context.reading() as work:
        people = await member_summaries(work, {row.member for row in rows}, context.sees_names) if rows else {}
    return [
        Payout(
            number=record.id,
            podium=Podium.of(record.podium),
            period=Period.of(record.period, calendar),
            place=record.place,
            position=record.position,
            next_in_line=record.turn > 0,
            member=people.get(record.member),
            prize=Prize.of(record.prize),
            amount=None if record.amount is None else BigInt(record.amount),
            state=record.state,
            claimable_until=None if record.expires_us is None else instant(record.expires_us),
            record=record,
        )
        for record in (record_of(row, calendar) for row in rows)
    ]
