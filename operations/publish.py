"""Publish: what a programme file would change, and changing it, in one transaction."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import func, insert, select, update

from activity.calendar import Calendar, PeriodKind, microseconds
from activity.tables import member
from errors import LaurelsError, Mistake
from leaderboard.tables import closing
from operations.catch_up import members_behind
from operations.gone import refuse_gone
from operations.kept import forget_all, wake_all
from operations.programme import Programme, to_document
from operations.reasons import checked_note
from operations.renew import renew_boards, renew_counters
from operations.revision import Revision, Revisions, load_revision
from operations.sharing import refuse_apart
from rewards.definition import badge_from_plain
from rewards.goal import measures_of_badge, measures_of_zone
from rewards.journey_definition import zone_from_plain
from rewards.podium_cost import Cost, costs
from rules.tables import element, measure, programme, revision, version
from rules.tally import Measure, measures_of
from rules.versions import KINDS, Action, Change, changes, renames
from storage.work import UnitOfWork

SECTIONS = {
    "activity": "activities",
    "rule": "rules",
    "badge": "badges",
    "zone": "zones",
    "board": "boards",
    "podium": "podiums",
}


def _of_badge(change: Change, side: Mapping[str, Any], calendar: Calendar) -> set[Measure]:
    return set(measures_of_badge(0, badge_from_plain(change.key, side, calendar)))


def _of_zone(change: Change, side: Mapping[str, Any], _: Calendar) -> set[Measure]:
    return set(measures_of_zone(0, zone_from_plain(change.key, side)))


# What a badge or zone counts, from its definition in a change.
COUNTED = {"badge": _of_badge, "zone": _of_zone}


class PlanRefused(LaurelsError):
    """The file is sound in itself, but does not fit what is in force; the message lists every reason."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = tuple(mistakes)


class Unfinished(LaurelsError):
    """A revision with effect from a past date is still being applied; nothing else is published meanwhile."""

    def __init__(self, number: int, behind: int) -> None:
        super().__init__(
            f"revision {number} takes effect from a past date and is still being applied to {behind:,} "
            f"member{'s' * (behind != 1)}; wait until it is done, or go on with it: python app.py catch-up"
        )


class SinceInvalid(LaurelsError):
    """A revision is to take effect from a day on which the programme had not begun, or that is not past."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a programme changes, and the number of the revision that it would become."""

    programme: Programme
    changes: tuple[Change, ...]
    revision: int
    members: int = 0  # who take part now

    def text(self, *, since: date | None = None, published: bool = False) -> str:
        """The plan as people read it; it ends in a sentence that sums it up. `since` is the past day, if any, from
        which it takes effect."""
        verb = "is in force" if published else "would be"
        if not self.changes:
            if since is None:
                if published:
                    return f"Nothing was published: revision {self.revision}, which is in force, says the same."
                return f"Nothing changes: revision {self.revision} says the same."
            return f"Revision {self.revision} {verb}: the same rules, with effect from {since}."
        lines = [line for change in self.changes for line in change.lines()]
        counts = {action: sum(change.action is action for change in self.changes) for action in Action}
        told = ", ".join(f"{count} {action}" for action, count in counts.items() if count)
        notes = self.notes() if since is None else []
        cost = [*map(str, self.costs()), ""] if self.costs() else []
        return "\n".join([*lines, "", *cost, *notes, f"Revision {self.revision} {verb}: {told}."])

    def change_of(self, path: str) -> Change | None:
        """What changes of the thing that a path of the file, such as rules.share.limits, is in."""
        section, _, rest = path.partition(".")
        kind = next((kind for kind, plural in SECTIONS.items() if plural == section), "settings")
        for change in self.changes:
            keys = {change.key, change.was} - {None}
            if change.kind == kind and (
                kind == "settings" or any(rest == key or rest.startswith(f"{key}.") for key in keys)
            ):
                return change
        return None

    def costs(self) -> list[Cost]:
        """What the podiums that change can cost at most."""
        boards, changed = self.programme.boards, {(change.kind, change.key) for change in self.changes}
        return [
            cost
            for podium in self.programme.podiums.values()
            if ("podium", podium.key) in changed or ("board", podium.board) in changed
            for cost in costs(podium, boards[podium.board].period_name, self.members)
        ]

    def notes(self) -> list[str]:
        """What a change means that its lines do not tell: badges and zones whose progress begins at nothing."""
        calendar = self.programme.calendar
        anew = []
        for change in self.changes:
            if change.kind in COUNTED and change.before is not None and change.after is not None:
                before, after = (COUNTED[change.kind](change, side, calendar) for side in (change.before, change.after))
                if after - before:
                    anew.append(f"{KINDS[change.kind]} {change.key}")
        if not anew:
            return []
        told = "counts something else: its progress begins" if len(anew) == 1 else "count something else: they begin"
        return [f"{', '.join(anew)} {told} at 0 from now; apply with --since DATE to count what happened since.", ""]


