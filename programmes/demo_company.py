"""The demo's company: 240 people, 12 teams, and what their tools reported in the last seven months; before it, a pilot.

    for step in history(seed=1, now=now):           # in order; each is one batch at one time
        step.at, step.deeds, step.profiles, step.reports

The same seed and `now` give the same history. It has the shapes that real reports have. What people do follows a power
law, the working week and the holidays where they are. Tools deliver late, twice, with other content under the same id,
and now and then something that cannot be recorded. What members write earns reads, clicks and leads for weeks after.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from math import exp
from random import Random

from activity.intake import Report
from operations.enrol import Profile
from operations.record import BATCH_MAX
from programmes.demo_days import Data, Event, days_of, number_of, poisson
from programmes.demo_deeds import Deed, Revise, deeds, prize_deeds
from programmes.demo_people import EXPERT, TEAMS, Habit, Person, people
from programmes.demo_pilot import Delivery, Pilot, arrival, article_deliveries, pilot_deliveries, pilots, weekly

SEED = 2026
DAYS = 213  # seven months

LATE_SHARE = 0.04  # delivered one to nine days after they happened
TWICE_SHARE = 0.025
CONFLICT_SHARE = 0.0006  # delivered again with other content
REFUSED_SHARE = 0.0012  # something that cannot be recorded

LEADS_OF_EXPERT = 6.0  # on average, of each article
ANSWERED = timedelta(days=2)  # after which what a person does about a prize is done

TEAM_MOVES = 6
TEAM_MOVE_DAY = 90


@dataclass(frozen=True, slots=True)
class Step:
    """What happens at one time: what managers do, then changes to members, or a batch of reports that arrives."""

    at: datetime
    deeds: tuple[Deed, ...] = ()
    profiles: tuple[Profile, ...] = ()
    reports: tuple[Report, ...] = ()


def history(seed: int, now: datetime, days: int = DAYS, pilot: Pilot | None = None) -> Iterator[Step]:
    """Everything that arrived up to `now`, in order: the pilot's, if there was one; then in so many days everybody's.

    What managers do comes with the reports of the day: a step is wholly done or not at all, and the reports tell.
    """
    began = now - timedelta(days=days)
    company = people(seed, began.date())
    written = article_deliveries(pilot.halves) if pilot else []
    # From then on the expert writes as in demo_days.py.
    written = [each for each in written if each.at < began or each.report.member != EXPERT]
    awaited = deque(prize_deeds(pilot.halves) if pilot else ())
    if pilot:
        yield from _piloting(pilot, seed, began, company, [each for each in written if each.at < began], awaited)
    arriving = defaultdict(list)
    own = deliveries(company, seed, began, days)
    for delivery in sorted([*own, *(each for each in written if began <= each.at < now)], key=arrival):
        arriving[(delivery.at - began).days].append(delivery)
    changes = enrolments(company, seed)
    planned = deeds(began.date())
    yield Step(began, planned.pop(0), tuple(changes.pop(0)))
    due: tuple[Deed, ...] = ()
    for day in range(days):
        at = began + timedelta(days=day)
        if day in changes:
            yield Step(at, profiles=tuple(changes[day]))
        due += planned.get(day, ())
        rest = iter(arriving[day])
        while batch := tuple(islice(rest, BATCH_MAX)):
            at = batch[-1].at
            yield Step(at, due + _until(awaited, at), reports=tuple(delivery.report for delivery in batch))
            due = ()


def _piloting(
    pilot: Pilot,
    seed: int,
    began: datetime,
    company: list[Person],
    written: list[Delivery],
    awaited: "deque[tuple[datetime, Deed]]",
) -> Iterator[Step]:
    """What happened before the whole company took part."""
    note = "The programme begins, with a pilot of two dozen colleagues."
    yield Step(pilot.began, (Revise(1, began.date(), note),), tuple(_profile(person) for person in pilots(company)))
    done = [each for each in pilot_deliveries(company, seed, pilot.began) if each.at < began]
    apart = [*pilot.nights, *(at + ANSWERED for at, _ in awaited)]
    for batch in weekly(sorted([*done, *written], key=arrival), pilot.began, apart):
        at = batch[-1].at
        yield Step(at, _until(awaited, at), reports=tuple(delivery.report for delivery in batch))


def _until(awaited: "deque[tuple[datetime, Deed]]", at: datetime) -> tuple[Deed, ...]:
    """The deeds whose time has come, taken from those that are awaited."""
    found = []
    while awaited and awaited[0][0] <= at:
        found.append(awaited.popleft()[1])
    return tuple(found)


def enrolments(company: list[Person], seed: int) -> dict[int, list[Profile]]:
    """What the directory says of members, by the day of the programme on which it says so."""
    random = Random(f"{seed}: enrolments")  # noqa: S311 - a made-up company needs no secrets
    changes = defaultdict(list)
    for person in company:
        changes[0].append(_profile(person))
        if person.habit in (Habit.LATE, Habit.LEAVER):
            says_yes = person.habit is Habit.LATE
            changes[person.turn].append(Profile(person.id, participates=says_yes))
    for person in random.sample([person for person in company if person.habit is Habit.STEADY], TEAM_MOVES):
        team = random.choice([team for team in TEAMS if team[0] != person.team])
        changes[TEAM_MOVE_DAY].append(Profile(person.id, team=team[0], department=team[1]))
    return changes


def deliveries(company: list[Person], seed: int, began: datetime, days: int) -> list[Delivery]:
    """Every report that arrived in the programme's first `days` days, in the order in which it did."""
    random = Random(f"{seed}: deliveries")  # noqa: S311
    numbers: Counter[str] = Counter()
    made: list[Delivery] = []
    for event in events(company, seed, began, days):
        numbers[event.source] += 1
        report = Report(
            source=event.source,
            id=event.id or f"{event.source}-{numbers[event.source]:06}",
            type=event.type,
            member=event.person,
            time=event.time.isoformat(),
            data=event.data,
            contributors=list(event.others) or None,
        )
        made += _delivered(random, event, report)
    ends = began + timedelta(days=days)
    arrived = [delivery for delivery in made if delivery.at < ends]
    return sorted(arrived, key=arrival)


