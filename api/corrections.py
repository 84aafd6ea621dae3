"""The verbs of people who correct something: retract, adjust, give and take, with a reason, and never for oneself."""

from datetime import datetime
from typing import Annotated

import strawberry
from sqlalchemy import select

from activity.intake import Refused, checked_name, identity_of
from activity.schema import BigInt, resolved
from activity.tables import activity
from api.access import Access
from api.activity import JudgedActivity, activity_reported
from api.attempt import attempted_writing
from api.badges import BadgeAward, load_awards
from api.context import Info
from api.ledger import LedgerEntry, load_entries
from api.member import Member, member_named
from api.problems import WHY_NOT, Problem
from operations.adjust import adjust
from operations.give import give_badge, take_badge
from operations.retract import retract
from operations.retracted import Retracted, RetractStatus
from rewards.podium import ADJUSTED_POINTS_MAX
from rules.tables import verdict
from storage.work import UnitOfWork

strawberry.enum(
    RetractStatus,
    description="What became of a retraction: the activity was retracted now (RETRACTED), or had been before "
    "(UNCHANGED).",
)

REASON = "Why, in a few words, as the member will read it."


@strawberry.input(description="An activity that turned out not to count: a deleted post, a fraud finding.")
class RetractActivityInput:
    source: str = strawberry.field(description="The tool that reported it.")
    id: str = strawberry.field(description="Its id in that tool.")
    reason: str = strawberry.field(description=REASON)


@strawberry.input(description="Points that a member gets, or loses.")
class AdjustPointsInput:
    member: str = strawberry.field(description="The member's external id.")
    points: BigInt = strawberry.field(
        description=f"How many, at most {ADJUSTED_POINTS_MAX:,} at once; below zero to take some."
    )
    reason: str = strawberry.field(description=REASON)
    rule: str | None = strawberry.field(
        default=None,
        description="The key of a rule: they count on the boards that count its points. Null: on boards of all points.",
    )
    at: datetime | None = strawberry.field(
        default=None,
        description="When they count, between the programme's start and now, with an offset from UTC. Null: now.",
    )


@strawberry.input(description="A badge that a member gets by hand.")
class GiveBadgeInput:
    member: str = strawberry.field(description="The member's external id.")
    badge: str = strawberry.field(description="The badge's key in the programme.")
    level: int = strawberry.field(default=1, description="Which of its levels.")
    reason: str = strawberry.field(description=REASON)


@strawberry.input(description="A badge that is taken from a member.")
class TakeBadgeInput:
    member: str = strawberry.field(description="The member's external id.")
    badge: str = strawberry.field(description="The badge's key in the programme.")
    level: int | None = strawberry.field(default=None, description="One of its levels; all of them when left out.")
    reason: str = strawberry.field(description=REASON)


