"""Claims: what members report themselves, until somebody else has decided it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from activity.claim import AlreadyClaimed, LimitReached
from activity.intake import Refused
from activity.tables import activity
from activity.tables import claim as claim_table
from operations.adjust import Author
from operations.claim import Words, claim, withdraw
from operations.enrol import Profile
from operations.retract import retract
from tests.operations.claims import (
    AT,
    CLAIMED,
    RECORDING,
    approved,
    approving,
    as_member,
    claiming,
    company,
    refusing,
    states,
    why_not,
    withdrawing,
)
from tests.world import MANAGER, WHY, World, shared


async def test_what_is_approved_counts_at_the_time_that_was_claimed(world: World) -> None:
    """It is an activity like any other, of the source claims, under the number of the claim."""
    await company(world)
    number = await claiming(world, at="2026-10-30T10:00:00+01:00", note="  At the fair.\n")
    assert {} == await world.standings()
    (done,) = await approving(world, number)
    assert (number, 20, (), "") == (done.number, done.points, done.too_late, done.message)
    assert {"ada": 20} == (await world.standings())["effort", "2026-10"]
    (told,) = await world.rows(activity)
    assert ("claims", str(number), '{"hearers":10,"topic":"AI"}') == (told.source, told.id, told.data)
    (row,) = await world.rows(claim_table)
    assert ("approved", "manager", None, None) == (row.state, row.decided_by, row.decider, row.reason)
    assert (RECORDING, "At the fair.", done.seq) == (row.link, row.note, row.activity)
    assert [] == await world.differences()


async def test_what_is_refused_counts_nothing_and_says_why(world: World) -> None:
    """The same can be claimed again, in better words."""
    await company(world)
    number = await claiming(world)
    with pytest.raises(Refused, match="reason is missing; say why in a few words, as the member will read it"):
        await refusing(world, number, reason=" ")
    await refusing(world, number, author=await as_member(world, "ben"), reason="no link that I can open")
    (row,) = await world.rows(claim_table)
    assert ("refused", "ben", "no link that I can open", None) == (row.state, row.decided_by, row.reason, row.activity)
    assert row.decider == (await as_member(world, "ben")).member
    await approved(world, await claiming(world))
    assert ["refused", "approved"] == list((await states(world)).values())
    assert [] == await world.differences()


async def test_a_claim_is_withdrawn_by_who_made_it_alone(world: World) -> None:
    """While it waits; another is not told whether there is one."""
    await company(world)
    number = await claiming(world)
    with pytest.raises(Refused, match=f"there is no claim {number} of yours; who made it withdraws it"):
        await withdrawing(world, number, "ben")
    async with world.store.writing() as work:
        with pytest.raises(Refused, match="there is no claim"):
            await withdraw(work, number, author=MANAGER, now=world.now)
    await withdrawing(world, number)
    with pytest.raises(Refused, match=f"claim {number} was withdrawn already, which is final; take one that waits"):
        await withdrawing(world, number)
    assert f"claim {number} was withdrawn already, which is final; take one that waits" == await why_not(world, number)
    with pytest.raises(Refused, match="was withdrawn already"):
        await refusing(world, number)
    assert [] == await world.rows(activity)
    assert [] == await world.differences()


async def test_nobody_reviews_their_own(world: World) -> None:
    """Neither to approve it nor to refuse it; a colleague does, though they stand on the same board."""
    await company(world)
    number, ada = await claiming(world), await as_member(world, "ada")
    told = f"claim {number} is your own, and nobody reviews theirs; ask another manager"
    assert told == await why_not(world, number, author=ada)
    with pytest.raises(Refused, match=told):
        await refusing(world, number, author=ada)
    await approved(world, number, author=await as_member(world, "ben"))
    assert [] == await world.differences()


async def test_a_claim_is_decided_once(world: World) -> None:
    """Approved again it stays as it is, and counts once."""
    await company(world)
    number = await claiming(world)
    await approved(world, number)
    assert f"claim {number} was approved already, which is final; take one that waits" == await why_not(world, number)
    with pytest.raises(Refused, match="was approved already"):
        await refusing(world, number)
    assert {"ada": 20} == (await world.standings())["effort", "2026-11"]


async def test_several_are_approved_at_once_and_what_cannot_be_harms_no_other(world: World) -> None:
    """Each has an answer, in the order in which they were named, and once for each time."""
    await company(world)
    numbers = [await claiming(world, name, at=f"2026-11-1{day}T09:00:00Z") for day in (1, 2) for name in ("ada", "ben")]
    await withdrawing(world, numbers[2])
    asked = [numbers[3], 99, numbers[2], numbers[0], 2**40, 0, -1, numbers[0], numbers[1]]
    found = await approving(world, *asked)
    assert asked == [each.number for each in found]
    assert [True, False, False, True, False, False, False, True, True] == [each.seq is not None for each in found]
    assert "there is no claim 99; take the number of one that is listed" == found[1].message
    assert {"ada": 20, "ben": 40} == (await world.standings())["effort", "2026-11"]
    with pytest.raises(Refused, match="101 claims are more than one request may approve; name at most 100"):
        await approving(world, *range(101))
    assert [] == await approving(world)
    assert [] == await world.differences()


@pytest.mark.parametrize(
    ("words", "field", "told"),
    [
        ({"kind": "talk.gven"}, "type", "'talk.gven' is no activity type of this programme; did you mean talk.given?"),
        ({"kind": None}, "type", "type must be text, but it is missing"),
        (
            {"kind": "post.shared", "network": "x", "url": "u", "reach": 1},
            "type",
            "post.shared cannot be claimed, as tools report it; claim one of talk.given, colleague.mentored",
        ),
        ({"topic": 7}, "data.topic", "^topic must be a text$"),
        ({"hearers": 7}, "data.topic", "^topic is missing: it is a text$"),
        ({"topic": "AI", "hearers": "few"}, "data.hearers", "^hearers must be a whole number, such as 30$"),
        ({"topic": "AI", "hearers": 7.5}, "data.hearers", "^hearers must be a whole number, but it is 7.5$"),
        ({"topic": "AI", "hall": 7}, "data.hall", "'hall' is no field of talk.given; it has hearers, topic"),
        ({"at": "2026-11-12T09:30:00"}, "time", "'2026-11-12T09:30:00' has no offset from UTC; end it with Z or"),
        ({"at": "2026-11-21T13:00:01Z"}, "time", "^this is in the future: an activity is claimed once it"),
        (
            {"kind": "colleague.mentored", "colleague": "ben", "at": "2025-12-31T23:59:59Z"},
            "time",
            r"^this is before the programme started, on 1 January 2026, 00:00 \(Europe/London\)",
        ),
        (
            {"at": "2026-08-23T11:59:59Z"},
            "time",
            r"^this is too long ago: what happened since 23 August 2026, 13:00 \(Europe/London\) can be claimed; ask a",
        ),
        ({"link": "javascript:alert(1)"}, "link", "link is no web address; write one that begins with https:// or"),
        ({"link": "https://"}, "link", "link is no web address"),
        ({"link": "https://[x"}, "link", "link is no web address"),
        ({"link": "https://example.com/a b"}, "link", "link is no web address"),
        ({"link": "https://example.com/\u202egpj"}, "link", "link is no web address"),
        ({"link": 7}, "link", "link must be text, but it is a whole number"),
        ({"link": "https://" + "e" * 2_041}, "link", "link has 2,049 characters; at most 2,048 are allowed"),
        ({"note": "e" * 2_001}, "note", "note has 2,001 characters; at most 2,000 are allowed: say it in short, or"),
        ({"note": "a\0b"}, "note", "note contains a NUL character"),
        ({"note": {}}, "note", "note must be text, but it is an object"),
    ],
)
async def test_what_cannot_be_claimed_is_refused_with_its_part(
    world: World, words: dict[str, Any], field: str, told: str
) -> None:
    """As a report of it would be, and with what a claim says beside."""
    await company(world)
    with pytest.raises(Refused, match=told) as refused:
        await claiming(world, **words)
    assert field == refused.value.field
    assert {} == await states(world)


async def test_times_are_told_by_the_clock_of_who_claims(world: World) -> None:
    """By that of the programme only where theirs is not known."""
    await company(world)
    await world.enrol(Profile("ada", time_zone="America/New_York"))
    with pytest.raises(Refused, match=r"since 23 August 2026, 08:00 \(America/New_York\) can be claimed"):
        await claiming(world, at="2026-08-23T11:59:59Z")
    with pytest.raises(Refused, match=r"since 23 August 2026, 13:00 \(Europe/London\) can be claimed"):
        await claiming(world, "ben", at="2026-08-23T11:59:59Z")


@pytest.mark.parametrize(
    ("rule", "link", "told"),
    [
        ("required", None, "link is missing; this is claimed with one \\(Link to the recording\\)"),
        ("required", "  ", "link is missing"),
        ("none", RECORDING, "this is claimed without a link; leave it out, and say what there is in the note"),
    ],
)
async def test_a_type_says_whether_it_is_claimed_with_a_link(world: World, rule: str, link: str, told: str) -> None:
    """Required, optional unless said, or none."""
    await company(world, CLAIMED.replace("recording, within", f"recording, link: {rule}, within"))
    with pytest.raises(Refused, match=told):
        await claiming(world, link=link)
    await claiming(world, link=None if rule == "none" else RECORDING)


async def test_what_is_old_can_be_claimed_to_the_last_instant(world: World) -> None:
    """And what waited longer than that is still approved."""
    await company(world)
    number = await claiming(world, at="2026-08-23T12:00:00Z")
    world.now += timedelta(days=30)
    await approved(world, number)
    assert [] == await world.differences()


async def test_the_same_is_not_claimed_twice(world: World) -> None:
    """While the first waits or counts; another time, other data and another member are not the same."""
    await company(world)
    number = await claiming(world)
    with pytest.raises(AlreadyClaimed, match=f"claim {number} says the same, and waits already; what happened twice"):
        await claiming(world, at="2026-11-12T10:30:00+01:00", note="again", link=None)
    await claiming(world, at="2026-11-12T09:30:01Z")
    await claiming(world, topic="other")
    await claiming(world, "ben")
    await approved(world, number)
    with pytest.raises(AlreadyClaimed, match=f"claim {number} says the same, and was approved"):
        await claiming(world)


async def test_so_many_may_wait(world: World) -> None:
    """Of a member; what was decided makes room."""
    await company(world, "claims: {open_max: 2, per_day: 4}" + CLAIMED)
    first = await claiming(world, topic="a")
    second = await claiming(world, topic="b")
    told = "2 of your claims wait, and more cannot; claim again when some were reviewed, or withdraw one"
    with pytest.raises(LimitReached, match=told):
        await claiming(world, topic="c")
    await claiming(world, "ben", topic="c")
    await refusing(world, first)
    await claiming(world, topic="c")
    await withdrawing(world, second)
    await claiming(world, topic="d")
    with pytest.raises(LimitReached, match="2 of your claims wait"):
        await claiming(world, topic="e")


@pytest.mark.parametrize(
    ("zone", "ends"),
    [
        ("Europe/London", datetime(2026, 10, 26, 0, tzinfo=UTC)),  # after a day of 25 hours
        ("Asia/Kathmandu", datetime(2026, 10, 25, 18, 15, tzinfo=UTC)),
        ("America/Havana", datetime(2026, 11, 1, 4, tzinfo=UTC)),  # whose clocks go back at midnight
        ("Pacific/Apia", datetime(2026, 10, 25, 11, tzinfo=UTC)),
    ],
)
async def test_so_many_may_be_made_in_a_day_of_the_programme(world: World, zone: str, ends: datetime) -> None:
    """Withdrawn ones too; the next day begins at midnight in the programme's time zone."""
    programme = "claims: {per_day: 2}" + CLAIMED.replace("time_zone: Europe/London", f"time_zone: {zone}")
    world.now = ends - timedelta(microseconds=1)
    await company(world, programme)
    for topic in "ab":
        await withdrawing(world, await claiming(world, at="2026-10-20T09:00:00Z", topic=topic))
    with pytest.raises(LimitReached, match="you made 2 claims today, those that you withdrew too") as refused:
        await claiming(world, at="2026-10-20T09:00:00Z")
    began = refused.value.message.partition("go on from ")[2].removesuffix(f" ({zone})")
    assert ends == datetime.strptime(began, "%d %B %Y, %H:%M").replace(tzinfo=ZoneInfo(zone))
    world.now = ends
    await claiming(world, at="2026-10-20T09:00:00Z", topic="c")
    world.now = ends + timedelta(hours=23, minutes=59)
    await claiming(world, at="2026-10-20T09:00:00Z", topic="d")
    with pytest.raises(LimitReached):
        await claiming(world, at="2026-10-20T09:00:00Z", topic="e")


