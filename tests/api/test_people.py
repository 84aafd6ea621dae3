"""Identities, unknown people and leavers, as managers and members ask for them."""

from typing import Any

import pytest

from api.access import Scope, create_key
from operations.enrol import Profile
from tests.api.conftest import Client, Json, later, nodes
from tests.api.test_mutation import record, report, save
from tests.operations.test_identities import OPT_IN, OPT_OUT
from tests.world import World

MINE = """query ($id: String!, $removed: Boolean!) { member(externalId: $id) {
  identities(removed: $removed) { name kind handle retired since author removed { author reason } } } }"""
UNKNOWN = """query ($first: Int, $after: String) { unknownPeople(first: $first, after: $after) {
  edges { node { name kind activities firstAt lastAt droppedAt problem } } pageInfo { hasNextPage endCursor } } }"""
REMOVE = """mutation ($input: RemoveIdentityInput!) { removeIdentity(input: $input) {
  identities { name } errors { code message ... on InputRefused { field } } } }"""
LEAVE = """mutation ($input: MarkLeftInput!) { markLeft(input: $input) {
  results { index status message field } marked unchanged refused errors { code message } } }"""


async def identities(client: Client, key: str | Scope = Scope.MANAGE, *, removed: bool = False) -> list[Json]:
    found: list[Json] = (await client.ask(MINE, key, id="ada", removed=removed))["member"]["identities"]
    return found


async def unknown(client: Client, **page: Any) -> Json:
    found: Json = (await client.ask(UNKNOWN, Scope.MANAGE, **page))["unknownPeople"]
    return found


@pytest.fixture
async def known(world: World, client: Client) -> Client:
    """Ada has two identities."""
    await world.apply(OPT_OUT)
    payload = await save(client, {"externalId": "ada", "identities": ["slack:U1", "email:Ada@example.org", None]})
    assert ("REFUSED", "identities[2]") == (payload["results"][0]["status"], payload["results"][0]["field"])
    payload = await save(client, {"externalId": "ada", "identities": ["slack:U1", "email:Ada@example.org"]})
    assert 1 == payload["updated"]
    return client


async def test_members_and_managers_see_identities(world: World, known: Client) -> None:
    """Nobody else: not who only reads, and not another member."""
    async with world.store.writing() as work:
        mine, others = [await create_key(work, name, ["read"], world.now, member=name) for name in ("ada", "bob")]
    seen = await identities(known)
    assert (
        ["email:Ada@example.org", "slack:U1"]
        == [each["name"] for each in seen]
        == [f"{each['kind']}:{each['handle']}" for each in await identities(known, mine)]
    )
    assert {("for manage", False, world.now.isoformat())} == {
        (each["author"], each["retired"], each["since"]) for each in seen
    }
    told = "identities needs a key with the scope manage, or one that acts for the member"
    for key in (others, Scope.READ):
        assert ("FORBIDDEN", told) == await known.refusal(MINE, key, id="ada", removed=False)
    await world.apply(OPT_OUT.replace("slack: {title: Slack user, exact: true}", "teams: {title: Teams user}"))
    assert [False, True] == [each["retired"] for each in await identities(known)]


async def test_an_identity_is_taken_for_the_future_alone(world: World, known: Client) -> None:
    """What was recorded by it stays, a redelivery is still known, and another member can have it."""
    assert 1 == (await record(known, report(1, member="slack:U1")))["recorded"]
    given = {"member": "ada", "identity": "slack:U1", "reason": "Not theirs"}
    payload = (await known.ask(REMOVE, Scope.MANAGE, input=given))["removeIdentity"]
    assert {"identities": [{"name": "email:Ada@example.org"}], "errors": []} == payload
    *_, taken = await identities(known, removed=True)
    removal = {"author": "for manage", "reason": "Not theirs"}
    assert ("slack:U1", None, removal) == (taken["name"], taken["since"], taken["removed"])
    payload = await record(known, report(1, member="slack:U1"), report(2, member="slack:U1"))
    assert ["DUPLICATE", "KEPT"] == [each["status"] for each in payload["results"]]
    assert 1 == (await save(known, {"externalId": "bob", "identities": ["slack:U1"]}))["updated"]
    assert [] == (await unknown(known))["edges"], "judged by the time that they are saved"
    assert [] == await world.differences()


