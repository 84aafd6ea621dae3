"""Enrol: keep the members and what is known of them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from activity.calendar import PeriodInvalid, zone
from activity.catalogue import FieldType, FieldValue
from activity.identity import Identity
from activity.intake import CHECKS, Refused, canonical, checked_name, nearest, part
from operations.aliases import Aliases
from operations.identities import Identities
from operations.kept import wake
from operations.revision import Revision, Revisions
from operations.roster import MemberRow, external_id_of, keep_rows, load_rows, merged_told
from storage.work import UnitOfWork

TEXTS = ("alias", "location", "department", "time_zone")


class MemberStatus(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class MemberReceipt(NamedTuple):
    """What became of one profile."""

    status: MemberStatus
    message: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a directory says of a member, before it is checked. Whatever is None stays as it is; "" empties it.

    A new member without a word about taking part does so in an opt-out programme, and does not in an opt-in one.
    """

    external_id: Any
    name: Any = None
    team: Any = None
    location: Any = None
    department: Any = None
    time_zone: Any = None
    attributes: Any = None
    participates: Any = None
    alias: Any = None  # what others see instead of the name
    identities: Any = None  # a list of KIND:HANDLE, which are added to those that the member has


async def enrol(
    work: UnitOfWork, revisions: Revisions, profiles: Sequence[Profile], *, now: datetime, author: str = ""
) -> list[MemberReceipt]:
    """Create members, or change what is known of them; a receipt for each profile, in order.

    What is wrong with one harms no other; of two profiles of one member in a batch both are applied, in order. Whoever
    stops taking part leaves every board in this transaction; who had left the company is back. What was kept for those
    who are known now is still to be judged: see operations/resume.py. `author` gives the identities. Nothing is
    committed here. Raises NoProgramme.
    """
    await work.hold_programme()
    revision = await revisions.current(work)
    known = await load_rows(work, _named(profiles))
    before = {external_id: row.copy() for external_id, row in known.items()}
    aliases = await Aliases.load(work, (profile.alias for profile in profiles))
    kinds = revision.programme.identities
    identities = await Identities.load(work, kinds, (profile.identities for profile in profiles))
    receipts = []
    for profile in profiles:
        try:
            await _refuse_merged(work, profile, known)
            receipts.append(_apply(profile, known, revision, aliases, identities))
        except Refused as refusal:
            receipts.append(MemberReceipt(MemberStatus.REFUSED, refusal.message, refusal.field))
    await keep_rows(work, revisions, revision, before, known, now=now)
    keys = {external_id: row["key"] for external_id, row in known.items()}
    new = await identities.write(work, keys, now=now, author=author)
    await wake(work, [*new, *(Identity("", external_id) for external_id in known if external_id not in before)])
    return receipts


async def _refuse_merged(work: UnitOfWork, profile: Profile, known: dict[str, MemberRow]) -> None:
    """Raises Refused for who was merged into another member."""
    external_id = checked_name("external_id", profile.external_id)
    into = known[external_id]["merged_into"] if external_id in known else None
    if into is not None:
        raise Refused("external_id", f"{merged_told(external_id, await external_id_of(work, into))}; save that one")


def _named(profiles: Sequence[Profile]) -> set[str]:
    found = set()
    for profile in profiles:
        with suppress(Refused):
            found.add(checked_name("external_id", profile.external_id))
    return found


def _apply(
    profile: Profile, known: dict[str, MemberRow], revision: Revision, aliases: Aliases, identities: Identities
) -> MemberReceipt:
    """Change what is known by one profile, or nothing of it. Raises Refused."""
    external_id = checked_name("external_id", profile.external_id)
    row = known.get(external_id)
    changes = _checked(profile, revision)
    given = identities.check(external_id, profile.identities)
    if row is None:
        identities.refuse_external_id(external_id)
        if "name" not in changes:
            raise Refused("name", f"name is missing; {external_id!r} is new and needs one")
        if changes.get("alias"):
            aliases.check(external_id, changes["alias"])
        changes["attributes"] = _merged({}, changes.get("attributes", {}))
        blank: MemberRow = dict.fromkeys(
            ("key", "team", "team_name", "first_day", "left_us", "took_part", "merged_into", *TEXTS)
        )
        blank["rejudged"] = revision.rejudged
        blank |= {"external_id": external_id, "participates": not revision.programme.opt_in}
        known[external_id] = blank | changes
        aliases.follow(known[external_id])
        identities.add(external_id, given)
        return MemberReceipt(MemberStatus.CREATED)
    changes["attributes"] = _merged(row["attributes"], changes.get("attributes", {}))
    if row["left_us"] is not None:  # a directory that tells of them has them back
        changes = {"participates": row["took_part"], "left_us": None, "took_part": None} | changes
    if all(row[name] == value for name, value in changes.items()):
        new = identities.add(external_id, given)
        return MemberReceipt(MemberStatus.UPDATED if new else MemberStatus.UNCHANGED)
    if changes.get("alias") and changes["alias"] != row["alias"]:
        aliases.check(external_id, changes["alias"])
    row |= changes
    aliases.follow(row)
    identities.add(external_id, given)
    return MemberReceipt(MemberStatus.UPDATED)


def _checked(profile: Profile, revision: Revision) -> MemberRow:
    changes: MemberRow = {}
    if profile.name is not None:
        changes["name"] = checked_name("name", profile.name)
    for name in ("team", *TEXTS):
        value = getattr(profile, name)
        if value is not None:
            changes["team_name" if name == "team" else name] = checked_name(name, value) if value != "" else None
    if changes.get("time_zone"):
        try:
            zone(changes["time_zone"])
        except PeriodInvalid as invalid:
            raise Refused("time_zone", str(invalid)) from None
    if profile.participates is not None:
        changes["participates"] = CHECKS[FieldType.BOOL]("participates", profile.participates)
    if profile.attributes is not None:
        changes["attributes"] = _attributes(profile.attributes, revision)
    return changes


def _attributes(value: Any, revision: Revision) -> dict[str, FieldValue | None]:
    declared = revision.programme.attributes
    if not isinstance(value, Mapping):
        raise Refused("attributes", "attributes must be an object")
    for name in value:
        if name not in declared:
            told = f"{name!r} is no attribute of this programme{nearest(str(name), declared)}"
            raise Refused(part("attributes", str(name)), told)
    found = {
        name: None if item is None else CHECKS[declared[name]](f"attributes.{name}", item)
        for name, item in value.items()
    }
    canonical("attributes", _merged({}, found))
    return found


def _merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**before, **changes}.items() if value is not None}
