"""Activities that credit two members who turn out to be one there: it is credited once, and the others among fewer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.intake import Refused, Report
from activity.tables import activity
from operations.enrol import Profile
from operations.identities import remove_identity
from operations.record import Status
from operations.sharing import TransferredApart
from rewards.tables import hold
from tests.conftest import OpenStore
from tests.operations.company import RECOGNITION
from tests.operations.test_move import HANDLE, KINDS
from tests.operations.test_transfer import ALONE, CHANGES, ONES, outcome
from tests.world import World, published

# Articles are paid in parts, and an idea to who is named first alone.
SHARES = (
    ("    points: 40\n", "    points: 40\n    credit: split\n"),
    ("    on: [idea.made]\n", "    on: [idea.made]\n    credit: first\n"),
)
BUDGET = (
    "    points: 40\n    credit: split\n",
    "    points: 40\n    credit: split\n    budget: {points: 90, per: month}\n",
)


def parted(programme: str, *more: tuple[str, str]) -> str:
    for old, new in (*SHARES, *more):
        assert old in programme
        programme = programme.replace(old, new)
    return KINDS + programme


async def company(world: World, programme: str, *, owner: str = "ada") -> World:
    await world.apply(programme)
    await world.hire("Ada", "Ben", team="Red")
    await world.hire("Cid", "Dee", team="Blue")
    await world.enrol(Profile(owner, identities=[HANDLE]))
    return world


def joint(number: int, *names: str, kind: str = "article.published", at: str = "2026-11-12T09:30:00Z") -> Report:
    report = published(number, names[0], at=at)
    return Report(
        report.source, report.id, kind, names[0], at, report.data if kind[0] == "a" else {}, list(names[1:]) or None
    )


async def points(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, _, earned in await world.ledger():
        found[name] = found.get(name, 0) + earned
    return found


async def test_a_merge_leaves_one_part_fewer(world: World) -> None:
    """Of three who were paid in parts two are left, and each has half of it, told apart."""
    await company(world, parted(ALONE))
    await world.record(joint(1, "ben", "ada", "cid"))
    before = await points(world)
    done = await world.merge("ada", "cid")
    assert {"ben": 20, "cid": 20} == await points(world)
    assert (1, 1, 20 - before["cid"], 20 - before["ben"]) == (done.activities, done.joint, done.points, done.others)
    assert [2] == [row.credited for row in await world.rows(activity)]
    assert await world.differences() == []


async def test_who_was_named_first_stays_first(world: World) -> None:
    """What is paid to the first alone goes to who is left, wherever they were named."""
    await company(world, parted(ALONE))
    await world.record(joint(1, "ada", "ben", "cid", kind="idea.made"))
    await world.merge("ada", "cid")
    assert {"cid": 20} == await points(world)
    assert await world.differences() == []


async def test_a_moved_identity_is_credited_once(world: World) -> None:
    """Where the report named whose it is beside it."""
    await company(world, parted(ALONE))
    await world.record(joint(1, HANDLE, "cid"), joint(2, "ben", HANDLE))
    done = await world.move(HANDLE, "cid")
    assert (2, 1) == (done.activities, done.joint)
    assert {"ben": 20, "cid": 60} == await points(world)
    assert await world.differences() == []


async def test_a_redelivery_is_known_and_another_is_credited_once(world: World) -> None:
    """It names the same people, one of whom is known by two names."""
    await company(world, parted(ALONE))
    await world.record(joint(1, "ada", "ben", "cid"))
    await world.merge("ada", "cid")
    again = joint(1, "ada", "ben", "cid"), joint(1, "cid", "ben"), joint(1, "ben", "cid"), joint(2, "ada", "cid")
    receipts = [receipt.status for receipt in await world.record(*again)]
    assert [Status.DUPLICATE, Status.DUPLICATE, Status.CONFLICT, Status.RECORDED] == receipts
    assert {"ben": 20, "cid": 60} == await points(world)
    assert await world.differences() == []


async def test_who_is_named_twice_is_credited_once(world: World) -> None:
    """At the place that was named first, and the others among fewer. No name can be moved then."""
    await company(world, parted(ALONE))
    await world.record(joint(1, "ben", "ada", HANDLE), joint(2, HANDLE, "ada", kind="idea.made"))
    assert {"ben": 20, "ada": 40} == await points(world)
    again = joint(1, "ben", HANDLE), joint(2, "ada", "chat:c7", kind="idea.made"), joint(1, "ada", "ben")
    receipts = [receipt.status for receipt in await world.record(*again)]
    assert [Status.DUPLICATE, Status.DUPLICATE, Status.CONFLICT] == receipts
    with pytest.raises(Refused, match=r"activity \(test, 1\) named one member twice, as chat:C7 and otherwise"):
        await world.move(HANDLE, "cid")
    await world.merge("ada", "ben")
    assert {"ben": 60} == await points(world)
    assert await world.differences() == []


async def test_what_members_share_is_paid_once(world: World) -> None:
    """What a budget paid the one is taken back, and what is held of it is void; what it paid others stays as it was
    decided."""
    await company(world, parted(RECOGNITION, BUDGET))
    await world.record(joint(1, "ben", "ada", "cid"), joint(2, "ada", "ben", "cid", kind="idea.made"))
    before = await points(world)
    done = await world.merge("ada", "cid")
    assert {"ben": before["ben"], "cid": before["cid"]} == await points(world)
    assert (0, 0) == (done.points, done.others)
    assert [] == await world.rows(hold)
    assert await world.differences() == []


async def test_what_was_retracted_stays_so(world: World) -> None:
    await company(world, parted(RECOGNITION, BUDGET))
    await world.record(joint(1, "ben", "ada", "cid"), joint(2, "ben", "ada", "cid"))
    await world.retract(1)
    await world.merge("ada", "cid")
    await world.retract(2)
    assert {} == await points(world)
    assert await world.differences() == []


async def test_one_who_was_credited_once_is_not_two_again(world: World) -> None:
    """Nobody can tell any more who earned what: it is said what to do."""
    await company(world, parted(ALONE))
    await world.record(joint(1, HANDLE, "cid"))
    await world.move(HANDLE, "cid")
    with pytest.raises(Refused, match=r"activity \(test, 1\) named one member twice, as chat:C7 and otherwise"):
        await world.move(HANDLE, "ada")
    await world.retract(1)
    await world.move(HANDLE, "ada")
    assert await world.differences() == []


@pytest.mark.parametrize(("count", "others"), [(2, "and so did 1 other"), (3, "and so did 2 others")])
async def test_how_many_are_in_the_way_is_said(world: World, count: int, others: str) -> None:
    """So that nobody retracts one after the other without knowing where it ends."""
    await company(world, parted(ALONE))
    await world.record(*(joint(number, HANDLE, "cid") for number in range(1, count + 1)))
    await world.move(HANDLE, "cid")
    told = rf"\(test, 1\) named .* otherwise, {others}; retract them, .* report them again under new ids$"
    with pytest.raises(Refused, match=told):
        await world.move(HANDLE, "ada")


async def test_what_was_removed_and_given_to_another_follows(world: World) -> None:
    """What was recorded by it before is the other's, when it is moved to them though they have it already."""
    await company(world, parted(ALONE))
    await world.record(joint(1, HANDLE), joint(2, HANDLE, kind="idea.made"))
    async with world.store.writing() as work:
        await remove_identity(work, world.revisions, "ada", HANDLE, now=world.now, author="manager")
    await world.enrol(Profile("cid", identities=[HANDLE]))
    await world.record(joint(3, HANDLE, at="2026-11-05T09:30:00Z"))
    done = await world.move(HANDLE, "cid")
    assert (2, 0) == (done.activities, done.joint)
    assert {"cid": 100} == await points(world)
    with pytest.raises(Refused, match="there is nothing to move"):
        await world.move(HANDLE, "cid")
    assert await world.differences() == []


