"""A member's prizes over GraphQL: what podiums came to for them in each closed period, or why nothing."""

from typing import Any

import pytest

from api.access import Scope, create_key
from operations.close import close_due
from operations.disqualify import Competitor
from operations.pay import paying
from rewards.payout import Verb
from tests.api.conftest import Client, Json
from tests.operations.prizes import moving, numbers, winner
from tests.operations.test_close import CLOSING, OCTOBER, at
from tests.world import WHY, World, shared

PODIUM = """
podiums:
  best:
    title: Best of the month
    board: effort
    places: 1
    prize: Conference
    pause: 1
"""

PRIZES = """query Prizes($member: String!, $podium: String, $period: String, $first: Int, $after: String) {
  member(externalId: $member) { prizes(podium: $podium, period: $period, first: $first, after: $after) {
    edges { node { podium { key } period { key } givenAt sentence rank position score passedOver
      disqualification { author reason } latePoints payout { number state events { to } } } }
    pageInfo { hasNextPage endCursor } } } }"""


@pytest.fixture
async def autumn(world: World, empty_client: Client) -> Client:
    """Two months of four members are final: in October one is disqualified, in November the winner declines."""
    world.now = at(2026, 10, 15)
    await world.apply(CLOSING + PODIUM)
    await world.hire("Ada", "Ben", "Cy", "Dee")
    for number, name in enumerate(["ada"] * 3 + ["ben"] * 2 + ["cy"]):
        await world.record(shared(number, name, at=f"2026-10-{5 + number:02}T09:30:00Z"))
    world.now = at(2026, 11, 3, 0, 1)
    await world.close()
    await world.disqualify("effort", OCTOBER, Competitor("ada"))
    await world.record(shared(20, "cy", at="2026-10-31T09:30:00Z"))
    for number, name in enumerate(["ada", "ada", "ben", "ben", "ben", "cy"]):
        await world.record(shared(30 + number, name, at=f"2026-11-01T{9 + number:02}:30:00Z"))
    world.now = at(2026, 11, 10, 0, 2)
    await closed(world)
    world.now = at(2026, 12, 3, 0, 1)
    await closed(world)
    world.now = at(2026, 12, 10, 0, 2)
    await closed(world)
    ada = await winner(world, "ada")
    await moving(world, (await numbers(world))["ada"], Verb.DECLINE, author=ada, reason="no time")
    return empty_client


async def closed(world: World) -> None:
    await close_due(world.store, world.revisions, now=world.now, pay=paying(world.revisions, world.now))


async def prizes(client: Client, member: str, key: str | Scope = Scope.MANAGE, **page: Any) -> list[Json]:
    found = (await client.ask(PRIZES, key, member=member, **page))["member"]["prizes"]
    return [edge["node"] for edge in found["edges"]]


async def test_a_member_is_told_why_they_won_what_they_did(world: World, autumn: Client) -> None:
    """Disqualified, passed over, won and declined, next in line, behind the last: each with its values."""
    november, october = await prizes(autumn, "ada")
    assert ("2026-11", "won Conference: place 1; it was declined (no time)") == (
        november["period"]["key"],
        november["sentence"],
    )
    assert (2, "DECLINED") == (november["position"], november["payout"]["state"])
    assert (f"disqualified: {WHY}", None, None) == (october["sentence"], october["rank"], october["payout"])
    assert WHY == october["disqualification"]["reason"]
    november, october = await prizes(autumn, "ben")
    assert "won Conference: place 1; it awaits approval" == october["sentence"]
    assert (1, 24) == (october["rank"], october["score"])
    assert "passed over: stood at position 1 with 36 points, and won in the period before" == november["sentence"]
    assert "PAUSED" == november["passedOver"]
    november, october = await prizes(autumn, "cy")
    assert november["sentence"].startswith("won Conference: next in line for place 1: the prize of payout ")
    nothing = "won nothing: stood at position 2 with 12 points; the last prize went to position 1, with 24"
    assert f"{nothing}; 12 more points came too late to count" == october["sentence"]
    assert 12 == october["latePoints"]
    assert ["not on the board: nothing of theirs counted, or they do not take part"] * 2 == [
        each["sentence"] for each in await prizes(autumn, "dee")
    ]


async def test_a_member_is_told_what_of_theirs_came_or_was_taken_back_too_late(world: World, autumn: Client) -> None:
    """Each in its own words, and never as points below 0."""
    for number in (3, 4):
        await world.retract(number)
    await world.adjust("cy", -2, rule="share", at=at(2026, 10, 9))
    _, october = await prizes(autumn, "ben")
    assert october["sentence"].endswith("it awaits approval; 24 points were taken back too late to change the result")
    assert (24, -24) == (october["score"], october["latePoints"])
    _, october = await prizes(autumn, "cy")
    came, taken = "12 more points came too late to count", "2 points were taken back too late to change the result"
    assert october["sentence"].endswith(f", with 24; {came}; {taken}")
    assert 10 == october["latePoints"]


