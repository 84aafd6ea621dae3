"""Final results over GraphQL, where members have left since: places keep their gaps, and nobody who left is counted."""

from typing import Any

import pytest

from api.access import Scope
from operations.enrol import Profile
from operations.rehearse import rehearse
from tests.api.conftest import Client, Json
from tests.operations.test_close import CLOSING, at
from tests.world import World, shared

ASK = """query Final { leaderboard(key: "effort", period: "2026-10") {
  state participants closing { places } top { rank position percentile member { externalId } } } }"""
PAGE = """query Page($first: Int, $after: String, $last: Int, $before: String) {
  leaderboard(key: "effort", period: "2026-10") { entries(first: $first, after: $after, last: $last, before: $before) {
    edges { node { position } } pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } } }"""
NAMES = ("ada", "ben", "cy", "dee", "eve", "fay", "gus", "hal")


@pytest.fixture
async def final(world: World, empty_client: Client, request: pytest.FixtureRequest) -> Client:
    """October is final: Ada and Ben have as many points, and so have all others."""
    world.now = at(2026, 10, 15)
    await world.apply(
        CLOSING.replace("tags: [effort], period: month,", f"tags: [effort], period: month, {_of(request)}")
    )
    await world.hire(*(name.title() for name in NAMES))
    times = [2, 2, 1, 1, 1, 1, 1, 1]
    for number, name in enumerate(NAMES):
        reports = [
            shared(10 * number + each, name, at=f"2026-10-{5 + each:02}T09:30:00Z") for each in range(times[number])
        ]
        await world.record(*reports)
    for day in (3, 10):
        world.now = at(2026, 11, day, 0, 1)
        await world.close()
    return empty_client


def _of(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "")


async def leave(world: World, client: Client, *which: int) -> list[int]:
    """Those at some positions leave; the positions of the others."""
    top = (await client.ask(ASK))["leaderboard"]["top"]
    names = {each["position"]: each["member"]["externalId"] for each in top}
    await world.enrol(*(Profile(names[position], participates=False) for position in which))
    return [position for position in names if position not in which]


async def page(client: Client, key: Scope = Scope.MANAGE, **asked: Any) -> tuple[list[int], Json]:
    found = (await client.ask(PAGE, key, **asked))["leaderboard"]["entries"]
    return [edge["node"]["position"] for edge in found["edges"]], found["pageInfo"]


async def test_who_left_is_in_no_count_and_the_result_keeps_its_places(world: World, final: Client) -> None:
    """Ranks, positions and percentiles are those of the result; participants are those who still take part."""
    before = (await final.ask(ASK))["leaderboard"]
    assert ("FINAL", 8, {"places": 8}) == (before["state"], before["participants"], before["closing"])
    left = await leave(world, final, 1, 5, 7, 8)
    found = (await final.ask(ASK))["leaderboard"]
    assert (4, {"places": 8}) == (found["participants"], found["closing"])
    assert [each for each in before["top"] if each["position"] in left] == found["top"]
    assert [100, 75, 75, 75] == [each["percentile"] for each in found["top"]]
    await world.enrol(*(Profile(name, participates=False) for name in NAMES))
    found = (await final.ask(ASK))["leaderboard"]
    assert (0, []) == (found["participants"], found["top"])


async def test_pages_end_where_somebody_stands(world: World, final: Client) -> None:
    """No page follows on which nobody is, in either direction."""
    assert [2, 3, 4, 6] == await leave(world, final, 1, 5, 7, 8)
    first, at_first = await page(final, first=2)
    second, at_second = await page(final, first=2, after=at_first["endCursor"])
    assert ([2, 3], [4, 6]) == (first, second)
    last, at_last = await page(final, last=2)
    assert last == second
    above, at_above = await page(final, last=2, before=at_last["startCursor"])
    assert above == first
    for begins, ends in ((at_first, at_second), (at_above, at_last)):
        assert (False, True) == (begins["hasPreviousPage"], begins["hasNextPage"])
        assert (True, False) == (ends["hasPreviousPage"], ends["hasNextPage"])


@pytest.mark.parametrize("final", ["shows: 4,"], indirect=True)
async def test_of_a_board_with_first_places_alone_too(world: World, final: Client) -> None:
    """Those seen are those of the first places who still take part."""
    await leave(world, final, 1, 4)
    positions, at_page = await page(final, Scope.READ, first=2)
    assert ([2, 3], False, False) == (positions, at_page["hasPreviousPage"], at_page["hasNextPage"])


@pytest.mark.parametrize("final", ["ties: dense,"], indirect=True)
async def test_the_share_below_a_shared_place_is_that_of_the_result(world: World, final: Client) -> None:
    """Also where who stood first among equals has left."""
    before = (await final.ask(ASK))["leaderboard"]["top"]
    assert [2, 4, 5, 6, 7, 8] == await leave(world, final, 1, 3)
    assert [each for each in before if each["position"] not in (1, 3)] == (await final.ask(ASK))["leaderboard"]["top"]


async def test_a_rehearsal_tells_the_places_of_the_result(world: World, final: Client) -> None:
    """As many as there are, above them those where somebody still stands."""
    await leave(world, final, 1, 5)
    async with world.store.reading() as work:
        lines = await rehearse(work, world.revisions, "effort", "2026-10", 10)
    assert 7 == len(lines)
    assert lines[-1].startswith("2026-10 of effort has 8 places, and is final since ")
