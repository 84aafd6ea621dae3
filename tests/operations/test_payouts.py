"""Payouts: from approval to delivery, and on to the next in line."""

import asyncio
from datetime import timedelta

import pytest

from activity.intake import Refused
from operations.adjust import Author
from operations.enrol import Profile
from operations.payouts import expire_due
from rewards.payout import PayoutRefused, Verb
from rewards.tables import adjustment
from tests.operations.prizes import (
    company,
    decided,
    events,
    expiring,
    month,
    moving,
    numbers,
    paid,
    passed,
    payouts,
    unproved,
    winner,
    with_podium,
)
from tests.world import WHY, World

AWAITING = "awaiting-approval"
LATER = timedelta(days=91)

OF_POINTS = """
podiums:
  best:
    title: Best
    board: effort
    places: 1
    prize: {title: Extra, amount: 25, currency: points}
"""


async def states(world: World) -> dict[str, str]:
    return {name: state for _, name, _, _, state in await payouts(world)}


async def test_a_prize_is_approved_claimed_and_delivered(world: World) -> None:
    """Each step says who, and why where they said so."""
    await company(world)
    await month(world, "2026-11", ada=9)
    number = (await numbers(world))["ada"]
    await moving(world, number, Verb.APPROVE, reason="  well done ")
    await moving(world, number, Verb.CLAIM, author=await winner(world, "ada"), reason=None)
    done = await moving(world, number, Verb.DELIVER, reason="")
    assert (number, "delivered", None) == done
    assert [
        (None, AWAITING, None, "place 1"),
        (AWAITING, "granted", "manager", "well done"),
        ("granted", "claimed", "ada", None),
        ("claimed", "delivered", "manager", None),
    ] == await events(world, number)


async def test_nobody_approves_their_own(world: World) -> None:
    """Nor claims what is another's; nothing is written."""
    await company(world)
    await month(world, "2026-11", ada=9, ben=8)
    number = (await numbers(world))["ada"]
    with pytest.raises(PayoutRefused, match="nobody approves a prize of their own; ask another manager"):
        await moving(world, number, Verb.APPROVE, author=await winner(world, "ada"))
    await moving(world, number, Verb.APPROVE, author=await winner(world, "ben"))
    with pytest.raises(PayoutRefused, match="a prize is claimed by its winner alone"):
        await moving(world, number, Verb.CLAIM, author=await winner(world, "ben"))
    assert ["granted"] == [to for _, to, _, _ in (await events(world, number))[1:]]


@pytest.mark.parametrize("number", [0, 99, 2**40, -1])
async def test_a_payout_that_is_not_there_is_refused(world: World, number: int) -> None:
    """With the part of the request that is wrong."""
    await company(world)
    with pytest.raises(Refused, match=f"there is no payout {number}; take the number of one that is listed"):
        await moving(world, number, Verb.APPROVE)


@pytest.mark.parametrize("verb", [Verb.DECLINE, Verb.REVOKE])
async def test_to_decline_and_to_revoke_take_a_reason(world: World, verb: Verb) -> None:
    """Who comes next, or loses it, will want to know."""
    await company(world)
    await month(world, "2026-11", ada=9)
    told = "^reason is missing; say why in a few words, as managers and the winner will read it$"
    with pytest.raises(Refused, match=told):
        await moving(world, (await numbers(world))["ada"], verb, reason=" ")


