"""The calendar: days and periods in the programme's time zone, its clock changes included."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.calendar import EVER, Calendar, PeriodInvalid, PeriodKind, instant, microseconds, zone

LONDON = Calendar(ZoneInfo("Europe/London"), (4, 1))
CALENDARS = [
    LONDON,
    Calendar(ZoneInfo("America/New_York")),
    Calendar(ZoneInfo("Asia/Kolkata"), (7, 15)),
    Calendar(ZoneInfo("Pacific/Apia"), (11, 30)),  # skipped 30 December 2011 altogether
    Calendar(ZoneInfo("America/Santiago"), (1, 31)),  # changes its clocks at midnight
]

NAMED = [
    (PeriodKind.DAY, "2026-11-21", "2026-11-21", "2026-11-21", "2026-11-21"),
    (PeriodKind.WEEK, "2026-11-21", "2026-W47", "2026-11-16", "2026-11-22"),
    (PeriodKind.WEEK, "2027-01-01", "2026-W53", "2026-12-28", "2027-01-03"),
    (PeriodKind.MONTH, "2028-02-29", "2028-02", "2028-02-01", "2028-02-29"),
    (PeriodKind.QUARTER, "2026-11-21", "2026/27-Q3", "2026-10-01", "2026-12-31"),
    (PeriodKind.QUARTER, "2026-03-31", "2025/26-Q4", "2026-01-01", "2026-03-31"),
    (PeriodKind.HALF_YEAR, "2026-11-21", "2026/27-H2", "2026-10-01", "2027-03-31"),
    (PeriodKind.HALF_YEAR, "2026-04-01", "2026/27-H1", "2026-04-01", "2026-09-30"),
    (PeriodKind.YEAR, "2026-03-31", "2025/26", "2025-04-01", "2026-03-31"),
    (PeriodKind.YEAR, "1999-12-31", "1999/00", "1999-04-01", "2000-03-31"),
]


@pytest.mark.parametrize(("kind", "day", "key", "first", "last"), NAMED)
def test_a_day_is_in_one_period_of_each_kind(kind: PeriodKind, day: str, key: str, first: str, last: str) -> None:
    """Keys are readable, and the year starts where the programme says."""
    period = LONDON.period(kind, date.fromisoformat(day).toordinal())
    assert (key, first, last) == (period.key, str(period.first_date), str(period.last_date))


def test_a_year_that_starts_in_january_has_plain_keys() -> None:
    """2026, 2026-H2 and 2026-Q4 rather than 2026/27."""
    calendar = Calendar(ZoneInfo("UTC"))
    day = date(2026, 11, 21).toordinal()
    keys = [calendar.period(kind, day).key for kind in (PeriodKind.YEAR, PeriodKind.HALF_YEAR, PeriodKind.QUARTER)]
    assert keys == ["2026", "2026-H2", "2026-Q4"]


def test_ever_has_neither_beginning_nor_end() -> None:
    """Its bounds are None, its key is its name."""
    assert LONDON.period(PeriodKind.EVER, 1) == EVER
    assert (EVER.first_date, EVER.last_date, LONDON.starts_at(EVER), LONDON.ends_at(EVER)) == (None, None, None, None)
    assert EVER == LONDON.parse(PeriodKind.EVER, "ever") == LONDON.parse(PeriodKind.EVER, "2026-11-21")


MIDNIGHTS = [
    (LONDON, "2026-03-29T00:59:59Z", "2026-03-29"),  # the last second before clocks go forward
    (LONDON, "2026-03-29T23:00:00Z", "2026-03-30"),  # summer time: midnight is an hour earlier
    (LONDON, "2026-10-24T22:59:59Z", "2026-10-24"),
    (LONDON, "2026-10-25T23:59:59Z", "2026-10-25"),  # the day of 25 hours
    (CALENDARS[4], "2026-09-06T03:59:59Z", "2026-09-05"),  # Santiago has no 00:00 on 6 September
    (CALENDARS[4], "2026-09-06T04:00:00Z", "2026-09-06"),
    (CALENDARS[3], "2011-12-30T09:59:59Z", "2011-12-29"),
    (CALENDARS[3], "2011-12-30T10:00:00Z", "2011-12-31"),
]


@pytest.mark.parametrize(("calendar", "time", "day"), MIDNIGHTS)
def test_a_day_ends_at_local_midnight(calendar: Calendar, time: str, day: str) -> None:
    """Whatever the clocks do that night."""
    assert day == date.fromordinal(calendar.day(datetime.fromisoformat(time))).isoformat()


@given(
    st.sampled_from(CALENDARS),
    st.sampled_from([kind for kind in PeriodKind if kind is not PeriodKind.EVER]),
    st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),
)
def test_periods_part_all_time(calendar: Calendar, kind: PeriodKind, time: datetime) -> None:
    """An instant lies within the bounds of the period of its day; the next period begins where this one ends; and both
    its key and any day in it lead back to it."""
    day = calendar.day(time)
    period = calendar.period(kind, day)
    starts, ends = calendar.starts_at(period), calendar.ends_at(period)
    assert starts is not None
    assert ends is not None
    assert starts <= time < ends
    assert calendar.period(kind, period.after).first == period.after
    assert period == calendar.period(kind, period.first) == calendar.period(kind, period.after - 1)
    assert period == calendar.parse(kind, period.key) == calendar.parse(kind, date.fromordinal(day).isoformat())
    assert [period] == list(calendar.periods(kind, period.first, period.after - 1))


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-W60", "2026-Q5", "2026-H3", "2026/28", "x", "20261-01", "2026-02-30"]
)
@pytest.mark.parametrize("kind", [PeriodKind.QUARTER, PeriodKind.MONTH, PeriodKind.YEAR, PeriodKind.WEEK])
def test_a_text_that_names_no_period_is_refused_with_an_example(kind: PeriodKind, text: str) -> None:
    """The message shows how a key of this kind is written."""
    with pytest.raises(PeriodInvalid, match=f"is no {kind} period; write a key such as 2026"):
        LONDON.parse(kind, text)


@pytest.mark.parametrize("text", ["9999-01", "3000-01-01", "1899-12"])
def test_a_period_that_is_too_far_away_is_refused_with_the_reason(text: str) -> None:
    """It is written as it should be."""
    with pytest.raises(PeriodInvalid) as refused:
        LONDON.parse(PeriodKind.MONTH, text)
    assert f"{text!r} is in no year from 1900 to 2999; write one nearer to now" == str(refused.value)
    assert "2999-12" == LONDON.parse(PeriodKind.MONTH, "2999-12").key


def test_a_key_of_another_kind_is_refused() -> None:
    """A month is no quarter, even though it lies in one."""
    with pytest.raises(PeriodInvalid, match="'2026-11' is no quarter period; write a key such as 2026/27-Q3"):
        LONDON.parse(PeriodKind.QUARTER, "2026-11")


def test_an_unknown_time_zone_is_refused() -> None:
    """Names that are paths or nonsense are no time zones either."""
    for name in ("Europe/Londn", "", "../../etc/passwd", "/", "a\0b", "Europe"):
        with pytest.raises(PeriodInvalid, match="there is no time zone"):
            zone(name)


@given(
    st.datetimes(
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
        min_value=datetime(2, 1, 1),
        max_value=datetime(9998, 1, 1),
    )
)
def test_stored_instants_are_exact(time: datetime) -> None:
    """To microseconds and back is the same instant."""
    assert time == instant(microseconds(time))
    assert microseconds(time) + 1 == microseconds(time + timedelta(microseconds=1))


SAID = [
    (PeriodKind.DAY, "on 12 November 2026"),
    (PeriodKind.WEEK, "in the week from 9 November 2026"),
    (PeriodKind.MONTH, "in November 2026"),
    (PeriodKind.QUARTER, "in the quarter from 1 October 2026"),
    (PeriodKind.HALF_YEAR, "in the half-year from 1 October 2026"),
    (PeriodKind.YEAR, "in the year from 1 April 2026"),
    (PeriodKind.EVER, "ever"),
]


@pytest.mark.parametrize(("kind", "words"), SAID)
def test_a_period_can_be_said(kind: PeriodKind, words: str) -> None:
    """In words that do not depend on the locale of the process."""
    assert words == LONDON.describe(LONDON.period(kind, date(2026, 11, 12).toordinal()))
