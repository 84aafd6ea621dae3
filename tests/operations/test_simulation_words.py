"""A report as a person reads it: names, one and many, and what is told before what."""

from dataclasses import replace

from operations.simulation.report import BoardPlaces, Paid, Placed, Report
from operations.simulation.words import told

NOTHING = Report(
    first_day="2026-11-01",
    last_day="2026-11-21",
    seq=9,
    revision=1,
    judged=1,
    points_before=5,
    points_after=5,
    members_changed=0,
    paid=(),
    levels=(),
    zones=(),
    gained=(),
    lost=(),
    boards=(),
    from_now_only=(),
    levels_from_now_only=(),
)


def test_nothing_stands_above_what_there_is_to_look_at() -> None:
    """One activity is one, and one warning that is left out too."""
    report = replace(NOTHING, warnings=("rules.a: no limit",), warnings_omitted=1)
    assert told(report).splitlines() == [
        "What it would have done from 2026-11-01 to 2026-11-21, with 1 activity judged again:",
        "",
        "Points      5 → 5 (+0)",
        "Members     0 with other points or badges",
        "",
        "Nothing would be different.",
        "",
        "To look at:",
        "  rules.a: no limit",
        "",
        "1 more about what does not change; plan --all tells it.",
    ]


def test_something_is_different_where_points_only_move() -> None:
    """From one rule to another, or on boards."""
    paid = Paid("rule", "a", "A", True, 5, 0, 1, 0), Paid("rule", "b", "B", True, 0, 5, 0, 1)
    places = BoardPlaces("impact", "2026-11", False, (), (Placed(1, "ada", 5, "Ada Byron"),))
    for report in (replace(NOTHING, paid=paid), replace(NOTHING, boards=(places,))):
        assert "Nothing" not in told(report)


def test_first_places_are_told_by_name() -> None:
    """Namesakes by their external ids too; of reports without names the ids are all there is."""
    before = Placed(1, "marco.bellini", 1200, "Marco Bellini"), Placed(2, "ada", 3, "Ada Byron")
    after = Placed(1, "mb2", 2000, "Marco Bellini"), Placed(2, "Red", 7)
    report = replace(NOTHING, boards=(BoardPlaces("impact", "2026-11", True, before, after),))
    assert told(report).splitlines()[-4:] == [
        "First places that change:",
        "  impact 2026-11, which has ended: information only",
        "    before: 1. Marco Bellini (marco.bellini) 1,200, 2. Ada Byron 3",
        "    after:  1. Marco Bellini (mb2) 2,000, 2. Red 7",
    ]


def test_means_are_told_to_three_decimals() -> None:
    """Also those that are whole, and what is below nothing."""
    places = Placed(1, "Red", 1234, "Red", 1_234_500), Placed(2, "Blue", 7, "Blue", 7_000), Placed(3, "G", 0, "G", -1)
    report = replace(NOTHING, boards=(BoardPlaces("means", "2026-11", False, (), places),))
    assert "    after:  1. Red 1,234.500, 2. Blue 7.000, 3. G -0.001" == told(report).splitlines()[-1]
    assert report == Report.of_json(report.to_json())


def test_a_report_of_before_can_still_be_read() -> None:
    """Without names of places and the number of warnings left out."""
    text = NOTHING.to_json().replace(b',"warnings_omitted":0', b"")
    assert text != NOTHING.to_json()
    assert NOTHING == Report.of_json(text)
