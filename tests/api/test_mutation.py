"""Recording activities and saving members, over GraphQL: a receipt for each, whatever the others are."""

import json
from typing import Any

from api.access import Scope
from tests.api.conftest import Client, Json
from tests.world import World

RECORD = """mutation Record($input: RecordActivitiesInput!) { recordActivities(input: $input) {
  results { index status message field seq points } recorded duplicates conflicts ignored kept refused
  errors { __typename code message ... on BatchTooLarge { given max } } } }"""

SAVE = """mutation Save($input: SaveMembersInput!) { saveMembers(input: $input) {
  results { index status message field } created updated unchanged refused errors { __typename code message } } }"""


def report(number: int | str = 1, **changes: Any) -> Json:
    data = {"network": "linkedin", "url": f"https://example.com/{number}", "reach": 1000} | changes.pop("data", {})
    return {
        "source": "test",
        "id": str(number),
        "type": "post.shared",
        "member": "ada",
        "time": "2026-11-12T09:30:00Z",
        "data": data,
    } | changes


async def record(client: Client, *activities: Any) -> Json:
    answer = await client.ask(RECORD, Scope.INGEST, input={"activities": activities})
    payload: Json = answer["recordActivities"]
    return payload


async def save(client: Client, *members: Any) -> Json:
    payload: Json = (await client.ask(SAVE, Scope.MANAGE, input={"members": members}))["saveMembers"]
    return payload


async def test_every_report_gets_a_receipt(world: World, client: Client) -> None:
    """Recorded with points and place in the sequence, duplicate, conflict, ignored, kept: each by itself."""
    await save(client, {"externalId": "eve", "participates": False})
    payload = await record(
        client,
        report(1),
        report(1),
        report(1, data={"reach": 7}),
        report(2, member="eve"),
        report(3, member="nobody"),
    )
    assert [
        ("RECORDED", None, None, 13),
        ("DUPLICATE", "recorded before; nothing was added", None, 0),
        (
            "CONFLICT",
            "(test, 1) was recorded before with other content, which stays; give a new activity a new id",
            "id",
            0,
        ),
        ("IGNORED", "member 'eve' does not take part", None, 0),
        (
            "KEPT",
            "there is no member with the external id 'nobody' yet: it is kept for 30 days, and judged once there is",
            "member",
            0,
        ),
    ] == [(r["status"], r["message"], r["field"], r["points"]) for r in payload["results"]]
    assert [0, 1, 2, 3, 4] == [receipt["index"] for receipt in payload["results"]]
    assert [True] + [False] * 4 == [receipt["seq"] is not None for receipt in payload["results"]]
    counts = [payload[status] for status in ("recorded", "duplicates", "conflicts", "ignored", "kept")]
    assert ([1, 1, 1, 1, 1], []) == (counts, payload["errors"])
    assert [] == await world.differences()


BROKEN: dict[str, tuple[Any, str, str]] = {
    "nothing": (None, "source", "source must be text, but it is missing"),
    "an empty object": ({}, "source", "source must be text, but it is missing"),
    "a number as id": (report(id=5), "id", "id must be text, but it is a whole number"),
    "an empty id": (report(id=" "), "id", "id is empty"),
    "a list as member": (report(member=["ada"]), "member", "member must be text, but it is a list"),
    "an object as type": (report(type={}), "type", "type must be text, but it is an object"),
    "an unknown type": (report(type="post.shred"), "type", "'post.shred' is no activity type of this programme"),
    "no time": (report(time=None), "time", "time is missing; write it as 2026-11-12T09:30:00Z"),
    "a naive time": (report(time="2026-11-12T09:30:00"), "time", "'2026-11-12T09:30:00' has no offset from UTC"),
    "a number as time": (report(time=5), "time", "time must be text such as 2026-11-12T09:30:00Z"),
    "a future time": (report(time="2026-11-21T13:30:00Z"), "time", "2026-11-21T13:30:00+00:00 is more than an hour"),
    "a list as data": (report() | {"data": []}, "data", "data must be an object of fields, but it is a list"),
    "a wrong type": (report(data={"reach": "7"}), "data.reach", "data.reach must be a whole number, but it is text"),
    "beyond 64 bits": (report(data={"reach": 2**64}), "data.reach", "data.reach is a number beyond 64 bits"),
    "a huge number": (report(data={"reach": 10**4000}), "data.reach", "data.reach is a number beyond 64 bits"),
    "NaN": (
        report(data={"reach": float("nan")}),
        "data.reach",
        "data.reach must be a whole number, but it is nan",
    ),
    "half a surrogate pair": (report(data={"url": "\ud800"}), "data.url", "data.url is not valid UTF-8"),
    "half a pair as id": (report(id="\udfff"), "id", "id is not valid UTF-8"),
    "half a pair as type": (report(type="\udfff"), "type", "type is not valid UTF-8"),
    "half a pair as field": (report(data={"\ud800": 1}), "data", "'\\ud800' is no field of post.shared"),
    "NUL": (report(data={"url": "a\0b"}), "data.url", "data.url contains a NUL character; remove it"),
    "deep": (report(data={"url": json.loads("[" * 400 + "]" * 400)}), "data.url", "data.url must be text"),
}


async def test_a_broken_report_harms_no_other(client: Client) -> None:
    """Whatever is wrong with one, its neighbours are recorded, and its receipt says where and what."""
    activities = [each for name in BROKEN for each in (BROKEN[name][0], report(name))]
    payload = await record(client, *activities)
    for index, (name, (_, field, message)) in enumerate(BROKEN.items()):
        refused, recorded = payload["results"][2 * index : 2 * index + 2]
        assert ("REFUSED", field) == (refused["status"], refused["field"]), name
        assert refused["message"].startswith(message), name
        assert "RECORDED" == recorded["status"], name
    assert (len(BROKEN), len(BROKEN)) == (payload["recorded"], payload["refused"])


