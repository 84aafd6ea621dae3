"""Giving and taking badges by hand."""

import pytest

from activity.intake import Refused
from operations.enrol import Profile
from rewards.ledger import Kind
from rewards.tables import award, entry
from tests.operations.company import RECOGNITION, edited
from tests.world import WHY, Badge, World, published, shared


async def company(world: World) -> World:
    await world.apply(RECOGNITION)
    await world.hire("Ada", "Ben", team="Red")
    return world


async def test_a_badge_is_given_with_its_points_and_those_that_require_it(world: World) -> None:
    """Honoured asks for thanks alone, so it comes at once; both are of the person who gave, not of an activity."""
    await company(world)
    await world.give("ada", "thanks")
    assert [Badge("ada", "honoured", 1, True), Badge("ada", "thanks", 1, True)] == await world.badges()
    assert [("ada", "thanks", 30), ("ada", "honoured", 1)] == await world.ledger()
    assert {Kind.BADGE} == {row.kind for row in await world.rows(entry)}
    given = (await world.rows(award))[0]
    assert ("manager", WHY) == (given.author, given.reason)
    assert await world.differences() == []


async def test_it_is_given_once(world: World) -> None:
    """Who holds it already is not given it again."""
    await company(world)
    await world.give("ada", "thanks")
    with pytest.raises(Refused, match="'ada' holds level 1 of 'thanks' already"):
        await world.give("ada", "thanks")


async def test_a_level_that_was_given_is_not_reached_again(world: World) -> None:
    """Given level 1 of a badge that is counted, a member reaches level 2 next."""
    await company(world)
    await world.give("ada", "regular")
    await world.record(*(shared(number) for number in range(3)))
    held = [each for each in await world.badges() if each.key == "regular"]
    assert [Badge("ada", "regular", 1, True), Badge("ada", "regular", 2, False)] == held
    assert await world.differences() == []


async def test_a_badge_that_repeats_in_runs_is_reached_all_the_same(world: World) -> None:
    """Given on a day with which a run begins later, it stands beside the one that is awarded."""
    await company(world)
    await world.give("ada", "daily")
    await world.record(published(1, at="2026-11-21T09:00:00Z"))
    world.now = world.now.replace(day=22)
    await world.record(published(2, at="2026-11-22T09:00:00Z"))
    held = [each for each in await world.badges() if each.key == "daily"]
    assert [Badge("ada", "daily", 1, False), Badge("ada", "daily", 1, True)] == held
    assert await world.differences() == []


async def test_a_badge_is_taken_with_its_points(world: World) -> None:
    """It is not awarded again for what was counted already."""
    await company(world)
    await world.record(shared(1), shared(2))
    await world.take("ada", "regular")
    await world.record(shared(3))
    assert [Badge("ada", "regular", 2, False)] == [each for each in await world.badges() if each.key == "regular"]
    assert ("ada", "regular", 5) not in await world.ledger()
    assert await world.differences() == []


async def test_what_requires_a_badge_that_is_taken_stays(world: World) -> None:
    """A person takes what they name: what was earned on it, or came with it, is there until it is taken too."""
    pair = "  pair: {title: Pair, requires: [regular, early], points: 3}\n"
    await world.apply(edited(("  thanks: {title: Thanks", f"{pair}  thanks: {{title: Thanks")))
    await world.hire("Ada")
    await world.record(published(1), shared(2), shared(3))
    await world.give("ada", "thanks")
    for badge in ("regular", "thanks"):
        await world.take("ada", badge)
    assert {"pair", "honoured"} <= {each.key for each in await world.badges()}
    await world.retract(3)
    assert {"pair", "honoured"} <= {each.key for each in await world.badges()}
    await world.take("ada", "pair")
    assert "pair" not in {each.key for each in await world.badges()}
    assert await world.differences() == []


async def test_one_level_is_taken(world: World) -> None:
    """The others stay."""
    await company(world)
    await world.record(*(shared(number) for number in range(3)))
    await world.take("ada", "regular", level=2)
    assert [1] == [each.level for each in await world.badges() if each.key == "regular"]
    assert await world.differences() == []


async def test_what_nobody_holds_cannot_be_taken(world: World) -> None:
    """The refusal says whose it is not."""
    await company(world)
    with pytest.raises(Refused, match="'ada' does not hold 'thanks'"):
        await world.take("ada", "thanks")


async def test_a_place_among_the_first_is_taken_and_becomes_free(world: World) -> None:
    """One member may have it: given to Ada it is not given to Ben, until it is taken from her."""
    await company(world)
    await world.give("ada", "early")
    with pytest.raises(Refused, match="all 1 of 'early' are taken; take one back first"):
        await world.give("ben", "early")
    await world.record(published(1, "ben"))
    await world.take("ada", "early")
    await world.record(published(2, "ben"))
    assert [Badge("ben", "early", 1, False)] == await world.badges()
    assert await world.differences() == []


async def test_a_higher_level_takes_a_place_among_the_first_too(world: World) -> None:
    """Level 1 was taken from Ada; when she reaches level 2 she holds the badge again, and Ben cannot."""
    early = "levels: [1]\n    first: 1"
    assert early in RECOGNITION
    await world.apply(RECOGNITION.replace(early, "levels: [1, 2]\n    first: 1"))
    await world.hire("Ada", "Ben")
    await world.record(published(1))
    await world.take("ada", "early")
    await world.record(published(2), published(3, "ben"))
    assert [Badge("ada", "early", 2, False)] == await world.badges()
    assert await world.differences() == []


async def test_who_does_not_take_part_is_given_no_badge(world: World) -> None:
    """The refusal says who, and what to do; what they hold can still be taken."""
    await company(world)
    await world.give("ada", "thanks")
    await world.enrol(Profile("ada", participates=False))
    words = "'ada' does not take part, and so is given nothing; enrol them with participates: true if they want to"
    with pytest.raises(Refused, match=words):
        await world.give("ada", "regular")
    await world.take("ada", "thanks")
    assert [Badge("ada", "honoured", 1, True)] == await world.badges()
    assert await world.differences() == []


@pytest.mark.parametrize(
    ("badge", "level", "words"),
    [
        ("thank", 1, r"'thank' is no badge of this programme; did you mean thanks\?"),
        ("Thanks!", 1, r"'Thanks!' is no badge of this programme; did you mean thanks\?"),
        ("zzz", 1, "'zzz' is no badge of this programme; it has thanks, "),
        ("regular", 3, "'regular' has levels 1 to 2, and no level 3"),
        ("regular", 0, "'regular' has levels 1 to 2, and no level 0"),
    ],
)
async def test_what_cannot_be_given_is_refused(world: World, badge: str, level: int, words: str) -> None:
    """Each refusal says what there is."""
    await company(world)
    with pytest.raises(Refused, match=words):
        await world.give("ada", badge, level=level)
