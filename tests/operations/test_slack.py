"""The Slack programme that ships, on a small export with all that is odd in real ones."""

import csv
import io
import random
from pathlib import Path

import pytest

from activity.tables import activity
from operations.load import SKIPPED
from tests.conftest import OpenStore
from tests.operations.importing import ROOT, SAMPLES, Importer
from tests.world import World

SLACK = ROOT / "programmes" / "slack"
EXPORT = SAMPLES / "slack"
MESSAGES = EXPORT / "messages.csv"


async def importer(world: World) -> Importer:
    """With the programme in force and the people in."""
    await world.apply((SLACK / "programme.yaml").read_text())
    loading = Importer(world)
    assert {"created": 4, "refused": 0, SKIPPED: 1} == await loading.members(EXPORT / "users.csv", SLACK / "users.yaml")
    return loading


@pytest.fixture
async def slack(world: World) -> Importer:
    return await importer(world)


async def test_what_people_wrote_counts_and_what_the_workspace_and_bots_say_does_not(slack: Importer) -> None:
    """A message is one, also in the same second as an equal one; who left takes no part; who is unknown is awaited.

    A channel is known by its id, which no renaming changes.
    """
    counts = await slack.activities(MESSAGES, SLACK / "messages.yaml")
    assert {"recorded": 5, "ignored": 1, "kept": 1, "refused": 0, SKIPPED: 6} == counts
    assert {"U01ADA": 4, "U02BO": 4, "U04DI": 2} == (await slack.world.standings())["all-time", "ever"]
    rows = await slack.world.rows(activity)
    assert {'{"channel":"C01"}', '{"channel":"C02"}'} == {row.data for row in rows}


async def test_each_reaction_is_an_activity_of_whoever_reacted(slack: Importer) -> None:
    """Not to one's own message; at the message's time."""
    counts = await slack.activities(MESSAGES, SLACK / "reactions.yaml")
    assert {"recorded": 5, "refused": 0} == {name: count for name, count in counts.items() if name != SKIPPED}
    assert {"U02BO": 2, "U01ADA": 1, "U04DI": 2} == (await slack.world.standings())["all-time", "ever"]


async def test_an_export_that_overlaps_an_earlier_one_counts_once(slack: Importer) -> None:
    """Also when its lines come in another order."""
    for mapping in ("messages.yaml", "reactions.yaml"):
        first = await slack.activities(MESSAGES, SLACK / mapping)
        assert [] == slack.unfound
        for seed in range(3):
            again = await slack.activities(shuffled(MESSAGES, seed), SLACK / mapping)
            assert first["recorded"] == again["duplicate"]
            assert not again["recorded"]
    assert [] == await slack.world.differences()


async def test_the_order_of_the_lines_changes_no_score(open_store: OpenStore) -> None:
    """Where no limit is reached."""
    found = []
    for seed in (None, 1, 2):
        async with open_store() as store:
            slack = await importer(World(store))
            content = MESSAGES if seed is None else shuffled(MESSAGES, seed)
            for mapping in ("messages.yaml", "reactions.yaml"):
                await slack.activities(content, SLACK / mapping)
            found.append(await slack.world.standings())
    assert found[0] == found[1] == found[2]


def shuffled(path: Path, seed: int) -> bytes:
    """The same file with its lines in another order."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    random.Random(seed).shuffle(rows)
    written = io.StringIO()
    csv.writer(written).writerows([header, *rows])
    return written.getvalue().encode()
