"""Files of every format, read as rows."""

import gzip
import json
from io import BytesIO, RawIOBase
from itertools import permutations
from pathlib import PurePath
from typing import Any, BinaryIO

import pytest

from activity import elements, feed
from activity.importer import FileInvalid
from activity.intake import Refused
from activity.mapping import Encoding, RowFormat, Shape
from activity.rows import Rows

RSS = b"""<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Blog</title>
<item><title>One</title><guid isPermaLink="false">g1</guid><dc:creator>Ada</dc:creator><category>a</category>
<category>b</category></item>
<item><title>Two</title></item>
</channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>
<entry><id>e1</id><link href="https://example.com/1"/><author><name>Ada</name></author><author><name>Bo</name>
</author></entry></feed>"""


def rows(content: bytes | BinaryIO, name: str, shape: Shape | None = None) -> list[tuple[int, Any]]:
    file = BytesIO(content) if isinstance(content, bytes) else content
    return [
        (line, row.message if isinstance(row, Refused) else row)
        for line, row in Rows(file, PurePath(name), shape or Shape())
    ]


def invalid(content: bytes | BinaryIO, name: str, shape: Shape | None = None) -> str:
    with pytest.raises(FileInvalid) as raised:
        rows(content, name, shape)
    return str(raised.value)


TABLE = [(2, ["1", "Zoë"]), (3, ["2", "b,c"])]


@pytest.mark.parametrize(
    ("content", "name", "shape"),
    [
        ('a,b\n1,Zoë\n2,"b,c"\n', "x.csv", Shape()),
        ('\ufeffa,b\r\n1,Zoë\r\n2,"b,c"\r\n', "x.csv", Shape()),
        ("a\tb\n1\tZoë\n2\tb,c\n", "x.tsv", Shape()),
        ("a|b\n1|Zoë\n2|b,c\n", "x.txt", Shape(RowFormat.CSV, separator="|")),
        ('a,b\n1,Zoë\n2,"b,c"\n', "x.csv", Shape(encoding=Encoding.LATIN_1)),
        ('a,b\n1,Zoë\n2,"b,c"\n', "x.csv", Shape(encoding=Encoding.CP1252)),
        ('a,b\n1,Zoë\n2,"b,c"\n', "x.csv", Shape(encoding=Encoding.UTF_16)),
    ],
)
def test_a_table_is_read_in_its_separator_and_encoding(content: str, name: str, shape: Shape) -> None:
    """Zipped or not."""
    raw = content.encode(shape.encoding)
    assert TABLE == rows(raw, name, shape)
    assert TABLE == rows(gzip.compress(raw), f"{name}.gz", shape)


def test_a_header_can_stand_below_other_lines() -> None:
    """As in exports that begin with words about themselves."""
    assert [(4, ["1", "2"])] == rows(b"My export\n\na,b\n1,2\n", "x.csv", Shape(header_line=3))


def test_a_first_line_that_declares_the_separator_is_no_header() -> None:
    """As Excel writes and reads it; what the mapping says goes before."""
    for first in ("sep=;", '"sep=;"', "SEP=;\r", "\ufeffsep=;"):
        content = f"{first}\na;b\n1;Zoë\n2;b,c\n".encode()
        for shape in (Shape(), Shape(separator=";"), Shape(header_line=2)):
            assert [(3, ["1", "Zoë"]), (4, ["2", "b,c"])] == rows(content, "x.csv", shape)
    assert [(3, ["1", "2"])] == rows(b"sep=;\na|b\n1|2\n", "x.csv", Shape(separator="|"))
    assert [(3, ["1", "2"])] == rows(b"sep=\t\na\tb\n1\t2\n", "x.csv")
    assert [(5, ["1", "2"])] == rows(b"sep=;\n\nwords\na;b\n1;2\n", "x.csv", Shape(header_line=4))
    assert "line 2: here the names of the columns must stand" in invalid(b"sep=;\n", "x.csv")


def test_json_lines_are_objects() -> None:
    """A line that is none is refused by itself."""
    read = rows(b'{"a": 1}\n[2]\nx\n{"a": {"b": [1]}}\n', "x.jsonl")
    assert [(1, {"a": 1}), (2, "the line is JSON, but no object in { }"), (4, {"a": {"b": [1]}})] == [
        read[0],
        read[1],
        read[3],
    ]
    assert (3, "the line is not JSON: expecting value at column 1") == read[2]


