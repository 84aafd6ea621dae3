"""What an award comes to: steps, bonuses, shares, cool-downs and budgets, and how each is told."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import trunc
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.calendar import PeriodKind, microseconds
from activity.member import Facts
from rules.recount import Recount
from rules.rule import Bonus, Budget, Credit, Limit, Rule, Steps
from rules.tally import Tallies
from rules.verdict import Outcome, Result, cooldown_detail
from tests.rules.judging import LONDON, RULE, TYPES, activity, judge, measures_for, outcomes

STEPS = replace(RULE, points=Steps((50, 20, 10)))
TIMES = "\N{MULTIPLICATION SIGN}"
LAUNCH = Bonus(200, "Launch week", datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC))


def results(rule: Rule, *times: str) -> list[tuple[str, int, int | str | None]]:
    """What one member's activities at these times earn, in this order."""
    judging, tallies = judge(rule), Tallies()
    found = [outcomes(judging, activity(at), tallies)[0] for at in times]
    return [(each.result.value, each.points, each.detail) for each in found]


def cooled(paid: str) -> str:
    """What is kept of a cool-down that an activity at this time began."""
    return cooldown_detail(microseconds(datetime.fromisoformat(paid)))


def awarded(rule: Rule, *, place: int = 0, among: int = 1, reach: int = 5, at: str = "2026-11-12T09:30:00Z") -> Outcome:
    """What the first activity earns."""
    return outcomes(judge(rule), activity(at, reach=reach), place=place, among=among)[0]


def test_later_awards_may_pay_less() -> None:
    """The first step, the second, and after the last the last again; in words."""
    noon = "2026-11-12T12:00:00Z"
    assert [
        ("awarded", 50, "first award pays 50"),
        ("awarded", 20, "second award pays 20"),
        ("awarded", 10, "third award pays 10"),
        ("awarded", 10, "fourth award pays 10"),
    ] == results(STEPS, *[noon] * 4)


def test_steps_may_begin_anew_in_each_period() -> None:
    """The words say in which period an award is the first."""
    monthly = replace(STEPS, points=Steps((50, 20), PeriodKind.MONTH))
    assert [
        ("awarded", 50, "first award in November 2026 pays 50"),
        ("awarded", 20, "second award in November 2026 pays 20"),
        ("awarded", 50, "first award in December 2026 pays 50"),
    ] == results(monthly, "2026-11-12T12:00:00Z", "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z")


def test_a_step_that_pays_nothing_is_no_award() -> None:
    """Its place stays: the next activity gets the same step."""
    judging, tallies = judge(replace(RULE, points=Steps(("activity.reach", 10)))), Tallies()
    found = [outcomes(judging, activity(reach=reach), tallies)[0].points for reach in (0, 7, 7)]
    assert [0, 7, 10] == found


def test_every_step_must_have_a_value() -> None:
    """An amount that cannot be worked out is an error, whichever step it is: a rule does not work now and then."""
    found = awarded(replace(RULE, points=Steps((50, "10 / activity.reach"))), reach=0)
    assert (Result.ERROR, 0) == found[1:3]


def test_steps_share_their_count_with_a_limit_over_the_same_period() -> None:
    """An award is counted once."""
    rule = replace(STEPS, limits=(Limit(3, PeriodKind.EVER),))
    found = results(rule, *["2026-11-12T12:00:00Z"] * 4)
    assert [50, 20, 10, 0] == [points for _, points, _ in found]
    assert ("limited", 0, 0) == found[3]


def test_far_awards_are_numbered() -> None:
    """In words up to the tenth."""
    rule = replace(RULE, points=Steps((2, 1)))
    words = [str(detail).split()[0] for _, _, detail in results(rule, *["2026-11-12T12:00:00Z"] * 113)]
    assert ["tenth", "11th", "12th", "13th", "20th", "21st", "22nd", "23rd", "24th", "101st", "111th", "113th"] == [
        words[number - 1] for number in (10, 11, 12, 13, 20, 21, 22, 23, 24, 101, 111, 113)
    ]


