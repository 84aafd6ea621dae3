"""What the people of the demo's company do, day by day, in their own time zone's working hours."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import exp
from random import Random
from typing import Any

from programmes.demo_people import ABSENTEE, EXPERT, NEWCOMER, SHARER, SUPPORTER, Habit, Person, Zone

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that somebody did, as the tool that saw it would report it."""

    source: str
    type: str
    person: str
    time: datetime  # aware
    data: Data
    others: tuple[str, ...] = ()  # who did it as well
    id: str | None = None  # what the tool calls it, where that must be known


# How often each thing is done, out of all that somebody of a zone does.
WEIGHTS: dict[Zone, dict[str, float]] = {
    Zone.CONSUMER: {
        "post.liked": 50, "interest.followed": 25, "post.shared": 12, "daily-post.joined": 8, "statistics.viewed": 5,
    },
    Zone.SHARER: {
        "post.shared": 34, "post.liked": 28, "daily-post.joined": 14, "short-post.written": 9, "statistics.viewed": 8,
        "customer.answered": 4, "invitation.sent": 3,
    },
    Zone.CREATOR: {
        "post.shared": 23, "post.liked": 16, "short-post.written": 15, "daily-post.joined": 10, "statistics.viewed": 10,
        "training.attended": 8, "content.published": 7, "customer.answered": 5, "chat.joined": 4, "invitation.sent": 2,
    },
    Zone.ENGAGED: {
        "post.shared": 15, "short-post.written": 13, "post.liked": 12, "chat.joined": 12, "daily-post.joined": 9,
        "statistics.viewed": 8, "content.published": 6, "customer.answered": 6, "colleague.mentored": 5,
        "chat.hosted": 4, "training.attended": 4, "idea.proposed": 3, "department.visited": 2, "conference.spoken": 1,
    },
}  # fmt: skip

# Days between two of a kind, for whoever does most.
PAUSES = {"content.published": 7, "conference.spoken": 20, "training.attended": 2}

SOURCES = {
    "training.attended": "learning",
    "content.published": "newsroom",
    "content.republished": "newsroom",
    "idea.proposed": "ideas",
    "idea.adopted": "ideas",
    "chat.hosted": "chat",
    "chat.joined": "chat",
    "department.visited": "chat",
    "colleague.mentored": "mentoring",
    "conference.spoken": "newsroom",
}
NETWORK_SOURCE = "networks"  # sees everything that happens on public networks

NETWORKS = (("linkedin", 60), ("x", 15), ("mastodon", 15), ("bluesky", 10))
TOPICS = ("ai", "cloud", "security", "sustainability", "customers", "careers", "design", "open-source")
COURSES = tuple(f"{level}-{topic}" for level in ("first-steps", "writing", "speaking", "video") for topic in TOPICS)
CONFERENCES = ("WebConf", "DataDays", "CloudSummit", "DesignWeek", "OpenSourceForum", "SalesConnect")
DEPARTMENTS = ("Engineering", "Product", "Sales", "Marketing", "Services", "Finance", "Legal")

WEEKDAYS = (1.0, 1.15, 1.1, 1.0, 0.75, 0.1, 0.08)
HOURS = dict(zip(range(7, 23), (2, 6, 14, 13, 9, 6, 8, 11, 10, 8, 7, 4, 2, 2, 2, 1), strict=True))
SUMMER = ((7, 15), (8, 25))  # when the northern offices are half empty
SOUTHERN = ("Sydney", "São Paulo")
DAYS_OFF = 12  # of each person's own holiday, in one piece
HOLIDAY = 0.04  # what remains of an ordinary day

# Days of the programme.
TRAINING_OF_EXPERT = 9
ARTICLES_OF_EXPERT = (14, 49, 86, 121, 150, 172, 191)
JOINT_ARTICLE_DAY = 191  # written by the expert and the newcomer
MISCOUNTED_DAY = 97

MISCOUNTED = "networks-marco-robots"
SATURDAY = 5


