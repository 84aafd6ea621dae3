"""How much an expression can cost at worst, and refusing those that cost too much.

CEL always ends: its comprehensions go through finite lists, and cel-expr-python stops after 10,000 iterations and at 32
levels of nesting. It has no limit of time or memory, though, and within those limits one expression took 13.7 seconds
and 4.3 GB (texts joined inside two nested `all`). So the guard walks the checked syntax tree and adds up an upper bound
from how large the data can be, which intake limits. What stays below the bound does so on every activity.

The tree comes serialised as `cel.expr.CheckedExpr`, a published format (cel-spec, proto/cel/expr/checked.proto and
syntax.proto). The few fields that matter are read here; a protobuf runtime would be one more dependency.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from activity.catalogue import FieldType
from activity.intake import DATA_BYTES_MAX, LIST_LENGTH_MAX, STRING_LENGTH_MAX
from rules.wording import USAGE, ExpressionInvalid, did_you_mean

# The bounds of one expression. Memory is tight because evaluations of one activity share an arena, which is freed only
# with the activation: 50 rules use 50 times as much.
TIME_NS_MAX = 10_000_000
MEMORY_BYTES_MAX = 1_000_000
ITERATIONS_MAX = 10_000  # where CEL itself would stop, at run time

# `_+_` is in rules.condition; all and exists are made of `@not_strictly_false`.
OPERATORS = ("_&&_", "_||_", "!_", "_?_:_", "_[_]", "_-_", "-_", "_*_", "_/_", "_%_", "@not_strictly_false")
COMPARISONS = ("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in")
MACROS = ("all", "exists", "exists_one")
FUNCTIONS = tuple(name for name in USAGE if name not in MACROS)

_OFFSET_ZONE = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
_DYN = b"\n\x00"  # Type.dyn, an empty message in field 1


@cache
def time_zones() -> frozenset[str]:
    """The names of the time zones that an expression can use: those of the tzdata package."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@dataclass(frozen=True, slots=True)
class Shape:
    """The largest that a value can be; all zero for numbers, truth values and times."""

    chars: int = 0  # of a text, or of all texts in a list
    items: int = 0
    item: "Shape | None" = None  # the largest one

    @property
    def values(self) -> int:
        """How many values a comparison visits."""
        return self.items * (1 + self.item.values if self.item else 1)


# Of data within the limits of intake.
_NUMBER = Shape()
_SHAPES = {
    FieldType.STRING: Shape(STRING_LENGTH_MAX),
    FieldType.STRINGS: Shape(DATA_BYTES_MAX, LIST_LENGTH_MAX, Shape(STRING_LENGTH_MAX)),
    FieldType.INTS: Shape(0, LIST_LENGTH_MAX, _NUMBER),
    FieldType.DOUBLES: Shape(0, LIST_LENGTH_MAX, _NUMBER),
}


def check(checked: bytes, text: str, variables: Mapping[str, FieldType]) -> frozenset[str]:
    """The variables that the serialised expression uses. Raises ExpressionInvalid where it could cost too much."""
    message = _Message(_Message(checked).part(2))  # google.protobuf.Any.value
    walk = _Walk(text, message, variables)
    walk.visit(message.part(4), 1, {})  # CheckedExpr.expr
    return frozenset(walk.names)


