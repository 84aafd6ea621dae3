"""What is done in the demo's company beside reports, with a reason: managers change the programme, correct, thank, and
give prizes; members claim what no tool sees."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from activity.calendar import Period
from activity.tables import member
from operations.adjust import Author, adjust
from operations.disqualify import Competitor, disqualify
from operations.give import give_badge
from operations.payouts import move
from operations.prizes import narrowed, payouts_query
from operations.programme import Programme
from operations.publish import apply
from operations.retract import retract
from operations.revision import NoProgramme, Revisions
from programmes.demo_articles import Halves
from programmes.demo_claims import MANAGER, Claim, Decide, claim_deeds, do_claim
from programmes.demo_days import MISCOUNTED, MISCOUNTED_DAY, NETWORK_SOURCE
from programmes.demo_people import ADVERTISER, COAUTHORS, DECLINER, EXPERT, HOST, LATECOMER, SUPPORTER, WINNER
from programmes.demo_pilot import midnight
from rewards.payout import Verb
from rules.rule import Bonus, Limit
from storage.work import UnitOfWork

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


@dataclass(frozen=True, slots=True)
class Disqualify:
    """Somebody gets no place in a result that can still be disputed."""

    member: str
    day: date  # in the half-year
    reason: str


@dataclass(frozen=True, slots=True)
class Move:
    """A prize goes a step on its way: its winner takes it, or somebody else by name."""

    member: str  # who won it
    day: date  # in the half-year
    verb: Verb
    author: Author | None = None  # None: the winner
    reason: str | None = None


Deed = Revise | Retract | Thank | Adjust | Disqualify | Move | Claim | Decide

BOARD, PODIUM = "impact", "half-year-impact"


def deeds(began: date) -> dict[int, tuple[Deed, ...]]:
    """What managers do, and what members claim, by the day of a programme that began on a date."""
    planned: dict[int, tuple[Deed, ...]] = {
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
    for day, deed in claim_deeds(began):
        planned[day] = (*planned.get(day, ()), deed)
    return dict(sorted(planned.items()))


def prize_deeds(halves: Halves) -> list[tuple[datetime, Deed]]:
    """What managers and winners do about the prizes of two half-years, in order, with the time of each."""
    first, second = (date.fromordinal(period.first) for period in halves)
    planned: list[tuple[Period, int, Deed]] = [
        (
            halves.first,
            3,
            Disqualify(ADVERTISER, first, "These readers were paid for; that is advertising."),
        ),
        *((halves.first, 18, Move(each, first, Verb.APPROVE, MANAGER)) for each in (EXPERT, *COAUTHORS)),
        *((halves.first, 23, Move(each, first, Verb.CLAIM)) for each in (EXPERT, COAUTHORS[0])),
        *((halves.first, 39, Move(each, first, Verb.DELIVER, COLLEAGUE)) for each in (EXPERT, COAUTHORS[0])),
        *((halves.second, 18, Move(each, second, Verb.APPROVE, MANAGER)) for each in (WINNER, DECLINER, LATECOMER)),
        (halves.second, 20, Move(WINNER, second, Verb.CLAIM)),
        (halves.second, 22, Move(DECLINER, second, Verb.DECLINE, reason="My team wrote half of it; let others dine.")),
        (halves.second, 24, Move(LATECOMER, second, Verb.CLAIM)),
        (halves.second, 36, Move(WINNER, second, Verb.DELIVER, COLLEAGUE, "A place at the conference is booked.")),
    ]
    return [
        (datetime.combine(date.fromordinal(period.after + days), time(9), UTC), deed) for period, days, deed in planned
    ]


def programme_at(stage: int, shipped: Programme, began: date) -> Programme:
    """The programme at a stage of its life: at the last, 3, the one that ships."""
    rules = dict(shipped.rules)
    if stage < 3:
        rules["reads"] = replace(rules["reads"], points="activity.reads < 1000 ? activity.reads / 20 : 50")
    if stage < 2:
        launch = (midnight(shipped.calendar, began.toordinal() + days) for days in (0, LAUNCH_DAYS))
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
        case Disqualify():
            who, day = Competitor(member=deed.member), deed.day.isoformat()
            await disqualify(work, revisions, BOARD, day, who, author=COLLEAGUE, reason=deed.reason, now=now)
        case Move():
            await _move(work, revisions, deed, now)
        case Claim() | Decide():
            await do_claim(work, revisions, deed, now=now)


async def _move(work: UnitOfWork, revisions: Revisions, deed: Move, now: datetime) -> None:
    state = await revisions.current(work)
    query = await narrowed(work, payouts_query(), state, podium=PODIUM, period=deed.day.isoformat())
    won = (await work.execute(query.where(member.c.external_id == deed.member))).one()
    author = deed.author or Author(deed.member, won.member)
    await move(work, revisions, won.id, deed.verb, author=author, reason=deed.reason, now=now)


async def _has_programme(work: UnitOfWork, revisions: Revisions) -> bool:
    try:
        await revisions.current(work)
    except NoProgramme:
        return False
    return True
