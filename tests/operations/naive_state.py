"""What the naive reference of the whole meaning keeps: activities, points, awards, and what is aimed at."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from activity.calendar import PeriodKind
from rewards.goal import Goal
from rewards.goal import Need as Want
from tests.operations.spec import BadgeSpec, Facts, Spec, ZoneSpec
from tests.rewards import naive as metrics

ZONE = ZoneInfo("Europe/London")
YEAR_MONTH = 4


def period_of(kind: str, day: int) -> int:
    """The first day of a period."""
    return metrics.period_of(PeriodKind(kind), day, YEAR_MONTH)[0]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def micros(time: datetime) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def valid(first: date | None, last: date | None, time: datetime) -> bool:
    """Both days count, whole."""
    if first and time < midnight(first):
        return False
    return not (last and time >= midnight(last + timedelta(days=1)))


class Refusal(Exception):
    """The service is to refuse this."""


@dataclass(eq=False)
class Act:
    """An activity for one of the members whom it credits."""

    id: str
    seq: int
    type: str
    time: datetime
    data: Mapping[str, Any]
    member: str
    facts: Facts
    place: int
    among: int
    recorded: datetime
    retracted: bool = False
    said: dict[int, tuple[str, int]] = field(default_factory=dict)  # result and points by rule

    @property
    def day(self) -> int:
        return self.time.astimezone(ZONE).toordinal()


@dataclass(eq=False)
class Pay:
    """Points that a member has."""

    member: str
    key: str  # of a rule or badge, "" for what a person gave
    points: int
    time: datetime
    team: str | None
    tags: tuple[str, ...]
    facts: Facts  # when it was recorded what they are for
    type: str | None = None
    act: Act | None = None
    rule: int = 0  # element
    named: int = 0  # element of the rule that a person named
    due: datetime | None = None  # of points that are held
    released: bool = False

    @property
    def day(self) -> int:
        return self.time.astimezone(ZONE).toordinal()

    @property
    def counts(self) -> bool:
        return self.due is None or self.released


@dataclass(eq=False)
class Award:
    member: str
    element: int
    key: str
    level: int
    period: int
    act: Act | None  # None: given by hand
    time: datetime
    expires: datetime | None
    seq: int
    version: Any  # what the badge said when it was made
    first_day: int
    last_day: int
    requires: tuple[int, ...] = ()
    pay: Pay | None = None

    def holds(self, time: datetime) -> bool:
        return self.expires is None or time < self.expires

    @property
    def occasion(self) -> tuple[int, int, int]:
        return self.element, self.level, self.period


class Found(NamedTuple):
    """A level that was reached."""

    element: int
    level: int
    period: int
    first_day: int
    last_day: int


@dataclass
class Life:
    since: int
    since_time: datetime | None

    def counts(self, seq: int, time: datetime) -> bool:
        return seq > self.since or (self.since_time is not None and time >= self.since_time)


Measure = tuple[Any, ...]  # element, and what is counted


class Aim:
    """A badge or zone in force."""

    def __init__(self, element: int, spec: BadgeSpec | ZoneSpec, elements: Mapping[str, int]) -> None:
        self.element = element
        self.spec = spec
        self.is_zone = isinstance(spec, ZoneSpec)
        self.repeat = isinstance(spec, BadgeSpec) and spec.repeat
        self.keep = isinstance(spec, BadgeSpec) and spec.keep
        self.first = spec.first if isinstance(spec, BadgeSpec) else None
        self.requires = tuple(elements[key] for key in spec.requires) if isinstance(spec, BadgeSpec) else ()
        self.needs: list[tuple[Measure, Any]] = []
        goals = []
        for place, need in enumerate(spec.needs, 1):
            self.needs.append(((element, need.identity(), spec.audience_text, self.repeat), need))
            goals.append(Want(place, need.metric, need.at))
        self.goal = Goal(
            element, element, is_zone=self.is_zone, needs=tuple(goals), every=spec.every, repeat=self.repeat
        )

    def period(self, place: int, day: int) -> int:
        return REFERENCE._period(self.goal, self.goal.needs[place], day)

    @property
    def runs(self) -> bool:
        return REFERENCE._runs(self.goal)

    def threshold(self, level: int) -> int | None:
        at = self.goal.needs[0].thresholds
        if self.goal.every:
            return at[0] * level
        return at[level - 1] if level <= len(at) else None


REFERENCE = metrics.Naive([], YEAR_MONTH)


@dataclass
class MemberState:
    """What a member's badges and zones rest on."""

    counted: dict[Measure, list[tuple[Act, int, int]]] = field(default_factory=lambda: defaultdict(list))
    levels: dict[tuple[Measure, int], int] = field(default_factory=dict)  # the highest, by period
    used: dict[Measure, tuple[int, int]] = field(default_factory=dict)  # last and first day of the last run
    held: list[Award] = field(default_factory=list)
    taken: list[Award] = field(default_factory=list)  # by a person


class State:
    """All that there is, in lists."""

    def __init__(self) -> None:
        self.members: dict[str, Facts] = {}
        self.first_days: dict[str, int] = {}  # on which members first took part
        self.states: dict[str, MemberState] = defaultdict(MemberState)
        self.acts: list[Act] = []
        self.pays: list[Pay] = []
        self.known: dict[str, Any] = {}
        self.spec: Spec | None = None
        self.elements: dict[tuple[str, str], int] = {}
        self.excluded: set[int] = set()
        self.first_keys: set[int] = set()
        self.linked: list[set[int]] = []
        self.kept: dict[int, bool] = {}  # of each badge there was, whether its awards are kept, as it said last
        self.lives: dict[Measure, Life] = {}
        self.aims: list[Aim] = []
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
        self._seq = count(1)
        self._ids = count(1)
