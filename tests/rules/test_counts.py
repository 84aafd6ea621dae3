"""What an activity counts for metrics: judged with the rules, and alone."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activity.activity import Activity
from activity.calendar import PeriodKind
from activity.member import Facts
from rules.condition import Expression
from rules.judge import SUM_MAX, Count, Metered
from rules.metric import Aggregate, Metric
from rules.rule import Limit
from rules.tally import scope_of
from tests.rules.judging import DAY, LONDON, RULE, activity, judge
from tests.rules.test_judge import SALARIED


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
