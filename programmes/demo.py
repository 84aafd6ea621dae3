"""The demo: brings the made-up company's seven months into an empty store."""

import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from activity.calendar import instant
from activity.tables import activity, member, member_facts
from api.access import PREFIX, Scope, authenticate, create_key
from errors import LaurelsError
from operations.catch_up import catch_up
from operations.enrol import enrol
from operations.jobs import Jobs
from operations.programme import parse
from operations.record import record
from operations.release import release
from operations.revision import Revisions
from programmes.demo_company import DAYS, SEED, Step, history
from programmes.demo_deeds import Revise, do
from programmes.demo_people import EXPERT, SHARER
from programmes.demo_pilot import Pilot, first_day, nights, pilot_of
from rules.tables import programme
from storage.engine import Store

PROGRAMME = Path(__file__).parent / "social-journey.yaml"

YEAR = 366  # days: no period that closes is longer

DAY = timedelta(days=1)  # there is a batch on every day, so a history that is whole ends less than one before its end


class Arrived(NamedTuple):
    """How far the demo's company has come."""

    first: datetime | None  # when the pilot began, or all at once; None where nobody is there
    began: datetime | None  # when everybody took part
    last: datetime | None  # when the latest report arrived


@dataclass
class Clock:
    """What time it is in the demo."""

    now: datetime

    def read(self) -> datetime:
        return self.now


async def missing(store: Store, *, now: datetime, days: int = DAYS, pilot: bool = True) -> list[Step]:
    """What of the demo's company has not arrived: all where there is nobody, the rest where a fill was interrupted.

    Nothing when it is all there, and where there is another company or another programme. What was interrupted is made
    again from the times at which the store says that it began.
    """
    span = timedelta(days=days)
    arrived = await _arrived(store)
    if arrived.first is None and not await _is_free(store):
        return []
    if arrived.last is not None and arrived.began is not None and arrived.last >= arrived.began + span - DAY:
        return []
    now, last = arrived.began + span if arrived.began else now, arrived.last
    steps = history(SEED, now, days, _pilot(arrived.first, now) if pilot else None)
    return [step for step in steps if last is None or step.at > last]


async def fill(store: Store, steps: Sequence[Step], *, progress: Callable[[int], None]) -> None:
    """Bring in steps, each at its own time; `progress` is told how many reports have arrived.

    The programme is the one that ships, as it came about; where there is one already, it is not begun anew. In the
    nights between, the jobs of a process that serves are run.
    """
    revisions = Revisions()
    shipped = parse(PROGRAMME.read_bytes())
    clock = Clock(steps[0].at)
    jobs = Jobs(store, revisions, clock.read)
    awake = deque(nights(shipped, shipped.calendar.day(steps[0].at) - YEAR, shipped.calendar.day(steps[-1].at)))
    done = 0
    for step in steps:
        while awake and awake[0] <= step.at:
            clock.now = awake.popleft()
            await jobs.close_periods()
        clock.now = step.at
        await jobs.expire_payouts()
        async with store.writing() as work:
            for deed in step.deeds:
                await do(work, revisions, deed, shipped, now=step.at)
            if step.profiles:
                await enrol(work, revisions, step.profiles, now=step.at)
            await release(work, revisions, now=step.at)
            if step.reports:
                await record(work, revisions, step.reports, now=step.at)
        done += len(step.reports)
        progress(done)
        # Also where the fill was interrupted before: a step later nothing is left to do.
        if any(isinstance(deed, Revise) for deed in step.deeds) or step is steps[0]:
            while await catch_up(store, revisions, now=step.at):
                pass


async def key(store: Store, file: Path, *, now: datetime) -> str:
    """A key to the store with every scope: the one that `file` keeps, or a new one that it keeps from now on. Raises
    LaurelsError where it keeps something else."""
    kept = file.read_bytes().decode(errors="replace").strip() if file.exists() else ""
    if kept and not kept.startswith(PREFIX):
        raise LaurelsError(f"{file} is not the key of the demo, which would be written there; move it away")
    async with store.writing() as work:
        if kept and await authenticate(work, kept):
            return kept
        made = await create_key(work, "demo", Scope, now)
    file.parent.mkdir(exist_ok=True)
    file.touch(0o600)
    file.write_text(f"{made}\n")
    return made


QUESTION = '{ leaderboard(key: "impact") { participants top(n: 3) { rank score member { name team { name } } } } }'

GREETING = """
Laurels is up, with a made-up company of 240 people.

  Open   {url}/#key={key}
  Ask    who leads in impact:

curl -s {url}/graphql -H 'Content-Type: application/json' -H 'Authorization: Bearer {key}' -d '{body}'

  Stop   with Ctrl+C. The next run starts from what is here.
"""


def greeting(url: str, key: str) -> str:
    """What to open, and a question that works when pasted into a shell."""
    return GREETING.format(url=url, key=key, body=json.dumps({"query": QUESTION}))


def _pilot(first: datetime | None, now: datetime) -> Pilot:
    """The pilot that began at a time; where there is none yet, the one that somebody sees now."""
    shipped = parse(PROGRAMME.read_bytes())
    calendar = shipped.calendar
    return pilot_of(shipped, calendar.day(first) if first else first_day(calendar, calendar.day(now)))


async def _arrived(store: Store) -> Arrived:
    """What has arrived of the demo's company."""
    async with store.reading() as work:
        known = select(member.c.external_id, member.c.key).where(member.c.external_id.in_((EXPERT, SHARER)))
        there = {row.external_id: row.key for row in await work.rows(known)}
        if EXPERT not in there:
            return Arrived(None, None, None)
        since = select(member_facts.c.member, func.min(member_facts.c.recorded_us).label("us"))
        since = since.where(member_facts.c.member.in_(there.values())).group_by(member_facts.c.member)
        begun = {row.member: instant(row.us) for row in await work.rows(since)}
        query = select(activity.c.recorded_us).order_by(activity.c.seq.desc()).limit(1)
        last_us = (await work.execute(query)).scalar_one_or_none()
    last = instant(last_us) if last_us is not None else None
    return Arrived(begun[there[EXPERT]], begun[there[SHARER]] if SHARER in there else None, last)


async def _is_free(store: Store) -> bool:
    """Whether nobody is here, and no programme but the one that ships."""
    async with store.reading() as work:
        if await work.rows(select(member.c.key).limit(1)):
            return False
        keys = [row.key for row in await work.rows(select(programme.c.key))]
    return not keys or keys == [parse(PROGRAMME.read_bytes()).key]
