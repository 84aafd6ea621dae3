"""Reading a mapping file: how the rows of a file of any shape become activities or members.

    of: activities
    skip_when: [{column: subtype, in: [channel_join, channel_leave]}]
    source: slack
    id: "{channel_id}/{ts}"
    type: message.posted
    member: "{user}"
    time: {value: "{ts}", zone: UTC}
    data: {channel: {value: "{channel_id}", lookup: channels}}
    lookups: {channels: {file: channels.csv, key: id, value: name}}

What a mapping names is checked beside the programme: activity types, their fields, attributes.
"""

from collections.abc import Callable, Collection, Mapping
from functools import partial

from activity.calendar import PeriodInvalid, zone
from activity.catalogue import ActivityType, FieldType
from activity.intake import CHECKS, Refused
from activity.lookup import Opened, read_lookup, renamed, separator
from activity.mapped import LISTS, NUMBERS, TIMES, converter
from activity.mapping import (
    Contributors,
    Each,
    Encoding,
    FileMapping,
    Kind,
    Lookup,
    RowFormat,
    Shape,
    Skip,
    Test,
    Value,
)
from activity.moment import check_format
from activity.pattern import PatternInvalid, searching
from activity.template import Slot, Template, TemplateInvalid, parse_template
from document import Document, Node, shown
from errors import Mistake, Mistaken
from section import (
    KeyPattern,
    Names,
    Section,
    attempt,
    boolean,
    by_key,
    each,
    entries,
    integer,
    one_of,
    scalar,
    several,
    text,
)

COMMON = ("of", "format", "encoding", "separator", "header", "path", "skip_when", "each", "lookups")
ACTIVITY_FACTS = ("source", "id", "type", "member", "time")
MEMBER_FACTS = ("name", "alias", "team", "location", "department", "time_zone", "participates")
VALUE_SETTINGS = ("value", "lookup", "default")
NUMBER_SETTINGS = ("thousands", "decimal")
TIME_SETTINGS = ("format", "zone")
EACH_SETTINGS = ("column", "as", "format", "split", "optional")
NAME = KeyPattern("[a-z][a-z0-9_]*", "small letters, digits and '_', beginning with a letter")


class MappingInvalid(Mistaken):
    """A mapping file has mistakes."""


def read_mapping(
    source: str | bytes,
    of: Kind,
    types: Mapping[str, ActivityType],
    attributes: Mapping[str, FieldType],
    opened: Opened,
    kinds: Collection[str] = (),
) -> FileMapping:
    """The mapping that a file declares for one kind of rows, under the activity types by every name that they have;
    `kinds` are those of identities. Raises MappingInvalid with every mistake in it."""
    document = Document(source)
    if document.root is None and not document.mistakes:
        document.mistakes.append(Mistake(f"the file is empty: begin it with 'of: {of}'", line=1, column=1))
    reader = _Reader(of, types, attributes, opened, kinds)
    mapping = attempt(document.root, reader.read, None) if document.root else None
    if document.mistakes or mapping is None:
        raise MappingInvalid(document.mistakes)
    return mapping


