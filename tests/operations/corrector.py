"""A process of its own that corrects what its rivals record, for tests of concurrency.

    python -m tests.operations.corrector URL SEED ROUNDS

Retracts what writers have recorded, gives, takes and adjusts, releases what is due, and brings members up. Prints how
many corrections were made.
"""

import asyncio
import random
import sys
from contextlib import suppress
from datetime import timedelta

from activity.intake import Refused
from storage.engine import Store
from tests.operations.writer import PEOPLE, POOL
from tests.world import World


async def correct(url: str, seed: int, rounds: int) -> int:
    chance, world, done = random.Random(seed), World(Store(url)), 0
    world.now += timedelta(days=20)
    for _ in range(rounds):
        name, badge = chance.choice(PEOPLE), chance.choice(["thanks", "early", "regular"])
        corrections = [
            world.retract(f"{name}{chance.randrange(POOL)}"),
            world.give(name, badge),
            world.take(name, badge),
            world.adjust(name, chance.choice([-3, 3]), rule="share"),
            world.release(most=2),
            world.catch_up(chunk=2, most=1),
        ]
        chance.shuffle(corrections)
        for correction in corrections:
            with suppress(Refused):
                await correction
                done += 1
    await world.store.close()
    return done


if __name__ == "__main__":
    print(asyncio.run(correct(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
