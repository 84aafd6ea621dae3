"""Marks in numbers: taken out where they part thousands, and refused anywhere else."""

import pytest

from activity.intake import Refused
from activity.numeral import unmarked


@pytest.mark.parametrize(
    ("text", "marks", "plain"),
    [
        ("1200", [",", "."], "1200"),
        ("1,200", [",", "."], "1200"),
        ("-1,234,567.89", [",", "."], "-1234567.89"),
        ("12,34,567", [",", "."], "1234567"),
        ("1,23,45,678.5", [",", "."], "12345678.5"),
        ("1.234,5", [".", ","], "1234.5"),
        ("1.234", [".", "."], "1234"),
        ("1 234", [" ", "."], "1234"),
        ("0,5", ["", ","], "0.5"),
        ("1.5", ["", "."], "1.5"),
        ("5.", [",", "."], "5."),
        ("word", [",", "."], "word"),
    ],
)
def test_marks_between_thousands_are_taken_out(text: str, marks: list[str], plain: str) -> None:
    """Groups have three digits, or as in India two before the last three."""
    assert plain == unmarked("f", *marks)(text)


@pytest.mark.parametrize(
    "text",
    [
        "1,2,3",
        "1,2",
        "12,3456",
        "1234,567",
        ",123",
        "1,,234",
        "1,234,",
        "1,23,4567",
        "123,45,678",
        "1.234,567",
        "1,2.5",
    ],
)
def test_a_mark_at_another_place_is_refused(text: str) -> None:
    """With what was found."""
    with pytest.raises(Refused) as raised:
        unmarked("data.reach", ",", ".")(text)
    assert f"data.reach is {text!r}, in which ',' does not part thousands, as in 1,234,567" == raised.value.message


def test_a_point_that_was_not_declared_is_not_guessed() -> None:
    """Where the decimals stand after a comma, it could part thousands."""
    with pytest.raises(Refused, match=r"in which '\.' is neither of the marks that the mapping declares"):
        unmarked("score", "", ",")("1.234")
