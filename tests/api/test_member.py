"""A member's points, ledger and activities, and why each earned what it did."""

from dataclasses import replace
from typing import Any

from sqlalchemy import event

from api.access import Scope
from operations.enrol import Profile
from storage.engine import Store
from tests.api.conftest import Client, Json
from tests.world import PROGRAMME, World, published, shared

LEDGER = """query Ledger($id: String!, $first: Int, $after: String) {
  member(externalId: $id) { points ledger(first: $first, after: $after) {
    edges { cursor node { points at seq rule { key title points version } team { name }
                          activity { source externalId type } } }
    pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""

ACTIVITIES = """query Activities($id: String!, $first: Int, $after: String) {
  member(externalId: $id) { activities(first: $first, after: $after) {
    edges { node { id source externalId type time recordedAt data
                   verdicts { result points sentence
                              rule { key title version limits { max per by acrossMembers } } } } }
    pageInfo { hasNextPage endCursor } } } }"""


def nodes(connection: Json) -> list[Json]:
    return [edge["node"] for edge in connection["edges"]]


async def verdicts(client: Client, member: str = "ada") -> list[list[tuple[str, str]]]:
    """Rule and sentence of every verdict of a member's activities, the latest first."""
    answer = await client.ask(ACTIVITIES, id=member)
    return [
        [(verdict["rule"]["key"], verdict["sentence"]) for verdict in node["verdicts"]]
        for node in nodes(answer["member"]["activities"])
    ]


async def test_who_a_member_is(world: World, client: Client) -> None:
    """Every fact that is kept, and the attributes that the programme declares."""
    facts = Profile("ada", location="Oslo", department="Sales", time_zone="Europe/Oslo", attributes={"hourly": True})
    await world.enrol(facts)
    query = """{ member(externalId: "ada") { externalId name team { name } location department timeZone attributes
                                             participates points } }"""
    assert {
        "externalId": "ada",
        "name": "Ada",
        "team": {"name": "Red"},
        "location": "Oslo",
        "department": "Sales",
        "timeZone": "Europe/Oslo",
        "attributes": {"hourly": True},
        "participates": True,
        "points": 0,
    } == (await client.ask(query))["member"]


async def test_an_unknown_member_is_null_and_nothing_else(client: Client) -> None:
    """No error, whatever the text is."""
    query = "query Member($id: String!) { member(externalId: $id) { name } }"
    for stranger in ("nobody", "", "\ud800", "a\0b", "x" * 100_000, "' OR 1=1 --"):
        assert {"member": None} == await client.ask(query, id=stranger)


async def test_points_are_the_sum_of_the_ledger(world: World, client: Client) -> None:
    """Each entry names its points, rule version, activity and the team at the time, the latest first."""
    await world.record(shared(1), published(2, at="2026-11-13T09:00:00Z"))
    await world.enrol(Profile("ada", team="Blue"))
    await world.record(shared(3, network="myspace"))
    member = (await client.ask(LEDGER, id="ada"))["member"]
    entries = nodes(member["ledger"])
    found = [(e["rule"]["key"], e["points"], e["activity"]["externalId"], e["team"]["name"]) for e in entries]
    assert [
        ("first", 7, "3", "Blue"),
        ("reach", 1, "3", "Blue"),
        ("article", 40, "2", "Red"),
        ("first", 7, "1", "Red"),
        ("reach", 1, "1", "Red"),
        ("share", 5, "1", "Red"),
    ] == found
    assert member["points"] == sum(entry["points"] for entry in entries) == 61
    assert "2026-11-13T09:00:00+00:00" == entries[2]["at"]
    assert {"source": "test", "externalId": "2", "type": "article.published"} == entries[2]["activity"]


async def test_the_ledger_by_page(world: World, client: Client) -> None:
    """Pages join to the whole, even where one activity's entries are cut in two."""
    await world.record(*(shared(number, at=f"2026-11-{number + 10}T09:00:00Z") for number in range(4)))
    whole = nodes((await client.ask(LEDGER, id="ada", first=100))["member"]["ledger"])
    assert len(whole) == 12
    found: list[Json] = []
    info: Json = {"endCursor": None, "hasNextPage": True}
    while info["hasNextPage"]:
        page = (await client.ask(LEDGER, id="ada", first=5, after=info["endCursor"]))["member"]["ledger"]
        assert page["pageInfo"]["hasPreviousPage"] is bool(found)
        found += nodes(page)
        info = page["pageInfo"]
    assert whole == found


