"""A process of its own that records at the same time as its rivals, for tests of concurrency.

    python -m tests.operations.writer URL SEED BATCHES [OWN [PREFIX]]

Draws its batches from one pool of activities, in an order of its own; with OWN, as activities of that one member, and
with PREFIX under ids of its own.
Prints how many it recorded, and how many were conflicts and refused.
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
URLS = 40


async def write(url: str, seed: int, batches: int, own: str, prefix: str) -> Counter[Status]:
    chance, revisions, store = random.Random(seed), Revisions(), Store(url)
    seen: Counter[Status] = Counter()
    for _ in range(batches):
        numbers = [chance.randrange(POOL) for _ in range(BATCH)]
        reports = [
            shared(
                f"{prefix}{number}",
                own or PEOPLE[number % len(PEOPLE)],
                url=f"https://example.com/{number % URLS}",
            )
            for number in numbers
        ]
        async with store.writing() as work:
            seen.update(receipt.status for receipt in await record(work, revisions, reports, now=NOW))
    await store.close()
    return seen


if __name__ == "__main__":
    own, prefix, *_ = [*sys.argv[4:], "", ""]
    counted = asyncio.run(write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), own, prefix))
    print(counted[Status.RECORDED], counted[Status.CONFLICT], counted[Status.REFUSED])
