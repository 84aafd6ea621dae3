"""The ledger: entries that are written once and never changed."""

from enum import IntEnum

from rewards.tables import entry
from storage.work import UnitOfWork


class Kind(IntEnum):
    """What an entry is. The numbers are stored."""

    AWARD = 0  # a rule paid for an activity when it was recorded
    BADGE = 1  # a badge paid
    RELEASE = 2  # a rule's held points came free
    REVISION = 3  # a rule or badge paid for a past activity, by a revision that looks back
    ADJUSTMENT = 4  # a person gave or took points
    REVERSAL = 5  # takes back another entry


COLUMNS = (
    "seq",
    "ordinal",
    "kind",
    "member",
    "team",
    "version",
    "type",
    "activity",
    "points",
    "time_us",
    "day",
    "reverses_seq",
    "reverses_ordinal",
)

# One entry in the order of COLUMNS: place in the sequence, place within it, kind, member key, team id, rule or badge
# version, activity type, activity, points, microseconds, local day, and the place of the entry that it takes back.
Entry = tuple[int, int, int, int, int | None, int | None, int | None, int | None, int, int, int, int | None, int | None]


async def append(work: UnitOfWork, entries: list[Entry]) -> None:
    """Write new entries, in the order given."""
    if entries:
        await work.insert(entry, dict(zip(COLUMNS, zip(*entries, strict=True), strict=True)))
