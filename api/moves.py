"""The verbs of people who find out who somebody is: identities are moved, and members merged, with a reason."""

from typing import Annotated

import strawberry

from activity.schema import BigInt, resolved
from activity.tables import member as member_table
from api.access import Access
from api.attempt import attempted_writing
from api.context import Context, Info
from api.member import Member, member_named
from api.problems import WHY_NOT, Problem
from operations.merge import merge_members
from operations.move import move_identity

REASON = "Why, in a few words, as both members will read it."
DRY_RUN = "Tell what it would do, and do nothing: members are told as they stand."
JOINT = "How many of these had credited both: they credit whose they are once now, and the others among one fewer."
OTHERS = "By how many points those have more whom these credit beside the two."


@strawberry.input(description="An identity that was given to the wrong member.")
class MoveIdentityInput:
    identity: str = strawberry.field(description="The identity, written KIND:HANDLE.")
    to: str = strawberry.field(description="The external id of the member whose it is.")
    reason: str = strawberry.field(description=REASON)
    dry_run: bool = strawberry.field(default=False, description=DRY_RUN)


@strawberry.type(description="What moving an identity did.")
class MoveIdentityPayload:
    formers: list[Member] = strawberry.field(description="Who had it, as they stand now.")
    member: Member | None = strawberry.field(description="Whose it is, as they stand now. Null when it was refused.")
    activities: int = strawberry.field(description="How many activities are theirs now.")
    joint: int = strawberry.field(description=JOINT)
    retracted: int = strawberry.field(description="How many were retracted, as they took no part then.")
    taken: BigInt = strawberry.field(description="By how many points those who had it have less.")
    given: BigInt = strawberry.field(description="By how many points whose it is has more.")
    others: BigInt = strawberry.field(description=OTHERS)
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.input(description="A member who turned out to be another.")
class MergeMembersInput:
    member: str = strawberry.field(description="The external id of who is merged, and is nobody from then on.")
    into: str = strawberry.field(description="The external id of who is left.")
    reason: str = strawberry.field(description=REASON)
    dry_run: bool = strawberry.field(default=False, description=DRY_RUN)


@strawberry.type(description="What a merge did.")
class MergeMembersPayload:
    member: Member | None = strawberry.field(description="Who is left, as they stand now. Null when it was refused.")
    activities: int = strawberry.field(description="How many activities are theirs now.")
    joint: int = strawberry.field(description=JOINT)
    points: BigInt = strawberry.field(description="By how many points they have more.")
    others: BigInt = strawberry.field(description=OTHERS)
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.type
class MoveMutations:
    """Root fields that say who somebody is."""

    @resolved(
        "Move an identity to whom it belongs, with what was recorded by it, as if it had always been theirs: what it "
        "earned is reversed at the one, and judged for the other, by the rules of then. What members share (budgets, "
        "limits across members, held points, badges for the first) goes along as it was decided. Where they have it "
        "already, because it was removed and given to them, what was recorded by it before follows. No closed period "
        "changes.",
        Access(),
    )
    async def move_identity(
        self, info: Info, input: Annotated[MoveIdentityInput, strawberry.argument(description="The identity.")]
    ) -> MoveIdentityPayload | None:
        context = info.context
        attempt = await attempted_writing(
            context,
            lambda work: move_identity(
                work,
                context.service.revisions,
                input.identity,
                input.to,
                author=context.caller.as_author,
                reason=input.reason,
                now=context.now(),
            ),
            rehearse=input.dry_run,
        )
        done = attempt.done
        return MoveIdentityPayload(
            formers=[each for key in (done.formers if done else ()) if (each := await _member(context, key))],
            member=await _member(context, done.to_member) if done else None,
            activities=done.activities if done else 0,
            joint=done.joint if done else 0,
            retracted=done.retracted if done else 0,
            taken=BigInt(done.taken if done else 0),
            given=BigInt(done.given if done else 0),
            others=BigInt(done.others if done else 0),
            errors=attempt.errors,
        )

    @resolved(
        "Merge a member into another, as if what both did had always been of who is left. Identities, claims, keys and "
        "what persons gave are theirs too, and the external id of who was merged names them. An activity that credits "
        "both credits who is left once. No closed period changes, and prizes stay with whom they were given.",
        Access(),
    )
    async def merge_members(
        self, info: Info, input: Annotated[MergeMembersInput, strawberry.argument(description="The members.")]
    ) -> MergeMembersPayload | None:
        context = info.context
        attempt = await attempted_writing(
            context,
            lambda work: merge_members(
                work,
                context.service.revisions,
                input.member,
                input.into,
                author=context.caller.as_author,
                reason=input.reason,
                now=context.now(),
            ),
            rehearse=input.dry_run,
        )
        done = attempt.done
        return MergeMembersPayload(
            member=await _member(context, done.member) if done else None,
            activities=done.activities if done else 0,
            joint=done.joint if done else 0,
            points=BigInt(done.points if done else 0),
            others=BigInt(done.others if done else 0),
            errors=attempt.errors,
        )


async def _member(context: Context, key: int) -> Member | None:
    async with context.reading() as work:
        rows = await work.find(member_table, {"key": [key]}, ("external_id",))
    return await member_named(context, rows[0].external_id)
