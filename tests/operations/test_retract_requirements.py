"""Retracting what a badge rests on: what requires that badge falls with it, unless something else holds it."""

import pytest

from rewards.tables import award, entry
from tests.operations.company import edited
from tests.operations.test_retract import company
from tests.world import WHY, World, published, reworded, shared

TOWER = edited(
    (
        "zones:\n",
        """  author: {title: Author, on: [article.published], measure: count, points: 4}
  both: {title: Both, requires: [regular, author], points: 20}
  crown: {title: Crown, requires: [both], points: 100}
zones:
""",
    )
)


def tower(*changes: tuple[str, str]) -> str:
    """The programme with badges that require others, with other words for some of it."""
    return reworded(TOWER, *changes)


async def climbed(world: World, programme: str = TOWER) -> World:
    """Two posts make Ada regular and an article an author: she has both, and with it the crown."""
    await company(world, programme)
    await world.record(shared(1), published(2), shared(3))
    return world


async def keys(world: World, member: str = "ada") -> set[str]:
    return {each.key for each in await world.badges() if each.member == member} & {"author", "regular", "both", "crown"}


async def test_what_requires_a_badge_falls_with_it(world: World) -> None:
    """Over however many steps, what is required first; points are reversed, and each says why."""
    await climbed(world)
    done = await world.retract(3)
    assert (4, 13 + 5 + 20 + 100) == (done.revoked, done.points)  # and the zone, without points
    assert {"author"} == await keys(world)
    assert [-5, -20, -100] == [row.points for row in await world.rows(entry) if row.points < 0][-3:]
    fell = {
        row.version: row for row in await world.rows(award) if row.revoked_seq is not None and row.entry is not None
    }
    why = f"an activity that it rests on was retracted: {WHY}"
    assert [
        why,
        f"Regular, which it requires, was revoked, because {why}",
        f"Both, which it requires, was revoked, because {why}",
    ] == [row.revoked_reason for row in fell.values()]
    assert {None} == {row.revoked_by for row in fell.values()}
    assert await world.differences() == []


async def test_nothing_is_left_for_a_later_publication_to_take(world: World) -> None:
    """Published anew for the past, the same programme says of every badge what the retraction left."""
    await climbed(world)
    await world.retract(3)
    before = await world.ledger(), await world.badges()
    await world.apply(tower(("title: Crown", "title: The crown")), since="2026-11-01")
    await world.catch_up()
    assert before == (await world.ledger(), await world.badges())
    assert await world.differences() == []


async def test_what_fell_with_a_badge_comes_back_with_it(world: World) -> None:
    """When the badge that it requires is reached again, it is awarded again."""
    await climbed(world)
    await world.retract(3)
    await world.record(shared(4))
    assert {"author", "regular", "both", "crown"} == await keys(world)
    assert ("ada", "crown", 100) == (await world.ledger())[-1]
    assert await world.differences() == []


async def test_a_requirement_that_another_level_holds_stays(world: World) -> None:
    """Level 2 of what is required falls; level 1 is enough."""
    await climbed(world)
    await world.record(shared(4))
    assert 1 == (await world.retract(4)).revoked
    assert {"author", "regular", "both", "crown"} == await keys(world)
    assert await world.differences() == []


async def test_a_requirement_that_a_gift_holds_stays(world: World) -> None:
    """Level 2 was given by hand, so what requires the badge rests on that when level 1 falls."""
    await climbed(world)
    await world.give("ada", "regular", level=2)
    await world.retract(3)
    assert {"author", "regular", "both", "crown"} == await keys(world)
    await world.apply(tower(("title: Crown", "title: The crown")), since="2026-11-01")
    await world.catch_up()
    assert {"author", "regular", "both", "crown"} == await keys(world)
    assert await world.differences() == []


async def test_a_badge_given_by_hand_stays_without_what_it_requires(world: World) -> None:
    """And so does what came with it: the crown, when Ada was given both."""
    await company(world, TOWER)
    await world.record(shared(1), published(2))
    await world.give("ada", "both")
    await world.record(shared(3))
    await world.retract(3)
    await world.retract(2)
    assert {"both", "crown"} == await keys(world)
    assert await world.differences() == []


@pytest.mark.parametrize(("kept", "left"), [("Crown", {"author", "crown"}), ("Both", {"author", "both", "crown"})])
async def test_what_is_kept_holds_what_requires_it(world: World, kept: str, left: set[str]) -> None:
    """A badge that is kept by its policy stays, and with it whatever rests on it."""
    await climbed(world, tower((f"title: {kept},", f"title: {kept}, evidence_lost: keep,")))
    await world.retract(3)
    assert left == await keys(world)
    assert await world.differences() == []


