"""Who is missing in a directory that is complete has left: told, and marked once somebody has confirmed it."""

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

from commands.outcome import DONE, FOUND, Clock
from commands.store import on_store, reading
from settings import Settings
from terminal import escaped, say

if TYPE_CHECKING:
    from operations.leave import Absence

SHOWN = 50
OTHERWISE = (
    "Export the file again, with everybody in it; if they have really left, run the same command without --yes at a "
    "terminal, and answer yes."
)


def complete(
    settings: Settings, clock: Clock, file: str, present: Collection[str], *, confirmed: bool, dry_run: bool
) -> int:
    """Mark who is missing in a file as having left, or only tell who that is. Returns what the process exits with."""
    from operations.leave import absence, mark_all_left
    from operations.revision import Revisions

    if not present:
        say(f"Nobody was marked as left: there are no members in {file}; export it again, with everybody in it.")
        return FOUND
    found = reading(settings, lambda work: absence(work, present))
    if not found.missing:
        say(f"Nobody is missing in {file}.")
        return DONE
    say(_told(file, found))
    if dry_run:
        say("Nobody was marked as left; without --dry-run they would be.")
        return DONE
    if confirmed and _is_most(found):
        say(f"Nobody was marked as left: --yes marks half of all at most. {OTHERWISE}")
        return FOUND
    if not confirmed and not sys.stdin.isatty():
        none = "Nobody was marked as left: there is no terminal to ask at"
        most = f"{none}, and --yes marks half of all at most. {OTHERWISE}"
        say(most if _is_most(found) else f"{none}. Run the same command with --yes to mark them unasked.")
        return FOUND
    if not confirmed and not _confirmed():
        return FOUND
    leavers = [each.external_id for each in found.missing]
    count = on_store(settings, lambda store: mark_all_left(store, Revisions(), leavers, now=clock()))
    say(f"{count:,} marked as left.")
    return DONE


def _told(file: str, found: "Absence") -> str:
    count = len(found.missing)
    lines = [f"{count:,} of {found.among:,} members {'is' if count == 1 else 'are'} missing in {file}:"]
    shown = [f"{each.external_id}, {each.name}, {each.team or 'no team'}" for each in found.missing[:SHOWN]]
    lines += [f"  {escaped(each)}" for each in shown]
    if count > SHOWN:
        lines.append(f"  … and {count - SHOWN:,} more")
    if _is_most(found):
        lines.append("That is more than half of all: is the file really complete?")
    return "\n".join(lines)


def _is_most(found: "Absence") -> bool:
    return len(found.missing) * 2 > found.among


def _confirmed() -> bool:
    """Whether whoever sits at the terminal says yes."""
    try:
        answer = input("Mark them as left? They take part no more, and their history stays. [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() in ("y", "yes"):
        return True
    say("Nobody was marked as left.")
    return False
