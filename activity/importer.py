"""Reading what happened, and who is here, from files: CSV and JSONL in Laurels' own columns.

A CSV file begins with a header. Each field of an activity has a column `data.FIELD`, and each attribute of a member a
column `attributes.NAME`, read as the type that the programme declares; or there is one column `data` or `attributes`
that holds JSON. An activity that credits several members names the others in a column `contributors`, separated by
semicolons; so are the identities of a member in a column `identities`, or the handles of one kind in a column
`identities.KIND`. A JSONL file (.jsonl, .ndjson) has one JSON object a line, with the names that GraphQL uses.

    source,id,type,member,time,data.network,data.reach
    crm,81,post.shared,ada,2026-11-12T09:30:00Z,linkedin,1200

    {"source": "crm", "id": "81", "type": "post.shared", "member": "ada", "time": "…", "data": {"reach": 1200}}
    {"source": "crm", "id": "82", "type": "talk.given", "member": "ada", "contributors": ["bob", "cy"], "time": "…"}

Pure: what is read is handed on with its line number, and a line that is unsound is handed on as a Refused.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import PurePath
from typing import Any, NamedTuple, NoReturn, TypeVar

from activity.catalogue import ActivityType, FieldType, by_name
from activity.intake import INT_MAX, Refused, Report, nearest
from activity.lines import Lines, header, records
from errors import LaurelsError

T = TypeVar("T")

ACTIVITY_COLUMNS = ("source", "id", "type", "member", "time")
MEMBER_TEXTS = ("alias", "team", "location", "department", "time_zone")
MEMBER_COLUMNS = ("external_id", "name", *MEMBER_TEXTS, "participates")
SEPARATOR = ";"  # of external ids and identities in a cell
GRAPHQL_NAMES = {"externalId": "external_id", "timeZone": "time_zone"}

DIGITS_MAX = 20  # more than any 64-bit number has; reading them all could take long

MemberWords = dict[str, Any]  # what a file says of a member, by column
Read = tuple[int, T | Refused]  # a line's number, and what it says


class FileInvalid(LaurelsError):
    """A file cannot be read at all; the message says why, and what is expected."""


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"

    @classmethod
    def of(cls, path: PurePath) -> "Format":
        """The format that a file's name says. Raises FileInvalid."""
        match path.suffix.lower():
            case ".csv":
                return cls.CSV
            case ".jsonl" | ".ndjson":
                return cls.JSONL
        raise FileInvalid(f"{path.name} cannot be read by its name: save it as .csv, or as .jsonl with JSON lines")


def read_activities(lines: Lines, form: Format, types: Mapping[str, ActivityType]) -> Iterator[Read[Report]]:
    """The activities of a file, under the catalogue `types`. Raises FileInvalid."""
    if form is Format.JSONL:
        known = (*ACTIVITY_COLUMNS, "contributors", "data")
        yield from _json_objects(
            lines, known, {}, lambda words: _report(words, words.get("data"), words.get("contributors"))
        )
        return
    fields = list(dict.fromkeys(name for kind in types.values() for name in kind.fields))
    columns = _Columns(lines, ACTIVITY_COLUMNS, ("contributors",), "data", fields)
    kinds = by_name(types)

    def report(cells: list[str]) -> Report:
        words, group, whole = columns.split(cells)
        kind = kinds.get(words["type"])
        declared = {name: field.type for name, field in kind.fields.items()} if kind else {}
        found = {name: cell_value(f"data.{name}", declared.get(name), text) for name, text in group.items() if text}
        named = [name.strip() for name in words.get("contributors", "").split(SEPARATOR)]
        return _report(words, json_value("data", whole) if whole else found, [name for name in named if name] or None)

    yield from columns.read(report)


