"""Reading YAML: what is refused and in which words, and where a character of a value stands in the file."""

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import document
from document import BYTES_MAX, Document, Node

SYNTAX = {
    "points: 5 + (member.hourly ? 5 : 0)": "line 1, column 32: a text that holds ': ' needs quotes: "
    "put the whole value in quotes",
    "share:\n  title: Share\n   points: 5": "line 3, column 10: this line does not fit those above: "
    "begin it under its neighbours, and check the line above",
    "share:\n  title: Share\n points: 5": "line 3, column 2: this line does not fit those above: "
    "begin it under its neighbours, and check the line above",
    "title: Share\npoints\ntags: [a]": "line 2, column 1: this line is no setting: write 'name: value'",
    "title: 'Share": "line 1, column 8: this quote is never closed",
    "a: 'member.hourly\nb: 1\nc: 'x'\nd: 'y'": "line 1, column 4: this quote is closed only in line 3, column 4: "
    "close it where its text ends",
    'a: {when: "x, b: 1}\nc: "y"\n': "line 1, column 11: this quote is closed only in line 2, column 4: "
    "close it where its text ends",
    'title: "Share\nwhen: a\\d': "line 1, column 8: this quote is not closed before line 2, where a backslash follows: "
    "close it where its text ends",
    "title: 'Don't share'": "line 1, column 13: nothing can follow a closing quote or bracket: "
    "put the whole value in quotes, or remove what follows",
    'when: activity.url == "x"\ntitle: "a" or "b"': "line 2, column 12: nothing can follow a closing quote or bracket: "
    "put the whole value in quotes, or remove what follows",
    'title: "50\\%"': "line 1, column 11: in double quotes a backslash has a meaning of its own: use single quotes",
    "tags: [effort, impact\n": "line 1, column 22: the '[' of line 1 is not closed, "
    "or a text that holds , or : needs quotes",
    "limit: {max: 3, per: day\ntitle: x": "line 2, column 6: the '{' of line 1 is not closed, "
    "or a text that holds , or : needs quotes",
    "tags: [effort,, impact]": "line 1, column 15: a value is missing before ',', or is a text that needs quotes",
    "tags: ]": "line 1, column 7: a value is missing before ']', or is a text that needs quotes",
    "title: @share": "line 1, column 8: a text that begins with '@' needs quotes",
    "title: 50\nwhen: %x": "line 2, column 7: a text that begins with '%' needs quotes",
    "title: * new": "line 1, column 8: a text that begins with '*' needs quotes",
    "title: ? new": "line 1, column 8: a text that begins with '?' needs quotes",
    "tags: - effort": "line 1, column 7: a list begins in a line of its own, or is written as [a, b]",
    "- a\nb: c": "line 2, column 1: this line does not fit the list of line 1: begin it with '- ' under the others",
    "when: | a\n  b": "line 1, column 9: after | or > the text begins in the next line, indented",
}

REFUSED = {
    "a: &x 1\nb: 2": "line 1, column 4: a: &x names this value for use elsewhere, which is not supported: remove it",
    "b: *x": "line 1, column 4: b: *x stands for a value elsewhere, which is not supported: "
    "write the value, or put a text in quotes",
    "a: !!python/object/apply:os.system [ls]": "line 1, column 4: a: !!python/object/apply:os.system is a tag, "
    "which is not supported: remove it",
    "a: !secret x": "line 1, column 4: a: a text that begins with '!' needs quotes: put the whole value in quotes",
    "a: !x.y": "line 1, column 4: a: a text that begins with '!' needs quotes: put the whole value in quotes",
    "a: {b: 1, b: 2}": "line 1, column 11: a.b: 'b' is here twice, first in line 1: remove or rename one",
    "? [a]\n: b": "line 1, column 3: a name must be plain text, not a list or a group of settings",
    "a: b\n---\nc: d": "line 2, column 1: a second document begins here: remove this ---",
    "a: b\tc": "line 1, column 5: here is a tab: indent with spaces",
    "a: b\0": "line 1, column 5: here is the control character U+0000: remove it",
    "a: b\x85": "line 1, column 5: here is the control character U+0085: remove it",
    "a: b\u2028": "line 1, column 5: here is the control character U+2028: remove it",
    "a: \ud800": "line 1, column 4: here is the control character U+D800: remove it",
    'a: ["x", "\\0"]': "line 1, column 10: a.2: this text holds the control character U+0000: remove it",
    "[" * 30: f"line 1, column 22: {'.'.join('1' * 21)}: this is nested more than 20 levels deep",
}


def mistakes(source: str | bytes) -> list[str]:
    return [str(mistake) for mistake in Document(source).mistakes]


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "_Loader", getattr(yaml, request.param))


@pytest.mark.parametrize(("text", "words"), SYNTAX.items())
def test_a_syntax_error_is_explained_without_the_words_of_yaml(text: str, words: str) -> None:
    """What cannot be read as YAML is one mistake, at its place, that says what to write."""
    assert [words] == mistakes(text)


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(("text", "words"), REFUSED.items())
def test_what_makes_a_file_surprising_is_refused(text: str, words: str) -> None:
    """Anchors, tags, repeated names, other documents, deep nesting and stray characters each have their sentence."""
    assert [words] == mistakes(text)


