"""Retracting: what followed from an activity is taken back, and nothing else."""

from dataclasses import replace

import pytest

from activity.calendar import microseconds
from activity.intake import Refused, Report
from operations.enrol import Profile
from operations.record import Status
from operations.retracted import Because, RetractStatus
from rewards.ledger import Kind
from rewards.tables import award, entry, hold
from tests.operations.company import RECOGNITION, edited
from tests.world import Badge, World, published, shared


async def company(world: World, programme: str = RECOGNITION) -> World:
    await world.apply(programme)
    await world.hire("Ada", "Ben", team="Red")
    return world


def idea(number: int | str, member: str = "ada", *, at: str = "2026-11-12T09:30:00Z") -> Report:
    return Report("test", str(number), "idea.made", member, at)


async def test_its_points_are_reversed_by_new_entries(world: World) -> None:
    """Nothing is removed from the ledger: an opposite entry takes each back, and its boards forget it."""
    await company(world)
    await world.record(shared(1))
    done = await world.retract(1)
    assert (RetractStatus.RETRACTED, 13, 0) == (done.status, done.points, done.revoked)
    assert [5, 1, 7, -5, -1, -7] == [row.points for row in await world.rows(entry)]
    assert {Kind.AWARD, Kind.REVERSAL} == {row.kind for row in await world.rows(entry)}
    assert await world.standings() == {}
    assert await world.differences() == []


async def test_twice_does_nothing_more(world: World) -> None:
    """The second time says that it was retracted before."""
    await company(world)
    await world.record(shared(1), shared(2))
    await world.retract(1)
    before = await world.rows(entry)
    again = await world.retract(1)
    assert (RetractStatus.UNCHANGED, 0) == (again.status, again.points)
    assert before == await world.rows(entry)
    assert await world.differences() == []


KEEPING = ("levels: [2]\n    evidence_lost", "levels: [{at: 2, points: 3}]\n    evidence_lost")


async def test_it_tells_what_was_paid_what_is_taken_back_and_what_stays(world: World) -> None:
    """A badge that others rest on too stays with its points, and so does one that its policy keeps."""
    await company(world, edited(KEEPING))
    await world.record(shared(1), shared(2), shared(3, reach=0))
    done = await world.retract(2)
    assert (21, 63, 1) == (done.paid, done.points, done.revoked)
    assert {
        ("Regular, level 1,", 5, Because.ENOUGH),
        ("Keeper", 3, Because.POLICY),
        ("Sharer", 0, Because.ENOUGH),
    } == {(each.title, each.points, each.because) for each in done.staying}
    assert done.told.startswith(
        "It had paid 21 points, of which 13 are taken back; 1 badge or zone falls with it, worth 50 more points. "
    )
    for stays in (
        " Regular, level 1, of ada stays, with its 5 points: what else it rests on is enough.",
        " Keeper of ada stays, with its 3 points: its policy keeps it.",
        " Sharer of ada stays: what else it rests on is enough.",
    ):
        assert stays in done.told
    assert sum(row.points for row in await world.rows(entry)) == 13 + 12 + 5 + 3
    assert "It had been retracted before; nothing was done." == (await world.retract(2)).told
    assert [] == await world.differences()


async def test_it_tells_of_what_is_no_longer_counted_and_of_what_is_held(world: World) -> None:
    """A badge that the programme has no more stays; held points had not been paid."""
    await company(world, edited(KEEPING))
    await world.record(shared(1), shared(2), idea(3))
    text = edited(KEEPING)
    retired = text[text.index("  regular:\n") : text.index("  keeper:\n")]
    await world.apply(text.replace(retired, ""))
    regular = "Regular, level 1, of ada stays, with its 5 points: the activity is not counted for it any more."
    assert regular in (await world.retract(2)).told
    told = "It had paid no points. 20 points that were held back will not be released."
    assert told == (await world.retract(3)).told
    assert [] == await world.differences()


async def test_what_was_paid_is_told_of_all_whom_it_credits(world: World) -> None:
    """All of it is taken back where nothing stays."""
    await company(world)
    await world.record(replace(shared(1), contributors=["ben"]))
    assert "It had paid 19 points, which are taken back." == (await world.retract(1)).told


async def test_what_was_never_recorded_cannot_be_retracted(world: World) -> None:
    """The refusal says what was looked for."""
    await company(world)
    with pytest.raises(Refused, match=r"no activity was recorded as \(test, 7\); look for its source and id"):
        await world.retract(7)


async def test_a_reason_is_asked_for(world: World) -> None:
    """The member will read it."""
    await company(world)
    await world.record(shared(1))
    with pytest.raises(Refused, match="reason is missing; say why in a few words"):
        await world.retract(1, reason="  ")


async def test_a_retracted_activity_is_still_known(world: World) -> None:
    """Delivered again it is a duplicate: it does not come back."""
    await company(world)
    await world.record(shared(1))
    await world.retract(1)
    assert [Status.DUPLICATE] == [receipt.status for receipt in await world.record(shared(1))]
    assert await world.ledger() == []


async def test_its_places_are_free_for_later_activities_alone(world: World) -> None:
    """Three are paid a day: the fourth was not, and stays so; the fifth takes the place that became free."""
    await company(world)
    receipts = await world.record(*(shared(number, reach=0, url=f"u{number}") for number in range(4)))
    await world.retract(0)
    receipts += await world.record(shared(5, reach=0, url="u5"))
    assert [12, 17, 62, 7, 12] == [receipt.points for receipt in receipts]
    assert await world.differences() == []


async def test_a_place_that_members_share_is_free_again(world: World) -> None:
    """Whoever shares the same post next is the first to share it."""
    await company(world)
    await world.record(shared(1, url="u", reach=0))
    await world.retract(1)
    assert [12] == [receipt.points for receipt in await world.record(shared(2, "ben", url="u", reach=0))]
    assert await world.differences() == []


