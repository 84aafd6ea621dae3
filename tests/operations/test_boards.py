"""Boards by what they count and when: points of named rules, days of their own."""

import pytest

from tests.world import PROGRAMME, World, published, shared

SPRING = "  spring: {title: Spring, period: {from: 2026-03-01, to: 2026-03-31}}\n"
SPRING_TEAMS = "  clubs: {title: Clubs, period: {from: 2026-03-01, to: 2026-03-31}, of: teams}\n"
SHARES = "  shares: {title: Shares, period: month, rules: [share, reach]}\n"


@pytest.fixture
async def company(world: World) -> World:
    await world.apply(PROGRAMME + SPRING + SPRING_TEAMS + SHARES)
    await world.hire("Ada", "Bob", team="Red")
    return world


async def test_a_window_counts_its_own_days(company: World) -> None:
    """From the first instant of its first day, which is winter time, to the last of its last, which is summer time."""
    await company.record(
        shared(1, "ada", at="2026-02-28T23:59:59.999999Z"),
        shared(2, "ada", at="2026-03-01T00:00:00Z"),
        published(3, "bob", at="2026-03-31T22:59:59.999999Z"),
        published(4, "bob", at="2026-03-31T23:00:00Z"),
    )
    key = "2026-03-01/2026-03-31"
    found = await company.standings()
    assert {"ada": 13, "bob": 40} == found["spring", key]
    assert {"Red": 53} == found["clubs", key]
    assert {("spring", key)} == {board for board in found if board[0] == "spring"}
    await company.retract(3)
    assert ({"ada": 13}, {"Red": 13}) == ((found := await company.standings())["spring", key], found["clubs", key])
    assert [] == await company.differences()


async def test_a_window_that_moves_is_counted_anew(company: World) -> None:
    """Its days are those of the revision in force; nothing of the former ones is left."""
    await company.record(shared(1, "ada", at="2026-02-28T12:00:00Z"), published(2, "ada", at="2026-03-30T12:00:00Z"))
    moved = SPRING.replace("2026-03-01", "2026-02-15").replace("2026-03-31", "2026-03-15")
    await company.apply(PROGRAMME + moved + SHARES)
    found = await company.standings()
    assert {"ada": 13} == found["spring", "2026-02-15/2026-03-15"]
    assert not [board for board in found if board[1] == "2026-03-01/2026-03-31" or board[0] == "clubs"]
    await company.apply(PROGRAMME + SPRING.replace("2026-", "2027-"))
    assert not [board for board in await company.standings() if board[0] == "spring"]
    assert [] == await company.differences()


async def test_a_board_of_rules_counts_what_they_pay_whatever_they_are_called(company: World) -> None:
    """Of a rule's versions and under its later name, with what a person gave for it; and of no other rule."""
    month = "2026-11"
    await company.record(shared(1, "ada"), published(2, "ada"))
    assert {"ada": 6} == (await company.standings())["shares", month]
    renamed = PROGRAMME.replace("  share:\n", "  post:\n    was: share\n") + SHARES.replace("share,", "post,")
    await company.apply(renamed.replace("? 5 : 0)", "? 5 : 1)"))
    assert {"ada": 6} == (await company.standings())["shares", month]
    await company.record(shared(3, "ada"), shared(4, "bob"))
    await company.adjust("bob", 100, rule="post")
    await company.adjust("bob", 1000, rule="article")
    await company.adjust("bob", 10_000)
    assert {"ada": 13, "bob": 107} == (await company.standings())["shares", month]
    await company.retract(1)
    assert {"ada": 7, "bob": 107} == (await company.standings())["shares", month]
    assert [] == await company.differences()