def read_members(
    lines: Lines, form: Format, attributes: Mapping[str, FieldType], kinds: Iterable[str] = ()
) -> Iterator[Read[MemberWords]]:
    """The members of a file, by the names of MEMBER_COLUMNS, `attributes` and `identities`. Raises FileInvalid.

    `kinds` are those of identities, each of which can have a column. A column or name that is not there says nothing of
    its fact; an empty cell says that there is none.
    """
    if form is Format.JSONL:
        known = (*MEMBER_COLUMNS, "identities", "attributes")
        yield from _json_objects(lines, known, GRAPHQL_NAMES, lambda words: words)
        return
    handles = {f"identities.{kind}": f"{kind}:" for kind in kinds}
    named = {"identities": "", **handles}
    columns = _Columns(lines, ("external_id",), (*MEMBER_COLUMNS[1:], *named), "attributes", list(attributes))

    def member(cells: list[str]) -> MemberWords:
        found, group, whole = columns.split(cells)
        identities = [
            begun + handle.strip()
            for name, begun in named.items()
            for handle in found.pop(name, "").split(SEPARATOR)
            if handle.strip()
        ]
        words: MemberWords = {
            name: text for name, text in found.items() if text or name in ("external_id", *MEMBER_TEXTS)
        }
        if identities:
            words["identities"] = identities
        if "participates" in words:
            words["participates"] = cell_value("participates", FieldType.BOOL, words["participates"])
        if whole:
            words["attributes"] = json_value("attributes", whole)
        elif group:
            words["attributes"] = {
                name: cell_value(f"attributes.{name}", attributes[name], text) if text else None
                for name, text in group.items()
            }
        return words

    yield from columns.read(member)


class _Split(NamedTuple):
    """A record's cells by what their columns are."""

    words: dict[str, str]
    group: dict[str, str]  # of the columns GROUP.NAME, by NAME
    whole: str  # of the column GROUP


class _Columns:
    """The columns that a CSV file's header names."""

    def __init__(
        self, lines: Lines, required: Sequence[str], optional: Sequence[str], group: str, names: Sequence[str]
    ) -> None:
        self._lines = lines
        self._group = group
        known = [*required, *optional, group, *(f"{group}.{name}" for name in names)]
        self._names = _header(lines, known)
        self._plain = {*required, *optional}
        if missing := [name for name in required if name not in self._names]:
            raise FileInvalid(f"line 1: the column '{missing[0]}' is missing; {_expected(known)}")
        if group in self._names and any(name.startswith(f"{group}.") for name in self._names):
            raise FileInvalid(f"line 1: there are both '{group}' and columns '{group}.…': keep one or the others")

    def read(self, made: Callable[[list[str]], T]) -> Iterator[Read[T]]:
        """What `made` makes of each record."""
        for number, cells, fault in records(self._lines, len(self._names)):
            if fault:
                yield number, Refused("", fault)
            elif any(cells):
                yield number, _attempt(made, cells)

    def split(self, cells: list[str]) -> _Split:
        row = dict(zip(self._names, cells, strict=True))
        prefix = f"{self._group}."
        return _Split(
            {name: text for name, text in row.items() if name in self._plain},
            {name.removeprefix(prefix): text for name, text in row.items() if name.startswith(prefix)},
            row.get(self._group, ""),
        )


def _header(lines: Lines, known: Sequence[str]) -> list[str]:
    """The names in the first line of a CSV file, each of them `known`."""
    _, cells, fault = header(lines)
    if fault:
        raise FileInvalid(f"line 1: {fault}; save the file as CSV in UTF-8")
    if not cells:
        raise FileInvalid(f"line 1: the file must begin with a header; {_expected(known)}")
    if separator := next((each for each in ";\t|" if len(cells) == 1 and each in cells[0]), ""):
        raise FileInvalid(f"line 1: the columns are separated by {separator!r}; save the file with commas")
    names = [name.strip() for name in cells]
    for name in names:
        if name not in known:
            raise FileInvalid(f"line 1: there is no column {name[:64]!r}{_near(name, known)}; {_expected(known)}")
        if names.count(name) > 1:
            raise FileInvalid(f"line 1: the column '{name}' is there twice")
    return names


