"""Aliases: nobody goes by what another member goes by, in whichever order they come."""

from collections.abc import Sequence
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.alias import plain, taken
from activity.tables import member
from operations.enrol import MemberReceipt, MemberStatus, Profile
from tests.conftest import OpenStore
from tests.world import World

CREATED, UPDATED, UNCHANGED, REFUSED = MemberStatus


async def statuses(world: World, *profiles: Profile) -> list[MemberStatus]:
    return [receipt.status for receipt in await world.enrol(*profiles)]


async def hidden(world: World) -> set[str]:
    """Who is not shown by their alias, as another one goes by it."""
    aliases = {row.external_id: row.alias for row in await world.rows(member) if row.alias}
    async with world.store.reading() as work:
        return await taken(work, aliases)


async def staff(world: World) -> None:
    await world.apply()
    await world.enrol(Profile("E1", "Ada Lovelace", alias="Countess"), Profile("E2", "Bob"), Profile("E3", "Cy"))


@pytest.mark.parametrize(
    ("alias", "what"),
    [
        ("Ada Lovelace", "name"),
        (" ada  LOVELACE", "name"),
        ("A\u200bda Love\uff4cace", "name"),
        ("e1", "external id"),
        ("countess", "alias"),
        ("Countess", "alias"),
    ],
)
async def test_an_alias_that_another_one_goes_by_is_refused(world: World, alias: str, what: str) -> None:
    """With what it is of the other and what to do; nothing of the profile is kept, and everything of the others."""
    await staff(world)
    told = f"{alias!r} is the {what} of another member, for whom they could be taken; "
    refused = MemberReceipt(REFUSED, f"{told}choose an alias by which nobody else goes", "alias")
    profiles = Profile("E2", location="Paris", alias=alias), Profile("E9", "Dee", alias=alias), Profile("E3", "Cyd")
    assert [refused, refused, MemberReceipt(UPDATED)] == await world.enrol(*profiles)
    rows = {row.external_id: row for row in await world.rows(member)}
    assert {"E1", "E2", "E3"} == rows.keys()
    assert ("Bob", None, None) == (rows["E2"].name, rows["E2"].alias, rows["E2"].location)


async def test_what_one_goes_by_oneself_is_free(world: World) -> None:
    """One's own name and external id, and one's alias in another case; what nobody goes by any more is free again."""
    await staff(world)
    assert [UPDATED] * 2 == await statuses(world, Profile("E2", alias="bob"), Profile("E3", alias="e3"))
    assert [UPDATED] == await statuses(world, Profile("E1", alias="COUNTESS"))
    assert [UNCHANGED] == await statuses(world, Profile("E1", alias="COUNTESS"))
    assert [UPDATED] == await statuses(world, Profile("E1", alias=""))
    assert [UPDATED] == await statuses(world, Profile("E2", alias="Countess"))


async def test_an_alias_that_nobody_could_see_is_refused(world: World) -> None:
    """It would be shown as nothing."""
    await staff(world)
    (receipt,) = await world.enrol(Profile("E2", alias="\u3164\u200b"))
    told = "alias has no character that could be seen; write one, or leave it empty for none"
    assert MemberReceipt(REFUSED, told, "alias") == receipt


@pytest.mark.parametrize("bad", ["\ud800", "a\0", "x" * 257, 7])
async def test_what_can_be_no_alias_is_told_as_before(world: World, bad: Any) -> None:
    """What a database cannot hold is refused, and nobody is asked whether it is theirs."""
    await staff(world)
    assert [REFUSED, UPDATED] == await statuses(world, Profile("E2", alias=bad), Profile("E3", alias="Sea"))


async def test_profiles_of_one_batch_see_those_before_them(world: World) -> None:
    """As if each came alone: who was renamed made room, who came first is in the way."""
    await staff(world)
    assert [UPDATED, UPDATED] == await statuses(world, Profile("E2", "Robert"), Profile("E3", alias="bob"))
    batch = Profile("E4", "Dee", alias="Delta"), Profile("E5", "Eve", alias="delta"), Profile("E6", alias="dee")
    assert [CREATED, REFUSED, REFUSED] == await statuses(world, *batch)
    assert [CREATED, CREATED] == await statuses(world, Profile("E7", "Flo", alias="Gus"), Profile("E8", "gus"))
    assert {"E7"} == await hidden(world)


@pytest.mark.parametrize("later", [Profile("E9", "countess"), Profile("COUNTESS", "Dee"), Profile("E2", " Countess ")])
async def test_who_comes_later_under_an_alias_is_taken_in(world: World, later: Profile) -> None:
    """Somebody new, or under a new name: the alias stays, is saved again, and is not shown meanwhile."""
    await staff(world)
    assert REFUSED not in await statuses(world, later)
    assert {"E1"} == await hidden(world)
    again = Profile("E1", alias="Countess"), Profile("E1", location="Paris", alias="Countess")
    assert [UNCHANGED, UPDATED] == await statuses(world, *again)
    if later.external_id != "COUNTESS":
        await world.enrol(Profile(later.external_id, "Somebody"))
        assert set() == await hidden(world)


async def test_aliases_that_were_the_same_before_are_both_hidden(world: World) -> None:
    """Of those that were saved before anybody looked, it cannot be said who went by it first."""
    await staff(world)
    await world.enrol(Profile("E2", alias="Other"))
    rows = {row.external_id: row for row in await world.rows(member)}
    same = {"alias": "COUNTESS", "alias_hash": rows["E1"].alias_hash}
    async with world.store.writing() as work:
        await work.execute(member.update().where(member.c.external_id == "E2").values(same))
    assert {"E1", "E2"} == await hidden(world)


NAMES = st.sampled_from(["a", "A", " a", "b", "B ", "c\u200b", "C"])
PROFILES = st.builds(Profile, NAMES, name=NAMES, alias=st.none() | st.just("") | NAMES)


@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(PROFILES, max_size=4), max_size=4))
async def test_batches_come_to_the_same_as_one_after_the_other(
    open_store: OpenStore, batches: Sequence[Sequence[Profile]]
) -> None:
    """Whatever is saved in whatever order, in any split: beside a reader who goes through everybody each time."""
    async with open_store() as store:
        world = World(store)
        await world.apply()
        known: dict[str, dict[str, str | None]] = {}
        for batch in batches:
            expected = [_save(known, profile) for profile in batch]
            assert expected == [status is not REFUSED for status in await statuses(world, *batch)]
        rows = await world.rows(member)
        assert known == {row.external_id: {"name": row.name, "alias": row.alias} for row in rows}
        assert await hidden(world) == {key for key in known if _met(known, key, known[key]["alias"])}


def _save(known: dict[str, dict[str, str | None]], profile: Profile) -> bool:
    before = known.get(profile.external_id, {"name": None, "alias": None})
    alias = before["alias"] if profile.alias is None else profile.alias or None
    if alias != before["alias"] and _met(known, profile.external_id, alias):
        return False
    known[profile.external_id] = {"name": profile.name, "alias": alias}
    return True


def _met(known: dict[str, dict[str, str | None]], key: str, alias: str | None) -> bool:
    """Whether another one goes by an alias."""
    others = [text for other in known if other != key for text in (other, *known[other].values()) if text]
    return alias is not None and plain(alias) in map(plain, others)
