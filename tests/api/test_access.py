"""Keys and scopes: who may ask for what."""

from datetime import timedelta

import pytest
from strawberry.types.base import get_object_definition

from api.access import (
    CACHED_FOR,
    FIELDS,
    Access,
    Caller,
    KeyUnknown,
    Scope,
    ScopeUnknown,
    authenticate,
    check,
    create_key,
    list_keys,
    revoke_key,
)
from api.errors import Forbidden
from api.mutation import Mutation
from api.query import Query
from api.schema import schema
from api.tables import api_key
from storage.engine import Store
from tests.api.conftest import Client
from tests.world import NOW, World

ANYTHING = "{ __typename }"


async def test_a_key_is_shown_once_and_kept_as_a_hash(world: World) -> None:
    """The table holds nothing from which the key could be made; the key says what it is."""
    async with world.store.writing() as work:
        key = await create_key(work, "the importer", ["ingest", "read", "read"], NOW)
        caller = await authenticate(work, key)
    assert key.startswith("laurels_")
    assert len(key) == 51
    (row,) = await world.rows(api_key)
    assert 32 == len(row.hash)
    assert key[8:] not in "".join(map(str, row))
    assert Caller(row.id, "the importer", frozenset({Scope.READ, Scope.INGEST})) == caller


async def test_keys_are_listed_and_revoked(store: Store) -> None:
    """A revoked key stays in the list and opens nothing."""
    async with store.writing() as work:
        keys = [await create_key(work, name, ["read"], NOW) for name in ("first", "second")]
        first, second = await list_keys(work)
        await revoke_key(work, first.id, NOW + timedelta(days=1))
        assert await authenticate(work, keys[0]) is None
        assert await authenticate(work, keys[1]) is not None
        revoked = (await list_keys(work))[0]
    assert ("first", (Scope.READ,), NOW, None) == (first.name, first.scopes, first.created_at, first.revoked_at)
    assert (NOW + timedelta(days=1), None) == (revoked.revoked_at, second.revoked_at)


async def test_what_cannot_be_done_with_keys_is_said(store: Store) -> None:
    """An unknown scope, no scope at all, and an id that no key in use has."""
    async with store.writing() as work:
        with pytest.raises(ScopeUnknown, match="there is no scope 'reed'; did you mean read"):
            await create_key(work, "", ["reed"], NOW)
        with pytest.raises(ScopeUnknown, match="a key needs a scope: read, ingest, manage"):
            await create_key(work, "", [], NOW)
        await create_key(work, "", ["manage"], NOW)
        (made,) = await list_keys(work)
        await revoke_key(work, made.id, NOW)
        for unknown in (made.id, 99):
            with pytest.raises(KeyUnknown, match=f"no key in use has the id {unknown}; python app.py key list shows"):
                await revoke_key(work, unknown, NOW)


async def test_without_a_good_key_nothing_is_answered(client: Client) -> None:
    """401 in the shape of a GraphQL error, which says how to make a key and how to send it."""
    make = "make one with python app.py key create --scope read, and send it as Authorization: Bearer KEY"
    for header, what in {
        "": "the request has no key",
        "Bearer": "this key is unknown or revoked",
        "Bearer laurels_": "this key is unknown or revoked",
        f"Bearer laurels_{'x' * 43}": "this key is unknown or revoked",
        f"Basic {client.keys[Scope.READ]}": "this key is unknown or revoked",
        "Bearer " + "é" * 51: "this key is unknown or revoked",
    }.items():
        answer = await client.raw(b"{", authorization=header)
        assert (401, "Bearer") == (answer.status_code, answer.headers["www-authenticate"])
        assert {
            "errors": [{"message": f"{what}; {make}", "extensions": {"code": "UNAUTHENTICATED"}}]
        } == answer.json(), header


async def test_a_revoked_key_opens_nothing_after_five_seconds(world: World, client: Client) -> None:
    """Keys are remembered for a few seconds, so that not every request asks the database."""
    assert {"__typename": "Query"} == await client.ask(ANYTHING)
    async with world.store.writing() as work:
        await revoke_key(work, 1, world.now)
    world.now += CACHED_FOR - timedelta(seconds=1)
    assert 200 == (await client.post(ANYTHING)).status_code
    world.now += timedelta(seconds=1)
    assert 401 == (await client.post(ANYTHING)).status_code
    assert 5 == CACHED_FOR.total_seconds()


RECORD = "mutation { recordActivities(input: {activities: []}) { recorded } }"
SAVE = "mutation { saveMembers(input: {members: []}) { created } }"
READ = """{ programme { key } leaderboard(key: "effort") { participants } member(externalId: "ada") { name }
            activity(source: "test", id: "1") { id } events { edges { cursor } } }"""
OVERSEE = "{ journey { dormant } }"
CORRECT = """mutation {
  retractActivity(input: {source: "test", id: "1", reason: ""}) { status }
  adjustPoints(input: {member: "ada", points: 0, reason: ""}) { member { name } }
  giveBadge(input: {member: "ada", badge: "", reason: ""}) { member { name } }
  takeBadge(input: {member: "ada", badge: "", reason: ""}) { member { name } } }"""

ALLOWED = {
    Scope.READ: [READ],
    Scope.INGEST: [RECORD],
    Scope.MANAGE: [READ, RECORD, SAVE, OVERSEE, CORRECT],
}


async def test_each_scope_opens_its_fields_and_no_others(client: Client) -> None:
    """What is refused names the scope that it needs and the scopes that the key has."""
    for scope, allowed in ALLOWED.items():
        for query in ALLOWED[Scope.MANAGE]:
            answer = (await client.post(query, scope)).json()
            if query in allowed:
                assert "errors" not in answer
            else:
                assert {"FORBIDDEN"} == {error["extensions"]["code"] for error in answer["errors"]}
                assert {None} == set(answer["data"].values())
    assert (
        "FORBIDDEN",
        "saveMembers needs a key with the scope manage, and this one has ingest; "
        "make one: python app.py key create --scope manage",
    ) == await client.refusal(SAVE, Scope.INGEST)


async def test_an_alias_or_a_fragment_opens_nothing(client: Client) -> None:
    """The check is made where a field is resolved, however it was written."""
    for query in (
        "{ __typename a: programme { key } }",
        "query { ...f } fragment f on Query { programme { key } }",
        "{ ... on Query { ... { programme { key } } } }",
        '{ node(id: "TWVtYmVyOjE=") { id } }',
    ):
        code, _ = await client.refusal(query, Scope.INGEST)
        assert "FORBIDDEN" == code


def test_every_root_field_has_its_scope_and_is_checked() -> None:
    """The table and the schema name the same fields, and each is guarded."""
    found = {}
    for root in (Query, Mutation):
        for field in get_object_definition(root, strict=True).fields:
            name = schema.config.name_converter.get_graphql_name(field)
            found[f"{root.__name__}.{name}"] = [type(extension) for extension in field.extensions]
    assert set(FIELDS) == set(found)
    assert all(extensions == [Access] for extensions in found.values())
    assert schema.subscription is None


def test_a_field_without_a_scope_is_open_to_nobody() -> None:
    """Forgetting one in the table shuts it."""
    with pytest.raises(Forbidden, match=r"Query\.secrets is open to nobody"):
        check(Caller(1, "", frozenset(Scope)), "Query.secrets")