async def test_a_rule_that_came_to_be_shared_later(world: World) -> None:
    """To a transfer before it the rule was each member's own; it is proved as of then."""
    await company(world, parted(ALONE))
    await world.record(joint(1, "ben", "ada", "cid"), joint(2, HANDLE), joint(3, "cid", "dee"))
    await world.move(HANDLE, "cid")
    await world.apply(parted(ALONE, BUDGET))
    assert await world.differences() == []
    await world.record(joint(4, "ada", "dee", "cid"))
    await world.merge("ada", "cid")
    assert await world.differences() == []
    await world.merge("dee", "cid")
    assert await world.differences() == []


async def test_badges_that_came_to_be_shared_later(world: World) -> None:
    """What was there before a transfer cannot come to require what was shared by then; a new badge can."""
    programme = parted(RECOGNITION)
    await company(world, programme)
    await world.record(*(joint(number, HANDLE, at=f"2026-11-1{number}T09:30:00Z") for number in range(1, 4)))
    await world.record(joint(4, "cid", at="2026-11-14T09:30:00Z"), joint(5, "ada", at="2026-11-15T09:30:00Z"))
    await world.move(HANDLE, "cid")
    before = "    repeat: true\n"
    assert before in programme
    with pytest.raises(TransferredApart, match="the badges daily, early cannot come to require one another"):
        await world.apply(programme.replace(before, before + "    requires: [early]\n"))
    assert await world.differences() == []
    later = "  later: {title: Later, on: [article.published], measure: count, levels: [1], requires: [early]}\n"
    await world.apply(programme.replace("zones:\n  sharer:", f"{later}zones:\n  sharer:"))
    await world.record(joint(6, "cid", at="2026-11-16T09:30:00Z"), joint(7, "ada", at="2026-11-16T09:30:00Z"))
    assert "later" in {badge.key for badge in await world.badges()}
    assert await world.differences() == []
    await world.merge("ada", "cid")
    assert await world.differences() == []


