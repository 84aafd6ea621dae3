"""Conditions and amounts: expressions over one activity and what is known of its member.

They are written in CEL (Common Expression Language, https://cel.dev), checked against the catalogue when a programme is
read, and evaluated for every activity. This is the only module that knows cel-expr-python.

    scope = Scope({"reach": FieldType.INT}, attributes={"joined": FieldType.DATE})
    condition = scope.compile("activity.reach > 100 && activity.time > member.joined", {FieldType.BOOL})
    activation = scope.activation(condition.names, activity, facts)      # once for all expressions of an activity
    condition.evaluate(activation)                                       # True or False
"""

import os
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from importlib import resources
from math import isfinite
from operator import attrgetter
from typing import TypeAlias

from cel_expr_python import cel  # type: ignore[import-untyped]  # it has a stub, but no py.typed

from activity.activity import Activity
from activity.catalogue import FieldType
from activity.member import Facts
from errors import LaurelsError
from rules import guard, wording
from rules.recall import Key, Recall, Room, Subject, key_of
from rules.wording import ExpressionInvalid

__all__ = [
    "LENGTH_MAX",
    "MEMBER_FIELDS",
    "RESERVED_FIELDS",
    "Activation",
    "EvaluationFailed",
    "Expression",
    "ExpressionInvalid",
    "Scalar",
    "Scope",
]

LENGTH_MAX = 2_048  # characters of one expression

RESERVED_FIELDS = ("type", "source", "time")  # of every activity; no field of the catalogue may have these names
MEMBER_FIELDS = ("team", "location", "department", "time_zone")  # of every member; no attribute may have these names

Scalar: TypeAlias = bool | int | float | str

# CEL reads time zones from files. These are pinned with the service, so that a replay on another machine gives the same
# hours, and machines without zone files (slim containers) work.
os.environ["TZDIR"] = str(resources.files("tzdata").joinpath("zoneinfo"))

# Only what is named here exists. `_+_` joins no lists or bytes; `map`, `filter` and `matches` would cost without bound;
# `type` and `dyn` would get round the types; `has` says nothing, as every field is there.
_CONFIG = f"""
stdlib:
  include_macros: [{", ".join(guard.MACROS)}]
  include_functions:
    - name: "_+_"
      overloads:
        - id: add_int64
        - id: add_double
        - id: add_string
        - id: add_duration_duration
        - id: add_duration_timestamp
        - id: add_timestamp_duration
""" + "".join(f'    - name: "{name}"\n' for name in (*guard.OPERATORS, *guard.COMPARISONS, *guard.FUNCTIONS))

_TYPES = {
    FieldType.BOOL: cel.Type.BOOL,
    FieldType.INT: cel.Type.INT,
    FieldType.DOUBLE: cel.Type.DOUBLE,
    FieldType.STRING: cel.Type.STRING,
    FieldType.DATE: cel.Type.TIMESTAMP,
    FieldType.TIMESTAMP: cel.Type.TIMESTAMP,
    FieldType.STRINGS: cel.Type.List(cel.Type.STRING),
    FieldType.INTS: cel.Type.List(cel.Type.INT),
    FieldType.DOUBLES: cel.Type.List(cel.Type.DOUBLE),
}

_TIMES = (FieldType.DATE, FieldType.TIMESTAMP)  # written as text, bound as times

# What an expression can give: CEL's name, Python's type, how a manager calls it, how another value becomes one.
_RESULTS: dict[FieldType, tuple[str, type[Scalar], str, str]] = {
    FieldType.BOOL: ("BOOL", bool, "true or false (bool)", "compare it with something"),
    FieldType.INT: ("INT", int, "a whole number (int)", "wrap it in int(...)"),
    FieldType.DOUBLE: ("DOUBLE", float, "a number (double)", "wrap it in double(...)"),
    FieldType.STRING: ("STRING", str, "a text (string)", "wrap it in string(...)"),
}
_CONVERTIBLE = {
    FieldType.BOOL: ("INT", "DOUBLE", "STRING", "TIMESTAMP", "DURATION"),
    FieldType.INT: ("DOUBLE",),
    FieldType.DOUBLE: ("INT",),
    FieldType.STRING: ("INT", "DOUBLE", "TIMESTAMP"),
}

