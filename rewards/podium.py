"""A podium as its manager wrote it: which places of a board win which prizes, and what happens when one stays free."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

POINTS = "points"  # the currency of prizes that are points of the programme

# That a person gives or takes at once, and so of a prize, which is given so when it is delivered: more is a slip of the
# finger, or worth a second look.
ADJUSTED_POINTS_MAX = 1_000_000


class TiePolicy(StrEnum):
    """What members with equal scores get: each the prize of the place they `share`; equal parts of the amounts of the
    places they take (`split`); or the `earliest` to reach the score stands ahead."""

    SHARE = "share"
    SPLIT = "split"
    EARLIEST = "earliest"


class Vacancy(StrEnum):
    """What becomes of a place whose winner falls away: the `next` in line gets it, or it stays `empty`."""

    NEXT = "next"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Prize:
    """What a place wins. The amount is of a currency, or of points; a prize without one is what its title says."""

    title: str
    text: str | None = None
    amount: int | None = None
    currency: str | None = None  # with an amount


@dataclass(frozen=True, slots=True)
class Podium:
    """The prizes for the first places of a board in each of its periods."""

    key: str
    title: str
    board: str  # key
    prizes: tuple[Prize, ...]  # of place 1, 2, 3 and so on
    ties: TiePolicy = TiePolicy.SHARE
    minimum: int = 1  # the lowest score that wins
    pause: int = 0  # for how many periods a winner cannot win again
    absent: Vacancy = Vacancy.NEXT  # when a winner does not take part any more
    declined: Vacancy = Vacancy.NEXT  # when a prize is declined, revoked, or not claimed in time
    claim_days: int = 90  # for which a granted prize can be claimed
    approval: bool = True  # whether a manager approves each prize before it is granted
    was: str | None = None

    @property
    def places(self) -> int:
        return len(self.prizes)


class PodiumVersion(NamedTuple):
    """A podium as one revision has it, with the ids that the database gave it."""

    id: int
    element: int
    podium: Podium


def in_words(amount: int, currency: str | None) -> str:
    """An amount with what it is of: 1,500 GBP, 2 points, 1 point."""
    return f"{amount:,} {'point' if currency == POINTS and amount == 1 else currency}"


def plain_prize(prize: Prize) -> dict[str, object]:
    """A prize as plain data, without what it does not say."""
    told = {"title": prize.title, "text": prize.text, "amount": prize.amount, "currency": prize.currency}
    return {name: value for name, value in told.items() if value is not None}
