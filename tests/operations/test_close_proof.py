"""Verify, of what is closed: whatever has been tampered with is found and named."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from leaderboard.closing import State
from leaderboard.tables import board_period, closing, closing_event, result, standing
from operations.close import close_due
from operations.enrol import Profile
from rewards.tables import entry
from storage.work import UnitOfWork
from tests.operations.test_close import at, named_closing, places, provisional
from tests.operations.test_verify import unnoticed
from tests.world import World, shared

# The first is of the board effort in October: Ada leads with 24, then Ben and Cy with 12 each.
PLACES = result.c.closing.in_(select(closing.c.id).where(closing.c.participants == 3))
FIRST = PLACES & (result.c.position == 1)
OCTOBER = (standing.c.score == 24) & standing.c.board.in_(select(closing.c.board))

TAMPERED: dict[str, tuple[Any, str]] = {
    "a score": (
        update(result).where(FIRST).values(score=25),
        "result of effort in 2026-10 of member ada: stored is score 25",
    ),
    "when it was reached": (
        update(result).where(FIRST).values(reached_us=1),
        "of member ada: stored is score 24, reached 1970",
    ),
    "who has a place": (
        update(result).where(FIRST).values(competitor=7),
        "result of effort in 2026-10 of member number 7: stored",
    ),
    "a rank": (
        update(result).where(PLACES, result.c.position == 3).values(rank=3),
        "are not in the order of their scores",
    ),
    "a place removed": (delete(result).where(FIRST), "of member ada: stored is nothing; the ledger gives score 24"),
    "the last place removed": (delete(result).where(PLACES, result.c.position == 3), "it has 2 places, and not 3"),
    "a place added": (
        insert(result).from_select(
            ["closing", "position", "rank", "competitor", "score", "reached_us"],
            select(
                result.c.closing, result.c.position + 3, result.c.rank, result.c.competitor, result.c.score, 1
            ).where(FIRST),
        ),
        "are not in the order of their scores",
    ),
    "the digest": (update(closing).values(digest="0" * 64).where(closing.c.participants == 3), "its digest is 0000"),
    "how many places there are": (
        update(closing).where(closing.c.participants == 3).values(participants=4),
        "it has 3 places",
    ),
    "a closed standing": (
        update(standing).where(OCTOBER).values(score=99),
        "closed standing on effort in 2026-10 of member ada",
    ),
    "a closed standing removed": (
        delete(standing).where(OCTOBER),
        "of member ada: stored is nothing; the ledger gives",
    ),
    "participants": (update(board_period).values(participants=9), "participants on effort in 2026-10"),
    "the cutoff": (update(closing).values(cutoff_seq=10**6), "the ledger gives score 24"),
    "the fence": (update(closing).values(final_seq=10**6), "result of effort in 2026-10 of member ada"),
    "what happened": (
        delete(closing_event).where(closing_event.c.kind == "final"),
        "it is final, but what happened last was",
    ),
    "how often it was closed": (update(closing).values(attempt=2), "it was closed 1 times, and not 2"),
    "a stray result": (
        insert(result).values(closing=999, position=1, rank=1, competitor=1, score=1, reached_us=1),
        "result of closing number 999: there are places, but it is not final",
    ),
}


async def final(world: World) -> World:
    """October is final; something came late, and after the fence somebody was corrected and somebody left."""
    await provisional(world)
    await world.record(shared(9, "cy", at="2026-10-20T09:30:00Z"))
    world.now = at(2026, 11, 20)
    await world.close()
    await world.retract(0)
    await world.enrol(Profile("ben", participates=False))
    return world


async def test_an_honest_result_has_no_differences(world: World) -> None:
    """Whatever came after the fence."""
    assert [] == await (await final(world)).differences()


async def test_whatever_is_tampered_with_is_found_and_named(world: World) -> None:
    """A change behind the product's back, in any table that closings are made of, is a named difference."""
    await final(world)
    assert {} == await unnoticed(world, TAMPERED)
    assert [] == await world.differences()


async def test_a_result_that_was_changed_with_its_digest_is_found_by_the_ledger(world: World) -> None:
    """Who can write a digest cannot write a history."""
    await final(world)
    async with world.store.writing() as work:
        await work.execute(
            update(entry).where(entry.c.points == 5, entry.c.day < at(2026, 10, 6).toordinal()).values(points=6)
        )
    assert [each for each in await world.differences() if "result of effort in 2026-10 of member ada" in each]


async def test_what_is_fenced_is_made_final_as_it_was_then(world: World) -> None:
    """Somebody leaves, and somebody is corrected, while the copy is interrupted: the result is that of the fence."""
    await provisional(world)
    world.now = at(2026, 11, 20)
    october = (await named_closing(world)).id

    async def failing(work: UnitOfWork, closing_id: int) -> None:
        if closing_id == october:
            raise RuntimeError(closing_id)

    with pytest.raises(RuntimeError):
        await close_due(world.store, world.revisions, now=world.now, pay=failing)
    await world.enrol(Profile("ben", participates=False))
    await world.retract(3)
    assert State.PROVISIONAL == (await named_closing(world)).state
    assert [] == await world.differences()
    await world.close()
    row = [row for row in await world.rows(closing) if row.participants == 3]
    assert 1 == len(row)
    assert [(1, "ada", 24), (2, "ben", 12), (2, "cy", 12)] == await places(world)
    assert [] == await world.differences()
