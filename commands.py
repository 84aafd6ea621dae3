"""What each command does. Takes the settings and a clock; returns what the process exits with.

Functions import what they need: most need little, and answer before the rest would have been loaded.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO, TypeVar

from errors import LaurelsError
from settings import Settings

if TYPE_CHECKING:
    from operations.load import Loaded, Refusal
    from operations.programme import Programme
    from storage.engine import Store
    from storage.work import UnitOfWork

T = TypeVar("T")
Clock = Callable[[], datetime]  # aware

DEMO_FOLDER = Path(".demo")
REFUSALS_SHOWN = 20

DONE, FOUND, STOPPED = 0, 1, 130


def serve(settings: Settings, clock: Clock) -> int:
    from api.http import create_app
    from server import Server

    server = Server(settings)
    on_store(settings, _nothing)
    print(f"Laurels answers at {server.url}/graphql. Press Ctrl+C to stop.", flush=True)
    return server.run(create_app(settings, clock))


def demo(settings: Settings, clock: Clock) -> int:
    from api.http import create_app
    from process import tune
    from programmes.demo import fill, greeting, key, missing
    from server import Server
    from terminal import progress

    # Never a database of the settings: made-up people and a key that may do everything have no place in a real one.
    DEMO_FOLDER.mkdir(exist_ok=True)
    settings = replace(settings, database_url=f"sqlite:///{DEMO_FOLDER}/laurels.db")
    server = Server(settings)
    if steps := on_store(settings, lambda store: missing(store, now=clock())):
        tune()
        with progress("Filling in a company", sum(len(step.reports) for step in steps), "reports") as advance:
            on_store(settings, lambda store: fill(store, steps, progress=lambda done: advance(done, done)))
    token = on_store(settings, lambda store: key(store, DEMO_FOLDER / "key", now=clock()))
    print(greeting(server.url, token), flush=True)
    return server.run(create_app(settings, clock))


def migrate(settings: Settings, _: Clock) -> int:
    on_store(settings, _nothing)
    print("The database is up to date.")
    return DONE


def plan(settings: Settings, _: Clock, file: str) -> int:
    from operations.publish import plan as planned
    from operations.revision import Revisions

    declared = _programme(file)
    print(reading(settings, lambda work: planned(work, Revisions(), declared)).text())
    return DONE


def apply(settings: Settings, clock: Clock, file: str) -> int:
    from operations.publish import apply as applied
    from operations.revision import Revisions

    declared = _programme(file)
    done = writing(settings, lambda work: applied(work, Revisions(), declared, now=clock()))
    print(done.text().replace(f"Revision {done.revision} would be:", f"Revision {done.revision} is in force:"))
    return DONE


def export(settings: Settings, _: Clock) -> int:
    from operations.programme import export as exported
    from operations.revision import Revisions

    print(exported(reading(settings, Revisions().current).programme), end="")
    return DONE


def verify(settings: Settings, _: Clock) -> int:
    from operations.verify import verify as verified

    count = reading(settings, lambda work: verified(work, print))
    print(f"{count:,} difference{'s' * (count > 1)}." if count else "Everything is as the recorded history makes it.")
    return FOUND if count else DONE


def schema(_: Settings, __: Clock) -> int:
    from api.schema import print_sdl

    print(print_sdl(), end="")
    return DONE


def load(settings: Settings, clock: Clock, what: str, file: str, refused: str | None) -> int:
    from activity.importer import Format
    from operations.load import load_activities, load_members
    from operations.revision import Revisions
    from process import tune
    from terminal import progress

    form = Format.of(Path(file))
    loading = load_members if what == "members" else load_activities
    tune()
    told = _Told()
    with ExitStack() as stack:
        lines = stack.enter_context(_opened(file))
        advance = stack.enter_context(progress(f"Importing {what}", max(1, Path(file).stat().st_size), "lines"))
        told.into = stack.enter_context(_written(refused)) if refused else None

        def tell(loaded: "Loaded") -> None:
            told.add(loaded)
            advance(loaded.bytes_read, loaded.counts.total())

        try:
            on_store(settings, lambda store: loading(store, Revisions(), lines, form, clock=clock, progress=tell))
        finally:
            stack.close()
            print(told.text(file))
    return FOUND if told.refused else DONE


class _Told:
    """What is said of an import in the end: how many lines became what, and which were not taken in, and why."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.refused = 0
        self.into: TextIO | None = None
        self._first: list[Refusal] = []

    def add(self, loaded: "Loaded") -> None:
        self.counts = loaded.counts.copy()
        self.refused += len(loaded.refusals)
        self._first += loaded.refusals[: REFUSALS_SHOWN - len(self._first)]
        if self.into:
            self.into.writelines(f"line {line}: {reason}\n" for line, reason in loaded.refusals)

    def text(self, file: str) -> str:
        from operations.enrol import MemberStatus
        from operations.record import Status

        total = self.counts.total()
        said = [f"{file}: {total:,} line{'s' * (total != 1)}"]
        statuses = dict.fromkeys((*Status, *MemberStatus))
        said += [f"{self.counts[status]:>12,} {status}" for status in statuses if self.counts[status]]
        said += [f"line {line}: {reason}" for line, reason in self._first]
        if self.refused > len(self._first):
            said.append(f"… and {self.refused - len(self._first):,} more; --refused FILE writes all of them")
        return "\n".join(said)


