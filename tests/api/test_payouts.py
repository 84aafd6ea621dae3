"""Payouts over GraphQL: who sees them, who moves them, and who is told what."""

from typing import Any

import pytest

from api.access import Scope, create_key
from operations.enrol import Profile
from tests.api.conftest import Client, Json, nodes
from tests.operations.prizes import PEOPLE, decided, month, numbers, paid, with_podium
from tests.world import World

ERRORS = "errors { __typename code message ... on InputRefused { field } }"
MOVED = f"""payout {{ number state possible claimableUntil events {{ from to author reason }} }}
  passedOn {{ number }} {ERRORS}"""


def verb(name: str) -> str:
    kind = "EndPayoutInput" if name in ("decline", "revoke") else "MovePayoutInput"
    return f"mutation Move($input: {kind}!) {{ {name}Payout(input: $input) {{ {MOVED} }} }}"


LISTED = """query Payouts($podium: String, $period: String, $member: String, $state: PayoutState,
$first: Int, $after: String)
{ payouts(podium: $podium, period: $period, member: $member, state: $state, first: $first, after: $after) {
  edges { node { number place position state nextInLine amount member { externalId } prize { title amount currency }
  podium { key } period { key } possible } } pageInfo { hasNextPage endCursor } } }"""

WINNERS = """query Winners($period: String) { winners(podium: "best", period: $period) {
  place member { externalId } reason prize { title } } }"""

GIVING = """query Giving($period: String!) { prizeGiving(podium: "best", period: $period) {
  podium { key places ties } period { key } givenAt payouts { place member { externalId } nextInLine }
  passedOver { position member { externalId } why reason } empty { place reason } } }"""


@pytest.fixture
async def prized(world: World, empty_client: Client) -> Client:
    """The application with a podium, and six members."""
    await world.apply(with_podium())
    await world.hire(*PEOPLE)
    return empty_client


async def key_of(world: World, member: str, scope: Scope = Scope.READ) -> str:
    async with world.store.writing() as work:
        return await create_key(work, f"{member}'s key", [scope], world.now, member=member)


async def change(client: Client, name: str, number: int, key: str | Scope = Scope.MANAGE, **given: Any) -> Json:
    (payload,) = (await client.ask(verb(name), key, input={"number": number} | given)).values()
    found: Json = payload
    return found


async def test_a_prize_goes_to_its_winner(world: World, prized: Client) -> None:
    """A manager approves it, the winner claims it with a key of their own, a manager delivers it."""
    await month(world, "2026-11", ada=9, ben=8)
    number, adas = (await numbers(world))["ada"], await key_of(world, "ada")
    approved = await change(prized, "approve", number, reason="well done")
    assert {
        "number": number,
        "state": "GRANTED",
        "possible": ["REVOKE"],
        "claimableUntil": "2027-02-19T12:00:00+00:00",
        "events": [
            {"from": None, "to": "AWAITING_APPROVAL", "author": None, "reason": "place 1"},
            {"from": "AWAITING_APPROVAL", "to": "GRANTED", "author": "for manage", "reason": "well done"},
        ],
    } == approved["payout"]
    (mine,) = nodes((await prized.ask(LISTED, adas))["payouts"])
    assert ["CLAIM", "DECLINE"] == mine["possible"]
    claimed = await change(prized, "claim", number, adas)
    assert ("CLAIMED", []) == (claimed["payout"]["state"], claimed["errors"])
    delivered = await change(prized, "deliver", number)
    assert ("DELIVERED", []) == (delivered["payout"]["state"], delivered["payout"]["possible"])


async def test_nobody_moves_their_own_but_to_claim_and_decline(world: World, prized: Client) -> None:
    """Whatever their key may do; and nobody claims for another."""
    await month(world, "2026-11", ada=9, ben=8)
    number, adas = (await numbers(world))["ada"], await key_of(world, "ada", Scope.MANAGE)
    refused = await change(prized, "approve", number, adas)
    assert ("nobody approves a prize of their own; ask another manager", None) == (
        refused["errors"][0]["message"],
        refused["payout"],
    )
    assert "BAD_INPUT" == refused["errors"][0]["code"]
    bens = await key_of(world, "ben")
    for name, given in (("claim", {}), ("decline", {"reason": "x"})):
        (error,) = (await change(prized, name, number, bens, **given))["errors"]
        assert "by its winner alone; use a key that acts for them" in error["message"]
    code, message = await prized.refusal(verb("approve"), bens, input={"number": number})
    assert ("FORBIDDEN", True) == (code, "needs a key with the scope manage" in message)


