"""The judge across the days when clocks change, years that start in April, 29 February, and late activities.

Zones: London and New York change by an hour at night, Lord Howe by half an hour, and Casablanca for Ramadan.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from activity.calendar import Calendar, PeriodKind, zone
from activity.member import Facts
from rules.rule import Amount, Bonus, Budget, Limit, Rule, Steps, WorkingTime
from rules.sentence import sentence
from rules.tally import Tallies
from rules.verdict import Outcome, Result
from tests.rules.judging import RULE, activity, judge, outcomes

LONDON = Calendar(zone("Europe/London"), (4, 1))
NEW_YORK = Calendar(zone("America/New_York"), (4, 1))
LORD_HOWE = Calendar(zone("Australia/Lord_Howe"), (4, 1))
FEBRUARY = Calendar(zone("Europe/London"), (2, 28))
MARCH = Calendar(zone("Europe/London"), (3, 1))

INSTANT = timedelta(microseconds=1)

# A period, the first instant in it, and the first after it.
PERIODS = [
    (LONDON, PeriodKind.DAY, "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"),  # 23 hours
    (LONDON, PeriodKind.DAY, "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"),  # 25 hours
    (LONDON, PeriodKind.DAY, "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
    (LONDON, PeriodKind.WEEK, "2026-03-23T00:00:00Z", "2026-03-29T23:00:00Z"),
    (LONDON, PeriodKind.WEEK, "2026-10-18T23:00:00Z", "2026-10-26T00:00:00Z"),
    (LONDON, PeriodKind.WEEK, "2028-02-28T00:00:00Z", "2028-03-06T00:00:00Z"),
    (LONDON, PeriodKind.MONTH, "2026-03-01T00:00:00Z", "2026-03-31T23:00:00Z"),
    (LONDON, PeriodKind.MONTH, "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),  # 29 days
    (LONDON, PeriodKind.QUARTER, "2026-01-01T00:00:00Z", "2026-03-31T23:00:00Z"),
    (LONDON, PeriodKind.QUARTER, "2026-03-31T23:00:00Z", "2026-06-30T23:00:00Z"),
    (LONDON, PeriodKind.HALF_YEAR, "2026-03-31T23:00:00Z", "2026-09-30T23:00:00Z"),
    (LONDON, PeriodKind.HALF_YEAR, "2026-09-30T23:00:00Z", "2027-03-31T23:00:00Z"),
    (LONDON, PeriodKind.YEAR, "2026-03-31T23:00:00Z", "2027-03-31T23:00:00Z"),
    (MARCH, PeriodKind.YEAR, "2027-03-01T00:00:00Z", "2028-03-01T00:00:00Z"),  # 366 days, 29 February the last
    (FEBRUARY, PeriodKind.YEAR, "2028-02-28T00:00:00Z", "2029-02-28T00:00:00Z"),  # 366 days, 29 February the second
    (FEBRUARY, PeriodKind.QUARTER, "2027-11-28T00:00:00Z", "2028-02-28T00:00:00Z"),
    (NEW_YORK, PeriodKind.DAY, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),  # 23 hours
    (NEW_YORK, PeriodKind.DAY, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),  # 25 hours
    (NEW_YORK, PeriodKind.WEEK, "2026-03-02T05:00:00Z", "2026-03-09T04:00:00Z"),
    (NEW_YORK, PeriodKind.MONTH, "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z"),
    (NEW_YORK, PeriodKind.QUARTER, "2026-10-01T04:00:00Z", "2027-01-01T05:00:00Z"),
    (NEW_YORK, PeriodKind.HALF_YEAR, "2026-10-01T04:00:00Z", "2027-04-01T04:00:00Z"),
    (NEW_YORK, PeriodKind.YEAR, "2026-04-01T04:00:00Z", "2027-04-01T04:00:00Z"),
    (LORD_HOWE, PeriodKind.DAY, "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),  # 24 hours and a half
    (LORD_HOWE, PeriodKind.DAY, "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z"),  # 23 hours and a half
    (LORD_HOWE, PeriodKind.WEEK, "2026-03-29T13:00:00Z", "2026-04-05T13:30:00Z"),
    (LORD_HOWE, PeriodKind.MONTH, "2026-03-31T13:00:00Z", "2026-04-30T13:30:00Z"),
    (LORD_HOWE, PeriodKind.QUARTER, "2026-09-30T13:30:00Z", "2026-12-31T13:00:00Z"),
    (LORD_HOWE, PeriodKind.YEAR, "2026-03-31T13:00:00Z", "2027-03-31T13:00:00Z"),
]


def instants(first: str, after: str) -> list[datetime]:
    """The last before a period, three in it (its first and its last among them), and the first after it."""
    starts, ends = datetime.fromisoformat(first), datetime.fromisoformat(after)
    return [starts - INSTANT, starts, starts + (ends - starts) / 2, ends - INSTANT, ends]


def paid(rule: Rule, times: list[datetime], calendar: Calendar) -> list[int]:
    """The points of one member's activities at these times, recorded in this order."""
    judging, tallies = judge(rule, calendar=calendar), Tallies()
    return [outcomes(judging, activity(each.isoformat()), tallies, calendar=calendar)[0].points for each in times]


