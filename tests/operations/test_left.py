"""Who left while a period was closed: not in its result, but their place is the podium's to fill or to leave empty."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from operations.close import close_due, end_disputes
from operations.disqualify import Competitor
from operations.enrol import Profile
from operations.pay import paying
from rewards.payout import Verb
from storage.work import UnitOfWork
from tests.operations.prizes import empty, moving, numbers, passed, payouts, unproved, winner, with_podium
from tests.operations.test_close import places
from tests.world import World, shared

POSTS = {"ada": 4, "ben": 3, "cy": 3, "dee": 2, "eve": 1}

Story = Callable[..., Coroutine[Any, Any, World]]


@pytest.fixture
def told(world: World) -> Story:
    """October is closed, and can be disputed: Ada is first, Ben before Cy, then Dee and Eve."""

    async def tell(*changes: str) -> World:
        world.now = datetime(2026, 9, 1, tzinfo=UTC)
        await world.apply(with_podium(*changes).replace("max: 2 per day", "max: 9 per day"))
        await world.hire("Ada", "Ben", "Cy", "Dee", "Eve", "Flo")
        for day in (5, 20):  # September, in which nothing was, is out of the way
            world.now = datetime(2026, 10, day, tzinfo=UTC)
            await world.close()
        world.now = datetime(2026, 10, 31, 20, tzinfo=UTC)
        for minute, (name, posts) in enumerate(POSTS.items()):
            for post in range(posts):
                await world.record(shared(f"{name}-{post}", name, at=f"2026-10-{10 + post}T09:{minute:02}:00Z"))
        world.now = datetime(2026, 11, 9, tzinfo=UTC)
        await world.close()
        return world

    return tell


async def leave(world: World, *names: str, again: bool = False) -> None:
    await world.enrol(*(Profile(name, participates=again) for name in names))


async def pay(world: World) -> None:
    world.now = datetime(2026, 11, 30, tzinfo=UTC)
    await close_due(world.store, world.revisions, now=world.now, pay=paying(world.revisions, world.now))


async def won(world: World) -> list[tuple[int, str, int | None]]:
    return [(place, name, amount) for place, name, _, amount, _ in await payouts(world)]


async def test_their_place_stays_empty(told: Story) -> None:
    """If the podium says so; on the board the others move up all the same."""
    world = await told("absent: empty")
    await leave(world, "ada")
    await pay(world)
    assert [(1, "ben"), (1, "cy"), (3, "dee"), (4, "eve")] == [place[:2] for place in await places(world)]
    assert [(2, "ben", 50), (2, "cy", 50)] == await won(world)
    assert [{"place": 1, "reason": "its winner does not take part any more"}] == (await empty(world))[-1]
    assert ["ada"] == [name for name, _ in await passed(world)]
    assert [] == await unproved(world)


async def test_or_the_others_move_up(told: Story) -> None:
    """And it is kept who was passed over."""
    world = await told()
    await leave(world, "ada", "ben")
    await pay(world)
    assert [(1, "cy", 90), (2, "dee", 50), (3, "eve", 10)] == await won(world)
    assert [] == (await empty(world))[-1]
    assert [("ada", "does not take part any more"), ("ben", "does not take part any more")] == await passed(world)
    assert [] == await unproved(world)


async def test_who_shares_a_place_with_them_gets_no_more(told: Story) -> None:
    world = await told("absent: empty", "ties: split")
    await leave(world, "ben")
    await pay(world)
    assert [(1, "ada", 90), (2, "cy", 30)] == await won(world)
    assert [] == await unproved(world)


async def test_who_left_last_is_behind_all_who_stayed(told: Story) -> None:
    """The empty place is theirs also where nobody stands behind it."""
    world = await told("absent: empty", "ties: earliest")
    await leave(world, "cy", "dee", "eve")
    await pay(world)
    assert [(1, "ada", 90), (2, "ben", 50)] == await won(world)
    assert [3] == [place["place"] for place in (await empty(world))[-1]]
    assert [] == await unproved(world)


async def test_who_came_back_in_time_never_left(told: Story) -> None:
    world = await told("absent: empty")
    await leave(world, "ada")
    await leave(world, "ada", again=True)
    await pay(world)
    assert (1, "ada", 90) == (await won(world))[0]


async def test_who_came_back_after_the_result_was_decided_wins_nothing(told: Story) -> None:
    """They are not in it, even if the prizes are given only later."""
    world = await told("absent: empty")
    await leave(world, "ada")
    world.now = datetime(2026, 11, 30, tzinfo=UTC)

    async def fail(_work: UnitOfWork, _closing: int) -> None:
        raise RuntimeError("down")

    with pytest.raises(RuntimeError):
        await end_disputes(world.store, world.revisions, now=world.now, pay=fail)
    await leave(world, "ada", again=True)
    await pay(world)
    assert [(2, "ben", 50), (2, "cy", 50)] == await won(world)
    assert [] == await unproved(world)


async def test_who_left_before_the_period_was_closed_keeps_no_place(told: Story) -> None:
    """Nor who was disqualified, nor whose activities were all taken back."""
    world = await told("absent: empty")
    await world.disqualify("effort", "2026-10", Competitor(member="ada"))
    for post in range(POSTS["ben"]):
        await world.retract(f"ben-{post}")
    await leave(world, "ada", "ben")
    await pay(world)
    assert [(1, "cy", 90), (2, "dee", 50), (3, "eve", 10)] == await won(world)
    assert [] == await passed(world)
    world.now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    await world.record(*(shared(f"n-{name}", name, at="2026-11-10T09:30:00Z") for name in ("cy", "dee")))
    await leave(world, "cy")
    world.now = datetime(2026, 12, 9, tzinfo=UTC)
    await world.close()
    world.now = datetime(2026, 12, 30, tzinfo=UTC)
    await close_due(world.store, world.revisions, now=world.now, pay=paying(world.revisions, world.now))
    assert (1, "dee", 90) == (await won(world))[-1]
    assert [] == await unproved(world)


async def test_who_left_is_never_next_in_line(told: Story) -> None:
    """A prize that is declined goes past them, and they are passed over from then on."""
    world = await told("ties: earliest")
    await leave(world, "dee")
    await pay(world)
    assert [(1, "ada", 90), (2, "ben", 50), (3, "cy", 10)] == await won(world)
    await moving(world, (await numbers(world))["ben"], Verb.DECLINE, author=await winner(world, "ben"))
    assert (2, "eve", 50) == (await won(world))[-1]
    assert ["dee"] == [name for name, _ in await passed(world)]
    assert [] == await unproved(world)
