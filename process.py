"""How a process that serves or loads is tuned, once, where it starts; and how a command is stopped."""

import gc
import os
import signal
import sys
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


HANGUP = getattr(signal, "SIGHUP", None)  # Windows has none


class Terminated(KeyboardInterrupt):
    """The process was told to end: by SIGTERM, or by SIGHUP, as its terminal was closed."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number  # what the process exits with, as shells have it


@contextmanager
def terminating(stop: Callable[[int], object]) -> Iterator[None]:
    """Have SIGTERM and SIGHUP call `stop` with their number while the block runs, where that is in the main thread, to
    which signals come. Who started the process with nohup has SIGHUP ignored, and it stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [signal.SIGTERM]
    if HANGUP is not None and signal.getsignal(HANGUP) is not signal.SIG_IGN:
        numbers.append(HANGUP)

    def heed(number: int, _frame: object) -> None:
        if number == HANGUP:
            _leave_closed_terminal()
        stop(number)

    before = {number: signal.signal(number, heed) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def terminate(number: int) -> NoReturn:
    """Stop what is done now, as Ctrl+C does. Raises Terminated."""
    raise Terminated(number)


def _leave_closed_terminal() -> None:
    """Write to nowhere what nobody can see any more: writing to a terminal that is closed would fail."""
    for stream in (sys.stdout, sys.stderr):
        try:
            os.write(stream.fileno(), b"")
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
