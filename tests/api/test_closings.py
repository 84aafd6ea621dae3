"""Closed periods over GraphQL: what a leaderboard tells of its closing, and what managers do about it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.access import Scope, create_key
from operations.close import end_disputes
from operations.enrol import Profile
from storage.work import UnitOfWork
from tests.api.conftest import Client, Json
from tests.operations.test_close import CLOSING, OCTOBER, company, named_closing
from tests.world import World, shared

ERRORS = "told errors { __typename code message ... on InputRefused { field } }"
BOARD = """leaderboard { board { key graceDays disputeDays } period { key } state participants
  top { rank score member { externalId } team { name } }
  closing { state attempt closedAt disputesUntil finalAt digest places
    events { kind at author reason member { externalId } team { name } }
    late { entries points arrivals { entries points member { externalId } team { name } } } } }"""
CLOSE = f"mutation Close($input: PeriodInput!) {{ closePeriod(input: $input) {{ {BOARD} {ERRORS} }} }}"
REOPEN = f"mutation Reopen($input: PeriodInput!) {{ reopenPeriod(input: $input) {{ {BOARD} {ERRORS} }} }}"
DISQUALIFY = f"mutation Out($input: CompetitorInput!) {{ disqualify(input: $input) {{ {BOARD} {ERRORS} }} }}"
REINSTATE = f"mutation In($input: CompetitorInput!) {{ reinstate(input: $input) {{ {BOARD} {ERRORS} }} }}"
ASK = "query Board($board: String!, $period: String) { " + BOARD.replace(
    "leaderboard {", "leaderboard(key: $board, period: $period) {", 1
)
ASK += " }"
REHEARSE = f"""query Rehearse($board: String!, $period: String!) {{
  closingRehearsal(board: $board, period: $period) {{ dueAt disputesUntil {BOARD} }} }}"""

STANDS = """query Stands($period: String!, $member: String!) { leaderboard(key: "effort", period: $period) {
  place(member: $member) { rank } around(member: $member, radius: 0) { rank } } }"""

OF_OCTOBER = {"board": "effort", "period": OCTOBER, "reason": " it is Halloween "}


@pytest.fixture
async def october(world: World, empty_client: Client) -> Client:
    await company(world)
    return empty_client


async def change(client: Client, document: str, key: str | Scope = Scope.MANAGE, /, **given: Any) -> Json:
    (payload,) = (await client.ask(document, key, input=given)).values()
    found: Json = payload
    return found


async def board(client: Client, of: str = "effort", key: str | Scope = Scope.MANAGE) -> Json:
    found: Json = (await client.ask(ASK, key, board=of, period=OCTOBER))["leaderboard"]
    return found


def places(found: Json) -> list[tuple[int, str | None, int]]:
    return [(each["rank"], (each["member"] or {}).get("externalId"), each["score"]) for each in found["top"]]


async def test_a_leaderboard_tells_how_far_its_period_is_closed(world: World, october: Client) -> None:
    """Open without a closing; provisional with its deadlines and what came late; final with its digest."""
    found = await board(october)
    assert ("OPEN", None) == (found["state"], found["closing"])
    assert {"key": "effort", "graceDays": 2, "disputeDays": 7} == found["board"]
    world.now = datetime(2026, 11, 3, tzinfo=UTC)
    await world.close()
    await world.record(
        shared(9, "cy", at="2026-10-20T09:30:00Z"),
        shared(10, "ben", at="2026-10-21T09:30:00Z", url="https://example.com/9"),
    )
    found = await board(october)
    closing = found["closing"]
    assert [(1, "ada", 24), (2, "ben", 12), (2, "cy", 12)] == places(found)
    assert ("PROVISIONAL", "PROVISIONAL", 1) == (found["state"], closing["state"], closing["attempt"])
    assert "2026-11-03T00:00:00+00:00" == closing["closedAt"]
    assert "2026-11-10T00:00:00+00:00" == closing["disputesUntil"]
    assert (None, None, None) == (closing["finalAt"], closing["digest"], closing["places"])
    assert {
        "entries": 3,
        "points": 17,
        "arrivals": [
            {"entries": 2, "points": 12, "member": {"externalId": "cy"}, "team": None},
            {"entries": 1, "points": 5, "member": {"externalId": "ben"}, "team": None},
        ],
    } == closing["late"]
    world.now = datetime(2026, 11, 10, tzinfo=UTC)
    await world.close()
    await world.enrol(Profile("ben", participates=False))
    found = await board(october)
    closing = found["closing"]
    assert [(1, "ada", 24), (2, "cy", 12)] == places(found)
    assert ("FINAL", 2, 3) == (found["state"], found["participants"], closing["places"])
    assert (await named_closing(world)).digest == closing["digest"]
    assert ["CLOSED", "FINAL"] == [event["kind"] for event in closing["events"]]
    assert 12 == closing["late"]["points"], "of who takes part"


async def test_a_manager_closes_a_period_early_and_opens_it_again(world: World, october: Client) -> None:
    """With a reason, which everyone reads."""
    done = await change(october, CLOSE, **OF_OCTOBER)
    assert ("PROVISIONAL", []) == (done["leaderboard"]["state"], done["errors"])
    assert done["told"] == (
        "2026-10 of effort is closed, 16 days before its last one, 2026-10-31: what happens until then will be late. "
        "It can be disputed until 2026-10-22 01:00 BST; until then, reopen opens it again."
    )
    event: Json = {"kind": "CLOSED_EARLY", "at": "2026-10-15T00:00:00+00:00", "author": "for manage"}
    event |= {"reason": "it is Halloween", "member": None, "team": None}
    assert [event] == done["leaderboard"]["closing"]["events"]
    refused = await change(october, CLOSE, **OF_OCTOBER)
    (error,) = refused["errors"]
    assert refused["told"] is None
    assert ("period", "2026-10 of 'effort' is closed already") == (error["field"], error["message"])
    done = await change(october, REOPEN, **OF_OCTOBER)
    assert ("OPEN", 1) == (done["leaderboard"]["state"], done["leaderboard"]["closing"]["attempt"])
    (error,) = (await change(october, REOPEN, **OF_OCTOBER))["errors"]
    assert "2026-10 of 'effort' is open; close it first" == error["message"]
    (error,) = (await change(october, CLOSE, **OF_OCTOBER | {"reason": " "}))["errors"]
    told = "reason is missing; say why in a few words, as everybody will read it"
    assert ("reason", told) == (error["field"], error["message"])
    (error,) = (await change(october, DISQUALIFY, **OF_OCTOBER | {"reason": " ", "member": "ada"}))["errors"]
    assert error["message"].endswith(", as managers, and the member it is about, will read it")
    assert [] == await world.differences()


async def test_a_manager_disqualifies_and_reinstates(world: World, october: Client) -> None:
    """The others move up; who acts for a member who stands there can do neither."""
    who = OF_OCTOBER | {"member": "ada"}
    (error,) = (await change(october, DISQUALIFY, **who))["errors"]
    assert "2026-10 of 'effort' is open; close it first" == error["message"]
    await change(october, CLOSE, **OF_OCTOBER)
    async with world.store.writing() as work:
        adas = await create_key(work, "Ada's console", [Scope.MANAGE], world.now, member="ada")
    for document in (DISQUALIFY, REINSTATE):
        (error,) = (await change(october, document, adas, **who))["errors"]
        assert error["message"].startswith("you stand on 'effort' in 2026-10, and nobody decides a contest that they")
    done = await change(october, DISQUALIFY, **who)
    assert [(1, "ben", 12), (1, "cy", 12)] == places(done["leaderboard"])
    assert {"externalId": "ada"} == done["leaderboard"]["closing"]["events"][-1]["member"]
    done = await change(october, REINSTATE, **who)
    assert [(1, "ada", 24), (2, "ben", 12), (2, "cy", 12)] == places(done["leaderboard"])
    for given, field, words in [
        ({"member": "eve"}, "member", "there is no member 'eve'"),
        ({}, "member", "give either member, an external id, or team, a name"),
        ({"team": "Red"}, "team", "'effort' is a board of members; name one of them"),
    ]:
        (error,) = (await change(october, DISQUALIFY, **OF_OCTOBER | given))["errors"]
        assert (field, words) == (error["field"], error["message"])
    assert [] == await world.differences()


async def test_a_team_is_disqualified_by_name(world: World, october: Client) -> None:
    """On a board of teams."""
    await change(october, CLOSE, **OF_OCTOBER | {"board": "teams"})
    done = await change(october, DISQUALIFY, **OF_OCTOBER | {"board": "teams", "team": "Red"})
    assert ["Blue"] == [place["team"]["name"] for place in done["leaderboard"]["top"]]
    assert {"name": "Red"} == done["leaderboard"]["closing"]["events"][-1]["team"]


async def key_of(world: World, name: str) -> str:
    async with world.store.writing() as work:
        return await create_key(work, f"{name}'s key", [Scope.READ], world.now, member=name)


async def test_why_somebody_was_disqualified_is_not_for_everybody(world: World, october: Client) -> None:
    """Nor who it was and who did it: for managers and themself. Others see that it happened, and why it was closed."""
    await change(october, CLOSE, **OF_OCTOBER)
    await change(october, DISQUALIFY, **OF_OCTOBER | {"member": "ada"})
    await change(october, REINSTATE, **OF_OCTOBER | {"member": "ada"})
    for key in (Scope.MANAGE, await key_of(world, "ada")):
        closed, *whole = (await board(october, "effort", key))["closing"]["events"]
        told = ("for manage", "it is Halloween", {"externalId": "ada"})
        assert [told] * 2 == [(each["author"], each["reason"], each["member"]) for each in whole]
    for other in (Scope.READ, await key_of(world, "ben")):
        found = (await board(october, "effort", other))["closing"]["events"]
        hidden = {"author": None, "reason": None, "member": None}
        assert [closed, *(each | hidden for each in whole)] == found


async def test_why_a_team_was_disqualified_is_for_managers(world: World, october: Client) -> None:
    """Which it was is for all."""
    await change(october, CLOSE, **OF_OCTOBER | {"board": "teams"})
    await change(october, DISQUALIFY, **OF_OCTOBER | {"board": "teams", "team": "Red"})
    event = (await board(october, "teams", await key_of(world, "ada")))["closing"]["events"][-1]
    assert (None, None, {"name": "Red"}) == (event["author"], event["reason"], event["team"])


async def test_what_came_late_of_others_is_for_managers(world: World, october: Client) -> None:
    """Who acts for a member sees theirs alone, also behind others; on boards of teams everybody sees all."""
    world.now = datetime(2026, 11, 3, tzinfo=UTC)
    await world.close()
    await world.record(
        shared(9, "cy", at="2026-10-20T09:30:00Z"),
        shared(10, "ben", at="2026-10-21T09:30:00Z", url="https://example.com/9"),
    )
    whole = (await board(october))["closing"]["late"]
    cy, ben = whole["arrivals"]
    for key, arrivals in ((Scope.READ, []), (await key_of(world, "ben"), [ben]), (await key_of(world, "cy"), [cy])):
        assert whole | {"arrivals": arrivals} == (await board(october, "effort", key))["closing"]["late"]
    first = ASK.replace("late {", "late(first: 1) {")
    found = await october.ask(first, await key_of(world, "ben"), board="effort", period=OCTOBER)
    assert [ben] == found["leaderboard"]["closing"]["late"]["arrivals"]
    of_teams = (await board(october, "teams"))["closing"]["late"]
    assert of_teams["arrivals"]
    assert of_teams == (await board(october, "teams", Scope.READ))["closing"]["late"]


async def test_a_rehearsal_shows_what_closing_now_would_give(world: World, october: Client) -> None:
    """And writes nothing."""
    given = {"board": "effort", "period": "2026-10-15"}
    found = (await october.ask(REHEARSE, Scope.MANAGE, **given))["closingRehearsal"]
    assert [(1, "ada", 24), (2, "ben", 12), (2, "cy", 12)] == places(found["leaderboard"])
    assert "OPEN" == found["leaderboard"]["state"]
    assert ("2026-11-03T00:00:00+00:00", "2026-10-22T01:00:00+01:00") == (found["dueAt"], found["disputesUntil"])
    assert await named_closing(world) is None
    code, message = await october.refusal(REHEARSE, Scope.MANAGE, board="impact", period="2026-10")
    assert ("BAD_INPUT", "'impact' never closes; give it `closing: {}` in the programme first") == (code, message)


async def test_a_rehearsal_of_a_reopened_period_says_when_it_closes_now(world: World, october: Client) -> None:
    """Not the date at first, which is over."""
    world.now = datetime(2026, 11, 4, tzinfo=UTC)
    await world.close()
    await change(october, REOPEN, **OF_OCTOBER)
    found = (await october.ask(REHEARSE, Scope.MANAGE, board="effort", period="2026-10"))["closingRehearsal"]
    assert "2026-11-06T00:00:00+00:00" == found["dueAt"]


async def test_a_rehearsal_of_what_never_closes_says_so(world: World, october: Client) -> None:
    """It was over before the programme began."""
    found = (await october.ask(REHEARSE, Scope.MANAGE, board="effort", period="2026-08"))["closingRehearsal"]
    assert (None, None) == (found["dueAt"], found["disputesUntil"])


@pytest.mark.parametrize(
    "gone", [", closing: {}", "  effort: {title: Effort, tags: [effort], period: month, closing: {}}\n"]
)
async def test_what_a_board_closed_before_it_was_retired_is_still_decided(
    world: World, october: Client, gone: str
) -> None:
    """Or before its `closing` was removed. The answer shows what became of it."""
    await change(october, CLOSE, **OF_OCTOBER)
    assert gone in CLOSING
    await world.apply(CLOSING.replace(gone, "", 1))
    done = await change(october, DISQUALIFY, **OF_OCTOBER | {"member": "ada"})
    assert ("ada has no place in 2026-10 of effort.", []) == (done["told"], done["errors"])
    assert ("PROVISIONAL", [(1, "ben", 12), (1, "cy", 12)]) == (
        done["leaderboard"]["state"],
        places(done["leaderboard"]),
    )
    rehearsed = (await october.ask(REHEARSE, Scope.MANAGE, board="effort", period=OCTOBER))["closingRehearsal"]
    assert (None, "2026-10-22T00:00:00+00:00") == (rehearsed["dueAt"], rehearsed["disputesUntil"])
    assert [(1, "ben", 12), (1, "cy", 12)] == places(rehearsed["leaderboard"])


async def test_a_key_that_only_reads_closes_nothing(october: Client) -> None:
    """Managing is for managers."""
    for document in (CLOSE, REOPEN, DISQUALIFY, REINSTATE):
        code, _ = await october.refusal(document, Scope.READ, input=OF_OCTOBER)
        assert "FORBIDDEN" == code


async def test_who_leaves_while_a_result_is_being_frozen_is_not_shown(world: World, october: Client) -> None:
    """Their place is kept, and is empty from that moment."""
    for _ in range(2):  # the months before are final
        await world.close()
        world.now += timedelta(days=8)
    await change(october, CLOSE, **OF_OCTOBER)
    world.now += timedelta(days=8)

    async def failing(work: UnitOfWork, closing_id: int) -> None:
        raise RuntimeError(closing_id)

    with pytest.raises(RuntimeError):
        await end_disputes(world.store, world.revisions, now=world.now, pay=failing)
    await world.enrol(Profile("ben", participates=False))
    found = await board(october)
    assert ("PROVISIONAL", [(1, "ada", 24), (2, "cy", 12)]) == (found["state"], places(found))
    assert {"place": None, "around": []} == (await october.ask(STANDS, period=OCTOBER, member="ben"))["leaderboard"]
    await end_disputes(world.store, world.revisions, now=world.now)
    found = await board(october)
    assert ("FINAL", [(1, "ada", 24), (2, "cy", 12)]) == (found["state"], places(found))
    assert 3 == found["closing"]["places"]
