"""Publish: what a programme file would change, and changing it, in one transaction."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, insert, select, update

from activity.calendar import microseconds
from errors import LaurelsError, Mistake
from leaderboard.rebuild import Counted, rebuild
from leaderboard.tables import board_period, standing
from operations.programme import Programme, to_document
from operations.recount import recount_tallies
from operations.revision import Revision, Revisions, load_revision
from rules.measure import Measure
from rules.tables import element, measure, programme, revision, tally, version
from rules.versions import Action, Change, changes, renames
from storage.work import UnitOfWork

SECTIONS = {"activity": "activities", "rule": "rules", "board": "boards"}


class PlanRefused(LaurelsError):
    """The file is sound in itself, but does not fit what is in force; the message lists every reason."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a programme changes, and the number of the revision that it would become."""

    programme: Programme
    changes: tuple[Change, ...]
    revision: int

    def text(self) -> str:
        """The plan as people read it; it ends in a sentence that sums it up."""
        if not self.changes:
            return f"Nothing changes: revision {self.revision} says the same."
        lines = [line for change in self.changes for line in change.lines()]
        counts = {action: sum(change.action is action for change in self.changes) for action in Action}
        told = ", ".join(f"{count} {action}" for action, count in counts.items() if count)
        return "\n".join([*lines, "", f"Revision {self.revision} would be: {told}."])


async def plan(work: UnitOfWork, revisions: Revisions, declared: Programme) -> Plan:
    """What applying `declared` would change. Raises PlanRefused where it contradicts what can never change."""
    number = (await work.execute(select(programme.c.revision))).scalar_one_or_none()
    current = await revisions.current(work) if number is not None else None
    before = to_document(current.programme) if current else {}
    after = to_document(declared)
    mistakes = _fixed(current.programme, declared) if current else []
    found: list[Change] = []
    settings = [{k: v for k, v in side.items() if k not in SECTIONS.values()} for side in (before, after)]
    if settings[0] != settings[1]:
        action = Action.CHANGED if current else Action.ADDED
        found.append(Change("settings", declared.key, action, settings[0] or None, settings[1]))
    for kind, section in SECTIONS.items():
        was = {key: thing.was for key, thing in getattr(declared, section).items() if thing.was} if current else {}
        former = await _former_keys(work, kind) if was else set()
        renamed, wrong = renames(kind, section, before.get(section, {}), was, former)
        mistakes += wrong
        found += changes(kind, before.get(section, {}), after.get(section, {}), renamed)
    if mistakes:
        raise PlanRefused([_placed(mistake, declared) for mistake in mistakes])
    reordered = bool(current) and not found and orjson.dumps(before) != orjson.dumps(after)
    if reordered:
        found.append(
            Change("settings", declared.key, Action.CHANGED, {"order": "as before"}, {"order": "as in the file"})
        )
    return Plan(declared, tuple(found), (number or 0) + (1 if found else 0))


async def apply(work: UnitOfWork, revisions: Revisions, declared: Programme, *, now: datetime) -> Plan:
    """Make `declared` the programme in force, from now on. Nothing is committed here.

    Standings of new and changed boards are built from the ledger. Limits that count something new start from what has
    been paid. Raises PlanRefused.
    """
    await work.hold_programme()
    planned = await plan(work, revisions, declared)
    if not planned.changes:
        return planned
    former = await revisions.current(work) if planned.revision > 1 else None
    seq = (await work.take_seq(1))[0]
    await work.execute(
        insert(revision).values(
            number=planned.revision,
            seq=seq,
            applied_us=microseconds(now),
            document=orjson.dumps(to_document(declared)).decode(),
        )
    )
    if former is None:
        secret = secrets.token_bytes(32)
        await work.execute(insert(programme).values(id=1, key=declared.key, revision=1, secret=secret))
    else:
        await work.execute(update(programme).values(revision=planned.revision))
    for change in planned.changes:
        if change.kind in SECTIONS:
            await _write_change(work, change, planned.revision)
    await _declare_measures(work, declared)
    applied = await load_revision(work, planned.revision)
    await _renew_tallies(work, former, applied)
    await _renew_boards(work, former, applied)
    return planned


def _placed(mistake: Mistake, declared: Programme) -> Mistake:
    """The mistake with its place in the file, where the programme was read from one."""
    line, column = declared.places.get(mistake.where, (0, 0))
    return Mistake(mistake.message, where=mistake.where, line=line, column=column)


