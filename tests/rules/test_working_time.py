"""The setting `working_time`: what it declares, and the words for every mistake."""

import pytest

from document import Document
from rules.expressions import Expressions
from rules.rule import WorkingTime
from rules.working_time import read_working_time, working_time_from_plain, working_time_to_plain
from section import attempt
from tests.rules.reading import ATTRIBUTES, DECLARED


def working_time(text: str) -> tuple[WorkingTime | None, list[str]]:
    """What is read of a setting that stands under the name `it`, and the mistakes."""
    document = Document(f"it: {text}")
    assert document.root is not None
    assert isinstance(document.root.content, dict)
    expressions = Expressions(DECLARED, ATTRIBUTES)
    found = attempt(document.root.content["it"], lambda node: read_working_time(node, expressions), None)
    return found, [str(mistake) for mistake in document.mistakes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{days: [monday, friday], from: '08:00', to: '18:30', for: member.hourly}",
            WorkingTime((0, 4), 480, 1110, "member.hourly"),
        ),
        ("{days: sunday, from: 00:00, to: 24:00}", WorkingTime((6,), 0, 1440)),
    ],
)
def test_working_time_is_read_and_comes_back(text: str, expected: WorkingTime) -> None:
    """Days of the week, a clock time at which they begin and end, and whom it is for."""
    found, mistakes = working_time(text)
    assert not mistakes
    assert expected == found
    assert expected == working_time_from_plain(working_time_to_plain(expected))
    assert (expected, []) == working_time(str(working_time_to_plain(expected)))


def test_the_days_of_working_time_have_one_order() -> None:
    """In whatever order they are written, the plain form is the same."""
    found, _ = working_time("{days: [friday, monday], from: 08:00, to: 17:05}")
    assert found is not None
    assert {"days": ["monday", "friday"], "from": "08:00", "to": "17:05"} == working_time_to_plain(found)


@pytest.mark.parametrize(
    ("text", "words"),
    {
        "{from: 08:00, to: 18:00}": "line 1, column 1: it: 'days' is missing",
        "{days: monday, to: 18:00}": "line 1, column 1: it: 'from' is missing",
        "{days: monday, from: 08:00}": "line 1, column 1: it: 'to' is missing",
        "{days: mon, from: 08:00, to: 18:00}": "line 1, column 12: it.days: must be one of monday, tuesday, wednesday, "
        "thursday, friday, saturday, sunday, not 'mon'; did you mean 'monday'?",
        "{days: [monday, monday], from: 08:00, to: 18:00}": "line 1, column 21: it.days.2: 'monday' is here twice: "
        "remove one",
        "{days: monday, from: 8, to: 18:00}": "line 1, column 26: it.from: must be a time of day such as 08:00, "
        "not '8'",
        "{days: monday, from: 08:60, to: 18:00}": "line 1, column 26: it.from: there is no time 08:60: write one from "
        "00:00 to 24:00",
        "{days: monday, from: 08:00, to: 24:01}": "line 1, column 37: it.to: there is no time 24:01: write one from "
        "00:00 to 24:00",
        "{days: monday, from: 22:00, to: 06:00}": "line 1, column 37: it.to: must be later than 'from': working time "
        "cannot go on past midnight",
        "{days: monday, from: 24:00, to: 24:00}": "line 1, column 37: it.to: must be later than 'from': working time "
        "cannot go on past midnight",
        "{days: monday, from: 08:00, to: 18:00, for: activity.reach > 1}": "line 1, column 49: it.for: only 'member' "
        "can be used here: use 'when' for what the activity must be",
        "{days: monday, from: 08:00, until: 18:00}": "line 1, column 33: it: there is no setting 'until' here "
        "(settings: days, from, to, for)",
        "weekdays": "line 1, column 5: it: must be settings, each written 'name: value', not 'weekdays'",
    }.items(),
)
def test_every_mistake_in_working_time_has_its_place(text: str, words: str) -> None:
    """As in rules, it says what to do."""
    assert words in working_time(text)[1]
    assert len(working_time(text)[1]) == (2 if "until" in text else 1)
