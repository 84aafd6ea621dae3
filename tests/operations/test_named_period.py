"""What was closed is decided as long as it is provisional, also of a board that closes no more, or is retired."""

from datetime import UTC, datetime

import pytest

from activity.intake import Refused
from operations.close import close_due
from operations.disqualify import Competitor
from operations.pay import paying
from operations.rehearse import rehearse
from tests.operations.prizes import PODIUM, payouts
from tests.operations.test_close import CLOSING, OCTOBER, at, places, provisional, scores
from tests.world import World

ADA = Competitor(member="ada")
BOARD = "  effort: {title: Effort, tags: [effort], period: month, closing: {}}\n"
WITHOUT = {
    "closing": CLOSING.replace(BOARD, BOARD.replace(", closing: {}", "")),
    "board": CLOSING.replace(BOARD, ""),
    "key": CLOSING.replace(BOARD, BOARD.replace("effort: {title", "other: {title") + BOARD.replace("month", "year")),
}


async def rehearsed(world: World, period: str = OCTOBER) -> list[str]:
    async with world.store.reading() as work:
        return await rehearse(work, world.revisions, "effort", period, 5)


@pytest.mark.parametrize("gone", WITHOUT)
async def test_a_result_that_will_pay_can_be_disputed(world: World, gone: str) -> None:
    """Whatever became of the board, and under the key that it had last, also where another one has it now."""
    await provisional(world, CLOSING + PODIUM)
    assert len({CLOSING, *WITHOUT.values()}) == 4
    if gone == "key":
        await world.apply(WITHOUT["board"])
    await world.apply(WITHOUT[gone])
    await world.disqualify("effort", "2026-10-12", ADA)
    lines = await rehearsed(world)
    assert ["     1          12  Ben", "     1          12  Cy"] == lines[:2]
    assert "2026-10 of effort has 2 places, and can be disputed until 2026-11-10 00:01 GMT." == lines[2]
    await world.reinstate("effort", OCTOBER, ADA)
    await world.disqualify("effort", OCTOBER, Competitor(member="ben"))
    assert [] == await world.differences()
    world.now = datetime(2026, 11, 20, tzinfo=UTC)
    done = await close_due(world.store, world.revisions, now=world.now, pay=paying(world.revisions, world.now))
    assert done.final
    assert ["ada", "cy"] == [name for _, name, *_ in await payouts(world)]
    assert [] == await world.differences()
    with pytest.raises(Refused, match="2026-10 of 'effort' is final, and never changes"):
        await world.disqualify("effort", OCTOBER, ADA)


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("closing", "'effort' closes no periods any more; give it `closing` in the programme first"),
        ("board", "'effort' is retired; bring the board back first (undo, or restore)"),
    ],
)
async def test_what_would_never_close_again_is_not_reopened(world: World, gone: str, told: str) -> None:
    """It says what can be done instead; once the board is back, it is reopened."""
    await provisional(world)
    await world.apply(WITHOUT[gone])
    with pytest.raises(Refused) as refused:
        await world.reopen("effort", OCTOBER)
    assert refused.value.message == (
        f"2026-10 of 'effort' would never close again, and give no prizes, as {told}, or correct the result as it is "
        "until 2026-11-10 00:01 GMT: retract, adjust, disqualify"
    )
    await world.undo()
    await world.reopen("effort", OCTOBER)
    assert {"ada": 24, "ben": 12, "cy": 12} == await scores(world)
    world.now = at(2026, 12, 1)
    await world.close()
    world.now = at(2026, 12, 9)
    await world.close()
    assert 3 == len(await places(world))
    assert [] == await world.differences()


async def test_what_was_not_closed_is_told_apart(world: World) -> None:
    """A period that was open when the board was retired, one that is none, and a board that never was."""
    await provisional(world)
    await world.apply(WITHOUT["board"])
    for board, period, told in [
        (
            "effort",
            "2026-11",
            "'effort' is retired, and had not closed '2026-11': nothing can be decided there any more",
        ),
        ("effort", "2026-W40", "'2026-W40' is no month period; write a key such as 2026-11"),
        ("efforts", OCTOBER, "the programme has no board 'efforts'"),
    ]:
        with pytest.raises(Refused, match=told):
            await world.disqualify(board, period, ADA)
    await world.apply(WITHOUT["closing"])
    with pytest.raises(Refused, match=r"'effort' never closes; give it `closing: {}` in the programme first"):
        await world.disqualify("effort", "2026-11", ADA)
