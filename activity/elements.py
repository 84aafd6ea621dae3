"""The elements of a JSON array, one after another: of the file itself, or of a list in its object."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

import ijson

from activity.importer import FileInvalid
from activity.intake import Refused

ELEMENT_BYTES_MAX = 8_000_000
BEFORE_BYTES_MAX = 16_000_000  # what stands before the list in its object
DEPTH_MAX = 100  # the parser keeps a path as long as things are deep, and takes the square of it
CHUNK_BYTES = 65_536
BACKSLASH = ord("\\")

_MARKS = re.compile(rb'\\(?:.|$)|["\[\]{}]', re.DOTALL)


class _Bounded:
    """A file that is given up where one element is larger, or nested deeper, than is admitted."""

    def __init__(self, content: BinaryIO) -> None:
        self.admitted = BEFORE_BYTES_MAX
        self.count = 0
        self._content = content
        self._depth = 0
        self._in_text = False
        self._escaped = False

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        if self.admitted <= 0:
            what = f"element {self.count + 1}" if self.count else "what stands before the first element"
            size_max = ELEMENT_BYTES_MAX if self.count else BEFORE_BYTES_MAX
            raise FileInvalid(f"{what} has more than {size_max:,} bytes, so the file is read no further")
        chunk = self._content.read(min(size, CHUNK_BYTES))
        self.admitted -= len(chunk)
        self._follow(chunk)
        return chunk

    def _follow(self, chunk: bytes) -> None:
        """Keeps count of how deep it is. Raises FileInvalid."""
        start, self._escaped = int(self._escaped), False
        for match in _MARKS.finditer(chunk, start):
            mark = match[0]
            if mark[0] == BACKSLASH:
                self._escaped = len(mark) == 1
            elif mark == b'"':
                self._in_text = not self._in_text
            elif not self._in_text:
                self._depth += 1 if mark in b"[{" else -1
                if self._depth > DEPTH_MAX:
                    raise FileInvalid(f"element {self.count + 1} is nested more than {DEPTH_MAX} levels deep")


def elements(content: BinaryIO, path: Sequence[str]) -> Iterator[tuple[int, Any]]:
    """The objects in the array, numbered from 1. Raises FileInvalid where the file is no JSON."""
    bounded = _Bounded(content)
    prefix = ".".join([*path, "item"])
    try:
        for element in ijson.items(bounded, prefix):
            bounded.admitted = ELEMENT_BYTES_MAX
            bounded.count += 1
            if isinstance(element, dict):
                yield bounded.count, _with_floats(element)
            else:
                yield bounded.count, Refused("", "this element is no object in { }")
    except (ijson.JSONError, UnicodeDecodeError, ValueError, RecursionError) as error:
        after = f"after element {bounded.count}" if bounded.count else "from its beginning"
        reason = " ".join(str(error).split())[:200]
        raise FileInvalid(f"the file is no sound JSON {after}: {reason}") from None
    if not bounded.count:
        where = f"under {'.'.join(path)}" if path else "in the file; where it stands in an object, name it with 'path'"
        raise FileInvalid(f"there is no list of objects {where}")


def _with_floats(value: Any) -> Any:
    """The same with numbers as JSON lines have them. The parser's own floats know no whole number beyond 64 bits."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _with_floats(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_floats(each) for each in value]
    return value
