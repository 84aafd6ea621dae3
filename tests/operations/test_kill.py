"""The server killed at random moments of its work, and started again."""

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from activity.tables import activity
from api.access import create_key
from rewards.tables import entry
from storage.engine import Store
from tests.operations.serving import Server
from tests.world import World

PEOPLE = [f"m{number}" for number in range(8)]
BATCH = 40

MUTATION = """
mutation ($activities: [ActivityInput!]!) {
  recordActivities(input: {activities: $activities}) { results { index status message } }
}
"""


async def record(server: Server, client: httpx.AsyncClient, activities: list[dict[str, Any]]) -> list[str]:
    """Ids that the server said it has. Raises httpx.TransportError when it dies before it could say so."""
    results = (await server.ask(client, MUTATION, activities=activities))["recordActivities"]["results"]
    assert {"RECORDED", "DUPLICATE"} >= {result["status"] for result in results}, results
    return [activities[result["index"]]["id"] for result in results]


def batch(chance: random.Random, first: int) -> list[dict[str, Any]]:
    """Activities numbered from `first`, always the same for a number, in an order of their own."""
    numbers = list(range(first, first + BATCH))
    chance.shuffle(numbers)
    return [
        {
            "source": "test",
            "id": str(number),
            "type": "post.shared",
            "member": PEOPLE[number % len(PEOPLE)],
            "time": f"2026-11-{1 + number % 20:02}T09:30:00Z",
            "data": {"network": "x", "url": f"https://example.com/{number % 300}", "reach": number},
        }
        for number in numbers
    ]


async def deliver(
    server: Server, client: httpx.AsyncClient, chance: random.Random, sent: set[int], answered: asyncio.Semaphore
) -> set[str]:
    """Deliver batches, some of them again, until the server dies; returns what it acknowledged."""
    acknowledged: set[str] = set()
    while True:
        first = BATCH * (chance.choice(sorted(sent)) if sent and chance.random() < 0.2 else len(sent))
        sent.add(first // BATCH)
        try:
            acknowledged.update(await record(server, client, batch(chance, first)))
        except httpx.TransportError:
            return acknowledged
        answered.release()


async def kill_and_restart(store: Store, kills: int, seed: int) -> None:
    world = World(store)
    world.now = datetime.now(UTC)
    await world.apply()
    await world.hire(*(name.upper() for name in PEOPLE), team="Red")
    async with store.writing() as work:
        token = await create_key(work, name="test", scopes=["ingest", "read"], now=world.now)
    chance, sent, acknowledged = random.Random(seed), set[int](), set[str]()
    server = Server(store.url.render_as_string(hide_password=False), token)
    async with httpx.AsyncClient(timeout=60) as client:
        for killed in range(kills):
            await server.start(client)
            answered = asyncio.Semaphore(0)
            writing = [asyncio.create_task(deliver(server, client, chance, sent, answered)) for _ in range(2)]
            async with asyncio.timeout(60):
                for _ in range(killed % 4):  # early or later, however slow the machine is
                    await answered.acquire()
            await asyncio.sleep(chance.uniform(0.02, 0.4))
            await server.kill()
            for seen in await asyncio.gather(*writing):
                acknowledged |= seen
            assert [] == await world.differences()
        kept = [row.id for row in await world.rows(activity)]
        assert len(kept) == len(set(kept)), "nothing twice"
        assert acknowledged <= set(kept), "nothing lost that was acknowledged"
        assert acknowledged
        await server.start(client)
        for number in sorted(sent):
            await record(server, client, batch(chance, BATCH * number))
        await server.kill()
    everything = {str(number) for first in sent for number in range(BATCH * first, BATCH * first + BATCH)}
    assert everything == {row.id for row in await world.rows(activity)}
    assert await world.rows(entry)
    assert [] == await world.differences()


async def test_killed_three_times_nothing_is_lost_and_nothing_counts_twice(store: Store) -> None:
    """SIGKILL under writes: what was acknowledged is there, nothing is there twice, and verify finds nothing."""
    await kill_and_restart(store, 3, seed=random.randrange(2**32))


@pytest.mark.soak
async def test_killed_two_hundred_times_nothing_is_lost_and_nothing_counts_twice(store: Store) -> None:
    """The same, 200 times."""
    await kill_and_restart(store, 200, seed=random.randrange(2**32))