def days_of(person: Person, seed: int, began: datetime, days: int) -> Iterator[Event]:
    """What a person does in the programme's first `days` days."""
    random = Random(f"{seed}: days of {person.id}")  # noqa: S311 - made-up days need no secrets
    first = person.turn if person.habit is Habit.LATE else 0
    last = person.turn if person.habit is Habit.DORMANT else days
    own_holiday = random.randrange(days)
    done: dict[str, int] = {}
    begins = began.astimezone(person.place.time_zone).date()
    if person.habit is not Habit.ABSENT:
        yield from _accounts(random, person, begins + timedelta(days=first + 1))
    for number in range(first, last):
        day = begins + timedelta(days=number)
        away = own_holiday <= number < own_holiday + DAYS_OFF
        for _ in range(poisson(random, person.pace * (HOLIDAY if away else _rhythm(person, day)))):
            kind = _drawn(random, WEIGHTS[person.zone])
            if kind in PAUSES and number < done.get(kind, -DAYS_OFF) + PAUSES[kind]:
                kind = "post.shared"  # what takes long to make is not made again at once
            done[kind] = number
            yield _event(kind, person, _moment(random, person, day), MADE[kind](random, person, day))
        yield from _story(random, person, number, day, away)


def _story(random: Random, person: Person, number: int, day: date, away: bool) -> Iterator[Event]:
    """What people with a story do beside what chance gives them."""
    works = day.weekday() < 5 and not away
    if person.id == EXPERT and number == TRAINING_OF_EXPERT:
        course = {"course": "writing-ai", "kind": "training", "minutes": 120}
        yield _event("training.attended", person, _moment(random, person, day), course)
    if person.id == EXPERT and number in ARTICLES_OF_EXPERT:
        # Writes rarely; what is written is read for weeks, and brings more leads than anybody's.
        article = _content(random, person, day) | {"kind": "article", "topic": "ai", "edited": True}
        others = (NEWCOMER,) if number == JOINT_ARTICLE_DAY else ()
        yield replace(_event("content.published", person, _moment(random, person, day), article), others=others)
    if person.id == SHARER and number == MISCOUNTED_DAY:
        # Robots looked at it: a reach that nobody else has, until somebody asks the network.
        seen = {"network": "x", "url": "https://example.com/news/open-letter", "topic": "ai", "reach": 180_000}
        moment = datetime.combine(day, time(7, 5), person.place.time_zone)
        yield replace(_event("post.shared", person, moment, seen), id=MISCOUNTED)
    if person.id == SHARER and works:
        # Passes everything on, at once and often: the limits pay three shares a day and no post twice.
        for _ in range(random.randint(6, 9)):
            yield _event("post.shared", person, _moment(random, person, day), _share(random, person, day))
    if person.id == SUPPORTER and day.weekday() == SATURDAY and not away:
        # Shares at home what there was no time for: it is seen, and earns nothing, as the shift is over.
        moment = datetime.combine(day, time(21, random.randrange(60)), person.place.time_zone)
        yield _event("post.shared", person, moment, _share(random, person, day))
    if person.id == ABSENTEE and works and random.random() < 0.2:
        # Has not said yes: the tools report what is seen on the networks, and it counts nowhere.
        yield _event("short-post.written", person, _moment(random, person, day), _short_post(random, person, day))


def _accounts(random: Random, person: Person, day: date) -> Iterator[Event]:
    for network, _ in NETWORKS[: random.randint(1, 3)]:
        profile = {"network": network, "url": f"https://{network}.example/{person.id}"}
        yield _event("account.created", person, _moment(random, person, day), profile)


def _event(kind: str, person: Person, moment: datetime, data: Data) -> Event:
    return Event(SOURCES.get(kind, NETWORK_SOURCE), kind, person.id, moment, data)


def _rhythm(person: Person, day: date) -> float:
    """How much of an ordinary day's doings there are: weekends, public holidays, the summer, the turn of the year."""
    if (day.month, day.day) in person.place.holidays:
        return HOLIDAY
    share = WEEKDAYS[day.weekday()]
    if SUMMER[0] <= (day.month, day.day) <= SUMMER[1] and person.place.name not in SOUTHERN:
        share *= 0.55
    return share


def _moment(random: Random, person: Person, day: date) -> datetime:
    clock = time(_drawn(random, HOURS), random.randrange(60), random.randrange(60))
    return datetime.combine(day, clock, person.place.time_zone)


def _drawn(random: Random, weights: dict[Any, float] | dict[Any, int]) -> Any:
    return random.choices(list(weights), list(weights.values()))[0]


def poisson(random: Random, mean: float) -> int:
    """Knuth's way, good for small means."""
    limit, product, count = exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


def number_of(random: Random, mean: float) -> int:
    """A count around a mean that may be large."""
    return poisson(random, mean) if mean < 20 else max(0, round(random.gauss(mean, mean**0.5)))


# What each kind of activity carries. A maker takes the person and the day.


def _network(random: Random) -> str:
    chosen: str = _drawn(random, dict(NETWORKS))
    return chosen


def _number(random: Random) -> int:
    return random.randrange(100_000, 1_000_000)


