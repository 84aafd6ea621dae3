"""Simulations in the background: what is known of them while their process lives, and when it has gone."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from activity.calendar import microseconds
from operations.simulation.job import (
    Simulations,
    SimulationsFull,
    SimulationStatus,
    cancel,
    end_lost,
    simulation_of,
)
from operations.simulation.report import Report
from operations.simulation.simulate import simulate
from rules.tables import simulation
from tests.world import PROGRAMME, World, shared

SINCE = date(2026, 11, 1)


async def company(world: World) -> World:
    await world.apply()
    await world.hire("Ada", "Ben")
    await world.record(*(shared(number) for number in range(20)))
    return world


async def test_one_whose_process_lives_is_left_alone(world: World) -> None:
    """However long ago it was started: it has told since that it lives."""
    await company(world)
    running = Simulations(world.store, lambda: world.now, processes=1)
    number = await running.start(PROGRAMME, SINCE, author="Grace")
    world.now += timedelta(hours=2)
    async with asyncio.timeout(10):
        while (await world.rows(simulation))[0].ended_us != microseconds(world.now):
            await asyncio.sleep(0.01)
    assert 0 == await end_lost(world.store, now=world.now)
    found = await simulation_of(world.store, number)
    assert (SimulationStatus.RUNNING, None) == (found.status, found.ended_at)
    await running.wait(number)
    found = await simulation_of(world.store, number)
    assert (SimulationStatus.DONE, world.now) == (found.status, found.ended_at)


async def test_one_that_was_taken_for_lost_stays_so(world: World) -> None:
    """Its process, back from a long sleep, learns that it was ended, and gives up."""
    await company(world)
    running = Simulations(world.store, lambda: world.now, processes=1)
    number = await running.start(PROGRAMME, SINCE, author="Grace")
    assert 1 == await end_lost(world.store, now=world.now + timedelta(minutes=2))
    await running.wait(number)
    found = await simulation_of(world.store, number)
    assert (SimulationStatus.FAILED, None) == (found.status, found.report)
    assert "start the simulation again" in str(found.reason)


async def test_two_are_at_work_at_once_and_others_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """All are done in the end."""
    await company(world)
    at_work: list[int] = []
    most = 0

    async def watched(*arguments: Any, **named: Any) -> Report:
        nonlocal most
        at_work.append(1)
        most = max(most, len(at_work))
        await asyncio.sleep(0)
        found = await simulate(*arguments, **named)
        at_work.pop()
        return found

    monkeypatch.setattr("operations.simulation.job.simulate", watched)
    running = Simulations(world.store, lambda: world.now, processes=0)
    numbers = [await running.start(PROGRAMME, SINCE, author="Grace") for _ in range(4)]
    for number in numbers:
        await running.wait(number)
    assert {SimulationStatus.DONE} == {(await simulation_of(world.store, number)).status for number in numbers}
    assert 2 == most


async def test_one_that_waits_for_its_turn_can_be_cancelled(world: World) -> None:
    """It lives, though nothing is judged yet. More than twenty do not wait."""
    await company(world)
    running = Simulations(world.store, lambda: world.now, processes=0, at_once=0)
    numbers = [await running.start(PROGRAMME, SINCE, author="Grace") for _ in range(20)]
    with pytest.raises(SimulationsFull, match="20 simulations are at work or waiting for their turn; wait until one"):
        await running.start(PROGRAMME, SINCE, author="Grace")
    found = await simulation_of(world.store, numbers[0])
    assert (SimulationStatus.RUNNING, 0, 0) == (found.status, found.judged, found.total)
    assert await cancel(world.store, numbers[0], now=world.now)
    await running.wait(numbers[0])
    assert SimulationStatus.CANCELLED is (await simulation_of(world.store, numbers[0])).status
    await running.stop()
    assert {SimulationStatus.CANCELLED} == {(await simulation_of(world.store, each)).status for each in numbers}


async def test_what_has_ended_is_not_lost(world: World) -> None:
    """Neither what was done nor what somebody cancelled changes afterwards."""
    await company(world)
    running = Simulations(world.store, lambda: world.now, processes=0)
    done = await running.start(PROGRAMME, SINCE, author="Grace")
    await running.wait(done)
    cancelled = await running.start(PROGRAMME, SINCE, author="Grace")
    assert await cancel(world.store, cancelled, now=world.now)
    await running.wait(cancelled)
    assert 0 == await end_lost(world.store, now=world.now + timedelta(days=1))
    assert [SimulationStatus.DONE, SimulationStatus.CANCELLED] == [
        (await simulation_of(world.store, number)).status for number in (done, cancelled)
    ]
