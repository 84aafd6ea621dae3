"""Podiums as part of the programme: published, renamed, brought back, warned of, and simulated."""

from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest
from sqlalchemy import select

from operations.advice.warnings import warnings
from operations.chronicle import chronicle, restore
from operations.enrol import Profile
from operations.jobs import Jobs
from operations.programme import export, from_document, parse, to_document
from operations.publish import plan
from operations.revision import Revisions
from operations.simulation.report import Report
from operations.simulation.simulate import simulate
from operations.simulation.words import told
from rewards.podium_cost import Cost
from rules.tables import element
from tests.operations.prizes import CLOSING, PODIUM, company, month, numbers, payouts, with_podium
from tests.world import PROGRAMME, World

SPLIT = PODIUM.replace("board: effort", "board: effort\n    ties: split")


def test_a_file_comes_back_as_it_was() -> None:
    """Through the store, and as a file again; without podiums it says nothing of them."""
    declared = parse(with_podium("pause: 2"))
    assert declared == from_document(to_document(declared))
    assert declared == parse(export(declared))
    assert "podiums" not in to_document(parse(PROGRAMME))


async def planned(world: World, file: str) -> str:
    async with world.store.reading() as work:
        return (await plan(work, Revisions(), parse(file))).text()


async def test_a_plan_says_what_changes_and_what_it_can_cost(world: World) -> None:
    """Of podiums that change alone, or whose board does."""
    await world.apply()
    text = await planned(world, CLOSING + SPLIT)
    assert "+ podium best: added" in text
    assert "\npodium best: each month costs at most 150 GBP\n" in text
    await world.apply(CLOSING + SPLIT)
    text = await planned(world, (CLOSING + SPLIT).replace("amount: 90", "amount: 95"))
    assert "~ podium best: changed" in text
    assert "each month costs at most 155 GBP" in text
    assert "each month costs" not in await planned(world, (CLOSING + SPLIT).replace("points: 40", "points: 45"))
    weekly = (CLOSING + SPLIT).replace("tags: [effort], period: month", "tags: [effort], period: week")
    assert "podium best: each week costs at most 150 GBP" in await planned(world, weekly)


async def test_a_plan_says_what_it_costs_if_all_tie(world: World) -> None:
    """Those who take part now, and more than the places: each would win the first prize."""
    await company(world)
    draft = with_podium().replace("amount: 90", "amount: 500")
    assert "; at most 3,000 GBP if all 6 who take part tie\n" in await planned(world, draft)
    await world.enrol(Profile("ada", participates=False))
    assert "; at most 2,500 GBP if all 5 who take part tie\n" in await planned(world, draft)
    await world.apply(draft)
    undone = await world.undo()
    assert "; at most 450 GBP if all 5 who take part tie\n" in undone.plan.text()


async def test_a_podium_lives_on_through_renames_and_restores(world: World) -> None:
    """It stays one thing, so that it remembers who won; the revisions tell what became of it."""
    await world.apply(with_podium())
    await world.apply(with_podium("was: best", podium=PODIUM.replace("best:", "top:")))
    for number in (1, 2):
        async with world.store.writing() as work:
            await restore(work, world.revisions, number, author="Grace", now=world.now)
    await world.apply()
    async with world.store.writing() as work:
        await restore(work, world.revisions, 2, author="Grace", now=world.now)
    async with world.store.reading() as work:
        rows = await work.rows(select(element).where(element.c.kind == "podium"))
        records = await chronicle(work)
        state = await Revisions().current(work)
    assert ["top"] == [row.key for row in rows]
    expected = ["added", "retired", "renamed", "renamed", "renamed"]
    became = [change.action for each in records[:-1] for change in each.changes if change.kind == "podium"]
    assert expected == became
    assert [(rows[0].id, "top", 3)] == [
        (item.element, item.podium.key, item.podium.places) for item in state.podium_versions
    ]


WARNED = {
    (
        "ties: share",
        PODIUM.replace("effort", "impact"),
    ): "board 'impact' shows who reached a score first ahead, and this "
    "has both win the same place: write 'ties: earliest' here, or 'ties: competition' on the board",
    (
        "ties: earliest",
        PODIUM,
    ): "board 'effort' shows equal scores as one rank, and this rewards only who was earliest: "
    "write 'ties: earliest' on the board too, or 'ties: share' here",
    (
        "",
        PODIUM.replace("amount: 50", "amount: 95"),
    ): "place 2 wins 95 GBP, and place 1 only 90: look at which is which",
    ("", PODIUM): "",
    ("ties: earliest", PODIUM.replace("effort", "impact")): "",
}


@pytest.mark.parametrize(("podium", "words"), WARNED.items())
async def test_what_is_odd_is_told_with_its_place(world: World, podium: tuple[str, str], words: str) -> None:
    """Prizes that rise, and ties that the board shows otherwise. Nothing is refused for it."""
    setting, section = podium
    declared = parse(with_podium(*([setting] if setting else []), podium=section))
    async with world.store.reading() as work:
        found = [each for each in await warnings(work, Revisions(), declared, now=world.now) if "podium" in each.path]
    assert ([words] if words else []) == [each.message for each in found]
    assert all(each.line > 40 for each in found)


async def test_a_simulation_says_what_a_draft_can_cost(world: World) -> None:
    """Of podiums that it adds or changes; kept with its report, and read from reports that are older."""
    await world.apply(PROGRAMME)
    await world.hire("Ada")
    await world.apply(CLOSING + SPLIT)
    for file, expected in ((CLOSING + SPLIT, ()), ((CLOSING + SPLIT).replace("90", "95"), (155,))):
        report = await simulate(
            world.store, Revisions(), parse(file), since=date(2026, 11, 1), now=world.now, processes=0
        )
        assert expected == tuple(cost.most for cost in report.costs)
        assert ("podium best: each month costs at most 155 GBP" in told(report)) is bool(expected)
        assert report == Report.of_json(report.to_json())
    assert (Cost("best", "month", "GBP", 155, 155),) == report.costs
    older = orjson.loads(report.to_json())
    del older["costs"]
    assert replace(report, costs=()) == Report.of_json(orjson.dumps(older))


async def test_the_job_lets_prizes_expire(world: World) -> None:
    """All that are due, however many; and goes on with the next in line, until nobody is left."""
    await company(world, "approval: false")
    await month(world, "2026-11", ada=9, ben=8, cy=7, dee=6)
    jobs = Jobs(world.store, world.revisions, lambda: world.now)
    assert 0 == await jobs.expire_payouts()
    world.now += timedelta(days=90)
    assert 3 == await jobs.expire_payouts()
    world.now += timedelta(days=90)
    assert 1 == await jobs.expire_payouts()
    assert {"expired"} == {state for *_, state in await payouts(world)}
    assert 4 == len(await numbers(world))
