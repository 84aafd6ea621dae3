"""The ledger: entries that are written once and never changed."""

from enum import IntEnum

from sqlalchemy import text

from rewards.tables import entry, recording_day
from storage.work import UnitOfWork


class Kind(IntEnum):
    """What an entry is. The numbers are stored."""

    AWARD = 0  # a rule paid for an activity when it was recorded
    BADGE = 1  # a badge paid
    RELEASE = 2  # a rule's held points came free
    REVISION = 3  # a rule or badge paid for a past activity, by a revision that looks back or for who did it
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


# Of writers who begin a day at once, the one with the earliest place counts.
BEGIN_DAY = text(
    "INSERT INTO recording_day (day, first_seq) VALUES (:day, :seq) ON CONFLICT (day) "
    "DO UPDATE SET first_seq = excluded.first_seq WHERE recording_day.first_seq > excluded.first_seq"
)


async def begin_day(work: UnitOfWork, day: int, seq: int, known: dict[int, int]) -> None:
    """Note that entries from `seq` on were recorded on a day, unless that was noted of earlier ones.

    Everyone who records on the day's first moments waits for the row, so it is written last. `known` remembers what
    was found in the database, so that the rest of the day costs nothing.
    """
    if known.get(day, seq + 1) <= seq:
        return
    found = await work.find(recording_day, {"day": [day]}, ("first_seq",))
    if found:
        known[day] = found[0].first_seq
    if known.get(day, seq + 1) > seq:
        await work.execute(BEGIN_DAY, {"day": day, "seq": seq})


async def append(work: UnitOfWork, entries: list[Entry]) -> None:
    """Write new entries, in the order given."""
    if entries:
        await work.insert(entry, dict(zip(COLUMNS, zip(*entries, strict=True), strict=True)))
