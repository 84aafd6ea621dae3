"""Give: badges that a person gives to a member, or takes from them, with their reason."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from activity.activity import Activity
from activity.calendar import PeriodKind, microseconds
from activity.intake import Refused, nearest
from activity.roster import RosterMember
from operations.adjust import Author, locked
from operations.case import Case
from operations.catch_up import bring_up, standing_entries
from operations.counters import (
    load_held,
    load_progress,
    load_spans,
    load_tallies,
    lock_shared,
    store_book,
    store_tallies,
)
from operations.posting import Posting, Revoked
from operations.reasons import checked_reason
from operations.revision import Revision, Revisions
from rewards.badge import points_at
from rewards.goal import BadgeVersion, Goal
from rewards.ledger import Kind
from rewards.tables import award
from rules.tally import TallyKey
from storage.bulk import AnyRow
from storage.work import UnitOfWork


async def give_badge(
    work: UnitOfWork,
    revisions: Revisions,
    external_id: str,
    badge: str,
    *,
    level: int = 1,
    author: Author,
    reason: str,
    now: datetime,
) -> int:
    """Give a member a level of a badge, as if they had reached it; returns the place in the sequence.

    Badges that require this one are looked at too. Who does not take part is given none. Nothing is committed here.
    Raises Refused, and NoProgramme.
    """
    told = checked_reason(reason)
    await work.share_programme()
    state = await revisions.current(work)
    version, goal = _badge(state, badge)
    if level < 1 or (not version.badge.every and level > len(version.badge.levels)):
        raise Refused("level", f"{badge!r} has levels 1 to {len(version.badge.levels)}, and no level {level}")
    member = await locked(work, external_id, author, gives=True)
    posting = Posting(state, now)
    await bring_up(work, state, [member], posting)
    held = await _held(work, member, version)
    day = state.calendar.day(now)
    period = _period(state, version, day)
    if any(row.level == level and row.period == period for row in held):
        raise Refused("badge", f"{external_id!r} holds level {level} of {badge!r} already")
    return await _Giving(work, state, member, posting, now).give(version, goal, level, period, held, author, told)


async def take_badge(
    work: UnitOfWork,
    revisions: Revisions,
    external_id: str,
    badge: str,
    *,
    level: int | None = None,
    author: Author,
    reason: str,
    now: datetime,
) -> int:
    """Take a badge, or one level of it, from a member; returns the place in the sequence.

    Its points are reversed, and it is not awarded again for what was counted already. Nothing is committed here. Raises
    Refused, and NoProgramme.
    """
    told = checked_reason(reason)
    await work.share_programme()
    state = await revisions.current(work)
    version, goal = _badge(state, badge)
    member = await locked(work, external_id, author)
    posting = Posting(state, now)
    await bring_up(work, state, [member], posting)
    held = await _held(work, member, version)
    ended = [row for row in held if level is None or row.level == level]
    if not ended:
        raise Refused("badge", f"{external_id!r} does not hold {badge!r}" + (f" at level {level}" if level else ""))
    shared = _counter(goal)
    await lock_shared(work, shared)
    seq = (await work.take_seq(1))[0]
    if shared and len(ended) == len(held):
        before = await load_tallies(work, shared)
        await store_tallies(work, before, {key: before.get(key, 0) - 1 for key in shared})
    entries = await standing_entries(work, [member.key])
    for row in ended:
        posting.revoke(seq, Revoked(row, author.name, told))
        if row.entry is not None:
            posting.reverse(seq, entries[member.key, row.seq, row.entry], member.facts.participates)
    await posting.write(work)
    return seq


class _Giving:
    def __init__(
        self, work: UnitOfWork, state: Revision, member: RosterMember, posting: Posting, now: datetime
    ) -> None:
        self._work = work
        self._state = state
        self._member = member
        self._now_us = microseconds(now)
        self._day = state.calendar.day(now)
        self._case = Case(Activity("", "", "", member.key, now, {}), member.facts, self._now_us, self._day)
        self._posting = posting

    async def give(
        self,
        version: BadgeVersion,
        goal: Goal,
        level: int,
        period: int,
        held_rows: list[AnyRow],
        author: Author,
        reason: str,
    ) -> int:
        work, engine, key = self._work, self._state.progress, self._member.key
        shared = {*_counter(goal), *engine.shared_after(goal.element)}
        await lock_shared(work, shared)
        before = await load_tallies(work, shared)
        tallies = before.copy()
        if goal.first is not None and not held_rows:
            (counter,) = _counter(goal)
            if tallies.get(counter, 0) >= goal.first:
                raise Refused("badge", f"all {goal.first:,} of {version.badge.key!r} are taken; take one back first")
            tallies[counter] = tallies.get(counter, 0) + 1
        seq = (await work.take_seq(1))[0]
        points = points_at(version.badge, level)
        entry = None
        if points:
            told = (key, self._member.facts.team_id, version.id, None, None, points, self._now_us, self._day)
            entry = self._posting.enter_row(seq, Kind.BADGE, told, self._member.facts.participates)
        expires_us = goal.expires_us(self._now_us)
        row: list[Any] = [seq, key, goal.element, version.id, level, period, None, self._now_us, 0]
        row += [self._day, self._day, expires_us, entry, author.name, reason, self._now_us]
        self._posting.give(row)
        book = await load_progress(
            work, {*engine.summaries(key, goal, period), *engine.keys_after(key, goal.element, self._day)}
        )
        await load_spans(work, book, engine.spans_after(key, goal.element, self._day, book))
        engine.raise_(key, goal, period, level, book)
        held = await load_held(work, [key])
        held.add(key, goal.element, level, period, expires_us)
        for reached in engine.settle_after(key, goal.element, self._now_us, self._day, book, tallies, held):
            self._posting.award(reached, self._case, seq, self._member.facts.participates, Kind.BADGE)
        await store_tallies(work, before, tallies)
        await store_book(work, book)
        await self._posting.write(work)
        return seq


def _badge(state: Revision, key: str) -> tuple[BadgeVersion, Goal]:
    version = state.badges.get(key)
    if version is None:
        by_hand = {each for each, item in state.badges.items() if item.badge.metric is None and not item.badge.requires}
        raise Refused("badge", f"{key!r} is no badge of this programme{nearest(str(key), state.badges, by_hand)}")
    return version, next(goal for goal in state.progress.goals if goal.element == version.element)


async def _held(work: UnitOfWork, member: RosterMember, version: BadgeVersion) -> list[AnyRow]:
    mine = (award.c.member == member.key) & (award.c.element == version.element) & award.c.revoked_seq.is_(None)
    return list(await work.rows(select(award).where(mine).order_by(award.c.seq, award.c.ordinal)))


def _period(state: Revision, version: BadgeVersion, day: int) -> int:
    """What tells one time of a badge that repeats from another: its calendar period, or the day on which it begins.

    One that repeats in runs can still be reached on that day, and keeps its day; what a person gives has it below 0.
    """
    metric = version.badge.metric
    if not version.badge.repeat or metric is None:
        return 0
    if isinstance(metric.window, PeriodKind) and metric.window is not PeriodKind.EVER:
        return state.calendar.period(metric.window, day).first
    return -day


def _counter(goal: Goal) -> set[TallyKey]:
    return set() if goal.first_measure is None else {(0, goal.first_measure, 0, 0)}
