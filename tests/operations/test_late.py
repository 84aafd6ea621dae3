"""What comes too late to count, and what is taken back too late: the ledger beside the result of a closed period."""

from activity.tables import member
from leaderboard.late import Late, late_arrivals
from operations.closings import counted_in, cuts_of, find_closing
from operations.disqualify import Competitor
from operations.enrol import Profile
from tests.operations.test_close import CLOSING, OCTOBER, at, company, named_closing, provisional
from tests.world import World, published, shared

HELD = """
  written:
    title: Write
    on: [article.published]
    points: 9
    hold: P25D
    tags: [effort]
boards:"""


async def late_of(world: World, key: str = "effort") -> dict[str, Late]:
    row = await named_closing(world, key)
    async with world.store.reading() as work:
        names = {each.key: each.external_id for each in await world.rows(member)}
        state = await world.revisions.current(work)
        found = await find_closing(work, row.element, row.period)
        assert found is not None
        (cut,) = await cuts_of(work, state.calendar, [found])
        return {
            names.get(each.competitor, "team"): each
            for each in await late_arrivals(work, cut, await counted_in(work, cut))
        }


def told(late: Late) -> tuple[int, int, int, int, int]:
    return late.entries, late.points, late.came, late.released, late.taken


async def final(world: World) -> None:
    world.now = at(2026, 11, 20)
    await world.close()


async def test_what_is_retracted_counts_until_the_result_is_final_and_then_is_late(world: World) -> None:
    """Of what counts, points below 0; what came late and is gone again is nothing."""
    await provisional(world)
    await world.record(shared(9, "cy", at="2026-10-20T09:30:00Z"))
    await world.retract(2)
    assert {"cy": (2, 12, 12, 0, 0)} == {who: told(late) for who, late in (await late_of(world)).items()}
    await final(world)
    await world.retract(9)
    await world.retract(0)
    assert {"ada": (2, -12, 0, 0, 12)} == {who: told(late) for who, late in (await late_of(world)).items()}
    assert {"team": (3, -13, 0, 0, 13)} == {who: told(late) for who, late in (await late_of(world, "teams")).items()}
    assert [] == await world.differences()


async def test_what_a_revision_pays_otherwise_is_late_by_the_difference(world: World) -> None:
    """From the cutoff on, for no revision changes what is closed; more or less, as the case may be."""
    await provisional(world)
    for points, ada in ((50, (4, 90, 90, 0, 0)), (2, (4, -6, 0, 0, 6))):
        await world.apply(CLOSING.replace("5 + (activity", f"{points} + (activity"), since="2026-10-01")
        await world.catch_up()
        assert ada == told((await late_of(world))["ada"])
    await world.retract(0)
    assert (2, -3, 0, 0, 3) == told((await late_of(world))["ada"]), "a person took the other back in time"
    assert [] == await world.differences()


async def test_what_is_released_after_the_end_is_told_apart(world: World) -> None:
    """It was done in time, and held for longer than the result could be disputed."""
    await company(world, CLOSING.replace("boards:", HELD.strip("\n"), 1))
    world.now = at(2026, 10, 31)
    await world.record(published(8, "ada", at="2026-10-20T09:30:00Z"))
    world.now = at(2026, 11, 3, 0, 1)
    await world.close()
    await world.record(shared(9, "ada", at="2026-10-20T09:30:00Z"))
    await final(world)
    assert (2, 12, 12, 0, 0) == told((await late_of(world))["ada"])
    world.now = at(2026, 11, 26)
    await world.release()
    assert (3, 21, 12, 9, 0) == told((await late_of(world))["ada"])


async def test_of_whom_nothing_counts_nothing_is_taken_back(world: World) -> None:
    """Who was disqualified, or did not take part when the result was final."""
    await provisional(world)
    await world.disqualify("effort", OCTOBER, Competitor("ada"))
    await world.enrol(Profile("ben", participates=False))
    await final(world)
    await world.enrol(Profile("ben", participates=True))
    for number in (0, 2, 3):
        await world.retract(number)
    assert {"cy": (2, -12, 0, 0, 12)} == {who: told(late) for who, late in (await late_of(world)).items()}
