"""A process of its own that reviews at the same time as its rivals, for tests of concurrency.

    python -m tests.operations.reviewer URL SEED CLAIMS

Approves the claims numbered from 1 to CLAIMS in batches and an order of its own, and refuses one of five.
Prints how many it approved, and how many it refused.
"""

import asyncio
import random
import sys

from activity.intake import Refused
from operations.adjust import Author
from operations.review import approve, refuse
from operations.revision import Revisions
from storage.engine import Store
from tests.world import NOW, WHY


async def review(url: str, seed: int, claims: int) -> tuple[int, int]:
    chance, revisions, store, author = random.Random(seed), Revisions(), Store(url), Author(f"reviewer {seed}")
    numbers, approved, refused = list(range(1, claims + 1)), 0, 0
    chance.shuffle(numbers)
    while numbers:
        batch, numbers = numbers[:5], numbers[5:]
        try:
            async with store.writing() as work:
                await refuse(work, batch[0], author=author, reason=WHY, now=NOW)
            refused += 1
        except Refused:
            pass
        async with store.writing() as work:
            approved += sum(
                each.seq is not None for each in await approve(work, revisions, batch[1:], author=author, now=NOW)
            )
    await store.close()
    return approved, refused


if __name__ == "__main__":
    print(*asyncio.run(review(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
