"""Claim: a member reports what they did themselves, where no tool does; and takes it back while it waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, insert, select, update

from activity.calendar import PeriodKind, microseconds, moment_words, zone
from activity.catalogue import by_name
from activity.claim import (
    STANDING,
    AlreadyClaimed,
    By,
    LimitReached,
    State,
    Verb,
    check_claimable,
    checked_link,
    checked_note,
    decided,
)
from activity.claim_words import for_claimant
from activity.intake import CLAIMS, Claimed, Refused, content_of
from activity.roster import lock_keys
from activity.tables import claim as claim_table
from activity.tables import member
from operations.adjust import Author
from operations.revision import Revision, Revisions
from storage.bulk import AnyRow
from storage.work import UnitOfWork

ID_MAX = 2**31 - 1
NUMBER = "0"  # stands for the number of a claim that has none yet

COLUMNS = tuple(claim_table.c.keys())


@dataclass(frozen=True, slots=True)
class Words:
    """What a member claims, before it is checked: any value may be anything that JSON can hold."""

    type: Any
    time: Any  # ISO 8601 text with an offset
    link: Any = None
    note: Any = None
    data: Any = None


async def claim(work: UnitOfWork, revisions: Revisions, words: Words, *, author: Author, now: datetime) -> int:
    """Claim an activity for the member whose key it is; returns the number of the claim, which waits for a reviewer.

    It is checked as a report of it would be. Nothing is committed here. Raises Refused, and NoProgramme.
    """
    if author.member is None:
        raise Refused("member", "an activity is claimed by who did it; use a key that acts for a member")
    await work.share_programme()
    state = await revisions.current(work)
    # Locked, so that what they claim elsewhere at the same time is counted.
    (who,) = (await lock_keys(work, [author.member])).values()
    if not who.facts.participates:
        raise Refused("member", "you do not take part, and so have nothing to claim; ask a manager to enrol you")
    external_id = (await work.find(member, {"key": [author.member]}, ("external_id",)))[0].external_id
    types = state.programme.activities
    clock = zone(who.facts.time_zone) if who.facts.time_zone else state.calendar.time_zone
    try:
        admitted = state.intake.admit(Claimed(CLAIMS, NUMBER, words.type, external_id, words.time, words.data), now)
    except Refused as refused:
        kind = by_name(types).get(words.type) if isinstance(words.type, str) else None
        raise for_claimant(refused, kind, state.intake.starts_at, clock) from None
    check_claimable(admitted.type, admitted.time, now, [key for key, kind in types.items() if kind.claim], clock)
    type_id, time_us = state.type_ids[admitted.type.key], microseconds(admitted.time)
    content = content_of(type_id, time_us, admitted.sent, state.secret)
    row = {
        "member": author.member,
        "type": type_id,
        "time_us": time_us,
        "data": admitted.sent.decode(),
        "content": content,
        "link": checked_link(admitted.type, words.link),
        "note": checked_note(words.note),
        "made_us": microseconds(now),
        "state": State.WAITING.value,
    }
    await _refuse_again(work, author.member, content)
    await _refuse_many(work, state, author.member, now, clock)
    return int((await work.execute(insert(claim_table).values(row).returning(claim_table.c.id))).scalar_one())


async def withdraw(work: UnitOfWork, number: int, *, author: Author, now: datetime) -> None:
    """Take back a claim of one's own that waits. Nothing is committed here. Raises Refused."""
    row = (await locked_claims(work, [number])).get(number)
    if row is None or row.member != author.member:
        raise Refused("number", f"there is no claim {number} of yours; who made it withdraws it, with a key of theirs")
    after = decided(Verb.WITHDRAW, number, State(row.state), By.CLAIMANT)
    await decide(work, {row.id: None}, after, author, now)


async def locked_claims(work: UnitOfWork, numbers: Sequence[int]) -> dict[int, AnyRow]:
    """Claims by number, locked in the order of their numbers; unknown ones are missing."""
    wanted = sorted({number for number in numbers if 0 < number <= ID_MAX})
    rows = await work.find(claim_table, {"id": wanted}, COLUMNS, lock=True) if wanted else []
    return {row.id: row for row in rows}


async def decide(
    work: UnitOfWork,
    claims: Mapping[int, int | None],
    after: State,
    author: Author,
    now: datetime,
    *,
    reason: str | None = None,
) -> None:
    """Write what became of claims that are locked: their numbers, with the place of what was recorded for each."""
    values: dict[str, Any] = {
        "state": after.value,
        "decided_us": microseconds(now),
        "decided_by": author.name,
        "decider": author.member,
        "reason": reason,
        "activity": bindparam("recorded"),
    }
    decided_now = update(claim_table).where(claim_table.c.id == bindparam("number")).values(values)
    if claims:
        await work.execute(decided_now, [{"number": number, "recorded": seq} for number, seq in claims.items()])


async def _refuse_again(work: UnitOfWork, who: int, content: bytes) -> None:
    same = claim_table.c.member == who, claim_table.c.content == content
    standing = claim_table.c.state.in_([state.value for state in STANDING])
    for row in await work.rows(select(claim_table.c.id, claim_table.c.state).where(*same, standing)):
        became = "waits already" if row.state == State.WAITING else "was approved"
        raise AlreadyClaimed("time", f"claim {row.id} says the same, and {became}; what happened twice has two times")


async def _refuse_many(work: UnitOfWork, state: Revision, who: int, now: datetime, clock: ZoneInfo) -> None:
    limits, mine = state.programme.claims, claim_table.c.member == who
    waiting = select(func.count()).where(mine, claim_table.c.state == State.WAITING.value)
    if (await work.execute(waiting)).scalar_one() >= limits.open_max:
        told = f"{limits.open_max} of your claims wait, and more cannot"
        raise LimitReached("", f"{told}; claim again when some were reviewed, or withdraw one")
    day = state.calendar.period(PeriodKind.DAY, state.calendar.day(now))
    begins, ends = state.calendar.starts_at(day), state.calendar.ends_at(day)
    assert begins is not None
    assert ends is not None
    made = claim_table.c.made_us
    today = select(func.count()).where(mine, made >= microseconds(begins), made < microseconds(ends))
    if (await work.execute(today)).scalar_one() >= limits.per_day:
        told = f"you made {limits.per_day} claims today, those that you withdrew too, and more cannot be made in a day"
        raise LimitReached("", f"{told}; go on from {moment_words(ends, clock)}")
