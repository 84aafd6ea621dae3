"""Retracting, adjusting, giving and taking over GraphQL: with a reason, by a name, and never for oneself."""

from typing import Any

import pytest

from api.access import MemberUnknown, Scope, create_key, list_keys
from operations.enrol import Profile
from operations.release import release
from tests.api.conftest import Client, Json, later, nodes
from tests.api.recognition import published, shared
from tests.world import World

ERRORS = "errors { __typename code message ... on InputRefused { field } }"

RETRACT = f"""mutation Retract($input: RetractActivityInput!) {{ retractActivity(input: $input) {{
  status told paid points voided revoked activity {{ externalId retraction {{ at author reason }} }} {ERRORS} }} }}"""
ADJUST = f"""mutation Adjust($input: AdjustPointsInput!) {{ adjustPoints(input: $input) {{
  entry {{ kind points at author reason rule {{ key }} badge {{ key }} activity {{ id }} }} member {{ points }}
  {ERRORS} }} }}"""
GIVE = f"""mutation Give($input: GiveBadgeInput!) {{ giveBadge(input: $input) {{
  award {{ level givenBy reason badge {{ key }} }} member {{ points }} {ERRORS} }} }}"""
TAKE = f"""mutation Take($input: TakeBadgeInput!) {{ takeBadge(input: $input) {{
  seq member {{ points badges {{ edges {{ node {{ level }} }} }} }} {ERRORS} }} }}"""

LEDGER = """{ member(externalId: "ada") { points pointsHeld heldPoints { edges { node { points releasedAt rule { key }
  activity { externalId } } } } ledger { edges { node { kind points author reason rule { key } badge { key }
  activity { externalId } reverses { kind points } } } } } }"""


async def change(client: Client, document: str, key: str | Scope = Scope.MANAGE, /, **given: Any) -> Json:
    (payload,) = (await client.ask(document, key, input=given)).values()
    found: Json = payload
    return found


@pytest.fixture
async def adas(world: World, recognised: Client) -> str:
    """A key that may manage, and is Ada's."""
    async with world.store.writing() as work:
        return await create_key(work, "Ada's console", [Scope.MANAGE], world.now, member="ada")


async def test_an_activity_is_retracted_once(world: World, recognised: Client) -> None:
    """Its points and badges are taken back, by name and with the reason; again does nothing more."""
    await world.record(shared(1), shared(2))
    given = {"source": "test", "id": "1", "reason": " the post was deleted "}
    done = await change(recognised, RETRACT, **given)
    assert {
        "status": "RETRACTED",
        "told": "It had paid 55 points, of which 50 are taken back; 1 badge or zone falls with it, worth 10 more "
        "points. Newcomer of ada stays, with its 5 points: what else it rests on is enough.",
        "paid": 55,
        "points": 60,
        "voided": 0,
        "revoked": 1,
        "activity": {
            "externalId": "1",
            "retraction": {
                "at": "2026-11-21T12:00:00+00:00",
                "author": "for manage",
                "reason": "the post was deleted",
            },
        },
        "errors": [],
    } == done
    assert ("UNCHANGED", 0) == ((again := await change(recognised, RETRACT, **given))["status"], again["points"])
    assert "the post was deleted" == again["activity"]["retraction"]["reason"]
    assert [] == await world.differences()


async def test_points_are_given_and_taken(world: World, recognised: Client) -> None:
    """An entry says who and why; with a rule it counts where the rule's points do."""
    given = {"member": "ada", "points": -7, "reason": "counted twice", "rule": "share", "at": "2026-11-20T09:00:00Z"}
    assert {
        "entry": {
            "kind": "ADJUSTMENT",
            "points": -7,
            "at": "2026-11-20T09:00:00+00:00",
            "author": "for manage",
            "reason": "counted twice",
            "rule": {"key": "share"},
            "badge": None,
            "activity": None,
        },
        "member": {"points": -7},
        "errors": [],
    } == await change(recognised, ADJUST, **given)
    done = await change(recognised, ADJUST, member="ada", points=10, reason="thank you")
    assert (None, 3) == (done["entry"]["rule"], done["member"]["points"])
    assert [] == await world.differences()


async def test_a_badge_is_given_and_taken(world: World, recognised: Client) -> None:
    """Its points come and go with it."""
    done = await change(recognised, GIVE, member="bob", badge="prolific", level=2, reason="for the year")
    assert {
        "award": {"level": 2, "givenBy": "for manage", "reason": "for the year", "badge": {"key": "prolific"}},
        "member": {"points": 20},
        "errors": [],
    } == done
    taken = await change(recognised, TAKE, member="bob", badge="prolific", reason="a mistake")
    assert isinstance(taken.pop("seq"), int)
    assert {"member": {"points": 0, "badges": {"edges": []}}, "errors": []} == taken
    assert [] == await world.differences()


