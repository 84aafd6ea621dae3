"""Bad bytes and monstrous numbers, in one activity of a batch, and as an event."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message

from activity.cloudevent import BATCH, STRUCTURED
from api.access import Scope
from tests.api.conftest import Client

MUTATION = """
mutation ($activities: [ActivityInput]!) {
  recordActivities(input: {activities: $activities}) { results { status message } }
}
"""

SOUND = {
    "source": "test",
    "id": "sound",
    "type": "post.shared",
    "member": "ada",
    "time": "2026-11-12T09:30:00Z",
    "data": {"network": "x", "url": "https://example.com/1", "reach": 5},
}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"broken"', b'"bro\xffken"', "id is not valid UTF-8: it contains a stray byte or half of a surrogate pair"),
        (b'"reach": 5', b'"reach": ' + b"1" * 5_000, "data.reach is a number beyond 64 bits"),
        (b'"reach": 5', b'"reach": NaN', "data.reach must be a whole number, but it is nan"),
    ],
)
async def test_a_broken_activity_harms_no_other(client: Client, old: bytes, new: bytes, message: str) -> None:
    """It is refused by itself, in words; the other is recorded."""
    activities = [SOUND | {"id": "broken"}, SOUND]
    body = json.dumps({"query": MUTATION, "variables": {"activities": activities}}).encode()
    answer = await client.raw(body.replace(old, new, 1))
    results = answer.json()["data"]["recordActivities"]["results"]
    assert [("REFUSED", message), ("RECORDED", None)] == [(each["status"], each["message"]) for each in results]


EVENT = json.dumps(
    {"specversion": "1.0", "subject": "ada"}
    | {name: value for name, value in SOUND.items() if name not in ("member", "data")}
    | {"data": SOUND["data"]}
).encode()
KINDS = st.sampled_from([STRUCTURED, BATCH, "application/json", ""]).map(str.encode) | st.binary(max_size=40)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["ce-specversion", "ce-id", "ce-source", "ce-type", "ce-subject", "ce-time"]).map(str.encode)
        | st.binary(max_size=9).map(b"ce-".__add__),
        st.sampled_from(["1.0", "1", "test", "post.shared", "ada", "2026-11-12T09:30:00Z"]).map(str.encode)
        | st.binary(max_size=30),
    ),
    max_size=8,
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Any bytes, or an event or a batch into which some were put."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=200))
    whole = draw(st.sampled_from([EVENT, b"[" + EVENT + b"]", b"[" + EVENT + b"," + EVENT + b"]"]))
    start, length = draw(st.integers(0, len(whole))), draw(st.integers(0, 20))
    return whole[:start] + draw(st.binary(max_size=10)) + whole[start + length :]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(KINDS, HEADERS, bodies())
async def test_any_bytes_and_headers_are_answered(
    client: Client, kind: bytes, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    """Whatever is sent as an event, it is done with or refused in words, and no failure of ours."""
    bearer = [(b"authorization", f"Bearer {client.keys[Scope.INGEST]}".encode())]
    status, content = await answered(client, [(b"content-type", kind), *headers, *bearer], body)
    assert status in (200, 400, 409, 415, 422), content
    if status != 200:
        (error,) = json.loads(content)["errors"]
        assert error["message"]


async def answered(client: Client, headers: list[tuple[bytes, bytes]], body: bytes) -> tuple[int, bytes]:
    """Status and content of an answer to headers that no client would send."""
    told: list[Message] = []
    scope: Any = {"type": "http", "method": "POST", "path": "/events", "query_string": b"", "headers": headers}

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    await client.app(scope, receive, send)
    return told[0]["status"], told[1]["body"]
