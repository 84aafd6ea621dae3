"""Moving an identity, and merging two members: as if everything had been known rightly from the beginning."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.intake import Refused, Report
from activity.tables import identity_removal, member
from operations.adjust import Author
from operations.enrol import MemberStatus, Profile
from operations.record import Status
from rewards.tables import entry
from tests.conftest import OpenStore
from tests.operations.company import RECOGNITION
from tests.operations.test_transfer import ALONE, ONES, outcome, reports
from tests.world import WHY, World, published, shared

KINDS = "identities: {chat: {title: Chat user}}\n"
HANDLE = "chat:C7"


async def company(world: World, programme: str = ALONE, *, owner: str = "ada", participation: str = "opt-out") -> World:
    await world.apply(KINDS + programme.replace("opt-out", participation))
    await world.hire("Ada", "Ben", team="Red")
    await world.hire("Cid", team="Blue")
    await world.enrol(Profile(owner, identities=[HANDLE]))
    return world


async def test_what_it_earned_goes_to_the_right_one(world: World) -> None:
    """What was reported under the external id stays; from now on the identity names the other."""
    await company(world)
    await world.record(shared(1, HANDLE), shared(2))
    done = await world.move(HANDLE, "cid")
    assert (1, 0, 6, 6) == (done.activities, done.retracted, done.taken, done.given)
    await world.record(shared(3, "chat:c7"))
    points: dict[str, int] = {}
    for name, _, earned in await world.ledger():
        points[name] = points.get(name, 0) + earned
    assert {"ada": 6, "cid": 12 + 5} == points  # shares twice: a badge of 5 points
    assert [(WHY, "manager")] == [(row.reason, row.author) for row in await world.rows(identity_removal)]
    assert await world.differences() == []


async def test_a_redelivery_is_known(world: World) -> None:
    """Under the identity, or by the external id of whose it is now."""
    await company(world)
    await world.record(shared(1, HANDLE))
    await world.move(HANDLE, "cid")
    receipts = await world.record(shared(1, HANDLE), shared(1, "cid"), shared(1, "ada"))
    assert [Status.DUPLICATE, Status.DUPLICATE, Status.CONFLICT] == [receipt.status for receipt in receipts]


async def test_what_happened_while_the_other_took_no_part_is_retracted(world: World) -> None:
    """Nothing is recorded of who does not take part, by whatever way it comes."""
    await company(world)
    await world.enrol(Profile("cid", participates=False))
    await world.record(shared(1, HANDLE))
    await world.enrol(Profile("cid", participates=True))
    await world.record(shared(2, HANDLE))
    done = await world.move(HANDLE, "cid")
    assert (1, 1) == (done.activities, done.retracted)
    assert {"cid"} == {name for name, _, _ in await world.ledger()}
    assert await world.differences() == []


async def test_who_came_later_has_what_happened_before(world: World) -> None:
    """With the facts by which they were first known."""
    await company(world)
    await world.record(shared(1, HANDLE))
    await world.hire("Dee", team="Blue")
    await world.move(HANDLE, "dee")
    assert {"Blue": 6} == (await world.standings())["teams", "2026/27-Q3"]
    assert await world.differences() == []


@pytest.mark.parametrize(
    ("text", "name", "author", "words"),
    [
        (
            "chat:other",
            "cid",
            "manager",
            "'chat:other' is nobody's identity; give it to a member by saving them with it",
        ),
        ("mail:C7", "cid", "manager", "'mail:C7' is no identity: write KIND:HANDLE with a kind of this programme"),
        (HANDLE, "eve", "manager", "there is no member with the external id 'eve'; import members first"),
        (HANDLE, "ada", "manager", "'chat:C7' is an identity of 'ada' already; there is nothing to move"),
        (HANDLE, "cid", "cid", "nobody moves an identity from or to themselves"),
        (HANDLE, "cid", "ada", "nobody moves an identity from or to themselves"),
    ],
)
async def test_what_cannot_be_moved_is_said(world: World, text: str, name: str, author: str, words: str) -> None:
    """And nothing is changed."""
    await company(world)
    await world.record(shared(1, HANDLE))
    keys = {row.external_id: row.key for row in await world.rows(member)}
    before = await world.rows(entry)
    with pytest.raises(Refused) as refused:
        await world.move(text, name, author=Author(author, keys.get(author)))
    assert words in str(refused.value)
    assert before == await world.rows(entry)
    assert await world.differences() == []


async def test_merged_members_are_one(world: World) -> None:
    """Activities, gifts and identities are the other's, and the external id names them; nobody is left on a board."""
    await company(world)
    await world.record(shared(1), shared(2, "cid"), published(3, "cid"))
    await world.adjust("ada", 30)
    await world.give("ada", "thanks")
    done = await world.merge("ada", "cid")
    assert 1 == done.activities
    assert {"cid"} == {name for name, _, _ in await world.ledger()}
    assert {"cid"} == {badge.member for badge in await world.badges()}
    assert all({"cid"} >= set(found) or {"Blue", "Red"} >= set(found) for found in (await world.standings()).values())
    receipts = await world.record(shared(1), shared(1, HANDLE), shared(4), shared(5, HANDLE))
    assert [Status.DUPLICATE] * 2 + [Status.RECORDED] * 2 == [receipt.status for receipt in receipts]
    assert {"cid"} == {name for name, _, _ in await world.ledger()}
    (receipt,) = await world.enrol(Profile("ada", name="Ada"))
    assert (MemberStatus.REFUSED, "external_id") == (receipt.status, receipt.field)
    assert await world.differences() == []


