"""Simulations over GraphQL: started, watched, cancelled, and read as numbers and as words."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from api.access import Scope
from operations.jobs import Jobs
from tests.api.conftest import Client, Json, later
from tests.api.test_revisions import SAVE, do
from tests.world import PROGRAMME, World, shared

DOUBLED = PROGRAMME.replace('points: "5 + (activity.with_comment ? 5 : 0)"', "points: 10")

REPORT = """report { activities pointsBefore pointsAfter membersChanged text warnings warningsOmitted
  points { kind key pointsBefore pointsAfter awardsBefore awardsAfter } gainMost { externalId before after }
  boards { board period ended changed before { place competitor name score } after { competitor name score } } }"""
SIMULATION = f"{{ number status judged total since until author reason {REPORT} }}"
START = f"""mutation ($input: StartSimulationInput!) {{ startSimulation(input: $input) {{
  simulation {SIMULATION} mistakes {{ where }} errors {{ code message }} }} }}"""
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
    assert "3 activities judged again" in report["text"]
    (board,) = [each for each in report["boards"] if each["board"] == "effort"]
    ben, ada = ({"competitor": name.lower(), "name": name} for name in ("Ben", "Ada"))
    assert [ben | {"score": 34}, ada | {"score": 17}] == board["after"]
    assert ([], 1) == (report["warnings"], report["warningsOmitted"])
    assert report["text"].endswith("\n\n1 more about what does not change; plan --all tells it.")
    assert before == await world.standings()


async def test_a_broken_draft_is_not_started(client: Client) -> None:
    """Its mistakes are named; a draft that is not there is too."""
    await do(client, SAVE, name="broken", file="programme: x")
    started = await do(client, START, draft="broken", since="2026-11-01")
    assert (None, True) == (started["simulation"], len(started["mistakes"]) > 0)
    assert ["PROGRAMME_INVALID"] == [each["code"] for each in started["errors"]]
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
    refused = {"cancelled": False, "errors": [{"message": f"simulation {number} is done already; read its report"}]}
    assert refused == await do(client, CANCEL, number=number)
    unknown = await do(client, CANCEL, number=99)
    assert "there is no simulation 99" in unknown["errors"][0]["message"]
    listed = await client.ask("{ simulations { number status } }", Scope.MANAGE)
    assert [{"number": number, "status": "DONE"}] == listed["simulations"]


async def test_what_was_cancelled_cannot_be_again(client: Client) -> None:
    """It says that somebody did so before."""
    await do(client, SAVE, name="double", file=DOUBLED)
    number = (await do(client, START, draft="double", since="2026-11-01"))["simulation"]["number"]
    assert {"cancelled": True, "errors": []} == await do(client, CANCEL, number=number)
    again = await do(client, CANCEL, number=number)
    assert {"cancelled": False, "errors": [{"message": f"simulation {number} was cancelled already"}]} == again
    assert "CANCELLED" == (await ended(client, number))["status"]


# A process that begins a simulation, prints its number, and is killed before it is done.
KILLED = """
import asyncio, os, signal, sys
from datetime import date, datetime
from operations.simulation.job import Simulations
from storage.engine import Store

async def begin(url, file, now):
    running = Simulations(Store(url), lambda: datetime.fromisoformat(now))
    print(await running.start(file, date(2026, 11, 1), author="Grace"), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(begin(*sys.argv[1:]))
"""


async def test_a_simulation_whose_process_was_killed_has_failed(world: World, client: Client) -> None:
    """Once nothing was heard of it for a minute, whichever process looks; it says what to do."""
    url = world.store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, DOUBLED, world.now.isoformat()]
    root = Path(__file__).parent.parent.parent
    process = await asyncio.to_thread(subprocess.run, command, cwd=root, capture_output=True, text=True, check=False)
    assert (-signal.SIGKILL, "") == (process.returncode, process.stderr)
    number, started_at = int(process.stdout), world.now
    jobs = [Jobs(world.store, world.revisions, lambda: world.now) for _ in range(2)]
    later(world, seconds=60)
    assert [0, 0] == [await each.end_lost_simulations() for each in jobs]
    query = "query ($number: Int!) { simulation(number: $number) { status endedAt reason } }"
    found = (await client.ask(query, Scope.MANAGE, number=number))["simulation"]
    assert {"status": "RUNNING", "endedAt": None, "reason": None} == found
    later(world, seconds=1)
    await asyncio.gather(*(each.end_lost_simulations() for each in jobs))
    found = (await client.ask(query, Scope.MANAGE, number=number))["simulation"]
    reason = "the process that ran it was stopped or did not answer; start the simulation again"
    assert {"status": "FAILED", "endedAt": started_at.isoformat(), "reason": reason} == found
    refused = await do(client, CANCEL, number=number)
    assert {"cancelled": False, "errors": [{"message": f"simulation {number} has failed already: {reason}"}]} == refused
