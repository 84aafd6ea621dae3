"""Warnings about boards and podiums: days that are over or come too early, and members whom a board leaves out."""

from datetime import timedelta

import pytest

from activity.tables import member
from operations.advice import eligible
from operations.advice.warnings import warnings
from operations.close import close_due
from operations.enrol import Profile
from operations.pay import paying
from operations.programme import parse
from rewards.tables import payout, prize_giving
from rules.advice import Advice, Code
from tests.operations.prizes import PODIUM
from tests.world import PROGRAMME, World, shared

OF_SPRING = PODIUM.replace("board: effort", "board: spring")
SPRING = "2026-11-01", "2026-11-20"


def with_spring(first: str, last: str) -> str:
    return f"{PROGRAMME}  spring: {{title: Spring, period: {{from: {first}, to: {last}}}, closing: {{}}}}\n"


async def advised(world: World, text: str, *codes: Code) -> list[Advice]:
    async with world.store.reading() as work:
        found = await warnings(work, world.revisions, parse(text), now=world.now)
    return [advice for advice in found if advice.code in codes]


async def finish(world: World) -> None:
    """Close what is over, and when its disputes have ended give the prizes."""
    await world.close()
    world.now += timedelta(days=7)
    done = await close_due(world.store, world.revisions, now=world.now, pay=paying(world.revisions, world.now))
    assert 1 == done.final


async def test_a_podium_of_days_that_are_over_is_told_and_gives_nothing(world: World) -> None:
    """Whether anything is in force or not; and when the result is final, nothing is given."""
    text = with_spring(*SPRING) + OF_SPRING
    (found,) = await advised(world, text, Code.NO_PRIZES)
    assert found.path == "podiums.best.board"
    assert found.message == (
        "the days of board 'spring' ended with 2026-11-20, and a podium rewards only what ends after it was first "
        "published: this one will give no prizes; name a board whose days are not over, or remove the podium"
    )
    assert text.split("\n")[found.line - 1] == "    board: spring"
    await world.apply(with_spring(*SPRING))
    assert [found.message] == [each.message for each in await advised(world, text, Code.NO_PRIZES)]
    await world.apply(text)
    await world.hire("Ada")
    await world.record(shared(1))
    world.now += timedelta(days=10)
    await finish(world)
    assert [] == [*await world.rows(prize_giving), *await world.rows(payout)]


@pytest.mark.parametrize("last", ["2026-11-21", "2026-12-31"])
async def test_a_podium_that_was_there_in_time_is_left_alone(world: World, last: str) -> None:
    """Published on the last day, or before: it gives its prizes, also under another name when the days are over."""
    text = with_spring("2026-11-01", last) + OF_SPRING
    assert [] == await advised(world, text, Code.NO_PRIZES)
    await world.apply(text)
    await world.hire("Ada")
    await world.record(shared(1))
    world.now += timedelta(days=45)
    renamed = OF_SPRING.replace("  best:\n", "  top:\n    was: best\n")
    for podium in (OF_SPRING, renamed):
        assert [] == await advised(world, with_spring("2026-11-01", last) + podium, Code.NO_PRIZES)
    other = renamed.replace("    was: best\n", "")
    (found,) = await advised(world, with_spring("2026-11-01", last) + other, Code.NO_PRIZES)
    assert "podiums.top.board" == found.path
    await finish(world)
    assert 1 == len(await world.rows(payout))


BEFORE_START = {
    ("2025-12-01", "2026-01-15"): [
        (
            "boards.spring.period.from",
            "this is before the programme starts: only what happens from 2026-01-01 on counts; write that day, or "
            "leave it if that is meant",
        )
    ],
    ("2025-12-01", "2025-12-31"): [
        (
            "boards.spring.period.to",
            "these days end before the programme starts, on 2026-01-01, so that nothing can ever count here: write "
            "later ones, or remove the board",
        )
    ],
    ("2026-01-01", "2026-01-15"): [],
}


@pytest.mark.parametrize(("days", "expected"), BEFORE_START.items())
async def test_days_before_the_programme_starts_are_told(
    world: World, days: tuple[str, str], expected: list[tuple[str, str]]
) -> None:
    """All of them, or some; the first day of the programme is not before it."""
    text = with_spring(*days)
    found = await advised(world, text, Code.BEFORE_START)
    assert expected == [(each.path, each.message) for each in found]
    assert all("  spring:" in text.split("\n")[each.line - 1] for each in found)


async def test_a_board_that_has_the_first_day_alone_counts_it(world: World) -> None:
    """Days that end with the one on which the programme starts are not all before it."""
    (found,) = await advised(world, with_spring("2025-12-01", "2026-01-01"), Code.BEFORE_START)
    assert "boards.spring.period.from" == found.path


def with_board(members: str) -> str:
    return f"{PROGRAMME}  some: {{title: Some, period: month, members: '{members}'}}\n"


