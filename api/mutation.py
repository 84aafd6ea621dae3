"""The verbs: every root field of Mutation, with those of api/corrections.py. Each is one transaction; what is wrong
with one element harms no other."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import strawberry

from activity.intake import Report
from activity.schema import ActivityInput, BigInt, MemberInput, resolved
from api.access import Access
from api.attempt import attempted_writing
from api.batches import MemberSaved, saved, too_many
from api.claims import ClaimMutations
from api.closings import ClosingMutations
from api.context import Info
from api.corrections import Corrections
from api.moves import MoveMutations
from api.payouts import PayoutMutations
from api.people import PeopleMutations
from api.problems import WHY_NOT, Problem
from api.revisions import RevisionMutations
from api.simulations import SimulationMutations
from operations.enrol import MemberReceipt, MemberStatus, Profile, enrol
from operations.record import BATCH_MAX, Receipt, Status, record
from operations.resume import AT_ONCE_MAX, resume

strawberry.enum(
    Status,
    name="ActivityStatus",
    description="What became of a report: it was recorded (RECORDED), it had been before with the same content "
    "(DUPLICATE) or with other content, which stays (CONFLICT), the member does not take part (IGNORED), it is kept "
    "aside until somebody whom it names is known (KEPT), or something is wrong with it (REFUSED).",
)


@strawberry.type(description="What became of one reported activity.")
class ActivityReceipt:
    index: int = strawberry.field(description="Where it stood in the request, from 0.")
    status: Status = strawberry.field(description="What became of it.")
    message: str | None = strawberry.field(description="Why, and what to do. Null when it was recorded.")
    field: str | None = strawberry.field(description="The part of it that is wrong, such as data.reach.")
    seq: BigInt | None = strawberry.field(description="Its place in the programme's sequence, if it was recorded now.")
    points: BigInt = strawberry.field(description="The points it earned now.")


@strawberry.type(description="What became of a batch of activities.")
class RecordActivitiesPayload:
    results: list[ActivityReceipt] = strawberry.field(description="One receipt for each activity, in order.")
    recorded: int = strawberry.field(description="How many were recorded.")
    duplicates: int = strawberry.field(description="How many had been recorded before.")
    conflicts: int = strawberry.field(description="How many had been recorded before with other content.")
    ignored: int = strawberry.field(description="How many are of members who do not take part.")
    kept: int = strawberry.field(description="How many are kept aside until somebody whom they name is known.")
    refused: int = strawberry.field(description="How many something is wrong with.")
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.type(description="What became of a batch of members.")
class SaveMembersPayload:
    results: list[MemberSaved] = strawberry.field(description="One receipt for each member, in order.")
    created: int = strawberry.field(description="How many are new.")
    updated: int = strawberry.field(description="How many were changed.")
    unchanged: int = strawberry.field(description="How many are as before.")
    refused: int = strawberry.field(description="How many something is wrong with.")
    errors: list[Problem] = strawberry.field(description=WHY_NOT)


@strawberry.input(description="Activities to record.")
class RecordActivitiesInput:
    activities: list[ActivityInput | None] = strawberry.field(
        description=f"Up to {BATCH_MAX:,} of them. Those that were recorded before are harmless."
    )


@strawberry.input(description="Members to create or change.")
class SaveMembersInput:
    members: list[MemberInput | None] = strawberry.field(description=f"Up to {BATCH_MAX:,} of them.")


@strawberry.type(description="What can be done.")
class Mutation(
    ClaimMutations,
    ClosingMutations,
    Corrections,
    RevisionMutations,
    SimulationMutations,
    PayoutMutations,
    PeopleMutations,
    MoveMutations,
):
    @resolved("Record what members did. Send it again after a failure: what arrived counts once.", Access())
    async def record_activities(
        self,
        info: Info,
        input: Annotated[RecordActivitiesInput, strawberry.argument(description="The activities.")],
    ) -> RecordActivitiesPayload | None:
        receipts, errors = await _recorded(info, input.activities)
        counts = Counter(receipt.status for receipt in receipts)
        return RecordActivitiesPayload(
            results=[_activity_receipt(index, receipt) for index, receipt in enumerate(receipts)],
            recorded=counts[Status.RECORDED],
            duplicates=counts[Status.DUPLICATE],
            conflicts=counts[Status.CONFLICT],
            ignored=counts[Status.IGNORED],
            kept=counts[Status.KEPT],
            refused=counts[Status.REFUSED],
            errors=errors,
        )

    @resolved("Create members, or change what is known of them. Who stops taking part leaves every board.", Access())
    async def save_members(
        self, info: Info, input: Annotated[SaveMembersInput, strawberry.argument(description="The members.")]
    ) -> SaveMembersPayload | None:
        receipts, errors = await _saved(info, input.members)
        counts = Counter(receipt.status for receipt in receipts)
        return SaveMembersPayload(
            results=saved(receipts),
            created=counts[MemberStatus.CREATED],
            updated=counts[MemberStatus.UPDATED],
            unchanged=counts[MemberStatus.UNCHANGED],
            refused=counts[MemberStatus.REFUSED],
            errors=errors,
        )


async def _recorded(info: Info, activities: Sequence[ActivityInput | None]) -> tuple[list[Receipt], list[Problem]]:
    if problem := too_many(activities, "activities"):
        return [], [problem]
    nothing = ActivityInput()
    reports = [
        Report(given.source, given.id, given.type, given.member, given.time, given.data, given.contributors)
        for given in (activity or nothing for activity in activities)
    ]
    context = info.context
    attempt = await attempted_writing(
        context, lambda work: record(work, context.service.revisions, reports, now=context.now())
    )
    return attempt.done or [], attempt.errors


async def _saved(info: Info, members: Sequence[MemberInput | None]) -> tuple[list[MemberReceipt], list[Problem]]:
    if problem := too_many(members, "members"):
        return [], [problem]
    nothing = MemberInput()
    profiles = [
        Profile(
            external_id=given.external_id,
            name=given.name,
            alias=given.alias,
            team=given.team,
            location=given.location,
            department=given.department,
            time_zone=given.time_zone,
            attributes=given.attributes,
            participates=given.participates,
            identities=given.identities,
        )
        for given in (member or nothing for member in members)
    ]
    context = info.context
    author, service = context.caller.author, context.service
    attempt = await attempted_writing(
        context, lambda work: enrol(work, service.revisions, profiles, now=context.now(), author=author)
    )
    if attempt.done:
        await resume(service.store, service.revisions, now=context.now(), batches_max=AT_ONCE_MAX)
    return attempt.done or [], attempt.errors


def _activity_receipt(index: int, receipt: Receipt) -> ActivityReceipt:
    return ActivityReceipt(
        index=index,
        status=receipt.status,
        message=receipt.message or None,
        field=receipt.field or None,
        seq=BigInt(receipt.seq) if receipt.seq is not None else None,
        points=BigInt(receipt.points),
    )
