"""What is stripped, over GraphQL: it says so, and what its verdicts named is still told."""

from datetime import timedelta

from api.access import Scope
from tests.api.conftest import Client
from tests.operations.test_strip import KEEPING, company
from tests.world import PROGRAMME, World

ASKED = """query Asked($id: String!) { activity(source: "test", id: $id) { source externalId type data stripped
  member { externalId } verdicts { sentence points values { name value } } } }"""
LEDGER = """{ programme { retentionDays keepsUnknownDays } member(externalId: "ada") { ledger(first: 9) { edges { node {
  points activity { source externalId stripped } } } } } }"""


async def test_a_stripped_activity_says_so_and_tells_why(world: World, empty_client: Client) -> None:
    """It is found by its source and id, which are not told any more."""
    await company(world, KEEPING)
    before = (await empty_client.ask(ASKED, id="1"))["activity"]
    assert (False, "test", "1") == (before["stripped"], before["source"], before["externalId"])
    await world.strip()
    after = (await empty_client.ask(ASKED, id="1"))["activity"]
    assert (True, None, None) == (after["stripped"], after["source"], after["externalId"])
    assert before["verdicts"] == after["verdicts"]
    assert before["data"] == after["data"]
    article = (await empty_client.ask(ASKED, id="3"))["activity"]
    assert ({}, "awarded: 40 points") == (article["data"], article["verdicts"][0]["sentence"])


async def test_lists_tell_what_is_left(world: World, empty_client: Client) -> None:
    """Of the ledger; what is young has everything."""
    await company(world, f"keep_unknown: P90D\n{KEEPING}")
    await world.strip()
    told = await empty_client.ask(LEDGER, Scope.MANAGE)
    assert {"retentionDays": 60, "keepsUnknownDays": 60} == told["programme"]
    edges = told["member"]["ledger"]["edges"]
    gone = {"source": None, "externalId": None, "stripped": True}
    assert [gone] * len(edges) == [edge["node"]["activity"] for edge in edges]
    assert edges


async def test_without_retention_nothing_is_said(world: World, empty_client: Client) -> None:
    """However old it is."""
    await company(world, PROGRAMME)
    world.now += timedelta(days=1_000)
    await world.strip()
    assert False is (await empty_client.ask(ASKED, id="1"))["activity"]["stripped"]
    assert (await empty_client.ask(LEDGER, Scope.MANAGE))["programme"]["retentionDays"] is None
