"""Publishing with effect from a past date: what happened since is judged again, for one member after the other."""

import re
from datetime import date

import pytest

from operations.programme import parse
from operations.publish import SinceInvalid, apply
from operations.revision import Revisions
from operations.simulation.simulate import simulate
from rewards.ledger import Kind
from rewards.tables import award, entry
from rules.tables import verdict
from tests.operations.company import RECOGNITION, edited
from tests.world import Badge, World, published, shared

MAY, JUNE, NOVEMBER = "2026-05-05T12:00:00Z", "2026-06-05T12:00:00Z", "2026-11-12T09:30:00Z"
DEARER = edited(('"5 + (activity.with_comment ? 5 : 0)"', "50"))


async def company(world: World) -> World:
    """Shared in May, in June and in November by each of three members."""
    await world.apply(RECOGNITION)
    await world.hire("Ada", "Ben", team="Red")
    await world.hire("Cid", team="Blue")
    for name in ("ada", "ben", "cid"):
        days = enumerate((MAY, JUNE, NOVEMBER))
        await world.record(*(shared(f"{name}{number}", name, at=at, reach=0) for number, at in days))
    return world


def without(*badges: str) -> str:
    """The programme without some badges."""
    return re.sub(rf"^  ({'|'.join(badges)}):\n(    .*\n)+", "", RECOGNITION, flags=re.MULTILINE)


async def shares(world: World, name: str) -> list[int]:
    return sorted(points for who, rule, points in await world.ledger() if (who, rule) == (name, "share"))


async def test_activities_since_the_day_pay_what_the_rule_says_now(world: World) -> None:
    """Those before it keep what they paid; the difference is new entries, with the time of the activity."""
    await company(world)
    await world.apply(DEARER, since="2026-06-01")
    assert [5, 5, 5] == await shares(world, "ada")
    assert 3 == await world.catch_up()
    assert [5, 50, 50] == await shares(world, "ada")
    made = [row for row in await world.rows(entry) if row.kind == Kind.REVISION]
    assert [50] * 6 == [row.points for row in made]
    assert {"ada": 62, "ben": 62, "cid": 62} == (await world.standings())["effort", "2026-06"]
    assert await world.differences() == []


async def test_the_verdict_of_then_stays_on_record(world: World) -> None:
    """What the rule says now stands beside it, under its revision."""
    await company(world)
    await world.apply(DEARER, since="2026-06-01")
    await world.catch_up()
    assert [(1, 9), (2, 6)] == [
        (number, sum(row.revision == number for row in await world.rows(verdict))) for number in (1, 2)
    ]


async def test_limits_start_from_what_was_paid_before_the_day(world: World) -> None:
    """One share a quarter: that of May was paid, so that of June is not."""
    await company(world)
    await world.apply(edited(("{max: 3, per: day}", "{max: 1, per: quarter}")), since="2026-06-01")
    await world.catch_up()
    assert [5, 5] == await shares(world, "ada")
    assert {("effort", "2026-05"), ("effort", "2026-11")} <= set(await world.standings())
    assert await world.differences() == []


async def test_what_members_share_takes_effect_from_now_only(world: World) -> None:
    """Who was first to share a post was paid 7 then, whatever the rule pays now."""
    await company(world)
    await world.apply(edited(("points: 7", "points: 70")), since="2026-06-01")
    await world.catch_up()
    assert {7} == {points for _, rule, points in await world.ledger() if rule == "first"}
    assert [75] == [receipt.points for receipt in await world.record(shared("new", reach=0))]
    assert await world.differences() == []


async def test_badges_are_won_and_lost(world: World) -> None:
    """A badge that is stricter from June on is lost by who got it since; an easier one is won."""
    await company(world)
    text = edited(("{at: 2, points: 5}, {at: 3, points: 50}", "{at: 3, points: 5}"))
    text = text.replace("title: Two days in a row\n    on: [article.published]", "title: Days\n    on: [post.shared]")
    await world.apply(
        text.replace("{streak: day}\n    levels: [2]", "{streak: day}\n    levels: [1]"), since="2026-06-01"
    )
    await world.catch_up()
    mine = [(each.key, each.level) for each in await world.badges() if each.member == "ada"]
    assert [("daily", 1), ("daily", 1), ("keeper", 1), ("regular", 1)] == mine
    lost = [row for row in await world.rows(award) if row.revoked_seq is not None]
    assert {"revision 2 takes effect from a past date"} == {row.revoked_reason for row in lost}
    assert await world.differences() == []


