"""The states of a payout: who may do what, and the words for what cannot be done."""

from itertools import product

import pytest

from rewards.payout import FREED, By, PayoutRefused, State, Verb, moved, possible

AWAITING, GRANTED, CLAIMED, DELIVERED, DECLINED, EXPIRED, REVOKED = State
WINNER, MANAGER, TIME = By

ALLOWED = {
    (Verb.APPROVE, AWAITING, MANAGER): GRANTED,
    (Verb.CLAIM, GRANTED, WINNER): CLAIMED,
    (Verb.DECLINE, AWAITING, WINNER): DECLINED,
    (Verb.DECLINE, GRANTED, WINNER): DECLINED,
    (Verb.DECLINE, CLAIMED, WINNER): DECLINED,
    (Verb.DELIVER, CLAIMED, MANAGER): DELIVERED,
    (Verb.EXPIRE, GRANTED, TIME): EXPIRED,
    (Verb.REVOKE, AWAITING, MANAGER): REVOKED,
    (Verb.REVOKE, GRANTED, MANAGER): REVOKED,
    (Verb.REVOKE, CLAIMED, MANAGER): REVOKED,
}

WORDS = [
    (Verb.APPROVE, AWAITING, WINNER, "nobody approves a prize of their own; ask another manager"),
    (Verb.DELIVER, CLAIMED, WINNER, "nobody delivers a prize of their own; ask another manager"),
    (Verb.REVOKE, GRANTED, WINNER, "nobody revokes a prize of their own; ask another manager"),
    (Verb.CLAIM, GRANTED, MANAGER, "a prize is claimed by its winner alone; use a key that acts for them"),
    (Verb.DECLINE, GRANTED, MANAGER, "a prize is declined by its winner alone; use a key that acts for them"),
    (Verb.EXPIRE, GRANTED, MANAGER, "a payout expires by itself, when its time to be claimed is over"),
    (Verb.APPROVE, AWAITING, TIME, "a prize is approved by a manager"),
    (Verb.APPROVE, GRANTED, MANAGER, "this payout cannot be approved, as it is granted already"),
    (Verb.APPROVE, CLAIMED, MANAGER, "this payout cannot be approved, as it is claimed already"),
    (Verb.CLAIM, AWAITING, WINNER, "cannot be claimed, as it awaits approval: a manager approves it first"),
    (Verb.CLAIM, CLAIMED, WINNER, "cannot be claimed, as it is claimed: what is left is to deliver it"),
    (Verb.CLAIM, EXPIRED, WINNER, "this payout cannot be claimed, as it expired unclaimed, which is final"),
    (Verb.DELIVER, GRANTED, MANAGER, "cannot be delivered, as it is granted: its winner claims it first"),
    (Verb.DECLINE, DELIVERED, WINNER, "this payout cannot be declined, as it is delivered, which is final"),
    (Verb.REVOKE, DECLINED, MANAGER, "this payout cannot be revoked, as its winner declined it, which is final"),
    (Verb.DELIVER, REVOKED, MANAGER, "this payout cannot be delivered, as it was revoked, which is final"),
]


@pytest.mark.parametrize(("verb", "state", "by"), list(product(Verb, State, By)))
def test_only_what_is_allowed_moves_a_payout(verb: Verb, state: State, by: By) -> None:
    """Every verb in every state, by everyone: the winner claims and declines, another manager does the rest."""
    after = ALLOWED.get((verb, state, by))
    assert (after is not None) == (verb in possible(state, by))
    if after is not None:
        assert after is moved(verb, state, by)
    else:
        with pytest.raises(PayoutRefused):
            moved(verb, state, by)


@pytest.mark.parametrize(("verb", "state", "by", "words"), WORDS)
def test_a_refusal_says_why(verb: Verb, state: State, by: By, words: str) -> None:
    """And what can be done, if something can."""
    with pytest.raises(PayoutRefused, match=words):
        moved(verb, state, by)


@pytest.mark.parametrize("state", [DELIVERED, *sorted(FREED)])
def test_what_is_over_stays_so(state: State) -> None:
    """Nobody can move it any more."""
    assert [] == [verb for by in By for verb in possible(state, by)]
