"""The chronicle: who changed the programme, when, why and how, and the way back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from operations.chronicle import RevisionRecord, RevisionUnknown, chronicle, restore
from operations.programme import export, parse
from operations.publish import apply
from rewards.tables import award
from tests.world import PROGRAMME, World, shared

SHORTER = PROGRAMME.replace("points: 40", "points: 50")
RENAMED = PROGRAMME.replace("  share:\n    title: Share", "  passed-on:\n    was: share\n    title: Share")
RULE = PROGRAMME[PROGRAMME.index("  share:\n") : PROGRAMME.index("  reach:\n")]
WITHOUT = PROGRAMME.replace(RULE, "")


async def _publish(world: World, text: str, author: str = "maria", note: str | None = None) -> None:
    async with world.store.writing() as work:
        await apply(work, world.revisions, parse(text), now=world.now, author=author, note=note)


async def _restore(world: World, number: int) -> None:
    async with world.store.writing() as work:
        await restore(work, world.revisions, number, author="maria", now=world.now)


async def _records(world: World) -> list[RevisionRecord]:
    async with world.store.reading() as work:
        return await chronicle(work)


async def _file(world: World) -> str:
    async with world.store.reading() as work:
        return export((await world.revisions.current(work)).programme)


async def test_each_revision_says_who_changed_what_when_and_why(world: World) -> None:
    """The latest first, each with its difference from the one before, as a person reads it."""
    await _publish(world, PROGRAMME)
    world.now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    await _publish(world, SHORTER, "maria", "Articles take more time than we thought.\nAgreed on Tuesday.")
    latest, first = await _records(world)
    assert (2, "maria") == (latest.number, latest.author)
    assert """Revision 2, 2026-11-22 09:30 UTC by maria
    Articles take more time than we thought.
    Agreed on Tuesday.
~ rule article: changed
    - points: 40
    + points: 50""" == latest.text()
    assert {"added"} == {change.action.value for change in first.changes}


async def test_a_rename_is_told_as_one(world: World) -> None:
    """What was renamed is not told as something that went and something that came."""
    await _publish(world, PROGRAMME)
    await _publish(world, RENAMED)
    latest = (await _records(world))[0]
    assert [("passed-on", "renamed", "share")] == [(each.key, each.action.value, each.was) for each in latest.changes]


async def test_returning_is_one_step_and_says_the_same(world: World) -> None:
    """The file in force is again what it was, whatever was changed, renamed or retired since."""
    await _publish(world, PROGRAMME)
    before = await _file(world)
    await _publish(world, RENAMED)
    await _publish(world, WITHOUT.replace("period: month}", "period: week}"))
    assert before != await _file(world)
    await _restore(world, 1)
    assert before == await _file(world)
    latest = (await _records(world))[0]
    assert (4, "Return to revision 1") == (latest.number, latest.note)
    assert [] == await world.differences()


async def test_what_was_retired_and_comes_back_goes_on_as_it_was(world: World) -> None:
    """Once for ever stays once: a limit remembers what the rule paid before it was retired."""
    await _publish(world, PROGRAMME)
    await world.hire("Ada")
    (first,) = await world.record(shared(1, url="https://example.com/a"))
    await _publish(world, WITHOUT)
    await _restore(world, 1)
    (again,) = await world.record(shared(2, url="https://example.com/a"))
    assert (13, 1) == (first.points, again.points)  # share, reach and first; then reach alone
    assert [] == await world.differences()


async def test_a_key_that_another_thing_had_meanwhile_is_told_apart(world: World) -> None:
    """Both things keep their own history."""
    await _publish(world, PROGRAMME)
    await world.hire("Ada")
    await world.record(shared(1))
    await _publish(world, WITHOUT)
    await _publish(world, PROGRAMME)  # by the file: a new rule begins under the old key
    await world.record(shared(2))
    await _restore(world, 2)
    await _restore(world, 1)
    await world.record(shared(3))
    assert [] == await world.differences()


async def test_an_unknown_revision_is_refused_in_words(world: World) -> None:
    """The message says which there are."""
    await _publish(world, PROGRAMME)
    with pytest.raises(RevisionUnknown, match="there is no revision 7; there are 1 to 1"):
        await _restore(world, 7)


BADGE = """badges:
  reader:
    title: Is read
    on: [post.shared]
    measure: count
    levels: [3]
"""
WITH_BADGE = PROGRAMME.replace("boards:\n", BADGE + "boards:\n")


async def _badges(world: World) -> list[int]:
    async with world.store.reading() as work:
        return [row.level for row in await work.rows(select(award))]


@pytest.mark.parametrize(
    "meanwhile",
    [
        PROGRAMME,  # the badge is retired
        WITH_BADGE.replace("measure: count", "measure: {sum: activity.reach}"),  # it measures something else
    ],
)
async def test_undoing_a_change_of_a_badge_loses_nobodys_progress(world: World, meanwhile: str) -> None:
    """What comes back goes on as if it had never been away: what was done before and meanwhile counts."""
    await _publish(world, WITH_BADGE.replace("[3]", "[3000000]"))
    await world.hire("Ada")
    await world.record(shared(1))
    await _publish(world, meanwhile.replace("[3]", "[3000000]"))
    await world.record(shared(2))
    await _restore(world, 1)
    await _publish(world, WITH_BADGE)
    assert [] == await _badges(world)
    await world.record(shared(3))
    assert [1] == await _badges(world)
    assert [] == await world.differences()


async def test_a_badge_goes_on_when_an_activity_type_gets_another_name(world: World) -> None:
    """A name is only a name."""
    await _publish(world, WITH_BADGE)
    await world.hire("Ada")
    await world.record(shared(1), shared(2))
    renamed = WITH_BADGE.replace("[post.shared]", "[post.passed-on]")
    await _publish(world, renamed.replace("  post.shared:\n", "  post.passed-on:\n    was: post.shared\n"))
    third = shared(3)
    await world.record(replace(third, type="post.passed-on"))
    assert [1] == await _badges(world)
    assert [] == await world.differences()
