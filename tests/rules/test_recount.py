"""What awards of the past add to what is counted, as a recount or a retraction needs it: under the measures of now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from activity.calendar import PeriodKind
from activity.member import Facts
from rules.recount import Recount, count_out
from rules.rule import Budget, Limit, Steps
from rules.tally import Measure, Tallies, scope_of
from tests.rules.judging import DAY, LONDON, RULE, TYPES, activity, judge, measures_for, outcomes

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
