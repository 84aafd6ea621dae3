"""Warnings about results: held points that come too late for one, and prizes that count in the next."""

from datetime import UTC, datetime, timedelta

import pytest

from programmes.demo import PROGRAMME as SHIPPED
from rules.advice import Code
from tests.operations.test_board_warnings import advised
from tests.world import PROGRAMME, World, shared

LIMITS = "    tags: [effort]\n  reach:"
CLOSING = "tags: [effort], period: month"


def held(hold: str, closing: str = "closing: {}", board: str = CLOSING) -> str:
    """The programme with a rule for effort that holds its points, and its board of months with a closing."""
    text = PROGRAMME.replace(LIMITS, f"    hold: {hold}\n{LIMITS}")
    return text.replace(CLOSING, f"{board}, {closing}")


@pytest.mark.parametrize(
    ("hold", "closing", "expected"),
    [
        ("P14D", "closing: {}", ("P7D", "P7D", "P14D", "hold for P7D at most")),
        ("P7DT1M", "closing: {}", ("P7D", "PT1M", "P8D", "hold for P7D at most")),
        ("P7D", "closing: {}", None),
        ("P14D", "closing: {grace: P30D}", ("P7D", "P7D", "P14D", "hold for P7D at most")),
        ("P14D", "closing: {dispute_window: P14D}", None),
        ("PT1H", "closing: {dispute_window: P0D}", ("no time", "PT1H", "P1D", "do without the hold")),
    ],
)
async def test_points_held_for_longer_than_a_dispute_are_told(
    world: World, hold: str, closing: str, expected: tuple[str, str, str, str] | None
) -> None:
    """However long the grace; of what is recorded when a period is closed, none would count."""
    found = [(each.path, each.message) for each in await advised(world, held(hold, closing), Code.HELD_TOO_LONG)]
    if expected is None:
        assert [] == found
        return
    window, lost, least, instead = expected
    message = (
        f"board 'effort' can be disputed for {window}, and these points are held for longer: those of the last {lost} "
        f"before a period is closed come free when its result is final, and count neither there nor for its prizes; "
        f"write 'dispute_window: {least}' in the board's 'closing', or {instead}"
    )
    assert [("rules.share.hold", message)] == found


async def test_only_boards_that_close_and_count_them_are_told(world: World) -> None:
    """Not one that counts other points, has no end, or whose days are over."""
    assert [] == await advised(world, held("P14D", "shows: 3"), Code.HELD_TOO_LONG)
    assert [] == await advised(world, held("P14D", board="tags: [impact], period: month"), Code.HELD_TOO_LONG)
    over = "tags: [effort], period: {from: 2026-10-01, to: 2026-11-20}"
    assert [] == await advised(world, held("P14D", board=over), Code.HELD_TOO_LONG)
    assert [] != await advised(world, held("P14D", board=over.replace("11-20", "11-21")), Code.HELD_TOO_LONG)
    assert [] == await advised(world, SHIPPED.read_text(), Code.HELD_TOO_LONG)


@pytest.mark.parametrize(("hold", "counts"), [("P7D", True), ("P14D", False)])
async def test_what_is_told_is_what_becomes_of_them(world: World, hold: str, counts: bool) -> None:
    """Recorded on the last day of grace: in the result if they are held no longer than it can be disputed."""
    await world.apply(held(hold))
    await world.hire("Ada")
    world.now = datetime(2026, 12, 2, 12, tzinfo=UTC)
    await world.record(shared(1, at="2026-11-30T12:00:00Z"))
    for _ in range(20):
        world.now += timedelta(days=1)
        await world.release()
        await world.close()
    assert {"ada": 12 if counts else 7} == (await world.standings())["effort", "2026-11"]
    assert [] == await world.differences()
