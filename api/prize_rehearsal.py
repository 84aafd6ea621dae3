"""The rehearsal of prizes over GraphQL: who would win what, and who would not."""

from collections.abc import Mapping

import strawberry

from activity.schema import BigInt, MemberSummary
from api.podiums import EmptyPlace, PassedOver
from operations.prize_rehearsal import TOO_LATE, PrizeRehearsal
from rewards.podium_schema import Podium, Prize


@strawberry.type(description="A member who would win a prize.")
class RehearsedWinner:
    place: int = strawberry.field(description="The place that wins it.")
    member: MemberSummary | None = strawberry.field(description="Who.")
    prize: Prize = strawberry.field(description="What the place wins.")
    amount: BigInt | None = strawberry.field(
        description="How much of it they would get; less than the prize has where several split it."
    )
    reason: str = strawberry.field(description="Why, in words.")


@strawberry.type(description="What a podium would give for a period, if it became final as it stands.")
class RehearsedPrizes:
    podium: Podium = strawberry.field(description="The podium.")
    winners: list[RehearsedWinner] = strawberry.field(description="Who would win, by place; the first 100.")
    more_winners: int = strawberry.field(description="How many more would win.")
    passed_over: list[PassedOver] = strawberry.field(description="Who would be passed over, and why; the first 100.")
    more_passed_over: int = strawberry.field(description="How many more would be passed over.")
    empty: list[EmptyPlace] = strawberry.field(description="The places that nobody would win.")
    undecided: list[str] = strawberry.field(
        description="The keys of periods before it that are not final yet: who wins then would be passed over here."
    )
    gives_nothing: str | None = strawberry.field(
        description="Why it gives no prizes for this period at all. Null where it does."
    )

    @classmethod
    def of(cls, found: PrizeRehearsal, people: Mapping[int, MemberSummary]) -> "RehearsedPrizes":
        winners, passed_over, empty = found.outcome or ((), (), ())
        return cls(
            podium=Podium.of(found.podium),
            winners=[
                RehearsedWinner(
                    place=each.place,
                    member=people.get(each.candidate.competitor),
                    prize=Prize.of(each.prize),
                    amount=None if each.amount is None else BigInt(each.amount),
                    reason=each.reason,
                )
                for each in winners
            ],
            passed_over=[
                PassedOver(
                    position=each.candidate.position,
                    member=people.get(each.candidate.competitor),
                    why=each.why,
                    reason=each.reason,
                )
                for each in passed_over
            ],
            more_winners=found.more_winners,
            more_passed_over=found.more_passed_over,
            empty=[EmptyPlace(place=each.place, reason=each.reason) for each in empty],
            undecided=list(found.undecided),
            gives_nothing=TOO_LATE if found.outcome is None else None,
        )