async def plan(work: UnitOfWork, revisions: Revisions, declared: Programme) -> Plan:
    """What applying `declared` would change. Raises PlanRefused where it contradicts what can never change."""
    number = (await work.execute(select(programme.c.revision))).scalar_one_or_none()
    current = await revisions.current(work) if number is not None else None
    before = to_document(current.programme) if current else {}
    after = to_document(declared)
    mistakes = _fixed(current.programme, declared) if current else []
    renamed: dict[str, dict[str, str]] = {}
    for kind, section in SECTIONS.items():
        things = getattr(declared, section).items() if current and kind != "zone" else ()
        was = {key: thing.was for key, thing in things if thing.was}
        former = await _former_keys(work, kind) if was else set()
        renamed[kind], wrong = renames(kind, section, before.get(section, {}), was, former)
        mistakes += wrong
    if current is not None:
        mistakes += await _closed_periods(work, current, declared, renamed["board"])
    if mistakes:
        raise PlanRefused([_placed(mistake, declared) for mistake in mistakes])
    found = differences(before, after, renamed)
    return Plan(declared, tuple(found), (number or 0) + (1 if found else 0), await taking_part(work))


async def taking_part(work: UnitOfWork) -> int:
    """How many members take part now."""
    return int((await work.execute(select(func.count()).where(member.c.participates))).scalar_one())


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], renamed: Mapping[str, Mapping[str, str]]
) -> list[Change]:
    """What changes between two states, given as documents; the first may be empty. `renamed` has, by kind, the keys
    that things have after with those that they had before."""
    found: list[Change] = []
    settings = [{k: v for k, v in side.items() if k not in SECTIONS.values()} for side in (before, after)]
    if settings[0] != settings[1]:
        action = Action.CHANGED if before else Action.ADDED
        found.append(Change("settings", after["programme"], action, settings[0] or None, settings[1]))
    for kind, section in SECTIONS.items():
        found += changes(kind, before.get(section, {}), after.get(section, {}), renamed.get(kind, {}))
    if before and not found and orjson.dumps(before) != orjson.dumps(after):
        order = {"order": "as before"}, {"order": "as in the file"}
        found.append(Change("settings", after["programme"], Action.CHANGED, *order))
    return found


async def apply(
    work: UnitOfWork,
    revisions: Revisions,
    declared: Programme,
    *,
    now: datetime,
    author: str = "",
    note: str | None = None,
    since: date | None = None,
    revive: bool = False,
) -> Plan:
    """Make `declared` the programme in force: from now on, or for all activities since a past day. Nothing is committed
    here.

    Standings of new and changed boards are built from the ledger. Limits that count something new start from what has
    been paid; badges and zones that count something new start from nothing, or with `since` from what happened since.
    With `since` members are still to be brought up to the revision: see operations/catch_up.py. With `revive` a thing
    that was retired goes on under its key, instead of a new one beginning.

    Raises PlanRefused, Refused for a note that cannot be kept, DataGone where the past day is too long ago to be judged
    again, and Unfinished while members are being brought up to the revision before. Where nothing changes nothing is
    written, unless there is a past day: the plan then names the revision in force, and `note` is not kept.
    """
    told = checked_note(note)
    await work.hold_programme()
    planned = await plan(work, revisions, declared)
    if not planned.changes:
        if since is None or not planned.revision:
            return planned
        planned = replace(planned, revision=planned.revision + 1)
    former = await revisions.current(work) if planned.revision > 1 else None
    if former and (behind := await members_behind(work, former)):
        raise Unfinished(former.number, behind)
    from_us = instant_since(declared, since, now) if since and former else None
    if former and from_us is not None:
        await refuse_gone(work, former, declared, from_us, revive=revive)

    async def write() -> None:
        for change in planned.changes:
            if change.kind in SECTIONS:
                await _write_change(work, change, planned.revision, revive=revive)

    await enact(work, former, planned, write, now=now, author=author, note=told, from_us=from_us)
    return planned


