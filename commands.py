"""What each command does. Takes the settings and a clock; returns what the process exits with.

Functions import what they need: most need little, and answer before the rest would have been loaded.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO, TypeVar

from errors import LaurelsError
from settings import Settings

if TYPE_CHECKING:
    from operations.adjust import Author
    from operations.load import Loaded, Refusal
    from operations.programme import Programme
    from operations.publish import Plan
    from operations.simulation_report import Report
    from rules.advice import Advice
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


def plan(settings: Settings, clock: Clock, file: str, everything: bool) -> int:
    from operations.publish import plan as planned
    from operations.revision import Revisions
    from operations.warnings import warnings

    declared = _programme(file)
    revisions = Revisions()
    found = reading(settings, lambda work: planned(work, revisions, declared))
    print(found.text())
    _warn(
        reading(settings, lambda work: warnings(work, revisions, declared, now=clock())), found, everything=everything
    )
    return DONE


def apply(settings: Settings, clock: Clock, file: str, note: str | None, since: str | None) -> int:
    from operations.publish import apply as applied
    from operations.revision import Revisions
    from operations.warnings import warnings

    declared = _programme(file)
    day = _day(since) if since else None
    revisions = Revisions()
    found = reading(settings, lambda work: warnings(work, revisions, declared, now=clock()))
    done = writing(
        settings,
        lambda work: applied(work, Revisions(), declared, now=clock(), author=_user(), note=note, since=day),
    )
    print(done.text(since=day, published=True))
    _warn(found, done, everything=False)
    return catch_up(settings, clock) if day else DONE


def simulate(settings: Settings, clock: Clock, file: str, since: str, until: str | None, json: bool) -> int:
    from operations.revision import Revisions
    from operations.simulate import simulate as simulated
    from operations.simulation_job import with_warnings
    from operations.simulation_words import told
    from terminal import progress

    declared = _programme(file)
    first, last = _day(since), _day(until) if until else None
    with ExitStack() as stack:
        shown: list[Callable[[float, int], None]] = []

        def advance(judged: int, total: int) -> None:
            if not shown:
                shown.append(stack.enter_context(progress("Simulating", max(1, total), "activities")))
            shown[0](judged, judged)

        async def run(store: "Store") -> "Report":
            found = await simulated(
                store, Revisions(), declared, since=first, until=last, now=clock(), progress=advance
            )
            return await with_warnings(store, found, declared, now=clock())

        report = on_store(settings, run)
    print(report.to_json().decode() if json else told(report))
    return DONE


def catch_up(settings: Settings, clock: Clock) -> int:
    from operations.catch_up import catch_up as caught_up
    from operations.catch_up import members_behind
    from operations.revision import Revisions
    from terminal import progress

    async def behind(work: "UnitOfWork") -> int:
        return await members_behind(work, await Revisions().current(work))

    async def bring(store: "Store") -> int:
        revisions, done = Revisions(), 0
        while count := await caught_up(store, revisions, now=clock()):
            done += count
            advance(done, done)
        return done

    waiting = reading(settings, behind)
    with progress("Judging past activities again", max(1, waiting), "members") as advance:
        count = on_store(settings, bring)
    print(f"{count:,} member{'s' * (count != 1)} brought up to the revision in force.")
    return DONE


def revisions(settings: Settings, _: Clock, number: int | None) -> int:
    from operations.chronicle import RevisionUnknown, chronicle
    from operations.revision import Revisions

    newest = reading(settings, Revisions().current).number
    if number is not None and not 1 <= number <= newest:
        raise RevisionUnknown(number, newest)
    records = reading(settings, lambda work: chronicle(work, first=number or 1, last=number))
    print("\n\n".join(record.text() for record in records))
    return DONE


def restore(settings: Settings, clock: Clock, number: int, note: str | None, since: str | None) -> int:
    from operations.chronicle import restore as restored
    from operations.revision import Revisions

    day = _day(since) if since else None
    done = writing(
        settings,
        lambda work: restored(work, Revisions(), number, author=_user(), note=note, since=day, now=clock()),
    )
    print(done.text(since=day, published=True))
    if day is None:
        print("What was paid stays; restore with --since DATE to judge what happened since then again.")
        return DONE
    return catch_up(settings, clock)


def retract(settings: Settings, clock: Clock, source: str, id: str, reason: str) -> int:
    from activity.intake import Refused
    from operations.retract import RetractStatus
    from operations.retract import retract as retracted
    from operations.revision import Revisions

    try:
        done = writing(
            settings,
            lambda work: retracted(work, Revisions(), source, id, author=_user(), reason=reason, now=clock()),
        )
    except Refused as refused:
        raise LaurelsError(refused.message) from None
    if done.status is RetractStatus.UNCHANGED:
        print("It had been retracted before; nothing was done.")
    else:
        badges = f" and {done.revoked:,} badge{'s' * (done.revoked != 1)} or zones" if done.revoked else ""
        voided = f" {done.voided:,} points that were held back will not be released." if done.voided else ""
        print(f"Retracted: {done.points:,} points{badges} taken back.{voided}")
    return DONE


def adjust(settings: Settings, clock: Clock, member: str, points: int, reason: str, rule: str | None) -> int:
    from operations.adjust import adjust as adjusted
    from operations.revision import Revisions

    _correct(
        settings,
        lambda work, author: adjusted(
            work, Revisions(), member, points, author=author, reason=reason, rule=rule, now=clock()
        ),
    )
    print(f"{points:+,} points for {member}.")
    return DONE


def give(settings: Settings, clock: Clock, member: str, badge: str, level: int, reason: str) -> int:
    from operations.give import give_badge
    from operations.revision import Revisions

    _correct(
        settings,
        lambda work, author: give_badge(
            work, Revisions(), member, badge, level=level, author=author, reason=reason, now=clock()
        ),
    )
    print(f"{member} has {badge}.")
    return DONE


def take(settings: Settings, clock: Clock, member: str, badge: str, level: int | None, reason: str) -> int:
    from operations.give import take_badge
    from operations.revision import Revisions

    _correct(
        settings,
        lambda work, author: take_badge(
            work, Revisions(), member, badge, level=level, author=author, reason=reason, now=clock()
        ),
    )
    print(f"{badge} was taken from {member}.")
    return DONE


def _correct(settings: Settings, do: "Callable[[UnitOfWork, Author], Awaitable[int]]") -> None:
    """Do what a person corrects. Raises LaurelsError."""
    from activity.intake import Refused
    from operations.adjust import Author

    try:
        writing(settings, lambda work: do(work, Author(_user())))
    except Refused as refused:
        raise LaurelsError(refused.message) from None


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


def create_key(settings: Settings, clock: Clock, scopes: list[str], name: str, member: str | None) -> int:
    from api.access import create_key as created

    print(writing(settings, lambda work: created(work, name, scopes, clock(), member=member)))
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


def _user() -> str:
    """Who gives the command, as the system knows them."""
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):
        return "command line"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise LaurelsError(f"there is no day {text!r}; write it as 2026-01-31") from None


def _warn(found: "Sequence[Advice]", plan: "Plan", *, everything: bool) -> None:
    """Tell what the author of a file may not have meant. It is no error: nothing is refused for it."""
    mine = found if everything else [each for each in found if plan.concerns(each.path)]
    if mine:
        print(f"\n{len(mine)} thing{'s' * (len(mine) != 1)} to look at:")
    for each in mine:
        print(f"  {each}")
    if others := len(found) - len(mine):
        print(f"\n{others} more about what does not change; plan --all tells them.")


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
