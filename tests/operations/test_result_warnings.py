"""Warnings about results: held points that come too late for one, and prizes that count in the next."""

from datetime import UTC, datetime, timedelta

import pytest

from operations.close import close_due
from operations.pay import paying
from programmes.demo import PROGRAMME as SHIPPED
from rewards.payout import Verb
from rules.advice import Code
from tests.operations.prizes import moving, numbers, winner
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


OF_POINTS = """
podiums:
  best: {title: Best, board: BOARD, places: 1, approval: false, prize: {title: Points, amount: 1500, currency: points}}
"""


def rewarded(board: str, prizes: str = OF_POINTS) -> str:
    """The programme with one more board, that closes, and a podium that rewards it with points."""
    return f"{PROGRAMME}  own: {{title: Own, {board}, closing: {{}}}}\n{prizes.replace('BOARD', 'own')}"


async def test_prizes_that_count_on_the_board_that_they_reward_are_told(world: World) -> None:
    """Its winners begin ahead; one with tags, rules or activities counts no points that persons gave."""
    text = rewarded("period: month")
    (found,) = await advised(world, text, Code.PRIZE_COUNTS)
    assert ("podiums.best.board", ("boards.own",)) == (found.path, found.also)
    assert found.message == (
        "board 'own' counts all points, those of prizes too: who won begins the next month up to 1,500 ahead of the "
        "others; give the board 'tags' of what it is to count, or prizes that are no points"
    )
    for some in ("tags: [effort]", "rules: [share]", "activities: [post.shared]"):
        assert [] == await advised(world, rewarded(f"period: month, {some}"), Code.PRIZE_COUNTS)
    assert [] == await advised(world, rewarded("period: {from: 2026-11-01, to: 2026-12-31}"), Code.PRIZE_COUNTS)
    assert [] == await advised(world, text.replace("currency: points", "currency: GBP"), Code.PRIZE_COUNTS)


@pytest.mark.parametrize(("board", "ahead"), [("period: month", True), ("period: month, tags: [effort]", False)])
async def test_where_it_is_told_winners_begin_ahead(world: World, board: str, ahead: bool) -> None:
    """The points of November's prize are the winner's of December."""
    await world.apply(rewarded(board))
    await world.hire("Ada")
    await world.record(shared(1))
    world.now = datetime(2026, 12, 3, tzinfo=UTC)
    await world.close()
    world.now = datetime(2026, 12, 10, tzinfo=UTC)
    await close_due(world.store, world.revisions, now=world.now, pay=paying(world.revisions, world.now))
    number = (await numbers(world))["ada"]
    await moving(world, number, Verb.CLAIM, author=await winner(world, "ada"))
    await moving(world, number, Verb.DELIVER)
    assert ahead == (("own", "2026-12") in await world.standings())
