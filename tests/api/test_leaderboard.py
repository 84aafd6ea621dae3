"""Who leads: boards in their periods, over GraphQL."""

from datetime import timedelta
from typing import Any

import pytest

from operations.enrol import Profile
from tests.api.conftest import Client, Json
from tests.world import PROGRAMME, World, published, shared

PLACE = "{ rank position score reachedAt member { externalId name team { name } } team { name } }"
ENTRIES = """query Entries($first: Int, $after: String, $last: Int, $before: String) {
  leaderboard(key: "everything") {
    participants
    entries(first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { rank score member { externalId } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}"""


@pytest.fixture
async def race(world: World, client: Client) -> None:
    """Ada has 40, then Bob and Cy 13 each with Bob there first, Dee 12; Eve has none."""
    await world.record(
        published(1, "ada"),
        shared(2, "cy", at="2026-11-12T10:00:00Z"),
        shared(3, "bob", at="2026-11-12T09:00:00Z"),
        shared(4, "dee", reach=0),
    )


def names(places: list[Json]) -> list[tuple[int, str, int]]:
    return [(place["rank"], place["member"]["externalId"], place["score"]) for place in places]


async def top(client: Client, board: str, n: int = 10, period: str | None = None) -> list[Json]:
    query = (
        "query Top($board: String!, $n: Int!, $period: String) {leaderboard(key: $board, period: $period) {top(n: $n) "
    )
    answer = await client.ask(query + PLACE + "}}", board=board, n=n, period=period)
    places: list[Json] = answer["leaderboard"]["top"]
    return places


@pytest.mark.usefixtures("race")
async def test_the_top_of_a_board(client: Client) -> None:
    """The first places with names and teams, equal scores told apart by who was there first."""
    places = await top(client, "everything", 3)
    assert [(1, "ada", 40), (2, "bob", 13), (2, "cy", 13)] == names(places)
    assert [1, 2, 3] == [place["position"] for place in places]
    assert {"externalId": "bob", "name": "Bob", "team": {"name": "Red"}} == places[1]["member"]
    assert "2026-11-12T09:00:00+00:00" == places[1]["reachedAt"]
    assert places[1]["team"] is None


@pytest.mark.usefixtures("race")
async def test_a_board_of_teams(client: Client) -> None:
    """Teams stand with the sum of their members; who has no team counts for none."""
    places = await top(client, "teams")
    assert [("Red", 66), ("Blue", 12)] == [(place["team"]["name"], place["score"]) for place in places]
    assert places[0]["member"] is None


@pytest.mark.usefixtures("race")
async def test_the_period_of_now_is_asked_unless_another_is_named(world: World, client: Client) -> None:
    """A period is named by its key or by any date in it; a month later this month's board is empty."""
    query = """query Period($period: String) { leaderboard(key: "effort", period: $period) {
      board { key title of } participants period { key kind firstDay lastDay startsAt endsAt } } }"""
    now = (await client.ask(query))["leaderboard"]
    assert {
        "board": {"key": "effort", "title": "Effort", "of": "MEMBERS"},
        "participants": 4,
        "period": {
            "key": "2026-11",
            "kind": "MONTH",
            "firstDay": "2026-11-01",
            "lastDay": "2026-11-30",
            "startsAt": "2026-11-01T00:00:00+00:00",
            "endsAt": "2026-12-01T00:00:00+00:00",
        },
    } == now
    for name in ("2026-11", "2026-11-30"):
        assert now == (await client.ask(query, period=name))["leaderboard"]
    world.now = world.now.replace(month=12)
    assert ("2026-12", 0) == (
        (later := (await client.ask(query))["leaderboard"])["period"]["key"],
        later["participants"],
    )


async def test_a_board_over_all_time_has_no_days(client: Client) -> None:
    """The period `ever` has a key and nothing else; an empty board is no error."""
    query = """{ leaderboard(key: "everything", period: "ever") { participants top { rank }
      period { key kind firstDay lastDay startsAt endsAt } } }"""
    nothing = dict.fromkeys(("firstDay", "lastDay", "startsAt", "endsAt"))
    expected = {"participants": 0, "top": [], "period": {"key": "ever", "kind": "EVER"} | nothing}
    assert expected == (await client.ask(query))["leaderboard"]


