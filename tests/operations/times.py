"""The tables of times: what limits, windows and measures make of them. See test_time_table.py, which goes through them.

Clocks change by an hour at night in London and New York, and by half an hour on Lord Howe; the year starts in April;
2028 has a 29 February. Times are those of the programme's clock: `again` is said of one that a clock shows twice, when
it shows it again.
"""

from collections.abc import Sequence
from typing import NamedTuple

LONDON, NEW_YORK, LORD_HOWE = "Europe/London", "America/New_York", "Australia/Lord_Howe"


class Period(NamedTuple):
    """A period, and times by the clock: its first and last minute, and the minutes around."""

    zone: str
    per: str
    before: str
    first: str
    last: str
    after: str

    @property
    def between(self) -> str:
        """A time in it that is told late."""
        return f"{self.last[:10]} 12:00" if self.per == "day" else f"{self.first[:10]} 23:59"


# fmt: off
PERIODS = [
    Period(LONDON, "day", "2026-03-28 23:59", "2026-03-29 00:00", "2026-03-29 23:59", "2026-03-30 00:00"),  # 23 hours
    Period(LONDON, "day", "2026-10-24 23:59", "2026-10-25 00:00", "2026-10-25 23:59", "2026-10-26 00:00"),  # 25 hours
    Period(LONDON, "day", "2028-02-28 23:59", "2028-02-29 00:00", "2028-02-29 23:59", "2028-03-01 00:00"),
    Period(LONDON, "week", "2026-03-22 23:59", "2026-03-23 00:00", "2026-03-29 23:59", "2026-03-30 00:00"),
    Period(LONDON, "week", "2026-10-18 23:59", "2026-10-19 00:00", "2026-10-25 23:59", "2026-10-26 00:00"),
    Period(LONDON, "week", "2028-02-27 23:59", "2028-02-28 00:00", "2028-03-05 23:59", "2028-03-06 00:00"),
    Period(LONDON, "month", "2026-02-28 23:59", "2026-03-01 00:00", "2026-03-31 23:59", "2026-04-01 00:00"),
    Period(LONDON, "month", "2028-01-31 23:59", "2028-02-01 00:00", "2028-02-29 23:59", "2028-03-01 00:00"),
    Period(LONDON, "quarter", "2026-03-31 23:59", "2026-04-01 00:00", "2026-06-30 23:59", "2026-07-01 00:00"),
    Period(LONDON, "quarter", "2027-12-31 23:59", "2028-01-01 00:00", "2028-03-31 23:59", "2028-04-01 00:00"),
    Period(LONDON, "half-year", "2026-03-31 23:59", "2026-04-01 00:00", "2026-09-30 23:59", "2026-10-01 00:00"),
    Period(LONDON, "half-year", "2027-09-30 23:59", "2027-10-01 00:00", "2028-03-31 23:59", "2028-04-01 00:00"),
    Period(LONDON, "year", "2027-03-31 23:59", "2027-04-01 00:00", "2028-03-31 23:59", "2028-04-01 00:00"),  # 366 days
    Period(NEW_YORK, "day", "2026-03-07 23:59", "2026-03-08 00:00", "2026-03-08 23:59", "2026-03-09 00:00"),  # 23 hours
    Period(NEW_YORK, "day", "2026-10-31 23:59", "2026-11-01 00:00", "2026-11-01 23:59", "2026-11-02 00:00"),  # 25 hours
    Period(NEW_YORK, "day", "2028-02-28 23:59", "2028-02-29 00:00", "2028-02-29 23:59", "2028-03-01 00:00"),
    Period(NEW_YORK, "week", "2026-03-01 23:59", "2026-03-02 00:00", "2026-03-08 23:59", "2026-03-09 00:00"),
    Period(NEW_YORK, "week", "2026-10-25 23:59", "2026-10-26 00:00", "2026-11-01 23:59", "2026-11-02 00:00"),
    Period(NEW_YORK, "month", "2026-10-31 23:59", "2026-11-01 00:00", "2026-11-30 23:59", "2026-12-01 00:00"),
    Period(NEW_YORK, "quarter", "2026-09-30 23:59", "2026-10-01 00:00", "2026-12-31 23:59", "2027-01-01 00:00"),
    Period(NEW_YORK, "half-year", "2026-09-30 23:59", "2026-10-01 00:00", "2027-03-31 23:59", "2027-04-01 00:00"),
    Period(NEW_YORK, "year", "2026-03-31 23:59", "2026-04-01 00:00", "2027-03-31 23:59", "2027-04-01 00:00"),
    Period(LORD_HOWE, "day", "2026-04-04 23:59", "2026-04-05 00:00", "2026-04-05 23:59", "2026-04-06 00:00"),  # 24.5
    Period(LORD_HOWE, "day", "2026-10-03 23:59", "2026-10-04 00:00", "2026-10-04 23:59", "2026-10-05 00:00"),  # 23.5
    Period(LORD_HOWE, "day", "2028-02-28 23:59", "2028-02-29 00:00", "2028-02-29 23:59", "2028-03-01 00:00"),
    Period(LORD_HOWE, "week", "2026-03-29 23:59", "2026-03-30 00:00", "2026-04-05 23:59", "2026-04-06 00:00"),
    Period(LORD_HOWE, "week", "2026-09-27 23:59", "2026-09-28 00:00", "2026-10-04 23:59", "2026-10-05 00:00"),
    Period(LORD_HOWE, "month", "2026-03-31 23:59", "2026-04-01 00:00", "2026-04-30 23:59", "2026-05-01 00:00"),
    Period(LORD_HOWE, "quarter", "2026-09-30 23:59", "2026-10-01 00:00", "2026-12-31 23:59", "2027-01-01 00:00"),
    Period(LORD_HOWE, "half-year", "2026-03-31 23:59", "2026-04-01 00:00", "2026-09-30 23:59", "2026-10-01 00:00"),
    Period(LORD_HOWE, "year", "2027-03-31 23:59", "2027-04-01 00:00", "2028-03-31 23:59", "2028-04-01 00:00"),
]

