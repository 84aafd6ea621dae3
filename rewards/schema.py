"""GraphQL types of the rewards domain: badges, zones, and what an entry of the ledger is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import relay

from activity.calendar import Calendar
from activity.schema import BigInt, resolved
from rewards.badge import Badge as BadgeValue
from rewards.badge import Level, points_at
from rewards.icon import icon
from rewards.journey import Zone as ZoneValue
from rewards.ledger import Kind
from rewards.monogram import monograms
from rewards.wording import Titles, earned, measured

LEVEL_MAX = 1_000_000  # of a badge with a level `every` so many: what is drawn

strawberry.enum(
    Kind,
    name="EntryKind",
    description="What an entry of the ledger is: a rule paid for an activity (AWARD), a badge paid (BADGE), points "
    "that were held came free (RELEASE), a rule or badge paid for the past (REVISION) by a change with effect from a "
    "past date, an undo, or because an activity turned out to be theirs, a person gave or took points (ADJUSTMENT), or "
    "another entry is taken back (REVERSAL).",
)

LevelArgument = Annotated[
    int, strawberry.argument(description="The level that is shown as reached; 0 for one that is not earned yet.")
]


@strawberry.type(description="One step of a badge.")
class BadgeLevel:
    level: int = strawberry.field(description="Its number, from 1.")
    at: BigInt = strawberry.field(description="The value of what is measured at which it is reached.")
    title: str | None = strawberry.field(description="What it is called, if it has a name of its own.")
    points: BigInt = strawberry.field(description="What it pays.")

    @classmethod
    def of(cls, badge: BadgeValue, level: int) -> "BadgeLevel":
        written: Level = badge.levels[0 if badge.every else level - 1]
        at = written.at * level if badge.every else written.at
        return cls(level=level, at=BigInt(at), title=written.title, points=BigInt(points_at(badge, level)))


@strawberry.type(description="A recognition: one version of a badge, which never changes.")
class Badge(relay.Node):
    number: relay.NodeID[int]
    badge: strawberry.Private[BadgeValue]
    titles: strawberry.Private[Titles]
    key: str = strawberry.field(description="Its name in the programme.")
    title: str = strawberry.field(description="What it is called.")
    text: str | None = strawberry.field(description="What it is for, in words for members.")
    earned: str = strawberry.field(
        description='How it is earned, in a sentence: "Published original content 5, 25 or 100 times in a half-year".'
    )
    levels: list[BadgeLevel] = strawberry.field(
        description="Its steps. Of a badge with a level every so many only the first."
    )
    every: bool = strawberry.field(description="Whether there is a level each so many: with 5 at 5, 10, 15 and so on.")
    repeat: bool = strawberry.field(description="Whether it is awarded once in each window, instead of once.")
    on: list[str] = strawberry.field(
        description="The keys of the activity types that it counts. None for one that is given by hand or comes with "
        "other badges."
    )
    requires: list[str] = strawberry.field(description="The keys of the badges that a member must hold first.")
    audience: str | None = strawberry.field(
        description="A condition in CEL over the member: who can earn it. Null: everyone."
    )
    tags: list[str] = strawberry.field(description="What boards select its points by.")
    hidden: bool = strawberry.field(description="Whether it is shown to no member before they have it.")
    first: int | None = strawberry.field(description="Only so many members get it. Null: as many as reach it.")
    expires_after_days: int | None = strawberry.field(description="How long it is held. Null: for good.")
    kept: bool = strawberry.field(
        description="Whether it stays when what it rests on is retracted, or the badge is retired for the past; "
        "otherwise it is revoked."
    )
    colour: str | None = strawberry.field(description="Of its icon, as #rrggbb. Null: one that its title decides.")
    valid_from: datetime | None = strawberry.field(description="The first instant at which an activity counts.")
    valid_to: datetime | None = strawberry.field(description="The first instant at which it no longer does.")
    version: BigInt = strawberry.field(
        description="The number of this version. A change makes a new one; awards keep theirs."
    )

    @resolved("Its icon at a level: an SVG of 128 x 128, which stands alone. Null for a level that it does not have.")
    def icon(self, level: LevelArgument = 1) -> str | None:
        return drawn(self.badge, level, self.titles.badges)

    @resolved(
        "Where its icon is served, for `src` of an image; of a hidden badge it needs a key. Null for a level it does "
        "not have."
    )
    def icon_path(self, level: LevelArgument = 1) -> str | None:
        return f"/badges/{self.key}/{level}.svg" if has_level(self.badge, level) else None

    @classmethod
    def of(cls, version: int, badge: BadgeValue, titles: Titles, calendar: Calendar) -> "Badge":
        numbers = range(1, len(badge.levels) + 1)
        return cls(
            number=version,
            badge=badge,
            titles=titles,
            key=badge.key,
            title=badge.title,
            text=badge.text,
            earned=earned(badge, titles, calendar),
            levels=[BadgeLevel.of(badge, number) for number in numbers],
            every=badge.every,
            repeat=badge.repeat,
            on=list(badge.metric.on) if badge.metric else [],
            requires=[key for key in badge.requires if key not in titles.hidden],
            audience=badge.audience,
            tags=list(badge.tags),
            hidden=badge.hidden,
            first=badge.first,
            expires_after_days=badge.expires_days,
            kept=badge.keep,
            colour=badge.colour,
            valid_from=badge.valid_from,
            valid_to=badge.valid_to,
            version=BigInt(version),
        )


@strawberry.type(description="One thing that leads into a zone.")
class Need:
    title: str = strawberry.field(description="What to do, in words.")
    met_by: str = strawberry.field(
        description='What is counted, in a sentence: "Shared a company post 3 times in a month".'
    )
    at_least: BigInt = strawberry.field(description="The value at which it is met, once and for good.")


@strawberry.type(description="A part of the journey. It is no grade: its text says what is possible.")
class Zone:
    key: str = strawberry.field(description="consumer, sharer, creator or engaged.")
    title: str = strawberry.field(description="What it is called.")
    text: str | None = strawberry.field(description="What is possible here, in words for members.")
    needs: list[Need] = strawberry.field(
        description="What leads into it: all of them. Where there is none everyone is in it at once."
    )
    place: int = strawberry.field(description="Its place on the journey, from 1.")
    places: strawberry.Private[int]

    @resolved("Its icon: an SVG of 128 x 128, which stands alone.")
    def icon(self) -> str:
        return icon(self.title, self.place, self.places, None, zone=True)

    @classmethod
    def of(cls, zone: ZoneValue, titles: Titles, place: int, places: int) -> "Zone":
        needs = [
            Need(
                title=need.title,
                met_by=measured(need.metric, [need.at_least], titles, need.noun),
                at_least=BigInt(need.at_least),
            )
            for need in zone.needs
        ]
        return cls(key=zone.key, title=zone.title, text=zone.text, needs=needs, place=place, places=places)


def has_level(badge: BadgeValue, level: int) -> bool:
    """Whether a badge has a level; 0 stands for not earned yet."""
    return 0 <= level <= (LEVEL_MAX if badge.every else len(badge.levels))


def drawn(badge: BadgeValue, level: int, titles: Mapping[str, str]) -> str | None:
    """The icon of a badge at a level, if it has that. `titles` are those of all badges in force, by key: their icons
    have different letters. One that was called otherwise then, or is retired, has those of its own title."""
    if not has_level(badge, level):
        return None
    letters = monograms(tuple(titles.items()))[badge.key] if titles.get(badge.key) == badge.title else None
    return icon(badge.title, level, 0 if badge.every else len(badge.levels), badge.colour, letters=letters)
