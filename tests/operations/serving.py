"""The real server for tests, as its own process on a port of its own, which can be killed."""

import asyncio
import os
import socket
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import httpx

from tests.loaded import LOADED, run_app

ROOT = Path(__file__).parents[2]


class Server:
    """`settings` are those of its environment, beside the database and the port."""

    def __init__(self, url: str, token: str, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._settings = settings | {"PORT": str(self.port), "LAURELS_DATABASE_URL": url}
        self._token = token
        self._process: ForkServerProcess | None = None

    async def start(self, client: httpx.AsyncClient) -> None:
        # Measuring its coverage too would double the time that it takes to start.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        told = ["serve"], ROOT, inherited | self._settings, os.devnull
        self._process = LOADED.Process(target=run_app, args=told, daemon=True)
        self._process.start()
        for _ in range(600):
            try:
                if (await client.get(f"http://127.0.0.1:{self.port}/health")).is_success:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
        raise AssertionError("the server did not start within 30 seconds")

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.join)

    async def ask(self, client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
        """The data that it answers with, without an error. Raises httpx.TransportError when it dies before it could."""
        answer = await client.post(
            f"http://127.0.0.1:{self.port}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        told = answer.json()
        assert answer.is_success, told
        assert "errors" not in told, told
        return told["data"]
