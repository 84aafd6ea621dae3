"""CloudEvents: how headers are read, and the words for whatever is wrong with an event."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activity.cloudevent import (
    BATCH,
    STRUCTURED,
    Malformed,
    MediaTypeUnknown,
    Mode,
    from_batch,
    from_binary,
    from_structured,
    mode_of,
)
from activity.intake import Refused, Report

Json = dict[str, Any]

AT = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)
DATA = {"network": "x", "reach": 5}
REPORT = Report("/tool", "1", "post.shared", "ada", AT, DATA)
ATTRIBUTES: Json = {
    "specversion": "1.0",
    "id": "1",
    "source": "/tool",
    "type": "post.shared",
    "subject": "ada",
    "time": "2026-11-12T09:30:00Z",
}
MISSING = object()


def structured(**changes: Any) -> Report:
    event = {name: value for name, value in (ATTRIBUTES | {"data": DATA} | changes).items() if value is not MISSING}
    return from_structured(json.dumps(event).encode())


def binary(body: bytes = json.dumps(DATA).encode(), **changes: str) -> Report:
    return from_binary([(f"CE-{name}", value) for name, value in (ATTRIBUTES | changes).items()], body)


def test_an_event_is_the_same_report_in_every_mode() -> None:
    """Attributes in headers or in JSON, data as it is, as bytes, or as the body."""
    encoded = base64.b64encode(json.dumps(DATA).encode()).decode()
    assert REPORT == structured() == binary()
    assert REPORT == structured(data=MISSING, data_base64=encoded, datacontenttype="application/vnd.company+json")
    assert [REPORT] == from_batch(json.dumps([ATTRIBUTES | {"data": DATA}]).encode())
    assert replace(REPORT, data=None) == structured(data=MISSING) == structured(data=None) == binary(b"")


def test_others_are_named_with_semicolons() -> None:
    """As in a file; an empty name is none."""
    assert ["bob", "email:cy@example.org"] == structured(contributors="bob; email:cy@example.org;").contributors
    assert ["bob", "cy"] == binary(contributors="bob;cy").contributors
    assert structured(contributors=" ; ").contributors is None


def test_other_attributes_are_let_through() -> None:
    """Whatever an extension holds, it is not read. What is null is not there."""
    assert REPORT == structured(traceparent="00-1", sampledrate=-(2**31), x=2**31 - 1, own=True, empty="")
    assert REPORT == structured(y=None, dataschema=None, datacontenttype=None, contributors=None, data_base64=None)
    assert REPORT == binary(sampledrate="3000000000", traceparent="%C0 é")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": 1}, "x is an object, which no attribute can be; put it into data"),
        ([], "x is a list, which no attribute can be; put it into data"),
        (5.0, "x is 5.0, but a number among the attributes is whole; write it as text"),
        (float("nan"), "x is nan, but a number among the attributes is whole; write it as text"),
        (2**31, "x is a number beyond the 32 bits that an attribute has; write it as text"),
        (-(2**31) - 1, "x is a number beyond the 32 bits that an attribute has; write it as text"),
    ],
)
def test_an_attribute_has_one_of_the_types_of_attributes(value: Any, words: str) -> None:
    """Alone and in a batch; it is named."""
    with pytest.raises(Malformed) as raised:
        structured(x=value)
    assert ("x", words) == (raised.value.field, raised.value.message)
    good, bad = ATTRIBUTES | {"data": DATA}, ATTRIBUTES | {"x": value}
    read, refused = from_batch(json.dumps([good, bad]).encode())
    assert REPORT == read
    assert isinstance(refused, Malformed)
    assert ("x", words) == (refused.field, refused.message)


@pytest.mark.parametrize(
    "schema", ["https://example.com/a/post%20shared.json?v=1#/definitions/post", "urn:x:post", "mailto:a@example.org"]
)
def test_a_schema_of_the_data_is_a_uri(schema: str) -> None:
    """It is not asked for, and says nothing that counts."""
    assert REPORT == structured(dataschema=schema) == binary(dataschema=schema)


@pytest.mark.parametrize("schema", ["", "#", "/posts.json", "example.com/x", "https://example.com/a b", "1:x", "x:\n"])
def test_a_schema_that_is_no_uri_is_refused(schema: str) -> None:
    """A reference has nothing that it could be resolved against."""
    for send in (structured, binary):
        with pytest.raises(Malformed) as raised:
            send(dataschema=schema)
        told = f"dataschema must be a whole URI, such as https://example.com/post.json, but it is {schema!r}"
        assert ("dataschema", told) == (raised.value.field, raised.value.message)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ("%e2%82%ac", "€"),
        ("%41da", "Ada"),
        ("100%25", "100%"),
        ("%2541", "%41"),
        ('"simple"', "simple"),
        ('"Euro%20%E2%82%AC"', "Euro €"),
        (r'"a \"b\" \\ c"', r'a "b" \ c'),
        ('a "b c" d', "a b c d"),
        (" ada\t", "ada"),
        ("email:ada@example.org", "email:ada@example.org"),
        (r"a\b", r"a\b"),
    ],
)
def test_a_header_is_unquoted_and_percent_decoded_once(written: str, read: str) -> None:
    """As the HTTP binding says, with its own example first."""
    assert read == binary(subject=written).member


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("%C0%A0", "ce-subject is percent-encoded, but not from UTF-8"),
        ("%ff", "ce-subject is percent-encoded, but not from UTF-8"),
        ("%ED%A0%80", "ce-subject is percent-encoded, but not from UTF-8"),
        ("100%", "ce-subject has a % without two hexadecimal digits; write a percent sign as %25"),
        ("%4g", "ce-subject has a % without two hexadecimal digits; write a percent sign as %25"),
        ('"ada', "ce-subject has a double quote without its other one; write it as %22"),
        ('"ada\\"', "ce-subject has a double quote without its other one; write it as %22"),
        ("ad\xe9", "ce-subject contains what a header cannot hold; write it percent-encoded, as UTF-8"),
        ("a\tb", "ce-subject contains what a header cannot hold; write it percent-encoded, as UTF-8"),
        ("%00", "subject contains a NUL character; remove it"),
        ("a%0Ab", "subject contains a control character; remove it"),
        ("%20", "subject is empty"),
        ("", "subject is empty"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused(written: str, words: str) -> None:
    """It says which, and how to write it."""
    with pytest.raises(Malformed) as raised:
        binary(subject=written)
    assert ("subject", words) == (raised.value.field, raised.value.message)


WRONG: dict[str, tuple[Json, str, str]] = {
    "no specversion": ({"specversion": None}, "specversion", "specversion is missing; it must be '1.0'"),
    "an old one": ({"specversion": "0.3"}, "specversion", "specversion must be '1.0', but it is '0.3'"),
    "a number": ({"specversion": 1.0}, "specversion", "specversion must be text, '1.0', but it is a number"),
    "no id": ({"id": MISSING}, "id", "id is missing"),
    "null as id": ({"id": None}, "id", "id is missing"),
    "an empty id": ({"id": ""}, "id", "id is empty"),
    "a number as id": ({"id": 5}, "id", "id must be text, but it is a whole number"),
    "a long id": ({"id": "1" * 257}, "id", "id has 257 characters; at most 256 are allowed"),
    "half a pair": (
        {"id": "\ud800"},
        "id",
        "id is not valid UTF-8: it contains a stray byte or half of a surrogate pair",
    ),
    "a line in it": ({"id": "1\n2"}, "id", "id contains a control character; remove it"),
    "no source": ({"source": None}, "source", "source is missing"),
    "no type": ({"type": None}, "type", "type is missing"),
    "an empty type": ({"type": ""}, "type", "type is empty"),
    "a list as subject": ({"subject": ["ada"]}, "subject", "subject must be text, but it is a list"),
    "an empty subject": ({"subject": ""}, "subject", "subject is empty"),
    "a date as time": (
        {"time": "2026-11-12"},
        "time",
        "'2026-11-12' is no time of RFC 3339; write it as 2026-11-12T09:30:00Z",
    ),
    "no offset": (
        {"time": "2026-11-12T09:30:00"},
        "time",
        "'2026-11-12T09:30:00' is no time of RFC 3339; write it as 2026-11-12T09:30:00Z",
    ),
    "ISO 8601 alone": (
        {"time": "20261112T093000Z"},
        "time",
        "'20261112T093000Z' is no time of RFC 3339; write it as 2026-11-12T09:30:00Z",
    ),
    "no such day": (
        {"time": "2026-02-30T09:30:00Z"},
        "time",
        "'2026-02-30T09:30:00Z' is no time of RFC 3339; write it as 2026-11-12T09:30:00Z",
    ),
    "a number as time": ({"time": 5}, "time", "time must be text, but it is a whole number"),
    "an endless time": (
        {"time": "2026-11-12T09:30:00." + "1" * 99 + "Z"},
        "time",
        f"'2026-11-12T09:30:00.{'1' * 20}' is no time of RFC 3339; write it as 2026-11-12T09:30:00Z",
    ),
    "a list of others": (
        {"contributors": ["bob"]},
        "contributors",
        "contributors must be text with ';' between the members, but it is a list",
    ),
    "no media type": (
        {"datacontenttype": {}},
        "datacontenttype",
        "datacontenttype must be text, but it is an object",
    ),
    "no schema": ({"dataschema": 5}, "dataschema", "dataschema must be text, but it is a whole number"),
    "an endless schema": (
        {"dataschema": "x:" + "y" * 2047},
        "dataschema",
        "dataschema has 2,049 characters; at most 2,048 are allowed",
    ),
    "a space in the source": (
        {"source": "/my tool"},
        "source",
        "source must be a URI or a part of one, such as /tools/crm, but it is '/my tool'; write a space as %20, in a "
        "header as %2520",
    ),
    "both kinds of data": ({"data_base64": "e30="}, "data_base64", "there are both data and data_base64; send one"),
    "no Base64": ({"data": MISSING, "data_base64": "e3*0="}, "data_base64", "data_base64 is not valid Base64"),
    "no text": (
        {"data": MISSING, "data_base64": True},
        "data_base64",
        "data_base64 must be text, but it is true or false",
    ),
    "no JSON in it": (
        {"data": MISSING, "data_base64": "AAEC"},
        "data_base64",
        "data_base64 is not valid JSON: Expecting value, line 1, column 1",
    ),
    "a capital in a name": (
        {"traceParent": "1"},
        "traceParent",
        "'traceParent' cannot be an attribute: the name of an attribute has lower-case letters and digits alone, and "
        "is not data",
    ),
}
REFUSED: dict[str, tuple[Json, str, str]] = {
    "no subject": ({"subject": None}, "subject", "subject is missing; it names the member who did it"),
    "no time": ({"time": MISSING}, "time", "time is missing; write when it happened, as 2026-11-12T09:30:00Z"),
    "XML": (
        {"datacontenttype": "application/xml", "data": "<a/>"},
        "datacontenttype",
        "datacontenttype is 'application/xml', but Laurels reads data that is JSON: application/json",
    ),
}


@pytest.mark.parametrize("name", [*WRONG, *REFUSED])
def test_what_is_wrong_with_an_event_is_said(name: str) -> None:
    """What is no CloudEvent is told from a good one that says too little for Laurels."""
    changes, field, words = (WRONG | REFUSED)[name]
    with pytest.raises(Refused) as raised:
        structured(**changes)
    assert (name in WRONG, field, words) == (isinstance(raised.value, Malformed), raised.value.field, words)
    assert words == raised.value.message


@pytest.mark.parametrize(
    ("headers", "body", "field", "words"),
    [
        ([("ce-datacontenttype", "text/xml")], b"", "datacontenttype", "there is a header ce-datacontenttype; say it"),
        ([("CE-ID", "1"), ("ce-id", "2")], b"", "id", "there are two headers ce-id; send one"),
        ([("ce-data", "{}")], b"", "data", "'data' cannot be an attribute: "),
        ([("ce-trace-id", "1")], b"", "trace-id", "'trace-id' cannot be an attribute: "),
        ([("content-type", "application/json")], b"{}", "specversion", "there is no header ce-specversion, so this is"),
        ([("ce-specversion", "1.0")], b"{}", "id", "id is missing"),
        ([(f"ce-{name}", value) for name, value in ATTRIBUTES.items()], b"{", "data", "the body is not valid JSON: "),
        ([(f"ce-{name}", value) for name, value in ATTRIBUTES.items()], b"[" * 99_999, "data", "the body is nested"),
    ],
)
def test_what_is_wrong_with_headers_is_said(
    headers: list[tuple[str, str]], body: bytes, field: str, words: str
) -> None:
    """The attribute is named without its prefix."""
    with pytest.raises(Malformed) as raised:
        from_binary(headers, body)
    assert field == raised.value.field
    assert raised.value.message.startswith(words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the body is empty"),
        (b" ", "the body is not valid JSON: Expecting value, line 1, column 2"),
        (b"[]", r"an event must be an object, but it is a list; send several as application/cloudevents-batch\+json"),
        (b"7", "an event must be an object with its attributes, but it is a whole number"),
        (b"null", "an event must be an object with its attributes, but it is null"),
        (b"[" * 99_999, "the body is nested too deeply"),
    ],
)
def test_what_is_no_event_is_refused(body: bytes, words: str) -> None:
    """Nothing of it could be named."""
    with pytest.raises(Malformed, match=words) as raised:
        from_structured(body)
    assert "" == raised.value.field


def test_what_is_wrong_with_one_event_harms_no_other_of_a_batch() -> None:
    """Bad bytes, a monstrous number and no event at all, each by itself."""
    good = json.dumps(ATTRIBUTES | {"data": DATA}).encode()
    bad = good.replace(b'"1"', b'"\xff"')
    read = from_batch(b"[" + b", ".join([bad, good, b"7", good.replace(b"5", b"1" * 5_000)]) + b"]")
    assert [True, False, True, False] == [isinstance(each, Refused) for each in read]
    assert REPORT == read[1]
    with pytest.raises(
        Malformed, match=f"a batch must be a list of events; send a single event as {STRUCTURED}".replace("+", r"\+")
    ):
        from_batch(good)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-11-12t10:30:00+01:00", AT),
        ("2026-11-12T09:30:00z", AT),
        ("2026-11-12T09:30:00-00:00", AT),
        ("2026-11-12T09:30:00.123456789Z", AT + timedelta(microseconds=123_456)),
        ("2026-11-12T04:00:00.5-05:30", AT + timedelta(milliseconds=500)),
    ],
)
def test_a_time_is_one_of_rfc_3339(written: str, at: datetime) -> None:
    """In any of its ways; to the microsecond."""
    assert at == structured(time=written).time == binary(time=written).time


def test_the_content_type_says_the_mode() -> None:
    """By its prefix, whatever its case and parameters."""
    for written, mode in {
        "": Mode.BINARY,
        "application/json": Mode.BINARY,
        "application/json; charset=utf-8": Mode.BINARY,
        "application/json; charset=UTF8": Mode.BINARY,
        "text/json": Mode.BINARY,
        "application/vnd.company.post+json": Mode.BINARY,
        STRUCTURED: Mode.STRUCTURED,
        f"{STRUCTURED}; charset=UTF-8": Mode.STRUCTURED,
        "Application/CloudEvents+JSON": Mode.STRUCTURED,
        BATCH: Mode.BATCH,
        f'{BATCH};charset="utf-8"': Mode.BATCH,
    }.items():
        assert mode is mode_of(written), written
    for written in (
        "application/cloudevents",
        "application/cloudevents+avro",
        "application/cloudevents-batch+xml",
        "application/xml",
        "application/x-www-form-urlencoded",
        "text/plain",
        "json",
    ):
        with pytest.raises(MediaTypeUnknown, match="cannot be read; send an event as application/cloudevents"):
            mode_of(written)
    for written in (f"{STRUCTURED}; charset=utf-16", f'{BATCH};charset="utf-16"', "application/json; charset=utf-16"):
        with pytest.raises(MediaTypeUnknown, match="the charset 'utf-16' cannot be read; send events as UTF-8"):
            mode_of(written)
