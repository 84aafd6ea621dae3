"""Claims made and reviewed by several at once, and by a server that is killed at any point."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from activity.claim import AlreadyClaimed, LimitReached
from activity.intake import CLAIMS, Refused
from activity.tables import activity
from api.access import create_key
from tests.operations.claims import CLAIMED, approving, claiming, company, states, withdrawing
from tests.operations.serving import Server
from tests.operations.test_concurrency import rivals, url_of
from tests.world import World

PEOPLE = ("ada", "ben", "cy")
MANY = "claims: {open_max: 1000, per_day: 1000}" + CLAIMED
APPROVE = """mutation Approve($numbers: [Int!]!) { approveClaims(input: {numbers: $numbers}) {
  results { number approved claim { state } } } }"""


async def outcome(doing: Any) -> str:
    """What became of something that can be refused."""
    try:
        await doing
    except Refused as refused:
        return type(refused).__name__
    return "done"


async def claims(world: World, count: int) -> None:
    """So many claims, numbered from 1, of all in turn."""
    for number in range(count):
        await claiming(
            world, PEOPLE[number % len(PEOPLE)], topic=str(number), at=world.now - timedelta(days=number % 40)
        )


async def recorded(world: World) -> list[str]:
    """The numbers of the claims for which something was recorded."""
    return [row.id for row in await world.rows(activity) if row.source == CLAIMS]


async def test_two_who_approve_at_once_record_it_once(world: World) -> None:
    """Processes that review the same claims, while others record for the same members: each is decided once, nobody
    deadlocks, and verify finds nothing."""
    await company(world, MANY)
    await world.hire("M0", "M1")
    await claims(world, 90)
    url = url_of(world)
    writers = [("writer", url, seed, 10, PEOPLE[seed], f"w{seed}-") for seed in (0, 1)]
    counts = await rivals(*writers, *(("reviewer", url, seed, 90) for seed in (2, 3)))
    became = Counter((await states(world)).values())
    assert (became["approved"], became["refused"]) == tuple(map(sum, zip(*counts[2:], strict=True)))
    assert 90 == became["approved"] + became["refused"]
    kept = await recorded(world)
    assert len(kept) == len(set(kept)) == became["approved"]
    assert [] == await world.differences()


async def test_one_who_approves_and_one_who_withdraws_do_not_both(world: World) -> None:
    """Whoever comes first decides it."""
    await company(world, MANY)
    await claims(world, 12)
    chance = random.Random(7)
    doing = [outcome(withdrawing(world, number, PEOPLE[(number - 1) % 3])) for number in range(1, 13)]
    doing += [outcome(approving(world, number)) for number in range(1, 13)]
    chance.shuffle(doing)
    await asyncio.gather(*doing)
    became = await states(world)
    assert {"approved", "withdrawn"} >= set(became.values())
    assert sorted(str(number) for number, state in became.items() if state == "approved") == sorted(
        await recorded(world)
    )
    assert [] == await world.differences()


async def test_who_claims_at_once_keeps_to_the_limit(world: World) -> None:
    """However many of them go on at the same time; and the same is claimed once."""
    await company(world, "claims: {per_day: 5}" + CLAIMED)
    found = await asyncio.gather(*(outcome(claiming(world, topic=str(number))) for number in range(12)))
    assert {"done": 5, LimitReached.__name__: 7} == Counter(found)
    found = await asyncio.gather(*(outcome(claiming(world, "ben")) for _ in range(6)))
    assert {"done": 1, AlreadyClaimed.__name__: 5} == Counter(found)


async def reviewing(
    server: Server, client: httpx.AsyncClient, chance: random.Random, count: int, answered: asyncio.Semaphore
) -> set[int]:
    """Approve a few at a time, some of them again, until the server dies; what it said is approved."""
    seen: set[int] = set()
    while True:
        numbers = [chance.randint(1, count) for _ in range(6)]
        try:
            results = (await server.ask(client, APPROVE, numbers=numbers))["approveClaims"]["results"]
        except httpx.TransportError:
            return seen
        assert {"APPROVED"} == {each["claim"]["state"] for each in results}
        seen |= {each["number"] for each in results}
        answered.release()


async def kill_and_restart(world: World, kills: int, seed: int) -> None:
    count = min(40 * kills, 2_400)  # as many as may wait
    world.now = datetime.now(UTC)
    await company(world, MANY.replace("P90D", "P3660D"))
    await claims(world, count)
    async with world.store.writing() as work:
        token = await create_key(work, name="test", scopes=["manage"], now=world.now)
    chance, acknowledged = random.Random(seed), set[int]()
    server = Server(world.store.url.render_as_string(hide_password=False), token)
    async with httpx.AsyncClient(timeout=60) as client:
        for killed in range(kills):
            await server.start(client)
            answered = asyncio.Semaphore(0)
            reviewers = [asyncio.create_task(reviewing(server, client, chance, count, answered)) for _ in range(2)]
            async with asyncio.timeout(60):
                for _ in range(killed % 4):
                    await answered.acquire()
            await asyncio.sleep(chance.uniform(0.02, 0.2))
            await server.kill()
            for seen in await asyncio.gather(*reviewers):
                acknowledged |= seen
            kept = await recorded(world)
            assert len(kept) == len(set(kept)), "nothing twice"
            assert acknowledged <= {int(each) for each in kept}, "nothing lost that was acknowledged"
            assert [] == await world.differences()
    for first in range(1, count + 1, 100):
        await approving(world, *range(first, min(first + 100, count + 1)))
    assert {"approved"} == set((await states(world)).values())
    assert {str(number) for number in range(1, count + 1)} == set(await recorded(world))
    assert [] == await world.differences()


async def test_killed_three_times_what_was_approved_is_recorded_once(world: World) -> None:
    """SIGKILL among approvals: an approval and its activity are both there, or neither."""
    await kill_and_restart(world, 3, seed=random.randrange(2**32))


@pytest.mark.soak
async def test_killed_a_hundred_times_what_was_approved_is_recorded_once(world: World) -> None:
    """The same, 100 times."""
    await kill_and_restart(world, 100, seed=random.randrange(2**32))
