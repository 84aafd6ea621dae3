"""What a podium came to for one member, in a sentence: what they won, or why nothing. Pure."""

from typing import NamedTuple

from rewards.payout import State
from rewards.podium import POINTS, Podium, in_words

BECAME = {
    State.AWAITING_APPROVAL: "it awaits approval",
    State.GRANTED: "it can be claimed",
    State.CLAIMED: "it is claimed, and to be delivered",
    State.DELIVERED: "it is delivered",
    State.DECLINED: "it was declined",
    State.EXPIRED: "it was not claimed in time",
    State.REVOKED: "it was revoked",
}


class Won(NamedTuple):
    """A prize that a member won: what, as which place, and where it is."""

    title: str
    reason: str
    state: State
    last_reason: str | None  # of its last step


class Stood(NamedTuple):
    """A place in a result."""

    position: int
    score: int
    reached_us: int  # when the score was reached


class TooLate(NamedTuple):
    """Points of a period that its result does not tell: what came, or was released from a hold, after it was closed;
    and what was taken back of those that it counts."""

    came: int = 0
    released: int = 0
    taken: int = 0


NOTHING_LATE = TooLate()


def told(
    podium: Podium,
    *,
    won: Won | None,
    disqualified: str | None,
    passed_over: str | None,
    stood: Stood | None,
    last: Stood | None,
    late: TooLate = NOTHING_LATE,
) -> str:
    """Why a member won what they did, and no other. `last` is the place that won the last prize, `late` what the result
    does not tell of theirs."""
    return "; ".join([_told(podium, won, disqualified, passed_over, stood, last), *_too_late(late)])


def _too_late(late: TooLate) -> list[str]:
    clauses = [
        (late.came, "{} more {} came too late to count"),
        (late.released, "{} {} {} released too late to count"),
        (late.taken, "{} {} {} taken back too late to change the result"),
    ]
    return [
        words.format(f"{points:,}", "point" if points == 1 else "points", "was" if points == 1 else "were")
        for points, words in clauses
        if points
    ]


def _told(
    podium: Podium,
    won: Won | None,
    disqualified: str | None,
    passed_over: str | None,
    stood: Stood | None,
    last: Stood | None,
) -> str:
    if won is not None:
        became = BECAME[won.state]
        if won.state in (State.DECLINED, State.REVOKED) and won.last_reason:
            became += f" ({won.last_reason})"
        return f"won {won.title}: {won.reason}; {became}"
    if disqualified is not None:
        return f"disqualified: {disqualified}"
    if stood is None and passed_over is not None:
        return f"passed over: {passed_over}"
    if stood is None:
        return "not on the board: nothing of theirs counted, or they do not take part"
    where = f"stood at position {stood.position:,} with {in_words(stood.score, POINTS)}"
    if passed_over is not None:
        return f"passed over: {where}, and {passed_over}"
    if stood.score < podium.minimum:
        return f"won nothing: {where}; a prize takes {podium.minimum:,}"
    if last is None:
        return f"won nothing: {where}, and nobody won"
    best = f"the last prize went to position {last.position:,}, with {last.score:,}{_tie(stood, last)}"
    return f"won nothing: {where}; {best}"


def _tie(stood: Stood, last: Stood) -> str:
    """What put one behind another who has as many points."""
    if stood.score != last.score or stood.position < last.position:
        return ""
    if stood.reached_us > last.reached_us:
        return ", reached earlier"
    return ", reached at the same time: a random number decided"
