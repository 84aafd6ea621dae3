"""Boards of teams by the mean of their members: who is counted, and what changes it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, update

from leaderboard.tables import board_period, standing, team_share
from operations.enrol import Profile
from tests.world import PROGRAMME, World, published, shared

MEANS = (
    "  means: {title: Means, period: quarter, of: teams, score: mean}\n"
    "  active: {title: Active, period: quarter, of: teams, score: mean-active}\n"
)
QUARTER = "2026/27-Q3"


@pytest.fixture
async def company(world: World) -> World:
    """A team of three, one of whom has done nothing yet; and one of a single member."""
    await world.apply(PROGRAMME + MEANS)
    await world.hire("Ada", "Ben", "Cy", team="Red")
    await world.hire("Dee", team="Blue")
    await world.record(shared(1, "ada"), shared(2, "ben"), published(3, "ben"), shared(4, "dee"))
    return world


async def scores(world: World, period: str = QUARTER) -> tuple[dict[str, int], dict[str, int]]:
    """In thousandths, by all members and by those who are active."""
    found = await world.standings()
    return found.get(("means", period), {}), found.get(("active", period), {})


async def test_points_are_divided_by_members_or_by_those_who_have_some(company: World) -> None:
    """In whole thousandths, rounded towards zero; equal means come in the order in which they were reached."""
    assert ({"Red": 22_000, "Blue": 13_000}, {"Red": 33_000, "Blue": 13_000}) == await scores(company)
    await company.adjust("cy", 2)
    assert ({"Red": 22_666, "Blue": 13_000}, {"Red": 22_666, "Blue": 13_000}) == await scores(company)
    await company.adjust("dee", -33)
    await company.adjust("ada", -69)
    assert ({"Red": -333, "Blue": -20_000}, {"Red": -333, "Blue": -20_000}) == await scores(company)
    assert [] == await company.differences()


async def test_what_is_retracted_is_taken_out_and_who_has_nothing_left_is_not_active(company: World) -> None:
    """The mean, the time it was reached and the number of entries are those of what is left; then nothing is."""
    await company.record(shared(5, "cy", at="2026-11-15T09:30:00Z"))
    assert ({"Red": 26_333, "Blue": 13_000}, {"Red": 26_333, "Blue": 13_000}) == await scores(company)
    before = (await company.places())["active", QUARTER, "Red"]
    await company.retract(5)
    assert ({"Red": 22_000, "Blue": 13_000}, {"Red": 33_000, "Blue": 13_000}) == await scores(company)
    after = (await company.places())["active", QUARTER, "Red"]
    assert (before.entries - 3, True) == (after.entries, before.reached_us > after.reached_us)
    await company.record(published(6, "ben", at="2026-11-16T09:30:00Z"))
    await company.retract(6)
    assert after == (await company.places())["active", QUARTER, "Red"]
    await company.retract(4)
    assert ({"Red": 22_000}, {"Red": 33_000}) == await scores(company)
    assert [] == await company.differences()


async def test_who_comes_or_leaves_changes_the_mean_at_once(company: World) -> None:
    """Points stay with the team for which they were earned; the members are those of today."""
    await company.hire("Eve", team="Red")
    assert {"Red": 16_500, "Blue": 13_000} == (await scores(company))[0]
    await company.enrol(Profile("ben", team="Blue"), Profile("eve", team="Green"))
    assert ({"Red": 33_000, "Blue": 6_500}, {"Red": 33_000, "Blue": 13_000}) == await scores(company)
    await company.enrol(Profile("ben", team=""))
    assert {"Red": 33_000, "Blue": 13_000} == (await scores(company))[0]
    assert [] == await company.differences()


async def test_who_opts_out_is_neither_counted_nor_divided_by(company: World) -> None:
    """Whether or not they have points; and joining again restores it."""
    before = await scores(company)
    await company.enrol(Profile("cy", participates=False))
    assert ({"Red": 33_000, "Blue": 13_000}, before[1]) == await scores(company)
    await company.enrol(Profile("ben", participates=False), Profile("dee", participates=False))
    assert ({"Red": 13_000}, {"Red": 13_000}) == await scores(company)
    assert [] == await company.differences()
    await company.enrol(*(Profile(name, participates=True) for name in ("ben", "cy", "dee")))
    assert before == await scores(company)
    await company.enrol(Profile("cy", team="Blue", participates=False))
    await company.enrol(Profile("cy", participates=True))
    assert {"Red": 33_000, "Blue": 6_500} == (await scores(company))[0]
    assert [] == await company.differences()


async def test_a_team_that_everybody_has_left_is_divided_by_who_earned_its_points(company: World) -> None:
    """By all of them who take part, for somebody must be divided by."""
    await company.enrol(*(Profile(name, team="Green") for name in ("ada", "ben", "cy")))
    assert {"Red": 33_000, "Blue": 13_000} == (await scores(company))[0]
    await company.enrol(Profile("ada", participates=False))
    assert {"Red": 53_000, "Blue": 13_000} == (await scores(company))[0]
    await company.record(shared(6, "ben"))
    assert {"Red": 53_000, "Blue": 13_000, "Green": 6_500} == (await scores(company))[0]
    assert [] == await company.differences()


async def test_a_board_marks_that_its_teams_have_other_members(company: World) -> None:
    """The revision of each period grows, also of one in which the newcomer has done nothing."""
    await company.record(shared(7, "ada", at="2026-05-12T09:30:00Z"))
    before = {(row.board, row.period): row.revision for row in await company.rows(board_period)}
    means = {row.board for row in await company.rows(team_share)}
    await company.hire("Eve", team="Red")
    after = {(row.board, row.period): row.revision for row in await company.rows(board_period)}
    grown = {key for key in before if after[key] > before[key]}
    assert ({key for key in before if key[0] in means}, 4) == (grown, len(grown))
    assert {"Red": 3_250} == (await scores(company, "2026/27-Q1"))[0]


async def test_a_board_that_begins_to_divide_is_built_anew(company: World) -> None:
    """From a sum to a mean, to the other mean, and back; nothing is left of the shares."""
    for score, expected in (("mean-active", 33_000), ("sum", 66), ("mean", 22_000)):
        await company.apply(PROGRAMME + MEANS.replace("score: mean}", f"score: {score}}}"))
        assert expected == (await scores(company))[0]["Red"]
        await company.record(shared(8, "dee"))
        assert [] == await company.differences()
    await company.apply(PROGRAMME)
    assert ([], []) == (list(await company.rows(team_share)), await company.differences())


async def test_a_revision_that_looks_back_moves_means(company: World) -> None:
    """What is paid anew is divided as what was paid before; and undoing it gives the former means."""
    before = await scores(company)
    await company.apply((PROGRAMME + MEANS).replace("points: 40", "points: 70"), since="2026-11-01")
    await company.catch_up()
    assert ({"Red": 32_000, "Blue": 13_000}, {"Red": 48_000, "Blue": 13_000}) == await scores(company)
    await company.undo()
    assert before == await scores(company)
    assert [] == await company.differences()


async def test_verify_finds_what_the_ledger_does_not_give(company: World) -> None:
    """A wrong mean and a wrong share are each named, with the mean as people read it."""
    async with company.store.writing() as work:
        (board,) = {row.board for row in await company.rows(standing) if row.score == 22_000}
        wrong = (standing.c.board == board) & (standing.c.score == 22_000)
        await work.execute(update(standing).where(wrong).values(score=22_001))
        await work.execute(delete(team_share).where(team_share.c.board == board, team_share.c.points == 53))
    (mean, share) = await company.differences()
    assert f"standing on means of team Red in {QUARTER}: stored is score 22.001 from 7 entries" in mean
    assert "the ledger gives score 22.000 from 7 entries" in mean
    assert f"shares on means of team Red in {QUARTER}: they are not what the ledger gives its members" == share


CLOSING = (
    PROGRAMME
    + "  means: {title: Means, period: month, of: teams, score: mean, closing: {}, minimum: 10}\n"
    + "  active: {title: Active, period: month, of: teams, score: mean-active, closing: {}}\n"
).replace("2026-01-01", "2026-10-01")
OCTOBER = "2026-10"
DAY = "2026-10-12T09:30:00Z"


@pytest.fixture
async def october(world: World) -> World:
    """Both boards are provisional: Red's two members have 26 points, and Blue's one has 13."""
    world.now = datetime(2026, 10, 15, tzinfo=UTC)
    await world.apply(CLOSING)
    await world.hire("Ada", "Ben", team="Red")
    await world.hire("Dee", team="Blue")
    await world.record(*(shared(n, who, at=DAY) for n, who in enumerate(("ada", "ben", "dee"))))
    for board in ("means", "active"):
        await world.close_early(board, OCTOBER)
    return world


async def test_a_closed_period_is_divided_by_the_members_of_its_cutoff(october: World) -> None:
    """Who comes or changes teams later changes nothing of it; who opts out is out of it, until the result is final."""
    world = october
    closed = {"Red": 13_000, "Blue": 13_000}
    await world.hire("Eve", team="Red")
    await world.enrol(Profile("dee", team="Red"))
    assert (closed, closed) == await scores(world, OCTOBER)
    await world.adjust("ada", 11, at=datetime(2026, 10, 13, tzinfo=UTC))
    assert ({"Red": 18_500, "Blue": 13_000},) * 2 == await scores(world, OCTOBER)
    await world.enrol(Profile("ben", participates=False))
    assert ({"Red": 24_000, "Blue": 13_000},) * 2 == await scores(world, OCTOBER)
    assert [] == await world.differences()
    world.now = datetime(2026, 11, 20, tzinfo=UTC)
    await world.close()
    await world.enrol(Profile("ben", participates=True), Profile("ada", participates=False))
    assert ({"Red": 24_000, "Blue": 13_000},) * 2 == await scores(world, OCTOBER)
    assert [] == await world.differences()


async def test_who_had_nothing_and_opts_out_is_no_longer_divided_by(world: World) -> None:
    """In a provisional result: the others' points are the mean of the others."""
    world.now = datetime(2026, 10, 15, tzinfo=UTC)
    await world.apply(CLOSING)
    await world.hire("Ada", "Ben", team="Red")
    await world.record(shared(1, "ada", at=DAY))
    await world.close_early("means", OCTOBER)
    assert {"Red": 6_500} == (await scores(world, OCTOBER))[0]
    await world.enrol(Profile("ben", team="Blue"))
    await world.enrol(Profile("ben", participates=False))
    assert {"Red": 13_000} == (await scores(world, OCTOBER))[0]
    assert [] == await world.differences()


async def test_a_period_that_is_open_again_is_divided_by_the_members_of_today(october: World) -> None:
    """And goes on counting what is recorded."""
    await october.hire("Eve", team="Red")
    await october.record(shared(9, "ada", at=DAY))
    await october.reopen("means", OCTOBER)
    assert ({"Red": 13_000, "Blue": 13_000},) * 2 == await scores(october, OCTOBER)
    await october.record(shared(10, "eve", at=DAY))
    await october.retract(9)
    await october.enrol(Profile("dee", participates=False))
    assert ({"Red": 13_000}, {"Red": 13_000}) == await scores(october, OCTOBER)
    assert [] == await october.differences()
