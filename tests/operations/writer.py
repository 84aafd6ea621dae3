"""A process of its own that records the same activities as its rivals, for tests of concurrency.

    python -m tests.operations.writer URL SEED BATCHES

Prints how many it recorded. Draws its batches from one pool, in an order of its own.
"""

import asyncio
import random
import sys
from collections import Counter

from operations.record import Status, record
from operations.revision import Revisions
from storage.engine import Store
from tests.world import NOW, shared

PEOPLE = [f"m{number}" for number in range(12)]
POOL = 600  # identities: rivals deliver many of them twice
BATCH = 25


async def write(url: str, seed: int, batches: int) -> Counter[Status]:
    chance, revisions, store = random.Random(seed), Revisions(), Store(url)
    seen: Counter[Status] = Counter()
    for _ in range(batches):
        numbers = [chance.randrange(POOL) for _ in range(BATCH)]
        reports = [
            shared(number, PEOPLE[number % len(PEOPLE)], url=f"https://example.com/{number % 40}") for number in numbers
        ]
        async with store.writing() as work:
            seen.update(receipt.status for receipt in await record(work, revisions, reports, now=NOW))
    await store.close()
    return seen


if __name__ == "__main__":
    counted = asyncio.run(write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
    print(counted[Status.RECORDED], counted[Status.CONFLICT], counted[Status.REFUSED])
