"""What is wrong with a whole file is said in words, with what to do, whatever reads it."""

import gzip

import pytest

from activity.importer import FileInvalid
from activity.mapping import Encoding, Shape
from activity.rows import SUFFIXES
from tests.activity.mapped import BEGIN, activities
from tests.activity.test_rows import invalid, rows

MARK = b"\xef\xbb\xbf"
ADVICE = "; perhaps the mapping needs 'encoding: latin-1' or cp1252"
BYTE = "has a byte that is not UTF-8 (0xeb), so the file is read no further" + ADVICE


LINES = (".jsonl", ".ndjson")  # of which there may be none


@pytest.mark.parametrize("suffix", [each for each in SUFFIXES if each not in LINES])
@pytest.mark.parametrize("encoding", Encoding)
def test_an_empty_file_is_said_to_be_empty(suffix: str, encoding: Encoding) -> None:
    """Also one of nothing but a byte order mark, and a zipped one."""
    shape = Shape(encoding=encoding)
    message = "the file is empty; fetch it again, or leave it out"
    assert message == invalid(b"", f"x{suffix}", shape)
    assert message == invalid(b"", f"x{suffix}.gz", shape)
    assert message == invalid(gzip.compress(b""), f"x{suffix}.gz", shape)
    if encoding in (Encoding.UTF_8, Encoding.UTF_16):
        mark = MARK if encoding is Encoding.UTF_8 else "".encode("utf-16")
        assert message == invalid(mark, f"x{suffix}", shape)


@pytest.mark.parametrize(
    ("content", "name", "path"),
    [
        (b'[{"a": "1"}]', "x.json", ()),
        (b'{"b": {"c": [{"a": "1"}]}}', "x.json", ("b", "c")),
        (b'{"a": "1"}', "x.jsonl", ()),
        (b"<rss><item><a>1</a></item></rss>", "x.rss", ()),
    ],
)
def test_a_byte_order_mark_is_passed_over(content: bytes, name: str, path: tuple[str, ...]) -> None:
    """Zipped or not."""
    for shape in (Shape(path=path), Shape(encoding=Encoding.UTF_8, path=path)):
        assert [(1, {"a": "1"})] == rows(MARK + content, name, shape)
        assert [(1, {"a": "1"})] == rows(gzip.compress(MARK + content), f"{name}.gz", shape)


@pytest.mark.parametrize("suffix", LINES)
def test_no_json_lines_are_no_rows(suffix: str) -> None:
    """A tool that had nothing to write wrote nothing."""
    assert [] == rows(b"", f"x{suffix}")
    assert [] == rows(gzip.compress(b""), f"x{suffix}.gz")


def test_an_empty_list_after_a_byte_order_mark_has_no_rows() -> None:
    """Under a path too."""
    assert [] == rows(MARK + b"[]", "x.json")
    assert [] == rows(MARK + b'{"a": []}', "x.json", Shape(path=("a",)))


@pytest.mark.parametrize(
    ("content", "path", "message"),
    [
        ('[{"a": "Zoë"}]', (), f"element 1 {BYTE}"),
        ('[{"a": "Zoé"}, {"a": "Zoë"}]'.replace("é", "e"), (), f"element 2 {BYTE}"),
        ('{"by": "Zoë", "b": [{"a": 1}]}', ("b",), f"the file, up to its first element, {BYTE}"),
        ('{"b": [{"a": 1}, {"a": "Zoë"}]}', ("b",), f"element 2 {BYTE}"),
    ],
)
def test_json_in_another_encoding_is_told_like_a_table(content: str, path: tuple[str, ...], message: str) -> None:
    """And is read with what is advised."""
    assert message == invalid(content.encode("latin-1"), "x.json", Shape(path=path))
    read = rows(content.encode("latin-1"), "x.json", Shape(encoding=Encoding.LATIN_1, path=path))
    assert rows(content.encode(), "x.json", Shape(path=path)) == read


