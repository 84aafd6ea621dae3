"""What the database knows of the mirror: which it is, and which standings changed since it was told of them.

Dirty marks are written in the transaction that changes the standings, so that no change is ever unknown, and only where
standings are mirrored. A drain reads marks, tells the mirror how those standings are now, and deletes exactly the marks
that it read.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from secrets import token_hex
from struct import iter_unpack, pack
from typing import NamedTuple

from sqlalchemy import Boolean, Integer, LargeBinary, bindparam, delete, exists, insert, select, true

from leaderboard.tables import board_period, dirty, mirror
from storage.bulk import AnyRow
from storage.work import UnitOfWork

SetKey = tuple[int, int]  # board version, first day of the period


class Attachment(NamedTuple):
    """What the database says of its mirror."""

    epoch: str
    run: str  # of the server


class Marks(NamedTuple):
    """Marks that were read: their ids, and what they name."""

    ids: list[int]
    competitors: Mapping[SetKey, set[int]]
    rebuilt: frozenset[SetKey]  # boards and periods of which all was written anew


async def mark(work: UnitOfWork, changed: Mapping[SetKey, Collection[int]]) -> None:
    """Mark standings as changed, by board and period."""
    rows = [
        {"board": key[0], "period": key[1], "competitors": _packed(changed[key]), "leaving": False}
        for key in sorted(changed)
        if changed[key]
    ]
    if rows:
        await work.execute(MARK, rows)


async def mark_leaving(work: UnitOfWork, board: int, competitors: Collection[int]) -> None:
    """Mark who left a board, or came back to it, in every period."""
    if competitors:
        await work.execute(MARK_LEAVING, {"board": board, "competitors": _packed(competitors)})


async def mark_rebuilt(work: UnitOfWork, board: int, period: int | None = None) -> None:
    """Mark all standings of a board as written anew, in every period or in one."""
    if period is None:
        await work.execute(MARK_LEAVING, {"board": board, "competitors": NOBODY})
    else:
        await work.execute(MARK, {"board": board, "period": period, "competitors": NOBODY, "leaving": True})


async def is_left(work: UnitOfWork, key: SetKey) -> bool:
    """Whether somebody left a board and period or came back, or it was written anew, and the mirror may not know it."""
    return bool(await work.rows(LEFT, {"board": key[0], "period": key[1]}))


async def read_marks(work: UnitOfWork, most: int) -> Marks:
    """The oldest marks, at most so many."""
    rows = await work.rows(OLDEST, {"most": most})
    rebuilt = frozenset((row.board, row.period) for row in rows if row.competitors == NOBODY)
    return Marks([row.id for row in rows], _by_set(rows), rebuilt)


async def delete_marks(work: UnitOfWork, ids: Iterable[int]) -> None:
    await work.execute(DELETE, [{"identifier": identifier} for identifier in ids])


async def attached(work: UnitOfWork) -> Attachment | None:
    """The mirror that the database has now."""
    rows = await work.rows(select(mirror.c.epoch, mirror.c.run))
    return Attachment(*rows[0]) if rows else None


async def attach(work: UnitOfWork, run: str) -> Attachment:
    """Make a run of a server the mirror, with nothing in it; the same again where it is the mirror already.

    Whoever changes standings from now on marks them: those who do so without are waited for.
    """
    await work.hold_programme()
    current = await attached(work)
    if current is not None and current.run == run:
        return current
    new = Attachment(token_hex(8), run)
    await work.execute(delete(mirror))
    await work.execute(insert(mirror).values(id=1, epoch=new.epoch, run=new.run))
    return new


async def detach(work: UnitOfWork) -> None:
    """Mirror the standings no longer, and forget what the mirror was not told."""
    await work.execute(delete(mirror))
    await work.execute(delete(dirty))


def _by_set(rows: Iterable[AnyRow]) -> Mapping[SetKey, set[int]]:
    found: defaultdict[SetKey, set[int]] = defaultdict(set)
    for row in rows:
        found[row.board, row.period].update(key for (key,) in iter_unpack(">q", row.competitors))
    return found


def _packed(competitors: Collection[int]) -> bytes:
    return pack(f">{len(competitors)}q", *competitors)


NOBODY = b""  # names no competitor: all of them

_mirrored = exists(select(mirror.c.id))
_competitors = bindparam("competitors", type_=LargeBinary)
_names = ("board", "period", "competitors", "leaving")

MARK = insert(dirty).from_select(
    _names,
    select(
        bindparam("board", type_=Integer),
        bindparam("period", type_=Integer),
        _competitors,
        bindparam("leaving", type_=Boolean),
    ).where(_mirrored),
)
MARK_LEAVING = insert(dirty).from_select(
    _names,
    select(board_period.c.board, board_period.c.period, _competitors, true()).where(
        board_period.c.board == bindparam("board"), _mirrored
    ),
)
LEFT = (
    select(dirty.c.id)
    .where(dirty.c.board == bindparam("board"), dirty.c.period == bindparam("period"), dirty.c.leaving)
    .limit(1)
)
OLDEST = select(dirty).order_by(dirty.c.id).limit(bindparam("most", type_=Integer))
DELETE = delete(dirty).where(dirty.c.id == bindparam("identifier"))
