"""One activity that holds bad bytes or a monstrous number, in a batch with a sound one."""

import json

import pytest

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
        (b'"broken"', b'"bro\xffken"', "id is not valid UTF-8: it contains half of a surrogate pair"),
        (b'"reach": 5', b'"reach": ' + b"1" * 5_000, "data.reach is a number beyond 64 bits"),
        (b'"reach": 5', b'"reach": NaN', "data.reach must be a whole number, but it is a number"),
    ],
)
async def test_a_broken_activity_harms_no_other(client: Client, old: bytes, new: bytes, message: str) -> None:
    """It is refused by itself, in words; the other is recorded."""
    activities = [SOUND | {"id": "broken"}, SOUND]
    body = json.dumps({"query": MUTATION, "variables": {"activities": activities}}).encode()
    answer = await client.raw(body.replace(old, new, 1))
    results = answer.json()["data"]["recordActivities"]["results"]
    assert [("REFUSED", message), ("RECORDED", None)] == [(each["status"], each["message"]) for each in results]
