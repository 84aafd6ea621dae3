"""The application as its clients see it, on a small company."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from api.access import Scope, create_key
from api.http import create_app
from settings import Settings
from storage.engine import Store
from tests.api import recognition
from tests.world import World

Json = dict[str, Any]


def nodes(connection: Json) -> list[Json]:
    """The elements of a page."""
    return [edge["node"] for edge in connection["edges"]]


def settings_of(store: Store) -> Settings:
    return Settings(database_url=store.url.render_as_string(hide_password=False))


class Client:
    """Asks over HTTP, as a tool with a key of one scope."""

    def __init__(self, http: httpx.AsyncClient, keys: dict[Scope, str], app: Starlette) -> None:
        self.http = http
        self.keys = keys
        self.app = app

    async def post(self, query: str, key: str | Scope = Scope.READ, **variables: Any) -> httpx.Response:
        token = self.keys[key] if isinstance(key, Scope) else key
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = json.dumps({"query": query, "variables": variables})  # escapes what UTF-8 does not have
        return await self.http.post("/graphql", content=body, headers=headers)

    async def ask(self, query: str, key: str | Scope = Scope.READ, **variables: Any) -> Json:
        """The data of an answer without errors."""
        answer = (await self.post(query, key, **variables)).json()
        assert "errors" not in answer, answer["errors"]
        data: Json = answer["data"]
        return data

    async def refusal(self, query: str, key: str | Scope = Scope.READ, **variables: Any) -> tuple[str, str]:
        """Code and message of an answer's one error."""
        (error,) = (await self.post(query, key, **variables)).json()["errors"]
        return error["extensions"]["code"], error["message"]

    def bearer(self, scope: Scope) -> dict[str, str]:
        return {"authorization": f"Bearer {self.keys[scope]}"}

    async def raw(self, body: bytes, **headers: str) -> httpx.Response:
        """The answer to any body at all."""
        key = self.keys[Scope.MANAGE]
        given = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        encoded = {name.encode(): value.encode() for name, value in given.items()}
        return await self.http.post("/graphql", content=body, headers=httpx.Headers(encoded))


@contextmanager
def _engine_of(store: Store, other: Store) -> Iterator[None]:
    """Another's engine for a while: what it has compiled and prepared, a tenth of what tests take otherwise."""
    own, other.engine = other.engine, store.engine
    yield
    other.engine = own


@pytest.fixture
async def empty_client(world: World) -> AsyncIterator[Client]:
    """The application on a database in which no programme has been applied."""
    async with AsyncExitStack() as stack:
        keys = {}
        async with world.store.writing() as work:
            for scope in Scope:
                keys[scope] = await create_key(work, f"for {scope}", [scope], world.now)
        app = create_app(settings_of(world.store), lambda: world.now, request_seconds_max=20, runs_jobs=False)
        await stack.enter_async_context(app.router.lifespan_context(app))
        stack.enter_context(_engine_of(world.store, app.state.service.store))
        transport = httpx.ASGITransport(app=app)
        http = httpx.AsyncClient(transport=transport, base_url="http://laurels.test", timeout=60)
        yield Client(await stack.enter_async_context(http), keys, app)


@pytest.fixture
async def client(world: World, empty_client: Client) -> Client:
    """The application with the test programme and a few members of two teams."""
    await world.apply()
    await world.hire("Ada", "Bob", "Cy", team="Red")
    await world.hire("Dee", team="Blue")
    await world.hire("Eve")
    return empty_client


@pytest.fixture
async def recognised(world: World, empty_client: Client) -> Client:
    """The application with a programme that has badges and zones, and a few members."""
    await world.apply(recognition.PROGRAMME)
    await world.hire("Ada", "Bob", team="Red")
    await world.hire("Cy", "Dee")
    return empty_client


def later(world: World, **span: float) -> None:
    """Let time pass."""
    world.now += timedelta(**span)
