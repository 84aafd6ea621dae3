"""Undo: everything is as if what was published since had not been."""

import re

import pytest
from sqlalchemy import select

from activity.tables import member
from operations.chronicle import RevisionUnknown, chronicle, restore
from operations.publish import Unfinished
from operations.undo import NothingBefore
from rewards.tables import award, entry
from rules.tables import revision, verdict
from tests.operations.company import RECOGNITION, edited
from tests.operations.prizes import CLOSING, with_podium
from tests.world import Badge, World, published, shared

MAY, JUNE, JULY, NOVEMBER = (f"2026-{month}T12:00:00Z" for month in ("05-05", "06-05", "07-05", "11-12"))
SHARE = '"5 + (activity.with_comment ? 5 : 0)"'
DEARER = edited((SHARE, "50"))
LATER = edited((SHARE, "6"), ("{at: 2, points: 5}", "{at: 2, points: 8}"))  # from now on, in the middle of the span
EASIER = edited(("levels: [{at: 2, points: 5}, {at: 3, points: 50}]", "levels: [{at: 1, points: 9}]"))


async def company(world: World) -> World:
    """What three members did in May, in June under other rules from then on, and in July."""
    await world.apply(RECOGNITION)
    await world.hire("Ada", "Ben", team="Red")
    await world.hire("Cid", team="Blue")
    names = ("ada", "ben", "cid")
    await world.record(*(shared(f"{name}0", name, at=MAY, reach=0) for name in names))
    await world.apply(LATER)
    await world.record(*(shared(f"{name}1", name, at=JUNE, reach=0) for name in names))
    await world.record(published(1, "ada", at=JUNE), published(2, "ada", at="2026-06-06T12:00:00Z"))
    return world


def without(*keys: str) -> str:
    """The later programme without some rules or badges."""
    return re.sub(rf"^  ({'|'.join(keys)}):\n(    .*\n)+", "", LATER, flags=re.MULTILINE)


async def stands(world: World) -> tuple[object, ...]:
    """What stands: entries, badges and zones, and standings."""
    return sorted(await world.ledger()), await world.badges(), await world.places()


async def test_everything_is_as_it_was(world: World) -> None:
    """Though rules and badges had changed from then on in the middle of the span; and nothing was erased."""
    before = await stands(await company(world))
    entries = await world.rows(entry)
    await world.apply(DEARER, since="2026-01-01")
    await world.catch_up()
    assert before != await stands(world)
    done = await world.undo()
    assert before == await stands(world)
    assert entries == list(await world.rows(entry))[: len(entries)]
    assert "as if revision 3 had not been published." in done.text()
    assert await world.differences() == []


async def test_to_restore_from_a_past_day_is_something_else(world: World) -> None:
    """It judges the whole span by what the revision says, also what was before it."""
    before = await stands(await company(world))
    await world.apply(DEARER, since="2026-01-01")
    await world.catch_up()
    await world.apply(LATER, since="2026-01-01")
    await world.catch_up()
    assert before != await stands(world)


async def test_several_are_undone_at_once(world: World) -> None:
    """With what they added, retired and changed, from now on and from a past day."""
    before = await stands(await company(world))
    await world.apply(DEARER)
    await world.apply(without("regular", "share", "keeper"), since="2026-05-01")
    await world.catch_up()
    await world.apply(EASIER, since="2026-06-01")
    await world.catch_up()
    assert before != await stands(world)
    await world.undo(3)
    assert before == await stands(world)
    assert await world.differences() == []
    async with world.store.reading() as work:
        (newest,) = await chronicle(work, first=6)
    assert (2, "Undo of revisions 3 to 5") == (newest.back_to, newest.note)
    assert "as if revisions 3 to 5 had not been published" in newest.text()


async def test_an_undo_is_undone(world: World) -> None:
    """It is a revision like others, and what it undid stands again; and it can be undone with all that followed."""
    first = await stands(await company(world))
    await world.apply(EASIER, since="2026-05-01")
    await world.catch_up()
    second = await stands(world)
    await world.undo()
    await world.undo()
    assert second == await stands(world)
    assert await world.differences() == []
    await world.undo(3)
    assert first == await stands(world)
    assert await world.differences() == []


async def test_what_happened_meanwhile_is_judged_as_if_nothing_had_been_published(world: World) -> None:
    """Beside a company in which that was never published, the points are the same, to the activity."""
    await company(world)
    await world.apply(DEARER, since="2026-06-01")
    await world.catch_up()
    await world.record(shared("ada2", "ada", at=JULY, reach=0), shared("late", "ben", at=MAY, reach=0))
    assert 50 in {points for _, rule, points in await world.ledger() if rule == "share"}
    await world.undo()
    assert [5, 6, 6] == sorted(points for who, rule, points in await world.ledger() if (who, rule) == ("ada", "share"))
    assert [5, 6, 6] == sorted(points for who, rule, points in await world.ledger() if (who, rule) == ("ben", "share"))
    assert {Badge("ada", "regular", 2, False), Badge("ben", "regular", 2, False)} <= set(await world.badges())
    assert await world.differences() == []
    await world.record(shared("next", "cid", at=NOVEMBER, reach=0))
    assert Badge("cid", "regular", 2, False) in await world.badges()
    assert await world.differences() == []


