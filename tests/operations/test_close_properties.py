"""What always holds of a closing, whatever happens around it: compared with a naive telling of the same story."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.intake import Refused, Report
from leaderboard.closing import State
from leaderboard.late import late_arrivals
from operations.closings import all_closings, counted_in, cuts_of
from operations.disqualify import Competitor
from operations.enrol import Profile
from tests.conftest import OpenStore
from tests.operations.test_close import OCTOBER, named_closing, places, scores
from tests.world import World

PROGRAMME = """
programme: test
starts: 2026-10-01
time_zone: Europe/London
participation: opt-out
activities: {post.shared: {title: Shared a post}}
rules: {share: {title: Share a post, on: [post.shared], points: 5, tags: [effort]}}
boards:
  effort: {title: Effort, tags: [effort], period: month, members: member.location != "Oslo", closing: {}}
"""

NAMES = ("ada", "ben", "cy")
DAY = "2026-10-12T09:30:00Z"

names = st.sampled_from(NAMES)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), names),
        st.tuples(st.just("record"), names),
        st.tuples(st.just("retract"), st.integers(0, 5)),
        st.tuples(st.just("adjust"), names),
        st.tuples(st.sampled_from(["leave", "join", "move", "disqualify", "reinstate"]), names),
        st.tuples(st.sampled_from(["close", "close", "reopen", "finish"]), st.none()),
    ),
    min_size=5,
    max_size=25,
)


@dataclass
class Naive:
    """One board in one month, told step by step."""

    state: State = State.OPEN
    shared: dict[int, tuple[str, bool]] = field(default_factory=dict)  # who, and whether it came in time
    given: list[tuple[str, bool]] = field(default_factory=list)  # 1 point each, and whether it came in time
    away: set[str] = field(default_factory=set)
    out: set[str] = field(default_factory=set)
    abroad: set[str] = field(default_factory=set)  # in Oslo, where nobody earns anything here
    result: dict[str, int] | None = None
    lost: list[str] = field(default_factory=list)  # whose 5 points count that were retracted since

    def standings(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for who, in_time in self.shared.values():
            if in_time:
                found[who] = found.get(who, 0) + 5
        for who, in_time in self.given:
            if in_time:
                found[who] = found.get(who, 0) + 1
        return {who: score for who, score in found.items() if who not in self.away | self.out}

    def late(self) -> int:
        every = [(who, 5, in_time) for who, in_time in self.shared.values()]
        every += [(who, 1, in_time) for who, in_time in self.given]
        came = sum(points for who, points, in_time in every if not in_time and who not in self.away)
        return came - 5 * sum(who in (self.result or {}) and who not in self.away for who in self.lost)


class Story:
    """Both tellings, a step at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.naive = Naive()
        self._recorded: list[int] = []

    async def step(self, verb: str, about: str | int | None) -> None:
        await getattr(self, verb)(about)

    async def record(self, who: str) -> None:
        number = len(self._recorded)
        self._recorded.append(number)
        receipt = (await self.world.record(Report("test", str(number), "post.shared", who, DAY, {})))[0]
        if receipt.seq is not None and who not in self.naive.abroad:
            self.naive.shared[number] = who, self.naive.state is State.OPEN

    async def retract(self, number: int) -> None:
        if number in self.naive.shared:
            await self.world.retract(number)
            who, in_time = self.naive.shared.pop(number)
            if in_time and self.naive.state is State.FINAL:
                self.naive.lost.append(who)

    async def adjust(self, who: str) -> None:
        if who not in self.naive.away:
            await self.world.adjust(who, 1, rule="share", at=datetime(2026, 10, 13, tzinfo=UTC))
            if who not in self.naive.abroad:
                self.naive.given.append((who, self.naive.state is not State.FINAL))

    async def leave(self, who: str) -> None:
        await self.world.enrol(Profile(who, participates=False))
        self.naive.away.add(who)

    async def join(self, who: str) -> None:
        await self.world.enrol(Profile(who, participates=True))
        self.naive.away.discard(who)

    async def move(self, who: str) -> None:
        self.naive.abroad ^= {who}
        await self.world.enrol(Profile(who, location="Oslo" if who in self.naive.abroad else "Paris"))

    async def disqualify(self, who: str) -> None:
        try:
            await self.world.disqualify("effort", OCTOBER, Competitor(member=who))
        except Refused:
            return
        assert self.naive.state is State.PROVISIONAL
        self.naive.out.add(who)

    async def reinstate(self, who: str) -> None:
        try:
            await self.world.reinstate("effort", OCTOBER, Competitor(member=who))
        except Refused:
            assert who not in self.naive.out or self.naive.state is not State.PROVISIONAL
            return
        self.naive.out.remove(who)

    async def close(self, _: None) -> None:
        if self.naive.state is State.OPEN:
            await self.world.close_early("effort", OCTOBER)
            self.naive.state = State.PROVISIONAL

    async def reopen(self, _: None) -> None:
        if self.naive.state is State.PROVISIONAL:
            await self.world.reopen("effort", OCTOBER)
            naive = self.naive
            naive.state, naive.out = State.OPEN, set()
            naive.shared = {number: (who, True) for number, (who, _) in naive.shared.items()}

    async def finish(self, _: None) -> None:
        if self.naive.state is State.PROVISIONAL:
            self.naive.result = self.naive.standings()
            self.naive.state = State.FINAL
            self.world.now += timedelta(days=7)
            await self.world.close()

    async def compare(self) -> None:
        naive = self.naive
        if naive.state is State.FINAL:
            found = await places(self.world)
            assert naive.result == {who: score for _, who, score in found}
            assert [score for *_, score in found] == sorted((score for *_, score in found), reverse=True)
        else:
            assert naive.standings() == await scores(self.world)
        row = await named_closing(self.world)
        assert naive.state == (row.state if row is not None else State.OPEN)
        if naive.state is not State.OPEN:
            async with self.world.store.reading() as work:
                state = await self.world.revisions.current(work)
                (cut,) = await cuts_of(work, state.calendar, await all_closings(work, naive.state))
                late = await late_arrivals(work, cut, await counted_in(work, cut))
            assert naive.late() == sum(each.points for each in late)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STEPS)
async def test_a_closing_is_what_a_naive_telling_makes_it(
    open_store: OpenStore, steps: list[tuple[str, str | int | None]]
) -> None:
    """Standings while it is open or provisional, the result for good, what came late; and verify agrees."""
    async with open_store() as store:
        world = World(store)
        world.now = datetime(2026, 10, 31, tzinfo=UTC)
        await world.apply(PROGRAMME)
        await world.enrol(*(Profile(name, name=name, location="Paris") for name in NAMES))
        story = Story(world)
        for verb, about in steps:
            await story.step(verb, about)
            await story.compare()
        assert [] == await world.differences()