BONUSES = [
    ((LAUNCH,), 10, 20, f"10 {TIMES} 2 (Launch week)"),
    ((replace(LAUNCH, percent=125, title=None),), 10, 12, f"10 {TIMES} 1.25"),
    ((replace(LAUNCH, percent=101),), 99, 99, f"99 {TIMES} 1.01 (Launch week)"),
    ((replace(LAUNCH, percent=150),), -3, -4, f"-3 {TIMES} 1.5 (Launch week)"),
    ((LAUNCH, replace(LAUNCH, percent=300, title="Bigger"), LAUNCH), 10, 30, f"10 {TIMES} 3 (Bigger)"),
    ((replace(LAUNCH, percent=10_000),), 12_345, 1_234_500, f"12,345 {TIMES} 100 (Launch week)"),
    ((LAUNCH,), 0, 0, None),
]


@pytest.mark.parametrize(("bonuses", "points", "paid", "words"), BONUSES)
def test_a_bonus_multiplies(bonuses: tuple[Bonus, ...], points: int, paid: int, words: str | None) -> None:
    """Rounded towards zero; of several the largest."""
    assert Outcome(1, Result.AWARDED, paid, words) == awarded(replace(RULE, points=points, bonuses=bonuses))


def test_a_bonus_lasts_from_its_first_instant_to_its_end() -> None:
    """Compared with the time of the activity; open on the side that is not given."""
    at = ["2026-11-08T23:59:59.999999Z", "2026-11-09T00:00:00Z", "2026-11-15T23:59:59.999999Z", "2026-11-16T00:00:00Z"]
    for bonus, expected in [
        (LAUNCH, [5, 10, 10, 5]),
        (replace(LAUNCH, valid_from=None), [10, 10, 10, 5]),
        (replace(LAUNCH, valid_to=None), [5, 10, 10, 10]),
    ]:
        assert expected == [awarded(replace(RULE, bonuses=(bonus,)), at=each).points for each in at]


def test_a_bonus_cannot_lift_an_award_past_what_one_may_pay() -> None:
    """It is an error, as for any amount, also of a step that would come later."""
    told = "2000000000 points are more than one award may pay (1,000,000,000)"
    for points in (1_000_000_000, Steps((1, 1_000_000_000))):
        rule = replace(RULE, points=points, bonuses=(LAUNCH,))
        assert Outcome(1, Result.ERROR, 0, told) == awarded(rule)
        assert Result.AWARDED is awarded(rule, at="2026-11-20T12:00:00Z").result


SHARES = [
    (Credit.EACH, 40, 2, 40, None),
    (Credit.SPLIT, 40, 1, 40, None),
    (Credit.SPLIT, 40, 2, 20, "half of 40"),
    (Credit.SPLIT, 40, 3, 13, "a third of 40"),
    (Credit.SPLIT, -40, 3, -13, "a third of -40"),
    (Credit.SPLIT, 40, 4, 10, "a quarter of 40"),
    (Credit.SPLIT, 40, 8, 5, "an eighth of 40"),
    (Credit.SPLIT, 40, 10, 4, "a tenth of 40"),
    (Credit.SPLIT, 40, 12, 3, "1/12 of 40"),
    (Credit.SPLIT, 1, 2, 0, "half of 1 rounds down to 0"),
    (Credit.SPLIT, -1, 3, 0, "a third of -1 rounds up to 0"),
    (Credit.SPLIT, 0, 2, 0, None),
    (Credit.FIRST, 40, 2, 40, None),
]


@pytest.mark.parametrize(("credit", "points", "among", "paid", "words"), SHARES)
def test_members_named_together_share_as_the_rule_says(
    credit: Credit, points: int, among: int, paid: int, words: str | None
) -> None:
    """Equal parts are rounded towards zero for each."""
    rule = replace(RULE, points=points, credit=credit)
    assert Outcome(1, Result.AWARDED, paid, words) == awarded(rule, among=among)
    if credit is not Credit.FIRST:
        assert Outcome(1, Result.AWARDED, paid, words) == awarded(rule, place=among - 1, among=among)


