"""Claims over GraphQL: who makes them, who decides them, and who is told what."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.access import Scope, create_key
from api.claims import CLAIMS
from operations.enrol import Profile
from tests.api.conftest import Client, Json, nodes
from tests.operations.claims import AT, CLAIMED, RECORDING, company
from tests.world import World

ERRORS = "errors { __typename code message ... on InputRefused { field } }"
CLAIM = "number type time data link note madeAt state decidedAt decidedBy reason points member { externalId name }"
DONE = f"claim {{ {CLAIM} }} {ERRORS}"

CLAIMING = f"mutation Claim($input: ClaimActivityInput!) {{ claimActivity(input: $input) {{ {DONE} }} }}"
WITHDRAW = f"mutation Withdraw($input: WithdrawClaimInput!) {{ withdrawClaim(input: $input) {{ {DONE} }} }}"
REFUSE = f"mutation Refuse($input: RefuseClaimInput!) {{ refuseClaim(input: $input) {{ {DONE} }} }}"
APPROVE = f"""mutation Approve($numbers: [Int!]!) {{ approveClaims(input: {{numbers: $numbers}}) {{
  approved {ERRORS} results {{ number approved points message field claim {{ state }}
  tooLate {{ board {{ key }} period {{ key }} }} }} }} }}"""

LISTED = """query Claims($state: ClaimState, $member: String, $first: Int, $after: String)
{ claims(state: $state, member: $member, first: $first, after: $after) {
  edges { node { number state member { externalId name } } } pageInfo { hasNextPage endCursor } } }"""

MINE = """query Mine($id: String!, $state: ClaimState) { member(externalId: $id) {
  claims(state: $state) { edges { node { number state reason decidedBy points retraction { reason }
  activity { source externalId member { externalId } retraction { reason } verdicts { points } } } } } } }"""


@pytest.fixture
async def claimed(world: World, empty_client: Client) -> Client:
    """The application with types that can be claimed, and three members."""
    await company(world)
    return empty_client


async def key_of(world: World, member: str, scope: Scope = Scope.READ) -> str:
    async with world.store.writing() as work:
        return await create_key(work, f"{member}'s key", [scope], world.now, member=member)


def talk(**given: Any) -> Json:
    return {"type": "talk.given", "time": AT, "link": RECORDING, "data": {"topic": "AI"}} | given


async def make(client: Client, key: str | Scope, **given: Any) -> int:
    """The number of a claim that is made."""
    payload = (await client.ask(CLAIMING, key, input=talk(**given)))["claimActivity"]
    assert [] == payload["errors"]
    return int(payload["claim"]["number"])


async def change(client: Client, mutation: str, key: str | Scope = Scope.MANAGE, **given: Any) -> Json:
    (payload,) = (await client.ask(mutation, key, input=given)).values()
    found: Json = payload
    return found


async def test_a_member_claims_and_a_manager_approves(world: World, claimed: Client) -> None:
    """Each sees where it is, what was recorded and what it earned."""
    adas = await key_of(world, "ada")
    payload = (await claimed.ask(CLAIMING, adas, input=talk(note=" At the fair ")))["claimActivity"]
    number = payload["claim"]["number"]
    assert {
        "number": number,
        "type": "talk.given",
        "time": "2026-11-12T09:30:00+00:00",
        "data": {"topic": "AI"},
        "link": RECORDING,
        "note": "At the fair",
        "madeAt": "2026-11-21T12:00:00+00:00",
        "state": "WAITING",
        "decidedAt": None,
        "decidedBy": None,
        "reason": None,
        "points": None,
        "member": {"externalId": "ada", "name": "Ada"},
    } == payload["claim"]
    approved = (await claimed.ask(APPROVE, Scope.MANAGE, numbers=[number, 99]))["approveClaims"]
    told: Json = {"message": None, "field": None, "tooLate": []}
    assert [
        {"number": number, "approved": True, "points": 20, "claim": {"state": "APPROVED"}, **told},
        {
            "number": 99,
            "approved": False,
            "points": 0,
            "claim": None,
            "field": "number",
            "tooLate": [],
            "message": "there is no claim 99; take the number of one that is listed",
        },
    ] == approved["results"]
    assert (1, []) == (approved["approved"], approved["errors"])
    (mine,) = nodes((await claimed.ask(MINE, adas, id="ada"))["member"]["claims"])
    assert {
        "number": number,
        "state": "APPROVED",
        "reason": None,
        "decidedBy": "for manage",
        "points": 20,
        "retraction": None,
        "activity": {
            "source": "claims",
            "externalId": str(number),
            "member": {"externalId": "ada"},
            "retraction": None,
            "verdicts": [{"points": 20}],
        },
    } == mine


async def test_what_is_refused_says_why(world: World, claimed: Client) -> None:
    """To the member; without a reason nothing is done."""
    adas = await key_of(world, "ada")
    number = await make(claimed, adas)
    (error,) = (await change(claimed, REFUSE, number=number, reason=" "))["errors"]
    assert ("InputRefused", "BAD_INPUT", "reason") == (error["__typename"], error["code"], error["field"])
    refused = await change(claimed, REFUSE, number=number, reason="The link is dead.")
    assert ("REFUSED", "The link is dead.") == (refused["claim"]["state"], refused["claim"]["reason"])
    (mine,) = nodes((await claimed.ask(MINE, adas, id="ada", state="REFUSED"))["member"]["claims"])
    assert ("The link is dead.", None, None) == (mine["reason"], mine["activity"], mine["points"])
    assert [] == nodes((await claimed.ask(MINE, adas, id="ada", state="WAITING"))["member"]["claims"])


async def test_a_claim_is_withdrawn_by_who_made_it(world: World, claimed: Client) -> None:
    """Another is told nothing of it."""
    adas, bens = await key_of(world, "ada"), await key_of(world, "ben", Scope.MANAGE)
    number = await make(claimed, adas)
    (error,) = (await change(claimed, WITHDRAW, bens, number=number))["errors"]
    assert ("number", f"there is no claim {number} of yours; who made it withdraws it, with a key of theirs") == (
        error["field"],
        error["message"],
    )
    withdrawn = await change(claimed, WITHDRAW, adas, number=number)
    assert ("WITHDRAWN", "ada's key") == (withdrawn["claim"]["state"], withdrawn["claim"]["decidedBy"])


async def test_nobody_reviews_their_own(world: World, claimed: Client) -> None:
    """Whatever their key may do."""
    adas = await key_of(world, "ada", Scope.MANAGE)
    number = await make(claimed, adas)
    told = f"claim {number} is your own, and nobody reviews theirs; ask another manager"
    (result,) = (await claimed.ask(APPROVE, adas, numbers=[number]))["approveClaims"]["results"]
    assert (False, told, {"state": "WAITING"}) == (result["approved"], result["message"], result["claim"])
    (error,) = (await change(claimed, REFUSE, adas, number=number, reason="x"))["errors"]
    assert told == error["message"]


async def test_what_cannot_be_claimed_says_which_part_and_with_which_code(world: World, claimed: Client) -> None:
    """A wrong part, the same again, and too many each have a code."""
    await world.apply("claims: {open_max: 2}" + CLAIMED)
    adas = await key_of(world, "ada")

    async def problem(key: str | Scope = adas, **given: Any) -> tuple[str, str | None]:
        payload = (await claimed.ask(CLAIMING, key, input=talk(**given)))["claimActivity"]
        assert payload["claim"] is None
        (error,) = payload["errors"]
        return error["code"], error["field"]

    assert ("BAD_INPUT", "data.topic") == await problem(data={"topic": 7})
    assert ("BAD_INPUT", "link") == await problem(link="ftp://example.com")
    assert ("BAD_INPUT", "time") == await problem(time="yesterday")
    assert ("BAD_INPUT", "member") == await problem(Scope.MANAGE)
    await make(claimed, adas)
    assert ("ALREADY_CLAIMED", "time") == await problem(link=None)
    await make(claimed, adas, data={"topic": "other"})
    assert ("LIMIT_REACHED", None) == await problem(data={"topic": "third"})
    too_many = (await claimed.ask(APPROVE, Scope.MANAGE, numbers=[1] * 101))["approveClaims"]
    assert ([], ["numbers"]) == (too_many["results"], [error["field"] for error in too_many["errors"]])


async def test_managers_see_what_waits_the_oldest_first(world: World, claimed: Client) -> None:
    """Page by page, of all or one member; of those who take part."""
    adas, bens = await key_of(world, "ada"), await key_of(world, "ben")
    numbers = [await make(claimed, key, data={"topic": topic}) for topic in "xyz" for key in (adas, bens)]
    await change(claimed, REFUSE, number=numbers[2], reason="x")
    page = (await claimed.ask(LISTED, Scope.MANAGE, state="WAITING", first=3))["claims"]
    assert (numbers[:2] + numbers[3:4], True) == (
        [each["number"] for each in nodes(page)],
        page["pageInfo"]["hasNextPage"],
    )
    rest = (await claimed.ask(LISTED, Scope.MANAGE, state="WAITING", after=page["pageInfo"]["endCursor"]))["claims"]
    assert (numbers[4:], False) == ([each["number"] for each in nodes(rest)], rest["pageInfo"]["hasNextPage"])
    assert numbers == [each["number"] for each in nodes((await claimed.ask(LISTED, Scope.MANAGE))["claims"])]
    assert numbers[1::2] == [
        each["number"] for each in nodes((await claimed.ask(LISTED, Scope.MANAGE, member="ben"))["claims"])
    ]
    assert ("NOT_FOUND", "there is no member with the external id 'zoe'") == await claimed.refusal(
        LISTED, Scope.MANAGE, member="zoe"
    )
    await world.enrol(Profile("ben", participates=False))
    assert numbers[::2] == [each["number"] for each in nodes((await claimed.ask(LISTED, Scope.MANAGE))["claims"])]


async def test_others_see_no_claims(world: World, claimed: Client) -> None:
    """Neither those of a colleague nor the list; and who goes by an alias reads it of themself."""
    await world.enrol(Profile("ada", alias="The Fox"))
    adas, bens = await key_of(world, "ada"), await key_of(world, "ben")
    await make(claimed, adas)
    for key in (bens, Scope.READ, Scope.INGEST):
        code, _ = await claimed.refusal(LISTED, key)
        assert "FORBIDDEN" == code
    code, message = await claimed.refusal(MINE, bens, id="ada")
    assert ("FORBIDDEN", "claims needs a key with the scope manage, or one that acts for the member") == (code, message)
    code, message = await claimed.refusal(APPROVE, bens, numbers=[1])
    assert ("FORBIDDEN", True) == (code, "needs a key with the scope manage" in message)
    (listed,) = nodes((await claimed.ask(LISTED, Scope.MANAGE))["claims"])
    assert "Ada" == listed["member"]["name"]
    told = await claimed.ask(MINE.replace("number state", "number state member { name }", 1), adas, id="ada")
    assert "The Fox" == nodes(told["member"]["claims"])[0]["member"]["name"]


async def test_what_comes_too_late_says_where(world: World, claimed: Client) -> None:
    """The board and the period that were closed before."""
    number = await make(claimed, await key_of(world, "ada"), time="2026-10-12T09:30:00Z")
    world.now = datetime(2026, 11, 22, tzinfo=UTC)
    await world.close()
    (result,) = (await claimed.ask(APPROVE, Scope.MANAGE, numbers=[number]))["approveClaims"]["results"]
    assert [{"board": {"key": "effort"}, "period": {"key": "2026-10"}}] == result["tooLate"]


async def test_what_is_retracted_later_is_seen_in_the_claim(world: World, claimed: Client) -> None:
    """It was approved, and is worth nothing any more."""
    adas = await key_of(world, "ada")
    number = await make(claimed, adas)
    await claimed.ask(APPROVE, Scope.MANAGE, numbers=[number])
    retract = "mutation R($input: RetractActivityInput!) { retractActivity(input: $input) { status } }"
    told = {"source": "claims", "id": str(number), "reason": "The talk was cancelled."}
    await claimed.ask(retract, Scope.MANAGE, input=told)
    (mine,) = nodes((await claimed.ask(MINE, adas, id="ada"))["member"]["claims"])
    assert ("APPROVED", 0) == (mine["state"], mine["points"])
    assert {"reason": "The talk was cancelled."} == mine["activity"]["retraction"] == mine["retraction"]
    assert [] == await world.differences()


async def test_types_say_whether_and_how_they_are_claimed(world: World, claimed: Client) -> None:
    """With a hint for the claimant."""
    asked = await claimed.ask("{ programme { activityTypes { key claim { hint link within } } } }")
    found = {each["key"]: each["claim"] for each in asked["programme"]["activityTypes"]}
    assert {
        "post.shared": None,
        "article.published": None,
        "talk.given": {"hint": "Link to the recording", "link": "OPTIONAL", "within": "P90D"},
        "colleague.mentored": {"hint": None, "link": "OPTIONAL", "within": None},
    } == found


async def test_a_cursor_beyond_all_claims_is_at_their_end(world: World, claimed: Client) -> None:
    """Whoever made it up: nothing is behind it."""
    adas = await key_of(world, "ada")
    await make(claimed, adas)
    assert [] == nodes((await claimed.ask(LISTED, Scope.MANAGE, after=CLAIMS.write((2**62,))))["claims"])
