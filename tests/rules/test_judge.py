"""Judging: pure, in the order given, and the same as anyone would work out by hand."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.activity import Activity
from activity.calendar import PeriodKind
from activity.member import Facts
from rules.condition import Expression
from rules.judge import POINTS_MAX, SUM_MAX, Count, Metered
from rules.metric import Aggregate, Metric
from rules.recount import Recount, count_out
from rules.rule import Budget, Limit, Steps, WorkingTime
from rules.tally import Measure, Tallies, scope_of
from rules.verdict import Outcome, Result
from tests.rules.judging import LONDON, RULE, TYPES, activity, judge, measures_for, outcomes


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
DAY = LONDON.day(activity().time)
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


def metered(aggregate: Aggregate = Aggregate.COUNT, audience: str | None = None, **settings: Any) -> Metered:
    return Metered(7, Metric(("post.shared",), aggregate, **settings), audience)


def counts(*what: Metered, of: Activity | None = None, facts: Facts = SALARIED) -> list[Count]:
    """What an activity counts, found with the rules and alone."""
    judging = judge(RULE, replace(RULE, limits=(Limit(1, PeriodKind.DAY, by="activity.url"),)), metered=what)
    found = of or activity()
    alone = judging.counts(found, facts, LONDON.day(found.time))
    assert alone == judging.assess(found, facts, LONDON.day(found.time)).counts
    return sorted(alone)


def test_an_activity_counts_for_each_metric_that_looks_at_it() -> None:
    """One activity, one more; for a sum its value, for distinct values the value's hash."""
    liked = Metered(8, Metric(("post.liked",), Aggregate.COUNT))
    found = counts(
        metered(),
        liked,
        metered(Aggregate.STREAK, unit=PeriodKind.WEEK),
        metered(Aggregate.SUM, by="activity.reach * 2"),
        metered(Aggregate.DISTINCT, by="activity.url"),
        metered(Aggregate.DISTINCT, by="activity.reach"),
    )
    hashes = [scope_of(value, b"secret") for value in ("https://example.com", 5)]
    assert [
        Count(0, 1, 0),
        Count(2, 1, 0),
        Count(3, 10, 0),
        Count(4, 1, hashes[0]),
        Count(5, 1, hashes[1]),
    ] == found


def test_metrics_ask_audience_condition_and_validity() -> None:
    """An activity counts where all of them hold."""
    now = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
    found = counts(
        metered(when="activity.reach > 5"),
        metered(when="activity.reach == 5"),
        metered(audience="member.hourly"),
        metered(audience="!member.hourly", when="activity.reach == 5"),
        metered()._replace(valid_from=now),
        metered()._replace(valid_from=now + timedelta(microseconds=1)),
        metered()._replace(valid_to=now),
        metered()._replace(valid_to=now + timedelta(microseconds=1)),
    )
    assert [1, 3, 4, 7] == [each.metered for each in found]


def test_an_expression_without_a_value_counts_nothing() -> None:
    """In whichever part of a metric it is; others are counted all the same."""
    found = counts(
        metered(when="1 / activity.reach > 0"),
        metered(audience="member.joined < member.joined"),
        metered(Aggregate.SUM, by="1 / activity.reach"),
        metered(Aggregate.DISTINCT, by="1 / activity.reach"),
        metered(),
        of=activity(reach=0),
    )
    assert [Count(4, 1, 0)] == found


@pytest.mark.parametrize(("reach", "amounts"), [(0, []), (-3, [-3]), (SUM_MAX, [SUM_MAX]), (SUM_MAX + 1, [])])
def test_a_sum_takes_what_is_not_nothing(reach: int, amounts: list[int]) -> None:
    """And no value so large that the sum of many would leave 64 bits."""
    found = counts(metered(Aggregate.SUM, by="activity.reach"), of=activity(reach=reach))
    assert amounts == [each.amount for each in found]


