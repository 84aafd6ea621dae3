"""Aliases: what members asked to be called instead of their names. Nobody may be taken for somebody else by one.

Names are compared as people read them: without regard to case, to spaces around words and how many there are between
them, to how Unicode writes a letter, and to characters that nobody sees. Letters of other scripts that only look alike
are not the same.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple
from unicodedata import normalize

from sqlalchemy import literal, select, union_all

from activity.tables import member
from storage.work import UnitOfWork

# What Unicode calls default ignorable: shown as nothing.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

# What a member goes by, in words, and the columns that have it and its hash.
GOES_BY = (
    ("name", "name", "name_hash"),
    ("external id", "external_id", "external_id_hash"),
    ("alias", "alias", "alias_hash"),
)


class Holder(NamedTuple):
    """A member who goes by something."""

    external_id: str
    what: str  # their name, external id or alias


def plain(text: str) -> str:
    """A name as it is compared; empty where there is nothing to see.

    >>> plain(" Ada   LOVELACE ") == plain("ada lovelace")
    True
    """
    while True:
        folded = normalize("NFKD", normalize("NFD", text).casefold())  # as Unicode's definition D146 has it
        found = " ".join(normalize("NFKD", _UNSEEN.sub("", folded).casefold()).split())
        if found == text:
            return found
        text = found


def likeness(text: str) -> int:
    """The same number for all that are the same as they are compared. A whole name could be too long for an index."""
    return int.from_bytes(blake2b(plain(text).encode(), digest_size=8).digest(), "big", signed=True)


async def holders(work: UnitOfWork, texts: Iterable[str]) -> dict[str, list[Holder]]:
    """Who goes by these texts, by the texts as they are compared; those by which nobody goes are missing."""
    hashes = sorted({likeness(text) for text in texts})
    if not hashes:
        return {}
    query = union_all(
        *(
            select(member.c.external_id, literal(what).label("what"), member.c[column].label("text")).where(
                member.c[hashed].in_(hashes)
            )
            for what, column, hashed in GOES_BY
        )
    )
    found: defaultdict[str, list[Holder]] = defaultdict(list)
    for row in await work.rows(query):
        found[plain(row.text)].append(Holder(row.external_id, row.what))
    return dict(found)


async def taken(work: UnitOfWork, aliases: Mapping[str, str]) -> set[str]:
    """Those of these members, given by external id with their aliases, by whose alias another member goes too."""
    found = await holders(work, aliases.values())
    return {
        external_id
        for external_id, alias in aliases.items()
        if any(holder.external_id != external_id for holder in found[plain(alias)])
    }
