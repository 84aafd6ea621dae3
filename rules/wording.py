"""What CEL says of an expression, in words a manager understands and with the place to look at.

Pure text: `explain` reads all errors of a compilation, `explain_failure` one of an evaluation. The phrases matched here
are those of cel-expr-python 0.1.3; a phrase that is not known passes through, cleaned of codes.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from errors import LaurelsError

MESSAGE_LENGTH_MAX = 300  # a message can quote the activity's data or the whole expression
ERROR_LENGTH_READ = 200_000  # CEL quotes the expression's line with each of its errors
MISTAKES_MAX = 20  # told of one expression

# How each function is written. These are all that an expression can call; the guard knows what each costs.
USAGE = {
    "all": 'activity.tags.all(tag, tag != "ad")',
    "contains": 'activity.url.contains("/blog/")',
    "double": "double(activity.reach)",
    "duration": 'duration("36h")',
    "endsWith": 'activity.url.endsWith(".pdf")',
    "exists": 'activity.tags.exists(tag, tag == "ai")',
    "exists_one": 'activity.tags.exists_one(tag, tag == "ai")',
    **{
        name: f'activity.time.{name}("Europe/London")'
        for name in (
            "getDate",
            "getDayOfMonth",
            "getDayOfWeek",
            "getDayOfYear",
            "getFullYear",
            "getHours",
            "getMilliseconds",
            "getMinutes",
            "getMonth",
            "getSeconds",
        )
    },
    "int": "int(activity.score)",
    "size": "size(activity.tags)",
    "startsWith": 'activity.url.startsWith("https://")',
    "string": "string(activity.reach)",
    "timestamp": 'timestamp("2026-04-01T00:00:00Z")',
}

_ERROR = re.compile(r"^(?:[A-Z_]+: )?ERROR: <input>:(-?\d+):(-?\d+): (.*)$", re.MULTILINE)
_CODES = re.compile(r"^(?:[A-Z_]+: )+|\s*\[[A-Z_]+\]$")
_ARITHMETIC = ("+", "-", "*", "/", "%")
_COMPARISON = ("<", "<=", ">", ">=", "==", "!=")
# A name, number or plain text that is all of an operand: nothing that binds more tightly stands at its other side.
_ALONE = r"""(-?[\w.]+|"[^"\\]*"|'[^'\\]*')"""
_ALONE_BEFORE = re.compile(rf"(?:^|[(\[,?:<>=]|&&|\|\|)\s*{_ALONE}\s*$")
_ALONE_AFTER = re.compile(rf"^\s*{_ALONE}\s*(?:$|[)\],?:<>=!]|&&|\|\|)")


