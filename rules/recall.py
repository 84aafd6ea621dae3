"""Recall: what an expression said is remembered. It says the same of the same values, and of most fields there are few.

Memory stays bounded: so many values of each expression, and of all that share a room. What is not remembered is
evaluated, and an expression whose values hardly ever come again stops remembering.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from activity.activity import Activity
from activity.catalogue import FieldType
from activity.member import Facts

Scalar = bool | int | float | str

KEPT_MAX = 20_000  # values of one expression
ROOM = 30_000  # values of all expressions over one activity type
TRIED = 1_000  # values, after which one in HIT_OF must have been met again
HIT_OF = 100
NAMES_MAX = 3  # of an expression that is remembered: looking up more takes as long as it saves

# What is the same in Python and CEL, so that a value of just this type can stand for itself.
PLAIN = {FieldType.STRING: str, FieldType.INT: int, FieldType.BOOL: bool}


class Subject(Protocol):
    """What an expression is evaluated on."""

    activity: Activity
    facts: Facts


Key = Callable[[Subject], object]
Part = tuple[str | None, Callable[[Subject], object], type]  # field of the activity's data if it is one, value, type


def key_of(parts: Sequence[tuple[str | None, Callable[[Subject], object], FieldType]]) -> Key | None:
    """What gives the values of an expression's variables, or None where one is missing or of another type than it
    says. No key where values of these types can stand for nothing, or there are too many."""
    if not 0 < len(parts) <= NAMES_MAX or any(type_ not in PLAIN for _, _, type_ in parts):
        return None
    known = [(field, value, PLAIN[type_]) for field, value, type_ in parts]
    return _one(*known[0]) if len(known) == 1 else _several(known)


def _one(field: str | None, value_of: Callable[[Subject], object], type_: type) -> Key:
    def of_data(subject: Subject) -> object:
        value = subject.activity.data.get(field)  # type: ignore[arg-type]
        return value if type(value) is type_ else None

    def of_other(subject: Subject) -> object:
        value = value_of(subject)
        return value if type(value) is type_ else None

    return of_data if field is not None else of_other


def _several(parts: Collection[Part]) -> Key:
    def values(subject: Subject) -> object:
        found = []
        data = subject.activity.data
        for field, value_of, type_ in parts:
            value = value_of(subject) if field is None else data.get(field)
            if type(value) is not type_:
                return None
            found.append(value)
        return tuple(found)

    return values


class Room:
    """How many values may still be remembered."""

    __slots__ = ("left",)

    def __init__(self, left: int = ROOM) -> None:
        self.left = left


class Recall:
    """What one expression said. `known` is looked up by whoever evaluates it, who counts the `hits`."""

    __slots__ = ("_room", "hits", "key", "known")

    def __init__(self, key: Key, room: Room) -> None:
        self.key = key
        self.known: dict[object, Scalar] = {}
        self.hits = 0
        self._room = room

    def keep(self, key: object, value: Scalar) -> bool:
        """Remember a value, if there is room. False when it is not worth while to go on."""
        if not self._room.left or len(self.known) >= KEPT_MAX:
            return True
        self._room.left -= 1
        self.known[key] = value
        if len(self.known) == TRIED and self.hits * HIT_OF < TRIED:
            self._room.left += TRIED
            return False
        return True
