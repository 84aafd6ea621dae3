"""The sample of recent activities that warnings look at: whole members, and all of what is rare."""

from dataclasses import replace
from datetime import date

from operations.advice.hindsight import DAYS
from operations.advice.sample import take_sample
from operations.enrol import Profile
from operations.programme import parse
from operations.publish import apply
from tests.operations.test_warnings import MEMBERS, at, company, edited
from tests.world import NOW, World, published, shared


async def sampled(world: World, most: int) -> tuple[dict[str, dict[int, int]], bool, int]:
    """How many activities of each type a sample has of each member, whether it has all, and of how many it has."""
    async with world.store.reading() as work:
        revision = await world.revisions.current(work)
        sample = await take_sample(work, revision.type_keys, revision.calendar, now=NOW, days=DAYS, most=most)
    found: dict[str, dict[int, int]] = {}
    for kind, cases in sample.cases.items():
        for case in cases:
            mine = found.setdefault(kind, {})
            mine[case.member] = mine.get(case.member, 0) + 1
    return found, sample.complete, len(sample.members)


async def test_a_sample_has_whole_members_and_all_of_what_is_rare(world: World) -> None:
    """Of 60 shares it has those of a few members, each complete; of three articles all."""
    await company(world)
    await world.record(*(published(number, name, at=at(20)) for number, name in enumerate(MEMBERS[:3])))
    found, complete, _ = await sampled(world, 63)
    assert complete
    assert (len(found["post.shared"]), len(found["article.published"])) == (6, 3)
    found, complete, members = await sampled(world, 40)
    assert not complete
    assert set(found["post.shared"].values()) == {10}
    assert len(found["post.shared"]) == 3
    assert len(found["article.published"]) == 3
    assert 3 <= members <= 6
    assert await sampled(world, 40) == (found, complete, members)


async def test_whoever_left_and_everyone_who_is_credited(world: World) -> None:
    """Each member that an activity names has done it; who takes part no more is left out."""
    await world.apply()
    await world.hire("Ada", "Ben")
    together = replace(shared(1, at=at(20)), contributors=["ben"])
    await world.record(together, shared(2, "ben", at=at(20)))
    found, _, members = await sampled(world, 100)
    assert (sorted(found["post.shared"].values()), members) == ([1, 2], 2)
    await world.enrol(Profile("ben", participates=False))
    found, _, members = await sampled(world, 100)
    assert (list(found["post.shared"].values()), members) == ([1], 1)


async def test_activities_that_were_judged_anew_are_looked_at_once(world: World) -> None:
    """A change with effect from a past date adds verdicts, and no activities."""
    await company(world)
    before = await sampled(world, 100)
    async with world.store.writing() as work:
        text = edited(("points: 7", "points: 8"))
        await apply(work, world.revisions, parse(text), now=NOW, since=date(2026, 11, 1))
    assert await sampled(world, 100) == before