def test_only_the_first_named_may_be_credited() -> None:
    """The others are told so, and take no place."""
    judging, tallies = judge(replace(RULE, credit=Credit.FIRST, limits=(Limit(1, PeriodKind.EVER),))), Tallies()
    told = "it credits only the member who is named first"
    second = outcomes(judging, activity(member=2), tallies, place=1, among=2)
    assert [Outcome(1, Result.NOT_ELIGIBLE, 0, told)] == second
    assert [Outcome(1, Result.AWARDED, 5)] == outcomes(judging, activity(member=2), tallies)


def test_words_tell_step_share_and_bonus_together() -> None:
    """In the order in which they are worked out, read from right to left."""
    rule = replace(STEPS, bonuses=(LAUNCH,), credit=Credit.SPLIT)
    assert Outcome(1, Result.AWARDED, 50, f"first award pays half of 50 {TIMES} 2 (Launch week)") == awarded(
        rule, among=2
    )


def test_a_step_whose_share_comes_to_nothing_says_so() -> None:
    """Nothing is paid, and the step stays the next."""
    judging, tallies = judge(replace(RULE, points=Steps((1, 8)), credit=Credit.SPLIT)), Tallies()
    found = [outcomes(judging, activity(), tallies, among=among)[0] for among in (2, 1, 2)]
    assert [
        (0, "first award pays half of 1, which rounds down to 0"),
        (1, "first award pays 1"),
        (4, "second award pays half of 8"),
    ] == [each[2:] for each in found]


def test_points_may_be_held() -> None:
    """Held points take places as paid ones do; nothing cannot be held."""
    rule = replace(RULE, points="activity.reach", hold=timedelta(days=14), limits=(Limit(1, PeriodKind.EVER),))
    judging, tallies = judge(rule), Tallies()
    found = [outcomes(judging, activity(reach=reach), tallies)[0] for reach in (0, 7, 7)]
    assert [Outcome(1, Result.AWARDED, 0), Outcome(1, Result.HELD, 7), Outcome(1, Result.LIMITED, 0, 0)] == found


def test_a_cool_down_lasts_from_one_paid_activity_to_the_next() -> None:
    """To the microsecond; what is not paid begins none."""
    rule = replace(RULE, cooldown=timedelta(hours=4))
    assert [
        ("awarded", 5, None),
        ("limited", 0, cooled("2026-11-12T09:30:00Z")),
        ("limited", 0, cooled("2026-11-12T09:30:00Z")),
        ("awarded", 5, None),
        ("limited", 0, cooled("2026-11-12T13:30:00Z")),
    ] == results(
        rule,
        "2026-11-12T09:30:00Z",
        "2026-11-12T09:30:00Z",
        "2026-11-12T13:29:59.999999Z",
        "2026-11-12T13:30:00Z",
        "2026-11-12T13:30:00.000001Z",
    )


def test_a_cool_down_holds_for_late_activities_too() -> None:
    """An activity before a paid one must be as far away; what is told is the later of two."""
    rule = replace(RULE, cooldown=timedelta(hours=4))
    assert [
        ("awarded", 5, None),
        ("limited", 0, cooled("2026-11-12T09:30:01Z")),
        ("awarded", 5, None),
        ("limited", 0, cooled("2026-11-12T09:30:01Z")),
        ("limited", 0, cooled("2026-11-12T05:30:01Z")),
    ] == results(
        rule,
        "2026-11-12T09:30:01Z",
        "2026-11-12T05:30:02Z",
        "2026-11-12T05:30:01Z",
        "2026-11-12T07:30:00Z",
        "2026-11-12T05:00:00Z",
    )