async def test_values_may_stand_in_the_document(client: Client) -> None:
    """Without variables too: JSON as GraphQL writes it, numbers of any size, and a broken id only for itself."""
    payload = await client.ask(
        """mutation { recordActivities(input: {activities: [
             {source: "test", id: "1", type: "post.shared", member: "ada", time: "2026-11-12T09:30:00Z",
              data: {network: "x", url: "u", reach: 5, with_comment: true}},
             {source: "test", id: 2}, {source: "test", id: [1, {a: null}]},
             {source: "test", id: "3", type: "post.shared", member: "ada", time: "2026-11-12T09:30:00Z",
              data: {network: "x", url: "u", reach: 99999999999999999999}}]}) { results { status points field } } }""",
        Scope.INGEST,
    )
    assert [("RECORDED", 17, None), ("REFUSED", 0, "id"), ("REFUSED", 0, "id"), ("REFUSED", 0, "data.reach")] == [
        (receipt["status"], receipt["points"], receipt["field"]) for receipt in payload["recordActivities"]["results"]
    ]


async def test_a_thousand_at_a_time(client: Client) -> None:
    """A thousand are taken, one more is a typed error that says what to do, and nothing of it was done."""
    activities = [report(number, data={"url": "same"}) for number in range(1_001)]
    payload = await record(client, *activities)
    (error,) = payload.pop("errors")
    assert {
        "__typename": "BatchTooLarge",
        "code": "BATCH_TOO_LARGE",
        "message": "1,001 activities are more than one request may hold; send at most 1,000 at a time",
        "given": 1001,
        "max": 1000,
    } == error
    assert [] == payload.pop("results")
    assert {0} == set(payload.values())
    assert 1000 == (await record(client, *activities[1:]))["recorded"]
    members = [{"externalId": str(number), "name": "N"} for number in range(1_001)]
    message = "1,001 members are more than one request may hold; send at most 1,000 at a time"
    assert message == (await save(client, *members))["errors"][0]["message"]


async def test_without_a_programme_nothing_can_be_recorded(empty_client: Client) -> None:
    """A typed error says what is to be done first."""
    expected = {
        "__typename": "ProgrammeMissing",
        "code": "NO_PROGRAMME",
        "message": "No programme has been applied to this database yet; run: python app.py apply FILE",
    }
    assert [expected] == (await record(empty_client, report()))["errors"]
    assert [expected] == (await save(empty_client, {"externalId": "a", "name": "A"}))["errors"]


async def test_members_are_created_and_changed(client: Client) -> None:
    """What is left out stays, an empty text empties, and each member has a receipt."""
    zoe = {"externalId": "zoe", "name": "Zoë", "team": "Green", "attributes": {"hourly": True}, "participates": True}
    payload = await save(client, zoe, {"externalId": "ada", "location": "Oslo"}, {"externalId": "bob"}, {"name": "?"})
    assert ["CREATED", "UPDATED", "UNCHANGED", "REFUSED"] == [receipt["status"] for receipt in payload["results"]]
    assert [1, 1, 1, 1] == [payload[status] for status in ("created", "updated", "unchanged", "refused")]
    await save(client, {"externalId": "zoe", "team": "", "attributes": {"hourly": None}})
    query = '{ member(externalId: "zoe") { name team { name } attributes participates } }'
    expected: Json = {"name": "Zoë", "team": None, "attributes": {}, "participates": True}
    assert expected == (await client.ask(query))["member"]


BROKEN_MEMBERS: list[tuple[Any, str, str]] = [
    (None, "externalId", "external_id must be text, but it is missing"),
    ({"externalId": 5}, "externalId", "external_id must be text, but it is a whole number"),
    ({"externalId": "new"}, "name", "name is missing; 'new' is new and needs one"),
    ({"externalId": "ada", "name": ""}, "name", "name is empty"),
    ({"externalId": "ada", "team": "a\0"}, "team", "team contains a NUL character; remove it"),
    ({"externalId": "ada", "timeZone": "Mars"}, "timeZone", "there is no time zone 'Mars'"),
    (
        {"externalId": "ada", "participates": "yes"},
        "participates",
        "participates must be true or false, but it is text",
    ),
    ({"externalId": "ada", "attributes": []}, "attributes", "attributes must be an object"),
    (
        {"externalId": "ada", "attributes": {"hourly": 1}},
        "attributes.hourly",
        "attributes.hourly must be true or false, but it is a whole number",
    ),
]


async def test_a_broken_member_harms_no_other(client: Client) -> None:
    """Its receipt names the field as GraphQL does."""
    payload = await save(client, *(member for member, _, _ in BROKEN_MEMBERS), {"externalId": "yan", "name": "Yan"})
    for (_, field, message), receipt in zip(BROKEN_MEMBERS, payload["results"], strict=False):
        assert ("REFUSED", field) == (receipt["status"], receipt["field"]), message
        assert receipt["message"].startswith(message)
    assert "CREATED" == payload["results"][-1]["status"]


async def test_each_mutation_of_a_request_is_a_transaction_of_its_own(world: World, client: Client) -> None:
    """They run one after the other, each seeing what the one before has done."""
    payload = await client.ask(
        """mutation Both($new: SaveMembersInput!, $did: RecordActivitiesInput!) {
             saveMembers(input: $new) { created } recordActivities(input: $did) { recorded } }""",
        Scope.MANAGE,
        new={"members": [{"externalId": "zed", "name": "Zed", "participates": True}]},
        did={"activities": [report(member="zed")]},
    )
    assert {"saveMembers": {"created": 1}, "recordActivities": {"recorded": 1}} == payload
    assert [] == await world.differences()