@pytest.mark.parametrize(("calendar", "per", "first", "after"), PERIODS)
def test_limits_steps_and_budgets_begin_with_their_period(
    calendar: Calendar, per: PeriodKind, first: str, after: str
) -> None:
    """At its first instant by the programme's clock, and not before its last is over."""
    times = instants(first, after)
    assert [5, 5, 0, 0, 5] == paid(replace(RULE, limits=(Limit(1, per),)), times, calendar)
    assert [50, 50, 20, 10, 50] == paid(replace(RULE, points=Steps((50, 20, 10), per)), times, calendar)
    assert [5, 5, 5, 0, 5] == paid(replace(RULE, budget=Budget(14, per)), times, calendar)


@pytest.mark.parametrize(("calendar", "per", "first", "after"), PERIODS)
def test_late_activities_take_their_place_in_their_own_period(
    calendar: Calendar, per: PeriodKind, first: str, after: str
) -> None:
    """What was recorded first is paid first; what arrives afterwards still belongs to the period of its own time."""
    late = instants(first, after)[::-1]
    assert [5, 5, 0, 0, 5] == paid(replace(RULE, limits=(Limit(1, per),)), late, calendar)
    assert [50, 50, 20, 10, 50] == paid(replace(RULE, points=Steps((50, 20, 10), per)), late, calendar)
    assert [5, 5, 5, 0, 5] == paid(replace(RULE, budget=Budget(14, per)), late, calendar)