async def left_out(world: World, members: str) -> list[tuple[Code, str]]:
    """What is told of a board for these members."""
    text = with_board(members)
    found = await advised(world, text, Code.NO_VALUE, Code.NEVER_TRUE, Code.NEAR_WORD, Code.QUOTED_FIELD)
    assert all((each.path, each.line) == ("boards.some.members", text.count("\n")) for each in found)
    return [(each.code, each.message) for each in found]


async def staff(world: World) -> None:
    """Three who take part, two of whom are known to work by the hour or not; and one who does not take part."""
    await world.apply()
    await world.enrol(
        Profile("ada", "Ada", location="Paris", attributes={"hourly": True}),
        Profile("bob", "Bob", location="Oslo", attributes={"hourly": True}),
        Profile("cy", "Cy", team="Red"),
        Profile("dee", "Dee", location="Rome", attributes={"joined": "2026-01-01"}, participates=False),
    )


FAILS = "this failed for all 3 members it was tried on, so that nobody would appear here by what they do now: "
REMEDY = "let what it asks be known of members before they do something, or ask for something else"
NOBODY = "so that nobody would appear here by what they do now: check what it compares, and how words are written"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ('member.joined > timestamp("2026-01-01T00:00:00Z")', "member.joined has no value for this member"),
        ("1 / size(member.time_zone) > 0", "it divides by zero"),
        ("1 / 0 > 0", "it divides by zero"),
    ],
)
async def test_members_that_always_fail_are_told(world: World, members: str, reason: str) -> None:
    """What nobody has who takes part, or has no value for anyone; once, and with the first error."""
    await staff(world)
    assert [(Code.NO_VALUE, f"{FAILS}{reason}; {REMEDY}")] == await left_out(world, members)
    await world.apply(with_board(members))
    await world.record(*(shared(number) for number in range(20)))
    assert [] == [key for key in await world.standings() if key[0] == "some"]
    assert [(Code.NO_VALUE, f"{FAILS}{reason}; {REMEDY}")] == await left_out(world, members)


async def test_members_that_are_nobody_are_told(world: World) -> None:
    """Also how many of them it failed for; as soon as it is true for one, nothing."""
    await staff(world)
    expected = f"this is true for none of 3 members looked at, {NOBODY}"
    assert [(Code.NEVER_TRUE, expected)] == await left_out(world, 'member.location == "Rome"')
    expected = expected.replace(
        "at, so", "at, and failed for 1 of them (member.hourly has no value for this member), so"
    )
    assert [(Code.NEVER_TRUE, expected)] == await left_out(world, "!member.hourly")
    for members in ("member.hourly", 'member.team == "Red"', 'member.location in ["Rome", "Oslo"]', "true"):
        assert [] == await left_out(world, members)


async def test_only_what_explains_it_is_told_of_members(world: World) -> None:
    """A word that is nearly one that occurs, or a field in quotation marks; and not that of activities too."""
    await staff(world)
    await world.record(*(shared(number, at=f"2026-11-{number + 1:02}T09:00:00Z") for number in range(20)))
    assert [Code.NEAR_WORD] == [code for code, _ in await left_out(world, 'member.location == "paris"')]
    assert [Code.QUOTED_FIELD] == [code for code, _ in await left_out(world, '"member.location" == "Paris"')]
    ((code, message),) = await left_out(world, 'member.location == "Atlantis"')
    assert (Code.NEVER_TRUE, True) == (code, message.startswith("this is true for none of 3 members"))
    ((code, message),) = await left_out(world, 'member.location != "Paris"')
    assert (Code.NEVER_TRUE, True) == (code, "for none of the 20 activities" in message)


async def test_of_nobody_nothing_is_said_of_members(world: World) -> None:
    """Until somebody is enrolled; where nobody takes part yet, it is tried on all."""
    members = 'member.location == "Atlantis"'
    assert [] == await left_out(world, members)
    await world.apply()
    assert [] == await left_out(world, members)
    await world.enrol(Profile("ada", "Ada", location="Paris", participates=False))
    ((code, message),) = await left_out(world, members)
    assert (Code.NEVER_TRUE, True) == (code, message.startswith("this is not true for the one member there is, so"))
    ((code, message),) = await left_out(world, "member.hourly")
    assert (Code.NO_VALUE, True) == (code, message.startswith("this failed for the one member it was tried on, so"))
    assert [] == await left_out(world, 'member.location == "Paris"')


async def test_of_many_sorts_of_members_some_are_tried(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who are alike in what is asked are tried at once; of more sorts than are looked at, those that come first."""
    await world.apply()
    await world.enrol(*(Profile(str(number), str(number), location=f"{number // 2}") for number in range(8)))
    monkeypatch.setattr(eligible, "TRIED_MIN", 3)
    monkeypatch.setattr(eligible, "TRIED_MAX", 3)
    ((_, message),) = await left_out(world, 'member.location == "Paris"')
    assert message.startswith("this is true for none of 6 members looked at")
    order = [row.location for row in await world.rows(member)]
    assert [] == await left_out(world, f'member.location == "{order[0]}"')
    last = max(order, key=order.index)
    assert [Code.NEVER_TRUE] == [code for code, _ in await left_out(world, f'member.location == "{last}"')]
    assert [] == await left_out(world, "true")
