"""Ingest with 30 badges and the zones active, against ingest of the same batches with neither.

The programme, members and batches are those of `bench/ingest.py`, with six badges and a need or two for each activity
type. Both stores hold the same 20,000 activities of seven months when the clock starts. The two take turns, batch by
batch, so that both see the same machine.
"""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.database import fill, postgresql_copies
from bench.measurement import Measurement
from bench.workload import BATCH, NOW, batches, recognising
from operations.record import Status, record
from operations.revision import Revisions
from storage.engine import Store
from tests.postgresql import postgresql_server

BATCHES = 30
WARM_UP = 5
BEFORE = 20_000  # activities


async def run(name: str, database: str) -> Measurement:
    """Activities a second, with and without."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        sources = [Path(folder) / "with.db", Path(folder) / "without.db"]
        await fill(sources[0], BEFORE, recognising())
        await fill(sources[1], BEFORE)
        if database == "sqlite":
            ours, limit = await _turns([f"sqlite:///{source}" for source in sources])
        else:
            with postgresql_server(Path(folder) / "postgresql") as server:
                async with (
                    postgresql_copies(server, sources[0], 1) as recognised,
                    postgresql_copies(server, sources[1], 1) as plain,
                ):
                    ours, limit = await _turns([*recognised, *plain])
    total = (BATCHES - WARM_UP) * BATCH
    return Measurement(name, total / ours, total / limit, limit / ours, "activities/s")


async def _turns(urls: list[str]) -> tuple[float, float]:
    """Seconds that the counted batches took in each store."""
    stores = [(Store(url), Revisions()) for url in urls]
    seconds = [0.0, 0.0]
    for number, reports in enumerate(batches(BEFORE, BATCHES, over=timedelta(days=14))):
        for index, (store, revisions) in enumerate(stores):
            start = perf_counter()
            async with store.writing() as work:
                receipts = await record(work, revisions, reports, now=NOW)
            if number >= WARM_UP:
                seconds[index] += perf_counter() - start
            assert all(receipt.status is Status.RECORDED for receipt in receipts)
    for store, _ in stores:
        await store.close()
    return seconds[0], seconds[1]
