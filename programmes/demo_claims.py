"""What the demo's people claim, where no tool reports it, and what becomes of it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from activity.calendar import microseconds
from activity.claim import Verb
from activity.tables import claim as claim_table
from activity.tables import member
from operations.adjust import Author
from operations.claim import Words, claim, withdraw
from operations.review import approve, refuse
from operations.revision import Revisions
from programmes.demo_people import EXPERT, HOST, NEWCOMER, SHARER
from storage.work import UnitOfWork

MANAGER = Author("Helena Fischer")


@dataclass(frozen=True, slots=True)
class Claim:
    """A member claims what they did."""

    member: str
    type: str
    time: datetime
    data: dict[str, Any]
    link: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Decide:
    """A claim is approved or refused by a manager, or withdrawn by who made it."""

    claim: Claim
    verb: Verb
    reason: str | None = None


def claim_deeds(began: date) -> list[tuple[int, Claim | Decide]]:
    """Claims and what becomes of them, by the day of a programme that began on a date."""

    def at(day: int, hour: int) -> datetime:
        return datetime.combine(began + timedelta(days=day), time(hour, 30), UTC)

    talk = Claim(
        HOST,
        "conference.spoken",
        at(140, 10),
        {"conference": "CommunityDays", "topic": "careers", "audience": 140},
        "https://example.com/community-days/talks/meetups-that-last",
        "Half an hour on what keeps a meet-up alive; the slides are linked there.",
    )
    visit = Claim(
        HOST,
        "department.visited",
        at(160, 14),
        {"department": "Finance", "topic": "careers", "participants": 18},
        note="We met in the canteen.",
    )
    webinar = Claim(
        SHARER,
        "conference.spoken",
        at(171, 9),
        {"conference": "SalesConnect", "topic": "customers"},
        "https://example.com/sales-connect/programme",
    )
    mentoring = Claim(
        NEWCOMER,
        "colleague.mentored",
        at(207, 13),
        {"colleague": "mei.tan", "minutes": 45},
        note="Her first article is about to come out.",
    )
    keynote = Claim(
        EXPERT,
        "conference.spoken",
        at(206, 8),
        {"conference": "DataDays", "topic": "ai", "audience": 310},
        "https://example.com/data-days/recordings/17",
    )
    refusal = "The programme that you link to does not name you; claim it again with the recording."
    return [
        (142, talk),
        (145, Decide(talk, Verb.APPROVE)),
        (162, visit),
        (163, Decide(visit, Verb.WITHDRAW)),
        (172, webinar),
        (174, Decide(webinar, Verb.REFUSE, refusal)),
        (209, keynote),
        (210, mentoring),
    ]


async def do_claim(work: UnitOfWork, revisions: Revisions, deed: Claim | Decide, *, now: datetime) -> None:
    """Claim, or decide what was claimed. Nothing is committed here."""
    if isinstance(deed, Claim):
        words = Words(deed.type, deed.time.isoformat(), deed.link, deed.note, deed.data)
        await claim(work, revisions, words, author=await _self(work, deed.member), now=now)
        return
    author = await _self(work, deed.claim.member)
    mine = claim_table.c.member == author.member, claim_table.c.time_us == microseconds(deed.claim.time)
    number = (await work.execute(select(claim_table.c.id).where(*mine))).scalar_one()
    if deed.verb is Verb.WITHDRAW:
        await withdraw(work, number, author=author, now=now)
    elif deed.verb is Verb.APPROVE:
        (done,) = await approve(work, revisions, [number], author=MANAGER, now=now)
        assert done.seq is not None, done.message
    else:
        await refuse(work, number, author=MANAGER, reason=deed.reason or "", now=now)


async def _self(work: UnitOfWork, external_id: str) -> Author:
    key = (await work.execute(select(member.c.key).where(member.c.external_id == external_id))).scalar_one()
    return Author(external_id, int(key))
