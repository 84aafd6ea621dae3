"""What mutations share that take a batch of members."""

from collections.abc import Iterable, Sequence

import strawberry

from api.problems import BatchTooLarge
from operations.enrol import MemberReceipt, MemberStatus
from operations.record import BATCH_MAX

strawberry.enum(
    MemberStatus,
    description="What became of a member: new (CREATED), changed (UPDATED), as before (UNCHANGED), or something is "
    "wrong with what was given (REFUSED).",
)


@strawberry.type(description="What became of one member.")
class MemberSaved:
    index: int = strawberry.field(description="Where it stood in the request, from 0.")
    status: MemberStatus = strawberry.field(description="What became of it.")
    message: str | None = strawberry.field(description="What is wrong and what to do, when it was refused.")
    field: str | None = strawberry.field(description="The part of it that is wrong, such as attributes.joined.")


def saved(receipts: Iterable[MemberReceipt]) -> list[MemberSaved]:
    """Receipts as the API has them."""
    return [
        MemberSaved(index=index, status=status, message=message or None, field=_camel(field) or None)
        for index, (status, message, field) in enumerate(receipts)
    ]


def too_many(elements: Sequence[object], words: str) -> BatchTooLarge | None:
    """That a request holds more elements than one may."""
    if len(elements) <= BATCH_MAX:
        return None
    message = f"{len(elements):,} {words} are more than one request may hold; send at most {BATCH_MAX:,} at a time"
    return BatchTooLarge(code="BATCH_TOO_LARGE", message=message, given=len(elements), max=BATCH_MAX)


def _camel(field: str) -> str:
    """A field of a profile as GraphQL calls it; names of attributes stay as they are."""
    first, *rest = field.split("_") if not field.startswith("attributes") else [field]
    return first + "".join(word.capitalize() for word in rest)