async def test_held_points_are_voided(world: World) -> None:
    """They are never released, and their place in the limit is free."""
    await company(world)
    await world.record(idea(1))
    await world.retract(1)
    world.now = world.now.replace(month=12, day=20)
    assert 0 == await world.release()
    assert [False] == [row.released for row in await world.rows(hold)]
    await world.record(idea(2))
    assert [False, True] == [row.ended_seq is None for row in await world.rows(hold)]
    assert await world.differences() == []


async def test_released_points_are_reversed(world: World) -> None:
    """Once released they are entries like others."""
    await company(world)
    await world.record(idea(1))
    world.now = world.now.replace(month=12, day=20)
    assert 1 == await world.release()
    assert 20 == (await world.retract(1)).points
    assert await world.ledger() == []
    assert await world.differences() == []


async def test_a_badge_loses_what_it_rests_on(world: World) -> None:
    """Only the levels that are out of reach fall, with their points; a badge that is kept by its policy stays."""
    await company(world)
    await world.record(*(shared(number, at=f"2026-11-1{number}T09:00:00Z") for number in range(3)))
    done = await world.retract(2)
    assert (1, 63) == (done.revoked, done.points)
    held = [Badge("ada", "keeper", 1, False), Badge("ada", "regular", 1, False), Badge("ada", "sharer", 1, False)]
    assert held == await world.badges()
    assert 2 == (await world.retract(1)).revoked
    assert held[:1] == await world.badges()
    assert await world.differences() == []


async def test_a_badge_that_fell_can_be_reached_again(world: World) -> None:
    """It is another award: the first one stays on record, with the reason."""
    await company(world)
    await world.record(shared(1), shared(2))
    await world.retract(2)
    await world.record(shared(3))
    awards = [row for row in await world.rows(award) if row.level == 1 and row.entry is not None]
    assert [False, True] == [row.revoked_seq is None for row in awards]
    assert "an activity that it rests on was retracted: found in a test" == awards[0].revoked_reason
    assert await world.differences() == []


async def test_a_badge_is_kept_when_a_stricter_one_would_not_be_reached(world: World) -> None:
    """Awarded when two were enough, it falls when fewer than two are left: not because five are asked for now."""
    await company(world)
    await world.record(*(shared(number) for number in range(3)))
    await world.apply(edited(("[{at: 2, points: 5}, {at: 3, points: 50}]", "[{at: 5, points: 5}]")))
    await world.retract(0)
    assert Badge("ada", "regular", 1, False) in await world.badges()
    await world.retract(1)
    assert Badge("ada", "regular", 1, False) not in await world.badges()
    assert await world.differences() == []


async def test_a_badge_is_kept_when_it_counts_something_else_by_now(world: World) -> None:
    """What it rests on is no longer counted, so it cannot fall away."""
    await company(world)
    await world.record(shared(1), shared(2))
    regular = "title: Regular\n    on: [post.shared]"
    await world.apply(edited((regular, regular + "\n    when: activity.reach > 0")))
    await world.record(shared(3))
    await world.retract(3)
    assert Badge("ada", "regular", 1, False) in await world.badges()
    assert await world.differences() == []


async def test_a_level_that_a_person_gave_is_not_reached_again(world: World) -> None:
    """Level 2 was given; when level 1 falls and is in reach again, nobody gets level 2 twice."""
    await company(world)
    await world.record(shared(1), shared(2))
    await world.give("ada", "regular", level=2)
    await world.retract(2)
    await world.record(shared(3), shared(4), shared(5))
    assert [Badge("ada", "regular", 2, True)] == [each for each in await world.badges() if each.key == "regular"]
    assert await world.differences() == []


async def test_a_place_among_the_first_is_free_again(world: World) -> None:
    """The badge is for one member: when the first loses it, the next gets it."""
    await company(world)
    await world.record(published(1))
    await world.retract(1)
    await world.record(published(2, "ben"))
    assert [Badge("ben", "early", 1, False)] == await world.badges()
    assert await world.differences() == []


async def test_when_a_score_was_reached_is_found_again(world: World) -> None:
    """It is the latest time among the entries that are left, of members and of teams."""
    await company(world)
    await world.record(
        shared(1, at="2026-11-10T09:00:00Z"),
        shared(2, "ben", at="2026-11-11T09:00:00Z"),
        shared(3, at="2026-11-12T09:00:00Z"),
    )
    await world.retract(3)
    places = await world.places()
    tenth, eleventh = (microseconds(world.now.replace(day=day, hour=9)) for day in (10, 11))
    assert (13, tenth, 3) == places["everything", "ever", "ada"]
    assert (26, eleventh, 6) == places["teams", "2026/27-Q3", "Red"]
    assert await world.differences() == []


async def test_each_member_it_credits_loses_it(world: World) -> None:
    """One activity of two authors is taken back from both."""
    await company(world)
    one = published(1)
    await world.record(Report(one.source, one.id, one.type, "ada", one.time, one.data, ["ben"]))
    assert 80 == (await world.retract(1)).points
    assert await world.standings() == {}
    assert await world.differences() == []


async def test_who_left_meanwhile_loses_it_too(world: World) -> None:
    """On no board before nor after; back again without it."""
    await company(world)
    await world.record(shared(1), shared(2))
    await world.enrol(Profile("ada", participates=False))
    await world.retract(1)
    assert await world.standings() == {}
    assert await world.differences() == []
    await world.enrol(Profile("ada", participates=True))
    assert {"ada": 13} == (await world.standings())["everything", "ever"]
    assert await world.differences() == []
