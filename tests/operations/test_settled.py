"""What a simulation need not judge again, and that it finds the same as publishing does."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from activity.calendar import microseconds
from activity.member import Facts
from operations.programme import parse
from operations.revision import Revisions
from operations.simulation.prospect import prospect_of
from operations.simulation.reading import Said, Told
from operations.simulation.settled import Settled, settled
from operations.simulation.simulate import simulate
from rewards.award import Award
from rules.tables import element, version
from tests.operations.company import RECOGNITION, edited
from tests.world import World, shared

NOVEMBER = date(2026, 11, 10)
EARLIER = datetime(2026, 10, 1, 12, tzinfo=UTC)  # than what happens here
STEPS = edited(
    ("points: int(double(activity.reach) / 1000.0)", "points: {steps: [9, 4, 1], per: month}"),
)
DEARER = ('"5 + (activity.with_comment ? 5 : 0)"', "50")


async def left_alone(world: World, draft: str, since: date) -> set[str]:
    """The keys of the rules, badges and zones that are not judged again."""
    async with world.store.reading() as work:
        prospect = await prospect_of(work, Revisions(), parse(draft), since=since, now=world.now)
        found = await settled(work, prospect.former, prospect.revision)
    return {row.key for row in await world.rows(element) if row.id in found.elements}


async def paid_by_rules_and_badges(world: World) -> Counter[str]:
    paid = Counter[str]()
    for _, key, points in await world.ledger():
        paid[key] += points
    return paid


async def assert_publishing_says_the_same(world: World, draft: str, since: date) -> None:
    """By rule and badge, before and after: a simulation from the programme's first day, and the ledger."""
    report = await simulate(world.store, Revisions(), parse(draft), since=since, now=world.now, processes=0)
    first = await paid_by_rules_and_badges(world)
    await world.apply(draft, since=since.isoformat())
    await world.catch_up()
    assert await world.differences() == []
    then = await paid_by_rules_and_badges(world)
    change = {key: then[key] - first[key] for key in first | then}
    assert {key: more for key, more in change.items() if more} == {
        each.key: each.points_after - each.points_before
        for each in report.paid
        if each.points_after != each.points_before
    }


async def company(world: World, programme: str = RECOGNITION) -> World:
    world.now = EARLIER
    await world.apply(programme)
    await world.hire("Ada", "Ben")
    world.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return world


async def test_what_a_draft_does_not_change_is_settled(world: World) -> None:
    """One rule pays otherwise: every other rule, badge and zone stands as it was said."""
    await company(world)
    everything = {row.key for row in await world.rows(element) if row.kind in ("rule", "badge", "zone")}
    assert everything - {"share"} == await left_alone(world, edited(DEARER), NOVEMBER)
    assert everything == await left_alone(world, RECOGNITION, NOVEMBER)
    assert everything == await left_alone(world, "claims: {per_day: 5}\n" + RECOGNITION, NOVEMBER)


async def test_badges_that_look_at_each_other_are_settled_together(world: World) -> None:
    """Who has a badge by which time decides about the badge that requires it; and zones are one journey."""
    await company(world)
    found = await left_alone(world, edited(("title: Thanks, points: 30", "title: Thanks, points: 31")), NOVEMBER)
    assert {"thanks", "honoured"}.isdisjoint(found)
    assert {"regular", "sharer", "share"} <= found
    found = await left_alone(world, edited(("title: Share twice in", "title: Twice in")), NOVEMBER)
    assert "sharer" not in found
    assert "regular" in found


@pytest.mark.parametrize(
    "change",
    [
        ("with_comment: {type: bool, default: false}", "with_comment: {type: bool, default: true}"),
        ("attributes: {hourly: bool, joined: date}", "attributes: {hourly: bool, joined: date, lead: bool}"),
        ("rules:\n", "working_time: {days: [monday], from: 09:00, to: 17:00}\nrules:\n"),
    ],
)
async def test_nothing_is_settled_where_all_is_judged_otherwise(world: World, change: tuple[str, str]) -> None:
    await company(world)
    assert set() == await left_alone(world, edited(change), NOVEMBER)


async def test_a_rule_that_was_another_since_the_day_is_judged_again(world: World) -> None:
    """It pays what the draft says for what happened before it said so."""
    await company(world)
    await world.record(shared(1, "ada", at="2026-11-12T09:30:00Z"))
    await world.apply(edited(DEARER))  # from now on
    await world.record(shared(2, "ben", at="2026-11-13T09:30:00Z"))
    draft = edited(DEARER, ("points: 7", "points: 8"))
    assert "share" not in await left_alone(world, draft, NOVEMBER)
    assert "reach" in await left_alone(world, draft, NOVEMBER)
    await assert_publishing_says_the_same(world, draft, NOVEMBER)