_ERROR = cel.Type.ERROR


class EvaluationFailed(LaurelsError):
    """An expression has no value for this activity: a division by zero, an overflow, a value that is missing."""


class Activation:
    """What expressions are evaluated on. CEL is given its values when one of them first comes to CEL."""

    __slots__ = ("_bind", "_bound", "_names", "activity", "facts")

    def __init__(
        self,
        bind: Callable[[Collection[str], Activity, Facts], cel.Activation],
        names: Collection[str],
        activity: Activity,
        facts: Facts,
    ) -> None:
        self.activity = activity
        self.facts = facts
        self._bind = bind
        self._names = names
        self._bound: cel.Activation | None = None

    def bound(self) -> cel.Activation:
        if self._bound is None:
            self._bound = self._bind(self._names, self.activity, self.facts)
        return self._bound


class Scope:
    """The names an expression may use when it looks at activities of one type.

    `fields` are those of the catalogue, without RESERVED_FIELDS; `attributes` those of members, without MEMBER_FIELDS.
    """

    def __init__(self, fields: Mapping[str, FieldType], attributes: Mapping[str, FieldType]) -> None:
        self._variables = _ALWAYS | {f"activity.{name}": type_ for name, type_ in fields.items()}
        self._variables |= {f"member.{name}": type_ for name, type_ in attributes.items()}
        self._of_activity = _OF_ACTIVITY | {f"activity.{name}": _of_data(name, type_) for name, type_ in fields.items()}
        self._of_member = _OF_MEMBER | {
            f"member.{name}": _of_attributes(name, type_) for name, type_ in attributes.items()
        }
        self._env = cel.NewEnv(
            config=cel.NewEnvConfigFromYaml(_CONFIG),
            variables={name: _TYPES[type_] for name, type_ in self._variables.items()},
        )
        self._room = Room()

    def compile(self, text: str, expected: Collection[FieldType]) -> "Expression":
        """The expression of one of the `expected` types, which are among bool, int, double and string.

        Raises ExpressionInvalid, with a place in the text, for one that cannot be read, has another type, or could cost
        more than `rules.guard` admits.
        """
        if not text.strip():
            raise ExpressionInvalid("an expression is missing here")
        if len(text) > LENGTH_MAX:
            raise ExpressionInvalid(f"an expression has at most {LENGTH_MAX:,} characters, and this has {len(text):,}")
        for at, character in enumerate(text):
            if character == "\0" or "\ud800" <= character <= "\udfff":
                raise ExpressionInvalid.at(at, text, f"the character U+{ord(character):04X} cannot be used")
        try:
            program = self._env.compile(text)
        except Exception as error:
            raise wording.explain(str(error), text, self._variables) from None
        names = guard.check(program.serialize(), text, self._variables)
        given = program.return_type().name()
        for type_ in expected:
            name, python_type, _, _ = _RESULTS[type_]
            if given == name:
                return Expression(text, names, program, python_type, self._recall(names))
        raise ExpressionInvalid(_wrong_result(given, expected))

    def activation(self, names: Collection[str], activity: Activity, facts: Facts) -> Activation:
        """What the expressions that use `names` are evaluated on; build it once for one activity and all its rules."""
        return Activation(self._bind, names, activity, facts)

    def _bind(self, names: Collection[str], activity: Activity, facts: Facts) -> cel.Activation:
        """The values of these names. One that is missing stays unbound: only an expression that needs it fails."""
        values = {}
        for name in names:
            of_activity = self._of_activity.get(name)
            value = of_activity(activity) if of_activity else self._of_member[name](facts)
            if value is not None:
                values[name] = value
        return self._env.Activation(values)

    def _recall(self, names: Collection[str]) -> Recall | None:
        """What remembers an expression over these names, if it can be."""
        parts = []
        for name in sorted(names):
            field = name.removeprefix("activity.") if name in self._of_activity and name not in _OF_ACTIVITY else None
            parts.append((field, self._value_of(name), self._variables[name]))
        key = key_of(parts)
        return Recall(key, self._room) if key else None

    def _value_of(self, name: str) -> Key:
        of_activity, of_member = self._of_activity.get(name), self._of_member.get(name)

        def value(subject: Subject) -> object:
            if of_activity:
                return of_activity(subject.activity)
            return of_member(subject.facts) if of_member else None

        return value


