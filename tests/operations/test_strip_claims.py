"""Retention of claims: once they were decided long ago, what was given with them is gone, and they are still proved."""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import update

from activity.claim import AlreadyClaimed
from activity.tables import activity
from activity.tables import claim as claim_table
from operations.strip import Stripped
from tests.operations.claims import CLAIMED, approved, claiming, company
from tests.operations.test_claim_proof import WHO, story
from tests.world import World

KEEPING = f"retention: P60D\n{CLAIMED}"


async def decided(world: World) -> World:
    """A claim in each state; all that were decided, long ago."""
    await story(world)
    await world.apply(KEEPING)
    world.now += timedelta(days=61)
    return world


async def test_what_was_given_with_decided_claims_is_gone(world: World) -> None:
    """Not of what waits still; and what was recorded keeps that it was claimed, and all that is read."""
    await decided(world)
    assert Stripped(2, 4) == await world.strip(chunk=1)
    claims = await world.rows(claim_table)
    waiting = [row.id for row in claims if row.state == "waiting"]
    assert [5] == waiting
    assert waiting == [row.id for row in claims if not row.stripped]
    assert {("{}", None, None)} == {(row.data, row.link, row.note) for row in claims if row.stripped}
    assert [("claims", "1"), ("claims", "4")] == [(row.source, row.id) for row in await world.rows(activity)]
    assert [] == await world.differences()
    assert Stripped(0, 0) == await world.strip()


async def test_the_same_is_not_claimed_again(world: World) -> None:
    """By the hash of what was claimed, which stays."""
    await decided(world)
    await world.strip()
    with pytest.raises(AlreadyClaimed, match="claim 1 says the same, and was approved"):
        await claiming(world, "ada", topic="1")
    assert 6 == await claiming(world, "ben", topic="2")


@pytest.mark.parametrize(
    ("number", "values", "told"),
    [
        (1, {"note": "here"}, "it was stripped, and says more, or is not decided"),
        (2, {"data": '{"topic":"2"}'}, "it was stripped, and says more, or is not decided"),
        (5, {"stripped": True, "data": "{}"}, "it was stripped, and says more, or is not decided"),
        (5, {"data": "{}"}, "its type, time and data are not those that were claimed"),
        (4, {"time_us": 0}, "is not what was claimed"),
    ],
)
async def test_whatever_is_tampered_with_is_named(
    world: World, number: int, values: dict[str, object], told: str
) -> None:
    """As far as it can be told without what was claimed."""
    await decided(world)
    await world.strip()
    async with world.store.writing() as work:
        await work.execute(update(claim_table).where(claim_table.c.id == number).values(values))
    whose = [each for each in await world.differences() if each.startswith(f"claim {number} of member {WHO[number]}")]
    assert any(each.endswith(told) for each in whose)


async def test_what_is_claimed_once_is_stripped_of_what_nothing_reads(world: World) -> None:
    """As any other activity."""
    await company(world, KEEPING.replace("{topic: string", "{place: {type: string, default: ''}, topic: string"))
    number = await claiming(world, "ada", topic="AI", place="Oslo")
    await approved(world, number)
    world.now += timedelta(days=61)
    await world.strip()
    (row,) = await world.rows(activity)
    assert "place" not in orjson.loads(row.data)
    assert [] == await world.differences()
