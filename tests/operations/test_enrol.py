"""Enrolling: members, their facts, and what it does to the boards when they leave or return."""

from typing import Any

import pytest
from sqlalchemy import select

from activity.tables import member, member_facts
from leaderboard.tables import board_period
from operations.enrol import MemberReceipt, MemberStatus, Profile
from tests.world import PROGRAMME, World, shared


async def test_a_new_member_needs_a_name(world: World) -> None:
    """Without one the profile is refused, and says of whom."""
    await world.apply()
    receipts = await world.enrol(Profile("ada"))
    expected = MemberReceipt(MemberStatus.REFUSED, "name is missing; 'ada' is new and needs one", "name")
    assert [expected] == receipts


async def test_what_a_profile_leaves_out_stays(world: World) -> None:
    """None keeps, "" empties, and a profile that says nothing new changes nothing."""
    await world.apply()
    full = Profile("ada", "Ada", "Red", "London", "Sales", "Europe/London", {"hourly": True}, True)
    assert [each.status for each in await world.enrol(full)] == [MemberStatus.CREATED]
    assert [each.status for each in await world.enrol(full)] == [MemberStatus.UNCHANGED]
    assert [each.status for each in await world.enrol(Profile("ada", location=""))] == [MemberStatus.UPDATED]
    row = (await world.rows(member))[0]
    assert (row.location, row.department, row.attributes) == (None, "Sales", '{"hourly":true}')


async def test_facts_of_every_time_are_kept(world: World) -> None:
    """Each change of facts takes a place in the sequence; replay finds those in force."""
    await world.apply()
    await world.hire("Ada", team="Red")
    await world.record(shared(1))
    await world.hire("Ada", team="Blue")
    await world.record(shared(2))
    assert len(await world.rows(member_facts)) == 2
    assert (await world.standings())["teams", "2026/27-Q3"] == {"Red": 13, "Blue": 13}
    assert await world.differences() == []


async def test_opting_out_leaves_every_board_at_once_and_rejoining_restores(world: World) -> None:
    """Off all boards, out of the team's sum and of the participants; and back as before."""
    await world.apply()
    await world.hire("Ada", "Ben", team="Red")
    await world.record(shared(1), shared(2, "ben"))
    before = await world.standings()
    await world.enrol(Profile("ada", participates=False))
    gone = await world.standings()
    assert gone["everything", "ever"] == {"ben": 13}
    assert gone["teams", "2026/27-Q3"] == {"Red": 13}
    assert {1} == {row.participants for row in await world.rows(board_period)}
    assert await world.differences() == []
    await world.enrol(Profile("ada", participates=True))
    assert before == await world.standings()
    assert await world.differences() == []


async def test_no_two_members_have_one_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that somebody has, or that come twice in a batch, are drawn again; and 0 is none."""
    drawn = iter([0, 7, 7, 7, 8, 9, 8, 10])
    monkeypatch.setattr("secrets.randbits", lambda _: next(drawn))
    await world.apply()
    await world.enrol(Profile("a", name="A"), Profile("b", name="B"))
    await world.enrol(Profile("c", name="C"), Profile("d", name="D"))
    assert [7, 8, 9, 10] == [row.key for row in await world.rows(member)]
    assert [] == [*drawn]


async def test_a_board_marks_that_somebody_left(world: World) -> None:
    """The revision of a board's period grows, so that no cached answer still shows them."""
    await world.apply()
    await world.hire("Ada")
    await world.record(shared(1))
    before = {(row.board, row.period): row.revision for row in await world.rows(board_period)}
    await world.enrol(Profile("ada", participates=False))
    after = {(row.board, row.period): row.revision for row in await world.rows(board_period)}
    assert before.keys() == after.keys()
    assert all(after[key] > before[key] for key in before)


@pytest.mark.parametrize(("opt_in", "expected"), [("opt-in", False), ("opt-out", True)])
async def test_without_a_word_the_programme_decides_who_takes_part(world: World, opt_in: str, expected: bool) -> None:
    """In an opt-in programme members join themselves; in an opt-out one they are in."""
    await world.apply(PROGRAMME.replace("participation: opt-out", f"participation: {opt_in}"))
    await world.enrol(Profile("ada", name="Ada"))
    assert [expected] == [bool(row.participates) for row in await world.rows(member)]


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"external_id": ""}, "external_id", "external_id is empty"),
    ({"external_id": "x" * 257}, "external_id", "external_id has 257 characters; at most 256 are allowed"),
    ({"external_id": 7}, "external_id", "external_id must be text, but it is a whole number"),
    ({"name": "A\0da"}, "name", "name contains a NUL character; remove it"),
    ({"name": "\ud800"}, "name", "name is not valid UTF-8: it contains a stray byte or half of a surrogate pair"),
    (
        {"time_zone": "Europe/Londn"},
        "time_zone",
        "there is no time zone 'Europe/Londn'; write a name such as Europe/London or UTC",
    ),
    ({"participates": "yes"}, "participates", "participates must be true or false, but it is text"),
    ({"attributes": []}, "attributes", "attributes must be an object"),
    (
        {"attributes": {"hurly": True}},
        "attributes.hurly",
        "'hurly' is no attribute of this programme; did you mean hourly?",
    ),
    (
        {"attributes": {"hourly": 1}},
        "attributes.hourly",
        "attributes.hourly must be true or false, but it is a whole number",
    ),
    (
        {"attributes": {"joined": "12/11/26"}},
        "attributes.joined",
        "'12/11/26' is no date; write attributes.joined as 2026-11-12",
    ),
]


@pytest.mark.parametrize(("wrong", "field", "words"), REFUSED)
async def test_a_bad_profile_is_refused_and_harms_no_other(
    world: World, wrong: dict[str, Any], field: str, words: str
) -> None:
    """Each mistake is told in words with its field; the other profiles of the batch are kept."""
    await world.apply()
    bad = Profile(**({"external_id": "ada", "name": "Ada"} | wrong))
    receipts = await world.enrol(bad, Profile("ben", name="Ben"))
    assert [MemberReceipt(MemberStatus.REFUSED, words, field), MemberReceipt(MemberStatus.CREATED)] == receipts
    async with world.store.reading() as work:
        assert [row.external_id for row in await work.rows(select(member.c.external_id))] == ["ben"]
