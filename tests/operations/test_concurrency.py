"""Several processes at once on one database."""

import asyncio
from collections import Counter
from contextlib import suppress

from activity.tables import activity
from leaderboard.closing import State
from leaderboard.tables import board_period, closing
from operations.publish import Unfinished
from rewards.tables import entry
from rules.tables import tally
from tests.loaded import LOADED
from tests.operations.company import RECOGNITION
from tests.operations.rivals import run_rivals
from tests.operations.writer import PEOPLE, POOL, URLS
from tests.world import PROGRAMME, World

ACROSS = "      - {max: 1, per: ever, by: activity.url, across: members}\n"


async def rivals(*commands: tuple[object, ...]) -> list[list[int]]:
    """What processes that work at the same time counted, each told its module and arguments."""
    told = [[str(word) for word in command] for command in commands]
    mine, theirs = LOADED.Pipe(duplex=False)
    process = LOADED.Process(target=run_rivals, args=(told, theirs))
    process.start()
    theirs.close()
    printed = await asyncio.to_thread(mine.recv)
    await asyncio.to_thread(process.join)
    assert 0 == process.exitcode
    return [[int(word) for word in each.split()] for each in printed]


def url_of(world: World) -> str:
    return world.store.url.render_as_string(hide_password=False)


async def test_two_processes_writing_the_same_members_keep_every_limit(world: World) -> None:
    """Rivals deliver the same activities of the same members, in orders of their own: each counts once, no member is
    paid more often than the limit says, nobody deadlocks, and verify finds nothing."""
    means = "  means: {title: Means, period: month, of: teams, score: mean}\n"
    await world.apply(
        PROGRAMME.replace(ACROSS, "") + means
    )  # nothing that members share: only their own locks keep order
    await world.hire(*(name.upper() for name in PEOPLE[:6]), team="Red")
    await world.hire(*(name.upper() for name in PEOPLE[6:]), team="Blue")
    counts = await rivals(*(("writer", url_of(world), seed, 40) for seed in (1, 2)))
    recorded, conflicts, refused = map(sum, zip(*counts, strict=True))
    activities = await world.rows(activity)
    assert (len(activities), 0, 0) == (recorded, conflicts, refused)
    assert len(activities) > POOL // 2
    paid = Counter((row.member, row.day) for row in await world.rows(entry) if row.points == 5)
    assert {3} == set(paid.values()), "three shares a day are paid, no more and no fewer"
    assert [] == await world.differences()


async def test_a_limit_that_members_share_is_kept_by_processes_that_share_no_member(world: World) -> None:
    """Each url is paid once, whichever process is first; the boards' counts of participants are right."""
    await world.apply()
    names = PEOPLE[:4]
    await world.hire(*(name.upper() for name in names), team="Red")
    await rivals(*(("writer", url_of(world), seed, 12, name, name) for seed, name in enumerate(names)))
    assert URLS == sum(row.points == 7 for row in await world.rows(entry))
    assert all(row[-1] == 1 for row in await world.rows(tally) if row.member == 0)
    assert {1, len(names)} == {row.participants for row in await world.rows(board_period)}
    assert [] == await world.differences()


async def test_of_two_who_deliver_the_same_identities_for_other_members_the_first_is_kept(world: World) -> None:
    """Nothing keeps these apart but the identity: one is recorded, the other told of the conflict, nobody deadlocks."""
    await world.apply(PROGRAMME.replace(ACROSS, ""))
    names = PEOPLE[:4]
    await world.hire(*(name.upper() for name in names))
    counts = await rivals(*(("writer", url_of(world), seed, 30, name) for seed, name in enumerate(names)))
    activities = await world.rows(activity)
    assert len(activities) == sum(recorded for recorded, _, _ in counts) == len({row.id for row in activities})
    assert any(conflicts for _, conflicts, _ in counts)
    assert [] == await world.differences()


async def test_a_revision_applied_while_others_write_is_in_force_from_its_place_on(world: World) -> None:
    """Applying waits for those who write and lets none between: every verdict fits the revision of its place."""
    await world.apply()
    await world.hire(*(name.upper() for name in PEOPLE))
    writing = asyncio.create_task(rivals(*(("writer", url_of(world), seed, 30) for seed in (3, 4))))
    for points in range(50, 60):
        await asyncio.sleep(0.1)
        await world.apply(PROGRAMME.replace("points: 7", f"points: {points}"))
    await writing
    assert await world.differences() == []


async def test_corrections_and_a_revision_that_looks_back_go_on_while_others_write(world: World) -> None:
    """Writers who share no member but limits and boards, and others who retract, give, take, adjust, release and bring
    members up: nobody deadlocks, and the proof is whole."""
    await world.apply(RECOGNITION)
    await world.hire(*(name.upper() for name in PEOPLE[:6]), team="Red")
    await world.hire(*(name.upper() for name in PEOPLE[6:]), team="Blue")
    url = url_of(world)
    writers = [("writer", url, seed, 15, name, name) for seed, name in enumerate(PEOPLE[:4])]
    working = asyncio.create_task(rivals(*writers, *(("corrector", url, seed, 6) for seed in (7, 8))))
    for points in range(50, 60):
        await asyncio.sleep(0.15)
        with suppress(Unfinished):
            await world.catch_up(chunk=1)
            await world.apply(RECOGNITION.replace("5 + (activity", f"{points} + (activity"), since="2026-11-01")
    await working
    await world.catch_up()
    assert await world.differences() == []


async def test_no_activity_slips_past_a_cutoff_while_others_write_and_correct(world: World) -> None:
    """A month is closed and opened again and again: what counts is what came before the cutoff, and corrections."""
    await world.apply(RECOGNITION.replace("[effort], period: month}", "[effort], period: month, closing: {}}"))
    await world.hire(*(name.upper() for name in PEOPLE[:6]), team="Red")
    await world.hire(*(name.upper() for name in PEOPLE[6:]), team="Blue")
    url = url_of(world)
    writers = [("writer", url, seed, 15, name, name) for seed, name in enumerate(PEOPLE[:3])]
    counts = await rivals(*writers, ("corrector", url, 9, 6), ("closer", url, 41))
    assert [41] == counts[-1]
    (row,) = await world.rows(closing)
    assert (State.PROVISIONAL, 21) == (row.state, row.attempt)
    assert [] == await world.differences()
    await rivals(("writer", url, 5, 10, "m4", "late"))
    assert [] == await world.differences()