class ExpressionInvalid(LaurelsError):
    """An expression cannot be used. `line` and `column` count from 1 inside its text.

    Where it has more than one mistake, this is the first, and `further` has the others in the order of the text.
    """

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.further: tuple[ExpressionInvalid, ...] = ()

    def each(self) -> "tuple[ExpressionInvalid, ...]":
        """Every mistake of the expression."""
        return (self, *self.further)

    @classmethod
    def at(cls, offset: int, text: str, message: str) -> "ExpressionInvalid":
        """The mistake at the character `offset` of `text`."""
        before = text[:offset]
        return cls(message, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def explain(error: str, text: str, names: Collection[str]) -> ExpressionInvalid:
    """The mistakes that CEL's `error` reports of `text`, where the expression may use `names`.

    Of a text that cannot be read only the first is told: the others may well follow from it.
    """
    if re.search(r"recursion (limit|depth)", error.partition("\n")[0]):
        return ExpressionInvalid(
            "this is nested too deeply; at most 32 brackets inside one another, or 32 parts joined by + - * / in a row"
        )
    errors = _ERROR.findall(error[:ERROR_LENGTH_READ])
    found = [(_offset(text, int(line), int(column)), message) for line, column, message in errors]
    if not found:
        return ExpressionInvalid(clean(error))
    unread = [each for each in found if each[1].startswith("Syntax error")]
    # Of `tags.map(x, x)` CEL first says that x is unknown, then that map is. The second is the cause.
    calls = any(message.startswith("undeclared") and text[at : at + 1] == "(" for at, message in found)
    causes = unread[:1] or [each for each in found if not (calls and _is_bare(*each, text))] or found[:1]
    told = [_told(at, message, text, names) for at, message in causes[:MISTAKES_MAX]]
    first, *further = sorted(told, key=lambda each: (each.line, each.column))
    first.further = tuple(further)
    return first


def _is_bare(at: int, message: str, text: str) -> bool:
    """Whether an error is of a single unknown name, such as a macro would declare."""
    return text[at : at + 1] != "(" and bool(re.match(r"undeclared reference to '\w+'", message))


def _told(at: int, message: str, text: str, names: Collection[str]) -> ExpressionInvalid:
    for pattern, say in _KINDS:
        if match := re.match(pattern, message):
            at, words = say(_Said(match, at, text, names))
            return ExpressionInvalid.at(at, text, shorten(words))
    return ExpressionInvalid.at(at, text, clean(message))


def explain_failure(error: str) -> str:
    """Why an evaluation failed."""
    if match := re.search(r'No value with name "((\w+)\..+?)" found', error):
        return f"{match[1]} has no value for this {match[2]}"
    if match := re.search(r"Index error: index=(-?\d+) size=(\d+)", error):
        return f"there is no element [{match[1]}] in a list of {match[2]}; the first is [0]"
    if "Key not found" in error:  # CEL quotes the key; data has no place in a message that outlives it
        return "there is no such key between { and }"
    if "divide by zero" in error or "modulus by zero" in error:
        return "it divides by zero"
    if "overflow" in error or "out of int64 range" in error or "too big to convert" in error:
        return "a number or a time is too large"
    if "duplicate key in map" in error:
        return "a key is written twice between { and }"
    return clean(error)


def clean(error: str) -> str:
    """CEL's own first line, without its codes."""
    line = error.partition("\n")[0].replace("ERROR: <input>:", "")
    return shorten(_CODES.sub("", line).strip() or "this cannot be understood")


def shorten(message: str) -> str:
    return message if len(message) <= MESSAGE_LENGTH_MAX else message[: MESSAGE_LENGTH_MAX - 3] + "..."


def did_you_mean(word: str, choices: Iterable[str], otherwise: str = "") -> str:
    close = get_close_matches(word[:100], list(choices), n=1, cutoff=0.7)
    return f"; did you mean {close[0]}?" if close else otherwise


def _offset(text: str, line: int, column: int) -> int:
    """The character that CEL's line and column mean; where it knows none (-1), the first."""
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(max(start + column - 1, 0), len(text))


@dataclass(frozen=True, slots=True)
class _Said:
    """One error of CEL, at a character of the text."""

    match: re.Match[str]
    at: int
    text: str
    names: Collection[str]


def _undeclared(said: _Said) -> tuple[int, str]:
    name, at, text, names = said.match[1], said.at, said.text, said.names
    if text[at : at + 1] == "(":
        at = _back(text, at, name)
        if name in USAGE:
            return at, f"{name} is written like {USAGE[name]}"
        return at, f"{name} is not available here" + did_you_mean(
            name, USAGE, f"; the functions are {', '.join(USAGE)}"
        )
    owner, _, field = name.partition(".")
    own = sorted(known for known in names if known.startswith(f"{owner}."))
    if not field and own:
        return at, f"{name} is not a value; write one of {', '.join(own)}"
    what = {"activity": "is not a field of this activity", "member": "is not known of a member"}
    hint = f"; there are {', '.join(own)}" if own else "; names begin with activity. or member."
    for among in (own, sorted(names)):
        ends = {known.partition(".")[2]: known for known in among}
        if close := get_close_matches((field or owner).lower()[:100], ends, n=1, cutoff=0.7):
            hint = f"; did you mean {ends[close[0]]}?"
            break
    at = _back(text, at, name[: name.rfind(".")]) if field else at
    return at, f"{name} {what.get(owner, 'is not a name that can be used here')}{hint}"


def _mismatch(said: _Said) -> tuple[int, str]:
    at, text, function, types = said.at, said.text, said.match[1], _types(said.match[2])
    operator = function.strip("_@")
    before, after = text[:at], text[at + len(operator) :]
    inside = re.search(r"(\w+)\s*$", before) if text[at : at + 1] == "(" else None
    if inside and "_" in function:  # the operators that all, exists and exists_one are made of
        condition = types[0] if function == "_?_:_" else types[-1]
        return at, f"the condition in {inside[1]}(...) must be true or false (bool), not {condition}"
    if function == "_?_:_":
        if types[0] != "bool":
            return at, f"what stands before ? must be true or false (bool), not {types[0]}"
        return at, f"both results of ? and : must have one type, not {types[1]} and {types[2]}"
    if function in ("_&&_", "_||_"):
        return at, f"'{operator}' needs true or false (bool) on both sides, not {types[0]} and {types[1]}"
    if function == "@in":
        hint = "; for a part of a text write text.contains(part)" if types == ["string", "string"] else ""
        return at, f"'in' cannot look for {types[0]} in {types[1]}{hint}"
    if len(types) == 2 and operator in _ARITHMETIC + _COMPARISON:
        verb = "compare" if operator in _COMPARISON else "combine"
        hint = _conversion(operator, types, _ALONE_BEFORE.search(before), _ALONE_AFTER.search(after))
        return at, f"'{operator}' cannot {verb} {types[0]} with {types[1]}{hint}"
    if function in USAGE:
        at = _back(text, at, function)
        return at, f"{function} cannot be used with {', '.join(types)}; it is written like {USAGE[function]}"
    return at, f"'{function.replace('_', '')}' cannot be used with {', '.join(types)}"


def _conversion(operator: str, types: list[str], before: re.Match[str] | None, after: re.Match[str] | None) -> str:
    """How to make two operands of one type. Quotes an operand only where it surely is all that stands on its side."""
    operand = dict(zip(types, (before[1] if before else "", after[1] if after else ""), strict=True))
    pair = set(types)
    if pair == {"int", "double"}:
        whole, fraction = operand["int"], operand["double"]
        if whole.lstrip("-").isdigit():
            return f"; write {whole}.0 instead of {whole}"
        if whole and fraction.endswith(".0"):
            return f"; write {fraction[:-2]} instead of {fraction}, or double({whole})"
        return f"; write double({whole})" if whole else "; wrap the whole number in double(...)"
    if pair == {"timestamp", "string"}:
        return f"; a time is written like {USAGE['timestamp']}"
    if pair == {"int", "string"}:
        whole, quoted = operand["int"], operand["string"]
        if operator == "+":
            return f"; write string({whole or '...'})"
        if whole.lstrip("-").isdigit():
            return f'; write "{whole}" instead of {whole}'
        if quoted[1:-1].isdigit():
            return f"; write {quoted[1:-1]} instead of {quoted}"
    return ""


def _unreadable(said: _Said) -> tuple[int, str]:
    at, token = said.at, said.match[1]
    if token[:1] in ('"', "'"):
        return at, "this text has no closing quotation mark on its line, or a \\ in it that must be written \\\\"
    if token[:1] in "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb":
        return at, "write straight quotation marks around a text"
    write = {"=": "==", "&": "&&", "|": "||", "\u2265": ">=", "\u2264": "<=", "\u2260": "!="}.get(token[:1])
    return at, f"{token[:1]!r} does not belong here" + (f"; write {write}" if write else "")


def _unexpected(said: _Said) -> tuple[int, str]:
    at, match = said.at, said.match
    if match[1] == "<EOF>":
        return at, "the expression ends too early" + ("; a ? needs a :" if match[2] == " expecting ':'" else "")
    write = {"and": "&&", "or": "||", "not": "!"}.get(match[1].lower())
    return at, f"'{match[1]}' does not belong here" + (f"; write {write}" if write else "")


def _part(said: _Said) -> tuple[int, str]:
    named = re.match(r"\s*\.\s*(\w+)", said.text[said.at :])
    name = named[1] if named else "part"
    hint = f"; {name} is written like {USAGE[name]}" if name in USAGE else ""
    return said.at, f"a {_types(said.match[1])[0]} has no {name}{hint}"


def _types(listed: str) -> list[str]:
    """The types in a list such as `int, list(google.protobuf.Timestamp)`, under the names that expressions use."""
    listed = re.sub(r"google\.protobuf\.(\w)", lambda match: match[1].lower(), listed).replace("null_type", "null")
    types, depth = [""], 0
    for character in listed.replace(" ", ""):
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            types.append("")
        else:
            types[-1] += character
    return types


def _back(text: str, at: int, name: str) -> int:
    """Where `name` starts that ends at `at`."""
    return at - len(name) if text[:at].endswith(name) else at


_KINDS: list[tuple[str, Callable[[_Said], tuple[int, str]]]] = [
    (r"undeclared reference to '(.*)' \(in container", _undeclared),
    (r"found no matching overload for '(.*)' applied to '\((.*)\)'", _mismatch),
    (r"Syntax error: token recognition error at: '(.*)", _unreadable),
    (r"Syntax error: (?:mismatched|extraneous) input '(.*?)'( expecting .*)", _unexpected),
    (r"Syntax error: missing '(.*?)' at", lambda said: (said.at, f"a {said.match[1]} is missing here")),
    (r"Syntax error: no viable .* input '(.*)'", lambda said: (said.at, f"'{said.match[1]}' does not belong here")),
    (r"reserved identifier: (\w+)", lambda said: (said.at, f"{said.match[1]} has no meaning here")),
    (r"invalid u?int literal", lambda said: (said.at, "this whole number is too large")),
    (
        r"expression of type '(.*)' cannot be the range",
        lambda said: (said.at, f"all, exists and exists_one look through a list, not {_types(said.match[1])[0]}"),
    ),
    (r"expression of type '(.*)' cannot be the operand of a select", _part),
]