async def test_what_is_declined_goes_to_the_next_in_line(world: World) -> None:
    """Who has won nothing yet, takes part, and was not passed over; as long as somebody is left."""
    await company(world)
    closing = await decided(world, "2026-11", {"ada": 9, "ben": 8, "cy": 7, "dee": 6, "eve": 5, "flo": 4})
    await world.enrol(Profile("ben", participates=False))
    await paid(world, closing)
    assert ["ada", "cy", "dee"] == [name for _, name, *_ in await payouts(world)]
    await world.enrol(Profile("ben", participates=True), Profile("eve", participates=False))
    first = (await numbers(world))["ada"]
    done = await moving(world, first, Verb.DECLINE, author=await winner(world, "ada"), reason="I moved on")
    assert [(1, "ada", "Conference", 90, "declined"), (1, "flo", "Conference", 90, AWAITING)] == [
        each for each in await payouts(world) if each[0] == 1
    ]
    assert (await numbers(world))["flo"] == done.passed_on
    told = f"next in line for place 1: the prize of payout {first} was declined"
    assert [(None, AWAITING, None, told)] == await events(world, done.passed_on or 0)
    assert ["ben", "eve"] == [name for name, _ in await passed(world)]
    again = await moving(world, done.passed_on or 0, Verb.REVOKE)
    assert (None, "revoked") == (again.passed_on, (await states(world))["flo"])


async def test_a_place_stays_empty_where_the_podium_says_so(world: World) -> None:
    """Nobody moves up."""
    await company(world, "declined: empty")
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6)
    ada = (await numbers(world))["ada"]
    done = await moving(world, ada, Verb.DECLINE, author=await winner(world, "ada"))
    assert (None, 3) == (done.passed_on, len(await payouts(world)))


async def test_a_shared_place_goes_on_when_nobody_keeps_it(world: World) -> None:
    """Until then the others have the same prize already."""
    await company(world)
    await month(world, "2026-11", ada=9, ben=9, cy=7, dee=6)
    found = await numbers(world)
    first = await moving(world, found["ada"], Verb.DECLINE, author=await winner(world, "ada"))
    assert first.passed_on is None
    second = await moving(world, found["ben"], Verb.DECLINE, author=await winner(world, "ben"))
    assert (await numbers(world))["dee"] == second.passed_on
    assert (1, "dee", "Conference", 90, AWAITING) == (await payouts(world))[-1]


async def test_a_part_of_a_split_sum_goes_on_by_itself(world: World) -> None:
    """The others keep theirs."""
    await company(world, "ties: split")
    await month(world, "2026-11", ada=9, ben=9, cy=7, dee=6)
    assert [("ada", 70), ("ben", 70), ("cy", 10)] == [(name, amount) for _, name, _, amount, _ in await payouts(world)]
    await moving(world, (await numbers(world))["ada"], Verb.DECLINE, author=await winner(world, "ada"))
    assert (1, "dee", "Conference", 70, AWAITING) == (await payouts(world))[-1]


async def test_for_whom_a_split_did_not_reach_comes_next(world: World) -> None:
    """Before all with a lower score: they got nothing, and so are still in line."""
    await world.apply(with_podium("ties: split", podium=OF_POINTS.replace("25", "1")))
    await world.hire("Ada", "Ben", "Cy", "Dee")
    await month(world, "2026-11", ada=9, ben=9, cy=9, dee=6)
    assert [("ada", 1)] == [(name, amount) for _, name, _, amount, _ in await payouts(world)]
    for name in ("ada", "ben", "cy"):
        await moving(world, (await numbers(world))[name], Verb.DECLINE, author=await winner(world, name))
    assert ["ada", "ben", "cy", "dee"] == [name for _, name, *_ in await payouts(world)]
    assert [] == await unproved(world)


async def test_for_whom_a_split_did_not_reach_stays_in_line_while_away(world: World) -> None:
    """Others have their turn meanwhile, and why they got nothing at first is still told."""
    await world.apply(with_podium("ties: split", podium=OF_POINTS.replace("25", "1")))
    await world.hire("Ada", "Ben", "Cy", "Dee")
    await month(world, "2026-11", ada=9, ben=9, cy=7, dee=6)
    for name, present in (("ada", False), ("cy", True)):
        await world.enrol(Profile("ben", participates=present))
        await moving(world, (await numbers(world))[name], Verb.DECLINE, author=await winner(world, name))
    assert ["ada", "cy", "ben"] == [name for _, name, *_ in await payouts(world)]
    assert ["ben"] == [name for name, _ in await passed(world)]
    assert [] == await unproved(world)


