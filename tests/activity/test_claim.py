"""What a programme says of claims; and the states of a claim: who may do what, and why not."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from activity.catalogue import Claimable, LinkRule
from activity.claim import By, ClaimLimits, State, Verb, decided
from activity.claim_definition import (
    claimable_from_plain,
    claimable_to_plain,
    limits_from_plain,
    limits_to_plain,
    read_claimable,
    read_limits,
)
from activity.intake import Refused
from document import Document
from section import attempt

ALLOWED = {
    (Verb.APPROVE, By.REVIEWER): State.APPROVED,
    (Verb.REFUSE, By.REVIEWER): State.REFUSED,
    (Verb.WITHDRAW, By.CLAIMANT): State.WITHDRAWN,
}

CLAIMABLE: dict[str, Claimable | None] = {
    "true": Claimable(),
    "false": None,
    "{}": Claimable(),
    "{link: optional}": Claimable(),
    "{hint: Link to the recording, link: required, within: P90D}": Claimable(
        "Link to the recording", LinkRule.REQUIRED, timedelta(days=90)
    ),
    "{link: none, within: PT36H}": Claimable(link=LinkRule.NONE, within=timedelta(hours=36)),
}

MISTAKES = {
    "yes": "line 1, column 5: it: must be true or false, not 'yes'",
    "[true]": "line 1, column 5: it: must be settings, each written 'name: value', not a list",
    "{link: needed}": "line 1, column 12: it.link: must be one of required, optional, none, not 'needed'",
    "{within: PT30M}": "line 1, column 14: it.within: must be from PT1H to P3660D, not 'PT30M'",
    "{within: 90 days}": "line 1, column 14: it.within: must be a duration such as PT4H (4 hours) or P14D (14 days), "
    "not '90 days'; did you mean 'P90D'?",
    "{hints: a}": "line 1, column 6: it: there is no setting 'hints' here; did you mean 'hint'? "
    "(settings: hint, link, within)",
}

LIMITS = {
    "{open_max: 0}": "line 1, column 16: it.open_max: must be from 1 to 1,000, not '0'",
    "{per_day: 1001}": "line 1, column 15: it.per_day: must be from 1 to 1,000, not '1001'",
    "{per_week: 5}": "line 1, column 6: it: there is no setting 'per_week' here (settings: open_max, per_day)",
    "5": "line 1, column 5: it: must be settings, each written 'name: value', not '5'",
}


def read(reader: Any, text: str) -> tuple[Any, list[str]]:
    document = Document(f"it: {text}")
    assert document.root is not None
    assert isinstance(document.root.content, dict)
    found = attempt(document.root.content["it"], reader, None)
    return found, [str(mistake) for mistake in document.mistakes]


@pytest.mark.parametrize(("text", "expected"), CLAIMABLE.items())
def test_a_type_says_how_it_is_claimed(text: str, expected: Claimable | None) -> None:
    """What is read is written again, without what is default."""
    assert (expected, []) == read(read_claimable, text)
    if expected is not None:
        assert expected == claimable_from_plain(claimable_to_plain(expected))


@pytest.mark.parametrize(("text", "words"), MISTAKES.items())
def test_every_mistake_in_it_says_what_to_write(text: str, words: str) -> None:
    """One mistake is one sentence, with its place."""
    assert [words] == read(read_claimable, text)[1]


@pytest.mark.parametrize(("text", "words"), LIMITS.items())
def test_every_mistake_in_the_limits_says_what_to_write(text: str, words: str) -> None:
    """The same for the section `claims`."""
    assert [words] == read(read_limits, text)[1]


def test_limits_left_out_are_the_usual_ones() -> None:
    """20 that wait, and 10 a day."""
    assert (ClaimLimits(20, 10), []) == read(read_limits, "{}")
    assert ({}, {"per_day": 5}) == (limits_to_plain(ClaimLimits()), limits_to_plain(ClaimLimits(20, 5)))
    assert ClaimLimits(20, 5) == limits_from_plain({"per_day": 5})


@pytest.mark.parametrize(("verb", "state", "by"), list(product(Verb, State, By)))
def test_only_what_waits_is_decided_and_by_whom_it_may(verb: Verb, state: State, by: By) -> None:
    """All else is refused, with the number."""
    if state is State.WAITING and (verb, by) in ALLOWED:
        assert ALLOWED[verb, by] is decided(verb, 7, state, by)
        return
    with pytest.raises(Refused, match="claim 7 ") as refused:
        decided(verb, 7, state, by)
    assert "number" == refused.value.field
    assert ("final" in refused.value.message) == ((verb, by) in ALLOWED)
