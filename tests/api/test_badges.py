"""Badges over GraphQL: what there are, what a member holds and why, and what is missing."""

from typing import Any

from api.access import Scope
from operations.adjust import Author
from operations.enrol import Profile
from operations.give import give_badge, take_badge
from tests.api.conftest import Client, Json, later, nodes
from tests.api.recognition import PROGRAMME, published, shared
from tests.api.test_member import counting
from tests.world import World

BADGES = """{ programme { badges { key title text earned levels { level at title points } every repeat on requires
  audience hidden first expiresAfterDays kept colour validFrom validTo version icon iconPath } } }"""

HELD = """query Held($id: String!, $first: Int, $after: String) { member(externalId: $id) {
  badges(first: $first, after: $after) { edges { node { badge { key } level title points awardedAt expiresAt expired
    givenBy reason seq evidence { value firstDay lastDay activities { edges { node { externalId } } } } } }
    pageInfo { hasNextPage endCursor } } } }"""

PROGRESS = """query Progress($id: String!, $badge: String!) { member(externalId: $id) { badge(key: $badge) {
  badge { key } award { level } level value nextLevel { level at title } missing } } }"""

NEXT = """query Next($id: String!, $first: Int!) { member(externalId: $id) {
  nextBadges(first: $first) { badge { key } value missing } } }"""


async def badges(client: Client, key: Scope = Scope.READ) -> dict[str, Json]:
    found = (await client.ask(BADGES, key))["programme"]["badges"]
    return {badge["key"]: badge for badge in found}


async def held(client: Client, member: str = "ada") -> list[Json]:
    return nodes((await client.ask(HELD, id=member))["member"]["badges"])


async def progress(client: Client, key: str, member: str = "ada", scope: Scope = Scope.READ) -> Json | None:
    found: Json | None = (await client.ask(PROGRESS, scope, id=member, badge=key))["member"]["badge"]
    return found


async def missing(client: Client, key: str, member: str = "ada") -> str | None:
    found = await progress(client, key, member)
    assert found is not None
    words: str | None = found["missing"]
    return words


async def test_how_each_badge_is_earned_in_words(recognised: Client) -> None:
    """A sentence tells what is counted, how often, over which time, and for whom."""
    found = await badges(recognised)
    assert {
        "newcomer": "Shared a post once",
        "prolific": "Shared a post 2 or 4 times in a half-year, with network linkedin; after Newcomer",
        "regular": "Shared a post or published an article in 2 or 4 weeks in a row (1 missed is forgiven)",
        "networker": "Shared a post: 3 different networks within 30 days",
        "star": "Shared a post, reach adding up to 1,000, again at 2,000, 3,000 and so on",
        "parisian": "Shared a post once; for members whose location is Paris",
        "pioneer": "Published an article once; only for the first member",
        "veteran": "By holding Prolific sharer and a hidden badge",
        "guest": "Given by hand; it lasts 365 days",
    } == {key: badge["earned"] for key, badge in found.items()}


async def test_a_badge_as_its_file_has_it(recognised: Client) -> None:
    """Its levels with their titles and points, what it requires, and what it looks like."""
    prolific = (await badges(recognised))["prolific"]
    assert isinstance(prolific.pop("version"), int)
    assert prolific.pop("icon").startswith("<svg ")
    assert {
        "key": "prolific",
        "title": "Prolific sharer",
        "text": None,
        "earned": "Shared a post 2 or 4 times in a half-year, with network linkedin; after Newcomer",
        "levels": [
            {"level": 1, "at": 2, "title": "Bronze", "points": 10},
            {"level": 2, "at": 4, "title": "Silver", "points": 20},
        ],
        "every": False,
        "repeat": False,
        "on": ["post.shared"],
        "requires": ["newcomer"],
        "audience": None,
        "hidden": False,
        "first": None,
        "expiresAfterDays": None,
        "kept": False,
        "colour": None,
        "validFrom": None,
        "validTo": None,
        "iconPath": "/badges/prolific/1.svg",
    } == prolific