def events(company: list[Person], seed: int, began: datetime, days: int) -> list[Event]:
    """What happened in the programme's first `days` days, in order."""
    found = []
    for person in company:
        random = Random(f"{seed}: echo of {person.id}")  # noqa: S311
        own = sorted(days_of(person, seed, began, days), key=lambda event: event.time)
        for event in own:
            found.append(event)
            found += (replace(each, others=event.others) for each in _echo(random, event, person, company))
    ends = began + timedelta(days=days)
    found = [event for event in found if began <= event.time < ends]
    return sorted(found, key=lambda event: (event.time, event.source, event.person, event.type))


def _profile(person: Person) -> Profile:
    return Profile(
        person.id,
        name=person.name,
        team=person.team,
        location=person.place.name,
        department=person.department,
        time_zone=person.place.time_zone.key,
        attributes={"hourly": person.hourly, "joined": person.joined.isoformat()},
        participates=person.habit not in (Habit.LATE, Habit.ABSENT),
    )


def _delivered(random: Random, event: Event, report: Report) -> Iterator[Delivery]:
    """When a report arrives; again, when it does; and what else a tool sends beside it."""
    at = event.time.astimezone(UTC) + timedelta(minutes=random.randint(2, 70), seconds=random.randrange(60))
    if event.id:  # somebody comes back to it, so nothing goes wrong on its way
        yield Delivery(event.time.astimezone(UTC) + timedelta(minutes=10), report)
        return
    if event.type in DAILY_SOURCES:
        at += timedelta(hours=8)  # counted over night
    if random.random() < LATE_SHARE:
        at += timedelta(days=random.uniform(1, 9))
    yield Delivery(at, report)
    after = at + timedelta(days=random.expovariate(1.5))
    if random.random() < TWICE_SHARE:
        yield Delivery(after, report)
    if random.random() < CONFLICT_SHARE:
        yield Delivery(after, replace(report, time=(event.time - timedelta(minutes=5)).isoformat()))
    if random.random() < REFUSED_SHARE:
        yield Delivery(after, replace(_unsound(random, report), id=f"{report.id}-again"))


