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
from tests.world import WHY, Badge, World, published, shared


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


TOWER = edited(
    (
        "zones:\n",
        """  author: {title: Author, on: [article.published], measure: count, points: 4}
  both: {title: Both, requires: [regular, author], points: 20}
  crown: {title: Crown, requires: [both], points: 100}
zones:
""",
    )
)


def tower(*changes: tuple[str, str]) -> str:
    """The programme with badges that require others, with other words for some of it."""
    text = TOWER
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


async def climbed(world: World, programme: str = TOWER) -> World:
    """Two posts make Ada regular and an article an author: she has both, and with it the crown."""
    await company(world, programme)
    await world.record(shared(1), published(2), shared(3))
    return world


async def keys(world: World, member: str = "ada") -> set[str]:
    return {each.key for each in await world.badges() if each.member == member} & {"author", "regular", "both", "crown"}


async def test_what_requires_a_badge_falls_with_it(world: World) -> None:
    """Over however many steps, what is required first; points are reversed, and each says why."""
    await climbed(world)
    done = await world.retract(3)
    assert (4, 13 + 5 + 20 + 100) == (done.revoked, done.points)  # and the zone, without points
    assert {"author"} == await keys(world)
    assert [-5, -20, -100] == [row.points for row in await world.rows(entry) if row.points < 0][-3:]
    fell = {
        row.version: row for row in await world.rows(award) if row.revoked_seq is not None and row.entry is not None
    }
    why = f"an activity that it rests on was retracted: {WHY}"
    assert [
        why,
        f"Regular, which it requires, was revoked, because {why}",
        f"Both, which it requires, was revoked, because {why}",
    ] == [row.revoked_reason for row in fell.values()]
    assert {None} == {row.revoked_by for row in fell.values()}
    assert await world.differences() == []


async def test_nothing_is_left_for_a_later_publication_to_take(world: World) -> None:
    """Published anew for the past, the same programme says of every badge what the retraction left."""
    await climbed(world)
    await world.retract(3)
    before = await world.ledger(), await world.badges()
    await world.apply(tower(("title: Crown", "title: The crown")), since="2026-11-01")
    await world.catch_up()
    assert before == (await world.ledger(), await world.badges())
    assert await world.differences() == []


async def test_what_fell_with_a_badge_comes_back_with_it(world: World) -> None:
    """When the badge that it requires is reached again, it is awarded again."""
    await climbed(world)
    await world.retract(3)
    await world.record(shared(4))
    assert {"author", "regular", "both", "crown"} == await keys(world)
    assert ("ada", "crown", 100) == (await world.ledger())[-1]
    assert await world.differences() == []


async def test_a_requirement_that_another_level_holds_stays(world: World) -> None:
    """Level 2 of what is required falls; level 1 is enough."""
    await climbed(world)
    await world.record(shared(4))
    assert 1 == (await world.retract(4)).revoked
    assert {"author", "regular", "both", "crown"} == await keys(world)
    assert await world.differences() == []


async def test_a_requirement_that_a_gift_holds_stays(world: World) -> None:
    """Level 2 was given by hand, so what requires the badge rests on that when level 1 falls."""
    await climbed(world)
    await world.give("ada", "regular", level=2)
    await world.retract(3)
    assert {"author", "regular", "both", "crown"} == await keys(world)
    await world.apply(tower(("title: Crown", "title: The crown")), since="2026-11-01")
    await world.catch_up()
    assert {"author", "regular", "both", "crown"} == await keys(world)
    assert await world.differences() == []


async def test_a_badge_given_by_hand_stays_without_what_it_requires(world: World) -> None:
    """And so does what came with it: the crown, when Ada was given both."""
    await company(world, TOWER)
    await world.record(shared(1), published(2))
    await world.give("ada", "both")
    await world.record(shared(3))
    await world.retract(3)
    await world.retract(2)
    assert {"both", "crown"} == await keys(world)
    assert await world.differences() == []


@pytest.mark.parametrize(("kept", "left"), [("Crown", {"author", "crown"}), ("Both", {"author", "both", "crown"})])
async def test_what_is_kept_holds_what_requires_it(world: World, kept: str, left: set[str]) -> None:
    """A badge that is kept by its policy stays, and with it whatever rests on it."""
    await climbed(world, tower((f"title: {kept},", f"title: {kept}, evidence_lost: keep,")))
    await world.retract(3)
    assert left == await keys(world)
    assert await world.differences() == []


