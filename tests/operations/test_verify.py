"""Verify: it must find whatever has been tampered with, and name it."""

from contextlib import suppress
from typing import Any

from sqlalchemy import delete, insert, text, update

from activity.intake import Report
from activity.tables import activity, member, retraction
from leaderboard.tables import board_period, standing
from operations.verify import verify
from rewards.ledger import Kind
from rewards.tables import adjustment, award, entry, hold, progress, recording_day
from rules.tables import measure, programme, revision, tally, verdict, version
from tests.operations.company import RECOGNITION
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


# How the sequence is set back: on PostgreSQL, and on SQLite.
BACK = ("ALTER SEQUENCE seq RESTART WITH 1", "UPDATE sequence SET last = 1")


class Undone(Exception):
    """Leaves a transaction that is to change nothing."""


TAMPERED: dict[str, tuple[Any, str]] = {
    "points of an entry": (
        update(entry).values(points=entry.c.points + 1).where(entry.c.ordinal == 0),
        "ledger: entries",
    ),
    "an entry removed": (delete(entry).where(entry.c.ordinal == 0), "ledger: entries"),
    "the day of an entry": (update(entry).values(day=entry.c.day + 1).where(entry.c.ordinal == 0), "ledger: entries"),
    "the team of an entry": (update(entry).values(team=None), "ledger: entries"),
    "a verdict": (
        update(verdict).values(outcomes="[]"),
        "verdict: activity (test, 0) of member ada was judged by no rule",
    ),
    "a verdict removed": (delete(verdict), "has none"),
    "the revision of a verdict": (update(verdict).values(revision=7), "was judged under revision 7; in force was 1"),
    "points in a verdict": (
        update(verdict).values(outcomes=text("replace(outcomes, '\"a\",7', '\"a\",8')")),
        "replay gives",
    ),
    "an activity's data": (update(activity).values(data=text("replace(data, '1000', '9000')")), "replay gives"),
    "an activity's time": (update(activity).values(time_us=activity.c.time_us + 86_400_000_000), "tally: "),
    "a tally": (
        update(tally).values(count=tally.c.count + 1).where(tally.c.member > 0),
        "for member ada, from 2026-11-12 is 4; replay gives 3",
    ),
    "a shared tally": (
        update(tally).values(count=tally.c.count + 1).where(tally.c.member == 0),
        "for all members, value ",
    ),
    "a tally removed": (delete(tally), "replay gives 1"),
    "a score": (update(standing).values(score=standing.c.score + 1), "standing on effort"),
    "when a score was reached": (update(standing).values(reached_us=1), "standing on impact"),
    "the sequence set back": (None, "sequence: it stands at 1, but"),
    "a member's facts": (update(member).values(location="Mars"), "the facts in force are not the latest"),
    "a published rule": (
        update(version).values(definition="{}").where(version.c.key == "share"),
        "rule share of revision 1",
    ),
    "the name of an activity": (
        update(activity).values(id="other"),
        "activity (test, other) of member ada is kept under this name, but was recorded",
    ),
    "a verdict that cannot be read": (
        update(verdict).values(outcomes="junk{"),
        "verdict: that of activity (test, 0) of member ada cannot be read",
    ),
    "data that cannot be read": (update(activity).values(data="junk"), "or its verdict cannot be read"),
    "a revision that cannot be read": (update(revision).values(document="junk"), "its revisions cannot be read"),
    "the revision in force": (update(programme).values(revision=7), "its revisions cannot be read"),
    "a stray period": (
        insert(board_period).values(board=1, period=5, participants=1, revision=1),
        "1 rows of board_period belong to no board in force",
    ),
    "where a day begins": (
        update(recording_day).values(first_seq=recording_day.c.first_seq + 1),
        "recording day 2026-11-21: begins at",
    ),
    "where a day begins, set back": (update(recording_day).values(first_seq=1), "nothing stands where it begins"),
    "a day removed": (delete(recording_day), "recording day 2026-11-21: does not begin"),
    "who is listed": (update(standing).values(listed=False), "standing on everything"),
    "a standing removed": (delete(standing), "stored is nothing; the ledger gives score"),
    "participants": (update(board_period).values(participants=9), "participants on effort"),
    "a period removed": (delete(board_period), "stored are none"),
    "a stray standing": (
        insert(standing).values(board=1, period=0, competitor=1, score=1, reached_us=1, entries=1, listed=True),
        "standings: 1 rows of standing belong to no board in force",
    ),
}


async def unnoticed(world: World, tampered: dict[str, tuple[Any, str]]) -> dict[str, list[str]]:
    """What was found of each change that was not named in its words. Each is undone before the next."""
    missed = {}
    for what, (change, words) in tampered.items():
        found: list[str] = []
        with suppress(Undone):
            async with world.store.writing() as work:
                await work.execute(change if change is not None else text(BACK[world.store.is_sqlite]))
                await verify(work, found.append)
                raise Undone
        if not any(words in difference for difference in found):
            missed[what] = found
    return missed


async def test_whatever_is_tampered_with_is_found_and_named(world: World) -> None:
    """A change behind the product's back, in any table that results are made of, is a named difference."""
    await company(world)
    assert {} == await unnoticed(world, TAMPERED)
    assert [] == await world.differences()


