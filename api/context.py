"""What every resolver of one request has: who asks, what time it is, and the database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from api.access import Caller, Keyring, Scope
from api.rulebook import Rulebook
from leaderboard.middles import Middles
from leaderboard.mirror import Mirror
from operations.revision import Revision, Revisions
from operations.simulation.job import Simulations
from storage.engine import Store
from storage.work import UnitOfWork

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True)
class Service:
    """What one process keeps for all requests."""

    store: Store
    revisions: Revisions
    rulebook: Rulebook
    keyring: Keyring
    simulations: Simulations
    clock: Callable[[], datetime]
    mirror: Mirror | None = None
    middles: Middles = field(default_factory=Middles)

    @classmethod
    def of(cls, store: Store, clock: Callable[[], datetime], mirror: Mirror | None = None) -> "Service":
        keyring, simulations = Keyring(store.reading, clock), Simulations(store, clock)
        return cls(store, Revisions(), Rulebook(), keyring, simulations, clock, mirror)


class Context:
    """One request. What it reads, it reads from one snapshot; each mutation is a transaction of its own."""

    def __init__(self, service: Service, caller: Caller) -> None:
        self.service = service
        self.caller = caller
        self._open = AsyncExitStack()
        self._turn = asyncio.Lock()
        self._work: UnitOfWork | None = None
        self._revision: Revision | None = None
        self._loaders: dict[Callable[..., Any], DataLoader[Any, Any]] = {}

    def now(self) -> datetime:
        return self.service.clock()

    @property
    def sees_names(self) -> bool:
        """Whether who asks sees the names of members who go by an alias."""
        return self.caller.may(Scope.MANAGE)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[UnitOfWork]:
        """The transaction in which this request reads. GraphQL resolves fields side by side; a connection takes one
        statement at a time, so they take turns: never ask for it while holding it."""
        async with self._turn:
            if self._work is None:
                self._work = await self._open.enter_async_context(self.service.store.reading())
            yield self._work

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[UnitOfWork]:
        """A transaction for one mutation. What the request reads after it, it reads from a new snapshot."""
        async with self.service.store.writing() as work:
            yield work
        async with self._turn:
            await self.close()
            self._open = AsyncExitStack()
            self._work = self._revision = None
            self._loaders.clear()

    def loader(self, load: "Callable[[Context, list[K]], Awaitable[Sequence[V]]]") -> DataLoader[K, V]:
        """What loads in this way: fields that are resolved side by side ask it one by one, and it asks once for all.

        `load` takes keys and gives a value for each, in their order.
        """
        found = self._loaders.get(load)
        if found is None:
            found = self._loaders[load] = DataLoader(load_fn=partial(load, self))
        return found

    async def revision(self) -> Revision:
        """The programme's revision that this request sees. Raises NoProgramme."""
        if self._revision is None:
            async with self.reading() as work:
                self._revision = await self.service.revisions.current(work)
        return self._revision

    async def close(self) -> None:
        """End the reading by rolling back: the one end that also works where a statement was given up halfway."""
        done = _Done()
        await self._open.__aexit__(_Done, done, None)


class _Done(Exception):
    """The request is over."""


Info: TypeAlias = strawberry.Info[Context, None]
