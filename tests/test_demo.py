"""The demo fills an empty store, completes what was interrupted, and leaves everybody else's alone."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from graphql import parse, validate

from activity.calendar import microseconds
from activity.claim import Verb
from activity.tables import activity, claim, member
from api.access import Scope, authenticate, revoke_key
from api.schema import schema
from errors import LaurelsError
from operations.verify import verify
from programmes import demo, demo_company
from programmes.demo_claims import Claim, Decide
from programmes.demo_deeds import Adjust, Deed, Retract, Revise, Thank
from programmes.demo_people import HOST, SHARER, STORIES
from rewards.ledger import Kind
from rewards.tables import award, entry
from rules.tables import revision
from storage.engine import Store
from storage.migration import migrate
from tests.world import World

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAYS = 6
README = Path(__file__).parent.parent / "README.md"


async def filled(store: Store, *, now: datetime = NOW, stop_after: int | None = None) -> int:
    """Fill the store with the company's first days; `stop_after` that many batches of reports. How many there were."""
    told: list[int] = []

    def progress(done: int) -> None:
        told.append(done)
        if len(told) == stop_after:
            raise KeyboardInterrupt

    steps = await demo.missing(store, now=now, days=DAYS, pilot=False)
    if steps:
        await demo.fill(store, steps, progress=progress)
    return len(told)


async def arrived(world: World) -> list[tuple[Any, ...]]:
    return sorted((row.source, row.id, row.time_us, row.recorded_us, row.data) for row in await world.rows(activity))


