"""GraphQL types of claims: how an activity type is claimed, and where a claim is."""

import strawberry

from activity.catalogue import Claimable, LinkRule
from activity.claim import State
from section import duration_to_plain

strawberry.enum(
    State,
    name="ClaimState",
    description="Where a claim is: WAITING for a reviewer, APPROVED and recorded (its `retraction` "
    "says whether that was taken back later), REFUSED with a reason, or WITHDRAWN "
    "by who made it.",
)
strawberry.enum(
    LinkRule, name="ClaimLink", description="Whether a claim has a link: it is REQUIRED, OPTIONAL, or there is NONE."
)


@strawberry.type(description="How members claim an activity of a type themselves, as no tool reports it.")
class ClaimTerms:
    hint: str | None = strawberry.field(description="What to give with it, in words for the claimant.")
    link: LinkRule = strawberry.field(description="Whether it has a link to what was done.")
    within: str | None = strawberry.field(
        description="How long ago it may have happened, as an ISO 8601 duration such as P90D. Null: as long ago as the "
        "programme starts."
    )

    @classmethod
    def of(cls, claim: Claimable) -> "ClaimTerms":
        within = None if claim.within is None else duration_to_plain(claim.within)
        return cls(hint=claim.hint, link=claim.link, within=within)
