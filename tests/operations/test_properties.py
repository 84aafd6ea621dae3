"""What always holds, on random histories and on both databases."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from activity.intake import Report
from activity.tables import activity, member
from operations.enrol import Profile
from operations.record import Status
from rewards.tables import entry
from rules.tables import tally, verdict, version
from rules.verdict import load
from tests.conftest import OpenStore
from tests.operations.company import times
from tests.world import PROGRAMME, World, published, shared

PEOPLE = ("ada", "ben", "cid")

# Random histories on one open database at a time; each example opens its own.
histories = settings(
    max_examples=settings().max_examples // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Few identities, members, urls and days, so that redeliveries, conflicts and limits all happen."""
    number, who, at = draw(st.integers(0, 12)), draw(st.sampled_from(PEOPLE)), draw(times)
    url = f"https://example.com/{draw(st.integers(0, 4))}"
    if draw(st.integers(0, 3)):
        network = draw(st.sampled_from(["linkedin", "x", "letter"]))
        reach, comment = draw(st.sampled_from([0, 999, 25_000])), draw(st.booleans())
        return shared(number, who, at=at, url=url, network=network, reach=reach, with_comment=comment)
    return published(number, who, at=at, url=url)


async def state(world: World) -> Any:
    """All that recording leaves, in the words of the outside: no keys that another store would draw otherwise."""
    async with world.store.reading() as work:
        people = {row.key: row.external_id for row in await work.rows(select(member))}
        rules = {row.id: row.key for row in await work.rows(select(version))}
        activities = await work.rows(select(activity).order_by(activity.c.seq))
        names = {row.seq: (row.source, row.id) for row in activities}
        outcomes = {row.activity: load(row.outcomes) for row in await work.rows(select(verdict))}
        entries = await work.rows(select(entry).order_by(entry.c.seq, entry.c.ordinal))
        tallies = await work.rows(select(tally).where(tally.c.count > 0))
    return {
        "activities": [(*names[row.seq], people[row.member], row.time_us, row.data) for row in activities],
        "verdicts": [
            [(rules[each.version], each.result, each.points, each.detail) for each in outcomes[row.seq]]
            for row in activities
        ],
        "ledger": [
            (names[row.activity], row.ordinal, people[row.member], rules[row.version], row.points, row.day)
            for row in entries
        ],
        "tallies": sorted((people.get(row.member, ""), row.measure, row.period, row.count) for row in tallies),
        "standings": await world.standings(),
    }


async def founded(world: World) -> World:
    await world.apply()
    await world.hire("Ada", "Ben", team="Red")
    await world.hire("Cid", team="Blue")
    return world


@histories
@given(st.data())
async def test_any_redelivery_and_any_split_into_batches_give_the_same_state(
    open_store: OpenStore, data: st.DataObject
) -> None:
    """Delivered at once, or piece by piece and again and again: the same verdicts, entries, tallies and standings."""
    history = data.draw(st.lists(reports(), min_size=1, max_size=25))
    async with open_store() as store:
        at_once = await founded(World(store))
        await at_once.record(*history)
        expected = await state(at_once)
    async with open_store() as store:
        piecemeal = await founded(World(store))
        start = 0
        while start < len(history):
            size = data.draw(st.integers(1, len(history) - start))
            again = data.draw(st.lists(st.sampled_from(history[: start + 1]), max_size=3))
            delivered = [each for each in again if each in history[:start]]
            await piecemeal.record(*delivered, *history[start : start + size])
            start += size
        assert expected == await state(piecemeal)
        assert await piecemeal.differences() == []


CHANGES = (
    ("{max: 3, per: day}", "{max: 1, per: day}"),  # an existing limit, tighter
    ("{max: 1, per: ever, by: activity.url}", "{max: 2, per: month, by: activity.network}"),  # a new measure
    ("{max: 50, per: month}", "{max: 2, per: week}"),  # a limit of its own beside one that members share
    ("points: 40", "points: 41"),
    ("  share:\n    title: Share a post", "  shared-post:\n    was: share\n    title: Share a post"),
    ("tags: [impact]\n", "tags: [effort, impact]\n"),
    ("period: month}", "period: week}"),  # a board that must be built anew
    ("of: teams}", "of: teams, tags: [effort]}"),
    ("ties: earliest", "ties: dense"),
    ('when: activity.network in ["linkedin", "x", "mastodon"]', 'when: activity.network == "letter"'),
)

events = st.one_of(
    st.lists(reports(), min_size=1, max_size=8).map(lambda batch: ("record", batch)),
    st.sets(st.sampled_from(CHANGES), max_size=5).map(lambda chosen: ("apply", chosen)),
    st.builds(
        Profile,
        st.sampled_from(PEOPLE),
        team=st.sampled_from(["Red", "Blue", "", None]),
        participates=st.booleans(),
    ).map(lambda profile: ("enrol", profile)),
)


@histories
@given(st.lists(events, min_size=1, max_size=10))
async def test_sums_hold_and_replay_gives_the_same_entries(
    open_store: OpenStore, history: list[tuple[str, Any]]
) -> None:
    """Whatever is recorded, changed and applied in whatever order: verify finds nothing."""
    async with open_store() as store:
        world = await founded(World(store))
        for kind, what in history:
            if kind == "record":
                assert Status.REFUSED not in {receipt.status for receipt in await world.record(*what)}
            elif kind == "enrol":
                await world.enrol(what)
            else:
                text = PROGRAMME
                for old, new in sorted(what):
                    assert old in text
                    text = text.replace(old, new)
                await world.apply(text)
        assert await world.differences() == []
