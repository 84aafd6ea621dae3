"""YAML text as nodes that know their place, so that whoever reads one can say where it is wrong.

YAML's own ideas of types are left aside, since they turn `on` into true and `2026-01-01` into a date: a scalar is its
text, and its reader says what it should be. What makes a file surprising is refused: anchors and aliases, tags, names
given twice, tabs, several documents. `section.py` reads nodes as values.

    document = Document("rules:\\n  share: {points: 5}")
    document.root.content["rules"].content["share"].place        # line 2, column 10
    document.mistakes                                            # grows while nodes are read
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import yaml

from errors import Mistake

BYTES_MAX = 1_000_000
DEPTH_MAX = 20
NAME_LENGTH_SHOWN = 64
QUOTES = ("'", '"')

# Outside these are the controls (C1 too, of which YAML takes some for line ends), surrogates, and the rarer line ends.
_WANTED = "\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_UNWANTED_IN_TEXT = re.compile(f"[^\n{_WANTED}]")
_UNWANTED_IN_SCALAR = re.compile(f"[^\n\t{_WANTED}]")  # an escape can write what the text itself does not hold

_Loader: type[yaml.CSafeLoader] | type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Place(NamedTuple):
    """A place in a text. Both count from 1."""

    line: int
    column: int


@dataclass(eq=False, slots=True)
class Node:
    """One value of a document: a scalar's text, a list of nodes, or nodes by name in the order of the text."""

    document: "Document"
    path: str  # of names, joined by dots; elements of a list are numbered from 1
    place: Place
    named_at: Place  # where its name stands; its own place where it has none
    content: "str | list[Node] | dict[str, Node] | None" = None  # None when refused, which a mistake says already
    style: str = ""  # of a scalar: empty when plain, else one of ' " | >

    def mistake(self, message: str, place: Place | None = None) -> Mistake:
        """A mistake in this node; at its own place unless another is given."""
        line, column = place or self.place
        return Mistake(message, where=self.path, line=line, column=column)

    def note(self, message: str, place: Place | None = None) -> None:
        """Add a mistake in this node to the document's."""
        self.document.mistakes.append(self.mistake(message, place))

    def place_of(self, offset: int) -> Place:
        """Where a character of this scalar's text stands in the document, also behind escapes and folded lines."""
        text = self.document.text
        start, pieces = _scalar_source(text, self.document.offset(self.place), self.style, str(self.content))
        written_at = (piece.start() for piece in pieces.finditer(text, start) for _ in range(_length(piece[0])))
        return self.document.place(next(islice(written_at, offset, None), start))


