"""Boards that show their first places alone: what managers, members and tools are told of the places below."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.access import Scope, create_key
from operations.enrol import Profile
from tests.api.conftest import Client, Json, nodes
from tests.world import PROGRAMME, World, shared

SHOWS = PROGRAMME.replace("{title: Impact, tags: [impact],", "{title: Impact, tags: [impact], shows: 2, closing: {},")
SHOWS = SHOWS.replace("everything: {title: Everything,", "everything: {title: Everything, shows: 2,")
NAMES = ("ada", "bob", "cy", "dee", "eve")

PLACE = "position member { externalId }"
ASKED = f"""query Asked($board: String!, $asOf: Date, $me: String!, $other: String!) {{
  leaderboard(key: $board, asOf: $asOf) {{
    participants
    top {{ {PLACE} }}
    entries(first: 100) {{ edges {{ node {{ {PLACE} }} }} pageInfo {{ hasNextPage hasPreviousPage }} }}
    last: entries(last: 1) {{ edges {{ node {{ {PLACE} }} }} pageInfo {{ hasNextPage hasPreviousPage }} }}
    mine: around(member: $me, radius: 1) {{ {PLACE} }}
    others: around(member: $other, radius: 1) {{ {PLACE} }}
    me: place(member: $me) {{ position percentile }}
    other: place(member: $other) {{ position percentile }}
  }} }}"""

FIRST, LAST = [(1, "ada"), (2, "bob")], [(3, "cy"), (4, "dee"), (5, "eve")]


@pytest.fixture
async def company(world: World, empty_client: Client) -> World:
    """Five members, the first of whom has most points, on boards that show two of them."""
    world.now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    await world.apply(SHOWS)
    await world.enrol(*(Profile(name, name=name, team="Red" if name > "b" else "Blue") for name in NAMES))
    reports = [shared(name, name, reach=9_000 - 1_000 * rank) for rank, name in enumerate(NAMES)]
    await world.record(*reports)
    return world


async def key_of(world: World, name: str | None, *scopes: Scope) -> str:
    async with world.store.writing() as work:
        return await create_key(work, f"for {name}", scopes or [Scope.READ], world.now, member=name)


def placed(places: list[Json]) -> list[tuple[int, str]]:
    return [(each["position"], each["member"]["externalId"]) for each in places]


async def told(
    client: Client, key: str | Scope, *, me: str = "dee", other: str = "eve", board: str = "impact", **more: Any
) -> dict[str, Any]:
    answer = (await client.ask(ASKED, key, board=board, me=me, other=other, **more))["leaderboard"]
    assert 5 == answer["participants"]
    pages = {name: answer[name]["pageInfo"] | {"places": placed(nodes(answer[name]))} for name in ("entries", "last")}
    lists = {name: placed(answer[name]) for name in ("top", "mine", "others")}
    return pages | lists | {name: answer[name] and tuple(answer[name].values()) for name in ("me", "other")}


async def test_managers_see_every_place(company: World, empty_client: Client) -> None:
    """Also with a key that acts for a member."""
    for key in (Scope.MANAGE, await key_of(company, "dee", Scope.MANAGE)):
        found = await told(empty_client, key)
        assert FIRST + LAST == found["top"] == found["entries"]["places"]
        assert ((4, 40), (5, 20), LAST) == (found["me"], found["other"], found["mine"])


async def test_a_tool_sees_the_first_places(company: World, empty_client: Client) -> None:
    """Of a key without a member nobody is themself: whoever is further down has no place, no neighbours, no page."""
    found = await told(empty_client, Scope.READ)
    page = {"places": FIRST, "hasNextPage": False, "hasPreviousPage": False}
    assert (FIRST, page) == (found["top"], found["entries"])
    assert page | {"places": FIRST[1:], "hasPreviousPage": True} == found["last"]
    assert ([], [], None, None) == (found["mine"], found["others"], found["me"], found["other"])
    found = await told(empty_client, Scope.READ, me="bob")
    assert (FIRST, (2, 80)) == (found["mine"], found["me"])


async def test_a_member_sees_their_own_place_too(company: World, empty_client: Client) -> None:
    """By themself, with those of their neighbours that everybody sees, and as the end of all pages; nobody else's."""
    found = await told(empty_client, await key_of(company, "dee"))
    assert ((4, 40), None, []) == (found["me"], found["other"], found["others"])
    assert [(4, "dee")] == found["mine"] == found["last"]["places"]
    page = {"places": [*FIRST, (4, "dee")], "hasNextPage": False, "hasPreviousPage": False}
    assert (page, page["places"]) == (found["entries"], found["top"])
    found = await told(empty_client, await key_of(company, "cy"), me="cy")
    assert [(2, "bob"), (3, "cy")] == found["mine"]


