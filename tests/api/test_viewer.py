"""Who asks is told what their key may do, and for whom it acts."""

from api.access import Scope, create_key
from operations.enrol import Profile
from tests.api.conftest import Client
from tests.world import World

VIEWER = "{ viewer { name scopes member { externalId name } } }"


async def test_a_key_that_acts_for_nobody_says_what_it_may_do(client: Client) -> None:
    """An admin's may do everything, also what it does not list."""
    assert {"name": "for read", "scopes": ["READ"], "member": None} == (await client.ask(VIEWER))["viewer"]
    assert ["MANAGE"] == (await client.ask(VIEWER, Scope.MANAGE))["viewer"]["scopes"]


async def test_a_key_of_a_member_says_whose_it_is(world: World, client: Client) -> None:
    """By the name that they themselves see."""
    await world.enrol(Profile("ada", alias="The Fox"))
    async with world.store.writing() as work:
        key = await create_key(work, "", [Scope.READ, Scope.INGEST], world.now, member="ada")
    viewer = (await client.ask(VIEWER, key))["viewer"]
    assert (["READ", "INGEST"], {"externalId": "ada", "name": "The Fox"}) == (viewer["scopes"], viewer["member"])
    assert viewer["name"].startswith("key ")


async def test_who_cannot_read_is_told_nothing(client: Client) -> None:
    """As of every root field."""
    assert "FORBIDDEN" == (await client.refusal(VIEWER, Scope.INGEST))[0]