async def test_an_identity_is_taken_of_who_is_left_of_a_merge(world: World, known: Client) -> None:
    """The external id of who was merged names that one."""
    await world.merge("bob", "ada")
    given = {"member": "bob", "identity": "slack:U1"}
    payload = (await known.ask(REMOVE, Scope.MANAGE, input=given))["removeIdentity"]
    assert {"identities": [{"name": "email:Ada@example.org"}], "errors": []} == payload


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"member": "nobody", "identity": "slack:U1"}, "member", "there is no member"),
        ({"member": "bob", "identity": "slack:U1"}, "identity", "is no identity of 'bob'"),
        ({"member": "ada", "identity": "slack:u1"}, "identity", "is no identity of 'ada'"),
        ({"member": "ada", "identity": "ada"}, "identity", "write KIND:HANDLE"),
        ({"member": "ada", "identity": "email:"}, "identity", "there is nothing after 'email:'"),
        ({"member": "ada", "identity": "slack:U1", "reason": "x" * 501}, "reason", "at most 500"),
    ],
)
async def test_what_cannot_be_taken_is_told(known: Client, given: Json, field: str, words: str) -> None:
    """With the part that is wrong, and nothing done."""
    (error,) = (await known.ask(REMOVE, Scope.MANAGE, input=given))["removeIdentity"]["errors"]
    assert ("BAD_INPUT", field) == (error["code"], error["field"])
    assert words in error["message"]
    assert 2 == len(await identities(known))


async def test_unknown_people_are_listed_by_how_much_is_kept(world: World, known: Client) -> None:
    """Page by page, as they were first written, with when it came and until when it is kept."""
    await record(known, report(1, member="email:Zoe@Example.org"), report(2, member="dan"), report(3, member="eva"))
    later(world, days=1)
    await record(known, report(4, member="email:zoe@example.org"))
    first = await unknown(known, first=1)
    (zoe,) = nodes(first)
    told = [zoe[each] for each in ("name", "kind", "activities", "problem")]
    assert ["email:Zoe@Example.org", "email", 2, None] == told
    days = [zoe[each][:10] for each in ("firstAt", "lastAt", "droppedAt")]
    assert ["2026-11-21", "2026-11-22", "2026-12-21"] == days
    rest = await unknown(known, after=first["pageInfo"]["endCursor"])
    others = {(each["name"], each["kind"], each["activities"]) for each in nodes(rest)}
    assert {("dan", None, 1), ("eva", None, 1)} == others
    assert [True, False] == [each["pageInfo"]["hasNextPage"] for each in (first, rest)]
    second = await unknown(known, first=1, after=first["pageInfo"]["endCursor"])
    third = await unknown(known, first=1, after=second["pageInfo"]["endCursor"])
    assert nodes(rest) == nodes(second) + nodes(third)
    code, _ = await known.refusal(UNKNOWN, Scope.READ)
    assert "FORBIDDEN" == code


async def test_who_is_saved_gets_what_was_kept_in_the_same_request(world: World, known: Client) -> None:
    """The points are there when the answer is."""
    await record(known, report(1, member="email:zoe@example.org"))
    await save(known, {"externalId": "zoe", "name": "Zoë", "identities": ["email:ZOE@example.org"]})
    assert {"member": {"points": 13}} == await known.ask('{ member(externalId: "zoe") { points } }')


async def test_in_an_opt_in_programme_nothing_is_kept(world: World, known: Client) -> None:
    """Nobody is listed, and the programme says so."""
    asked = "{ programme { keepsUnknownDays identities { key title } } }"
    kinds = [{"key": "email", "title": "E-mail address"}, {"key": "slack", "title": "Slack user"}]
    assert {"keepsUnknownDays": 30, "identities": kinds} == (await known.ask(asked))["programme"]
    await record(known, report(1, member="dan"))
    await world.apply(OPT_IN)
    assert ([], 1) == ((await unknown(known))["edges"], (await record(known, report(1, member="dan")))["refused"])
    assert (await known.ask(asked))["programme"]["keepsUnknownDays"] is None


async def test_people_who_left_are_marked(world: World, client: Client) -> None:
    """A receipt for each; managers see when; they are back with what they were when they are saved again."""
    payload = (await client.ask(LEAVE, Scope.MANAGE, input={"members": ["ada", "ada", "nobody", 5]}))["markLeft"]
    assert ["UPDATED", "UNCHANGED", "REFUSED", "REFUSED"] == [each["status"] for each in payload["results"]]
    assert [1, 1, 2, []] == [payload[each] for each in ("marked", "unchanged", "refused", "errors")]
    assert "externalId" == payload["results"][2]["field"]
    asked = '{ member(externalId: "ada") { participates left } }'
    found = (await client.ask(asked, Scope.MANAGE))["member"]
    assert {"participates": False, "left": world.now.isoformat()} == found
    assert (await client.ask(asked))["member"]["left"] is None
    await save(client, {"externalId": "ada", "location": "Oslo"})
    assert {"participates": True, "left": None} == (await client.ask(asked, Scope.MANAGE))["member"]
    too_many = (await client.ask(LEAVE, Scope.MANAGE, input={"members": ["ada"] * 1_001}))["markLeft"]
    assert "BATCH_TOO_LARGE" == too_many["errors"][0]["code"]
    assert [] == await world.differences()


async def test_nobody_is_found_by_an_identity(world: World, known: Client) -> None:
    """Or whoever reads could tell whose address an alias hides."""
    await world.enrol(Profile("ada", alias="Countess"))
    assert {"member": None} == await known.ask('{ member(externalId: "email:ada@example.org") { name } }')
