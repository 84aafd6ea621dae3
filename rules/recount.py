"""Counting what has been paid, for limits that look at something no earlier revision counted. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from activity.activity import Activity
from activity.catalogue import ActivityType
from activity.member import Facts
from rules.judge import Candidate, Judge
from rules.measure import Tallies


class Recount:
    """Tallies of measures that begin with a revision: each award that a rule ever paid, under the limits it has now.

    `judges` has, by the rule's element, a judge whose one rule pays always and has just the limits that begin. An award
    for which a limit's expression has no value (its field did not exist yet) counts nowhere.
    """

    def __init__(self, judges: Mapping[int, Judge], types: Mapping[str, ActivityType]) -> None:
        self._judges = judges
        self._types = types
        self.tallies: Tallies = {}

    @property
    def elements(self) -> list[int]:
        """The rules whose awards are asked for."""
        return sorted(self._judges)

    def count(self, element: int, activity: Activity, facts: Facts, day: int) -> None:
        """Count one award of a rule that paid more or less than nothing."""
        kind = self._types.get(activity.type)
        if kind is None:
            return
        defaults = {name: field.default for name, field in kind.fields.items() if field.default is not None}
        completed = replace(activity, data=defaults | dict(activity.data))
        for finding in self._judges[element].assess(completed, facts, day).findings:
            if type(finding) is Candidate:
                for key in set(finding.keys):
                    self.tallies[key] = self.tallies.get(key, 0) + 1
