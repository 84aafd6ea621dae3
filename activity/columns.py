"""The columns of a file, by name: those of a table's header, or the names in objects."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from activity.importer import FileInvalid
from activity.sought import Seeking, Unfound
from activity.template import Getter, Row
from section import did_you_mean, nearest

NAMES_SHOWN = 40


class Header:
    """The columns of a table. A row is a list of cells, and after them of the elements that are looked at each."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self._bound: list[str] = []
        self._seeking = Seeking()

    def bind(self, name: str) -> None:
        """From now on rows end with one more value, under this name."""
        self._bound.append(name)

    def unbind(self) -> None:
        self._bound.pop()

    def extended(self, row: list[Any], _name: str, element: Any) -> Row:
        return [*row, element]

    def looked(self) -> None:
        """The first rows were read. Raises FileInvalid where the mapping misspells what their cells hold."""
        self._seeking.check()

    def unfound(self) -> list[Unfound]:
        return self._seeking.unfound(set(self._bound))

    def getter(self, path: str, reader: str, *, optional: bool = False, line: int = 0) -> Getter:
        """Raises FileInvalid where there is no such column."""
        if self.names.count(path) > 1:
            raise FileInvalid(f"{reader} reads the column '{path}', which the file has twice")
        if path in self.names:
            return itemgetter(self.names.index(path))
        first, *further = path.split(".")
        if first in self._bound:
            index = len(self.names) + self._bound.index(first)

            def found(row: Row) -> Any:
                return _found(row[index], further)

            if optional or not further:
                return found
            return self._seeking.getter(path, reader, line, found, lambda row: {first: row[index]})
        hint = did_you_mean(nearest(path, [*self.names, *self._bound]))
        shown = ", ".join([name for name in self.names if name][:NAMES_SHOWN])
        raise FileInvalid(f"{reader} reads the column '{path}', which the file does not have{hint} (columns: {shown})")


class Names:
    """The names in objects, each of which may have others: what is not there is empty."""

    def __init__(self) -> None:
        self._bound: set[str] = set()
        self._seeking = Seeking()

    def bind(self, name: str) -> None:
        self._bound.add(name)

    def unbind(self) -> None:
        """Nothing needs to be known after."""

    def extended(self, row: dict[str, Any], name: str, element: Any) -> Row:
        return {**row, name: element}

    def looked(self) -> None:
        """The first rows were read. Raises FileInvalid where the mapping misspells what they have."""
        self._seeking.check()

    def unfound(self) -> list[Unfound]:
        return self._seeking.unfound(self._bound)

    def getter(self, path: str, reader: str, *, optional: bool = False, line: int = 0) -> Getter:
        get = self._plain(path)
        return get if optional else self._seeking.getter(path, reader, line, get)

    def _plain(self, path: str) -> Getter:
        first, *further = path.split(".")
        if not further:
            return lambda row: row.get(first)
        return lambda row: _found(row.get(first), further)


def _found(value: Any, path: Sequence[str]) -> Any:
    """What stands at a path. In a list that is not counted into, in its first element; None where nothing does.

    What is there once alone, as in feeds and JSON that write no list of one, counts as the first.
    """
    for name in path:
        if name == "0" and not isinstance(value, list):
            continue
        if isinstance(value, list):
            index = int(name) if name.isdecimal() and len(name) < 4 else 0
            value = value[index] if index < len(value) else None
            if name.isdecimal():
                continue
        value = value.get(name) if isinstance(value, dict) else None
        if value is None:
            return None
    return value
