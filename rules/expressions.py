"""Expressions of a programme file: each is checked where it stands, against what the file declares."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import cached_property

from activity.catalogue import FieldType
from activity.definition import Declared
from document import Node, Place
from rules.condition import ExpressionInvalid, Scope
from section import scalar

# A text in an expression, but for the rarer ways to write one: enough to find the place of a word outside of texts.
CEL_STRING = r"""\"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""


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
            found = _expression(node)
            for (message, line, column), types in self._failures(found, on, expected).items():
                node.note(f"for {', '.join(types)}: {message}" if len(on) > 1 else message, _place(node, line, column))
            return found

        return expression

    def member_reader(self, remedy: str = "use 'when' for what the activity must be") -> Callable[[Node], str]:
        """Reads a condition over the member alone, such as the audience of a rule. `remedy` is what to do instead of
        asking for the activity."""

        def expression(node: Node) -> str:
            found = _expression(node)
            for invalid in self._failures_for_members(found, remedy):
                node.note(invalid.message, _place(node, invalid.line, invalid.column))
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
                for each in invalid.each():
                    failures.setdefault((each.message, each.line, each.column), []).append(key)
        return failures

    def _failures_for_members(self, expression: str, remedy: str) -> list[ExpressionInvalid]:
        """What is wrong with a condition over the member: first of all, that it asks for the activity."""
        if set(re.findall(r"\w+", expression)) & self._doubts:
            return []
        failures: list[ExpressionInvalid] = []
        try:
            names = self._of_members.compile(expression, {FieldType.BOOL}).names
        except ExpressionInvalid as invalid:
            names, failures = frozenset(), list(invalid.each())
        if not failures and not any(name.startswith("activity.") for name in names):
            return []
        code = re.sub(CEL_STRING, lambda string: " " * len(string[0]), expression)
        unfit = re.search(r"(?<![.\w])activity\b", code)
        if failures and not unfit:
            return failures
        words = f"only 'member' can be used here: {remedy}"
        asked = ExpressionInvalid.at(unfit.start() if unfit else 0, expression, words)
        return [asked, *(each for each in failures if not each.message.startswith("activity"))]

    @cached_property
    def _of_members(self) -> Scope:
        return Scope({}, self._attributes)

    def _scope(self, key: str) -> Scope:
        if key not in self._scopes:
            fields = {name: field.type for name, field in self.declared.types[key].fields.items()}
            self._scopes[key] = Scope(fields, self._attributes)
        return self._scopes[key]


def _expression(node: Node) -> str:
    """The text of an expression, without blanks around it."""
    found = scalar(node).strip()
    if not found:
        raise node.mistake("is empty: write an expression, or remove the setting")
    return found


def _place(node: Node, line: int, column: int) -> Place:
    """Where the document has what stands in a line and column of a node's expression."""
    written = scalar(node)
    found = written.strip()
    before = sum(len(earlier) + 1 for earlier in found.split("\n")[: line - 1])
    return node.place_of(written.index(found) + before + column - 1)
