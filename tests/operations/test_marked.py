"""Dirty marks: nothing changes a standing without saying so, and the mirror has it a round later."""

import re
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activity.intake import Report
from leaderboard.dirty import SetKey, delete_marks, read_marks
from leaderboard.ranking_redis import RedisRanking
from leaderboard.tables import board_period, dirty, standing
from operations.compare import compare
from operations.disqualify import Competitor
from operations.drain import Drain
from operations.enrol import Profile
from operations.jobs import Jobs
from rewards.payout import Verb
from storage.engine import Store
from tests.operations.company import edited
from tests.operations.mirroring import agree, answering, build_all, draining, mirrored, sets, told
from tests.operations.prizes import moving, numbers, winner
from tests.world import PROGRAMME, World, published, shared

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def company(world: World) -> World:
    """Some who have points on every board."""
    await world.apply()
    await world.hire("Ada", "Bob", "Cy", team="Red")
    await world.hire("Dee", team="Blue")
    await world.record(shared(1, "ada"), shared(2, "bob"), published(3, "cy"), shared(4, "dee"), shared(5, "dee"))
    return world


@pytest.fixture
async def drain(store: Store, redis_url: str) -> AsyncIterator[Drain]:
    async with draining(store, redis_url) as opened:
        yield opened


@pytest.fixture
async def full(company: World, drain: Drain) -> Drain:
    """A drain of the company, with every set built."""
    await drain.round()
    await drain.round()
    await build_all(company.store, drain)
    return drain


async def test_without_a_mirror_nothing_is_marked(company: World) -> None:
    """Nobody would ever take the marks."""
    await company.enrol(Profile("ada", participates=False))
    assert [] == await company.rows(dirty)


async def test_who_left_is_gone_at_once(company: World, full: Drain) -> None:
    """Before the next round too: the mirror is asked of no board that they are on before it knows."""
    store = company.store

    keys = await sets(store)
    for change in (False, True):
        await full.round()
        assert all([isinstance(await answering(full, store, key), RedisRanking) for key in keys])
        await company.enrol(Profile("ada", participates=change))
        of_ada = [key for key in keys if not isinstance(await answering(full, store, key), RedisRanking)]
        assert of_ada
        for key in keys:
            assert await told(store, key) == await (await answering(full, store, key)).top(100)


async def test_a_board_that_changed_is_a_new_set(company: World, full: Drain) -> None:
    """What a new version counts is built when it is asked for; the former one is nobody's."""
    old = await sets(company.store)
    await company.apply(PROGRAMME.replace("tags: [effort], period: month", "tags: [impact], period: month"))
    new = sorted(set(await sets(company.store)) - set(old))
    assert new
    await full.round()
    gone = set(old) - set(await sets(company.store))
    assert gone
    assert not [key for key in gone if await full.mirror.ranked(key).size() is not None]
    for key in new:
        assert await mirrored(full.mirror, key) is None
        assert await full.build(key)
    await agree(company.store, full)


async def test_what_a_killed_process_left_another_tells(company: World, full: Drain, redis_url: str) -> None:
    """Marks are in the database, not in a process."""
    await company.record(shared(20, "ada"), shared(21, "cy"))
    async with draining(company.store, redis_url) as other:
        assert await other.round() == 0, "it has yet to learn which mirror there is"
        assert await other.round()
        await agree(company.store, other)
    await agree(company.store, full)


@pytest.mark.usefixtures("full")
async def test_only_the_marks_that_were_read_are_deleted(company: World) -> None:
    """Who deletes what another has deleted already takes no later mark, even if none was left in between."""
    await company.record(shared(20, "ada"))
    async with company.store.reading() as work:
        marks = await read_marks(work, 1_000)
    for number in (21, 22):
        async with company.store.writing() as work:
            await delete_marks(work, marks.ids)
        await company.record(shared(number, "bob"))
        assert await company.rows(dirty)
        async with company.store.writing() as work:
            await delete_marks(work, marks.ids)
        assert await company.rows(dirty)
        async with company.store.reading() as work:
            marks = await read_marks(work, 1_000)


