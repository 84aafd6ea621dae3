"""Warnings about boards that a draft lets close no more, and podiums that it retires."""

import pytest

from rules.advice import Code
from tests.operations.prizes import PODIUM
from tests.operations.test_board_warnings import advised
from tests.operations.test_close import CLOSING, OCTOBER, at, company, provisional
from tests.world import World

BOARD = "  effort: {title: Effort, tags: [effort], period: month, closing: {}}\n"
PLAIN, RETIRED = CLOSING.replace(", closing: {}", "", 1), CLOSING.replace(BOARD, "")

DISPUTED = (
    "what it closed last is provisional, becomes final by 2026-11-10 00:01 GMT, and gives its prizes all the same: "
    "until then it can be corrected, but not reopened"
)
LOST = (
    "2026-10 is over and not closed yet, which then never happens, and gives no prizes: publish this later, or close "
    "first (python app.py close effort 2026-10 --reason WHY)"
)


async def told(world: World, text: str) -> list[tuple[str, str]]:
    found = await advised(world, text, Code.CLOSES_NO_MORE)
    return [(each.path, each.message) for each in found]


@pytest.mark.parametrize("text", [PLAIN, RETIRED])
async def test_a_board_that_closes_no_more_tells_of_what_is_provisional(world: World, text: str) -> None:
    """Until it is final; also where the board had no `closing` left and is retired now."""
    await provisional(world, CLOSING + PODIUM)
    assert [("boards.effort", DISPUTED)] == await told(world, text)
    await world.apply(text)
    assert [("boards.effort", DISPUTED)] * (text == PLAIN) == await told(world, RETIRED)
    world.now = at(2026, 11, 20)
    await world.close()
    assert [] == await told(world, RETIRED)


@pytest.mark.parametrize("text", [PLAIN, RETIRED])
async def test_a_board_that_closes_no_more_tells_of_what_is_over(world: World, text: str) -> None:
    """In the days of grace, and as long as nobody closed it; of what is not over there is nothing to tell."""
    await company(world, CLOSING + PODIUM)
    await world.close()  # September
    world.now = at(2026, 10, 31, 12)
    await world.close()
    assert [] == await told(world, text)
    world.now = at(2026, 11, 1)
    assert [("boards.effort", LOST)] == await told(world, text)
    world.now = at(2027, 1, 31)
    ((_, message),) = [each for each in await told(world, text) if "over" in each[1]]
    assert message.startswith("2026-10, 2026-11, 2026-12 are over and not closed yet")


async def test_a_board_that_is_kept_or_renamed_tells_nothing(world: World) -> None:
    """It closes what it has to."""
    await provisional(world, CLOSING + PODIUM)
    world.now = at(2026, 12, 2)
    kept = CLOSING + PODIUM
    renamed = kept.replace("  effort: {", "  work: {was: effort, ").replace("board: effort", "board: work")
    for text in (kept, renamed):
        assert [] == await told(world, text)
    await world.apply(renamed)
    assert [] == await told(world, renamed)
    other = renamed.replace("  work: {was: effort,", "  next: {").replace(": work\n", ": next\n")
    assert {"boards.work"} == {path for path, _ in await told(world, other)}


async def test_a_podium_that_is_retired_tells_what_it_still_gives_and_what_not(world: World) -> None:
    """Of what ended after it was published alone; and not where its board is gone as well, which says it."""
    await provisional(world, CLOSING + PODIUM)
    gives = f"{OCTOBER} is closed already, and gives its prizes all the same; reopen it if it is not to"
    assert [("podiums.best", gives)] == await told(world, CLOSING)
    assert ["boards.effort"] == [path for path, _ in await told(world, RETIRED)]
    world.now = at(2026, 12, 1)
    loses = (
        "2026-11 is over and not closed yet, and then gives none of its prizes: publish this later, or close first "
        "(python app.py close effort 2026-11 --reason WHY)"
    )
    assert [("podiums.best", gives), ("podiums.best", loses)] == await told(world, CLOSING)
    assert [] == await told(world, CLOSING + PODIUM.replace("  best:", "  top:\n    was: best"))


async def test_a_podium_that_came_too_late_gives_nothing_to_tell_of(world: World) -> None:
    """It was published when the period was over."""
    await provisional(world)
    await world.apply(CLOSING + PODIUM)
    assert [] == await told(world, CLOSING)
