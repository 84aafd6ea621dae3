"""Drafts: programmes that somebody is working on, kept under a name until they are published."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from activity.calendar import instant, microseconds
from errors import LaurelsError
from operations.programme import Programme, parse
from operations.reasons import checked_note
from rules.tables import draft
from storage.bulk import AnyRow, Columns
from storage.work import UnitOfWork

DRAFTS_MAX = 100
FILE_LENGTH_MAX = 2_000_000  # characters


class DraftUnknown(LaurelsError):
    """There is no draft of this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        told = f"there are {', '.join(known)}" if known else "there is none"
        super().__init__(f"there is no draft {name!r}; {told}")


class DraftRefused(LaurelsError):
    """A draft cannot be kept: its name or its file is not what can be stored."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as it was written; it may hold mistakes."""

    name: str
    file: str
    author: str
    note: str | None
    saved_at: datetime

    def programme(self) -> Programme:
        """What the file declares. Raises ProgrammeInvalid with every mistake in it."""
        return parse(self.file)


async def save_draft(
    work: UnitOfWork, name: str, file: str, *, author: str, note: str | None = None, now: datetime
) -> Draft:
    """Keep a draft, in place of one with the same name. A file with mistakes is kept too.

    Raises DraftRefused, and Refused for its note.
    """
    told = checked_note(note)
    if not name.strip() or len(name) > 64 or not name.isprintable():
        raise DraftRefused("a draft needs a name of 1 to 64 printable characters")
    if len(file) > FILE_LENGTH_MAX or "\0" in file:
        raise DraftRefused(f"a file has at most {FILE_LENGTH_MAX:,} characters and no NUL among them")
    known = await drafts(work)
    if len(known) >= DRAFTS_MAX and name not in {each.name for each in known}:
        raise DraftRefused(f"there are {DRAFTS_MAX} drafts, as many as can be kept; delete one first")
    columns: Columns = {
        "name": [name],
        "file": [file],
        "author": [author],
        "note": [told],
        "saved_us": [microseconds(now)],
    }
    await work.upsert(draft, columns)
    return Draft(name, file, author, told, now)


async def drafts(work: UnitOfWork) -> list[Draft]:
    """All drafts, the latest saved first."""
    return [_draft(row) for row in await work.rows(select(draft).order_by(draft.c.saved_us.desc(), draft.c.name))]


async def draft_named(work: UnitOfWork, name: str) -> Draft:
    """One draft. Raises DraftUnknown."""
    rows = await work.rows(select(draft).where(draft.c.name == name))
    if not rows:
        raise DraftUnknown(name, [each.name for each in await drafts(work)])
    return _draft(rows[0])


async def delete_draft(work: UnitOfWork, name: str) -> None:
    """Forget a draft. Raises DraftUnknown."""
    await draft_named(work, name)
    await work.execute(delete(draft).where(draft.c.name == name))


def _draft(row: AnyRow) -> Draft:
    return Draft(row.name, row.file, row.author, row.note, instant(row.saved_us))
