"""The Redis beside the service, as the model drives it: whatever may be lost is lost, and each round is asked for."""

from operations.drain import Drain
from storage.engine import Store
from storage.redis import Redis, RedisUnavailable
from tests.redis_server import RedisServer

PATIENCE_SECONDS = 600.0  # no machine is too slow: what the mirror was told of stays fresh until the next round


class Beside:
    """A server of Redis that the service uses, and perhaps loses."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.runs = False
        self.drain: Drain | None = None
        self.built = 0  # sets that were answered from then on

    async def begin(self) -> None:
        """An empty server, without a snapshot of an earlier story."""
        self.stop()
        (self.server.folder / "dump.rdb").unlink(missing_ok=True)
        self.start()

    def start(self) -> None:
        """Start it, from the last snapshot where there is one."""
        if not self.runs:
            self.server.start()
        self.runs = True

    def stop(self) -> None:
        if self.runs:
            self.server.kill()
        self.runs = False

    async def empty(self) -> None:
        if self.runs:
            await self.server.run("FLUSHALL")

    async def save(self) -> None:
        if self.runs:
            await self.server.run("SAVE")

    async def attend(self, store: Store) -> Drain:
        """The drain of a process that begins."""
        await self.leave()
        self.redis = Redis(self.server.url, read_seconds_max=PATIENCE_SECONDS)
        self.drain = Drain(store, self.redis)
        self.drain.mirror.fresh_seconds = PATIENCE_SECONDS
        return self.drain

    async def leave(self) -> None:
        if self.drain:
            await self.drain.stop()
        self.drain = None

    async def settle(self) -> None:
        """Rounds until the mirror knows everything, or it is known that it does not answer."""
        assert self.drain
        met = False
        while not met:
            try:
                while await self.drain.round() or not self.drain.mirror.is_usable():
                    pass
                met = True
            except RedisUnavailable:
                self.drain.mirror.leave()
                await self.redis.forget()
                met = not self.runs  # else it is another run than the one that was met

    async def build(self) -> bool:
        """Build the sets that were missed; whether there were any."""
        assert self.drain
        mirror, built = self.drain.mirror, 0
        while mirror.missed:
            key = mirror.missed.pop()
            try:
                built += mirror.is_usable() and await self.drain.build(key)
            except RedisUnavailable:
                mirror.suspend()
        self.built += built
        return bool(built)
