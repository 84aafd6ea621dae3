"""Activities and members made of a file's rows, as a mapping says.

A mapping is compiled once for the columns of a file: what then runs for each row are functions that know where to look.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from typing import Any, TypeVar

from activity.calendar import zone
from activity.catalogue import ActivityType, FieldType
from activity.columns import Header, Names
from activity.importer import FileInvalid, MemberWords, cell_value, json_value
from activity.intake import Refused, Report
from activity.mapping import Each, FileMapping, Lookup, Skip, Test, Value
from activity.moment import Unfit, days, moments
from activity.rows import Rows
from activity.template import Row, text_of

T = TypeVar("T")
Made = tuple[int, T | Refused | None]  # a line's number, and what was made of it; None of what the mapping leaves out
Get = Callable[[Row], Any]

LOOKED_AT = 1_000  # rows that are read before anything is handed on, so that a mistake of the whole file is told first
LOOKED_AT_BYTES_MAX = 8_000_000
ELEMENTS_MAX = 10_000  # that one row can be looked at for, each of which has the whole row beside it
NUMBERS = (FieldType.INT, FieldType.DOUBLE)
LISTS = (FieldType.STRINGS, FieldType.INTS, FieldType.DOUBLES)
TIMES = (FieldType.DATE, FieldType.TIMESTAMP)


def mapped_activities(rows: Rows, mapping: FileMapping, types: Mapping[str, ActivityType]) -> Iterator[Made[Report]]:
    """The activities of a file. Raises FileInvalid where mapping and file do not fit."""
    return _told_first(rows, _made(rows, mapping, partial(_reports, mapping, types)))


def mapped_members(
    rows: Rows, mapping: FileMapping, attributes: Mapping[str, FieldType]
) -> Iterator[Made[MemberWords]]:
    """The members of a file, in the words of `read_members`. Raises FileInvalid where mapping and file do not fit."""
    return _told_first(rows, _made(rows, mapping, partial(_members, mapping, attributes)))


def _told_first(rows: Rows, made: Iterator[Made[T]]) -> Iterator[Made[T]]:
    """The same, after a look at the first rows: what the mapping must say for all of them is told before any counts."""
    first: list[Made[T]] = []
    for line, each in made:
        if isinstance(each, Unfit) or (isinstance(each, Refused) and "not UTF-8" in each.message):
            raise FileInvalid(f"{rows.place} {line}: {each.message}")
        first.append((line, each))
        if len(first) == LOOKED_AT or rows.bytes_seen > LOOKED_AT_BYTES_MAX:
            break
    rows.columns.looked()
    return chain(first, made)


def _made(
    rows: Rows, mapping: FileMapping, compiled: Callable[[Header | Names], Callable[[Row], T]]
) -> Iterator[Made[T]]:
    columns = rows.columns
    names = {each.name for each in mapping.eaches}
    of_rows = [each for each in mapping.skips if names.isdisjoint((_first(each.column), _first(each.other)))]
    skips = [_skip(each, columns) for each in of_rows]
    expands = []
    for each in mapping.eaches:
        expands.append(_expand(each, columns))
        columns.bind(each.name)
    make = compiled(columns)
    late_skips = [_skip(each, columns) for each in mapping.skips if each not in of_rows]

    def expanded(row: Row, level: int = 0) -> Iterator[Row]:
        if level == len(expands):
            yield row
            return
        for further in expands[level](row):
            yield from expanded(further, level + 1)

    for line, row in rows:
        if isinstance(row, Refused):
            yield line, row
            continue
        try:
            if any(skip(row) for skip in skips):
                yield line, None
                continue
            if not expands:
                yield line, make(row)
                continue
            elements = list(islice(expanded(row), ELEMENTS_MAX + 1))
            if len(elements) > ELEMENTS_MAX:
                raise Refused(
                    "", f"'each' finds more than {ELEMENTS_MAX:,} elements here; split them over several rows"
                )
        except Refused as refused:
            yield line, refused
            continue
        if not elements:
            yield line, None
        for element in elements:
            try:
                yield line, None if any(skip(element) for skip in late_skips) else make(element)
            except Refused as refused:
                yield line, refused


def _first(path: str) -> str:
    return path.partition(".")[0]


def _skip(skip: Skip, columns: Header | Names) -> Callable[[Row], bool]:
    get = columns.getter(skip.column, "skip_when", optional=skip.test is Test.EMPTY)
    match skip.test:
        case Test.IN:
            return lambda row: text_of("skip_when", get(row)) in skip.texts
        case Test.NOT_IN:
            return lambda row: text_of("skip_when", get(row)) not in skip.texts
        case Test.EMPTY:
            return lambda row: (get(row) in (None, "", [], {})) is skip.empty
        case Test.SAME_AS:
            other = columns.getter(skip.other, "skip_when")
            return lambda row: text_of("skip_when", get(row)) == text_of("skip_when", other(row))
    pattern = re.compile(skip.pattern)
    return lambda row: pattern.search(text_of("skip_when", get(row))) is not None


def _expand(each: Each, columns: Header | Names) -> Callable[[Row], Iterator[Row]]:
    elements = _elements(each, columns, "each")
    return lambda row: (columns.extended(row, each.name, element) for element in elements(row))


def _elements(each: Each, columns: Header | Names, reader: str) -> Callable[[Row], list[Any]]:
    get = columns.getter(each.column, reader)

    def elements(row: Row) -> list[Any]:
        found = get(row)
        if isinstance(found, str) and each.split:
            return [part.strip() for part in found.split(each.split) if part.strip()]
        if isinstance(found, str) and each.is_json and found:
            found = json_value(each.column, found)
        if found is None or found == "":
            return []
        return found if isinstance(found, list) else [found]

    return elements


def _reports(
    mapping: FileMapping, types: Mapping[str, ActivityType], columns: Header | Names
) -> Callable[[Row], Report]:
    facts = mapping.facts
    source, identifier, kind, member = (
        _text(mapping, name, facts[name], columns, full=True) for name in ("source", "id", "type", "member")
    )
    declared_zone = facts["time"].zone
    read_time = moments("time", facts["time"].formats, zone(declared_zone) if declared_zone else None)
    time = facts["time"].template.value(columns, "time")
    contributors = _contributors(mapping, columns)
    by_type: dict[str, list[tuple[str, Get]]] = {}
    # Compiled for some type at least, so that a column that is not there is found before any row is read.
    for name, value in mapping.group.items():
        value.template.value(columns, f"data.{name}")

    def fields(key: str) -> list[tuple[str, Get]]:
        declared = types[key].fields if key in types else {}
        found = [
            (name, _typed(mapping, f"data.{name}", value, declared[name].type, columns))
            for name, value in mapping.group.items()
            if name in declared
        ]
        if key in types:
            by_type[key] = found
        return found

    def report(row: Row) -> Report:
        known = ""
        try:
            known = identifier(row)
            key = kind(row)
            first = member(row)
            data = {}
            for name, read in by_type[key] if key in by_type else fields(key):
                value = read(row)
                if value is not None:
                    data[name] = value
            others = contributors(row, first) if contributors else None
            return Report(source(row), known, key, first, read_time(time(row)), data, others)
        except Refused as refused:
            refused.id = known
            raise

    return report


def _contributors(mapping: FileMapping, columns: Header | Names) -> Callable[[Row, str], list[str] | None] | None:
    if mapping.contributors is None:
        return None
    each, value = mapping.contributors.each, mapping.contributors.value
    elements = _elements(each, columns, "contributors")
    columns.bind(each.name)
    name = _text(mapping, "contributors", value, columns)
    columns.unbind()

    def others(row: Row, first: str) -> list[str] | None:
        named = [name(columns.extended(row, each.name, element)) for element in elements(row)]
        return list(dict.fromkeys(text for text in named if text and text != first)) or None

    return others


def _members(
    mapping: FileMapping, attributes: Mapping[str, FieldType], columns: Header | Names
) -> Callable[[Row], MemberWords]:
    external_id = _text(mapping, "external_id", mapping.facts["external_id"], columns, full=True)
    texts = {
        name: _text(mapping, name, value, columns)
        for name, value in mapping.facts.items()
        if name not in ("external_id", "participates")
    }
    participates = (
        _typed(mapping, "participates", mapping.facts["participates"], FieldType.BOOL, columns)
        if "participates" in mapping.facts
        else None
    )
    group = {
        name: _typed(mapping, f"attributes.{name}", value, attributes[name], columns)
        for name, value in mapping.group.items()
    }

    handles = {kind: _text(mapping, f"identities.{kind}", value, columns) for kind, value in mapping.identities.items()}

    def member(row: Row) -> MemberWords:
        words: MemberWords = {"external_id": external_id(row)}
        try:
            for name, read in texts.items():
                text = read(row)
                if text or name != "name":
                    words[name] = text
            if participates and (says := participates(row)) is not None:
                words["participates"] = says
            identities = [f"{kind}:{handle}" for kind, read in handles.items() if (handle := read(row).strip())]
            if identities:
                words["identities"] = identities
            if group:
                words["attributes"] = {name: read(row) for name, read in group.items()}
        except Refused as refused:
            refused.id = words["external_id"]
            raise
        return words

    return member


def _text(mapping: FileMapping, field: str, value: Value, columns: Header | Names, *, full: bool = False) -> Get:
    """What reads a text. With `full`, one that must be there."""
    lookup = mapping.lookups[value.lookup] if value.lookup else None
    full = full and value.default is None
    read = value.template.text(columns, field, full=full)
    if lookup is None and value.default is None:
        return read
    return lambda row: _looked_up(field, read(row), value, lookup, full)


def _looked_up(field: str, text: str, value: Value, lookup: Lookup | None, full: bool = False) -> str:
    if lookup is not None and text:
        found = lookup.get(text, value.default)
        if found is None:
            raise Refused(field, f"{field} is {text[:64]!r}, which is not in the lookup '{value.lookup}'")
        text = found
    text = text or value.default or ""
    if full and not text:
        raise Refused(field, f"{field} is empty")
    return text


def _typed(mapping: FileMapping, field: str, value: Value, kind: FieldType, columns: Header | Names) -> Get:
    """What reads a value of a declared type; None where there is none."""
    convert = converter(field, value, kind)
    constant = value.template.constant
    if constant is not None and value.lookup is None:
        fixed = convert(constant)
        return lambda _: fixed
    read = value.template.value(columns, field)
    if value.lookup is not None or value.default is not None:
        lookup = mapping.lookups[value.lookup] if value.lookup else None

        def looked_up(row: Row) -> Any:
            found = read(row)
            if lookup is None and found not in (None, ""):
                return convert(found)
            return convert(_looked_up(field, text_of(field, found), value, lookup))

        return looked_up
    return lambda row: convert(read(row))


def converter(field: str, value: Value, kind: FieldType) -> Callable[[Any], Any]:
    """What makes of a cell, or of what JSON holds, a value of a declared type; None of what is empty."""
    if kind is FieldType.STRING:
        return lambda found: found if isinstance(found, str) and found else text_of(field, found) or None
    if kind is FieldType.DATE:
        read_day = days(field, value.formats)
        return lambda found: None if found is None or found == "" else read_day(found)
    if kind is FieldType.TIMESTAMP:
        read_moment = moments(field, value.formats, zone(value.zone) if value.zone else None)
        return lambda found: None if found is None or found == "" else read_moment(found).isoformat()

    def convert(found: Any) -> Any:
        if isinstance(found, dict):
            found = text_of(field, found)
        if not isinstance(found, str):
            return found
        text = found.strip()
        if not text:
            return None
        if kind in NUMBERS:
            if value.thousands:
                text = text.replace(value.thousands, "")
            if value.decimal != ".":
                text = text.replace(value.decimal, ".")
        elif kind in LISTS and value.split:
            parts = [part.strip() for part in text.split(value.split) if part.strip()]
            single = {FieldType.INTS: FieldType.INT, FieldType.DOUBLES: FieldType.DOUBLE}.get(kind)
            return [cell_value(field, single, part) for part in parts]
        return cell_value(field, kind, text)

    return convert
