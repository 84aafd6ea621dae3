"""What a podium can cost: the most that one period can take, for whoever decides about the prizes. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rewards.podium import Podium, TiePolicy, in_words


@dataclass(frozen=True, slots=True)
class Cost:
    """The most that one period of a podium costs in one currency.

    Members who share a place each get its prize, and any number can be tied. So with `ties: share` `most` is for as
    many winners as there are places, each winner more costs up to `each_more`, and `most_of_all` is for all who take
    part.
    """

    podium: str  # key
    period: str  # kind, such as half-year
    currency: str
    untied: int  # when no two winners have the same score
    most: int
    each_more: int = 0
    winners: int = 0  # for how many `most` is
    members: int = 0  # who take part now
    most_of_all: int = 0  # if all of them win, tied as costs most; 0 where that is no more than `most`

    def __str__(self) -> str:
        told = f"podium {self.podium}: each {self.period} costs at most {in_words(self.most, self.currency)}"
        if not self.each_more:
            return told
        many = "1 winner" if self.winners == 1 else f"{self.winners:,} winners"
        untied = f" ({self.untied:,} without ties)" if self.untied != self.most else ""
        told += f" for {many}{untied}, and up to {self.each_more:,} more for each winner more who ties with them"
        if self.most_of_all:
            told += f"; at most {in_words(self.most_of_all, self.currency)} if all {self.members:,} who take part tie"
        return told


def costs(podium: Podium, period: str, members: int) -> Iterator[Cost]:
    """What a podium costs in each of its periods at most, by currency, in the order of its prizes. `members` take part.

    Prizes that do not have an amount cost what their title says, and are not counted.
    """
    for currency in dict.fromkeys(prize.currency for prize in podium.prizes if prize.currency is not None):
        amounts = [prize.amount or 0 if prize.currency == currency else 0 for prize in podium.prizes]
        if podium.ties is TiePolicy.SHARE:
            winners = podium.places
            most, of_all = _most_shared(amounts, winners), _most_shared(amounts, members)
            told = (members, of_all) if members > winners else ()
            yield Cost(podium.key, period, currency, sum(amounts), most, max(amounts), winners, *told)
        else:
            yield Cost(podium.key, period, currency, sum(amounts), sum(amounts))


def _most_shared(amounts: Sequence[int], winners: int) -> int:
    """The most that so many winners, as many as there are places or more, get when each of those who tie gets the prize
    of the place that they share: of all ways to tie them, that which costs most. The last to tie can be any number."""
    most = [0]
    for taken in range(1, len(amounts)):
        most.append(max(most[before] + (taken - before) * amounts[before] for before in range(taken)))
    return max(most[before] + (winners - before) * amounts[before] for before in range(len(amounts)))
