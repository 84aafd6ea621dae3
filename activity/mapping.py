"""What a mapping says: how the rows of a file of any shape become activities or members."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from activity.template import Template

Lookup = Mapping[str, str]


class Kind(StrEnum):
    """What the rows of a file are made into."""

    ACTIVITIES = "activities"
    MEMBERS = "members"


class RowFormat(StrEnum):
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JSONL = "jsonl"
    FEED = "feed"  # RSS or Atom


class Encoding(StrEnum):
    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    LATIN_1 = "latin-1"
    CP1252 = "cp1252"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is written. `format` is told by its name unless it is said here."""

    format: RowFormat | None = None
    encoding: Encoding = Encoding.UTF_8
    separator: str | None = None
    header_line: int = 1
    path: tuple[str, ...] = ()  # of the list of rows in a JSON object


@dataclass(frozen=True, slots=True)
class Value:
    """Where a value comes from. A default stands in for what is empty, or not in the lookup."""

    template: Template
    lookup: str | None = None
    default: str | None = None
    thousands: str = ""
    decimal: str = "."
    formats: tuple[str, ...] = ()  # of a date or time, each tried in turn
    zone: str | None = None  # of times that say none
    split: str = ""  # what stands between the elements of a list

    @property
    def is_optional(self) -> bool:
        """Whether rows may have nothing to read: a default beside a lookup is for what is not in it, too."""
        return self.default is not None and self.lookup is None


@dataclass(frozen=True, slots=True)
class Each:
    """A list in a row, of which each element is looked at under a name of its own."""

    column: str
    name: str
    is_json: bool = False  # of a list that is JSON in a cell
    split: str = ""  # or separated by this
    optional: bool = False  # whether rows may have no such column
    line: int = 0  # of the mapping


@dataclass(frozen=True, slots=True)
class Contributors:
    each: Each
    value: Value


class Test(StrEnum):
    IN = "in"
    NOT_IN = "not_in"
    EMPTY = "empty"
    MATCHES = "matches"
    NOT_MATCHES = "not_matches"
    SAME_AS = "same_as"


@dataclass(frozen=True, slots=True)
class Skip:
    """A row, or an element that is looked at in it, is left out where a column is like this."""

    column: str
    test: Test
    texts: frozenset[str] = frozenset()  # of IN and NOT_IN
    empty: bool = True
    pattern: str = ""
    other: str = ""  # a column
    optional: bool = False  # whether rows may have no such columns
    line: int = 0  # of the mapping


@dataclass(frozen=True, slots=True)
class FileMapping:
    """A mapping. `facts` are what an activity or a member has in any programme, `group` what this one declares: the
    fields under `data`, or the attributes."""

    of: Kind
    shape: Shape = Shape()
    skips: tuple[Skip, ...] = ()
    eaches: tuple[Each, ...] = ()
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)
    contributors: Contributors | None = None
    group: Mapping[str, Value] = field(default_factory=dict)
    identities: Mapping[str, Value] = field(default_factory=dict)  # of members, by their kind
