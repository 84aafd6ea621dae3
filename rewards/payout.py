"""Payouts: the way of one prize from a place of a podium into somebody's hands, as a state machine. Pure.

    awaiting-approval -> granted -> claimed -> delivered
                                 -> declined, expired
    and any of them but the delivered one -> revoked

What is declined, expired or revoked can go to the next in line, as the podium says, as a payout of its own.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from errors import LaurelsError


class State(StrEnum):
    """Where a payout is."""

    AWAITING_APPROVAL = "awaiting-approval"
    GRANTED = "granted"  # the winner can claim it
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    DECLINED = "declined"
    EXPIRED = "expired"  # not claimed in time
    REVOKED = "revoked"


class Verb(StrEnum):
    """What moves a payout on."""

    APPROVE = "approve"
    CLAIM = "claim"
    DECLINE = "decline"
    DELIVER = "deliver"
    EXPIRE = "expire"
    REVOKE = "revoke"


class By(StrEnum):
    """Who moves a payout, in their relation to it."""

    WINNER = "winner"  # whose prize it is, whatever else they may do
    MANAGER = "manager"  # somebody else
    TIME = "time"


class Step(NamedTuple):
    """What a verb does: from which states, to which one, and who may."""

    before: frozenset[State]
    after: State
    by: By


STEPS: Mapping[Verb, Step] = {
    Verb.APPROVE: Step(frozenset({State.AWAITING_APPROVAL}), State.GRANTED, By.MANAGER),
    Verb.CLAIM: Step(frozenset({State.GRANTED}), State.CLAIMED, By.WINNER),
    Verb.DECLINE: Step(frozenset({State.AWAITING_APPROVAL, State.GRANTED, State.CLAIMED}), State.DECLINED, By.WINNER),
    Verb.DELIVER: Step(frozenset({State.CLAIMED}), State.DELIVERED, By.MANAGER),
    Verb.EXPIRE: Step(frozenset({State.GRANTED}), State.EXPIRED, By.TIME),
    Verb.REVOKE: Step(frozenset({State.AWAITING_APPROVAL, State.GRANTED, State.CLAIMED}), State.REVOKED, By.MANAGER),
}

# The prize is free again for the next in line; the member who had it keeps nothing of it.
FREED = frozenset({State.DECLINED, State.EXPIRED, State.REVOKED})

PAST = {
    Verb.APPROVE: "approved",
    Verb.CLAIM: "claimed",
    Verb.DECLINE: "declined",
    Verb.DELIVER: "delivered",
    Verb.EXPIRE: "let expire",
    Verb.REVOKE: "revoked",
}

# What stands in the way, by the state that a payout is in.
WHY_NOT = {
    State.AWAITING_APPROVAL: "it awaits approval: a manager approves it first",
    State.GRANTED: "it is granted: its winner claims it first",
    State.CLAIMED: "it is claimed: what is left is to deliver it",
    State.DELIVERED: "it is delivered, which is final",
    State.DECLINED: "its winner declined it, which is final",
    State.EXPIRED: "it expired unclaimed, which is final",
    State.REVOKED: "it was revoked, which is final",
}


class PayoutRefused(LaurelsError):
    """A payout cannot be moved in this way, or not by this person; the message says why, and what can be done."""


def moved(verb: Verb, state: State, by: By) -> State:
    """The state after a verb. Raises PayoutRefused."""
    step = STEPS[verb]
    if by is not step.by:
        raise PayoutRefused(_who(verb, step.by, by))
    if state not in step.before:
        raise PayoutRefused(f"this payout cannot be {PAST[verb]}, as {_why_not(verb, state)}")
    return step.after


def possible(state: State, by: By) -> list[Verb]:
    """What somebody can do with a payout in a state."""
    return [verb for verb, step in STEPS.items() if by is step.by and state in step.before]


def _why_not(verb: Verb, state: State) -> str:
    if verb is Verb.APPROVE and state in (State.GRANTED, State.CLAIMED):
        return f"it is {state} already"
    return WHY_NOT[state]


def _who(verb: Verb, allowed: By, by: By) -> str:
    if allowed is By.TIME:
        return "a payout expires by itself, when its time to be claimed is over"
    if allowed is By.WINNER:
        return f"a prize is {PAST[verb]} by its winner alone; use a key that acts for them"
    if by is By.WINNER:
        told = {Verb.APPROVE: "approves", Verb.DELIVER: "delivers", Verb.REVOKE: "revokes"}[verb]
        return f"nobody {told} a prize of their own; ask another manager"
    return f"a prize is {PAST[verb]} by a manager"
