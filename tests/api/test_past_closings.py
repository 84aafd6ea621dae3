"""Past days of periods that close: each step is told on the days on which it stood."""

from datetime import UTC, datetime
from typing import Any

import pytest

from operations.disqualify import Competitor
from operations.enrol import Profile
from tests.api.conftest import Client, Json
from tests.operations.test_close import CLOSING, OCTOBER, company
from tests.world import World, shared

ASK = """query Then($board: String!, $period: String!, $asOf: Date) {
  leaderboard(key: $board, period: $period, asOf: $asOf) {
    state participants closing { digest }
    top { rank position score percentile member { externalId } team { name } }
    of: place(member: "cy") { rank position } } }"""


async def told(client: Client, board: str = "effort", as_of: str | None = None) -> Json:
    found: Json = (await client.ask(ASK, board=board, period=OCTOBER, asOf=as_of))["leaderboard"]
    return found


def places(found: Json) -> list[tuple[int, str, int]]:
    return [(each["rank"], (each["member"] or each["team"])["externalId"], each["score"]) for each in found["top"]]


@pytest.fixture
async def days(world: World, empty_client: Client) -> dict[str, dict[str, Json]]:
    """What was shown at the end of each day of a period that is disputed, and at last final."""
    await company(world)
    shown: dict[str, dict[str, Json]] = {}

    async def end_of(day: int) -> None:
        world.now = datetime(2026, 11, day, 23, 59, 59, tzinfo=UTC)
        await world.close()
        shown[f"2026-11-{day:02}"] = {board: await told(empty_client, board) for board in ("effort", "teams")}
        world.now = datetime(2026, 11, day + 1, 9, tzinfo=UTC)

    await end_of(1)
    await world.record(shared(8, "cy", at="2026-10-20T09:30:00Z"))
    await end_of(2)
    await end_of(3)
    await world.record(shared(9, "cy", at="2026-10-21T09:30:00Z", url="https://example.com/late"))
    await end_of(4)
    await world.disqualify("effort", OCTOBER, Competitor(member="ada"))
    await world.retract(2)
    await end_of(5)
    await world.reinstate("effort", OCTOBER, Competitor(member="ada"))
    await world.adjust("ben", 90, rule="share", at=datetime(2026, 10, 9, tzinfo=UTC))
    await end_of(6)
    await end_of(10)
    await world.adjust("cy", 500, rule="share", at=datetime(2026, 10, 9, tzinfo=UTC))
    await end_of(11)
    return shown


async def test_every_step_of_a_closing_is_told_on_its_days(
    world: World, empty_client: Client, days: dict[str, dict[str, Json]]
) -> None:
    """Open, provisional, disqualified, reinstated, corrected, final; what came late is in none of it."""
    states = {day: shown["effort"]["state"] for day, shown in days.items()}
    assert ["OPEN", "OPEN", *["PROVISIONAL"] * 4, "FINAL", "FINAL"] == list(states.values())
    world.now = datetime(2026, 12, 24, tzinfo=UTC)
    for day, shown in days.items():
        for board, before in shown.items():
            assert before == await told(empty_client, board, day), (board, day)
    assert 64 == len(days["2026-11-11"]["effort"]["closing"]["digest"])
    assert [] == await world.differences()


async def test_who_has_left_since_is_on_no_day_of_it(
    world: World, empty_client: Client, days: dict[str, dict[str, Json]]
) -> None:
    """Before it was final the others close up; in the final result the place stays empty."""
    world.now = datetime(2026, 12, 24, tzinfo=UTC)
    await world.enrol(Profile("ada", participates=False))
    assert 3 == len(days["2026-11-04"]["effort"]["top"])
    found = await told(empty_client, as_of="2026-11-04")
    assert [(1, "cy", 24), (2, "ben", 12)] == places(found)
    found = await told(empty_client, as_of="2026-11-11")
    assert [(1, "ben", 90), (2, "cy", 24)] == places(found)
    assert {"rank": 2, "position": 3} == found["of"], "as many as Ada, whose place is empty"


async def test_a_closed_period_of_a_retired_board_is_told_by_its_last_key(world: World, empty_client: Client) -> None:
    """Disputed and final; its other periods are not, and a board in force with the key wins."""
    await company(world)
    world.now = datetime(2026, 11, 3, 0, 1, tzinfo=UTC)
    await world.close()
    before = await told(empty_client)
    without = CLOSING.replace("  effort: {title", "  other: {title")
    await world.apply(without)
    assert "PROVISIONAL" == before["state"]
    assert before == await told(empty_client)
    world.now = datetime(2026, 11, 10, 0, 2, tzinfo=UTC)
    await world.close()
    final = await told(empty_client)
    assert ("FINAL", before["top"]) == (final["state"], final["top"])
    for given in ({"period": "2026-11"}, {"period": OCTOBER, "asOf": "2026-11-05"}):
        code, message = await empty_client.refusal(ASK, board="effort", **given)
        assert ("NOT_FOUND", True) == (code, message.startswith("the programme has no board 'effort'"))
        assert message.endswith("; a retired one had this key: name a period that it closed, without asOf")
    code, message = await empty_client.refusal(ASK, board="nothing", period=OCTOBER)
    assert ("NOT_FOUND", "the programme has no board 'nothing'") == (code, message.split(";")[0])
    await world.apply(CLOSING.replace("  effort: {title: Effort", "  effort: {was: other, title: Effort"))
    assert "PROVISIONAL" == (await told(empty_client))["state"], "what the other closed, a week later"


