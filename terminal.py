"""What a person at a terminal sees of long work: a bar with its rate and the time left; plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

LINE_EVERY_SECONDS = 5.0

# Called with how much of the total is done, and how many things that were.
Advance = Callable[[float, int], None]


@contextmanager
def progress(title: str, total: float, things: str) -> Iterator[Advance]:
    """Shows how far something is while the block runs. `total` is in whatever unit `Advance` is called with."""
    with _bar(title, total, things) if sys.stderr.isatty() else _lines(title, total, things) as advance:
        yield advance


@contextmanager
def _bar(title: str, total: float, things: str) -> Iterator[Advance]:
    # Imported here: most commands show no bar, and start sooner without.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    told = TextColumn("{task.fields[told]}")
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), told, TimeRemainingColumn())
    began = monotonic()
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(title, total=total, told="")

        def advance(done: float, count: int) -> None:
            shown.update(task, completed=done, told=_told(count, things, monotonic() - began))

        yield advance


@contextmanager
def _lines(title: str, total: float, things: str) -> Iterator[Advance]:
    began = shown = monotonic()

    def advance(done: float, count: int) -> None:
        nonlocal shown
        if monotonic() - shown >= LINE_EVERY_SECONDS:
            shown = monotonic()
            print(f"{title}: {done / total:.0%}, {_told(count, things, shown - began)}", file=sys.stderr, flush=True)

    yield advance


def _told(count: int, things: str, seconds: float) -> str:
    return f"{count:,} {things}, {count / max(seconds, 0.001):,.0f} a second"