async def test_who_declines_is_not_told_who_comes_next(world: World, prized: Client) -> None:
    """A manager is; and sees that it came to them as the next in line."""
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6, eve=5)
    found = await numbers(world)
    declined = await change(prized, "decline", found["ada"], await key_of(world, "ada"), reason="no time")
    assert ("DECLINED", None) == (declined["payout"]["state"], declined["passedOn"])
    revoked = await change(prized, "revoke", found["ben"], reason="found out")
    next_up = await numbers(world)
    assert {"number": next_up["eve"]} == revoked["passedOn"]
    listed = nodes((await prized.ask(LISTED, Scope.MANAGE, state="AWAITING_APPROVAL"))["payouts"])
    assert [("eve", 2, 5, True), ("dee", 1, 4, True), ("cy", 3, 3, False)] == [
        (each["member"]["externalId"], each["place"], each["position"], each["nextInLine"]) for each in listed
    ]


REFUSED = [
    ("approve", {"number": 99}, "number", "there is no payout 99; take the number of one that is listed"),
    ("decline", {"number": 1, "reason": " "}, "reason", "reason is missing"),
    ("approve", {"number": 1, "reason": "x" * 501}, "reason", "reason has 501 characters; at most 500 are allowed"),
]


@pytest.mark.parametrize(("name", "given", "field", "words"), REFUSED)
async def test_what_cannot_be_used_is_refused_in_words(
    world: World, prized: Client, name: str, given: Json, field: str, words: str
) -> None:
    """With the part of the input that is wrong; nothing is done."""
    await month(world, "2026-11", ada=9)
    (payload,) = (await prized.ask(verb(name), Scope.MANAGE, input=given)).values()
    (error,) = payload["errors"]
    assert ("InputRefused", field) == (error["__typename"], error["field"])
    assert words in error["message"]
    assert payload["payout"] is None


async def test_payouts_are_listed(world: World, prized: Client) -> None:
    """The latest first, a page at a time; of a podium, a period, a member, a state."""
    await month(world, "2026-11", ada=9, ben=8, cy=7)
    await month(world, "2026-12", ada=9, dee=8)

    async def listed(**narrowed: Any) -> list[tuple[str, str, str]]:
        found = nodes((await prized.ask(LISTED, Scope.MANAGE, **narrowed))["payouts"])
        return [(each["period"]["key"], each["member"]["externalId"], each["prize"]["title"]) for each in found]

    assert [
        ("2026-12", "dee", "Dinner"),
        ("2026-12", "ada", "Conference"),
        ("2026-11", "cy", "Book"),
        ("2026-11", "ben", "Dinner"),
        ("2026-11", "ada", "Conference"),
    ] == await listed()
    assert 3 == len(await listed(podium="best", period="2026-11"))
    assert 2 == len(await listed(podium="best", period="2026-12-24"))
    assert [("2026-12", "ada", "Conference"), ("2026-11", "ada", "Conference")] == await listed(member="ada")
    assert [] == await listed(state="GRANTED")
    first = (await prized.ask(LISTED, Scope.MANAGE, first=2))["payouts"]
    assert first["pageInfo"]["hasNextPage"]
    assert ("2026-11", "cy", "Book") == (await listed(first=2, after=first["pageInfo"]["endCursor"]))[0]


UNKNOWN: list[tuple[Json, str]] = [
    ({"podium": "bst"}, "the programme has no podium 'bst'; did you mean best?"),
    ({"period": "2026-11"}, "a period is one of a podium: name the podium too"),
    ({"podium": "best", "period": "2026-H1"}, "'2026-H1' is no month period"),
    ({"member": "nobody"}, "there is no member with the external id 'nobody'"),
]


@pytest.mark.parametrize(("given", "words"), UNKNOWN)
async def test_a_name_that_nothing_has_is_refused(prized: Client, given: Json, words: str) -> None:
    """Instead of an empty list, which would say that nothing was won."""
    assert words in (await prized.refusal(LISTED, Scope.MANAGE, **given))[1]


async def test_a_member_sees_their_own(world: World, prized: Client) -> None:
    """With a key that acts for them; one that only reads sees none."""
    await month(world, "2026-11", ada=9, ben=8)
    bens = await key_of(world, "ben")
    assert ["ben"] == [each["member"]["externalId"] for each in nodes((await prized.ask(LISTED, bens))["payouts"])]
    assert [] == nodes((await prized.ask(LISTED, bens, member="ada"))["payouts"])
    assert "or one that acts for a member" in (await prized.refusal(LISTED))[1]


