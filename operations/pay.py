"""Pay: the prizes of a closed period go to the members who won them, once; and on to the next in line."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import func, insert, select

from activity.calendar import Calendar, Period, microseconds
from leaderboard.definition import board_from_plain
from leaderboard.tables import closing
from operations.candidates import candidates
from operations.revision import Revision, Revisions
from rewards.payout import FREED, State
from rewards.podium import Podium, PodiumVersion, Prize, TiePolicy, Vacancy, plain_prize
from rewards.podium_definition import podium_from_plain
from rewards.tables import passed_over, payout, payout_event, prize_giving
from rewards.winners import Outcome, PassedOver, Selection, Why, Winner
from rules.tables import revision, version
from storage.bulk import AnyRow
from storage.work import UnitOfWork

DAY_US = 86_400_000_000


class Closed(NamedTuple):
    """One closed period of a board."""

    id: int
    board: str  # key, as it was when the period was closed
    period: Period


async def pay(
    work: UnitOfWork,
    revisions: Revisions,
    closing_id: int,
    *,
    now: datetime,
    disqualified: Collection[int] = (),
) -> int:
    """Give the prizes of every podium of the board of a final closing. Returns how many payouts there are now that were
    not before: paying again pays nothing.

    Podiums are as they were at the cutoff: what was promised for a period that is closed, no revision changes. A podium
    rewards periods that end after it was first published. Nothing is committed here. Raises NoProgramme.
    """
    state = await revisions.current(work)
    (row,) = await work.find(closing, {"id": [closing_id]}, ("cutoff_seq",), lock=True)
    closed = await closed_period(work, state, closing_id)
    then = await revision_at(work, revisions, state, row.cutoff_seq)
    count = 0
    for item in then.podium_versions:
        if item.podium.board == closed.board and await _is_due(work, state.calendar, item, closed):
            count += await _give(work, state, item, closed, now, disqualified)
    return count


async def revision_at(work: UnitOfWork, revisions: Revisions, state: Revision, seq: int) -> Revision:
    """The revision that was in force at a place in the sequence. `state` is the one that is now."""
    newest = select(func.max(revision.c.number)).where(revision.c.seq <= seq)
    number = (await work.execute(newest)).scalar_one()
    return state if number == state.number else await revisions.at(work, number)


def paying(revisions: Revisions, now: datetime) -> Callable[[UnitOfWork, int], Awaitable[None]]:
    """What pays for a closing, given by its id, in the transaction that makes it final."""

    async def pay_closing(work: UnitOfWork, closing_id: int) -> None:
        await pay(work, revisions, closing_id, now=now)

    return pay_closing


async def closed_period(work: UnitOfWork, state: Revision, closing_id: int) -> Closed:
    """The period and the board of a closing."""
    query = (
        select(closing.c.period, version.c.key, version.c.definition)
        .join(version, version.c.id == closing.c.board)
        .where(closing.c.id == closing_id)
    )
    row = (await work.execute(query)).one()
    board = board_from_plain(row.key, orjson.loads(row.definition))
    period = board.period_from(state.calendar, row.period)
    return Closed(closing_id, row.key, period)


async def pass_on(work: UnitOfWork, state: Revision, freed: AnyRow, told: str, *, now: datetime) -> int | None:
    """Give the prize of a payout that is free again to the next in line, who has won nothing of the podium in this
    period; returns the payout. `freed` is a row of `payout`; `told` says what became of it.

    None where the podium leaves the place empty, where others who share the place keep it, and where nobody is left.
    """
    podium = await podium_at(work, freed.version)
    if podium.declined is Vacancy.EMPTY:
        return None
    of_podium = (payout.c.closing == freed.closing) & (payout.c.podium == freed.podium)
    if podium.ties is TiePolicy.SHARE:
        kept = of_podium & (payout.c.place == freed.place) & payout.c.state.not_in(FREED)
        if await work.rows(select(payout.c.id).where(kept).limit(1)):
            return None
    prize = Prize(**orjson.loads(freed.prize))
    closed = await closed_period(work, state, freed.closing)
    recent = await recent_winners(work, state.calendar, closed.period, freed.podium, podium.pause)
    later = await recent_winners(work, state.calendar, closed.period, freed.podium, podium.pause, later=True)
    over = (passed_over.c.closing == freed.closing) & (passed_over.c.podium == freed.podium)
    why = {row.member: row.why for row in await work.rows(select(passed_over).where(over))}
    considered = {row.member for row in await work.rows(select(payout.c.member).where(of_podium))}
    # For whom what was split did not reach could win, and has won nothing: they are still in line, before all others.
    considered |= {member for member, reason in why.items() if reason != Why.TOO_LITTLE}
    one = replace(podium, prizes=(prize,), ties=TiePolicy.EARLIEST, absent=Vacancy.NEXT)
    found = await _select(work, state.calendar, freed.closing, Selection(one, recent=recent, later=later), considered)
    item = PodiumVersion(freed.version, freed.podium, podium)
    passed = [each for each in found.passed_over if each.candidate.competitor not in why]
    await _write_passed_over(work, item, closed, passed)
    if not found.winners:
        return None
    reason = f"next in line for place {freed.place}: the prize of payout {freed.id} {told}"
    winner = found.winners[0]._replace(place=freed.place, share=freed.share, amount=freed.amount, reason=reason)
    return (await _write_payouts(work, item, closed, [winner], now, turn=freed.turn + 1))[0]


async def podium_at(work: UnitOfWork, identifier: int) -> Podium:
    """What a version of a podium says."""
    row = (await work.execute(select(version.c.key, version.c.definition).where(version.c.id == identifier))).one()
    return podium_from_plain(row.key, orjson.loads(row.definition))


async def _is_due(work: UnitOfWork, calendar: Calendar, item: PodiumVersion, closed: Closed) -> bool:
    """Whether a podium was there before a period ended, and has not given its prizes for it."""
    given = (prize_giving.c.closing == closed.id) & (prize_giving.c.podium == item.element)
    if await work.rows(select(prize_giving.c.podium).where(given)):
        return False
    return await is_in_time(work, calendar, item, closed.period)


async def is_in_time(work: UnitOfWork, calendar: Calendar, item: PodiumVersion, period: Period) -> bool:
    """Whether a podium was first published before a period ended."""
    return (await first_published(work, item)).before_end(calendar, period)


async def first_published(work: UnitOfWork, item: PodiumVersion) -> "Published":
    """When a podium was published for the first time."""
    first = func.min(revision.c.applied_us), func.min(revision.c.seq)
    query = select(*first).join(version, version.c.revision == revision.c.number)
    (row,) = await work.rows(query.where(version.c.element == item.element))
    return Published(*row)


class Published(NamedTuple):
    applied_us: int
    seq: int

    def before_end(self, calendar: Calendar, period: Period) -> bool:
        """Whether a period was not over yet."""
        ends_at = calendar.ends_at(period)
        return ends_at is not None and self.applied_us < microseconds(ends_at)


async def _give(
    work: UnitOfWork,
    state: Revision,
    item: PodiumVersion,
    closed: Closed,
    now: datetime,
    disqualified: Collection[int],
) -> int:
    recent = await recent_winners(work, state.calendar, closed.period, item.element, item.podium.pause)
    found = await _select(
        work, state.calendar, closed.id, Selection(item.podium, disqualified=disqualified, recent=recent)
    )
    row = {
        "closing": closed.id,
        "podium": item.element,
        "version": item.id,
        "given_us": microseconds(now),
        "empty": orjson.dumps([empty._asdict() for empty in found.empty]).decode(),
    }
    await work.execute(insert(prize_giving).values(row))
    await _write_passed_over(work, item, closed, found.passed_over)
    return len(await _write_payouts(work, item, closed, found.winners, now))


async def recent_winners(
    work: UnitOfWork, calendar: Calendar, period: Period, podium: int, periods: int, *, later: bool = False
) -> frozenset[int]:
    """The members who won something of a podium, and still have it, in so many periods before one, or after it."""
    if period.kind is None or not periods:  # a window comes once
        return frozenset()
    last = period
    for _ in range(periods):
        last = calendar.period(period.kind, last.after if later else last.first - 1)
    near = closing.c.period.between(min(last.first, period.first), max(last.first, period.first))
    query = (
        select(payout.c.member)
        .join(closing, closing.c.id == payout.c.closing)
        .where(payout.c.podium == podium, payout.c.state.not_in(FREED), near, closing.c.period != period.first)
    )
    return frozenset(row.member for row in await work.rows(query))


async def _select(
    work: UnitOfWork, calendar: Calendar, closing_id: int, selection: Selection, considered: Collection[int] = ()
) -> Outcome:
    """The winners of a frozen result, among those who have not been considered before."""
    async for candidate, _, present in candidates(work, calendar, closing_id):
        if candidate.competitor not in considered and not selection.offer(candidate, present=present):
            break
    return selection.outcome()


async def _write_payouts(
    work: UnitOfWork,
    item: PodiumVersion,
    closed: Closed,
    winners: Sequence[Winner],
    now: datetime,
    *,
    turn: int = 0,
) -> list[int]:
    if not winners:
        return []
    now_us, podium = microseconds(now), item.podium
    state = State.AWAITING_APPROVAL if podium.approval else State.GRANTED
    rows = [
        {
            "closing": closed.id,
            "podium": item.element,
            "version": item.id,
            "place": winner.place,
            "share": winner.share,
            "turn": turn,
            "member": winner.candidate.competitor,
            "position": winner.candidate.position,
            "state": state.value,
            "prize": orjson.dumps(plain_prize(winner.prize)).decode(),
            "amount": winner.amount,
            "expires_us": None if podium.approval else claimable_until_us(podium, now_us),
        }
        for winner in winners
    ]
    inserted = insert(payout).returning(payout.c.id, sort_by_parameter_order=True)
    ids = [row.id for row in await work.rows(inserted, rows)]
    events = [
        {"payout": each, "ordinal": 0, "to_state": state.value, "at_us": now_us, "reason": winner.reason}
        for each, winner in zip(ids, winners, strict=True)
    ]
    await work.execute(insert(payout_event), events)
    return ids


def claimable_until_us(podium: Podium, now_us: int) -> int:
    """Until when a prize that is granted now can be claimed."""
    return now_us + podium.claim_days * DAY_US


async def _write_passed_over(
    work: UnitOfWork, item: PodiumVersion, closed: Closed, passed: Sequence[PassedOver]
) -> None:
    rows = [
        {
            "closing": closed.id,
            "podium": item.element,
            "position": each.candidate.position,
            "member": each.candidate.competitor,
            "why": each.why.value,
            "reason": each.reason,
        }
        for each in passed
    ]
    if rows:
        await work.execute(insert(passed_over), rows)