def test_a_cool_down_is_each_members_own() -> None:
    """And each rule's."""
    rule = replace(RULE, cooldown=timedelta(days=1))
    judging, tallies = judge(rule, rule), Tallies()
    assert [5, 5] == [each.points for each in outcomes(judging, activity(), tallies)]
    assert [5, 5] == [each.points for each in outcomes(judging, activity(member=2), tallies)]


def test_a_budget_is_for_all_members_together() -> None:
    """What would exceed it is not paid, and takes no place; something smaller still fits."""
    rule = replace(
        RULE, points="activity.reach", budget=Budget(10_000, PeriodKind.MONTH), limits=(Limit(2, PeriodKind.DAY),)
    )
    judging, tallies = judge(rule), Tallies()
    told = "it asks for 11 points, and 10 of 10,000 are left in November 2026"
    expected = [(9_990, Result.AWARDED, None), (11, Result.LIMITED, told), (10, Result.AWARDED, None)]
    for member, (reach, result, detail) in enumerate(expected):
        found = outcomes(judging, activity(member=min(member, 1) + 1, reach=reach), tallies)[0]
        assert Outcome(1, result, reach if result is Result.AWARDED else 0, detail) == found
    assert 1 == outcomes(judging, activity("2026-12-01T00:00:00Z", member=2, reach=1), tallies)[0].points


def test_taking_points_away_needs_no_budget() -> None:
    """It gives some back; an award of nothing is no matter of the budget either."""
    rule = replace(RULE, points="activity.reach", budget=Budget(10, PeriodKind.EVER))
    judging, tallies = judge(rule), Tallies()
    found = [outcomes(judging, activity(reach=reach), tallies)[0] for reach in (10, 0, 1, -5, 6, 5)]
    assert [10, 0, 0, -5, 0, 5] == [each.points for each in found]
    assert "it asks for 1 point, and none of 10 are left" == found[2].detail


def test_a_budget_asks_for_the_points_that_are_paid() -> None:
    """With bonus, and for each member's share."""
    rule = replace(RULE, bonuses=(LAUNCH,), credit=Credit.SPLIT, budget=Budget(9, PeriodKind.EVER))
    judging, tallies = judge(rule), Tallies()
    found = [outcomes(judging, activity(member=place), tallies, place=place, among=2)[0] for place in (0, 1)]
    assert [(Result.AWARDED, 5), (Result.LIMITED, 0)] == [each[1:3] for each in found]
    assert "it asks for 5 points, and 4 of 9 are left" == found[1].detail


def test_limits_come_before_the_cool_down_and_that_before_the_budget() -> None:
    """The first that holds is told."""
    rule = replace(RULE, cooldown=timedelta(hours=1), budget=Budget(5, PeriodKind.EVER))
    times = ["2026-11-12T09:30:00Z", "2026-11-12T09:40:00Z", "2026-11-12T10:30:00Z"]
    assert [None, cooled("2026-11-12T09:30:00Z"), "it asks for 5 points, and none of 5 are left"] == [
        detail for _, _, detail in results(rule, *times)
    ]
    limited = replace(rule, limits=(Limit(1, PeriodKind.DAY),))
    assert [None, 0, 0] == [detail for _, _, detail in results(limited, *times)]


class Award(NamedTuple):
    """What was paid, as the naive reference remembers it."""

    member: int
    time: datetime
    day: int
    points: int


def naive(rule: Rule, history: list[tuple[datetime, tuple[int, ...], int]]) -> list[tuple[Result, int]]:
    """The judge in plain words: it looks through everything that was paid, each time."""
    paid: list[Award] = []
    found: list[tuple[Result, int]] = []
    for time, members, reach in history:
        for place, member in enumerate(members):
            result, points = _naive_one(rule, paid, time, member, reach, place, len(members))
            found.append((result, points))
            if points:
                paid.append(Award(member, time, LONDON.day(time), points))
    return found


