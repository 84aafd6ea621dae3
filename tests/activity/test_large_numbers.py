"""Numbers that no field holds, and things nested without end: refused by themselves, whichever file they stand in."""

import json
from collections.abc import Callable

import pytest

from activity import elements
from activity.importer import FileInvalid
from activity.intake import INT_MAX, Report
from tests.activity.mapped import BEGIN, activities, reasons

ROW = '{"id": "%s", "who": "ada", "time": "2026-11-12T09:30:00Z", "x": %s}'
MAPPING = BEGIN + 'data: {network: "{x}"}\n'
TOO_LARGE = "data.network reads a number that is too large to be taken for a text"


def lines(x: str) -> str:
    """Three, of which the second is odd."""
    return "\n".join([ROW % (1, "1"), ROW % (2, x), ROW % (3, "3")])


def array(x: str) -> str:
    return f"[{','.join(lines(x).splitlines())}]"


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ("9" * 5_000, TOO_LARGE),
        ("-" + "9" * 900_000, TOO_LARGE),
        ("1e999999999", TOO_LARGE),
        ("-1e99999999999999999999", TOO_LARGE),
        ("NaN", "the line is not JSON: NaN is no number there"),
        ("-Infinity", "the line is not JSON: -Infinity is no number there"),
        ("[" * 100_000, "the line holds JSON that is nested too deep"),
        ('{"a":' * 100_000, "the line holds JSON that is nested too deep"),
    ],
)
def test_a_json_line_is_refused_by_itself(x: str, message: str) -> None:
    """Those before and after it are read."""
    assert {2: message} == reasons(activities(lines(x), MAPPING, "x.jsonl"))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ("9" * 5_000, "element 2 holds a number of 4,000 digits or more, so the file is read no further"),
        ("-" + "9" * 900_000, "element 2 holds a number of 4,000 digits or more, so the file is read no further"),
        ("0." + "1" * 5_000, "element 2 holds a number of 4,000 digits or more, so the file is read no further"),
        (
            "1e99999999999999999999",
            "element 2 holds a number whose exponent is too large, so the file is read no further",
        ),
        (
            "1e-99999999999999999999",
            "element 2 holds a number whose exponent is too large, so the file is read no further",
        ),
        ("NaN", "the file is no sound JSON after element 1: a word or character stands there that"),
        ("[" * 100_000, "element 2 is nested more than 100 levels deep, so the file is read no further"),
    ],
)
def test_a_json_array_ends_with_the_place_of_what_cannot_be_read(x: str, message: str) -> None:
    """The parser reads no further."""
    with pytest.raises(FileInvalid) as raised:
        activities(array(x), MAPPING, "x.json")
    assert str(raised.value).startswith(message)


def test_an_element_with_an_infinite_number_is_refused_by_itself() -> None:
    """As the parser can go on."""
    assert {2: TOO_LARGE} == reasons(activities(array("1e999999999"), MAPPING, "x.json"))


@pytest.mark.parametrize("size", [1, 7, 4_096, 65_536])
@pytest.mark.parametrize("digits", [elements.DIGITS_MAX - 1, elements.DIGITS_MAX])
def test_digits_are_counted_wherever_a_chunk_ends(monkeypatch: pytest.MonkeyPatch, size: int, digits: int) -> None:
    """Those of a number, not of a text, which may have more."""
    monkeypatch.setattr(elements, "CHUNK_BYTES", size)
    content = array('"%s"' % ("1" * 9_000)).replace('"x": 3', f'"unread": {"9" * digits}, "x": 3')
    if digits < elements.DIGITS_MAX:
        assert {} == reasons(activities(content, MAPPING, "x.json"))
        return
    with pytest.raises(FileInvalid, match="element 3 holds a number of 4,000 digits or more"):
        activities(content, MAPPING, "x.json")


@pytest.mark.parametrize("form", [lines, array])
def test_a_number_is_an_id_digit_by_digit(form: Callable[[str], str]) -> None:
    """Beyond 64 bits too, or two rows would be taken for one."""
    name = "x.jsonl" if form is lines else "x.json"
    for number in (INT_MAX + 1, 10**30 + 7, 10**299 + 1):
        _, (_, read), _ = activities(form(str(number)), MAPPING, name)
        assert isinstance(read, Report)
        assert {"network": str(number)} == read.data


@pytest.mark.parametrize("time", ["1e999", "9" * 400])
def test_a_time_that_is_such_a_number_is_refused_by_itself(time: str) -> None:
    """It says nothing of the others, whatever the first of them is."""
    row = json.dumps({"id": "1", "who": "ada", "time": 0})
    content = f"{row.replace(': 0', f': {time}')}\n{lines('1')}"
    assert [1] == list(reasons(activities(content, MAPPING, "x.jsonl")))


@pytest.mark.parametrize("x", ["9" * 5_000, "9" * 900_000, "-" + "9" * 400])
def test_a_cell_of_many_digits_is_read_at_once(x: str) -> None:
    """As a number that intake refuses: it is beyond 64 bits."""
    mapping = BEGIN + 'data: {reach: "{x}", score: "{x}"}\n'
    [(_, read)] = activities(f"id,who,time,x\n1,ada,2026-11-12T09:30:00Z,{x}\n", mapping)
    assert isinstance(read, Report)
    assert all(abs(value) > INT_MAX for value in read.data.values())
