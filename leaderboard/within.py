"""Within: the part of a board's members that a question is about, by what is known of them today."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Text, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from activity.catalogue import FieldType, FieldValue
from activity.intake import CHECKS, Refused, checked_name, nearest
from activity.tables import member, team
from errors import LaurelsError


class WithinInvalid(LaurelsError):
    """The arguments name no part of a board's members."""


@dataclass(frozen=True, slots=True)
class Within:
    """Facts that members must have, all of them. An empty text, or an attribute of None, stands for having none."""

    team: str | None = None
    location: str | None = None
    department: str | None = None
    attributes: Mapping[str, FieldValue | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self != Within()

    def narrowed(self, other: "Within") -> "Within":
        """Those who are within both. Raises WithinInvalid where the two ask the same fact."""
        asked = {name for name in FACTS if getattr(other, name) is not None} | other.attributes.keys()
        known = {name for name in FACTS if getattr(self, name) is not None} | self.attributes.keys()
        if twice := sorted(asked & known):
            raise WithinInvalid(f"within asks {twice[0]} twice, one inside the other; ask it once")
        facts = {name: getattr(other, name) if name in asked else getattr(self, name) for name in FACTS}
        return Within(**facts, attributes={**self.attributes, **other.attributes})

    def holds(self, key: ColumnElement[int]) -> list[ColumnElement[bool]]:
        """When a member's key is one of theirs. They are looked up first: a team is few of those on a board."""
        return [key.in_(select(member.c.key).where(*self._conditions()))] if self else []

    def _conditions(self) -> list[ColumnElement[bool]]:
        found = []
        if self.team is not None:
            named = team.select().with_only_columns(team.c.id).where(team.c.name == self.team).scalar_subquery()
            found.append(member.c.team == named if self.team else member.c.team.is_(None))
        for name in ("location", "department"):
            value = getattr(self, name)
            if value is not None:
                found.append(member.c[name] == value if value else member.c[name].is_(None))
        for name, value in sorted(self.attributes.items()):
            kept = _Attribute(member.c.attributes, literal(name))
            found.append(kept.is_(None) if value is None else kept == orjson.dumps(value).decode())
        return found


FACTS = ("team", "location", "department")


def read_within(
    declared: Mapping[str, FieldType],
    team: str | None,
    location: str | None,
    department: str | None,
    attributes: object,
) -> Within:
    """What the arguments of a question name. `declared` are the programme's attributes. Raises WithinInvalid."""
    given = {} if attributes is None else attributes
    try:
        if not isinstance(given, Mapping):
            raise Refused("attributes", "attributes must be an object, such as {hourly: true}")
        for name, value in zip(FACTS, (team, location, department), strict=True):
            if value:
                checked_name(name, value)
        within = Within(team, location, department, {name: _checked(name, given[name], declared) for name in given})
    except Refused as refusal:
        raise WithinInvalid(refusal.message) from None
    if not within:
        raise WithinInvalid("within needs to know what: give team, location, department or attributes")
    return within


def _checked(name: str, value: object, declared: Mapping[str, FieldType]) -> FieldValue | None:
    if name not in declared:
        raise Refused("attributes", f"{name!r} is no attribute of this programme{nearest(str(name), declared)}")
    return None if value is None else CHECKS[declared[name]](f"attributes.{name}", value)


class _Attribute(FunctionElement[str]):
    """One attribute as the JSON text in which it is kept: equal values have equal texts."""

    type = Text()
    inherit_cache = True
    name = "attribute"


@compiles(_Attribute, "sqlite")
def _on_sqlite(element: _Attribute, compiler: Any, **options: Any) -> str:
    kept, name = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({kept} -> {name})"


@compiles(_Attribute, "postgresql")
def _on_postgresql(element: _Attribute, compiler: Any, **options: Any) -> str:
    kept, name = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(CAST({kept} AS json) -> {name} AS text)"
