"""Retention: what was recorded long ago has nothing left that no rule, badge or zone reads, and all results stay."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select, update

from activity.tables import activity
from operations.jobs import Jobs
from operations.reading import Reading
from operations.record import Status
from operations.revision import Revisions
from operations.strip import Stripped, strip, strip_batch
from rules.tables import programme, verdict
from tests.world import PROGRAMME, World, published, shared

KEEPING = f"retention: P60D\n{PROGRAMME}"
OF_SOURCE = KEEPING.replace("points: 40", "points: \"activity.source == 'test' ? 40 : 30\"")


async def company(world: World, programme: str = KEEPING) -> World:
    """Two posts and an article, which have been there for longer than they are kept."""
    await world.apply(programme)
    await world.hire("Ada", "Ben", team="Red")
    await world.record(shared(1), shared(2, "ben"), published(3))
    world.now += timedelta(days=60, seconds=1)
    return world


async def left(world: World) -> list[tuple[Any, ...]]:
    return [(row.source, row.id, orjson.loads(row.data)) for row in await world.rows(activity)]


async def test_what_nothing_reads_is_gone_and_all_that_verify_needs_is_left(world: World) -> None:
    """The url of a post is read by a limit, that of an article and its topics by nothing."""
    await company(world)
    ledger, verdicts = await world.ledger(), await world.rows(verdict)
    assert Stripped(3, 0) == await world.strip()
    fields = {"network": "linkedin", "reach": 1000, "with_comment": False}
    assert [
        (None, None, fields | {"url": "https://example.com/1"}),
        (None, None, fields | {"url": "https://example.com/2"}),
        (None, None, {}),
    ] == await left(world)
    assert [] == await world.differences()
    assert (ledger, verdicts) == (await world.ledger(), await world.rows(verdict))


async def test_what_is_young_stays_as_it_was(world: World) -> None:
    """Up to the very instant."""
    await company(world)
    world.now -= timedelta(seconds=1)
    before = await world.rows(activity)
    assert Stripped(0, 0) == await world.strip()
    assert before == await world.rows(activity)


async def test_without_retention_everything_is_kept(world: World) -> None:
    """However old it is."""
    await company(world, PROGRAMME)
    world.now += timedelta(days=10_000)
    assert Stripped(0, 0) == await world.strip()
    assert [] == await world.differences()


async def test_a_store_without_a_programme_has_nothing_to_strip(world: World) -> None:
    """The job may come before the first apply."""
    assert Stripped(0, 0) == await world.strip()


async def test_a_source_stays_where_an_expression_reads_it(world: World) -> None:
    """Of the types that it looks at."""
    await company(world, OF_SOURCE)
    await world.strip()
    assert [None, None, "test"] == [source for source, _, _ in await left(world)]
    assert [] == await world.differences()


async def test_what_an_earlier_revision_read_stays(world: World) -> None:
    """Its verdicts are judged again by it."""
    await company(world, OF_SOURCE)
    await world.apply(KEEPING.replace("reach: int,", "reach: int, place: {type: string, default: ''},"))
    await world.record(published(4), shared(5, place="Oslo"))
    world.now += timedelta(days=61)
    await world.strip()
    assert "test" == (await left(world))[3][0]
    assert {"network", "reach", "url", "with_comment"} == (await left(world))[4][2].keys()
    assert [] == await world.differences()


@pytest.mark.parametrize("chunk", [1, 2, 3, 1_000])
async def test_it_goes_on_where_it_was(world: World, chunk: int) -> None:
    """Batch by batch, and what was recorded since when that is old enough."""
    await company(world)
    await world.record(shared(6))
    assert Stripped(3, 0) == await world.strip(chunk=chunk)
    assert Stripped(0, 0) == await world.strip(chunk=chunk)
    world.now += timedelta(days=61)
    assert Stripped(1, 0) == await world.strip(chunk=chunk)
    assert {None} == {identifier for _, identifier, _ in await left(world)}
    assert [] == await world.differences()


async def test_several_at_once_strip_everything_once(world: World) -> None:
    """Each batch is one process's."""
    await company(world)
    many = [shared(f"m{number}") for number in range(20)]
    await world.record(*many)
    world.now += timedelta(days=61)
    strippers = (strip(world.store, Revisions(), Reading(), now=world.now, chunk=3) for _ in range(3))
    assert 23 == sum(done.activities for done in await asyncio.gather(*strippers))
    assert [] == await world.differences()


