"""The sections `activities` and `attributes` of a programme file: what can happen, and what is known of members.

Such as:

    attributes: {hourly: bool, joined: date}
    activities:
      post.shared:
        title: Shared a company post
        zone: sharer
        fields: {network: string, reach: {type: int, default: 0}}
        aliases: [com.example.post.shared]
"""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from activity.catalogue import (
    RESERVED_ATTRIBUTES,
    RESERVED_FIELDS,
    UNUSABLE_NAMES,
    ZONES,
    ActivityType,
    Field,
    FieldType,
    FieldValue,
)
from activity.claim_definition import claimable_from_plain, claimable_to_plain, read_claimable
from activity.intake import CHECKS, ID_LENGTH_MAX, Refused
from document import Node, shown
from section import (
    KeyPattern,
    Names,
    Section,
    attempt,
    by_key,
    check_renames,
    choice,
    entries,
    one_of,
    scalar,
    several,
    text,
)

ACTIVITY_KEY = KeyPattern(
    r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*", "small letters, digits, '-' and '_' in parts joined by dots, as in post.shared"
)
FIELD_NAME = KeyPattern("[a-z][a-z0-9_]*", "small letters, digits and '_', beginning with a letter")

ACTIVITY_SETTINGS = ("title", "zone", "fields", "aliases", "claim", "was")
FIELD_SETTINGS = ("type", "default")


@dataclass(frozen=True)
class Declared:
    """What a file declares of the catalogue, as far as it could be read.

    `doubts` holds, for each activity type, the words that an expression may use though the declaration behind them is
    broken: `reach` for a field, `activity` for all of them. Such an expression cannot be judged.
    """

    types: Mapping[str, ActivityType] = field(default_factory=dict)
    doubts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: Names = field(default_factory=lambda: _names((), complete=False))


def read_activities(node: Node) -> Declared:
    """Reads the section `activities`."""
    doubts: dict[str, frozenset[str]] = {}
    taken: dict[str, Node] = {}

    def alias(entry: Node) -> str:
        name = _alias(entry)
        if name in keys:
            raise entry.mistake(f"'{shown(name)}' is the key of an activity type: remove it")
        if name in taken:
            line = taken[name].place.line
            raise entry.mistake(f"'{shown(name)}' is an alias already, in line {line}: remove one of them")
        taken[name] = entry
        return name

    def activity_type(key: str, entry: Node) -> ActivityType:
        doubts[key] = frozenset({"activity"})
        section = Section(entry, ACTIVITY_SETTINGS)
        read: dict[str, Field | None] = section.take("fields", by_key(FIELD_NAME, _field), {})
        fields = {name: declared for name, declared in read.items() if declared}
        doubts[key] = section.lost("fields", fields, "activity")
        return ActivityType(
            key=key,
            title=section.need("title", text, ""),
            fields=fields,
            zone=section.take("zone", choice(ZONES), None),
            was=section.take("was", ACTIVITY_KEY.read, None),
            aliases=section.take("aliases", several(alias), ()),
            claim=section.take("claim", read_claimable, None),
        )

    keys = set(entries(node))
    types = by_key(ACTIVITY_KEY, activity_type)(node)
    check_renames(node)
    return Declared(types, doubts, _names(tuple(entries(node)), complete=True))


def read_attributes(node: Node) -> dict[str, FieldType]:
    """Reads the section `attributes`."""

    def attribute(name: str, entry: Node) -> FieldType:
        _check_name(entry, name, RESERVED_ATTRIBUTES, "member")
        return one_of(FieldType)(entry)

    return by_key(FIELD_NAME, attribute)(node)


def activity_to_plain(activity: ActivityType) -> dict[str, Any]:
    """An activity type as a programme file has it, without what is default."""
    plain: dict[str, Any] = {"title": activity.title}
    if activity.zone is not None:
        plain["zone"] = activity.zone
    if activity.fields:
        plain["fields"] = {
            name: declared.type.value
            if declared.default is None
            else {"type": declared.type.value, "default": declared.default}
            for name, declared in activity.fields.items()
        }
    if activity.aliases:
        plain["aliases"] = list(activity.aliases)
    if activity.claim is not None:
        plain["claim"] = claimable_to_plain(activity.claim)
    return plain


def activity_from_plain(key: str, plain: Mapping[str, Any]) -> ActivityType:
    """The activity type of which `activity_to_plain` made this."""
    fields = {}
    for name, declared in plain.get("fields", {}).items():
        settings = {"type": declared} if isinstance(declared, str) else declared
        fields[name] = Field(name, FieldType(settings["type"]), settings.get("default"))
    aliases = tuple(plain.get("aliases", ()))
    claim = claimable_from_plain(plain["claim"]) if "claim" in plain else None
    return ActivityType(key, plain["title"], fields, plain.get("zone"), aliases=aliases, claim=claim)


def _alias(node: Node) -> str:
    """Another name of an activity type: whatever a tool may report as a type."""
    name = scalar(node).strip()
    if not name:
        raise node.mistake("is empty: write a name under which tools report it, or remove it")
    if "\n" in name or "\t" in name:
        raise node.mistake("must be a single line without tabs")
    if len(name) > ID_LENGTH_MAX:
        raise node.mistake(f"has {len(name):,} characters: at most {ID_LENGTH_MAX} are allowed")
    return name


def _names(known: Collection[str], complete: bool) -> Names:
    return Names("there is no activity type", "activity types", known, complete)


def _field(name: str, entry: Node) -> Field | None:
    """A field; None where its type could not be read."""
    _check_name(entry, name, RESERVED_FIELDS, "activity")
    if isinstance(entry.content, str):
        return Field(name, one_of(FieldType)(entry))
    section = Section(entry, FIELD_SETTINGS)
    kind = section.need("type", one_of(FieldType), None)
    return Field(name, kind, section.take("default", partial(_default, kind), None)) if kind else None


def _check_name(entry: Node, name: str, reserved: Collection[str], owner: str) -> None:
    FIELD_NAME.check(name, entry, entry.named_at)  # one that does not fit is dropped, as expressions cannot hold it
    if name in reserved:
        raise entry.mistake(f"every {owner} has '{name}' already: remove it, or choose another name", entry.named_at)
    if name in UNUSABLE_NAMES:
        raise entry.mistake(f"'{name}' means something else in conditions: choose another name", entry.named_at)


def _default(kind: FieldType, node: Node) -> FieldValue:
    """A value of a field, under the same checks as those that tools report."""
    if isinstance(node.content, str) and not node.content and not node.style:
        raise node.mistake("is empty: write a value, '' for an empty text, or remove the setting")
    if isinstance(node.content, list):
        elements = [attempt(element, scalar, None) for element in node.content]
        value: Any = [_json(kind, element) for element in elements if element is not None]
    else:
        value = _json(kind, scalar(node))
    try:
        return CHECKS[kind]("default", value)
    except Refused as refused:
        raise node.mistake(refused.message) from None


def _json(kind: FieldType, written: str) -> bool | int | float | str:
    """What JSON would have in place of the text; the text itself where it does not look like its type."""
    if kind is FieldType.BOOL:
        return {"true": True, "false": False}.get(written, written)
    if kind in (FieldType.INT, FieldType.INTS) and re.fullmatch("-?[0-9]{1,30}", written):
        return int(written)
    if kind in (FieldType.DOUBLE, FieldType.DOUBLES) and re.fullmatch("[0-9eE.+-]+", written):
        with suppress(ValueError):
            return float(written)
    return written
