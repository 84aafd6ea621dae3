"""Lines of a file that other people wrote: numbered, decoded, and each one's faults kept to itself.

Reads as it goes, in constant memory. A line is a CSV record too, unless a quoted value goes over several: then the
record has the number of its first line, and if it turns out unsound only that line is given up.
"""

import csv
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple

LINE_BYTES_MAX = 1_000_000
RECORD_LINES_MAX = 100  # however quotes are strewn over a file, no line is looked at more often than this

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line without its end, or what is wrong with it. Numbers count from 1."""

    number: int
    text: str
    fault: str = ""


class Record(NamedTuple):
    """One CSV record, or what is wrong with it."""

    number: int  # of its first line
    cells: list[str]
    fault: str = ""


class Lines:
    """The lines of a file that is open for reading bytes. `bytes_read` tells how far it is."""

    def __init__(self, file: BinaryIO) -> None:
        self.bytes_read = 0
        self._file = file
        self._number = 0
        self._returned: deque[Line] = deque()

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        if self._returned:
            return self._returned.popleft()
        raw = self._file.readline(LINE_BYTES_MAX + 2)  # with a line end of two characters
        if not raw:
            raise StopIteration
        self._number += 1
        self.bytes_read += len(raw)
        if self._number == 1:
            raw = raw.removeprefix(BYTE_ORDER_MARK)
        return _line(self._number, raw.removesuffix(b"\n").removesuffix(b"\r"), self._is_longer(raw))

    @property
    def bytes_seen(self) -> int:
        return self.bytes_read

    def give_back(self, lines: list[Line]) -> None:
        """Have these lines come next, in this order."""
        self._returned.extendleft(reversed(lines))

    def _is_longer(self, raw: bytes) -> bool:
        """Whether there was more than is kept of a line; the rest of it is read away."""
        if raw.endswith(b"\n") or len(raw) < LINE_BYTES_MAX + 2:
            return False
        while rest := self._file.readline(LINE_BYTES_MAX):
            self.bytes_read += len(rest)
            if rest.endswith(b"\n"):
                break
        return True


def header(lines: Lines, separator: str = ",") -> Record:
    """The first line of a CSV file as a record; one without cells where there is none."""
    number, text, fault = next(lines, Line(1, ""))
    try:
        return Record(number, next(csv.reader([text], delimiter=separator, strict=True)), fault)
    except csv.Error as error:
        return Record(number, [], _csv_fault(str(error)))


def records(lines: Lines, width: int, separator: str = ",") -> Iterator[Record]:
    """The CSV records of the lines that are left; each has `width` cells or a fault. Empty lines are passed over."""
    for line in lines:
        if line.fault:
            yield Record(line.number, [], line.fault)
        elif line.text.strip():
            yield _record(lines, line, width, separator)


def _line(number: int, raw: bytes, is_longer: bool) -> Line:
    if is_longer or len(raw) > LINE_BYTES_MAX:
        return Line(number, "", f"the line has more than {LINE_BYTES_MAX:,} bytes")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode()) + 1
        return Line(number, "", f"column {column} holds a byte that is not UTF-8 (0x{raw[error.start]:02x})")
    if "\0" in text:
        return Line(number, "", f"column {text.index(chr(0)) + 1} holds a NUL character; remove it")
    return Line(number, text)


def _record(lines: Lines, first: Line, width: int, separator: str) -> Record:
    further: list[Line] = []
    try:
        cells = next(csv.reader(_physical_lines(lines, first, further), delimiter=separator, strict=True))
        fault = "" if len(cells) == width else f"the line has {len(cells)} columns, and the header has {width}"
    except csv.Error as error:
        cells, fault = [], _csv_fault(str(error))
    if fault:
        lines.give_back(further)
    return Record(first.number, cells, fault)


def _physical_lines(lines: Lines, first: Line, further: list[Line]) -> Iterator[str]:
    """The first line and, as the reader asks for them because of an open quote, those after it."""
    yield first.text + "\n"
    size = len(first.text)
    for line in islice(lines, RECORD_LINES_MAX - 1):
        further.append(line)
        size += len(line.text)
        if line.fault or size > LINE_BYTES_MAX:
            return
        yield line.text + "\n"


def _csv_fault(message: str) -> str:
    if "unexpected end of data" in message:
        return f'a quote (") is opened, and not closed within {RECORD_LINES_MAX} lines'
    if "expected after" in message:
        return 'a quote (") is closed before the value ends; inside a quoted value write it twice'
    if "field limit" in message:
        return f'a value has more than {csv.field_size_limit():,} characters; perhaps a quote (") is never closed'
    return f"the line cannot be read as CSV: {message}"