def _company_post(random: Random, day: date) -> Data:
    """One of the posts that the company wrote in the days before, the newest most often. There are four a day."""
    written = day - timedelta(days=int(random.expovariate(0.5)))
    number = random.randint(1, 4)
    topic = TOPICS[(written.toordinal() + 3 * number) % len(TOPICS)]
    return {"network": _network(random), "url": f"https://example.com/news/{written}-{number}", "topic": topic}


def _like(random: Random, _: Person, day: date) -> Data:
    post = _company_post(random, day)
    return {"network": post["network"], "url": post["url"]}


def _share(random: Random, person: Person, day: date) -> Data:
    reach = int(random.lognormvariate(5.6, 1.1) * (0.6 + 0.4 * person.talent))
    post = _company_post(random, day)
    if random.random() < 0.05:
        del post["topic"]  # the tool could not tell
    return post | {"with_comment": random.random() < 0.35, "reach": reach}


def _follow(random: Random, _: Person, __: date) -> Data:
    kind = random.choice(("leader", "group", "topic"))
    return {"network": _network(random), "kind": kind, "name": f"{random.choice(TOPICS)}-{kind}-{random.randint(1, 9)}"}


def _daily_post(random: Random, _: Person, day: date) -> Data:
    topic = TOPICS[day.toordinal() % len(TOPICS)]
    return {"network": _network(random), "url": f"https://example.com/daily/{day}", "topic": topic}


def _short_post(random: Random, person: Person, _: date) -> Data:
    network = _network(random)
    url = f"https://{network}.example/{person.id}/{_number(random)}"
    return {"network": network, "url": url, "topic": random.choice(TOPICS)}


def _statistics(random: Random, _: Person, __: date) -> Data:
    return {"network": _network(random)}


def _invitation(random: Random, _: Person, __: date) -> Data:
    return {
        "network": _network(random),
        "group": f"{random.choice(TOPICS)}-group",
        "invited": f"guest-{_number(random)}",
    }


def _answer(random: Random, _: Person, __: date) -> Data:
    network = _network(random)
    return {"network": network, "url": f"https://{network}.example/questions/{_number(random)}"}


def _training(random: Random, _: Person, __: date) -> Data:
    kind, minutes = random.choice((("training", 120), ("training", 180), ("webinar", 45), ("webinar", 15)))
    return {"course": random.choice(COURSES), "kind": kind, "minutes": minutes}


def _content(random: Random, person: Person, _: date) -> Data:
    kind: str = _drawn(random, {"article": 7, "video": 2, "talk": 1})
    url = f"https://example.com/stories/{person.id}/{_number(random)}"
    return {"url": url, "kind": kind, "topic": random.choice(TOPICS), "edited": random.random() < 0.93}


def _chat(random: Random, _: Person, day: date) -> Data:
    topic = random.choice(TOPICS)
    year, week, _weekday = day.isocalendar()
    return {"chat": f"{topic}-{year}-W{week:02}", "topic": topic}


def _hosted_chat(random: Random, person: Person, day: date) -> Data:
    return _chat(random, person, day) | {"participants": random.randint(2, 14)}


def _visit(random: Random, _: Person, __: date) -> Data:
    return {
        "department": random.choice(DEPARTMENTS), "topic": random.choice(TOPICS), "participants": random.randint(4, 40),
    }  # fmt: skip


def _mentoring(random: Random, _: Person, __: date) -> Data:
    return {"colleague": f"mentee-{random.randint(1, 60)}", "minutes": random.choice((20, 30, 45, 60))}


def _idea(random: Random, _: Person, __: date) -> Data:
    return {"idea": f"idea-{_number(random)}", "topic": random.choice(TOPICS)}


def _conference(random: Random, _: Person, day: date) -> Data:
    audience = int(random.lognormvariate(4.6, 0.7))
    conference = f"{random.choice(CONFERENCES)} {day.year}"
    return {"conference": conference, "topic": random.choice(TOPICS), "audience": audience}


MADE: dict[str, Callable[[Random, Person, date], Data]] = {
    "post.liked": _like,
    "interest.followed": _follow,
    "post.shared": _share,
    "daily-post.joined": _daily_post,
    "short-post.written": _short_post,
    "statistics.viewed": _statistics,
    "invitation.sent": _invitation,
    "customer.answered": _answer,
    "training.attended": _training,
    "content.published": _content,
    "chat.joined": _chat,
    "chat.hosted": _hosted_chat,
    "department.visited": _visit,
    "colleague.mentored": _mentoring,
    "idea.proposed": _idea,
    "conference.spoken": _conference,
}
