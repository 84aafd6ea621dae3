"""Reading the lookups of a mapping: tables that translate one text into another, in it or in a file beside it."""

import csv
import io
from collections.abc import Callable
from typing import BinaryIO

from activity.mapping import Encoding, Lookup
from document import Node, Place
from errors import LaurelsError
from section import Names, Section, entries, one_of, scalar, text

Opened = Callable[[str], BinaryIO]  # opens a file that a mapping names; raises LaurelsError

FILE_SETTINGS = ("file", "key", "value", "separator", "encoding")
BYTES_MAX = 100_000_000


def read_lookup(node: Node, opened: Opened) -> Lookup:
    """A group of texts by what they stand for, or two columns of a CSV file."""
    found = entries(node)
    if "file" in found:
        return _from_file(node, opened)
    return {name: scalar(entry) for name, entry in found.items()}


def _from_file(node: Node, opened: Opened) -> Lookup:
    section = Section(node, FILE_SETTINGS)
    name = section.need("file", text, "")
    key, value = section.need("key", text, ""), section.need("value", text, "")
    between = section.take("separator", separator, None) or ("\t" if name.endswith((".tsv", ".tab")) else ",")
    encoding = section.take("encoding", one_of(Encoding), Encoding.UTF_8)
    if section.broken:
        return {}
    file = entries(node)["file"]
    try:
        with opened(name) as content:
            source = content.read(BYTES_MAX + 1)
    except LaurelsError as error:
        raise file.mistake(str(error)) from None
    if len(source) > BYTES_MAX:
        raise file.mistake(f"{name} has more than {BYTES_MAX:,} bytes")
    try:
        rows = csv.reader(io.StringIO(source.decode(encoding).removeprefix("\ufeff"), newline=""), delimiter=between)
        header = [cell.strip() for cell in next(rows, [])]
        for setting, column in (("key", key), ("value", value)):
            names = Names(f"{name} has no column", "columns", header)
            names.read(renamed(entries(node)[setting], column))
        at_key, at_value = header.index(key), header.index(value)
        width = max(at_key, at_value)
        return {row[at_key]: row[at_value] for row in rows if len(row) > width}
    except UnicodeError:
        raise file.mistake(f"{name} is not {encoding}: say its 'encoding'") from None
    except csv.Error as error:
        raise file.mistake(f"{name} cannot be read as CSV: {error}") from None


def renamed(node: Node, content: str, place: Place | None = None) -> Node:
    """A node that says something else at the same place."""
    return Node(node.document, node.path, place or node.place, node.named_at, content)


def separator(node: Node) -> str:
    """Reads the one character that stands between the columns of a table."""
    written = scalar(node)
    written = {"\\t": "\t", "tab": "\t"}.get(written, written)
    if len(written) != 1 or written in '"\r\n\0':
        raise node.mistake("must be one character, such as ';', or 'tab'")
    return written
