"""What is undone had never been: beside a company in which it really never was, on random programmes and histories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from activity.intake import Refused, Report
from activity.tables import activity, member, retraction
from operations.enrol import Profile
from rewards.tables import progress
from rules.tables import element, measure, tally
from tests.conftest import OpenStore
from tests.operations.pool import SECTIONS, WORKING_TIMES, spec_of
from tests.operations.spec import Facts
from tests.operations.test_meaning import DAYS_SINCE, PEOPLE, Seen, activities, facts, people
from tests.world import World

# What members share takes effect from now only, and is not undone.
SHARED = (("rules", "first"), ("rules", "pot"), ("rules", "late"), ("badges", "early"))
OWN = [(section, key) for section, pool in SECTIONS.items() for key in pool if (section, key) not in SHARED]

Happening = tuple[Any, ...]

choices = st.dictionaries(st.sampled_from(OWN), st.integers(0, 11), min_size=1).map(
    lambda choice: choice | {("badges", "hand"): choice.get(("badges", "hand"), 0) % 3}
)
whatever = st.tuples(
    st.dictionaries(st.sampled_from([*OWN, *SHARED]), st.integers(0, 11)), st.integers(0, len(WORKING_TIMES) - 1)
)
programmes = st.tuples(choices, st.integers(0, len(WORKING_TIMES) - 1))
publications = st.one_of(
    st.tuples(st.just("apply"), programmes, st.none()),
    st.tuples(st.just("apply"), programmes, st.sampled_from(DAYS_SINCE)),
)
events = st.one_of(
    st.tuples(st.just("record"), st.lists(activities(), min_size=1, max_size=5)),
    st.tuples(st.just("record"), st.lists(activities(), min_size=1, max_size=5)),
    st.tuples(st.just("retract"), st.integers(0, 30).map(str)),
    st.tuples(st.just("adjust"), people, st.sampled_from([-5, 9])),
    st.tuples(st.just("wait"), st.integers(1, 60)),
    st.tuples(st.just("enrol"), people, facts),
)
corrections = st.one_of(
    st.tuples(st.just("give"), people, st.sampled_from([*SECTIONS["badges"]]), st.integers(1, 3)),
    st.tuples(st.just("take"), people, st.sampled_from([*SECTIONS["badges"]]), st.sampled_from([None, 1, 2])),
)
histories = st.lists(st.one_of(events, events, publications, corrections), max_size=10)
# What is undone: publications, and among them some that undo others, between what really happens.
undone = st.lists(
    st.one_of(events, publications, publications, st.tuples(st.just("undo"), st.integers(1, 3))),
    min_size=1,
    max_size=10,
)


class Company:
    """One in which all of it happens, or all but what is undone."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._choice: dict[tuple[str, str], int] = {}
        self._working_time = 0
        self.number = 0

    async def begin(self, programme: Any) -> None:
        await self.apply(programme, None)
        for name in PEOPLE:
            await self.enrol(name, Facts(team="Blue" if name == "cid" else "Red", hourly=name == "ben"))

    async def happen(self, what: Happening) -> None:
        kind, *told = what
        try:
            await getattr(self, kind)(*told)
        except Refused:
            return  # by both

    async def without(self, history: Sequence[Happening]) -> None:
        for what in history:
            if what[0] not in ("apply", "undo"):
                await self.happen(what)

    async def undoing(self, history: Sequence[Happening]) -> None:
        """What happens, and then all that was published is undone."""
        choice, working_time, number = dict(self._choice), self._working_time, self.number
        for what in history:
            if what[0] == "undo":
                if self.number > number:
                    await self.undo(max(number + 1, self.number - what[1] + 1))
            else:
                await self.happen(what)
        if self.number > number:
            await self.undo(number + 1)
        self._choice, self._working_time = choice, working_time

    async def undo(self, number: int, **catching_up: int) -> None:
        self.number = (await self.world.undo(number, all_up=not catching_up)).plan.revision
        if catching_up:
            await self.world.catch_up(**catching_up)

    async def apply(self, programme: Any, since: str | None) -> None:
        choice, self._working_time = programme
        self._choice |= choice
        planned = await self.world.apply(spec_of(self._choice, self._working_time).text(), since=since)
        self.number = planned.revision
        await self.world.catch_up()

    async def enrol(self, name: str, known: Facts) -> None:
        profile = Profile(
            name,
            name=name,
            team=known.team or "",
            location=known.location,
            time_zone=known.time_zone or "",
            attributes={"hourly": known.hourly},
            participates=known.participates,
        )
        await self.world.enrol(profile)

    async def record(self, batch: Sequence[Happening]) -> None:
        await self.world.record(
            *(
                Report("test", identifier, kind, names[0], time, data, list(names[1:]))
                for identifier, kind, names, time, data in batch
            )
        )

    async def retract(self, identifier: str) -> None:
        await self.world.retract(identifier)

    async def adjust(self, name: str, points: int) -> None:
        await self.world.adjust(name, points)

    async def give(self, name: str, badge: str, level: int) -> None:
        await self.world.give(name, badge, level=level)

    async def take(self, name: str, badge: str, level: int | None) -> None:
        await self.world.take(name, badge, level=level)

    async def wait(self, hours: int) -> None:
        self.world.now += timedelta(hours=hours)