async def recognised(world: World) -> World:
    """A history with badges, held and released points, corrections by hand, and a revision that looks back."""
    await world.apply(RECOGNITION)
    await world.hire("Ada", "Ben", team="Red")
    ideas = [Report("test", f"idea{day}", "idea.made", "ada", f"2026-{day}T09:00:00Z") for day in ("10-01", "11-01")]
    await world.record(*(shared(number) for number in range(5)), shared(10, "ben"), ideas[0])
    world.now = world.now.replace(month=12, day=20)
    await world.release()
    await world.record(ideas[1])
    await world.retract(4)
    await world.retract(10)
    await world.adjust("ada", 3)
    await world.give("ben", "thanks")
    await world.apply(RECOGNITION.replace("points: 7", "points: 9").replace("1000.0", "500.0"), since="2026-11-01")
    await world.catch_up()
    return world


async def test_an_honest_store_with_corrections_has_no_differences(world: World) -> None:
    """Nothing is reported of what correcting has written."""
    assert await (await recognised(world)).differences() == []


TAMPERED_AWARDS: dict[str, tuple[Any, str]] = {
    "progress": (update(progress).values(value=progress.c.value + 1), "progress: value and level of"),
    "the level in progress": (update(progress).values(level=0), "progress: value and level of"),
    "progress removed": (delete(progress), "replay gives"),
    "an award removed": (delete(award), "badge regular of member ada, level 1, value 2, by the activity at 5, "),
    "the level of an award": (update(award).values(level=7).where(award.c.level == 2), "but replay does not give it"),
    "the evidence of an award": (update(award).values(value=award.c.value + 1), "but replay does not give it"),
    "when an award expires": (update(award).values(expires_us=5), "but replay does not give it"),
    "an award ended": (update(award).values(revoked_seq=5), "it is not held, but replay gives it"),
    "the entry of an award": (update(award).values(entry=None), "but has no entry"),
    "who gave an award": (update(award).values(author=None), "but replay does not give it"),
    "an award of nobody's activity": (update(award).values(activity=None), "but replay does not give it"),
    "held points": (update(hold).values(points=21), "held points: of"),
    "held points removed": (delete(hold).where(hold.c.ended_seq.is_(None)), "held points: of"),
    "when held points are due": (update(hold).values(due_us=5), "held points: of"),
    "held points released": (
        update(hold).values(ended_seq=5, released=True).where(hold.c.ended_seq.is_(None)),
        "were released, but no entry says so",
    ),
    "held points ended": (
        update(hold).values(ended_seq=5).where(hold.c.ended_seq.is_(None)),
        "ended at 5; retracted is None",
    ),
    "a release undone": (update(hold).values(released=False), "retracted is None"),
    "the day of a release": (
        update(entry).values(day=entry.c.day + 1).where(entry.c.kind == Kind.RELEASE),
        "is not of the time, day, type and team of",
    ),
    "the team of a revision": (
        update(entry).values(team=None).where(entry.c.kind == Kind.REVISION),
        "is not of the time, day, type and team of",
    ),
    "the time of a badge's points": (
        update(entry).values(time_us=5).where(entry.c.kind == Kind.BADGE),
        "is not of the time, day and team of what was awarded",
    ),
    "a retraction removed": (delete(retraction), "its latest verdicts make them"),
    "a retraction of another": (
        update(retraction).values(activity=5).where(retraction.c.activity == 8),
        "ledger: for activity (test, 1) of member ada",
    ),
    "an adjustment removed": (delete(adjustment), "nobody made the adjustment"),
    "points of an adjustment": (
        update(entry).values(points=4).where(entry.c.kind == Kind.ADJUSTMENT),
        "standing on everything",
    ),
    "an adjustment without points": (
        delete(entry).where(entry.c.kind == Kind.ADJUSTMENT),
        "there is no entry of the adjustment",
    ),
    "since when a measure counts": (update(measure).values(since=99), "its revisions make it"),
    "from when a measure counts": (update(measure).values(from_us=99), "its revisions make it"),
    "points of a reversal": (
        update(entry).values(points=-1).where(entry.c.kind == Kind.REVERSAL, entry.c.points != -1),
        "which is not its opposite",
    ),
    "what a reversal takes back": (
        update(entry).values(reverses_seq=entry.c.reverses_seq + 99).where(entry.c.kind == Kind.REVERSAL),
        "which is not its opposite",
    ),
    "a reversal removed": (delete(entry).where(entry.c.kind == Kind.REVERSAL), "its latest verdicts make them"),
    "who was brought up": (update(member).values(rejudged=0), "which says nothing else"),
    "a revision that is done": (update(member).values(rejudged=0), "it is done, but 2 members are behind it"),
    "a verdict of later": (
        delete(verdict).where(verdict.c.revision == 2),
        "judged again under revision 2 has nothing; replay gives",
    ),
    "since when a revision counts": (
        update(revision).values(from_us=5).where(revision.c.number == 2),
        "its revisions make it Life(since=1, from_us=5)",
    ),
}


async def test_whatever_corrections_leave_is_proved_too(world: World) -> None:
    """The same for badges, held points, retractions, adjustments and revisions that look back."""
    await recognised(world)
    assert {} == await unnoticed(world, TAMPERED_AWARDS)
    assert [] == await world.differences()
