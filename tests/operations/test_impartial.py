"""Nobody decides a contest that they are in: who acts for a member who stands in it, or whose team does."""

import pytest

from activity.intake import Refused
from leaderboard.closing import State
from operations.disqualify import Competitor
from operations.enrol import Profile
from rewards.payout import PayoutRefused, Verb
from tests.operations import prizes
from tests.operations.prizes import PODIUM, month, moving, numbers, payouts, winner
from tests.operations.test_close import CLOSING, OCTOBER, company, named_closing
from tests.world import World

ADA, BEN = Competitor(member="ada"), Competitor(member="ben")
REFUSED = (
    "you stand on 'effort' in 2026-10, and nobody decides a contest that they are in; ask a manager who has no place "
    "in it, or use a key that acts for nobody"
)


async def test_nobody_disqualifies_or_reinstates_where_they_stand(world: World) -> None:
    """Not themself, and no rival; also while they are disqualified or do not take part. Who has no place may."""
    await company(world)
    await world.hire("Dee")
    await world.close_early("effort", OCTOBER)
    ada, dee = await winner(world, "ada"), await winner(world, "dee")
    for who in (ADA, BEN):
        with pytest.raises(Refused) as refused:
            await world.disqualify("effort", OCTOBER, who, author=ada)
        assert ("period", REFUSED) == (refused.value.field, refused.value.message)
    await world.disqualify("effort", OCTOBER, ADA, author=dee)
    await world.disqualify("effort", OCTOBER, BEN, author=dee)
    await world.enrol(Profile("ada", participates=False))
    for number in (0, 1):  # of what Ada did: at last there is nothing left of it
        for who in (ADA, BEN):
            with pytest.raises(Refused, match="you stand on 'effort'"):
                await world.reinstate("effort", OCTOBER, who, author=ada)
        await world.retract(number)
    with pytest.raises(Refused, match="you stand on 'effort'"):
        await world.reinstate("effort", OCTOBER, BEN, author=ada)
    await world.reinstate("effort", OCTOBER, BEN, author=dee)
    assert [] == await world.differences()


async def test_nobody_decides_where_their_team_stands(world: World) -> None:
    """The one that they belong to, and one for which they earned points before they moved."""
    await company(world)
    await world.hire("Dee", team="Blue")
    await world.hire("Eve", team="Green")
    await world.enrol(Profile("ada", team="Green"))
    await world.close_early("teams", OCTOBER)
    red = Competitor(team="Red")
    for name in ("ada", "dee"):
        with pytest.raises(Refused, match=r"your team stands on 'teams' in 2026-10, and nobody decides a contest"):
            await world.disqualify("teams", OCTOBER, red, author=await winner(world, name))
    await world.disqualify("teams", OCTOBER, red, author=await winner(world, "eve"))
    with pytest.raises(Refused, match="your team stands on 'teams'"):
        await world.reinstate("teams", OCTOBER, Competitor(team="Red"), author=await winner(world, "ben"))
    await world.reinstate("teams", OCTOBER, red, author=await winner(world, "eve"))


async def test_nobody_closes_or_reopens_a_contest_with_prizes_that_they_are_in(world: World) -> None:
    """Of a board that wins nothing everybody who manages may; also a podium that is retired meanwhile still pays."""
    await company(world, CLOSING + PODIUM)
    await world.hire("Dee")
    ada, dee = await winner(world, "ada"), await winner(world, "dee")
    with pytest.raises(Refused, match="you stand on 'effort' in 2026-10, and nobody"):
        await world.close_early("effort", OCTOBER, author=ada)
    assert await named_closing(world) is None
    await world.close_early("teams", OCTOBER, author=ada)
    await world.reopen("teams", OCTOBER, author=ada)
    await world.close_early("effort", OCTOBER, author=dee)
    for programme in (CLOSING + PODIUM, CLOSING):
        await world.apply(programme)
        with pytest.raises(Refused, match="you stand on 'effort' in 2026-10, and nobody"):
            await world.reopen("effort", OCTOBER, author=ada)
    assert State.PROVISIONAL == (await named_closing(world)).state
    await world.reopen("effort", OCTOBER, author=dee)
    await world.close_early("effort", OCTOBER, author=ada)  # there is no podium any more


async def test_nobody_revokes_a_prize_that_would_be_theirs(world: World) -> None:
    """Nothing is revoked then; who is further down the line, or acts for nobody, may."""
    await prizes.company(world)
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6, eve=5)
    ada, before = (await numbers(world))["ada"], await payouts(world)
    with pytest.raises(PayoutRefused) as refused:
        await moving(world, ada, Verb.REVOKE, author=await winner(world, "dee"))
    assert str(refused.value) == (
        "you are the next in line and would get this prize, and nobody decides a contest that they are in; ask a "
        "manager who has no place in it, or use a key that acts for nobody"
    )
    assert before == await payouts(world)
    done = await moving(world, ada, Verb.REVOKE, author=await winner(world, "eve"))
    assert (await numbers(world))["dee"] == done.passed_on
