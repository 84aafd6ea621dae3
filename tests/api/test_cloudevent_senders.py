"""Events that the SDKs of CloudEvents send, over HTTP to the real server."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from activity.cloudevent import BATCH
from api.access import create_key
from storage.engine import Store
from tests.api import javascript
from tests.operations.serving import Server
from tests.world import World

DATA = {"network": "linkedin", "url": "https://example.com/ü/1", "reach": 2500}
RECORDED = {"status": "recorded", "points": 14}


class Address:
    """Where events go, and a key for it."""

    def __init__(self, server: Server, key: str, http: httpx.AsyncClient) -> None:
        self.url = f"http://127.0.0.1:{server.port}/events"
        self.key = key
        self._http = http

    async def send(self, message: HTTPMessage) -> tuple[int, dict[str, Any]]:
        headers = message.headers | {"authorization": f"Bearer {self.key}"}
        answer = await self._http.post(self.url, content=message.body, headers=headers)
        return answer.status_code, answer.json()


@pytest.fixture
async def address(store: Store) -> AsyncIterator[Address]:
    """The server on a small company, with somebody whose id is not ASCII."""
    world = World(store)
    world.now = datetime.now(UTC) - timedelta(hours=1)
    await world.apply()
    await world.hire("Ada", "Bob", "Zoë")
    async with store.writing() as work:
        key = await create_key(work, "a tool", ["ingest"], world.now)
    server = Server(store.url.render_as_string(hide_password=False), key)
    async with httpx.AsyncClient(timeout=60) as http:
        try:
            await server.start(http)
            yield Address(server, key, http)
            assert [] == await world.differences()
        finally:
            await server.kill()


def event(identifier: str, **attributes: Any) -> CloudEvent:
    """An event of the SDK for Python, of an hour ago, to the microsecond."""
    required = {"id": identifier, "source": "https://example.com/tool", "type": "post.shared", "subject": "ada"}
    time = {"time": datetime.now(UTC) - timedelta(hours=1)}
    return CloudEvent(required | time | attributes, data=DATA)


def recorded(answer: tuple[int, dict[str, Any]]) -> dict[str, Any]:
    """What a good answer says, but for the place in the sequence."""
    status, told = answer
    assert 200 == status, told
    return {name: told[name] for name in ("status", "points")}


async def test_the_sdk_for_python_sends_in_both_modes(address: Address) -> None:
    """Recorded once, in whichever it comes first; and its answer says so."""
    first, second = event("1", datacontenttype="application/json"), event("2 é %", subject="zoë", contributors="bob")
    assert RECORDED == recorded(await address.send(to_binary_event(first)))
    assert "duplicate" == recorded(await address.send(to_structured_event(first)))["status"]
    assert "recorded" == recorded(await address.send(to_structured_event(second)))["status"]
    assert "duplicate" == recorded(await address.send(to_binary_event(second)))["status"]


async def test_events_of_the_sdk_for_python_go_in_a_batch(address: Address) -> None:
    """It has no batches: they are a list of what it writes."""
    events = [json.loads(to_structured_event(event(str(number))).body) for number in range(3)]
    message = HTTPMessage({"content-type": BATCH}, json.dumps([*events, events[0]]).encode())
    status, told = await address.send(message)
    assert (200, ["recorded"] * 3 + ["duplicate"]) == (status, [each["status"] for each in told["receipts"]])


async def test_a_wrong_event_of_the_sdk_for_python_is_refused_in_words(address: Address) -> None:
    """What it lets through and Laurels does not."""
    status, told = await address.send(to_binary_event(event("1", type="post.shred")))
    assert (422, "type") == (status, told["errors"][0]["extensions"]["field"])
    message = to_structured_event(CloudEvent(event("1").get_attributes(), data="no object"))
    status, told = await address.send(message)
    assert (422, "data") == (status, told["errors"][0]["extensions"]["field"])


async def test_the_sdk_for_javascript_sends_in_every_mode(address: Address) -> None:
    """Binary, structured, structured with data as bytes, and in a batch with one more."""
    await asyncio.to_thread(javascript.install)
    time = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="milliseconds")
    written = {
        "id": "js-1",
        "source": "https://example.com/tool?team=1#x",
        "type": "post.shared",
        "subject": "ada",
        "time": time,
        "datacontenttype": "application/json",
        "contributors": "bob",
        "data": DATA,
    }
    answers = await asyncio.to_thread(javascript.run, "send.mjs", address.url, address.key, json.dumps(written))
    assert [200] * 4 == [answer["status"] for answer in answers], answers
    binary, structured, encoded, batch = (answer["body"] for answer in answers)
    assert ["recorded", "duplicate", "duplicate"] == [each["status"] for each in (binary, structured, encoded)]
    assert ["duplicate", "recorded"] == [each["status"] for each in batch["receipts"]]
