"""Loading files by a mapping into a store: rehearsed, stopped, and told what is wrong before anything is brought in."""

import pytest

from activity.importer import FileInvalid
from activity.mapping_definition import MappingInvalid
from activity.tables import activity, member
from operations import load
from operations.load import SKIPPED
from tests.operations.importing import Importer
from tests.world import PROGRAMME, World

MAPPING = """
of: activities
skip_when: [{column: who, in: [bot]}]
source: crm
id: "{id}"
type: post.shared
member: "{who}"
time: "{time}"
data: {network: linkedin, url: "{id}", reach: {value: "{reach}", thousands: ","}}
"""
PEOPLE = 'of: members\nexternal_id: "{id}"\nname: "{who}"\n'
HEADER = "id,who,time,reach\n"


def line(number: int, who: str = "ada", reach: str = "5") -> str:
    return f"{number},{who},2026-11-12T09:30:00Z,{reach}\n"


@pytest.fixture
async def importer(world: World) -> Importer:
    await world.apply()
    await world.hire("Ada", "Bo")
    return Importer(world)


async def test_each_row_is_counted_by_what_became_of_it(importer: Importer) -> None:
    """Refused rows are named with their field and id; running it again brings in nothing twice."""
    content = (HEADER + line(1, reach='"1,200"') + line(2, "bot") + line(3, "") + line(4, reach="x")).encode()
    counts = await importer.activities(content, MAPPING)
    assert {"recorded": 1, "refused": 2, SKIPPED: 1} == counts
    assert [(4, "member", "3"), (5, "data.reach", "4")] == [
        (each.line, each.field, each.id) for each in importer.refusals
    ]
    assert {"duplicate": 1, "refused": 2, SKIPPED: 1} == await importer.activities(content, MAPPING)
    assert [] == await importer.world.differences()


async def test_a_type_can_be_named_by_an_alias(importer: Importer) -> None:
    """Its fields are read as those of the type; sent again under its key it is the same."""
    aliased = PROGRAMME.replace("title: Shared a post", "title: Shared a post\n    aliases: [com.example.shared]", 1)
    await importer.world.apply(aliased)
    mapping = MAPPING.replace("type: post.shared", "type: com.example.shared")
    content = (HEADER + line(1, reach='"1,200"')).encode()
    assert {"recorded": 1, "refused": 0} == await importer.activities(content, mapping)
    assert {"duplicate": 1, "refused": 0} == await importer.activities(content, MAPPING)


async def test_a_rehearsal_says_the_same_and_writes_nothing(importer: Importer) -> None:
    """Neither activities nor members."""
    content = (HEADER + line(1) + line(1) + line(3, "")).encode()
    counts = await importer.activities(content, MAPPING, rehearse=True)
    assert {"recorded": 1, "duplicate": 1, "refused": 1} == counts
    assert not await importer.world.rows(activity)
    assert counts == await importer.activities(content, MAPPING)
    counts = await importer.members(b"id,who\ncy,Cy\nada,Ada Byron\n", PEOPLE, rehearse=True)
    assert {"created": 1, "updated": 1, "refused": 0} == counts
    assert {"ada": "Ada", "bo": "Bo"} == {row.external_id: row.name for row in await importer.world.rows(member)}


async def test_where_all_that_comes_first_is_refused_for_one_reason_it_stops(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it is to keep going."""
    monkeypatch.setattr(load, "BATCH_MAX", 3)
    content = (HEADER + "".join(line(number, "") for number in range(3)) + line(4)).encode()
    with pytest.raises(FileInvalid) as raised:
        await importer.activities(content, MAPPING, keep_going=False)
    assert "the first 3 are all refused, and nothing was brought in. Line 2: member needs 'who'" in str(raised.value)
    assert {"recorded": 1, "refused": 3} == await importer.activities(content, MAPPING)
    with pytest.raises(FileInvalid, match=r"and nothing was brought in\. Element 1: "):
        await importer.activities(b"[{}, {}, {}]", MAPPING, keep_going=False, name="file.json")


async def test_it_goes_on_where_they_are_refused_for_several_reasons(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it stop where less than a full batch was looked at."""
    monkeypatch.setattr(load, "BATCH_MAX", 2)
    content = (HEADER + line(1, "") + line(2, reach="x") + line(3)).encode()
    assert {"recorded": 1, "refused": 2} == await importer.activities(content, MAPPING, keep_going=False)
    assert {"refused": 1} == await importer.activities((HEADER + line(1, "")).encode(), MAPPING, keep_going=False)


async def test_a_mistake_of_mapping_or_file_brings_in_nothing(importer: Importer) -> None:
    """Not even the sound lines before it."""
    with pytest.raises(MappingInvalid, match=r"there is no activity type 'post\.shred'"):
        await importer.activities((HEADER + line(1)).encode(), MAPPING.replace("post.shared", "post.shred"))
    with pytest.raises(FileInvalid, match="line 3: time is '03/04/2026', which is not guessed"):
        await importer.activities((HEADER + line(1) + "2,ada,03/04/2026,1\n").encode(), MAPPING)
    assert not await importer.world.rows(activity)


async def test_what_stands_before_a_break_is_brought_in(importer: Importer) -> None:
    """Of a list in JSON that cannot be read to its end, once the first thousand are sound."""
    rows = (
        f'{{"id": "{number}", "who": "ada", "time": "2026-11-12T09:30:00Z", "reach": 5}}' for number in range(1_100)
    )
    mapping = f"format: json\n{MAPPING}"
    with pytest.raises(FileInvalid, match="the file is no sound JSON after element 1100"):
        await importer.activities(f"[{','.join(rows)}, {{]".encode(), mapping)
    assert 1_100 == len(await importer.world.rows(activity))


async def test_a_mapping_of_members_gives_their_identities(importer: Importer) -> None:
    """What stands in a cell is the handle; activities name members by it."""
    await importer.world.apply(f"{PROGRAMME}\nidentities: {{slack: {{title: Slack user}}}}\n")
    mapping = f'{PEOPLE}identities: {{slack: "{{chat}}"}}\n'
    assert {"created": 1, "refused": 0} == await importer.members(b"id,who,chat\ncy,Cy,U1\n", mapping)
    content = (HEADER + line(1, "U1")).encode()
    found = await importer.activities(content, MAPPING.replace('"{who}"', '"slack:{who}"'))
    assert {"recorded": 1, "refused": 0} == found
