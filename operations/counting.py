"""Which boards count which entries, whatever revision they were paid under."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import orjson
from sqlalchemy import select

from leaderboard.gains import Counting
from leaderboard.standing import BoardVersion, Counted
from operations.revision import Revision
from rules.tables import element, version
from storage.work import UnitOfWork


class _Paying(NamedTuple):
    """A rule or badge version: its tags, and the key of the rule if it is still in force."""

    tags: list[str]
    rule: str | None


async def counted_by(work: UnitOfWork, state: Revision, board: BoardVersion) -> Counted:
    """The entries that a board counts: those of every version there has been of its rules, and with one of its tags."""
    types = [state.type_ids[key] for key in board.board.activities] if board.board.activities else None
    if not board.board.tags and not board.board.rules:
        return Counted(None, types)
    alone = BoardVersion(board.id, replace(board.board, activities=()))
    paying = await _paying(work, state)
    return Counted([key for key, (tags, rule) in paying.items() if alone.counts(tags, None, rule)], types)


async def counting_of(work: UnitOfWork, state: Revision, versions: Iterable[int | None]) -> Counting:
    """`Revision.counting`, and the same for versions of earlier revisions and for points that a person gave."""
    others = {each for each in versions if each is not None} - {key[0] for key in state.counting}
    if not others:
        return state.counting
    paying = await _paying(work, state, others)
    kinds: list[str | None] = [*state.type_keys.values(), None]
    return dict(state.counting) | {
        (each, kind): tuple(board for board in state.board_versions if board.counts(tags, kind, rule))
        for each, (tags, rule) in paying.items()
        for kind in kinds
    }


async def _paying(work: UnitOfWork, state: Revision, versions: Iterable[int] | None = None) -> dict[int, _Paying]:
    query = select(version.c.id, version.c.element, version.c.definition).join(element)
    query = query.where(element.c.kind.in_(("rule", "badge")))
    if versions is not None:
        query = query.where(version.c.id.in_(sorted(versions)))
    return {
        row.id: _Paying(orjson.loads(row.definition).get("tags", []), state.rule_keys.get(row.element))
        for row in await work.rows(query)
    }
