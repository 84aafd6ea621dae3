"""The journey over GraphQL: where members are, what comes next, and who has fallen silent."""

from datetime import timedelta

from activity.tables import member
from api.access import Scope
from operations.enrol import Profile
from operations.retract import retract
from tests.api.conftest import Client, Json, later, nodes
from tests.api.recognition import PROGRAMME, published, shared
from tests.api.test_member import counting
from tests.world import NOW, World

JOURNEY = """query Journey($id: String!) { member(externalId: $id) { journey { zone { key title icon } since text
  next { zone { key } needs { title value atLeast met missing } }
  passedBy { zone { key } needs { missing } } onward dormant dormantSince silentSince } } }"""

COUNTS = "{ journey { zones { zone { key place } members } dormant } }"

DORMANT = """query Dormant($first: Int, $after: String) { dormantMembers(first: $first, after: $after) {
  edges { node { externalId journey { dormantSince zone { key } } } } pageInfo { hasNextPage endCursor } } }"""

EVENTS = """query Events($first: Int, $after: String) { events(first: $first, after: $after) {
  edges { cursor node { kind at seq reason author member { externalId } zone { key }
    award { level badge { key } evidence { value } } } } pageInfo { hasNextPage endCursor } } }"""


async def journey(client: Client, member: str = "ada") -> Json:
    found: Json = (await client.ask(JOURNEY, id=member))["member"]["journey"]
    return found


async def counts(client: Client) -> list[tuple[str, int]]:
    zones = (await client.ask(COUNTS, Scope.MANAGE))["journey"]["zones"]
    return [(each["zone"]["key"], each["members"]) for each in zones]


async def test_everyone_begins_in_the_zone_without_needs(recognised: Client) -> None:
    """Since they joined; what leads to the next zone is told with how far they are."""
    found = await journey(recognised)
    assert found["zone"].pop("icon").startswith("<svg ")
    assert {
        "zone": {"key": "consumer", "title": "Consumer"},
        "since": NOW.isoformat(),
        "text": "Read what others write.",
        "next": {
            "zone": {"key": "sharer"},
            "needs": [
                {
                    "title": "Share three posts in a month",
                    "value": 0,
                    "atLeast": 3,
                    "met": False,
                    "missing": "3 posts in November 2026",
                }
            ],
        },
        "passedBy": [],
        "onward": "Sharer comes next on your journey",
        "dormant": False,
        "dormantSince": None,
        "silentSince": NOW.isoformat(),
    } == found


async def test_a_zone_is_entered_when_its_needs_are_met(world: World, recognised: Client) -> None:
    """Since the activity that it took; zones may be skipped, and the last one entered counts."""
    await world.record(*(shared(number, at=f"2026-11-{number + 10}T09:00:00Z") for number in range(2)))
    (need,) = (await journey(recognised))["next"]["needs"]
    assert (2, "2 of 3 posts in November 2026; one more to go") == (need["value"], need["missing"])
    await world.record(shared(5, at="2026-11-15T09:00:00Z"))
    found = await journey(recognised)
    assert ("sharer", "2026-11-15T09:00:00+00:00") == (found["zone"]["key"], found["since"])
    assert ("Now write something of your own.", "creator") == (found["text"], found["next"]["zone"]["key"])
    assert ["one article"] == [need["missing"] for need in found["next"]["needs"]]
    await world.record(published(9, "bob"))
    found = await journey(recognised, "bob")
    assert ("creator", None) == (found["zone"]["key"], found["next"])
    assert [("consumer", 2), ("sharer", 1), ("creator", 1)] == await counts(recognised)


async def test_something_is_possible_wherever_a_member_stands(world: World, recognised: Client) -> None:
    """At the end of the journey too; a zone that was passed by stays open, with what leads into it."""
    await world.record(published(9, "bob"), shared(1, "bob"))
    found = await journey(recognised, "bob")
    goal = "Creator is where the journey leads, and all that you do goes on counting"
    assert (None, f"{goal}; Sharer is still open to you") == (found["next"], found["onward"])
    missing = "1 of 3 posts in November 2026; 2 more to go"
    assert [{"zone": {"key": "sharer"}, "needs": [{"missing": missing}]}] == found["passedBy"]
    await world.record(shared(2, "bob"), shared(3, "bob"))
    found = await journey(recognised, "bob")
    assert ("creator", None, [], goal) == (found["zone"]["key"], found["next"], found["passedBy"], found["onward"])


async def test_a_need_is_told_in_the_words_of_the_programme(world: World, recognised: Client) -> None:
    """Where it gives some, in place of those that its titles give."""
    noun = "measure: count, window: month, noun: {one: share, many: shares}, at_least: 3"
    await world.apply(PROGRAMME.replace("measure: count, window: month, at_least: 3", noun))
    (need,) = (await journey(recognised))["next"]["needs"]
    assert "3 shares in November 2026" == need["missing"]