async def _former_keys(work: UnitOfWork, kind: str) -> set[tuple[str, str]]:
    """The key of each thing in force with each key that it ever had."""
    query = (
        select(element.c.key, version.c.key.label("former"))
        .join(version, version.c.element == element.c.id)
        .where(element.c.kind == kind, element.c.retired.is_(None))
    )
    return {(row.key, row.former) for row in await work.rows(query)}


def _fixed(current: Programme, declared: Programme) -> list[Mistake]:
    """What the first apply fixed for good and the file would change."""
    fixed = {"programme": "key", "starts": "starts", "time_zone": "time_zone", "year_starts": "year_starts"}
    mistakes = []
    for setting, attribute in fixed.items():
        old, new = getattr(current, attribute), getattr(declared, attribute)
        if old != new:
            if setting == "year_starts":
                old, new = (f"{month:02}-{day:02}" for month, day in (old, new))
            mistakes.append(Mistake(f"is {old} since the first apply and cannot become {new}", where=setting))
    return mistakes


async def _write_change(work: UnitOfWork, change: Change, number: int) -> None:
    alive = select(element.c.id).where(element.c.kind == change.kind, element.c.retired.is_(None))
    if change.action is Action.RETIRED:
        found = alive.where(element.c.key == change.key)
        await work.execute(update(element).where(element.c.id.in_(found)).values(retired=number))
        return
    if change.action is Action.ADDED:
        added = insert(element).values(kind=change.kind, key=change.key).returning(element.c.id)
        identifier = (await work.execute(added)).scalar_one()
    else:
        identifier = (await work.execute(alive.where(element.c.key == (change.was or change.key)))).scalar_one()
        await work.execute(update(element).where(element.c.id == identifier).values(key=change.key))
    definition = orjson.dumps(dict(change.after or {})).decode()
    await work.execute(
        insert(version).values(element=identifier, revision=number, key=change.key, definition=definition)
    )


async def _declare_measures(work: UnitOfWork, declared: Programme) -> None:
    """Give an id to every measure that the programme's limits use and no earlier revision did."""
    alive = select(element.c.key, element.c.id).where(element.c.kind == "rule", element.c.retired.is_(None))
    ids = {row.key: row.id for row in await work.rows(alive)}
    known = {(row.element, row.per, row.by, bool(row.across_members)) for row in await work.rows(select(measure))}
    used = {Measure.of(ids[key], limit) for key, rule in declared.rules.items() for limit in rule.limits}
    rows = [found._asdict() for found in sorted(used) if found not in known]
    if rows:
        await work.execute(insert(measure), rows)


def used_measures(state: Revision | None) -> dict[int, Measure]:
    """The measures that a revision's limits look at, by id."""
    if state is None:
        return {}
    used = {Measure.of(item.element, limit) for item in state.rule_versions for limit in item.rule.limits}
    return {state.measures[found]: found for found in used}


async def _renew_tallies(work: UnitOfWork, former: Revision | None, applied: Revision) -> None:
    """Forget the tallies that nothing looks at any more, and count what has been paid for those that are new."""
    before, after = used_measures(former), used_measures(applied)
    if dropped := before.keys() - after.keys():
        await work.execute(delete(tally).where(tally.c.measure.in_(sorted(dropped))))
    if former is not None and (begun := after.keys() - before.keys()):
        await recount_tallies(work, applied, {identifier: after[identifier] for identifier in begun})


async def _renew_boards(work: UnitOfWork, former: Revision | None, applied: Revision) -> None:
    """Build the standings of board versions that are new, and drop those of versions no longer in force."""
    kept = {board.id for board in former.board_versions} if former else set()
    current = {board.id for board in applied.board_versions}
    if dropped := sorted(kept - current):
        await work.execute(delete(standing).where(standing.c.board.in_(dropped)))
        await work.execute(delete(board_period).where(board_period.c.board.in_(dropped)))
    for board in applied.board_versions:
        if board.id not in kept:
            await rebuild(work, board, await counted_by(work, applied, board), applied.calendar)


async def counted_by(work: UnitOfWork, state: Revision, board: Any) -> Counted:
    """The entries that a board counts: those of every rule version there has been that carries one of its tags."""
    query = select(version.c.id, version.c.definition).join(element).where(element.c.kind == "rule")
    tags = {row.id: orjson.loads(row.definition).get("tags", ()) for row in await work.rows(query)}
    wanted = set(board.board.tags)
    versions = [identifier for identifier, has in tags.items() if not wanted or not wanted.isdisjoint(has)]
    if board.board.activities:
        return Counted(versions, [state.type_ids[key] for key in board.board.activities])
    return Counted(
        versions, [row.id for row in await work.rows(select(element.c.id).where(element.c.kind == "activity"))]
    )
