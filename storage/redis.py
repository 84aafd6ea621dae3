"""Redis: the one module that speaks to it. Nothing else knows its commands, its errors or how its keys look.

A ranked set is one total order that Redis may lose at any moment. It is two keys: `order`, a sorted set of names by
score, and `names`, a hash of what each competitor is called there and since which revision. A name is 16 bytes that
sort as numbers do, the last 8 of them the competitor, so that equal scores are in the order of their names. The scripts
in storage/ranked/ keep the two in step.

What was lost is never taken for an answer:

- The first member of an order says that the set is `ready`, or `building`, in the same answer as those who stand there.
  Positions count from 1 for it.
- A token names one building of a set: what was meant for another changes nothing.
- Connections are made to one run of the server. One that was restarted, perhaps with an older snapshot, is refused
  until that run is forgotten.
"""

from asyncio import Semaphore
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha1
from pathlib import Path
from typing import Any, NamedTuple

from redis.asyncio import ConnectionPool
from redis.asyncio import Redis as Client
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from errors import LaurelsError

READ_SECONDS_MAX = 0.2  # a reader waits no longer: the database knows the answer too
WRITE_SECONDS_MAX = 5.0
READERS_MAX = 64  # connections

LEASE_SECONDS = 10  # of who builds a set, from each chunk
KEPT_SECONDS = 6 * 3600  # a set that nobody asks for
CHUNK = 500  # competitors that one script places: Redis answers nobody else meanwhile

SCORE_MAX = 2**53  # beyond it a double skips numbers

SCRIPTS = {path.stem: path.read_text() for path in (Path(__file__).parent / "ranked").glob("*.lua")}
DIGESTS = {name: sha1(text.encode(), usedforsecurity=False).hexdigest() for name, text in SCRIPTS.items()}


class RedisUrlInvalid(LaurelsError):
    """LAURELS_REDIS_URL names no Redis."""


class RedisUnavailable(Exception):
    """Redis did not answer, or not in time, or is another run than the one that was met."""


class RedisRefused(RedisUnavailable):
    """Redis answers, but not to this: it has no memory left, cannot save, is a replica, or denies the command."""


class Run(NamedTuple):
    """Neighbours in an order: the position of the first, how many have a better score than it, and all of them."""

    first: int
    better: int
    found: list[tuple[bytes, float]]


class Change(NamedTuple):
    """What competitors of one set are at one revision."""

    revision: int
    placed: Sequence[bytes]  # name and negated score, as a double of 8 bytes
    removed: Sequence[bytes]  # competitors who are not there


