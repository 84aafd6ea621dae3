"""Judging: pure, in the order given, and the same as anyone would work out by hand."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.calendar import PeriodKind
from activity.member import Facts
from rules.judge import POINTS_MAX
from rules.rule import Limit, WorkingTime
from rules.tally import Tallies
from rules.verdict import Outcome, Result
from tests.rules.judging import LONDON, RULE, activity, judge, outcomes


def test_each_rule_that_looks_at_the_type_says_something() -> None:
    """Rules on other types say nothing; those on this one answer in the programme's order."""
    other = replace(RULE, key="other", on=("other.type",))
    found = outcomes(judge(other, RULE, replace(RULE, when="activity.reach > 100")), activity())
    assert [Outcome(2, Result.AWARDED, 5), Outcome(3, Result.CONDITION_FALSE)] == found


def test_points_may_be_worked_out() -> None:
    """An amount in CEL is evaluated for each activity."""
    found = outcomes(judge(replace(RULE, points="2 * activity.reach")), activity(reach=21))
    assert [Outcome(1, Result.AWARDED, 42)] == found


def test_facts_of_the_member_decide() -> None:
    """A condition may ask for declared attributes and the team."""
    judging = judge(replace(RULE, when='member.hourly && member.team == "Red"'))
    red = Facts(team="Red", attributes={"hourly": True})
    assert [each.result for each in outcomes(judging, activity(), facts=red)] == [Result.AWARDED]
    blue = replace(red, team="Blue")
    assert [each.result for each in outcomes(judging, activity(), facts=blue)] == [Result.CONDITION_FALSE]


def test_what_cannot_be_evaluated_is_the_verdict_error() -> None:
    """Division by zero, overflow, an amount past all bounds and a missing attribute pay nothing, and say why."""
    rules = [
        replace(RULE, points="10 / activity.reach"),
        replace(RULE, when=f"activity.reach - {2**63 - 1} - 2 < 0"),
        replace(RULE, points=f"activity.reach + {POINTS_MAX + 1}"),
        replace(RULE, when="member.joined < activity.time"),
        replace(RULE, limits=(Limit(1, PeriodKind.EVER, by="string(1 / activity.reach)"),)),
    ]
    found = outcomes(judge(*rules), activity(reach=0))
    assert {Result.ERROR} == {each.result for each in found}
    assert {0} == {each.points for each in found}
    words = [str(each.detail) for each in found]
    assert words[2] == "1000000001 points are more than one award may pay (1,000,000,000)"
    assert words[3] == "member.joined has no value for this member"


def test_validity_is_compared_with_the_time_of_the_activity() -> None:
    """From its first instant on, and no longer from its end on."""
    starts, ends = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    judging = judge(replace(RULE, valid_from=starts, valid_to=ends))
    moments = [starts - timedelta(microseconds=1), starts, ends - timedelta(microseconds=1), ends]
    found = [outcomes(judging, activity(moment.isoformat()))[0].result for moment in moments]
    assert found == [Result.NOT_ELIGIBLE, Result.AWARDED, Result.AWARDED, Result.NOT_ELIGIBLE]


def test_an_award_of_nothing_takes_no_place_in_a_limit() -> None:
    """Only what is paid is counted."""
    judging = judge(replace(RULE, points="activity.reach", limits=(Limit(1, PeriodKind.EVER),)))
    tallies: Tallies = {}
    paid = [outcomes(judging, activity(reach=reach), tallies)[0] for reach in (0, 7, 8)]
    assert [(each.result, each.points) for each in paid] == [
        (Result.AWARDED, 0),
        (Result.AWARDED, 7),
        (Result.LIMITED, 0),
    ]


def test_the_limit_that_held_is_named() -> None:
    """The first limit that admits no more, by its place in the rule."""
    limits = (Limit(9, PeriodKind.DAY), Limit(1, PeriodKind.EVER, by="activity.url"))
    judging = judge(replace(RULE, limits=limits))
    tallies: Tallies = {}
    outcomes(judging, activity(), tallies)
    assert [Outcome(1, Result.LIMITED, 0, 1)] == outcomes(judging, activity(), tallies)


def test_a_limit_that_holds_leaves_the_others_as_they_are() -> None:
    """What is not paid is counted under none of the rule's limits."""
    limits = (Limit(2, PeriodKind.DAY), Limit(1, PeriodKind.EVER, by="activity.url"))
    judging = judge(replace(RULE, limits=limits))
    tallies: Tallies = {}
    for _ in range(3):
        outcomes(judging, activity(), tallies)
    assert [Outcome(1, Result.AWARDED, 5)] == outcomes(judging, activity(url="other"), tallies)


def test_two_limits_on_the_same_count_take_one_place() -> None:
    """An award counts once however many limits look at it."""
    judging = judge(replace(RULE, limits=(Limit(2, PeriodKind.DAY), Limit(3, PeriodKind.DAY))))
    tallies: Tallies = {}
    found = [outcomes(judging, activity(), tallies)[0].result for _ in range(3)]
    assert found == [Result.AWARDED, Result.AWARDED, Result.LIMITED]


def test_judging_the_same_again_says_the_same() -> None:
    """Nothing is remembered but the tallies."""
    judging = judge(replace(RULE, limits=(Limit(1, PeriodKind.DAY),)))
    assert outcomes(judging, activity()) == outcomes(judging, activity())


DAYS = [
    "2026-03-29T00:30:00Z",
    "2026-03-29T23:30:00Z",
    "2026-03-31T22:59:00Z",
    "2026-03-31T23:00:00Z",
    "2028-02-29T12:00:00Z",
]


