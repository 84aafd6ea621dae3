"""The elements of a JSON array, one after another: of the file itself, or of a list in its object."""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, BinaryIO, NoReturn

import ijson

from activity.importer import FileInvalid
from activity.intake import Refused
from activity.lines import beginning, with_advice

ELEMENT_BYTES_MAX = 8_000_000
BEFORE_BYTES_MAX = 16_000_000  # what stands before the list in its object
DEPTH_MAX = 100  # the parser keeps a path as long as things are deep, and takes the square of it
CHUNK_BYTES = 65_536
BACKSLASH = ord("\\")

DIGITS_MAX = 4_000  # of a number: the parser crashes where Python would refuse to read more

_MARKS = re.compile(rb'\\(?:.|$)|["\[\]{}]|(?<![0-9])[0-9]{%d}' % DIGITS_MAX, re.DOTALL)
_DIGITS = b"0123456789"
PAGE = ("<!doctype html", "<html")
LONG = f"holds a number of {DIGITS_MAX:,} digits or more"


class _Bounded:
    """A file that is given up where one element is larger or nested deeper, or a number longer, than is admitted, and
    where it is not UTF-8."""

    def __init__(self, content: BinaryIO, path: Sequence[str]) -> None:
        self.admitted = BEFORE_BYTES_MAX
        self.count = 0
        self._path = path
        self._content = content
        self._depth = 0
        self._in_text = False
        self._escaped = False
        self._digits = 0  # with which what was read ends
        self._decoder = codecs.getincrementaldecoder("utf-8")()
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
        sound = sound[: self._decoded(sound)]
        return sound if sound or not chunk else self._give_up()

    def has_list(self) -> bool:
        """Whether a list is there, in a file of which no element was read."""
        found = json.loads(b"".join(self._before))
        for name in self._path:
            found = found.get(name) if isinstance(found, dict) else None
        return isinstance(found, list)

    def begins(self) -> str:
        """The first words of a file of which no element was read."""
        return beginning(b"".join(self._before))

    def _give_up(self) -> NoReturn:
        where = f"element {self.count + 1}" if self.count or not self._path else "the file, up to its first element,"
        raise FileInvalid(with_advice(f"{where} {self._fault}, so the file is read no further"))

    def _decoded(self, chunk: bytes) -> int:
        """How much of a chunk is UTF-8."""
        before = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError as error:
            found = error.object[error.start]
            return self._stopped(max(0, error.start - before), f"has a byte that is not UTF-8 (0x{found:02x})")
        return len(chunk)

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
    bounded = _Bounded(content, path)
    prefix = ".".join([*path, "item"])
    try:
        for element in ijson.items(bounded, prefix):
            bounded.admitted = ELEMENT_BYTES_MAX
            bounded.count += 1
            if isinstance(element, dict):
                yield bounded.count, _with_floats(element)
            else:
                yield bounded.count, Refused("", f"this element is {_kind(element)}; it must be an object: {OBJECT}")
    except (ijson.JSONError, UnicodeDecodeError, ValueError, RecursionError, ArithmeticError) as error:
        raise FileInvalid(_unsound(error, bounded)) from None
    if not bounded.count and not bounded.has_list():
        where = (
            f"under {'.'.join(path)}"
            if path
            else "in the file; where it stands in an object, name it with 'path', and if each line is an object, write "
            "'format: jsonl' in the mapping"
        )
        raise FileInvalid(f"there is no list of objects {where}")


def _unsound(error: Exception, bounded: _Bounded) -> str:
    """What is wrong with a file that is no JSON, and what can be done."""
    if isinstance(error, ArithmeticError):
        return f"element {bounded.count + 1} holds a number whose exponent is too large, so the file is read no further"
    said = error.args[0] if error.args else ""
    said = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    after = f"after element {bounded.count}" if bounded.count else "before its first element ends"
    begins = "" if bounded.count else bounded.begins()
    if "premature EOF" in said:
        if not bounded.count and not begins:
            return "the file holds nothing but blanks, where a list of objects must be"
        return f"the file breaks off {after}; fetch it again"
    if "trailing garbage" in said and begins.startswith("{"):
        return (
            "there is more after the object with which the file begins; if each line is an object, "
            "write 'format: jsonl' in the mapping"
        )
    if begins.lower().startswith(PAGE):
        return "the file is a web page, not JSON: fetch what the tool exports, perhaps after logging in"
    if begins and begins[0] not in "[{":
        return f"the file is no JSON: it begins with {begins!r}; say what it is with 'format' in the mapping"
    told = said.strip().partition("\n")[0][:200]
    reason = next((words for known, words in _REASONS.items() if known in said), told)
    return f"the file is no sound JSON {after}: {reason}"


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number"


OBJECT = 'names with values in { }, such as {"id": "1"}'

_REASONS = {  # by what the parser says of it
    "trailing garbage": "there is more after the end of what the file begins with",
    "unallowed token": "something stands there that cannot; perhaps there is a comma too much",
    "after array element": "between two elements of a list a comma must stand",
    "after key and value": "after a value of an object a comma or '}' must stand",
    "separated by a colon": "between a name and its value a ':' must stand",
    "invalid object key": "the names in an object must stand in double quotes",
    "invalid character inside string": "a control character stands in a text, perhaps the end of a line",
    "inside a string, '\\'": "a backslash in a text stands before a letter that means nothing there",
    "malformed number": "a number has no digit where one must stand",
    "comment found": "there is a comment, which JSON does not have",
    "invalid char in json text": "a word or character stands there that is no JSON, such as a name without quotes",
    "invalid string in json text": "a word stands there that is no JSON, such as a name without quotes",
}


def _with_floats(value: Any) -> Any:
    """The same with numbers as JSON lines have them. The parser's own floats know no whole number beyond 64 bits."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: _with_floats(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_floats(each) for each in value]
    return value
