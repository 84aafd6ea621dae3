"""Rewriting: what stands of members' entries, and what they were told and had counted, written anew."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, select

from operations.comparing import Said
from operations.counters import PROGRESS
from rewards.book import Book
from rewards.ledger import COLUMNS, Entry, Kind
from rewards.tables import entry, progress
from rules.tables import tally, verdict
from rules.tally import TALLY_KEY, Tallies
from rules.verdict import dump
from storage.bulk import Columns
from storage.work import UnitOfWork


async def write_verdicts(work: UnitOfWork, revision: int, verdicts: Iterable[Said]) -> None:
    """Write what a revision that looks back says of activities, beside what was said before."""
    said = [(case, dump(outcomes)) for each in verdicts for case, outcomes in each]
    columns: Columns = {
        "activity": [case.seq for case, _ in said],
        "member": [case.member for case, _ in said],
        "revision": [revision] * len(said),
        "place": [case.place for case, _ in said],
        "outcomes": [text for _, text in said],
    }
    await work.insert(verdict, columns)


async def write_counters(
    work: UnitOfWork,
    members: Sequence[int],
    measures: Collection[int],
    progress_measures: Collection[int],
    tallies: Iterable[Tallies],
    books: Iterable[Book],
) -> None:
    """Have these tallies and this progress for members, and no other in these measures."""
    mine = tally.c.member.in_(members) & tally.c.measure.in_(sorted(measures))
    await work.execute(delete(tally).where(mine))
    counts = sorted(item for each in tallies for item in each.items() if item[1])
    columns = {name: [key[index] for key, _ in counts] for index, name in enumerate(TALLY_KEY)}
    await work.insert(tally, columns | {"count": [count for _, count in counts]})
    mine = progress.c.member.in_(members) & progress.c.measure.in_(sorted(progress_measures))
    await work.execute(delete(progress).where(mine))
    rows = sorted(row for each in books for row in each.changed())
    if rows:
        await work.insert(progress, dict(zip(PROGRESS, zip(*rows, strict=True), strict=True)))


async def standing_entries(work: UnitOfWork, members: Sequence[int]) -> dict[tuple[int, int, int], Entry]:
    """The entries of members that take nothing back and were not taken back, by member, seq and ordinal."""
    taken = entry.alias()
    reversed_ = select(taken.c.seq).where(
        taken.c.reverses_seq == entry.c.seq, taken.c.reverses_ordinal == entry.c.ordinal
    )
    query = select(*(entry.c[name] for name in COLUMNS)).where(
        entry.c.member.in_(members), entry.c.kind != Kind.REVERSAL, ~reversed_.exists()
    )
    found: dict[tuple[int, int, int], Entry] = {}
    for row in await work.rows(query) if members else ():
        found[row.member, row.seq, row.ordinal] = tuple(row)
    return found