async def test_a_programme_without_zones_has_no_journey(client: Client) -> None:
    """There is nothing to be in, nothing next, and nobody is dormant."""
    assert {
        "zone": None,
        "since": None,
        "text": None,
        "next": None,
        "passedBy": [],
        "onward": None,
        "dormant": False,
        "dormantSince": None,
        "silentSince": NOW.isoformat(),
    } == await journey(client)
    assert {"journey": {"zones": [], "dormant": None}} == await client.ask(COUNTS, Scope.MANAGE)
    expected = "the programme does not say after which silence a member is dormant; write dormant: P60D"
    assert ("BAD_INPUT", expected) == await client.refusal(DORMANT, Scope.MANAGE)


async def test_who_is_silent_for_long_is_dormant(world: World, recognised: Client) -> None:
    """From the last activity that still counts, or from when they joined; who does not take part is not."""
    await world.enrol(Profile("dee", participates=False))
    later(world, days=20)
    await world.record(shared(1, "bob", at="2026-12-05T09:00:00Z"), shared(2, "cy", at="2026-12-06T09:00:00Z"))
    later(world, days=10)
    found = await journey(recognised)
    assert (True, "2026-12-21T12:00:00+00:00", NOW.isoformat()) == (
        found["dormant"],
        found["dormantSince"],
        found["silentSince"],
    )
    assert "2026-12-05T09:00:00+00:00" == (await journey(recognised, "bob"))["silentSince"]
    assert not (await journey(recognised, "dee"))["dormant"]
    assert ["ada"] == await dormant(recognised)
    assert 1 == (await recognised.ask(COUNTS, Scope.MANAGE))["journey"]["dormant"]
    async with world.store.writing() as work:
        await retract(work, world.revisions, "test", "2", author="Grace", reason="deleted", now=world.now)
    assert ["ada", "cy"] == sorted(await dormant(recognised))


async def test_dormant_members_by_page(world: World, recognised: Client) -> None:
    """Pages join to the whole, and take as many queries however long they are."""
    await world.hire(*(f"Member{number}" for number in range(9)), team="Red")
    times = {"ada": "08", "bob": "07", "dee": "08"}
    later(world, days=1)
    await world.record(*(shared(name, name, at=f"2026-11-22T{hour}:00:00Z") for name, hour in times.items()))
    later(world, days=31)
    by_key = [row.external_id for row in sorted(await world.rows(member), key=lambda row: row.key)]
    silent = [name for name in by_key if name not in times]
    everyone = [*silent, "bob", *(name for name in by_key if name in {"ada", "dee"})]
    assert (13, everyone) == (len(everyone), await dormant(recognised))
    for page in (1, 5):
        assert await dormant(recognised) == await dormant(recognised, page)
    numbers = []
    for page in (12, 13):  # of both kinds, those who entered a zone and those who stand in the first
        with counting(recognised.app.state.service.store) as statements:
            await recognised.ask(DORMANT, Scope.MANAGE, first=page)
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]


async def test_the_longest_silence_is_first(world: World, recognised: Client) -> None:
    """By the last activity that still counts, else by when they joined."""
    later(world, days=5)
    await world.hire("Eve")
    await world.record(shared(1, "ada", at="2026-11-26T11:00:00Z"), shared(2, "bob", at="2026-11-25T09:00:00Z"))
    await world.record(shared(3, "cy", at="2026-11-26T09:00:00Z"), shared(4, "cy", at="2026-11-24T09:00:00Z"))
    later(world, days=60)
    assert ["dee", "bob", "cy", "ada", "eve"] == await dormant(recognised)
    async with world.store.writing() as work:
        await retract(work, world.revisions, "test", "3", author="Grace", reason="deleted", now=world.now)
    assert ["dee", "cy", "bob", "ada", "eve"] == await dormant(recognised)


async def test_a_page_goes_on_behind_one_who_woke_up(world: World, recognised: Client) -> None:
    """A cursor says how long the silence was, not whose; nobody is passed over."""
    later(world, days=1)
    await world.record(shared(1, "ada", at="2026-11-21T13:00:00Z"), shared(2, "bob", at="2026-11-22T10:00:00Z"))
    later(world, days=60)
    answer = (await recognised.ask(DORMANT, Scope.MANAGE, first=3))["dormantMembers"]
    assert {"cy", "dee"} == {node["externalId"] for node in nodes(answer)[:2]}
    assert "ada" == nodes(answer)[2]["externalId"]
    await world.record(shared(3, "ada", at="2027-01-20T10:00:00Z"))
    cursor = answer["pageInfo"]["endCursor"]
    rest = (await recognised.ask(DORMANT, Scope.MANAGE, after=cursor))["dormantMembers"]
    assert (["bob"], False) == ([node["externalId"] for node in nodes(rest)], rest["pageInfo"]["hasNextPage"])


