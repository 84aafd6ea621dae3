"""Rules, badges and zones as they were when they judged: versions by id, read once and kept, because a version never
changes."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson
from sqlalchemy import select

from activity.calendar import Calendar
from activity.member import Facts
from operations.revision import Revision, load_revision
from rewards.badge import Badge
from rewards.definition import badge_from_plain
from rewards.journey import Zone
from rewards.journey_definition import zone_from_plain
from rules.audience import Audience
from rules.definition import rule_from_plain
from rules.judge import Judge, Metered
from rules.rule import Rule
from rules.tables import element, version
from storage.work import UnitOfWork

COUNTERS_MAX = 600  # more than a programme has badges
AUDIENCES_MAX = 1_000


class StoredBadge(NamedTuple):
    """A version of a badge, and the revision that began with it."""

    element: int
    revision: int
    badge: Badge


class Counter(NamedTuple):
    """What tells which activities count for a version of a badge. Types are as they were called then."""

    judge: Judge
    type_keys: Mapping[int, str]
    types: tuple[int, ...]


class Rulebook:
    """The versions that were asked for so far. One for each process."""

    def __init__(self) -> None:
        self._rules: dict[int, Rule] = {}
        self._badges: dict[int, StoredBadge] = {}
        self._zones: dict[int, Zone] = {}
        self._counters: dict[int, Counter] = {}
        self._audiences: dict[tuple[int, str], Audience] = {}

    async def load(self, work: UnitOfWork, ids: Iterable[int | None], calendar: Calendar) -> None:
        """Have the versions with these ids."""
        missing = {each for each in ids if each is not None}
        missing -= self._rules.keys() | self._badges.keys() | self._zones.keys()
        if not missing:
            return
        columns = version.c.id, version.c.key, version.c.definition, version.c.revision, element.c.kind
        query = select(*columns, element.c.id.label("element")).join(element, element.c.id == version.c.element)
        for row in await work.rows(query.where(version.c.id.in_(sorted(missing)))):
            plain = orjson.loads(row.definition)
            if row.kind == "rule":
                self._rules[row.id] = rule_from_plain(row.key, plain, calendar)
            elif row.kind == "badge":
                badge = badge_from_plain(row.key, plain, calendar)
                self._badges[row.id] = StoredBadge(row.element, row.revision, badge)
            elif row.kind == "zone":
                self._zones[row.id] = zone_from_plain(row.key, plain)

    async def rules(self, work: UnitOfWork, ids: Iterable[int], calendar: Calendar) -> Mapping[int, Rule]:
        """The rule versions with these ids, and perhaps others."""
        await self.load(work, ids, calendar)
        return self._rules

    async def badges(self, work: UnitOfWork, ids: Iterable[int], calendar: Calendar) -> Mapping[int, StoredBadge]:
        """The badge versions with these ids, and perhaps others."""
        await self.load(work, ids, calendar)
        return self._badges

    async def zones(self, work: UnitOfWork, ids: Iterable[int], calendar: Calendar) -> Mapping[int, Zone]:
        """The zone versions with these ids, and perhaps others."""
        await self.load(work, ids, calendar)
        return self._zones

    async def counter(self, work: UnitOfWork, current: Revision, identifier: int) -> Counter | None:
        """What tells which activities count for a version of a badge; None for one that counts none.

        Its expressions are those of the catalogue that it was checked against.
        """
        found = self._counters.get(identifier)
        if found is not None:
            return found
        stored = (await self.badges(work, [identifier], current.calendar))[identifier]
        metric = stored.badge.metric
        if metric is None:
            return None
        state = current if identifier in current.paying else await load_revision(work, stored.revision)
        declared, badge = state.programme, stored.badge
        judge = Judge(
            state.calendar,
            state.secret,
            (),
            {},
            {key: declared.activities[key] for key in metric.on},
            declared.attributes,
            metered=[Metered(0, metric, badge.audience, badge.valid_from, badge.valid_to)],
        )
        if len(self._counters) >= COUNTERS_MAX:
            self._counters.clear()
        types = tuple(state.type_ids[key] for key in metric.on)
        made = self._counters[identifier] = Counter(judge, {state.type_ids[key]: key for key in metric.on}, types)
        return made

    def is_for(self, revision: Revision, audience: str | None, facts: Facts) -> bool:
        """Whether something with this audience is for a member."""
        if audience is None:
            return True
        key = revision.number, audience
        found = self._audiences.get(key)
        if found is None:
            if len(self._audiences) >= AUDIENCES_MAX:
                self._audiences.clear()
            found = self._audiences[key] = Audience(audience, revision.programme.attributes)
        return found.holds(facts)
