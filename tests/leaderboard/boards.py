"""Boards for tests of rankings: standings written directly, and what a ranking of them must say."""

from collections.abc import Sequence
from random import Random

from sqlalchemy import delete, insert, select

from leaderboard.board import TieRule
from leaderboard.dirty import mark
from leaderboard.ranking import Mark, Place, places
from leaderboard.tables import board_period, standing
from rules.tables import element, revision, version
from storage.engine import Store
from storage.work import UnitOfWork
from tests.leaderboard.test_ranking import ahead_of, order

BOARD, PERIOD = 1, 739_000


async def make_boards(store: Store) -> None:
    """Two boards; nobody stands on them."""
    async with store.writing() as work:
        row = {"number": 1, "seq": 1, "applied_us": 0, "document": "{}", "author": "", "pending": False}
        await work.execute(insert(revision).values(row))
        for board in (BOARD, BOARD + 1):
            await work.execute(insert(element).values(id=board, kind="board", key=f"board-{board}"))
            row = {"id": board, "element": board, "revision": 1, "key": f"board-{board}", "definition": "{}"}
            await work.execute(insert(version).values(row))


async def stand(store: Store, marks: Sequence[Mark], *, board: int = BOARD, period: int = PERIOD) -> None:
    """Put competitors on a board, or where they stand now; who has a negative key takes no part."""
    columns: dict[str, list[int]] = {
        "board": [board] * len(marks),
        "period": [period] * len(marks),
        "competitor": [mark.competitor for mark in marks],
        "score": [mark.score for mark in marks],
        "reached_us": [mark.reached_us for mark in marks],
        "entries": [1] * len(marks),
        "listed": [mark.competitor > 0 for mark in marks],
    }
    async with store.writing() as work:
        await work.upsert(standing, columns)
        await _changed(work, board, period, [mark.competitor for mark in marks])


async def leave(store: Store, competitors: Sequence[int], *, board: int = BOARD, period: int = PERIOD) -> None:
    """Take competitors off a board."""
    here = standing.c.board == board, standing.c.period == period
    async with store.writing() as work:
        await work.execute(delete(standing).where(*here, standing.c.competitor.in_(competitors)))
        await _changed(work, board, period, competitors)


async def _changed(work: UnitOfWork, board: int, period: int, competitors: Sequence[int]) -> None:
    here = standing.c.board == board, standing.c.period == period
    listed = len(await work.rows(select(standing.c.competitor).where(*here, standing.c.listed)))
    row = {"board": [board], "period": [period], "participants": [listed], "revision": [1]}
    await work.upsert(board_period, row, add=("revision",))
    await mark(work, {(board, period): competitors})


def crowd(seed: int, size: int = 60) -> list[Mark]:
    """Competitors with many equal scores and times, some of whom take no part."""
    random = Random(seed)
    keys = random.sample(range(1, 10_000), size)
    return [Mark(random.randrange(-2, 8), random.randrange(4), key if random.random() < 0.85 else -key) for key in keys]


def ranked(marks: Sequence[Mark], ties: TieRule) -> list[Place]:
    """The whole ranking, from a list."""
    listed = sorted((mark for mark in marks if mark.competitor > 0), key=order)
    return places(listed, ahead_of(listed, 0), ties)
