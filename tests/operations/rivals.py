"""Several processes that work at the same time, for tests of concurrency: loaded once, then forked.

    python -m tests.operations.rivals COMMANDS

COMMANDS is a JSON list of commands, each a list: a module of this folder and its arguments. Prints a JSON list of what
each of them printed.
"""

import json
import os
import runpy
import sys

import tests.world  # noqa: F401  what all of them need, so that it is there before they are forked


def begin(module: str, *arguments: str) -> int:
    """Run a module in a process of its own; where its output can be read."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.dup2(writing, sys.stdout.fileno())
        sys.argv = [module, *arguments]
        runpy.run_module(f"tests.operations.{module}", run_name="__main__")
        sys.exit()
    os.close(writing)
    return reading


def main(commands: list[list[str]]) -> None:
    outputs = [os.fdopen(reading) for reading in [begin(*command) for command in commands]]
    printed = [output.read() for output in outputs]
    codes = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in commands]
    assert not any(codes), codes
    print(json.dumps(printed))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
