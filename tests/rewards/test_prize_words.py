"""What a podium came to for a member is told in a sentence: what they won, or why nothing."""

from typing import Any

import pytest

from rewards.payout import State
from rewards.podium import Podium, Prize
from rewards.prize_words import BECAME, Stood, TooLate, Won, told

PODIUM = Podium("best", "Best", "effort", (Prize("Conference"),), minimum=5)
NOTHING: dict[str, Any] = {"won": None, "disqualified": None, "passed_over": None, "stood": None, "last": None}
DINNER = Won("Dinner", "place 2", State.GRANTED, None)

CASES: list[tuple[dict[str, Any], str]] = [
    ({"won": DINNER}, "won Dinner: place 2; it can be claimed"),
    (
        {"won": DINNER._replace(state=State.DECLINED, last_reason="no time")},
        "won Dinner: place 2; it was declined (no time)",
    ),
    ({"won": DINNER._replace(state=State.EXPIRED, last_reason="x")}, "won Dinner: place 2; it was not claimed in time"),
    ({"disqualified": "not her posts", "stood": Stood(1, 9, 50)}, "disqualified: not her posts"),
    (
        {"passed_over": "won in the period before", "stood": Stood(1, 9_000, 50)},
        "passed over: stood at position 1 with 9,000 points, and won in the period before",
    ),
    (
        {"stood": Stood(4, 6, 50), "last": Stood(3, 7, 50)},
        "won nothing: stood at position 4 with 6 points; the last prize went to position 3, with 7",
    ),
    (
        {"stood": Stood(4, 6, 50), "last": Stood(3, 6, 49)},
        "won nothing: stood at position 4 with 6 points; the last prize went to position 3, with 6, reached earlier",
    ),
    (
        {"stood": Stood(4, 6, 50), "last": Stood(3, 6, 50)},
        "won nothing: stood at position 4 with 6 points; the last prize went to position 3, with 6, reached at the "
        "same time: a random number decided",
    ),
    (
        {"stood": Stood(2, 4, 50), "last": Stood(1, 7, 50)},
        "won nothing: stood at position 2 with 4 points; a prize takes 5",
    ),
    ({"stood": Stood(2, 6, 50)}, "won nothing: stood at position 2 with 6 points, and nobody won"),
    (
        {"stood": Stood(2, 1, 50), "late": TooLate(came=1)},
        "won nothing: stood at position 2 with 1 point; a prize takes 5; 1 more point came too late to count",
    ),
    ({}, "not on the board: nothing of theirs counted, or they do not take part"),
    (
        {"won": DINNER, "late": TooLate(came=1_000)},
        "won Dinner: place 2; it can be claimed; 1,000 more points came too late to count",
    ),
    (
        {"won": DINNER, "late": TooLate(released=1, taken=2_000)},
        "won Dinner: place 2; it can be claimed; 1 point was released too late to count; 2,000 points were taken back "
        "too late to change the result",
    ),
    (
        {"won": DINNER, "late": TooLate(came=2, released=3, taken=1)},
        "won Dinner: place 2; it can be claimed; 2 more points came too late to count; 3 points were released too late "
        "to count; 1 point was taken back too late to change the result",
    ),
]


@pytest.mark.parametrize(("given", "sentence"), CASES)
def test_each_outcome_has_its_sentence(given: dict[str, Any], sentence: str) -> None:
    """What was won comes before all else, then what stood in the way."""
    assert sentence == told(PODIUM, **(NOTHING | given))


def test_every_state_of_a_prize_has_words() -> None:
    """So that none is told as another."""
    assert set(State) == set(BECAME)
    assert len(State) == len(set(BECAME.values()))
