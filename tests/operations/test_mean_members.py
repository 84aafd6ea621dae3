"""Means on boards with `members`: the points of those who are asked for, divided by those of them who are there."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

from activity.tables import team
from leaderboard.dirty import attach, read_marks
from leaderboard.tables import board_period, closing, standing
from operations.enrol import Profile
from operations.programme import parse
from operations.revision import Revisions
from operations.simulation.simulate import simulate
from tests.operations.test_close import OCTOBER, places
from tests.operations.test_close import scores as scores_of
from tests.world import PROGRAMME, World, shared

NEAR = """  near: {title: Near, period: quarter, of: teams, score: mean, members: 'member.location != "Oslo"'}
  means: {title: Means, period: quarter, of: teams, score: mean}
"""
QUARTER = "2026/27-Q3"


@pytest.fixture
async def company(world: World) -> World:
    """Red has three members, of whom Cy has done nothing yet and Ben is in Oslo; Blue has Dee alone."""
    await world.apply(PROGRAMME + NEAR)
    await world.hire("Ada", "Ben", "Cy", team="Red")
    await world.hire("Dee", team="Blue")
    await world.enrol(Profile("ben", location="Oslo"))
    await world.record(shared(1, "ada"), shared(2, "ben"), shared(3, "dee"))
    return world


async def scores(world: World, board: str = "near", period: str = QUARTER) -> dict[str, int]:
    return await scores_of(world, board, period)


async def id_of(world: World, key: str) -> int:
    """The version of a board that is in force."""
    async with world.store.reading() as work:
        state = await world.revisions.current(work)
    (found,) = [version.id for version in state.board_versions if version.board.key == key]
    return found


async def test_who_is_not_asked_for_is_neither_counted_nor_divided_by(company: World) -> None:
    """Beside it a board that asks for nobody divides by all of them."""
    assert {"Red": 6_500, "Blue": 13_000} == await scores(company)
    assert {"Red": 8_666, "Blue": 13_000} == await scores(company, "means")
    assert [] == await company.differences()


async def test_a_change_of_facts_moves_the_mean_at_once(company: World) -> None:
    """Who comes to be among those who are asked for is divided by, and who is no longer is not; points stay."""
    await company.enrol(Profile("ben", location="Paris"))
    assert {"Red": 4_333, "Blue": 13_000} == await scores(company)
    await company.record(shared(4, "ben"))
    assert {"Red": 8_666, "Blue": 13_000} == await scores(company)
    await company.enrol(Profile("ben", location="Oslo"), Profile("cy", location="Oslo"))
    assert {"Red": 26_000, "Blue": 13_000} == await scores(company)
    await company.retract(4)
    assert {"Red": 13_000, "Blue": 13_000} == await scores(company)
    assert {"Red": 8_666, "Blue": 13_000} == await scores(company, "means")
    assert [] == await company.differences()


async def test_team_and_facts_can_change_together(company: World) -> None:
    """Both teams follow: the one that is left, and the one that is joined as somebody who is asked for."""
    await company.enrol(Profile("cy", team="Blue", location="Oslo"))
    assert {"Red": 13_000, "Blue": 13_000} == await scores(company)
    await company.enrol(Profile("cy", team="Red"), Profile("ben", team="Blue", location="Paris"))
    assert {"Red": 13_000, "Blue": 6_500} == await scores(company)
    await company.enrol(Profile("eve", name="Eve", team="Blue", location="Oslo"))
    await company.hire("Fay", team="Red")
    assert {"Red": 6_500, "Blue": 6_500} == await scores(company)
    assert [] == await company.differences()


async def test_where_nobody_is_left_whom_it_asks_for_those_with_points_are_divided_by(company: World) -> None:
    """There is at least one of them, or the team would not stand there."""
    await company.adjust("cy", 3)
    await company.enrol(*(Profile(name, location="Oslo") for name in ("ada", "cy")))
    assert {"Red": 8_000, "Blue": 13_000} == await scores(company)
    await company.enrol(Profile("ada", participates=False))
    assert {"Red": 3_000, "Blue": 13_000} == await scores(company)
    assert [] == await company.differences()


async def test_who_opts_out_and_comes_back_is_divided_by_as_before(company: World) -> None:
    """If they are still asked for: facts may change while they are away."""
    before = await scores(company)
    await company.enrol(Profile("cy", participates=False))
    assert {"Red": 13_000, "Blue": 13_000} == await scores(company)
    await company.enrol(Profile("cy", participates=True))
    assert before == await scores(company)
    await company.enrol(Profile("cy", participates=False), Profile("ben", participates=False))
    await company.enrol(Profile("cy", location="Oslo"), Profile("ben", location="Paris"))
    assert {"Red": 13_000, "Blue": 13_000} == await scores(company)
    await company.enrol(Profile("cy", participates=True), Profile("ben", participates=True))
    assert {"Red": 6_500, "Blue": 13_000} == await scores(company)
    await company.enrol(Profile("ben", location="Oslo"))
    assert {"Red": 13_000, "Blue": 13_000} == await scores(company)
    assert [] == await company.differences()


async def test_the_board_that_asks_is_marked_and_no_other(company: World) -> None:
    """In each period in which the team stands; what nobody is asked about stays as it was."""
    await company.record(shared(5, "ada", at="2026-05-12T09:30:00Z"))
    async with company.store.writing() as work:
        await attach(work, "run")
    before = {(row.board, row.period): row.revision for row in await company.rows(board_period)}
    await company.enrol(Profile("cy", location="Oslo"))
    after = {(row.board, row.period): row.revision for row in await company.rows(board_period)}
    grown = {key for key in before if after[key] > before[key]}
    async with company.store.reading() as work:
        marks = await read_marks(work, 100)
    near = await id_of(company, "near")
    (red,) = [row.id for row in await company.rows(team) if row.name == "Red"]
    assert (2, {near}) == (len(grown), {board for board, _ in grown})
    assert {key: {red} for key in grown} == marks.competitors
    assert {"Red": 13_000} == await scores(company, period="2026/27-Q1")


async def test_another_revision_of_members_divides_by_whom_it_asks_for(company: World) -> None:
    """Points and members both, of all open periods; and undoing it gives the former mean."""
    before = await scores(company)
    await company.apply(PROGRAMME + NEAR.replace('!= "Oslo"', '== "Oslo"'))
    assert {"Red": 13_000} == await scores(company)
    await company.enrol(Profile("cy", location="Oslo"))
    assert {"Red": 6_500} == await scores(company)
    assert [] == await company.differences()
    await company.enrol(Profile("cy", location=""))
    await company.undo()
    assert before == await scores(company)
    await company.apply(PROGRAMME + NEAR.replace(""", members: 'member.location != "Oslo"'""", ""))
    assert {"Red": 8_666, "Blue": 13_000} == await scores(company)
    assert [] == await company.differences()


async def test_a_simulation_divides_by_whom_the_draft_asks_for(company: World) -> None:
    """Beside it what is in force divides by whom that asks for: both as publishing finds and leaves it."""
    await company.enrol(Profile("cy", location="Oslo"))
    draft = PROGRAMME + NEAR.replace('!= "Oslo"', '== "Oslo"')
    told: dict[str, Any] = {"since": date(2026, 11, 1), "now": company.now, "processes": 0}
    report = await simulate(company.store, Revisions(), parse(draft), **told)
    (near,) = [each for each in report.boards if each.board == "near"]
    before, after = ({each.competitor: each.thousandths for each in some} for some in (near.before, near.after))
    assert ({"Red": 13_000, "Blue": 13_000}, {"Red": 6_500}) == (before, after)
    assert before == await scores(company)
    await company.apply(draft)
    assert after == await scores(company)


async def test_verify_finds_a_mean_by_the_wrong_members(company: World) -> None:
    """It is named, with what the ledger and the members of today give."""
    wrong = (standing.c.board == await id_of(company, "near")) & (standing.c.score == 6_500)
    async with company.store.writing() as work:
        await work.execute(update(standing).where(wrong).values(score=4_333))
    (found,) = await company.differences()
    assert f"standing on near of team Red in {QUARTER}: stored is score 4.333 from 3 entries" in found
    assert "the ledger gives score 6.500 from 3 entries" in found


CLOSING = (
    PROGRAMME
    + """  near: {title: Near, period: month, of: teams, score: mean, members: 'member.location != "Oslo"', closing: {}}
