"""Counters: the tallies of rules and the progress towards badges, read for a batch and written again.

Everything is read in a few statements for the whole batch, changed in memory in the order of the sequence, and what
changed is written at once.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from operations.case import Case
from rewards.book import PROGRESS_KEY, Book, Held, ProgressKey
from rewards.progress import Progress, Span
from rewards.tables import award, progress
from rules.tables import tally
from rules.tally import TALLY_KEY, Tallies, TallyKey
from storage.bulk import AnyRow
from storage.work import UnitOfWork

PROGRESS = (*PROGRESS_KEY, "value", "level")


async def lock_shared(work: UnitOfWork, keys: Iterable[TallyKey]) -> None:
    """Lock the tallies that members share, in key order, making those that are missing."""
    shared = sorted({key for key in keys if key[0] == 0})
    if not work.is_sqlite:
        await work.upsert(tally, _tally_columns(shared, dict.fromkeys(shared, 0)), add=("count",))


async def load_tallies(work: UnitOfWork, keys: Iterable[TallyKey]) -> Tallies:
    rows = await work.find(tally, _keys(TALLY_KEY, sorted(set(keys))), (*TALLY_KEY, "count"))
    return {(row[0], row[1], row[2], row[3]): row[4] for row in rows}


async def store_tallies(work: UnitOfWork, before: Tallies, after: Tallies) -> None:
    """Write the tallies that differ; one that is gone becomes 0."""
    changed = sorted(key for key in after.keys() | before.keys() if after.get(key, 0) != before.get(key, 0))
    await work.upsert(tally, _tally_columns(changed, after))


async def load_book(work: UnitOfWork, engine: Progress, cases: Sequence[Case]) -> Book:
    """The progress that these cases, assessed by now, can change or ask."""
    counted = [(case.member, case.assessment.counts, case.day) for case in cases if case.assessment]
    counted = [each for each in counted if each[1]]
    if not counted:
        return Book()
    book = await load_progress(work, {key for each in counted for key in engine.keys(*each)})
    await load_spans(work, book, {span for each in counted for span in engine.spans(*each, book)})
    return book


async def load_progress(work: UnitOfWork, keys: Iterable[ProgressKey]) -> Book:
    """The rows of progress with these keys."""
    book = Book()
    book.load(await work.find(progress, _keys(PROGRESS_KEY, sorted(keys)), PROGRESS))
    return book


async def load_spans(work: UnitOfWork, book: Book, spans: Iterable[Span]) -> None:
    """Rows of progress in ranges of periods, added to those of a book."""
    ranges = _keys(("member", "measure", "first", "last"), sorted(spans))
    book.load(await work.find_between(progress, ranges, "period", PROGRESS))


async def load_measures(work: UnitOfWork, member: int, measures: Iterable[int]) -> Book:
    """Everything that is kept of a member's progress in these measures."""
    book = Book()
    wanted = sorted(set(measures))
    keys = {"member": [member] * len(wanted), "measure": wanted}
    book.load(await work.find(progress, keys, PROGRESS))
    return book


async def store_book(work: UnitOfWork, book: Book) -> None:
    """Write the rows that changed."""
    changed = sorted(book.changed())
    columns = list(zip(*changed, strict=True)) or [()] * len(PROGRESS)
    await work.upsert(progress, dict(zip(PROGRESS, columns, strict=True)))


async def load_held(work: UnitOfWork, members: Iterable[int]) -> Held:
    """The badges and zones that members hold."""
    wanted = sorted(set(members))
    rows = await standing_awards(work, wanted)
    held = Held()
    for row in rows:
        held.add(row.member, row.element, row.level, row.period, row.expires_us)
    return held


async def standing_awards(work: UnitOfWork, members: Sequence[int]) -> Sequence[AnyRow]:
    """The awards of members that have not been revoked, in the order in which they were made."""
    query = select(award).where(award.c.member.in_(members), award.c.revoked_seq.is_(None))
    return await work.rows(query.order_by(award.c.seq, award.c.ordinal))


async def taken_awards(work: UnitOfWork, members: Sequence[int]) -> Sequence[AnyRow]:
    """The awards that a person took from members."""
    query = select(award).where(award.c.member.in_(members), award.c.revoked_by.is_not(None))
    return await work.rows(query.order_by(award.c.seq, award.c.ordinal))


def _keys(names: Sequence[str], keys: Sequence[tuple[int, ...]]) -> dict[str, list[int]]:
    return {name: [key[index] for key in keys] for index, name in enumerate(names)}


def _tally_columns(keys: list[TallyKey], tallies: Tallies) -> dict[str, list[int]]:
    return _keys(TALLY_KEY, keys) | {"count": [tallies.get(key, 0) for key in keys]}