def create_key(settings: Settings, clock: Clock, scopes: list[str], name: str) -> int:
    from api.access import create_key as created

    print(writing(settings, lambda work: created(work, name, scopes, clock())))
    return DONE


def list_keys(settings: Settings, _: Clock) -> int:
    from api.access import list_keys as listed

    for key in reading(settings, listed):
        ended = f", revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else ""
        print(f"{key.id:>5}  {' '.join(key.scopes):<20}  made {key.created_at:%Y-%m-%d %H:%M}{ended}  {key.name}")
    return DONE


def revoke_key(settings: Settings, clock: Clock, id: int) -> int:
    from api.access import revoke_key as revoked

    writing(settings, lambda work: revoked(work, id, clock()))
    print(f"Key {id} is revoked.")
    return DONE


def on_store(settings: Settings, do: "Callable[[Store], Awaitable[T]]") -> T:
    """Do something with the store, at the newest schema. Raises LaurelsError where there is no such database."""
    from sqlalchemy.exc import DBAPIError

    from storage.engine import Store
    from storage.migration import migrate

    async def run() -> T:
        store = Store(settings.database_url)
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

    return asyncio.run(run())


def reading(settings: Settings, do: "Callable[[UnitOfWork], Awaitable[T]]") -> T:
    async def run(store: "Store") -> T:
        async with store.reading() as work:
            return await do(work)

    return on_store(settings, run)


def writing(settings: Settings, do: "Callable[[UnitOfWork], Awaitable[T]]") -> T:
    async def run(store: "Store") -> T:
        async with store.writing() as work:
            return await do(work)

    return on_store(settings, run)


async def _nothing(_: "Store") -> None:
    """Migrating is all that is to be done."""


def _programme(file: str) -> "Programme":
    """The programme that a file declares. Raises LaurelsError with every mistake in it."""
    from operations.programme import ProgrammeInvalid, parse

    with _opened(file) as opened:
        source = opened.read()
    try:
        return parse(source)
    except ProgrammeInvalid as invalid:
        count = len(invalid.mistakes)
        raise LaurelsError(f"{file} has {count} mistake{'s' * (count > 1)}:\n{invalid}") from None


def _opened(file: str) -> BinaryIO:
    """A file to read. Raises LaurelsError."""
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise LaurelsError(f"{file}: {error.strerror or error}") from None


def _written(file: str) -> TextIO:
    """A file to write, which takes every text: what UTF-8 does not have is escaped. Raises LaurelsError."""
    try:
        return Path(file).open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise LaurelsError(f"{file}: {error.strerror or error}") from None
