"""What is gone: told before a draft that reads it is published, and never judged again as if it had not been there."""

from datetime import date, timedelta

import pytest

from operations.advice.warnings import warnings
from operations.gone import DataGone
from operations.programme import parse
from operations.revision import Revisions
from operations.simulation.simulate import simulate
from rules.advice import Advice, Code
from tests.operations.test_strip import KEEPING, company
from tests.world import PROGRAMME, World, published

BY_URL = KEEPING.replace("{max: 2, per: week}", "{max: 1, per: ever, by: activity.url}")
OF_TOPICS = KEEPING.replace("points: 40", "points: activity.topics.size()")
OF_SOURCE = KEEPING.replace("points: 40", "points: activity.source.size()")


async def advised(world: World, text: str) -> list[tuple[Code, str, str]]:
    async with world.store.reading() as work:
        found: list[Advice] = await warnings(work, world.revisions, parse(text), now=world.now)
    return [(each.code, each.path, each.message) for each in found if each.code in (Code.STRIPS, Code.DATA_GONE)]


async def test_what_a_retention_will_strip_is_told_with_how_much_it_is(world: World) -> None:
    """When it begins, and when it becomes shorter; not once it is in force."""
    await company(world, PROGRAMME)
    told = (
        "3 activities of more than 60 days ago will be stripped of all that nothing reads, which cannot be undone: "
        "write more than P60D where it is still needed, or take a copy of the database first"
    )
    assert [(Code.STRIPS, "retention", told)] == await advised(world, KEEPING)
    assert [] == await advised(world, KEEPING.replace("P60D", "P61D"))
    await world.apply(KEEPING.replace("P60D", "P61D"))
    assert [(Code.STRIPS, "retention", told)] == await advised(world, KEEPING)
    await world.apply(KEEPING)
    assert [] == await advised(world, KEEPING)
    await world.strip()
    assert [] == await advised(world, KEEPING.replace("P60D", "P31D"))


@pytest.mark.parametrize(
    ("text", "path", "field"),
    [(BY_URL, "rules.article.limits.1.by", "url"), (OF_SOURCE, "rules.article.points", "source")],
)
async def test_reading_what_is_gone_is_told_and_cannot_reach_back(
    world: World, text: str, path: str, field: str
) -> None:
    """Neither published nor simulated; from the day after the last of it both can be."""
    await company(world)
    await world.strip()
    until = "2026-11-21", "2026-11-12"
    told = (
        f"this reads activity.{field}, which was stripped of 1 activity of article.published, recorded until "
        f"{until[0]}: what they earned is counted without it, and no '--since' reaches back to {until[1]} or before"
    )
    assert [(Code.DATA_GONE, path, told)] == await advised(world, text)
    refused = (
        f"activities up to {until[1]} cannot be judged again, as what nothing read was stripped of them: {path} reads "
        f"activity.{field} of article.published; write a later day, or publish from now on"
    )
    with pytest.raises(DataGone) as apply_refused:
        await world.apply(text, since=until[1])
    with pytest.raises(DataGone) as simulation_refused:
        await simulated(world, text, until[1])
    assert [refused, refused] == [str(apply_refused.value), str(simulation_refused.value)]
    await simulated(world, text, "2026-11-13")
    assert 2 == (await world.apply(text, since="2026-11-13")).revision
    await world.catch_up()
    assert [] == await world.differences()


async def simulated(world: World, text: str, since: str) -> None:
    await simulate(world.store, Revisions(), parse(text), since=date.fromisoformat(since), now=world.now, processes=0)


async def test_what_was_gone_before_it_was_read_stays_gone(world: World) -> None:
    """For the revision that reads it, and for those after it; what came since is whole."""
    await company(world)
    await world.strip()
    await world.apply(BY_URL)
    await world.record(published(7, at="2027-01-10T12:00:00Z"))
    world.now += timedelta(days=61)
    await world.strip()
    dearer = BY_URL.replace("points: 40", "points: 41")
    with pytest.raises(DataGone):
        await world.apply(dearer, since="2026-11-12")
    await world.apply(dearer, since="2027-01-01")
    await world.catch_up()
    assert 41 in {points for _, _, points in await world.ledger()}
    assert [] == await world.differences()


async def test_what_came_later_or_was_retracted_is_not_gone(world: World) -> None:
    """A field that nothing recorded had then, and activities that nobody judges again."""
    await company(world)
    await world.strip()
    new = KEEPING.replace("topics: list(string)", "topics: list(string), words: {type: int, default: 3}")
    await world.apply(new.replace("points: 40", "points: activity.words"), since="2026-11-12")
    await world.catch_up()
    assert 3 in {points for _, _, points in await world.ledger()}
    assert [] == await world.differences()
    await world.retract(3)
    await world.apply(OF_TOPICS, since="2026-11-12")
    await world.catch_up()
    assert [] == await world.differences()


async def test_a_type_that_comes_back_has_lost_what_it_had(world: World) -> None:
    """Its activities are the same."""
    from operations.chronicle import restore

    await world.apply(OF_TOPICS.replace("retention: P60D\n", ""))
    await company(world, KEEPING)
    assert [] == await world.differences()
    await world.strip()
    async with world.store.writing() as work:
        await restore(work, world.revisions, 1, author="m", since=date(2026, 11, 12), now=world.now)
    await world.catch_up()
    assert [] == await world.differences()
