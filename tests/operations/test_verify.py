"""Verify: it must find whatever has been tampered with, and name it."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, text, update

from activity.tables import activity, member
from leaderboard.tables import board_period, standing
from rewards.tables import entry
from rules.tables import programme, revision, tally, verdict, version
from tests.world import World, published, shared


async def company(world: World) -> World:
    """A history with revisions, several members, limits that were reached, and a limit that members share."""
    await world.apply()
    await world.hire("Ada", "Ben", team="Red")
    await world.record(*(shared(number, who) for number in range(4) for who in ["ada"]))
    await world.record(shared(10, "ben"), shared(11, "ben", url="https://example.com/1"), published(12, "ben"))
    return world


async def test_an_honest_store_has_no_differences(world: World) -> None:
    """Nothing is reported of what recording has written."""
    assert await (await company(world)).differences() == []


async def test_a_store_without_a_programme_has_no_differences(world: World) -> None:
    """There is nothing to be wrong yet."""
    assert await world.differences() == []


TAMPERED: dict[str, tuple[Any, str]] = {
    "points of an entry": (
        update(entry).values(points=entry.c.points + 1).where(entry.c.ordinal == 0),
        "ledger: entries",
    ),
    "an entry removed": (delete(entry).where(entry.c.ordinal == 0), "ledger: entries"),
    "the day of an entry": (update(entry).values(day=entry.c.day + 1).where(entry.c.ordinal == 0), "ledger: entries"),
    "the team of an entry": (update(entry).values(team=None), "ledger: entries"),
    "a verdict": (update(verdict).values(outcomes="[]"), "was judged by the rule versions ()"),
    "a verdict removed": (delete(verdict), "has none"),
    "the revision of a verdict": (update(verdict).values(revision=7), "was judged under revision 7; in force was 1"),
    "points in a verdict": (
        update(verdict).values(outcomes=text("replace(outcomes, '\"a\",7', '\"a\",8')")),
        "replay gives",
    ),
    "an activity's data": (update(activity).values(data=text("replace(data, '1000', '9000')")), "replay gives"),
    "an activity's time": (update(activity).values(time_us=activity.c.time_us + 86_400_000_000), "tally: "),
    "a tally": (update(tally).values(count=tally.c.count + 1).where(tally.c.member > 0), "tally: ("),
    "a shared tally": (update(tally).values(count=tally.c.count + 1).where(tally.c.member == 0), "tally: (0,"),
    "a tally removed": (delete(tally), "replay gives 1"),
    "a score": (update(standing).values(score=standing.c.score + 1), "standing on effort"),
    "when a score was reached": (update(standing).values(reached_us=1), "standing on impact"),
    "the sequence set back": ("sequence", "sequence: it stands at 1, but"),
    "a member's facts": (update(member).values(location="Mars"), "the facts in force are not the latest"),
    "a published rule": (
        update(version).values(definition="{}").where(version.c.key == "share"),
        "rule share of revision 1",
    ),
    "the name of an activity": (update(activity).values(id="other"), "was recorded under another name"),
    "a verdict that cannot be read": (update(verdict).values(outcomes="junk{"), "verdict: that of 4 cannot be read"),
    "data that cannot be read": (update(activity).values(data="junk"), "or its verdict cannot be read"),
    "a revision that cannot be read": (update(revision).values(document="junk"), "its revisions cannot be read"),
    "the revision in force": (update(programme).values(revision=7), "its revisions cannot be read"),
    "a stray period": (
        insert(board_period).values(board=1, period=5, participants=1, revision=1),
        "1 rows of board_period belong to no board in force",
    ),
    "who is listed": (update(standing).values(listed=False), "standing on everything"),
    "a standing removed": (delete(standing), "stored is nothing; the ledger gives score"),
    "participants": (update(board_period).values(participants=9), "participants on effort"),
    "a period removed": (delete(board_period), "stored are none"),
    "a stray standing": (
        insert(standing).values(board=1, period=0, competitor=1, score=1, reached_us=1, entries=1, listed=True),
        "standings: 1 rows of standing belong to no board in force",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_whatever_is_tampered_with_is_found_and_named(world: World, what: str) -> None:
    """A change behind the product's back, in any table that results are made of, is a named difference."""
    await company(world)
    change, words = TAMPERED[what]
    async with world.store.writing() as work:
        if isinstance(change, str):
            back = "UPDATE sequence SET last = 1" if world.store.is_sqlite else "ALTER SEQUENCE seq RESTART WITH 1"
            change = text(back)
        await work.execute(change)
    found = await world.differences()
    assert any(words in difference for difference in found), found
