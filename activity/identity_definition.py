"""The section `identities` of a programme file: what members are known by in other tools.

Such as:

    identities:
      email: {title: E-mail address}
      youtube: {title: YouTube channel, exact: true}
"""

from collections.abc import Mapping
from typing import Any

from activity.identity import IdentityKind
from document import Node
from section import KEY, Section, boolean, by_key, text

SETTINGS = ("title", "exact")


def read_identities(node: Node) -> dict[str, IdentityKind]:
    """Reads the section `identities`."""

    def kind(key: str, entry: Node) -> IdentityKind:
        section = Section(entry, SETTINGS)
        return IdentityKind(key, section.need("title", text, ""), section.take("exact", boolean, False))

    return by_key(KEY, kind)(node)


def identity_to_plain(kind: IdentityKind) -> dict[str, Any]:
    """A kind of identities as a programme file has it, without what is default."""
    return {"title": kind.title} | ({"exact": True} if kind.exact else {})


def identity_from_plain(key: str, plain: Mapping[str, Any]) -> IdentityKind:
    """The kind of which `identity_to_plain` made this."""
    return IdentityKind(key, plain["title"], plain.get("exact", False))
