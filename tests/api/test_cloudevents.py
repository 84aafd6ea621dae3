"""CloudEvents over HTTP: what a sender is told of an event, in every mode, and of a batch."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from activity.cloudevent import BATCH, STRUCTURED
from activity.tables import activity
from api import body
from api.access import Scope
from operations.record import BATCH_MAX
from tests.api.conftest import Client, Json
from tests.api.test_mutation import record, report, save
from tests.world import PROGRAMME, World

AGAIN = "recorded before; nothing was added"


def event(number: int | str = 1, **changes: Any) -> Json:
    data = {"network": "linkedin", "url": f"https://example.com/{number}", "reach": 1000} | changes.pop("data", {})
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": "test",
        "type": "post.shared",
        "subject": "ada",
        "time": "2026-11-12T09:30:00Z",
        "data": data,
    } | changes


async def send(client: Client, content: Any, kind: str = STRUCTURED, scope: Scope = Scope.INGEST) -> httpx.Response:
    return await client.http.post(
        "/events", content=json.dumps(content), headers={"content-type": kind} | client.bearer(scope)
    )


async def send_binary(client: Client, sent: Json, **headers: str) -> httpx.Response:
    attributes = {f"ce-{name}": value for name, value in sent.items() if name != "data"}
    given = {"content-type": "application/json"} | attributes | client.bearer(Scope.INGEST) | headers
    return await client.http.post("/events", content=json.dumps(sent["data"]), headers=given)


def told(answer: httpx.Response) -> tuple[int, str, str, str]:
    """Status, code, field and message of an error."""
    (error,) = answer.json()["errors"]
    extensions = error["extensions"]
    return answer.status_code, extensions["code"], extensions.get("field", ""), error["message"]


async def test_an_event_is_recorded_once_in_whatever_mode_it_comes(world: World, client: Client) -> None:
    """(source, id) is its identity, and the content the same: also under GraphQL, and under another offset."""
    answer = await send(client, event())
    (row,) = await world.rows(activity)
    assert (200, {"status": "recorded", "seq": row.seq, "points": 13}) == (answer.status_code, answer.json())
    again = {"status": "duplicate", "message": AGAIN, "seq": None, "points": 0}
    london = "2026-11-12T10:30:00%2B01:00"
    for answer in (await send(client, event()), await send_binary(client, event(time=london))):
        assert (200, again) == (answer.status_code, answer.json())
    answer = await send(client, [event()], BATCH)
    assert (200, {"receipts": [{"index": 0} | again]}) == (answer.status_code, answer.json())
    assert 1 == (await record(client, report()))["duplicates"]
    assert 200 == (await send_binary(client, event(2))).status_code
    assert 1 == (await record(client, report(2)))["duplicates"]
    assert [] == await world.differences()


async def test_a_whole_number_may_have_a_point(client: Client) -> None:
    """Over GraphQL and as an event 5.0 is 5: the same content."""
    assert 200 == (await send(client, event(data={"reach": 5}))).status_code
    assert "duplicate" == (await send(client, event(data={"reach": 5.0}))).json()["status"]
    assert 1 == (await record(client, report(data={"reach": 5.0})))["duplicates"]


async def test_an_alias_is_the_type(world: World, client: Client) -> None:
    """Rules see the key; sent under the other name it is the same activity."""
    declared = PROGRAMME.replace("    zone: sharer\n", "    zone: sharer\n    aliases: [com.example.Post]\n")
    await world.apply(
        declared.replace('when: activity.network in ["', 'when: activity.type == "post.shared" && "x" in ["')
    )
    answer = await send(client, event(type="com.example.Post"))
    assert ("recorded", 13) == (answer.json()["status"], answer.json()["points"])
    assert "duplicate" == (await send(client, event())).json()["status"]
    assert 1 == (await record(client, report(2, type="com.example.Post")))["recorded"]
    shown = await client.ask("{ programme { activityTypes { key aliases } } }")
    assert {"key": "post.shared", "aliases": ["com.example.Post"]} == shown["programme"]["activityTypes"][0]
    assert [] == await world.differences()


async def test_nobody_sends_again_what_does_not_count(client: Client) -> None:
    """Who does not take part gets nothing, and that is no error."""
    await save(client, {"externalId": "eve", "participates": False})
    answer = await send(client, event(subject="eve"))
    words = "member 'eve' does not take part"
    assert (200, {"status": "ignored", "message": words, "seq": None, "points": 0}) == (
        answer.status_code,
        answer.json(),
    )


async def test_contributors_are_credited(client: Client) -> None:
    """The extension names them with semicolons, in either mode."""
    alone, both = 13, 13 + 6  # whoever is the first to share gets 7 more, alone
    assert alone == (await send(client, event(0))).json()["points"]
    assert both == (await send(client, event(1, contributors="bob"))).json()["points"]
    assert both == (await send_binary(client, event(2, contributors="cy; "))).json()["points"]
    answer = await send(client, event(3, contributors="bob;bob"))
    assert (422, "REFUSED", "contributors[1]", "'bob' is named twice; name each member once") == told(answer)


async def test_other_content_is_a_conflict(client: Client) -> None:
    """The first stays, in every mode."""
    assert 200 == (await send(client, event())).status_code
    words = "(test, 1) was recorded before with other content, which stays; give a new activity a new id"
    for answer in (
        await send(client, event(data={"reach": 7})),
        await send_binary(client, event(subject="bob")),
        await send(client, event(contributors="bob")),
    ):
        assert (409, "CONFLICT", "id", words) == told(answer)


REFUSED: dict[str, tuple[Json, str, str]] = {
    "no member": ({"subject": None}, "subject", "subject is missing; it names the member who did it"),
    "no time": ({"time": None}, "time", "time is missing; write when it happened, as 2026-11-12T09:30:00Z"),
    "an early time": ({"time": "2025-11-12T09:30:00Z"}, "time", "2025-11-12T09:30:00+00:00 is before the programme"),
    "a late time": ({"time": "2027-11-12T09:30:00Z"}, "time", "2027-11-12T09:30:00+00:00 is more than an hour ahead"),
    "an unknown type": (
        {"type": "post.shred"},
        "type",
        "'post.shred' is no activity type of this programme; did you mean post.shared?",
    ),
    "a wrong field": ({"data": {"reach": "5"}}, "data.reach", "data.reach must be a whole number, but it is text"),
    "no whole number": ({"data": {"reach": 5.5}}, "data.reach", "data.reach must be a whole number, but it is 5.5"),
    "an unknown field": (
        {"data": {"react": 5}},
        "data.react",
        "'react' is no field of post.shared; did you mean reach?",
    ),
    "a number beyond": ({"data": {"reach": 10**30}}, "data.reach", "data.reach is a number beyond 64 bits"),
    "too many others": (
        {"contributors": ";".join(map(str, range(20)))},
        "contributors",
        "20 contributors are too many; one activity credits at most 20 members",
    ),
}


async def test_what_the_programme_refuses_is_said(client: Client) -> None:
    """422, with the part of the event that is wrong; nothing is recorded."""
    for name, (changes, field, words) in REFUSED.items():
        status, code, named, message = told(await send(client, event(**changes)))
        assert (422, "REFUSED", field) == (status, code, named), name
        assert message.startswith(words)
    status, _, field, message = told(await send(client, event() | {"data": [1]}))
    assert (422, "data", "data must be an object of fields, but it is a list") == (status, field, message)


async def test_what_names_somebody_unknown_is_kept(client: Client) -> None:
    """It is stored for good: nobody has to send it again, and the answer says whom nobody knows."""
    answer = await send(client, event(subject="nobody"))
    assert (200, "kept", "subject") == (answer.status_code, answer.json()["status"], answer.json()["field"])
    (receipt,) = (await send(client, [event(subject="nobody")], BATCH)).json()["receipts"]
    assert (0, "kept", "subject") == tuple(receipt[name] for name in ("index", "status", "field"))


async def test_where_members_opt_in_whom_nobody_knows_is_refused(world: World, client: Client) -> None:
    """Nothing is kept of them. An event calls the member its subject."""
    await world.apply(PROGRAMME.replace("opt-out", "opt-in"))
    status, code, field, words = told(await send(client, event(subject="nobody")))
    assert (422, "REFUSED", "subject") == (status, code, field)
    assert "there is no member with the external id 'nobody'" in words


async def test_what_is_no_event_is_said(client: Client) -> None:
    """400, with the attribute that is wrong, if one is."""
    assert (400, "BAD_REQUEST", "id", "id is missing") == told(await send(client, event(id=None)))
    answer = await send_binary(client, event(subject="%C0%A0"))
    words = "ce-subject is percent-encoded, but not from UTF-8"
    assert (400, "BAD_REQUEST", "subject", words) == told(answer)
    words = f"a batch must be a list of events; send a single event as {STRUCTURED}"
    assert (400, "BAD_REQUEST", "", words) == told(await send(client, event(), BATCH))
    assert (400, "BAD_REQUEST", "") == told(await send(client, [event()]))[:3]
    answer = await client.http.post("/events", headers=client.bearer(Scope.INGEST))
    assert (400, "BAD_REQUEST", "specversion") == told(answer)[:3]


async def test_a_batch_has_a_receipt_for_each_event(world: World, client: Client) -> None:
    """What is sound is recorded, and the whole can be sent again, mended."""
    await save(client, {"externalId": "eve", "participates": False})
    batch = [
        event(1),
        {},
        event(2, subject="eve"),
        event(1),
        event(1, data={"reach": 7}),
        event(3, type="post.shred"),
        7,
        None,
    ]
    answer = await send(client, batch, BATCH)
    first = answer.json()["receipts"][0]
    assert ("recorded", 13, True) == (first["status"], first["points"], isinstance(first["seq"], int))
    assert [
        {
            "index": 1,
            "status": "refused",
            "field": "specversion",
            "message": "specversion is missing; it must be '1.0'",
        },
        {"index": 2, "status": "ignored", "message": "member 'eve' does not take part", "seq": None, "points": 0},
        {"index": 3, "status": "duplicate", "message": AGAIN, "seq": None, "points": 0},
        {
            "index": 4,
            "status": "conflict",
            "field": "id",
            "message": "(test, 1) was recorded before with other content, which stays; give a new activity a new id",
        },
        {
            "index": 5,
            "status": "refused",
            "field": "type",
            "message": "'post.shred' is no activity type of this programme; did you mean post.shared?",
        },
        {
            "index": 6,
            "status": "refused",
            "message": "an event must be an object with its attributes, but it is a whole number",
        },
        {
            "index": 7,
            "status": "refused",
            "message": "an event must be an object with its attributes, but it is null",
        },
    ] == answer.json()["receipts"][1:]
    words = "5 of 8 events cannot be recorded: their receipts say why; mend them and send all again"
    assert (422, "REFUSED", "", words) == told(answer)
    answer = await send(client, [event(1), event(2, subject="bob"), event(3)], BATCH)
    assert 200 == answer.status_code
    assert ["duplicate", "recorded", "recorded"] == [each["status"] for each in answer.json()["receipts"]]
    assert [] == await world.differences()


async def test_a_request_is_bounded(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many events as GraphQL takes, and as many bytes; 413 says what to do."""
    words = "1,001 events are more than one batch may hold; send at most 1,000 at a time"
    answer = await send(client, [event()] * (BATCH_MAX + 1), BATCH)
    assert (413, words) == (answer.status_code, told(answer)[3])
    monkeypatch.setattr(body, "BODY_BYTES_MAX", 100)
    answer = await send(client, event())
    assert (413, "the body is larger than 0 MB; send less at a time") == (answer.status_code, told(answer)[3])

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 50

    headers = {"content-type": STRUCTURED} | client.bearer(Scope.INGEST)
    assert 413 == (await client.http.post("/events", content=chunks(), headers=headers)).status_code


