"""Child processes of a simulation: each takes members, chunk by chunk, and says in the end what it found."""

import asyncio
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

from operations.simulation.past import open_past
from operations.simulation.simulated import Simulated
from operations.simulation.simulating import Job, Simulating, Task
from process import tune

AHEAD = 2  # tasks that a child is given before it asks
LOOK_EVERY_SECONDS = 0.02
END = ("end", None)


class ChildFailed(RuntimeError):
    """A child process of a simulation ended with an error, which is the message, or was ended."""


async def run_in_children(job: Job, tasks: Sequence[Task], processes: int, advance: Callable[[int], None]) -> Simulated:
    """Have the tasks done, each by whichever child comes first. The children end when this does, however it ends."""
    context = get_context("spawn")
    waiting = list(reversed(tasks))
    children: list[tuple[BaseProcess, Connection]] = []
    found = Simulated()
    try:
        for _ in range(processes):
            mine, theirs = context.Pipe()
            process = context.Process(target=_child, args=(job.to_send(), theirs), daemon=True)
            with _no_main():
                process.start()
            theirs.close()
            children.append((process, mine))
            for _ in range(AHEAD):
                mine.send(("do", waiting.pop()) if waiting else END)
        working = [mine for _, mine in children]
        while working:
            ready = [mine for mine in working if mine.poll()]
            for mine in ready:
                kind, what = _receive(mine)
                if kind == "read":
                    advance(what)
                elif kind == "done" and waiting:
                    mine.send(("do", waiting.pop()))
                elif kind == "done":
                    with suppress(BrokenPipeError):  # it was told before, and has ended
                        mine.send(END)
                elif kind == "found":
                    found.merge(what)
                    working.remove(mine)
                elif kind == "failed":
                    raise ChildFailed(what)
            if not ready:
                await asyncio.sleep(LOOK_EVERY_SECONDS)
    finally:
        for child, mine in children:
            mine.close()
            child.terminate()
        for child, _ in children:
            child.join()
    return found


@contextmanager
def _no_main() -> Iterator[None]:
    """Have no main module, which a spawned process would import: a server's, that it has no use for."""
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _receive(mine: Connection) -> tuple[str, Any]:
    try:
        kind, what = mine.recv()
    except EOFError:
        raise ChildFailed("it was ended from outside, perhaps because the machine is short of memory") from None
    return kind, what


def _child(job: Job, theirs: Connection) -> None:
    try:
        asyncio.run(_work(job, theirs))
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return  # whoever asked has gone
    except Exception:
        theirs.send(("failed", traceback.format_exc()))


async def _work(job: Job, theirs: Connection) -> None:
    found = Simulated()
    async with open_past(job.source) as past:
        simulating = Simulating(job, past)
        await simulating.open()
        tune()
        while True:
            kind, task = theirs.recv()
            if kind == "end":
                break
            found.merge(await simulating.do(task, lambda count: theirs.send(("read", count))))
            theirs.send(("done", None))
    theirs.send(("found", found))
