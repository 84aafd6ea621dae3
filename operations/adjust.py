"""Adjust: points that a person gives or takes, with their reason."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert

from activity.calendar import microseconds
from activity.identity import Identity
from activity.intake import Refused, checked_name
from activity.roster import RosterMember, keys_of, lock_members
from operations.catch_up import bring_up
from operations.posting import Posting
from operations.reasons import checked_reason
from operations.revision import Revisions
from rewards.ledger import Kind
from rewards.podium import ADJUSTED_POINTS_MAX
from rewards.tables import adjustment
from storage.work import UnitOfWork


class Author(NamedTuple):
    """Who corrects something: how they are called, and the member they are, if they are one."""

    name: str
    member: int | None = None


async def adjust(
    work: UnitOfWork,
    revisions: Revisions,
    external_id: str,
    points: int,
    *,
    author: Author,
    reason: str,
    rule: str | None = None,
    at: datetime | None = None,
    now: datetime,
) -> int:
    """Give a member points, or take some below 0; returns the place in the sequence.

    They count at `at`, unless it is said now, on boards of all points; with the key of a rule on those that count the
    rule's points too, whatever the activity. Who does not take part is given none. Nothing is committed here. Raises
    Refused, and NoProgramme.
    """
    told = checked_reason(reason)
    if type(points) is not int or not points or abs(points) > ADJUSTED_POINTS_MAX:
        most = f"{ADJUSTED_POINTS_MAX:,}"
        wanted = f"points must be a whole number from -{most} to {most}, but not 0"
        raise Refused("points", f"{wanted}; adjust more than that in several steps, each with its reason")
    await work.share_programme()
    state = await revisions.current(work)
    versions = {item.rule.key: item.id for item in state.rule_versions}
    if rule is not None and rule not in versions:
        raise Refused("rule", f"{rule!r} is no rule in force; leave it out, or name one of its rules")
    time = at or now
    if time > now or time < state.intake.starts_at:
        raise Refused("at", f"{time.isoformat()} is not between the start of the programme and now")
    found = await locked(work, external_id, author, gives=points > 0)
    posting = Posting(state, now)
    await bring_up(work, state, [found], posting)
    seq = (await work.take_seq(1))[0]
    row = {"seq": seq, "recorded_us": microseconds(now), "author": author.name, "reason": told}
    await work.execute(insert(adjustment).values(row))
    version = versions[rule] if rule is not None else None
    entry = (found.key, found.facts.team_id, version, None, None, points, microseconds(time), state.calendar.day(time))
    posting.enter_row(seq, Kind.ADJUSTMENT, entry, found.facts.participates)
    await posting.write(work)
    return seq


async def locked(work: UnitOfWork, external_id: str, author: Author, *, gives: bool = False) -> RosterMember:
    """The member whom an author means, locked. Nobody corrects what is their own, and who does not take part can only
    have something taken. Raises Refused."""
    name = checked_name("member", external_id)
    found = (await lock_members(work, [name])).get(name)
    if found is None:
        raise Refused("member", f"there is no member with the external id {name!r}")
    if found.key == author.member:
        raise Refused("member", f"{name!r} is yourself; ask another manager to do it")
    if gives and not found.facts.participates:
        remedy = "enrol them with participates: true if they want to take part, then give it again"
        raise Refused("member", f"{name!r} does not take part, and so is given nothing; {remedy}")
    return found


async def member_key(work: UnitOfWork, external_id: str) -> int | None:
    """The key of the member with an external id, or whom they were merged into."""
    name = Identity("", external_id)
    return (await keys_of(work, [name], ())).get(name)
