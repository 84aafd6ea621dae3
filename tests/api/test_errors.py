"""What goes wrong inside stays inside: a number for the client, everything else in the log."""

import asyncio
import logging
from typing import Any

import httpx
import pytest

from api import cloudevents, mutation, query
from api.access import Scope, create_key
from api.http import create_app
from operations.record import record as record_now
from tests.api.conftest import Client, settings_of
from tests.world import World, shared


async def test_a_bug_is_a_number_to_the_client_and_a_traceback_in_the_log(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The words of an unexpected error never leave the process; the rest of the answer does."""

    async def broken(*_: Any) -> None:
        raise RuntimeError("password is hunter2")

    monkeypatch.setattr(query, "member_named", broken)
    answer = await client.post('{ programme { key } member(externalId: "ada") { name } }')
    (error,) = answer.json()["errors"]
    incident = error["extensions"]["incident"]
    assert {"code": "INTERNAL", "incident": incident} == error["extensions"]
    expected = f"internal error {incident}; whoever runs Laurels finds it under this number in its log"
    assert expected == error["message"]
    assert {"programme": {"key": "test"}, "member": None} == answer.json()["data"]
    assert "hunter2" not in answer.text
    assert f"incident {incident} at ['member']" in caplog.text
    assert "hunter2" in caplog.text


async def test_a_refusal_is_not_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """What a client can mend is told to the client alone."""
    with caplog.at_level(logging.INFO):
        await client.refusal('{ leaderboard(key: "nope") { participants } }')
        await client.refusal("{ nothing }")
    assert not [record for record in caplog.records if record.name != "httpx"]


async def test_a_database_that_is_gone_is_an_internal_error(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Even where nothing could be asked, not even whose key it is, the answer is JSON."""

    def broken() -> None:
        raise OSError("no route to 10.0.0.7")

    keyring = client.app.state.service.keyring
    monkeypatch.setattr(keyring, "_reading", broken)
    answer = await client.post("{ __typename }")
    assert 500 == answer.status_code
    assert "INTERNAL" == answer.json()["errors"][0]["extensions"]["code"]
    assert "10.0.0.7" not in answer.text
    assert "10.0.0.7" in caplog.text


async def test_an_answer_that_takes_too_long_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 in words; what it was writing is rolled back, and the next request finds everything in order."""
    await world.apply()
    await world.hire("Ada")

    async def slow(work: Any, *arguments: Any, **named: Any) -> Any:
        receipts = await record_now(work, *arguments, **named)
        await asyncio.sleep(60)
        return receipts

    async with world.store.writing() as work:
        key = await create_key(work, "", [Scope.MANAGE], world.now)
    app = create_app(settings_of(world.store), lambda: world.now, request_seconds_max=0.5, runs_jobs=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://laurels.test") as http,
    ):
        client = Client(http, {Scope.MANAGE: key}, app)
        call = """mutation R($a: ActivityInput!) { recordActivities(input: {activities: [$a]}) { recorded } }"""
        given = shared(1)
        activity = {name: getattr(given, name) for name in ("source", "id", "type", "member", "time", "data")}
        with monkeypatch.context() as patched:
            patched.setattr(mutation, "record", slow)
            answer = await client.post(call, Scope.MANAGE, a=activity)
        assert 503 == answer.status_code
        expected = "the answer took longer than 0.5 seconds and was given up; ask for less at once"
        assert expected == answer.json()["errors"][0]["message"]
        assert {"recordActivities": {"recorded": 1}} == await client.ask(call, Scope.MANAGE, a=activity)
        event = activity | {"specversion": "1.0", "id": "2", "subject": activity.pop("member")}
        headers = {"content-type": "application/cloudevents+json"} | client.bearer(Scope.MANAGE)
        with monkeypatch.context() as patched:
            patched.setattr(cloudevents, "record", slow)
            answer = await http.post("/events", json=event, headers=headers)
        (error,) = answer.json()["errors"]
        assert (503, "TIMEOUT") == (answer.status_code, error["extensions"]["code"])
        expected = "it took longer than 0.5 seconds and was given up; send it again, or less at once"
        assert expected == error["message"]
        assert "recorded" == (await http.post("/events", json=event, headers=headers)).json()["status"]
    assert [] == await world.differences()


async def test_a_failing_field_harms_no_question_beside_it(client: Client) -> None:
    """Fields are resolved side by side on one connection: a refusal of one leaves the others their answers."""
    answer = await client.post(
        """{ a: leaderboard(key: "effort") { participants entries(first: 0) { edges { cursor } } top { rank } }
             b: leaderboard(key: "nope") { participants }
             c: leaderboard(key: "impact") { participants entries { pageInfo { hasNextPage } } }
             member(externalId: "ada") { name points ledger(first: 999) { edges { cursor } } } }"""
    )
    data = answer.json()["data"]
    assert {"participants": 0, "entries": None, "top": []} == data["a"]
    assert data["b"] is None
    assert {"participants": 0, "entries": {"pageInfo": {"hasNextPage": False}}} == data["c"]
    assert {"name": "Ada", "points": 0, "ledger": None} == data["member"]
    codes = sorted(error["extensions"]["code"] for error in answer.json()["errors"])
    assert ["BAD_INPUT", "BAD_INPUT", "NOT_FOUND"] == codes
