"""The ledger: entries that are written once and never changed."""

from rewards.tables import entry
from storage.work import UnitOfWork

COLUMNS = ("seq", "ordinal", "member", "team", "version", "type", "activity", "points", "time_us", "day")

# One entry in the order of COLUMNS: place in the sequence, place within it, member key, team id, rule version,
# activity type, activity, points, microseconds, local day.
Entry = tuple[int, int, int, int | None, int, int, int, int, int, int]


async def append(work: UnitOfWork, entries: list[Entry]) -> None:
    """Write new entries, in the order given."""
    if entries:
        await work.insert(entry, dict(zip(COLUMNS, zip(*entries, strict=True), strict=True)))
