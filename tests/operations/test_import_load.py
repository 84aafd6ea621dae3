"""Loading files into a store: what becomes of their lines, and doing it again."""

from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from typing import BinaryIO

import pytest

from activity.importer import Format
from activity.tables import activity, member
from operations import load
from operations.load import Loaded, Refusal, load_activities, load_members
from operations.revision import NoProgramme, Revisions
from storage.engine import Store
from tests.world import NOW, World

HEADER = "source,id,type,member,time,data.network,data.url,data.reach\n"


def shared(number: int, member: str = "ada", time: str = "2026-11-12T09:30:00Z", reach: int = 1200) -> str:
    return f"crm,{number},post.shared,{member},{time},linkedin,https://example.com/{number},{reach}\n"


class Loader:
    """Loads texts into a world's store, and remembers what it was told on the way."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.refusals: list[Refusal] = []
        self.told: list[int] = []

    def progress(self, loaded: Loaded) -> None:
        self.refusals += loaded.refusals
        self.told.append(loaded.counts.total())

    async def activities(self, text: str | bytes, form: Format = Format.CSV) -> Counter[str]:
        store, revisions = self.world.store, self.world.revisions
        loaded = await load_activities(
            store, revisions, file_of(text), form, clock=lambda: self.world.now, progress=self.progress
        )
        return loaded.counts

    async def members(self, text: str | bytes, form: Format = Format.CSV) -> Counter[str]:
        store, revisions = self.world.store, self.world.revisions
        loaded = await load_members(
            store, revisions, file_of(text), form, clock=lambda: self.world.now, progress=self.progress
        )
        return loaded.counts


def file_of(text: str | bytes) -> BinaryIO:
    return BytesIO(text if isinstance(text, bytes) else text.encode())


@pytest.fixture
async def loader(world: World) -> Loader:
    await world.apply()
    await world.hire("Ada", "Bo")
    return Loader(world)


async def test_each_line_is_counted_by_what_became_of_it(loader: Loader, world: World) -> None:
    """Recorded, duplicate, conflict, ignored, kept and refused lines are told apart; those not taken in are named."""
    await loader.members("external_id,participates\nbo,no\n")
    lines = [
        HEADER,
        shared(1),
        shared(1),
        shared(1, reach=5),
        shared(2, member="bo"),
        shared(3, member="eve"),
        "crm,4,post.shared\n",
        shared(5),
    ]
    counts = await loader.activities("".join(lines))
    assert counts == {"recorded": 2, "duplicate": 1, "conflict": 1, "ignored": 1, "kept": 1, "refused": 1}
    assert [refusal.line for refusal in loader.refusals] == [4, 7]
    assert loader.refusals[1].reason == "the line has 3 columns, and the header has 8"
    assert [row.id for row in await world.rows(activity)] == ["1", "5"]


@pytest.mark.parametrize("bad", ["", "crm,2,post.shared,ada,2026-11-12T09:30:00,linkedin,u,1\n", "\udcff\n"])
async def test_a_refused_line_harms_nothing_else(loader: Loader, bad: str) -> None:
    """Whatever one line holds, the others are recorded."""
    content = HEADER + shared(1) + bad + shared(3)
    assert (await loader.activities(content.encode("utf-8", "surrogateescape")))["recorded"] == 2


async def test_a_file_of_nothing_but_broken_lines_records_nothing(loader: Loader) -> None:
    """Each of them is refused; there is no transaction to make."""
    assert await loader.activities(HEADER + "crm,1\n" * 3) == {"refused": 3}
    assert [refusal.line for refusal in loader.refusals] == [2, 3, 4]


async def test_loading_again_changes_nothing(loader: Loader) -> None:
    """Every line that was recorded is a duplicate; of members, unchanged."""
    content = HEADER + shared(1) + shared(2)
    assert await loader.activities(content) == {"recorded": 2, "refused": 0}
    assert await loader.activities(content) == {"duplicate": 2, "refused": 0}
    people = "external_id,name,team\nada,Ada Byron,Data\ncy,Cy,Data\n"
    assert await loader.members(people) == {"updated": 1, "created": 1, "refused": 0}
    assert await loader.members(people) == {"unchanged": 2, "refused": 0}


async def test_a_load_that_stops_half_way_keeps_its_batches_and_goes_on_when_run_again(
    loader: Loader, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch is committed by itself."""
    monkeypatch.setattr(load, "BATCH_MAX", 2)
    content = HEADER + "".join(shared(number) for number in range(5))

    def stop(loaded: Loaded) -> None:
        if loaded.counts.total() == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await load_activities(
            world.store, world.revisions, file_of(content), Format.CSV, clock=lambda: NOW, progress=stop
        )
    assert len(await world.rows(activity)) == 4
    assert await loader.activities(content) == {"duplicate": 4, "recorded": 1, "refused": 0}
    assert loader.told == [2, 4, 5]


async def test_the_clock_is_asked_for_each_batch(loader: Loader, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load that takes hours records each batch at its own time."""
    monkeypatch.setattr(load, "BATCH_MAX", 1)
    hours = iter(range(12, 24))
    content = HEADER + shared(1) + shared(2)
    await load_activities(
        world.store,
        world.revisions,
        file_of(content),
        Format.CSV,
        clock=lambda: datetime(2026, 11, 21, next(hours), tzinfo=UTC),
        progress=lambda _: None,
    )
    assert len({row.recorded_us for row in await world.rows(activity)}) == 2


async def test_large_lines_end_a_batch_early(loader: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch holds a bounded part of the file, whatever its lines are."""
    monkeypatch.setattr(load, "BATCH_BYTES_MAX", 100)
    await loader.activities("".join(f'{{"id": "{"x" * 60}{number}"}}\n' for number in range(6)), Format.JSONL)
    assert loader.told == [2, 4, 6]


async def test_members_come_with_their_facts(loader: Loader, world: World) -> None:
    """CSV and JSONL give the same members."""
    header = "external_id,name,team,location,department,time_zone,participates,attributes.hourly,attributes.joined\n"
    await loader.members(header + "cy,Cy,Data,Oslo,Engineering,Europe/Oslo,yes,no,2020-02-01\n")
    line = '{"externalId": "di", "name": "Cy", "team": "Data", "location": "Oslo", "department": "Engineering", '
    line += '"timeZone": "Europe/Oslo", "participates": true, "attributes": {"hourly": false, "joined": "2020-02-01"}}'
    assert await loader.members(line, Format.JSONL) == {"created": 1, "refused": 0}
    rows = {row.external_id: row._asdict() for row in await world.rows(member)}
    own = dict.fromkeys(("key", "external_id", "external_id_hash"))
    assert rows["cy"] | own == rows["di"] | own


async def test_a_member_that_is_refused_is_named_by_its_line(loader: Loader) -> None:
    """The reason is that of the profile's check."""
    counts = await loader.members("external_id,name,time_zone\ncy,Cy,Mars/Olympus\ndi,Di,Europe/Oslo\n,Who,\n")
    assert counts == {"refused": 2, "created": 1}
    assert loader.refusals == [
        Refusal(
            2, "there is no time zone 'Mars/Olympus'; write a name such as Europe/London or UTC", "time_zone", "cy"
        ),
        Refusal(4, "external_id is empty", "external_id"),
    ]


async def test_without_a_programme_nothing_is_read(store: Store) -> None:
    """Nobody can say yet what the columns mean."""
    with pytest.raises(NoProgramme, match="No programme has been applied"):
        await load_members(store, Revisions(), file_of(""), Format.CSV, clock=lambda: NOW, progress=lambda _: None)
