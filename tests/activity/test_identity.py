"""Identities as texts: which are some, and which are the same."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.identity import Identity, IdentityKind, identity_of_text
from activity.intake import Refused

EMAIL, CHANNEL = IdentityKind("email", "E-mail address"), IdentityKind("youtube", "YouTube channel", exact=True)
KINDS = {"email": EMAIL, "youtube": CHANNEL}


@pytest.mark.parametrize("text", ["ada", "slack:U02", "Email:ada@example.org", "urn:x:email:ada", ":ada", "email"])
def test_what_begins_with_no_declared_kind_is_an_external_id(text: str) -> None:
    """Only what stands before the first colon tells it, as it is written."""
    assert identity_of_text(text, KINDS) is None


def test_handles_are_compared_as_people_read_them() -> None:
    """Without regard to case, spaces around them and how Unicode writes a letter; an exact kind regards the case."""
    same = ["email:zoë@example.org", "email: ZOË@Example.ORG ", f"email:{normalize('NFD', 'zoë')}@example.org"]
    assert {Identity("email", "zoë@example.org")} == {identity_of_text(each, KINDS) for each in same}
    assert Identity("youtube", "UCa:B") == identity_of_text("youtube: UCa:B ", KINDS)
    assert identity_of_text("youtube:UCA", KINDS) != identity_of_text("youtube:uca", KINDS)


@pytest.mark.parametrize("text", ["email:", "email:  ", "youtube:\t"])
def test_a_kind_without_a_handle_is_refused(text: str) -> None:
    """In words that say how it is written."""
    with pytest.raises(Refused, match=r"write it as \w+:HANDLE"):
        identity_of_text(text, KINDS)


def test_a_handle_that_grows_too_long_as_it_is_compared_is_refused() -> None:
    """Or it would not fit into an index."""
    with pytest.raises(Refused, match="more than 256 characters"):
        identity_of_text("email:" + "ß" * 200, KINDS)


@given(st.text(max_size=30))
def test_comparing_again_changes_nothing(handle: str) -> None:
    """What is compared is the same as itself, in any case and form."""
    for kind in KINDS.values():
        once = kind.compared(handle)
        assert once == kind.compared(once) == normalize("NFC", once)
    assert EMAIL.compared(handle) == EMAIL.compared(normalize("NFD", handle))