async def test_a_hidden_badge_is_shown_to_managers_alone_until_a_member_has_it(
    world: World, recognised: Client
) -> None:
    """Neither among the programme's badges nor by its key nor as a requirement; who has it sees it."""
    assert "secret" not in await badges(recognised)
    assert ["prolific"] == (await badges(recognised))["veteran"]["requires"]
    managed = await badges(recognised, Scope.MANAGE)
    assert ["prolific", "secret"] == managed["veteran"]["requires"]
    assert "By holding Prolific sharer and Secret" == managed["veteran"]["earned"]
    assert await progress(recognised, "secret") is None
    assert await progress(recognised, "secret", scope=Scope.MANAGE) is not None
    query = "{ programme { badges { key id } } }"
    (identifier,) = [
        badge["id"]
        for badge in (await recognised.ask(query, Scope.MANAGE))["programme"]["badges"]
        if badge["key"] == "secret"
    ]
    node = "query Node($id: ID!) { node(id: $id) { ... on Badge { key } } }"
    assert {"node": None} == await recognised.ask(node, id=identifier)
    assert {"node": {"key": "secret"}} == await recognised.ask(node, Scope.MANAGE, id=identifier)
    await world.record(published(1))
    assert {"node": {"key": "secret"}} == await recognised.ask(node, id=identifier)
    shown = await progress(recognised, "secret")
    assert shown is not None
    assert 1 == shown["level"]
    assert await progress(recognised, "secret", "bob") is None


async def test_the_badges_that_a_member_holds_and_what_they_rest_on(world: World, recognised: Client) -> None:
    """Each level with its points, the value that reached it, the days that counted and the activities that did."""
    await world.record(
        shared(1, at="2026-11-09T09:00:00Z"),
        shared(2, at="2026-11-10T09:00:00Z", network="x"),
        shared(3, at="2026-11-11T09:00:00Z"),
    )
    prolific, newcomer = await held(recognised)
    assert isinstance(prolific.pop("seq"), int)
    assert {
        "badge": {"key": "prolific"},
        "level": 1,
        "title": "Bronze",
        "points": 10,
        "awardedAt": "2026-11-11T09:00:00+00:00",
        "expiresAt": None,
        "expired": False,
        "givenBy": None,
        "reason": None,
        "evidence": {
            "value": 2,
            "firstDay": "2026-07-01",
            "lastDay": "2026-12-31",
            "activities": {"edges": [{"node": {"externalId": "3"}}, {"node": {"externalId": "1"}}]},
        },
    } == prolific
    assert ("newcomer", "Newcomer", 5) == (newcomer["badge"]["key"], newcomer["title"], newcomer["points"])
    assert {"value": 1, "firstDay": None, "lastDay": None} == {
        name: newcomer["evidence"][name] for name in ("value", "firstDay", "lastDay")
    }
    assert ["1"] == [node["externalId"] for node in nodes(newcomer["evidence"]["activities"])]


async def test_what_is_missing_in_words(world: World, recognised: Client) -> None:
    """The value in the window that is open, the next level, and what it takes."""
    await world.record(shared(1, reach=300), shared(2, network="x", at="2026-11-20T10:00:00Z"))
    assert {
        "badge": {"key": "prolific"},
        "award": None,
        "level": 0,
        "value": 1,
        "nextLevel": {"level": 1, "at": 2, "title": "Bronze"},
        "missing": "1 of 2 posts that count by 31 December 2026; one more to go",
    } == await progress(recognised, "prolific")
    assert {
        "newcomer": None,
        "regular": "2 of 4 weeks in a row; 2 more to go",
        "networker": "2 of 3 networks within 30 days; one more to go",
        "star": "300 of 1,000 in reach; 700 more to go",
        "parisian": "it is for members whose location is Paris",
        "pioneer": "one article",
        "veteran": "you need Prolific sharer and a hidden badge first",
        "guest": "it is given by hand",
    } == {
        key: await missing(recognised, key)
        for key in ("newcomer", "regular", "networker", "star", "parisian", "pioneer", "veteran", "guest")
    }
    assert "you need Newcomer first" == await missing(recognised, "prolific", "bob")
    assert await progress(recognised, "nothing") is None
    regular = await progress(recognised, "regular")
    assert regular is not None
    assert (1, 2, {"level": 1}, {"level": 2, "at": 4, "title": None}) == (
        regular["level"],
        regular["value"],
        regular["award"],
        regular["nextLevel"],
    )


