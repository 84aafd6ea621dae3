"""Close: a period of a million standings from the end of its disputes to its final result, beside one INSERT … SELECT.

The limit writes the same rows in the same order in one statement. Ours writes them in chunks, between which others
write, and takes the digest on the way. What the longest write transaction took, and the most memory, is told beside.
"""

import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import select, text

from activity.calendar import PeriodKind
from bench.measurement import Measurement
from leaderboard.closing import State
from leaderboard.tables import board_period, closing, standing
from operations.close import close_due, end_disputes
from operations.programme import parse
from operations.publish import apply
from operations.revision import Revisions
from storage.engine import Store
from storage.migration import migrate
from storage.work import UnitOfWork
from tests.postgresql import postgresql_server

PEAK, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")  # of Linux

STANDINGS = 1_000_000
ROWS_AT_ONCE = 10_000
SCATTERED = 6_364_136_223_846_793_005  # odd: no two multiples are alike
NOW = datetime(2026, 7, 3, tzinfo=UTC)

PROGRAMME = """
programme: bench
starts: 2026-01-01
time_zone: UTC
activities: {post.shared: {title: Shared a post}}
rules: {share: {title: Share a post, on: [post.shared], points: 5}}
boards: {impact: {title: Impact, period: half-year, closing: {}}}
"""

TABLE = """
CREATE TABLE limited (closing INTEGER, position INTEGER, rank INTEGER NOT NULL, competitor BIGINT NOT NULL,
  score BIGINT NOT NULL, reached_us BIGINT NOT NULL, PRIMARY KEY (closing, position))
"""

LIMIT = """
INSERT INTO limited SELECT 1, row_number() OVER (ORDER BY score DESC, reached_us, competitor),
  rank() OVER (ORDER BY score DESC), competitor, score, reached_us
FROM standing WHERE board = :board AND period = :period AND listed ORDER BY 2
"""


async def run(name: str, database: str) -> Measurement:
    """Standings a second, ours and in one statement."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if database == "sqlite":
            return await _measured(name, f"sqlite:///{Path(folder) / 'close.db'}")
        with postgresql_server(Path(folder) / "postgresql") as server:
            return await _measured(name, server)


async def _measured(name: str, url: str) -> Measurement:
    store, revisions = Store(url), Revisions()
    board, period = await _filled(store, revisions)
    PEAK.write_text("5")  # begin anew: what was in memory before is not of the closing
    with _longest_write(store) as longest:
        start = perf_counter()
        done = await end_disputes(store, revisions, now=NOW + timedelta(days=7))
        ours = perf_counter() - start
    assert done == 1
    async with store.reading() as work:
        row = (await work.rows(select(closing).where(closing.c.state == State.FINAL)))[0]
    assert row.participants == STANDINGS
    (peak,) = [line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:")]
    memory_mb = int(peak.split()[1]) / 1024
    told = f"the longest write took {1000 * max(longest):.0f} ms, the most memory was {memory_mb:.0f} MB"
    print(f"  {told}", file=sys.stderr)
    limit = await _limit(store, board, period)
    await store.close()
    return Measurement(name, STANDINGS / ours, STANDINGS / limit, ours / limit, "standings/s")


async def _filled(store: Store, revisions: Revisions) -> tuple[int, int]:
    """A provisional half-year of so many standings, with many ties. Returns board version and first day."""
    chance = Random(1)
    await migrate(store)
    async with store.writing() as work:
        await apply(work, revisions, parse(PROGRAMME), now=NOW)
        state = await revisions.current(work)
    (version,) = state.board_versions
    period = state.calendar.parse(PeriodKind.HALF_YEAR, "2026-H1").first
    for first in range(0, STANDINGS, ROWS_AT_ONCE):
        some = sorted(number * SCATTERED % 2**53 for number in range(first + 1, first + ROWS_AT_ONCE + 1))
        columns: dict[str, Sequence[Any]] = {
            "board": [version.id] * len(some),
            "period": [period] * len(some),
            "competitor": some,
            "score": [int(chance.paretovariate(0.7)) for _ in some],
            "reached_us": [chance.randrange(10**15) for _ in some],
            "entries": [1] * len(some),
            "listed": [True] * len(some),
        }
        async with store.writing() as work:
            await work.insert(standing, columns)
    async with store.writing() as work:
        row = {"board": [version.id], "period": [period], "participants": [STANDINGS], "revision": [1]}
        await work.insert(board_period, row)
        await work.execute(text("ANALYZE"))
    await close_due(store, revisions, now=NOW)
    return version.id, period


async def _limit(store: Store, board: int, period: int) -> float:
    """Seconds that one statement takes to write the same rows."""
    async with store.writing() as work:
        await work.execute(text(TABLE + (" WITHOUT ROWID" if store.is_sqlite else "")))
    start = perf_counter()
    async with store.writing() as work:
        await work.execute(text(LIMIT), {"board": board, "period": period})
    seconds = perf_counter() - start
    async with store.writing() as work:
        await work.execute(text("DROP TABLE limited"))
    return seconds


@contextmanager
def _longest_write(store: Store) -> Iterator[list[float]]:
    """How long each write transaction took, from its beginning to the end of its commit."""
    seconds: list[float] = [0.0]
    writing = store.writing

    @asynccontextmanager
    async def timed() -> AsyncIterator[UnitOfWork]:
        start = 0.0
        async with writing() as work:
            start = perf_counter()
            yield work
        seconds.append(perf_counter() - start)

    store.writing = timed  # type: ignore[method-assign]
    yield seconds
    store.writing = writing  # type: ignore[method-assign]
