"""What the managers of the demo's company do: change the programme, correct, and thank, each time with a reason."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from activity.calendar import PeriodKind
from operations.adjust import Author, adjust
from operations.give import give_badge
from operations.programme import Programme
from operations.publish import apply
from operations.retract import retract
from operations.revision import NoProgramme, Revisions
from programmes.demo_days import MISCOUNTED, MISCOUNTED_DAY, NETWORK_SOURCE
from programmes.demo_people import HOST, SUPPORTER
from rules.rule import Bonus, Limit
from storage.work import UnitOfWork

MANAGER = Author("Helena Fischer")
COLLEAGUE = Author("Samuel Okoye")  # what one manager changes, another corrects

LAUNCH_DAYS = 7

# Days of the programme.
CALMED_DAY = 75
RETRACTED_DAY = MISCOUNTED_DAY + 7
THANKED_DAY = 118
ADJUSTED_DAY = 132
SINCE_DAY = 193
REVALUED_DAY = 208


@dataclass(frozen=True, slots=True)
class Revise:
    """The programme is published as it is at a stage of its life; with `since` for what happened from that day on."""

    stage: int
    began: date
    note: str
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Retract:
    """An activity is taken back."""

    source: str
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Thank:
    """A badge is given by hand."""

    member: str
    badge: str
    reason: str


@dataclass(frozen=True, slots=True)
class Adjust:
    """Points are given that no tool reported."""

    member: str
    points: int
    rule: str  # says which boards count them
    reason: str


Deed = Revise | Retract | Thank | Adjust


def deeds(began: date) -> dict[int, tuple[Deed, ...]]:
    """What managers do, by the day of a programme that began on a date."""
    return {
        0: (Revise(1, began, "The programme begins."),),
        CALMED_DAY: (
            Revise(2, began, "Launch week is over; and three shares a day are paid, not five: feeds were flooded."),
        ),
        RETRACTED_DAY: (
            Retract(NETWORK_SOURCE, MISCOUNTED, "The network counted robots: three people saw this post, not 180,000."),
        ),
        THANKED_DAY: (
            Thank(HOST, "thank-you", "Organised our open day in Berlin, with 60 visitors, beside all else."),
        ),
        ADJUSTED_DAY: (
            Adjust(SUPPORTER, 40, "answer-customer", "Two days at our stand at a trade fair, where no tool counts."),
        ),
        REVALUED_DAY: (
            Revise(
                3,
                began,
                "A point for every 10 reads instead of 20, as we had agreed with the editors.",
                began + timedelta(days=SINCE_DAY),
            ),
        ),
    }


def programme_at(stage: int, shipped: Programme, began: date) -> Programme:
    """The programme at a stage of its life: at the last, 3, the one that ships."""
    rules = dict(shipped.rules)
    if stage < 3:
        rules["reads"] = replace(rules["reads"], points="activity.reads < 1000 ? activity.reads / 20 : 50")
    if stage < 2:
        launch = (_midnight(shipped, began + timedelta(days=days)) for days in (0, LAUNCH_DAYS))
        of_day, *others = rules["share"].limits
        rules["share"] = replace(
            rules["share"],
            limits=(Limit(5, of_day.per), *others),
            bonuses=(Bonus(200, "Launch week", *launch),),
        )
    return replace(shipped, rules=rules)


async def do(work: UnitOfWork, revisions: Revisions, deed: Deed, shipped: Programme, *, now: datetime) -> None:
    """Do what a manager does. Nothing is committed here."""
    match deed:
        case Revise():
            if deed.stage > 1 or not await _has_programme(work, revisions):
                declared, author = programme_at(deed.stage, shipped, deed.began), MANAGER.name
                await apply(work, revisions, declared, now=now, author=author, note=deed.note, since=deed.since)
        case Retract():
            await retract(work, revisions, deed.source, deed.id, author=COLLEAGUE.name, reason=deed.reason, now=now)
        case Thank():
            await give_badge(work, revisions, deed.member, deed.badge, author=MANAGER, reason=deed.reason, now=now)
        case Adjust():
            await adjust(
                work,
                revisions,
                deed.member,
                deed.points,
                author=COLLEAGUE,
                reason=deed.reason,
                rule=deed.rule,
                now=now,
            )


async def _has_programme(work: UnitOfWork, revisions: Revisions) -> bool:
    try:
        await revisions.current(work)
    except NoProgramme:
        return False
    return True


def _midnight(programme: Programme, day: date) -> datetime:
    begins = programme.calendar.starts_at(programme.calendar.period(PeriodKind.DAY, day.toordinal()))
    assert begins is not None
    return begins
