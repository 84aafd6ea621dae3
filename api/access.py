"""Who may ask for what: API keys with scopes, and the one table of which field needs which scope.

A key is shown once, when it is made; the database keeps its SHA-256. Keys are long and random, so a plain hash is as
good as a slow one.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update
from strawberry.extensions import FieldExtension

from activity.calendar import instant, microseconds
from activity.intake import nearest
from activity.tables import member as member_table
from api.errors import Forbidden
from api.tables import api_key
from errors import LaurelsError
from leaderboard.ranking_sql import Reading
from operations.adjust import Author, member_key
from storage.work import UnitOfWork

if TYPE_CHECKING:
    from api.context import Info

PREFIX = "laurels_"  # lets people and secret scanners see what a string is
KEY_LENGTH = 43  # 256 bits as URL-safe text

CACHED_FOR = timedelta(seconds=5)  # a revoked key works no longer than this
CACHED_MAX = 1_000


class Scope(StrEnum):
    READ = "read"
    INGEST = "ingest"
    MANAGE = "manage"  # includes the others


# The scope that each root field needs. A field that is not here is open to nobody.
FIELDS: Mapping[str, Scope] = {
    "Query.activity": Scope.READ,
    "Query.claims": Scope.MANAGE,
    "Query.closingRehearsal": Scope.MANAGE,
    "Query.dormantMembers": Scope.MANAGE,
    "Query.drafts": Scope.MANAGE,
    "Query.events": Scope.READ,
    "Query.journey": Scope.MANAGE,
    "Query.leaderboard": Scope.READ,
    "Query.member": Scope.READ,
    "Query.node": Scope.READ,
    "Query.payouts": Scope.READ,
    "Query.plan": Scope.MANAGE,
    "Query.prizeGiving": Scope.MANAGE,
    "Query.programme": Scope.READ,
    "Query.programmeFile": Scope.MANAGE,
    "Query.revisions": Scope.MANAGE,
    "Query.simulation": Scope.MANAGE,
    "Query.simulations": Scope.MANAGE,
    "Query.unknownPeople": Scope.MANAGE,
    "Query.viewer": Scope.READ,
    "Query.winners": Scope.READ,
    "Mutation.adjustPoints": Scope.MANAGE,
    "Mutation.approveClaims": Scope.MANAGE,
    "Mutation.approvePayout": Scope.MANAGE,
    "Mutation.cancelSimulation": Scope.MANAGE,
    "Mutation.claimActivity": Scope.READ,
    "Mutation.claimPayout": Scope.READ,
    "Mutation.closePeriod": Scope.MANAGE,
    "Mutation.declinePayout": Scope.READ,
    "Mutation.deleteDraft": Scope.MANAGE,
    "Mutation.deliverPayout": Scope.MANAGE,
    "Mutation.disqualify": Scope.MANAGE,
    "Mutation.giveBadge": Scope.MANAGE,
    "Mutation.markLeft": Scope.MANAGE,
    "Mutation.mergeMembers": Scope.MANAGE,
    "Mutation.moveIdentity": Scope.MANAGE,
    "Mutation.publish": Scope.MANAGE,
    "Mutation.recordActivities": Scope.INGEST,
    "Mutation.refuseClaim": Scope.MANAGE,
    "Mutation.reinstate": Scope.MANAGE,
    "Mutation.removeIdentity": Scope.MANAGE,
    "Mutation.reopenPeriod": Scope.MANAGE,
    "Mutation.restoreRevision": Scope.MANAGE,
    "Mutation.retractActivity": Scope.MANAGE,
    "Mutation.revokePayout": Scope.MANAGE,
    "Mutation.saveDraft": Scope.MANAGE,
    "Mutation.startSimulation": Scope.MANAGE,
    "Mutation.saveMembers": Scope.MANAGE,
    "Mutation.takeBadge": Scope.MANAGE,
    "Mutation.undoRevision": Scope.MANAGE,
    "Mutation.withdrawClaim": Scope.READ,
}

# The scope that each address beside GraphQL needs.
ADDRESSES: Mapping[str, Scope] = {"/events": Scope.INGEST}

HOW_TO_MAKE_A_KEY = "python app.py key create --scope"


class ScopeUnknown(LaurelsError):
    """A key is asked for with a scope that there is not."""


class MemberUnknown(LaurelsError):
    """A key is to act on behalf of a member whom there is not."""


class KeyUnknown(LaurelsError):
    """No key that could be revoked has this id."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: one key."""

    key: int
    name: str
    scopes: frozenset[Scope]
    member: int | None = None  # the key of the member on whose behalf it acts, who may correct nothing of their own

    @property
    def author(self) -> str:
        """How the caller is called where something says who did it."""
        return self.name or f"key {self.key}"

    @property
    def as_author(self) -> Author:
        """The caller, where they correct something."""
        return Author(self.author, self.member)

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes or Scope.MANAGE in self.scopes


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is kept of a key."""

    id: int
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    revoked_at: datetime | None
    member: str | None = None  # the external id of the member on whose behalf it acts


class Access(FieldExtension):
    """Checks the table above before a root field is resolved. Raises Forbidden."""

    # Nothing here may be called as an argument of a root field is: Query.activity has one named `source`.
    async def resolve_async(  # type: ignore[override]
        self, next_: Callable[..., Awaitable[Any]], _source: Any, info: "Info", **arguments: Any
    ) -> Any:
        check(info.context.caller, f"{info.path.typename}.{info.field_name}")
        return await next_(_source, info, **arguments)


def check(caller: Caller, field: str) -> None:
    """Whether a caller may ask for a root field, such as `Query.member`. Raises Forbidden."""
    needed = FIELDS.get(field)
    if needed is None:
        raise Forbidden(f"{field} is open to nobody")
    _check(caller, field.split(".")[1], needed)


def check_address(caller: Caller, path: str) -> None:
    """Whether a caller may ask at an address that is in the table above. Raises Forbidden."""
    _check(caller, path, ADDRESSES[path])


def _check(caller: Caller, what: str, needed: Scope) -> None:
    if not caller.may(needed):
        has = " and ".join(sorted(caller.scopes))
        raise Forbidden(
            f"{what} needs a key with the scope {needed}, and this one has {has}; "
            f"make one: {HOW_TO_MAKE_A_KEY} {needed}"
        )


async def create_key(
    work: UnitOfWork, name: str, scopes: Iterable[str], now: datetime, *, member: str | None = None
) -> str:
    """Make a key and return it: it is kept nowhere. `name` says what or whom it is for.

    `member` is the external id of the member whose key it is: with it they can correct nothing that is their own.
    Raises ScopeUnknown and MemberUnknown.
    """
    granted = sorted({_scope(text) for text in scopes}, key=list(Scope).index)
    if not granted:
        raise ScopeUnknown(f"a key needs a scope: {', '.join(Scope)}")
    owner = None if member is None else await member_key(work, member)
    if member is not None and owner is None:
        raise MemberUnknown(f"there is no member with the external id {member!r}; import members first")
    key = PREFIX + secrets.token_urlsafe(32)
    row = {"name": name, "hash": _hash(key), "scopes": " ".join(granted), "created_us": microseconds(now)}
    await work.execute(insert(api_key).values(row | {"member": owner}))
    return key


async def list_keys(work: UnitOfWork) -> list[KeyRecord]:
    """All keys there ever were, the oldest first."""
    query = select(api_key, member_table.c.external_id).outerjoin(member_table, member_table.c.key == api_key.c.member)
    return [
        KeyRecord(
            id=row.id,
            name=row.name,
            scopes=tuple(Scope(scope) for scope in row.scopes.split()),
            created_at=instant(row.created_us),
            revoked_at=instant(row.revoked_us) if row.revoked_us is not None else None,
            member=row.external_id,
        )
        for row in await work.rows(query.order_by(api_key.c.id))
    ]


async def revoke_key(work: UnitOfWork, id: int, now: datetime) -> None:
    """End a key. Servers notice within five seconds. Raises KeyUnknown."""
    alive = update(api_key).where(api_key.c.id == id, api_key.c.revoked_us.is_(None))
    if (await work.execute(alive.values(revoked_us=microseconds(now)))).rowcount != 1:
        raise KeyUnknown(f"no key in use has the id {id}; python app.py key list shows them")


async def authenticate(work: UnitOfWork, key: str) -> Caller | None:
    """Whose key this is; None when it is nobody's, or was revoked."""
    # The key of who was merged into another member is that one's.
    owner = func.coalesce(member_table.c.merged_into, api_key.c.member).label("member")
    query = select(api_key.c.id, api_key.c.name, api_key.c.scopes, owner)
    query = query.select_from(api_key).outerjoin(member_table, member_table.c.key == api_key.c.member)
    rows = await work.rows(query.where(api_key.c.hash == _hash(key), api_key.c.revoked_us.is_(None)))
    if not rows:
        return None
    (row,) = rows
    return Caller(row.id, row.name, frozenset(Scope(scope) for scope in row.scopes.split()), row.member)


class Keyring:
    """Recognises keys, and remembers for a few seconds those that were good, but for those of members: whom these act
    for can become another one at any time, by a merge, also one at the command line."""

    def __init__(self, reading: Reading, clock: Callable[[], datetime]) -> None:
        self._reading = reading
        self._clock = clock
        self._known: dict[str, tuple[Caller, datetime]] = {}

    async def caller(self, key: str) -> Caller | None:
        """Whose key this is, as `authenticate` said at most five seconds ago, or says now."""
        if not key.startswith(PREFIX) or len(key) != len(PREFIX) + KEY_LENGTH or not key.isascii():
            return None
        now = self._clock()
        known = self._known.get(key)
        if known and timedelta() <= now - known[1] < CACHED_FOR:
            return known[0]
        async with self._reading() as work:
            caller = await authenticate(work, key)
        if caller and caller.member is None:
            if len(self._known) >= CACHED_MAX:
                self._known.clear()
            self._known[key] = caller, now
        else:
            self._known.pop(key, None)
        return caller


def _scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        raise ScopeUnknown(f"there is no scope {text!r}{nearest(text, Scope)}") from None


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()
