"""Import: a CSV file through a mapping, against the same reports handed to `record` ready-made, in batches of 1,000.

The mapping composes ids and links of several columns, looks networks up, and reads times and numbers. Both write into
copies of one store and take turns, a part of the file at a time, so that both see the same machine. `memory` is what
the command takes at the highest for a million lines.
"""

import csv
import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import BinaryIO

from activity.intake import Report
from bench.database import copy_sqlite, fill
from bench.measurement import Measurement
from bench.memory import APP, peak
from bench.workload import BATCH, NOW, batches
from operations.load import ByMapping, load_activities
from operations.record import Status, record
from operations.revision import Revisions
from storage.engine import Store

PARTS = 6
PART_BATCHES = 10
WARM_UP = 1  # part before the clock counts
MEMORY_LINES = 1_000_000
MEMORY_LIMIT_MIB = 200

HEADER = ("number", "kind", "who", "when", "site", "views", "comment")
MAPPING = b"""
of: activities
source: bench
id: "activity-{number}"
type: "type{kind}"
member: "m{who}"
time: {value: "{when}", format: seconds}
data:
  network: {value: "{site}", lookup: networks}
  url: "https://example.com/articles/{number}"
  reach: {value: "{views}", thousands: ","}
  with_comment: "{comment}"
lookups: {networks: {linkedin.com: linkedin, x.com: x, mastodon.social: mastodon}}
"""
SITES = {"linkedin": "linkedin.com", "x": "x.com", "mastodon": "mastodon.social"}


async def run(name: str) -> Measurement:
    """Lines a second, and ready-made reports a second."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source = Path(folder) / "source.db"
        await fill(source, 0)
        stores = []
        for copy in ("ours.db", "bare.db"):
            copy_sqlite(source, Path(folder) / copy)
            lean = copy == "ours.db"  # as the command has it
            stores.append(Store(f"sqlite:///{Path(folder) / copy}", lean=lean))
        ours_seconds = bare_seconds = 0.0
        every = batches(0, PARTS * PART_BATCHES, over=timedelta(days=2))
        for part in range(PARTS):
            reports = list(islice(every, PART_BATCHES))
            file = Path(folder) / "part.csv"
            _write(file, chain.from_iterable(reports))
            ours, bare = await _ours(stores[0], file), await _bare(stores[1], reports)
            if part >= WARM_UP:
                ours_seconds += ours
                bare_seconds += bare
        for store in stores:
            await store.close()
    total = (PARTS - WARM_UP) * PART_BATCHES * BATCH
    return Measurement(name, total / ours_seconds, total / bare_seconds, bare_seconds / ours_seconds, "lines/s")


async def memory(name: str) -> Measurement:
    """Mebibytes at the highest, beside what is admitted."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        database, file, mapping = (Path(folder) / each for each in ("laurels.db", "lines.csv", "mapping.yaml"))
        await fill(database, 0)
        mapping.write_bytes(MAPPING)
        _write(file, chain.from_iterable(batches(0, MEMORY_LINES // BATCH, over=timedelta(days=200))))
        environment = os.environ | {"LAURELS_DATABASE_URL": f"sqlite:///{database}"}
        arguments = (str(APP), "import", "activities", str(file), "--mapping", str(mapping))
        mebibytes = await peak(arguments, environment)
    return Measurement(name, mebibytes, MEMORY_LIMIT_MIB, mebibytes / MEMORY_LIMIT_MIB, "MiB")


def _write(path: Path, reports: Iterable[Report]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for report in reports:
            data = report.data
            writer.writerow(
                (
                    report.id.removeprefix("activity-"),
                    report.type.removeprefix("type"),
                    report.member.removeprefix("m"),
                    f"{datetime.fromisoformat(report.time).timestamp():.6f}",
                    SITES[data["network"]],
                    f"{data['reach']:,}",
                    "yes" if data["with_comment"] else "no",
                )
            )


async def _ours(store: Store, path: Path) -> float:
    start = perf_counter()
    with path.open("rb") as file:
        form = ByMapping(MAPPING, _nothing_beside, path)
        loaded = await load_activities(
            store, Revisions(), file, form, clock=lambda: NOW, progress=lambda _: None, keep_going=False
        )
    seconds = perf_counter() - start
    assert loaded.counts[Status.RECORDED] == loaded.counts.total() == PART_BATCHES * BATCH
    return seconds


async def _bare(store: Store, reports: Sequence[Sequence[Report]]) -> float:
    start = perf_counter()
    revisions = Revisions()
    for batch in reports:
        async with store.writing() as work:
            receipts = await record(work, revisions, batch, now=NOW)
        assert all(receipt.status is Status.RECORDED for receipt in receipts)
    return perf_counter() - start


def _nothing_beside(name: str) -> BinaryIO:
    raise FileNotFoundError(name)
