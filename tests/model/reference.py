"""A naive reference: what happened is kept in lists, and every answer is found by sorting and summing them.

It knows no database, no tallies and no running totals, and takes nothing from the service but the numbers that the
service drew: keys of members and of teams.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from tests.model.calendar import begins, day_of
from tests.model.programme import (
    ARTICLE_POINTS,
    HOLD_DAYS,
    IDEA_POINTS,
    REGULAR,
    REGULAR_POINTS,
    SHARE_MAX,
    Board,
    Era,
    Saying,
    rules_of,
)


@dataclass
class Member:
    key: int
    team: str | None
    participates: bool = True


class Deed(NamedTuple):
    """What a tool reports, but for its id."""

    member: str
    type: str
    time: datetime
    reach: int


@dataclass
class Activity:
    """A deed that was recorded, and its place in the order of everything."""

    deed: Deed
    order: int
    recorded: datetime
    team: str | None
    retracted: bool = False


@dataclass
class Entry:
    """Points for a member. `of` is the rule, or the badge, or that a person gave them."""

    order: int
    member: str
    team: str | None
    of: str
    tags: tuple[str, ...]
    type: str | None
    points: int
    time: datetime
    activity: int | None = None  # its order
    released: bool = False
    taken: int | None = None  # when it was taken back, in the order of everything

    @property
    def day(self) -> date:
        return day_of(self.time)

    @property
    def adjusted(self) -> bool:
        return self.of == "person"


@dataclass
class Hold:
    """Points of an idea that wait."""

    activity: Activity
    due: datetime
    ended: bool = False


class Place(NamedTuple):
    rank: int
    position: int
    name: str
    score: int
    reached: datetime


@dataclass
class Reference:
    """Everything that happened."""

    era: Era
    now: datetime
    saying: Saying = field(default_factory=Saying)
    members: dict[str, Member] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=dict)  # numbers
    activities: dict[str, Activity] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    order: int = 0

    def __post_init__(self) -> None:
        self.rules = rules_of(self.saying)

    def publish(self, saying: Saying) -> None:
        self.saying, self.rules = saying, rules_of(saying)

    def enrol(self, name: str, key: int, team: tuple[str, int] | None) -> None:
        """A member with their team, who may be known by then, and the numbers that the service gave both."""
        member = self.members.setdefault(name, Member(key, None))
        assert member.key == key
        member.team = team[0] if team else None
        if team:
            assert self.teams.setdefault(*team) == team[1]

    def record(self, identifier: str, deed: Deed) -> str:
        """What becomes of a report."""
        member = self.members[deed.member]
        if deed.time < begins(self.era.starts):
            return "refused"
        if not member.participates:
            return "ignored"
        if identifier in self.activities:
            return "duplicate" if deed == self.activities[identifier].deed else "conflict"
        self.order += 1
        activity = Activity(deed, self.order, self.now, member.team)
        self.activities[identifier] = activity
        self._judge(activity)
        return "recorded"

    def _judge(self, activity: Activity) -> None:
        deed, rules = activity.deed, self.rules
        if deed.type == "post.shared":
            if len(self._standing(deed.member, "share", day_of(deed.time))) < SHARE_MAX:
                self._pay(activity, "share", rules.share_points)
            if "reach" in rules.rules and deed.reach:
                self._pay(activity, "reach", deed.reach)
            if self._posts(deed.member) >= REGULAR and not self._standing(deed.member, "regular"):
                self._pay(activity, "regular", REGULAR_POINTS)
        elif deed.type == "article.published":
            self._pay(activity, "article", ARTICLE_POINTS)
        else:
            self.holds.append(Hold(activity, self.now + timedelta(days=HOLD_DAYS)))

    def _pay(self, activity: Activity, of: str, points: int, *, released: bool = False) -> None:
        badge = of == "regular"
        deed, order = activity.deed, self.order
        entry = Entry(
            order=order,
            member=deed.member,
            team=activity.team,
            of=of,
            tags=("effort",) if badge else self.rules.rules[of],
            type=None if badge else deed.type,
            points=points,
            time=deed.time,
            activity=activity.order,
            released=released,
        )
        self.entries.append(entry)

    def _standing(self, member: str, of: str, day: date | None = None) -> list[Entry]:
        found = (each for each in self.entries if each.member == member and each.of == of and each.taken is None)
        return [each for each in found if day in (None, each.day)]

    def _posts(self, member: str) -> int:
        done = [each for each in self.activities.values() if each.deed.member == member and not each.retracted]
        return sum(each.deed.type == "post.shared" for each in done)

    def retract(self, identifier: str) -> str:
        """What becomes of a retraction."""
        if identifier not in self.activities:
            return "refused"
        activity = self.activities[identifier]
        if activity.retracted:
            return "unchanged"
        self.order += 1
        activity.retracted = True
        for entry in self.entries:
            if entry.activity == activity.order and entry.of != "regular":
                entry.taken = self.order
        for hold in self.holds:
            hold.ended |= hold.activity is activity
        if self._posts(activity.deed.member) < REGULAR:
            for entry in self._standing(activity.deed.member, "regular"):
                entry.taken = self.order
        return "retracted"

    def adjust(self, name: str, points: int, rule: str | None, at: datetime) -> bool:
        """Whether a person may give or take points."""
        member = self.members[name]
        if rule is not None and rule not in self.rules.rules:
            return False
        if at < begins(self.era.starts) or (points > 0 and not member.participates):
            return False
        self.order += 1
        tags = self.rules.rules[rule] if rule else ()
        self.entries.append(Entry(self.order, name, member.team, "person", tags, None, points, at))
        return True

    def release(self) -> int:
        """Points whose time has come; how many."""
        due = [hold for hold in self.holds if not hold.ended and hold.due <= self.now]
        for hold in sorted(due, key=lambda hold: (hold.due, hold.activity.order)):
            self.order += 1
            hold.ended = True
            self._pay(hold.activity, "idea", IDEA_POINTS, released=True)
        return len(due)

    def participate(self, name: str, participates: bool) -> None:
        if self.members[name].participates != participates:
            self.order += 1
            self.members[name].participates = participates

    def totals(self) -> dict[str, int]:
        """The points of each member, whether or not they take part."""
        return {
            name: sum(each.points for each in self.entries if each.member == name and each.taken is None)
            for name in self.members
        }

    def present(self, name: str) -> bool:
        return self.members[name].participates

    def places(self, board: Board, entries: Iterable[Entry], back: Collection[str] = ()) -> list[Place]:
        """Those whom entries put on a board, with their ranks: of teams only what members bring who take part. `back`
        are there all the same."""
        scores: dict[str, int] = {}
        reached: dict[str, datetime] = {}
        for entry in entries:
            name = entry.team if board.of == "teams" else entry.member
            if name is not None and (self.present(entry.member) or entry.member in back):
                scores[name] = scores.get(name, 0) + entry.points
                reached[name] = max(reached.get(name, entry.time), entry.time)
        order = sorted(scores, key=lambda name: (-scores[name], reached[name], self.number(board, name)))
        return [
            Place(_rank(board.ties, position, scores, name), position, name, scores[name], reached[name])
            for position, name in enumerate(order, 1)
        ]

    def number(self, board: Board, name: str) -> int:
        return self.teams[name] if board.of == "teams" else self.members[name].key


def selects(board: Board, entry: Entry) -> bool:
    """Whether an entry that stands is of what a board counts."""
    if entry.taken is not None or (board.tags and not set(board.tags) & set(entry.tags)):
        return False
    return not board.activities or entry.type in board.activities


def _rank(ties: str, position: int, scores: dict[str, int], name: str) -> int:
    if ties == "earliest":
        return position
    better = [score for score in scores.values() if score > scores[name]]
    return 1 + len(better if ties == "competition" else set(better))