async def enact(
    work: UnitOfWork,
    former: Revision | None,
    planned: Plan,
    write: Callable[[], Awaitable[None]],
    *,
    now: datetime,
    author: str,
    note: str | None,
    from_us: int | None = None,
    back_to: int | None = None,
) -> None:
    """Put what is planned in force as the next revision. `write` writes the versions of what changes."""
    declared = planned.programme
    await work.execute(update(revision).where(revision.c.pending).values(pending=False))
    seq = (await work.take_seq(1))[0]
    stripped = (await work.execute(select(programme.c.stripped))).scalar_one_or_none()
    await work.execute(
        insert(revision).values(
            number=planned.revision,
            seq=seq,
            applied_us=microseconds(now),
            document=orjson.dumps(to_document(declared)).decode(),
            author=author,
            note=note,
            from_us=from_us,
            back_to=back_to,
            pending=from_us is not None or back_to is not None,
            stripped=stripped or 0,
        )
    )
    if former is None:
        secret = secrets.token_bytes(32)
        await work.execute(insert(programme).values(id=1, key=declared.key, revision=1, secret=secret, closings=0))
    else:
        await work.execute(update(programme).values(revision=planned.revision))
    if declared.opt_in:
        await forget_all(work)
    else:
        await wake_all(work)
    await write()
    await refuse_apart(work)
    await _declare_measures(work, declared, seq)
    applied = await load_revision(work, planned.revision)
    applied = await renew_counters(work, former, applied)
    await renew_boards(work, former, applied)


def instant_since(declared: Programme, since: date, now: datetime) -> int:
    """The first instant of a past day, in microseconds. Raises SinceInvalid."""
    begins = declared.calendar.starts_at(declared.calendar.period(PeriodKind.DAY, since.toordinal()))
    assert begins is not None
    if since < declared.starts:
        raise SinceInvalid(f"{since} is before the programme starts, {declared.starts}; write a day from then on")
    if begins > now:
        raise SinceInvalid(f"{since} is not past; write an earlier day, or none for a change that counts from now on")
    return microseconds(begins)


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


async def _closed_periods(
    work: UnitOfWork, current: Revision, declared: Programme, renamed: Mapping[str, str]
) -> list[Mistake]:
    """Boards that would begin anew after another time although some of their periods have been closed."""
    closed = {row.element for row in await work.rows(select(closing.c.element).distinct())}
    before = {item.board.key: item for item in current.board_versions}
    mistakes = []
    for key, board in declared.boards.items():
        former = before.get(renamed.get(key, key))
        if former and former.element in closed and former.board.period != board.period:
            message = (
                f"is {former.board.period_name} since its first closing and cannot become {board.period_name}; "
                "give the board another key, and it is a new one"
            )
            mistakes.append(Mistake(message, where=f"boards.{key}.period"))
    return mistakes


async def _write_change(work: UnitOfWork, change: Change, number: int, *, revive: bool) -> None:
    alive = select(element.c.id).where(element.c.kind == change.kind, element.c.retired.is_(None))
    if change.action is Action.RETIRED:
        found = alive.where(element.c.key == change.key)
        await work.execute(update(element).where(element.c.id.in_(found)).values(retired=number))
        return
    gone = None
    if change.action is Action.ADDED and revive:
        retired = select(func.max(element.c.id)).where(element.c.kind == change.kind, element.c.key == change.key)
        gone = (await work.execute(retired)).scalar_one_or_none()
    if gone is not None:
        identifier = gone
        await work.execute(update(element).where(element.c.id == identifier).values(retired=None))
    elif change.action is Action.ADDED:
        added = insert(element).values(kind=change.kind, key=change.key).returning(element.c.id)
        identifier = (await work.execute(added)).scalar_one()
    else:
        identifier = (await work.execute(alive.where(element.c.key == (change.was or change.key)))).scalar_one()
        await work.execute(update(element).where(element.c.id == identifier).values(key=change.key))
    definition = orjson.dumps(dict(change.after or {})).decode()
    await work.execute(
        insert(version).values(element=identifier, revision=number, key=change.key, definition=definition)
    )


async def _declare_measures(work: UnitOfWork, declared: Programme, seq: int) -> None:
    """Give an id to every measure that the programme uses and no earlier revision did."""
    alive = select(element.c.kind, element.c.key, element.c.id).where(element.c.retired.is_(None))
    ids = {(row.kind, row.key): row.id for row in await work.rows(alive)}
    used = {each for key, rule in declared.rules.items() for each in measures_of(ids["rule", key], rule)}
    used |= {each for key, badge in declared.badges.items() for each in measures_of_badge(ids["badge", key], badge)}
    used |= {each for key, zone in declared.zones.items() for each in measures_of_zone(ids["zone", key], zone)}
    stored = {Measure(row.element, row.definition) for row in await work.rows(select(measure))}
    rows = [found._asdict() | {"since": seq, "from_us": None} for found in sorted(used - stored)]
    if rows:
        await work.execute(insert(measure), rows)
