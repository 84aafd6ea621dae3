"""Jobs: what a process that serves does by itself, over and over: when it starts, and then on every tenth second.

Each is safe to run in any number of processes at once: it takes its work under locks, and finds what others have done.
Midnight is a tenth second wherever it is: what is due then is done then.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]  # it has no types
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]
from sqlalchemy import func, select

from leaderboard.dirty import detach
from leaderboard.tables import dirty
from operations.catch_up import catch_up
from operations.close import close_due
from operations.pay import paying
from operations.payouts import expire_due
from operations.reading import Reading
from operations.release import release_due
from operations.resume import drop_kept, resume
from operations.revision import Revisions
from operations.simulation.job import end_lost
from operations.strip import strip
from rules.tables import revision
from storage.engine import Store

log = logging.getLogger("laurels.jobs")

EVERY_SECONDS = 10
STOP_SECONDS = 5  # that a run has to end when the process stops
MARKS_MAX = 20_000  # building the mirror anew is less than telling it so much


class Jobs:
    """The jobs of one process. `start` and `stop` belong to the application's lifespan."""

    def __init__(self, store: Store, revisions: Revisions, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._revisions = revisions
        self._clock = clock
        self._reading = Reading()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._running: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        for job in (
            self.release_points,
            self.bring_members_up,
            self.close_periods,
            self.end_lost_simulations,
            self.expire_payouts,
            self.give_up_the_mirror,
            self.judge_what_was_kept,
            self.strip_what_is_old,
        ):
            # A run that is late, or takes longer than the interval, is followed by one, not by all that were missed.
            options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
            self._scheduler.add_job(self._logged(job), every_tenth_second(), id=job.__name__, **options)
            self._scheduler.add_job(self._logged(job), misfire_grace_time=None)  # at once
        self._scheduler.start()

    async def stop(self) -> None:
        """Start nothing more, and let end what is running. What takes long is cancelled, between two transactions or in
        one, and goes on where it was at the next start."""
        self._scheduler.pause()
        if self._running:
            await asyncio.wait(self._running, timeout=STOP_SECONDS)
        last = set(self._running)
        self._scheduler.shutdown(wait=False)
        await asyncio.gather(*last, return_exceptions=True)

    async def release_points(self) -> int:
        """Release the held points that are due. Returns how many."""
        return await release_due(self._store, self._revisions, now=self._clock())

    async def bring_members_up(self) -> int:
        """Bring members up to a revision that takes effect from a past date. Returns how many."""
        async with self._store.reading() as work:
            pending = bool(await work.rows(select(revision.c.number).where(revision.c.pending)))
        done = 0
        while pending and (count := await catch_up(self._store, self._revisions, now=self._clock())):
            done += count
        return done

    async def close_periods(self) -> int:
        """Close the periods that are due, and make results final that are past their disputes. Returns how many."""
        now = self._clock()
        return sum(await close_due(self._store, self._revisions, now=now, pay=paying(self._revisions, now)))

    async def end_lost_simulations(self) -> int:
        """Let simulations have failed whose process has gone. Returns how many."""
        return await end_lost(self._store, now=self._clock())

    async def expire_payouts(self) -> int:
        """Let granted prizes expire that were not claimed in time. Returns how many."""
        return await expire_due(self._store, self._revisions, now=self._clock())

    async def give_up_the_mirror(self) -> int:
        """Mirror standings no longer when nobody has taken the marks for long: Redis is gone, or not used any more.

        Whoever drains attaches it again, empty. Returns how many marks were dropped.
        """
        async with self._store.reading() as work:
            count = int((await work.execute(select(func.count()).select_from(dirty))).scalar_one())
        if count <= MARKS_MAX:
            return 0
        async with self._store.writing() as work:
            await detach(work)
        return count

    async def judge_what_was_kept(self) -> int:
        """Judge what was kept for people who are known now, and drop what was kept for too long. Returns how many."""
        done = await resume(self._store, self._revisions, now=self._clock())
        return done + await drop_kept(self._store, self._revisions, now=self._clock())

    async def strip_what_is_old(self) -> int:
        """Strip what was recorded long ago of what nothing reads. Returns how many activities and claims."""
        return sum(await strip(self._store, self._revisions, self._reading, now=self._clock()))

    def _logged(self, job: Callable[[], Awaitable[int]]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            task = asyncio.current_task()
            assert task is not None
            self._running.add(task)
            try:
                if count := await job():
                    log.info("%s: %d", job.__name__, count)
            except Exception:
                log.exception("%s failed; it is tried again in %d seconds", job.__name__, EVERY_SECONDS)
            finally:
                self._running.remove(task)

        return run


def every_tenth_second() -> IntervalTrigger:
    """When a minute is 0, 10, 20 seconds old, and so on."""
    return IntervalTrigger(seconds=EVERY_SECONDS, start_date=datetime(2000, 1, 1, tzinfo=UTC))
