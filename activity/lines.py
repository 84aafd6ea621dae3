"""Lines of a file that other people wrote: numbered, decoded, and each one's faults kept to itself.

Reads as it goes, in constant memory. A line is a CSV record too, unless a quoted value goes over several: then the
record has the number of its first line. What may stand inside of a quoted value is never read as a record, or whoever
writes a text could forge some: where it cannot be told where a value ends, the file ends for its reader.
"""

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

LINE_BYTES_MAX = 1_000_000
LINE_END_BYTES_MAX = 2

BEGINNING_SHOWN = 40  # characters
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

csv.field_size_limit(LINE_BYTES_MAX)  # a value can fill its line; Python's own limit is smaller

_DECLARED = re.compile(r'("?)sep=([^"\r\n])\1', re.IGNORECASE)

NOTHING_FURTHER = "mend it: nothing from here on was brought in"


class Line(NamedTuple):
    """One line without its end, and what is wrong with it. Numbers count from 1.

    Of a line with a fault the text has stand-ins for what cannot be read; one that is too long is not kept.
    """

    number: int
    text: str
    fault: str = ""
    may_quote: bool = False  # of one that is too long: whether there is a quote in it


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

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        raw = self._file.readline(LINE_BYTES_MAX + LINE_END_BYTES_MAX)
        if not raw:
            raise StopIteration
        self._number += 1
        self.bytes_read += len(raw)
        if self._number == 1:
            raw = raw.removeprefix(BYTE_ORDER_MARK)
        text = raw.removesuffix(b"\n").removesuffix(b"\r")
        is_cut = len(raw) >= LINE_BYTES_MAX + LINE_END_BYTES_MAX and not raw.endswith(b"\n")
        if is_cut or len(text) > LINE_BYTES_MAX:
            may_quote = (is_cut and self._rest_may_quote()) or b'"' in raw
            return Line(self._number, "", f"the line has more than {LINE_BYTES_MAX:,} bytes", may_quote)
        return _line(self._number, text)

    @property
    def bytes_seen(self) -> int:
        return self.bytes_read

    def _rest_may_quote(self) -> bool:
        """Reads the rest of a line away."""
        found = False
        while rest := self._file.readline(LINE_BYTES_MAX):
            self.bytes_read += len(rest)
            found = found or b'"' in rest
            if rest.endswith(b"\n"):
                break
        return found


def header(lines: Lines, separator: str = ",") -> Record:
    """The first line of a CSV file as a record; one without cells where there is none."""
    return head(next(lines, Line(1, "")), separator)


def declared_separator(text: str) -> str:
    """What a first line such as `sep=;` says that stands between columns, as Excel writes and reads it; else empty."""
    found = _DECLARED.fullmatch(text)
    return found[2] if found else ""


def head(line: Line, separator: str) -> Record:
    """A line with the names of columns as a record."""
    number, text, fault, _ = line
    try:
        return Record(number, next(csv.reader([text], delimiter=separator, strict=True)), fault)
    except csv.Error as error:
        return Record(number, [], fault or _csv_fault(str(error), "in the line"))


def records(lines: Lines, width: int, separator: str = ",") -> Iterator[Record]:
    """The CSV records of the lines that are left; each has `width` cells or a fault. Empty lines are passed over.

    Ends with a fault where a quote is not closed, however many lines are left.
    """
    begins = lines.bytes_read
    for line in lines:
        if line.may_quote:
            yield Record(line.number, [], f"{line.fault}, and quotes; {NOTHING_FURTHER}")
            return
        if line.fault or line.text.strip():
            record, is_last = _record(lines, line, begins, width, separator)
            yield record
            if is_last:
                return
        begins = lines.bytes_read


def beginning(raw: bytes) -> str:
    """The first words of a file, for a message that says it is none of its kind; empty where there are only blanks."""
    words = raw.removeprefix(BYTE_ORDER_MARK).lstrip()[: 4 * BEGINNING_SHOWN].decode(errors="replace")
    return "".join(words.splitlines()[:1])[:BEGINNING_SHOWN]


def with_advice(fault: str) -> str:
    """What is wrong with a line, and what a mapping can do about it."""
    return f"{fault}; perhaps the mapping needs 'encoding: latin-1' or cp1252" if "not UTF-8" in fault else fault


def _line(number: int, raw: bytes) -> Line:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode()) + 1
        fault = f"character {column} is a byte that is not UTF-8 (0x{raw[error.start]:02x})"
        return Line(number, raw.decode(errors="replace").replace("\0", " "), fault)
    if "\0" in text:
        return Line(number, text.replace("\0", " "), f"character {text.index(chr(0)) + 1} is a NUL; remove it")
    return Line(number, text)


class _Physical:
    """The first line of a record and, as its reader asks for them because of an open quote, those after it."""

    def __init__(self, lines: Lines, first: Line, begins: int) -> None:
        self.fault = first.fault
        self.count = 0
        self.breaks_off = "before the end of the file"  # where an open quote is given up
        self._lines = lines
        self._next: Line | None = first
        self._bytes_max = begins + LINE_BYTES_MAX + LINE_END_BYTES_MAX

    def __iter__(self) -> Iterator[str]:
        while self._next:
            self.count += 1
            yield self._next.text + "\n"
            self._next = next(self._lines, None)
            if self._next and self._lines.bytes_read > self._bytes_max:
                self.breaks_off = f"within {LINE_BYTES_MAX:,} bytes"
                return
            if self._next:
                self.fault = self.fault or self._next.fault


def _record(lines: Lines, first: Line, begins: int, width: int, separator: str) -> tuple[Record, bool]:
    """The record that begins with a line, and whether nothing after it can be told from what stands in its quotes."""
    physical = _Physical(lines, first, begins)
    is_last = False
    try:
        cells = next(csv.reader(physical, delimiter=separator, strict=True))
        fault = (
            ""
            if len(cells) == width
            else f"the line has {len(cells)} column{'s' * (len(cells) != 1)}, and the header has {width}"
        )
    except csv.Error as error:
        cells, fault = [], _csv_fault(str(error), physical.breaks_off)
        is_last = physical.count > 1 or not _surely_ends(first.text, separator)
    if is_last:
        return Record(first.number, [], f"{fault}; {NOTHING_FURTHER}"), True
    return Record(first.number, cells, physical.fault or fault), False


def _surely_ends(text: str, separator: str) -> bool:
    """Whether no value goes on after an unsound line, whichever way its writer meant the quotes in it."""
    plain = text.replace("\r", " ")
    if plain.count('"') % 2 or plain.replace("\\\\", "").replace('\\"', "").count('"') % 2:
        return False
    for escape in (None, "\\"):
        reader = csv.reader([plain + "\n", ""], delimiter=separator, escapechar=escape)
        next(reader)
        if reader.line_num > 1:
            return False
    return True


def _csv_fault(message: str, breaks_off: str) -> str:
    if "unexpected end of data" in message:
        return f'a quote (") is opened, and not closed {breaks_off}'
    if "expected after" in message:
        return 'a quote (") is closed before the value ends; inside a quoted value write it twice'
    if "new-line character" in message:
        return "a carriage return stands outside of quotes; save the file with line ends of today (LF, or CR and LF)"
    return f"the line cannot be read as CSV: {message}"
