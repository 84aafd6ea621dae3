"""Whose identities are, while a batch of profiles is applied one after the other. See activity/identity.py."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select

from activity.calendar import microseconds
from activity.identity import SEPARATOR, Identity, IdentityKind, identity_of_text
from activity.intake import LIST_LENGTH_MAX, Refused, checked_name, nearest
from activity.tables import identity, identity_removal, member
from operations.adjust import member_key
from operations.reasons import checked_reason
from operations.revision import Revisions
from storage.bulk import Columns
from storage.work import UnitOfWork


class Written(NamedTuple):
    """An identity as somebody wrote it, and as it is compared."""

    compared: Identity
    shown: str  # the handle


class Identities:
    """Follows who has the identities that a batch gives, and writes those that are new."""

    def __init__(self, kinds: Mapping[str, IdentityKind], holders: Mapping[Identity, str]) -> None:
        self._kinds = kinds
        self._holders = dict(holders)  # external ids
        self._added: list[tuple[str, Written]] = []

    @classmethod
    async def load(cls, work: UnitOfWork, kinds: Mapping[str, IdentityKind], given: Iterable[Any]) -> "Identities":
        """Ready for these lists of identities, but for what can be none."""
        wanted = set()
        for texts in given:
            for text in texts if isinstance(texts, list | tuple) else ():
                with suppress(Refused):
                    wanted.add(identity_of_text(checked_name("", text), kinds))
        return cls(kinds, await holders(work, {each for each in wanted if each}))

    def refuse_external_id(self, external_id: str) -> None:
        """Raises Refused for one that reports would take for an identity."""
        kind, separator, _ = external_id.partition(SEPARATOR)
        if separator and kind in self._kinds:
            told = f"{external_id!r} is an identity of the kind '{kind}', and no external id"
            raise Refused("external_id", f"{told}; write it under identities, and an id of the member's own here")

    def check(self, external_id: str, given: Any) -> list[Written]:
        """The identities that a profile gives. Raises Refused for what is none, and for those of others."""
        if given is None:
            return []
        if not isinstance(given, list | tuple):
            raise Refused("identities", "identities must be a list of texts, each written KIND:HANDLE")
        if len(given) > LIST_LENGTH_MAX:
            raise Refused("identities", f"identities has more than {LIST_LENGTH_MAX} elements")
        return [self._checked(external_id, f"identities[{index}]", text) for index, text in enumerate(given)]

    def _checked(self, external_id: str, field: str, value: Any) -> Written:
        text = checked_name(field, value)
        try:
            found = identity_of_text(text, self._kinds)
        except Refused as refused:
            raise Refused(field, refused.message) from None
        if found is None:
            kind = text.partition(SEPARATOR)[0]
            raise Refused(
                field,
                f"{text!r} is no identity: write KIND:HANDLE with a kind of this programme{nearest(kind, self._kinds)}",
            )
        holder = self._holders.get(found, external_id)
        if holder != external_id:
            told = f"{text!r} is an identity of the member {holder!r}"
            raise Refused(field, f"{told}; if it is not theirs, move it (moveIdentity, or python app.py move-identity)")
        return Written(found, text.partition(SEPARATOR)[2].strip())

    def add(self, external_id: str, given: Sequence[Written]) -> bool:
        """Give a member what was checked. Returns whether any of it is new."""
        new = False
        for written in given:
            if written.compared not in self._holders:
                self._holders[written.compared] = external_id
                self._added.append((external_id, written))
                new = True
        return new

    async def write(self, work: UnitOfWork, keys: Mapping[str, int], *, now: datetime, author: str) -> list[Identity]:
        """Write what was added. `keys` are those of members by external id. Returns what is new."""
        rows = sorted((each.compared, each.shown, keys[external_id]) for external_id, each in self._added)
        columns: Columns = {
            "kind": [compared.kind for compared, _, _ in rows],
            "handle": [compared.handle for compared, _, _ in rows],
            "shown": [shown for _, shown, _ in rows],
            "member": [key for _, _, key in rows],
            "recorded_us": [microseconds(now)] * len(rows),
            "author": [author] * len(rows),
        }
        await work.insert(identity, columns)
        return [compared for compared, _, _ in rows]


async def remove_identity(
    work: UnitOfWork,
    revisions: Revisions,
    external_id: str,
    text: str,
    *,
    now: datetime,
    author: str,
    reason: str | None = None,
) -> int:
    """Take an identity from a member; what was recorded by it stays. Returns the key of the member. Nothing is
    committed here. Raises Refused, and NoProgramme."""
    why = checked_reason(reason) if reason else None
    named = checked_name("identity", text)
    await work.hold_programme()
    kinds = (await revisions.current(work)).programme.identities
    try:
        found = identity_of_text(named, kinds)
    except Refused as refused:
        raise Refused("identity", refused.message) from None
    owner = await member_key(work, checked_name("member", external_id))
    if owner is None:
        raise Refused("member", f"there is no member with the external id {external_id!r}")
    if found is None:
        raise Refused("identity", f"{text!r} is no identity: write KIND:HANDLE with a kind of this programme")
    mine = (identity.c.kind == found.kind) & (identity.c.handle == found.handle) & (identity.c.member == owner)
    rows = await work.rows(select(identity.c.shown).where(mine))
    if not rows:
        raise Refused("identity", f"{text!r} is no identity of {external_id!r}; there is nothing to take")
    await work.execute(delete(identity).where(mine))
    told = {"kind": found.kind, "shown": rows[0].shown, "member": owner, "author": author, "reason": why}
    await work.execute(insert(identity_removal).values(told | {"recorded_us": microseconds(now)}))
    return owner


async def holders(work: UnitOfWork, identities: Iterable[Identity]) -> dict[Identity, str]:
    """The external ids of the members who have these identities; those that nobody has are missing."""
    wanted = sorted(identities)
    given = {"kind": [each.kind for each in wanted], "handle": [each.handle for each in wanted]}
    found = await work.find(identity, given, ("kind", "handle", "member"))
    rows = await work.find(member, {"key": sorted({row[2] for row in found})}, ("key", "external_id"))
    names = {key: external_id for key, external_id in rows}  # noqa: C416  (rows are no pairs to mypy)
    return {Identity(kind, handle): names[key] for kind, handle, key in found}
