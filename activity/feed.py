"""The items of an RSS feed, or the entries of an Atom feed, each as an object by the names of its elements.

An element with text alone is that text; one with attributes or elements is an object of these, with its text under
`text`; what is there several times is a list. Names of other vocabularies have their usual prefix, such as
`dc:creator`. An Atom link to anything but the item itself has its relation in its name, such as `link:enclosure`, so
that `link` is the item's own wherever it stands (RFC 4287, 4.2.7.2). Documents that declare a type or entities are
refused: no feed needs them, and they can be made to grow.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.parsers import expat

from activity.importer import FileInvalid
from activity.lines import beginning, with_advice
from activity.template import TEXT

ITEM_BYTES_MAX = 8_000_000
DEPTH_MAX = 50
CHUNK_BYTES = 65_536

PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.youtube.com/xml/schemas/2015": "yt",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
}
ROOTS = ("rss", "feed", "RDF")
ITEMS = ("item", "entry")
ATOM = "http://www.w3.org/2005/Atom"  # in other feeds too, there as atom:link
RELATION = "http://www.iana.org/assignments/relation/"  # may stand before the name of a relation
UTF_8 = "utf-8"
ITSELF = "alternate"

PAGE = re.compile(rb"<(!doctype\s+html|html[\s>])", re.IGNORECASE)
BEGINNING_BYTES = 4_096

EXPECTED = "RSS begins with <rss>, Atom with <feed>"
A_PAGE = "the file is a web page, not a feed: fetch the feed itself, whose address the page may name; " + EXPECTED


def items(content: BinaryIO, *, is_recoded: bool = False) -> Iterator[tuple[int, Any]]:
    """The items with the lines in which they begin. Raises FileInvalid where the file is no feed.

    One that was recoded is UTF-8 whatever it declares.
    """
    builder = _Builder(UTF_8 if is_recoded else None)
    parser = builder.parser
    begins = chunk = b""
    bytes_before = 0
    try:
        while chunk := content.read(CHUNK_BYTES):
            begins = begins or chunk[:BEGINNING_BYTES]
            parser.Parse(chunk, False)
            yield from builder.take()
            builder.admit(len(chunk))
            bytes_before += len(chunk)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        if not builder.is_feed and (fault := _no_feed(begins)):
            raise FileInvalid(fault) from None
        rest = chunk[max(0, parser.ErrorByteIndex - bytes_before) :].partition(b"\n")[0]
        reason = expat.ErrorString(error.code)
        if builder.encoding == UTF_8 and not _is_utf_8(rest):
            reason = with_advice("here are bytes that are not UTF-8")
        raise FileInvalid(
            f"line {error.lineno}, column {error.offset + 1}: the feed is no sound XML: {reason}"
        ) from None
    yield from builder.take()


class _Builder:
    """Makes objects of the items while they are parsed."""

    def __init__(self, encoding: str | None) -> None:
        self.is_feed = False
        self.encoding = UTF_8  # as it is declared
        self.parser = expat.ParserCreate(encoding, namespace_separator="\t")
        self.parser.XmlDeclHandler = self._declaration
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []  # within an item: name, what is in it, text
        self._begun = 0
        self._ready: list[tuple[int, Any]] = []
        self._left = ITEM_BYTES_MAX
        self._prefixes = PREFIXES

    def take(self) -> list[tuple[int, Any]]:
        """What has been completed since."""
        ready, self._ready = self._ready, []
        if ready:
            self._left = ITEM_BYTES_MAX
        return ready

    def admit(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            place = f"the item of line {self._begun}" if self._begun else "what stands before the first item"
            raise FileInvalid(f"{place} has more than {ITEM_BYTES_MAX:,} bytes, so the file is read no further")

    def _declaration(self, _: str, encoding: str | None, __: int) -> None:
        self.encoding = (encoding or UTF_8).lower()

    def _doctype(self, name: str, *_: Any) -> None:
        if name.lower() == "html":
            raise FileInvalid(A_PAGE)
        line = self.parser.CurrentLineNumber
        raise FileInvalid(f"line {line}: a document type is declared here, which no feed needs: remove it")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self.is_feed:
            if _local(name).lower() == "html":
                raise FileInvalid(A_PAGE)
            if _local(name) not in ROOTS:
                raise FileInvalid(f"line 1: this is <{_local(name)[:40]}>, no feed: {EXPECTED}")
            self.is_feed = True
            self._prefixes = PREFIXES if _local(name) == "feed" else {**PREFIXES, ATOM: "atom"}
        if not self._open and _local(name) not in ITEMS:
            return
        if not self._open:
            self._begun = self.parser.CurrentLineNumber
        if len(self._open) > DEPTH_MAX:
            raise FileInvalid(f"the item of line {self._begun} is nested more than {DEPTH_MAX} levels deep")
        found = {self._named(key): value for key, value in attributes.items()}
        named = self._named(name)
        if name == f"{ATOM}\tlink":
            relation = attributes.get("rel", "").strip().removeprefix(RELATION)
            named = named if relation in ("", ITSELF) else f"{named}:{relation}"
        self._open.append((named, found, []))

    def _named(self, name: str) -> str:
        space, _, local = name.rpartition("\t")
        return f"{self._prefixes[space]}:{local}" if space in self._prefixes else local

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1][2].append(text)

    def _end(self, _: str) -> None:
        if not self._open:
            return
        name, found, pieces = self._open.pop()
        text = "".join(pieces).strip()
        if not self._open:
            self._ready.append((self._begun, found))
            return
        value: Any = found | {TEXT: text} if found and text else found or text
        into = self._open[-1][1]
        before = into.get(name)
        if isinstance(before, list):
            before.append(value)
        else:
            into[name] = value if before is None else [before, value]


def _no_feed(begins: bytes) -> str:
    """What a file is instead of XML, by how it begins; empty where that does not tell."""
    words = beginning(begins)
    if words.startswith("<"):
        return A_PAGE if PAGE.search(begins) else ""
    if not words:
        return "the file holds nothing but blanks, where a feed must be"
    return f"the file is no feed: it begins with {words!r}; {EXPECTED}"


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _local(name: str) -> str:
    return name.rpartition("\t")[2]
