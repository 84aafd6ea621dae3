"""A process of its own that closes periods while its rivals do the same, or record and correct.

    python -m tests.operations.closer URL ROUNDS        closes November early and opens it again, in turns

Prints how often it did. `close_due_days` closes what is due, one day after the other, in chunks so small that there are
many, and pays by a row of the table `paid`.
"""

import asyncio
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event

from sqlalchemy import text

import leaderboard.result
from activity.intake import Refused
from operations.close import close_due
from operations.revision import Revisions
from storage.engine import Store
from storage.work import UnitOfWork
from tests.world import World

CHUNK = 5


async def pay(work: UnitOfWork, closing_id: int) -> None:
    await work.execute(text("INSERT INTO paid VALUES (:closing)"), {"closing": closing_id})


def close_due_days(begins: Event, url: str, first: str, days: int) -> None:
    """All that a process does, which says when it begins."""
    leaderboard.result.CHUNK = CHUNK
    begins.set()
    asyncio.run(due(url, first, days))


async def due(url: str, first: str, days: int) -> int:
    store, revisions, done = Store(url), Revisions(), 0
    now = datetime.fromisoformat(first).replace(tzinfo=UTC)
    for day in range(days):
        done += sum(await close_due(store, revisions, now=now + timedelta(days=day), pay=pay))
    await store.close()
    return done


async def early(url: str, rounds: int) -> int:
    world, done = World(Store(url)), 0
    for number in range(rounds):
        with suppress(Refused):
            await (world.close_early if number % 2 == 0 else world.reopen)("effort", "2026-11")
            done += 1
        await asyncio.sleep(0.02)
    await world.store.close()
    return done


if __name__ == "__main__":
    leaderboard.result.CHUNK = CHUNK
    print(asyncio.run(early(sys.argv[1], int(sys.argv[2]))))
