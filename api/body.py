"""Reading one request from HTTP: how large it may be, what one of GraphQL looks like, and what is said where it does
not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from activity.decoding import JsonInvalid, decoded, foreign_charset
from api.limits import LENGTH_MAX
from errors import LaurelsError

BODY_BYTES_MAX = 20 * 1024 * 1024


class RequestRefused(LaurelsError):
    """A request that cannot be answered as it is. `status` is what HTTP calls it."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Asked:
    """One GraphQL request."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None


async def asked_by_post(request: Request) -> Asked:
    """The request in a body. Raises RequestRefused."""
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise RequestRefused(415, "send the request as JSON, with the header Content-Type: application/json")
    if charset := foreign_charset(content_type):
        raise RequestRefused(415, f"the charset {charset[:40]!r} cannot be read; send the request as UTF-8")
    return _asked(_json(await body_of(request), "the body"))


def asked_by_get(request: Request) -> Asked:
    """The request in a URL. Raises RequestRefused."""
    given: dict[str, Any] = {name: request.query_params[name] for name in request.query_params}
    for name in ("variables", "extensions"):
        if given.get(name):
            given[name] = _json(given[name].encode(errors="replace"), name)
        else:
            given.pop(name, None)
    if not given.get("operationName"):
        given.pop("operationName", None)
    return _asked(given)


async def body_of(request: Request) -> bytes:
    """All that was sent. Raises RequestRefused above 20 MB, and where it is compressed."""
    codings = ",".join(request.headers.getlist("content-encoding")).lower()
    if coded := [coding for coding in map(str.strip, codings.split(",")) if coding not in ("", "identity")]:
        told = f"the body is compressed ({', '.join(coded)[:40]}), as Content-Encoding says; send it as it is, without"
        raise RequestRefused(415, f"{told} that header", {"Accept-Encoding": "identity"})
    too_large = RequestRefused(413, f"the body is larger than {BODY_BYTES_MAX // 1024**2} MB; send less at a time")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > BODY_BYTES_MAX:
        raise too_large
    chunks = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES_MAX:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)


def _json(body: bytes, where: str) -> Any:
    try:
        return decoded(body, where)
    except JsonInvalid as error:
        raise RequestRefused(400, str(error)) from None


def _asked(given: Any) -> Asked:
    if isinstance(given, list):
        raise RequestRefused(400, "one request at a time: the body must be an object, but it is a list")
    if not isinstance(given, dict):
        raise RequestRefused(400, 'the body must be an object such as {"query": "{ programme { title } }"}')
    query = given.get("query")
    variables = given.get("variables")
    operation_name = given.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise RequestRefused(400, "query is missing: it holds the GraphQL document as text")
    if len(query) > LENGTH_MAX:
        raise RequestRefused(400, f"query has more than {LENGTH_MAX:,} characters; send values as variables")
    if variables is not None and not isinstance(variables, dict):
        raise RequestRefused(400, "variables must be an object, with a value for each variable of the document")
    if operation_name is not None and not isinstance(operation_name, str):
        raise RequestRefused(400, "operationName must be text: the name of an operation in the document")
    return Asked(query, variables or {}, operation_name)
