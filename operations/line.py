"""Lines: which revisions a state comes from, without those that were undone.

An undo is a revision that goes back to an earlier one: it makes everything as if none had been published since. So its
line is that of the earlier one, and then itself.
"""

from collections.abc import Mapping

from sqlalchemy import select

from operations.revision import Revision, load_revision
from rules.tables import revision
from storage.work import UnitOfWork


def line_of(back_to: Mapping[int, int | None], number: int) -> list[int]:
    """The revisions that lead to one, in their order. `back_to` says of each where it goes back to, if it does.

    >>> line_of({1: None, 2: None, 3: 1, 4: None}, 4)
    [1, 3, 4]
    """
    found = []
    while number:
        found.append(number)
        before = back_to[number]
        number = number - 1 if before is None else before
    return found[::-1]


async def load_line(work: UnitOfWork, number: int) -> list[Revision]:
    """The revisions that lead to one."""
    rows = await work.rows(select(revision.c.number, revision.c.back_to))
    line = line_of({row.number: row.back_to for row in rows}, number)
    return [await load_revision(work, each) for each in line]
