"""Names that a mapping reads in objects, sought in the first rows: one that none has is perhaps misspelt.

Objects may leave names out, so that a name alone which no row has proves nothing; one that differs from a name they
have by a letter, or two letters exchanged, does.
"""

from typing import Any

NAMES_MAX = 200  # that are remembered beside a path


class Sought:
    """One path, and what rows have in its place."""

    def __init__(self, path: str, reader: str) -> None:
        self.reader = reader
        self._path = path.split(".")
        self._found = 0  # how many names of the path some row has
        self._beside: dict[str, None] = {}  # names where the path ends that rows have

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
                return
            if name not in value:
                if depth == self._found and len(self._beside) < NAMES_MAX:
                    self._beside |= dict.fromkeys(value)
                return
            self._reach(depth + 1)
            value = value[name]

    def meant(self) -> tuple[str, str] | None:
        """The path up to the name that no row has, and what was probably meant."""
        if self._found == len(self._path):
            return None
        name = self._path[self._found]
        near = next((each for each in self._beside if is_misspelt(name, each)), None)
        before = self._path[: self._found]
        return (".".join([*before, name]), ".".join([*before, near])) if near else None

    def _reach(self, depth: int) -> None:
        if depth > self._found:
            self._found = depth
            self._beside = {}


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
