"""The mappings that ship, each on a small file in the form that its tool gives, into the programme that ships."""

from io import BytesIO
from operator import itemgetter
from textwrap import dedent
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from activity.mapping import Kind
from activity.mapping_definition import read_mapping
from activity.tables import activity
from operations.load import SKIPPED
from operations.programme import parse
from rules.tables import element
from tests.operations.importing import ROOT, SAMPLES, Importer
from tests.world import World

MAPPINGS = ROOT / "programmes" / "mappings"
FILES = SAMPLES / "mappings"
PROGRAMME = (ROOT / "programmes" / "social-journey.yaml").read_text()

POST = "https://social.example/users"
ARTICLE = {"kind": "article", "edited": True}

# By mapping: a file, what becomes of its rows, and for each activity its id, how many it credits, and its data.
CASES: dict[str, tuple[str, dict[str, int], list[tuple[str, int, dict[str, Any]]]]] = {
    "mastodon-posts": (
        "outbox.json",
        {"recorded": 1, SKIPPED: 3},
        [(f"{POST}/ada/statuses/1/activity", 1, {"network": "mastodon", "url": "https://social.example/@ada/1"})],
    ),
    "mastodon-boosts": (
        "outbox.json",
        {"recorded": 1, SKIPPED: 3},
        [(f"{POST}/ada/statuses/4/activity", 1, {"network": "mastodon", "url": f"{POST}/firm/statuses/77"})],
    ),
    "blog-rss": (
        "blog.rss",
        {"recorded": 2},
        [
            (
                "https://blog.example.com/?p=12",
                2,
                ARTICLE | {"topic": "cloud", "url": "https://blog.example.com/cloud/"},
            ),
            (
                "https://blog.example.com/?p=13",
                1,
                ARTICLE | {"topic": "none", "url": "https://blog.example.com/alone/"},
            ),
        ],
    ),
    "blog-atom": (
        "blog.atom",
        {"recorded": 1},
        [
            (
                "tag:blog.example.com,2026:12",
                2,
                ARTICLE | {"topic": "cloud", "url": "https://blog.example.com/cloud/"},
            )
        ],
    ),
    "x-posts": (
        "tweet_activity.csv",
        {"recorded": 1, "refused": 1},
        [
            (
                "1900000000000000001",
                1,
                {"network": "x", "url": "https://twitter.com/AdaByron/status/1900000000000000001"},
            )
        ],
    ),
    "youtube-videos": (
        "youtube.csv",
        {"recorded": 1, SKIPPED: 1},
        [
            (
                "dQw0000000A",
                1,
                {
                    "kind": "video",
                    "edited": True,
                    "topic": "none",
                    "url": "https://www.youtube.com/watch?v=dQw0000000A",
                },
            )
        ],
    ),
    "linkedin-posts": (
        "linkedin.csv",
        {"recorded": 1},
        [
            (
                "https://www.linkedin.com/feed/update/urn:li:activity:7000000000000000001",
                1,
                {
                    "network": "linkedin",
                    "url": "https://www.linkedin.com/feed/update/urn:li:activity:7000000000000000001",
                },
            )
        ],
    ),
}


def test_every_mapping_that_ships_is_tried() -> None:
    """One that is added needs a sample."""
    assert set(CASES) == {path.stem for path in MAPPINGS.glob("*.yaml")}


@pytest.mark.parametrize("mapping", CASES)
async def test_a_mapping_that_ships_reads_what_its_tool_gives(world: World, mapping: str) -> None:
    """Members are credited, and a second import brings in nothing."""
    file, counts, expected = CASES[mapping]
    await world.apply(PROGRAMME)
    await world.hire("Ada", "Bo")
    importer = Importer(world)
    path = MAPPINGS / f"{mapping}.yaml"
    found = await importer.activities(FILES / file, path)
    assert counts == {name: count for name, count in found.items() if count}
    assert [] == importer.unfound
    again = await importer.activities(FILES / file, path)
    assert (again["duplicate"], again["recorded"]) == (counts["recorded"], 0)
    rows = await world.rows(activity)
    kept = [(row.id, row.credited, {k: v for k, v in orjson.loads(row.data).items() if v != ""}) for row in rows]
    without = [(name, count, _without_defaults(data)) for name, count, data in kept]
    assert expected == sorted(without, key=itemgetter(0))
    async with world.store.reading() as work:
        kinds = {row.id: row.key for row in await work.rows(select(element))}
    assert {kinds[row.type] for row in rows} == {_type_of(path.read_text())}
    assert [] == await world.differences()


def _without_defaults(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in ("reach", "with_comment")}


def _type_of(mapping: str) -> str:
    [line] = [line for line in mapping.splitlines() if line.startswith("type:")]
    return line.removeprefix("type: ")


def test_the_mapping_that_the_documentation_begins_with_is_sound() -> None:
    """It is read under the programme that ships."""
    text = (ROOT / "docs" / "importing.md").read_text()
    example = dedent(text[text.index("    of: activities") : text.index("    python app.py")])
    programme = parse(PROGRAMME)
    mapping = read_mapping(example, Kind.ACTIVITIES, programme.activities, programme.attributes, lambda _: BytesIO())
    assert {"network", "url", "reach"} == set(mapping.group)
