"""Boards with days of their own, and with a minimum: they close, and their podiums pay, as others do."""

from datetime import UTC, datetime

import pytest

from activity.intake import Refused
from operations.close import Closed, close_due
from operations.pay import paying
from operations.programme import ProgrammeInvalid, parse
from operations.publish import PlanRefused
from tests.operations.prizes import payouts
from tests.operations.test_close import named_closing, places, scores
from tests.world import PROGRAMME, World, shared

SPRING = "2026-03-02/2026-03-20"
CAMPAIGN = (
    PROGRAMME
    + """  spring:
    title: Spring campaign
    rules: [share]
    period: {from: 2026-03-02, to: 2026-03-20}
    minimum: 10
    closing: {}
podiums:
  best: {title: Best of spring, board: spring, prize: A tree, places: 3}
"""
)


async def paid(world: World) -> Closed:
    return await close_due(world.store, world.revisions, now=world.now, pay=paying(world.revisions, world.now))


@pytest.fixture
async def campaign(world: World) -> World:
    """Ada and Ben shared twice in the days of the campaign, Cy once in them and once before."""
    world.now = datetime(2026, 2, 20, 9, tzinfo=UTC)
    await world.apply(CAMPAIGN)
    await world.hire("Ada", "Ben", "Cy")
    world.now = datetime(2026, 3, 20, 22, tzinfo=UTC)
    for number, (name, day) in enumerate([("ada", 2), ("ada", 20), ("ben", 3), ("ben", 4), ("cy", 1), ("cy", 9)]):
        await world.record(shared(number, name, at=f"2026-03-{day:02}T09:30:00Z"))
    return world


async def test_a_window_closes_once_and_its_podium_pays_once(campaign: World) -> None:
    """Three days after its last day. Who is below the minimum has no place, and so no prize."""
    campaign.now = datetime(2026, 3, 22, 23, 59, tzinfo=UTC)
    assert Closed(0, 0) == await campaign.close()
    campaign.now = datetime(2026, 3, 23, tzinfo=UTC)
    assert Closed(1, 0) == await campaign.close()
    assert {"ada": 10, "ben": 10, "cy": 5} == await scores(campaign, "spring", SPRING)
    await campaign.record(shared(9, "cy", at="2026-03-10T09:30:00Z"))
    campaign.now = datetime(2026, 3, 30, tzinfo=UTC)
    assert Closed(0, 1) == await paid(campaign)
    assert [(1, "ben", 10), (1, "ada", 10)] == await places(campaign, "spring", SPRING)
    assert 2 == (await named_closing(campaign, "spring", SPRING)).participants
    assert [(1, "ben"), (1, "ada")] == [(place, name) for place, name, *_ in await payouts(campaign)]
    campaign.now = datetime(2027, 4, 1, tzinfo=UTC)
    assert Closed(0, 0) == await paid(campaign)
    assert [] == await campaign.differences()


async def test_a_window_is_named_by_its_key_or_a_day_in_it(campaign: World) -> None:
    """It can be closed early from its first day on, and reopened."""
    await campaign.close_early("spring", "2026-03-05")
    with pytest.raises(Refused, match="is closed already"):
        await campaign.close_early("spring", SPRING)
    with pytest.raises(Refused, match="is not the period of this board"):
        await campaign.close_early("spring", "2026-03")
    await campaign.record(shared(9, "cy", at="2026-03-10T09:30:00Z"))
    assert 5 == (await scores(campaign, "spring", SPRING))["cy"]
    await campaign.reopen("spring", SPRING)
    assert 10 == (await scores(campaign, "spring", SPRING))["cy"]
    assert [] == await campaign.differences()


def test_a_pause_after_winning_is_for_boards_that_begin_anew() -> None:
    """In a campaign nobody has won before."""
    with pytest.raises(ProgrammeInvalid, match="'spring' comes only once, so that nobody has won"):
        parse(CAMPAIGN.replace("places: 3", "places: 3, pause: 1"))


async def test_the_days_of_a_window_stay_once_it_was_closed(campaign: World) -> None:
    """Another campaign is another board."""
    campaign.now = datetime(2026, 3, 23, tzinfo=UTC)
    await campaign.close()
    with pytest.raises(PlanRefused) as refused:
        await campaign.apply(CAMPAIGN.replace("to: 2026-03-20", "to: 2026-03-27"))
    (mistake,) = refused.value.mistakes
    assert "boards.spring.period" == mistake.where
    assert (
        f"is {SPRING} since its first closing and cannot become 2026-03-02/2026-03-27; "
        "give the board another key, and it is a new one"
    ) == mistake.message


async def test_a_closed_board_of_rules_counts_those_it_named_then(campaign: World) -> None:
    """A rule that is renamed, or another that takes its key, changes no result."""
    campaign.now = datetime(2026, 3, 23, tzinfo=UTC)
    await campaign.close()
    renamed = CAMPAIGN.replace("  share:\n", "  spread:\n    was: share\n").replace("rules: [share]", "rules: [first]")
    await campaign.apply(renamed)
    await campaign.adjust("cy", 2, rule="spread", at=datetime(2026, 3, 9, tzinfo=UTC))
    await campaign.adjust("cy", 50, rule="first", at=datetime(2026, 3, 9, tzinfo=UTC))
    campaign.now = datetime(2026, 3, 30, tzinfo=UTC)
    await campaign.close()
    assert [("ben", 10), ("ada", 10)] == [(name, score) for _, name, score in await places(campaign, "spring", SPRING)]
    assert [] == await campaign.differences()
