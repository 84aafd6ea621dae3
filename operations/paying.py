"""What rule and badge versions carry by which boards select the points that they paid."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

import orjson
from sqlalchemy import select

from leaderboard.board import Board
from leaderboard.standing import BoardVersion, Counted
from rules.tables import element, version
from storage.work import UnitOfWork


class Paying(NamedTuple):
    """A rule or badge version: its tags, and the key of the rule if there is one of that key."""

    tags: list[str]
    rule: str | None


async def paying_versions(
    work: UnitOfWork, rule_keys: Mapping[int, str], versions: Iterable[int] | None = None
) -> dict[int, Paying]:
    """These versions of rules and badges, or all that there have been. `rule_keys` are those of rules, by element."""
    query = select(version.c.id, version.c.element, version.c.definition).join(element)
    query = query.where(element.c.kind.in_(("rule", "badge")))
    if versions is not None:
        query = query.where(version.c.id.in_(sorted(versions)))
    return {
        row.id: Paying(orjson.loads(row.definition).get("tags", []), rule_keys.get(row.element))
        for row in await work.rows(query)
    }


async def counted_of(
    work: UnitOfWork, board: Board, types: Collection[int] | None, rule_keys: Mapping[int, str]
) -> Counted:
    """The entries that a board counts: of these activity types, and of what its tags and rules select."""
    if not board.tags and not board.rules:
        return Counted(None, types)
    alone = BoardVersion(0, replace(board, activities=()))
    paying = await paying_versions(work, rule_keys)
    return Counted([key for key, each in paying.items() if alone.counts(each.tags, None, each.rule)], types)