# What happens in each of them. Of rules: what each activity is paid by `limits: [{max: 1, per: ...}]`, by `steps: [50,
# 20, 10]` and by `budget: {points: 14, per: ...}` at 5 points each; one that is retracted, had been paid. Of badges:
# the value after each step in the period of its time, of a count, of the sum of the amounts, and of distinct values.
#    when, amount and value    limit steps budget   count sum distinct
HISTORY = [
    ("before          2  a",   5,    50,   5,       1,    2,   1),
    ("first           3  a",   5,    50,   5,       1,    3,   1),
    ("last            4  b",   0,    20,   5,       2,    7,   2),
    ("after           5  a",   5,    50,   5,       1,    5,   1),
    ("between         6  a",   0,    10,   0,       3,    13,  2),  # told late; 15 would be more than the budget
    ("first retracted 3  a",   5,    50,   5,       2,    10,  2),  # the late one has the value, too
    ("between         7  c",   5,    10,   5,       3,    17,  3),  # the place is free, and of the budget 5 points
]

# The same of a lifetime, which no period ends.
EVER = [
    ("2026-03-29 00:30          2  a",   5,    50,   5,       1,    2,   1),
    ("2026-10-25 01:30          3  a",   0,    20,   5,       2,    5,   1),
    ("2026-10-25 01:30 again    4  b",   0,    10,   0,       3,    9,   2),
    ("2028-02-29 12:00          5  c",   0,    10,   0,       4,    14,  3),
    ("2026-03-29 00:30 retracted 2 a",   5,    50,   5,       3,    12,  3),
    ("2026-01-01 00:00          6  d",   5,    10,   5,       4,    18,  4),  # late, and the first day there is
]
# fmt: on


class Row(NamedTuple):
    """What a rule pays each activity, or had paid what is retracted; the highest value of a metric after each step."""

    zone: str
    what: str
    steps: Sequence[str]  # a time, `again`, `retracted`, an amount and value in brackets; then what is expected


