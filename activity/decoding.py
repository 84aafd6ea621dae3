"""JSON as tools send it, read so that what is broken in one element harms no other.

It is read by the standard library, not orjson: it keeps numbers beyond 64 bits as they are and lets halves of surrogate
pairs and NaN through, so that what holds them is refused by itself and not with all that was sent beside it.
"""

import json
import re
from typing import Any

from errors import LaurelsError

DIGITS_MAX = 20  # as many as a number of 64 bits can have, with its sign
BEYOND_64_BITS = 10**DIGITS_MAX
GZIP_MARK = b"\x1f\x8b"
BYTE_ORDER_MARK = "\ufeff"
UTF_8 = ("utf-8", "utf8", "us-ascii")  # as senders call what UTF-8 reads
CHARSET = re.compile(r';\s*charset="?([^\s";]*)', re.IGNORECASE)


class JsonInvalid(LaurelsError):
    """Some bytes are no JSON; the message says where."""


def decoded(body: bytes, where: str) -> Any:
    """What the JSON in `body` holds; `where` is what a message calls it. Raises JsonInvalid."""
    if not body:
        raise JsonInvalid(f"{where} is empty")
    if body.startswith(GZIP_MARK):
        raise JsonInvalid(f"{where} is compressed; send it as it is")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        # Inside a text a bad byte harms only what holds it: it stays as half of a surrogate pair, which every check of
        # a text refuses. Anywhere else it is no JSON.
        text = body.decode(errors="surrogateescape")
    if text.startswith(BYTE_ORDER_MARK):
        raise JsonInvalid(f"{where} begins with a byte order mark; send it without")
    try:
        return json.loads(text, parse_int=_int)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise JsonInvalid(f"{where} is not valid JSON: {error.msg}, {place}") from None
    except RecursionError:
        raise JsonInvalid(f"{where} is nested too deeply") from None


def foreign_charset(content_type: str) -> str:
    """The charset that a Content-Type declares, where it is none in which JSON is read; else an empty text."""
    declared = CHARSET.search(content_type)
    return declared[1] if declared and declared[1].lower() not in UTF_8 else ""


def _int(digits: str) -> int:
    """A whole number; of those with more digits than 64 bits hold, all are too large alike."""
    return int(digits) if len(digits) <= DIGITS_MAX else BEYOND_64_BITS
