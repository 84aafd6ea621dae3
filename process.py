"""How a process that serves or loads is tuned, once, where it starts; and how a command is stopped."""

import gc
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn


def tune() -> None:
    """Look for reference cycles less often.

    A batch of 1,000 activities makes some 50,000 rows and keys, none in a cycle; with CPython's defaults the collector
    walks them about 70 times and takes two fifths of the time in Python. What start has loaded is never garbage: it is
    left out of every walk.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


class Terminated(KeyboardInterrupt):
    """The process was told to end by SIGTERM."""


@contextmanager
def terminating(stop: Callable[[], object]) -> Iterator[None]:
    """Have SIGTERM call `stop` while the block runs, where that is in the main thread, to which signals come."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def terminate() -> NoReturn:
    """Stop what is done now, as Ctrl+C does. Raises Terminated."""
    raise Terminated