@given(
    st.sampled_from(list(PeriodKind)),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(DAYS), st.integers(1, 2), st.sampled_from(["a", "b"]))),
)
def test_limits_admit_what_a_naive_count_admits(
    per: PeriodKind, most: int, by_url: bool, across: bool, history: list[tuple[str, int, str]]
) -> None:
    """For every kind of period, per member or for all, with and without a value: the first `max` are paid."""
    limit = Limit(most, per, by="activity.url" if by_url else None, across_members=across)
    judging = judge(replace(RULE, limits=(limit,)))
    tallies: Tallies = {}
    naive: Counter[tuple[Any, ...]] = Counter()
    expected = []
    for at, member, url in history:
        day = LONDON.day(datetime.fromisoformat(at))
        key = (LONDON.period(per, day).key, None if across else member, url if by_url else None)
        naive[key] += 1
        expected.append(Result.AWARDED if naive[key] <= most else Result.LIMITED)
    assert expected == [
        outcomes(judging, activity(at, member, url=url), tallies)[0].result for at, member, url in history
    ]


@given(st.lists(st.sampled_from("aab"), max_size=12))
def test_values_of_different_types_never_share_a_count(urls: list[str]) -> None:
    """A limit by a whole number and one by its text count apart, even in one measure's place."""
    texts = judge(replace(RULE, limits=(Limit(1, PeriodKind.EVER, by="activity.url"),)))
    numbers: Counter[str] = Counter()
    tallies: Tallies = {}
    for url in urls:
        numbers[url] += 1
        paid = outcomes(texts, activity(url=url), tallies)[0].result is Result.AWARDED
        assert paid == (numbers[url] == 1)


OFFICE = WorkingTime((0, 1, 2, 3, 4), 8 * 60, 18 * 60, "member.hourly")
HOURLY = Facts(attributes={"hourly": True})
SALARIED = Facts(attributes={"hourly": False})
EVENING = "2026-11-12T21:10:00Z"  # a Thursday


def test_an_audience_is_asked_before_the_condition() -> None:
    """Who is not meant is told for whom the rule is, whatever the activity; it takes no place."""
    judging = judge(replace(RULE, audience="!member.hourly", when="activity.reach > 100"))
    told = "it is for members with !member.hourly"
    assert [Outcome(1, Result.NOT_ELIGIBLE, 0, told)] == outcomes(judging, activity(), facts=HOURLY)
    assert [Outcome(1, Result.CONDITION_FALSE)] == outcomes(judging, activity(), facts=SALARIED)
    assert [Outcome(1, Result.AWARDED, 5)] == outcomes(judging, activity(reach=101), facts=SALARIED)


def test_an_audience_without_a_value_is_an_error() -> None:
    """A member of whom it is not known is neither in it nor out of it."""
    told = "member.hourly has no value for this member"
    assert [Outcome(1, Result.ERROR, 0, told)] == outcomes(judge(replace(RULE, audience="member.hourly")), activity())


def test_outside_the_working_time_the_members_it_is_for_earn_nothing() -> None:
    """By the clock of the member's own zone; a rule for any time pays, and so does every rule for everybody else."""
    judging = judge(RULE, replace(RULE, any_time=True), working_time=OFFICE)
    paris = replace(HOURLY, time_zone="Europe/Paris")
    told = "outside working time: Thursday 22:10 in Europe/Paris"
    found = outcomes(judging, activity(EVENING), facts=paris)
    assert [Outcome(1, Result.NOT_ELIGIBLE, 0, told), Outcome(2, Result.AWARDED, 5)] == found
    new_york = replace(HOURLY, time_zone="America/New_York")
    for facts in (new_york, SALARIED):
        assert [Result.AWARDED] * 2 == [each.result for each in outcomes(judging, activity(EVENING), facts=facts)]


@pytest.mark.parametrize("unknown", [None, "", "Europe/Nowhere", "../secret"])
def test_a_member_without_a_time_zone_works_by_the_programmes_clock(unknown: str | None) -> None:
    """As does one whose zone nobody knows."""
    found = outcomes(judge(RULE, working_time=OFFICE), activity(EVENING), facts=replace(HOURLY, time_zone=unknown))
    told = "outside working time: Thursday 21:10 in Europe/London"
    assert [Outcome(1, Result.NOT_ELIGIBLE, 0, told)] == found


def test_a_working_time_for_everyone_asks_nothing_of_members() -> None:
    """Without `for` it needs no facts; with it they are needed only outside the working time."""
    everyone = replace(OFFICE, applies_to=None)
    assert [Result.NOT_ELIGIBLE] == [
        each.result for each in outcomes(judge(RULE, working_time=everyone), activity(EVENING))
    ]
    judging = judge(RULE, working_time=OFFICE)
    assert [Outcome(1, Result.AWARDED, 5)] == outcomes(judging, activity())
    # Of whom it is not known whether they are hourly, they are taken for somebody who is not.
    assert [Outcome(1, Result.AWARDED, 5)] == outcomes(judging, activity(EVENING))


def test_validity_comes_before_the_working_time_and_that_before_the_audience() -> None:
    """The first that turns an activity away is told."""
    rule = replace(RULE, valid_to=datetime(2026, 11, 1, tzinfo=UTC), audience="!member.hourly")
    judging = judge(rule, replace(rule, valid_to=None), working_time=OFFICE)
    found = outcomes(judging, activity(EVENING), facts=HOURLY)
    told = "outside working time: Thursday 21:10 in Europe/London"
    assert [Outcome(1, Result.NOT_ELIGIBLE), Outcome(2, Result.NOT_ELIGIBLE, 0, told)] == found
