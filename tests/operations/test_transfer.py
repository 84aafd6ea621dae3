"""Transferring: activities that turned out to be another member's are as if that one had always done them."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.intake import Report
from activity.tables import transfer
from tests.conftest import OpenStore
from tests.operations.company import RECOGNITION, times
from tests.world import WHY, World, published, shared

# Without what members share, and without points that are held: those are decided once.
_before, _, _rest = RECOGNITION.partition("  first:\n    title: Be the first to share it\n")
ALONE = _before + _rest[_rest.index("  article:\n") :]
ALONE = ALONE.replace("    hold: P14D\n", "").replace("    first: 1\n", "")


async def company(world: World, programme: str = RECOGNITION) -> World:
    await world.apply(programme)
    await world.hire("Ada", "Ben", team="Red")
    await world.hire("Cid", team="Blue")
    return world


async def outcome(world: World) -> Any:
    """What everybody has, in the words of the outside."""
    return sorted(await world.ledger()), await world.places(), await world.badges()


async def test_what_it_earned_is_reversed_there_and_paid_to_the_other(world: World) -> None:
    """Points, boards and teams follow; nothing in the ledger is changed."""
    await company(world, ALONE)
    await world.record(shared(1), shared(2, "cid"))
    done = await world.transfer([1], "ada", "cid")
    assert (1, 6, 6) == (done.activities, done.taken, done.given)
    assert {"cid"} == {name for name, _, _ in await world.ledger()}
    assert {"Blue": 17} == (await world.standings())["teams", "2026/27-Q3"]
    assert [(WHY, "manager")] == [(row.reason, row.author) for row in await world.rows(transfer)]
    assert await world.differences() == []


async def test_a_limit_is_free_again_for_what_it_had_kept_out(world: World) -> None:
    """Three are paid a day. Without the one that was not hers the fourth is."""
    await company(world, ALONE)
    await world.record(*(shared(number, reach=0) for number in range(4)))
    before = sum(points for name, _, points in await world.ledger() if name == "ada")
    await world.transfer([0], "ada", "ben")
    assert before == sum(points for name, _, points in await world.ledger() if name == "ada")
    assert await world.differences() == []


async def test_what_members_share_goes_along_as_it_was_decided(world: World) -> None:
    """Being the first to share something, a badge for the first alone, and points that are held."""
    await company(world)
    await world.record(
        shared(1), shared(2), published(3), Report("test", "4", "idea.made", "ada", "2026-11-12T09:30:00Z")
    )
    await world.transfer([1, 3, 4], "ada", "cid")
    assert await world.differences() == []
    assert [("cid", "first", 7)] == [each for each in await world.ledger() if each[:2] == ("cid", "first")]
    assert {"cid"} == {badge.member for badge in await world.badges() if badge.key == "early"}


async def test_back_and_forth_is_as_before(world: World) -> None:
    """Who gets it back has what they had."""
    await company(world, ALONE)
    await world.record(*(shared(number) for number in range(5)), published(7), shared(8, "cid"))
    before = await outcome(world)
    await world.transfer([0, 3, 7], "ada", "cid")
    await world.transfer([0, 3, 7], "cid", "ada")
    assert before == await outcome(world)
    assert await world.differences() == []


@st.composite
def reports(draw: st.DrawFn, number: int) -> Report:
    who, at = draw(st.sampled_from(["ada", "ben", "cid"])), draw(times)
    kind = draw(st.sampled_from(["post", "post", "article", "idea"]))
    if kind == "post":
        url, comment = f"https://example.com/{draw(st.integers(0, 3))}", draw(st.booleans())
        return shared(number, who, at=at, url=url, with_comment=comment, reach=draw(st.sampled_from([0, 9_000])))
    if kind == "article":
        return published(number, who, at=at)
    return Report("test", str(number), "idea.made", who, at)


CHANGES = (
    ("{max: 3, per: day}", "{max: 1, per: day}"),
    ("points: 40", "points: 41"),
    ("levels: [{at: 2, points: 5}, {at: 3, points: 50}]", "levels: [{at: 1, points: 5}, {at: 4, points: 50}]"),
    ("{max: 1, per: ever, by: activity.url}", "{max: 2, per: month, by: activity.network}"),
)


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Reports, of which some name ada in the place of cid, until she is found out, once or twice."""
    story: list[tuple[str, Any]] = []
    for number in range(draw(st.integers(1, 14))):
        story.append(("record", (draw(reports(number)), draw(st.booleans()))))
        what = draw(st.integers(0, 11))
        if what == 0:
            story.append(("retract", draw(st.integers(0, number))))
        elif what == 1:
            since = draw(st.sampled_from([None, "2026-03-30"]))
            story.append(("apply", (draw(st.sets(st.sampled_from(CHANGES))), since)))
        elif what == 2:
            story.append(("give", draw(st.sampled_from(["ada", "cid"]))))
        elif what == 3:
            story.append(("transfer", None))
        elif what == 4:
            story.append(("undo", None))
    return [*story, ("transfer", None)]


async def play(world: World, programme: str, story: list[tuple[str, Any]], *, rightly: bool) -> None:
    wrong: set[int] = set()
    revisions = 1
    for kind, what in story:
        if kind == "record":
            report, is_wrong = what
            name = report.member
            if is_wrong and name == "cid" and not rightly:
                name = "ada"
                wrong.add(int(report.id))
            await world.record(Report(report.source, report.id, report.type, name, report.time, report.data))
        elif kind == "retract":
            await world.retract(what)
        elif kind == "apply":
            text = programme
            for old, new in sorted(what[0]):
                text = text.replace(old, new)
            plan = await world.apply(text, since=what[1])
            revisions += bool(plan.changes) or what[1] is not None
            await world.catch_up()
        elif kind == "give":
            if ("thanks", what) not in {(badge.key, badge.member) for badge in await world.badges()}:
                await world.give(what, "thanks")
        elif kind == "undo":
            if revisions > 1:
                await world.undo()
                revisions += 1
        elif not rightly and wrong:
            await world.transfer(wrong, "ada", "cid")
            wrong.clear()


ONES = settings(
    max_examples=settings().max_examples // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ONES
@given(stories())
async def test_it_is_as_if_it_had_been_reported_rightly(open_store: OpenStore, story: list[tuple[str, Any]]) -> None:
    """The same entries stand, the same standings and badges, whatever was published, retracted and given meanwhile."""
    found = []
    for rightly in (True, False):
        async with open_store() as store:
            world = await company(World(store), ALONE)
            await play(world, ALONE, story, rightly=rightly)
            assert await world.differences() == []
            found.append(await outcome(world))
    assert found[0] == found[1]


@ONES
@given(stories())
async def test_with_what_members_share_everything_stays_proved(
    open_store: OpenStore, story: list[tuple[str, Any]]
) -> None:
    """Budgets, limits across members, held points and badges for the first: verify finds nothing."""
    async with open_store() as store:
        world = await company(World(store))
        await play(world, RECOGNITION, story, rightly=False)
        assert await world.differences() == []