REFUSED: list[tuple[str, Json, str, str]] = [
    (RETRACT, {"source": "test", "id": "nope", "reason": "x"}, "id", "no activity was recorded as (test, nope)"),
    (RETRACT, {"source": "test", "id": "1", "reason": " "}, "reason", "reason is missing; say why in a few words"),
    (RETRACT, {"source": "", "id": "1", "reason": "x"}, "source", "source is empty"),
    (RETRACT, {"source": "\ud800", "id": "1", "reason": "x"}, "source", "source is not valid UTF-8"),
    (ADJUST, {"member": "nobody", "points": 1, "reason": "x"}, "member", "there is no member with the external id"),
    (ADJUST, {"member": "ada", "points": 0, "reason": "x"}, "points", "points must be a whole number from -1,000,000"),
    (ADJUST, {"member": "ada", "points": 1.5, "reason": "x"}, "points", "points must be a whole number"),
    (ADJUST, {"member": "ada", "points": 1, "reason": "x" * 501}, "reason", "reason has 501 characters; at most 500"),
    (ADJUST, {"member": "ada", "points": 1, "reason": "a\0b"}, "reason", "reason contains a NUL character"),
    (ADJUST, {"member": "ada", "points": 1, "reason": "\ud800"}, "reason", "reason is not valid UTF-8"),
    (ADJUST, {"member": "ada", "points": 1, "reason": "x", "rule": "nope"}, "rule", "'nope' is no rule in force"),
    (ADJUST, {"member": "ada", "points": 1, "reason": "x", "at": "2026-11-22T00:00:00Z"}, "at", "2026-11-22T00:00:00"),
    (ADJUST, {"member": "ada", "points": 1, "reason": "x", "at": "2026-11-20T00:00:00"}, "at", "at has no offset from"),
    (GIVE, {"member": "ada", "badge": "profilic", "reason": "x"}, "badge", "'profilic' is no badge of this programme;"),
    (GIVE, {"member": "ada", "badge": "prolific", "level": 3, "reason": "x"}, "level", "'prolific' has levels 1 to 2"),
    (GIVE, {"member": "ada", "badge": "guest", "reason": ""}, "reason", "reason is missing"),
    (TAKE, {"member": "ada", "badge": "guest", "reason": "x"}, "badge", "'ada' does not hold 'guest'"),
    (TAKE, {"member": "ada", "badge": "guest", "level": 0, "reason": "x"}, "badge", "'ada' does not hold 'guest'"),
]


@pytest.mark.parametrize(("document", "given", "field", "message"), REFUSED)
async def test_what_cannot_be_done_says_why(
    world: World, recognised: Client, document: str, given: Json, field: str, message: str
) -> None:
    """A typed error names the part of the input that is wrong, and nothing is done."""
    await world.record(shared(1))
    payload = await change(recognised, document, **given)
    (error,) = payload["errors"]
    assert ("InputRefused", "BAD_INPUT", field) == (error["__typename"], error["code"], error["field"])
    assert error["message"].startswith(message)
    assert [] == await world.differences()


async def test_who_does_not_take_part_is_given_nothing(world: World, recognised: Client) -> None:
    """Neither points nor a badge; what stands can still be corrected downwards, and taken."""
    await change(recognised, GIVE, member="bob", badge="guest", reason="for the talk")
    await world.enrol(Profile("bob", participates=False))
    for document, given in ((ADJUST, {"points": 10}), (GIVE, {"badge": "prolific"})):
        (error,) = (await change(recognised, document, member="bob", reason="thank you", **given))["errors"]
        assert ("InputRefused", "member") == (error["__typename"], error["field"])
        assert (
            "'bob' does not take part, and so is given nothing; enrol them with participates: true if they want to "
            "take part, then give it again"
        ) == error["message"]
    assert [] == (await change(recognised, ADJUST, member="bob", points=-10, reason="twice"))["errors"]
    assert [] == (await change(recognised, TAKE, member="bob", badge="guest", reason="a mistake"))["errors"]
    assert [("bob", "", -10)] == await world.ledger()
    assert [] == await world.differences()


