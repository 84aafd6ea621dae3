"""Advice on podiums: prizes that their manager may not have meant so. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from rewards.podium import Podium, TiePolicy
from rules.advice import Advice, Code


def advice_on_podiums(podiums: Iterable[Podium], earliest: Collection[str]) -> Iterator[Advice]:
    """What podiums say by themselves. `earliest` are the boards that show equal scores in the order in which they were
    reached; the others show one rank."""
    for podium in podiums:
        path = f"podiums.{podium.key}"
        yield from _rising(podium, path)
        if podium.ties is TiePolicy.EARLIEST and podium.board not in earliest:
            yield Advice(
                Code.TIES_DIFFER,
                f"{path}.ties",
                f"board '{podium.board}' shows equal scores as one rank, and this rewards only who was earliest: write "
                "'ties: earliest' on the board too, or 'ties: share' here",
            )
        elif podium.ties is not TiePolicy.EARLIEST and podium.board in earliest:
            yield Advice(
                Code.TIES_DIFFER,
                f"{path}.ties",
                f"board '{podium.board}' shows who reached a score first ahead, and this has both win the same place: "
                "write 'ties: earliest' here, or 'ties: competition' on the board",
            )


def advice_on_late_podiums(podiums: Iterable[Podium], ended: Mapping[str, date]) -> Iterator[Advice]:
    """Those of new podiums that come too late for all that they could reward. `ended` has the last day of each board
    whose only period is over."""
    for podium in podiums:
        if podium.board in ended:
            told = f"the days of board '{podium.board}' ended with {ended[podium.board]}, and a podium rewards only "
            told += "what ends after it was first published: this one will give no prizes"
            remedy = "name a board whose days are not over, or remove the podium"
            yield Advice(Code.NO_PRIZES, f"podiums.{podium.key}.board", f"{told}; {remedy}")


def _rising(podium: Podium, path: str) -> Iterator[Advice]:
    for place, (ahead, behind) in enumerate(zip(podium.prizes, podium.prizes[1:], strict=False), 1):
        if ahead.amount and behind.amount and ahead.currency == behind.currency and ahead.amount < behind.amount:
            told = (
                f"place {place + 1} wins {behind.amount:,} {behind.currency}, and place {place} only {ahead.amount:,}"
            )
            yield Advice(Code.PRIZE_RISES, f"{path}.prizes.{place + 1}", f"{told}: look at which is which")