async def test_what_was_cut_short_is_done_again(world: World) -> None:
    """A batch is all or nothing, marker included; the job of whoever serves goes on from there."""
    await company(world)
    before = await world.rows(activity)
    with suppress(RuntimeError):
        async with world.store.writing() as work:
            assert Stripped(2, 0) == await strip_batch(work, world.revisions, Reading(), now=world.now, most=2)
            raise RuntimeError
    assert before == await world.rows(activity)
    jobs = Jobs(world.store, world.revisions, lambda: world.now)
    assert (3, 0) == (await jobs.strip_what_is_old(), await jobs.strip_what_is_old())
    assert [] == await world.differences()


async def test_a_redelivery_is_known_and_a_conflict_is_told(world: World) -> None:
    """By hashes, which stay."""
    await company(world)
    await world.strip()
    again, other = await world.record(shared(1), shared(2, "ben", reach=5))
    assert (Status.DUPLICATE, Status.CONFLICT) == (again.status, other.status)


async def test_what_was_stripped_is_retracted_by_its_source_and_id(world: World) -> None:
    """Its place in a limit, by a value that is read, is free again."""
    await company(world)
    await world.strip()
    assert 13 == (await world.retract(1)).points
    assert [] == await world.differences()
    assert [13] == [receipt.points for receipt in await world.record(shared(9, url="https://example.com/1"))]
    assert [] == await world.differences()


async def test_undo_and_since_judge_what_is_left(world: World) -> None:
    """As long as the rules read nothing that is gone."""
    await company(world)
    await world.strip()
    ledger = await world.ledger()
    await world.apply(KEEPING.replace("points: 7", "points: 8").replace("points: 40", "points: 41"), since="2026-01-01")
    await world.catch_up()
    assert 41 in {points for _, _, points in await world.ledger()}
    assert [] == await world.differences()
    await world.undo()
    assert sorted(ledger) == sorted(await world.ledger())
    assert [] == await world.differences()


async def test_a_later_revision_finds_the_default_of_what_is_gone(world: World) -> None:
    """As of a field that came later; without a default there is no value, and the limit counts nothing of it."""
    await company(world)
    await world.strip()
    by_url = KEEPING.replace("{max: 2, per: week}", "{max: 1, per: ever, by: activity.url}")
    await world.apply(by_url)
    paid = [receipt.points for receipt in await world.record(published(7, url="3"), published(8, url="3"))]
    assert [40, 0] == paid
    world.now += timedelta(days=61)
    await world.strip()
    assert ["3", "3"] == [data["url"] for _, _, data in (await left(world))[3:]]
    assert [] == await world.differences()


async def test_activities_of_unknown_people_are_kept_no_longer(world: World) -> None:
    """Whatever `keep_unknown` says."""
    await world.apply(f"keep_unknown: P90D\n{KEEPING.replace('P60D', 'P31D')}")
    (receipt,) = await world.record(shared(1, "zoe"))
    assert "it is kept for 31 days" in receipt.message
    world.now += timedelta(days=31)
    assert 0 == await world.drop_kept()
    world.now += timedelta(seconds=1)
    assert 1 == await world.drop_kept()


async def test_verify_names_what_was_stripped_too_little_or_too_much(world: World) -> None:
    """By the place that the programme keeps."""
    await company(world)
    await world.record(shared(4))
    await world.strip()
    async with world.store.writing() as work:
        await work.execute(update(activity).values(id="x").where(activity.c.data == "{}"))
        last = (await work.execute(select(func.max(activity.c.seq)))).scalar_one()
        marker = (await work.execute(select(programme.c.stripped))).scalar_one()
        await work.execute(update(activity).values(id=None, source=None).where(activity.c.seq == last))
    found = await world.differences()
    assert f"retention: everything up to {marker} is stripped, but the activity at {marker} has its id" in found
    assert f"retention: only up to {marker} was stripped, but the activity at {last} has lost its name" in found


async def test_verify_names_what_was_stripped_of_a_value_that_is_read(world: World) -> None:
    """The rule that reads it gives something else."""
    await company(world)
    await world.strip()
    async with world.store.writing() as work:
        await work.execute(update(activity).values(data="{}"))
    assert any("replay gives" in each for each in await world.differences())
