"""Simulations that run beside other work, and are seen from other processes: how far they are, and what came of them.

simulations = Simulations(store, clock)                     # of this process; `stop` ends what it runs
identifier = await simulations.start(file, since, author="ada")
(await simulation_of(store, identifier)).judged             # how far it is, from any process
await cancel(store, identifier, now=clock())                # from any process; it ends within a second or two
await end_lost(store, now=clock())                          # those whose process has gone

While a simulation runs, the column `ended_us` says when its process last told that it lives: should it go without a
word, that is when it ended.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from time import monotonic

from sqlalchemy import func, insert, select, update

from activity.calendar import instant, microseconds
from errors import LaurelsError
from operations.advice.sifting import sift
from operations.advice.warnings import warnings
from operations.programme import Programme, parse
from operations.publish import instant_since, plan
from operations.revision import Revisions
from operations.simulation.report import Report
from operations.simulation.simulate import simulate
from rules.tables import simulation
from storage.bulk import AnyRow
from storage.engine import Store

AT_ONCE = 2  # of one process, each of which takes every core that it finds
WAITING_MAX = 20  # that have not ended, of one process

TOLD_EVERY_SECONDS = 1.0
# Silent for so long, its process has gone. Far more than a second: a busy machine is no dead one, and the clocks of two
# machines may differ.
LOST_AFTER = timedelta(seconds=60)
LOST = "the process that ran it was stopped or did not answer; start the simulation again"

Clock = Callable[[], datetime]


class SimulationStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class SimulationsFull(LaurelsError):
    """No more simulations can be started before others have ended."""


class SimulationUnknown(LaurelsError):
    """There is no simulation with this number."""


class SimulationEnded(LaurelsError):
    """A simulation cannot be cancelled, because it is over."""

    def __init__(self, simulation: "Simulation") -> None:
        words = {
            SimulationStatus.DONE: "is done already; read its report",
            SimulationStatus.CANCELLED: "was cancelled already",
            SimulationStatus.FAILED: f"has failed already: {simulation.reason}",
        }
        super().__init__(f"simulation {simulation.id} {words[simulation.status]}")


@dataclass(frozen=True, slots=True)
class Simulation:
    """One simulation, as the database knows it."""

    id: int
    first_day: date
    last_day: date
    author: str
    status: SimulationStatus
    started_at: datetime
    ended_at: datetime | None
    judged: int  # activities, each once for every member whom it credits; again where members share something
    total: int  # 0 while it waits for its turn
    seq: int  # the last place of the history that it looked at; 0 before it is done
    report: bytes | None  # JSON, see operations/simulation/report.py
    reason: str | None  # why it failed


class Simulations:
    """The simulations that this process runs: `at_once` of them, and the others when those before them have ended.

    One for each process; `stop` belongs to the application's lifespan.
    """

    def __init__(self, store: Store, clock: Clock, *, processes: int | None = None, at_once: int = AT_ONCE) -> None:
        self._store = store
        self._clock = clock
        self._processes = processes
        self._turns = asyncio.Semaphore(at_once)
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def start(self, file: str, since: date, until: date | None = None, *, author: str) -> int:
        """Begin to simulate a programme file in the background; returns its number.

        Raises ProgrammeInvalid, SinceInvalid and SimulationsFull.
        """
        if len(self._tasks) >= WAITING_MAX:
            raise SimulationsFull(
                f"{len(self._tasks)} simulations are at work or waiting for their turn; wait until one has ended, or "
                "cancel one"
            )
        declared = parse(file)
        now = self._clock()
        instant_since(declared, since, now)
        last_day = until or date.fromordinal(declared.calendar.day(now))
        row = {
            "file": file,
            "first_day": since.toordinal(),
            "last_day": last_day.toordinal(),
            "author": author,
            "started_us": microseconds(now),
            "status": SimulationStatus.RUNNING,
            "judged": 0,
            "total": 0,
            "seq": 0,
        }
        async with self._store.writing() as work:
            added = insert(simulation).values(row).returning(simulation.c.id)
            identifier = int((await work.execute(added)).scalar_one())
        task = asyncio.create_task(self._run(identifier, file, since, until, now))
        self._tasks[identifier] = task
        task.add_done_callback(lambda _: self._tasks.pop(identifier, None))
        return identifier

    async def wait(self, identifier: int) -> None:
        """Until a simulation of this process has ended, however it ended."""
        if task := self._tasks.get(identifier):
            await asyncio.wait([task])

    async def stop(self) -> None:
        """End all that this process runs."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(self, identifier: int, file: str, since: date, until: date | None, now: datetime) -> None:
        running = _Running(self._store, identifier, self._clock)
        ended: dict[str, object]
        try:
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(running.tell())
                async with self._turns:
                    declared = parse(file)
                    report = await simulate(
                        self._store,
                        Revisions(),
                        declared,
                        since=since,
                        until=until,
                        now=now,
                        processes=self._processes,
                        progress=running.advance,
                    )
                    report = await with_warnings(self._store, report, declared, now=now)
                telling.cancel()
            ended = {"status": SimulationStatus.DONE, "report": report.to_json().decode(), "seq": report.seq}
        except asyncio.CancelledError:
            ended = {"status": SimulationStatus.CANCELLED}
        except BaseExceptionGroup as group_of:
            failure = _first(group_of)
            if isinstance(failure, _Ended):
                return
            told = str(failure) if isinstance(failure, LaurelsError) else repr(failure)
            ended = {"status": SimulationStatus.FAILED, "report": told}
        await running.end(ended)