async def test_other_words_leave_awards_as_they_are(world: World) -> None:
    """A title, a text, a colour, the name of a level: nothing is paid again, and no award ends."""
    await company(world)
    entries, awards = await world.rows(entry), await world.rows(award)
    text = edited(
        ("title: Regular\n", "title: Busy\n    text: Shares a lot.\n    colour: '#1f77b4'\n    hidden: true\n"),
        ("{at: 2, points: 5}", "{at: 2, title: Bronze, points: 5}"),
    )
    await world.apply(text, since="2026-01-01")
    await world.catch_up()
    assert entries == await world.rows(entry)
    assert awards == await world.rows(award)
    assert await world.differences() == []
    await world.retract("ada0")
    await world.retract("ada1")
    assert [] == [each for each in await world.badges() if each[:2] == ("ada", "regular")]
    assert await world.differences() == []


@pytest.mark.parametrize(
    ("old", "new", "levels"),
    [
        ("{at: 2, points: 5}", "{at: 2, points: 6}", [1]),  # other levels stay as they are
        ("{at: 3, points: 50}", "{at: 3, points: 51}", [2]),
        ("levels: [{at: 2, points: 5}", "levels: [{at: 1, points: 5}", [1]),
        ("points: 50}]\n    tags: [effort]", "points: 50}]\n    tags: [impact]", [1, 2]),
        ("points: 50}]\n", "points: 50}]\n    expires: P30D\n", [1, 2]),
    ],
    ids=["points of level 1", "points of level 2", "value of level 1", "tags", "expiry"],
)
async def test_awards_are_made_again_where_they_would_be_others(
    world: World, old: str, new: str, levels: list[int]
) -> None:
    """Other points, boards, expiry or value: the award and its points are taken back, and made anew, once."""
    await company(world)
    version = (await world.badge_row("ada", "regular", 1)).version
    await world.apply(edited((old, new)), since="2026-01-01")
    await world.catch_up()
    made = [level for level in (1, 2) if (await world.badge_row("ada", "regular", level)).version != version]
    assert levels == made
    entries = [row for row in await world.rows(entry) if row.version == version]
    taken = [row for row in entries if row.kind == Kind.REVERSAL]
    assert 3 * len(levels) == len(taken)
    assert await world.differences() == []


async def test_a_badge_that_is_retired_was_never_there(world: World) -> None:
    """What it awarded since the day is revoked with its points; what is older, or given by hand, stays."""
    await world.apply(RECOGNITION)
    await world.hire("Ada", "Ben", "Cid", team="Red")
    await world.give("cid", "regular")
    await world.record(*(shared(f"a{at}", "ada", at=at) for at in (MAY, "2026-05-06T12:00:00Z", JUNE)))
    await world.record(*(shared(f"b{at}", "ben", at=at) for at in (JUNE, NOVEMBER)))
    await world.record(published(1, at=JUNE), published(2, at="2026-06-06T12:00:00Z"))
    text = without("regular", "keeper", "daily", "early")
    before = await world.badges()
    simulated = await simulate(
        world.store, Revisions(), parse(text), since=date(2026, 6, 1), now=world.now, processes=0
    )
    await world.apply(text, since="2026-06-01")
    await world.catch_up()
    gone = sorted(set(before) - set(await world.badges()))
    assert [
        Badge("ada", "daily", 1, False),
        Badge("ada", "regular", 2, False),
        Badge("ben", "regular", 1, False),
    ] == gone  # `keeper` says that its awards are kept, `early` takes effect from now only
    assert [("cid", "regular", 5), ("ada", "regular", 5)] == [
        each for each in await world.ledger() if each[1] == "regular"
    ]
    told = {each.key: (each.awards_before, each.awards_after, each.points_after) for each in simulated.paid}
    assert {"daily": (1, 0, 0), "regular": (3, 1, 5), "keeper": (1, 1, 0)} == {
        key: told[key] for key in ("daily", "regular", "keeper")
    }
    assert simulated.points_after - simulated.points_before == -55
    assert await world.differences() == []