async def test_an_unknown_board_is_named_with_those_there_are(client: Client) -> None:
    """The nearest name is suggested; the rest of the answer is there."""
    assert ("NOT_FOUND", "the programme has no board 'efort'; did you mean effort?") == await client.refusal(
        '{ leaderboard(key: "efort") { participants } programme { key } }'
    )


async def test_a_bad_period_is_refused_with_an_example(client: Client) -> None:
    """Whatever the text is, the answer says how a period is written, or that it is too far away."""
    query = 'query Q($period: String) { leaderboard(key: "impact", period: $period) { period { endsAt } } }'
    written = "is no half-year period; write a key such as 2026/27-H2 or a date such as 2026-11-21"
    for period in ("2026-13", "soon", "2026-H2", "١٢٣٤-١٢-١٢", "\ud800", ""):
        assert ("BAD_INPUT", f"{period!r} {written}") == await client.refusal(query, period=period)
    far = "is in no year from 1900 to 2999; write one nearer to now"
    for period in ("0001-01-01", "9999-12-31", "9999/00-H2"):
        assert ("BAD_INPUT", f"{period!r} {far}") == await client.refusal(query, period=period)


@pytest.mark.usefixtures("race")
async def test_the_whole_board_by_page(client: Client) -> None:
    """Pages forwards and backwards join to the whole, and say whether there is more on either side."""
    whole = [(1, "ada", 40), (2, "bob", 13), (2, "cy", 13), (3, "dee", 12)]

    async def page(**arguments: Any) -> tuple[list[tuple[int, str, int]], Json]:
        board = (await client.ask(ENTRIES, **arguments))["leaderboard"]
        assert 4 == board["participants"]
        return names([edge["node"] for edge in board["entries"]["edges"]]), board["entries"]["pageInfo"]

    first, info = await page(first=3)
    assert (whole[:3], True, False) == (first, info["hasNextPage"], info["hasPreviousPage"])
    rest, info = await page(first=3, after=info["endCursor"])
    assert (whole[3:], False, True) == (rest, info["hasNextPage"], info["hasPreviousPage"])
    back, info = await page(last=2, before=info["startCursor"])
    assert (whole[1:3], True, True) == (back, info["hasNextPage"], info["hasPreviousPage"])
    end, info = await page(last=1)
    assert (whole[3:], False, True) == (end, info["hasNextPage"], info["hasPreviousPage"])
    nobody, info = await page(after=info["endCursor"])
    assert ([], False, True) == (nobody, info["hasNextPage"], info["hasPreviousPage"])
    assert whole == (await page())[0]


BAD_PAGES: list[tuple[Json, str]] = [
    ({"first": 0}, "first is 0; it can be 1 to 100"),
    ({"first": 101}, "first is 101; it can be 1 to 100"),
    ({"last": -1}, "last is -1; it can be 1 to 100"),
    (
        {"first": 1, "last": 1},
        "give first and after to go forwards, or last and before to go backwards, not both",
    ),
    ({"after": "nonsense"}, "after is no cursor of this list; take one from pageInfo.endCursor"),
    ({"after": "WyJlbnRyeSIsMSwyXQ"}, "after is no cursor of this list; take one from pageInfo.endCursor"),
    ({"after": "WyJzdGFuZGluZyIsMSwyLHRydWVd"}, "after is no cursor of this list"),
    ({"before": "ł\ud800"}, "before is no cursor of this list"),
    ({"after": "WyJzdGFuZGluZyIsMSwyLDkyMjMzNzIwMzY4NTQ3NzU4MDhd"}, "after is a cursor that Laurels did not write"),
]


