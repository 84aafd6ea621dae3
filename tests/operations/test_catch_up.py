"""Members are brought up to a revision with effect from a past date: by chunks, by who meets them, and nobody twice."""

import pytest
from sqlalchemy import select

from activity.tables import member
from operations.publish import Unfinished
from rules.tables import revision
from tests.operations.company import RECOGNITION
from tests.operations.test_since import DEARER, company, shares
from tests.world import World, shared


async def test_it_can_be_stopped_and_go_on(world: World) -> None:
    """A chunk is a transaction of its own; until the last, nothing else is published, and that is said in words."""
    await company(world)
    await world.apply(DEARER, since="2026-06-01")
    assert 1 == await world.catch_up(chunk=1, most=1)
    words = "revision 2 takes effect from a past date and is still being applied to 2 members; wait until it is done"
    with pytest.raises(Unfinished, match=words):
        await world.apply(RECOGNITION)
    assert [False, True] == [row.pending for row in await world.rows(revision)]
    assert 2 == await world.catch_up(chunk=1)
    assert [False, False] == [row.pending for row in await world.rows(revision)]
    assert {(5, 50, 50)} == {tuple(await shares(world, name)) for name in ("ada", "ben", "cid")}
    await world.apply(RECOGNITION)
    assert await world.differences() == []


async def test_in_between_verify_finds_nothing(world: World) -> None:
    """Who was not brought up yet is as the revision before left them."""
    await company(world)
    await world.apply(DEARER, since="2026-06-01")
    assert await world.differences() == []
    await world.catch_up(chunk=2, most=1)
    assert await world.differences() == []


async def test_a_writer_brings_up_whom_it_meets(world: World) -> None:
    """Recording, retracting, releasing and correcting meet nobody who is behind; and nobody is brought up twice."""
    await company(world)
    await world.apply(DEARER, since="2026-06-01")
    await world.record(shared("new", reach=0))
    await world.retract("ben1")
    await world.adjust("cid", 1)
    async with world.store.reading() as work:
        assert {2} == {row.rejudged for row in await work.rows(select(member.c.rejudged))}
    assert 0 == await world.catch_up()
    assert [[5, 50, 50, 50], [5, 50], [5, 50, 50]] == [await shares(world, name) for name in ("ada", "ben", "cid")]
    assert await world.differences() == []


async def test_all_brought_up_by_writers_the_next_can_be_published(world: World) -> None:
    """Nobody has to say that it is done; and it is on record as done."""
    await company(world)
    await world.apply(DEARER, since="2026-06-01")
    for name in ("ada", "ben", "cid"):
        await world.adjust(name, 1)
    await world.apply(RECOGNITION)
    assert [False] * 3 == [row.pending for row in await world.rows(revision)]


async def test_who_joins_meanwhile_is_not_behind(world: World) -> None:
    """There is nothing of theirs to judge again."""
    await company(world)
    await world.apply(DEARER, since="2026-06-01")
    await world.hire("Dora")
    assert 3 == await world.catch_up()
    assert await world.differences() == []
