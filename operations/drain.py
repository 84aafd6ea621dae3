"""The drain: brings what changed in the standings to the mirror, builds the sets that are missed, and says when the
mirror may be asked.

It looks a few times a second, and at once after a commit of its own process. A round reads the dirty marks and then
the standings, without a lock; sends them; and deletes the marks that it read. Whatever stops a round leaves its marks
to the next, in this process or another: a standing that is sent twice, or late, changes nothing.

A mirror that is emptied has no set that is ready. One that was restarted is another run of its server: the database
takes it as a new mirror, and what it brought back from an older snapshot is of an epoch that nobody asks for.
"""

import asyncio
import logging
from contextlib import suppress
from secrets import token_hex
from time import monotonic

from leaderboard.changes import LOWEST, changes_of, chunk_of
from leaderboard.dirty import Marks, SetKey, attach, attached, delete_marks, read_marks
from leaderboard.mirror import Mirror
from storage.engine import Store
from storage.redis import KEPT_SECONDS, LEASE_SECONDS, Redis, RedisRefused, RedisUnavailable

log = logging.getLogger("laurels.drain")

ROUND_SECONDS = 0.25  # from one look to the next, when nothing wakes it
# After a round it rests three times as long as that took, within these: what is committed meanwhile goes together.
REST_SECONDS_MIN, REST_SECONDS_MAX = 0.02, 0.4
RETRY_SECONDS = 0.5
STOP_SECONDS = 2.0  # for what is under way
MARKS_MAX = 1_000  # in a round
CHUNK = 2_000  # competitors of a set that is built
REFUSED_SECONDS = 600  # a set with a score that the mirror cannot hold