def test_what_cannot_be_counted_says_why() -> None:
    """For each metric that looks at the activity: the expression and its value, or why it has none."""
    judging = judge(
        metered=[
            metered(when="1 / (activity.reach - 5) > 0"),
            metered(Aggregate.DISTINCT, by="activity.url", when="1 / (activity.reach - 5) > 0"),
            metered(Aggregate.SUM, by="activity.reach * 1000000000000"),
            metered(Aggregate.SUM, by="activity.reach * -1000000000000"),
            metered(Aggregate.SUM, by="1 / (activity.reach - 5)"),
            metered(Aggregate.DISTINCT, by="1 / (activity.reach - 5)"),
            metered(Aggregate.SUM, by="activity.reach"),
            metered(Aggregate.DISTINCT, by="activity.url"),
            metered(),
        ]
    )
    zero = "has no value: it divides by zero"
    at_most = "and one activity can add 1,000,000,000,000 at most"
    assert {
        0: f"1 / (activity.reach - 5) > 0 {zero}",
        1: f"1 / (activity.reach - 5) > 0 {zero}",
        2: f"activity.reach * 1000000000000 is 5,000,000,000,000, {at_most}",
        3: f"activity.reach * -1000000000000 is -5,000,000,000,000, {at_most}",
        4: f"1 / (activity.reach - 5) {zero}",
        5: f"1 / (activity.reach - 5) {zero}",
    } == dict(judging.uncounted(activity(), Facts()))
    assert [6, 7, 8] == sorted(each.metered for each in judging.counts(activity(), Facts(), DAY))


def test_what_is_not_meant_to_count_has_nothing_to_say() -> None:
    """It is outside the metric's time, its condition does not hold, or it is not for this member."""
    broken = metered(Aggregate.SUM, by="1 / (activity.reach - 5)")
    now = activity().time
    judging = judge(
        metered=[
            broken._replace(valid_from=now + timedelta(microseconds=1)),
            broken._replace(valid_to=now),
            broken._replace(audience="member.hourly"),
            broken._replace(metric=replace(broken.metric, when="activity.reach == 4")),
            broken._replace(metric=replace(broken.metric, on=("post.liked",))),
            metered(Aggregate.SUM, by="activity.reach - 5"),
        ]
    )
    for facts in (Facts(), SALARIED):
        assert [] == judging.uncounted(activity(), facts)
    assert [] == judging.uncounted(replace(activity(), type="post.gone"), Facts())


def test_activities_of_the_past_are_completed_before_they_count() -> None:
    """A field that came later has its default; a type that is gone counts nothing."""
    judging = judge(metered=[metered(when='activity.network == "x"')])
    former = activity()
    former = replace(former, data={"url": "https://example.com"})
    assert [Count(0, 1, 0)] == judging.counts(former, Facts(), DAY)
    assert [] == judging.counts(replace(former, type="post.gone"), Facts(), DAY)


