"""People who left the company: off every board at once, and back as they were when they are told of again."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import update

from activity.tables import member
from operations.enrol import MemberReceipt, MemberStatus, Profile
from operations.leave import absence, mark_all_left, mark_left
from operations.record import Status
from storage.bulk import AnyRow
from tests.operations.test_identities import statuses
from tests.world import World, shared

UPDATED, UNCHANGED, REFUSED = MemberStatus.UPDATED, MemberStatus.UNCHANGED, MemberStatus.REFUSED


async def leave(world: World, *names: object) -> Sequence[MemberReceipt]:
    async with world.store.writing() as work:
        return await mark_left(work, world.revisions, names, now=world.now)


async def rows(world: World) -> dict[str, AnyRow]:
    return {row.external_id: row for row in await world.rows(member)}


async def test_who_left_is_off_every_board_and_back_as_before(world: World) -> None:
    """Nothing they do is recorded meanwhile; a profile of them, whatever it says, brings them back."""
    await world.apply()
    await world.hire("Ada", "Ben", team="Red")
    await world.record(shared(1), shared(2, "ben"))
    before = await world.standings()
    assert [UPDATED] == statuses(await leave(world, "ada"))
    assert {"ben": 12} == (await world.standings())["effort", "2026-11"]
    assert [Status.IGNORED] == statuses(await world.record(shared(3)))
    assert [] == await world.differences()
    world.now += timedelta(days=90)
    assert [UPDATED] == statuses(await world.enrol(Profile("ada", name="Ada")))
    assert before == await world.standings()
    assert [] == await world.differences()


async def test_who_took_no_part_before_does_not_when_they_are_back(world: World) -> None:
    """But a profile that says whether they do is believed."""
    await world.apply()
    await world.enrol(Profile("ada", "Ada", participates=False), Profile("ben", "Ben"), Profile("cy", "Cy"))
    assert [UPDATED] * 3 == statuses(await leave(world, "ada", "ben", "cy"))
    await world.enrol(Profile("ada", location="Oslo"), Profile("ben"), Profile("cy", participates=False))
    found = await rows(world)
    assert {"ada": False, "ben": True, "cy": False} == {name: bool(row.participates) for name, row in found.items()}
    assert {None} == {each for row in found.values() for each in (row.left_us, row.took_part)}


async def test_marking_again_changes_nothing_and_strangers_are_refused(world: World) -> None:
    """Each by itself; the moment stays the first."""
    await world.apply()
    await world.hire("Ada")
    assert [UPDATED, UNCHANGED, REFUSED, REFUSED] == statuses(await leave(world, "ada", "ada", "zoe", None))
    before = await rows(world)
    world.now += timedelta(days=1)
    assert [UNCHANGED] == statuses(await leave(world, "ada"))
    assert before == await rows(world)


async def test_who_is_missing_has_not_left_yet(world: World) -> None:
    """Whoever takes part or not, in the order of their external ids, with how many there are."""
    await world.apply()
    await world.hire("Ada", "Cy", team="Red")
    await world.enrol(Profile("ben", "Ben", participates=False), Profile("dee", "Dee"))
    await leave(world, "dee")
    async with world.store.reading() as work:
        found = await absence(work, {"cy"})
    assert (3, [("ada", "Ada", "Red"), ("ben", "Ben", None)]) == (found.among, [tuple(each) for each in found.missing])
    assert 2 == await mark_all_left(world.store, world.revisions, ["ada", "ben"], now=world.now)
    async with world.store.reading() as work:
        assert ([], 1) == await absence(work, {"cy"})


async def test_who_was_merged_is_neither_missing_nor_marked(world: World) -> None:
    """Somebody else has their place: that one is told."""
    await world.apply()
    await world.hire("Ada", "Ben")
    await world.merge("ben", "ada")
    async with world.store.reading() as work:
        assert ([], 1) == await absence(work, {"ada"})
    (receipt,) = await leave(world, "ben")
    told = "'ben' was merged into 'ada'; mark that one"
    assert (REFUSED, told, "external_id") == (receipt.status, receipt.message, receipt.field)
    assert {None} == {row.left_us for row in (await rows(world)).values()}


@pytest.mark.parametrize("wrong", [{"participates": True}, {"took_part": None}, {"left_us": None}])
async def test_what_does_not_fit_together_is_found(world: World, wrong: dict[str, object]) -> None:
    """Who left takes no part, and it is known whether they did."""
    await world.apply()
    await world.hire("Ada")
    await leave(world, "ada")
    async with world.store.writing() as work:
        await work.execute(update(member).values(wrong))
    told = "member ada: marked as left, but not as one who takes no part any more"
    assert told in await world.differences()