# Boards of every kind, two of which close, and prizes that are points.
EFFORT = "effort: {title: Effort, tags: [effort], period: month, closing: {}}"
EVERYTHING = (
    edited(
        ("starts: 2026-01-01", "starts: 2026-09-01"),
        ("effort: {title: Effort, tags: [effort], period: month}", EFFORT),
        ("period: quarter, of: teams}", "period: month, of: teams, closing: {grace: P5D, dispute_window: P3D}}"),
    )
    + """podiums:
  best: {title: Best, board: effort, currency: points, approval: false, prize: {title: Points, amount: 500}}
"""
)
OCTOBER, NOVEMBER = "2026-10", "2026-11"
IN_OCTOBER = "2026-10-12T09:30:00Z"


class Watched:
    """A company with a full mirror, in which every change must be marked and reach the mirror."""

    def __init__(self, world: World, drain: Drain) -> None:
        self.world = world
        self.drain = drain

    async def sees(self, operation: Awaitable[Any]) -> None:
        """Something that changes standings."""
        before, revisions = await self._standings(), await self._revisions()
        await operation
        after, revisions_after = await self._standings(), await self._revisions()
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        assert changed, "nothing changed"
        async with self.world.store.reading() as work:
            marks = await read_marks(work, 100_000)
            state = await self.world.revisions.current(work)
        in_force = {board.id for board in state.board_versions}
        for board, period, competitor in changed:
            named = competitor in marks.competitors.get((board, period), ())
            assert named or (board, period) in marks.rebuilt, f"{board}, {period}: not marked"
            if (grown := revisions_after.get((board, period))) is not None:
                assert grown > revisions.get((board, period), 0), f"{board}, {period}: the revision stays"
            else:
                assert board not in in_force, f"{board}, {period}: the revision is forgotten"
        await self.is_told()

    async def is_told(self) -> None:
        """After a round the mirror has every board as the database has it; what is not there is built."""
        while await self.drain.round():
            pass
        for key in await sets(self.world.store):
            await self.drain.build(key)
        await agree(self.world.store, self.drain)
        found: list[str] = []
        assert 0 == await compare(self.world.store, self.drain.mirror.redis, found.append), found

    async def _standings(self) -> dict[tuple[int, ...], tuple[int, ...]]:
        return {tuple(row[:3]): tuple(row[3:]) for row in await self.world.rows(standing)}

    async def _revisions(self) -> dict[SetKey, int]:
        return {(row.board, row.period): row.revision for row in await self.world.rows(board_period)}


@pytest.fixture
async def watched(world: World, drain: Drain) -> Watched:
    """The middle of October, with three members who shared something."""
    world.now = datetime(2026, 10, 15, tzinfo=UTC)
    await world.apply(EVERYTHING)
    await world.hire("Ada", "Ben", team="Red")
    await world.hire("Cy", team="Blue")
    await world.record(*(shared(number, name, at=IN_OCTOBER) for number, name in enumerate(("ada", "ben", "cy"))))
    await drain.round()
    await drain.round()
    await build_all(world.store, drain)
    return Watched(world, drain)


async def test_what_members_and_managers_do_is_marked(watched: Watched) -> None:
    """Points that come, go, are held and released; badges; and who leaves and comes back."""
    world, sees = watched.world, watched.sees
    await sees(world.record(shared(10, "ben", at=IN_OCTOBER), published(11, "cy", at=IN_OCTOBER)))
    await sees(world.retract(10))
    await sees(world.adjust("ada", 50))
    await sees(world.adjust("ada", -50))
    await sees(world.give("cy", "thanks"))
    await sees(world.take("cy", "thanks"))
    await sees(world.retract(2))
    await sees(world.enrol(Profile("ada", participates=False), Profile("ben", participates=False)))
    await sees(world.enrol(Profile("ada", participates=True), Profile("cy", participates=False, team="Red")))
    await sees(world.enrol(Profile("ben", participates=True), Profile("cy", participates=True)))
    await world.record(Report("test", "20", "idea.made", "ada", IN_OCTOBER))
    world.now += timedelta(days=14)
    await sees(world.release())
    assert [] == await world.differences()


async def test_what_publishing_does_is_marked(watched: Watched) -> None:
    """Boards that count other points from now on, what is judged anew since a past day, and the way back."""
    world, sees = watched.world, watched.sees
    await sees(world.apply(EVERYTHING.replace("tags: [impact], period: half-year", "tags: [effort], period: year")))
    await sees(world.undo())
    dearer = EVERYTHING.replace("5 + (activity", "55 + (activity")
    await world.apply(dearer, since="2026-09-01")
    await sees(world.catch_up())
    await world.undo(all_up=False)
    await sees(world.catch_up())
    await sees(world.apply(EVERYTHING.replace("ties: dense", "ties: earliest"), since="2026-09-01"))
    await world.catch_up()
    await watched.is_told()
    assert [] == await world.differences()


