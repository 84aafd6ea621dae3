"""Claims: what members report themselves, and the verbs of those who decide it, never for oneself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
import strawberry
from sqlalchemy import Select, func, select
from strawberry.scalars import JSON

from activity.calendar import instant
from activity.claim import LINK_LENGTH_MAX, NOTE_LENGTH_MAX, State
from activity.schema import BigInt, MemberSummary, Period, find_member, resolved
from activity.tables import claim as claim_table
from activity.tables import member as member_table
from api.access import Access, Scope
from api.activity import JudgedActivity, Retraction, load_activities, load_members
from api.arguments import After, First
from api.attempt import attempted_writing
from api.context import Context, Info
from api.errors import Forbidden, NotFound
from api.history import page
from api.problems import WHY_NOT, Problem
from leaderboard.board_schema import Board
from operations.claim import Words, claim, withdraw
from operations.review import REVIEWED_MAX, Reviewed, TooLate, approve, refuse
from paging import Ask, Connection, Cursors, connection
from rewards.tables import entry
from rules.tables import element
from storage.bulk import AnyRow
from storage.work import UnitOfWork

CLAIMS = Cursors("claim", 1)

OnlyState = Annotated[State | None, strawberry.argument(description="Only those in this state.")]


@strawberry.type(description="What a member says they did: it counts once somebody else has approved it.")
class Claim:
    number: int = strawberry.field(description="What it is called by. Its activity has it as id, of the source claims.")
    type: str = strawberry.field(description="The key of its activity type.")
    time: datetime = strawberry.field(description="When it happened, as the member says.")
    data: JSON = strawberry.field(description="The fields of its type, as they were claimed. None once stripped.")
    link: str | None = strawberry.field(description="Where it can be seen: a web address that the member gave.")
    note: str | None = strawberry.field(description="What the member says of it.")
    stripped: bool = strawberry.field(
        description="Whether it was decided so long ago that its fields, link and note are gone: the programme's "
        "retention."
    )
    made_at: datetime = strawberry.field(description="When it was claimed.")
    state: State = strawberry.field(description="Where it is.")
    decided_at: datetime | None = strawberry.field(description="Since when. Null while it waits.")
    decided_by: str | None = strawberry.field(description="Who approved, refused or withdrew it.")
    reason: str | None = strawberry.field(description="Why it was refused.")
    member_key: strawberry.Private[int]
    seq: strawberry.Private[int | None]

    @resolved("Who made it.")
    async def member(self, info: Info) -> MemberSummary:
        return await info.context.loader(load_members).load(self.member_key)

    @resolved("What was recorded for it, and whether it was retracted since. Null where it was not approved.")
    async def activity(self, info: Info) -> JudgedActivity | None:
        if self.seq is None:
            return None
        return await info.context.loader(load_activities).load((self.seq, self.member_key))

    @resolved("That its activity was retracted later. Null where it stands, or was never approved.")
    async def retraction(self, info: Info) -> Retraction | None:
        if self.seq is None:
            return None
        activity = await info.context.loader(load_activities).load((self.seq, self.member_key))
        return None if activity is None else activity.retraction

    @resolved("The points that it is worth now, as far as they are not held. Null where it was not approved.")
    async def points(self, info: Info) -> BigInt | None:
        if self.seq is None:
            return None
        return BigInt(await info.context.loader(load_earned).load((self.member_key, self.seq)))


@strawberry.input(description="An activity that the member whose key it is claims.")
class ClaimActivityInput:
    type: str = strawberry.field(description="The key of an activity type that can be claimed.")
    time: str = strawberry.field(description="When it happened, with an offset from UTC: 2026-11-12T09:30:00Z.")
    link: str | None = strawberry.field(
        default=None,
        description=f"Where it can be seen: a web address (https or http), at most {LINK_LENGTH_MAX:,} characters.",
    )
    note: str | None = strawberry.field(
        default=None, description=f"More for who reviews it, at most {NOTE_LENGTH_MAX:,} characters."
    )
    data: JSON | None = strawberry.field(default=None, description="An object with the fields of the activity type.")


@strawberry.input(description="A claim to take back.")
class WithdrawClaimInput:
    number: int = strawberry.field(description="Its number.")


@strawberry.input(description="Claims to approve.")
class ApproveClaimsInput:
    numbers: list[int] = strawberry.field(description=f"Their numbers, up to {REVIEWED_MAX}.")
    dry_run: bool = strawberry.field(
        default=False, description="Tell what each would earn, approved in this order, and do nothing."
    )


@strawberry.input(description="A claim to refuse.")
class RefuseClaimInput:
    number: int = strawberry.field(description="Its number.")
    reason: str = strawberry.field(description="Why, in a few words, as the member will read it.")


@strawberry.type(description="A claim, as it is now.")
class ClaimPayload:
    claim: Claim | None = strawberry.field(description="The claim. Null when nothing was done.")
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.type(description="A closed period of a board, in which an approved activity comes too late to count.")
class MissedPeriod:
    board: Board = strawberry.field(description="The board, which would have counted it.")
    period: Period = strawberry.field(description="The period, which was closed before.")


@strawberry.type(description="What became of the approval of one claim.")
class ClaimReviewed:
    number: int = strawberry.field(description="Its number.")
    approved: bool = strawberry.field(description="Whether it was approved now, or would be.")
    points: BigInt = strawberry.field(description="The points that it earned now, or would.")
    why: list[str] = strawberry.field(
        description="Why it earned none: what each rule said, in words. Empty where it earned some."
    )
    too_late: list[MissedPeriod] = strawberry.field(
        description="Where it does not count, as the period of its time was closed before."
    )
    message: str | None = strawberry.field(description="Why it was not approved, and what to do.")
    field: str | None = strawberry.field(description="The part that stands in the way, such as number or member.")

    @resolved("The claim, as it is now. Null for a number that none has.")
    async def claim(self, info: Info) -> Claim | None:
        return await info.context.loader(load_claims).load(self.number)


@strawberry.type(description="What became of approvals.")
class ApproveClaimsPayload:
    results: list[ClaimReviewed] = strawberry.field(description="One for each number, in order.")
    approved: int = strawberry.field(description="How many were approved, or would be.")
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.type
class ClaimQueries:
    """Root fields about claims."""

    @resolved(
        "What members claimed, the oldest first: of those who take part. One's own are among it, for others to review.",
        Access(),
    )
    async def claims(
        self,
        info: Info,
        state: OnlyState = None,
        member: Annotated[str | None, strawberry.argument(description="Only this member's: an external id.")] = None,
        first: First = None,
        after: After = None,
    ) -> Connection[Claim] | None:
        context, ask = info.context, CLAIMS.asked(first, after)
        query = _query().join(member_table, member_table.c.key == claim_table.c.member)
        query = query.where(member_table.c.participates)
        if member is not None:
            async with context.reading() as work:
                row = await find_member(work, member, "key")
            if row is None:
                raise NotFound(f"there is no member with the external id {member!r}")
            query = query.where(claim_table.c.member == row.key)
        return await _page(context, query, state, ask, ascending=True)


@strawberry.type
class ClaimMutations:
    """Root fields that make claims and decide them."""

    @resolved(
        "Claim an activity that no tool reports, for the member whose key it is. It counts once somebody else has "
        "approved it.",
        Access(),
    )
    async def claim_activity(
        self, info: Info, input: Annotated[ClaimActivityInput, strawberry.argument(description="What was done.")]
    ) -> ClaimPayload | None:
        context, author = info.context, info.context.caller.as_author
        words = Words(input.type, input.time, input.link, input.note, input.data)

        async def claiming(work: UnitOfWork) -> int:
            return await claim(work, context.service.revisions, words, author=author, now=context.now())

        attempt = await attempted_writing(context, claiming)
        return ClaimPayload(claim=await _loaded(context, attempt.done), errors=attempt.errors)

    @resolved("Take back a claim that waits. Who made it alone can, with a key that acts for them.", Access())
    async def withdraw_claim(
        self, info: Info, input: Annotated[WithdrawClaimInput, strawberry.argument(description="The claim.")]
    ) -> ClaimPayload | None:
        context, author = info.context, info.context.caller.as_author

        async def withdrawing(work: UnitOfWork) -> int:
            await withdraw(work, input.number, author=author, now=context.now())
            return input.number

        attempt = await attempted_writing(context, withdrawing)
        return ClaimPayload(claim=await _loaded(context, attempt.done), errors=attempt.errors)

    @resolved(
        "Approve claims: each is recorded, once, at the time that was claimed. What cannot be approved waits on, and "
        "harms no other. Nobody approves their own.",
        Access(),
    )
    async def approve_claims(
        self, info: Info, input: Annotated[ApproveClaimsInput, strawberry.argument(description="The claims.")]
    ) -> ApproveClaimsPayload | None:
        context, author = info.context, info.context.caller.as_author

        async def approving(work: UnitOfWork) -> list[Reviewed]:
            return await approve(work, context.service.revisions, input.numbers, author=author, now=context.now())

        attempt = await attempted_writing(context, approving, rehearse=input.dry_run)
        done = attempt.done or []
        return ApproveClaimsPayload(
            results=[
                ClaimReviewed(
                    number=each.number,
                    approved=each.seq is not None,
                    points=BigInt(each.points),
                    why=list(each.why),
                    too_late=await _missed(context, each.too_late),
                    message=each.message or None,
                    field=each.field or None,
                )
                for each in done
            ],
            approved=len({each.number for each in done if each.seq is not None}),
            errors=attempt.errors,
        )

    @resolved("Refuse a claim, with a reason that the member reads. Nobody refuses their own.", Access())
    async def refuse_claim(
        self, info: Info, input: Annotated[RefuseClaimInput, strawberry.argument(description="The claim.")]
    ) -> ClaimPayload | None:
        context, author = info.context, info.context.caller.as_author

        async def refusing(work: UnitOfWork) -> int:
            await refuse(work, input.number, author=author, reason=input.reason, now=context.now())
            return input.number

        attempt = await attempted_writing(context, refusing)
        return ClaimPayload(claim=await _loaded(context, attempt.done), errors=attempt.errors)


async def claims_of(context: Context, member: int, state: State | None, ask: Ask) -> Connection[Claim]:
    """What a member claimed, the latest first. Raises Forbidden."""
    caller = context.caller
    if caller.member != member and not caller.may(Scope.MANAGE):
        raise Forbidden("claims needs a key with the scope manage, or one that acts for the member")
    return await _page(context, _query().where(claim_table.c.member == member), state, ask)


async def load_claims(context: Context, numbers: list[int]) -> list[Claim | None]:
    """Claims by number."""
    async with context.reading() as work:
        rows = await work.rows(_query().where(claim_table.c.id.in_(numbers)))
    found = {row.id: _claim(row) for row in rows}
    return [found.get(number) for number in numbers]


async def load_earned(context: Context, keys: list[tuple[int, int]]) -> list[int]:
    """What activities are worth to members: the sums of their entries, those that take some back too."""
    members, seqs = map(set, zip(*keys, strict=True))
    query = select(entry.c.member, entry.c.activity, func.sum(entry.c.points).label("points"))
    query = query.where(entry.c.member.in_(members), entry.c.activity.in_(seqs))
    async with context.reading() as work:
        rows = await work.rows(query.group_by(entry.c.member, entry.c.activity))
    found = {(row.member, row.activity): int(row.points) for row in rows}
    return [found.get(key, 0) for key in keys]


async def _missed(context: Context, too_late: Sequence[TooLate]) -> list[MissedPeriod]:
    calendar = (await context.revision()).calendar
    return [
        MissedPeriod(board=Board.of_version(late.board), period=Period.of(late.period, calendar)) for late in too_late
    ]


async def _loaded(context: Context, number: int | None) -> Claim | None:
    return None if number is None else await context.loader(load_claims).load(number)


async def _page(
    context: Context, query: Select[Any], state: State | None, ask: Ask, *, ascending: bool = False
) -> Connection[Claim]:
    if state is not None:
        query = query.where(claim_table.c.state == state.value)
    rows, more = await page(context, query, (claim_table.c.id,), ask, ascending=ascending)
    return connection(
        [_claim(row) for row in rows],
        lambda node: CLAIMS.write((node.number,)),
        has_previous=ask.after is not None,
        has_next=more,
    )


def _query() -> Select[Any]:
    return select(claim_table, element.c.key.label("type_key")).join(element, element.c.id == claim_table.c.type)


def _claim(row: AnyRow) -> Claim:
    return Claim(
        number=row.id,
        type=row.type_key,
        time=instant(row.time_us),
        data=JSON(orjson.loads(row.data)),
        stripped=row.stripped,
        link=row.link,
        note=row.note,
        made_at=instant(row.made_us),
        state=State(row.state),
        decided_at=None if row.decided_us is None else instant(row.decided_us),
        decided_by=row.decided_by,
        reason=row.reason,
        member_key=row.member,
        seq=row.activity,
    )
