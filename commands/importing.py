"""Members and activities from a file: brought in batch by batch, and what became of each line."""

from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from commands.arguments import opened, user
from commands.leaving import complete as completed
from commands.outcome import DONE, FOUND, Clock
from commands.refusals import RefusalFile
from commands.store import on_store
from commands.unfound import words as unfound_words
from errors import LaurelsError
from settings import Settings
from terminal import escaped, say

if TYPE_CHECKING:
    from operations.load import ByMapping, Loaded, Refusal

REFUSALS_SHOWN = 20
SINGULAR = {"activities": "activity", "members": "member", "lines": "line"}


def load(
    settings: Settings,
    clock: Clock,
    what: str,
    file: str,
    report: str | None,
    mapping: str | None,
    dry_run: bool,
    keep_going: bool,
    complete: bool = False,
    yes: bool = False,
) -> int:
    from activity.importer import Format
    from activity.mapping_definition import MappingInvalid
    from operations.load import AllRefused, load_activities, load_members
    from operations.revision import Revisions
    from process import tune
    from storage.engine import files_of
    from terminal import progress

    if yes and not complete:
        raise LaurelsError("--yes says who is missing has left, and needs --complete; nothing was imported")
    if Path(file).is_fifo() or Path(file).is_char_device():
        raise LaurelsError(f"{file} is no file that can be read again; save it first, and import what was saved")
    into = RefusalFile(report) if report else None
    if into:
        into.spare(file, *([mapping] if mapping else []))
        into.spare(*files_of(settings.database_url), what="the database in use")
    form = _by_mapping(mapping, file, into) if mapping else Format.of(Path(file))
    present: set[str] = set()
    loading = load_activities
    if what == "members":
        loading = partial(load_members, author=user(), present=present)
    tune()
    told = _Told(what if mapping else "lines", into, has_header=form is Format.CSV)
    verb = "Rehearsing" if dry_run else "Importing"
    with ExitStack() as stack:
        content = stack.enter_context(opened(file))
        if into:
            into.open()
            stack.callback(into.close)
        advance = stack.enter_context(progress(f"{verb} {what}", max(1, Path(file).stat().st_size), "lines"))

        def tell(loaded: "Loaded") -> None:
            told.add(loaded)
            advance(loaded.bytes_read, loaded.counts.total())

        try:
            told.ended = on_store(
                settings,
                lambda store: loading(
                    store,
                    Revisions(),
                    content,
                    form,
                    clock=clock,
                    progress=tell,
                    rehearse=dry_run,
                    keep_going=keep_going,
                ),
                lean=True,
            )
            if into:
                into.write(())
        except AllRefused as refused:
            told.is_silent = True
            raise LaurelsError(f"{refused}; {report} has why each was" if report else str(refused)) from None
        except MappingInvalid as invalid:
            count = len(invalid.mistakes)
            raise LaurelsError(f"{mapping} has {count} mistake{'s' * (count > 1)}:\n{invalid}") from None
        except KeyboardInterrupt:
            told.stopped = True
            raise
        finally:
            stack.close()
            if not told.is_silent and (told.counts or told.stopped or (told.ended and not complete)):
                say(told.text(file, mapping or "", dry_run))
    if complete and told.refused:
        say("Nobody was marked as left, as there are refused lines; mend them, and import the file again.")
    elif complete:
        return completed(settings, clock, file, present, confirmed=yes, dry_run=dry_run)
    return FOUND if told.refused or told.found_no_list else DONE


def _by_mapping(mapping: str, file: str, into: RefusalFile | None) -> "ByMapping":
    from operations.load import ByMapping

    def beside(name: str) -> BinaryIO:
        """A file that stands beside the mapping, or beside what is imported."""
        there = Path(mapping).parent / name
        there = there if there.exists() else Path(file).parent / name
        if into:
            into.spare(str(there))
        return opened(str(there))

    with opened(mapping) as content:
        return ByMapping(content.read(), beside, Path(file))


class _Told:
    """What is said of an import in the end: how many lines became what, and which were not taken in, and why."""

    def __init__(self, things: str, into: RefusalFile | None, has_header: bool) -> None:
        self.counts: Counter[str] = Counter()
        self.refused = 0
        self._into = into
        self.stopped = False
        self.is_silent = False  # as the error says all
        self.ended: Loaded | None = None  # once all of the file was read
        self._things = things
        self._has_header = has_header
        self._first: list[Refusal] = []
        self._place = "line"  # what their numbers count

    def add(self, loaded: "Loaded") -> None:
        self.counts = loaded.counts.copy()
        self._place = loaded.place
        self.refused += len(loaded.refusals)
        self._first += loaded.refusals[: REFUSALS_SHOWN - len(self._first)]
        if self._into:
            self._into.write(loaded.refusals)

    @property
    def found_no_list(self) -> bool:
        """Whether there is nothing as no row had the list of which each element was to be one."""
        unfound = self.ended.unfound if self.ended else []
        return not self._total and any(each.reader == "each" for each in unfound)

    @property
    def _total(self) -> int:
        from operations.load import SKIPPED

        return self.counts.total() - self.counts[SKIPPED]

    def text(self, file: str, mapping: str, dry_run: bool) -> str:
        from operations.enrol import MemberStatus
        from operations.load import SKIPPED
        from operations.record import Status

        if self.ended and not self.counts:
            begins = "a header and " if self._has_header or self.ended.has_header else ""
            return f"{file} has {begins}no rows: nothing to import."
        total = self._total
        said = [f"{file}: {total:,} {SINGULAR[self._things] if total == 1 else self._things}"]
        statuses = dict.fromkeys((*Status, *MemberStatus, SKIPPED))
        said += [f"{self.counts[status]:>12,} {status}" for status in statuses if self.counts[status]]
        said += [f"{self._place} {each.line}: {escaped(each.reason)}" for each in self._first]
        if self.refused > len(self._first):
            said.append(f"… and {self.refused - len(self._first):,} more; --report FILE writes all of them")
        if self.found_no_list:
            said.append("Nothing was brought in: no row has the list that 'each' reads.")
        if self.ended:
            said += unfound_words(
                file, mapping, self.ended.unfound, is_partial=self.refused > 0 or self.counts[SKIPPED] > 0
            )
        if dry_run:
            said.append("Nothing was written. What is in two different thousands of lines is not told as a duplicate.")
        elif self.stopped:
            said.append("What is counted here stays. Run the same command again to go on.")
        return "\n".join(said)
