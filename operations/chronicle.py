"""Chronicle: who changed the programme, when, why and how; and the way back to an earlier state."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import select

from activity.calendar import instant
from errors import LaurelsError
from operations.bring_back import told
from operations.programme import Programme, from_document
from operations.publish import Plan, apply, differences
from operations.revision import Revisions
from rules.tables import element, revision, version
from rules.versions import Change
from storage.work import UnitOfWork


class RevisionUnknown(LaurelsError):
    """There is no revision with this number."""

    def __init__(self, number: int, newest: int) -> None:
        super().__init__(f"there is no revision {number}; there are 1 to {newest}")


@dataclass(frozen=True, slots=True)
class RevisionRecord:
    """One revision, and what it changed."""

    number: int
    applied_at: datetime
    author: str
    note: str | None
    since: date | None  # the past day from which it takes effect
    back_to: int | None  # the revision to which it goes back, as if none had been published since
    pending: bool  # whether members are still to be brought up to it
    changes: tuple[Change, ...]

    def text(self) -> str:
        """The revision as people read it: a line of who and when, the note, and the difference."""
        by = f" by {self.author}" if self.author else ""
        since = f", with effect from {self.since}" if self.since else ""
        if self.back_to is not None:
            since = f", as if {told(self.back_to + 1, self.number - 1)} had not been published"
        lines = [f"Revision {self.number}, {self.applied_at:%Y-%m-%d %H:%M} UTC{by}{since}"]
        if self.note:
            lines += [f"    {line}" for line in self.note.splitlines()]
        return "\n".join([*lines, *(line for change in self.changes for line in change.lines())])


async def chronicle(work: UnitOfWork, *, first: int = 1, last: int | None = None) -> list[RevisionRecord]:
    """The revisions from `first` to `last`, or to the newest, the latest first."""
    wanted = revision.c.number >= first - 1
    if last is not None:
        wanted &= revision.c.number <= last
    rows = await work.rows(select(revision).where(wanted).order_by(revision.c.number))
    renamed = await _renames(work)
    records = []
    before: dict[str, Any] = {}
    for row in rows:
        after = orjson.loads(row.document)
        if row.number >= first:
            records.append(_record(row, differences(before, after, renamed.get(row.number, {})), after))
        before = after
    return records[::-1]


async def restore(
    work: UnitOfWork,
    revisions: Revisions,
    number: int,
    *,
    author: str,
    note: str | None = None,
    since: date | None = None,
    now: datetime,
) -> Plan:
    """Return to what an earlier revision said, as a new one: from now on, or with effect from a past day, which takes
    back what was paid since. Things that were retired go on as they were.

    Nothing is committed here. Raises RevisionUnknown, PlanRefused and NoProgramme.
    """
    current = await revisions.current(work)
    row = (await work.rows(select(revision.c.document).where(revision.c.number == number)))[:1]
    if not row:
        raise RevisionUnknown(number, current.number)
    declared = await _as_it_is_called_now(work, from_document(orjson.loads(row[0].document)), number)
    told = note or f"Return to revision {number}"
    return await apply(work, revisions, declared, now=now, author=author, note=told, since=since, revive=True)


async def _as_it_is_called_now(work: UnitOfWork, declared: Programme, number: int) -> Programme:
    """A programme of the past, whose things say `was` where they have other keys now."""
    query = (
        select(element.c.id, element.c.kind, element.c.key.label("now"), version.c.key)
        .join(version, version.c.element == element.c.id)
        .where(version.c.revision <= number, element.c.retired.is_(None))
        .order_by(version.c.revision)
    )
    then = {row.id: row for row in await work.rows(query)}
    was = {(row.kind, row.key): row.now for row in then.values() if row.key != row.now}

    def named(kind: str, things: Mapping[str, Any]) -> dict[str, Any]:
        return {key: replace(thing, was=was.get((kind, key))) for key, thing in things.items()}

    return replace(
        declared,
        activities=named("activity", declared.activities),
        rules=named("rule", declared.rules),
        badges=named("badge", declared.badges),
        boards=named("board", declared.boards),
        podiums=named("podium", declared.podiums),
    )


async def _renames(work: UnitOfWork) -> dict[int, dict[str, dict[str, str]]]:
    """By revision and kind, the keys that things got with what they were before."""
    query = (
        select(element.c.id, element.c.kind, version.c.revision, version.c.key)
        .join(version, version.c.element == element.c.id)
        .order_by(version.c.revision)
    )
    found: dict[int, dict[str, dict[str, str]]] = {}
    last: dict[int, str] = {}
    for row in await work.rows(query):
        if last.get(row.id, row.key) != row.key:
            found.setdefault(row.revision, {}).setdefault(row.kind, {})[row.key] = last[row.id]
        last[row.id] = row.key
    return found


def _record(row: Any, changes: list[Change], document: Mapping[str, Any]) -> RevisionRecord:
    since = None
    if row.from_us is not None:
        calendar = from_document(document).calendar
        since = date.fromordinal(calendar.day(instant(row.from_us)))
    return RevisionRecord(
        number=row.number,
        applied_at=instant(row.applied_us),
        author=row.author,
        note=row.note,
        since=since,
        back_to=row.back_to,
        pending=bool(row.pending),
        changes=tuple(changes),
    )
