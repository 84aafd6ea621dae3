"""Several processes that work at the same time, for tests of concurrency: forked from one that is forked for them."""

import os
import runpy
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection


def run_rivals(commands: Sequence[Sequence[str]], answer: Connection) -> None:
    """Answer with what each of them printed. A command is a module of this folder and its arguments."""
    outputs = [os.fdopen(reading) for reading in [_begin(*command) for command in commands]]
    printed = [output.read() for output in outputs]
    codes = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in commands]
    assert not any(codes), codes
    answer.send(printed)


def _begin(module: str, *arguments: str) -> int:
    """Run a module in a process of its own; where its output can be read."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.dup2(writing, sys.stdout.fileno())
        sys.argv = [module, *arguments]
        runpy.run_module(f"tests.operations.{module}", run_name="__main__")
        sys.exit()
    os.close(writing)
    return reading