async def test_awards_of_a_badge_that_is_retired_from_now_on_stay(world: World) -> None:
    """Until a revision looks back over them, whatever it is about."""
    await company(world)
    await world.apply(without("regular"))
    assert Badge("ada", "regular", 2, False) in await world.badges()
    await world.apply(without("regular"), since="2026-11-01")
    await world.catch_up()
    assert [Badge("ada", "regular", 1, False)] == [
        each for each in await world.badges() if each[:2] == ("ada", "regular")
    ]
    assert await world.differences() == []


async def test_a_retired_badge_that_is_restored_is_awarded_again(world: World) -> None:
    """With effect from the same day: everything is as it was before, under the same identity."""
    await company(world)
    badges, ledger = await world.badges(), sorted(await world.ledger())
    await world.apply(without("regular"), since="2026-01-01")
    await world.catch_up()
    assert set(await world.badges()) < set(badges)
    async with world.store.writing() as work:
        day = date(2026, 1, 1)
        await apply(work, world.revisions, parse(RECOGNITION), now=world.now, since=day, revive=True)
    await world.catch_up()
    assert (badges, ledger) == (await world.badges(), sorted(await world.ledger()))
    assert await world.differences() == []


async def test_a_badge_that_required_a_retired_one_is_judged_without_it(world: World) -> None:
    """It is what the file says now: reached by whoever has what is left of its requirements."""
    link = "  daily:\n    title: Two days in a row"
    needy = "  patron: {title: Patron, requires: [regular, keeper], points: 3}\n"
    await world.apply(edited((link, needy + link)))
    await world.hire("Ada", "Ben")
    await world.record(*(shared(f"a{at}", "ada", at=at) for at in (MAY, JUNE)), shared("b", "ben", at=JUNE))
    assert Badge("ada", "patron", 1, False) in await world.badges()
    text = without("regular").replace(link, needy.replace("regular, ", "") + link)
    await world.apply(text, since="2026-01-01")
    await world.catch_up()
    held = [each[1] for each in await world.badges() if each.member == "ada"]
    assert ["keeper", "patron"] == [key for key in held if key != "sharer"]
    assert [("ada", "patron", 3)] == [each for each in await world.ledger() if each[1] in ("patron", "regular")]
    assert await world.differences() == []


async def test_a_badge_from_before_the_day_stays(world: World) -> None:
    """It was really awarded then; what counted for it counts on."""
    await company(world)
    await world.apply(edited(("[{at: 2, points: 5}, {at: 3, points: 50}]", "[{at: 3, points: 9}]")), since="2026-11-01")
    await world.catch_up()
    mine = [each for each in await world.badges() if each[:2] == ("ada", "regular")]
    assert [Badge("ada", "regular", 1, False)] == mine
    assert await world.differences() == []


async def test_a_badge_that_a_person_took_does_not_come_back(world: World) -> None:
    """Neither one that was reached before the day nor one since."""
    await company(world)
    await world.take("ada", "regular")
    await world.take("ben", "keeper")
    await world.apply(DEARER, since="2026-11-01")
    await world.catch_up()
    assert [] == [each for each in await world.badges() if each[:2] in {("ada", "regular"), ("ben", "keeper")}]
    assert await world.differences() == []


async def test_the_same_file_can_take_effect_from_an_earlier_day(world: World) -> None:
    """Nothing changes in the file, and what happened since is judged by it all the same."""
    await company(world)
    await world.apply(DEARER)
    await world.apply(DEARER, since="2026-05-01")
    await world.catch_up()
    assert [50, 50, 50] == await shares(world, "ada")
    assert await world.differences() == []


