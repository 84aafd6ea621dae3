"""Durations in a programme file: the one way to write them, and what is said of others."""

from datetime import timedelta

import pytest

from document import Document
from section import attempt, duration, duration_from_plain, duration_to_plain


def length(text: str) -> tuple[timedelta | None, list[str]]:
    """What is read of a duration of up to 400 days, and the mistakes."""
    document = Document(f"it: {text}")
    assert document.root is not None
    assert isinstance(document.root.content, dict)
    found = attempt(document.root.content["it"], duration(timedelta(seconds=1), timedelta(400)), None)
    return found, [str(mistake).partition(": it: ")[2] for mistake in document.mistakes]


@pytest.mark.parametrize(
    ("text", "seconds", "plain"),
    [
        ("PT1S", 1, "PT1S"),
        ("PT90M", 5_400, "PT1H30M"),
        ("PT24H", 86_400, "P1D"),
        ("P0DT4H", 14_400, "PT4H"),
        ("P14D", 1_209_600, "P14D"),
        ("P1DT2H3M4S", 93_784, "P1DT2H3M4S"),
        ("P1DT4S", 86_404, "P1DT4S"),
    ],
)
def test_a_duration_has_one_way_to_be_written(text: str, seconds: int, plain: str) -> None:
    """Days of 24 hours, hours, minutes and seconds."""
    expected = timedelta(seconds=seconds)
    assert (expected, []) == length(text)
    assert plain == duration_to_plain(expected)
    assert expected == duration_from_plain(plain)


@pytest.mark.parametrize(
    ("text", "meant"),
    {
        "4h": "PT4H",
        "P4H": "PT4H",
        "pt4h": "PT4H",
        "PT1D": "P1D",
        "P2W": "P14D",
        "2 weeks": "P14D",
        "1 day, 12 hours": "P1DT12H",
        "90 min": "PT1H30M",
        "p1dt12h": "P1DT12H",
        "P1DT": "P1D",
        "P1M": None,
        "P1Y": None,
        "3 months": None,
        "PT1.5H": None,
        "PT": None,
        "P": None,
        "'14'": None,
        "''": None,
        "-P1D": None,
        f"P{'9' * 10}D": None,
    }.items(),
)
def test_a_duration_that_cannot_be_read_is_guessed_where_it_can_be(text: str, meant: str | None) -> None:
    """A month or a year has no length of its own, and half an hour is 30 minutes: there nothing is guessed."""
    shown = f"'{text.strip(chr(39))}'" if text != "''" else "nothing"
    hint = f"; did you mean '{meant}'?" if meant else ""
    words = f"must be a duration such as PT4H (4 hours) or P14D (14 days), not {shown}{hint}"
    assert (None, [words]) == length(text)


@pytest.mark.parametrize("text", ["PT0S", "P401D", "PT999999999H", "P400DT1S"])
def test_a_duration_keeps_within_its_bounds(text: str) -> None:
    """They are told as durations are written."""
    assert (None, [f"must be from PT1S to P400D, not '{text}'"]) == length(text)