async def test_a_page_that_cannot_be_is_refused_in_words(client: Client) -> None:
    """Wrong sizes, both directions at once, and cursors of other lists or of nothing; the rest of the answer stands."""
    for arguments, message in BAD_PAGES:
        answer = (await client.post(ENTRIES, **arguments)).json()
        (error,) = answer["errors"]
        assert "BAD_INPUT" == error["extensions"]["code"]
        assert error["message"].startswith(message), arguments
        assert {"participants": 0, "entries": None} == answer["data"]["leaderboard"]


@pytest.mark.usefixtures("race")
async def test_around_a_member_and_their_place(client: Client) -> None:
    """Who is near, and where one stands; on a board of teams a member stands for their team."""
    query = """query Around($member: String) {
      leaderboard(key: "everything") { around(member: $member, radius: 1) { rank score member { externalId } }
                                       place(member: $member) { rank position } }
      teams: leaderboard(key: "teams") { around(member: $member) { rank team { name } }
                                         place(member: $member) { rank } } }"""
    cy = await client.ask(query, member="cy")
    assert [(2, "bob", 13), (2, "cy", 13), (3, "dee", 12)] == names(cy["leaderboard"]["around"])
    assert {"rank": 2, "position": 3} == cy["leaderboard"]["place"]
    assert ["Red", "Blue"] == [place["team"]["name"] for place in cy["teams"]["around"]]
    assert {"rank": 1} == cy["teams"]["place"]
    for nobody in ("eve", "stranger", "\ud800", "\0"):
        answer = await client.ask(query, member=nobody)
        assert {"around": [], "place": None} == answer["leaderboard"] == answer["teams"]


@pytest.mark.usefixtures("race")
async def test_a_team_and_its_place(client: Client) -> None:
    """A team is asked for by its name, on a board of teams only."""
    query = 'query Team($team: String) { leaderboard(key: "teams") { place(team: $team) { rank score } } }'
    assert {"rank": 2, "score": 12} == (await client.ask(query, team="Blue"))["leaderboard"]["place"]
    assert (await client.ask(query, team="Green"))["leaderboard"]["place"] is None
    assert ("BAD_INPUT", "effort is a board of members; ask with member, an external id") == await client.refusal(
        '{ leaderboard(key: "effort") { place(team: "Red") { rank } } }'
    )
    assert ("BAD_INPUT", "give either member, an external id, or team, a name") == await client.refusal(
        '{ leaderboard(key: "effort") { around { rank } } }'
    )


@pytest.mark.usefixtures("race")
async def test_the_percentile_of_a_place(world: World, client: Client) -> None:
    """How many in a hundred stand there or below. Who shares a rank shares the percentile, whatever the tie rule."""
    await world.record(shared(5, "eve", at="2026-11-12T11:00:00Z"))
    query = """query Percentile($board: String!) { leaderboard(key: $board) {
      top { member { externalId } percentile } place(member: "cy") { percentile } } }"""
    shares = {"ada": 100, "bob": 80, "cy": 80, "eve": 80, "dee": 20}
    for board, expected in {
        "everything": shares,
        "effort": shares | {"dee": 80},
        "impact": {"bob": 100, "cy": 66, "eve": 33},
    }.items():
        found = (await client.ask(query, board=board))["leaderboard"]
        assert expected == {place["member"]["externalId"]: place["percentile"] for place in found["top"]}
        assert {"percentile": expected["cy"]} == found["place"]


WITHIN = """query Within($team: String, $location: String, $department: String, $attributes: JSON, $member: String!) {
  leaderboard(key: "everything") {
    within(team: $team, location: $location, department: $department, attributes: $attributes) {
      participants
      top { rank position score member { externalId } }
      place(member: $member) { rank percentile }
      around(member: $member, radius: 1) { member { externalId } }
      entries(first: 1) { pageInfo { hasNextPage } } } } }"""


