"""Who members are in other tools, who left, and who is not known yet."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Annotated

import strawberry
from sqlalchemy import select

from activity.calendar import instant
from activity.identity import SEPARATOR
from activity.schema import Text, resolved
from activity.tables import identity, identity_removal
from api.access import Access, Scope
from api.arguments import After, First
from api.attempt import attempted_writing
from api.batches import MemberSaved, saved, too_many
from api.context import Context, Info
from api.errors import Forbidden
from api.problems import WHY_NOT, Problem
from operations.enrol import MemberStatus
from operations.identities import remove_identity
from operations.leave import MARKED_MAX, mark_left
from operations.unknown import UnknownPerson as UnknownValue
from operations.unknown import unknown_people
from paging import Connection, Cursors, connection
from storage.bulk import AnyRow

UNKNOWN = Cursors("unknown", 2)

WithRemoved = Annotated[bool, strawberry.argument(description="Also those that were taken from them, as the last.")]


@strawberry.type(description="That an identity was taken from a member.")
class IdentityRemoval:
    at: datetime = strawberry.field(description="When.")
    author: str = strawberry.field(description="By whom.")
    reason: str | None = strawberry.field(description="Why, in their words.")


@strawberry.type(description="What another tool knows a member by.")
class MemberIdentity:
    name: str = strawberry.field(description="As reports write it: KIND:HANDLE.")
    kind: str = strawberry.field(description="Its kind.")
    handle: str = strawberry.field(description="Who they are there, as it was written first.")
    retired: bool = strawberry.field(description="Whether the programme has its kind no more, so that it names nobody.")
    since: datetime | None = strawberry.field(description="Since when they have it. Null for one that was taken.")
    author: str | None = strawberry.field(description="Who gave it to them. Null for one that was taken.")
    removed: IdentityRemoval | None = strawberry.field(description="That it was taken from them.")


@strawberry.type(description="Somebody whom activities name, and by whose name no member is known.")
class UnknownPerson:
    name: str = strawberry.field(description="As it was first written: an external id, or KIND:HANDLE.")
    kind: str | None = strawberry.field(description="The kind of identity. Null for an external id.")
    activities: int = strawberry.field(description="How many are kept for them.")
    first_at: datetime = strawberry.field(description="When the first of these came.")
    last_at: datetime = strawberry.field(description="When the last of these came.")
    dropped_at: datetime = strawberry.field(description="When the first of these is dropped, if they are not known.")
    problem: str | None = strawberry.field(
        description="Why some could not be recorded when the person was known. They stay until they are dropped, and "
        "are tried again when the programme changes."
    )
    place: strawberry.Private[tuple[int, int]]


@strawberry.input(description="An identity to take from a member.")
class RemoveIdentityInput:
    member: str = strawberry.field(description="The member's external id.")
    identity: str = strawberry.field(description="The identity, written KIND:HANDLE.")
    reason: str | None = strawberry.field(default=None, description="Why, in a few words.")


@strawberry.type(description="What taking an identity did.")
class RemoveIdentityPayload:
    identities: list[MemberIdentity] = strawberry.field(description="Those that the member has now.")
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.input(description="People who left the company.")
class MarkLeftInput:
    members: list[Text | None] = strawberry.field(description=f"Up to {MARKED_MAX:,} external ids.")


@strawberry.type(description="What became of people who left.")
class MarkLeftPayload:
    results: list[MemberSaved] = strawberry.field(description="One receipt for each, in order; UPDATED: marked now.")
    marked: int = strawberry.field(description="How many were marked now.")
    unchanged: int = strawberry.field(description="How many had been marked before.")
    refused: int = strawberry.field(description="How many something is wrong with.")
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.type
class PeopleQueries:
    """Root fields about people who are not known."""

    @resolved(
        "For whom activities are kept aside until a member is known by their name, those with most of them first. In "
        "an opt-in programme nothing is kept.",
        Access(),
    )
    async def unknown_people(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[UnknownPerson] | None:
        context, ask = info.context, UNKNOWN.asked(first, after)
        days = (await context.revision()).programme.kept_days
        async with context.reading() as work:
            found = await unknown_people(work, context.service.revisions, count=ask.count + 1, after=ask.after)
        nodes = [_unknown(each, days) for each in found[: ask.count]]
        return connection(
            nodes,
            lambda node: UNKNOWN.write(node.place),
            has_previous=ask.after is not None,
            has_next=len(found) > ask.count,
        )


@strawberry.type
class PeopleMutations:
    """Root fields that say who somebody is not any more."""

    @resolved(
        "Take an identity from a member: from now on it names nobody, until it is given to somebody. What was recorded "
        "by it stays.",
        Access(),
    )
    async def remove_identity(
        self, info: Info, input: Annotated[RemoveIdentityInput, strawberry.argument(description="The identity.")]
    ) -> RemoveIdentityPayload | None:
        context = info.context
        attempt = await attempted_writing(
            context,
            lambda work: remove_identity(
                work,
                context.service.revisions,
                input.member,
                input.identity,
                now=context.now(),
                author=context.caller.author,
                reason=input.reason,
            ),
        )
        key = attempt.done
        left = [] if key is None else await context.loader(load_identities).load((key, False))
        return RemoveIdentityPayload(identities=left, errors=attempt.errors)

    @resolved(
        "Mark people who left the company: they are off all boards at once, nothing they do is recorded, and their "
        "history stays. When they are saved again they are back as they were.",
        Access(),
    )
    async def mark_left(
        self, info: Info, input: Annotated[MarkLeftInput, strawberry.argument(description="The people.")]
    ) -> MarkLeftPayload | None:
        if problem := too_many(input.members, "members"):
            return MarkLeftPayload(results=[], marked=0, unchanged=0, refused=0, errors=[problem])
        context = info.context
        attempt = await attempted_writing(
            context, lambda work: mark_left(work, context.service.revisions, input.members, now=context.now())
        )
        receipts = attempt.done or []
        counts = Counter(receipt.status for receipt in receipts)
        return MarkLeftPayload(
            results=saved(receipts),
            marked=counts[MemberStatus.UPDATED],
            unchanged=counts[MemberStatus.UNCHANGED],
            refused=counts[MemberStatus.REFUSED],
            errors=attempt.errors,
        )


async def identities_of(context: Context, member: int, *, removed: bool) -> list[MemberIdentity]:
    """What other tools know a member by. Raises Forbidden."""
    if context.caller.member != member and not context.caller.may(Scope.MANAGE):
        raise Forbidden("identities needs a key with the scope manage, or one that acts for the member")
    return await context.loader(load_identities).load((member, removed))


async def load_identities(context: Context, keys: list[tuple[int, bool]]) -> list[list[MemberIdentity]]:
    """The identities that members have, and those that were taken from them where that is asked, by kind."""
    kinds = (await context.revision()).programme.identities
    members = sorted({member for member, _ in keys})
    has = select(identity).where(identity.c.member.in_(members)).order_by(identity.c.kind, identity.c.handle)
    had = select(identity_removal).where(identity_removal.c.member.in_(members)).order_by(identity_removal.c.id)
    async with context.reading() as work:
        mine = await work.rows(has)
        taken = await work.rows(had) if any(removed for _, removed in keys) else []
    found = []
    for member, removed in keys:
        rows: list[tuple[AnyRow, IdentityRemoval | None]] = [(row, None) for row in mine if row.member == member]
        if removed:
            rows += [
                (row, IdentityRemoval(at=instant(row.recorded_us), author=row.author, reason=row.reason))
                for row in taken
                if row.member == member
            ]
        found.append(
            [
                MemberIdentity(
                    name=f"{row.kind}{SEPARATOR}{row.shown}",
                    kind=row.kind,
                    handle=row.shown,
                    retired=row.kind not in kinds,
                    since=None if removal else instant(row.recorded_us),
                    author=None if removal else row.author,
                    removed=removal,
                )
                for row, removal in rows
            ]
        )
    return found


def _unknown(found: UnknownValue, days: int) -> UnknownPerson:
    return UnknownPerson(
        name=found.name,
        kind=found.kind or None,
        activities=found.activities,
        first_at=found.first,
        last_at=found.last,
        dropped_at=found.first + timedelta(days=days),
        problem=found.problem,
        place=found.place,
    )
