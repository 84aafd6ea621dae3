"""Boards of teams by mean, over GraphQL and as a rehearsal tells them."""

import pytest

from operations.enrol import Profile
from operations.rehearse import rehearse
from tests.api.conftest import Client, Json, later
from tests.world import PROGRAMME, World, published, shared

MEANS = (
    "  means: {title: Means, period: month, of: teams, score: mean, minimum: 5, closing: {}}\n"
    "  active: {title: Active, period: month, of: teams, score: mean-active, ties: dense}\n"
)
PLACES = "{ rank score mean team { name } }"


@pytest.fixture
async def client(world: World, empty_client: Client) -> Client:
    """Red has three members and 40 points, Blue two and 13, Green three and 13."""
    await world.apply(PROGRAMME + MEANS)
    for team, names in (("Red", ("Ada", "Bob", "Cy")), ("Blue", ("Dee", "Eve")), ("Green", ("Fay", "Gus", "Hal"))):
        await world.hire(*names, team=team)
    await world.record(published(1, "ada"), shared(2, "dee"), shared(3, "fay"))
    return empty_client


def told(places: list[Json]) -> list[tuple[int, str, int, float]]:
    return [(each["rank"], each["team"]["name"], each["score"], each["mean"]) for each in places]


async def test_means_are_told_to_three_decimals(client: Client) -> None:
    """They decide the order; `score` has their whole points. What is under the minimum is not on the board."""
    query = f"query Q($board: String!) {{ leaderboard(key: $board) {{ board {{ of score minimum }} top {PLACES} }} }}"
    means = (await client.ask(query, board="means"))["leaderboard"]
    assert {"of": "TEAMS", "score": "MEAN", "minimum": 5} == means["board"]
    assert [(1, "Red", 13, 13.333), (2, "Blue", 6, 6.5)] == told(means["top"])
    active = (await client.ask(query, board="active"))["leaderboard"]
    assert "MEAN_ACTIVE" == active["board"]["score"]
    assert [(1, "Red", 40, 40.0), (2, "Blue", 13, 13.0), (2, "Green", 13, 13.0)] == told(active["top"])
    everything = await client.ask('{ leaderboard(key: "everything") { board { score } top(n: 1) { score mean } } }')
    assert {"board": {"score": "SUM"}, "top": [{"score": 40, "mean": None}]} == everything["leaderboard"]


async def test_pages_and_places_go_by_the_exact_mean(client: Client, world: World) -> None:
    """A page begins behind the mean of its cursor, not behind its whole points."""
    await world.adjust("dee", 27)
    await world.adjust("fay", 26)
    ask = f"""query Q($after: String) {{ leaderboard(key: "means") {{ participants
        entries(first: 1, after: $after) {{ edges {{ cursor node {PLACES} }} }}
        around(member: "hal", radius: 1) {PLACES} place(team: "Red") {PLACES} }} }}"""
    first = (await client.ask(ask))["leaderboard"]
    assert (3, [(1, "Blue", 20, 20.0)]) == (first["participants"], told([first["entries"]["edges"][0]["node"]]))
    cursor = first["entries"]["edges"][0]["cursor"]
    second = (await client.ask(ask, after=cursor))["leaderboard"]
    assert [(2, "Red", 13, 13.333)] == told([second["entries"]["edges"][0]["node"]]) == told([second["place"]])
    assert [(2, "Red", 13, 13.333), (3, "Green", 13, 13.0)] == told(second["around"])


async def test_how_a_mean_changed(client: Client, world: World) -> None:
    """By the members of the day before: somebody who has come since makes a difference."""
    later(world, days=1)
    await world.hire("Ian", team="Red")
    ask = """{ leaderboard(key: "means") { top(n: 1) { mean change(since: DAY) { previousScore previousMean } } } }"""
    (red,) = (await client.ask(ask))["leaderboard"]["top"]
    assert {"mean": 10.0, "change": {"previousScore": 13, "previousMean": 13.333}} == red


async def test_past_days_are_divided_by_whom_the_board_asked_for_then(client: Client, world: World) -> None:
    """By where members were when the day was over, and by the members of the board as it was; who has left since is
    not among them."""
    near = "  near: {title: Near, period: month, of: teams, score: mean, members: 'member.location != \"Oslo\"'}\n"
    await world.apply(PROGRAMME + MEANS + near)
    await world.enrol(Profile("bob", location="Oslo"), Profile("gus", location="Oslo"), Profile("hal", location="Oslo"))
    await world.enrol(Profile("hal", location="Paris"))
    ask = f'query Q($day: Date) {{ leaderboard(key: "near", asOf: $day) {{ top {PLACES} }} }}'

    async def means(day: str | None = None) -> list[tuple[int, str, int, float]]:
        return told((await client.ask(ask, day=day))["leaderboard"]["top"])

    first = [(1, "Red", 20, 20.0), (2, "Blue", 6, 6.5), (2, "Green", 6, 6.5)]
    assert first == await means()
    later(world, days=1)
    await world.enrol(
        Profile("bob", location="Paris"), Profile("eve", location="Oslo"), Profile("hal", location="Oslo")
    )
    second = [(1, "Red", 13, 13.333), (2, "Blue", 13, 13.0), (2, "Green", 13, 13.0)]
    assert second == await means()
    later(world, days=1)
    await world.apply(PROGRAMME + MEANS + near.replace("!=", "=="))
    assert [] == await means(), "whoever is in Oslo has done nothing there"
    assert [first, second] == [await means(day) for day in ("2026-11-21", "2026-11-22")]
    await world.enrol(Profile("cy", participates=False))
    assert [(1, "Red", 40, 40.0), (1, "Red", 20, 20.0)] == [
        (await means(day))[0] for day in ("2026-11-21", "2026-11-22")
    ]


async def test_a_final_result_holds_means(client: Client, world: World) -> None:
    """From the closing on it is divided by the members of then, and read from the result."""
    later(world, days=14)
    await world.close()
    ask = f"""{{ leaderboard(key: "means", period: "2026-11") {{ state closing {{ places }} top {PLACES} }} }}"""
    provisional = (await client.ask(ask))["leaderboard"]
    await world.hire("Ian", team="Red")
    later(world, days=8)
    await world.close()
    final = (await client.ask(ask))["leaderboard"]
    assert ("PROVISIONAL", "FINAL", 2) == (provisional["state"], final["state"], final["closing"]["places"])
    assert [(1, "Red", 13, 13.333), (2, "Blue", 6, 6.5)] == told(final["top"]) == told(provisional["top"])
    assert [] == await world.differences()


async def test_a_rehearsal_tells_means(client: Client, world: World) -> None:
    """With all their decimals."""
    async with world.store.reading() as work:
        lines = await rehearse(work, world.revisions, "means", "2026-11", 2)
    assert ["     1      13.333  Red", "     2       6.500  Blue"] == lines[:2]
