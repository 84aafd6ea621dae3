"""Counting what has been paid, for measures that no earlier revision counted. Pure."""

from collections.abc import Collection, Mapping

from activity.activity import Activity
from activity.catalogue import ActivityType
from activity.member import Facts
from rules.judge import Judge
from rules.tally import Tallies, TallyKey


class Recount:
    """Tallies of measures that begin with a revision: each award that a rule ever paid, under its terms of now.

    `judge` has the rules of that revision, `measures` are the ids of those that begin.
    """

    def __init__(self, judge: Judge, measures: Collection[int], types: Mapping[str, ActivityType]) -> None:
        self._judge = judge
        self._measures = frozenset(measures)
        self._types = types
        self.tallies: Tallies = {}

    def count(self, element: int, activity: Activity, facts: Facts, day: int, points: int) -> None:
        """Count one award of a rule, at the points that it paid."""
        if activity.type not in self._types:
            return
        for key, amount in self._judge.effects(activity, facts, day, {element: points}):
            if key[1] in self._measures:
                count_in(self.tallies, key, amount, self._judge.clocks)


def count_in(tallies: Tallies, key: TallyKey, amount: int, clocks: Collection[int]) -> None:
    """Add an effect of an award of the past. `clocks` are the measures whose tallies keep a time."""
    former = tallies.get(key, 0)
    # Without a cool-down two awards may have been this close. The later is what others have to wait for.
    tallies[key] = max(former, amount) if key[1] in clocks else former + amount


def count_out(tallies: Tallies, key: TallyKey, amount: int, clocks: Collection[int]) -> None:
    """Take back an effect of an award."""
    former = tallies.get(key, 0)
    if key[1] not in clocks:
        tallies[key] = former - amount
    elif former == amount:
        tallies[key] = 0
