"""Reads: which fields of activities the expressions of a programme name. Pure.

Judging binds no other, so whatever else an activity said decides nothing, and can be forgotten.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from activity.catalogue import ActivityType, FieldType
from rules.advice import Written
from rules.condition import Scope

SOURCE = "source"  # beside the fields of its type, what an activity can be stripped of

_RESULTS = (FieldType.BOOL, FieldType.INT, FieldType.DOUBLE, FieldType.STRING)
_OF_ACTIVITY = "activity."

_Declared = tuple[tuple[tuple[str, FieldType], ...], tuple[tuple[str, FieldType], ...]]


class Read(NamedTuple):
    """That an expression reads a field."""

    path: str  # of the expression
    type: str  # key of an activity type
    field: str  # of that type, or SOURCE


class Reads:
    """Finds out what expressions read. Each is compiled once, and only where it has the name of a field in it."""

    def __init__(self) -> None:
        self._scopes: dict[_Declared, Scope] = {}
        self._known: dict[tuple[_Declared, str], frozenset[str]] = {}

    def of(
        self, expressions: Iterable[Written], types: Mapping[str, ActivityType], attributes: Mapping[str, FieldType]
    ) -> Iterator[Read]:
        """What these expressions read, of each activity type that they look at."""
        for written in expressions:
            words = set(re.findall(r"\w+", written.text))
            for key in written.on:
                fields = types[key].fields
                able = {*fields, SOURCE}
                if words & able:
                    declared = tuple((each.name, each.type) for each in fields.values()), tuple(attributes.items())
                    for name in sorted(self._names(declared, written.text) & able):
                        yield Read(written.path, key, name)

    def _names(self, declared: _Declared, text: str) -> frozenset[str]:
        found = self._known.get((declared, text))
        if found is None:
            if declared not in self._scopes:
                self._scopes[declared] = Scope(*map(dict, declared))
            names = self._scopes[declared].compile(text, _RESULTS).names
            found = frozenset(name.removeprefix(_OF_ACTIVITY) for name in names if name.startswith(_OF_ACTIVITY))
            self._known[declared, text] = found
        return found
