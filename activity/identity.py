"""Identities: what other tools know a member by. An e-mail address, a user in a chat, a channel.

Wherever a report names a member it writes an external id, or an identity as one text, `KIND:HANDLE`, such as
`email:ada@example.org`. What stands before the first colon tells them apart: a kind that the programme declares.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from unicodedata import normalize

from activity.intake import ID_LENGTH_MAX, Refused

SEPARATOR = ":"  # between kind and handle


@dataclass(frozen=True, slots=True)
class IdentityKind:
    """A kind of identities that members have."""

    key: str
    title: str
    exact: bool = False  # whether handles that differ in case alone are different

    def compared(self, handle: str) -> str:
        """A handle as it is compared.

        >>> IdentityKind("email", "E-mail address").compared(" Ada@Example.org ")
        'ada@example.org'
        """
        if self.exact:
            return normalize("NFC", handle.strip())
        folded = normalize("NFD", normalize("NFD", handle).casefold())  # as Unicode's definition D145 has it
        return normalize("NFC", folded).strip()


class Identity(NamedTuple):
    """What a member is known by, as it is compared. Of an external id the kind is empty."""

    kind: str
    handle: str

    @property
    def text(self) -> str | None:
        """It as it is compared, in one text; None of an external id."""
        return f"{self.kind}{SEPARATOR}{self.handle}" if self.kind else None


def identity_of_text(text: str, kinds: Mapping[str, IdentityKind]) -> Identity | None:
    """The identity that a text names; None for one that is an external id. Raises Refused, its field empty."""
    key, separator, handle = text.partition(SEPARATOR)
    if not separator or key not in kinds:
        return None
    compared = kinds[key].compared(handle)
    if not compared:
        raise Refused("", f"there is nothing after '{key}:'; write it as {key}:HANDLE")
    if len(compared) > ID_LENGTH_MAX:
        raise Refused("", f"what is after '{key}:' has more than {ID_LENGTH_MAX} characters as it is compared")
    return Identity(key, compared)


def name_of(text: str, kinds: Mapping[str, IdentityKind]) -> Identity:
    """What a text names, an external id too. Raises Refused, its field empty."""
    return identity_of_text(text, kinds) or Identity("", text)
