"""The service with a Redis: the same answers over GraphQL, from the mirror."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from api.access import Scope, create_key
from api.http import create_app
from operations.enrol import Profile
from settings import Settings
from storage.redis import RedisUnavailable, RedisUrlInvalid
from tests.api.conftest import Client, Json, settings_of
from tests.world import World, published, shared

BOARDS = """query Boards {
  impact: leaderboard(key: "impact") { ...Everything }
  effort: leaderboard(key: "effort") { ...Everything }
  dense: leaderboard(key: "everything") { ...Everything }
  teams: leaderboard(key: "teams") { participants top { rank score team { name } } }
}
fragment Everything on Leaderboard {
  participants
  top(n: 2) { ...Place }
  around(member: "bob", radius: 1) { ...Place }
  place(member: "cy") { ...Place }
  entries(first: 2) { edges { cursor node { ...Place } } pageInfo { hasNextPage hasPreviousPage } }
  lowest: entries(last: 2) { edges { node { ...Place } } pageInfo { hasNextPage hasPreviousPage } }
}
fragment Place on LeaderboardEntry { rank position score reachedAt member { externalId name } }
"""


@pytest.fixture
async def company(world: World) -> World:
    """Some who have points on every board."""
    await world.apply()
    await world.hire("Ada", "Bob", "Cy", team="Red")
    await world.hire("Dee", team="Blue")
    await world.record(shared(1, "ada"), shared(2, "bob"), published(3, "cy"), shared(4, "dee"), shared(5, "dee"))
    return world


@pytest.fixture
async def client(company: World, redis_url: str) -> AsyncIterator[Client]:
    """The application with a Redis."""
    async with company.store.writing() as work:
        keys = {scope: await create_key(work, f"for {scope}", [scope], company.now) for scope in Scope}
    app = create_app(replace(settings_of(company.store), redis_url=redis_url), lambda: company.now, runs_jobs=False)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://laurels.test", timeout=60) as http:
            yield Client(http, keys, app)


async def from_database(client: Client) -> Json:
    """What the same application answers without its mirror."""
    service = client.app.state.service
    client.app.state.service = replace(service, mirror=None)
    answer = await client.ask(BOARDS)
    client.app.state.service = service
    return answer


async def until_mirrored(client: Client, boards: int) -> None:
    """Ask until the mirror has so many boards."""
    mirror = client.app.state.service.mirror
    async with asyncio.timeout(60):
        while True:
            await client.ask(BOARDS)
            if mirror.is_usable() and len(mirror.asked) == boards:
                sizes = [await mirror.ranked(key).size() for key in mirror.asked]
                if None not in sizes:
                    return
            await asyncio.sleep(0.02)


async def test_the_answers_are_the_same(company: World, client: Client) -> None:
    """Ranks, positions, neighbours, pages and counts; and after each change they come to be the same again."""
    await until_mirrored(client, 3)  # dense ranks are the database's
    assert await from_database(client) == await client.ask(BOARDS)
    await company.record(shared(6, "bob"), shared(7, "cy", reach=90_000))
    await company.retract(1)
    expected = await from_database(client)
    async with asyncio.timeout(60):
        while await client.ask(BOARDS) != expected:
            await asyncio.sleep(0.02)


async def test_who_leaves_is_gone_in_the_next_answer(company: World, client: Client) -> None:
    """Not within a second: at once."""
    await until_mirrored(client, 3)
    for participates in (False, True) * 3:
        await company.enrol(Profile("bob", participates=participates))
        assert participates == ("bob" in str(await client.ask(BOARDS)))


async def test_an_error_of_redis_is_nobodys(company: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong there, the answer is whole."""
    await until_mirrored(client, 3)

    async def fail(*_: object) -> None:
        raise RedisUnavailable("told to fail")

    for question in ("top", "around", "size", "last", "behind", "ahead"):
        await until_mirrored(client, 3)
        with monkeypatch.context() as broken:
            broken.setattr(f"storage.redis.RankedSet.{question}", fail)
            assert await from_database(client) == await client.ask(BOARDS)


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost", "redis://localhost:port"])
def test_a_url_that_names_no_redis_is_refused(url: str) -> None:
    """Before anything is served, with what to write instead."""
    with pytest.raises(RedisUrlInvalid, match="LAURELS_REDIS_URL cannot be used; write redis://HOST:PORT/NUMBER"):
        create_app(Settings(redis_url=url), lambda: pytest.fail("asked what time it is"))


def test_the_setting_is_read_from_the_environment() -> None:
    """Without it, or empty, there is no Redis."""
    assert "redis://redis/1" == Settings.read({"LAURELS_REDIS_URL": "redis://redis/1"}).redis_url
    assert Settings.read({"LAURELS_REDIS_URL": ""}).redis_url is None
    assert Settings.read({}).redis_url is None
