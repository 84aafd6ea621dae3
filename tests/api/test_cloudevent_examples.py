"""Every example in the texts of CloudEvents, read and sent."""

import json

import pytest

from activity.cloudevent import BATCH, STRUCTURED, from_batch, from_binary, from_structured
from activity.intake import Refused, Report
from api.access import Scope
from tests.api.cloudevent_examples import (
    APPLICATION_DATA,
    BATCH_EXAMPLE,
    BATCH_HEADERS,
    EXAMPLES,
    NO_SOURCES,
    SOURCES,
    Example,
    event,
)
from tests.api.conftest import Client


def reading(example: Example) -> Report | str:
    """The report when a member did it, or the field that is refused."""
    try:
        if isinstance(example.body, dict):
            return from_structured(json.dumps(example.body | {"subject": "ada"}).encode())
        if example.headers["content-type"].startswith(STRUCTURED):
            return from_structured(example.body)
        return from_binary((example.headers | {"ce-subject": "ada"}).items(), example.body)
    except Refused as refused:
        return refused.field


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if example.told[0] != 415])
def test_an_example_is_read_as_its_text_says(name: str) -> None:
    """What the text has as the same event in two modes is the same report."""
    assert EXAMPLES[name].read == reading(EXAMPLES[name])


async def test_an_example_is_answered_in_words(client: Client) -> None:
    """Laurels needs a member and data that is JSON; the answer names what is missing."""
    for name, example in EXAMPLES.items():
        body = json.dumps(example.body).encode() if isinstance(example.body, dict) else example.body
        sent = {"content-type": STRUCTURED} | example.headers
        answer = await client.http.post("/events", content=body, headers=sent | client.bearer(Scope.INGEST))
        (error,) = answer.json()["errors"]
        assert example.told == (answer.status_code, error["extensions"].get("field", "")), name
        assert error["message"]


async def test_a_batch_of_the_text_is_answered_event_by_event(client: Client) -> None:
    """One with data that is not JSON, one without a member; an empty batch is a batch."""
    first, second = from_batch(json.dumps([each | {"subject": "ada"} for each in BATCH_EXAMPLE]).encode())
    assert isinstance(first, Refused)
    assert isinstance(second, Report)
    assert ("/mycontext/9", "com.example.someotherevent", APPLICATION_DATA) == (second.source, second.type, second.data)
    sent = BATCH_HEADERS | client.bearer(Scope.INGEST)
    answer = await client.http.post("/events", json=BATCH_EXAMPLE, headers=sent)
    assert 422 == answer.status_code
    assert [(0, "datacontenttype"), (1, "subject")] == [
        (each["index"], each["field"]) for each in answer.json()["receipts"]
    ]
    answer = await client.http.post("/events", content=b"[]", headers={"content-type": BATCH} | sent)
    assert (200, {"receipts": []}) == (answer.status_code, answer.json())


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_a_uri_reference(source: str) -> None:
    """All that the texts have as examples, and what RFC 3986 has."""
    assert source == from_structured(json.dumps(event("1", source=source, subject="ada")).encode()).source


@pytest.mark.parametrize("source", NO_SOURCES)
def test_what_is_no_uri_reference_is_refused(source: str) -> None:
    """It would be another source for a tool that reads it strictly."""
    with pytest.raises(Refused, match="source must be a URI or a part of one") as raised:
        from_structured(json.dumps(event("1", source=source, subject="ada")).encode())
    assert "source" == raised.value.field