@dataclass
class All:
    """Everything that there is of a company, whatever numbers it has got."""

    seen: Seen
    counts: list[tuple[Any, ...]]
    progress: list[tuple[Any, ...]]

    @classmethod
    async def of(cls, world: World) -> "All":
        async with world.store.reading() as work:
            people = {row.key: row.external_id for row in await work.rows(select(member))}
            keys = {row.id: (row.kind, row.key) for row in await work.rows(select(element))}
            told = {row.id: (*keys[row.element], row.definition) for row in await work.rows(select(measure))}
            tallies = await work.rows(select(tally.c.member, tally.c.measure, tally.c.period, tally.c["count"]))
            columns = progress.c.member, progress.c.measure, progress.c.period, progress.c.value, progress.c.level
            rows = await work.rows(select(*columns))
            gone = select(activity.c.id).join(retraction, retraction.c.activity == activity.c.seq)
            retracted = {row.id for row in await work.rows(gone)}
        seen = await Seen.of(world)
        seen.verdicts = [each for each in seen.verdicts if each[0] not in retracted]  # nothing judges them again
        seen.badges = [each[:-1] for each in seen.badges]  # other words are nothing
        counts = sorted((people[row[0]], told[row[1]], *row[2:]) for row in tallies if row[3])
        return cls(seen, counts, sorted((people[row[0]], told[row[1]], *row[2:]) for row in rows if row[3] or row[4]))


twins = settings(
    max_examples=settings().max_examples // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@twins
@given(programmes, histories, undone, histories)
async def test_what_was_undone_had_never_been(
    open_store: OpenStore,
    programme: Any,
    before: list[Happening],
    between: list[Happening],
    after: list[Happening],
) -> None:
    """Entries, verdicts, badges, zones, standings and counts are those of a company without what was undone, at once
    and after whatever happens then; and verify finds nothing."""
    async with open_store() as store:
        never = Company(World(store))
        await never.begin(programme)
        for what in before:
            await never.happen(what)
        await never.without(between)
        expected = await All.of(never.world)
        for what in after:
            await never.happen(what)
        finally_ = await All.of(never.world)
    async with open_store() as store:
        once = Company(World(store))
        await once.begin(programme)
        for what in before:
            await once.happen(what)
        await once.undoing(between)
        assert expected == await All.of(once.world)
        assert await once.world.differences() == []
        for what in after:
            await once.happen(what)
        assert finally_ == await All.of(once.world)
        assert await once.world.differences() == []


anything = st.one_of(
    events,
    events,
    st.tuples(st.just("apply"), whatever, st.none()),
    st.tuples(st.just("apply"), whatever, st.sampled_from(DAYS_SINCE)),
    corrections,
    st.tuples(st.just("undo"), st.integers(1, 4)),
)


@twins
@given(whatever, st.lists(anything, min_size=5, max_size=25))
async def test_an_undo_is_proved(open_store: OpenStore, programme: Any, history: list[Happening]) -> None:
    """Whatever else there is, also what members share: verify finds nothing, in between and at the end."""
    async with open_store() as store:
        company = Company(World(store))
        await company.begin(programme)
        for what in history:
            if what[0] != "undo":
                await company.happen(what)
            elif company.number > 1:
                await company.undo(max(2, company.number - what[1] + 1), chunk=2, most=1)
                assert await company.world.differences() == []
                await company.world.catch_up()
        assert await company.world.differences() == []