async def dormant(client: Client, page: int = 100) -> list[str]:
    found: list[str] = []
    info: Json = {"endCursor": None, "hasNextPage": True}
    while info["hasNextPage"]:
        answer = (await client.ask(DORMANT, Scope.MANAGE, first=page, after=info["endCursor"]))["dormantMembers"]
        found += [node["externalId"] for node in nodes(answer)]
        info = answer["pageInfo"]
    return found


async def test_what_happened_in_order(world: World, recognised: Client) -> None:
    """Badges awarded and revoked, zones entered and left: each once, from wherever a tool has come to."""
    await world.record(*(shared(number, at=f"2026-11-1{number}T09:00:00Z") for number in range(3)))
    later(world, minutes=1)
    first = await events(recognised)
    assert [
        ("BADGE_AWARDED", "newcomer"),
        ("BADGE_AWARDED", "prolific"),
        ("ZONE_ENTERED", "sharer"),
    ] == told(first)
    assert first == await events(recognised, 1)
    cursor = first[-1]["cursor"]
    assert [] == await events(recognised, after=cursor)
    async with world.store.writing() as work:
        await retract(work, world.revisions, "test", "0", author="Grace", reason="deleted", now=world.now)
    await world.record(published(9))
    later(world, minutes=1)
    found = await events(recognised, after=cursor)
    assert ("ZONE_LEFT", "sharer") == told(found)[0]
    assert "an activity that it rests on was retracted: deleted" == found[0]["node"]["reason"]
    awarded = [("BADGE_AWARDED", "pioneer"), ("BADGE_AWARDED", "secret"), ("BADGE_AWARDED", "veteran")]
    assert {*awarded, ("ZONE_ENTERED", "creator")} == set(told(found)[1:])
    assert found == await events(recognised, 2, after=cursor)
    await world.enrol(Profile("ada", participates=False))
    assert [] == await events(recognised)


async def test_an_event_is_shown_when_it_is_a_few_seconds_old(world: World, recognised: Client) -> None:
    """What is written side by side may be read in another order; a tool that goes on from a cursor misses nothing."""
    await world.record(shared(1))
    later(world, seconds=9)
    await world.record(published(1, "bob"))
    assert [] == await events(recognised)
    world.now += timedelta(seconds=1)
    assert [("BADGE_AWARDED", "newcomer")] == told(await events(recognised))


async def test_events_take_the_same_number_of_queries_however_many_there_are(world: World, recognised: Client) -> None:
    """Members, badges and evidence are read for a page at once."""
    await world.record(*(shared(number, member, reach=5000) for number, member in enumerate(("ada", "bob", "cy"))))
    later(world, minutes=1)
    await recognised.ask(EVENTS)  # what is kept by the process is kept now
    numbers = []
    for page in (1, 15):
        with counting(recognised.app.state.service.store) as statements:
            await recognised.ask(EVENTS, first=page)
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]


async def events(client: Client, page: int = 100, after: str | None = None) -> list[Json]:
    found: list[Json] = []
    info: Json = {"endCursor": after, "hasNextPage": True}
    while info["hasNextPage"]:
        answer = (await client.ask(EVENTS, first=page, after=info["endCursor"]))["events"]
        found += answer["edges"]
        info = answer["pageInfo"]
    return found


def told(edges: list[Json]) -> list[tuple[str, str]]:
    """What happened, and the key of the zone or badge."""
    found = [edge["node"] for edge in edges]
    return [(node["kind"], (node["zone"] or node["award"]["badge"])["key"]) for node in found]


async def test_the_zones_of_the_programme(world: World, recognised: Client) -> None:
    """In their order, each with what leads into it in a sentence."""
    query = "{ programme { zones { key title text place needs { title metBy atLeast } } dormantAfterDays } }"
    programme = (await recognised.ask(query))["programme"]
    assert 30 == programme["dormantAfterDays"]
    assert [("consumer", 1, []), ("sharer", 2, ["Shared a post 3 times in a month"])] == [
        (zone["key"], zone["place"], [need["metBy"] for need in zone["needs"]]) for zone in programme["zones"][:2]
    ]
    await world.apply(PROGRAMME.replace("dormant: P30D\n", ""))
    assert (await recognised.ask(query))["programme"]["dormantAfterDays"] is None