async def test_everyone_sees_who_won(world: World, prized: Client) -> None:
    """Once it is granted, while they have it, and by name while they take part; who left has won, and is not named. Of
    the latest period unless said."""
    await month(world, "2026-11", ada=9)
    await month(world, "2026-12", ada=9, ben=9, cy=8)
    assert [] == (await prized.ask(WINNERS))["winners"]
    for number in range(1, 5):
        await change(prized, "approve", number)
    await change(prized, "revoke", 4, reason="a mistake")
    await world.enrol(Profile("ben", participates=False))
    assert [
        {"place": 1, "member": {"externalId": "ada"}, "reason": None, "prize": {"title": "Conference"}},
        {"place": 1, "member": None, "reason": "does not take part any more", "prize": {"title": "Conference"}},
    ] == (await prized.ask(WINNERS))["winners"]
    await world.enrol(Profile("ben", participates=True))
    assert [("ada", None), ("ben", None)] == [
        (each["member"]["externalId"], each["reason"]) for each in (await prized.ask(WINNERS))["winners"]
    ]
    assert ["ada"] == [
        each["member"]["externalId"] for each in (await prized.ask(WINNERS, period="2026-11"))["winners"]
    ]


async def test_what_a_retired_podium_gave_is_told_by_its_last_key(world: World, prized: Client) -> None:
    """Unless one in force has the key, which has given nothing; of other podiums there is nothing to tell."""
    await month(world, "2026-11", ada=9)
    await change(prized, "approve", 1)
    asked = [
        (WINNERS, {}),
        (WINNERS, {"period": "2026-11"}),
        (GIVING, {"period": "2026-11"}),
        (LISTED, {"podium": "best"}),
    ]
    before = [await prized.ask(document, Scope.MANAGE, **given) for document, given in asked]
    await world.apply()
    assert before == [await prized.ask(document, Scope.MANAGE, **given) for document, given in asked]
    assert "has no podium 'worst'" in (await prized.refusal(LISTED, Scope.MANAGE, podium="worst"))[1]
    await world.apply(with_podium().replace("best:", "worst:"))
    await world.apply(with_podium().replace("best:", "best:\n    was: worst"))
    assert [] == (await prized.ask(WINNERS))["winners"]


async def test_a_giving_says_who_was_passed_over_and_what_stayed_empty(world: World, prized: Client) -> None:
    """For those who may manage; null before there was one."""
    assert (await prized.ask(GIVING, Scope.MANAGE, period="2026-11"))["prizeGiving"] is None
    closing = await decided(world, "2026-11", {"ada": 9, "ben": 8})
    await world.enrol(Profile("ada", participates=False))
    await paid(world, closing)
    assert {
        "podium": {"key": "best", "places": 3, "ties": "SHARE"},
        "period": {"key": "2026-11"},
        "givenAt": "2026-11-21T12:00:00+00:00",
        "payouts": [{"place": 1, "member": {"externalId": "ben"}, "nextInLine": False}],
        "passedOver": [
            {"position": 1, "member": {"externalId": "ada"}, "why": "ABSENT", "reason": "does not take part any more"}
        ],
        "empty": [
            {"place": 2, "reason": "nobody else is on the board"},
            {"place": 3, "reason": "nobody else is on the board"},
        ],
    } == (await prized.ask(GIVING, Scope.MANAGE, period="2026-11"))["prizeGiving"]
    assert "FORBIDDEN" == (await prized.refusal(GIVING, period="2026-11"))[0]


async def test_podiums_and_what_they_cost_are_told_before_publishing(world: World, prized: Client) -> None:
    """The programme lists them; a plan says the most that one period can cost."""
    query = (
        "{ programme { podiums { key title board places ties minimum pause claimDays approval prizes { title } } } }"
    )
    assert {
        "key": "best",
        "title": "Best of the month",
        "board": "effort",
        "places": 3,
        "ties": "SHARE",
        "minimum": 1,
        "pause": 0,
        "claimDays": 90,
        "approval": True,
        "prizes": [{"title": "Conference"}, {"title": "Dinner"}, {"title": "Book"}],
    } == (await prized.ask(query))["programme"]["podiums"][0]
    asked = "text costs { podium currency untied most eachMore members mostOfAll text }"
    plan = f"query Plan($file: String!) {{ plan(file: $file) {{ {asked} }} }}"
    told = (await prized.ask(plan, Scope.MANAGE, file=with_podium("places: 3").replace("90", "100")))["plan"]
    text = "podium best: each month costs at most 300 GBP for 3 winners (160 without ties), and up to 100 more for each"
    (cost,) = told["costs"]
    assert cost.pop("text").startswith(text)
    expected = {"podium": "best", "currency": "GBP", "untied": 160, "most": 300, "eachMore": 100}
    assert expected | {"members": 6, "mostOfAll": 600} == cost
    assert text in told["text"]
