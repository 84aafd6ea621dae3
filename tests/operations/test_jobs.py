"""Jobs as a process runs them: at once when it starts, and then on every tenth second."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from leaderboard.tables import closing
from operations.jobs import Jobs, every_tenth_second
from tests.operations.prizes import CLOSING
from tests.world import World


async def test_what_came_due_meanwhile_is_closed_when_the_process_starts(world: World) -> None:
    """All that was missed, in order; a period that goes on stays open."""
    await world.apply(CLOSING)
    world.now = datetime(2026, 4, 20, tzinfo=UTC)
    jobs = Jobs(world.store, world.revisions, lambda: world.now)
    jobs.start()
    try:
        async with asyncio.timeout(60):
            while len(closed := await world.rows(closing)) < 4:
                await asyncio.sleep(0.01)
    finally:
        await jobs.stop()
    months = [date.fromordinal(row.period).month for row in sorted(closed, key=lambda row: int(row.id))]
    assert [1, 2, 3] == [month for month in months if month != 10], "the half-year to March began in October"
    assert 10 in months[2:]


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns"])
def test_a_run_begins_at_midnight(zone: str) -> None:
    """Whenever the process was started."""
    for day in (datetime(2026, 3, 29), datetime(2026, 11, 1)):
        midnight = day.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for before in (timedelta(seconds=9.9), timedelta(seconds=3), timedelta(microseconds=1)):
            assert midnight == every_tenth_second().get_next_fire_time(None, midnight - before)
