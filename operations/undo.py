"""Undo: make everything as if a revision, and all that were published after it, had not been."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import insert, select, update

from errors import LaurelsError
from operations.bring_back import told
from operations.catch_up import members_behind
from operations.chronicle import RevisionUnknown
from operations.programme import to_document
from operations.publish import SECTIONS, Plan, Unfinished, differences, enact, taking_part
from operations.reasons import checked_note
from operations.revision import Revision, Revisions, load_revision
from rules.tables import element, version
from storage.work import UnitOfWork


class NothingBefore(LaurelsError):
    """The first revision cannot be undone: there is nothing before it to go back to; apply another file instead"""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo changes in the programme, and the revisions that it undoes."""

    plan: Plan
    first: int
    last: int

    def text(self) -> str:
        """It as people read it, like a difference."""
        lines = [line for change in self.plan.changes for line in change.lines()]
        said = f"Revision {self.plan.revision} is in force: what revision {self.first - 1} said"
        said += f", as if {told(self.first, self.last)} had not been published."
        return "\n".join([*lines, "", said] if lines else [said])


async def undo(
    work: UnitOfWork,
    revisions: Revisions,
    number: int | None = None,
    *,
    author: str,
    note: str | None = None,
    now: datetime,
) -> Undone:
    """Publish what was in force before a revision, the newest unless said, as one more that undoes it and all after it.

    What was judged and awarded before them stands as it stood; what came since is judged as if they had not been. What
    was retracted meanwhile stays out, and what persons gave and took stays. What members share takes effect from now.
    Members are still to be brought up to it: see operations/catch_up.py. Nothing is committed here.

    Raises RevisionUnknown, NothingBefore, NoProgramme, Refused for a note that cannot be kept, and Unfinished while
    members are being brought up to another.
    """
    told_why = checked_note(note)
    await work.hold_programme()
    former = await revisions.current(work)
    first = former.number if number is None else number
    if not 1 <= first <= former.number:
        raise RevisionUnknown(first, former.number)
    if first == 1:
        raise NothingBefore
    if behind := await members_behind(work, former):
        raise Unfinished(former.number, behind)
    then = await load_revision(work, first - 1)
    returning = _Returning(former, then, [await _elements(work, each) for each in (former, then)])
    before, after = to_document(former.programme), to_document(then.programme)
    changes = differences(before, after, returning.renamed())
    planned = Plan(then.programme, tuple(changes), former.number + 1, await taking_part(work))
    said = told_why or f"Undo of {told(first, former.number)}"
    await enact(
        work, former, planned, lambda: returning.write(work), now=now, author=author, note=said, back_to=first - 1
    )
    return Undone(planned, first, former.number)


Things = dict[tuple[str, str], int]  # elements by kind and key


class _Returning:
    """Has the things of an earlier revision be alive again, each under the identity and the key that it had."""

    def __init__(self, former: Revision, then: Revision, elements: Sequence[Things]) -> None:
        self._number = former.number + 1
        self._definitions = [dict(_definitions(each)) for each in (former, then)]
        self._elements = elements

    def renamed(self) -> dict[str, dict[str, str]]:
        """By kind, the keys that things have again with those that they have now."""
        now, then = self._elements
        keys = {identifier: key for (_, key), identifier in now.items()}
        found: dict[str, dict[str, str]] = {kind: {} for kind in SECTIONS}
        for (kind, key), identifier in then.items():
            if keys.get(identifier, key) != key:
                found[kind][key] = keys[identifier]
        return found

    async def write(self, work: UnitOfWork) -> None:
        """Retire what was not there, and write a version of everything else that was not so."""
        now, then = self._elements
        gone = sorted(set(now.values()) - set(then.values()))
        await work.execute(update(element).where(element.c.id.in_(gone)).values(retired=self._number))
        for (kind, key), identifier in then.items():
            definition = self._definitions[1][kind, key]
            if now.get((kind, key)) == identifier and self._definitions[0][kind, key] == definition:
                continue
            alive = update(element).where(element.c.id == identifier)
            await work.execute(alive.values(retired=None, key=key))
            values = {"element": identifier, "revision": self._number, "key": key, "definition": definition}
            await work.execute(insert(version).values(values))


def _definitions(state: Revision) -> Iterator[tuple[tuple[str, str], str]]:
    document = to_document(state.programme)
    for kind, section in SECTIONS.items():
        for key, definition in document.get(section, {}).items():
            yield (kind, key), orjson.dumps(definition).decode()


async def _elements(work: UnitOfWork, state: Revision) -> Things:
    found: Things = {("activity", key): identifier for key, identifier in state.type_ids.items()}
    found |= {("rule", item.rule.key): item.element for item in state.rule_versions}
    found |= {("badge", item.badge.key): item.element for item in state.badge_versions}
    found |= {("zone", item.zone.key): item.element for item in state.zone_versions}
    found |= {("podium", item.podium.key): item.element for item in state.podium_versions}
    boards = {item.id: item.board.key for item in state.board_versions}
    query = select(version.c.id, version.c.element).where(version.c.id.in_(sorted(boards)))
    return found | {("board", boards[row.id]): row.element for row in await work.rows(query)}
