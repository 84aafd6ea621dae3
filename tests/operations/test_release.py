"""Releasing: held points come free when their time is over."""

from datetime import timedelta

from activity.intake import Report
from operations.enrol import Profile
from rewards.ledger import Kind
from rewards.tables import entry
from tests.operations.company import RECOGNITION, edited
from tests.world import World


async def company(world: World) -> World:
    await world.apply(RECOGNITION)
    await world.hire("Ada", "Ben", team="Red")
    receipts = await world.record(Report("test", "1", "idea.made", "ada", "2026-11-12T09:30:00Z"))
    assert [0] == [receipt.points for receipt in receipts]
    return world


async def test_until_then_they_are_on_no_board(world: World) -> None:
    """Fourteen days from recording: a moment before nothing is released."""
    await company(world)
    world.now += timedelta(days=14) - timedelta(microseconds=1)
    assert 0 == await world.release()
    assert await world.standings() == {}
    assert await world.differences() == []


async def test_then_they_stand_where_the_activity_stands(world: World) -> None:
    """The entry has the activity's time and the team of then, whenever it is released."""
    await company(world)
    await world.enrol(Profile("ada", team="Blue"))
    world.now += timedelta(days=30)
    assert 1 == await world.release()
    standings = await world.standings()
    assert {"ada": 20} == standings["effort", "2026-11"]
    assert {"Red": 20} == standings["teams", "2026/27-Q3"]
    assert [Kind.RELEASE] == [row.kind for row in await world.rows(entry)]
    assert await world.differences() == []


async def test_again_releases_nothing_more(world: World) -> None:
    """Safe to run anywhere, any number of times."""
    await company(world)
    world.now += timedelta(days=14)
    assert [1, 0] == [await world.release(), await world.release()]
    assert [("ada", "idea", 20)] == await world.ledger()


async def test_a_few_at_a_time_the_longest_due_first(world: World) -> None:
    """Each call releases at most so many."""
    await company(world)
    world.now += timedelta(days=1)
    await world.record(Report("test", "2", "idea.made", "ben", "2026-11-12T09:30:00Z"))
    world.now += timedelta(days=20)
    assert 1 == await world.release(most=1)
    assert [("ada", "idea", 20)] == await world.ledger()
    assert [1, 0] == [await world.release(most=1), await world.release(most=1)]
    assert await world.differences() == []


async def test_a_rule_that_holds_no_longer_does_not_shorten_the_time(world: World) -> None:
    """What was held under the terms of then is released in its time."""
    await company(world)
    await world.apply(edited(("    hold: P14D\n", "")))
    assert 0 == await world.release()
    world.now += timedelta(days=14)
    assert 1 == await world.release()
    assert await world.differences() == []


async def test_who_left_meanwhile_is_on_no_board(world: World) -> None:
    """The points are theirs all the same, and count when they are back."""
    await company(world)
    await world.enrol(Profile("ada", participates=False))
    world.now += timedelta(days=14)
    assert 1 == await world.release()
    assert await world.standings() == {}
    assert await world.differences() == []
    await world.enrol(Profile("ada", participates=True))
    assert {"ada": 20} == (await world.standings())["everything", "ever"]
    assert await world.differences() == []