RULES = [
    Row(LONDON, "cooldown: PT4H", [
        "2026-03-29 00:30  5",
        "2026-03-29 05:29  0",  # 3 hours and 59 minutes
        "2026-03-29 05:30  5",
        "2026-03-28 20:31  0",  # late, and too short before
        "2026-03-28 20:30  5",
        "2026-03-29 00:30 retracted  5",
        "2026-03-29 00:31  0",  # its time is free, but this is too short before 05:30
        "2026-03-29 00:29  0",  # and this too short after 20:30
        "2026-03-29 00:30  5",
    ]),
    Row(LONDON, "cooldown: PT4H", [
        "2026-10-25 00:30  5",
        "2026-10-25 01:30 again  0",
        "2026-10-25 03:29  0",
        "2026-10-25 03:30  5",
        "2026-10-25 00:30 retracted  5",
        "2026-10-25 01:30  0",  # before 03:30 by 2 hours on the clock, and by 3 that pass
        "2026-10-25 00:31  0",
        "2026-10-25 00:30  5",
    ]),
    Row(LONDON, "cooldown: P1D", [
        "2028-02-28 12:00  5",
        "2028-02-29 11:59  0",
        "2028-02-29 12:00  5",
        "2028-03-01 12:00  5",
        "2028-02-29 12:00 retracted  5",
        "2028-02-29 12:01  0",  # told late: too short before the first of March
    ]),
    Row(NEW_YORK, "cooldown: P1D", [
        "2026-03-07 12:00  5",
        "2026-03-08 12:00  0",  # 23 hours
        "2026-03-08 13:00  5",
        "2026-03-07 12:00 retracted  5",
        "2026-03-07 11:59  5",
    ]),
    Row(NEW_YORK, "cooldown: PT1H", [
        "2026-11-01 01:30  5",
        "2026-11-01 01:29 again  0",
        "2026-11-01 01:30 again  5",  # the same on the clock, an hour later
        "2026-11-01 01:30 again retracted  5",
        "2026-11-01 01:59 again  5",
        "2026-11-01 00:31  0",
    ]),
    Row(LORD_HOWE, "cooldown: PT1H", [
        "2026-04-05 01:15  5",
        "2026-04-05 01:44  0",
        "2026-04-05 01:44 again  0",  # 59 minutes
        "2026-04-05 01:45 again  5",
        "2026-04-05 01:15 retracted  5",
        "2026-04-05 01:15  5",
    ]),
    Row(LORD_HOWE, "cooldown: PT1H", [
        "2026-10-04 01:59  5",
        "2026-10-04 02:30  0",  # a minute later
        "2026-10-04 03:28  0",
        "2026-10-04 03:29  5",
        "2026-10-04 01:59 retracted  5",
        "2026-10-04 02:30  0",
        "2026-10-04 01:58  5",
    ]),
]  # fmt: skip