def _unsound(random: Random, report: Report) -> Report:
    """The report with one of the mistakes that tools make."""
    return random.choice(
        (
            replace(report, type=report.type.replace(".", "_")),
            replace(report, data={}),
            replace(report, member=f"contractor-{random.randint(1, 9)}"),
            replace(report, time=str(report.time)[:19]),
        )
    )


# What comes of content, and which tool counts it, once a day for each item.
DAILY_SOURCES = {
    "content.read": "web-analytics",
    "content.clicked": "web-analytics",
    "content.downloaded": "web-analytics",
    "content.commented": "networks",
    "content.reshared": "networks",
}
COUNTED_AT = time(21, tzinfo=UTC)


def _echo(random: Random, event: Event, person: Person, company: list[Person]) -> Iterator[Event]:
    """What follows from an event in the days and weeks after it."""
    if event.type == "content.published":
        quality = person.talent * random.lognormvariate(0, 0.4)
        yield from _readers(random, event, quality, reads=160, days=5.0)
        yield from _reprints(random, event, quality, company)
        yield from _customers(random, event, quality, LEADS_OF_EXPERT if person.id == EXPERT else 0.15 * quality)
    elif event.type == "short-post.written":
        yield from _readers(random, event, person.talent * random.lognormvariate(0, 0.6), reads=40, days=0.8)
    elif event.type == "idea.proposed" and random.random() < 0.25:
        yield _after(random, event, 30, "ideas", "idea.adopted", {"idea": event.data["idea"]})


def _readers(random: Random, event: Event, quality: float, *, reads: float, days: float) -> Iterator[Event]:
    """Reads by the day, fewer with every `days` days, and what some of the readers do."""
    day = event.time.astimezone(UTC).date()
    since = 0
    while (mean := reads * quality * exp(-since / days)) >= 8:
        day += timedelta(days=1)
        since += 1
        seen = number_of(random, mean)
        counts: dict[str, Data] = {
            "content.read": {"reads": seen},
            "content.clicked": {"clicks": number_of(random, seen * 0.06)},
            "content.commented": {"comments": number_of(random, seen * 0.008)},
            "content.reshared": {"shares": number_of(random, seen * 0.005)},
            "content.downloaded": {"downloads": number_of(random, seen * 0.004)},
        }
        for kind, data in counts.items():
            if all(data.values()):
                moment = datetime.combine(day, COUNTED_AT)
                yield Event(DAILY_SOURCES[kind], kind, event.person, moment, {"url": event.data["url"]} | data)


def _reprints(random: Random, event: Event, quality: float, company: list[Person]) -> Iterator[Event]:
    for colleague in random.sample(company, poisson(random, min(0.6 * quality, 6))):
        if colleague.id != event.person:
            data = {"url": event.data["url"], "network": "linkedin", "colleague": colleague.id}
            yield _after(random, event, 12, "newsroom", "content.republished", data)


def _customers(random: Random, event: Event, quality: float, leads: float) -> Iterator[Event]:
    url = event.data["url"]
    for _ in range(poisson(random, min(leads, 9))):
        yield _after(random, event, 21, "crm", "lead.created", {"url": url, "lead": f"lead-{random.randrange(10**8)}"})
    for _ in range(poisson(random, min(0.2 * quality, 3))):
        data = {"url": url, "conversation": f"conversation-{random.randrange(10**8)}"}
        yield _after(random, event, 28, "crm", "conversation.started", data)


def _after(random: Random, event: Event, days_max: int, source: str, kind: str, data: Data) -> Event:
    moment = event.time.astimezone(UTC) + timedelta(days=random.uniform(1, days_max))
    return Event(source, kind, event.person, moment.replace(microsecond=0), data)