async def test_why_did_i_get_this(world: World, client: Client) -> None:
    """Every rule that looked at an activity says in a sentence what came of it."""
    await world.record(shared(1, at="2026-11-12T08:00:00Z", with_comment=True))
    await world.record(*(shared(number, reach=0) for number in (2, 3)))
    await world.record(shared(4), shared("1b", url="https://example.com/1", at="2026-11-14T08:00:00Z"))
    await world.record(shared(5, network="myspace", reach=10**13), published(6, at="2026-01-15T12:00:00Z"))
    assert [
        [("article", "not eligible: the rule counts from 1 February 2026 00:00 (Europe/London)")],
        [
            (
                "share",
                'condition false: it asks for an activity with network linkedin, x or mastodon; network is "myspace"',
            ),
            ("reach", "error: 10000000000 points are more than one award may pay (1,000,000,000)"),
            ("first", "awarded: 7 points"),
        ],
        [
            ("share", "limited: 1 of 1 already paid for this url"),
            ("reach", "awarded: 1 point"),
            ("first", "limited: 1 of 1 already paid for this url among all members"),
        ],
        [
            ("share", "limited: 3 of 3 already paid on 12 November 2026"),
            ("reach", "awarded: 1 point"),
            ("first", "awarded: 7 points"),
        ],
    ] == (await verdicts(client))[:4]


async def test_an_activity_as_it_was_reported(world: World, client: Client) -> None:
    """With its source, its id there, both times and its data, defaults filled in; results are also for programs."""
    await world.record(shared(1, at="2026-11-12T10:30:00+01:00"))
    (node,) = nodes((await client.ask(ACTIVITIES, id="ada"))["member"]["activities"])
    share = node.pop("verdicts")[0]
    node.pop("id")
    data = {"network": "linkedin", "url": "https://example.com/1", "reach": 1000, "with_comment": False}
    assert {
        "source": "test",
        "externalId": "1",
        "type": "post.shared",
        "time": "2026-11-12T09:30:00+00:00",
        "recordedAt": "2026-11-21T12:00:00+00:00",
        "data": data,
    } == node
    assert ("AWARDED", 5, "Share a post") == (share["result"], share["points"], share["rule"]["title"])
    assert {"max": 3, "per": "DAY", "by": None, "acrossMembers": False} == share["rule"]["limits"][0]


async def test_verdicts_keep_the_version_that_judged(world: World, client: Client) -> None:
    """After a rule was changed, renamed or retired, what it said is still told by its own words."""
    await world.record(shared(1), published(2))
    changed = PROGRAMME.replace("title: Share a post", "title: Spread the word, was: share").replace(
        "share:\n", "spread:\n"
    )
    changed = changed.replace("title: Spread the word, was: share", "title: Spread the word\n    was: share")
    changed = changed[: changed.index("  article:\n    title: Publish")] + changed[changed.index("boards:") :]
    await world.apply(changed)
    await world.record(shared(3))
    answer = nodes((await client.ask(ACTIVITIES, id="ada"))["member"]["activities"])
    first = [(node["verdicts"][0]["rule"]["key"], node["verdicts"][0]["rule"]["title"]) for node in answer]
    assert [("spread", "Spread the word"), ("article", "Publish an article"), ("share", "Share a post")] == first
    versions = {v["rule"]["version"] for node in answer for v in node["verdicts"] if v["rule"]["key"].startswith("s")}
    assert 2 == len(versions)


async def test_activities_of_a_retired_type_are_still_shown(world: World, client: Client) -> None:
    """What is no longer in the programme happened all the same."""
    await world.record(published(1))
    start, end = PROGRAMME.index("  article.published:"), PROGRAMME.index("rules:")
    smaller = PROGRAMME[:start] + PROGRAMME[end:]
    smaller = smaller[: smaller.index("  article:\n    title: Publish")] + smaller[smaller.index("boards:") :]
    await world.apply(
        smaller.replace("  articles: {title: Articles, activities: [article.published], period: week}\n", "")
    )
    (node,) = nodes((await client.ask(ACTIVITIES, id="ada"))["member"]["activities"])
    assert ("article.published", "awarded: 40 points") == (node["type"], node["verdicts"][0]["sentence"])


async def test_activities_by_page(world: World, client: Client) -> None:
    """The latest recorded first, whenever they happened; pages join to the whole."""
    await world.record(*(shared(number, at=f"2026-11-{20 - number}T09:00:00Z") for number in range(5)))
    found: list[str] = []
    info: Json = {"endCursor": None, "hasNextPage": True}
    while info["hasNextPage"]:
        page = (await client.ask(ACTIVITIES, id="ada", first=2, after=info["endCursor"]))["member"]["activities"]
        found += [node["externalId"] for node in nodes(page)]
        info = page["pageInfo"]
    assert ["4", "3", "2", "1", "0"] == found
    for field in ("ledger", "activities"):
        query = f'{{ member(externalId: "ada") {{ name {field}(first: 0) {{ edges {{ cursor }} }} }} }}'
        assert ("BAD_INPUT", "first is 0; it can be 1 to 100") == await client.refusal(query)


async def test_who_does_not_take_part_is_still_known(world: World, client: Client) -> None:
    """Leaving the boards takes nothing from the ledger."""
    await world.record(shared(1))
    await world.enrol(Profile("ada", participates=False))
    query = '{ member(externalId: "ada") { participates points } }'
    assert {"participates": False, "points": 13} == (await client.ask(query))["member"]


