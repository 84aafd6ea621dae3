"""What the demo's prize winners, and those who nearly were, wrote in two half-years, and what came of it.

Nothing of it is left to chance, as prizes hang on it: each article is as good as those before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from activity.calendar import Period
from programmes.demo_days import SOURCES, TOPICS, Event
from programmes.demo_people import (
    ADVERTISER,
    COAUTHORS,
    DECLINER,
    EXPERT,
    LATECOMER,
    STORIES,
    TEAM_PLACES,
    WINNER,
)

LATE_DAYS = 4  # after the end of the half-year
LATE = ("crm-late-1", "crm-late-2")


class Halves(NamedTuple):
    """The two half-years of which the demo shows who won."""

    first: Period
    second: Period


@dataclass(frozen=True, slots=True)
class Campaign:
    """What somebody writes in a half-year: so many articles, and what comes of each."""

    authors: tuple[str, ...]
    articles: int
    conversations: int
    leads: int = 0
    reads: int = 300  # a day
    clicks: int = 50
    days: int = 4  # on which it is read


FIRST = (
    Campaign((EXPERT,), articles=5, conversations=3, leads=4),
    Campaign(COAUTHORS, articles=8, conversations=9),
    # Read by whom an agency was paid to bring.
    Campaign((ADVERTISER,), articles=5, conversations=0, reads=900, clicks=200, days=10),
    Campaign((WINNER,), articles=2, conversations=4),
    Campaign((DECLINER,), articles=2, conversations=3),
    Campaign((LATECOMER,), articles=2, conversations=2),
)
SECOND = (
    Campaign((EXPERT,), articles=6, conversations=6, leads=7),  # while the pilot lasts
    Campaign((WINNER,), articles=9, conversations=10),
    Campaign((DECLINER,), articles=8, conversations=10),
    Campaign((LATECOMER,), articles=8, conversations=10),
    Campaign((ADVERTISER,), articles=8, conversations=9),
    Campaign(COAUTHORS, articles=4, conversations=6),
)

# Of their last article, one conversation less than of the others: the late ones would have made up for it.
SPARED = LATECOMER


def articles(halves: Halves) -> Iterator[Event]:
    """All that was written, and all that came of it; in no order."""
    for period, campaigns in zip(halves, (FIRST, SECOND), strict=True):
        first, days = date.fromordinal(period.first), period.after - period.first
        for campaign in campaigns:
            # The last early enough for what comes of it, and for its leads to be released.
            every = (days - 36) // campaign.articles
            for number in range(campaign.articles):
                yield from _article(campaign, number, first + timedelta(days=5 + number * every))
    yield from _late(date.fromordinal(halves.second.after - 1))


def _article(campaign: Campaign, number: int, day: date) -> Iterator[Event]:
    author, *others = campaign.authors
    url = f"https://example.com/articles/{author}/{day}"
    conversations = campaign.conversations - (author == SPARED and number == campaign.articles - 1)

    def event(reported: str, source: str, after: int, clock: time, **data: object) -> Event:
        moment = datetime.combine(day + timedelta(days=after), clock, TEAM_PLACES[STORIES[author][1]].time_zone)
        return Event(source, reported, author, moment, {"url": url} | data, tuple(others))

    topic = TOPICS[(day.toordinal() + number) % len(TOPICS)]
    published = "content.published"
    yield event(published, SOURCES[published], 0, time(9, 30), kind="article", topic=topic, edited=True)
    for after in range(1, campaign.days + 1):
        yield event("content.read", "web-analytics", after, time(20), reads=campaign.reads)
        yield event("content.clicked", "web-analytics", after, time(20), clicks=campaign.clicks)
    for each in range(conversations):
        talk = f"talk-{author}-{day}-{each + 1}"
        yield event("conversation.started", "crm", 2 + each // 4, time(11, 10 * (each % 4)), conversation=talk)
    for each in range(campaign.leads):
        yield event("lead.created", "crm", 3 + each // 3, time(15, 10 * (each % 3)), lead=f"lead-{author}-{day}-{each}")


def _late(day: date) -> Iterator[Event]:
    """What happened in the half-year's last days, and was told when it was closed."""
    zone = TEAM_PLACES[STORIES[LATECOMER][1]].time_zone
    for number, identifier in enumerate(LATE):
        moment = datetime.combine(day, time(10 + number), zone)
        data = {"url": f"https://example.com/articles/{LATECOMER}/talk", "conversation": identifier}
        yield replace(Event("crm", "conversation.started", LATECOMER, moment, data), id=identifier)