async def test_nobody_corrects_what_is_their_own(world: World, recognised: Client, adas: str) -> None:
    """A key that is a member's can do nothing for that member, and everything for others."""
    await world.record(shared(1), shared(2, "bob"), published(3, "bob", "ada"))
    for document, given in (
        (ADJUST, {"member": "ada", "points": 1, "reason": "x"}),
        (GIVE, {"member": "ada", "badge": "guest", "reason": "x"}),
        (TAKE, {"member": "ada", "badge": "newcomer", "reason": "x"}),
    ):
        (error,) = (await change(recognised, document, adas, **given))["errors"]
        assert ("member", "'ada' is yourself; ask another manager to do it") == (error["field"], error["message"])
    for own in ("1", "3"):
        (error,) = (await change(recognised, RETRACT, adas, source="test", id=own, reason="x"))["errors"]
        assert ("id", "it is an activity of your own; ask another manager to do it") == (
            error["field"],
            error["message"],
        )
    assert [] == (await change(recognised, RETRACT, adas, source="test", id="2", reason="x"))["errors"]
    done = await change(recognised, ADJUST, adas, member="bob", points=1, reason="x")
    assert "Ada's console" == done["entry"]["author"]


async def test_a_key_of_a_member_is_listed_with_them(world: World, recognised: Client, adas: str) -> None:
    """It can be made for members that there are alone."""
    async with world.store.writing() as work:
        assert ["ada"] == [key.member for key in await list_keys(work) if key.member]
        with pytest.raises(MemberUnknown, match="there is no member with the external id 'nobody'; import members"):
            await create_key(work, "", ["manage"], world.now, member="nobody")


async def test_without_a_programme_nothing_can_be_corrected(empty_client: Client) -> None:
    """A typed error says what is to be done first."""
    for document, given in (
        (RETRACT, {"source": "a", "id": "b", "reason": "x"}),
        (ADJUST, {"member": "a", "points": 1, "reason": "x"}),
        (GIVE, {"member": "a", "badge": "b", "reason": "x"}),
        (TAKE, {"member": "a", "badge": "b", "reason": "x"}),
    ):
        (error,) = (await change(empty_client, document, **given))["errors"]
        assert ("ProgrammeMissing", "NO_PROGRAMME") == (error["__typename"], error["code"])


async def test_each_correction_sees_what_the_one_before_has_done(recognised: Client) -> None:
    """What a payload tells is read after its own transaction, not from a snapshot of the first."""
    answer = await recognised.ask(
        """mutation { one: adjustPoints(input: {member: "ada", points: 5, reason: "x"}) { member { points } }
                      two: adjustPoints(input: {member: "ada", points: 5, reason: "x"}) { member { points } }
                      three: giveBadge(input: {member: "ada", badge: "guest", reason: "x"}) { member { points } } }""",
        Scope.MANAGE,
    )
    assert [5, 10, 110] == [payload["member"]["points"] for payload in answer.values()]


async def test_the_ledger_tells_what_each_entry_is(world: World, recognised: Client) -> None:
    """Rules, badges, releases and corrections; who corrected, why, and what was taken back."""
    await world.record(shared(1), published(2))
    member = (await recognised.ask(LEDGER))["member"]
    assert (55, 30) == (member["points"], member["pointsHeld"])
    held = {"points": 30, "releasedAt": "2026-12-05T12:00:00+00:00", "rule": {"key": "article"}}
    assert [held | {"activity": {"externalId": "2"}}] == nodes(member["heldPoints"])
    await change(recognised, GIVE, member="ada", badge="guest", reason="spoke")
    later(world, days=14)
    async with world.store.writing() as work:
        assert 1 == await release(work, world.revisions, now=world.now)
    await change(recognised, TAKE, member="ada", badge="guest", reason="did not")
    await change(recognised, ADJUST, member="ada", points=3, reason="thanks")
    await change(recognised, RETRACT, source="test", id="1", reason="deleted")
    member = (await recognised.ask(LEDGER))["member"]
    assert (33, 0, []) == (member["points"], member["pointsHeld"], nodes(member["heldPoints"]))
    fell = "an activity that it rests on was retracted: deleted"
    grace, reversal = "for manage", "REVERSAL"
    assert [
        (reversal, -5, None, "newcomer", "1", ("BADGE", 5), grace, fell),
        (reversal, -50, "share", None, "1", ("AWARD", 50), grace, "deleted"),
        ("ADJUSTMENT", 3, None, None, None, None, grace, "thanks"),
        (reversal, -100, None, "guest", None, ("BADGE", 100), grace, "did not"),
        ("RELEASE", 30, "article", None, "2", None, None, None),
        ("BADGE", 100, None, "guest", None, None, grace, "spoke"),
        ("BADGE", 5, None, "newcomer", "1", None, None, None),
        ("AWARD", 50, "share", None, "1", None, None, None),
    ] == [
        (
            entry["kind"],
            entry["points"],
            (entry["rule"] or {}).get("key"),
            (entry["badge"] or {}).get("key"),
            (entry["activity"] or {}).get("externalId"),
            tuple(entry["reverses"].values()) if entry["reverses"] else None,
            entry["author"],
            entry["reason"],
        )
        for entry in nodes(member["ledger"])
    ]
    assert [] == await world.differences()