async def test_a_page_takes_the_same_number_of_queries_however_long_it_is(world: World, client: Client) -> None:
    """Names, teams, rules and verdicts are read for a page at once."""
    await world.record(*(shared(number, at=f"2026-11-{number + 1:02}T09:00:00Z") for number in range(20)))
    query = """query Page($n: Int!) { member(externalId: "ada") {
      activities(first: $n) { edges { node { verdicts { sentence rule { title } } } } }
      ledger(first: $n) { edges { node { rule { title } team { name } activity { verdicts { sentence } } } } } }
      leaderboard(key: "everything") { top(n: $n) { member { name team { name } } } } }"""
    await client.ask(query, n=1)  # what is kept by the process is kept now
    counts = []
    for n in (1, 20):
        with counting(client.app.state.service.store) as statements:
            await client.ask(query, n=n)
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_anything_with_a_global_id_is_found_by_it(world: World, client: Client) -> None:
    """Relay's node: a member, team, activity, rule and board; null for what is gone."""
    await world.record(shared(1))
    answer = await client.ask("""{ member(externalId: "ada") { id team { id } activities { edges { node { id } } } }
                                   programme { rules { id } boards { id } } }""")
    member = answer["member"]
    ids = [
        member["id"],
        member["team"]["id"],
        member["activities"]["edges"][0]["node"]["id"],
        answer["programme"]["rules"][0]["id"],
        answer["programme"]["boards"][0]["id"],
    ]
    query = "query Node($id: ID!) { node(id: $id) { id __typename } }"
    found = [(await client.ask(query, id=given))["node"] for given in ids]
    assert ["Member", "Team", "Activity", "Rule", "Board"] == [node["__typename"] for node in found]
    assert ids == [node["id"] for node in found]
    for gone in ("TWVtYmVyOjE=", "VGVhbTo5OTk=", "QWN0aXZpdHk6OTk5", "UnVsZTo5OTk=", "Qm9hcmQ6OTk5"):
        assert (await client.ask(query, id=gone))["node"] is None


async def test_an_id_that_laurels_did_not_give_is_refused(client: Client) -> None:
    """Text that is no id, another type's name, no number."""
    for given in ("", "x", "TWVtYmVyOng=", "VW5rbm93bjox", "TWVtYmVyOi0x", "\ud800", 7):
        expected = f"{str(given)!r} is no id that Laurels gave; take one from a field named id"
        query = "query Node($id: ID!) { node(id: $id) { id } }"
        assert ("BAD_INPUT", expected) == await client.refusal(query, id=given)


class counting:  # noqa: N801  # reads as a word
    """The statements that a store runs inside the block."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine.sync_engine
        self._statements: list[str] = []

    def __enter__(self) -> list[str]:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self._statements

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._statements.append(statement)


async def test_an_alias_stands_for_the_name(world: World, client: Client) -> None:
    """On boards, where activities credit somebody, and with the member: a manager sees the name, nobody else does."""
    await world.enrol(Profile("ada", alias="Countess"))
    (receipt,) = await world.record(replace(shared(1, "ada"), contributors=["bob"]))
    assert receipt.seq
    query = """{
      leaderboard(key: "everything") {
        top { member { name } }
        within(team: "Red") { place(member: "ada") { member { name } } }
      }
      member(externalId: "ada") { name alias }
      bob: member(externalId: "bob") {
        name alias activities { edges { node { contributors { name } member { name } } } }
      }
    }"""
    for scope, name in ((Scope.READ, "Countess"), (Scope.MANAGE, "Ada")):
        told = await client.ask(query, scope)
        assert name in [place["member"]["name"] for place in told["leaderboard"]["top"]]
        assert name == told["leaderboard"]["within"]["place"]["member"]["name"]
        assert (name, "Countess") == (told["member"]["name"], told["member"]["alias"])
        assert ("Bob", None) == (told["bob"]["name"], told["bob"]["alias"])
        assert name in str(told["bob"]["activities"])
        assert ("Ada" in str(told)) == (scope is Scope.MANAGE)
    await world.enrol(Profile("ada", alias=""))
    assert "Ada" == (await client.ask(query))["member"]["name"]


async def test_an_alias_that_another_one_goes_by_is_not_shown(world: World, client: Client) -> None:
    """Nobody else is taken for them, and their name stays unsaid: others read the external id, managers all of it."""
    await world.enrol(Profile("ada", alias="Countess"), Profile("bob", alias="Builder"))
    await world.record(shared(1, "ada"), shared(2, "bob"))
    await world.enrol(Profile("zed", name="COUNTESS"))
    query = """{
      leaderboard(key: "everything") { top { member { name } } }
      ada: member(externalId: "ada") { name alias }
      bob: member(externalId: "bob") { name alias }
      zed: member(externalId: "zed") { name alias }
    }"""
    told = await client.ask(query)
    assert {"name": "ada", "alias": None} == told["ada"]
    assert {"name": "Builder", "alias": "Builder"} == told["bob"]
    assert {"name": "COUNTESS", "alias": None} == told["zed"]
    assert {"ada", "Builder"} == {place["member"]["name"] for place in told["leaderboard"]["top"]}
    assert {"name": "Ada", "alias": "Countess"} == (await client.ask(query, Scope.MANAGE))["ada"]
    await world.enrol(Profile("zed", name="Zed"))
    assert {"name": "Countess", "alias": "Countess"} == (await client.ask(query))["ada"]