class _Reader:
    """Reads one mapping, beside the programme that it is for."""

    def __init__(
        self,
        of: Kind,
        types: Mapping[str, ActivityType],
        attributes: Mapping[str, FieldType],
        opened: Opened,
        kinds: Collection[str],
    ) -> None:
        self._of = of
        self._types = types
        self._attributes = attributes
        self._opened = opened
        self._kinds = kinds
        self._lookups: dict[str, Lookup] = {}
        self._names = Names("there is no lookup", "lookups", ())

    def read(self, node: Node) -> FileMapping:
        settings = (
            (*COMMON, *ACTIVITY_FACTS, "contributors", "data")
            if self._of is Kind.ACTIVITIES
            else (*COMMON, "external_id", *MEMBER_FACTS, "attributes", "identities")
        )
        declared = entries(node).get("of")
        other = next(kind for kind in Kind if kind is not self._of)
        if declared is not None and declared.content == other:
            raise declared.mistake(f"this is a mapping of {other}, and {self._of} are to be imported")
        section = Section(node, settings)
        section.need("of", one_of(Kind), self._of)
        self._lookups = section.take("lookups", by_key(NAME, lambda _, node: read_lookup(node, self._opened)), {})
        written = entries(node).get("lookups")
        names = written.content if written and isinstance(written.content, dict) else {}
        is_complete = bool(names) or "lookups" not in section.broken
        self._names = Names("there is no lookup", "lookups", names, is_complete)
        shape = Shape(
            section.take("format", one_of(RowFormat), None),
            section.take("encoding", one_of(Encoding), Encoding.UTF_8),
            section.take("separator", separator, None),
            section.take("header", integer(1, 100), 1),
            tuple(section.take("path", text, "").split(".")) if "path" in entries(node) else (),
        )
        skips = section.take("skip_when", each(_skip), ())
        eaches = section.take("each", _one_or_several(_each), ())
        if self._of is Kind.MEMBERS:
            return self._members(section, shape, skips, eaches)
        return self._activities(section, shape, skips, eaches)

    def _activities(
        self, section: Section, shape: Shape, skips: tuple[Skip, ...], eaches: tuple[Each, ...]
    ) -> FileMapping:
        facts = {}
        for name in ACTIVITY_FACTS:
            read = self._time if name == "time" else self._type if name == "type" else self._value
            value = section.need(name, read, None)
            if value is not None:
                facts[name] = value
        group: dict[str, Value] = {}
        if "type" in section.broken:
            section.take("data", self._any_data, {})
        elif "type" in facts:
            possible = self._possible_types(facts["type"])
            group = section.take("data", partial(self._data, possible), {})
            self._check_fields(section, possible, group)
        contributors = section.take("contributors", self._contributors, None)
        return FileMapping(self._of, shape, skips, eaches, self._lookups, facts, contributors, group)

    def _members(
        self, section: Section, shape: Shape, skips: tuple[Skip, ...], eaches: tuple[Each, ...]
    ) -> FileMapping:
        facts: dict[str, Value] = {}
        if (external_id := section.need("external_id", self._value, None)) is not None:
            facts["external_id"] = external_id
        for name in MEMBER_FACTS:
            if (value := section.take(name, self._value, None)) is not None:
                facts[name] = value
        known = Names("there is no attribute", "attributes", self._attributes)
        group = section.take("attributes", partial(self._group, known, lambda name: [self._attributes[name]]), {})
        kinds = Names("there is no kind of identities", "kinds", self._kinds)
        identities = section.take("identities", partial(self._group, kinds, lambda _: [FieldType.STRING]), {})
        return FileMapping(self._of, shape, skips, eaches, self._lookups, facts, None, group, identities)

    def _possible_types(self, value: Value) -> dict[str, ActivityType]:
        """The types that rows can have, as far as the mapping tells."""
        constant = value.template.constant
        if value.lookup in self._lookups:
            keys = {*self._lookups[value.lookup].values(), value.default}
        elif value.lookup is None and constant is not None:
            keys = {constant}
        else:
            keys = set(self._types)
        return {key: kind for key, kind in self._types.items() if key in keys}

    def _check_fields(self, section: Section, possible: Mapping[str, ActivityType], group: Collection[str]) -> None:
        if len(possible) != 1 or "data" in section.broken:
            return
        [kind] = possible.values()
        for name, declared in kind.fields.items():
            if declared.default is None and name not in group:
                message = f"'{name}' is missing under 'data': {kind.key} needs it, of type {declared.type}"
                section.node.note(message, section.node.named_at)

    def _type(self, node: Node) -> Value:
        before = len(node.document.mistakes)
        value = self._value(node)
        if len(node.document.mistakes) > before:
            return value
        constant = value.template.constant
        found = [constant] if value.lookup is None else self._lookups.get(value.lookup, {}).values()
        for key in dict.fromkeys((*found, value.default)):
            if key is not None:
                Names("there is no activity type", "activity types", self._types).read(renamed(node, key))
        return value

    def _any_data(self, node: Node) -> None:
        """Notes what is wrong under `data` whichever type it is for."""
        for entry in entries(node).values():
            attempt(entry, partial(self._value, kinds=list(FieldType)), None)

    def _data(self, possible: Mapping[str, ActivityType], node: Node) -> dict[str, Value]:
        fields: dict[str, list[FieldType]] = {}
        for kind in possible.values():
            for name, declared in kind.fields.items():
                fields.setdefault(name, []).append(declared.type)
        of = f" of {next(iter(possible))}" if len(possible) == 1 else ""
        known = Names(f"there is no field{of}", "fields", fields)
        return self._group(known, lambda name: fields[name], node)

    def _group(self, known: Names, types_of: Callable[[str], list[FieldType]], node: Node) -> dict[str, Value]:
        found: dict[str, Value] = {}

        def value(name: str, entry: Node) -> None:
            known.read(renamed(entry, name, entry.named_at))
            kinds = types_of(name)
            value = self._value(entry, kinds)
            _check_constant(name, value, kinds, entry)
            found[name] = value

        for name, entry in entries(node).items():
            attempt(entry, partial(value, name), None)
        return found

    def _time(self, node: Node) -> Value:
        return self._value(node, [FieldType.TIMESTAMP])

    def _value(self, node: Node, kinds: Collection[FieldType] = (FieldType.STRING,)) -> Value:
        if not isinstance(node.content, dict):
            return Value(_template(node))
        settings = [*VALUE_SETTINGS]
        if any(kind in NUMBERS for kind in kinds):
            settings += NUMBER_SETTINGS
        if any(kind in TIMES for kind in kinds):
            settings += TIME_SETTINGS
        if any(kind in LISTS for kind in kinds):
            settings.append("split")
        section = Section(node, settings)
        template = section.need("value", _template, Template(()))
        return Value(
            template,
            section.take("lookup", self._names.read, None),
            section.take("default", scalar, None),
            section.take("thousands", _mark, ""),
            section.take("decimal", _mark, "."),
            section.take("format", several(_format), ()),
            section.take("zone", _zone, None),
            section.take("split", _written, ""),
        )

    def _contributors(self, node: Node) -> Contributors:
        section = Section(node, (*EACH_SETTINGS, *VALUE_SETTINGS))
        read = Each(
            section.need("column", text, ""),
            section.take("as", NAME.read, "contributor"),
            section.take("format", _json_format, False),
            section.take("split", _written, ""),
            section.take("optional", boolean, False),
            node.place.line,
        )
        template = section.take("value", _template, Template((Slot(read.name, ()),)))
        lookup = section.take("lookup", self._names.read, None)
        return Contributors(read, Value(template, lookup, section.take("default", scalar, None)))


