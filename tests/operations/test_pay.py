"""Paying: the prizes of a decided period reach exactly those who won them, once."""

import asyncio
from datetime import timedelta

import pytest

from operations.enrol import Profile
from rewards.payout import Verb
from tests.operations.prizes import (
    PODIUM,
    company,
    decided,
    empty,
    events,
    month,
    moving,
    numbers,
    paid,
    passed,
    payouts,
    winner,
    with_podium,
)
from tests.world import World

AWAITING = "awaiting-approval"


async def test_the_first_places_win_their_prizes(world: World) -> None:
    """Each with its title and amount, and the story of how it came about."""
    await company(world)
    closing = await decided(world, "2026-11", {"ada": 9, "ben": 8, "cy": 7, "dee": 6})
    assert 3 == await paid(world, closing)
    assert [
        (1, "ada", "Conference", 90, AWAITING),
        (2, "ben", "Dinner", 50, AWAITING),
        (3, "cy", "Book", 10, AWAITING),
    ] == await payouts(world)
    assert [(None, AWAITING, None, "place 2")] == await events(world, (await numbers(world))["ben"])
    assert [[]] == await empty(world)


async def test_paying_again_pays_nothing(world: World) -> None:
    """Also after the podium was changed or renamed, and where nobody won anything."""
    await company(world)
    closing = await decided(world, "2026-11", {"ada": 9})
    nobody = await decided(world, "2026-12", {})
    assert [1, 0, 0, 0] == [await paid(world, each) for each in (closing, closing, nobody, nobody)]
    renamed = with_podium("was: best", podium=PODIUM.replace("best:", "top:")).replace("amount: 90", "amount: 900")
    await world.apply(renamed)
    assert [0, 0] == [await paid(world, closing), await paid(world, nobody)]
    assert [(1, "ada", "Conference", 90, AWAITING)] == await payouts(world)
    reason = "nobody else is on the board"
    assert [{"place": place, "reason": reason} for place in (1, 2, 3)] == (await empty(world))[1]


async def test_paying_twice_at_once_pays_once(world: World) -> None:
    """Whoever comes second waits, and finds it done."""
    await company(world)
    closing = await decided(world, "2026-11", {"ada": 9, "ben": 8})
    assert [0, 0, 0, 2] == sorted(await asyncio.gather(*(paid(world, closing) for _ in range(4))))
    assert 2 == len(await payouts(world))


async def test_every_podium_of_the_board_is_paid_and_no_other(world: World) -> None:
    """A member can win on several; other boards are none of its business."""
    other = "  thanks: {title: Thanks, board: effort, places: 1, prize: Cup, approval: false}\n"
    other += "  reach: {title: Reach, board: impact, places: 1, prize: Cup}\n"
    await world.apply(with_podium() + other)
    await world.hire("Ada")
    closing = await decided(world, "2026-11", {"ada": 9})
    assert 2 == await paid(world, closing)
    assert [(1, "ada", "Conference", 90, AWAITING), (1, "ada", "Cup", None, "granted")] == await payouts(world)


async def test_a_podium_rewards_no_period_that_ended_before_it_was_there(world: World) -> None:
    """October was over when the podium was published; November was not."""
    await company(world)
    october = await decided(world, "2026-10", {"ada": 9})
    november = await decided(world, "2026-11", {"ada": 9})
    assert [0, 1] == [await paid(world, october), await paid(world, november)]


async def test_what_was_promised_at_the_cutoff_is_paid(world: World) -> None:
    """A podium that is changed or retired while the result is disputed, and a new one, are for later periods."""
    await company(world)
    closing = await decided(world, "2026-11", {"ada": 9})
    more = PODIUM.replace("podiums:\n  best:", "  more:")
    await world.apply(with_podium(podium=PODIUM.replace("Conference, amount: 90", "Pencil") + more))
    later = await decided(world, "2026-12", {"ben": 9})
    await world.apply()
    last = await decided(world, "2027-01", {"cy": 9})
    assert [1, 2, 0] == [await paid(world, each) for each in (closing, later, last)]
    won = [(name, title) for _, name, title, *_ in await payouts(world)]
    assert sorted([("ada", "Conference"), ("ben", "Pencil"), ("ben", "Conference")]) == sorted(won)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("next", [(1, "ben", "Conference", 90, AWAITING), (2, "cy", "Dinner", 50, AWAITING)]),
        ("empty", [(2, "ben", "Dinner", 50, AWAITING), (3, "cy", "Book", 10, AWAITING)]),
    ],
)
async def test_who_left_wins_nothing(world: World, policy: str, expected: list[object]) -> None:
    """The others move up, or the place stays empty; it is kept why."""
    await company(world, f"absent: {policy}")
    closing = await decided(world, "2026-11", {"ada": 9, "ben": 8, "cy": 7})
    await world.enrol(Profile("ada", participates=False))
    await paid(world, closing)
    assert expected == await payouts(world)
    ((who, why),) = await passed(world)
    assert ("ada", "does not take part any more") == (who, why.split(";")[0])


async def test_who_was_disqualified_wins_nothing(world: World) -> None:
    """Whoever decides on the closing says who that is."""
    await company(world)
    closing = await decided(world, "2026-11", {"ada": 9, "ben": 8})
    assert 1 == await paid(world, closing, disqualified=["ada"])
    assert [("ada", "was disqualified")] == await passed(world)
    assert [(1, "ben", "Conference", 90, AWAITING)] == await payouts(world)


async def test_recent_winners_pause(world: World) -> None:
    """For as many periods as it says; who declined has not won."""
    one = "\npodiums:\n  best: {title: Best, board: effort, places: 1, prize: Cup, pause: 1}\n"
    await world.apply(with_podium(podium=one))
    await world.hire("Ada", "Ben", "Cy")
    await month(world, "2026-11", ada=9, ben=8, cy=7)
    december = await month(world, "2026-12", ada=9, ben=8, cy=7)
    assert [(1, "ben", "Cup", None, AWAITING)] == await payouts(world, december)
    assert [("ada", "won in the period before")] == await passed(world)
    await moving(world, (await numbers(world))["ben"], Verb.DECLINE, author=await winner(world, "ben"))
    assert (1, "cy", "Cup", None, AWAITING) == (await payouts(world, december))[1]
    january = await month(world, "2027-01", ada=9, ben=8, cy=10)
    assert [(1, "ada", "Cup", None, AWAITING)] == await payouts(world, january)
    assert ("cy", "won in the period before") == (await passed(world))[-1]


async def test_any_number_of_members_share_a_place(world: World) -> None:
    """More than are read in one go; all of them are paid."""
    await world.apply(with_podium())
    names = [f"m{number:03}" for number in range(450)]
    await world.hire(*names)
    closing = await decided(world, "2026-11", {"m000": 9} | dict.fromkeys(names[1:], 5))
    assert 450 == await paid(world, closing)
    found = await payouts(world)
    assert [(1, "m000", "Conference", 90, AWAITING), (2, "m001", "Dinner", 50, AWAITING)] == found[:2]
    assert {2} == {place for place, *_ in found[1:]}


async def test_prizes_are_granted_at_once_where_nobody_needs_to_approve(world: World) -> None:
    """The time to claim them begins with it."""
    await company(world, "approval: false")
    await month(world, "2026-11", ada=9)
    number = (await numbers(world))["ada"]
    assert [(None, "granted", None, "place 1")] == await events(world, number)
    world.now += timedelta(days=89)
    await moving(world, number, Verb.CLAIM, author=await winner(world, "ada"))