async def test_an_empty_store_gets_the_programme_the_people_and_their_days(world: World) -> None:
    """Everything is dated when it arrived, not now, and is as verify wants it."""
    await filled(world.store)
    assert len(await world.rows(member)) == 240
    [applied] = await world.rows(revision)
    assert applied.applied_us == microseconds(NOW - timedelta(days=DAYS))
    days = {row.recorded_us // 86_400_000_000 for row in await world.rows(activity)}
    assert len(days) >= DAYS
    async with world.store.reading() as work:
        assert await verify(work, print) == 0


async def test_a_second_run_starts_from_what_is_there(world: World) -> None:
    """Also weeks later: nothing is filled in again."""
    await filled(world.store)
    before = await arrived(world)
    assert await filled(world.store, now=NOW + timedelta(days=40)) == 0
    assert await arrived(world) == before


def uninterrupted(folder: Path, look: Callable[[World], Awaitable[list[tuple[Any, ...]]]]) -> list[tuple[Any, ...]]:
    """What a fill leaves that nothing interrupts."""

    async def whole() -> list[tuple[Any, ...]]:
        store = Store(f"sqlite:///{folder / 'whole.db'}")
        await migrate(store)
        await filled(store)
        left = await look(World(store))
        await store.close()
        return left

    return asyncio.run(whole())


@pytest.fixture(scope="module")
def all_arrived(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    return uninterrupted(tmp_path_factory.mktemp("arrived"), arrived)


@pytest.fixture(scope="module")
def all_kept(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(demo_company, "deeds", busy)
        return uninterrupted(tmp_path_factory.mktemp("kept"), kept)


async def test_an_interrupted_fill_is_completed_as_if_it_had_not_been(
    world: World, all_arrived: list[tuple[Any, ...]]
) -> None:
    """Later, with another now, the same reports arrive, at the same times."""
    with pytest.raises(KeyboardInterrupt):
        await filled(world.store, stop_after=3)
    assert 0 < await filled(world.store, now=NOW + timedelta(hours=3)) < DAYS
    assert all_arrived == await arrived(world)


def busy(began: date) -> dict[int, tuple[Deed, ...]]:
    """What managers and members of a company do that has six days only."""
    met = Claim(HOST, "colleague.mentored", datetime.combine(began, time(23), UTC), {"colleague": "x", "minutes": 30})
    return {
        0: (Revise(1, began, "It begins."),),
        1: (met,),
        2: (Thank(HOST, "thank-you", "For the open day."), Adjust(SHARER, 7, "share", "For the fair.")),
        3: (Revise(3, began, "Counts since the second day.", began + timedelta(days=1)),),
        4: (Retract("networks", "networks-000010", "It was deleted."), Decide(met, Verb.APPROVE)),
    }


@pytest.mark.parametrize("stop_after", [4, 5])
async def test_what_managers_do_is_done_once_wherever_a_fill_is_interrupted(
    world: World, all_kept: list[tuple[Any, ...]], stop_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also between publishing a revision with effect from a past date and bringing all members up to it."""
    monkeypatch.setattr(demo_company, "deeds", busy)
    with pytest.raises(KeyboardInterrupt):
        await filled(world.store, stop_after=stop_after)
    await filled(world.store, now=NOW + timedelta(hours=3))
    assert all_kept == await kept(world)
    assert set(Kind) - {Kind.RELEASE} == {row.kind for row in await world.rows(entry)}
    assert [] == await world.differences()


async def kept(world: World) -> list[tuple[Any, ...]]:
    """Who got which points, who was awarded what, and what became of what was claimed."""
    names = {row.key: row.external_id for row in await world.rows(member)}
    entries = [(names[row.member], row.kind, row.points, row.time_us) for row in await world.rows(entry)]
    awards = [(names[row.member], row.element, row.level, row.time_us) for row in await world.rows(award)]
    claims = [(names[row.member], row.state, row.made_us, row.decided_us) for row in await world.rows(claim)]
    assert len(claims) == 1
    return sorted(entries) + sorted(awards) + claims


async def test_another_company_is_left_alone(world: World) -> None:
    """A store with members of its own gets none of the demo's."""
    await world.apply()
    assert await demo.missing(world.store, now=NOW, days=DAYS, pilot=False) == []
    await world.hire("Ada")
    assert await demo.missing(world.store, now=NOW, days=DAYS, pilot=False) == []


async def test_the_programme_that_ships_may_be_there_already(world: World) -> None:
    """It is not applied a second time."""
    await world.apply(demo.PROGRAMME.read_text())
    await filled(world.store)
    assert len(await world.rows(revision)) == 1
    assert len(await world.rows(member)) == 240


async def test_the_demo_keeps_its_key_while_it_is_good(store: Store, tmp_path: Path) -> None:
    """A file that only its owner reads; a key that was revoked, or is of another store, is replaced."""
    file = tmp_path / ".demo" / "key"
    made = await demo.key(store, file, now=NOW)
    assert S_IMODE(file.stat().st_mode) == 0o600
    assert await demo.key(store, file, now=NOW) == made
    async with store.writing() as work:
        caller = await authenticate(work, made)
        assert caller
        assert all(caller.may(scope) for scope in Scope)
        await revoke_key(work, caller.key, NOW)
    assert await demo.key(store, file, now=NOW) != made


async def test_the_key_of_the_demo_takes_the_place_of_no_other_file(store: Store, tmp_path: Path) -> None:
    """Which stays as it is."""
    (tmp_path / "key").write_bytes(b"\x89 somebody else's")
    with pytest.raises(
        LaurelsError, match="key is not the key of the demo, which would be written there; move it away"
    ):
        await demo.key(store, tmp_path / "key", now=NOW)
    assert b"\x89 somebody else's" == (tmp_path / "key").read_bytes()


def test_what_the_readme_asks_of_the_demo_can_be_asked() -> None:
    """A query for each member with a story; all are as the schema has them."""
    told = README.read_text().split("## The demo\n")[1].split("\n## ")[0]
    queries = re.findall(r"ask '(.*?)'", told, re.DOTALL)
    assert all(any(member in query for query in queries) for member in STORIES)
    assert all(name in told for name, *_ in STORIES.values())
    for query in queries:
        assert [] == validate(schema._schema, parse(query))


def test_the_greeting_says_what_to_open_and_what_to_ask() -> None:
    """An address with the key, and a command for a shell."""
    text = demo.greeting("http://127.0.0.1:8000", "laurels_x")
    assert "http://127.0.0.1:8000/#key=laurels_x" in text
    assert "curl -s http://127.0.0.1:8000/graphql" in text
    assert "Ctrl+C" in text
