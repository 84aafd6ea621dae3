"""The section `rules` of a programme file: what activities earn.

Such as:

    rules:
      share:
        title: Share a company post
        on: [post.shared]
        when: activity.network in ["linkedin", "x"]
        points: 5
        limits:
          - {max: 3, per: day}
          - {max: 1, per: ever, by: activity.url, across: members}
        tags: [effort]
        from: 2026-04-01                # of the programme's time zone, or a time with its offset
        to: 2026-06-30                  # the whole day still counts
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any

from activity.calendar import Calendar, PeriodKind
from activity.catalogue import FieldType
from activity.definition import Declared
from document import Node
from rules.condition import ExpressionInvalid, Scope
from rules.judge import BY_TYPES, POINTS_MAX
from rules.rule import Limit, Rule
from section import (
    KEY,
    Names,
    Section,
    by_key,
    check_renames,
    choice,
    day,
    described,
    each,
    entries,
    integer,
    one_of,
    scalar,
    several,
    text,
)

RULE_SETTINGS = ("title", "on", "when", "points", "limits", "tags", "from", "to", "was")
LIMIT_SETTINGS = ("max", "per", "by", "across")

RULES_MAX = 1_000
LIMITS_MAX = 20
AWARDS_MAX = 1_000_000_000

MOMENT = r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9:.]+(Z|[+-][0-9:]+)?"


def read_rules(node: Node, expressions: "Expressions", calendar: Calendar) -> tuple[dict[str, Rule], Names]:
    """Reads the section `rules`: the rules, and the tags that they carry."""
    carried: dict[str, None] = {}  # in the order of the file
    tagged: set[str] = set()  # the rules of which all tags could be read

    def rule(key: str, entry: Node) -> Rule:
        section = Section(entry, RULE_SETTINGS)
        on: tuple[str, ...] = section.need("on", several(expressions.declared.names.read), ())
        tags: tuple[str, ...] = section.take("tags", several(KEY.read), ())
        carried.update(dict.fromkeys(tags))
        if "tags" not in section.broken:
            tagged.add(key)
        found = Rule(
            key=key,
            title=section.need("title", text, ""),
            on=on,
            points=section.need("points", _points(expressions.reader(on, {FieldType.INT})), 0),
            when=section.take("when", expressions.reader(on, {FieldType.BOOL}), None),
            limits=section.take("limits", _limits(expressions.reader(on, BY_TYPES)), ()),
            tags=tags,
            valid_from=section.take("from", _moment(calendar, days_after=0), None),
            valid_to=section.take("to", _moment(calendar, days_after=1), None),
            was=section.take("was", KEY.read, None),
        )
        if found.valid_from and found.valid_to and found.valid_from >= found.valid_to:
            section.note("to", "must be after 'from': as it is, no activity can count")
        return found

    if len(entries(node)) > RULES_MAX:
        node.note(f"has {len(entries(node)):,} rules: a programme can have {RULES_MAX:,}", node.named_at)
    rules = by_key(KEY, rule)(node)
    check_renames(node)
    return rules, tag_names(tuple(carried), complete=len(tagged) == len(entries(node)))


def tag_names(carried: Collection[str], complete: bool) -> Names:
    """The tags of all rules, for readers of what refers to them."""
    return Names("no rule carries the tag", "tags", carried, complete)


class Expressions:
    """Checks expressions against what the file declares, as far as that could be read."""

    def __init__(
        self, declared: Declared, attributes: Mapping[str, FieldType], doubts: frozenset[str] = frozenset()
    ) -> None:
        """`doubts` are words for attributes whose declaration is broken, as `Declared` has them for fields."""
        self.declared = declared
        self._attributes = attributes
        self._doubts = doubts
        self._scopes: dict[str, Scope] = {}

    def reader(self, on: Collection[str], expected: Collection[FieldType]) -> Callable[[Node], str]:
        """Reads an expression that must hold for each of these activity types."""

        def expression(node: Node) -> str:
            written = scalar(node)
            found = written.strip()
            if not found:
                raise node.mistake("is empty: write an expression, or remove the setting")
            for invalid, types in self._failures(found, on, expected).items():
                message, line, column = invalid
                before = sum(len(earlier) + 1 for earlier in found.split("\n")[: line - 1])
                place = node.place_of(written.index(found) + before + column - 1)
                node.note(f"for {', '.join(types)}: {message}" if len(on) > 1 else message, place)
            return found

        return expression

    def _failures(
        self, expression: str, on: Collection[str], expected: Collection[FieldType]
    ) -> dict[tuple[str, int, int], list[str]]:
        """What is wrong with an expression, by message, line and column, and for which activity types it is."""
        failures: dict[tuple[str, int, int], list[str]] = {}
        words = set(re.findall(r"\w+", expression))
        for key in on:
            if key not in self.declared.types or words & (self.declared.doubts[key] | self._doubts):
                continue
            try:
                self._scope(key).compile(expression, expected)
            except ExpressionInvalid as invalid:
                failures.setdefault((invalid.message, invalid.line, invalid.column), []).append(key)
        return failures

    def _scope(self, key: str) -> Scope:
        if key not in self._scopes:
            fields = {name: field.type for name, field in self.declared.types[key].fields.items()}
            self._scopes[key] = Scope(fields, self._attributes)
        return self._scopes[key]


def rule_to_plain(rule: Rule, calendar: Calendar) -> dict[str, Any]:
    """A rule as a programme file has it, without what is default."""
    plain: dict[str, Any] = {"title": rule.title, "on": list(rule.on)}
    if rule.when is not None:
        plain["when"] = rule.when
    plain["points"] = rule.points
    if rule.limits:
        plain["limits"] = [_limit_to_plain(limit) for limit in rule.limits]
    if rule.tags:
        plain["tags"] = list(rule.tags)
    if rule.valid_from is not None:
        plain["from"] = _moment_to_plain(rule.valid_from, calendar, days_after=0)
    if rule.valid_to is not None:
        plain["to"] = _moment_to_plain(rule.valid_to, calendar, days_after=1)
    return plain


def rule_from_plain(key: str, plain: Mapping[str, Any], calendar: Calendar) -> Rule:
    """The rule of which `rule_to_plain` made this."""
    return Rule(
        key=key,
        title=plain["title"],
        on=tuple(plain["on"]),
        points=plain["points"],
        when=plain.get("when"),
        limits=tuple(
            Limit(limit["max"], PeriodKind(limit["per"]), limit.get("by"), "across" in limit)
            for limit in plain.get("limits", ())
        ),
        tags=tuple(plain.get("tags", ())),
        valid_from=_moment_from_plain(plain["from"], calendar, days_after=0) if "from" in plain else None,
        valid_to=_moment_from_plain(plain["to"], calendar, days_after=1) if "to" in plain else None,
    )


def _points(expression: Callable[[Node], str]) -> Callable[[Node], int | str]:
    def points(node: Node) -> int | str:
        if re.fullmatch("[+-]?[0-9]+", scalar(node).strip()):
            return integer(-POINTS_MAX, POINTS_MAX)(node)
        if re.fullmatch("[+-]?[0-9]*[.,][0-9]+", scalar(node).strip()):
            raise node.mistake(f"points are whole numbers: {described(node)} cannot be paid")
        return expression(node)

    return points


def _limits(expression: Callable[[Node], str]) -> Callable[[Node], tuple[Limit, ...]]:
    def limit(node: Node) -> Limit:
        section = Section(node, LIMIT_SETTINGS)
        return Limit(
            max=section.need("max", integer(1, AWARDS_MAX), 1),
            per=section.need("per", one_of(PeriodKind), PeriodKind.EVER),
            by=section.take("by", expression, None),
            across_members=section.take("across", choice(("members",)), None) is not None,
        )

    def limits(node: Node) -> tuple[Limit, ...]:
        if isinstance(node.content, list) and len(node.content) > LIMITS_MAX:
            raise node.mistake(f"has {len(node.content):,} limits: a rule can have {LIMITS_MAX}", node.named_at)
        return each(limit)(node)

    return limits


def _limit_to_plain(limit: Limit) -> dict[str, Any]:
    plain: dict[str, Any] = {"max": limit.max, "per": limit.per.value}
    if limit.by is not None:
        plain["by"] = limit.by
    if limit.across_members:
        plain["across"] = "members"
    return plain


def _moment(calendar: Calendar, days_after: int) -> Callable[[Node], datetime]:
    """Reads a time, or a date as the midnight so many days after it begins."""

    def moment(node: Node) -> datetime:
        written = scalar(node).strip()
        if not (match := re.fullmatch(MOMENT, written)):
            return _midnight(calendar, day(node).toordinal() + days_after)
        if not match[2]:
            raise node.mistake(f"'{written}' has no offset from UTC: end it with Z or, for example, +01:00")
        try:
            day(node, match[1])
            return datetime.fromisoformat(written).astimezone(UTC)
        except ValueError:
            raise node.mistake(f"there is no time {described(node)}: write it as 2026-04-01T09:00:00+01:00") from None

    return moment


def _moment_to_plain(moment: datetime, calendar: Calendar, days_after: int) -> str:
    local = calendar.day(moment)
    if _midnight(calendar, local) == moment.astimezone(UTC):
        return date.fromordinal(local - days_after).isoformat()
    return moment.astimezone(calendar.time_zone).isoformat()


def _moment_from_plain(plain: str, calendar: Calendar, days_after: int) -> datetime:
    if "T" in plain:
        return datetime.fromisoformat(plain).astimezone(UTC)
    return _midnight(calendar, date.fromisoformat(plain).toordinal() + days_after)


def _midnight(calendar: Calendar, local: int) -> datetime:
    """The instant at which a day begins, in UTC: times of one zone compare by the clock, which may have gone back."""
    begins = calendar.starts_at(calendar.period(PeriodKind.DAY, local))
    assert begins is not None
    return begins.astimezone(UTC)
