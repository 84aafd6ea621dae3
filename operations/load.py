"""Load: bring in a file of members or activities, batch by batch.

Each batch is a transaction of its own, so a load that is stopped half-way has done what it had reported by then, and
can be run again: what is known already counts as a duplicate, or stays unchanged. A rehearsed load takes every batch
back, and says what would become of the lines.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import BinaryIO, Generic, NamedTuple, TypeVar

from activity.catalogue import by_name
from activity.importer import FileInvalid, Format, MemberWords, read_activities, read_members
from activity.intake import Refused, Report
from activity.lines import Lines
from activity.lookup import Opened
from activity.mapped import Made, mapped_activities, mapped_members
from activity.mapping import FileMapping, Kind
from activity.mapping_definition import read_mapping
from activity.rows import Rows
from activity.sought import Unfound
from operations.enrol import MemberReceipt, MemberStatus, Profile, enrol
from operations.programme import Programme
from operations.record import BATCH_MAX, Receipt, Status, record
from operations.resume import resume
from operations.revision import Revisions
from storage.engine import Store
from storage.work import UnitOfWork

T = TypeVar("T")

# Far more than sound lines take, so that a hostile file cannot fill the memory.
BATCH_BYTES_MAX = 8_000_000

# What ends with these was not taken in, and its line is named.
NOT_TAKEN = (Status.REFUSED, Status.CONFLICT, MemberStatus.REFUSED)


SKIPPED = "left out by the mapping"


class Refusal(NamedTuple):
    """A line that was not taken in, and why. `id` is that of the activity or member, as far as it could be read."""

    line: int
    reason: str
    field: str = ""
    id: str = ""


class ByMapping(NamedTuple):
    """A file of any shape: what its mapping says, what opens the files that it names, and how the file is called."""

    mapping: bytes
    opened: Opened
    name: PurePath


@dataclass(slots=True)
class Loaded:
    """How far a load is: what became of the lines so far, by status, and how much of the file is read."""

    counts: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)  # of the latest batch
    bytes_read: int = 0
    unfound: list[Unfound] = field(default_factory=list)  # at the end of the file
    has_header: bool = False  # of a file with a mapping
    place: str = "line"  # what the numbers of refusals count: lines, or elements of a JSON array


class AllRefused(FileInvalid):
    """All that comes first in a file is refused for one reason."""


class _Rehearsed(Exception):
    """No error: it ends a transaction of which nothing is to stay."""


async def load_activities(
    store: Store,
    revisions: Revisions,
    file: BinaryIO,
    form: Format | ByMapping,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[Loaded], None],
    rehearse: bool = False,
    keep_going: bool = True,
) -> Loaded:
    """Record the activities of a file. Calls `progress` after each batch. Unless it is to keep going, it stops where
    all that comes first is refused for one reason. Raises NoProgramme, FileInvalid, AllRefused, MappingInvalid."""
    async with store.reading() as work:
        programme = (await revisions.current(work)).programme
    types = by_name(programme.activities)

    async def take(work: UnitOfWork, reports: Sequence[Report]) -> Sequence[Receipt]:
        return await record(work, revisions, reports, now=clock())

    source, read = _source(
        file,
        form,
        Kind.ACTIVITIES,
        programme,
        lambda lines, form: read_activities(lines, form, types),
        lambda rows, mapping: mapped_activities(rows, mapping, types),
    )
    load = _Load(store, take, lambda report: report.id, rehearse, keep_going)
    return await load.run(source, read, progress)


async def load_members(
    store: Store,
    revisions: Revisions,
    file: BinaryIO,
    form: Format | ByMapping,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[Loaded], None],
    rehearse: bool = False,
    keep_going: bool = True,
    author: str = "",
    present: set[str] | None = None,
) -> Loaded:
    """Create or change the members of a file, and judge what was kept for those who are known now; the external ids of
    who is in the file go to `present`. The rest is as with activities."""
    async with store.reading() as work:
        programme = (await revisions.current(work)).programme
    attributes = programme.attributes

    async def take(work: UnitOfWork, members: Sequence[MemberWords]) -> Sequence[MemberReceipt]:
        profiles = [Profile(**{"external_id": None, **words}) for words in members]
        receipts = await enrol(work, revisions, profiles, now=clock(), author=author)
        if present is not None:
            given = zip(profiles, receipts, strict=True)
            present.update(profile.external_id for profile, each in given if each.status not in NOT_TAKEN)
        return receipts

    source, read = _source(
        file,
        form,
        Kind.MEMBERS,
        programme,
        lambda lines, form: read_members(lines, form, attributes, programme.identities),
        lambda rows, mapping: mapped_members(rows, mapping, attributes),
    )
    load = _Load(store, take, lambda words: words.get("external_id"), rehearse, keep_going)
    loaded = await load.run(source, read, progress)
    if not rehearse:
        await resume(store, revisions, now=clock())
    return loaded


def _source(
    file: BinaryIO,
    form: Format | ByMapping,
    kind: Kind,
    programme: Programme,
    by_columns: Callable[[Lines, Format], Iterator[Made[T]]],
    by_mapping: Callable[[Rows, FileMapping], Iterator[Made[T]]],
) -> tuple[Lines | Rows, Iterator[Made[T]]]:
    """What is read, and what is made of it."""
    if isinstance(form, Format):
        lines = Lines(file)
        return lines, by_columns(lines, form)
    types = by_name(programme.activities)
    mapping = read_mapping(form.mapping, kind, types, programme.attributes, form.opened, programme.identities)
    rows = Rows(file, form.name, mapping.shape)
    return rows, by_mapping(rows, mapping)


class _Load(Generic[T]):
    """One file on its way into a store."""

    def __init__(
        self,
        store: Store,
        take: Callable[[UnitOfWork, Sequence[T]], Awaitable[Sequence[Receipt | MemberReceipt]]],
        id_of: Callable[[T], object],
        rehearse: bool,
        keep_going: bool,
    ) -> None:
        self._store = store
        self._take = take
        self._id_of = id_of
        self._rehearse = rehearse
        self._keep_going = keep_going

    async def run(self, source: Lines | Rows, read: Iterator[Made[T]], progress: Callable[[Loaded], None]) -> Loaded:
        loaded = Loaded(place=source.place if isinstance(source, Rows) else "line")
        reading = _Reading(source, read)
        while batch := reading.batch():
            is_first = not loaded.counts
            loaded.refusals = await self._load(batch, loaded.counts)
            loaded.bytes_read = source.bytes_read
            progress(loaded)
            if is_first and not self._keep_going:
                _check_first(batch, loaded)
        if reading.broken:
            raise reading.broken
        if isinstance(source, Rows):
            loaded.unfound = source.unfound()
            loaded.has_header = source.has_header
        return loaded

    async def _load(self, batch: list[Made[T]], counts: Counter[str]) -> list[Refusal]:
        sound: list[tuple[int, T]] = []
        refusals = []
        for line, each in batch:
            if isinstance(each, Refused):
                refusals.append(Refusal(line, each.message, each.field, each.id))
            elif each is None:
                counts[SKIPPED] += 1
            else:
                sound.append((line, each))
        counts[Status.REFUSED] += len(refusals)
        receipts = await self._receipts([each for _, each in sound]) if sound else ()
        for (line, each), receipt in zip(sound, receipts, strict=True):
            counts[receipt.status] += 1
            if receipt.status in NOT_TAKEN:
                known = self._id_of(each)
                refusals.append(Refusal(line, receipt.message, receipt.field, known if isinstance(known, str) else ""))
        return sorted(refusals)

    async def _receipts(self, sound: list[T]) -> Sequence[Receipt | MemberReceipt]:
        receipts: Sequence[Receipt | MemberReceipt] = ()
        try:
            async with self._store.writing() as work:
                receipts = await self._take(work, sound)
                if self._rehearse:
                    raise _Rehearsed
        except _Rehearsed:
            pass
        return receipts


def _check_first(batch: list[Made[T]], loaded: Loaded) -> None:
    """Raises AllRefused where all of a full batch was refused for one reason."""
    refusals = loaded.refusals
    considered = sum(each is not None for _, each in batch)
    if len(batch) < BATCH_MAX or len(refusals) < considered or not refusals:
        return
    first = refusals[0]
    place = f"{loaded.place.capitalize()} {first.line}"
    if all(refusal.field == first.field for refusal in refusals):
        raise AllRefused(
            f"the first {considered:,} are all refused, and nothing was brought in. {place}: {first.reason}. "
            "Mend the file or its mapping, or go on all the same with --keep-going"
        )


class _Reading(Generic[T]):
    """A file, read in batches. Where it breaks off, what stands before is a batch still."""

    def __init__(self, source: Lines | Rows, read: Iterator[Made[T]]) -> None:
        self.broken: FileInvalid | None = None
        self._source = source
        self._read = read

    def batch(self) -> list[Made[T]]:
        """The next that is read together; empty at the end."""
        batch: list[Made[T]] = []
        bytes_max = self._source.bytes_seen + BATCH_BYTES_MAX
        try:
            for each in self._read:
                batch.append(each)
                if len(batch) == BATCH_MAX or self._source.bytes_seen > bytes_max:
                    break
        except FileInvalid as broken:
            self.broken = broken
        return batch