@pytest.mark.parametrize("text", SYNTAX)
def test_the_python_loader_finds_the_same_syntax_errors(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the C library the words may differ, but a mistake with a place is found all the same."""
    monkeypatch.setattr(document, "_Loader", yaml.SafeLoader)
    (mistake,) = Document(text).mistakes
    assert mistake.line > 0
    assert mistake.column > 0


def test_other_encodings_are_refused_at_their_first_byte() -> None:
    """A file in Latin-1 or UTF-16 is refused; lines and columns count characters, not bytes."""
    words = "line 1, column 12: here is a byte that is not UTF-8 (0xe9): save the file in the encoding UTF-8"
    assert [words] == mistakes("title: Très ".encode()[:-1] + "é".encode("latin-1"))
    words = "line 1, column 1: here is a byte that is not UTF-8 (0xff): save the file in the encoding UTF-8"
    assert [words] == mistakes("a: b".encode("utf-16"))


def test_a_huge_file_is_refused_unread() -> None:
    """Over a million bytes nothing is read."""
    words = "line 1, column 1: the file has 1,000,001 bytes: at most 1,000,000 are read"
    assert [words] == mistakes(" " * (BYTES_MAX + 1))


def test_several_structural_mistakes_are_found_at_once() -> None:
    """What is refused does not end the reading."""
    expected = [
        "line 1, column 3: here is a tab: indent with spaces",
        "line 1, column 4: a: &x names this value for use elsewhere, which is not supported: remove it",
        "line 2, column 1: a: 'a' is here twice, first in line 1: remove or rename one",
    ]
    assert expected == mistakes("a:\t&x 1\na: 2")


def test_a_stray_character_causes_no_second_mistake() -> None:
    """Where tabs make the file unreadable, the tabs are named and not what YAML says of them."""
    words = "line 2, column 1: here is a tab: indent with spaces"
    assert [words] == mistakes("a: b\n\tc: d\n\t\te: f")


def test_line_ends_of_every_system_count_as_one() -> None:
    """Files of Windows and old Macs have the lines that editors show, and a byte order mark has no column."""
    for end in ("\n", "\r\n", "\r"):
        words = "line 3, column 1: a: 'a' is here twice, first in line 1: remove or rename one"
        assert [words] == mistakes(f"\ufeffa: 1{end}{end}a: 2")


def test_scalars_are_their_text() -> None:
    """YAML's types are left aside: `on` is no truth value, `04-01` no number, a date no date."""
    root = Document("on: yes\n04-01: 2026-01-01\n0o7: ~\n1: null").root
    assert root is not None
    assert isinstance(root.content, dict)
    expected = {"on": "yes", "04-01": "2026-01-01", "0o7": "~", "1": "null"}
    assert expected == {name: node.content for name, node in root.content.items()}


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n"])
def test_an_empty_text_has_no_root(text: str) -> None:
    """An empty text is no mistake of the text."""
    read = Document(text)
    assert read.root is None
    assert not read.mistakes


WRITTEN = [
    "v: plain text of one line",
    "v: plain text\n   of two lines\n\n   and a paragraph",
    "v: 'single ''quoted'' text'",
    "v: 'single\n  folded ''text'''",
    'v: "double \\"quoted\\" \\u00e9 \\x41 \\U0001F600 text"',
    'v: "double folded   \n   with \\\n   an escape"',
    "v: |\n    literal text\n      indented\n\n    end\n",
    "v: |-\n\n  after an empty line\n",
    "v: >\n  folded text\n  of two lines\n\n  end\n",
    "- v: {k: [a, plain text]}",
]


def scalars(node: Node) -> Iterator[Node]:
    if isinstance(node.content, str):
        yield node
    elif node.content is not None:
        for entry in node.content.values() if isinstance(node.content, dict) else node.content:
            yield from scalars(entry)


@pytest.mark.parametrize("text", WRITTEN)
def test_every_character_of_a_value_is_found_in_the_file(text: str) -> None:
    """In each way to write a text, a letter of the value stands where `place_of` says."""
    read = Document(text)
    assert read.root is not None
    for node in scalars(read.root):
        assert isinstance(node.content, str)
        for offset, character in enumerate(node.content):
            if character.isascii() and character.isalpha() and character != "A":
                line, column = node.place_of(offset)
                assert character == text.split("\n")[line - 1][column - 1], (node.content, offset)


@given(st.text(st.sampled_from("ab '\"\\:#-{\n"), max_size=30), st.sampled_from(["'", '"', "|", None]))
def test_letters_are_found_in_whatever_yaml_a_text_is_written(text: str, style: str | None) -> None:
    """For any text that PyYAML writes in any style, the letters of the value are at the places given."""
    written = yaml.safe_dump({"v": text}, default_style=style, width=12)
    read = Document(written)
    assert not read.mistakes
    assert read.root is not None
    node = list(scalars(read.root))[-1]
    assert text == node.content
    for offset, character in enumerate(text):
        if character in "ab":
            line, column = node.place_of(offset)
            assert character == written.split("\n")[line - 1][column - 1]