class Drain:
    """The drain of one process. `start` and `stop` belong to the application's lifespan."""

    def __init__(self, store: Store, redis: Redis) -> None:
        self.mirror = Mirror(redis, self.wake)
        self._store = store
        self._redis = redis
        self._woken = asyncio.Event()
        self._missed = asyncio.Event()
        self._works = True
        self._stopping = False
        self._kept_at = monotonic()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._store.committed = self.wake
        self._tasks = [asyncio.create_task(self._drain()), asyncio.create_task(self._build())]

    async def stop(self) -> None:
        self._stopping = True
        self._woken.set()
        self._missed.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._redis.close()

    def wake(self) -> None:
        """Something was committed, or missed."""
        self._woken.set()

    async def _drain(self) -> None:
        while not self._stopping:
            with suppress(TimeoutError):
                async with asyncio.timeout(ROUND_SECONDS):
                    await self._woken.wait()
            self._woken.clear()
            try:
                began = monotonic()
                await self.round()
                if self.mirror.missed:
                    self._missed.set()
                self._say_works()
                await asyncio.sleep(min(max(3 * (monotonic() - began), REST_SECONDS_MIN), REST_SECONDS_MAX))
            except RedisRefused as error:
                self.mirror.refuse(None, error)
                await self._leave()
            except RedisUnavailable as error:
                self._say_fails(error)
                await self._leave()
            except Exception:
                log.exception("the mirror could not be told what changed; it is tried again")
                await self._leave()

    async def round(self) -> int:
        """Tell the mirror what the marks name. Returns how many marks there were. Raises RedisUnavailable."""
        began = monotonic()
        run = await self._redis.meet()
        async with self._store.reading() as work:
            current = await attached(work)
            marks = await read_marks(work, MARKS_MAX)
        if current is None or current.run != run:
            self.mirror.leave()
            async with self._store.writing() as work:
                current = await attach(work, run)
            log.info("standings are mirrored in run %s of Redis", run)
        if self.mirror.epoch != current.epoch:
            self.mirror.leave()
            self.mirror.epoch = current.epoch
            return 0
        if marks.ids:
            await self._send(marks)
            async with self._store.writing() as work:
                # Whoever made another the mirror meanwhile has yet to tell it what these marks name.
                if await attached(work) != current:
                    self.mirror.leave()
                    return 0
                await delete_marks(work, marks.ids)
        if len(marks.ids) < MARKS_MAX:
            self.mirror.know(began)
        else:
            self.wake()
        await self._keep()
        return len(marks.ids)

    async def _send(self, marks: Marks) -> None:
        await self._redis.discard([self.mirror.ranked(key) for key in sorted(marks.rebuilt)])
        changed = marks.competitors.keys() - marks.rebuilt
        ranked = {key: self.mirror.ranked(key) for key in sorted(changed)}
        tokens = dict(zip(ranked, await self._redis.admit(list(ranked.values())), strict=True))
        there = {key: marks.competitors[key] for key, token in tokens.items() if token is not None}
        if not there:
            return
        # Read after the tokens: a set that is begun later is built from what is committed now.
        async with self._store.reading() as work:
            changes = await changes_of(work, there)
        for key, change in changes.items():
            if change is None:
                await ranked[key].refuse(REFUSED_SECONDS)
        told = [(ranked[key], token, change) for key, change in changes.items() if change and (token := tokens[key])]
        await self._redis.apply(told)
        if told:
            self.mirror.accept(None)
        await self._redis.discard([ranked[key] for key in there.keys() - changes.keys()])

    async def _keep(self) -> None:
        """Keep the sets that are asked for; the others go by themselves."""
        now = monotonic()
        if now - self._kept_at < KEPT_SECONDS / 4:
            return
        self._kept_at = now
        asked = self.mirror.asked
        for key in [key for key, at in asked.items() if now - at > KEPT_SECONDS / 2]:
            del asked[key]
        await self._redis.keep([self.mirror.ranked(key) for key in asked])

    async def _build(self) -> None:
        while not self._stopping:
            await self._missed.wait()
            self._missed.clear()
            while self.mirror.missed and self.mirror.epoch is not None and not self._stopping:
                key = self.mirror.missed.pop()
                try:
                    if await self.build(key):
                        log.info("the mirror has board %d in period %d", *key)
                        self.mirror.accept(key)
                except RedisRefused as error:
                    self.mirror.refuse(key, error)
                except RedisUnavailable:
                    break  # the drain says so; whoever asks again misses it again
                except Exception:
                    log.exception("board %d in period %d could not be mirrored; it is tried when asked for", *key)

    async def build(self, key: SetKey) -> bool:
        """Build a set and let it be read. Returns whether it was this process that did. Raises RedisUnavailable."""
        epoch, ranked, token = self.mirror.epoch, self.mirror.ranked(key), token_hex(8)
        async with self._store.reading() as work:
            if await chunk_of(work, key, LOWEST, 1) is None:
                return False
        if self.mirror.epoch != epoch or not await ranked.begin(token):
            return False
        last: int | None = LOWEST
        while last is not None and not self._stopping:
            async with self._store.reading() as work:
                chunk = await chunk_of(work, key, last, CHUNK)
            if chunk is None:
                await self._redis.discard([ranked])
                return False
            if chunk.change is None:
                await ranked.refuse(REFUSED_SECONDS)
                return False
            if not all(await self._redis.apply([(ranked, token.encode(), chunk.change)], lease_seconds=LEASE_SECONDS)):
                return False
            if self.mirror.epoch != epoch:
                return False
            last = chunk.last
        return last is None and await ranked.announce(token)

    async def _leave(self) -> None:
        self.mirror.leave()
        await self._redis.forget()
        await asyncio.sleep(RETRY_SECONDS)

    def _say_works(self) -> None:
        if not self._works:
            log.warning("Redis answers again")  # as loud as its failure: whoever read of that waits for this
        self._works = True

    def _say_fails(self, error: RedisUnavailable) -> None:
        if self._works:
            log.warning("Redis does not answer, rankings come from the database until it does: %s", error)
        self._works = False
