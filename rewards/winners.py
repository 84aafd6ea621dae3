"""Winners: who gets which prize of a podium, once a period is decided. Pure.

The places of the board come in its total order. Who cannot win is passed over, and the others move up; then members
with equal scores share a place, split what their places win, or stand in the order in which they reached the score:

    selection = Selection(podium, recent={7})
    for candidate in candidates:                        # the highest score first
        if not selection.offer(candidate, present=...): # nobody behind them can win
            break
    outcome = selection.outcome()
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import NamedTuple

from rewards.podium import Podium, Prize, TiePolicy, Vacancy, in_words


class Candidate(NamedTuple):
    """One place of a decided board."""

    position: int  # in the result, from 1
    competitor: int  # member key
    score: int
    reached_us: int


class Winner(NamedTuple):
    """A member who wins a prize. `amount` is what they get of it, which differs from the prize's when it is split."""

    place: int
    share: int  # among those who share the place, from 1 in the total order
    candidate: Candidate
    prize: Prize
    amount: int | None
    reason: str  # in words


class Why(StrEnum):
    """Why a member is passed over."""

    DISQUALIFIED = "disqualified"
    PAUSED = "paused"  # they won not long before
    ABSENT = "absent"  # they do not take part any more
    TOO_LITTLE = "too-little"  # what is split does not reach for them


class PassedOver(NamedTuple):
    """A member who would have won, and does not."""

    candidate: Candidate
    why: Why
    reason: str  # in words


class Empty(NamedTuple):
    """A place that nobody wins."""

    place: int
    reason: str


class Outcome(NamedTuple):
    """What a podium comes to in one period."""

    winners: tuple[Winner, ...]
    passed_over: tuple[PassedOver, ...]
    empty: tuple[Empty, ...]


ABSENT = "does not take part any more"


class _Seat(NamedTuple):
    candidate: Candidate
    present: bool


class Selection:
    """Finds the winners among candidates who are offered one by one, and stops asking when the places are filled.

    `recent` are those who won in the last periods that the podium pauses for, and `later` those who have in the next
    since.
    """

    def __init__(
        self,
        podium: Podium,
        *,
        disqualified: Collection[int] = (),
        recent: Collection[int] = (),
        later: Collection[int] = (),
    ) -> None:
        self._podium = podium
        self._later = later
        self._disqualified = disqualified
        self._recent = recent
        self._winners: list[Winner] = []
        self._passed_over: list[PassedOver] = []
        self._empty: list[Empty] = []
        self._tied: list[_Seat] = []  # who stand at the place that is being filled
        self._taken = 0  # places before it
        self._below_minimum = False
        self._done = False

    def offer(self, candidate: Candidate, *, present: bool) -> bool:
        """Look at the next candidate. Whether one more can make a difference."""
        podium = self._podium
        if self._done:
            return False
        if candidate.score < podium.minimum:
            self._below_minimum = True
            return self._finish()
        if not self._ties_with(candidate) and self._taken + len(self._tied) >= podium.places:
            return self._finish()
        if candidate.competitor in self._disqualified:
            self._pass_over(candidate, Why.DISQUALIFIED, "was disqualified")
        elif candidate.competitor in self._recent:
            self._pass_over(candidate, Why.PAUSED, _paused(podium.pause))
        elif candidate.competitor in self._later:
            self._pass_over(candidate, Why.PAUSED, "won soon after, and would have had to pause there")
        elif not present and podium.absent is Vacancy.NEXT:
            self._pass_over(candidate, Why.ABSENT, ABSENT)
        else:
            if not self._ties_with(candidate):
                self._fill()
            self._tied.append(_Seat(candidate, present))
        return True

    def outcome(self) -> Outcome:
        """The winners among those who were offered. Nobody more can be offered after it."""
        if not self._done:
            self._finish()
        return Outcome(tuple(self._winners), tuple(self._passed_over), tuple(self._empty))

    def _ties_with(self, candidate: Candidate) -> bool:
        earliest = self._podium.ties is TiePolicy.EARLIEST
        return bool(self._tied) and not earliest and self._tied[-1].candidate.score == candidate.score

    def _pass_over(self, candidate: Candidate, why: Why, reason: str) -> None:
        self._passed_over.append(PassedOver(candidate, why, reason))

    def _finish(self) -> bool:
        self._fill()
        self._done = True
        minimum = f"nobody else has a score of {self._podium.minimum:,} or more"
        short = minimum if self._below_minimum else "nobody else is on the board"
        for place in range(self._taken + 1, self._podium.places + 1):
            self._empty.append(Empty(place, short))
        return False

    def _fill(self) -> None:
        """Give the place that is being filled to those who stand at it."""
        tied, place = self._tied, self._taken + 1
        if not tied:
            return
        self._tied, self._taken = [], self._taken + len(tied)
        for seat in tied:
            if not seat.present:
                self._pass_over(seat.candidate, Why.ABSENT, f"{ABSENT}; what they would have won stays with nobody")
        if not any(seat.present for seat in tied):
            last = min(self._taken, self._podium.places)
            self._empty += [Empty(each, "its winner does not take part any more") for each in range(place, last + 1)]
        elif self._podium.ties is TiePolicy.SPLIT and len(tied) > 1:
            self._split(tied, place)
        else:
            prize = self._podium.prizes[place - 1]
            shared = f", shared by {len(tied)}" if len(tied) > 1 else ""
            for share, seat in enumerate(tied, 1):
                if seat.present:
                    reason = f"place {place}{shared}"
                    self._winners.append(Winner(place, share, seat.candidate, prize, prize.amount, reason))

    def _split(self, tied: list[_Seat], place: int) -> None:
        """Part what the places of those who tie win together; what does not divide goes to the earliest, 1 to each."""
        last = min(self._taken, self._podium.places)
        prizes = self._podium.prizes[place - 1 : last]
        whole = sum(prize.amount or 0 for prize in prizes)
        part, left = divmod(whole, len(tied))
        of = f"{in_words(whole, prizes[0].currency)} of " + (
            f"place {place}" if place == last else f"places {place} to {last}"
        )
        do, them = ("does", "it") if whole == 1 else ("do", "them")
        short = f"{do} not reach for all {len(tied)} who share {them}"
        for share, seat in enumerate(tied, 1):
            amount = part + (share <= left)
            if not seat.present:
                continue
            if not amount:
                self._pass_over(seat.candidate, Why.TOO_LITTLE, f"{of} {short}")
                continue
            more = ", with 1 of what does not divide, as one of the earliest" if share <= left else ""
            reason = f"place {place}, shared by {len(tied)}: an equal part of the {of}{more}"
            self._winners.append(Winner(place, share, seat.candidate, prizes[0], amount, reason))


def winners(
    podium: Podium,
    candidates: Iterable[Candidate],
    *,
    present: Collection[int],
    disqualified: Collection[int] = (),
    recent: Collection[int] = (),
) -> Outcome:
    """The winners among candidates in the total order, of whom those in `present` take part."""
    selection = Selection(podium, disqualified=disqualified, recent=recent)
    for candidate in candidates:
        if not selection.offer(candidate, present=candidate.competitor in present):
            break
    return selection.outcome()


def _paused(periods: int) -> str:
    return "won in the period before" if periods == 1 else f"won in the last {periods} periods"
