"""Recording: one activity all the way to the standings."""

from datetime import datetime

from activity.calendar import microseconds
from leaderboard.tables import standing
from operations.enrol import Profile
from operations.record import Receipt, Status
from rewards.tables import entry
from tests.world import World, published, shared


def told(receipts: list[Receipt]) -> list[tuple[Status, int]]:
    return [(receipt.status, receipt.points) for receipt in receipts]


async def test_one_activity_reaches_every_board_that_counts_it(world: World) -> None:
    """An award becomes a ledger entry, and its points stand on each board that counts them."""
    await world.apply()
    await world.hire("Ada", "Ben", team="Red")
    receipts = await world.record(shared(1), shared(2, "ben", with_comment=True))
    assert told(receipts) == [(Status.RECORDED, 13), (Status.RECORDED, 18)]
    assert len(await world.rows(entry)) == 6
    standings = await world.standings()
    assert standings["effort", "2026-11"] == {"ada": 12, "ben": 17}
    assert standings["impact", "2026/27-H2"] == {"ada": 1, "ben": 1}
    assert standings["everything", "ever"] == {"ada": 13, "ben": 18}
    assert standings["teams", "2026/27-Q3"] == {"Red": 31}
    assert await world.differences() == []


async def test_delivered_again_counts_once(world: World) -> None:
    """The same activity in the same batch or a later one is a duplicate and adds nothing."""
    await world.apply()
    await world.hire("Ada")
    first = await world.record(shared(1), shared(1))
    again = await world.record(shared(1))
    assert [each.status for each in first + again] == [Status.RECORDED, Status.DUPLICATE, Status.DUPLICATE]
    assert len(await world.rows(entry)) == 3


async def test_same_identity_with_other_content_is_a_conflict(world: World) -> None:
    """Other data, another time or another member under a known (source, id) is refused; the first stays."""
    await world.apply()
    await world.hire("Ada", "Ben")
    await world.record(shared(1))
    others = [shared(1, reach=5), shared(1, at="2026-11-13T09:30:00Z"), shared(1, "ben"), published(1)]
    receipts = await world.record(*others)
    assert [each.status for each in receipts] == [Status.CONFLICT] * 4
    assert (
        receipts[0].message
    ) == "(test, 1) was recorded before with other content, which stays; give a new activity a new id"
    assert len(await world.rows(entry)) == 3


async def test_a_time_written_with_another_offset_is_the_same_activity(world: World) -> None:
    """Content is compared by what it says, not by how it is written."""
    await world.apply()
    await world.hire("Ada")
    await world.record(shared(1, at="2026-11-12T09:30:00Z"))
    receipts = await world.record(shared(1, at="2026-11-12T10:30:00+01:00"))
    assert [each.status for each in receipts] == [Status.DUPLICATE]


async def test_who_does_not_take_part_is_ignored_and_leaves_no_trace(world: World) -> None:
    """Nothing is kept of an activity of somebody who does not take part; it can be recorded once they do."""
    await world.apply()
    await world.enrol(Profile("ada", name="Ada", participates=False))
    assert told(await world.record(shared(1))) == [(Status.IGNORED, 0)]
    await world.enrol(Profile("ada", participates=True))
    assert told(await world.record(shared(1))) == [(Status.RECORDED, 13)]


async def test_limits_pay_the_first_recorded(world: World) -> None:
    """Of four shares on one day three are paid, by order of recording; the next day pays again."""
    await world.apply()
    await world.hire("Ada")
    receipts = await world.record(*(shared(number, reach=0) for number in range(4)))
    assert [each.points for each in receipts] == [12, 12, 12, 7]
    tomorrow = await world.record(shared(5, at="2026-11-13T00:00:00Z", reach=0))
    assert [each.points for each in tomorrow] == [12]
    assert await world.differences() == []


async def test_a_limit_by_value_pays_each_value_once(world: World) -> None:
    """`by: activity.url` counts each url for itself, however many activities name it."""
    await world.apply()
    await world.hire("Ada")
    await world.record(shared(1, reach=0))
    again = await world.record(shared(2, reach=0, url="https://example.com/1"))
    assert [each.points for each in again] == [0]


async def test_a_limit_across_members_pays_whoever_is_first(world: World) -> None:
    """`across: members` is one limit for everybody."""
    await world.apply()
    await world.hire("Ada", "Ben")
    receipts = await world.record(shared(1, "ben", reach=0), shared(2, "ada", reach=0, url="https://example.com/1"))
    assert [each.points for each in receipts] == [12, 5]
    assert await world.differences() == []


async def test_a_rule_counts_within_its_validity(world: World) -> None:
    """An article of January earns nothing from a rule that counts from February on."""
    await world.apply()
    await world.hire("Ada")
    receipts = await world.record(published(1, at="2026-01-31T23:59:59Z"), published(2, at="2026-02-01T00:00:00Z"))
    assert [each.points for each in receipts] == [0, 40]


async def test_a_late_arrival_belongs_to_the_period_of_its_own_time(world: World) -> None:
    """Recorded in November, an activity of May stands on May's board."""
    await world.apply()
    await world.hire("Ada")
    await world.record(shared(1, at="2026-05-05T12:00:00Z"))
    standings = await world.standings()
    assert standings["effort", "2026-05"] == {"ada": 12}
    assert ("effort", "2026-11") not in standings


async def test_when_a_score_was_reached_does_not_depend_on_the_order_of_arrival(world: World) -> None:
    """It is the latest time among the activities counted, in whatever order and batches they came."""
    await world.apply()
    await world.hire("Ada", "Ben")
    hours = ["2026-11-12T09:00:00Z", "2026-11-12T11:00:00Z", "2026-11-12T10:00:00Z"]
    await world.record(*(shared(f"ada{at}", at=at, reach=0) for at in hours))
    for at in reversed(hours):
        await world.record(shared(f"ben{at}", "ben", at=at, reach=0))
    latest = microseconds(datetime.fromisoformat(hours[1]))
    assert {latest} == {row.reached_us for row in await world.rows(standing)}


async def test_a_batch_of_nothing_but_bad_reports_writes_nothing(world: World) -> None:
    """Refusals leave no activity behind."""
    await world.apply()
    receipts = await world.record(shared(1, "nobody"), shared(2, at="2026-11-12"))
    assert [each.status for each in receipts] == [Status.KEPT, Status.REFUSED]
    assert list(await world.rows(entry)) == []