@pytest.mark.usefixtures("race")
async def test_a_board_within_a_team_or_whatever_is_known_of_members(world: World, client: Client) -> None:
    """Places are counted among those who are there today; questions outside find nobody."""
    await world.enrol(
        Profile("ada", location="Oslo", attributes={"hourly": True}),
        Profile("bob", location="Oslo", department="Sales", attributes={"hourly": False, "joined": "2026-01-05"}),
        Profile("cy", location="Rome", department="Sales", attributes={"joined": "2026-01-05"}),
    )

    async def within(member: str = "cy", **asked: Any) -> Json:
        found: Json = (await client.ask(WITHIN, member=member, **asked))["leaderboard"]["within"]
        assert found["participants"] == len(found["top"])
        assert [*range(1, len(found["top"]) + 1)] == [place["position"] for place in found["top"]]
        return found

    red = await within(team="Red")
    assert [(1, "ada", 40), (2, "bob", 13), (2, "cy", 13)] == names(red["top"])
    assert ({"rank": 2, "percentile": 66}, ["bob", "cy"]) == (
        red["place"],
        [e["member"]["externalId"] for e in red["around"]],
    )
    assert {"hasNextPage": True} == red["entries"]["pageInfo"]
    for asked, expected in (
        ({"location": "Oslo"}, ["ada", "bob"]),
        ({"location": "Oslo", "department": "Sales"}, ["bob"]),
        ({"location": ""}, ["dee"]),
        ({"team": "Red", "department": ""}, ["ada"]),
        ({"attributes": {"hourly": True}}, ["ada"]),
        ({"attributes": {"hourly": None}}, ["cy", "dee"]),
        ({"attributes": {"joined": "2026-01-05", "hourly": False}}, ["bob"]),
        ({"team": "Green"}, []),
    ):
        assert expected == [e["member"]["externalId"] for e in (await within(**asked))["top"]], asked
    assert (None, []) == ((nobody := await within("dee", team="Red"))["place"], nobody["around"])
    await world.enrol(Profile("cy", team="Blue"))
    blue = await within(team="Blue")
    assert [(1, "cy", 13), (2, "dee", 12)] == names(blue["top"])
    nested = '{ leaderboard(key: "effort") { within(team: "Red") { within(location: "Oslo") { top { score } } } } }'
    assert 2 == len((await client.ask(nested))["leaderboard"]["within"]["within"]["top"])


BAD_PARTS: list[tuple[Json, str]] = [
    ({}, "within needs to know what: give team, location, department or attributes"),
    ({"attributes": {"houry": True}}, "'houry' is no attribute of this programme; did you mean hourly?"),
    ({"attributes": {"hourly": "yes"}}, "attributes.hourly must be true or false, but it is text"),
    ({"attributes": [1]}, "attributes must be an object, such as {hourly: true}"),
    ({"team": "\ud800"}, "team is not valid UTF-8: it contains a stray byte or half of a surrogate pair"),
    ({"location": "x\0"}, "location contains a NUL character; remove it"),
]


async def test_a_part_of_the_members_that_cannot_be_is_refused_in_words(client: Client) -> None:
    """Unknown attributes, values of another type, and nothing at all; on a board of teams there are no members."""
    for asked, words in BAD_PARTS:
        assert ("BAD_INPUT", words) == await client.refusal(WITHIN, member="cy", **asked)
    words = "teams is a board of teams; only a board of members can be asked within"
    assert ("BAD_INPUT", words) == await client.refusal(
        '{ leaderboard(key: "teams") { within(team: "Red") { participants } } }'
    )
    words = "within asks team twice, one inside the other; ask it once"
    assert ("BAD_INPUT", words) == await client.refusal(
        '{ leaderboard(key: "effort") { within(team: "Red") { within(team: "Blue") { participants } } } }'
    )


@pytest.mark.usefixtures("race")
async def test_who_stops_taking_part_is_nowhere(world: World, client: Client) -> None:
    """Ranks close up, the count falls, and neither page, place nor neighbours name them; rejoining restores."""
    query = """{ leaderboard(key: "everything") {
      participants top { rank member { externalId } } place(member: "ada") { rank } } }"""
    await world.enrol(Profile("ada", participates=False))
    board = (await client.ask(query))["leaderboard"]
    assert 3 == board["participants"]
    assert [(1, "bob"), (1, "cy"), (2, "dee")] == [(e["rank"], e["member"]["externalId"]) for e in board["top"]]
    assert board["place"] is None
    assert [("Red", 26), ("Blue", 12)] == [(e["team"]["name"], e["score"]) for e in await top(client, "teams")]
    await world.enrol(Profile("ada", participates=True))
    assert {"rank": 1} == (await client.ask(query))["leaderboard"]["place"]