async def test_a_cursor_leads_to_nothing_that_is_hidden(company: World, empty_client: Client) -> None:
    """Pages behind and ahead of a cursor that a manager was given for a hidden place hold what is seen."""
    query = f"""query Page($first: Int, $after: String, $last: Int, $before: String) {{ leaderboard(key: "impact") {{
      entries(first: $first, after: $after, last: $last, before: $before) {{
        edges {{ cursor node {{ {PLACE} }} }} pageInfo {{ hasNextPage hasPreviousPage }} }} }} }}"""

    async def page(key: str | Scope, **asked: Any) -> Json:
        found: Json = (await empty_client.ask(query, key, **asked))["leaderboard"]["entries"]
        return found

    cursors = [edge["cursor"] for edge in (await page(Scope.MANAGE, first=5))["edges"]]
    dees = await key_of(company, "dee")
    for key, own in ((Scope.READ, []), (dees, [(4, "dee")])):
        one = await page(key, first=1)
        assert (True, cursors[:1]) == (one["pageInfo"]["hasNextPage"], [edge["cursor"] for edge in one["edges"]])
        rest = await page(key, first=9, after=cursors[0])
        assert ([(2, "bob"), *own], False) == (placed(nodes(rest)), rest["pageInfo"]["hasNextPage"])
        behind = await page(key, first=9, after=cursors[2])
        assert (own, False) == (placed(nodes(behind)), behind["pageInfo"]["hasNextPage"])
        assert FIRST == placed(nodes(await page(key, last=9, before=cursors[2])))
        assert FIRST + own == placed(nodes(await page(key, last=9, before=cursors[4])))


async def test_a_past_day_and_a_part_of_the_members_hide_what_the_board_hides(
    company: World, empty_client: Client
) -> None:
    """Places of a past day hide as those of today; among the members of a team those are shown whom the whole board
    shows, or else a narrow enough question would name everyone."""
    company.now += timedelta(days=1)
    dees = await key_of(company, "dee")
    yesterday = await told(empty_client, dees, asOf="2026-11-20")
    assert ([*FIRST, (4, "dee")], (4, 40), None) == (yesterday["top"], yesterday["me"], yesterday["other"])
    query = f"""{{ leaderboard(key: "impact") {{ within(team: "Red") {{ top {{ {PLACE} }}
      place(member: "eve") {{ position }} }} }} }}"""
    within = (await empty_client.ask(query, dees))["leaderboard"]["within"]
    assert ([(1, "bob"), (3, "dee")], None) == (placed(within["top"]), within["place"])
    within = (await empty_client.ask(query.replace("Red", "Blue"), dees))["leaderboard"]["within"]
    assert ([(1, "ada")], None) == (placed(within["top"]), within["place"])


CHANGES = """{ leaderboard(key: "everything") {
  top { member { externalId } change(since: DAY) { isNew previousPosition } } } }"""


async def test_a_place_from_which_somebody_climbed_is_hidden(company: World, empty_client: Client) -> None:
    """The place before is told where the board shows it, or to the one whose it is."""
    company.now += timedelta(days=1)
    await company.record(shared(7, "eve", reach=50_000), shared(8, "dee", reach=40_000))

    async def climbed(key: str | Scope) -> dict[str, Any]:
        top = (await empty_client.ask(CHANGES, key))["leaderboard"]["top"]
        return {each["member"]["externalId"]: each["change"] and each["change"]["previousPosition"] for each in top}

    assert {"eve": 5, "dee": 4, "ada": 1, "bob": 2, "cy": 3} == await climbed(Scope.MANAGE)
    assert {"eve": None, "dee": None} == await climbed(Scope.READ)
    assert {"eve": None, "dee": 4} == await climbed(await key_of(company, "dee"))
    assert {"eve": None, "dee": None, "bob": 2} == await climbed(await key_of(company, "bob"))


async def test_what_was_hidden_or_is_hidden_now_stays_so(company: World, empty_client: Client) -> None:
    """A final result of a board that showed two, and a past day of one that does not yet: the stricter one holds."""
    company.now = datetime(2027, 4, 20, tzinfo=UTC)
    await company.close()
    dees = await key_of(company, "dee")
    closed = {"period": "2026/27-H2"}
    query = ASKED.replace("$asOf: Date", "$period: String").replace("asOf: $asOf", "period: $period")

    async def final(key: str | Scope) -> tuple[list[tuple[int, str]], Json | None]:
        found = (await empty_client.ask(query, key, board="impact", me="dee", other="eve", **closed))["leaderboard"]
        return placed(found["top"]), found["other"]

    assert ([*FIRST, (4, "dee")], None) == await final(dees)
    assert FIRST + LAST == (await final(Scope.MANAGE))[0]
    await company.apply(SHOWS.replace("shows: 2, closing", "closing").replace("shows: 2", "shows: 1"))
    assert ([*FIRST, (4, "dee")], None) == await final(dees)
    yesterday = await told(empty_client, Scope.READ, board="everything", asOf="2027-04-19")
    assert FIRST[:1] == yesterday["top"]


async def test_a_board_tells_for_whom_it_is(world: World, empty_client: Client) -> None:
    """Its members in CEL and in words, for how long one is new, and how many places it shows."""
    text = PROGRAMME.replace("period: ever,", 'period: ever, members: member.location == "Paris", newcomers: P90D,')
    await world.apply(text.replace("half-year,", "half-year, shows: 10,"))
    query = "{ programme { boards { key members membersInWords newcomerDays shows } } }"
    boards = {each.pop("key"): tuple(each.values()) for each in (await empty_client.ask(query))["programme"]["boards"]}
    told = ('member.location == "Paris"', "members whose location is Paris", 90, None)
    assert (told, (None, None, None, 10)) == (boards["everything"], boards["impact"])
