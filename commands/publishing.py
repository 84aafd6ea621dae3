"""The programme: what a file would change or have done, making it so, who did so before, and the way back."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING

from commands.arguments import day_of, mistakes_of, programme_of, user
from commands.outcome import DONE, Clock
from commands.store import on_store, reading, writing
from settings import Settings
from terminal import say

if TYPE_CHECKING:
    from operations.publish import Plan
    from operations.simulation.report import Report
    from rules.advice import Advice
    from storage.engine import Store
    from storage.work import UnitOfWork


def plan(settings: Settings, clock: Clock, file: str, everything: bool) -> int:
    from operations.advice.warnings import warnings
    from operations.publish import plan as planned
    from operations.revision import Revisions

    declared = programme_of(file)
    revisions = Revisions()
    with mistakes_of(file):
        found = reading(settings, lambda work: planned(work, revisions, declared))
    say(found.text())
    told = reading(settings, lambda work: warnings(work, revisions, declared, now=clock()))
    _warn(told, found, everything=everything)
    return DONE


def apply(settings: Settings, clock: Clock, file: str, note: str | None, since: str | None) -> int:
    from operations.advice.warnings import warnings
    from operations.publish import apply as applied
    from operations.revision import Revisions

    declared = programme_of(file)
    day = day_of(since) if since else None
    revisions = Revisions()
    with mistakes_of(file):
        found = reading(settings, lambda work: warnings(work, revisions, declared, now=clock()))
        done = writing(
            settings,
            lambda work: applied(work, Revisions(), declared, now=clock(), author=user(), note=note, since=day),
        )
    _say(done, day, note)
    _warn(found, done, everything=False)
    return catch_up(settings, clock) if day else DONE


def simulate(settings: Settings, clock: Clock, file: str, since: str, until: str | None, json: bool) -> int:
    from operations.revision import Revisions
    from operations.simulation.job import with_warnings
    from operations.simulation.simulate import simulate as simulated
    from operations.simulation.words import told
    from terminal import progress

    declared = programme_of(file)
    first, last = day_of(since), day_of(until) if until else None
    with ExitStack() as stack:
        shown: list[Callable[[float, int], None]] = []

        def advance(judged: int, total: int) -> None:
            if not shown:
                shown.append(stack.enter_context(progress("Simulating", max(1, total), "judged")))
            shown[0](judged, judged)

        async def run(store: "Store") -> "Report":
            found = await simulated(
                store, Revisions(), declared, since=first, until=last, now=clock(), progress=advance
            )
            return await with_warnings(store, found, declared, now=clock())

        stack.enter_context(mistakes_of(file))
        report = on_store(settings, run)
    if json:
        print(report.to_json().decode())
    else:
        say(told(report))
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
    say(f"{count:,} member{'s' * (count != 1)} brought up to the revision in force.")
    return DONE


def revisions(settings: Settings, _: Clock, number: int | None) -> int:
    from operations.chronicle import RevisionUnknown, chronicle
    from operations.revision import Revisions

    newest = reading(settings, Revisions().current).number
    if number is not None and not 1 <= number <= newest:
        raise RevisionUnknown(number, newest)
    records = reading(settings, lambda work: chronicle(work, first=number or 1, last=number))
    say("\n\n".join(record.text() for record in records))
    return DONE


def restore(settings: Settings, clock: Clock, number: int, note: str | None, since: str | None) -> int:
    from operations.chronicle import restore as restored
    from operations.revision import Revisions

    day = day_of(since) if since else None
    done = writing(
        settings,
        lambda work: restored(work, Revisions(), number, author=user(), note=note, since=day, now=clock()),
    )
    _say(done, day, note)
    if day is None and done.changes:
        say("What was paid stays; restore with --since DATE to judge what happened since then again.")
    return catch_up(settings, clock) if day is not None else DONE


def undo(settings: Settings, clock: Clock, number: int | None, note: str | None) -> int:
    from operations.revision import Revisions
    from operations.undo import undo as undone

    done = writing(settings, lambda work: undone(work, Revisions(), number, author=user(), note=note, now=clock()))
    say(done.text())
    return catch_up(settings, clock)


def export(settings: Settings, _: Clock) -> int:
    from operations.programme import export as exported
    from operations.revision import Revisions

    print(exported(reading(settings, Revisions().current).programme), end="")
    return DONE


def _say(done: "Plan", since: date | None, note: str | None) -> None:
    """Tell what was published, or that nothing was."""
    say(done.text(since=since, published=True))
    if note and since is None and not done.changes:
        say("The note was not kept, as there is no new revision.")


def _warn(found: "Sequence[Advice]", plan: "Plan", *, everything: bool) -> None:
    """Tell what the author of a file may not have meant. It is no error: nothing is refused for it."""
    from operations.advice.sifting import of_the_rest, sift

    changed, unchanged = sift(found, plan)
    mine = found if everything else changed
    if mine:
        say(f"\n{len(mine)} thing{'s' * (len(mine) != 1)} to look at:")
    for each in mine:
        say(f"  {each}")
    if unchanged and not everything:
        say(f"\n{of_the_rest(len(unchanged))}")