class _Walk:
    """One pass over an expression, adding up the worst case.

    The nanoseconds were measured for each operation of cel-expr-python 0.1.3 and rounded up. All operands count, though
    `&&`, `||` and `?` stop early. Memory is what stays in the arena.
    """

    def __init__(self, text: str, checked: "_Message", variables: Mapping[str, FieldType]) -> None:
        self.names: set[str] = set()
        self._text = text
        self._checked = checked
        self._variables = variables
        self._time_ns = 0.0
        self._memory_bytes = 0
        self._iterations = 0
        self._loop: int | None = None  # the id of the outermost comprehension being walked
        types = map(_Message, (entry for entry in checked.parts(3) if _DYN in entry))  # CheckedExpr.type_map
        self._dyn = {entry.number(1): _Message(entry.part(2)) for entry in types}

    def visit(self, expr: bytes, times: int, local: Mapping[str, Shape]) -> Shape:
        """The shape of an expression's value, after adding the cost of evaluating it `times` times."""
        self._spend(times, 40)
        message = _Message(expr)
        node = message.number(2)  # Expr.id
        for kind, bodies in message.contents.items():  # one of Expr.expr_kind
            body = _Message(bodies[0])
            match kind:
                case 3:
                    return self._constant(node, body)
                case 4:
                    return self._variable(body.text(1), local)
                case 5:  # Select.operand
                    return self.visit(body.part(1), times, local).item or _NUMBER
                case 6:
                    return self._call(node, body, times, local)
                case 7:
                    return self._list(node, [self.visit(part, times, local) for part in body.parts(1)], times)
                case 8:
                    return self._map(node, body, times, local)
                case 9:
                    return self._comprehension(node, body, times, local)
        return _NUMBER

    def _spend(self, times: int, time_ns: float, memory_bytes: int = 0) -> None:
        self._time_ns += times * time_ns
        self._memory_bytes += times * memory_bytes
        if self._time_ns > TIME_NS_MAX or self._memory_bytes > MEMORY_BYTES_MAX:
            message = "on the largest activity this would take too much time or memory; do less in one expression"
            raise self._refuse(self._loop, message)

    def _refuse(self, node: int | None, message: str) -> ExpressionInvalid:
        """The mistake at the place of a node."""
        for place in map(_Message, _Message(self._checked.part(5)).parts(4)):  # SourceInfo.positions
            if place.number(1) == node:
                return ExpressionInvalid.at(place.number(2), self._text, message)
        return ExpressionInvalid(message)

    def _constant(self, node: int, body: "_Message") -> Shape:
        text = body.text(6)  # Constant.string_value
        if "\0" in text:  # as a `by` it would reach the database, and PostgreSQL has no such character
            raise self._refuse(node, "a text cannot contain the character \\u0000")
        return Shape(chars=len(text))

    def _variable(self, name: str, local: Mapping[str, Shape]) -> Shape:
        if name in local:
            return local[name]
        name = name.lstrip(".")
        if name not in self._variables:
            return _NUMBER  # the name of a type
        self.names.add(name)
        return _SHAPES.get(self._variables[name], _NUMBER)

    def _call(self, node: int, body: "_Message", times: int, local: Mapping[str, Shape]) -> Shape:
        function = body.text(2)
        operands = [*body.parts(1), *body.parts(3)]  # Call.target, Call.args
        if function.startswith("get") and len(operands) == 2:
            self._check_zone(node, _Message(operands[1]))
        shapes = [self.visit(operand, times, local) for operand in operands]
        first, last = shapes[0], shapes[-1]
        time_ns: float = 80
        match function:
            case "_+_":
                joined = Shape(chars=first.chars + last.chars)
                self._spend(times, time_ns + 5 * joined.chars, 4 * joined.chars)  # a character has up to 4 bytes
                return joined
            case "contains":
                # Worst are a text and a part of one repeated character: each position compares up to half the text.
                time_ns += first.chars * (5 + min(last.chars, first.chars / 2) / 16)
            case "_==_" | "_!=_":
                time_ns += min(first.chars, last.chars) / 8 + 100 * min(first.values, last.values)
            case "@in":
                time_ns += last.chars / 8 + (100 if first.items else 30) * last.values
            case "startsWith" | "endsWith" | "_<_" | "_<=_" | "_>_" | "_>=_" | "_[_]":
                time_ns += last.chars / 8
            case "size":
                time_ns += 0 if first.items else 4 * first.chars
            case "int" | "double" | "string" | "timestamp" | "duration":
                time_ns += 500 + 5 * first.chars
            case _ if function.startswith("get"):
                time_ns += 400
        self._spend(times, time_ns)
        if function in ("_?_:_", "_[_]"):
            return _larger(shapes[1:]) if function == "_?_:_" else first.item or _NUMBER
        return Shape(chars=max(first.chars, 40)) if function == "string" else _NUMBER

    def _check_zone(self, node: int, operand: "_Message") -> None:
        """Only zones that are surely known: CEL would open any other name as a file, and wait for ever for a pipe."""
        if _Message(operand.part(4)).text(1).lstrip(".") == "member.time_zone":
            return
        zone = _Message(operand.part(3)).text(6)
        if not zone:
            raise self._refuse(node, 'write a time zone as a text, such as "Europe/London", or member.time_zone')
        if zone not in time_zones() and not _OFFSET_ZONE.fullmatch(zone):
            raise self._refuse(node, f'"{zone[:60]}" is not a time zone' + did_you_mean(zone, time_zones()))

    def _list(self, node: int, shapes: list[Shape], times: int) -> Shape:
        """A list, or what a map holds. Elements of several types make `dyn`, whose mistakes would show at run time."""
        if shapes and node in self._dyn:
            of = _Message(self._dyn[node].part(6) or self._dyn[node].part(7))  # Type.list_type, Type.map_type
            if any(part.startswith(_DYN) for number in (1, 2) for part in of.parts(number)):
                raise self._refuse(node, "the values between [ and ] or { and } must be of one type")
        self._spend(times, 100 + 60 * len(shapes), 64 + 48 * len(shapes))
        item = _larger(shapes)
        return Shape(chars=len(shapes) * item.chars, items=len(shapes), item=item)

    def _map(self, node: int, body: "_Message", times: int, local: Mapping[str, Shape]) -> Shape:
        if body.part(1):  # Struct.message_name
            raise self._refuse(node, f"{body.text(1)} is not available here")
        entries = [_Message(entry) for entry in body.parts(2)]
        self._spend(times, 400 + 500 * len(entries), 500 + 700 * len(entries))
        values = [self.visit(entry.part(number), times, local) for entry in entries for number in (3, 4)]
        return self._list(node, values, times)

    def _comprehension(self, node: int, body: "_Message", times: int, local: Mapping[str, Shape]) -> Shape:
        through = self.visit(body.part(2), times, local)
        outermost = self._loop is None
        if outermost:
            self._loop = node
        self._iterations += times * through.items
        if self._iterations > ITERATIONS_MAX:
            how = "look through one list, or write one of them out between [ and ]"
            raise self._refuse(
                self._loop, f"this looks through lists inside lists, up to {self._iterations:,} times; {how}"
            )
        result = {**local, body.text(3): _NUMBER}  # Comprehension.accu_var
        for count, item in _spread(through):
            inner = {**result, body.text(1): item}
            self.visit(body.part(5), times * count, inner)  # Comprehension.loop_condition
            self.visit(body.part(6), times * count, inner)  # Comprehension.loop_step
        self.visit(body.part(7), times, result)  # Comprehension.result; accu_init is a constant
        if outermost:
            self._loop = None
        return _NUMBER


