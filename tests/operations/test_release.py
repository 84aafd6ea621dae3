"""Releasing: held points come free when their time is over."""

from datetime import UTC, datetime, timedelta

from activity.intake import Report
from operations.enrol import Profile
from rewards.ledger import Kind
from rewards.tables import entry
from tests.operations.company import RECOGNITION, edited
from tests.operations.test_close import places
from tests.world import World, shared


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


async def test_what_is_due_is_released_before_a_result_is_final(world: World) -> None:
    """Whoever makes it final: nobody else may have run since, and points that were held in time would be late."""
    closing = "closing: {dispute_window: P14D}"
    await world.apply(RECOGNITION.replace("[effort], period: month", f"[effort], period: month, {closing}"))
    await world.hire("Ada", "Ben")
    world.now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    await world.record(Report("test", "1", "idea.made", "ada", "2026-11-30T08:00:00Z"))
    await world.record(shared(2, "ben", at="2026-11-30T08:00:00Z"))
    world.now = datetime(2026, 12, 4, tzinfo=UTC)
    await world.close()
    world.now = datetime(2027, 1, 20, tzinfo=UTC)
    for _ in range(2):
        await world.close()
    assert ["ada", "ben"] == [name for _, name, _ in await places(world, period="2026-11")]
    assert [] == await world.differences()
