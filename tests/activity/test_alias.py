"""Names as they are compared: what people would read as the same is the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.alias import likeness, plain

SAME = [
    ("Ada", "ADA"),
    ("Ada  Lovelace", " ada\tlovelace\u00a0"),
    ("Jos\u00e9", "Jose\u0301"),
    ("Stra\u00dfe", "STRASSE"),
    ("\uff21da", "Ada"),  # of another width
    ("A\u200bda\ufeff", "Ada"),  # nothing to see between the letters
    ("e\u200d\u0301va", "\u00c9va"),
    ("\ufb01n", "Fin"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_read_the_same_are_the_same(one: str, other: str) -> None:
    """Whatever their case, spaces, width, form in Unicode, and characters that nobody sees."""
    assert plain(one) == plain(other)
    assert likeness(one) == likeness(other)


@pytest.mark.parametrize(("one", "other"), [("Ada", "Ida"), ("Ada B", "Adab"), ("Jose", "Jos\u00e9"), ("", "a")])
def test_other_names_are_others(one: str, other: str) -> None:
    """A letter, an accent and a space between words tell them apart."""
    assert plain(one) != plain(other)
    assert likeness(one) != likeness(other)


def test_what_nobody_sees_is_empty() -> None:
    """Spaces, and characters that are shown as nothing."""
    assert "" == plain(" \u00ad\u200b\u3164\ufe0f ")


@given(st.text())
def test_a_name_that_is_compared_is_compared_the_same_again(text: str) -> None:
    """And so are all ways in which Unicode can write it, in both cases."""
    found = plain(text)
    assert found == plain(found)
    assert all(found == plain(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD"))
    assert found == plain(unicodedata.normalize("NFD", text).casefold())
    assert -(2**63) <= likeness(text) < 2**63
