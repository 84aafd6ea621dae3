"""The commands that close periods, as a person gives them."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

import commands
from errors import LaurelsError
from settings import Settings
from storage.engine import Store
from storage.migration import migrate
from tests.operations.test_close import company
from tests.world import World


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a store with what happened in October."""
    url = f"sqlite:///{tmp_path / 'laurels.db'}"

    async def made() -> None:
        store = Store(url)
        await migrate(store)
        await company(World(store))
        await store.close()

    asyncio.run(made())
    return Settings(database_url=url)


def halloween() -> datetime:
    return datetime(2026, 10, 31, 12, tzinfo=UTC)


def test_a_period_is_closed_corrected_and_made_final(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command says what it did."""
    where = ("effort", "2026-10")

    def said() -> str:
        return capsys.readouterr().out

    commands.rehearse(settings, halloween, *where, 2)
    assert (
        "     1          24  Ada\n     2          12  Ben\n"
        "2026-10 of effort has 3 places, and closes at 2026-11-03 00:00 GMT.\n"
    ) == said()
    commands.close(settings, halloween, *where, "it is Halloween")
    assert (
        "2026-10 of effort is closed, on its last day: what happens until then will be late. It can be disputed until "
        "2026-11-07 12:00 GMT; until then, reopen opens it again.\n"
    ) == said()
    commands.disqualify(settings, halloween, *where, "ada", None, "she knows why")
    commands.disqualify(settings, halloween, *where, "cy", None, "so do they")
    assert "ada has no place in 2026-10 of effort.\ncy has no place in 2026-10 of effort.\n" == said()
    commands.reinstate(settings, halloween, *where, "cy", None, "it was somebody else")
    assert "cy has their place in 2026-10 of effort again.\n" == said()
    commands.rehearse(settings, halloween, *where, 10)
    assert "has 2 places, and can be disputed until 2026-11-07 12:00 GMT.\n" in said()
    commands.reopen(settings, halloween, *where, "a mistake")
    told = (
        "2026-10 of effort is open again, and closes at 2026-11-03 00:00 GMT; 1 disqualified will be so again then.\n"
    )
    assert told == said()
    commands.close(settings, halloween, None, None, None)
    assert "2 periods closed; 0 periods final.\n" == said()
    commands.close(settings, lambda: datetime(2026, 12, 1, tzinfo=UTC), None, None, None)
    assert "3 periods closed; 2 periods final.\n" == said()
    commands.close(settings, lambda: datetime(2026, 12, 9, tzinfo=UTC), None, None, None)
    assert "1 period closed; 3 periods final.\n" == said()
    commands.rehearse(settings, halloween, *where, 1)
    assert "has 2 places, and is final since 2026-12-09 00:00 GMT.\n" in said()
    assert 0 == commands.verify(settings, halloween)


def test_a_rehearsal_says_when_a_reopened_period_closes(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Not when it would have, had it not been reopened."""

    def november() -> datetime:
        return datetime(2026, 11, 4, 12, tzinfo=UTC)

    commands.close(settings, november, None, None, None)
    commands.reopen(settings, november, "effort", "2026-10", "a tool was silent")
    commands.rehearse(settings, november, "effort", "2026-10", 1)
    assert capsys.readouterr().out.endswith("2026-10 of effort has 3 places, and closes at 2026-11-06 12:00 GMT.\n")


def test_what_cannot_be_done_is_said(settings: Settings) -> None:
    """In a sentence that says what to do."""
    for words, told in [
        (("effort", "2026-10", None), "a period that is closed early needs BOARD, PERIOD and --reason"),
        (("effort", None, None), "a period that is closed early needs BOARD, PERIOD and --reason"),
        ((None, None, "why"), "give its BOARD and PERIOD too"),
        (("everything", "ever", "why"), "'everything' never closes; give it"),
    ]:
        with pytest.raises(LaurelsError, match=told):
            commands.close(settings, halloween, *words)
    with pytest.raises(LaurelsError, match="is open; close it first"):
        commands.disqualify(settings, halloween, "effort", "2026-10", "ada", None, "why")
    with pytest.raises(LaurelsError, match="the programme has no board"):
        commands.rehearse(settings, halloween, "nothing", "2026-10", 3)


def test_closing_long_before_the_end_says_so(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """By a date it is easily meant otherwise: the period is named, with what is left of it."""

    def middle() -> datetime:
        return datetime(2026, 10, 22, 12, tzinfo=UTC)

    commands.close(settings, middle, "effort", "2026-10-22", "a mistake")
    assert (
        "2026-10 of effort is closed, 9 days before its last one, 2026-10-31: what happens until then will be late. It "
        "can be disputed until 2026-10-29 13:00 GMT; until then, reopen opens it again.\n"
    ) == capsys.readouterr().out
    commands.close(settings, lambda: datetime(2026, 10, 30, 12, tzinfo=UTC), "teams", "2026-10", "a mistake")
    assert "closed, 1 day before its last one, 2026-10-31: " in capsys.readouterr().out
    commands.close(settings, lambda: datetime(2026, 11, 2, 12, tzinfo=UTC), "effort", "2026-09", "it is over")
    assert (
        "2026-09 of effort is closed. It can be disputed until 2026-11-09 12:00 GMT; until then, reopen opens it "
        "again.\n"
    ) == capsys.readouterr().out


def test_what_was_over_before_the_programme_never_closes(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither by hand nor by itself; a rehearsal says the same."""
    why = "it was over before the programme began, on 2026-09-01, and nothing counts in it"
    with pytest.raises(LaurelsError, match=f"^2026-08 of 'effort' never closes: {why}$"):
        commands.close(settings, halloween, "effort", "2026-08", "why not")
    commands.rehearse(settings, halloween, "effort", "2026-08", 3)
    assert f"2026-08 of effort has 0 places, and never closes: {why}.\n" == capsys.readouterr().out
    with pytest.raises(LaurelsError, match=r"^2026-11 of 'effort' has not begun; close it from 2026-11-01 on$"):
        commands.close(settings, halloween, "effort", "2026-11", "why not")