BADGES = [
    Row(LONDON, "measure: count, window: P3D", [
        "2026-03-27 23:59  1",
        "2026-03-29 23:59  2",
        "2026-03-30 00:00  2",
        "2026-03-28 12:00  3",  # late: 27 to 29 March
        "2026-03-29 23:59 retracted  2",
        "2026-03-29 00:00  3",
    ]),
    Row(LONDON, "measure: count, window: P3D", [
        "2026-10-25 01:30  1",
        "2026-10-25 01:30 again  2",
        "2026-10-27 23:59  3",
        "2026-10-28 00:00  3",
        "2026-10-25 00:00  4",
        "2026-10-25 01:30 again retracted  3",
    ]),
    Row(LONDON, "measure: count, window: P30D", [
        "2026-03-01 00:00  1",
        "2026-03-30 23:59  2",  # 30 days
        "2026-03-31 00:00  2",
        "2026-03-02 00:00  3",
        "2026-03-31 00:00 retracted  3",
        "2026-03-30 23:59 retracted  2",
    ]),
    Row(LONDON, "measure: count, window: P30D", [
        "2028-02-01 00:00  1",
        "2028-03-01 23:59  2",  # 30 days, 29 February among them
        "2028-03-02 00:00  2",
        "2028-02-29 12:00  3",
        "2028-03-01 23:59 retracted  2",
    ]),
    Row(NEW_YORK, "measure: {sum: activity.amount}, window: P3D", [
        "2026-03-06 23:59 (4 a)  4",
        "2026-03-08 23:59 (2 a)  6",
        "2026-03-09 00:00 (3 a)  6",
        "2026-03-07 00:00 (5 a)  11",
        "2026-03-06 23:59 (4 a) retracted  10",
        "2026-03-08 03:00 (1 a)  11",
    ]),
    Row(NEW_YORK, "measure: {distinct: activity.value}, window: P3D", [
        "2026-10-30 23:59 (1 a)  1",
        "2026-11-01 01:30 (1 b)  2",
        "2026-11-01 01:30 again (1 b)  2",
        "2026-11-02 00:00 (1 c)  2",
        "2026-10-31 23:59 (1 c)  3",
        "2026-11-01 01:30 (1 b) retracted  3",  # the other has the same value
        "2026-11-01 01:30 again (1 b) retracted  2",
    ]),
    Row(LORD_HOWE, "measure: count, window: P30D", [
        "2026-03-08 00:00  1",
        "2026-04-06 23:59  2",  # 30 days
        "2026-04-07 00:00  2",
        "2026-04-05 01:45  3",
        "2026-04-05 01:45 again  4",
        "2026-04-05 01:45 retracted  3",
    ]),
    Row(LORD_HOWE, "measure: {sum: activity.amount}, window: P366D", [
        "2028-02-29 00:00 (1 a)  1",
        "2029-02-28 23:59 (2 a)  3",  # 366 days
        "2029-03-01 00:00 (4 a)  6",
        "2028-02-29 00:00 (1 a) retracted  6",
        "2029-03-01 00:00 (4 a) retracted  2",
    ]),
    Row(LONDON, "measure: {streak: day}", [
        "2026-03-28 23:59  1",
        "2026-03-30 00:00  1",
        "2026-03-29 12:00  3",
        "2026-03-29 12:00 retracted  1",
        "2026-03-29 00:00  3",
    ]),
    Row(LONDON, "measure: {streak: day, forgiving: 1}", [
        "2026-10-23 12:00  1",
        "2026-10-25 01:30 again  2",
        "2026-10-27 00:00  2",  # two are missed
        "2026-10-24 23:59  4",
        "2026-10-25 01:30 again retracted  2",
        "2026-10-25 23:59  4",
    ]),
    Row(LONDON, "measure: {streak: day}", [
        "2028-02-28 23:59  1",
        "2028-03-01 00:00  1",
        "2028-02-29 23:59  3",
        "2028-02-29 23:59 retracted  1",
    ]),
    Row(NEW_YORK, "measure: {streak: day}", [
        "2026-10-31 23:59  1",
        "2026-11-01 01:30  2",
        "2026-11-01 01:30 again  2",
        "2026-11-02 00:00  3",
        "2026-11-01 01:30 retracted  3",
        "2026-11-01 01:30 again retracted  1",
    ]),
    Row(LORD_HOWE, "measure: {streak: day}", [
        "2026-10-03 23:59  1",
        "2026-10-05 00:00  1",
        "2026-10-04 02:30  3",
        "2026-10-04 02:30 retracted  1",
    ]),
    Row(LONDON, "measure: {streak: week}", [
        "2026-03-22 23:59  1",
        "2026-03-30 00:00  1",
        "2026-03-29 23:59  3",
        "2026-03-29 23:59 retracted  1",
    ]),
    Row(NEW_YORK, "measure: {streak: week, forgiving: 1}", [
        "2026-10-25 23:59  1",
        "2026-11-09 00:00  1",  # two weeks are missed
        "2026-11-02 00:00  3",  # the one before is forgiven
        "2026-11-01 23:59  4",
        "2026-11-02 00:00 retracted  3",
        "2026-11-01 23:59 retracted  1",
    ]),
    Row(LORD_HOWE, "measure: {streak: week}", [
        "2028-02-27 23:59  1",
        "2028-03-06 00:00  1",
        "2028-02-29 12:00  3",
        "2028-02-29 12:00 retracted  1",
    ]),
    Row(LONDON, "measure: {streak: month}", [
        "2028-01-31 23:59  1",
        "2028-03-01 00:00  1",
        "2028-02-29 23:59  3",
        "2028-02-29 23:59 retracted  1",
        "2028-02-01 00:00  3",
    ]),
    Row(NEW_YORK, "measure: {streak: month, forgiving: 1}", [
        "2028-01-31 23:59  1",
        "2028-03-01 00:00  2",
        "2028-05-01 00:00  2",
        "2028-04-30 23:59  4",
        "2028-03-01 00:00 retracted  2",
    ]),
    Row(LORD_HOWE, "measure: {streak: month}", [
        "2026-09-30 23:59  1",
        "2026-11-01 00:00  1",
        "2026-10-04 02:30  3",
        "2026-10-04 02:30 retracted  1",
    ]),
    Row(LONDON, "measure: {streak: day}, window: year", [
        "2026-03-30 12:00  1",
        "2026-03-31 23:59  2",
        "2026-04-01 00:00  2",  # the first of its year
        "2026-04-02 00:00  2",
        "2026-04-03 23:59  3",
        "2026-04-01 00:00 retracted  2",
    ]),
    Row(NEW_YORK, "measure: {streak: day}, window: half-year", [
        "2026-09-30 23:59  1",
        "2026-10-01 00:00  1",
        "2026-09-29 00:00  2",
        "2026-09-29 00:00 retracted  1",
    ]),
]  # fmt: skip
