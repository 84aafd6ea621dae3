"""Any programme comes back from its file, and any file is a programme or a list of mistakes."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations.programme import Programme, ProgrammeInvalid, export, from_document, parse, to_document
from tests.operations.strategies import programmes
from tests.operations.test_programme import SHIPPED, SMALL


def without_was(programme: Programme) -> Programme:
    def renewed(things: Mapping[str, Any]) -> dict[str, Any]:
        return {key: replace(thing, was=None) for key, thing in things.items()}

    return replace(
        programme,
        activities=renewed(programme.activities),
        rules=renewed(programme.rules),
        badges=renewed(programme.badges),
        boards=renewed(programme.boards),
    )


STRAY = [
    *"\"'\\:#-[]{},&*!|>?%@`\t\0é\x85\u2028\ud800\ufeff\r\n 0",
    "- ",
    ": ",
    "\n  ",
    "...",
    "--- ",
    "<<: ",
    "&a ",
    "*a",
]


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """The text after a few accidents: something typed, cut, doubled, or moved to another line."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 20)))
        words = [*STRAY, text[start:end], text[start:end] * 2, "null", "9" * 30]
        typed = draw(st.sampled_from(words) | st.text(max_size=5))
        target = draw(st.sampled_from([start, end, draw(st.integers(0, len(text)))]))
        text = text[:start] + text[end:] if draw(st.booleans()) else text
        text = text[:target] + typed + text[target:]
    return text


def assert_read_or_refused(text: str) -> None:
    try:
        programme = parse(text)
    except ProgrammeInvalid as invalid:
        mistakes = invalid.mistakes
    else:
        assert without_was(programme) == parse(export(programme))
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert mistakes
    for mistake in mistakes:
        assert 1 <= mistake.line <= len(lines)
        assert mistake.column >= 1
        assert "\n" not in str(mistake)


@settings(max_examples=25, deadline=None)
@given(damaged(SHIPPED.read_text(encoding="utf-8")))
def test_a_damaged_shipped_file_is_read_or_refused(text: str) -> None:
    """Whatever happens to the file, it is a programme or a list of mistakes with places, never anything else."""
    assert_read_or_refused(text)


@settings(max_examples=100, deadline=None)
@given(damaged(SMALL))
def test_a_damaged_file_is_read_or_refused(text: str) -> None:
    """The same for a small file, in which accidents meet more often."""
    assert_read_or_refused(text)


@settings(max_examples=50, deadline=None)
@given(st.recursive(st.text(max_size=8), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner)))
def test_any_yaml_is_read_or_refused(value: Any) -> None:
    """Files of any shape are refused with places."""
    assert_read_or_refused(yaml.safe_dump(value, allow_unicode=True))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programmes())
def test_every_programme_comes_back(programme: Programme) -> None:
    """Export gives a file of the same programme, and the stored form the same value, in the same order."""
    exported = parse(export(programme))
    assert programme == exported
    assert programme == from_document(json.loads(json.dumps(to_document(programme))))
    assert json.dumps(to_document(programme)) == json.dumps(to_document(exported))