@strawberry.type(description="What a retraction did.")
class RetractActivityPayload:
    status: RetractStatus | None = strawberry.field(description="What became of it. Null when it was refused.")
    told: str | None = strawberry.field(
        description="What was taken back, what stays and why, in sentences. Null when it was refused."
    )
    paid: BigInt = strawberry.field(
        description="The points that stood for it, of all whom it credits, with those of badges that it completed."
    )
    points: BigInt = strawberry.field(
        description="The points that were taken back: what it had paid but for badges that stay, and those of badges "
        "that fell although other activities had completed them."
    )
    voided: BigInt = strawberry.field(description="Points that were held back, and will not be released.")
    revoked: int = strawberry.field(description="How many badges and zones fell away.")
    activity: JudgedActivity | None = strawberry.field(description="The activity, as it is now.")
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.type(description="What an adjustment did.")
class AdjustPointsPayload:
    entry: LedgerEntry | None = strawberry.field(description="The entry that was made. Null when it was refused.")
    member: Member | None = strawberry.field(description="The member, as they stand now.")
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.type(description="What giving a badge did.")
class GiveBadgePayload:
    award: BadgeAward | None = strawberry.field(description="The award that was made. Null when it was refused.")
    member: Member | None = strawberry.field(description="The member, as they stand now.")
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.type(description="What taking a badge did.")
class TakeBadgePayload:
    seq: BigInt | None = strawberry.field(description="Its place in the sequence. Null when it was refused.")
    member: Member | None = strawberry.field(description="The member, as they stand now.")
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.type
class Corrections:
    @resolved(
        "Take back an activity that turned out not to count, with all that followed from it: points, held points, and "
        "badges that lose what they rest on, or one that they require. Retracting it again does nothing more.",
        Access(),
    )
    async def retract_activity(
        self, info: Info, input: Annotated[RetractActivityInput, strawberry.argument(description="The activity.")]
    ) -> RetractActivityPayload | None:
        context, author = info.context, info.context.caller.as_author

        async def retracting(work: UnitOfWork) -> Retracted:
            revisions = context.service.revisions
            if author.member is not None:
                secret = (await revisions.current(work)).secret
                await _refuse_own(work, secret, input, author.member)
            told = {"author": author.name, "reason": input.reason, "now": context.now()}
            return await retract(work, revisions, input.source, input.id, **told)  # type: ignore[arg-type]

        attempt = await attempted_writing(context, retracting)
        done = attempt.done
        return RetractActivityPayload(
            status=done.status if done else None,
            told=done.told if done else None,
            paid=BigInt(done.paid if done else 0),
            points=BigInt(done.points if done else 0),
            voided=BigInt(done.voided if done else 0),
            revoked=done.revoked if done else 0,
            activity=await activity_reported(context, input.source, input.id) if done else None,
            errors=attempt.errors,
        )

    @resolved("Give a member points, or take some, with a reason. Nobody does so for themself.", Access())
    async def adjust_points(
        self, info: Info, input: Annotated[AdjustPointsInput, strawberry.argument(description="The points.")]
    ) -> AdjustPointsPayload | None:
        context = info.context

        async def adjusting(work: UnitOfWork) -> int:
            if input.at is not None and input.at.utcoffset() is None:
                raise Refused("at", "at has no offset from UTC; end it with Z or, for example, +01:00")
            return await adjust(
                work,
                context.service.revisions,
                input.member,
                input.points,
                author=context.caller.as_author,
                reason=input.reason,
                rule=input.rule,
                at=input.at,
                now=context.now(),
            )

        attempt = await attempted_writing(context, adjusting)
        seq = attempt.done
        return AdjustPointsPayload(
            entry=await context.loader(load_entries).load((seq, 0)) if seq else None,
            member=await member_named(context, input.member) if seq else None,
            errors=attempt.errors,
        )

    @resolved("Give a member a level of a badge, with a reason. Nobody does so for themself.", Access())
    async def give_badge(
        self, info: Info, input: Annotated[GiveBadgeInput, strawberry.argument(description="The badge.")]
    ) -> GiveBadgePayload | None:
        context = info.context

        async def giving(work: UnitOfWork) -> int:
            return await give_badge(
                work,
                context.service.revisions,
                input.member,
                input.badge,
                level=input.level,
                author=context.caller.as_author,
                reason=input.reason,
                now=context.now(),
            )

        attempt = await attempted_writing(context, giving)
        seq = attempt.done
        return GiveBadgePayload(
            award=await context.loader(load_awards).load((seq, 0)) if seq else None,
            member=await member_named(context, input.member) if seq else None,
            errors=attempt.errors,
        )

    @resolved(
        "Take a badge, or one level of it, from a member, with a reason. Its points are taken back, and it is not "
        "awarded again for what was counted already; badges that require it stay. Nobody does so for themself.",
        Access(),
    )
    async def take_badge(
        self, info: Info, input: Annotated[TakeBadgeInput, strawberry.argument(description="The badge.")]
    ) -> TakeBadgePayload | None:
        context = info.context

        async def taking(work: UnitOfWork) -> int:
            return await take_badge(
                work,
                context.service.revisions,
                input.member,
                input.badge,
                level=input.level,
                author=context.caller.as_author,
                reason=input.reason,
                now=context.now(),
            )

        attempt = await attempted_writing(context, taking)
        seq = attempt.done
        return TakeBadgePayload(
            seq=BigInt(seq) if seq else None,
            member=await member_named(context, input.member) if seq else None,
            errors=attempt.errors,
        )


async def _refuse_own(work: UnitOfWork, secret: bytes, input: RetractActivityInput, member: int) -> None:
    """Nobody retracts what credits themself. Raises Refused."""
    identity = identity_of(checked_name("source", input.source), checked_name("id", input.id), secret)
    credited = select(verdict.c.member).join(activity, activity.c.seq == verdict.c.activity)
    rows = await work.rows(credited.where(activity.c.identity == identity, verdict.c.member == member).limit(1))
    if rows:
        raise Refused("id", "it is an activity of your own; ask another manager to do it")
