"""A programme and its parts in plain Python, each of which says what the programme file says of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson

from activity.calendar import PeriodKind
from rules.metric import Metric

SHARED, PUBLISHED = "post.shared", "article.published"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Facts:
    """What is known of a member."""

    team: str | None = None
    location: str = "Paris"
    time_zone: str | None = None
    hourly: bool = False
    participates: bool = True


@dataclass(frozen=True)
class Cel:
    """An expression, and a function of an activity's data and the member's facts that says the same."""

    text: str
    call: Callable[[Mapping[str, Any], Facts], Any]


HOURLY = Cel("member.hourly", lambda _, facts: facts.hourly)


@dataclass(frozen=True)
class LimitSpec:
    max: int
    per: str
    by: Cel | None = None
    across: bool = False


@dataclass(frozen=True)
class BonusSpec:
    percent: int
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class RuleSpec:
    key: str
    on: tuple[str, ...]
    points: tuple[int | Cel, ...]  # of the first award, the second and so on
    steps_per: str = "ever"
    tags: tuple[str, ...] = ("effort",)
    when: Cel | None = None
    audience: Cel | None = None
    limits: tuple[LimitSpec, ...] = ()
    cooldown: timedelta | None = None
    budget: tuple[int, str] | None = None
    bonuses: tuple[BonusSpec, ...] = ()
    credit: str = "each"
    hold: timedelta | None = None
    any_time: bool = False
    valid_from: date | None = None
    valid_to: date | None = None

    def plain(self) -> dict[str, Any]:
        """As the programme file says it."""
        amounts = [each.text if isinstance(each, Cel) else each for each in self.points]
        told: dict[str, Any] = {"title": self.key, "on": list(self.on), "tags": list(self.tags), "credit": self.credit}
        told["points"] = amounts[0] if len(amounts) == 1 else {"steps": amounts, "per": self.steps_per}
        told |= _texts(when=self.when, audience=self.audience)
        told["limits"] = [
            {"max": each.max, "per": each.per} | _texts(by=each.by) | ({"across": "members"} if each.across else {})
            for each in self.limits
        ]
        told["bonuses"] = [
            {"multiplier": each.percent / 100} | _days(each.valid_from, each.valid_to) for each in self.bonuses
        ]
        if self.cooldown:
            told["cooldown"] = f"PT{int(self.cooldown.total_seconds()) // 3600}H"
        if self.hold:
            told["hold"] = f"P{self.hold.days}D"
        if self.budget:
            told["budget"] = {"points": self.budget[0], "per": self.budget[1]}
        if self.any_time:
            told["any_time"] = True
        return {name: value for name, value in told.items() if value != []} | _days(self.valid_from, self.valid_to)


@dataclass(frozen=True)
class NeedSpec:
    """What is measured, and the values of it that matter."""

    metric: Metric
    at: tuple[int, ...]
    when: Cel | None = None
    by: Cel | None = None

    def identity(self) -> tuple[Any, ...]:
        """What is counted, whatever values matter."""
        return self.metric, self.when and self.when.text, self.by and self.by.text

    def plain(self) -> dict[str, Any]:
        metric = self.metric
        measure: Any = metric.aggregate.value
        if self.by:
            measure = {measure: self.by.text}
        if metric.unit:
            measure = {"streak": metric.unit.value} | ({"forgiving": metric.forgiving} if metric.forgiving else {})
        window = metric.window.value if isinstance(metric.window, PeriodKind) else f"P{metric.window}D"
        return {"on": list(metric.on), "measure": measure, "window": window} | _texts(when=self.when)


@dataclass(frozen=True)
class BadgeSpec:
    key: str
    needs: tuple[NeedSpec, ...] = ()  # at most one
    every: bool = False
    repeat: bool = False
    requires: tuple[str, ...] = ()
    points: int = 0
    audience: Cel | None = None
    tags: tuple[str, ...] = ()
    first: int | None = None
    expires: int | None = None
    keep: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    words: int = 0  # how often it was called otherwise: nothing that is judged

    @property
    def audience_text(self) -> str | None:
        return self.audience.text if self.audience else None

    def plain(self) -> dict[str, Any]:
        told: dict[str, Any] = {"title": self.key, "points": self.points, "tags": list(self.tags)}
        if self.words:
            told |= {"title": f"{self.key} {self.words}", "text": f"In {self.words} words.", "colour": "#1f77b4"}
        for need in self.needs:
            told |= need.plain()
            told |= {"every": need.at[0]} if self.every else {"levels": [self._level(at) for at in need.at]}
        told["requires"] = list(self.requires)
        told |= _texts(audience=self.audience)
        if self.repeat:
            told["repeat"] = True
        if self.first is not None:
            told["first"] = self.first
        if self.expires:
            told["expires"] = f"P{self.expires}D"
        if self.keep:
            told["evidence_lost"] = "keep"
        return {name: value for name, value in told.items() if value != []} | _days(self.valid_from, self.valid_to)

    def _level(self, at: int) -> Any:
        return {"at": at, "title": f"{at} by {self.words}"} if self.words else at


@dataclass(frozen=True)
class ZoneSpec:
    key: str
    needs: tuple[NeedSpec, ...]
    every: bool = False
    audience_text: str | None = None

    def plain(self) -> dict[str, Any]:
        needs = [{"title": "Go on"} | need.plain() | {"at_least": need.at[0]} for need in self.needs]
        return {"title": self.key, "needs": needs}


@dataclass(frozen=True)
class BoardSpec:
    key: str
    period: str
    of: str = "members"
    tags: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    members: Cel | None = None
    newcomers: int | None = None  # days
    score: str | None = None

    def plain(self) -> dict[str, Any]:
        told: dict[str, Any] = {"title": self.key, "period": self.period, "of": self.of}
        told |= _texts(members=self.members) | ({"newcomers": f"P{self.newcomers}D"} if self.newcomers else {})
        told |= {"score": self.score} if self.score else {}
        told |= {"tags": list(self.tags)} if self.tags else {}
        told |= {"rules": list(self.rules)} if self.rules else {}
        return told | ({"activities": list(self.activities)} if self.activities else {})


@dataclass(frozen=True)
class WorkingTime:
    days: tuple[int, ...]
    starts: int  # minutes after midnight
    ends: int
    hourly_only: bool

    def applies_to(self, facts: Facts) -> bool:
        return facts.hourly or not self.hourly_only

    def plain(self) -> dict[str, Any]:
        told: dict[str, Any] = {"days": [DAYS[day] for day in self.days]}
        told |= {"from": _clock(self.starts), "to": _clock(self.ends)}
        return told | ({"for": HOURLY.text} if self.hourly_only else {})


@dataclass(frozen=True)
class Spec:
    """A whole programme."""

    rules: tuple[RuleSpec, ...]
    badges: tuple[BadgeSpec, ...] = ()
    zones: tuple[ZoneSpec, ...] = ()
    boards: tuple[BoardSpec, ...] = ()
    working_time: WorkingTime | None = None

    def text(self) -> str:
        """The programme file. JSON is YAML."""
        document: dict[str, Any] = {
            "programme": "random",
            "starts": "2026-01-01",
            "time_zone": "Europe/London",
            "year_starts": "04-01",
            "participation": "opt-out",
            "attributes": {"hourly": "bool"},
            "activities": {
                SHARED: {"title": "Shared", "fields": {"network": "string", "url": "string", "reach": "int"}},
                PUBLISHED: {"title": "Published", "fields": {"url": "string", "reach": "int"}},
            },
        }
        if self.working_time:
            document["working_time"] = self.working_time.plain()
        for name in ("rules", "badges", "zones", "boards"):
            if found := getattr(self, name):
                document[name] = {each.key: each.plain() for each in found}
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()


def _texts(**expressions: Cel | None) -> dict[str, str]:
    return {name: each.text for name, each in expressions.items() if each}


def _days(first: date | None, last: date | None) -> dict[str, str]:
    told = {"from": first and first.isoformat(), "to": last and last.isoformat()}
    return {name: day for name, day in told.items() if day}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
