"""Members and activities from a file: brought in batch by batch, and what became of each line."""

from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from commands.arguments import opened, user, written
from commands.leaving import complete as completed
from commands.outcome import DONE, FOUND, Clock
from commands.store import on_store
from settings import Settings

if TYPE_CHECKING:
    from operations.load import Loaded, Refusal

REFUSALS_SHOWN = 20


def load(
    settings: Settings,
    clock: Clock,
    what: str,
    file: str,
    refused: str | None,
    complete: bool = False,
    yes: bool = False,
) -> int:
    from activity.importer import Format
    from operations.load import load_activities, load_members
    from operations.revision import Revisions
    from process import tune
    from terminal import progress

    form = Format.of(Path(file))
    present: set[str] = set()
    loading = load_activities
    if what == "members":
        loading = partial(load_members, author=user(), present=present)
    tune()
    told = _Told()
    with ExitStack() as stack:
        lines = stack.enter_context(opened(file))
        advance = stack.enter_context(progress(f"Importing {what}", max(1, Path(file).stat().st_size), "lines"))
        told.into = stack.enter_context(written(refused)) if refused else None

        def tell(loaded: "Loaded") -> None:
            told.add(loaded)
            advance(loaded.bytes_read, loaded.counts.total())

        try:
            on_store(settings, lambda store: loading(store, Revisions(), lines, form, clock=clock, progress=tell))
        finally:
            stack.close()
            print(told.text(file))
    if complete and told.refused:
        print("Nobody was marked as left, as there are refused lines; mend them, and import the file again.")
    elif complete:
        return completed(settings, clock, file, present, confirmed=yes)
    return FOUND if told.refused else DONE


class _Told:
    """What is said of an import in the end: how many lines became what, and which were not taken in, and why."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.refused = 0
        self.into: TextIO | None = None
        self._first: list[Refusal] = []

    def add(self, loaded: "Loaded") -> None:
        self.counts = loaded.counts.copy()
        self.refused += len(loaded.refusals)
        self._first += loaded.refusals[: REFUSALS_SHOWN - len(self._first)]
        if self.into:
            self.into.writelines(f"line {line}: {reason}\n" for line, reason in loaded.refusals)

    def text(self, file: str) -> str:
        from operations.enrol import MemberStatus
        from operations.record import Status

        total = self.counts.total()
        said = [f"{file}: {total:,} line{'s' * (total != 1)}"]
        statuses = dict.fromkeys((*Status, *MemberStatus))
        said += [f"{self.counts[status]:>12,} {status}" for status in statuses if self.counts[status]]
        said += [f"line {line}: {reason}" for line, reason in self._first]
        if self.refused > len(self._first):
            said.append(f"… and {self.refused - len(self._first):,} more; --refused FILE writes all of them")
        return "\n".join(said)