@pytest.mark.parametrize(("retracted", "left"), [("old", {"author", "regular", "both", "crown"}), ("new", {"author"})])
async def test_what_had_expired_holds_nothing(world: World, retracted: str, left: set[str]) -> None:
    """Of a badge that repeats each month and expires after ten days, the award counts that held at the time."""
    levels = "measure: count\n    levels: [{at: 2, points: 5}, {at: 3, points: 50}]"
    monthly = "measure: count\n    window: month\n    repeat: true\n    expires: P10D\n    levels: [2]"
    await company(world, tower((levels, monthly)))
    await world.record(shared("old", at="2026-10-05T09:00:00Z"), shared("older", at="2026-10-04T09:00:00Z"))
    await world.record(shared(1), published(2), shared("new"))
    await world.retract(retracted)
    assert left - {"regular"} == await keys(world) - {"regular"}
    assert {"regular"} <= await keys(world)
    assert await world.differences() == []


async def test_a_requirement_that_came_later_or_is_gone_takes_nothing(world: World) -> None:
    """What the badge required when it was awarded decides, as long as it requires it."""
    await climbed(world, tower(("requires: [both], points: 100", "requires: [author], points: 100")))
    await world.apply(tower(("requires: [regular, author], points: 20", "requires: [author], points: 20")))
    await world.retract(3)
    assert {"author", "both", "crown"} == await keys(world)
    assert await world.differences() == []


async def test_a_requirement_published_for_the_past_takes_what_was_awarded_before(world: World) -> None:
    """The crown is awarded anew on its new terms, and so rests on them."""
    await climbed(world, tower(("requires: [both], points: 100", "requires: [author], points: 100")))
    await world.apply(TOWER, since="2026-11-01")
    await world.catch_up()
    assert {"author", "regular", "both", "crown"} == await keys(world)
    await world.retract(3)
    assert {"author"} == await keys(world)
    assert await world.differences() == []


async def test_the_same_badge_by_another_key_is_required_on(world: World) -> None:
    """A badge that is renamed holds what required it before, and takes it along."""
    await climbed(world)
    renamed = tower(("  regular:\n", "  steady:\n    was: regular\n"), ("[regular, author]", "[steady, author]"))
    await world.apply(renamed, since="2026-11-01")
    await world.catch_up()
    assert [] == [row for row in await world.rows(award) if row.revoked_seq is not None]
    await world.retract(3)
    assert {"author"} == await keys(world)
    assert await world.differences() == []


async def test_a_badge_with_a_measure_falls_with_what_it_requires_too(world: World) -> None:
    """Its activities are all there; its levels are reached again with the badge, and count on from where they were."""
    counted = "requires: [both], on: [article.published], measure: count, every: 1, points: 100"
    await climbed(world, tower(("requires: [both], points: 100", counted)))
    await world.record(published(4, at="2026-11-19T09:30:00Z"))
    await world.retract(3)
    assert {"author"} == await keys(world)
    await world.record(shared(5))
    crowns = [each.level for each in await world.badges() if each.key == "crown"]
    assert [1, 2] == crowns
    assert await world.differences() == []


async def test_a_badge_that_counts_something_else_by_now_falls_with_what_it_requires(world: World) -> None:
    """What it counted is no longer known; what it requires is."""
    counted = "requires: [both], on: [article.published], measure: count, points: 100"
    await climbed(world, tower(("requires: [both], points: 100", counted)))
    await world.apply(tower(("requires: [both], points: 100", counted.replace("article.published", "idea.made"))))
    await world.retract(3)
    assert {"author"} == await keys(world)
    assert await world.differences() == []


async def test_a_place_among_the_first_is_free_when_what_it_requires_falls(world: World) -> None:
    """The crown is for one member: Ada loses it over two steps, so Ben gets it."""
    await climbed(world, tower(("requires: [both], points: 100", "requires: [both], first: 1, points: 100")))
    await world.record(shared(4, "ben"), published(5, "ben"), shared(6, "ben"))
    assert {"author", "regular", "both"} == await keys(world, "ben")
    await world.retract(3)
    await world.retract(6)
    await world.record(shared(7, "ben"))
    assert {"author", "regular", "both", "crown"} == await keys(world, "ben")
    assert await world.differences() == []
