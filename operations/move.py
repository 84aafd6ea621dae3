"""Move: an identity that was given to the wrong person goes to the right one, with what was recorded by it."""

from collections.abc import Collection, Set
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, literal, select, update

from activity.calendar import microseconds
from activity.identity import SEPARATOR, Identity, identity_of_text
from activity.intake import Refused, checked_name, nearest
from activity.tables import activity, identity, identity_removal, member, retraction, transferred
from operations.adjust import Author, member_key
from operations.history import facts_in_force
from operations.names import activity_told
from operations.naming import BOTH
from operations.reasons import checked_reason
from operations.retract import retract_at
from operations.revision import Revision, Revisions
from operations.transfer import Transferred, transfer_activities
from rules.tables import verdict
from storage.bulk import AnyRow
from storage.work import UnitOfWork


class Moved(NamedTuple):
    """What moving an identity did."""

    formers: tuple[int, ...]  # keys of those who had it
    to_member: int
    activities: int = 0  # that are the other's now
    joint: int = 0  # of them, those that credited both, and credit the other once now
    retracted: int = 0  # that happened while the other took no part
    taken: int = 0  # points of those who had it
    given: int = 0  # points to the other
    others: int = 0  # points that those have more whom the joint ones credit too

    def and_also(self, more: Transferred) -> "Moved":
        """With what a transfer did."""
        return self._replace(
            activities=self.activities + more.activities,
            joint=self.joint + more.joint,
            taken=self.taken + more.taken,
            given=self.given + more.given,
            others=self.others + more.others,
        )


async def move_identity(
    work: UnitOfWork,
    revisions: Revisions,
    text: str,
    external_id: str,
    *,
    author: Author,
    reason: str,
    now: datetime,
) -> Moved:
    """Move an identity to the member with this external id. What was recorded by it is as if it had always been theirs:
    what it earned is reversed at the one, and judged for the other, once where an activity credits both. What happened
    while the other took no part is retracted. Where they have it already, because it was removed and given to them,
    what was recorded by it before follows. Closed periods do not change.

    Nobody moves what is theirs, or to themselves. Nothing is committed here. Raises Refused, and NoProgramme.
    """
    why = checked_reason(reason)
    await work.hold_programme()
    state = await revisions.current(work)
    moved = _named(state, text)
    owner = await _owner(work, moved, text)
    to_member = await member_key(work, checked_name("member", external_id))
    if to_member is None:
        raise Refused("member", f"there is no member with the external id {external_id!r}; import members first")
    formers = sorted({owner, *await _earlier(work, state, moved)} - {to_member})
    found = {former: await _recorded(work, moved, former, to_member) for former in formers}
    if to_member == owner:
        found = {former: rows for former, rows in found.items() if rows}
        if not found:
            raise Refused("member", f"{text!r} is an identity of {external_id!r} already; there is nothing to move")
    if author.member in (*found, to_member):
        raise Refused("member", "nobody moves an identity from or to themselves; ask somebody else who manages")
    await _check(work, moved, text, [owner, *formers], {row.seq for rows in found.values() for row in rows})
    if to_member != owner:
        await _rename(work, moved, owner, to_member, author, why, now)
    done = Moved(tuple(found), to_member)
    for former, rows in found.items():
        absent = [row.seq for row in rows if not row.participates]
        retracted = {row.seq for row in rows if row.retracted}
        for seq in absent:
            told = f"{text} is of another member, who took no part then: {why}"
            await retract_at(work, state, seq, author=author.name, reason=told, now=now)
        done = done._replace(retracted=done.retracted + len(set(absent) - retracted))
        seqs = [row.seq for row in rows if row.participates]
        ends = {"from_member": former, "to_member": to_member}
        if seqs:
            done = done.and_also(
                await transfer_activities(work, revisions, seqs, **ends, author=author.name, reason=why, now=now)
            )
    return done


