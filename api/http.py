"""The web application: GraphQL over HTTP as its specification has it, CloudEvents, a health check, the explorer page.

    POST /graphql     {"query": ..., "variables": ..., "operationName": ...}, with Authorization: Bearer KEY
    GET  /graphql     the same as parameters of the URL; queries only
    POST /events      CloudEvents, see api/cloudevents.py
    GET  /badges/…    icons of badges, see api/icon.py
    GET  /health      whether the database answers
    GET  /            the explorer

Nothing connects before the lifespan begins.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from api import cloudevents
from api.access import ADDRESSES, HOW_TO_MAKE_A_KEY, Caller
from api.body import Asked, RequestRefused, asked_by_get, asked_by_post
from api.context import Context, Service
from api.errors import formatted, internal, problem
from api.icon import PATH as ICON
from api.icon import IconUnknown, icon_response
from api.schema import schema
from operations.drain import Drain
from operations.jobs import Jobs
from settings import Settings
from storage.engine import Store
from storage.migration import migrate
from storage.redis import Redis

ROOT = Path(__file__).parent.parent

REQUEST_SECONDS_MAX = 30.0
HEALTH_SECONDS_MAX = 5.0

GRAPHQL, JSON = "application/graphql-response+json", "application/json"

# What an answer that is not 200 says in the code of its error.
CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    503: "TIMEOUT",
}

HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),  # kept, but asked about each time: a new version is seen at once
)


def create_app(
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    request_seconds_max: float = REQUEST_SECONDS_MAX,
    runs_jobs: bool = True,
) -> Starlette:
    """The application on the database of the settings. `clock` says what time it is; it gives aware datetimes. Without
    jobs it does nothing by itself: another process is to run them.

    Raises RedisUrlInvalid.
    """

    redis = Redis(settings.redis_url) if settings.redis_url else None

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        store = Store(settings.database_url)
        try:
            await migrate(store)
            drain = Drain(store, redis) if redis else None
            app.state.service = service = Service.of(store, clock, drain.mirror if drain else None)
            jobs = Jobs(store, service.revisions, clock)
            if runs_jobs:
                jobs.start()
            if drain:
                drain.start()
            try:
                yield
            finally:
                if runs_jobs:
                    await jobs.stop()
                if drain:
                    await drain.stop()
                await service.simulations.stop()
        finally:
            await store.close()

    async def graphql(request: Request) -> Response:
        media = JSON
        try:
            media = _negotiated(request.headers.get("accept", ""))
            service: Service = request.app.state.service
            caller = await _caller(service, request.headers.get("authorization", ""))
            asked = asked_by_get(request) if request.method != "POST" else await asked_by_post(request)
            operations = {OperationType.QUERY} if request.method != "POST" else set(OperationType)
            answer = await _answer(Context(service, caller), asked, operations, request_seconds_max)
        except RequestRefused as refused:
            return _refusal(refused.status, str(refused), media, refused.headers)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:
            return _json({"errors": [internal(error, request.url.path)]}, 500, media)
        status = 400 if media == GRAPHQL and "data" not in answer else 200
        return _json(answer, status, media)

    async def events(request: Request) -> Response:
        if request.method == "OPTIONS":
            return cloudevents.handshake(request)
        try:
            service: Service = request.app.state.service
            caller = await _caller(service, request.headers.get("authorization", ""), ADDRESSES[cloudevents.PATH])
            answer = await cloudevents.receive(request, service, caller, request_seconds_max)
        except RequestRefused as refused:
            return _refusal(refused.status, str(refused), JSON, refused.headers)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:
            return _json({"errors": [internal(error, request.url.path)]}, 500)
        return _json(answer.content, answer.status)

    return Starlette(
        routes=[
            Route("/graphql", graphql, methods=["GET", "POST"]),
            Route(cloudevents.PATH, events, methods=["POST", "OPTIONS"]),
            Route(ICON, _icon),
            Route("/health", _health),
            Route("/", _page),
            Mount("/static/graphql", StaticFiles(directory=ROOT / "graphql")),
            Mount("/static", StaticFiles(directory=ROOT / "web" / "static")),
        ],
        middleware=[Middleware(_Headers)],
        exception_handlers={HTTPException: _refused_by_routing},
        lifespan=lifespan,
    )


async def _answer(context: Context, asked: Asked, operations: set[OperationType], seconds_max: float) -> dict[str, Any]:
    """The answer to a GraphQL request; without data when nothing was executed. Raises RequestRefused."""
    try:
        async with asyncio.timeout(seconds_max):
            result = await schema.execute(
                asked.query,
                variable_values=asked.variables,
                context_value=context,
                operation_name=asked.operation_name,
                allowed_operation_types=operations,
            )
    except TimeoutError:
        message = f"the answer took longer than {seconds_max:g} seconds and was given up; ask for less at once"
        raise RequestRefused(503, message) from None
    except InvalidOperationTypeError:
        message = "GET asks queries only; send mutations by POST"
        raise RequestRefused(405, message, {"Allow": "POST"}) from None
    except CannotGetOperationTypeError as error:
        name = error.operation_name
        message = f"the document has no operation named {name!r}" if name else "the document has no operation"
        return {"errors": [problem(message, "DOCUMENT_INVALID")]}
    finally:
        await context.close()
    errors = result.errors or []
    answer: dict[str, Any] = {"errors": formatted(errors)} if errors else {}
    if result.data is not None or any(error.path for error in errors):
        answer["data"] = result.data
    return answer


async def _caller(service: Service, authorization: str, scope: str = "read") -> Caller:
    """Who asks, with a key that may have any scope; `scope` is one that would do. Raises RequestRefused."""
    kind, _, key = authorization.partition(" ")
    caller = await service.keyring.caller(key.strip()) if kind.lower() == "bearer" else None
    if caller is None:
        what = "this key is unknown or revoked" if authorization else "the request has no key"
        message = f"{what}; make one with {HOW_TO_MAKE_A_KEY} {scope}, and send it as Authorization: Bearer KEY"
        raise RequestRefused(401, message, {"WWW-Authenticate": "Bearer"})
    return caller


def _negotiated(accept: str) -> str:
    """The media type to answer in. Raises RequestRefused."""
    wanted: dict[str, float] = {}
    for part in accept.split(",") if accept.strip() else ["*/*"]:
        media, *parameters = (text.strip().lower() for text in part.split(";"))
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        try:
            wanted[media] = float(quality)
        except ValueError:
            wanted[media] = 0
    qualities = {
        media: next((wanted[pattern] for pattern in (media, "application/*", "*/*") if pattern in wanted), 0.0)
        for media in (GRAPHQL, JSON)
    }
    best = max(qualities, key=qualities.__getitem__)
    if not qualities[best] > 0:
        raise RequestRefused(406, f"Laurels answers in {GRAPHQL} or {JSON}; the header Accept must allow one of them")
    return best


async def _health(request: Request) -> Response:
    service: Service = request.app.state.service
    try:
        async with asyncio.timeout(HEALTH_SECONDS_MAX), service.store.reading() as work:
            await work.execute(text("SELECT 1"))
    except Exception as error:
        return _json({"status": "unavailable", **internal(error, "/health")}, 503)
    return _json({"status": "ok"}, 200)


async def _icon(request: Request) -> Response:
    try:
        return await icon_response(request)
    except IconUnknown as unknown:
        return _refusal(404, str(unknown), JSON, {})
    except Exception as error:
        return _json({"errors": [internal(error, request.url.path)]}, 500)


async def _page(_: Request) -> Response:
    return FileResponse(ROOT / "web" / "pages" / "index.html")


async def _refused_by_routing(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    taken = ", ".join(sorted(headers.get("Allow", "").split(", ")))
    words = {404: "there is nothing at this address; GraphQL is at /graphql", 405: f"this address takes {taken} alone"}
    return _refusal(error.status_code, words.get(error.status_code, error.detail), JSON, headers)


def _refusal(status: int, message: str, media: str, headers: dict[str, str]) -> Response:
    return _json({"errors": [problem(message, CODES.get(status, "BAD_REQUEST"))]}, status, media, headers)


def _json(content: Any, status: int, media: str = JSON, headers: dict[str, str] | None = None) -> Response:
    try:
        body = orjson.dumps(content)
    except TypeError:
        # An error may quote what a client sent: halves of surrogate pairs, numbers beyond 64 bits.
        body = json.dumps(content).encode()
    response = Response(body, status, headers, media_type=f"{media}; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept, Authorization"
    return response


class _Headers:
    """Adds to every answer the headers that keep browsers strict."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in HEADERS if pair[0] not in given)]
            await send(message)

        await self._app(scope, receive, with_headers)