def _naive_one(
    rule: Rule, paid: list[Award], time: datetime, member: int, reach: int, place: int, among: int
) -> tuple[Result, int]:
    day = LONDON.day(time)
    mine = [award for award in paid if award.member == member]

    def inside(award: Award, per: PeriodKind) -> bool:
        return LONDON.period(per, award.day) == LONDON.period(per, day)

    for limit in rule.limits:
        among_whom = paid if limit.across_members else mine
        if sum(inside(award, limit.per) for award in among_whom) >= limit.max:
            return Result.LIMITED, 0
    if rule.cooldown and any(abs(award.time - time) < rule.cooldown for award in mine):
        return Result.LIMITED, 0
    if rule.credit is Credit.FIRST and place:
        return Result.NOT_ELIGIBLE, 0
    amount = rule.points
    if isinstance(amount, Steps):
        before = sum(inside(award, amount.per) for award in mine)
        amount = amount.amounts[min(before, len(amount.amounts) - 1)]
    factors = [
        Fraction(bonus.percent, 100)
        for bonus in rule.bonuses
        if (bonus.valid_from is None or bonus.valid_from <= time) and (bonus.valid_to is None or time < bonus.valid_to)
    ]
    points = trunc((reach if isinstance(amount, str) else amount) * max(factors, default=Fraction(1)))
    if rule.credit is Credit.SPLIT:
        points = trunc(Fraction(points, among))
    spent = sum(award.points for award in paid if rule.budget and inside(award, rule.budget.per))
    if points > 0 and rule.budget and spent + points > rule.budget.points:
        return Result.LIMITED, 0
    return Result.HELD if points and rule.hold else Result.AWARDED, points


MINUTES = st.integers(0, 4 * 24 * 60).map(
    lambda minutes: datetime(2026, 3, 28, 12, tzinfo=UTC) + timedelta(minutes=minutes)
)
PERIODS = st.sampled_from(list(PeriodKind))
AMOUNTS = st.integers(-20, 20) | st.just("activity.reach")
RULES = st.builds(
    replace,
    st.just(RULE),
    points=AMOUNTS | st.builds(Steps, st.lists(AMOUNTS, min_size=2, max_size=4).map(tuple), PERIODS),
    limits=st.lists(st.builds(Limit, st.integers(1, 4), PERIODS, across_members=st.booleans()), max_size=2).map(tuple),
    cooldown=st.none() | st.integers(1, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    budget=st.none() | st.builds(Budget, st.integers(1, 60), PERIODS),
    bonuses=st.lists(
        st.builds(Bonus, st.integers(101, 400), st.none(), st.none() | MINUTES, st.none() | MINUTES), max_size=3
    ).map(tuple),
    credit=st.sampled_from(Credit),
    hold=st.none() | st.just(timedelta(days=1)),
)
HISTORIES = st.lists(
    st.tuples(MINUTES, st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True).map(tuple), st.integers(-9, 9)),
    max_size=12,
)


@given(RULES, HISTORIES)
def test_any_rule_pays_what_a_naive_reading_pays(
    rule: Rule, history: list[tuple[datetime, tuple[int, ...], int]]
) -> None:
    """And its tallies are what its awards add up to: the same as effects say, and as a recount finds."""
    judging, tallies = judge(rule), Tallies()
    effects: Counter[tuple[int, int, int, int]] = Counter()
    recount = Recount(judging, measures_for([rule]).values(), TYPES)
    found = []
    for time, members, reach in history:
        for place, member in enumerate(members):
            what = activity(time.isoformat(), member, reach=reach)
            outcome = outcomes(judging, what, tallies, place=place, among=len(members))[0]
            found.append(outcome[1:3])
            effects.update(dict(judging.effects(what, Facts(), LONDON.day(time), {1: outcome.points})))
            recount.count(1, what, Facts(), LONDON.day(time), outcome.points)
    assert naive(rule, history) == found
    assert {key: count for key, count in tallies.items() if count} == {key: n for key, n in effects.items() if n}
    assert dict(effects) == recount.tallies
