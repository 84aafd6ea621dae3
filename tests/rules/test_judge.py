"""Judging: pure, in the order given, and the same as anyone would work out by hand."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from activity.activity import Activity
from activity.calendar import Calendar, PeriodKind, zone
from activity.catalogue import ActivityType, Field, FieldType
from activity.member import Facts
from rules.judge import POINTS_MAX, Judge, RuleVersion
from rules.measure import Measure, Tallies
from rules.rule import Limit, Rule
from rules.verdict import Outcome, Result, dump, load, sentence

LONDON = Calendar(zone("Europe/London"), (4, 1))
SHARED = ActivityType(
    "post.shared",
    "Shared a post",
    {name: Field(name, kind) for name, kind in {"url": FieldType.STRING, "reach": FieldType.INT}.items()},
)
RULE = Rule(key="share", title="Share", on=("post.shared",), points=5)


def judge(*rules: Rule, attributes: dict[str, FieldType] | None = None) -> Judge:
    """A judge of these rules; the first has version 1 and element 1, and so on."""
    limits = [Measure.of(number, limit) for number, rule in enumerate(rules, 1) for limit in rule.limits]
    measures = {measure: identifier for identifier, measure in enumerate(dict.fromkeys(limits), 1)}
    versions = [RuleVersion(number, number, rule) for number, rule in enumerate(rules, 1)]
    return Judge(LONDON, b"secret", versions, measures, {"post.shared": SHARED}, attributes or {})


def activity(at: str = "2026-11-12T09:30:00Z", member: int = 1, **data: Any) -> Activity:
    fields: dict[str, Any] = {"url": "https://example.com", "reach": 5} | data
    return Activity("test", "1", "post.shared", member, datetime.fromisoformat(at), fields)


def outcomes(
    judging: Judge, what: Activity, tallies: Tallies | None = None, facts: Facts | None = None
) -> list[Outcome]:
    assessment = judging.assess(what, facts or Facts(), LONDON.day(what.time))
    return judging.settle(assessment, {} if tallies is None else tallies)


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
    judging = judge(replace(RULE, when='member.hourly && member.team == "Red"'), attributes={"hourly": FieldType.BOOL})
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
    found = outcomes(judge(*rules, attributes={"joined": FieldType.DATE}), activity(reach=0))
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


KEPT = [
    Outcome(1, Result.AWARDED, 5),
    Outcome(2, Result.AWARDED, 0),
    Outcome(3, Result.CONDITION_FALSE),
    Outcome(4, Result.LIMITED, 0, 1),
    Outcome(5, Result.NOT_ELIGIBLE),
    Outcome(6, Result.ERROR, 0, "divided by zero"),
]


def test_outcomes_come_back_as_they_were_kept() -> None:
    """Stored and loaded, nothing is lost."""
    assert load(dump(KEPT)) == KEPT
    assert dump(KEPT) == '[[1,"a",5],[2,"a",0],[3,"c"],[4,"l",1],[5,"n"],[6,"e","divided by zero"]]'


def test_every_outcome_can_be_told_in_a_sentence() -> None:
    """In words for the member whom it concerns."""
    rule = replace(
        RULE,
        when="activity.reach > 100",
        limits=(
            Limit(3, PeriodKind.DAY),
            Limit(1, PeriodKind.EVER, by="activity.url"),
            Limit(10, PeriodKind.MONTH, across_members=True),
        ),
        valid_from=datetime(2026, 2, 1, tzinfo=UTC),
        valid_to=datetime(2026, 7, 1, tzinfo=UTC),
    )
    day = LONDON.day(datetime(2026, 11, 12, 9, tzinfo=UTC))
    told = [
        Outcome(1, Result.AWARDED, 5),
        Outcome(1, Result.AWARDED, 1),
        Outcome(1, Result.CONDITION_FALSE),
        Outcome(1, Result.LIMITED, 0, 0),
        Outcome(1, Result.LIMITED, 0, 1),
        Outcome(1, Result.LIMITED, 0, 2),
        Outcome(1, Result.NOT_ELIGIBLE),
        Outcome(1, Result.ERROR, 0, "divided by zero"),
    ]
    assert [sentence(outcome, rule, LONDON, day) for outcome in told] == [
        "awarded: 5 points",
        "awarded: 1 point",
        "condition false: it asks for activity.reach > 100",
        "limited: 3 of 3 already paid on 12 November 2026",
        "limited: 1 of 1 already paid for this url",
        "limited: 10 of 10 already paid among all members in November 2026",
        "not eligible: the rule counts from 2026-02-01 00:00 until 2026-07-01 01:00",
        "error: divided by zero",
    ]
