"""GraphQL over HTTP: methods, media types, status codes, and bodies of every kind."""

import gzip
import json
from typing import Any

import httpx
import pytest

from activity.cloudevent import STRUCTURED
from api import body, http
from api.access import Scope
from tests.api.conftest import Client

GRAPHQL, JSON = http.GRAPHQL, http.JSON
NAME = b'{"query": "{ __typename }"}'
INVALID = b'{"query": "{ nothing }"}'


def said(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    message: str = error["message"]
    return message


async def test_an_answer_is_in_the_media_type_that_was_asked_for(client: Client) -> None:
    """The newer one where both would do; 406 where neither does."""
    for accept, expected in {
        "": GRAPHQL,
        "*/*": GRAPHQL,
        "application/*": GRAPHQL,
        GRAPHQL: GRAPHQL,
        JSON: JSON,
        f"{GRAPHQL}, {JSON};q=0.9": GRAPHQL,
        f"{GRAPHQL};q=0.5, {JSON}": JSON,
        f"text/html, {JSON};charset=utf-8, */*;q=0.1": JSON,
    }.items():
        answer = await client.raw(NAME, accept=accept)
        assert (200, f"{expected}; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
        assert {"data": {"__typename": "Query"}} == answer.json()
    for accept in ("text/html", f"{JSON};q=0", f"{JSON};q=high"):
        answer = await client.raw(NAME, accept=accept)
        assert 406 == answer.status_code
        assert f"Laurels answers in {GRAPHQL} or {JSON}; the header Accept must allow one of them" == said(answer)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "Syntax Error: Expected Name, found <EOF>."),
        ("{ nothing }", "Cannot query field 'nothing' on type 'Query'."),
        ("query Q($n: Int!) { __typename @include(if: $n) }", "Variable '$n' of type 'Int!'"),
        (
            "query Q($id: String!) { member(externalId: $id) { name } }",
            "Variable '$id' has invalid value: Expected",
        ),
        ("fragment f on Query { __typename }", "the document has no operation"),
        ("{ a " * 900, "Syntax Error: Document is nested too deeply."),
        ("{ a " * 30 + "}" * 30, "the document is nested more than 25 levels deep; ask for less at once"),
        ("\x00", "Syntax Error: Unexpected character: U+0000."),
        ("\ud800", "Syntax Error: Invalid character: U+D800."),
    ],
)
async def test_a_refused_document_has_no_data(client: Client, document: str, message: str) -> None:
    """It is 400 in the newer media type, and 200, as older clients expect, in plain JSON."""
    body = json.dumps({"query": document}).encode()
    for media, status in ((GRAPHQL, 400), (JSON, 200)):
        answer = await client.raw(body, accept=media)
        assert (status, media) == (answer.status_code, answer.headers["content-type"].partition(";")[0])
        assert message in answer.json()["errors"][0]["message"]
        assert "data" not in answer.json()
        assert answer.json()["errors"][0]["extensions"]["code"] in ("DOCUMENT_INVALID", "DOCUMENT_TOO_LARGE")


async def test_an_operation_is_chosen_by_its_name(client: Client) -> None:
    """A name that the document does not have is refused."""
    document = "query A { a: __typename } query B { b: __typename }"
    for name in ("A", "B"):
        answer = await client.raw(json.dumps({"query": document, "operationName": name}).encode())
        assert {name.lower(): "Query"} == answer.json()["data"]
    answer = await client.raw(json.dumps({"query": document, "operationName": "C"}).encode())
    assert (400, "the document has no operation named 'C'") == (answer.status_code, said(answer))


