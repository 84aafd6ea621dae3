"""The catalogue: which activities exist, and which typed fields each carries. Rules are checked against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

FieldValue = bool | int | float | str | list[str] | list[int] | list[float]


class FieldType(StrEnum):
    """The types a field or a member attribute can have, under the names that CEL gives them.

    `date` and `timestamp` are written as ISO 8601 text; in an expression both are timestamps, a date at midnight UTC.
    """

    BOOL = "bool"
    INT = "int"
    DOUBLE = "double"
    STRING = "string"
    DATE = "date"
    TIMESTAMP = "timestamp"
    STRINGS = "list(string)"
    INTS = "list(int)"
    DOUBLES = "list(double)"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an activity type. Without a default it must be in every activity."""

    name: str
    type: FieldType
    default: FieldValue | None = None


class LinkRule(StrEnum):
    """Whether a claim has a link to what was done."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Claimable:
    """How members claim an activity themselves, where no tool reports it."""

    hint: str | None = None  # what to give with it, for the claimant
    link: LinkRule = LinkRule.OPTIONAL
    within: timedelta | None = None  # how long ago it may have happened


@dataclass(frozen=True, slots=True)
class ActivityType:
    """One kind of thing that members do, such as `post.shared`."""

    key: str
    title: str
    fields: Mapping[str, Field]
    zone: str | None = None
    was: str | None = None  # the key it had before this revision
    aliases: tuple[str, ...] = ()  # under which tools may report it too, such as com.example.post.shared
    claim: Claimable | None = None  # None: only tools report it


def by_name(types: Mapping[str, ActivityType]) -> dict[str, ActivityType]:
    """Activity types by every name under which tools may report them: their keys, and then their aliases."""
    named = dict(types)
    for kind in types.values():
        for alias in kind.aliases:
            named.setdefault(alias, kind)
    return named


ZONES = ("consumer", "sharer", "creator", "engaged")

# Every activity has these beside its declared fields, and every member these beside the declared attributes.
RESERVED_FIELDS = ("type", "source", "time", "id")
RESERVED_ATTRIBUTES = ("key", "id", "name", "team", "location", "department", "time_zone", "participates")
UNUSABLE_NAMES = ("false", "in", "null", "true")  # no expression can read a field of this name
