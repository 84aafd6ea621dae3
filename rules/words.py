"""Conditions in words for members: what a rule or badge asks of an activity, and of whom it is for.

    activity_words('activity.network in ["linkedin", "x"] && activity.reach >= 1000')
                                            # "with network linkedin or x and with at least 1,000 reach"
    member_words('member.department != "Services"')                       # "whose department is not Services"

Only the frequent forms are known: one field compared with a value or a list of them, a field that is true or false, and
several of these joined all by && or all by ||. Whatever else stands in an expression, nothing is said of it, and it is
shown as it was written. It reads the text and not CEL's syntax tree: a rule of the past is told too whose fields are no
longer declared, with which CEL would not compile it. The expressions were checked when their programme was published.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

# Texts with an escape in them are left to CEL, and so are comments: what does not match here ends the reading.
_TOKEN = re.compile(
    r"""\s*(?:(?P<name>(?:activity|member)\.\w+)(?![\w.(])
    |(?P<word>true|false|in)\b
    |(?P<number>-?\d+(?:\.\d+)?)(?![\w.])
    |(?P<text>"[^"\\\n]*"|'[^'\\\n]*')
    |(?P<sign>&&|\|\||[=!<>]=|[<>!()\[\],]))\s*""",
    re.VERBOSE,
)
_COMPARED = ("==", "!=", "<", "<=", ">", ">=")
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}  # with the sides exchanged
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "holds": "lacks", "lacks": "holds"}
_NUMBERS = {"==": "exactly", "<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
_PLAIN = re.compile(r"\w(?:[\w .&'/:+-]*\w)?")  # a text that needs no quotes to be told from the words around it


class _Token(NamedTuple):
    kind: str
    text: str


class _Clause(NamedTuple):
    """One thing that is asked of one name: `how` is a comparison, or "holds" and "lacks" of a list."""

    name: str
    how: str
    values: tuple[_Token, ...]


def activity_words(condition: str) -> str | None:
    """What a condition asks of an activity, to follow its noun; None where it is not of the forms that are known."""
    return _joined(condition, of_members=False)


def member_words(condition: str) -> str | None:
    """What a condition over the member asks, to follow "members"; None where it is not of the forms that are known."""
    return _joined(condition, of_members=True)


def members(condition: str) -> str:
    """Whom an audience is for: "members whose department is not Services"."""
    return f"members {member_words(condition) or f'with {quoted(condition)}'}"


def name_words(name: str) -> str:
    """A name of an expression, as members read it: "activity.with_comment" is "with comment"."""
    return name.partition(".")[2].replace("_", " ").strip() or name


def by_words(expression: str) -> str:
    """What a value is of that an expression gives: a field's name, or the expression as it was written."""
    tokens = _tokens(expression)
    if tokens and [token.kind for token in tokens] == ["name"]:
        return name_words(tokens[0].text)
    return quoted(expression)


def quoted(expression: str) -> str:
    """An expression as it was written, in quotes that it does not hold itself."""
    mark = "'" if '"' in expression and "'" not in expression else '"'
    return f"{mark}{' '.join(expression.split())}{mark}"


def _joined(condition: str, *, of_members: bool) -> str | None:
    found = _clauses(_tokens(condition) or [])
    if found is None:
        return None
    clauses, joint = found
    if of_members and not all(clause.name.startswith("member.") for clause in clauses):
        return None
    return f" {joint} ".join(_told(clause, of_members=of_members) for clause in clauses)


def _tokens(condition: str) -> list[_Token] | None:
    tokens, at = [], 0
    while at < len(condition):
        match = _TOKEN.match(condition, at)
        if match is None:
            return None
        kind = match.lastgroup or ""
        tokens.append(_Token(kind, match[kind]))
        at = match.end()
    return tokens


def _clauses(tokens: Sequence[_Token]) -> tuple[list[_Clause], str] | None:
    """The clauses of a condition and what joins them; None where one is not known, or && and || are mixed."""
    tokens = _bare(tokens)
    parts: list[list[_Token]] = [[]]
    joints: set[str] = set()
    depth = 0
    for token in tokens:
        depth += _depth(token)
        if not depth and token.kind == "sign" and token.text in ("&&", "||"):
            joints.add(token.text)
            parts.append([])
        else:
            parts[-1].append(token)
    if len(joints) > 1:
        return None
    clauses = []
    for part in parts:
        clause = _clause(part)
        if clause is None:
            return None
        clauses.append(clause)
    return clauses, "or" if joints == {"||"} else "and"


def _clause(tokens: Sequence[_Token]) -> _Clause | None:
    tokens = _bare(tokens)
    if tokens and tokens[0] == ("sign", "!"):
        # It binds more tightly than any comparison, so what it turns round is a name or stands in brackets.
        rest = tokens[1:]
        clause = _clause(rest) if _stands_alone(rest) else None
        return clause and clause._replace(how=_OPPOSITE[clause.how])
    match [token.kind for token in tokens]:
        case ["name"]:
            return _Clause(tokens[0].text, "==", (_Token("word", "true"),))
        case ["name", "sign", _] if tokens[1].text in _COMPARED and _is_value(tokens[2]):
            return _Clause(tokens[0].text, tokens[1].text, (tokens[2],))
        case [_, "sign", "name"] if tokens[1].text in _COMPARED and _is_value(tokens[0]):
            how = tokens[1].text
            return _Clause(tokens[2].text, _TURNED.get(how, how), (tokens[0],))
        case ["name", "word", "sign", *_, "sign"] if tokens[1].text == "in" and tokens[2].text == "[":
            values = tokens[3:-1:2]
            apart = all(token == ("sign", ",") for token in tokens[4:-1:2])
            if tokens[-1].text == "]" and len(tokens) % 2 == 1 and apart and all(map(_is_value, values)):
                return None if not values else _Clause(tokens[0].text, "==", tuple(values))
        case [_, "word", "name"] if tokens[1].text == "in" and _is_value(tokens[0]):
            return _Clause(tokens[2].text, "holds", (tokens[0],))
    return None


def _stands_alone(tokens: Sequence[_Token]) -> bool:
    """Whether tokens are a name, something in brackets, or the opposite of one of them."""
    while tokens and tokens[0] == ("sign", "!"):
        tokens = tokens[1:]
    return len(tokens) == 1 or len(_bare(tokens)) < len(tokens)


def _bare(tokens: Sequence[_Token]) -> Sequence[_Token]:
    """The tokens without the brackets around all of them."""
    while len(tokens) > 1 and tokens[0].text == "(" and tokens[-1].text == ")":
        depth = 0
        for token in tokens[:-1]:
            depth += _depth(token)
            if not depth:
                return tokens
        tokens = tokens[1:-1]
    return tokens


def _depth(token: _Token) -> int:
    return 0 if token.kind != "sign" else (token.text in "([") - (token.text in ")]")


def _is_value(token: _Token) -> bool:
    return token.kind in ("number", "text") or token.text in ("true", "false")


def _told(clause: _Clause, *, of_members: bool) -> str:
    """One clause in words. Of members among activities it says so: "by members whose location is Paris"."""
    owner = "member" if clause.name.startswith("member.") else "activity"
    words = _of_member(clause) if owner == "member" else _of_activity(clause)
    return f"by members {words}" if owner == "member" and not of_members else words


def _of_activity(clause: _Clause) -> str:
    name, how, values = name_words(clause.name), clause.how, clause.values
    if common := _common(name, how, values):
        return common
    if values[0].text in ('""', "''") and len(values) == 1:
        return f"with {name}" if how == "!=" else f"without {name}"
    told = _values(values)
    return f"with {name} {told}" if how == "==" else f"with {name} other than {told}"


def _of_member(clause: _Clause) -> str:
    name, how, values = name_words(clause.name), clause.how, clause.values
    if common := _common(name, how, values):
        return common
    if values[0].text in ('""', "''") and len(values) == 1:
        return f"whose {name} is known" if how == "!=" else f"whose {name} is not known"
    told = _values(values)
    return f"whose {name} is {told}" if how == "==" else f"whose {name} is not {told}"


def _common(name: str, how: str, values: tuple[_Token, ...]) -> str | None:
    """What is told alike of activities and members: whether something is so, numbers, and what a list holds."""
    value = values[0]
    if how in ("holds", "lacks"):
        return f"with {_value(value)} {'among' if how == 'holds' else 'not among'} {name}"
    if len(values) > 1:
        return None
    if value.kind == "word":
        return f"{'' if (value.text == 'true') is (how == '==') else 'not '}marked {name}"
    if value.kind == "number" and how in _NUMBERS:
        number = _value(value)
        # "at least 1 reads" would be wrong, and which word is for one nobody knows here.
        return (
            f"with {name} of {_NUMBERS[how]} {number}" if value.text == "1" else f"with {_NUMBERS[how]} {number} {name}"
        )
    if how not in ("==", "!="):
        return f"with {name} {how} {_value(value)}"  # texts, in the order of their characters
    return None


def _values(values: Sequence[_Token]) -> str:
    *most, last = [_value(value) for value in values]
    return f"{', '.join(most)} or {last}" if most else last


def _value(token: _Token) -> str:
    if token.kind == "number":
        return token.text if "." in token.text else f"{int(token.text):,}"
    if token.kind == "text":
        inside = token.text[1:-1]
        return inside if _PLAIN.fullmatch(inside) else token.text
    return token.text
