"""Moving identities and merging members, as managers do it."""

from typing import Any

import pytest

from api.access import Scope, create_key
from operations.enrol import Profile
from tests.api.conftest import Client, Json
from tests.operations.test_identities import OPT_OUT
from tests.world import WHY, World, shared

MOVE = """mutation ($input: MoveIdentityInput!) { moveIdentity(input: $input) {
  formers { externalId points } member { externalId points identities { name } } activities joint retracted
  taken given others
  errors { code message ... on InputRefused { field } } } }"""
MERGE = """mutation ($input: MergeMembersInput!) { mergeMembers(input: $input) {
  member { externalId points } activities points errors { code message ... on InputRefused { field } } } }"""
VIEWER = "{ viewer { member { externalId } } }"
LEDGER = """query ($id: String!) { member(externalId: $id) { externalId
  ledger(first: 20) { edges { node { kind points reason author activity { type } } } } } }"""


async def done(client: Client, document: str, **given: Any) -> Json:
    found: Json = (await client.ask(document, Scope.MANAGE, input={"reason": WHY} | given)).popitem()[1]
    return found


async def entries(client: Client, name: str) -> list[Json]:
    member = (await client.ask(LEDGER, Scope.MANAGE, id=name))["member"]
    return [each["node"] for each in member["ledger"]["edges"]]


@pytest.fixture
async def known(world: World, client: Client) -> Client:
    """An identity of ben was given to ada, and two things were reported by it."""
    await world.apply(OPT_OUT)
    await world.enrol(*(Profile(name, name=name.title(), participates=True) for name in ("ada", "ben")))
    await world.enrol(Profile("ada", identities=["slack:U1"]))
    await world.record(shared(1, "slack:U1"), shared(2, "slack:U1"), shared(3))
    return client


async def test_what_it_earned_is_the_others(world: World, known: Client) -> None:
    """Both are told, with what they have now."""
    before = sum(points for _, _, points in await world.ledger())
    payload = await done(known, MOVE, identity="slack:U1", to="ben")
    assert ([], 2, 0) == (payload["errors"], payload["activities"], payload["retracted"])
    assert [{"name": "slack:U1"}] == payload["member"]["identities"]
    assert before == int(payload["formers"][0]["points"]) + int(payload["member"]["points"])
    assert payload["given"] == payload["member"]["points"] == payload["taken"]
    assert [] == await world.differences()


async def test_the_ledger_tells_why_and_by_whom(known: Client) -> None:
    """Who had it sees what was taken and no more of what is another's; whose it is sees the activities."""
    await done(known, MOVE, identity="slack:U1", to="ben")
    lost = [each for each in await entries(known, "ada") if each["kind"] == "REVERSAL"]
    gained = await entries(known, "ben")
    assert {(WHY, "for manage", None)} == {(each["reason"], each["author"], each["activity"]) for each in lost}
    assert {(WHY, "for manage", "REVISION", "post.shared")} == {
        (each["reason"], each["author"], each["kind"], each["activity"]["type"]) for each in gained
    }


async def test_a_merged_member_is_found_under_both_ids(world: World, known: Client) -> None:
    """By whoever asks, and by the keys that acted for who was merged."""
    async with world.store.writing() as work:
        key = await create_key(work, "ben", ["read"], world.now, member="ben")
    await world.record(shared(4, "ben"))
    payload = await done(known, MERGE, member="ben", into="ada")
    assert ([], 1, "ada") == (payload["errors"], payload["activities"], payload["member"]["externalId"])
    for name in ("ada", "ben"):
        found = (await known.ask(LEDGER, key, id=name))["member"]
        assert ("ada", True) == (found["externalId"], bool(found["ledger"]["edges"]))


async def test_a_key_acts_for_who_is_left_from_the_merge_on(world: World, known: Client) -> None:
    """At once, also where the merge was none of this server, which has just recognised the key."""
    async with world.store.writing() as work:
        key = await create_key(work, "ben", ["read"], world.now, member="ben")
    assert {"viewer": {"member": {"externalId": "ben"}}} == await known.ask(VIEWER, key)
    await world.merge("ben", "ada")
    assert {"viewer": {"member": {"externalId": "ada"}}} == await known.ask(VIEWER, key)


async def test_what_cannot_be_done_names_its_field(known: Client) -> None:
    """And nothing is done."""
    payload = await done(known, MOVE, identity="slack:U9", to="ben")
    assert ([], None, "identity") == (payload["formers"], payload["member"], payload["errors"][0]["field"])
    payload = await done(known, MERGE, member="ada", into="nobody")
    assert (None, "into") == (payload["member"], payload["errors"][0]["field"])
    payload = await done(known, MERGE, member="ada", into="ben", reason=" ")
    assert "reason" == payload["errors"][0]["field"]