def _spread(through: Shape) -> Iterator[tuple[int, Shape]]:
    """How the characters of a list can lie: evenly, or in as few large elements as possible. The costs of both together
    bound those of every mixture, as no cost grows more slowly than in proportion.
    """
    item = through.item or _NUMBER
    even = -(-through.chars // max(through.items, 1))
    # Short lists stand in the expression; to take all their elements as the largest keeps nested ones one walk each.
    if even >= item.chars or through.items < LIST_LENGTH_MAX:
        yield through.items, item
    else:
        yield through.items, Shape(even, item.items, item.item)
        yield -(-through.chars // item.chars), item


def _larger(shapes: list[Shape]) -> Shape:
    if len(shapes) < 2:
        return shapes[0] if shapes else _NUMBER
    items = [shape.item for shape in shapes if shape.item]
    chars, length = max(shape.chars for shape in shapes), max(shape.items for shape in shapes)
    return Shape(chars, length, _larger(items) if items else None)


class _Message:
    """One level of a protobuf message: the whole numbers in it, and the contents of all other fields."""

    __slots__ = ("_numbers", "contents")

    def __init__(self, content: bytes) -> None:
        self._numbers: dict[int, int] = {}
        self.contents: dict[int, list[bytes]] = {}
        at, end = 0, len(content)
        while at < end:
            tag, at = _varint(content, at)
            if tag & 7 == 0:
                self._numbers[tag >> 3], at = _varint(content, at)
                continue
            length, at = {1: (8, at), 5: (4, at)}.get(tag & 7) or _varint(content, at)
            self.contents.setdefault(tag >> 3, []).append(content[at : at + length])
            at += length

    def number(self, field: int) -> int:
        return self._numbers.get(field, 0)

    def parts(self, field: int) -> list[bytes]:
        return self.contents.get(field, [])

    def part(self, field: int) -> bytes:
        return self.contents.get(field, [b""])[0]

    def text(self, field: int) -> str:
        return self.part(field).decode()


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """The number that starts at a byte, seven bits in each, and where the next thing starts."""
    byte = content[at]
    if byte < 128:
        return byte, at + 1
    value, shift = byte & 127, 7
    while byte >= 128:
        at += 1
        byte = content[at]
        value |= (byte & 127) << shift
        shift += 7
    return value, at + 1
