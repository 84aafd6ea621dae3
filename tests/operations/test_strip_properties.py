"""Stripped at random moments of random histories: no result moves, and verify finds nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from activity.intake import Report
from activity.tables import activity
from leaderboard.tables import standing
from operations.gone import DataGone
from operations.record import Status
from rewards.tables import award, entry, hold, progress
from rules.tables import programme, tally, verdict
from tests.conftest import OpenStore
from tests.operations.pool import spec_of
from tests.operations.test_undone import Company, corrections, events, programmes, whatever
from tests.world import World

DEFAULTS = (None, {"reach": 25_000, "url": "u1", "network": "x"}, {"reach": 0, "url": ""})
DAYS_SINCE = ("2026-03-15", "2026-04-02", "2026-11-12")

publications = st.tuples(
    st.just("publish"),
    st.one_of(programmes, whatever),
    st.sampled_from(DEFAULTS),
    st.sampled_from([None, None, *DAYS_SINCE]),
)
stripping = st.tuples(st.just("strip"), st.sampled_from([0, 20, 32]), st.integers(1, 4))
undoing = st.tuples(st.just("undo one"))
again = st.tuples(st.just("again"), st.integers(0, 30))
histories = st.lists(
    st.one_of(events, events, publications, corrections, stripping, stripping, undoing, again), min_size=4, max_size=20
)

twins = settings(
    max_examples=settings().max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Forgetful(Company):
    """One in which data is kept for 31 days."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.sent: dict[str, Report] = {}

    async def apply(self, programme: Any, since: str | None) -> None:
        await self.publish(programme, None, since)

    async def publish(self, said: Any, defaults: dict[str, Any] | None, since: str | None) -> None:
        choice, working_time = said
        self._choice |= choice
        declared = orjson.loads(spec_of(self._choice, working_time).text()) | {"retention": "P31D"}
        for kind in declared["activities"].values():
            for name, type_ in kind["fields"].items():
                if defaults and name in defaults:
                    kind["fields"][name] = {"type": type_, "default": defaults[name]}
        try:
            planned = await self.world.apply(orjson.dumps(declared).decode(), since=since)
        except DataGone:
            assert since is not None
            assert (await self.world.rows(programme))[0].stripped
            return
        self.number = planned.revision
        await self.world.catch_up()

    async def record(self, batch: Sequence[Any]) -> None:
        reports = [
            Report("test", identifier, kind, names[0], time, data, list(names[1:]))
            for identifier, kind, names, time, data in batch
        ]
        for report, receipt in zip(reports, await self.world.record(*reports), strict=True):
            if receipt.status is Status.RECORDED:
                self.sent[report.id] = report

    async def again(self, number: int) -> None:
        """What was recorded is delivered once more, and counts once."""
        if report := self.sent.get(str(number)):
            (receipt,) = await self.world.record(report)
            assert receipt.status in (Status.DUPLICATE, Status.IGNORED)

    async def undo_one(self) -> None:
        if self.number > 1:
            await self.undo(self.number)

    async def strip(self, days: int, chunk: int) -> None:
        self.world.now += timedelta(days=days)
        before = await results(self.world)
        await self.world.strip(chunk=chunk)
        assert before == await results(self.world)


async def results(world: World) -> list[Any]:
    """Everything that came of activities."""
    return [await world.rows(table) for table in (entry, hold, verdict, award, tally, progress, standing)]


@twins
@given(programmes, histories)
async def test_stripping_moves_no_result(open_store: OpenStore, begins: Any, history: list[tuple[Any, ...]]) -> None:
    """Whatever is recorded, published, undone, corrected and delivered again before and after it."""
    async with open_store() as store:
        company = Forgetful(World(store))
        await company.begin(begins)
        for kind, *told in history:
            await company.happen((kind.replace(" ", "_"), *told))
        await company.strip(32, 1_000)
        assert [] == await company.world.differences()
        async with store.reading() as work:
            left = await work.rows(select(activity.c.seq).where(activity.c.id.is_not(None)))
        assert not left
