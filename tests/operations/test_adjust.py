"""Adjusting: points that a person gives or takes, with their reason."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from activity.intake import Refused
from activity.tables import member
from operations.adjust import Author
from operations.enrol import Profile
from rewards.tables import adjustment
from tests.operations.company import RECOGNITION
from tests.world import WHY, World, shared


async def company(world: World) -> World:
    await world.apply(RECOGNITION)
    await world.hire("Ada", "Ben", team="Red")
    return world


async def test_they_count_on_boards_of_all_points(world: World) -> None:
    """Without a rule they are of no tag and no activity type."""
    await company(world)
    await world.adjust("ada", 12)
    assert {("everything", "ever"): {"ada": 12}, ("teams", "2026/27-Q3"): {"Red": 12}} == await world.standings()
    assert [("manager", WHY)] == [(row.author, row.reason) for row in await world.rows(adjustment)]
    assert await world.differences() == []


async def test_with_a_rule_they_count_where_its_points_do(world: World) -> None:
    """On the boards of its tags, in the period of the moment that was said."""
    await company(world)
    await world.adjust("ada", 12, rule="share", at=world.now - timedelta(days=30))
    assert {"ada": 12} == (await world.standings())["effort", "2026-10"]
    assert await world.differences() == []


async def test_points_are_taken_too(world: World) -> None:
    """A score can go below 0."""
    await company(world)
    await world.record(shared(1))
    await world.adjust("ada", -20)
    assert {"ada": -7} == (await world.standings())["everything", "ever"]
    assert await world.differences() == []


async def test_who_does_not_take_part_is_given_no_points(world: World) -> None:
    """The refusal says who, and what to do; points are still taken, and are given once they take part again."""
    await company(world)
    await world.record(shared(1))
    await world.enrol(Profile("ada", participates=False))
    words = "'ada' does not take part, and so is given nothing; enrol them with participates: true if they want to"
    with pytest.raises(Refused, match=words):
        await world.adjust("ada", 12)
    await world.adjust("ada", -5)
    await world.enrol(Profile("ada", participates=True))
    await world.adjust("ada", 12)
    assert [-5, 12] == [points for _, rule, points in await world.ledger() if not rule]
    assert await world.differences() == []


async def test_nobody_adjusts_their_own(world: World) -> None:
    """A manager who is a member asks another manager."""
    await company(world)
    async with world.store.reading() as work:
        key = (await work.execute(select(member.c.key).where(member.c.external_id == "ada"))).scalar_one()
    with pytest.raises(Refused, match="'ada' is yourself; ask another manager to do it"):
        await world.adjust("ada", 12, author=Author("ada", key))


@pytest.mark.parametrize(
    ("name", "points", "rule", "days", "words"),
    [
        ("zoe", 1, None, 0, "there is no member with the external id 'zoe'"),
        ("ada", 0, None, 0, "points must be a whole number from -1,000,000 to 1,000,000, but not 0"),
        ("ada", -1_000_001, None, 0, "but not 0; adjust more than that in several steps, each with its reason"),
        ("ada", 2_000_000_000, None, 0, "points must be a whole number"),
        ("ada", 1, "shar", 0, "'shar' is no rule in force; leave it out, or name one of its rules"),
        ("ada", 1, None, 1, "is not between the start of the programme and now"),
        ("ada", 1, None, -400, "is not between the start of the programme and now"),
    ],
)
async def test_what_cannot_be_is_refused(
    world: World, name: str, points: int, rule: str | None, days: int, words: str
) -> None:
    """Each refusal says what is wrong and what to do."""
    await company(world)
    with pytest.raises(Refused, match=words):
        await world.adjust(name, points, rule=rule, at=world.now + timedelta(days=days) if days else None)
