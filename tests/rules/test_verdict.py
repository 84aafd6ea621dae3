"""Verdicts: how they are kept, and how they are told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.calendar import Calendar, PeriodKind, microseconds
from rules.rule import Budget, Limit, Rule, Steps
from rules.sentence import Hold, sentence
from rules.verdict import LETTERS, PAID, Outcome, Result, alike, cooldown_detail, dump, load

LONDON = Calendar(ZoneInfo("Europe/London"))
TIME = datetime(2026, 11, 12, 11, 0, tzinfo=UTC)
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
    cooldown=timedelta(hours=4),
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
    '[[7,"l","cooldown 1794475800000000"]]': Outcome(7, Result.LIMITED, 0, "cooldown 1794475800000000"),
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
    Outcome(7, Result.CONDITION_FALSE): "condition false: it asks for an activity with more than 10 reach",
    Outcome(7, Result.LIMITED, 0, 0): "limited: 3 of 3 already paid on 12 November 2026",
    Outcome(7, Result.LIMITED, 0, 1): "limited: 1 of 1 already paid for this url among all members",
    Outcome(7, Result.LIMITED, 0, 2): "limited: 10 of 10 already paid for this network in November 2026",
    Outcome(7, Result.LIMITED, 0, "again from 12 November 2026 13:30"): "limited: pays once in 4 hours; "
    "again from 12 November 2026 13:30 (Europe/London)",
    Outcome(7, Result.NOT_ELIGIBLE): "not eligible: the rule counts from 1 April 2026 01:00 until "
    "31 October 2026 00:00 (Europe/London)",
    Outcome(7, Result.NOT_ELIGIBLE, 0, "it is for members with !member.hourly"): "not eligible: "
    "it is for members not marked hourly",
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
    assert words == sentence(outcome, RULE, LONDON, TIME)


@pytest.mark.parametrize(("outcome", "words"), SENTENCES.items(), ids=SENTENCES.values())
def test_of_a_retracted_activity_nothing_is_paid(outcome: Outcome, words: str) -> None:
    """The sentence says so first, whatever was said before; points that were held are not said to be released."""
    told = sentence(outcome, RULE, LONDON, TIME, retracted=True)
    assert f"retracted, so nothing is paid; before that {words.partition(', on no board')[0]}" == told


def at(clock: str, day: int = 20) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02}T{clock}+00:00")


COOLED = [
    ("08:00", "09:00", 4, "4 hours; the last was paid on 20 November 2026 08:00, so again from 12:00"),
    ("08:00:30.5", "09:00", 4, "4 hours; the last was paid on 20 November 2026 08:00, so again from 12:01"),
    ("22:00", "23:00", 4, "4 hours; the last was paid on 20 November 2026 22:00, so again from 21 November 2026 02:00"),
    ("13:00", "10:00", 4, "4 hours; the one on 20 November 2026 13:00, less than 4 hours later, is paid already"),
    ("08:00", "08:00", 1, "an hour; the last was paid on 20 November 2026 08:00, so again from 09:00"),
    ("08:00", "09:00", 36, "a day and 12 hours; the last was paid on 20 November 2026 08:00, so again from "
     "21 November 2026 20:00"),
]  # fmt: skip


@pytest.mark.parametrize(("paid", "now", "hours", "words"), COOLED)
def test_a_cool_down_says_how_long_since_when_and_by_whose_clock(paid: str, now: str, hours: int, words: str) -> None:
    """Whether the paid one lies before or after; nothing is promised a minute too early."""
    rule = replace(RULE, cooldown=timedelta(hours=hours))
    outcome = Outcome(7, Result.LIMITED, 0, cooldown_detail(microseconds(at(paid))))
    assert f"limited: pays once in {words} (Europe/London)" == sentence(outcome, rule, LONDON, at(now))
    held = sentence(outcome, replace(rule, hold=timedelta(days=1)), LONDON, at(now))
    assert f"limited: pays once in {words} (Europe/London)".replace(" paid ", " paid or held ") == held


def test_held_points_are_told_with_their_day() -> None:
    """Until when they are held, and once they came free, that they did."""
    outcome = Outcome(7, Result.HELD, 100)
    until = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
    told = [sentence(outcome, RULE, LONDON, TIME, hold=Hold(until, released)) for released in (False, True)]
    before = "held: 100 points, on no board until 3 December 2026 09:00, when they"
    assert [f"{before} are released unless something is found", f"{before} were released"] == told
    limited = sentence(Outcome(7, Result.LIMITED, 0, 0), replace(RULE, hold=timedelta(days=1)), LONDON, TIME)
    assert "limited: 3 of 3 already paid or held on 12 November 2026" == limited


def test_stored_words_name_long_periods_by_key_and_sentences_by_their_first_day() -> None:
    """What is kept stays as it is; what members read says when the period began."""
    calendar = Calendar(ZoneInfo("Europe/London"), (4, 1))
    steps = replace(RULE, points=Steps((50, 20), PeriodKind.QUARTER))
    third = Outcome(7, Result.AWARDED, 20, "third award in 2026/27-Q3 pays 20 (in 2026/27-Q3)")
    assert "awarded: 20 points, third award in the quarter from 1 October 2026 pays 20 (in 2026/27-Q3)" == sentence(
        third, steps, calendar, TIME
    )
    left = Outcome(7, Result.LIMITED, 0, "it asks for 5 points, and none of 5 are left in 2026/27")
    budget = replace(RULE, budget=Budget(5, PeriodKind.YEAR))
    expected = "limited: it asks for 5 points, and none of 5 are left in the year from 1 April 2026"
    assert expected == sentence(left, budget, calendar, TIME)


def test_what_cannot_be_told_in_words_is_quoted() -> None:
    """Conditions that are more than comparisons, audiences, and values that are not of one field."""
    rule = replace(
        RULE,
        when="activity.reach * 2 > 10",
        audience="size(member.team) > 3",
        limits=(Limit(1, PeriodKind.EVER, by="activity.a + activity.b"),),
    )
    told = {
        Outcome(7, Result.CONDITION_FALSE): 'condition false: it asks for "activity.reach * 2 > 10"',
        Outcome(7, Result.NOT_ELIGIBLE, 0, "it is for members with size(member.team) > 3"): "not eligible: "
        'it is for members with "size(member.team) > 3"',
        Outcome(7, Result.LIMITED, 0, 0): 'limited: 1 of 1 already paid for this "activity.a + activity.b"',
    }
    assert told == {outcome: sentence(outcome, rule, LONDON, TIME) for outcome in told}


def test_a_cool_down_is_alike_in_both_forms_in_which_it_is_kept() -> None:
    """Databases from before say when it was over; everything else must be the same."""
    new, old = (Outcome(7, Result.LIMITED, 0, detail) for detail in (cooldown_detail(5), "again from 1 May 2026 09:00"))
    paid = Outcome(8, Result.AWARDED, 5)
    assert alike([old, paid], [new, paid])
    assert alike([new], [new])
    others = [new._replace(version=9), new._replace(detail=0), new._replace(detail="it asks for"), paid]
    assert [False] * 4 == [alike([old], [other]) for other in others]
    assert not alike([old], [new, paid])
