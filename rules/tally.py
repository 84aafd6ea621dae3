"""What is counted for rules, badges and zones, and the keys under which the counts are kept."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from rules.metric import Metric
from rules.rule import Budget, Limit, Rule, Steps


class Measure(NamedTuple):
    """Identity of what is counted: an element (a rule, badge or zone) and a definition, which is canonical JSON.

    Versions of an element that count the same share a measure, whatever their thresholds: the `max` of a limit and the
    levels of a badge are no part of it.
    """

    element: int
    definition: str

    @classmethod
    def of_limit(cls, element: int, limit: Limit) -> "Measure":
        """The paid awards of a rule in a period, by a value, of one member or of all."""
        return cls._of(element, awards=limit.per, by=limit.by, across=limit.across_members)

    @classmethod
    def of_steps(cls, element: int, steps: Steps) -> "Measure":
        """The same as a limit counts without `by`."""
        return cls._of(element, awards=steps.per)

    @classmethod
    def of_budget(cls, element: int, budget: Budget) -> "Measure":
        """The points that a rule has paid to all members in a period."""
        return cls._of(element, points=budget.per, across=True)

    @classmethod
    def of_cooldown(cls, element: int, cooldown: timedelta) -> "Measure":
        """The times of a member's paid awards of a rule."""
        return cls._of(element, cooldown=int(cooldown.total_seconds()))

    @classmethod
    def of_first(cls, element: int) -> "Measure":
        """How many members hold a badge that only the first so many get."""
        return cls._of(element, holders=True, across=True)

    @classmethod
    def of_metric(cls, element: int, metric: Metric, audience: str | None = None, *, repeat: bool = False) -> "Measure":
        """A member's progress: what a badge or zone measures. One that repeats keeps its levels period by period."""
        return cls._of(
            element,
            metric=metric.aggregate,
            on=sorted(metric.on),
            by=metric.by,
            unit=metric.unit,
            forgiving=metric.forgiving,
            when=metric.when,
            window=metric.window,
            audience=audience,
            repeat=repeat,
        )

    @property
    def across_members(self) -> bool:
        """Whether all members share what is counted."""
        return '"across":true' in self.definition

    @property
    def is_metric(self) -> bool:
        """Whether it is a member's progress, and not what a rule has paid."""
        return "metric" in json.loads(self.definition)

    def with_types(self, types: Sequence[str]) -> "Measure":
        """The same over other activity types."""
        return self._of(self.element, **json.loads(self.definition) | {"on": list(types)})

    @classmethod
    def _of(cls, element: int, **parts: Any) -> "Measure":
        told = {name: part for name, part in parts.items() if part}
        return cls(element, json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def measures_of(element: int, rule: Rule) -> Iterator[Measure]:
    """What a rule's limits, steps, cool-down and budget count."""
    for limit in rule.limits:
        yield Measure.of_limit(element, limit)
    if isinstance(rule.points, Steps):
        yield Measure.of_steps(element, rule.points)
    if rule.cooldown:
        yield Measure.of_cooldown(element, rule.cooldown)
    if rule.budget:
        yield Measure.of_budget(element, rule.budget)


# Primary key of a tally, in the order in which tallies are locked: member key (0 across members), measure, first day of
# the period (0 for ever), and the scope of the value of `by` (0 without one). A plain tuple: a batch makes thousands.
# A cool-down keeps time: its period is the number of the stretch of time, as long as the cool-down, in which an award
# was paid (two cannot be), and its count is one more than the microseconds from the start of that stretch.
TallyKey = tuple[int, int, int, int]
TALLY_KEY = ("member", "measure", "period", "scope")

# What has been counted under each key. A key that is not there counts 0.
Tallies = dict[TallyKey, int]

Measures = Mapping[Measure, int]  # the ids that measures have in the database


def scope_of(value: bool | int | float | str, secret: bytes) -> int:
    """A keyed hash of the value of `by`, as a signed 64-bit integer. Values of different types never share one."""
    text = f"{type(value).__name__}:{value}".encode()
    return int.from_bytes(blake2b(text, digest_size=8, key=secret).digest(), "big", signed=True)
