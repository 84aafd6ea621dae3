"""Simulation, against a bare read of the same rows by the same number of processes.

20 rules of which 4 match each activity, alone or with 30 badges and the zones, 5,000 members, 5 boards. The draft
changes what two rules pay, and is simulated over the whole history. The bare driver (`sqlite3`, or `asyncpg`) reads the
rows of the history in the same order and chunks, and does nothing with them. The two take turns. The start of the
processes is part of both.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import func, select

from activity.calendar import PeriodKind
from bench.database import fill, postgresql_copies
from bench.measurement import Measurement
from bench.workload import NOW, STARTS, programme, recognising
from operations.programme import Programme
from operations.revision import Revisions
from operations.simulation.past import HISTORY, Source, open_past
from operations.simulation.simulate import CHUNK_ACTIVITIES, simulate
from operations.simulation.simulating import EVER_US
from rules.rule import Limit
from rules.tables import verdict
from storage.engine import Store
from tests.postgresql import postgresql_server

ACTIVITIES = 500_000
TURNS = 2


def draft(declared: Programme) -> Programme:
    """The same with two rules that pay otherwise."""
    rules = dict(declared.rules)
    rules["rule1"] = replace(rules["rule1"], points=12)
    rules["rule6"] = replace(rules["rule6"], limits=(Limit(2, PeriodKind.DAY), *rules["rule6"].limits[1:]))
    return replace(declared, rules=rules)


async def run(name: str, database: str, *, badges: bool, activities: int = ACTIVITIES) -> Measurement:
    """Activities a second, ours and bare."""
    declared = recognising() if badges else programme()
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source = Path(folder) / "source.db"
        await fill(source, activities, declared)
        if database == "sqlite":
            ours, bare = await _turns(f"sqlite:///{source}", draft(declared))
        else:
            with postgresql_server(Path(folder) / "postgresql") as server:
                async with postgresql_copies(server, source, 1) as urls:
                    ours, bare = await _turns(urls[0], draft(declared))
    total = TURNS * activities
    return Measurement(name, total / ours, total / bare, bare / ours, "activities/s")


async def _turns(url: str, declared: Programme) -> tuple[float, float]:
    """Seconds that all turns took, ours and bare."""
    store, ours, bare = Store(url), 0.0, 0.0
    bounds = await _bounds(store)
    for _ in range(TURNS):
        start = perf_counter()
        await simulate(store, Revisions(), declared, since=STARTS, now=NOW)
        ours += perf_counter() - start
        start = perf_counter()
        await asyncio.to_thread(_read, Source(store.url.render_as_string(False), None, 2**62, 2**30, EVER_US), bounds)
        bare += perf_counter() - start
    await store.close()
    return ours, bare


async def _bounds(store: Store) -> list[int]:
    """Member keys that part the history into chunks as large as ours."""
    query = select(verdict.c.member, func.count()).group_by(verdict.c.member).order_by(verdict.c.member)
    bounds, held = [0], 0
    async with store.reading() as work:
        for key, count in await work.rows(query):
            held += count
            if held > CHUNK_ACTIVITIES:
                bounds.append(key)
                held = count
    return [*bounds, 2**63 - 1]


def _read(source: Source, bounds: Sequence[int]) -> None:
    chunks = list(pairwise(bounds))
    count = cpu_count() or 1
    context = get_context("spawn")
    children = [context.Process(target=_bare, args=(source, chunks[index::count])) for index in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert not child.exitcode


def _bare(source: Source, chunks: Sequence[tuple[int, int]]) -> None:
    async def read() -> None:
        async with open_past(source) as past:
            for first, after in chunks:
                for _ in await past.rows(HISTORY, first, after, source.seq, source.revision):
                    pass

    asyncio.run(read())
