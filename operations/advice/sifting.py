"""Sifting: the warnings that are about what a draft changes, apart from those that were true before it. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from operations.publish import Plan
from rules.advice import Advice
from rules.versions import KINDS, Action, Change

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
    """A warning about several things is about each; it then says which of them change."""
    sifted = Sifted([], [])
    for advice in found:
        changes = [change for path in (advice.path, *advice.also) if (change := plan.change_of(path))]
        if not changes:
            sifted.unchanged.append(advice)
        elif not advice.also:
            sifted.changed.append(advice)
        else:
            told = ", ".join(dict.fromkeys(map(_told, changes)))
            sifted.changed.append(replace(advice, message=f"{advice.message} ({told})"))
    return sifted


def _told(change: Change) -> str:
    name = f"{KINDS[change.kind]} '{change.key}'" if change.kind in KINDS else "the programme's settings"
    return f"{name} {WORDS[change.action]}"
