"""The elements of a JSON array, one after another: of the file itself, or of a list in its object."""

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, BinaryIO, NoReturn

import ijson

from activity.importer import FileInvalid
from activity.intake import Refused

ELEMENT_BYTES_MAX = 8_000_000
BEFORE_BYTES_MAX = 16_000_000  # what stands before the list in its object
DEPTH_MAX = 100  # the parser keeps a path as long as things are deep, and takes the square of it
CHUNK_BYTES = 65_536
BACKSLASH = ord("\\")

DIGITS_MAX = 4_000  # of a number: the parser crashes where Python would refuse to read more

_MARKS = re.compile(rb'\\(?:.|$)|["\[\]{}]|(?<![0-9])[0-9]{%d}' % DIGITS_MAX, re.DOTALL)
_DIGITS = b"0123456789"
LONG = f"holds a number of {DIGITS_MAX:,} digits or more"


class _Bounded:
    """A file that is given up where one element is larger or nested deeper, or a number longer, than is admitted."""

    def __init__(self, content: BinaryIO) -> None:
        self.admitted = BEFORE_BYTES_MAX
        self.count = 0
        self._content = content
        self._depth = 0
        self._in_text = False
        self._escaped = False
        self._digits = 0  # with which what was read ends
        self._fault = ""  # of what comes next
        self._before: list[bytes] = []  # what was read before the first element

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        if self._fault:
            self._give_up()
        if self.admitted <= 0:
            what = f"element {self.count + 1}" if self.count else "what stands before the first element"
            size_max = ELEMENT_BYTES_MAX if self.count else BEFORE_BYTES_MAX
            raise FileInvalid(f"{what} has more than {size_max:,} bytes, so the file is read no further")
        chunk = self._content.read(min(size, CHUNK_BYTES))
        self.admitted -= len(chunk)
        if not self.count:
            self._before.append(chunk)
        elif self._before:
            self._before.clear()
        sound = chunk[: self._sound(chunk)]
        return sound if sound or not chunk else self._give_up()

    def has_list(self, path: Sequence[str]) -> bool:
        """Whether a list is there, in a file of which no element was read."""
        found = json.loads(b"".join(self._before))
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return isinstance(found, list)

    def _give_up(self) -> NoReturn:
        raise FileInvalid(f"element {self.count + 1} {self._fault}, so the file is read no further")

    def _sound(self, chunk: bytes) -> int:
        """How much of a chunk can be parsed."""
        start, self._escaped = int(self._escaped), False
        begins = self._digits + len(chunk) - len(chunk.lstrip(_DIGITS))
        if begins >= DIGITS_MAX and not self._in_text:
            return self._stopped(0, LONG)
        for match in _MARKS.finditer(chunk, start):
            mark = match[0]
            if mark[0] == BACKSLASH:
                self._escaped = len(mark) == 1
            elif mark == b'"':
                self._in_text = not self._in_text
            elif self._in_text:
                continue
            elif len(mark) > 1:
                return self._stopped(match.start(), LONG)
            else:
                self._depth += 1 if mark in b"[{" else -1
                if self._depth > DEPTH_MAX:
                    return self._stopped(match.start(), f"is nested more than {DEPTH_MAX} levels deep")
        self._digits = len(chunk) - len(chunk.rstrip(_DIGITS)) + self._digits * (not chunk.strip(_DIGITS))
        return len(chunk)

    def _stopped(self, at: int, fault: str) -> int:
        self._fault = fault
        return at


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
    except (ijson.JSONError, UnicodeDecodeError, ValueError, RecursionError, ArithmeticError) as error:
        after = f"after element {bounded.count}" if bounded.count else "from its beginning"
        too_large = isinstance(error, ArithmeticError)
        reason = "a number is too large to be read" if too_large else " ".join(str(error).split())[:200]
        raise FileInvalid(f"the file is no sound JSON {after}: {reason}") from None
    if not bounded.count and not bounded.has_list(path):
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
