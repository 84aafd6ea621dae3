"""Events in batches at /events, beside the same activities through the GraphQL mutation.

The programme, members and activities are those of `bench/ingest.py`, 100 in a request. Requests are written ahead and
go straight to the application in this process, one after the other, as from one sender; what is measured goes from the
request's bytes to the answer's, with the commit. The two take turns, request by request, each with a store of its own.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message

from activity.cloudevent import BATCH as BATCH_TYPE
from activity.intake import Report
from api.access import create_key
from api.http import create_app
from bench.database import copy_sqlite, fill
from bench.measurement import Measurement
from bench.workload import BATCH, NOW, batches
from settings import Settings
from storage.engine import Store

REQUESTS = 300
EVENTS = 100  # in a request
WARM_UP = 50  # requests before the clock counts

MUTATION = """mutation ($input: RecordActivitiesInput!) { recordActivities(input: $input) {
  recorded results { index status field message seq points } errors { message } } }"""


async def run(name: str) -> Measurement:
    """Events a second, at /events and through GraphQL."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source, copy = Path(folder) / "events.db", Path(folder) / "graphql.db"
        await fill(source, 0)
        copy_sqlite(source, copy)
        async with AsyncExitStack() as stack:
            events = await stack.enter_async_context(_application(source, "/events", BATCH_TYPE))
            graphql = await stack.enter_async_context(_application(copy, "/graphql", "application/json"))
            ours = limit = 0.0
            for number, reports in enumerate(_requests()):
                ours_seconds, told = await events.post(_as_events(reports))
                assert sum(each["status"] == "recorded" for each in told["receipts"]) == EVENTS, told
                limit_seconds, told = await graphql.post(_as_mutation(reports))
                assert told["data"]["recordActivities"]["recorded"] == EVENTS, told
                if number >= WARM_UP:
                    ours, limit = ours + ours_seconds, limit + limit_seconds
    total = (REQUESTS - WARM_UP) * EVENTS
    return Measurement(name, total / ours, total / limit, limit / ours, "events/s")


class _Address:
    """Where a sender posts."""

    def __init__(self, app: ASGIApp, path: str, content_type: str, key: str) -> None:
        self._app = app
        headers = {"content-type": content_type, "authorization": f"Bearer {key}"}
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": sent}

    async def post(self, body: bytes) -> tuple[float, Any]:
        """The seconds until everything was answered, and what."""
        told: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            told.append(message)

        start = perf_counter()
        await self._app(dict(self._scope), receive, send)
        return perf_counter() - start, json.loads(told[1]["body"])


@asynccontextmanager
async def _application(database: Path, path: str, content_type: str) -> AsyncIterator[_Address]:
    url = f"sqlite:///{database}"
    store = Store(url)
    async with store.writing() as work:
        key = await create_key(work, "bench", ["ingest"], NOW)
    await store.close()
    app = create_app(Settings(database_url=url), lambda: NOW, runs_jobs=False)
    async with app.router.lifespan_context(app):
        yield _Address(app, path, content_type, key)


def _requests() -> Iterator[list[Report]]:
    for reports in batches(0, REQUESTS * EVENTS // BATCH, over=timedelta(hours=2)):
        for start in range(0, BATCH, EVENTS):
            yield reports[start : start + EVENTS]


def _as_events(reports: list[Report]) -> bytes:
    return json.dumps(
        [
            {
                "specversion": "1.0",
                "id": report.id,
                "source": report.source,
                "type": report.type,
                "subject": report.member,
                "time": report.time,
                "datacontenttype": "application/json",
                "data": report.data,
            }
            for report in reports
        ]
    ).encode()


def _as_mutation(reports: list[Report]) -> bytes:
    activities = [
        {
            "source": report.source,
            "id": report.id,
            "type": report.type,
            "member": report.member,
            "time": report.time,
            "data": report.data,
        }
        for report in reports
    ]
    return json.dumps({"query": MUTATION, "variables": {"input": {"activities": activities}}}).encode()
