"""Leave: people who left the company, marked so that they take part no more and come back as they were."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from activity.calendar import microseconds
from activity.intake import Refused, checked_name
from activity.roster import team_names
from activity.tables import member
from operations.enrol import MemberReceipt, MemberStatus
from operations.revision import Revisions
from operations.roster import external_id_of, keep_rows, load_rows, merged_told
from storage.engine import Store
from storage.work import UnitOfWork

MARKED_MAX = 1_000  # in one transaction


class Missing(NamedTuple):
    """Somebody of whom a directory that is complete says nothing."""

    external_id: str
    name: str
    team: str | None


class Absence(NamedTuple):
    """Who is missing in a directory, of how many who have not left."""

    missing: list[Missing]
    among: int


async def mark_left(
    work: UnitOfWork, revisions: Revisions, external_ids: Sequence[Any], *, now: datetime
) -> list[MemberReceipt]:
    """Mark members as having left; a receipt for each, in order. They are off every board in this transaction, and
    their history stays; the next profile of them brings them back with what they were. Nothing is committed here.
    Raises NoProgramme."""
    await work.hold_programme()
    revision = await revisions.current(work)
    named: list[str | Refused] = []
    for external_id in external_ids:
        try:
            named.append(checked_name("external_id", external_id))
        except Refused as refusal:
            named.append(refusal)
    known = await load_rows(work, [name for name in named if isinstance(name, str)])
    before = {external_id: row.copy() for external_id, row in known.items()}
    receipts = []
    for name in named:
        if isinstance(name, Refused):
            receipts.append(MemberReceipt(MemberStatus.REFUSED, name.message, name.field))
        elif name not in known:
            told = f"there is no member with the external id {name!r}"
            receipts.append(MemberReceipt(MemberStatus.REFUSED, told, "external_id"))
        elif known[name]["merged_into"] is not None:
            told = merged_told(name, await external_id_of(work, known[name]["merged_into"]))
            receipts.append(MemberReceipt(MemberStatus.REFUSED, f"{told}; mark that one", "external_id"))
        elif known[name]["left_us"] is not None:
            receipts.append(MemberReceipt(MemberStatus.UNCHANGED))
        else:
            row = known[name]
            row |= {"left_us": microseconds(now), "took_part": row["participates"], "participates": False}
            receipts.append(MemberReceipt(MemberStatus.UPDATED))
    await keep_rows(work, revisions, revision, before, known, now=now)
    return receipts


async def absence(work: UnitOfWork, present: Collection[str]) -> Absence:
    """Who has not left and is not `present`, given by external id, in the order of those. Who was merged is nobody."""
    columns = (member.c.external_id, member.c.name, member.c.team)
    there = member.c.left_us.is_(None), member.c.merged_into.is_(None)
    rows = await work.rows(select(*columns).where(*there).order_by(member.c.external_id))
    teams = await team_names(work)
    missing = [
        Missing(row.external_id, row.name, teams.get(row.team)) for row in rows if row.external_id not in present
    ]
    return Absence(missing, len(rows))


async def mark_all_left(store: Store, revisions: Revisions, external_ids: Sequence[str], *, now: datetime) -> int:
    """Mark these, however many, in several transactions. Returns how many were marked now."""
    marked = 0
    for first in range(0, len(external_ids), MARKED_MAX):
        async with store.writing() as work:
            receipts = await mark_left(work, revisions, external_ids[first : first + MARKED_MAX], now=now)
        marked += sum(receipt.status is MemberStatus.UPDATED for receipt in receipts)
    return marked