class Document:
    """A text, the root of its nodes, and every mistake found in it so far.

    `root` is None for an empty text, and for one that cannot be read at all; then `mistakes` says why.
    """

    def __init__(self, source: str | bytes) -> None:
        self.mistakes: list[Mistake] = []
        self.root: Node | None = None
        self.text = ""
        self._unclean = False
        self._quoted: tuple[Place, Place] | None = None  # where the text in quotes that was read last begins and ends
        try:
            self.text = _decoded(source).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
            self._clean()
            self.root = self._root()
        except Mistake as mistake:
            self.mistakes.append(mistake)
        except yaml.YAMLError as error:
            if not self._unclean:  # else it may well follow from that
                self.mistakes.append(_syntax_mistake(error, self.text, self._quoted))

    def offset(self, place: Place) -> int:
        """The index in the text of a place."""
        start = 0
        for _ in range(place.line - 1):
            start = self.text.find("\n", start) + 1
        return start + place.column - 1

    def place(self, offset: int) -> Place:
        """The place of an index in the text."""
        return _place_in(self.text, offset)

    def _clean(self) -> None:
        """Puts blanks in place of characters that do not belong; the first of each kind is a mistake."""
        firsts: dict[str, int] = {}
        for match in _UNWANTED_IN_TEXT.finditer(self.text):
            firsts.setdefault(match[0], match.start())
        for character, offset in firsts.items():
            what = "a tab: indent with spaces" if character == "\t" else f"{_named(character)}: remove it"
            self.mistakes.append(_mistake_at(self.place(offset), f"here is {what}"))
        self._unclean = bool(firsts)
        self.text = _UNWANTED_IN_TEXT.sub(" ", self.text)

    def _root(self) -> Node | None:
        # Events rather than yaml.compose: composing recurses as deep as the text likes, and follows aliases unseen.
        events: Iterator[yaml.Event] = yaml.parse(self.text, _Loader)
        root = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise _mistake_at(_place(event.start_mark), "a second document begins here: remove this ---")
                root = self._node(next(events), events, "", None, 0)
        return root

    def _node(
        self, event: yaml.Event, events: Iterator[yaml.Event], path: str, named_at: Place | None, depth: int
    ) -> Node:
        place = _place(event.start_mark)
        node = Node(self, path, place, named_at or place)
        if depth > DEPTH_MAX:
            raise node.mistake(f"this is nested more than {DEPTH_MAX} levels deep")
        if isinstance(event, yaml.AliasEvent):
            message = "stands for a value elsewhere, which is not supported: write the value, or put a text in quotes"
            node.note(f"*{shown(str(event.anchor))} {message}")
            return node
        if anchor := getattr(event, "anchor", None):
            node.note(f"&{shown(anchor)} names this value for use elsewhere, which is not supported: remove it")
        tag = getattr(event, "tag", None)
        if tag and not tag.startswith("tag:") and isinstance(event, yaml.ScalarEvent):
            # Nobody who writes rules means a tag by it: to do without the "!" would turn a condition into its opposite.
            node.note("a text that begins with '!' needs quotes: put the whole value in quotes")
            return node
        if tag:
            node.note(f"{shown(tag.replace('tag:yaml.org,2002:', '!!'))} is a tag, which is not supported: remove it")
        if isinstance(event, yaml.MappingStartEvent):
            node.content = self._entries(node, events, depth + 1)
        elif isinstance(event, yaml.SequenceStartEvent):
            node.content = []
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                path = _joined(node.path, str(len(node.content) + 1))
                node.content.append(self._node(event, events, path, None, depth + 1))
        elif isinstance(event, yaml.ScalarEvent):
            node.style = event.style or ""
            if node.style in QUOTES:
                self._quoted = place, _place(event.end_mark)
            if unwanted := _UNWANTED_IN_SCALAR.search(event.value):
                node.note(f"this text holds {_named(unwanted[0])}: remove it")
            else:
                node.content = event.value
        return node

    def _entries(self, node: Node, events: Iterator[yaml.Event], depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events, node.path, None, depth)
            name = key.content if isinstance(key.content, str) else ""
            entry = self._node(next(events), events, _joined(node.path, name), key.place, depth)
            if key.content is None:
                continue
            if not isinstance(key.content, str):
                key.note("a name must be plain text, not a list or a group of settings")
            elif name in entries:
                first = entries[name]
                line = first.named_at.line
                entry.note(f"'{shown(name)}' is here twice, first in line {line}: remove or rename one", key.place)
                if isinstance(first.content, dict) and isinstance(entry.content, dict):
                    first.content = entry.content | first.content  # what refers to either of them is not wrong
            else:
                entries[name] = entry
        return entries


def _decoded(source: str | bytes) -> str:
    """The source as text. Raises Mistake when it is too long or not UTF-8."""
    if len(source) > BYTES_MAX:
        raise _mistake_at(Place(1, 1), f"the file has {len(source):,} bytes: at most {BYTES_MAX:,} are read")
    if isinstance(source, str):
        return source
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        before = source[: error.start].decode()
        message = f"here is a byte that is not UTF-8 (0x{source[error.start]:02x}): save the file in the encoding UTF-8"
        raise _mistake_at(_place_in(before, len(before)), message) from None


def _mistake_at(place: Place, message: str) -> Mistake:
    return Mistake(message, line=place.line, column=place.column)


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _place_in(text: str, offset: int) -> Place:
    return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _joined(path: str, name: str) -> str:
    return f"{path}.{shown(name)}" if path else shown(name)


def shown(name: str) -> str:
    """A text as messages show it: in one line, and only its beginning where it is long."""
    name = " ".join(name.split())
    return name if len(name) <= NAME_LENGTH_SHOWN else f"{name[:NAME_LENGTH_SHOWN]}…"


def _named(character: str) -> str:
    return f"the control character U+{ord(character):04X}"


# What writes the characters of a scalar, by its style. A piece without a line end stands for one of them.
_PIECES = {
    "": re.compile(r" *\n\s*|."),
    "'": re.compile(r"''| *\n\s*|."),
    '"': re.compile(r"\\x..|\\u.{4}|\\U.{8}|\\\n *|\\.| *\n\s*|."),
    ">": re.compile(r"\n\s*|."),
}


_BLANKS = re.compile(r"((?: *\n)*)( *)")  # empty lines, and what indents the first that is not


