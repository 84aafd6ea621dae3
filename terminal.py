"""What a person at a terminal sees: words without control characters, and of long work a bar with its rate and the time
left; plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TextIO

LINE_EVERY_SECONDS = 5.0

# Called with how much of the total is done, and how many things that were.
Advance = Callable[[float, int], None]

# C0, DEL and C1 can command a terminal, and the bidirectional controls show a text as another one.
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_ESCAPES = {code: chr(code).encode("unicode_escape").decode() for code in _CONTROLS}
_ESCAPES_IN_LINES = {code: escape for code, escape in _ESCAPES.items() if chr(code) not in "\n\t"}


def say(text: object, *, file: TextIO | None = None) -> None:
    """Print lines to a person, with escapes for control characters."""
    print(str(text).translate(_ESCAPES_IN_LINES), file=file)


def escaped(text: str) -> str:
    """What somebody wrote as part of a line, with escapes for control characters and line ends: `\\x1b`."""
    return text.translate(_ESCAPES)


@contextmanager
def progress(title: str, total: float, things: str) -> Iterator[Advance]:
    """Shows how far something is while the block runs. `total` is in whatever unit `Advance` is called with."""
    with _bar(title, total, things) if sys.stderr.isatty() else _lines(title, total, things) as advance:
        yield advance


@contextmanager
def _bar(title: str, total: float, things: str) -> Iterator[Advance]:
    # Imported here: most commands show no bar, and start sooner without.
    from rich.console import Console

    from bar import Bar

    began = monotonic()
    with Bar(console=Console(stderr=True)) as shown:
        task = shown.add_task(title, total=total, words=("",))

        def advance(done: float, count: int) -> None:
            told = _told(count, things, monotonic() - began)
            shown.update(task, completed=done, words=(told, f"{count:,} {things}"))

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