async def test_who_does_not_take_part_cannot_claim(world: World) -> None:
    """What they had claimed waits until they are back, and is not approved before."""
    await company(world)
    number = await claiming(world)
    await world.enrol(Profile("ada", participates=False))
    with pytest.raises(Refused, match="you do not take part, and so have nothing to claim; ask a manager to enrol you"):
        await claiming(world, topic="other")
    assert "member 'ada' does not take part" == await why_not(world, number)
    await world.enrol(Profile("ada", participates=True))
    await approved(world, number)
    assert [] == await world.differences()


async def test_a_claim_is_made_for_a_member(world: World) -> None:
    """A key that acts for nobody claims nothing."""
    await company(world)
    async with world.store.writing() as work:
        with pytest.raises(Refused, match="an activity is claimed by who did it; use a key that acts for a member"):
            await claim(work, world.revisions, Words("talk.given", AT), author=Author("tool"), now=world.now)


async def test_what_recording_refuses_waits_on(world: World) -> None:
    """With the reason: of a type that was retired, or whose fields have changed; under another key it is recorded."""
    await company(world)
    number = await claiming(world, hearers=5, topic="AI")
    retired = CLAIMED.replace("talk.given", "speech.given")
    await world.apply(retired)
    told = f"the type of claim {number} was retired; refuse it, and say what counts in its place"
    assert told == await why_not(world, number)
    await world.undo()
    for fields, words in (
        (
            "hearers: double",
            f"the fields of talk.given have changed since claim {number} was made; refuse it, and",
        ),
        ("hearers: int, hall: int", "data.hall is missing; talk.given needs it, of type int"),
    ):
        await world.apply(CLAIMED.replace("hearers: {type: int, default: 10}", fields))
        assert (await why_not(world, number)).startswith(words)
    assert {number: "waiting"} == await states(world)
    await world.apply(retired.replace("title: Gave a talk", "title: Gave a talk\n    was: talk.given"))
    await approved(world, number)
    assert [] == await world.differences()


