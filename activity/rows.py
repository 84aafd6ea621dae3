"""The rows of a file, whatever it is written as: CSV, TSV, JSON, JSON lines, RSS or Atom, each also gzipped.

A row comes with the number of its line (in a JSON array with its place among the elements), and one that is unsound as
a Refused. In constant memory: no line, element or item is larger than is admitted.
"""

import codecs
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any, BinaryIO

from activity.columns import Header, Names
from activity.elements import elements
from activity.feed import items
from activity.importer import FileInvalid, json_object
from activity.intake import Refused
from activity.lines import BYTE_ORDER_MARK, Line, Lines, declared_separator, head, records, with_advice
from activity.mapping import Encoding, RowFormat, Shape
from activity.sought import Unfound
from activity.template import Row

SUFFIXES = {
    ".csv": RowFormat.CSV,
    ".tsv": RowFormat.TSV,
    ".tab": RowFormat.TSV,
    ".json": RowFormat.JSON,
    ".jsonl": RowFormat.JSONL,
    ".ndjson": RowFormat.JSONL,
    ".xml": RowFormat.FEED,
    ".rss": RowFormat.FEED,
    ".atom": RowFormat.FEED,
}
ZIPPED = ".gz"
GZIP_MARK = b"\x1f\x8b"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SEPARATORS = ";\t|,"
CHUNK_BYTES = 65_536

Numbered = tuple[int, Row | Refused]


class Rows:
    """The rows of a file. Raises FileInvalid where it is no such file at all, and while it is read where it breaks off.

    `columns` find what a row holds, `place` is what the numbers count, `bytes_read` tells how far it is in the file and
    `bytes_seen` how much that was, unzipped.
    """

    def __init__(self, file: BinaryIO, name: PurePath, shape: Shape) -> None:
        form = shape.format or format_of(name)
        self._file = file
        with _unzipping():
            decoded = _decoded(file, name, shape.encoding)
            if form is not RowFormat.JSONL and not decoded.peek(1):  # nothing is no line, and no row
                raise FileInvalid("the file is empty; fetch it again, or leave it out")
        self._content = _Counted(decoded)
        self.place = "element" if form is RowFormat.JSON else "line"
        self.columns: Header | Names = Names()
        self._rows: Iterator[Numbered]
        if form in (RowFormat.CSV, RowFormat.TSV):
            with _unzipping():
                self.columns, self._rows = _table(Lines(self._content), form, shape)
        elif form is RowFormat.JSONL:
            self._rows = _objects(Lines(self._content))
        elif form is RowFormat.JSON:
            self._rows = elements(self._content, shape.path)
        else:
            self._rows = items(self._content, is_recoded=shape.encoding is not Encoding.UTF_8)

    @property
    def bytes_read(self) -> int:
        return self._file.tell()

    @property
    def bytes_seen(self) -> int:
        return self._content.bytes_read

    @property
    def has_header(self) -> bool:
        return isinstance(self.columns, Header)

    def unfound(self) -> list[Unfound]:
        """What was sought in the rows that were read, and none of them has."""
        return self.columns.unfound()

    def __iter__(self) -> Iterator[Numbered]:
        with _unzipping():
            yield from self._rows


def format_of(name: PurePath) -> RowFormat:
    """The format that a file's name says. Raises FileInvalid."""
    inner = PurePath(name.stem) if name.suffix.lower() == ZIPPED else name
    try:
        return SUFFIXES[inner.suffix.lower()]
    except KeyError:
        known = ", ".join(RowFormat)
        raise FileInvalid(
            f"{name.name} does not say how it is written; say it in the mapping: 'format:' and one of {known}"
        ) from None


@contextmanager
def _unzipping() -> Iterator[None]:
    """Raises FileInvalid where a zipped file cannot be read on."""
    try:
        yield
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FileInvalid(f"the file cannot be unzipped: {error}") from None
    except EOFError:
        raise FileInvalid("the zipped file breaks off before its end; fetch it again") from None


class _Counted(io.RawIOBase, BinaryIO):
    """Reads on, and counts what was read."""

    def __init__(self, content: BinaryIO) -> None:
        self.bytes_read = 0
        self._content = content

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> bytes:
        line = self._content.readline(-1 if size is None else size)
        self.bytes_read += len(line)
        return line

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._content.read(size)
        self.bytes_read += len(chunk)
        return chunk


def _decoded(file: BinaryIO, name: PurePath, encoding: Encoding) -> io.BufferedReader:
    content: Any = gzip.GzipFile(fileobj=file) if name.suffix.lower() == ZIPPED else file
    content = content if hasattr(content, "peek") else io.BufferedReader(content)
    try:
        begins = content.peek(2)[:2]
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise FileInvalid(f"{name.name} ends in {ZIPPED}, but is no gzip file") from None
    if begins == GZIP_MARK:
        raise FileInvalid(f"{name.name} is zipped: give it a name that ends in {ZIPPED}")
    if encoding is not Encoding.UTF_8:
        return io.BufferedReader(_Recoded(content, encoding), CHUNK_BYTES)
    if begins in UTF_16_MARKS:
        raise FileInvalid("the file is UTF-16, not UTF-8; write 'encoding: utf-16' in the mapping")
    if content.peek(len(BYTE_ORDER_MARK)).startswith(BYTE_ORDER_MARK):
        content.read(len(BYTE_ORDER_MARK))
    return content  # type: ignore[no-any-return]


class _Recoded(io.RawIOBase):
    """A file in another encoding, as UTF-8."""

    def __init__(self, content: BinaryIO, encoding: Encoding) -> None:
        self._content = content
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._left = b""
        self._at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._left and not self._at_end:
            chunk = self._content.read(CHUNK_BYTES)
            self._at_end = not chunk
            try:
                self._left = self._decoder.decode(chunk, final=not chunk).encode()
            except UnicodeError as error:
                reason = getattr(error, "reason", error)
                raise FileInvalid(f"the file is not {self._encoding}, which the mapping declares: {reason}") from None
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _table(lines: Lines, form: RowFormat, shape: Shape) -> tuple[Header, Iterator[Numbered]]:
    line = next(lines)
    declared = declared_separator(line.text)
    separator = shape.separator or declared or ("\t" if form is RowFormat.TSV else ",")
    for _ in range(1, max(shape.header_line, 2 if declared else 1)):
        line = next(lines, Line(line.number + 1, ""))
    number, cells, fault = head(line, separator)
    if fault:
        raise FileInvalid(f"line {number}: {with_advice(fault)}")
    names = [name.strip() for name in cells]
    if not any(names):
        raise FileInvalid(f"line {number}: here the names of the columns must stand; see 'header' of the mapping")
    if len(cells) == 1:
        other = next((each for each in SEPARATORS if each != separator and each in cells[0]), "")
        if other:
            told = "\\t" if other == "\t" else other
            raise FileInvalid(
                f"line {number}: the columns seem to be separated by {other!r}, not by {separator!r}; "
                f"write 'separator: \"{told}\"' in the mapping"
            )

    def rows() -> Iterator[Numbered]:
        for line, cells, fault in records(lines, len(names), separator):
            if fault:
                yield line, Refused("", with_advice(fault))
            elif any(cells):
                yield line, cells

    return Header(names), rows()


def _objects(lines: Lines) -> Iterator[Numbered]:
    read: Callable[[str], dict[str, Any]] = json_object
    for number, text, fault, _ in lines:
        if fault:
            yield number, Refused("", with_advice(fault))
        elif text.strip():
            try:
                yield number, read(text)
            except Refused as refused:
                yield number, refused