def test_a_json_array_is_read_element_by_element() -> None:
    """The file's own, or one under a path; an element that is no object is refused by itself."""
    content = [{"a": 1.5}, 3, {"a": True}]
    refused = 'this element is a number; it must be an object: names with values in { }, such as {"id": "1"}'
    expected = [(1, {"a": 1.5}), (2, refused), (3, {"a": True})]
    assert expected == rows(json.dumps(content).encode(), "x.json")
    nested = json.dumps({"other": [{"a": 2}], "x": {"items": content}}).encode()
    assert expected == rows(nested, "x.json", Shape(path=("x", "items")))
    assert expected == rows(gzip.compress(nested), "x.json.gz", Shape(path=("x", "items")))


@pytest.mark.parametrize("number", ["9" * 19, "-9223372036854775809", "1e400", "1.5", "1e2", "-0.0"])
def test_a_number_is_the_same_in_an_array_as_in_a_line(number: str) -> None:
    """However large it is, no other element is harmed."""
    element = f'{{"a": [{number}], "b": {number}}}'
    read = rows(f'[{{"a": 1}}, {element}, {{"a": 2}}]'.encode(), "x.json")
    [(_, expected)] = rows(element.encode(), "x.jsonl")
    assert (2, expected) == read[1]
    assert [(1, {"a": 1}), (3, {"a": 2})] == [read[0], read[2]]


@pytest.mark.parametrize(
    ("content", "shape", "message"),
    [
        (b'{"a": []}', Shape(), "there is no list of objects in the file; where it stands in an object, name it with"),
        (b'{"a": []}', Shape(path=("b",)), "there is no list of objects under b"),
        (b'[{"a": 1}, {"a"', Shape(), "the file breaks off after element 1; fetch it again"),
        (b"a,b\n1,2\n", Shape(), "the file is no JSON: it begins with 'a,b'; say what it is with 'format' in the"),
        (b"[" * 100_000, Shape(), "element 1 is nested more than 100 levels deep"),
        (b'[{"a": 1}, ' + b'{"a": ' * 100_000, Shape(), "is nested more than 100 levels deep"),
    ],
)
def test_json_that_breaks_off_is_named(content: bytes, shape: Shape, message: str) -> None:
    """With how far it could be read."""
    assert message in invalid(content, "x.json", shape)


def test_brackets_in_texts_nest_nothing() -> None:
    """Nor do quotes that are escaped end a text, wherever a chunk of the file ends."""
    text = '"[{' * 30_000 + "\\"
    for more in range(4):
        content = json.dumps([{"a": "x" * more + text}, {"a": text}]).encode()
        assert [(1, {"a": "x" * more + text}), (2, {"a": text})] == rows(content, "x.json")


class Endless(RawIOBase, BinaryIO):
    """A beginning that letters follow for ever."""

    def __init__(self, begins: bytes) -> None:
        self._left = begins
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        found = self._left or b"a" * len(buffer)
        buffer[: len(found)], self._left = found, b""
        self.given += len(found)
        return len(found)


@pytest.mark.parametrize(
    ("begins", "name", "message", "size_max"),
    [
        (b'[{"a": 1}, {"a": "', "x.json", "element 2 has more than 8,000,000 bytes", elements.ELEMENT_BYTES_MAX),
        (b'{"a": "', "x.json", "what stands before the first element has more than", elements.BEFORE_BYTES_MAX),
        (b"<rss><channel><item><title>", "x.xml", "the item of line 1 has more than 8,000,000", feed.ITEM_BYTES_MAX),
        (b"<rss><channel><title>", "x.xml", "what stands before the first item has more than", feed.ITEM_BYTES_MAX),
    ],
)
def test_what_never_ends_is_given_up(begins: bytes, name: str, message: str, size_max: int) -> None:
    """No element is kept that is larger than is admitted."""
    file = Endless(begins)
    assert message in invalid(file, name)
    assert file.given < size_max + 1_000_000


def test_an_rss_feed_is_read_item_by_item() -> None:
    """Texts, attributes, repeated elements, and other vocabularies by their usual prefix."""
    one = {"title": "One", "guid": {"isPermaLink": "false", "text": "g1"}, "dc:creator": "Ada", "category": ["a", "b"]}
    assert [(3, one), (5, {"title": "Two"})] == rows(RSS, "x.rss")


def test_an_atom_feed_is_read_entry_by_entry() -> None:
    """What stands in an element is an object."""
    [(line, entry)] = rows(ATOM, "x.xml")
    assert 2 == line
    assert {"name": "Ada"} == entry["author"][0]
    assert {"href": "https://example.com/1"} == entry["link"]


LINKS = [
    '<link rel="self" href="s"/>',
    '<link rel="enclosure" href="e1"/><link rel="enclosure" href="e2"/>',
    '<link rel="alternate" href="a"/>',
]


