"""What changes between two states of a programme, as a person reads it. Pure: it compares what is in force with a file.

Each thing that a programme declares is given by its kind, its key and its definition as plain data. A thing that is
unchanged keeps its version; one that changed, or was renamed by `was:`, gets a new one; one that is gone is retired.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches, unified_diff
from enum import StrEnum
from typing import Any

from errors import Mistake
from writing import written

Definitions = Mapping[str, Mapping[str, Any]]  # definitions by key, in the order of the file

KINDS = {
    "activity": "activity type",
    "rule": "rule",
    "badge": "badge",
    "zone": "zone",
    "board": "board",
    "podium": "podium",
}


class Action(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    RENAMED = "renamed"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that the file would change. `before` is None for what is added, `after` for what is retired."""

    kind: str  # activity, rule, badge, zone, board, podium, or settings for what the programme says of itself
    key: str
    action: Action
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    was: str | None = None

    def lines(self) -> Iterator[str]:
        """The change as lines of text, like a difference: "-" goes, "+" comes."""
        sign = {Action.ADDED: "+", Action.RETIRED: "-"}.get(self.action, "~")
        name = f"{KINDS.get(self.kind, 'programme')} {self.key}" if self.kind != "settings" else "programme settings"
        former = f" (was {self.was})" if self.was else ""
        yield f"{sign} {name}{former}: {self.action}"
        old, new = _text(self.before), _text(self.after)
        for line in list(unified_diff(old, new, lineterm="", n=0))[2:]:
            if not line.startswith("@@"):
                yield f"    {line[0]} {line[1:]}"


def renames(
    kind: str, section: str, before: Collection[str], was: Mapping[str, str], former: Collection[tuple[str, str]]
) -> tuple[dict[str, str], list[Mistake]]:
    """The keys that change, with what they were, and what is wrong with the others.

    `was` maps keys of the file to the keys they had before, `before` holds the keys in force. A `was` that has been
    applied already, one of `former` (the key now and one it had), says nothing; one that names nothing is a mistake.
    """
    renamed, mistakes = {}, []
    for key, old in was.items():
        if key not in before and old in before:
            renamed[key] = old
        elif (key, old) not in former:
            near = get_close_matches(old, [each for each in before if each != key], n=1)
            hint = f"did you mean {near[0]}?" if near else f"remove it if {key} is new"
            told = f"{old} names no {KINDS[kind]} that is in force; {hint}"
            if key in before:
                told = f"{key} is in force under this key and was never called {old}; remove was"
            mistakes.append(Mistake(told, where=f"{section}.{key}.was"))
    return renamed, mistakes


def changes(kind: str, before: Definitions, after: Definitions, renamed: Mapping[str, str]) -> list[Change]:
    """The changes to all things of a kind. `renamed` maps keys of `after` to keys of `before`."""
    found = []
    for key, definition in after.items():
        if key in renamed:
            found.append(Change(kind, key, Action.RENAMED, before[renamed[key]], definition, renamed[key]))
        elif key not in before:
            found.append(Change(kind, key, Action.ADDED, None, definition))
        elif definition != before[key]:
            found.append(Change(kind, key, Action.CHANGED, before[key], definition))
    gone = [key for key in before if key not in after and key not in renamed.values()]
    return found + [Change(kind, key, Action.RETIRED, before[key]) for key in gone]


def _text(definition: Mapping[str, Any] | None) -> list[str]:
    return written(definition, level=2).splitlines() if definition else []
