"""Badges over GraphQL: what there are, what a member holds and why, and what is missing."""

from typing import Any

from httpx import Response

from api.access import Scope
from operations.adjust import Author
from operations.enrol import Profile
from operations.give import give_badge, take_badge
from tests.api.conftest import Client, Json, later, nodes
from tests.api.recognition import PROGRAMME, published, shared
from tests.api.test_member import counting
from tests.world import WHY, World

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


async def test_icons_are_served_without_a_key(recognised: Client) -> None:
    """As an image that may be kept; asked about again, it is not sent again."""
    answer = await recognised.http.get("/badges/prolific/2.svg")
    assert (200, "image/svg+xml") == (answer.status_code, answer.headers["content-type"].partition(";")[0])
    assert "public, max-age=3600" == answer.headers["cache-control"]
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    query = '{ member(externalId: "ada") { badge(key: "prolific") { badge { icon(level: 2) iconPath(level: 2) } } } }'
    badge = (await recognised.ask(query))["member"]["badge"]["badge"]
    assert {"icon": answer.text, "iconPath": "/badges/prolific/2.svg"} == badge
    again = await recognised.http.get("/badges/prolific/2.svg", headers={"If-None-Match": answer.headers["etag"]})
    assert (304, "") == (again.status_code, again.text)
    assert 200 == (await recognised.http.get("/badges/star/77.svg")).status_code
    assert 200 == (await recognised.http.get("/badges/prolific/0.svg")).status_code


async def test_the_icon_of_a_hidden_badge_is_shown_to_whom_the_badge_is(world: World, recognised: Client) -> None:
    """To managers; to keys that read once somebody has it; never without a key, whatever the badge's level."""
    unknown = await icon(recognised, "nope")
    assert [404, 404, 404, 200] == [
        (await icon(recognised, "secret", key)).status_code for key in (None, Scope.INGEST, Scope.READ, Scope.MANAGE)
    ]
    await world.record(published(1))
    assert [404, 404, 200, 200] == [
        (await icon(recognised, "secret", key)).status_code for key in (None, Scope.INGEST, Scope.READ, Scope.MANAGE)
    ]
    hidden = await icon(recognised, "secret")
    assert unknown.json()["errors"][0]["message"].replace("nope", "secret") == hidden.json()["errors"][0]["message"]
    assert 404 == (await icon(recognised, "secret", "laurels_" + "x" * 43)).status_code
    assert 200 == (await icon(recognised, "prolific", "laurels_" + "x" * 43)).status_code


async def test_only_its_reader_keeps_the_icon_of_a_hidden_badge(world: World, recognised: Client) -> None:
    """Nothing between gives it to somebody else; asked about again, it is not sent again; its absence is not kept."""
    assert "no-store" == (await icon(recognised, "secret")).headers["cache-control"]
    answer = await icon(recognised, "secret", Scope.MANAGE)
    assert ("private, max-age=3600", "Authorization") == (answer.headers["cache-control"], answer.headers["vary"])
    again = await icon(recognised, "secret", Scope.MANAGE, **{"If-None-Match": answer.headers["etag"]})
    assert (304, "private, max-age=3600") == (again.status_code, again.headers["cache-control"])
    assert 404 == (await icon(recognised, "secret", **{"If-None-Match": answer.headers["etag"]})).status_code


async def test_the_icon_of_a_hidden_badge_that_was_retired_stays_hidden(world: World, recognised: Client) -> None:
    """It is shown to the same keys as before."""
    await world.record(published(1))
    start, end = PROGRAMME.index("  secret:"), PROGRAMME.index("zones:")
    await world.apply((PROGRAMME[:start] + PROGRAMME[end:]).replace("[prolific, secret]", "[prolific]"))
    assert [404, 200, 200] == [
        (await icon(recognised, "secret", key)).status_code for key in (None, Scope.READ, Scope.MANAGE)
    ]


async def icon(client: Client, badge: str, key: str | Scope | None = None, **headers: str) -> Response:
    token = client.keys[key] if isinstance(key, Scope) else key
    sent = headers | ({"Authorization": f"Bearer {token}"} if token else {})
    return await client.http.get(f"/badges/{badge}/1.svg", headers=sent)


async def test_an_icon_that_there_is_not_says_why(recognised: Client, empty_client: Client) -> None:
    """404 in words: no such badge, no such level."""
    for path, message in {
        "/badges/prolific/3.svg": "the badge 'prolific' has no level '3'; write 0 to 2",
        "/badges/star/1000001.svg": "the badge 'star' has no level '1000001'; write 0, and then each level from 1",
        "/badges/prolific/one.svg": "the badge 'prolific' has no level 'one'; write 0 to 2",
        "/badges/nope/1.svg": "there is no badge 'nope'; programme { badges { key iconPath } } names all",
        "/badges/a%00b/1.svg": "there is no badge 'a\\x00b'; programme { badges { key iconPath } } names all",
    }.items():
        answer = await recognised.http.get(path)
        assert 404 == answer.status_code
        assert [message] == [error["message"] for error in answer.json()["errors"]]
    query = '{ member(externalId: "ada") { badge(key: "prolific") { badge { icon(level: 3) iconPath(level: -1) } } } }'
    badge = (await recognised.ask(query))["member"]["badge"]["badge"]
    assert {"icon": None, "iconPath": None} == badge


async def test_without_a_programme_there_are_no_icons(empty_client: Client) -> None:
    """An address of a fresh database is unknown like any other."""
    assert 404 == (await empty_client.http.get("/badges/prolific/1.svg")).status_code
