"""Payouts: each step of a prize on its way to the winner, by whom it may be, and what expires by itself."""

from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import func, insert, select, update

from activity.calendar import instant, microseconds
from activity.intake import Refused
from activity.tables import member
from operations.adjust import Author, adjust
from operations.impartial import refuse_winner
from operations.pay import claimable_until_us, closed_period, pass_on, podium_at
from operations.reasons import checked_reason
from operations.revision import Revision, Revisions
from rewards.payout import FREED, By, PayoutRefused, State, Verb, moved
from rewards.podium import POINTS, Prize
from rewards.tables import payout, payout_event, prize_giving
from storage.bulk import AnyRow
from storage.engine import Store
from storage.work import UnitOfWork

CHUNK = 100  # that expire in one transaction
ID_MAX = 2**31 - 1
EXPIRED = "not claimed in time"

# What the winner, or a manager who looks later, wants to know the reason of.
NEED_REASON = frozenset({Verb.DECLINE, Verb.REVOKE})
READERS = "managers and the winner"

COLUMNS = tuple(payout.c.keys())


class Moved(NamedTuple):
    """What became of a payout. `passed_on` is the payout to the next in line, where its prize went on."""

    payout: int
    state: State
    passed_on: int | None = None


class Expired(NamedTuple):
    """What was looked at: how many prizes had run out, and how many of them were not expired by another process."""

    found: int
    done: int


async def move(
    work: UnitOfWork,
    revisions: Revisions,
    payout_id: int,
    verb: Verb,
    *,
    author: Author,
    reason: str | None = None,
    now: datetime,
) -> Moved:
    """Move a payout on: approve, claim, decline, deliver or revoke it. To decline and to revoke take a reason.

    Delivering a prize in points gives the points. What is declined or revoked goes to the next in line, if the podium
    says so, but never to who revoked it. Nothing is committed here. Raises Refused, PayoutRefused, and NoProgramme.
    """
    told = checked_reason(reason, READERS) if verb in NEED_REASON or (reason or "").strip() else None
    await work.share_programme()
    state = await revisions.current(work)
    row = await _locked(work, payout_id)
    by = By.WINNER if author.member == row.member else By.MANAGER
    after = moved(verb, State(row.state), by)
    if verb is Verb.CLAIM and row.expires_us <= microseconds(now):
        until = f"{instant(row.expires_us):%Y-%m-%d %H:%M} UTC"
        raise PayoutRefused(f"this prize could be claimed until {until}, and goes the way of those that were not")
    if verb is Verb.DELIVER:
        await _pay_points(work, revisions, state, row, author, now)
    done = await _step(work, state, row, after, author.name, told, now)
    await refuse_winner(work, author, done.passed_on)
    return done


async def expire(work: UnitOfWork, revisions: Revisions, *, now: datetime, most: int = CHUNK) -> Expired:
    """Let granted prizes expire that were not claimed in time. Call it until it finds less than `most`.

    One after the other in the order in which they ran out, so that who is next in line for which does not depend on
    when somebody looked. The time to claim what went on begins when it does.

    Safe to run anywhere, any number of times. Nothing is committed here. Raises NoProgramme.
    """
    await work.share_programme()
    state = await revisions.current(work)
    due = (payout.c.state == State.GRANTED) & (payout.c.expires_us <= microseconds(now))
    order = (payout.c.expires_us, payout.c.place, payout.c.id)
    wanted = select(payout.c.id, payout.c.closing, payout.c.podium).where(due)
    found = await work.rows(wanted.order_by(*order).limit(most))
    # All at first, in the order of their keys: two processes at once must not wait for each other.
    if givings := sorted({(each.closing, each.podium) for each in found}):
        closings, podiums = map(list, zip(*givings, strict=True))
        await work.find(prize_giving, {"closing": closings, "podium": podiums}, ("version",), lock=True)
    done = 0
    for each in found:
        row = await _locked(work, each.id)
        # Read again under the lock: another process may have been here, or the winner.
        if row.state == State.GRANTED:
            await _step(work, state, row, moved(Verb.EXPIRE, State(row.state), By.TIME), None, EXPIRED, now)
            done += 1
    return Expired(len(found), done)


async def expire_due(store: Store, revisions: Revisions, *, now: datetime) -> int:
    """Let all granted prizes expire that were not claimed in time, in small transactions. Returns how many this process
    did."""
    due = select(payout.c.id).where(payout.c.state == State.GRANTED, payout.c.expires_us <= microseconds(now))
    async with store.reading() as work:
        waiting = bool(await work.rows(due.limit(1)))
    done = 0
    while waiting:
        async with store.writing() as work:
            expired = await expire(work, revisions, now=now)
        done += expired.done
        waiting = expired.found == CHUNK
    return done


async def _locked(work: UnitOfWork, payout_id: int) -> AnyRow:
    """The payout, locked, and before it all that its podium gave for the period: two that come free at once must not
    both go to the same member. Raises Refused."""
    wanted = select(payout.c.closing, payout.c.podium).where(payout.c.id == payout_id)
    rows = await work.rows(wanted) if 0 < payout_id <= ID_MAX else []
    if not rows:
        raise Refused("number", f"there is no payout {payout_id}; take the number of one that is listed")
    giving = {"closing": [rows[0].closing], "podium": [rows[0].podium]}
    await work.find(prize_giving, giving, ("version",), lock=True)
    return (await work.find(payout, {"id": [payout_id]}, COLUMNS, lock=True))[0]


async def _step(
    work: UnitOfWork, state: Revision, row: AnyRow, after: State, author: str | None, reason: str | None, now: datetime
) -> Moved:
    now_us = microseconds(now)
    values: dict[str, object] = {"state": after.value}
    if after is State.GRANTED:
        values["expires_us"] = claimable_until_us(await podium_at(work, row.version), now_us)
    await work.execute(update(payout).where(payout.c.id == row.id).values(values))
    last = select(func.max(payout_event.c.ordinal)).where(payout_event.c.payout == row.id)
    event = {
        "payout": row.id,
        "ordinal": (await work.execute(last)).scalar_one() + 1,
        "from_state": row.state,
        "to_state": after.value,
        "at_us": now_us,
        "author": author,
        "reason": reason,
    }
    await work.execute(insert(payout_event).values(event))
    passed_on = await pass_on(work, state, row, _became(after), now=now) if after in FREED else None
    return Moved(row.id, after, passed_on)


async def _pay_points(
    work: UnitOfWork, revisions: Revisions, state: Revision, row: AnyRow, author: Author, now: datetime
) -> None:
    prize = Prize(**orjson.loads(row.prize))
    if prize.currency != POINTS or row.amount is None:
        return
    podium, closed = await podium_at(work, row.version), await closed_period(work, state, row.closing)
    external_id = (await work.execute(select(member.c.external_id).where(member.c.key == row.member))).scalar_one()
    reason = f"{podium.title}, {closed.period.key}: {prize.title}"
    await adjust(work, revisions, external_id, row.amount, author=author, reason=reason, now=now)


def _became(after: State) -> str:
    return "expired unclaimed" if after is State.EXPIRED else f"was {after}"
