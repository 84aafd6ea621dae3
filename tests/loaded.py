"""Processes of their own for tests, forked from one that has loaded what they need: loading takes longer than most do.

That a server starts by itself is tested in tests/test_command_line.py.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import app

LOADED = multiprocessing.get_context("forkserver")
LOADED.set_forkserver_preload(
    ["app", "api.http", "operations.publish", "operations.simulation.simulate", "tests.world", "uvicorn"]
)


def run_app(arguments: Sequence[str], folder: Path, environment: Mapping[str, str], out: str, err: str = "") -> None:
    """Run one command in this process, which is made for it, with its output in these files, unless one has no name."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for path, stream in ((out, sys.stdout), (err, sys.stderr)):
        if path:
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream.fileno())
    sys.exit(app.main(arguments))
