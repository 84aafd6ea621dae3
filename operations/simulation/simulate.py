"""Simulate: what a draft would have done since a past day. Nothing is written.

It is publishing with effect from that day, without the writing: the same judging of every member's history, by child
processes that each take members until none are left. What members share is judged beside, in the order of the sequence.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime
from itertools import pairwise

import orjson
from sqlalchemy import select, text

from activity.calendar import PeriodKind, microseconds
from activity.roster import team_names
from errors import LaurelsError
from operations.programme import Programme
from operations.revision import Revisions
from operations.rule_history import rule_history
from operations.simulation.children import run_in_children
from operations.simulation.past import COUNTS, Source, open_past
from operations.simulation.prospect import Prospect, prospect_of
from operations.simulation.report import Report
from operations.simulation.result import report_of
from operations.simulation.settled import settled
from operations.simulation.simulated import Simulated
from operations.simulation.simulating import EVER_US, Job, Simulating, Task
from rules.tables import element, version
from storage.engine import Store
from storage.work import UnitOfWork

CHUNK_ACTIVITIES = 5_000  # of some members, judged at a time
ALONE_ACTIVITIES = 5_000  # up to which children are not worth their start

Progress = Callable[[int, int], None]  # activities judged so far, and of how many


class SpanInvalid(LaurelsError):
    """A simulation is to end before it begins, or on a day that has not come."""


async def simulate(
    store: Store,
    revisions: Revisions,
    declared: Programme,
    *,
    since: date,
    until: date | None = None,
    now: datetime,
    processes: int | None = None,
    progress: Progress = lambda _judged, _total: None,
    revive: bool = False,
) -> Report:
    """What publishing `declared` with effect from `since` would change, in what happened up to the end of `until`, or
    up to now.

    `processes` are children of this one, as many as there are cores unless it is said; 0 does all in this process.
    Cancel the task to stop it: the children end at once. Raises what publishing would raise, and SpanInvalid.
    """
    async with _one_state(store) as work:
        prospect = await prospect_of(work, revisions, declared, since=since, now=now, revive=revive)
        job = await _job(work, store, prospect, since, until, now)
        chunks, total = await _chunks(job.source)
        tasks: list[Task] = [*pairwise(chunks)]
        if job.shares():
            total *= 2
            tasks.insert(0, None)
        if processes is None:
            processes = min(os.cpu_count() or 1, len(tasks)) if total > ALONE_ACTIVITIES else 0
        progress(0, total)
        judged = 0

        def advance(count: int) -> None:
            nonlocal judged
            judged = min(judged + count, total)
            progress(judged, total)

        found = await (run_in_children(job, tasks, processes, advance) if processes else _alone(job, tasks, advance))
        progress(total, total)
        return await report_of(work, prospect, job, found, now)


async def _alone(job: Job, tasks: Sequence[Task], advance: Callable[[int], None]) -> Simulated:
    found = Simulated()
    async with open_past(job.source) as past:
        simulating = Simulating(job, past)
        await simulating.open()
        for task in tasks:
            found.merge(await simulating.do(task, advance))
            await asyncio.sleep(0)  # others go on, and who wants to cancel can
    return found


@asynccontextmanager
async def _one_state(store: Store) -> AsyncIterator[UnitOfWork]:
    """A transaction that reads one state of everything: whatever took an earlier place in the sequence is in it."""
    async with AsyncExitStack() as stack:
        if store.is_sqlite:
            yield await stack.enter_async_context(store.reading())
            return
        # Whoever records shares the programme: while it is held nobody has taken a place and not committed yet.
        async with store.writing() as gate:
            await gate.hold_programme()
            work = await stack.enter_async_context(store.reading())
            await work.last_seq()
        yield work


async def _job(
    work: UnitOfWork, store: Store, prospect: Prospect, since: date, until: date | None, now: datetime
) -> Job:
    former, state = prospect.former, prospect.revision
    calendar = state.calendar
    today = calendar.day(now)
    last_day = today if until is None else until.toordinal()
    if until is not None and (last_day > today or until < since):
        raise SpanInvalid(f"{until} is not from {since} to {date.fromordinal(today)}; write a day between them")
    ends_at = None if until is None else calendar.ends_at(calendar.period(PeriodKind.DAY, last_day))
    history = await rule_history(work, [state])
    snapshot = None
    if not store.is_sqlite:
        snapshot = (await work.execute(text("SELECT pg_export_snapshot()"))).scalar_one()
    source = Source(
        store.url.render_as_string(hide_password=False),
        snapshot,
        await work.last_seq(),
        former.number,
        microseconds(ends_at) if ends_at else EVER_US,
    )
    tags = await _tags(work)
    tags |= {item.id: item.rule.tags for item in state.rule_versions}
    tags |= {item.id: item.badge.tags for item in state.badge_versions}
    return Job(
        source,
        state,
        history.versions,
        history.excluded,
        await settled(work, former, state),
        tags,
        former.board_versions,
        dict(former.type_keys),
        dict(former.rule_keys),
        dict(former.programme.attributes),
        tuple((item.element, bool(item.zone.needs)) for item in former.zone_versions),
        await team_names(work),
        (since.toordinal(), last_day),
    )


async def _tags(work: UnitOfWork) -> dict[int, tuple[str, ...]]:
    query = select(version.c.id, version.c.definition).join(element).where(element.c.kind.in_(("rule", "badge")))
    return {row.id: tuple(orjson.loads(row.definition).get("tags", ())) for row in await work.rows(query)}


async def _chunks(source: Source) -> tuple[list[int], int]:
    """Member keys that part the members into runs of about CHUNK_ACTIVITIES, and how many activities there are."""
    bounds, held, total = [-(2**63)], 0, 0
    async with open_past(source) as past:
        for key, count in await past.rows(COUNTS, source.seq):
            if held and held + count > CHUNK_ACTIVITIES:
                bounds.append(key)
                held = 0
            held += count
            total += count
    return [*bounds, 2**63 - 1], total