PEOPLE = ["ada", "ben", "cid", "other"]


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """Reports of one or several, among them another name of cid; and what managers do."""
    story: list[tuple[str, Any]] = []
    for number in range(draw(st.integers(1, 12))):
        names = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4, unique=True))
        at = draw(st.sampled_from(["2026-10-30T09:30:00Z", "2026-11-12T09:30:00Z", "2026-11-13T00:00:00Z"]))
        kind = draw(st.sampled_from(["article.published", "idea.made"]))
        story.append(("record", joint(number, *names, kind=kind, at=at)))
        what = draw(st.integers(0, 9))
        if what == 0:
            story.append(("retract", draw(st.integers(0, number))))
        elif what == 1:
            since = draw(st.sampled_from([None, "2026-03-30"]))
            story.append(("apply", (draw(st.sets(st.sampled_from([*CHANGES[:3], BUDGET]))), since)))
    story.insert(draw(st.integers(0, len(story))), ("found", None))
    return story


def named(report: Report, name: str) -> Report:
    """A report with a name in the place of the other."""
    names = [name if each == "other" else each for each in (report.member, *(report.contributors or ()))]
    names = list(dict.fromkeys(names))  # nobody says the same name twice
    return Report(report.source, report.id, report.type, names[0], report.time, report.data, names[1:] or None)


async def play(world: World, story: list[tuple[str, Any]], programme: str, way: str, *, rightly: bool) -> None:
    """The story as it happened, or as it would have with everybody known from the beginning."""
    name = HANDLE if way == "move" else "cid" if rightly else "dee"
    shared = False
    for kind, what in story:
        if kind == "record":
            await world.record(named(what, name))
        elif kind == "retract":
            await world.retract(what)
        elif kind == "apply":
            changes, since = what
            shared |= BUDGET in changes
            text = programme
            for old, new in sorted({*changes, BUDGET} if shared else changes):
                text = text.replace(old, new)
            await world.apply(text, since=since)
            await world.catch_up()
        elif not rightly and way == "merge":
            await world.merge("dee", "cid")
        elif not rightly:
            await world.move(HANDLE, "cid")


@ONES
@given(stories(), st.sampled_from(["merge", "move"]), st.booleans())
async def test_it_is_as_if_it_had_been_known(
    open_store: OpenStore, story: list[tuple[str, Any]], way: str, shared_too: bool
) -> None:
    """The same entries stand, the same standings and badges; with what members share everything is proved."""
    programme = parted(RECOGNITION if shared_too else ALONE)
    shared_too |= any(kind == "apply" and BUDGET in what[0] for kind, what in story)
    found = []
    for rightly in (True, False):
        async with open_store() as store:
            world = await company(World(store), programme, owner="cid" if rightly else "dee")
            await play(world, story, programme, way, rightly=rightly)
            assert await world.differences() == []
            found.append(await outcome(world))
    assert shared_too or found[0] == found[1]