def _near(name: str, known: Iterable[str]) -> str:
    hint = nearest(name, known)
    return hint if "did you mean" in hint else ""


def _expected(known: Sequence[str]) -> str:
    return f"the columns can be {', '.join(known)}"


def _report(words: Mapping[str, Any], data: Any, contributors: Any) -> Report:
    source, identifier, kind, member, time = map(words.get, ACTIVITY_COLUMNS)
    return Report(source, identifier, kind, member, time, data, contributors)


def _json_objects(
    lines: Lines, known: Sequence[str], aliases: Mapping[str, str], made: Callable[[dict[str, Any]], T]
) -> Iterator[Read[T]]:
    def read(text: str) -> T:
        words = json_object(text)
        renamed = {aliases.get(name, name): value for name, value in words.items()}
        for name in renamed:
            if name not in known:
                raise Refused("", f"there is no field {name[:64]!r}{_near(name, known)} (fields: {', '.join(known)})")
        return made(renamed)

    for number, text, fault, _ in lines:
        if fault:
            yield number, Refused("", fault)
        elif text.strip():
            yield number, _attempt(read, text)


_A = TypeVar("_A")


def _attempt(made: Callable[[_A], T], source: _A) -> T | Refused:
    try:
        return made(source)
    except Refused as refused:
        return refused


def json_object(text: str) -> dict[str, Any]:
    """What a line of JSONL says. Raises Refused."""
    words = json_value("", text)
    if not isinstance(words, dict):
        raise Refused("", "the line is JSON, but no object in { }")
    return words


def json_value(field: str, text: str) -> Any:
    """What a text says as JSON. Raises Refused."""
    what = field or "the line"
    try:
        return json.loads(text, parse_int=_integer, parse_constant=_no_constant)
    except RecursionError:
        raise Refused(field, f"{what} holds JSON that is nested too deep") from None
    except json.JSONDecodeError as error:
        raise Refused(
            field, f"{what} is not JSON: {error.msg[0].lower()}{error.msg[1:]} at column {error.colno}"
        ) from None


def _integer(text: str) -> int:
    """The number, or one that is as surely beyond 64 bits: those are refused where they are checked."""
    return int(text) if len(text) <= DIGITS_MAX else INT_MAX + 1


def _whole(text: str) -> int:
    return _integer(text.removesuffix(".0"))


def _no_constant(name: str) -> NoReturn:
    raise Refused("", f"the line is not JSON: {name} is no number there")


def cell_value(field: str, kind: FieldType | None, text: str) -> Any:
    """What a CSV cell says, as JSON would have it. Without a type it stays text. Raises Refused."""
    match kind:
        case FieldType.BOOL:
            return _word(field, text)
        case FieldType.INT:
            return _number(field, text.strip(), _WHOLE, _whole, "a whole number such as 12")
        case FieldType.DOUBLE:
            convert = _integer if _INTEGER.fullmatch(text.strip()) else float
            return _number(field, text.strip(), _DOUBLE, convert, "a number such as 1.5")
        case FieldType.STRINGS | FieldType.INTS | FieldType.DOUBLES:
            return json_value(field, text)
    return text


_WHOLE = re.compile(r"[+-]?[0-9]+(\.0)?")  # 5.0 is 5, but 1.000 may be a thousand
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DOUBLE = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _word(field: str, text: str) -> bool:
    try:
        return _WORDS[text.strip().lower()]
    except KeyError:
        raise Refused(field, f"{field} must be true or false (or yes, no, 1, 0), but it is {text[:40]!r}") from None


def _number(field: str, text: str, pattern: re.Pattern[str], convert: Callable[[str], T], words: str) -> T:
    if not pattern.fullmatch(text):
        raise Refused(field, f"{field} must be {words}, but it is {text[:40]!r}")
    return convert(text)
