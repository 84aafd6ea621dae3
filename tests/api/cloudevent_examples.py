"""The examples in the texts of CloudEvents 1.0.2, by hand: what is sent, how it is read for a subject, and what a
sender is told of it as it is.

None has a subject that could be a member, so that Laurels refuses all of them, in words. Where the text says "base64
encoded string", there is one.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from activity.cloudevent import BATCH, STRUCTURED
from activity.intake import Report

Json = dict[str, Any]

AT = datetime(2018, 4, 5, 17, 31, tzinfo=UTC)
TIME = "2018-04-05T17:31:00Z"
EXTENSIONS: Json = {"comexampleextension1": "value", "comexampleothervalue": 5}
APPLICATION_DATA: Json = {"appinfoA": "abc", "appinfoB": 123, "appinfoC": True}
THRIFT = "application/vnd.apache.thrift.binary"


@dataclass(frozen=True)
class Example:
    """`told` is the status of HTTP and the field that is named; `read` the report once there is a subject, or the
    field that is refused even then."""

    told: tuple[int, str]
    read: Report | str
    body: bytes | Json = b""
    headers: dict[str, str] = field(default_factory=dict)


def event(identifier: str, **attributes: Any) -> Json:
    required = {"specversion": "1.0", "type": "com.example.someevent", "source": "/mycontext", "id": identifier}
    return required | {"time": TIME} | EXTENSIONS | attributes


def headers(identifier: str, content_type: str) -> dict[str, str]:
    return {
        "ce-specversion": "1.0",
        "ce-type": "com.example.someevent",
        "ce-source": "/mycontext",
        "ce-id": identifier,
        "ce-time": TIME,
        "ce-comexampleextension1": "value",
        "ce-comexampleothervalue": "5",
        "content-type": content_type,
    }


def report(identifier: str, data: Any) -> Report:
    return Report("/mycontext", identifier, "com.example.someevent", "ada", AT, data)


EXAMPLES: dict[str, Example] = {
    "core: XML": Example(
        (422, "datacontenttype"),
        "datacontenttype",
        {
            "specversion": "1.0",
            "type": "com.github.pull_request.opened",
            "source": "https://github.com/cloudevents/spec/pull",
            "subject": "123",
            "id": "A234-1234-1234",
            "time": TIME,
            "comexampleextension1": "value",
            "comexampleothervalue": 5,
            "datacontenttype": "text/xml",
            "data": '<much wow="xml"/>',
        },
    ),
    "HTTP: binary mode": Example(
        (422, "subject"),
        Report(
            "/mycontext/subcontext",
            "1234-1234-1234",
            "com.example.someevent",
            "ada",
            datetime(2018, 4, 5, 3, 56, 24, tzinfo=UTC),
            {"application": "data"},
        ),
        b'{"application": "data"}',
        {
            "ce-specversion": "1.0",
            "ce-type": "com.example.someevent",
            "ce-time": "2018-04-05T03:56:24Z",
            "ce-id": "1234-1234-1234",
            "ce-source": "/mycontext/subcontext",
            "content-type": "application/json; charset=utf-8",
        },
    ),
    "HTTP: structured mode": Example(
        (422, "subject"),
        report("1", {"application": "data"}),
        event("1", data={"application": "data"}),
        {"content-type": f"{STRUCTURED}; charset=utf-8"},
    ),
    "JSON: binary data": Example(
        (422, "datacontenttype"),
        "datacontenttype",
        event("A234-1234-1234", datacontenttype=THRIFT, data_base64="AAEC"),
    ),
    "JSON: binary data, in binary mode": Example((415, ""), "", b"\x00\x01\x02", headers("A234-1234-1234", THRIFT)),
    "JSON: XML": Example(
        (422, "datacontenttype"),
        "datacontenttype",
        event("B234-1234-1234", unsetextension=None, datacontenttype="application/xml", data='<much wow="xml"/>'),
    ),
    "JSON: XML, in binary mode": Example(
        (415, ""), "", b'<much wow="xml"/>', headers("B234-1234-1234", "application/xml")
    ),
    "JSON: an object": Example(
        (422, "subject"),
        report("C234-1234-1234", APPLICATION_DATA),
        event("C234-1234-1234", subject=None, datacontenttype="application/json", data=APPLICATION_DATA),
    ),
    "JSON: an object, in binary mode": Example(
        (422, "subject"),
        report("C234-1234-1234", APPLICATION_DATA),
        b'{\n  "appinfoA" : "abc",\n  "appinfoB" : 123,\n  "appinfoC" : true\n}',
        headers("C234-1234-1234", "application/json"),
    ),
    "JSON: a string": Example(
        (422, "subject"),
        report("D234-1234-1234", "I'm just a string"),
        event("D234-1234-1234", subject=None, data="I'm just a string"),
    ),
    "JSON: a string, in binary mode": Example(
        (422, "subject"),
        report("D234-1234-1234", "I'm just a string"),
        b'"I\'m just a string"',
        headers("D234-1234-1234", "application/json"),
    ),
    "JSON: a string without quotes, in binary mode": Example(
        (400, "data"), "data", b"I'm just a string", headers("D234-1234-1234", "application/json")
    ),
}

BATCH_EXAMPLE = [
    event("B234-1234-1234", source="/mycontext/4", datacontenttype=THRIFT, data_base64="AAEC"),
    event(
        "C234-1234-1234",
        type="com.example.someotherevent",
        source="/mycontext/9",
        time="2018-04-05T17:31:05Z",
        datacontenttype="application/json",
        data=APPLICATION_DATA,
    ),
]
BATCH_HEADERS = {"content-type": f"{BATCH}; charset=utf-8"}

SOURCES = (
    "https://github.com/cloudevents",
    "mailto:cncf-wg-serverless@lists.cncf.io",
    "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
    "cloudevents/spec/pull/123",
    "/cloudevents/spec/pull/123",
    "/sensors/tn-1234567/alerts",
    "1-555-123-4567",
    "https://github.com/cloudevents/spec/pull/123",
    "/mycontext",
    # Of RFC 3986, section 1.1.2 and 5.4
    "ftp://ftp.is.co.za/rfc/rfc1808.txt",
    "ldap://[2001:db8::7]/c=GB?objectClass?one",
    "news:comp.infosystems.www.servers.unix",
    "tel:+1-816-555-1212",
    "telnet://192.0.2.16:80/",
    "//g",
    "?y",
    "g?y#s",
    ";x",
    "../../g",
)
NO_SOURCES = ("a b", "my tool/é", "<x>", "1:2", "%zz", "a\\b", "http://[::1", "x^y", "{id}", "#a#b", "http://a:b:c/")
