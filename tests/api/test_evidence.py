"""What badges rest on, over GraphQL: activities that count, and badges that they require."""

from api.access import Scope
from tests.api.conftest import Client, Json, later, nodes
from tests.api.recognition import PROGRAMME, published, shared
from tests.api.test_badges import held, missing
from tests.world import WHY, World

RESTS = """{ member(externalId: "ada") { badges { edges { node { badge { key } evidence {
  value activities { edges { node { externalId } } }
  badges { badge { key } level awardedAt evidence { badges { badge { key } } } } } } } }
  points ledger { edges { node { points badge { key } reason } } } } }"""

FELL = """{ events { edges { node { kind reason award { badge { key } evidence { badges { badge { key } } } } } } } }"""


async def test_a_badge_that_came_with_others_tells_which(world: World, recognised: Client) -> None:
    """Their keys, levels and times, which rest on others in turn; no activity counted for it."""
    await world.record(shared(1), shared(2, at="2026-11-13T09:00:00Z"), published(3, at="2026-11-14T09:00:00Z"))
    found = {
        node["badge"]["key"]: node["evidence"] for node in nodes((await recognised.ask(RESTS))["member"]["badges"])
    }
    assert {
        "value": 1,
        "activities": {"edges": []},
        "badges": [
            {
                "badge": {"key": "prolific"},
                "level": 1,
                "awardedAt": "2026-11-13T09:00:00+00:00",
                "evidence": {"badges": [{"badge": {"key": "newcomer"}}]},
            },
            {
                "badge": {"key": "secret"},
                "level": 1,
                "awardedAt": "2026-11-14T09:00:00+00:00",
                "evidence": {"badges": []},
            },
        ],
    } == found["veteran"]
    assert ["newcomer"] == [each["badge"]["key"] for each in found["prolific"]["badges"]]
    assert [] == found["newcomer"]["badges"]


async def test_a_badge_tells_the_level_that_holds_what_it_requires(world: World, recognised: Client) -> None:
    """The highest that was reached before it; what was taken since is told too, for it still rests on that."""
    await world.record(*(shared(number, at=f"2026-11-{number + 10}T09:00:00Z") for number in range(4)))
    await world.record(published(5, at="2026-11-16T09:00:00Z"))
    assert ["prolific 2", "secret 1"] == await required_of_veteran(recognised)
    await world.take("ada", "prolific", level=2)
    await world.take("ada", "secret")
    assert ["prolific 1", "secret 1"] == await required_of_veteran(recognised)


async def required_of_veteran(client: Client) -> list[str]:
    found = {each["badge"]["key"]: each["evidence"] for each in await rests(client)}
    return [f"{each['badge']['key']} {each['level']}" for each in found["veteran"]["badges"]]


async def rests(client: Client) -> list[Json]:
    return nodes((await client.ask(RESTS))["member"]["badges"])


async def test_a_badge_that_came_with_a_gift_tells_of_it(world: World, recognised: Client) -> None:
    """Nobody gave it by hand, and no activity earned it: it rests on the badge that was given."""
    await world.record(shared(1), shared(2, at="2026-11-13T09:00:00Z"))
    await world.give("ada", "secret")
    found = {each["badge"]["key"]: each["evidence"] for each in await rests(recognised)}
    assert ["prolific", "secret"] == [each["badge"]["key"] for each in found["veteran"]["badges"]]
    assert found["secret"] is None


async def test_a_badge_that_fell_with_another_says_why(world: World, recognised: Client) -> None:
    """Its progress, its event and the entry that took its points back name the badge that it lost."""
    await world.apply(PROGRAMME.replace("title: Veteran", "title: Veteran\n    points: 40"))
    await world.record(shared(1), shared(2, at="2026-11-13T09:00:00Z"), published(3, at="2026-11-14T09:00:00Z"))
    await world.retract(2)
    why = "Prolific sharer, which it requires, was revoked, because an activity that it rests on was retracted: "
    why += WHY
    assert f"it was taken back: {why}; you need Prolific sharer first" == await missing(recognised, "veteran")
    found = (await recognised.ask(RESTS))["member"]
    assert {"points": -40, "badge": {"key": "veteran"}, "reason": why} in nodes(found["ledger"])
    later(world, days=1)
    events = [node for node in nodes((await recognised.ask(FELL, Scope.MANAGE))["events"]) if node["reason"] == why]
    assert ["badge revoked"] == [node["kind"].replace("_", " ").lower() for node in events]
    assert {
        "badge": {"key": "veteran"},
        "evidence": {"badges": [{"badge": {"key": "prolific"}}, {"badge": {"key": "secret"}}]},
    } == events[0]["award"]
    await world.record(shared(4, at="2026-11-15T09:00:00Z"))
    assert await missing(recognised, "veteran") is None


async def test_what_was_retracted_is_no_evidence(world: World, recognised: Client) -> None:
    """The award stands by what was done later; the activity that is gone is not shown for it."""
    await world.record(*(shared(number, at=f"2026-11-1{number}T09:00:00Z") for number in range(3)))
    await world.retract(1)
    prolific, newcomer = await held(recognised)
    assert (("prolific", 1), ("newcomer", 1)) == tuple(
        (each["badge"]["key"], each["level"]) for each in (prolific, newcomer)
    )
    assert ["0"] == [node["externalId"] for node in nodes(prolific["evidence"]["activities"])]
    assert ["0"] == [node["externalId"] for node in nodes(newcomer["evidence"]["activities"])]
    assert 2 == prolific["evidence"]["value"]


async def test_evidence_by_page_passes_over_what_does_not_count(world: World, recognised: Client) -> None:
    """However many activities lie between those that count, pages are full and join to the whole."""
    await world.record(
        *(shared(number, network="linkedin" if number % 50 == 0 else "x", reach=0) for number in range(451)),
    )
    query = """query Pages($after: String) { member(externalId: "ada") { badges(first: 1) { edges { node {
      badge { key } evidence { activities(first: 3, after: $after) { edges { node { externalId } }
      pageInfo { endCursor hasNextPage } } } } } } } }"""
    found: list[str] = []
    info: Json = {"endCursor": None, "hasNextPage": True}
    while info["hasNextPage"]:
        (award,) = nodes((await recognised.ask(query, after=info["endCursor"]))["member"]["badges"])
        assert "prolific" == award["badge"]["key"]
        found += [node["externalId"] for node in nodes(award["evidence"]["activities"])]
        info = award["evidence"]["activities"]["pageInfo"]
    assert ["150", "100", "50", "0"] == found
