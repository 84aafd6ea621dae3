"""The mirror through random histories: whatever happened, after a round it says what the database says, or nothing."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaderboard.ranking import Mark
from leaderboard.ranking_redis import RedisRanking
from operations.drain import Drain
from storage.engine import Store
from tests.conftest import OpenStore
from tests.leaderboard.boards import BOARD, PERIOD, leave, make_boards, stand
from tests.leaderboard.nobody import Nobody
from tests.operations import test_close_properties as closings
from tests.operations.mirroring import TIES, agree, answering, draining, mirrored, sets, told
from tests.world import World

SET = BOARD, PERIOD

PEOPLE = st.integers(1, 12)
MARK = st.builds(Mark, st.integers(-2, 4), st.integers(0, 2), st.one_of(PEOPLE, PEOPLE.map(lambda key: -key)))
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("stand"), st.lists(MARK, min_size=1, max_size=5, unique_by=lambda mark: abs(mark.competitor))
        ),
        st.tuples(st.just("leave"), st.lists(PEOPLE, min_size=1, max_size=4, unique=True)),
        st.tuples(st.sampled_from(["round", "build", "order lost", "names lost", "emptied", "begun"]), st.none()),
    ),
    max_size=25,
)


async def step(store: Store, drain: Drain, what: str, given: Any) -> None:
    ranked, client = drain.mirror.ranked(SET), drain.mirror.redis._writers
    if what == "stand":
        await stand(store, given)
    elif what == "leave":
        await leave(store, given)
    elif what == "round":
        await drain.round()
    elif what == "build":
        await drain.build(SET)
    elif what == "begun":
        await ranked.begin("somebody else")
    else:
        lost = {"order lost": ranked.keys[:1], "names lost": ranked.keys[1:2], "emptied": ranked.keys}[what]
        await client.unlink(*lost)


@given(steps=STEPS)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_after_a_round_the_mirror_is_right_or_says_nothing(
    open_store: OpenStore, redis_url: str, steps: list[tuple[str, Any]]
) -> None:
    """Competitors come, move, leave and return; parts of the set are lost, and it is built, at any moment."""
    async with open_store() as store:
        await make_boards(store)
        async with draining(store, redis_url) as drain:
            await drain.round()
            await drain.round()
            for what, argument in steps:
                await step(store, drain, what, argument)
            await drain.round()
            expected = await told(store, SET)
            assert await mirrored(drain.mirror, SET) in (None, expected)
            await drain.mirror.redis._writers.unlink(drain.mirror.ranked(SET).keys[2])
            await drain.build(SET)
            if expected:
                assert expected == await mirrored(drain.mirror, SET)
                ranking = RedisRanking(drain.mirror, Nobody(), *SET, TIES)
                assert expected == [await ranking.place(place.competitor) for place in expected]


HISTORIES = st.lists(st.one_of(closings.STEPS.map(tuple), st.sampled_from(["round", "build"])), max_size=6)


@given(history=HISTORIES)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_becomes_of_a_closing_the_mirror_follows(
    open_store: OpenStore, redis_url: str, history: list[Any]
) -> None:
    """Closed, corrected, reopened, left and rejoined, drained and built at any moment: nobody who left is told, and a
    round later the mirror has what the database has."""
    async with open_store() as store:
        world = World(store)
        world.now = datetime(2026, 10, 31, tzinfo=UTC)
        await world.apply(closings.PROGRAMME)
        await world.hire(*(name.title() for name in closings.NAMES))
        story = closings.Story(world)
        async with draining(store, redis_url) as drain:
            await drain.round()
            await drain.round()
            for each in history:
                if each == "round":
                    await drain.round()
                    continue
                for key in await sets(store) if each == "build" else ():
                    await drain.build(key)
                for verb, about in each if each != "build" else ():
                    await story.step(verb, about)
                    for key in await sets(store):
                        taking_part = {place.competitor for place in await told(store, key)}
                        shown = await (await answering(drain, store, key)).top(100)
                        assert verb != "leave" or taking_part.issuperset(place.competitor for place in shown)
            while await drain.round():
                pass
            for key in await sets(store):
                assert await mirrored(drain.mirror, key) in (None, await told(store, key))
                await drain.build(key)
            await agree(store, drain)