async def test_what_credits_both_counts_once_for_who_is_left(world: World) -> None:
    """What it paid who was merged is taken back; a redelivery is known."""
    await company(world)
    report = published(1)
    await world.record(Report(report.source, report.id, report.type, "ada", report.time, report.data, ["cid"]))
    done = await world.merge("ada", "cid")
    assert (1, 1, 0) == (done.activities, done.joint, done.points)
    assert {"cid": 40} == (await world.standings())["everything", "ever"]
    again = Report(report.source, report.id, report.type, "ada", report.time, report.data, ["cid"])
    changed = Report(report.source, report.id, report.type, "ada", report.time, {**report.data, "url": "x"}, ["cid"])
    fresh = Report(report.source, "2", report.type, "ada", report.time, report.data, ["cid"])
    receipts = await world.record(again, changed, fresh)
    assert [Status.DUPLICATE, Status.CONFLICT, Status.RECORDED] == [receipt.status for receipt in receipts]
    assert await world.differences() == []


async def test_chains_of_merges_lead_to_who_is_left(world: World) -> None:
    """All external ids name the last."""
    await company(world)
    await world.merge("ada", "ben")
    await world.merge("ben", "cid")
    await world.record(shared(1), shared(2, "ben"), shared(3, HANDLE))
    assert {"cid"} == {name for name, _, _ in await world.ledger()}
    with pytest.raises(Refused, match="'ada' and 'cid' are one member already"):
        await world.merge("ada", "cid")
    assert await world.differences() == []


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[Report, bool]]:
    """Reports, and whether the chat tells what cid did."""
    return [(draw(reports(number)), draw(st.booleans())) for number in range(draw(st.integers(1, 14)))]


def told(story: list[tuple[Report, bool]], name: str) -> list[Report]:
    """The reports, those of cid that the chat tells under another name."""
    return [
        Report(
            each.source,
            each.id,
            each.type,
            name if by_chat and each.member == "cid" else each.member,
            each.time,
            each.data,
        )
        for each, by_chat in story
    ]


@ONES
@given(stories(), st.integers(0, 14))
async def test_a_moved_identity_is_as_if_it_had_been_theirs(
    open_store: OpenStore, story: list[tuple[Report, bool]], when: int
) -> None:
    """Whenever it is found out: the same entries stand, the same standings and badges."""
    found: list[Any] = []
    for owner in ("cid", "ada"):
        async with open_store() as store:
            world = await company(World(store), owner=owner)
            for index, report in enumerate(told(story, HANDLE)):
                if index == when and owner == "ada":
                    await world.move(HANDLE, "cid")
                await world.record(report)
            if when >= len(story) and owner == "ada":
                await world.move(HANDLE, "cid")
            assert await world.differences() == []
            found.append(await outcome(world))
    assert found[0] == found[1]


@ONES
@given(stories(), st.booleans())
async def test_merged_members_are_as_if_they_had_been_one(
    open_store: OpenStore, story: list[tuple[Report, bool]], shared_too: bool
) -> None:
    """Who was known under two external ids has what one would have; with what members share everything is proved."""
    found: list[Any] = []
    for name in ("cid", "cid-2"):
        async with open_store() as store:
            world = await company(World(store), RECOGNITION if shared_too else ALONE)
            await world.hire("Cid-2", team="Blue")
            await world.record(*told(story, name))
            if name == "cid-2":
                await world.merge("cid-2", "cid")
            assert await world.differences() == []
            found.append(await outcome(world))
    assert shared_too or found[0] == found[1]


async def test_what_was_stripped_is_moved_too(world: World) -> None:
    """Nothing that it is judged by is gone."""
    await company(world, f"retention: P60D\n{ALONE}")
    await world.record(shared(1, HANDLE), shared(2, HANDLE), published(3, HANDLE), shared(4))
    world.now += timedelta(days=61)
    await world.strip()
    before = sorted(points for _, _, points in await world.ledger())
    assert 3 == (await world.move(HANDLE, "cid")).activities
    await world.merge("ada", "cid")
    assert {"cid"} == {name for name, _, _ in await world.ledger()}
    assert set(before) <= {points for _, _, points in await world.ledger()}
    assert [] == await world.differences()