async def test_a_key_must_be_for_it(client: Client) -> None:
    """Of the scope ingest, or manage; without one the answer says how to make it."""
    make = "make one with python app.py key create --scope ingest, and send it as Authorization: Bearer KEY"
    answer = await client.http.post("/events", json=event(), headers={"content-type": STRUCTURED})
    assert (401, "UNAUTHENTICATED", "", f"the request has no key; {make}") == told(answer)
    assert "Bearer" == answer.headers["www-authenticate"]
    answer = await client.http.post("/events", json=event(), headers={"authorization": "Bearer laurels_"})
    assert (401, "UNAUTHENTICATED", "", f"this key is unknown or revoked; {make}") == told(answer)
    words = "/events needs a key with the scope ingest, and this one has read; "
    words += "make one: python app.py key create --scope ingest"
    assert (403, "FORBIDDEN", "", words) == told(await send(client, event(), scope=Scope.READ))
    assert 200 == (await send(client, event(), scope=Scope.MANAGE)).status_code


async def test_other_forms_are_refused(client: Client) -> None:
    """415 names those that there are."""
    forms = "send an event as application/cloudevents+json, several as application/cloudevents-batch+json, or its data "
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/cloudevents+avro"):
        status, _, _, message = told(await send(client, event(), kind))
        assert (415, True) == (status, message.startswith(f"'{kind}' cannot be read; {forms}"))