async def test_what_closing_does_is_marked(watched: Watched) -> None:
    """Corrections of a provisional result, and a period that is opened again, as the same board and as another."""
    world, sees = watched.world, watched.sees
    await world.close_early("effort", OCTOBER)
    await world.close_early("teams", OCTOBER)
    await watched.is_told()
    await sees(world.record(shared(10, "ben", at=IN_OCTOBER), shared(11, "ben", at=IN_OCTOBER)))
    await sees(world.retract(0))
    await sees(world.adjust("ada", 50, rule="share", at=datetime(2026, 10, 13, tzinfo=UTC)))
    await sees(world.disqualify("effort", OCTOBER, Competitor(member="ben")))
    await sees(world.disqualify("teams", OCTOBER, Competitor(team="Red")))
    await sees(world.enrol(Profile("cy", participates=False), Profile("ada", participates=False)))
    await sees(world.enrol(Profile("cy", participates=True), Profile("ada", participates=True)))
    await sees(world.reinstate("teams", OCTOBER, Competitor(team="Red")))
    await sees(world.reopen("effort", OCTOBER))
    await sees(world.record(shared(12, "ada", at="2026-09-10T09:30:00Z")))
    await world.close_early("effort", OCTOBER)
    await sees(world.apply(EVERYTHING.replace(EFFORT, EFFORT.replace("[effort]", "[impact]"))))
    await sees(world.reopen("effort", OCTOBER))
    await sees(world.record(shared(13, "cy", at=IN_OCTOBER)))
    assert [] == await world.differences()


async def test_what_follows_a_final_result_is_marked(watched: Watched) -> None:
    """Prizes that are points, and what is taken back of the longer periods only."""
    world, sees = watched.world, watched.sees
    world.now = datetime(2026, 11, 3, 0, 1, tzinfo=UTC)
    await world.close()
    world.now = datetime(2026, 11, 12, tzinfo=UTC)
    await close_and_pay(world)
    number = (await numbers(world))["ada"]
    await moving(world, number, Verb.CLAIM, author=await winner(world, "ada"))
    await sees(moving(world, number, Verb.DELIVER))
    await sees(world.retract(0))
    assert [] == await world.differences()


async def close_and_pay(world: World) -> None:
    jobs = Jobs(world.store, world.revisions, lambda: world.now)
    assert await jobs.close_periods()


async def test_a_period_that_is_open_again_is_seen_as_it_is_at_once(watched: Watched) -> None:
    """Its set is what it was before it was closed: nobody asks it, also of who left meanwhile."""
    world, drain = watched.world, watched.drain
    await world.close_early("effort", OCTOBER)
    await world.record(shared(10, "ben", at=IN_OCTOBER))
    await world.enrol(Profile("ada", participates=False))
    async with world.store.reading() as work:
        state = await world.revisions.current(work)
    key = next(
        (board.id, board.board.period_named(state.calendar, OCTOBER).first)
        for board in state.board_versions
        if board.board.key == "effort"
    )
    while await drain.round():
        pass
    await world.reopen("effort", OCTOBER)
    assert not isinstance(await answering(drain, world.store, key), RedisRanking)
    while await drain.round():
        pass
    assert await mirrored(drain.mirror, key) is None, "it is built anew"
    await watched.is_told()
    assert isinstance(await answering(drain, world.store, key), RedisRanking)


def test_nobody_else_writes_standings() -> None:
    """Another module that does is to mark what it writes, and to be watched above."""
    writes = re.compile(r"(insert|update|delete)\(standing\)|\.(insert|upsert)\(standing\b|await rewrite\(")
    folders = ("leaderboard", "rewards", "operations", "api", "commands", "programmes")
    texts = {path.name: path.read_text() for folder in folders for path in (ROOT / folder).rglob("*.py")}
    found = {name: text for name, text in texts.items() if writes.search(text)}
    assert {"cut.py", "gains.py", "rebuild.py", "relist.py", "share.py"} == found.keys()
    assert all("from leaderboard.dirty import mark" in text for text in found.values())