async def test_scores_beyond_32_bits_are_whole(world: World, client: Client) -> None:
    """GraphQL's Int would end at two thousand million."""
    await world.record(*(shared(n, "ada", reach=10**12) for n in range(4)))
    (place,) = await top(client, "impact")
    assert 4_000_000_000 == place["score"]


async def test_a_board_with_days_of_its_own(world: World, client: Client) -> None:
    """Before, during and after them it shows its one period, which is named by its key or a date in it."""
    await world.apply(PROGRAMME + "  spring: {title: Spring, period: {from: 2026-03-01, to: 2026-03-31}}\n")
    await world.record(published(1, "ada", at="2026-03-31T09:00:00Z"), published(2, "bob", at="2026-04-01T09:00:00Z"))
    query = """query Window($period: String, $asOf: Date) { leaderboard(key: "spring", period: $period, asOf: $asOf) {
      board { period firstDay lastDay } period { key kind firstDay lastDay endsAt } top { score change(since: DAY) {
      isNew } } } }"""
    days = {"firstDay": "2026-03-01", "lastDay": "2026-03-31"}
    key = "2026-03-01/2026-03-31"
    expected = {
        "board": {"period": None} | days,
        "period": {"key": key, "kind": None, "endsAt": "2026-04-01T00:00:00+01:00"} | days,
        "top": [{"score": 40, "change": {"isNew": True}}],
    }
    for period in (None, key, "2026-03-01", "2026-03-31"):
        assert expected == (await client.ask(query, period=period))["leaderboard"]
    world.now += timedelta(days=1)
    assert expected == (await client.ask(query, asOf="2026-11-21"))["leaderboard"]
    words = f"'2026-04-01' is not the period of this board, {key}; write that, or a date in it"
    assert ("BAD_INPUT", words) == await client.refusal(query, period="2026-04-01")
    query = '{ leaderboard(key: "spring") { top { change(since: PERIOD) { isNew } } } }'
    words = "a board with days of its own has no previous period; ask for the change since DAY"
    assert ("BAD_INPUT", words) == await client.refusal(query)


@pytest.mark.usefixtures("race")
async def test_a_board_with_a_minimum(world: World, client: Client) -> None:
    """Who has less is not on it, nor in its count; the same within a team and on a past day."""
    await world.apply(PROGRAMME.replace("period: ever, ties: dense", "period: ever, ties: dense, minimum: 13"))
    query = """query Minimum($asOf: Date) { leaderboard(key: "everything", asOf: $asOf) { board { minimum } ...ask
      within(team: "Blue") { ...ask } } }
      fragment ask on Leaderboard { participants top { member { externalId } percentile } place(member: "dee") { rank }
        around(member: "dee") { rank } entries(last: 1) { edges { node { member { externalId } } } } }"""

    async def asked(as_of: str | None = None) -> Json:
        found: Json = (await client.ask(query, asOf=as_of))["leaderboard"]
        return found

    nobody = {"participants": 0, "top": [], "place": None, "around": [], "entries": {"edges": []}}
    shares = (("ada", 100), ("bob", 66), ("cy", 66))
    expected = {
        "board": {"minimum": 13},
        "participants": 3,
        "top": [{"member": {"externalId": name}, "percentile": share} for name, share in shares],
        "place": None,
        "around": [],
        "entries": {"edges": [{"node": {"member": {"externalId": "cy"}}}]},
        "within": nobody,
    }
    assert expected == await asked()
    world.now += timedelta(days=1)
    assert expected == await asked("2026-11-21")
    await world.record(shared(9, "dee"))
    blue = (await asked())["within"]
    assert ([{"externalId": "dee"}], 1) == ([each["member"] for each in blue["top"]], blue["participants"])
    assert expected == await asked("2026-11-21")