async def with_warnings(store: Store, report: Report, declared: Programme, *, now: datetime) -> Report:
    """The report, and what the author of the draft may not have meant by what it changes."""
    lean = Store(store.url.render_as_string(hide_password=False), connections_max=1, lean=True)
    try:
        async with lean.reading() as work:
            revisions = Revisions()
            found = sift(await warnings(work, revisions, declared, now=now), await plan(work, revisions, declared))
    finally:
        await lean.close()
    return replace(report, warnings=tuple(map(str, found.changed)), warnings_omitted=len(found.unchanged))


class _Ended(Exception):
    """Somebody ended the simulation, perhaps in another process."""


class _Running:
    """Tells the database that a simulation lives and how far it is, and hears from it whether it is to end."""

    def __init__(self, store: Store, identifier: int, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._running = (simulation.c.id == identifier) & (simulation.c.status == SimulationStatus.RUNNING)
        self.judged = 0
        self.total = 0

    def advance(self, judged: int, total: int) -> None:
        self.judged, self.total = judged, total

    async def tell(self) -> None:
        while True:
            began = monotonic()
            if not await self._write({}):
                raise _Ended
            await asyncio.sleep(max(0.0, TOLD_EVERY_SECONDS - (monotonic() - began)))

    async def end(self, values: dict[str, object]) -> None:
        """Write how it ended, unless somebody ended it before."""
        await self._write(values)

    async def _write(self, values: dict[str, object]) -> bool:
        far = {"judged": self.judged, "total": self.total, "ended_us": microseconds(self._clock())}
        async with self._store.writing() as work:
            written = await work.execute(update(simulation).where(self._running).values(far | values))
        return bool(written.rowcount)


async def cancel(store: Store, identifier: int, *, now: datetime) -> bool:
    """Have a simulation end, whichever process runs it. Tells whether it was running. Raises SimulationUnknown."""
    async with store.writing() as work:
        running = (simulation.c.id == identifier) & (simulation.c.status == SimulationStatus.RUNNING)
        ended = {"status": SimulationStatus.CANCELLED, "ended_us": microseconds(now)}
        changed = await work.execute(update(simulation).where(running).values(ended))
    if not changed.rowcount:
        await simulation_of(store, identifier)
    return bool(changed.rowcount)


async def end_lost(store: Store, *, now: datetime) -> int:
    """Let simulations have failed whose process has gone. Safe in any number of processes at once: one that lives has
    told so within the last seconds. Returns how many."""
    told_us = func.coalesce(simulation.c.ended_us, simulation.c.started_us)
    silent = (simulation.c.status == SimulationStatus.RUNNING) & (told_us < microseconds(now - LOST_AFTER))
    async with store.reading() as work:
        lost = bool(await work.rows(select(simulation.c.id).where(silent).limit(1)))
    if not lost:
        return 0
    failed = {"status": SimulationStatus.FAILED, "report": LOST, "ended_us": told_us}
    async with store.writing() as work:
        return int((await work.execute(update(simulation).where(silent).values(failed))).rowcount)


async def simulation_of(store: Store, identifier: int) -> Simulation:
    """One simulation. Raises SimulationUnknown."""
    async with store.reading() as work:
        rows = await work.rows(select(simulation).where(simulation.c.id == identifier))
    if not rows:
        raise SimulationUnknown(f"there is no simulation {identifier}; start one")
    return _simulation(rows[0])


async def simulations(store: Store, most: int = 100) -> list[Simulation]:
    """The latest simulations, the last one first."""
    async with store.reading() as work:
        rows = await work.rows(select(simulation).order_by(simulation.c.id.desc()).limit(most))
    return [_simulation(row) for row in rows]


def _simulation(row: AnyRow) -> Simulation:
    status = SimulationStatus(row.status)
    return Simulation(
        row.id,
        date.fromordinal(row.first_day),
        date.fromordinal(row.last_day),
        row.author,
        status,
        instant(row.started_us),
        instant(row.ended_us) if status is not SimulationStatus.RUNNING else None,
        row.judged,
        row.total,
        row.seq,
        row.report.encode() if status is SimulationStatus.DONE else None,
        row.report if status is SimulationStatus.FAILED else None,
    )


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong first, out of all groups."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
