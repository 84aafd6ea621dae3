"""Names that a mapping reads in objects, sought in the rows of a file: one that none has is perhaps misspelt.

Objects may leave names out, so that nothing is refused for a name that no row has; but one that differs from a name
they have by a letter, or two letters exchanged, is a mistake, and of every other it is told once all rows were read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from activity.importer import FileInvalid

NAMES_MAX = 200  # that are remembered beside a path
NAME_LENGTH_MAX = 100  # of each


@dataclass(frozen=True, slots=True)
class Unfound:
    """A name that rows could have had where a mapping reads it, and none had."""

    path: str  # up to that name
    reader: str
    line: int  # of the mapping
    beside: tuple[str, ...]  # what rows have there instead, as paths; empty where what they have holds no names


class Sought:
    """One path, and what rows have in its place."""

    def __init__(self, path: str, reader: str, line: int = 0) -> None:
        self.reader = reader
        self.line = line
        self.is_found = False
        self._path = path.split(".")
        self._found = 0  # how many names of the path some row has
        self._beside: dict[str, None] = {}  # names where the path ends that rows have
        self._is_plain = False  # whether some row has there what holds no names, such as a text

    def look(self, row: Any) -> None:
        """Follows the path into a row."""
        value = row
        for depth, name in enumerate(self._path):
            if isinstance(value, list):
                index = int(name) if name.isdecimal() and len(name) < 4 else 0
                value = value[index] if index < len(value) else None
            if name.isdecimal():
                self._reach(depth + 1)
                continue
            if not isinstance(value, dict):
                self._is_plain |= depth == self._found and value not in (None, "", [])
                return
            if name not in value:
                if depth == self._found and len(self._beside) < NAMES_MAX:
                    self._beside |= {each[:NAME_LENGTH_MAX]: None for each in islice(value, NAMES_MAX)}
                return
            self._reach(depth + 1)
            value = value[name]

    def meant(self) -> tuple[str, str] | None:
        """The path up to the name that no row has, and what was probably meant."""
        if self.is_found:
            return None
        name = self._path[self._found]
        near = next((each for each in self._beside if is_misspelt(name, each)), None)
        return (self._at(name), self._at(near)) if near else None

    def unfound(self) -> Unfound | None:
        """What no row has; None where rows have it, or nothing that could."""
        if self.is_found or not (self._beside or self._is_plain):
            return None
        beside = tuple(map(self._at, self._beside))
        return Unfound(self._at(self._path[self._found]), self.reader, self.line, beside)

    def _at(self, name: str) -> str:
        return ".".join([*self._path[: self._found], name])

    def _reach(self, depth: int) -> None:
        if depth > self._found:
            self._found = depth
            self._beside = {}
            self._is_plain = False
            self.is_found = depth == len(self._path)


class Seeking:
    """All paths that a mapping reads in a file."""

    def __init__(self) -> None:
        self._sought: dict[str, Sought] = {}

    def getter(
        self,
        path: str,
        reader: str,
        line: int,
        get: Callable[[Any], Any],
        place: Callable[[Any], Any] = lambda row: row,
    ) -> Callable[[Any], Any]:
        """The same as `get`, which reads a path, and seeks it; `place` is the object of a row in which it stands."""
        sought = self._sought.setdefault(path, Sought(path, reader, line))

        def looking(row: Any) -> Any:
            if not sought.is_found:
                sought.look(place(row))
            return get(row)

        return looking

    def check(self) -> None:
        """The first rows were read. Raises FileInvalid where the mapping misspells what they have."""
        for sought in self._sought.values():
            if meant := sought.meant():
                raise FileInvalid(
                    f"{sought.reader} reads '{meant[0]}', which none of the first rows has; did you mean {meant[1]}? "
                    f"If other rows have it, write '{{{meant[0]}|default:…}}', or 'optional: true' in a group"
                )

    def unfound(self, bound: set[str]) -> list[Unfound]:
        """What no row had until now; of what they have instead, the names that the mapping itself gave are left out."""
        found = [each for sought in self._sought.values() if (each := sought.unfound())]
        return [
            Unfound(each.path, each.reader, each.line, tuple(name for name in each.beside if name not in bound))
            for each in found
        ]


def is_misspelt(name: str, other: str) -> bool:
    """Whether two names differ by case, by a letter that is another, missing or too much, or by two exchanged."""
    a, b = name.lower(), other.lower()
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1 or min(len(a), len(b)) < 2:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[start:], b[start:]
    exchanged = len(a) > 1 and a[:2] == b[1::-1] and a[2:] == b[2:]
    return exchanged or a[1:] == b[1:] or a[1:] == b or a == b[1:]