async def test_get_asks_queries_and_nothing_else(client: Client) -> None:
    """The parameters of the URL are the request; a mutation is 405."""
    headers = {"Authorization": f"Bearer {client.keys[Scope.MANAGE]}"}

    async def get(**parameters: str) -> httpx.Response:
        return await client.http.get("/graphql", params=parameters, headers=headers)

    query = "query M($id: String!) { member(externalId: $id) { name } }"
    answer = await get(query=query, variables='{"id": "ada"}', operationName="M", extensions="")
    assert {"data": {"member": {"name": "Ada"}}} == answer.json()
    refused = await get(query="mutation { saveMembers(input: {members: []}) { created } }")
    assert (405, "POST", "GET asks queries only; send mutations by POST") == (
        refused.status_code,
        refused.headers["allow"],
        said(refused),
    )
    for parameters, message in (
        ({}, "query is missing: it holds the GraphQL document as text"),
        ({"query": query, "variables": "{"}, "variables is not valid JSON: Expecting property name"),
        ({"query": query, "variables": "[]"}, "variables must be an object"),
        ({"query": query, "variables": '{"id": "\udcff"}'.encode("utf-8", "surrogateescape")}, ""),
    ):
        broken: Any = parameters
        answer = await get(**broken)
        assert answer.status_code == 400 or not message
        assert answer.status_code in (200, 400)
        assert message in answer.text


async def test_other_methods_and_addresses_are_refused_in_words(client: Client) -> None:
    """405 names the methods there are, 404 where GraphQL is."""
    answer = await client.http.delete("/graphql")
    assert 405 == answer.status_code
    assert {"GET", "HEAD", "POST"} == set(answer.headers["allow"].split(", "))
    assert "this address takes GET, HEAD, POST alone" == said(answer)
    answer = await client.http.get("/graphq")
    assert (404, "there is nothing at this address; GraphQL is at /graphql") == (answer.status_code, said(answer))


async def test_a_body_must_be_json(client: Client) -> None:
    """Any other content type is 415."""
    for kind in ("text/plain", "application/graphql", "multipart/form-data", ""):
        answer = await client.raw(NAME, content_type=kind)
        assert (415, "send the request as JSON, with the header Content-Type: application/json") == (
            answer.status_code,
            said(answer),
        )
    answer = await client.raw(NAME, content_type="application/json; charset=latin-1")
    assert (415, "the charset 'latin-1' cannot be read; send the request as UTF-8") == (
        answer.status_code,
        said(answer),
    )
    for kind in ("application/json; charset=UTF-8", 'APPLICATION/JSON;charset="utf-8"', "application/json"):
        assert 200 == (await client.raw(NAME, content_type=kind)).status_code


@pytest.mark.parametrize(("path", "kind"), [("/graphql", "application/json"), ("/events", STRUCTURED)])
async def test_a_compressed_body_is_refused(client: Client, path: str, kind: str) -> None:
    """415 says in which coding to send it, and the message what to do; `identity` is none."""
    headers = {"content-type": kind} | client.bearer(Scope.MANAGE)
    for coding in ("gzip", "GZIP", "br", "identity, gzip", "unheard"):
        answer = await client.http.post(
            path, content=gzip.compress(NAME), headers=headers | {"content-encoding": coding}
        )
        assert (415, "identity") == (answer.status_code, answer.headers.get("accept-encoding"))
        told = coding.lower().removeprefix("identity, ")
        words = f"the body is compressed ({told}), as Content-Encoding says; send it as it is, without that header"
        assert words == said(answer)
    answer = await client.http.post(path, content=gzip.compress(NAME), headers=headers)
    assert (400, "the body is compressed; send it as it is") == (answer.status_code, said(answer))
    plain = await client.http.post(path, content=NAME, headers=headers)
    for coding in ("identity", "Identity", ""):
        answer = await client.http.post(path, content=NAME, headers=headers | {"content-encoding": coding})
        assert (plain.status_code, plain.json()) == (answer.status_code, answer.json())


