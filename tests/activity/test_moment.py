"""Times as other tools write them."""

from zoneinfo import ZoneInfo

import pytest

from activity.intake import Refused
from activity.moment import Unfit, check_format, days, moments

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("formats", "text", "moment"),
    [
        ((), "2026-11-12T09:30:00Z", "2026-11-12T09:30:00+00:00"),
        ((), "2026-07-12 09:30", "2026-07-12T08:30:00+00:00"),
        ((), "Thu, 12 Nov 2026 09:30:00 +0100", "2026-11-12T08:30:00+00:00"),
        ((), "12 Nov 2026 09:30:00 GMT", "2026-11-12T09:30:00+00:00"),
        (("seconds",), "1604008995.000200", "2020-10-29T22:03:15.000200+00:00"),
        (("seconds",), 1604008995, "2020-10-29T22:03:15+00:00"),
        (("milliseconds",), "1604008995123", "2020-10-29T22:03:15.123000+00:00"),
        (("seconds",), "-0.5", "1969-12-31T23:59:59.500000+00:00"),
        (("%d/%m/%Y %H:%M",), "03/04/2026 10:00", "2026-04-03T09:00:00+00:00"),
        (("%m/%d/%Y", "%d %b %Y"), "03/04/2026", "2026-03-04T00:00:00+00:00"),
        (("%m/%d/%Y", "%d %b %Y"), "3 Apr 2026", "2026-04-02T23:00:00+00:00"),
    ],
)
def test_a_time_is_read_as_it_is_written(formats: tuple[str, ...], text: object, moment: str) -> None:
    """Exact to the microsecond; without an offset it is by the declared clock."""
    read = moments("time", formats, LONDON)(text)
    assert moment == read.astimezone(ZoneInfo("UTC")).isoformat()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-25 01:30", "2026-10-25T00:30:00+00:00"),  # twice: at 00:30 and 01:30 UTC
        ("2026-03-29 01:30", "2026-03-29T01:30:00+00:00"),  # never: the clock went from 01:00 to 02:00
    ],
)
def test_where_the_clock_was_changed_it_is_decided(text: str, moment: str) -> None:
    """What it showed twice is the first of the two; what it skipped is as much later as it was put forward."""
    assert moment == moments("time", (), LONDON)(text).astimezone(ZoneInfo("UTC")).isoformat()


@pytest.mark.parametrize("text", ["", " ", None, [], True])
def test_a_missing_time_is_refused(text: object) -> None:
    """It is no mistake of the mapping."""
    with pytest.raises(Refused, match="time is missing") as raised:
        moments("time", (), LONDON)(text)
    assert not isinstance(raised.value, Unfit)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("03/04/2026", "3 April ('format: \"%d/%m/%Y…\"') or 4 March ('format: \"%m/%d/%Y…\"')"),
        ("03/04/26", "3 April ('format: \"%d/%m/%y…\"') or 4 March"),
        ("13.04.2026", "how it is written: 13 April ('format: \"%d.%m.%Y…\"')"),
        ("4-4-2026", "how it is written: 4 April"),
        ("161230121012", "is the number '161230121012'; say in the mapping what it counts since 1970"),
        ("1612121512123", "'format: milliseconds'"),
        ("1612121512", "'format: seconds'"),
        ("yesterday", "is no ISO 8601; say in the mapping how it is written"),
    ],
)
def test_nothing_is_guessed(text: str, reading: str) -> None:
    """What could be meant is said, with what to write for it."""
    with pytest.raises(Unfit) as raised:
        moments("time", (), LONDON)(text)
    assert reading in raised.value.message


def test_a_date_is_read_too() -> None:
    """As ISO 8601, or as declared."""
    assert "2026-04-03" == days("on", ("%d/%m/%Y",))("03/04/2026") == days("on", ())("2026-04-03")


@pytest.mark.parametrize("text", ["1" * 19, "9" * 18, "1e9", "x", "1" * 1_000_000])
def test_a_number_beyond_all_times_is_refused(text: str) -> None:
    """Quickly, however long it is."""
    with pytest.raises(Refused, match="which is not written as 'seconds'"):
        moments("time", ("seconds",), LONDON)(text)


@pytest.mark.parametrize(("form", "sound"), [("iso", True), ("%d/%m/%Y", True), ("dd/mm", False), ("%Q", False)])
def test_a_format_is_checked_when_the_mapping_is_read(form: str, sound: bool) -> None:
    """Not at the first line."""
    assert sound is (check_format(form) == "")


@pytest.mark.parametrize("formats", [("%d/%m/%Y", "%m/%d/%Y"), ("%m/%d/%Y", "%d %b %Y", "%d/%m/%Y")])
def test_a_time_that_fits_two_formats_differently_is_refused(formats: tuple[str, ...]) -> None:
    """Whichever is named first; one that fits a single format, or means the same in both, is read."""
    for read in (moments("time", formats, LONDON), days("on", formats)):
        with pytest.raises(
            Refused, match=r"is '03/04/2026', which is 2026-0[34]-0[34] .* and is not guessed: keep one"
        ):
            read("03/04/2026")
    assert "2026-04-13" == days("on", formats)("13/04/2026")
    assert "2026-04-04" == days("on", formats)("04/04/2026")
    read_both = moments("time", ("%Y-%m-%dT%H:%M:%SZ", "iso"), ZoneInfo("UTC"))
    assert "2026-11-12T09:30:00+00:00" == read_both("2026-11-12T09:30:00Z").isoformat()
