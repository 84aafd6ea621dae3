"""Prizes at the command line: listed, approved, delivered and revoked."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

import commands
from rewards.payout import Verb
from settings import Settings
from storage.engine import Store
from tests.operations.prizes import month, moving, winner, with_podium
from tests.test_command_line import Laurels
from tests.world import PROGRAMME, World

T = TypeVar("T")


@pytest.fixture
def laurels(tmp_path: Path) -> Laurels:
    """With a podium that gave three prizes, of which the first is numbered 1."""
    laurels = Laurels(tmp_path)
    (tmp_path / "programme.yaml").write_text(with_podium())
    laurels.done("apply", "programme.yaml")
    (tmp_path / "members.csv").write_text("external_id,name\nada,Ada\nben,Ben\ncy,Cy\ndee,Dee\n")
    laurels.done("import", "members", "members.csv")
    inside(laurels, lambda world: month(world, "2040-11", ada=9, ben=8, cy=7, dee=6))
    return laurels


def inside(laurels: Laurels, do: Callable[[World], Awaitable[T]]) -> T:
    """Do something with the same database."""

    async def run() -> T:
        store = Store(laurels.environment["LAURELS_DATABASE_URL"])
        try:
            return await do(World(store))
        finally:
            await store.close()

    return asyncio.run(run())


def test_a_prize_is_seen_on_its_way(laurels: Laurels) -> None:
    """Each with its number, place, winner, state and prize; a manager approves, delivers and revokes."""
    assert [
        "Best of the month, 2040-11:",
        "       1  place 1    ada                   awaiting-approval  Conference, 90 GBP",
        "       2  place 2    ben                   awaiting-approval  Dinner, 50 GBP",
        "       3  place 3    cy                    awaiting-approval  Book, 10 GBP",
    ] == laurels.done("payouts", "list").splitlines()
    assert "Payout 1 is granted.\n" == laurels.done("payouts", "approve", "1", "--reason", "well done")

    async def claim(world: World) -> None:
        await moving(world, 1, Verb.CLAIM, author=await winner(world, "ada"))

    inside(laurels, claim)
    assert "Payout 1 is delivered.\n" == laurels.done("payouts", "deliver", "1")
    said = laurels.done("payouts", "revoke", "2", "--reason", "found out")
    assert "Payout 2 is revoked.\nThe prize went on to the next in line, as payout 4.\n" == said
    listed = laurels.done("payouts", "list", "--podium", "best", "--period", "2040-11", "--state", "revoked")
    assert ["       2  place 2    ben                   revoked            Dinner, 50 GBP"] == listed.splitlines()[1:]
    assert "There are no such payouts.\n" == laurels.done("payouts", "list", "--state", "expired")


def test_closing_what_is_due_lets_prizes_expire(
    laurels: Laurels, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once they were not claimed in time; it says how many, and they go on."""
    settings = Settings(database_url=laurels.environment["LAURELS_DATABASE_URL"])
    for number in ("1", "2"):
        laurels.done("payouts", "approve", number)
    granted = datetime.now(UTC)
    for days, expected in ((89, []), (91, ["2 prizes not claimed in time expired."]), (91, [])):
        commands.close(settings, partial(granted.__add__, timedelta(days=days)), None, None, None)
        assert expected == capsys.readouterr().out.splitlines()[1:]
    listed = laurels.done("payouts", "list", "--state", "awaiting-approval")
    assert [["3", "cy"], ["1", "dee"]] == [line.split()[2:4] for line in sorted(listed.splitlines()[1:])]


def test_the_prizes_of_a_retired_podium_are_still_listed(laurels: Laurels, tmp_path: Path) -> None:
    """By its last key."""
    (tmp_path / "programme.yaml").write_text(PROGRAMME)
    laurels.done("apply", "programme.yaml")
    listed = laurels.done("payouts", "list", "--podium", "best", "--period", "2040-11")
    assert "       1  place 1    ada                   awaiting-approval  Conference, 90 GBP" == listed.splitlines()[1]


def test_what_cannot_be_done_is_said_and_exits_with_2(laurels: Laurels) -> None:
    """A number that nothing has, a step out of turn, a podium that there is not."""
    for arguments, words in (
        (("deliver", "99"), "there is no payout 99; take the number of one that is listed\n"),
        (("deliver", "1"), "this payout cannot be delivered, as it awaits approval: a manager approves it first\n"),
        (("list", "--podium", "bst"), "the programme has no podium 'bst'; did you mean best?\n"),
        (("list", "--period", "2040-11"), "a period is one of a podium: name the podium too\n"),
    ):
        assert (2, "", words) == laurels.run("payouts", *arguments)
