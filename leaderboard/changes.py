"""Standings as the mirror is told of them: names, scores, and at which revision of their board and period."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Integer, bindparam, select

from leaderboard.dirty import SetKey
from leaderboard.mirror import competitor_name, placed
from leaderboard.tables import board_period, standing
from storage.redis import SCORE_MAX, Change
from storage.work import UnitOfWork

LOWEST = -(2**63)  # no competitor has a lower key


class Chunk(NamedTuple):
    change: Change | None  # None where a score is not exact
    last: int | None  # the last competitor in it; None when there is none behind


async def changes_of(work: UnitOfWork, wanted: Mapping[SetKey, set[int]]) -> dict[SetKey, Change | None]:
    """What competitors of each board and period are now, all from one snapshot; None where a score is not exact.

    A board that is gone has none.
    """
    sets = sorted(wanted)
    columns = {"board": [key[0] for key in sets], "period": [key[1] for key in sets]}
    revisions = {
        (row.board, row.period): row.revision
        for row in await work.find(board_period, columns, ("board", "period", "revision"))
    }
    changes: dict[SetKey, Change | None] = {}
    for key, revision in revisions.items():
        competitors = sorted(wanted[key])
        size = len(competitors)
        named = {"board": [key[0]] * size, "period": [key[1]] * size, "competitor": competitors}
        rows = await work.find(standing, named, ("score", "reached_us", "competitor", "listed"))
        listed = [row[:3] for row in rows if row[3]]
        removed = wanted[key] - {row[2] for row in listed} if len(listed) < size else ()
        changes[key] = _change(revision, listed, [competitor_name(each) for each in removed])
    return changes


async def chunk_of(work: UnitOfWork, key: SetKey, behind: int, most: int) -> Chunk | None:
    """The next competitors behind one, in the order of their keys; None when the board has seen no points then."""
    here = {"board": key[0], "period": key[1]}
    revision = (await work.execute(REVISION, here)).scalar_one_or_none()
    if revision is None:
        return None
    rows = await work.rows(NEXT, here | {"behind": behind, "most": most})
    return Chunk(_change(revision, rows, []), rows[-1].competitor if len(rows) == most else None)


def _change(revision: int, listed: Sequence[Sequence[int]], removed: list[bytes]) -> Change | None:
    """The change, of scores, times and keys of those listed; None where the mirror cannot hold all scores exactly."""
    if any(abs(row[0]) > SCORE_MAX for row in listed):
        return None
    return Change(revision, [placed(*row) for row in listed], removed)


_here = (standing.c.board == bindparam("board")) & (standing.c.period == bindparam("period"))
REVISION = select(board_period.c.revision).where(
    board_period.c.board == bindparam("board"), board_period.c.period == bindparam("period")
)
NEXT = (
    select(standing.c.score, standing.c.reached_us, standing.c.competitor)
    .where(_here, standing.c.listed, standing.c.competitor > bindparam("behind"))
    .order_by(standing.c.competitor)
    .limit(bindparam("most", type_=Integer))
)