async def test_what_can_no_longer_be_claimed_is_still_reviewed(world: World) -> None:
    """It was claimed when it could be."""
    await company(world)
    number = await claiming(world)
    await world.apply(CLAIMED.replace("    claim: {hint: Link to the recording, within: P90D}\n", ""))
    with pytest.raises(Refused, match=r"talk\.given cannot be claimed, as tools report it; claim"):
        await claiming(world, topic="other")
    await approved(world, number)


async def test_no_tool_reports_as_if_something_was_claimed(world: World) -> None:
    """The source is that of claims alone."""
    await company(world)
    number = await claiming(world)
    (receipt,) = await world.record(replace(shared(number), source="claims"))
    assert ("refused", "source") == (receipt.status, receipt.field)
    assert "source 'claims' is that of what members claim themselves; use another" == receipt.message
    await approved(world, number)


async def test_of_a_closed_period_the_answer_says_that_it_comes_too_late(world: World) -> None:
    """It counts in the ledger and in longer periods; and the limit of the day counts it."""
    await company(world)
    number = await claiming(world, at="2026-10-31T23:00:00Z")
    world.now = datetime(2026, 11, 22, tzinfo=UTC)
    await world.close()
    (done,) = await approving(world, number)
    assert [("effort", "2026-10")] == [(each.board.board.key, each.period.key) for each in done.too_late]
    standings = await world.standings()
    assert ({"ada": 20}, False) == (standings["everything", "ever"], ("effort", "2026-10") in standings)
    assert [] == await world.differences()


async def test_what_was_approved_is_retracted_as_any_activity(world: World) -> None:
    """Under its source and number; its claim stays approved."""
    await company(world)
    number = await claiming(world)
    await approved(world, number)
    async with world.store.writing() as work:
        done = await retract(work, world.revisions, "claims", str(number), author="m", reason=WHY, now=world.now)
    assert 20 == done.points
    assert ({number: "approved"}, 0) == (await states(world), sum(each[2] for each in await world.ledger()))
    assert [] == await world.differences()