async def test_a_retracted_activity_stays_retracted(world: World) -> None:
    """It is not judged again."""
    await company(world)
    await world.retract("ada2")
    await world.apply(DEARER, since="2026-06-01")
    await world.catch_up()
    assert [5, 50] == await shares(world, "ada")
    await world.retract("ada1")
    assert [5] == await shares(world, "ada")
    assert await world.differences() == []


async def test_a_rule_that_members_share_later_was_judged_again_before(world: World) -> None:
    """With a budget from its third revision on, a rule still has what its second said of the past."""
    await company(world)
    await world.record(published(1, at=JUNE))
    await world.apply(edited(("points: 40", "points: 44")), since="2026-06-01")
    await world.catch_up()
    budget = ("points: 40", "points: 41\n    budget: {points: 100, per: year}")
    await world.apply(edited(budget), since="2026-06-01")
    await world.catch_up()
    await world.record(published(2), published(3))
    assert [44, 41] == [points for _, rule, points in await world.ledger() if rule == "article"]
    assert await world.differences() == []


async def test_what_was_renamed_goes_on(world: World) -> None:
    """Under other names of activity types, rules and badges the past is judged again, and taken back, all the same."""
    await company(world)
    text = DEARER.replace("  post.shared:\n", "  post.passed-on:\n    was: post.shared\n").replace(
        "post.shared]", "post.passed-on]"
    )
    text = text.replace("  regular:\n", "  often:\n    was: regular\n").replace(
        "  share:\n", "  pass-on:\n    was: share\n"
    )
    await world.apply(text, since="2026-06-01")
    await world.catch_up()
    assert [5, 50, 50] == sorted(
        points for who, rule, points in await world.ledger() if who == "ada" and rule in ("share", "pass-on")
    )
    await world.retract("ada2")
    await world.retract("ada1")
    assert [] == [each for each in await world.badges() if each[:2] == ("ada", "often")]
    assert await world.differences() == []


async def test_what_was_renamed_falls_with_its_evidence(world: World) -> None:
    """A badge of before the renaming of its activity type is revoked when its activities are retracted."""
    await company(world)
    text = RECOGNITION.replace("  post.shared:\n", "  post.passed-on:\n    was: post.shared\n")
    await world.apply(text.replace("post.shared]", "post.passed-on]"))
    await world.retract("ada2")
    await world.retract("ada1")
    assert [] == [each for each in await world.badges() if each[:2] == ("ada", "regular")]
    assert await world.differences() == []


async def test_a_badge_valid_at_other_times_counts_what_is_valid_now(world: World) -> None:
    """The activity of May counts once the badge no longer begins in June, and is taken back like the others."""
    begins = "  keeper:\n    title: Keeper"
    await world.apply(edited((begins, begins + "\n    from: 2026-06-01")))
    await world.hire("Ada")
    await world.record(shared(1, at=MAY), shared(2))
    assert "keeper" not in {each.key for each in await world.badges()}
    await world.apply(RECOGNITION)
    await world.retract(1)
    await world.record(shared(3))
    assert Badge("ada", "keeper", 1, False) in await world.badges()
    assert await world.differences() == []


async def test_a_badge_that_repeats_from_now_on_begins_after_the_last_award(world: World) -> None:
    """Awarded once for all there was, it is awarded again for a run of days after that."""
    await company(world)
    text = edited(
        ("measure: count\n    levels: [2]\n", "measure: count\n    window: P3D\n    levels: [1]\n    repeat: true\n")
    )
    await world.apply(text)
    await world.record(shared("same", at=JUNE), shared("later", at="2026-11-20T12:00:00Z"))
    held = [each.level for each in await world.badges() if each[:2] == ("ada", "keeper")]
    assert [1, 1] == held
    assert await world.differences() == []


@pytest.mark.parametrize(
    ("since", "words"),
    [
        ("2025-12-31", "2025-12-31 is before the programme starts, 2026-01-01; write a day from then on"),
        ("2026-11-22", "2026-11-22 is not past; write an earlier day"),
    ],
)
async def test_the_day_must_be_past_and_in_the_programme(world: World, since: str, words: str) -> None:
    """The refusal says which days can be."""
    await company(world)
    with pytest.raises(SinceInvalid, match=words):
        await world.apply(DEARER, since=since)
