"""Simulations over GraphQL: started, watched, cancelled, and read as numbers and as words."""

import asyncio

from api.access import Scope
from tests.api.conftest import Client, Json
from tests.api.test_revisions import SAVE, do
from tests.world import PROGRAMME, World, shared

DOUBLED = PROGRAMME.replace('points: "5 + (activity.with_comment ? 5 : 0)"', "points: 10")

REPORT = """report { activities pointsBefore pointsAfter membersChanged text warnings
  points { kind key pointsBefore pointsAfter awardsBefore awardsAfter } gainMost { externalId before after }
  boards { board period ended changed before { place competitor score } after { competitor score } } }"""
SIMULATION = f"{{ number status judged total since until author reason {REPORT} }}"
START = f"""mutation ($input: StartSimulationInput!) {{ startSimulation(input: $input) {{
  simulation {SIMULATION} mistakes {{ where }} errors {{ message }} }} }}"""
CANCEL = """mutation ($input: CancelSimulationInput!) {
  cancelSimulation(input: $input) { cancelled errors { message } } }"""
ASK = f"query ($number: Int!) {{ simulation(number: $number) {SIMULATION} }}"


async def ended(client: Client, number: int) -> Json:
    """A simulation, once it has ended."""
    for _ in range(200):
        found: Json = (await client.ask(ASK, Scope.MANAGE, number=number))["simulation"]
        if found["status"] != "RUNNING":
            return found
        await asyncio.sleep(0.05)
    raise TimeoutError


async def test_a_draft_is_simulated_and_its_report_read(world: World, client: Client) -> None:
    """What each rule would have paid, who gains, and who would stand in the first places; nothing is changed."""
    await world.hire("Ben")
    await world.record(shared(1), shared(2, "ben"), shared(3, "ben"))
    before = await world.standings()
    await do(client, SAVE, name="double", file=DOUBLED)
    started = await do(client, START, draft="double", since="2026-11-01")
    assert ([], []) == (started["mistakes"], started["errors"])
    found = await ended(client, started["simulation"]["number"])
    report = found["report"]
    assert ("DONE", "for manage", "2026-11-01") == (found["status"], found["author"], found["since"])
    assert (3, 15, 2) == (
        report["activities"],
        report["pointsAfter"] - report["pointsBefore"],
        report["membersChanged"],
    )
    (share,) = [each for each in report["points"] if each["key"] == "share"]
    assert (15, 30, 3, 3) == (share["pointsBefore"], share["pointsAfter"], share["awardsBefore"], share["awardsAfter"])
    assert ["ben", "ada"] == [each["externalId"] for each in report["gainMost"]]
    assert "rule share" in report["text"]
    assert before == await world.standings()


async def test_a_broken_draft_is_not_started(client: Client) -> None:
    """Its mistakes are named; a draft that is not there is too."""
    await do(client, SAVE, name="broken", file="programme: x")
    started = await do(client, START, draft="broken", since="2026-11-01")
    assert (None, True) == (started["simulation"], len(started["mistakes"]) > 0)
    missing = await do(client, START, draft="none", since="2026-11-01")
    assert "there is no draft 'none'" in missing["errors"][0]["message"]


async def test_what_cannot_be_simulated_is_refused_at_once(client: Client) -> None:
    """A day before the programme starts, or one that has not come."""
    await do(client, SAVE, name="double", file=DOUBLED)
    for since, words in (("2025-01-01", "is before the programme starts"), ("2036-01-01", "is not past")):
        refused = await do(client, START, draft="double", since=since)
        assert (None, True) == (refused["simulation"], words in refused["errors"][0]["message"])


async def test_an_ended_simulation_cannot_be_cancelled(client: Client) -> None:
    """Nor can one that never was."""
    await do(client, SAVE, name="double", file=DOUBLED)
    number = (await do(client, START, draft="double", since="2026-11-01"))["simulation"]["number"]
    await ended(client, number)
    assert {"cancelled": False, "errors": []} == await do(client, CANCEL, number=number)
    unknown = await do(client, CANCEL, number=99)
    assert "there is no simulation 99" in unknown["errors"][0]["message"]
    listed = await client.ask("{ simulations { number status } }", Scope.MANAGE)
    assert [{"number": number, "status": "DONE"}] == listed["simulations"]