async def test_a_sender_asks_whether_events_are_wanted(client: Client) -> None:
    """The handshake of CloudEvents' webhooks, without a key: from anybody, as fast as they like, by POST."""
    asked = {"webhook-request-origin": "eventemitter.example.com", "webhook-request-rate": "120"}
    answer = await client.http.options("/events", headers=asked)
    assert (200, "*", "*", "OPTIONS, POST", b"") == (
        answer.status_code,
        answer.headers["webhook-allowed-origin"],
        answer.headers["webhook-allowed-rate"],
        answer.headers["allow"],
        answer.content,
    )
    answer = await client.http.options("/events")
    assert "webhook-allowed-origin" not in answer.headers
    answer = await client.http.get("/events")
    assert (405, {"OPTIONS", "POST"}) == (answer.status_code, set(answer.headers["allow"].split(", ")))
    assert 405 == told(answer)[0]


async def test_without_a_programme_events_are_to_be_sent_later(empty_client: Client) -> None:
    """503, which senders take for a reason to try again."""
    for answer in (await send(empty_client, event()), await send(empty_client, [event()], BATCH)):
        assert (503, "NO_PROGRAMME") == told(answer)[:2]
        assert "run: python app.py apply FILE" in told(answer)[3]


async def test_a_bug_is_told_by_a_number(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never in its own words."""

    def broken() -> None:
        raise OSError("the disk is gone")

    await send(client, event())
    monkeypatch.setattr(client.app.state.service.store, "writing", broken)
    answer = await send(client, event())
    assert (500, "INTERNAL") == told(answer)[:2]
    assert "disk" not in answer.text


async def test_what_was_answered_is_committed(world: World, client: Client) -> None:
    """Another connection sees it, with the time in UTC."""
    await send(client, [event(number) for number in range(100)], BATCH)
    async with world.store.reading() as work:
        query = select(func.count(), func.min(activity.c.time_us))
        count, time_us = (await work.execute(query)).one()
    assert (100, datetime(2026, 11, 12, 9, 30, tzinfo=UTC).timestamp() * 1e6) == (count, time_us)