async def test_what_came_late_is_counted_in_its_turn(world: World) -> None:
    """Recorded last, it was the second of its month; judged again, it is the first."""
    await company(world, STEPS)
    await world.record(shared(1, "ada", at="2026-11-12T09:30:00Z"))
    await world.record(shared(2, "ada", at="2026-11-02T09:30:00Z"))
    await world.record(shared(3, "ben", at="2026-11-12T09:30:00Z"))
    draft = STEPS.replace(*DEARER)
    assert "reach" in await left_alone(world, draft, NOVEMBER)
    await assert_publishing_says_the_same(world, draft, NOVEMBER)
    assert [4, 4, 9] == sorted(points for _, key, points in await world.ledger() if key == "reach")


async def test_what_was_judged_again_after_others_is_counted_in_its_turn(world: World) -> None:
    """Recorded first, it became the second of its month with a revision from a day between the two, although the rule
    said the same throughout; judged again from before both, it is the first."""
    await company(world, STEPS)
    await world.record(shared(1, "ada", at="2026-11-14T09:30:00Z"))
    await world.record(shared(2, "ada", at="2026-11-12T09:30:00Z"))
    await world.apply(STEPS, since="2026-11-13")
    await world.catch_up()
    assert [4, 4] == [points for _, key, points in await world.ledger() if key == "reach"]
    assert "reach" in await left_alone(world, STEPS, NOVEMBER)
    await assert_publishing_says_the_same(world, STEPS, NOVEMBER)
    assert [4, 9] == sorted(points for _, key, points in await world.ledger() if key == "reach")


async def test_what_a_retraction_frees_is_found(world: World) -> None:
    """Its place in a limit goes to one that had none."""
    await company(world, edited(("{max: 3, per: day}", "{max: 1, per: day}")))
    await world.record(*(shared(number, "ada", at=f"2026-11-12T0{number}:30:00Z") for number in range(3)))
    await world.retract(0)
    draft = edited(("{max: 3, per: day}", "{max: 1, per: day}"), ("int(double(activity.reach) / 1000.0)", "3"))
    assert "share" in await left_alone(world, draft, NOVEMBER)
    await assert_publishing_says_the_same(world, draft, NOVEMBER)
    assert ("ada", "share", 5) in await world.ledger()


async def test_a_rule_that_is_retired_takes_its_points_back(world: World) -> None:
    """It is in no draft, and judged nevertheless."""
    await company(world)
    await world.record(shared(1, "ada", at="2026-11-12T09:30:00Z"))
    draft = RECOGNITION.replace("  reach:\n    title: Be read", "  read:\n    title: Be read")
    await assert_publishing_says_the_same(world, draft, NOVEMBER)
    assert Counter({"share": 5, "read": 1, "first": 7}) == await paid_by_rules_and_badges(world)


def told(seq: int, day: int) -> Told:
    time_us = microseconds(datetime(2026, 11, day, 12, tzinfo=UTC))
    return Told(seq, time_us, 0, Facts(), Said(1, "post.shared", "[]"), ())


def award(activity: int | None) -> Award:
    return Award(9, 0, 1, 1, 1, 1, 0, activity, 0, 1, 0, 0, None, None)


TENTH, THIRTEENTH = (microseconds(datetime(2026, 11, day, tzinfo=UTC)) for day in (10, 13))
# The ninth in the sequence was a revision with effect from the thirteenth.
SINCE_THE_TENTH = Settled(frozenset({1}), 5, TENTH, ((THIRTEENTH, 9),))


@pytest.mark.parametrize(
    ("history", "awards", "taken", "is_settled"),
    [
        ([(6, 1), (7, 12), (8, 13)], [award(7)], [], True),
        ([(2, 1), (7, 12), (8, 11)], [], [], True),
        ([(4, 12)], [], [], False),  # recorded before the state from which on it is settled
        ([(6, 12), (7, 1)], [], [], False),  # happened before the day, and came after it
        ([(6, 14), (7, 12)], [], [], False),  # of what was judged again, with a later day, after what came late
        ([(6, 14), (10, 12)], [], [], True),  # late, and after that
        ([(6, 12)], [award(None)], [], False),
        ([(6, 12)], [], [award(6)], False),
        ([], [], [], True),
    ],
)
def test_whose_history_is_settled(
    history: list[tuple[int, int]], awards: list[Award], taken: list[Award], is_settled: bool
) -> None:
    assert is_settled is SINCE_THE_TENTH.of([told(*each) for each in history], awards, taken)


async def test_an_earlier_day_finds_what_was_said_since(world: World) -> None:
    """The state that was in force on the day decides, not what was published since."""
    await company(world)
    ids = {row.key for row in await world.rows(version)}
    assert "share" in ids
    world.now = datetime(2026, 11, 15, 12, tzinfo=UTC)
    await world.apply(edited(DEARER))
    world.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    draft = edited(DEARER, ("points: 7", "points: 8"))
    assert "share" not in await left_alone(world, draft, date(2026, 11, 15))
    assert "share" in await left_alone(world, draft, date(2026, 11, 16))