async def test_the_next_in_line_has_the_minimum_and_no_pause(world: World) -> None:
    """As the winner before."""
    await company(world, "minimum: 5", "pause: 1")
    await month(world, "2026-11", ada=9)
    await month(world, "2026-12", ben=9, cy=8, dee=7, ada=6, eve=5, flo=4)
    ben = (await numbers(world))["ben"]
    done = await moving(world, ben, Verb.DECLINE, author=await winner(world, "ben"))
    assert (await numbers(world))["eve"] == done.passed_on
    assert [("ada", "won in the period before")] == await passed(world)
    last = await moving(world, done.passed_on or 0, Verb.DECLINE, author=await winner(world, "eve"))
    assert last.passed_on is None


async def test_who_won_soon_after_does_not_win_what_comes_free_before(world: World) -> None:
    """They would hold the prizes of two periods of which they may win one; unless theirs came free as well."""
    await company(world, "pause: 1")
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6, eve=5)
    ada = (await numbers(world))["ada"]
    await month(world, "2026-12", dee=9, eve=8)
    eve = (await numbers(world))["eve"]
    await moving(world, eve, Verb.REVOKE)
    await moving(world, ada, Verb.DECLINE, author=await winner(world, "ada"))
    assert (1, "eve", "Conference", 90, AWAITING) in await payouts(world)
    assert ("dee", "won soon after, and would have had to pause there") in await passed(world)
    assert [] == await unproved(world)


async def test_what_is_not_claimed_in_time_expires(world: World) -> None:
    """It goes to the next in line too; what is claimed, or awaits approval, does not expire."""
    await company(world)
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6)
    found = await numbers(world)
    for name in ("ada", "ben"):
        await moving(world, found[name], Verb.APPROVE)
    await moving(world, found["ben"], Verb.CLAIM, author=await winner(world, "ben"))
    world.now += timedelta(days=90) - timedelta(seconds=1)
    assert 0 == await expiring(world)
    world.now += timedelta(seconds=1)
    with pytest.raises(PayoutRefused, match="could be claimed until 2027-02-19 12:00 UTC"):
        await moving(world, found["ada"], Verb.CLAIM, author=await winner(world, "ada"))
    assert [1, 0] == [await expiring(world), await expiring(world)]
    assert {"ada": "expired", "ben": "claimed", "cy": AWAITING, "dee": AWAITING} == await states(world)
    assert ("granted", "expired", None, "not claimed in time") == (await events(world, found["ada"]))[-1]
    reason = (await events(world, (await numbers(world))["dee"]))[0][3]
    assert f"next in line for place 1: the prize of payout {found['ada']} expired unclaimed" == reason


@pytest.mark.parametrize("down", [False, True])
async def test_what_ran_out_first_expires_first_whenever_it_is_looked_at(world: World, down: bool) -> None:
    """The second place ran out a day before the first: its prize goes to the next in line, also after a day without."""
    await company(world)
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6, eve=5)
    found = await numbers(world)
    await moving(world, found["ben"], Verb.APPROVE)
    world.now += timedelta(days=1)
    await moving(world, found["ada"], Verb.APPROVE)
    world.now += timedelta(days=89)
    if not down:
        assert 1 == await expiring(world)
    world.now += timedelta(days=1)
    assert 1 + down == await expiring(world)
    went_on = [(place, name) for place, name, *_ in await payouts(world) if name in {"dee", "eve"}]
    assert [(2, "dee"), (1, "eve")] == went_on


async def test_what_runs_out_at_once_expires_from_the_first_place(world: World) -> None:
    """Whichever was made first: what went on is younger than the places behind it."""
    await company(world)
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6, eve=5, flo=4)
    await moving(world, (await numbers(world))["ada"], Verb.REVOKE)
    found = await numbers(world)
    for name in ("ben", "dee"):
        await moving(world, found[name], Verb.APPROVE)
    world.now += LATER
    assert 2 == await expiring(world)
    assert [(1, "eve"), (2, "flo")] == [(place, name) for place, name, *_ in (await payouts(world))[-2:]]