class Expression:
    """One checked expression. `names` are the variables that it uses, such as `activity.url`."""

    __slots__ = ("_eval", "_is_name", "_python_type", "_recall", "names", "text")

    def __init__(
        self,
        text: str,
        names: frozenset[str],
        program: cel.Expression,
        python_type: type[Scalar],
        recall: Recall | None,
    ) -> None:
        self.text = text
        self.names = names
        self._eval = program.eval
        self._python_type = python_type
        self._recall = recall
        self._is_name = text.strip() in names

    def evaluate(self, activation: Activation | None) -> Scalar:
        """The value for one activity; an expression without names needs no activation. Raises EvaluationFailed."""
        recall = self._recall
        if recall is None or activation is None:
            return self._evaluated(activation)
        key = recall.key(activation)
        if key is None:
            return self._evaluated(activation)
        if self._is_name:
            return key  # type: ignore[return-value]  # a variable alone, whose type was compared
        value = recall.known.get(key)
        if value is None:
            value = self._evaluated(activation)
            if not recall.keep(key, value):
                self._recall = None
        else:
            recall.hits += 1
        return value

    def _evaluated(self, activation: Activation | None) -> Scalar:
        """The value as CEL finds it.

        CEL raises some failures and returns others as a value of the type ERROR, whose content is a str. Asking for the
        type takes 0.6 of the 1.5 us of an evaluation, so only a str is asked.
        """
        try:
            result = self._eval(activation.bound() if activation is not None else None)
            value = result.value()
        except Exception as error:
            raise EvaluationFailed(wording.explain_failure(str(error))) from None
        kind = type(value)
        if kind is not self._python_type:  # only an error is of another type, and then a text
            raise EvaluationFailed(wording.explain_failure(str(value)))
        if kind is str and result.type() == _ERROR:
            raise EvaluationFailed(wording.explain_failure(value))
        if kind is float and not isfinite(value):
            raise EvaluationFailed("the result is not a finite number")
        return value  # type: ignore[no-any-return]  # the stub's Any; its type has just been compared


def _wrong_result(given: str, expected: Collection[FieldType]) -> str:
    plain = given.lower().replace("<", "(").replace(">", ")")
    results = [type_ for type_ in _RESULTS if type_ in expected]
    wanted = ", or ".join(_RESULTS[type_][2] for type_ in results)
    hints = [_RESULTS[type_][3] for type_ in results if given in _CONVERTIBLE[type_]]
    return f"this must be {wanted}, but it is {plain}" + (f"; {hints[0]}" if hints else "")


def _instant(text: object) -> datetime | None:
    """ISO 8601 text as an aware time; a date is its midnight in UTC."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _of_data(name: str, type_: FieldType) -> Callable[[Activity], object]:
    if type_ in _TIMES:
        return lambda activity: _instant(activity.data.get(name))
    return lambda activity: activity.data.get(name)


def _of_attributes(name: str, type_: FieldType) -> Callable[[Facts], object]:
    if type_ in _TIMES:
        return lambda facts: _instant(facts.attributes.get(name))
    return lambda facts: facts.attributes.get(name)


def _zone(facts: Facts) -> str | None:
    """The member's zone, which CEL takes for UTC where it is empty; nothing for a name that it would open as a file."""
    zone = facts.time_zone or ""
    return zone if zone in guard.time_zones() or not zone else None


_ALWAYS = {f"activity.{name}": FieldType.STRING for name in RESERVED_FIELDS}
_ALWAYS |= {f"member.{name}": FieldType.STRING for name in MEMBER_FIELDS}
_ALWAYS["activity.time"] = FieldType.TIMESTAMP

_OF_ACTIVITY: dict[str, Callable[[Activity], object]] = {
    "activity.type": attrgetter("type"),
    "activity.source": attrgetter("source"),
    "activity.time": attrgetter("time"),
}
_OF_MEMBER: dict[str, Callable[[Facts], object]] = {
    "member.team": lambda facts: facts.team or "",
    "member.location": lambda facts: facts.location or "",
    "member.department": lambda facts: facts.department or "",
    "member.time_zone": _zone,
}