async def test_who_lost_on_a_tie_is_told_that_the_other_was_earlier(world: World, empty_client: Client) -> None:
    """The score alone would not say why."""
    world.now = at(2026, 10, 15)
    await world.apply(CLOSING + PODIUM + "    ties: earliest\n")
    await world.hire("Ada", "Ben")
    await world.record(shared(1, "ben", at="2026-10-05T09:30:00Z"), shared(2, "ada", at="2026-10-06T09:30:00Z"))
    for day in (3, 10):
        world.now = at(2026, 11, day, 0, 2)
        await closed(world)
    (october,) = await prizes(empty_client, "ada")
    nothing = "won nothing: stood at position 2 with 12 points; the last prize went to position 1, with 12"
    assert f"{nothing}, reached earlier" == october["sentence"]


async def test_prizes_come_a_page_at_a_time_the_latest_first(autumn: Client) -> None:
    """From the last cursor on."""
    page = (await autumn.ask(PRIZES, Scope.MANAGE, member="ben", first=1))["member"]["prizes"]
    assert page["pageInfo"]["hasNextPage"]
    (rest,) = await prizes(autumn, "ben", after=page["pageInfo"]["endCursor"])
    assert ["2026-11", "2026-10"] == [page["edges"][0]["node"]["period"]["key"], rest["period"]["key"]]


RUNNERS_UP = """  second:
    title: Also good
    board: effort
    prize: Dinner
"""


async def test_prizes_of_one_podium_and_period_are_found_among_the_others(world: World, autumn: Client) -> None:
    """By their keys, a podium also once it is retired, a period by a date in it too; a page at a time."""

    async def found(**narrowed: Any) -> list[tuple[str, str]]:
        told = await prizes(autumn, "cy", **narrowed)
        return [(each["podium"]["key"], each["period"]["key"]) for each in told]

    await world.apply(CLOSING + PODIUM + RUNNERS_UP)
    for day in (4, 12):
        world.now = at(2027, 1, day)
        await closed(world)
    december = [("second", "2026-12"), ("best", "2026-12")]
    best = [("best", "2026-12"), ("best", "2026-11"), ("best", "2026-10")]
    assert [*december, *best[1:]] == await found()
    assert best == await found(podium="best")
    page = (await autumn.ask(PRIZES, Scope.MANAGE, member="cy", podium="best", first=2))["member"]["prizes"]
    assert best[2:] == await found(podium="best", after=page["pageInfo"]["endCursor"])
    assert best[1:2] == await found(podium="best", period="2026-11") == await found(podium="best", period="2026-11-30")
    assert [] == await found(podium="second", period="2026-11")
    await world.apply(CLOSING + PODIUM)
    assert december[:1] == await found(podium="second")


UNKNOWN: list[tuple[Json, str]] = [
    ({"podium": "bst"}, "the programme has no podium 'bst'; did you mean best?"),
    ({"period": "2026-11"}, "a period is one of a podium: name the podium too"),
    ({"podium": "best", "period": "2026-H1"}, "'2026-H1' is no month period"),
]


@pytest.mark.parametrize(("given", "words"), UNKNOWN)
async def test_a_podium_or_period_that_there_is_not_is_refused(autumn: Client, given: Json, words: str) -> None:
    """An empty list would say that they were never near a prize."""
    assert words in (await autumn.refusal(PRIZES, Scope.MANAGE, member="ada", **given))[1]


async def test_prizes_are_their_own(world: World, autumn: Client) -> None:
    """A key that acts for a member sees theirs, one that only reads, or acts for another, none."""
    async with world.store.writing() as work:
        mine = await create_key(work, "ben's key", [Scope.READ], world.now, member="ben")
    assert 2 == len(await prizes(autumn, "ben", mine))
    for key, member in ((mine, "ada"), (Scope.READ, "ben")):
        code, message = await autumn.refusal(PRIZES, key, member=member)
        assert ("FORBIDDEN", True) == (code, "or one that acts for the member" in message)


async def test_who_was_let_in_again_is_not_disqualified(world: World, autumn: Client) -> None:
    """Only what stands in the end is told."""
    world.now = at(2027, 1, 3, 0, 1)
    await world.record(shared(50, "dee", at="2026-12-20T09:30:00Z"))
    world.now = at(2027, 1, 4)
    await closed(world)
    await world.disqualify("effort", "2026-12", Competitor("dee"))
    await world.reinstate("effort", "2026-12", Competitor("dee"))
    world.now = at(2027, 1, 12)
    await closed(world)
    december = (await prizes(autumn, "dee"))[0]
    assert (None, "won Conference: place 1; it awaits approval") == (december["disqualification"], december["sentence"])
