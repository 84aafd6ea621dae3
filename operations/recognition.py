"""Recognition: what awards of one version of a badge are made by, whatever its words say. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from rewards.badge import Level
from rewards.definition import KEEP
from rewards.level_definition import level_from_plain
from rewards.metric_definition import days_from_plain, metric_from_plain
from rules.tally import Measure


class Recognition(NamedTuple):
    """What the awards of a badge version pay, until when they hold, and what they rest on."""

    revision: int  # with which the version begins
    levels: tuple[Level, ...]
    every: bool
    tags: frozenset[str]
    expires_days: int | None
    keep: bool
    measure: Measure | None  # over the elements of activity types, which keep them when they are renamed
    requires: frozenset[int]  # elements of badges

    @classmethod
    def of(
        cls, revision: int, element: int, plain: Mapping[str, Any], types: Mapping[str, int], badges: Mapping[str, int]
    ) -> "Recognition":
        """From a badge as a programme file has it. `types` are the elements of activity types by their keys then, and
        `badges` those of badges."""
        points = plain.get("points", 0)
        levels = [plain["every"]] if "every" in plain else plain.get("levels", [1])
        measure = None
        if "measure" in plain:
            metric = metric_from_plain(plain)
            metric = replace(metric, on=tuple(str(types[key]) for key in metric.on))
            repeat = plain.get("repeat", False)
            measure = Measure.of_metric(element, metric, plain.get("audience"), repeat=repeat)
        return cls(
            revision,
            tuple(level_from_plain(level, points) for level in levels),
            "every" in plain,
            frozenset(plain.get("tags", ())),
            days_from_plain(plain["expires"]) if "expires" in plain else None,
            plain.get("evidence_lost") == KEEP,
            measure,
            frozenset(badges[key] for key in plain.get("requires", ())),
        )

    def terms(self, level: int) -> tuple[object, ...]:
        """All that tells an award of a level from another. Other levels, and how they are called, are no part of it."""
        written = self.levels[0 if self.every else min(level, len(self.levels)) - 1]
        at = written.at * level if self.every else written.at
        return written.points, self.tags, self.expires_days, self.measure, self.requires, at