async def test_what_was_retracted_meanwhile_stays_out(world: World) -> None:
    """With what rested on it."""
    await company(world)
    await world.apply(DEARER, since="2026-05-01")
    await world.catch_up()
    await world.retract("ada0")
    await world.undo()
    assert [6] == [points for who, rule, points in await world.ledger() if (who, rule) == ("ada", "share")]
    assert Badge("ada", "regular", 1, False) not in await world.badges()
    assert Badge("ben", "regular", 1, False) in await world.badges()
    assert await world.differences() == []


async def test_what_persons_gave_and_took_stays(world: World) -> None:
    """A gift stays, and pays what it paid; what was taken does not come back."""
    await company(world)
    await world.apply(EASIER, since="2026-05-01")
    await world.catch_up()
    await world.give("cid", "thanks")
    await world.adjust("cid", 3)
    await world.take("ada", "regular")
    await world.undo()
    held = await world.badges()
    assert Badge("cid", "thanks", 1, True) in held
    assert [("cid", "", 3)] == [each for each in await world.ledger() if each[1] == ""]
    assert not any(each[:2] == ("ada", "regular") for each in held)
    assert Badge("ben", "regular", 1, False) in held
    assert await world.differences() == []


async def test_what_was_taken_does_not_come_by_what_happened_later(world: World) -> None:
    """Though without the revision it would have come after it was taken, and for something else."""
    await company(world)
    await world.hire("Dora", "Eve")
    await world.apply(EASIER)
    await world.record(shared("dora0", "dora", at=JULY), shared("eve0", "eve", at=JULY))
    await world.take("dora", "regular")
    await world.record(shared("dora1", "dora", at=JULY), shared("eve1", "eve", at=JULY))
    await world.undo()
    held = {each.member for each in await world.badges() if each.key == "regular"}
    assert {"ada", "ben", "cid", "eve"} == held
    assert await world.differences() == []


async def test_a_gift_of_a_badge_that_was_added_stays(world: World) -> None:
    """The badge is retired with the undo; who was given it holds it."""
    await company(world)
    added = "  daily:\n    title: Two days"
    await world.apply(edited((added, "  hero: {title: Hero, points: 4}\n" + added)))
    await world.give("ada", "hero")
    await world.undo()
    assert Badge("ada", "hero", 1, True) in await world.badges()
    assert ("ada", "hero", 4) in await world.ledger()
    assert await world.differences() == []


async def test_what_a_badge_counts_is_what_it_counted(world: World) -> None:
    """What was recorded before it began counts no more, and so is not missing when it is retracted."""
    await world.apply(without("regular"))
    await world.hire("Ada")
    await world.record(shared(1, at=MAY))
    await world.apply(LATER)
    await world.record(shared(2, at=JUNE))
    await world.apply(DEARER, since="2026-01-01")
    await world.catch_up()
    assert Badge("ada", "regular", 1, False) in await world.badges()
    await world.undo()
    assert Badge("ada", "regular", 1, False) not in await world.badges()
    await world.retract(1)
    await world.record(shared(3, at=JULY))
    assert Badge("ada", "regular", 1, False) in await world.badges()
    assert await world.differences() == []


async def test_what_began_with_what_is_undone_has_not_begun(world: World) -> None:
    """Restored, a badge that only undone revisions had counts what comes after that."""
    await world.apply(without("regular"))
    await world.hire("Ada")
    await world.apply(LATER)
    await world.record(shared(1, at=MAY))
    await world.undo()
    async with world.store.writing() as work:
        await restore(work, world.revisions, 2, author="manager", now=world.now)
    await world.record(shared(2, at=JUNE))
    assert Badge("ada", "regular", 1, False) not in await world.badges()
    assert await world.differences() == []
    await world.record(shared(3, at=JULY))
    assert Badge("ada", "regular", 1, False) in await world.badges()
    assert await world.differences() == []


async def test_a_badge_that_fell_and_was_given_is_held_once(world: World) -> None:
    """What was lost to a revision, and then given by hand, stays the gift."""
    await company(world)
    await world.apply(
        LATER.replace("levels: [{at: 2, points: 8}", "levels: [{at: 9, points: 8}").replace(
            "{at: 3, points: 50}", "{at: 10}"
        ),
        since="2026-01-01",
    )
    await world.catch_up()
    await world.give("ada", "regular")
    await world.undo()
    held = [each for each in await world.badges() if each.key == "regular"]
    assert [("ada", True), ("ben", False), ("cid", False)] == [(each.member, each.given) for each in held]
    assert await world.differences() == []