def _scalar_source(text: str, start: int, style: str, content: str) -> tuple[int, re.Pattern[str]]:
    """Where the characters of the scalar that begins at `start` begin, and what writes them."""
    if style not in ("|", ">"):
        return start + len(style), _PIECES[style]
    start = text.find("\n", start) + 1
    blank, indent = _BLANKS.match(text, start), _BLANKS.match(content)
    width = len(blank[2]) - len(indent[2]) if blank and indent else 0
    if blank and not blank[1]:
        start += width
    return start, _PIECES[">"] if style == ">" else re.compile(rf"\n {{0,{width}}}|.")


def _length(piece: str) -> int:
    """How many characters a piece stands for: one line end is folded into a blank, of several the first is dropped."""
    if piece.startswith("\\\n"):
        return 0
    return max(1, piece.count("\n") - 1)


_QUOTED_TEXT = ("parsing a quoted scalar", "scanning a double-quoted scalar")

# What to say, by what the parser was at. {seen} is what stopped it, {line} the line in which that had begun.
_SYNTAX = {
    "parsing a quoted scalar": "in double quotes a backslash has a meaning of its own: use single quotes",
    "scanning a double-quoted scalar": "in double quotes a backslash has a meaning of its own: use single quotes",
    "scanning a block scalar": "after | or > the text begins in the next line, indented",
    "parsing a flow sequence": "the '[' of line {line} is not closed, or a text that holds , or : needs quotes",
    "parsing a flow mapping": "the '{{' of line {line} is not closed, or a text that holds , or : needs quotes",
    "parsing a flow node": "a value is missing before {seen}, or is a text that needs quotes",
    "parsing a block node": "a value is missing before {seen}, or is a text that needs quotes",
    "parsing a block collection": "this line does not fit the list of line {line}: begin it with '- ' under the others",
}
# The same, where the fault lies in how it began.
_SYNTAX_BEGUN = {
    "scanning a quoted scalar": "this quote is never closed",
    "scanning a simple key": "this line is no setting: write 'name: value'",
}
_UNQUOTED = "a text that holds ': ' needs quotes: put the whole value in quotes"
_CLOSED = "nothing can follow a closing quote or bracket: put the whole value in quotes, or remove what follows"
_OPEN = "this quote is not closed before line {line}, where a backslash follows: close it where its text ends"
_RUNS_ON = "this quote is closed only in line {line}, column {column}: close it where its text ends"
_MISPLACED = "this line does not fit those above: begin it under its neighbours, and check the line above"


def _syntax_mistake(error: yaml.YAMLError, text: str, quoted: tuple[Place, Place] | None) -> Mistake:
    """What the parser found, in words for people who have never heard of flow mappings.

    `quoted` is where the last text in quotes begins and ends. One that runs over several lines up to the fault has most
    likely swallowed them, as its own quote was never closed.
    """
    context = str(getattr(error, "context", None) or "").removeprefix("while ")
    problem = str(getattr(error, "problem", None) or error)
    place = _place(getattr(error, "problem_mark", None))
    begun = _place(getattr(error, "context_mark", None) or getattr(error, "problem_mark", None))
    lines = text.rstrip().split("\n")
    if place.line > len(lines):
        place = Place(len(lines), len(lines[-1]) + 1)
    before, seen = lines[place.line - 1][: place.column - 1], lines[place.line - 1][place.column - 1 : place.column]
    if context in _QUOTED_TEXT and begun.line < place.line:
        return _mistake_at(begun, _OPEN.format(line=place.line))
    if quoted and quoted[0].line < quoted[1].line == place.line and quoted[1] <= place:
        line, column = quoted[1].line, quoted[1].column - 1
        return _mistake_at(quoted[0], _RUNS_ON.format(line=line, column=column))
    if context in _SYNTAX_BEGUN:
        return _mistake_at(begun, _SYNTAX_BEGUN[context])
    if context in _SYNTAX:
        words = _SYNTAX[context].format(line=begun.line, seen=f"'{seen}'" if seen else "the line's end")
        return _mistake_at(place, words)
    if "entries are not allowed" in problem:
        return _mistake_at(place, "a list begins in a line of its own, or is written as [a, b]")
    if "values are not allowed" in problem:
        return _mistake_at(place, _UNQUOTED if ": " in before else _MISPLACED)
    if context == "parsing a block mapping" or (not context and seen != "?"):
        return _mistake_at(place, _CLOSED if before.strip() else _MISPLACED)
    value = re.search(r":\s+(!)", lines[begun.line - 1])
    sign = value[1] if value else lines[begun.line - 1][begun.column - 1 : begun.column]
    return _mistake_at(begun, f"a text that begins with '{sign}' needs quotes")