@pytest.mark.parametrize("links", list(permutations(LINKS)))
@pytest.mark.parametrize(
    "alternate", ['rel="alternate"', "", 'rel="http://www.iana.org/assignments/relation/alternate"']
)
def test_the_link_of_an_entry_is_that_to_itself(links: tuple[str, ...], alternate: str) -> None:
    """Wherever it stands; the others have their relation in their name."""
    between = "".join(links).replace('rel="alternate"', alternate)
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>{between}</entry></feed>'
    [(_, entry)] = rows(feed.encode(), "x.atom")
    assert ("a", "s") == (entry["link"]["href"], entry["link:self"]["href"])
    assert ["e1", "e2"] == [link["href"] for link in entry["link:enclosure"]]


def test_an_entry_without_a_link_to_itself_has_none() -> None:
    """Another one does not stand in for it."""
    [(_, entry)] = rows(ATOM.replace(b"<link ", b'<link rel="self" '), "x.atom")
    assert "link" not in entry


def test_atom_links_in_rss_leave_its_own_alone() -> None:
    """They have a name of their own."""
    own, other = b"<link>https://b/1</link>", b'<atom:link rel="self" href="s"/><atom:link href="a"/>'
    for links in (own + other, other + own):
        item = b"<item>" + links + b"<enclosure url='e'/></item>"
        [(_, row)] = rows(b'<rss xmlns:atom="http://www.w3.org/2005/Atom">' + item + b"</rss>", "x.rss")
        assert ("https://b/1", {"url": "e"}) == (row["link"], row["enclosure"])
        assert ("s", "a") == (row["atom:link:self"]["href"], row["atom:link"]["href"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<opml><body/></opml>", "this is <opml>, no feed: RSS begins with <rss>, Atom with <feed>"),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss/>', "line 1: a document type is declared here, which no feed needs"),
        (b"<rss><channel><item></channel></rss>", "line 1, column 23: the feed is no sound XML: mismatched tag"),
        (b"<rss><item>" + b"<a>" * 60, "is nested more than 50 levels deep"),
        (b"<rss>", "the feed is no sound XML: no element found"),
    ],
)
def test_what_is_no_feed_is_named(content: bytes, message: str) -> None:
    """Entities are refused, so that nothing grows."""
    assert message in invalid(content, "x.xml")


@pytest.mark.parametrize(
    ("content", "path"),
    [(b"[]", ()), (b' {"b": 1, "a": []}', ("a",)), (b'{"a": {"b": []}}', ("a", "b"))],
)
def test_an_empty_list_has_no_rows(content: bytes, path: tuple[str, ...]) -> None:
    """An export of a day on which nothing happened is no mistake."""
    assert [] == rows(content, "x.json", Shape(path=path))


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"a,b\n", "x.csv.gz", "x.csv.gz ends in .gz, but is no gzip file"),
        (
            gzip.compress(b"a,b\n" + b"1,2\n" * 50_000, mtime=0)[:-40],
            "x.csv.gz",
            "the zipped file breaks off before its end",
        ),
        (gzip.compress(b"a,b\n", mtime=0), "x.csv", "x.csv is zipped: give it a name that ends in .gz"),
        (b"a,b\n", "x.xlsx", "x.xlsx does not say how it is written; say it in the mapping: 'format:' and one of csv"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_named(content: bytes, name: str, message: str) -> None:
    """With what to do."""
    assert message in invalid(content, name)


@pytest.mark.parametrize("encoding", Encoding)
def test_what_is_wrong_with_a_zipped_file_is_named_in_every_encoding(encoding: Encoding) -> None:
    """Also where it is found before the first row."""
    table, shape = "a,b\n1,2\n".encode(encoding), Shape(encoding=encoding)
    assert "x.csv.gz ends in .gz, but is no gzip file" == invalid(table, "x.csv.gz", shape)
    assert "x.csv is zipped: give it a name that ends in .gz" == invalid(gzip.compress(table, mtime=0), "x.csv", shape)
    broken = gzip.compress(table, mtime=0)[:-6]
    assert "the zipped file breaks off before its end; fetch it again" == invalid(broken, "x.csv.gz", shape)


def test_a_file_in_another_encoding_than_declared_is_named() -> None:
    """With what the decoder found."""
    assert "the file is not utf-16, which the mapping declares" in invalid(
        b"a,b\n1,2\n3", "x.csv", Shape(encoding=Encoding.UTF_16)
    )


def test_a_huge_line_without_an_end_is_refused_in_constant_memory() -> None:
    """The rest of it is read away."""
    [(line, message)] = rows(b"a,b\n" + b"x" * 5_000_000, "x.csv")
    assert (2, "the line has more than 1,000,000 bytes") == (line, message)