def _named(state: Revision, text: str) -> Identity:
    try:
        found = identity_of_text(checked_name("identity", text), state.programme.identities)
    except Refused as refused:
        raise Refused("identity", refused.message) from None
    if found is None:
        kinds = nearest(text.partition(SEPARATOR)[0], state.programme.identities)
        told = f"{text!r} is no identity: write KIND:HANDLE with a kind of this programme{kinds}"
        raise Refused("identity", told)
    return found


async def _owner(work: UnitOfWork, moved: Identity, text: str) -> int:
    rows = await work.find(identity, {"kind": [moved.kind], "handle": [moved.handle]}, ("member",))
    if not rows:
        raise Refused("identity", f"{text!r} is nobody's identity; give it to a member by saving them with it")
    return int(rows[0].member)


async def _rename(
    work: UnitOfWork, moved: Identity, owner: int, to_member: int, author: Author, reason: str, now: datetime
) -> None:
    """Have the identity be the other's, and note from whom it was taken and why."""
    mine = (identity.c.kind == moved.kind) & (identity.c.handle == moved.handle)
    (row,) = await work.rows(select(identity.c.shown).where(mine))
    told = {"recorded_us": microseconds(now), "author": author.name}
    await work.execute(update(identity).where(mine).values(member=to_member, **told))
    removed = {"kind": moved.kind, "shown": row.shown, "member": owner, "reason": reason}
    await work.execute(insert(identity_removal).values(removed | told))


async def _recorded(work: UnitOfWork, moved: Identity, owner: int, to_member: int) -> list[AnyRow]:
    """The activities that named the owner by the identity, whether the other took part then, and whether they were
    retracted."""
    again = select(retraction.c.seq).where(retraction.c.activity == activity.c.seq).exists()
    query = (
        select(activity.c.seq, activity.c.source, activity.c.id, again.label("retracted"))
        .select_from(verdict)
        .join(activity, activity.c.seq == verdict.c.activity)
        .where(verdict.c.member == owner, verdict.c.named == moved.text)
        .order_by(activity.c.seq)
    )
    return list(await work.rows(facts_in_force(query, literal(to_member), activity.c.seq)))


async def _earlier(work: UnitOfWork, state: Revision, moved: Identity) -> set[int]:
    """Who had it before."""
    kinds = state.programme.identities
    query = select(identity_removal.c.shown, identity_removal.c.member, member.c.merged_into)
    query = query.join(member, member.c.key == identity_removal.c.member)
    rows = await work.rows(query.where(identity_removal.c.kind == moved.kind))
    return {row.merged_into or row.member for row in rows if kinds[moved.kind].compared(row.shown) == moved.handle}


async def _check(work: UnitOfWork, moved: Identity, text: str, members: Collection[int], going: Set[int]) -> None:
    """Who was credited once, though an activity named them twice, would be two again. Raises Refused."""
    columns = activity.c.source, activity.c.id, activity.c.seq
    valid = activity.c.seq.not_in(select(retraction.c.activity))
    joint = select(*columns, transferred.c.named).join(transferred).where(valid, transferred.c.from_place.is_not(None))
    twice = select(*columns, verdict.c.named).join(verdict).where(valid, verdict.c.named.contains(BOTH))
    rows = await work.rows(twice.where(verdict.c.member.in_(members)))
    found = {row.seq: row for row in rows if moved.text in _names(row)}
    found |= {row.seq: row for row in await work.rows(joint) if moved.text in _names(row) or row.seq in going}
    if not found:
        return
    first, more = found[min(found)], len(found) - 1
    told = f"{activity_told(first.source, first.id, first.seq)} named one member twice, as {text} and otherwise"
    if more:
        told += f", and so did {more:,} other{'s' * (more > 1)}"
    what, again = ("them", "new ids") if more else ("it", "a new id")
    raise Refused("identity", f"{told}; retract {what}, move the identity, and report {what} again under {again}")


def _names(row: AnyRow) -> list[str]:
    return (row.named or "").split(BOTH)