"""
).replace("2026-01-01", "2026-10-01")
DAY = "2026-10-12T09:30:00Z"
ON_THE_DAY = datetime(2026, 10, 12, tzinfo=UTC)


@pytest.fixture
async def october(world: World) -> World:
    """The period is provisional: Red has 26 points, Ben is in Oslo since, and Cy, without points, was there before."""
    world.now = datetime(2026, 10, 15, tzinfo=UTC)
    await world.apply(CLOSING)
    await world.hire("Ada", "Ben", "Cy", team="Red")
    await world.record(*(shared(n, who, at=DAY) for n, who in enumerate(("ada", "ben"))))
    await world.enrol(Profile("ben", location="Oslo"), Profile("cy", location="Oslo"))
    await world.enrol(Profile("cy", location="Paris"))
    assert {"Red": 13_000} == await scores(world, period=OCTOBER)
    await world.close_early("near", OCTOBER)
    return world


async def closed_scores(world: World) -> list[int]:
    """On the board as it was at the cutoff, whichever is in force."""
    (closed,) = await world.rows(closing)
    return [row.score for row in await world.rows(standing) if row.board == closed.board]


async def test_a_closed_period_is_divided_by_whom_it_asked_for_at_its_cutoff(october: World) -> None:
    """Who moves later changes nothing of it; who opts out is out of it, until the result is final."""
    world = october
    await world.enrol(Profile("ben", location="Paris"), Profile("cy", location="Oslo"))
    await world.adjust("cy", 100, at=ON_THE_DAY)
    assert {"Red": 13_000} == await scores(world, period=OCTOBER), "Cy is in Oslo when it is given"
    await world.adjust("ben", 10, at=ON_THE_DAY)
    assert {"Red": 18_000} == await scores(world, period=OCTOBER), "divided by Ada and Cy"
    await world.enrol(Profile("cy", participates=False))
    assert {"Red": 36_000} == await scores(world, period=OCTOBER)
    await world.enrol(Profile("ada", participates=False))
    assert {"Red": 23_000} == await scores(world, period=OCTOBER), "by Ben, who has the points that are left"
    await world.enrol(Profile("ada", participates=True))
    assert [] == await world.differences()
    world.now = datetime(2026, 11, 20, tzinfo=UTC)
    await world.close()
    await world.enrol(Profile("cy", participates=True, location="Paris"), Profile("ada", location="Oslo"))
    assert [(1, "Red", 36_000)] == await places(world, "near")
    assert [] == await world.differences()


async def test_a_closed_period_divides_as_the_board_asked_then(october: World) -> None:
    """Another board in force, that asks for others or is gone, changes nothing of it."""
    await october.apply(CLOSING.replace('!= "Oslo"', '== "Oslo"'))
    await october.enrol(Profile("cy", location="Oslo"))
    await october.adjust("ada", 4, at=ON_THE_DAY)
    assert [15_000] == await closed_scores(october)
    await october.apply(CLOSING.split("  near:")[0])
    await october.enrol(Profile("ada", location="Oslo"))
    await october.retract(1)
    assert [8_500] == await closed_scores(october)
    await october.enrol(Profile("cy", participates=False))
    assert [17_000] == await closed_scores(october)
    assert [] == await october.differences()


async def test_a_period_that_is_open_again_is_divided_by_whom_it_asks_for_today(october: World) -> None:
    """By the board in force, and by where members are now."""
    await october.enrol(Profile("ben", location="Paris"))
    await october.reopen("near", OCTOBER)
    assert {"Red": 8_666} == await scores(october, period=OCTOBER)
    await october.enrol(Profile("ada", location="Oslo"), Profile("cy", location="Oslo"))
    assert {"Red": 26_000} == await scores(october, period=OCTOBER)
    await october.close_early("near", OCTOBER)
    await october.apply(CLOSING.replace('!= "Oslo"', '== "Oslo"'))
    await october.record(shared(9, "ada", at=DAY))
    await october.reopen("near", OCTOBER)
    assert {"Red": 6_500} == await scores(october, period=OCTOBER), "what Ada has shared in Oslo, by her and Cy"
    assert [] == await october.differences()


async def test_verify_finds_a_closed_mean_by_the_wrong_members(october: World) -> None:
    """It is told from the members of the cutoff."""
    async with october.store.writing() as work:
        await work.execute(update(standing).where(standing.c.score == 13_000).values(score=8_666))
    (found,) = await october.differences()
    assert "closed standing on near in 2026-10 of team Red: stored is score 8.666 from 6 entries" in found
    assert "the ledger gives score 13.000 from 6 entries" in found
