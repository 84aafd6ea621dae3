"""The proof of claims: silent while all is as it was claimed, and naming whatever was tampered with."""

import pytest
from sqlalchemy import update

from activity.tables import activity
from activity.tables import claim as claim_table
from tests.operations.claims import approved, as_member, claiming, company, refusing, withdrawing
from tests.world import World

WHO = {1: "ada", 2: "ben", 3: "cy", 4: "ada", 5: "ben"}


async def story(world: World) -> None:
    """A claim in each state, and one that was approved and retracted; numbered 1 to 5."""
    await company(world)
    for number, name in WHO.items():
        assert number == await claiming(world, name, topic=str(number))
    await approved(world, 1)
    await refusing(world, 2, author=await as_member(world, "ada"))
    await withdrawing(world, 3, "cy")
    await approved(world, 4)


TAMPERED = [
    (1, {"activity": None}, "it is approved, and its activity is missing"),
    (1, {"state": "waiting"}, "it is waiting, and was decided nevertheless"),
    (1, {"time_us": 0}, "its type, time and data are not those that were claimed"),
    (1, {"data": '{"topic":"2"}'}, "its type, time and data are not those that were claimed"),
    (2, {"state": "lost"}, "its state is lost"),
    (2, {"reason": None}, "it was refused without a reason"),
    (3, {"decided_us": None}, "it is withdrawn, and was decided never"),
    (3, {"state": "approved"}, "it is approved, and its activity is missing"),
    (5, {"state": "approved", "decided_us": 1}, "it is approved, and its activity is missing"),
]


async def test_it_is_silent_about_all_that_was_claimed(world: World) -> None:
    """In every state."""
    await story(world)
    assert [] == await world.differences()


@pytest.mark.parametrize(("number", "values", "told"), TAMPERED)
async def test_whatever_is_tampered_with_is_named(
    world: World, number: int, values: dict[str, object], told: str
) -> None:
    """With the claim and who made it."""
    await story(world)
    async with world.store.writing() as work:
        await work.execute(update(claim_table).where(claim_table.c.id == number).values(values))
    assert f"claim {number} of member {WHO[number]}: {told}" in await world.differences()


async def test_who_decided_is_another_but_to_withdraw(world: World) -> None:
    """The other way round something was forged."""
    await story(world)
    async with world.store.writing() as work:
        for number, decider in ((1, "ada"), (3, "ada")):
            key = (await as_member(world, decider)).member
            await work.execute(update(claim_table).where(claim_table.c.id == number).values(decider=key))
    assert [
        "claim 1 of member ada: it was approved by member ada",
        "claim 3 of member cy: it was withdrawn by member ada",
    ] == await world.differences()


@pytest.mark.parametrize("changed", ["member", "time_us", "content", "identity", "credited"])
async def test_an_activity_that_says_something_else_is_named(world: World, changed: str) -> None:
    """Whoever changed it: the one of a claim is the claimant's, at its time, with its data, once."""
    await story(world)
    (first, second) = await world.rows(activity)
    values = {"member": (await as_member(world, "ben")).member, "time_us": 1, "content": b"x", "credited": 2}
    values["identity"] = b"x"
    async with world.store.writing() as work:
        of = update(activity).where(activity.c.seq == first.seq)
        await work.execute(of.values({changed: values[changed]}))
    told = f"claim 1 of member ada: the activity at {first.seq} is not what was claimed"
    assert told in await world.differences()
    assert first.seq < second.seq


async def test_an_activity_of_claims_that_nobody_claimed_is_named(world: World) -> None:
    """As a tool that reported under their source would have made."""
    await story(world)
    (first, _) = await world.rows(activity)
    async with world.store.writing() as work:
        forged = update(claim_table).where(claim_table.c.id == 1)
        await work.execute(forged.values(state="waiting", activity=None, decided_us=None, decided_by=None))
    found = await world.differences()
    assert ["activity (claims, 1): no claim was approved for it"] == found, first
