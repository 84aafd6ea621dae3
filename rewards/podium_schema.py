"""GraphQL types of podiums and their prizes."""

import strawberry

from activity.schema import BigInt
from rewards.payout import State, Verb
from rewards.podium import Podium as PodiumValue
from rewards.podium import Prize as PrizeValue
from rewards.podium import TiePolicy, Vacancy
from rewards.podium_cost import Cost
from rewards.winners import Why

strawberry.enum(
    TiePolicy,
    description="What members with equal scores win: each the prize of the place they share (SHARE), equal parts of "
    "the amounts of the places they take (SPLIT), or nobody ties, as the EARLIEST to reach the score stands ahead.",
)
strawberry.enum(
    Vacancy, description="Whether a place whose winner falls away goes to the NEXT in line, or stays EMPTY."
)
strawberry.enum(
    State,
    name="PayoutState",
    description="Where a prize is on its way to the winner: AWAITING_APPROVAL of a manager, GRANTED, so that the "
    "winner can claim it, CLAIMED and to be delivered, DELIVERED; or DECLINED by the winner, EXPIRED as nobody "
    "claimed it in time, REVOKED by a manager.",
)
strawberry.enum(Verb, name="PayoutVerb", description="What moves a payout on.")
strawberry.enum(
    Why,
    name="PassedOverReason",
    description="Why a member is passed over: DISQUALIFIED, PAUSED as they won not long before, ABSENT as they do not "
    "take part any more, or TOO_LITTLE, as what is split does not reach for them.",
)


@strawberry.type(description="What a place wins.")
class Prize:
    title: str = strawberry.field(description="What it is.")
    text: str | None = strawberry.field(description="More about it.")
    amount: BigInt | None = strawberry.field(description="How much, where it has an amount.")
    currency: str | None = strawberry.field(
        description="Of the amount, such as GBP; points are those of the programme."
    )

    @classmethod
    def of(cls, prize: PrizeValue) -> "Prize":
        amount = None if prize.amount is None else BigInt(prize.amount)
        return cls(title=prize.title, text=prize.text, amount=amount, currency=prize.currency)


@strawberry.type(description="The most that one period of a podium can cost in one currency.")
class PodiumCost:
    podium: str = strawberry.field(description="The podium's key.")
    period: str = strawberry.field(description="Of what length a period is, such as half-year.")
    currency: str = strawberry.field(description="Such as GBP, or points.")
    untied: BigInt = strawberry.field(description="What it costs when no two winners have the same score.")
    most: BigInt = strawberry.field(
        description="The most for as many winners as there are places, however their scores are tied."
    )
    each_more: BigInt = strawberry.field(
        description="What each winner more can cost, as any number of members can share the last place; 0 where ties "
        "make no more winners."
    )
    members: int | None = strawberry.field(
        description="How many take part now, where they are more than the places and can all win. Null else."
    )
    most_of_all: BigInt | None = strawberry.field(
        description="The most if all of `members` win, their scores tied as costs most. Null where `members` is."
    )
    text: str = strawberry.field(description="The same in a sentence.")

    @classmethod
    def of(cls, cost: Cost) -> "PodiumCost":
        return cls(
            podium=cost.podium,
            period=cost.period,
            currency=cost.currency,
            untied=BigInt(cost.untied),
            most=BigInt(cost.most),
            each_more=BigInt(cost.each_more),
            members=cost.members or None,
            most_of_all=BigInt(cost.most_of_all) if cost.most_of_all else None,
            text=str(cost),
        )


@strawberry.type(description="The prizes for the first places of a board in each of its periods.")
class Podium:
    key: str = strawberry.field(description="Its name in the programme.")
    title: str = strawberry.field(description="What it is called.")
    board: str = strawberry.field(description="The key of the board that decides it.")
    places: int = strawberry.field(description="How many places win.")
    prizes: list[Prize] = strawberry.field(description="What they win, from place 1.")
    ties: TiePolicy = strawberry.field(description="What members with equal scores win.")
    minimum: BigInt = strawberry.field(description="The lowest score that wins.")
    pause: int = strawberry.field(description="For how many periods a winner cannot win again.")
    absent: Vacancy = strawberry.field(description="What becomes of the place of a winner who left.")
    declined: Vacancy = strawberry.field(
        description="What becomes of a prize that is declined, revoked, or not claimed in time."
    )
    claim_days: int = strawberry.field(description="How many days a granted prize can be claimed.")
    approval: bool = strawberry.field(description="Whether a manager approves each prize.")

    @classmethod
    def of(cls, podium: PodiumValue) -> "Podium":
        return cls(
            key=podium.key,
            title=podium.title,
            board=podium.board,
            places=podium.places,
            prizes=[Prize.of(prize) for prize in podium.prizes],
            ties=podium.ties,
            minimum=BigInt(podium.minimum),
            pause=podium.pause,
            absent=podium.absent,
            declined=podium.declined,
            claim_days=podium.claim_days,
            approval=podium.approval,
        )
