"""The database of the settings, as a command has it: at the newest schema, and closed when the command is done."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from errors import LaurelsError
from process import Terminated, terminating
from settings import Settings

if TYPE_CHECKING:
    from storage.engine import Store
    from storage.work import UnitOfWork

T = TypeVar("T")


def on_store(settings: Settings, do: "Callable[[Store], Awaitable[T]]", *, lean: bool = False) -> T:
    """Do something with the store, at the newest schema; a lean one takes little memory. Raises LaurelsError where
    there is no such database, and Terminated where SIGTERM or SIGHUP stopped it: what was committed stays."""
    from sqlalchemy.exc import DBAPIError

    from storage.engine import Store
    from storage.migration import migrate

    async def run() -> T:
        store = Store(settings.database_url, lean=lean)
        try:
            try:
                await migrate(store)
            except (DBAPIError, OSError) as error:
                await asyncio.sleep(0.1)  # aiosqlite's thread still answers to this loop after a failed opening
                url = store.url.set(drivername=store.url.get_backend_name())
                reason = error.orig if isinstance(error, DBAPIError) else error
                raise LaurelsError(f"the database {url} cannot be used: {reason}; see LAURELS_DATABASE_URL") from None
            return await do(store)
        finally:
            await store.close()

    stopped_by: int | None = None

    async def run_until_stopped() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def stop(number: int) -> None:
            nonlocal stopped_by
            stopped_by = number
            loop.call_soon_threadsafe(task.cancel)

        with terminating(stop):
            return await run()

    try:
        return asyncio.run(run_until_stopped())
    except asyncio.CancelledError:
        if stopped_by is not None:
            raise Terminated(stopped_by) from None
        raise


def reading(settings: Settings, do: "Callable[[UnitOfWork], Awaitable[T]]") -> T:
    async def run(store: "Store") -> T:
        async with store.reading() as work:
            return await do(work)

    return on_store(settings, run)


def writing(settings: Settings, do: "Callable[[UnitOfWork], Awaitable[T]]", *, rehearse: bool = False) -> T:
    """What comes of a transaction, which is taken back where it is rehearsed alone."""

    async def run(store: "Store") -> T:
        async with store.rehearsing() if rehearse else store.writing() as work:
            return await do(work)

    return on_store(settings, run)


def migrated(settings: Settings) -> None:
    """Bring the database to the newest schema, and do no more."""
    on_store(settings, _nothing)


async def _nothing(_: "Store") -> None:
    """Opening the store has migrated it."""
