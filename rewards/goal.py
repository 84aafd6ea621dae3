"""Goals: the badges and zones of one revision, made ready for counting."""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from rewards.badge import Badge
from rewards.journey import Zone
from rules.judge import Metered
from rules.metric import Metric
from rules.tally import Measure, Measures, Tallies

DAY_US = 86_400_000_000


class BadgeVersion(NamedTuple):
    """A badge as one revision has it, with the ids that the database gave it."""

    id: int
    element: int
    badge: Badge


class ZoneVersion(NamedTuple):
    """A zone as one revision has it, with the ids that the database gave it."""

    id: int
    element: int
    zone: Zone


class Need(NamedTuple):
    """A metric, and the values of it that matter. Of a zone one; of a badge its levels, or what each level is more."""

    measure: int
    metric: Metric
    thresholds: tuple[int, ...]


class Goal(NamedTuple):
    """What can be reached. A badge has at most one need; one without is reached when all that it requires is held."""

    version: int
    element: int
    is_zone: bool = False
    needs: tuple[Need, ...] = ()
    every: bool = False
    repeat: bool = False
    keep: bool = False
    requires: tuple[int, ...] = ()  # elements of badges
    first: int | None = None
    first_measure: int | None = None  # of the counter of its holders, when only the first so many get it
    expires_days: int | None = None

    def level_at(self, value: int) -> int:
        """The highest level of a badge that a value reaches; 0 for none."""
        thresholds = self.needs[0].thresholds
        if self.every:
            return max(0, value // thresholds[0])
        return sum(threshold <= value for threshold in thresholds)

    def threshold(self, level: int) -> int | None:
        """The value at which a level of a badge is reached; None for one that it does not have."""
        thresholds = self.needs[0].thresholds
        if self.every:
            return thresholds[0] * level
        return thresholds[level - 1] if level <= len(thresholds) else None

    def expires_us(self, time_us: int) -> int | None:
        """When an award of this moment expires."""
        return None if self.expires_days is None else time_us + self.expires_days * DAY_US

    def takes_place(self, tallies: Tallies) -> bool:
        """Take one of the places of a badge that only the first so many members get, if there is one left."""
        if self.first is None or self.first_measure is None:
            return True
        key = (0, self.first_measure, 0, 0)
        taken = tallies.get(key, 0)
        if taken >= self.first:
            return False
        tallies[key] = taken + 1
        return True


def measures_of_badge(element: int, badge: Badge) -> Iterator[Measure]:
    """What a badge counts."""
    if badge.metric is not None:
        yield _of_badge(element, badge, badge.metric)
    if badge.first is not None:
        yield Measure.of_first(element)


def measures_of_zone(element: int, zone: Zone) -> Iterator[Measure]:
    """What the needs of a zone count."""
    for need in zone.needs:
        yield Measure.of_metric(element, need.metric)


def goals_of(
    badges: Iterable[BadgeVersion], zones: Iterable[ZoneVersion], measures: Measures
) -> tuple[list[Goal], list[Metered]]:
    """The goals of a revision in its order, and the metrics that a judge is to count for them."""
    badges = list(badges)
    elements = {item.badge.key: item.element for item in badges}
    goals = []
    metered: dict[int, Metered] = {}
    for version, element, badge in badges:
        needs: tuple[Need, ...] = ()
        if badge.metric is not None:
            measure = measures[_of_badge(element, badge, badge.metric)]
            needs = (Need(measure, badge.metric, tuple(level.at for level in badge.levels)),)
            metered[measure] = Metered(measure, badge.metric, badge.audience, badge.valid_from, badge.valid_to)
        goals.append(
            Goal(
                version,
                element,
                needs=needs,
                every=badge.every,
                repeat=badge.repeat,
                keep=badge.keep,
                requires=tuple(elements[key] for key in badge.requires),
                first=badge.first,
                first_measure=None if badge.first is None else measures[Measure.of_first(element)],
                expires_days=badge.expires_days,
            )
        )
    for version, element, zone in zones:
        found = []
        for part in zone.needs:
            measure = measures[Measure.of_metric(element, part.metric)]
            metered[measure] = Metered(measure, part.metric)
            found.append(Need(measure, part.metric, (part.at_least,)))
        goals.append(Goal(version, element, is_zone=True, needs=tuple(found)))
    return goals, list(metered.values())


def in_order(goals: Iterable[Goal]) -> list[Goal]:
    """The same goals, those that others require before these; otherwise in the order given."""
    goals = list(goals)
    places = {goal.element: place for place, goal in enumerate(goals)}
    awaited = [sum(element in places for element in goal.requires) for goal in goals]
    dependents: dict[int, list[int]] = {}
    for place, goal in enumerate(goals):
        for element in goal.requires:
            dependents.setdefault(element, []).append(place)
    ready = [place for place, number in enumerate(awaited) if not number]
    heapify(ready)
    ordered = []
    while ready:
        goal = goals[heappop(ready)]
        ordered.append(goal)
        for place in dependents.get(goal.element, ()):
            awaited[place] -= 1
            if not awaited[place]:
                heappush(ready, place)
    assert len(ordered) == len(goals), "badges require each other in a circle"
    return ordered


def _of_badge(element: int, badge: Badge, metric: Metric) -> Measure:
    # A badge that repeats keeps its levels elsewhere than one that does not: what they keep is never mixed.
    return Measure.of_metric(element, metric, badge.audience, repeat=badge.repeat)
