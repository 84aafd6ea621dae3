"""What verify finds of identities and of what is kept; and what a plan warns of."""

import pytest
from sqlalchemy import insert, select, update

from activity.tables import activity, identity, kept
from operations.advice.warnings import warnings
from operations.enrol import Profile
from operations.programme import ProgrammeInvalid, parse
from rules.advice import Code
from storage.work import UnitOfWork
from tests.operations.test_identities import KINDS, OPT_IN, OPT_OUT
from tests.world import PROGRAMME, World, shared


async def people(world: World) -> None:
    await world.apply(OPT_OUT)
    await world.enrol(Profile("ada", "Ada", identities=["email:ada@example.org", "slack:U1"]))
    await world.record(shared(1), shared(2, "slack:U9"))
    assert [] == await world.differences()


async def as_recorded(work: UnitOfWork) -> None:
    hashes = select(activity.c.identity).scalar_subquery()
    await work.execute(update(kept).values(identity=hashes))


WRONG = {
    "another form": (update(identity).where(identity.c.kind == "email").values(handle="A"), "it is compared as 'A'"),
    "another name": (update(kept).values(handle="U1", name="slack:U1"), "it waits for 'slack:U1', whom it does not"),
    "another form of a name": (update(kept).values(handle="u9"), "'slack:U9' is compared as 'u9'"),
    "another hash": (update(kept).values(identity=b"x"), "its hash is not that of its source and id"),
    "a known name": (
        update(identity).where(identity.c.kind == "slack").values(handle="U9"),
        "whom a member is known by",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_kept_of_people_is_proved(world: World, wrong: str) -> None:
    """Whatever of it is not what it was made of is named."""
    await people(world)
    statement, words = WRONG[wrong]
    async with world.store.writing() as work:
        await work.execute(statement)
    assert words in "\n".join(await world.differences())


async def test_what_is_kept_is_not_recorded_too(world: World) -> None:
    """And nothing is kept where people opt in."""
    await people(world)
    async with world.store.writing() as work:
        await as_recorded(work)
    assert "kept (test, 2): it is recorded too" in await world.differences()
    assert 1 == await world.drop_kept()
    await world.record(shared(3, "slack:U9"))
    (row,) = await world.rows(kept)
    await world.apply(OPT_IN)
    async with world.store.writing() as work:
        await work.execute(insert(kept).values(row._asdict()))
    assert any("nothing is kept of unknown people in an opt-in programme" in each for each in await world.differences())


async def warned(world: World, programme: str) -> dict[Code, tuple[str, str]]:
    async with world.store.reading() as work:
        found = await warnings(work, world.revisions, parse(programme), now=world.now)
    wanted = (Code.IDENTITIES_RETIRED, Code.EXTERNAL_ID_HIDDEN, Code.KEPT_FORGOTTEN)
    return {each.code: (each.path, each.message) for each in found if each.code in wanted}


async def test_a_retired_kind_is_told_with_how_many_have_it(world: World) -> None:
    """One that comes back, or that nobody has, is nothing to tell."""
    await people(world)
    assert {} == await warned(world, OPT_OUT)
    found = await warned(world, OPT_OUT.replace(", slack: {title: Slack user, exact: true}", ""))
    told = "members have 1 identity of the kind 'slack', which the programme does not declare"
    assert {
        Code.IDENTITIES_RETIRED: (
            "identities",
            f"{told}: reports name nobody by them; declare it, or leave them unused",
        )
    } == found


async def test_external_ids_that_a_kind_hides_are_told(world: World) -> None:
    """With how many there are and one of them."""
    await world.apply(PROGRAMME)
    await world.enrol(Profile("email:ada", "Ada"), Profile("email:ben", "Ben"), Profile("emails", "Cy"))
    await world.enrol(Profile("Email:dee", "Dee"))  # kinds are compared with their case
    path, message = (await warned(world, OPT_OUT))[Code.EXTERNAL_ID_HIDDEN]
    assert "identities.email" == path
    assert message.startswith("the external id of 2 members, such as 'email:ada', begins with 'email:'")


async def test_what_is_kept_and_would_be_forgotten_is_told(world: World) -> None:
    """When a programme becomes opt-in."""
    await people(world)
    path, message = (await warned(world, OPT_IN))[Code.KEPT_FORGOTTEN]
    assert ("participation", True) == (path, message.startswith("1 activity of unknown people will be forgotten"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"keep_unknown: P3D\n{OPT_IN}", "keep_unknown: nothing is kept of people unknown to an opt-in programme"),
        (f"keep_unknown: P0D\n{OPT_OUT}", "must be from P1D to P366D"),
        (OPT_OUT.replace("email: {", "E-Mail: {"), "'E-Mail' cannot be a key"),
        (OPT_OUT.replace("exact: true", "exact: maybe"), "must be true or false"),
        (OPT_OUT.replace("title: Slack user, ", ""), "'title' is missing"),
        (OPT_OUT.replace(KINDS, "identities: [email]"), "must be settings"),
    ],
)
def test_what_a_file_says_wrong_of_identities_is_told(text: str, message: str) -> None:
    """With what to write instead."""
    with pytest.raises(ProgrammeInvalid) as found:
        parse(text)
    assert message in str(found.value)