async def test_what_nobody_can_reach_any_more_says_so(world: World, recognised: Client) -> None:
    """All places are taken, or its time is over."""
    await world.record(published(1))
    assert "the only one is taken" == await missing(recognised, "pioneer", "bob")
    assert await missing(recognised, "pioneer") is None
    await world.apply(PROGRAMME.replace("    every: 1000\n", "    every: 1000\n    to: 2026-11-01\n"))
    assert "it ended on 2 November 2026" == await missing(recognised, "star")


async def test_the_badges_a_member_is_closest_to(world: World, recognised: Client) -> None:
    """The closest first; what is not for them, over, hidden or given by hand is not named."""
    await world.record(shared(1, reach=900))
    found = nodes_of(await recognised.ask(NEXT, id="ada", first=10))
    assert ["star", "prolific", "regular", "networker", "pioneer"] == found
    assert ["star", "prolific"] == nodes_of(await recognised.ask(NEXT, id="ada", first=2))
    assert "prolific" == nodes_of(await recognised.ask(NEXT, id="bob", first=10))[-1]
    await world.enrol(Profile("bob", location="Paris"))
    assert "parisian" in nodes_of(await recognised.ask(NEXT, id="bob", first=10))
    assert ("BAD_INPUT", "first is 101; it can be 0 to 100") == await recognised.refusal(NEXT, id="ada", first=101)


def nodes_of(answer: Json) -> list[str]:
    return [found["badge"]["key"] for found in answer["member"]["nextBadges"]]


async def test_a_badge_given_by_hand_says_who_and_why(world: World, recognised: Client) -> None:
    """It rests on nothing but their word, and expires; taken back, it says that too."""
    async with world.store.writing() as work:
        told: Any = {"author": Author("Grace"), "now": world.now}
        await give_badge(work, world.revisions, "ada", "guest", reason="spoke for us", **told)
    (award,) = await held(recognised)
    assert ("guest", "Grace", "spoke for us", None, "2027-11-21T12:00:00+00:00", False) == (
        award["badge"]["key"],
        award["givenBy"],
        award["reason"],
        award["evidence"],
        award["expiresAt"],
        award["expired"],
    )
    later(world, days=365)
    assert [True] == [award["expired"] for award in await held(recognised)]
    async with world.store.writing() as work:
        told = {"author": Author("Grace"), "now": world.now}
        await take_badge(work, world.revisions, "ada", "guest", reason="it was another Ada", **told)
    assert [] == await held(recognised)
    assert "it was taken back: it was another Ada" == await missing(recognised, "guest")


async def test_an_award_keeps_the_badge_as_it_was(world: World, recognised: Client) -> None:
    """After it was changed or retired it is told by its own words, with its icon, and what it rested on."""
    await world.record(shared(1))
    start, end = PROGRAMME.index("  newcomer:"), PROGRAMME.index("  prolific:")
    await world.apply((PROGRAMME[:start] + PROGRAMME[end:]).replace("    requires: [newcomer]\n", ""))
    (award,) = await held(recognised)
    assert "newcomer" == award["badge"]["key"]
    assert ["1"] == [node["externalId"] for node in nodes(award["evidence"]["activities"])]
    assert 200 == (await recognised.http.get("/badges/newcomer/1.svg")).status_code


async def test_badges_take_the_same_number_of_queries_however_many_there_are(world: World, recognised: Client) -> None:
    """Awards, what they rest on, their activities and verdicts are read for a page at once."""
    await world.record(*(shared(number, reach=1000, at=f"2026-11-{number + 1:02}T09:00:00Z") for number in range(9)))
    query = """query Page($n: Int!) { member(externalId: "ada") {
      badges(first: $n) { edges { node { badge { earned } evidence { badges { level } activities { edges { node {
        contributors { name } verdicts { sentence values { name } } } } } } } } }
      nextBadges(first: $n) { award { evidence { value } } missing } } }"""
    await recognised.ask(query, n=15)  # what is kept by the process is kept now
    counts = []
    for n in (8, 15):
        with counting(recognised.app.state.service.store) as statements:
            await recognised.ask(query, n=n)
        counts.append(len(statements))
    assert counts[0] == counts[1]