@pytest.mark.parametrize("declares", ["", '<?xml version="1.0" encoding="utf-8"?>'])
@pytest.mark.parametrize("text", ["<a>Zoë</a>", '<a b="Zoë"/>'])
def test_a_feed_in_another_encoding_is_told_like_a_table(declares: str, text: str) -> None:
    """And is read with what is advised."""
    feed = f"{declares}\n<rss>\n<item>{text}</item></rss>"
    found = invalid(feed.encode("latin-1"), "x.rss")
    assert found.startswith("line 3, column ")
    assert found.endswith(f"the feed is no sound XML: here are bytes that are not UTF-8{ADVICE}")
    assert rows(feed.encode(), "x.rss") == rows(feed.encode("latin-1"), "x.rss", Shape(encoding=Encoding.LATIN_1))
    assert "not UTF-8" not in invalid(feed.replace("</", "<").encode(), "x.rss")


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("ISO-8859-1", Encoding.LATIN_1), ("windows-1252", Encoding.CP1252), ("utf-16", Encoding.UTF_16)],
)
def test_what_the_mapping_says_of_an_encoding_goes_before_what_a_feed_declares(
    declared: str, encoding: Encoding
) -> None:
    """It is not decoded twice."""
    feed = f'<?xml version="1.0" encoding="{declared}"?><rss><item><a>Zoë</a></item></rss>'.encode(encoding)
    assert [(1, {"a": "Zoë"})] == rows(feed, "x.rss", Shape(encoding=encoding))
    if encoding is not Encoding.UTF_16:
        assert [(1, {"a": "Zoë"})] == rows(feed, "x.rss")
        assert invalid(feed.replace("ë</".encode(encoding), "< ë".encode(encoding)), "x.rss").endswith("invalid token)")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"[" * 200 + b"\xff", "element 1 is nested"), (b'["\xff", ' + b"[" * 200, "element 1 has a byte")],
)
def test_of_two_faults_the_first_is_told(content: bytes, message: str) -> None:
    """What follows it is not read."""
    assert invalid(content, "x.json").startswith(message)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_characters_are_told_from_bytes_wherever_a_chunk_ends(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """A sound one may be cut."""
    monkeypatch.setattr("activity.elements.CHUNK_BYTES", size)
    content = '[{"a": "Zoë €😀"}, {"a": "x"}]'.encode()
    assert [(1, {"a": "Zoë €😀"}), (2, {"a": "x"})] == rows(content, "x.json")
    for blanks in range(8):
        cut = b" " * blanks + '[{"a": 1}, {"a": "€'.encode() + b"\xff"
        assert invalid(cut, "x.json").startswith("element 2 has a byte that is not UTF-8 (0xff)")
    assert invalid(content.replace(b"x", b"\xe2\x82x"), "x.json").startswith(
        "element 2 has a byte that is not UTF-8 (0xe2)"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1}\n{"a": 2}\n', "if each line is an object, write 'format: jsonl' in the mapping"),
        (b'{"a": 1}\n', "if each line is an object, write 'format: jsonl' in the mapping"),
        (b'[{"a": 1}, {"a": 2}', "the file breaks off after element 2; fetch it again"),
        (b'[{"a": 1', "the file breaks off before its first element ends; fetch it again"),
        (b"  \n", "the file holds nothing but blanks, where a list of objects must be"),
        (b"<!DOCTYPE html>\n<html>", "the file is a web page, not JSON: fetch what the tool exports"),
        (
            b"<rss><item/></rss>",
            "the file is no JSON: it begins with '<rss><item/></rss>'; say what it is with 'format'",
        ),
        (b'[{"a": 1}] x', "after element 1: there is more after the end of what the file begins with"),
        (b'[{"a": 1},]', "after element 1: something stands there that cannot; perhaps there is a comma too much"),
        (b'[{"a": 1} {"a": 2}]', "after element 1: between two elements of a list a comma must stand"),
        (b'[{"a": 1}, {a: 2}]', "after element 1: a word or character stands there that is no JSON"),
        (b'[{"a": 1}, {"a" 2}]', "after element 1: between a name and its value a ':' must stand"),
        (b'[{"a": 1}, {"a": 01}]', "after element 1: after a value of an object a comma or '}' must stand"),
        (b'[{"a": 1}, {1: 1}]', "after element 1: the names in an object must stand in double quotes"),
        (b'[{"a": 1}, {"a": "x\ny"}]', "after element 1: a control character stands in a text"),
        (
            b'[{"a": 1}, {"a": "\\x"}]',
            "after element 1: a backslash in a text stands before a letter that means nothing",
        ),
        (b'[{"a": 1}, {"a": -}]', "after element 1: a number has no digit where one must stand"),
        (b'[{"a": 1}, {"a": nul}]', "after element 1: a word stands there that is no JSON"),
        (b'[/* all */ {"a": 1}]', "before its first element ends: there is a comment, which JSON does not have"),
    ],
)
def test_what_is_wrong_with_json_is_said_in_words(content: bytes, message: str) -> None:
    """Not in those of the parser."""
    found = invalid(content, "x.json")
    assert message in found
    assert not any(leak in found for leak in ("b'", "right here", "lexical", "parse error"))


@pytest.mark.parametrize(
    ("element", "is_"),
    [("null", "null"), ("true", "true"), ('"x"', "a text"), ("1.5", "a number"), ("[1]", "a list")],
)
def test_an_element_that_is_no_object_says_what_it_is(element: str, is_: str) -> None:
    """And what it must be."""
    [(place, message)] = rows(f"[{element}]".encode(), "x.json")
    assert (1, f'this element is {is_}; it must be an object: names with values in {{ }}, such as {{"id": "1"}}') == (
        place,
        message,
    )


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body/></html>",
        b"<!DOCTYPE html>\n<html></html>",
        b"<!doctype html>\n<html></html>",
        b"\n<!-- saved -->\n<!doctype HTML>\n<html>",
        MARK + b"<!DOCTYPE html>\n<html><meta charset=utf-8>",
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
    ],
)
def test_a_web_page_in_place_of_a_feed_is_named(content: bytes) -> None:
    """With what to fetch."""
    expected = "the file is a web page, not a feed: fetch the feed itself, whose address the page may name"
    assert invalid(content, "x.xml").startswith(expected)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"html": "<html>"}', 'the file is no feed: it begins with \'{"html": "<html>"}\'; RSS begins with <rss>'),
        (b"  \n", "the file holds nothing but blanks, where a feed must be"),
    ],
)
def test_what_is_no_xml_is_shown(content: bytes, message: str) -> None:
    """By how it begins."""
    assert message in invalid(content, "x.xml")


def test_the_first_rows_are_told_by_what_they_are() -> None:
    """Elements of an array, lines of everything else."""
    row = '{"id": "1", "who": "ada", "time": "03/04/2026 10:00"}'
    said = {name: _told(content, name) for name, content in (("x.json", f"[{row}]"), ("x.jsonl", row))}
    assert said["x.json"].startswith("element 1: ")
    assert said["x.jsonl"].startswith("line 1: ")


def _told(content: str, name: str) -> str:
    with pytest.raises(FileInvalid) as raised:
        activities(content, BEGIN, name)
    return str(raised.value)
