"""Verdicts: how they are kept, and how they are told."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.calendar import Calendar, PeriodKind
from rules.rule import Limit, Rule, Steps
from rules.verdict import LETTERS, PAID, Outcome, Result, dump, load, sentence

LONDON = Calendar(ZoneInfo("Europe/London"))
DAY = date(2026, 11, 12).toordinal()
RULE = Rule(
    key="share",
    title="Share",
    on=("post.shared",),
    points=Steps((50, 20, 10)),
    when="activity.reach > 10",
    audience="!member.hourly",
    limits=(
        Limit(3, PeriodKind.DAY),
        Limit(1, PeriodKind.EVER, by="activity.url", across_members=True),
        Limit(10, PeriodKind.MONTH, by="activity.network"),
    ),
    valid_from=datetime(2026, 4, 1, tzinfo=UTC),
    valid_to=datetime(2026, 10, 31, tzinfo=UTC),
)

# What is stored, and what it says. The forms are those of databases in use: they never change.
STORED = {
    '[[7,"a",20]]': Outcome(7, Result.AWARDED, 20),
    '[[7,"a",0]]': Outcome(7, Result.AWARDED, 0),
    '[[7,"a",20,"10 x 2 (Launch week)"]]': Outcome(7, Result.AWARDED, 20, "10 x 2 (Launch week)"),
    '[[7,"h",40]]': Outcome(7, Result.HELD, 40),
    '[[7,"h",20,"half of 40"]]': Outcome(7, Result.HELD, 20, "half of 40"),
    '[[7,"c"]]': Outcome(7, Result.CONDITION_FALSE),
    '[[7,"l",0]]': Outcome(7, Result.LIMITED, 0, 0),
    '[[7,"l","again from 12 November 2026 13:30"]]': Outcome(7, Result.LIMITED, 0, "again from 12 November 2026 13:30"),
    '[[7,"n"]]': Outcome(7, Result.NOT_ELIGIBLE),
    '[[7,"n","it is for members with !member.hourly"]]': Outcome(
        7, Result.NOT_ELIGIBLE, 0, "it is for members with !member.hourly"
    ),
    '[[7,"e","it divides by zero"]]': Outcome(7, Result.ERROR, 0, "it divides by zero"),
}

SENTENCES = {
    Outcome(7, Result.AWARDED, 20): "awarded: 20 points",
    Outcome(7, Result.AWARDED, 1): "awarded: 1 point",
    Outcome(7, Result.AWARDED, -1): "awarded: -1 point",
    Outcome(7, Result.AWARDED, 12_500): "awarded: 12,500 points",
    Outcome(7, Result.AWARDED, 20, "10 × 2 (Launch week)"): "awarded: 20 points, 10 × 2 (Launch week)",  # noqa: RUF001
    Outcome(7, Result.HELD, 40): "held: 40 points, on no board until they are released",
    Outcome(7, Result.HELD, 1): "held: 1 point, on no board until it is released",
    Outcome(7, Result.HELD, 20, "half of 40"): "held: 20 points, half of 40, on no board until they are released",
    Outcome(7, Result.CONDITION_FALSE): "condition false: it asks for activity.reach > 10",
    Outcome(7, Result.LIMITED, 0, 0): "limited: 3 of 3 already paid on 12 November 2026",
    Outcome(7, Result.LIMITED, 0, 1): "limited: 1 of 1 already paid for this url among all members",
    Outcome(7, Result.LIMITED, 0, 2): "limited: 10 of 10 already paid for this network in November 2026",
    Outcome(7, Result.LIMITED, 0, "again from 12 November 2026 13:30"): "limited: again from 12 November 2026 13:30",
    Outcome(7, Result.NOT_ELIGIBLE): "not eligible: the rule counts from 2026-04-01 01:00 until 2026-10-31 00:00",
    Outcome(7, Result.NOT_ELIGIBLE, 0, "it is for members with !member.hourly"): "not eligible: "
    "it is for members with !member.hourly",
    Outcome(7, Result.ERROR, 0, "it divides by zero"): "error: it divides by zero",
}


@pytest.mark.parametrize(("text", "outcome"), STORED.items())
def test_a_stored_verdict_is_short_and_says_what_it_needs(text: str, outcome: Outcome) -> None:
    """Version, letter, points of what was paid, and the detail where there is one."""
    assert text == dump([outcome])
    assert [outcome] == load(text)


def test_every_result_has_a_letter_of_its_own() -> None:
    """Otherwise one could not be told from another."""
    assert set(Result) == set(LETTERS)
    assert len(Result) == len(set(LETTERS.values()))


@given(
    st.lists(
        st.builds(
            lambda version, result, points, detail: Outcome(version, result, points if result in PAID else 0, detail),
            st.integers(1, 2**53),
            st.sampled_from(Result),
            st.integers(-(10**9), 10**9),
            st.none() | st.integers(0, 19) | st.text(st.characters(codec="utf-8"), max_size=20),
        )
    )
)
def test_verdicts_come_back_in_their_order(outcomes: list[Outcome]) -> None:
    """Nothing is lost between rules and their details; the same outcomes give the same text."""
    assert outcomes == load(dump(outcomes))
    assert dump(outcomes) == dump(load(dump(outcomes)))


@pytest.mark.parametrize(("outcome", "words"), SENTENCES.items(), ids=SENTENCES.values())
def test_every_outcome_can_be_told_in_a_sentence(outcome: Outcome, words: str) -> None:
    """It names the values that decided, in words for the member it concerns."""
    assert words == sentence(outcome, RULE, LONDON, DAY)


@pytest.mark.parametrize(("outcome", "words"), SENTENCES.items(), ids=SENTENCES.values())
def test_of_a_retracted_activity_nothing_is_paid(outcome: Outcome, words: str) -> None:
    """The sentence says so first, whatever was said before; points that were held are not said to be released."""
    told = sentence(outcome, RULE, LONDON, DAY, retracted=True)
    assert f"retracted, so nothing is paid; before that {words.partition(', on no board')[0]}" == told
