"""Warnings about boards and podiums: days that are over or come too early, and members whom a board leaves out."""

from datetime import timedelta

import pytest

from operations.advice.warnings import warnings
from operations.close import close_due
from operations.pay import paying
from operations.programme import parse
from rewards.tables import payout, prize_giving
from rules.advice import Advice, Code
from tests.operations.prizes import PODIUM
from tests.world import PROGRAMME, World, shared

OF_SPRING = PODIUM.replace("board: effort", "board: spring")
SPRING = "2026-11-01", "2026-11-20"


def with_spring(first: str, last: str) -> str:
    return f"{PROGRAMME}  spring: {{title: Spring, period: {{from: {first}, to: {last}}}, closing: {{}}}}\n"


async def advised(world: World, text: str, *codes: Code) -> list[Advice]:
    async with world.store.reading() as work:
        found = await warnings(work, world.revisions, parse(text), now=world.now)
    return [advice for advice in found if advice.code in codes]


async def finish(world: World) -> None:
    """Close what is over, and when its disputes have ended give the prizes."""
    await world.close()
    world.now += timedelta(days=7)
    done = await close_due(world.store, world.revisions, now=world.now, pay=paying(world.revisions, world.now))
    assert 1 == done.final


async def test_a_podium_of_days_that_are_over_is_told_and_gives_nothing(world: World) -> None:
    """Whether anything is in force or not; and when the result is final, nothing is given."""
    text = with_spring(*SPRING) + OF_SPRING
    (found,) = await advised(world, text, Code.NO_PRIZES)
    assert found.path == "podiums.best.board"
    assert found.message == (
        "the days of board 'spring' ended with 2026-11-20, and a podium rewards only what ends after it was first "
        "published: this one will give no prizes; name a board whose days are not over, or remove the podium"
    )
    assert text.split("\n")[found.line - 1] == "    board: spring"
    await world.apply(with_spring(*SPRING))
    assert [found.message] == [each.message for each in await advised(world, text, Code.NO_PRIZES)]
    await world.apply(text)
    await world.hire("Ada")
    await world.record(shared(1))
    world.now += timedelta(days=10)
    await finish(world)
    assert [] == [*await world.rows(prize_giving), *await world.rows(payout)]


@pytest.mark.parametrize("last", ["2026-11-21", "2026-12-31"])
async def test_a_podium_that_was_there_in_time_is_left_alone(world: World, last: str) -> None:
    """Published on the last day, or before: it gives its prizes, also under another name when the days are over."""
    text = with_spring("2026-11-01", last) + OF_SPRING
    assert [] == await advised(world, text, Code.NO_PRIZES)
    await world.apply(text)
    await world.hire("Ada")
    await world.record(shared(1))
    world.now += timedelta(days=45)
    renamed = OF_SPRING.replace("  best:\n", "  top:\n    was: best\n")
    for podium in (OF_SPRING, renamed):
        assert [] == await advised(world, with_spring("2026-11-01", last) + podium, Code.NO_PRIZES)
    other = renamed.replace("    was: best\n", "")
    (found,) = await advised(world, with_spring("2026-11-01", last) + other, Code.NO_PRIZES)
    assert "podiums.top.board" == found.path
    await finish(world)
    assert 1 == len(await world.rows(payout))


BEFORE_START = {
    ("2025-12-01", "2026-01-15"): [
        (
            "boards.spring.period.from",
            "this is before the programme starts: only what happens from 2026-01-01 on counts; write that day, or "
            "leave it if that is meant",
        )
    ],
    ("2025-12-01", "2025-12-31"): [
        (
            "boards.spring.period.to",
            "these days end before the programme starts, on 2026-01-01, so that nothing can ever count here: write "
            "later ones, or remove the board",
        )
    ],
    ("2026-01-01", "2026-01-15"): [],
}


@pytest.mark.parametrize(("days", "expected"), BEFORE_START.items())
async def test_days_before_the_programme_starts_are_told(
    world: World, days: tuple[str, str], expected: list[tuple[str, str]]
) -> None:
    """All of them, or some; the first day of the programme is not before it."""
    text = with_spring(*days)
    found = await advised(world, text, Code.BEFORE_START)
    assert expected == [(each.path, each.message) for each in found]
    assert all("  spring:" in text.split("\n")[each.line - 1] for each in found)


async def test_a_board_that_has_the_first_day_alone_counts_it(world: World) -> None:
    """Days that end with the one on which the programme starts are not all before it."""
    (found,) = await advised(world, with_spring("2025-12-01", "2026-01-01"), Code.BEFORE_START)
    assert "boards.spring.period.from" == found.path