BROKEN_BODIES = {
    b"": "the body is empty",
    b"{": "the body is not valid JSON: Expecting property name",
    b"\xef\xbb\xbf{}": "the body begins with a byte order mark; send it without",
    b'{"query": "\xff"}': "Syntax Error: Invalid character: U+DCFF.",
    b'{"query": \xff}': "the body is not valid JSON: Expecting value",
    b"[" * 100_000: "the body is nested too deeply",
    b'{"query": ' + b"1" * 5_000 + b"}": "query is missing: it holds the GraphQL document as text",
    b"7": 'the body must be an object such as {"query": "{ programme { title } }"}',
    b"[]": "one request at a time: the body must be an object, but it is a list",
    b"{}": "query is missing: it holds the GraphQL document as text",
    b'{"query": 5}': "query is missing: it holds the GraphQL document as text",
    b'{"query": "' + b" " * 100_000 + b'{ a }"}': "query has more than 100,000 characters; send values as variables",
    b'{"query": "{ __typename }", "variables": 5}': "variables must be an object, with a value for each variable",
    b'{"query": "{ __typename }", "operationName": 5}': "operationName must be text",
}


async def test_a_broken_body_is_refused_in_words(client: Client) -> None:
    """Each kind is 400 and says what is wrong."""
    for content, message in BROKEN_BODIES.items():
        answer = await client.raw(content)
        assert 400 == answer.status_code, content[:40]
        assert said(answer).startswith(message), content[:40]


async def test_an_error_may_quote_what_utf8_does_not_have(client: Client) -> None:
    """Half of a surrogate pair in a variable comes back escaped, never as a failure of ours."""
    query = "query P($n: Int!) { leaderboard(key: $n) { participants } }"
    answer = await client.raw(json.dumps({"query": query, "variables": {"n": "\ud800"}}).encode())
    assert 400 == answer.status_code
    query = 'query P($n: Int!) { leaderboard(key: "everything") { top(n: $n) { rank } } }'
    value: Any
    for value in ("\ud800", 2**70, float("nan"), 1e400, [[]], {"\udfff": 1}):
        answer = await client.raw(json.dumps({"query": query, "variables": {"n": value}}).encode())
        assert 400 == answer.status_code
        assert "Variable '$n' has invalid value" in said(answer), value


async def test_a_body_has_at_most_20_mb(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused by its declared length, or, where there is none, as soon as too much has come."""
    assert 20 * 1024 * 1024 == body.BODY_BYTES_MAX
    answer = await client.raw(NAME, content_length=str(20 * 1024 * 1024 + 1))
    assert (413, "the body is larger than 20 MB; send less at a time") == (answer.status_code, said(answer))
    monkeypatch.setattr(body, "BODY_BYTES_MAX", len(NAME) - 1)
    sent: list[bytes] = []

    async def chunks() -> Any:
        for chunk in (NAME, NAME, NAME):
            sent.append(chunk)
            yield chunk

    headers = {"Authorization": f"Bearer {client.keys[Scope.READ]}", "Content-Type": "application/json"}
    answer = await client.http.post("/graphql", content=chunks(), headers=headers)
    assert 413 == answer.status_code


async def test_health_asks_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """200 while it answers, 503 when it does not; nobody needs a key for it."""
    answer = await client.http.get("/health")
    assert (200, {"status": "ok"}) == (answer.status_code, answer.json())

    def broken() -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(client.app.state.service.store, "reading", broken)
    answer = await client.http.get("/health")
    assert (503, "unavailable") == (answer.status_code, answer.json()["status"])
    assert "disk" not in answer.text


async def test_every_answer_keeps_browsers_strict(client: Client) -> None:
    """Nothing may be loaded from elsewhere, whatever was asked; answers of GraphQL are stored nowhere."""
    for path in ("/", "/graphql", "/health", "/static/explorer.js", "/nowhere"):
        headers = (await client.http.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert ("nosniff", "no-referrer") == (headers["x-content-type-options"], headers["referrer-policy"])
    assert "no-store" == (await client.raw(NAME)).headers["cache-control"]
