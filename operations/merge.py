"""Merge: two members turned out to be one. Everything of the one becomes the other's, and who was merged is no more."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from sqlalchemy import select, update

from activity.calendar import microseconds
from activity.claim import State
from activity.intake import Refused, checked_name
from activity.roster import RosterMember, lock_keys
from activity.tables import claim, identity, member
from operations.adjust import Author, member_key
from operations.enrol import Profile, enrol
from operations.give import give_badge, take_badge
from operations.posting import Posting
from operations.reasons import checked_reason
from operations.revision import Revision, Revisions
from operations.rewriting import standing_entries
from operations.transfer import transfer_activities
from rewards.ledger import Kind
from rewards.tables import award
from rules.tables import element, verdict
from storage.work import UnitOfWork

OPEN = (State.WAITING, State.APPROVED)  # of which a member has the same once


class Merged(NamedTuple):
    """What a merge did."""

    member: int  # key of who is left
    activities: int = 0  # that are theirs now
    joint: int = 0  # of them, those that credited both, and credit them once now
    points: int = 0  # that these, and what persons gave, are worth to them
    others: int = 0  # points that those have more whom the joint ones credit too


async def merge_members(
    work: UnitOfWork,
    revisions: Revisions,
    external_id: str,
    into: str,
    *,
    author: Author,
    reason: str,
    now: datetime,
) -> Merged:
    """Merge the member with an external id into another. What they did is as if the other had always done it; what
    persons gave them, their identities, claims and keys are the other's, and so is their external id. Closed periods
    and the prizes won in them do not change. An activity that credits both credits who is left once, and the others
    among one fewer.

    Nobody merges themselves. Nothing is committed here. Raises Refused, and NoProgramme.
    """
    why = checked_reason(reason)
    await work.hold_programme()
    state = await revisions.current(work)
    from_member = await _known(work, "member", external_id)
    to_member = await _known(work, "into", into)
    if from_member == to_member:
        raise Refused("into", f"{external_id!r} and {into!r} are one member already; there is nothing to merge")
    if author.member in (from_member, to_member):
        raise Refused("member", "nobody merges themselves; ask somebody else who manages")
    both = await lock_keys(work, (from_member, to_member))
    if both[from_member].facts.participates and not both[to_member].facts.participates:
        raise Refused("into", f"{into!r} does not take part; merge the other way round, or let them take part first")
    seqs = await _activities(work, from_member, to_member)
    done = Merged(to_member, len(seqs))
    if seqs:
        ends = {"from_member": from_member, "to_member": to_member}
        result = await transfer_activities(work, revisions, seqs, **ends, author=author.name, reason=why, now=now)
        done = done._replace(joint=result.joint, points=result.given, others=result.others)
    given = await _adjustments(work, state, both, from_member, to_member, now)
    rows = await work.find(member, {"key": sorted(both)}, ("key", "external_id"))
    names = {row.key: row.external_id for row in rows}
    await _badges(work, revisions, names, from_member, to_member, author, why, now)
    await enrol(work, revisions, [Profile(names[from_member], participates=False)], now=now, author=author.name)
    await _rename(work, from_member, to_member, author, why, now)
    return done._replace(points=done.points + given)


async def _known(work: UnitOfWork, field: str, external_id: str) -> int:
    key = await member_key(work, checked_name(field, external_id))
    if key is None:
        raise Refused(field, f"there is no member with the external id {external_id!r}")
    return key


async def _activities(work: UnitOfWork, from_member: int, to_member: int) -> list[int]:
    """What credits the one, without what both claimed, and was approved for each."""
    mine, theirs = claim.alias(), claim.alias()
    twice = (
        select(mine.c.activity)
        .join(theirs, (theirs.c.content == mine.c.content) & (theirs.c.member == to_member))
        .where(mine.c.member == from_member, mine.c.activity.is_not(None), theirs.c.state.in_(OPEN))
    )
    query = select(verdict.c.activity).where(verdict.c.member == from_member, verdict.c.activity.not_in(twice))
    return [row.activity for row in await work.rows(query.distinct().order_by(verdict.c.activity))]


async def _adjustments(
    work: UnitOfWork, state: Revision, both: Mapping[int, RosterMember], from_member: int, to_member: int, now: datetime
) -> int:
    """What persons gave and took is the other's. Returns the points."""
    entries = await standing_entries(work, [from_member])
    adjusted = sorted(row for row in entries.values() if row[2] == Kind.ADJUSTMENT)
    if not adjusted:
        return 0
    posting = Posting(state, now)
    (seq,) = await work.take_seq(1)
    for row in adjusted:
        posting.reverse(seq, row, both[from_member].facts.participates, revised=True)
        told = (to_member, both[to_member].facts.team_id, *row[5:11])
        posting.enter_row(seq, Kind.REVISION, told, both[to_member].facts.participates)
    await posting.write(work)
    return sum(row[8] for row in adjusted)


async def _badges(
    work: UnitOfWork,
    revisions: Revisions,
    names: Mapping[int, str],
    from_member: int,
    to_member: int,
    author: Author,
    reason: str,
    now: datetime,
) -> None:
    """Badges that persons gave are the other's, unless they have them, and with them those that follow."""
    held = (
        select(award.c.member, award.c.level, award.c.author, element.c.key)
        .join(element, element.c.id == award.c.element)
        .where(award.c.revoked_seq.is_(None), award.c.member.in_((from_member, to_member)), element.c.retired.is_(None))
    )
    by_hand = await work.rows(held.where(award.c.member == from_member, award.c.activity.is_(None)))
    take = partial(take_badge, work, revisions, names[from_member], author=author, reason=reason, now=now)
    give = partial(give_badge, work, revisions, names[to_member], author=author, reason=reason, now=now)
    for row in by_hand:
        await take(row.key, level=row.level)
    theirs = {(row.key, row.level) for row in await work.rows(held) if row.member == to_member}
    for row in by_hand:
        if row.author is not None and (row.key, row.level) not in theirs:
            theirs.add((row.key, row.level))
            await give(row.key, level=row.level)


async def _rename(
    work: UnitOfWork, from_member: int, to_member: int, author: Author, reason: str, now: datetime
) -> None:
    """Have identities, claims and the external id be the other's. What both claim is claimed once."""
    await work.execute(update(identity).where(identity.c.member == from_member).values(member=to_member))
    theirs = select(claim.c.content).where(claim.c.member == to_member, claim.c.state.in_(OPEN))
    both = claim.c.content.in_(theirs) & claim.c.state.in_(OPEN)
    waiting = update(claim).where(claim.c.member == from_member, both, claim.c.state == State.WAITING)
    decided = {"decided_us": microseconds(now), "decided_by": author.name, "reason": reason}
    await work.execute(waiting.values(state=State.WITHDRAWN, **decided))
    await work.execute(update(claim).where(claim.c.member == from_member, ~both).values(member=to_member))
    merged = update(member).where((member.c.key == from_member) | (member.c.merged_into == from_member))
    await work.execute(merged.values(merged_into=to_member))
