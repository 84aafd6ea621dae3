"""Load: bring in a file of members or activities, batch by batch.

Each batch is a transaction of its own, so a load that is stopped half-way has done what it had reported by then, and
can be run again: what is known already counts as a duplicate, or stays unchanged.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, NamedTuple, TypeVar

from activity.importer import Format, Read, read_activities, read_members
from activity.intake import Refused, Report
from activity.lines import Lines
from operations.enrol import MemberReceipt, MemberStatus, Profile, enrol
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


class Refusal(NamedTuple):
    """A line that was not taken in, and why."""

    line: int
    reason: str


@dataclass(slots=True)
class Loaded:
    """How far a load is: what became of the lines so far, by status, and how much of the file is read."""

    counts: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)  # of the latest batch
    bytes_read: int = 0


async def load_activities(
    store: Store,
    revisions: Revisions,
    file: BinaryIO,
    form: Format,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[Loaded], None],
) -> Loaded:
    """Record the activities of a file. Calls `progress` after each batch. Raises NoProgramme, FileInvalid."""
    async with store.reading() as work:
        types = (await revisions.current(work)).programme.activities

    async def take(work: UnitOfWork, reports: Sequence[Report]) -> Sequence[Receipt]:
        return await record(work, revisions, reports, now=clock())

    lines = Lines(file)
    return await _load(store, lines, read_activities(lines, form, types), take, progress)


async def load_members(
    store: Store,
    revisions: Revisions,
    file: BinaryIO,
    form: Format,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[Loaded], None],
    author: str = "",
    present: set[str] | None = None,
) -> Loaded:
    """Create or change the members of a file, and judge what was kept for those who are known now. Calls `progress`
    after each batch; the external ids of who is in the file go to `present`. Raises NoProgramme, FileInvalid."""
    async with store.reading() as work:
        programme = (await revisions.current(work)).programme

    async def take(work: UnitOfWork, members: Sequence[dict[str, object]]) -> Sequence[MemberReceipt]:
        profiles = [Profile(**{"external_id": None, **words}) for words in members]
        receipts = await enrol(work, revisions, profiles, now=clock(), author=author)
        if present is not None:
            given = zip(profiles, receipts, strict=True)
            present.update(profile.external_id for profile, each in given if each.status not in NOT_TAKEN)
        return receipts

    lines = Lines(file)
    read = read_members(lines, form, programme.attributes, programme.identities)
    loaded = await _load(store, lines, read, take, progress)
    await resume(store, revisions, now=clock())
    return loaded


async def _load(
    store: Store,
    lines: Lines,
    read: Iterator[Read[T]],
    take: Callable[[UnitOfWork, Sequence[T]], Awaitable[Sequence[Receipt | MemberReceipt]]],
    progress: Callable[[Loaded], None],
) -> Loaded:
    loaded = Loaded()
    while batch := _batch(lines, read):
        sound = [(line, each) for line, each in batch if not isinstance(each, Refused)]
        refusals = [Refusal(line, each.message) for line, each in batch if isinstance(each, Refused)]
        loaded.counts[Status.REFUSED] += len(refusals)
        if sound:
            async with store.writing() as work:
                receipts = await take(work, [each for _, each in sound])
            for (line, _), receipt in zip(sound, receipts, strict=True):
                loaded.counts[receipt.status] += 1
                if receipt.status in NOT_TAKEN:
                    refusals.append(Refusal(line, receipt.message))
        loaded.refusals = sorted(refusals)
        loaded.bytes_read = lines.bytes_read
        progress(loaded)
    return loaded


def _batch(lines: Lines, read: Iterator[Read[T]]) -> list[Read[T]]:
    batch = []
    bytes_max = lines.bytes_read + BATCH_BYTES_MAX
    for each in read:
        batch.append(each)
        if len(batch) == BATCH_MAX or lines.bytes_read > bytes_max:
            break
    return batch