def _template(node: Node) -> Template:
    source = scalar(node)
    try:
        return parse_template(source, node.place.line)
    except TemplateInvalid as invalid:
        raise node.mistake(str(invalid), node.place_of(invalid.offset)) from None


def _check_constant(name: str, value: Value, kinds: Collection[FieldType], node: Node) -> None:
    """Notes a constant that does not fit the type of its field."""
    constant = value.template.constant
    for written in (constant if value.lookup is None else None, value.default):
        if not written:
            continue
        for kind in kinds:
            try:
                found = converter(name, value, kind)(written)
                if found is not None:
                    CHECKS[kind](name, found)
            except Refused as refused:
                raise node.mistake(refused.message) from None


def _skip(node: Node) -> Skip:
    section = Section(node, ("column", *Test, "optional"))
    column = section.need("column", text, "")
    tests = [test for test in Test if test in entries(node)]
    if len(tests) != 1 and not section.broken:
        raise node.mistake(f"says {'several of' if tests else 'none of'} {', '.join(Test)}: say one")
    return Skip(
        column,
        tests[0] if tests else Test.EMPTY,
        frozenset(section.take("in", several(scalar), ()) or section.take("not_in", several(scalar), ())),
        section.take("empty", boolean, True),
        section.take("matches", _pattern, "") or section.take("not_matches", _pattern, ""),
        section.take("same_as", text, ""),
        section.take("optional", boolean, False),
        node.place.line,
    )


def _each(node: Node) -> Each:
    section = Section(node, EACH_SETTINGS)
    return Each(
        section.need("column", text, ""),
        section.need("as", NAME.read, ""),
        section.take("format", _json_format, False),
        section.take("split", _written, ""),
        section.take("optional", boolean, False),
        node.place.line,
    )


def _one_or_several(read: Callable[[Node], Each]) -> Callable[[Node], tuple[Each, ...]]:
    return lambda node: each(read)(node) if isinstance(node.content, list) else (read(node),)


def _json_format(node: Node) -> bool:
    if scalar(node).strip() != "json":
        raise node.mistake("must be json, or left out: a list that a text holds is told by 'split'")
    return True


def _mark(node: Node) -> str:
    written = scalar(node)
    if len(written) != 1 or written.isdigit() or written == "-":
        raise node.mistake("must be one character, such as ',' or '.'")
    return written


def _written(node: Node) -> str:
    written = scalar(node)
    if not written:
        raise node.mistake("is empty: write what stands between the elements")
    return written


def _pattern(node: Node) -> str:
    written = scalar(node)
    try:
        searching(written)
    except PatternInvalid as invalid:
        raise node.mistake(f"is no regular expression: {shown(str(invalid))}") from None
    return written


def _format(node: Node) -> str:
    written = scalar(node)
    if wrong := check_format(written):
        raise node.mistake(wrong)
    return written


def _zone(node: Node) -> str:
    written = scalar(node).strip()
    try:
        zone(written)
    except PeriodInvalid as invalid:
        raise node.mistake(str(invalid)) from None
    return written
