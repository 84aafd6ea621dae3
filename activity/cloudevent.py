"""CloudEvents 1.0 as they come over HTTP, in each of the three modes of its binding, made reports.

    binary      attributes in headers `ce-NAME`, the data is the body
    structured  all of it one JSON object, application/cloudevents+json
    batch       a JSON list of such objects, application/cloudevents-batch+json

`subject` names the member, `type` the activity type by its key or an alias, and the extension `contributors`, with
semicolons between them, the others whom it credits. Of other extensions only the type is looked at. An event is the
same report in whichever mode it comes. The texts are spec.md, formats/json-format.md and
bindings/http-protocol-binding.md of https://github.com/cloudevents/spec/tree/v1.0.2/cloudevents.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Invalid
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from activity.decoding import JsonInvalid, decoded, foreign_charset
from activity.intake import STRING_LENGTH_MAX, TIME_LENGTH_MAX, Refused, Report, checked_name, words_for
from errors import LaurelsError

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
HOW_TO_SEND = (
    f"send an event as {STRUCTURED}, several as {BATCH}, or its data as application/json with the attributes in "
    "headers such as ce-id"
)
PREFIX = "ce-"
SEPARATOR = ";"  # of contributors
DATA = ("data", "data_base64")  # the members of the JSON format that are no attributes
INTEGER_MIN, INTEGER_MAX = -(2**31), 2**31 - 1  # of attributes


class Malformed(Refused):
    """What was sent is no CloudEvent 1.0. `field` names the attribute that is wrong, or `data`."""


class MediaTypeUnknown(LaurelsError):
    """What was sent is in no form in which events are read."""


class Mode(StrEnum):
    BINARY = "binary"
    STRUCTURED = "structured"
    BATCH = "batch"


def mode_of(content_type: str) -> Mode:
    """The mode that a Content-Type says. Raises MediaTypeUnknown."""
    media = _media(content_type)
    mode = MODES.get(media, Mode.BINARY)
    foreign = media.startswith("application/cloudevents") or (content_type.strip() and not _is_json(content_type))
    if foreign and mode is Mode.BINARY:
        raise MediaTypeUnknown(f"{content_type[:100]!r} cannot be read; {HOW_TO_SEND}")
    if charset := foreign_charset(content_type):
        raise MediaTypeUnknown(f"the charset {charset[:40]!r} cannot be read; send events as UTF-8")
    return mode


def from_binary(headers: Iterable[tuple[str, str]], body: bytes) -> Report:
    """The event whose attributes are in headers. Raises Refused, and Malformed."""
    attributes: dict[str, Any] = {}
    for header, value in headers:
        if not header.lower().startswith(PREFIX):
            continue
        name = header.lower().removeprefix(PREFIX)
        if name in attributes:
            raise Malformed(name, f"there are two headers {PREFIX}{name}; send one")
        if name == "datacontenttype":
            raise Malformed(name, "there is a header ce-datacontenttype; say it in Content-Type alone")
        attributes[name] = _header(name, value) if name in READ else value
    if not attributes:
        raise Malformed("specversion", f"there is no header ce-specversion, so this is no CloudEvent; {HOW_TO_SEND}")
    for name in attributes.keys() - READ:
        _check_attribute(name)
    return _report(attributes, _json(body, "data", "the body") if body else None)


def from_structured(body: bytes) -> Report:
    """The event that is one JSON object. Raises Refused, and Malformed."""
    event = _json(body, "", "the body")
    if isinstance(event, list):
        raise Malformed("", f"an event must be an object, but it is a list; send several as {BATCH}")
    return _from_object(event)


def from_batch(body: bytes) -> list[Report | Refused]:
    """The events of a JSON list, each by itself. Raises Malformed when it is none."""
    events = _json(body, "", "the body")
    if not isinstance(events, list):
        raise Malformed("", f"a batch must be a list of events; send a single event as {STRUCTURED}")
    return [_attempt(event) for event in events]


def _attempt(event: Any) -> Report | Refused:
    try:
        return _from_object(event)
    except Refused as refused:
        return refused


def _from_object(event: Any) -> Report:
    if not isinstance(event, dict):
        found = "null" if event is None else words_for(event)
        raise Malformed("", f"an event must be an object with its attributes, but it is {found}")
    for name, value in event.items():
        if name not in MEMBERS:
            _check_attribute(name)
            if value is not None and not isinstance(value, str):
                _check_extension(name, value)
    media = event.get("datacontenttype")
    if media is not None and not isinstance(media, str):
        _mistyped("datacontenttype", media)
    if media is not None and not _is_json(media):
        told = f"datacontenttype is {media[:100]!r}, but Laurels reads data that is JSON: application/json"
        raise Refused("datacontenttype", told)
    encoded = event.get("data_base64")
    if encoded is None:
        return _report(event, event.get("data"))
    if event.get("data") is not None:
        raise Malformed("data_base64", "there are both data and data_base64; send one")
    return _report(event, _json(_bytes(encoded), "data_base64", "data_base64"))


def _report(attributes: Mapping[str, Any], data: Any) -> Report:
    version = attributes.get("specversion")
    if version is None:
        raise Malformed("specversion", "specversion is missing; it must be '1.0'")
    if not isinstance(version, str):
        _mistyped("specversion", version, "text, '1.0'")
    if version != "1.0":
        raise Malformed("specversion", f"specversion must be '1.0', but it is {version[:40]!r}")
    identifier, source, kind = (_required(name, attributes.get(name)) for name in ("id", "source", "type"))
    if not URI_REFERENCE.fullmatch(source):
        told = f"source must be a URI or a part of one, such as /tools/crm, but it is {source!r}"
        hint = "; write a space as %20, in a header as %2520" if " " in source else ""
        raise Malformed("source", told + hint)
    _check_schema(attributes.get("dataschema"))
    time = _time(attributes.get("time"))
    subject = attributes.get("subject")
    if subject is None:
        raise Refused("subject", "subject is missing; it names the member who did it")
    others = _contributors(attributes.get("contributors"))
    return Report(source, identifier, kind, _required("subject", subject), time, data, others)


def _check_attribute(name: str) -> None:
    if name in DATA or not NAME.fullmatch(name):
        told = "the name of an attribute has lower-case letters and digits alone, and is not data"
        raise Malformed(name[:64], f"{name[:64]!r} cannot be an attribute: {told}")


def _check_extension(name: str, value: bool | int | float | list[Any] | dict[str, Any]) -> None:
    """Of the types of attributes JSON has text, true and false, and whole numbers of 32 bits."""
    shown = name[:64]
    if isinstance(value, list | dict):
        told = f"{shown} is {words_for(value)}, which no attribute can be; put it into data"
        raise Malformed(shown, told)
    if isinstance(value, float):
        raise Malformed(shown, f"{shown} is {value}, but a number among the attributes is whole; write it as text")
    if not INTEGER_MIN <= value <= INTEGER_MAX:
        raise Malformed(shown, f"{shown} is a number beyond the 32 bits that an attribute has; write it as text")


def _check_schema(value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        _mistyped("dataschema", value)
    if len(value) > STRING_LENGTH_MAX:
        told = f"dataschema has {len(value):,} characters; at most {STRING_LENGTH_MAX:,} are allowed"
        raise Malformed("dataschema", told)
    if not URI.fullmatch(value):
        told = f"such as https://example.com/post.json, but it is {value[:100]!r}"
        raise Malformed("dataschema", f"dataschema must be a whole URI, {told}")


def _required(name: str, value: Any) -> str:
    """An attribute that must be there, and that Laurels keeps."""
    if value is None:
        raise Malformed(name, f"{name} is missing")
    try:
        text = checked_name(name, value)
    except Refused as refused:
        raise Malformed(refused.field, refused.message) from None
    if CONTROL.search(text):
        raise Malformed(name, f"{name} contains a control character; remove it")
    return text


def _time(value: Any) -> datetime:
    if value is None:
        raise Refused("time", "time is missing; write when it happened, as 2026-11-12T09:30:00Z")
    if not isinstance(value, str):
        _mistyped("time", value)
    if len(value) <= TIME_LENGTH_MAX and TIME.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper())
        except ValueError:
            pass  # such as the 30th of February
    raise Malformed("time", f"{value[:40]!r} is no time of RFC 3339; write it as 2026-11-12T09:30:00Z")


def _contributors(value: Any) -> list[str] | None:
    if value is None:
        return None
    if not isinstance(value, str):
        _mistyped("contributors", value, f"text with {SEPARATOR!r} between the members")
    return [name for name in map(str.strip, value.split(SEPARATOR)) if name] or None


def _header(name: str, value: str) -> str:
    """The value of an attribute that is in a header: without double quotes, then percent-decoded once."""
    value = value.strip(" \t")
    if not value.isascii() or CONTROL.search(value):
        raise Malformed(name, f"{PREFIX}{name} contains what a header cannot hold; write it percent-encoded, as UTF-8")
    if '"' in value:
        if '"' in QUOTED.sub("", value):
            raise Malformed(name, f"{PREFIX}{name} has a double quote without its other one; write it as %22")
        value = QUOTED.sub(lambda quoted: ESCAPED.sub(r"\1", quoted[1]), value)
    if "%" not in value:
        return value
    if STRAY_PERCENT.search(value):
        raise Malformed(name, f"{PREFIX}{name} has a % without two hexadecimal digits; write a percent sign as %25")
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError:
        raise Malformed(name, f"{PREFIX}{name} is percent-encoded, but not from UTF-8") from None


def _bytes(encoded: Any) -> bytes:
    if not isinstance(encoded, str):
        _mistyped("data_base64", encoded)
    try:
        return b64decode(encoded, validate=True)
    except (Base64Invalid, ValueError):
        raise Malformed("data_base64", "data_base64 is not valid Base64") from None


def _json(body: bytes, field: str, where: str) -> Any:
    try:
        return decoded(body, where)
    except JsonInvalid as error:
        raise Malformed(field, str(error)) from None


def _media(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _is_json(content_type: str) -> bool:
    subtype = _media(content_type).partition("/")[2]
    return subtype == "json" or subtype.endswith("+json")


def _mistyped(name: str, value: Any, expected: str = "text") -> NoReturn:
    raise Malformed(name, f"{name} must be {expected}, but it is {words_for(value)}")


MODES = {STRUCTURED: Mode.STRUCTURED, BATCH: Mode.BATCH}
READ = {"specversion", "id", "source", "type", "subject", "time", "contributors"}
MEMBERS = READ | {"datacontenttype", "dataschema", *DATA}  # of the JSON format, but for extensions that are not read

NAME = re.compile("[a-z0-9]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
ESCAPED = re.compile(r"\\(.)")
STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


def _uris() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """RFC 3986, appendix A: a URI; and a reference, which can also be resolved against one."""
    plain = "[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2}"
    path = f"(?:{plain}|[:@/])*"
    host = rf"(?:\[[0-9A-Fa-fv:.]+\]|(?:{plain})*)"
    authority = rf"//(?:(?:{plain}|:)*@)?{host}(?::[0-9]*)?(?:/{path})?"
    rooted = f"/(?!/){path}"
    absolute = f"[A-Za-z][A-Za-z0-9+.-]*:(?:{authority}|{rooted}|(?!/){path})"
    relative = f"(?:{authority}|{rooted}|(?:{plain}|@)+(?:/{path})?|)"
    tail = rf"(?:\?(?:{plain}|[:@/?])*)?(?:#(?:{plain}|[:@/?])*)?"
    return re.compile(f"{absolute}{tail}"), re.compile(f"(?:{absolute}|{relative}){tail}")


URI, URI_REFERENCE = _uris()