# Two activities, and whether the second earns under a cool-down: what passes between them is what counts.
COOLDOWNS = [
    (LONDON, "PT4H", "2026-03-29T00:30:00+00:00", "2026-03-29T04:30:00+01:00", "29 March 2026 05:30"),  # 3 hours
    (LONDON, "PT4H", "2026-03-29T00:30:00+00:00", "2026-03-29T05:30:00+01:00", None),
    (LONDON, "PT4H", "2026-10-25T00:30:00+01:00", "2026-10-25T03:29:59+00:00", "25 October 2026 03:30"),
    (LONDON, "PT4H", "2026-10-25T00:30:00+01:00", "2026-10-25T03:30:00+00:00", None),
    (LONDON, "P1D", "2026-03-28T12:00:00+00:00", "2026-03-29T12:00:00+01:00", "29 March 2026 13:00"),  # 23 hours
    (LONDON, "P1D", "2026-10-24T12:00:00+01:00", "2026-10-25T11:00:00+00:00", None),  # 24 hours, an hour earlier
    (LONDON, "P1D", "2028-02-28T12:00:00+00:00", "2028-02-29T11:59:59+00:00", "29 February 2028 12:00"),
    (LONDON, "P1D", "2028-02-29T12:00:00+00:00", "2028-03-01T12:00:00+00:00", None),
    (LONDON, "P366D", "2028-02-29T12:00:00+00:00", "2029-02-28T12:00:00+00:00", "1 March 2029 12:00"),
    (NEW_YORK, "PT4H", "2026-03-08T01:00:00-05:00", "2026-03-08T05:59:59-04:00", "8 March 2026 06:00"),
    (NEW_YORK, "PT4H", "2026-03-08T01:00:00-05:00", "2026-03-08T06:00:00-04:00", None),
    (NEW_YORK, "PT1H", "2026-11-01T01:30:00-04:00", "2026-11-01T01:29:59-05:00", "1 November 2026 01:30"),
    (NEW_YORK, "PT1H", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00", None),  # the same clock, an hour later
    (LORD_HOWE, "PT1H", "2026-04-05T01:15:00+11:00", "2026-04-05T01:44:00+10:30", "5 April 2026 01:45"),
    (LORD_HOWE, "PT1H", "2026-04-05T01:15:00+11:00", "2026-04-05T01:45:00+10:30", None),
    (LORD_HOWE, "P1D", "2026-10-03T12:00:00+10:30", "2026-10-04T12:29:59+11:00", "4 October 2026 12:30"),
]
DURATIONS = {
    "PT1H": timedelta(hours=1),
    "PT4H": timedelta(hours=4),
    "P1D": timedelta(days=1),
    "P366D": timedelta(days=366),
}


@pytest.mark.parametrize(("calendar", "cooldown", "one", "other", "again"), COOLDOWNS)
def test_a_cool_down_is_time_that_passes(
    calendar: Calendar, cooldown: str, one: str, other: str, again: str | None
) -> None:
    """A day is 24 hours, whatever clocks do; which of the two was recorded first makes no difference."""
    rule = replace(RULE, cooldown=DURATIONS[cooldown])
    judging = judge(rule, calendar=calendar)
    for times in ((one, other), (other, one)):
        tallies = Tallies()
        first, second = (outcomes(judging, activity(at), tallies, calendar=calendar)[0] for at in times)
        assert Outcome(1, Result.AWARDED, 5) == first
        assert (Result.LIMITED if again else Result.AWARDED) is second.result
        if again and times == (one, other):
            told = sentence(second, rule, calendar, datetime.fromisoformat(other)).partition("again from ")[2]
            assert told.removesuffix(f" ({calendar.time_zone.key})") in (again, again[-len("00:00") :])


DAYTIME = WorkingTime(tuple(range(7)), 8 * 60, 18 * 60)
WEEKDAYS = WorkingTime((0, 1, 2, 3, 4), 0, 24 * 60)
NIGHT = WorkingTime((6,), 60, 2 * 60)  # the hour that Sunday clocks skip or repeat, or half of it

# Working time, member's zone, time of the activity, and what the clock says where it lies outside.
WORKING = [
    (DAYTIME, "Europe/London", "2026-03-28T07:59:59.999999Z", "Saturday 07:59"),
    (DAYTIME, "Europe/London", "2026-03-28T08:00:00Z", None),
    (DAYTIME, "Europe/London", "2026-03-29T06:59:59Z", "Sunday 07:59"),
    (DAYTIME, "Europe/London", "2026-03-29T07:00:00Z", None),
    (DAYTIME, "Europe/London", "2026-10-24T16:59:59.999999Z", None),
    (DAYTIME, "Europe/London", "2026-10-24T17:00:00Z", "Saturday 18:00"),
    (DAYTIME, "Europe/London", "2026-10-25T17:00:00Z", None),
    (DAYTIME, "Europe/London", "2026-10-25T18:00:00Z", "Sunday 18:00"),
    (DAYTIME, "America/New_York", "2026-03-07T12:30:00Z", "Saturday 07:30"),
    (DAYTIME, "America/New_York", "2026-03-08T12:30:00Z", None),
    (DAYTIME, "America/New_York", "2026-10-31T12:30:00Z", None),
    (DAYTIME, "America/New_York", "2026-11-01T12:30:00Z", "Sunday 07:30"),
    (DAYTIME, "Australia/Lord_Howe", "2026-04-04T07:00:00Z", "Saturday 18:00"),
    (DAYTIME, "Australia/Lord_Howe", "2026-04-05T07:00:00Z", None),
    (DAYTIME, "Australia/Lord_Howe", "2026-04-05T07:30:00Z", "Sunday 18:00"),
    (DAYTIME, "Africa/Casablanca", "2026-02-14T17:30:00Z", "Saturday 18:30"),
    (DAYTIME, "Africa/Casablanca", "2026-02-16T17:30:00Z", None),
    (DAYTIME, "Africa/Casablanca", "2026-03-23T17:30:00Z", "Monday 18:30"),
    (WEEKDAYS, "Europe/London", "2026-03-29T22:59:59Z", "Sunday 23:59"),
    (WEEKDAYS, "Europe/London", "2026-03-29T23:00:00Z", None),
    (WEEKDAYS, "Europe/London", "2026-10-25T23:59:59Z", "Sunday 23:59"),
    (WEEKDAYS, "Europe/London", "2026-10-26T00:00:00Z", None),
    (WEEKDAYS, "America/New_York", "2026-10-31T03:59:59.999999Z", None),
    (WEEKDAYS, "America/New_York", "2026-10-31T04:00:00Z", "Saturday 00:00"),
    (WEEKDAYS, "Australia/Lord_Howe", "2026-10-04T12:59:59Z", "Sunday 23:59"),
    (WEEKDAYS, "Australia/Lord_Howe", "2026-10-04T13:00:00Z", None),
    (NIGHT, "Europe/London", "2026-03-29T00:59:59Z", "Sunday 00:59"),
    (NIGHT, "Europe/London", "2026-03-29T01:00:00Z", "Sunday 02:00"),  # the hour is not there
    (NIGHT, "Europe/London", "2026-10-25T00:30:00Z", None),
    (NIGHT, "Europe/London", "2026-10-25T01:30:00Z", None),  # the hour is there again
    (NIGHT, "Europe/London", "2026-10-25T02:00:00Z", "Sunday 02:00"),
    (NIGHT, "America/New_York", "2026-11-01T05:30:00Z", None),
    (NIGHT, "America/New_York", "2026-11-01T06:30:00Z", None),
    (NIGHT, "America/New_York", "2026-11-01T07:00:00Z", "Sunday 02:00"),
    (NIGHT, "Australia/Lord_Howe", "2026-04-04T14:45:00Z", None),
    (NIGHT, "Australia/Lord_Howe", "2026-04-04T15:15:00Z", None),
    (NIGHT, "Australia/Lord_Howe", "2026-04-04T15:30:00Z", "Sunday 02:00"),
]


@pytest.mark.parametrize(("works", "name", "at", "told"), WORKING)
def test_the_working_time_follows_the_clock_of_the_members_zone(
    works: WorkingTime, name: str, at: str, told: str | None
) -> None:
    """Whatever the programme's zone is."""
    for calendar in (LONDON, NEW_YORK, LORD_HOWE):
        judging = judge(RULE, calendar=calendar, working_time=works)
        found = outcomes(judging, activity(at), facts=Facts(time_zone=name), calendar=calendar)
        words = f"outside working time: {told} in {name}"
        expected = Outcome(1, Result.NOT_ELIGIBLE, 0, words) if told else Outcome(1, Result.AWARDED, 5)
        assert [expected] == found


def test_limits_keep_the_programmes_day_where_working_time_follows_the_member() -> None:
    """On one Tuesday in London a member in New York has two working days, and one place in a limit per day."""
    rule = replace(RULE, limits=(Limit(1, PeriodKind.DAY),))
    judging, tallies = judge(rule, working_time=WEEKDAYS), Tallies()
    facts = Facts(time_zone="America/New_York")
    times = ["2026-11-10T03:00:00Z", "2026-11-10T20:00:00Z", "2026-11-11T03:00:00Z"]
    found = [outcomes(judging, activity(at), tallies, facts, calendar=LONDON)[0].result for at in times]
    assert [Result.AWARDED, Result.LIMITED, Result.AWARDED] == found


@pytest.mark.parametrize(("calendar", "first", "after"), [(each[0], each[2], each[3]) for each in PERIODS])
def test_validity_and_bonuses_hold_between_two_instants(calendar: Calendar, first: str, after: str) -> None:
    """An activity that arrives late is judged by when it happened."""
    times = instants(first, after)
    span: dict[str, Any] = {"valid_from": times[1], "valid_to": times[-1]}
    assert [0, 5, 5, 5, 0] == paid(replace(RULE, **span), times, calendar)
    assert [5, 10, 10, 10, 5] == paid(replace(RULE, bonuses=(Bonus(200, **span),)), times, calendar)
    assert [5, 10, 10, 10, 5] == paid(replace(RULE, bonuses=(Bonus(200, **span),)), times[::-1], calendar)


def test_a_late_activity_gets_the_step_that_comes_next() -> None:
    """Steps go by the order of recording, as nothing is judged again."""
    amounts: tuple[Amount, ...] = (50, 20, 10)
    times = [datetime.fromisoformat(f"2026-11-{day}T12:00:00Z") for day in (12, 14, 13, 30)]
    assert [50, 20, 10, 10] == paid(replace(RULE, points=Steps(amounts, PeriodKind.MONTH)), times, LONDON)