class Redis:
    """One Redis server, met in one run of it. Connects when first asked; `close` ends it."""

    def __init__(self, url: str, *, read_seconds_max: float = READ_SECONDS_MAX) -> None:
        self.run: str | None = None
        self._readers = self._client(url, read_seconds_max)
        self._writers = self._client(url, WRITE_SECONDS_MAX)
        self._turns = Semaphore(READERS_MAX)  # much cheaper than a pool that makes readers wait

    def _client(self, url: str, seconds_max: float) -> Client:
        try:
            pool = ConnectionPool.from_url(
                url,
                socket_timeout=seconds_max,
                socket_connect_timeout=seconds_max,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
                redis_connect_func=self._meet,
            )
        except ValueError:
            raise RedisUrlInvalid(
                "LAURELS_REDIS_URL cannot be used; write redis://HOST:PORT/NUMBER, rediss:// for TLS, "
                "or unix:///FILE, with USER:PASSWORD@ before the host where it asks for them"
            ) from None
        return Client.from_pool(pool)

    async def _meet(self, connection: AbstractConnection) -> None:
        """Refuse a connection to another run."""
        await connection.on_connect()
        await connection.send_command("INFO", "server")
        told = (await connection.read_response()).decode()
        self._check(dict(line.split(":", 1) for line in told.splitlines() if ":" in line))

    def _check(self, info: Mapping[str, Any]) -> str:
        run = str(info.get("run_id", ""))
        if not run:
            raise RedisError("it does not tell its run_id; Laurels needs Redis 6 or later, or Valkey")
        if self.run is None:
            self.run = run
        elif self.run != run:
            raise RedisError(f"it is another run of a server, {run}, not {self.run}")
        return run

    async def meet(self) -> str:
        """The run of the server that answers now. Raises RedisUnavailable."""
        with _asking():
            return self._check(await self._writers.info("server"))

    async def forget(self) -> None:
        """Leave the run that was met, for whichever is there now."""
        self.run = None
        # A reader that is left there finds nothing of what is read from now on; a writer must not write there.
        await self._readers.connection_pool.disconnect(inuse_connections=False)
        await self._writers.connection_pool.disconnect(inuse_connections=True)

    async def close(self) -> None:
        for client in (self._readers, self._writers):
            await client.aclose()

    def ranked(self, name: str) -> "RankedSet":
        return RankedSet(self, name)

    async def admit(self, sets: Sequence["RankedSet"]) -> list[bytes | None]:
        """The token of each set, ready or being built; None where there is none. Raises RedisUnavailable."""
        return await self._write([("admit", each.keys[:2], ()) for each in sets]) if sets else []

    async def apply(
        self, changes: Sequence[tuple["RankedSet", bytes, Change]], *, lease_seconds: int = 0
    ) -> list[bool]:
        """Bring competitors of sets with these tokens to what they are; whether each set was still that of its token.

        What is older than what a set knows changes nothing, so that the order of arrival does not matter. Raises
        RedisUnavailable.
        """
        calls: list[tuple[str, Sequence[str], Sequence[Any]]] = []
        of_call: list[int] = []
        for index, (each, token, change) in enumerate(changes):
            for at in range(0, max(len(change.placed), len(change.removed), 1), CHUNK):
                chunk = b"".join(change.placed[at : at + CHUNK]), b"".join(change.removed[at : at + CHUNK])
                calls.append(("apply", each.keys, (token, change.revision, *chunk, lease_seconds)))
                of_call.append(index)
        current = [True] * len(changes)
        for index, answer in zip(of_call, await self._write(calls), strict=True):
            current[index] &= bool(answer)
        return current

    async def keep(self, sets: Sequence["RankedSet"]) -> None:
        """Keep sets for as long again as a new one. Raises RedisUnavailable."""
        pipeline = self._writers.pipeline(transaction=False)
        for each in sets:
            for key in each.keys[:2]:
                pipeline.expire(key, KEPT_SECONDS)
        with _asking():
            await pipeline.execute()

    async def discard(self, sets: Sequence["RankedSet"]) -> None:
        """Drop sets, ready or being built. Raises RedisUnavailable."""
        if sets:
            with _asking():
                await self._writers.unlink(*(key for each in sets for key in each.keys))

    async def read(self, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """What a script answers to a reader. Raises RedisUnavailable."""
        with _asking():
            async with self._turns:
                try:
                    return await self._readers.evalsha(DIGESTS[script], len(keys), *keys, *arguments)
                except NoScriptError:
                    return await self._readers.eval(SCRIPTS[script], len(keys), *keys, *arguments)

    async def first(self, order: str, count: int) -> list[Any]:
        """The first members of an order. Raises RedisUnavailable."""
        with _asking():
            async with self._turns:
                return list(await self._readers.zrange(order, 0, count - 1, withscores=True))

    async def _write(self, calls: Sequence[tuple[str, Sequence[str], Sequence[Any]]]) -> list[Any]:
        pipeline = self._writers.pipeline(transaction=False)
        for script, keys, arguments in calls:
            pipeline.evalsha(DIGESTS[script], len(keys), *keys, *arguments)
        with _asking():
            answers = await pipeline.execute(raise_on_error=False)
            if any(isinstance(answer, NoScriptError) for answer in answers):
                for script in {call[0] for call in calls}:
                    await self._writers.script_load(SCRIPTS[script])
                for script, keys, arguments in calls:
                    pipeline.evalsha(DIGESTS[script], len(keys), *keys, *arguments)
                answers = await pipeline.execute()
            for answer in answers:
                if isinstance(answer, Exception):
                    raise answer
        return list(answers)


class RankedSet:
    """One total order in Redis. Its questions answer None while the set is not ready, and raise RedisUnavailable."""

    def __init__(self, redis: Redis, name: str) -> None:
        self._redis = redis
        # The braces keep the keys of one set on one server of a cluster.
        self.keys = f"{{{name}}}:order", f"{{{name}}}:names", f"{{{name}}}:lease"

    async def size(self) -> int | None:
        found = await self._redis.read("size", self.keys[:1], ())
        return None if found is None else int(found)

    async def top(self, count: int) -> Run | None:
        """The first `count`."""
        found = await self._redis.first(self.keys[0], count + 1)
        if not found or found[0][0] != b"ready":
            return None
        del found[0]
        return Run(1, 0, found)

    async def around(self, competitor: bytes, above: int, below: int) -> Run | None:
        """A competitor with up to so many above and below it; nobody when it has no place."""
        return _run(await self._redis.read("around", self.keys[:2], (competitor, above, below)))

    async def behind(self, score: int, name: bytes, count: int) -> Run | None:
        """The first `count` behind a place, whether or not anybody stands there."""
        return _run(await self._redis.read("page", self.keys[:1], ("behind", count, -score, name)))

    async def ahead(self, score: int, name: bytes, count: int) -> Run | None:
        """The last `count` ahead of a place, whether or not anybody stands there."""
        return _run(await self._redis.read("page", self.keys[:1], ("ahead", count, -score, name)))

    async def last(self, count: int) -> Run | None:
        """The last `count` of all."""
        return _run(await self._redis.read("page", self.keys[:1], ("last", count)))

    async def held(self, competitors: Sequence[bytes]) -> list[tuple[bytes, float] | None] | None:
        """The name and score of each competitor, None where it has no place."""
        flat = await self._redis.read("held", self.keys[:2], competitors)
        if flat is None:
            return None
        pairs = zip(flat[::2], flat[1::2], strict=True)
        return [(name, float(score)) if name and score else None for name, score in pairs]

    async def begin(self, token: str) -> bool:
        """Begin to build it anew, empty; False when it is ready, somebody else does, or it is refused."""
        (begun,) = await self._redis._write([("begin", self.keys, (token, LEASE_SECONDS, KEPT_SECONDS))])
        return bool(begun)

    async def announce(self, token: str) -> bool:
        """Let it be read; False when it is no longer the set of this token."""
        (announced,) = await self._redis._write([("announce", self.keys, (token,))])
        return bool(announced)

    async def refuse(self, seconds: int) -> None:
        """Drop it, and let nobody build it for so long."""
        with _asking():
            pipeline = self._redis._writers.pipeline(transaction=True)
            pipeline.set(self.keys[2], "refused", ex=seconds)
            pipeline.unlink(*self.keys[:2])
            await pipeline.execute()


def _run(answer: Any) -> Run | None:
    if answer is None:
        return None
    if not answer:
        return Run(0, 0, [])
    first, better, flat = answer
    return Run(first, better, [(name, float(score)) for name, score in zip(flat[::2], flat[1::2], strict=True)])


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except ResponseError as error:
        raise RedisRefused(str(error)) from error
    except (RedisError, OSError) as error:  # a timeout is an OSError too
        raise RedisUnavailable(str(error) or type(error).__name__) from error
