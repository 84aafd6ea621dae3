"""What a retention strips once it is published, and what of earlier activities is gone that a draft reads."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from activity.calendar import Calendar, instant, microseconds
from activity.tables import activity, claim
from operations.advice.sample import first_seq
from operations.gone import gone
from operations.programme import Programme
from operations.revision import Revision
from rewards.metric_definition import days_to_plain
from rules.advice import Advice, Code
from rules.tables import programme
from storage.work import UnitOfWork


async def advice_on_retention(work: UnitOfWork, current: Revision, declared: Programme, now: datetime) -> list[Advice]:
    """What is stripped for good, and what cannot be judged or counted by what is gone."""
    return [
        *await _stripped(work, current.programme, declared, now),
        *await _gone(work, current, declared),
    ]


async def _stripped(work: UnitOfWork, former: Programme, declared: Programme, now: datetime) -> Sequence[Advice]:
    days = declared.retention_days
    if days is None or (former.retention_days is not None and days >= former.retention_days):
        return []
    before_us = microseconds(now - timedelta(days=days))
    marker = (await work.execute(select(programme.c.stripped))).scalar_one()
    first = await first_seq(work, before_us)
    old = select(func.count()).select_from(activity).where(activity.c.seq > marker, activity.c.seq < first)
    count = (await work.execute(old)).scalar_one()
    decided = select(func.count()).select_from(claim).where(~claim.c.stripped, claim.c.decided_us < before_us)
    claims = (await work.execute(decided)).scalar_one()
    told = [f"{count:,} activit{'y' if count == 1 else 'ies'}"] if count else []
    told += [f"{claims:,} claim{'s' * (claims != 1)}"] if claims else []
    if not told:
        return []
    what = f"{' and '.join(told)} of more than {days} days ago will be stripped of all that nothing reads"
    remedy = f"write more than {days_to_plain(days)} where it is still needed, or take a copy of the database first"
    return [Advice(Code.STRIPS, "retention", f"{what}, which cannot be undone: {remedy}")]


async def _gone(work: UnitOfWork, current: Revision, declared: Programme) -> Sequence[Advice]:
    found = []
    for each in await gone(work, current, declared):
        query = each.query(func.count(), func.max(activity.c.recorded_us), func.max(activity.c.time_us))
        count, recorded_us, time_us = (await work.execute(query)).one()
        if count:
            whose = f"{count:,} activit{'y' if count == 1 else 'ies'} of {each.read.type}"
            until, last = (_day(declared.calendar, us) for us in (recorded_us, time_us))
            told = f"this reads activity.{each.read.field}, which was stripped of {whose}, recorded until {until}"
            remedy = f"what they earned is counted without it, and no '--since' reaches back to {last} or before"
            found.append(Advice(Code.DATA_GONE, each.read.path, f"{told}: {remedy}"))
    return found


def _day(calendar: Calendar, time_us: int) -> date:
    return date.fromordinal(calendar.day(instant(time_us)))
