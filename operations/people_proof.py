"""The proof of who members are: their identities, what is kept of unknown people, and who left."""

from collections.abc import Callable, Mapping

from sqlalchemy import select

from activity.identity import SEPARATOR, Identity, IdentityKind, identity_of_text, name_of
from activity.intake import Refused, identity_of
from activity.tables import activity, identity, kept, member
from operations.kept import report_of
from operations.names import Names
from operations.revision import Revision
from storage.work import UnitOfWork


class PeopleProof:
    """Compares what is kept of who people are with what it was made of; names what differs."""

    def __init__(self, work: UnitOfWork, current: Revision, names: Names, differ: Callable[[str], None]) -> None:
        self._work = work
        self._current = current
        self._kinds = current.programme.identities
        self._names = names
        self._differ = differ

    async def prove(self) -> None:
        await self._identities()
        await self._kept()
        await self._left()
        await self._merged()

    async def _identities(self) -> None:
        known = select(member.c.key).where(member.c.key == identity.c.member).exists()
        for row in await self._work.rows(select(identity, known.label("known"))):
            text = f"{row.kind}{SEPARATOR}{row.shown}"
            if not row.known:
                self._differ(f"identity {text!r}: it is of a member whom there is not")
            if row.kind in self._kinds and _identity(text, self._kinds) != Identity(row.kind, row.handle):
                self._differ(f"identity {text!r} of {self._names.member(row.member)}: it is compared as {row.handle!r}")

    async def _kept(self) -> None:
        recorded = select(activity.c.seq).where(activity.c.identity == kept.c.identity).exists()
        by_identity = select(identity.c.member).where(
            identity.c.kind == kept.c.kind, identity.c.handle == kept.c.handle
        )
        by_external_id = select(member.c.key).where(kept.c.kind == "", member.c.external_id == kept.c.handle)
        known = by_identity.exists() | by_external_id.exists()
        for row in await self._work.rows(select(kept, recorded.label("recorded"), known.label("known"))):
            report = report_of(row.report)
            told = f"kept ({report.source}, {report.id})"
            if self._current.programme.opt_in:
                self._differ(f"{told}: nothing is kept of unknown people in an opt-in programme")
            if row.recorded:
                self._differ(f"{told}: it is recorded too")
            if bytes(row.identity) != identity_of(report.source, report.id, self._current.secret):
                self._differ(f"{told}: its hash is not that of its source and id")
            if row.name not in (report.member, *(report.contributors or ())):
                self._differ(f"{told}: it waits for {row.name!r}, whom it does not name")
            elif not row.due and row.problem is None:
                if _name(row.name, self._kinds) != Identity(row.kind, row.handle):
                    self._differ(f"{told}: {row.name!r} is compared as {row.handle!r}")
                elif row.known:
                    self._differ(f"{told}: it waits for {row.name!r}, whom a member is known by")

    async def _left(self) -> None:
        odd = (member.c.left_us.is_(None) != member.c.took_part.is_(None)) | (
            member.c.left_us.is_not(None) & member.c.participates
        )
        for row in await self._work.rows(select(member.c.key).where(odd)):
            self._differ(f"{self._names.member(row.key)}: marked as left, but not as one who takes no part any more")

    async def _merged(self) -> None:
        """Who was merged is nobody any more: another has their place, and what they are known by."""
        other = member.alias()
        into = select(other.c.key).where(other.c.key == member.c.merged_into, other.c.merged_into.is_(None)).exists()
        named = select(identity.c.handle).where(identity.c.member == member.c.key).exists()
        odd = member.c.merged_into.is_not(None) & (~into | named | member.c.participates)
        for row in await self._work.rows(select(member.c.key).where(odd)):
            self._differ(f"{self._names.member(row.key)}: merged into another member, but not wholly")


def _identity(text: str, kinds: Mapping[str, IdentityKind]) -> Identity | None:
    try:
        return identity_of_text(text, kinds)
    except Refused:
        return None


def _name(text: str, kinds: Mapping[str, IdentityKind]) -> Identity | None:
    try:
        return name_of(text, kinds)
    except Refused:
        return None
