"""Texts with places for what a row of a file holds: `{channel}/{ts}/{user}`.

In braces stands the name of a column, or a path into JSON or XML whose names are joined by dots (a number counts the
elements of a list from 0). Filters follow it: `{mail|trim|lower}`, `{url|host|default:unknown}`. Braces of the text
itself are written twice. A template is read once and compiled, for the columns of one file, to a function of a row.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from activity.intake import Refused
from errors import LaurelsError
from section import did_you_mean, nearest

Row = Any  # what one file format makes of a line; only the columns of the file know how to look into it
Getter = Callable[[Row], Any]

TEXT = "text"  # of an element of XML that has attributes, and of an object that stands for a text

HASH_LENGTHS = range(4, 33)
NUMBER_MAX = 10**300  # as a text; what is as large is no longer known digit by digit


class TemplateInvalid(LaurelsError):
    """A template cannot be read. `offset` is where in it."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class Columns(Protocol):
    """The columns of a file, which know how to find one in a row."""

    def getter(self, path: str, reader: str, *, optional: bool = False, line: int = 0) -> Getter:
        """What finds a column, which rows may leave out if it is `optional`. `reader` is the setting that asks for it,
        in a line of the mapping.

        Raises FileInvalid where there is none.
        """


class Filter(NamedTuple):
    name: str
    argument: str


class Slot(NamedTuple):
    """A place in a template."""

    column: str
    filters: tuple[Filter, ...]
    line: int = field(default=0, compare=False)  # of the mapping

    @property
    def has_default(self) -> bool:
        return any(each.name == "default" for each in self.filters)


@dataclass(frozen=True, slots=True)
class Template:
    """A text with places in it, in the order in which they are written."""

    parts: tuple[str | Slot, ...]

    @property
    def constant(self) -> str | None:
        """The text, where it has no places."""
        return "".join(map(str, self.parts)) if not self.slots else None

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(part for part in self.parts if isinstance(part, Slot))

    def value(self, columns: Columns, reader: str, *, optional: bool = False) -> Getter:
        """A function that gives what a row holds, as the file has it where the template is one place alone."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Slot):
            return _slot(self.parts[0], columns, reader, optional)
        return self.text(columns, reader, optional=optional)

    def text(
        self, columns: Columns, reader: str, *, full: bool = False, optional: bool = False
    ) -> Callable[[Row], str]:
        """A function that gives the text for a row. With `full` it raises Refused where a place stays empty, for texts
        that would otherwise stand for several things."""
        constant = self.constant
        if constant is not None:
            return lambda _: constant
        reads = []
        for slot in self.slots:
            read = partial(_as_text, reader, _slot(slot, columns, reader, optional))
            reads.append(partial(_filled, reader, slot.column, read) if full and not slot.has_default else read)
        if len(self.parts) == 1:
            return reads[0]
        pattern = "".join("%s" if isinstance(part, Slot) else part.replace("%", "%%") for part in self.parts)
        return lambda row: pattern % tuple([read(row) for read in reads])


def parse_template(source: str, line: int = 0) -> Template:
    """What a text says that stands in a line of a mapping. Raises TemplateInvalid."""
    parts: list[str | Slot] = []
    for piece in _PIECES.finditer(source):
        if piece["text"]:
            parts.append(piece["text"].replace("{{", "{").replace("}}", "}"))
        elif piece["slot"] is not None:
            parts.append(_parse_slot(piece["slot"], piece.start() + 1, line))
        elif piece[0] == "{":
            raise TemplateInvalid("this '{' is never closed; a brace of the text itself is written '{{'", piece.start())
        else:
            raise TemplateInvalid("this '}' closes nothing; a brace of the text itself is written '}}'", piece.start())
    return Template(tuple(parts))


_PIECES = re.compile(r"(?P<text>(?:[^{}]|\{\{|\}\})+)|\{(?P<slot>[^{}]*)\}|[{}]")


def _parse_slot(source: str, offset: int, line: int) -> Slot:
    column, *filters = source.split("|")
    if not column.strip():
        raise TemplateInvalid("these braces name no column", offset)
    return Slot(column.strip(), tuple(_parse_filter(each, offset) for each in filters), line)


def _parse_filter(source: str, offset: int) -> Filter:
    name, colon, argument = source.partition(":")
    name = name.strip()
    if name not in FILTERS:
        known = f"{did_you_mean(nearest(name, FILTERS))} (filters: {', '.join(FILTERS)})"
        raise TemplateInvalid(f"there is no filter '{name}'{known}", offset)
    if FILTERS[name].argument and not argument:
        raise TemplateInvalid(f"the filter '{name}' needs {FILTERS[name].argument}", offset)
    if colon and not FILTERS[name].argument:
        raise TemplateInvalid(f"the filter '{name}' takes nothing after a ':'", offset)
    if name == "hash" and not (argument.isdecimal() and int(argument) in HASH_LENGTHS):
        words = f"from {HASH_LENGTHS[0]} to {HASH_LENGTHS[-1]}"
        raise TemplateInvalid(f"the filter 'hash' needs a number of characters {words}, as in hash:16", offset)
    return Filter(name, argument)


def _slot(slot: Slot, columns: Columns, reader: str, optional: bool) -> Getter:
    get = columns.getter(slot.column, reader, optional=optional or slot.has_default, line=slot.line)
    for name, argument in slot.filters:
        if name == "default":
            get = partial(_default, get, argument)
        else:
            get = partial(_filtered, reader, get, FILTERS[name].apply, argument)
    return get


def _default(get: Getter, otherwise: str, row: Row) -> Any:
    value = get(row)
    return otherwise if value is None or value == "" else value


def _filtered(reader: str, get: Getter, apply: Callable[[str, str], str], argument: str, row: Row) -> str:
    return apply(_as_text(reader, get, row), argument)


def _filled(reader: str, column: str, read: Callable[[Row], str], row: Row) -> str:
    text = read(row)
    if not text or text.isspace():
        raise Refused(reader, f"{reader} needs '{column}', which is empty here")
    return text


def _as_text(reader: str, get: Getter, row: Row) -> str:
    value = get(row)
    return value if isinstance(value, str) else text_of(reader, value)


def text_of(field: str, value: Any) -> str:
    """A value of a file as text. Raises Refused for a list or an object."""
    if isinstance(value, dict) and TEXT in value:
        value = value[TEXT]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        if not -NUMBER_MAX < value < NUMBER_MAX:
            raise Refused(field, f"{field} reads a number that is too large to be taken for a text")
        return str(value)
    what = "a list" if isinstance(value, list) else "an object"
    raise Refused(field, f"{field} reads {what}, which is no text; name what is in it, with a dot")


def _hash(text: str, length: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()[: int(length)] if text else ""


def _host(text: str, _: str) -> str:
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


class _Known(NamedTuple):
    """A filter, and what stands after its ':', in words; empty where nothing does."""

    apply: Callable[[str, str], str]
    argument: str = ""


FILTERS: Mapping[str, _Known] = {
    "trim": _Known(lambda text, _: text.strip()),
    "lower": _Known(lambda text, _: text.lower()),
    "host": _Known(_host),
    "before": _Known(lambda text, mark: text.partition(mark)[0], "a text that ends it, as in before:@"),
    "after": _Known(lambda text, mark: text.partition(mark)[2], "a text that stands before it, as in after:@"),
    "hash": _Known(_hash, "a number of characters, as in hash:16"),
    "default": _Known(lambda text, otherwise: text or otherwise, "a text, as in default:none"),
}
