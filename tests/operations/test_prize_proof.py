"""The proof of prizes: silent while all is as the results make it, and naming whatever was tampered with."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.sql.dml import UpdateBase

from leaderboard.tables import result
from operations.enrol import Profile
from rewards.payout import Verb
from rewards.tables import passed_over, payout, payout_event, prize_giving
from tests.operations.prizes import company, decided, expiring, month, moving, numbers, paid, unproved, winner
from tests.world import World


async def story(world: World, *changes: str) -> None:
    """Two months with ties, somebody absent, a pause; and prizes in every state."""
    await company(world, "pause: 1", *changes)
    closing = await decided(world, "2026-11", {"ada": 9, "ben": 8, "cy": 8, "dee": 6, "eve": 5})
    await world.enrol(Profile("ada", participates=False))
    await paid(world, closing, disqualified=["eve"])
    await world.enrol(Profile("ada", participates=True))
    found = await numbers(world)
    await moving(world, found["ben"], Verb.APPROVE)
    await moving(world, found["ben"], Verb.CLAIM, author=await winner(world, "ben"))
    await moving(world, found["ben"], Verb.DELIVER)
    await moving(world, found["cy"], Verb.DECLINE, author=await winner(world, "cy"))
    await month(world, "2026-12", ben=9, ada=8, flo=7, cy=0)
    for number in (await numbers(world)).values():
        if number > max(found.values()):
            await moving(world, number, Verb.APPROVE)
    world.now += timedelta(days=90)
    await expiring(world)


@pytest.mark.parametrize(
    "changes", [(), ("ties: split",), ("ties: earliest",), ("absent: empty",), ("declined: empty",)]
)
async def test_what_happened_is_proved(world: World, changes: tuple[str, ...]) -> None:
    """Under each policy, however people came and went since."""
    await story(world, *changes)
    assert [] == await unproved(world)


TAMPERED: list[tuple[UpdateBase, str]] = [
    (
        update(payout).where(payout.c.id == 1).values(amount=9_000),
        "prize for place 1 of podium best in 2026-11: stored",
    ),
    (update(payout).where(payout.c.id == 2).values(share=7), "prize for place 1 of podium best in 2026-11: stored is"),
    (update(payout).where(payout.c.id == 1).values(prize='{"title":"Car"}'), 'the result gives {"title":"Conference"'),
    (
        update(payout).where(payout.c.id == 1).values(state="granted"),
        "payout 1 (place 1 of podium best in 2026-11, member ben): it is granted, and its",
    ),
    (
        update(payout).where(payout.c.id == 2).values(turn=2),
        "member cy): it went to the next in line, and the one before",
    ),
    (
        delete(payout_event).where(payout_event.c.payout == 1, payout_event.c.ordinal == 2),
        "member ben): its step 3 leads",
    ),
    (update(prize_giving).values(empty="[]"), "the empty places are not those that the result leaves"),
    (delete(prize_giving), "member ben): the podium gave no prizes for this period"),
    (
        delete(passed_over).where(passed_over.c.why == "absent"),
        "prize for place 1 of podium best in 2026-11: stored is",
    ),
    (
        update(result).where(result.c.position == 2).values(score=1),
        "prize for place 1 of podium best in 2026-11: stored",
    ),
]


@pytest.mark.parametrize(("change", "words"), TAMPERED, ids=range(len(TAMPERED)))
async def test_what_was_tampered_with_is_named(world: World, change: UpdateBase, words: str) -> None:
    """With the podium, the period and the place, or the payout."""
    await story(world)
    async with world.store.writing() as work:
        await work.execute(change)
    found = await unproved(world)
    assert any(words in each for each in found), found
