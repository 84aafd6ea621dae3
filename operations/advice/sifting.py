"""Sifting: the warnings that are about what a draft changes, apart from those that were true before it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from operations.publish import Plan
from rules.advice import Advice
from rules.versions import KINDS, Action, Change

SHOWN = 3
WORDS = {
    Action.ADDED: "is new",
    Action.CHANGED: "changes",
    Action.RENAMED: "is renamed",
    Action.RETIRED: "is retired",
}


class Sifted(NamedTuple):
    """Warnings, each in the order of the file."""

    changed: list[Advice]  # about something that changes
    unchanged: list[Advice]


def of_the_rest(count: int) -> str:
    """How many warnings there are about what does not change, in words."""
    return f"{count:,} more about what does not change; plan --all tells {'it' if count == 1 else 'them'}."


def sift(found: Iterable[Advice], plan: Plan) -> Sifted:
    """A warning about several things is about each; where some of them change, it says which."""
    sifted, change_of = Sifted([], []), cache(plan.change_of)
    for advice in found:
        paths = (advice.path, *advice.also)
        changes = [change for path in paths if (change := change_of(path))]
        if not changes:
            sifted.unchanged.append(advice)
        elif len(changes) == len(paths):
            sifted.changed.append(advice)
        else:
            sifted.changed.append(replace(advice, message=f"{advice.message} ({_all_told(changes)})"))
    return sifted


def _all_told(changes: Sequence[Change]) -> str:
    more = [f"{len(changes) - SHOWN:,} more"] if len(changes) > SHOWN else []
    return ", ".join([*map(_told, changes[:SHOWN]), *more])


def _told(change: Change) -> str:
    name = f"{KINDS[change.kind]} '{change.key}'" if change.kind in KINDS else "the programme's settings"
    return f"{name} {WORDS[change.action]}"