async def test_a_key_that_another_has_meanwhile_is_given_back(world: World) -> None:
    """A rule that was retired has its key again, and its history; the other of that name is retired."""
    before = await stands(await company(world))
    await world.apply(without("share"), since="2026-01-01")
    await world.catch_up()
    await world.apply(LATER.replace("  share:\n", "  pass-on:\n").replace("  article:\n", "  share:\n"))
    await world.record(shared("ada2", "ada", at=JULY, reach=0))
    await world.undo(3)
    assert [5, 6, 6] == sorted(points for who, rule, points in await world.ledger() if (who, rule) == ("ada", "share"))
    await world.retract("ada2")
    assert [each for each in before[0] if each[1] == "share"] == [  # type: ignore[attr-defined]
        each for each in sorted(await world.ledger()) if each[1] == "share"
    ]
    assert await world.differences() == []


async def test_names_are_given_back(world: World) -> None:
    """What was renamed has its name of before, and its activities count on."""
    before = await stands(await company(world))
    text = LATER.replace("  post.shared:\n", "  post.passed-on:\n    was: post.shared\n")
    text = text.replace("post.shared]", "post.passed-on]").replace("  regular:\n", "  often:\n    was: regular\n")
    await world.apply(text.replace(SHARE, "70"), since="2026-01-01")
    await world.catch_up()
    await world.undo()
    assert before == await stands(world)
    await world.record(shared("next", "cid", at=NOVEMBER, reach=0))
    assert Badge("cid", "regular", 2, False) in await world.badges()
    assert await world.differences() == []


async def test_podiums_are_as_they_were(world: World) -> None:
    """One that changed, and one that was added, are undone with the rest; one that was retired is there again."""
    programme = with_podium()
    await world.apply(programme)
    async with world.store.reading() as work:
        before = (await world.revisions.current(work)).podium_versions
    await world.apply(programme.replace("amount: 90", "amount: 900").replace("  best:\n", "  first:\n    was: best\n"))
    await world.apply(CLOSING)
    await world.undo(2)
    async with world.store.reading() as work:
        after = (await world.revisions.current(work)).podium_versions
    assert [(item.element, item.podium) for item in before] == [(item.element, item.podium) for item in after]
    assert await world.differences() == []


async def test_what_members_share_stays_as_it_is(world: World) -> None:
    """A rule with a limit across members takes effect from now only: what it paid is not taken back."""
    await company(world)
    await world.apply(edited(("points: 7", "points: 70")))
    await world.record(shared("new", "ada", at=JULY, reach=0))
    await world.undo()
    assert ("ada", "first", 70) in await world.ledger()
    await world.record(shared("newer", "ada", at=JULY, reach=0))
    assert 7 in [points for who, rule, points in await world.ledger() if (who, rule) == ("ada", "first")]
    assert await world.differences() == []


async def test_it_can_be_stopped_and_go_on(world: World) -> None:
    """Each chunk is a transaction; who is behind is as the revision before left them, and nothing else is published."""
    before = await stands(await company(world))
    await world.apply(DEARER, since="2026-01-01")
    await world.catch_up()
    await world.undo(all_up=False)
    assert await world.differences() == []
    assert 1 == await world.catch_up(chunk=1, most=1)
    assert await world.differences() == []
    with pytest.raises(Unfinished, match=r"revision 4 .* is still being applied to 2 members"):
        await world.undo()
    with pytest.raises(Unfinished):
        await world.apply(RECOGNITION)
    assert 2 == await world.catch_up(chunk=1)
    assert before == await stands(world)
    assert not any(row.pending for row in await world.rows(revision))
    assert await world.differences() == []


async def test_a_writer_brings_up_whom_it_meets(world: World) -> None:
    """What is recorded meanwhile comes after the undo, for members who have been brought up to it."""
    await company(world)
    await world.apply(DEARER, since="2026-01-01")
    await world.catch_up()
    await world.undo(all_up=False)
    await world.record(shared("new", "ada", at=NOVEMBER, reach=0))
    await world.retract("ben1")
    await world.adjust("cid", 1)
    async with world.store.reading() as work:
        assert {4} == {row.rejudged for row in await work.rows(select(member.c.rejudged))}
    assert 0 == await world.catch_up()
    assert [5, 6, 6] == sorted(points for who, rule, points in await world.ledger() if (who, rule) == ("ada", "share"))
    assert await world.differences() == []


async def test_what_was_said_before_stays_on_record(world: World) -> None:
    """The verdicts of what is undone stay, and those of before are said again beside them; the awards tell why."""
    await company(world)
    await world.apply(EASIER, since="2026-01-01")
    await world.catch_up()
    await world.undo()
    said = [row.revision for row in await world.rows(verdict)]
    assert {1, 2, 3, 4} == set(said)
    reasons = {row.revoked_reason for row in await world.rows(award) if row.revoked_seq is not None}
    assert "revision 4 undoes revision 3" in reasons


async def test_what_cannot_be_undone_is_said_in_words(world: World) -> None:
    """A revision that is not there, and the first."""
    await company(world)
    with pytest.raises(RevisionUnknown, match="there is no revision 9; there are 1 to 2"):
        await world.undo(9)
    with pytest.raises(NothingBefore, match="nothing before it to go back to"):
        await world.undo(1)
