"""Patterns of a mapping, searched in what others wrote."""

import json

import pytest

from activity.intake import Report
from activity.pattern import searching
from tests.activity.mapped import BEGIN, activities


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|a)*c", "(a|aa)+$", "a*a*a*a*a*a*a*a*c", "(.*)*x"])
def test_no_pattern_is_kept_busy_by_a_text(pattern: str) -> None:
    """Each of them would take another engine longer than anybody waits, on far less."""
    assert searching(pattern)("a" * 200_000 + "b") is False


def test_a_row_that_was_made_to_keep_a_pattern_busy_is_a_row_like_others() -> None:
    """By a mapping that somebody wrote without a thought of it."""
    row = {"id": "1", "who": "ada", "time": "2026-11-12T09:30:00Z", "title": "a" * 100_000 + "b"}
    mapping = BEGIN + "skip_when: [{column: title, matches: '^(a+)+$'}]\n"
    read = activities("\n".join(map(json.dumps, [row, row | {"title": "aaa"}])), mapping, "x.jsonl")
    assert [Report, type(None)] == [type(each) for _, each in read]


def test_a_pattern_is_searched_in_any_text() -> None:
    """Also with half of a surrogate pair in it, and beyond ASCII."""
    found = searching("(?i)ÜN.x")
    assert found("a \ud800 ünïX")
    assert not found("\ud800")