async def test_a_retired_board_is_compared_with_before_by_the_names_that_it_had(
    world: World, empty_client: Client
) -> None:
    """Its rule has another key by now."""
    ask = """query Moved($since: Since!) { leaderboard(key: "effort", period: "2026-10") {
      top { change(since: $since) { isNew previousScore } } } }"""
    ruled = CLOSING.replace("effort: {title: Effort, tags: [effort]", "effort: {title: Effort, rules: [share]")
    await company(world, ruled)
    world.now = datetime(2026, 11, 3, 0, 1, tzinfo=UTC)
    await world.close()
    before = [await empty_client.ask(ask, since=since) for since in ("DAY", "PERIOD")]
    await world.apply(
        CLOSING.replace("  share:", "  posted:\n    was: share").replace("  effort: {title", "  other: {title")
    )
    assert before == [await empty_client.ask(ask, since=since) for since in ("DAY", "PERIOD")]


async def test_a_reopened_period_counts_as_open_on_the_days_before(world: World, empty_client: Client) -> None:
    """Of its first closing nothing is told but what happened to it."""
    await company(world)
    world.now = datetime(2026, 11, 3, tzinfo=UTC)
    await world.close()
    world.now = datetime(2026, 11, 4, tzinfo=UTC)
    await world.record(shared(8, "cy", at="2026-10-20T09:30:00Z"))
    world.now = datetime(2026, 11, 5, 9, tzinfo=UTC)
    await world.reopen("effort", OCTOBER)
    world.now = datetime(2026, 11, 7, 9, tzinfo=UTC)
    await world.close()
    world.now = datetime(2026, 11, 8, 9, tzinfo=UTC)
    found = [await told(empty_client, as_of=f"2026-11-{day:02}") for day in (3, 4, 5, 7)]
    assert ["OPEN", "OPEN", "OPEN", "PROVISIONAL"] == [each["state"] for each in found]
    assert [(2, "ben", 12), (2, "cy", 12)] == places(found[0])[1:]
    assert [(1, "ada", 24), (1, "cy", 24), (3, "ben", 12)] == sorted(places(found[1]))


WITHIN = """query Within($team: String!, $asOf: Date) { leaderboard(key: "effort", period: "2026-10", asOf: $asOf) {
  within(team: $team) { state participants top { rank score member { externalId } } } } }"""
CHANGE = """query Change { leaderboard(key: "effort", period: "2026-11") {
  top { member { externalId } change(since: PERIOD) { isNew previousRank previousScore } } } }"""


async def within(client: Client, team: str, as_of: str | None = None) -> Any:
    found = (await client.ask(WITHIN, team=team, asOf=as_of))["leaderboard"]["within"]
    return found["state"], found["participants"], places(found)


async def test_a_closed_period_is_asked_within_a_team(
    world: World, empty_client: Client, days: dict[str, dict[str, Json]]
) -> None:
    """Places are counted among them, by what the period counts; now, and as of the days before."""
    world.now = datetime(2026, 12, 24, tzinfo=UTC)
    found = [await within(empty_client, "Red", day) for day in ("2026-11-01", "2026-11-05", "2026-11-11")]
    assert ("OPEN", 2, [(1, "ada", 24), (2, "ben", 12)]) == found[0]
    assert ("PROVISIONAL", 0, []) == found[1], "Ada is disqualified, and what Ben did is retracted"
    assert ("FINAL", 2, [(1, "ben", 90), (2, "ada", 24)]) == found[2] == await within(empty_client, "Red")
    await world.enrol(Profile("ada", participates=False))
    assert ("FINAL", 1, [(1, "ben", 90)]) == await within(empty_client, "Red")


async def test_places_are_compared_with_those_of_a_result(
    world: World, empty_client: Client, days: dict[str, dict[str, Json]]
) -> None:
    """The previous period is told as it ended: late points do not count."""
    await world.record(shared(20, "cy", at="2026-11-09T09:30:00Z"))
    (place,) = (await empty_client.ask(CHANGE))["leaderboard"]["top"]
    final = {each["member"]["externalId"]: each for each in days["2026-11-11"]["effort"]["top"]}
    expected = {"isNew": False, "previousRank": final["cy"]["rank"], "previousScore": final["cy"]["score"]}
    assert {"member": {"externalId": "cy"}, "change": expected} == place


MEANS = "  means: {title: Means, period: month, of: teams, score: mean, closing: {}}\n"


async def test_who_comes_back_later_was_not_there_on_the_day(world: World, empty_client: Client) -> None:
    """However quiet the days are: nothing but this is recorded since. Their team counts nothing of theirs either."""
    await company(world, CLOSING + MEANS)
    world.now = datetime(2026, 11, 2, 0, 0, 30, tzinfo=UTC)
    await world.enrol(Profile("ada", participates=False))
    world.now = datetime(2026, 11, 3, tzinfo=UTC)
    await world.close()
    before = {board: await told(empty_client, board) for board in ("effort", "teams", "means")}
    assert [("PROVISIONAL", 2)] * 3 == [(each["state"], each["participants"]) for each in before.values()]
    world.now = datetime(2026, 11, 4, 0, 0, 30, tzinfo=UTC)
    await world.enrol(Profile("ada", participates=True))
    assert 3 == (await told(empty_client))["participants"]
    assert before == {board: await told(empty_client, board, "2026-11-03") for board in before}
    ask = """query Day { leaderboard(key: "effort", period: "2026-10") {
      place(member: "ada") { change(since: DAY) { isNew previousRank } } } }"""
    change = (await empty_client.ask(ask))["leaderboard"]["place"]["change"]
    assert {"isNew": True, "previousRank": None} == change