def test_what_several_metrics_and_limits_ask_is_evaluated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many share a condition, an audience or a value."""
    by_url = replace(RULE, audience="!member.hourly", limits=(Limit(1, PeriodKind.DAY, by="activity.url"),))
    conditions = [None, "activity.reach > 3"]
    metrics = [
        metered(aggregate, "!member.hourly", by=by, when=when)
        for when in conditions
        for aggregate, by in [
            (Aggregate.COUNT, None),
            (Aggregate.SUM, "activity.reach"),
            (Aggregate.DISTINCT, "activity.url"),
        ]
    ]
    judging = judge(by_url, by_url, metered=metrics)
    evaluated: Counter[str] = Counter()
    evaluate = Expression.evaluate

    def counting(self: Expression, activation: Any) -> Any:
        evaluated[self.text] += 1
        return evaluate(self, activation)

    monkeypatch.setattr(Expression, "evaluate", counting)
    assert 6 == len(judging.assess(activity(), SALARIED, DAY).counts)
    assert dict.fromkeys(("!member.hourly", "activity.reach > 3", "activity.reach", "activity.url"), 1) == evaluated


TERMS = replace(
    RULE,
    points=Steps((50, 20), PeriodKind.MONTH),
    limits=(Limit(9, PeriodKind.DAY), Limit(5, PeriodKind.EVER, by="activity.url"), Limit(8, PeriodKind.DAY)),
    cooldown=timedelta(hours=4),
    budget=Budget(1_000, PeriodKind.YEAR),
)


def test_effects_are_what_an_award_adds_whatever_the_rule_says_now() -> None:
    """One place in each limit and step, the points in the budget, the time in the cool-down."""
    gone = datetime(2020, 1, 1, tzinfo=UTC)
    now = judge(replace(TERMS, when="false", valid_to=gone, audience="false", any_time=True))
    tallies: Tallies = {}
    what = activity()
    assert [50] == [each.points for each in outcomes(judge(TERMS), what, tallies)]
    effects = now.effects(what, Facts(), LONDON.day(what.time), {1: 50})
    assert tallies == dict(effects)
    assert [1, 1, 1, 50, 5_400_000_001] == sorted(amount for _, amount in effects)  # 9:30 is 1:30 into a stretch of 4 h


def test_awards_of_nothing_and_of_rules_that_do_not_look_have_no_effects() -> None:
    """0 points, an element of another programme, a type that the rule is not on, a type that is gone."""
    judging = judge(TERMS)
    what = activity()
    assert [] == judging.effects(what, Facts(), DAY, {1: 0, 2: 50})
    assert [] == judging.effects(replace(what, type="post.liked"), Facts(), DAY, {1: 50})
    assert [] == judging.effects(replace(what, type="post.gone"), Facts(), DAY, {1: 50})


def test_a_limit_without_a_value_counts_nothing_and_the_others_do() -> None:
    """A field that came later has its default; one without a default takes its own limit out alone."""
    limits = (
        Limit(1, PeriodKind.EVER, by="activity.network"),
        Limit(1, PeriodKind.EVER, by="activity.reach"),
        Limit(1, PeriodKind.EVER),
    )
    rule = replace(RULE, limits=limits)
    former = replace(activity(), data={"url": "https://example.com"})
    measures = measures_for([rule])
    expected = {
        (1, measures[Measure.of_limit(1, limits[0])], 0, scope_of("x", b"secret")): 1,
        (1, measures[Measure.of_limit(1, limits[2])], 0, 0): 1,
    }
    assert expected == dict(judge(rule).effects(former, Facts(), DAY, {1: 5}))


def test_a_recount_counts_what_was_paid_under_measures_that_begin() -> None:
    """Only those; of two awards closer than a cool-down that came later, the later one is remembered."""
    measures = measures_for([TERMS])
    budget, cooldown = (
        measures[Measure.of_budget(1, Budget(1, PeriodKind.YEAR))],
        measures[Measure.of_cooldown(1, timedelta(hours=4))],
    )
    recount = Recount(judge(TERMS), {budget, cooldown}, TYPES)
    for at, points in [("2026-11-12T09:30:00Z", 50), ("2026-11-12T09:00:00Z", 20), ("2026-11-12T13:00:00Z", 7)]:
        recount.count(1, activity(at), Facts(), LONDON.day(datetime.fromisoformat(at)), points)
    year = LONDON.period(PeriodKind.YEAR, LONDON.day(activity().time)).first
    assert {77, 5_400_000_001, 3_600_000_001} == set(recount.tallies.values())
    assert 77 == recount.tallies[0, budget, year, 0]
    assert {budget, cooldown} == {key[1] for key in recount.tallies}


def test_what_was_counted_can_be_taken_back() -> None:
    """Sums grow less; a cool-down ends where it is the award's own, and stays where a later award began it anew."""
    judging, clock = judge(TERMS), (1, measures_for([TERMS])[Measure.of_cooldown(1, timedelta(hours=4))], 3, 0)
    limit = (1, 1, 0, 0)
    tallies: Tallies = {limit: 3, clock: 70}
    for key, amount in [(limit, 1), (clock, 30)]:
        count_out(tallies, key, amount, judging.clocks)
    assert {limit: 2, clock: 70} == tallies
    count_out(tallies, clock, 70, judging.clocks)
    assert {limit: 2, clock: 0} == tallies


def test_an_activity_of_the_past_can_be_completed() -> None:
    """With the defaults of fields that came later; what it has stays, and so does one whose type is gone."""
    former = replace(activity(), data={"url": "https://example.com", "network": "y"})
    assert former == judge().completed(former)
    gone = replace(former, type="post.gone")
    assert gone == judge().completed(gone)
    older = replace(former, data={"url": "https://example.com"})
    assert {"url": "https://example.com", "network": "x"} == judge().completed(older).data