@pytest.mark.parametrize(("retracted", "left"), [("old", {"author", "regular", "both", "crown"}), ("new", {"author"})])
async def test_what_had_expired_holds_nothing(world: World, retracted: str, left: set[str]) -> None:
    """Of a badge that repeats each month and expires after ten days, the award counts that held at the time."""
    levels = "measure: count\n    levels: [{at: 2, points: 5}, {at: 3, points: 50}]"
    monthly = "measure: count\n    window: month\n    repeat: true\n    expires: P10D\n    levels: [2]"
    await company(world, tower((levels, monthly)))
    await world.record(shared("old", at="2026-10-05T09:00:00Z"), shared("older", at="2026-10-04T09:00:00Z"))
    await world.record(shared(1), published(2), shared("new"))
    await world.retract(retracted)
    assert left - {"regular"} == await keys(world) - {"regular"}
    assert {"regular"} <= await keys(world)
    assert await world.differences() == []


async def test_a_requirement_that_came_later_or_is_gone_takes_nothing(world: World) -> None:
    """What the badge required when it was awarded decides, as long as it requires it."""
    await climbed(world, tower(("requires: [both], points: 100", "requires: [author], points: 100")))
    await world.apply(tower(("requires: [regular, author], points: 20", "requires: [author], points: 20")))
    await world.retract(3)
    assert {"author", "both", "crown"} == await keys(world)
    assert await world.differences() == []


async def test_a_requirement_published_for_the_past_takes_what_was_awarded_before(world: World) -> None:
    """The crown is awarded anew on its new terms, and so rests on them."""
    await climbed(world, tower(("requires: [both], points: 100", "requires: [author], points: 100")))
    await world.apply(TOWER, since="2026-11-01")
    await world.catch_up()
    assert {"author", "regular", "both", "crown"} == await keys(world)
    await world.retract(3)
    assert {"author"} == await keys(world)
    assert await world.differences() == []


async def test_the_same_badge_by_another_key_is_required_on(world: World) -> None:
    """A badge that is renamed holds what required it before, and takes it along."""
    await climbed(world)
    renamed = tower(("  regular:\n", "  steady:\n    was: regular\n"), ("[regular, author]", "[steady, author]"))
    await world.apply(renamed, since="2026-11-01")
    await world.catch_up()
    assert [] == [row for row in await world.rows(award) if row.revoked_seq is not None]
    await world.retract(3)
    assert {"author"} == await keys(world)
    assert await world.differences() == []


async def test_a_badge_with_a_measure_falls_with_what_it_requires_too(world: World) -> None:
    """Its activities are all there; its levels are reached again with the badge, and count on from where they were."""
    counted = "requires: [both], on: [article.published], measure: count, every: 1, points: 100"
    await climbed(world, tower(("requires: [both], points: 100", counted)))
    await world.record(published(4, at="2026-11-19T09:30:00Z"))
    await world.retract(3)
    assert {"author"} == await keys(world)
    await world.record(shared(5))
    crowns = [each.level for each in await world.badges() if each.key == "crown"]
    assert [1, 2] == crowns
    assert await world.differences() == []


async def test_a_badge_that_counts_something_else_by_now_falls_with_what_it_requires(world: World) -> None:
    """What it counted is no longer known; what it requires is."""
    counted = "requires: [both], on: [article.published], measure: count, points: 100"
    await climbed(world, tower(("requires: [both], points: 100", counted)))
    await world.apply(tower(("requires: [both], points: 100", counted.replace("article.published", "idea.made"))))
    await world.retract(3)
    assert {"author"} == await keys(world)
    assert await world.differences() == []


async def test_a_place_among_the_first_is_free_when_what_it_requires_falls(world: World) -> None:
    """The crown is for one member: Ada loses it over two steps, so Ben gets it."""
    await climbed(world, tower(("requires: [both], points: 100", "requires: [both], first: 1, points: 100")))
    await world.record(shared(4, "ben"), published(5, "ben"), shared(6, "ben"))
    assert {"author", "regular", "both"} == await keys(world, "ben")
    await world.retract(3)
    await world.retract(6)
    await world.record(shared(7, "ben"))
    assert {"author", "regular", "both", "crown"} == await keys(world, "ben")
    assert await world.differences() == []