async def test_what_comes_free_at_once_goes_to_different_members(world: World) -> None:
    """Two decline in the same moment: each prize finds another member."""
    await company(world)
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6, eve=5)
    found = await numbers(world)
    leaving = [(found[name], await winner(world, name)) for name in ("ada", "ben")]
    await asyncio.gather(*(moving(world, number, Verb.DECLINE, author=author) for number, author in leaving))
    assert {"dee", "eve"} == {name for _, name, _, _, state in (await payouts(world))[3:] if state == AWAITING}


async def test_two_who_move_the_same_payout_do_it_once(world: World) -> None:
    """The second is told that it is done."""
    await company(world)
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6)
    number = (await numbers(world))["ada"]
    done = await asyncio.gather(*(moving(world, number, Verb.REVOKE) for _ in range(3)), return_exceptions=True)
    assert 2 == sum(isinstance(each, PayoutRefused) for each in done)
    assert 4 == len(await payouts(world))


async def test_expiring_twice_at_once_expires_once(world: World) -> None:
    """However many processes look for what is over."""
    await company(world, "approval: false")
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6)
    world.now += LATER
    await asyncio.gather(*(expiring(world) for _ in range(4)))
    assert {"ada": "expired", "ben": "expired", "cy": "expired", "dee": "granted"} == await states(world)
    assert 1 == sum(to == "expired" for _, to, _, _ in await events(world, (await numbers(world))["ada"]))


async def test_each_process_counts_what_it_let_expire_itself(world: World) -> None:
    """Not what another one did while it waited."""
    await company(world, "approval: false", "declined: empty")
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6)
    world.now += LATER
    counts = await asyncio.gather(*(expire_due(world.store, world.revisions, now=world.now) for _ in range(6)))
    assert 3 == sum(counts)
    assert 0 == await expire_due(world.store, world.revisions, now=world.now)


async def test_points_are_given_when_they_are_delivered(world: World) -> None:
    """As an adjustment by the manager, with the podium and the period as the reason."""
    await world.apply(with_podium(podium=OF_POINTS))
    await world.hire("Ada")
    await month(world, "2026-11", ada=9)
    number = (await numbers(world))["ada"]
    await moving(world, number, Verb.APPROVE)
    await moving(world, number, Verb.CLAIM, author=await winner(world, "ada"))
    assert [] == await world.ledger()
    await moving(world, number, Verb.DELIVER, author=Author("Grace"))
    assert [("ada", "", 25)] == await world.ledger()
    assert [("Grace", "Best, 2026-11: Extra")] == [(row.author, row.reason) for row in await world.rows(adjustment)]


async def test_points_wait_for_who_does_not_take_part(world: World) -> None:
    """Delivering them is refused as any gift is, and the payout stays claimed."""
    await world.apply(with_podium(podium=OF_POINTS))
    await world.hire("Ada")
    await month(world, "2026-11", ada=9)
    number = (await numbers(world))["ada"]
    await moving(world, number, Verb.APPROVE)
    await moving(world, number, Verb.CLAIM, author=await winner(world, "ada"))
    await world.enrol(Profile("ada", participates=False))
    with pytest.raises(Refused, match="does not take part, and so is given nothing"):
        await moving(world, number, Verb.DELIVER)
    assert {"ada": "claimed"} == await states(world)


async def test_a_podium_that_changed_or_went_still_ends_what_it_began(world: World) -> None:
    """The prize, and who is next, go by what it said when it gave them."""
    await company(world)
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6)
    await world.apply()
    number = (await numbers(world))["ada"]
    await moving(world, number, Verb.APPROVE)
    await moving(world, number, Verb.CLAIM, author=await winner(world, "ada"))
    done = await moving(world, number, Verb.REVOKE, reason=WHY)
    assert (1, "dee", "Conference", 90, AWAITING) == (await payouts(world))[-1]
    assert (await numbers(world))["dee"] == done.passed_on
