"""What a simulation has found so far: sums that members are added to in any order, and that add up across processes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from operations.case import Case
from operations.comparing import Payment
from operations.rejudge import Rejudged
from operations.simulation.first_places import FirstPlaces
from rewards.award import Award
from rewards.badge import Badge, points_at
from rewards.progress import Reached
from rules.verdict import PAID, Outcome

MEMBERS_SHOWN = 20
MEMBERS_KEPT = 1_000  # before the list is cut to those that can be shown

Change = tuple[int, int, int]  # points before and after, member


@dataclass(slots=True)
class Sums:
    """Points and number of what was awarded, before and after."""

    points: Counter[int] = field(default_factory=Counter)
    awards: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class Simulated:
    """Sums over members. Keys are elements of rules, badges and zones; levels are (element, level)."""

    judged: int = 0
    points_before: int = 0
    points_after: int = 0
    changed: int = 0  # members
    rules_before: Sums = field(default_factory=Sums)
    rules_change: Sums = field(default_factory=Sums)
    badges_before: Sums = field(default_factory=Sums)
    badges_change: Sums = field(default_factory=Sums)
    levels_before: Counter[tuple[int, int]] = field(default_factory=Counter)
    levels_change: Counter[tuple[int, int]] = field(default_factory=Counter)
    zones_before: Counter[int] = field(default_factory=Counter)  # members who stand in them
    zones_after: Counter[int] = field(default_factory=Counter)
    gained: list[Change] = field(default_factory=list)
    lost: list[Change] = field(default_factory=list)
    places_before: FirstPlaces = field(default_factory=FirstPlaces)
    places_after: FirstPlaces = field(default_factory=FirstPlaces)

    def merge(self, other: "Simulated") -> None:
        self.judged += other.judged
        self.points_before += other.points_before
        self.points_after += other.points_after
        self.changed += other.changed
        for mine, theirs in (
            (self.rules_before, other.rules_before),
            (self.rules_change, other.rules_change),
            (self.badges_before, other.badges_before),
            (self.badges_change, other.badges_change),
        ):
            mine.points.update(theirs.points)
            mine.awards.update(theirs.awards)
        self.levels_before.update(other.levels_before)
        self.levels_change.update(other.levels_change)
        self.zones_before.update(other.zones_before)
        self.zones_after.update(other.zones_after)
        self.gained = most(self.gained + other.gained)
        self.lost = most(self.lost + other.lost)
        self.places_before.merge(other.places_before)
        self.places_after.merge(other.places_after)

    def add_verdicts(self, outcomes: Iterable[Outcome], elements: Mapping[int, int], times: int) -> None:
        """What the rules said of an activity of the span, so many times."""
        for outcome in outcomes:
            if outcome.points and outcome.result in PAID:
                element = elements[outcome.version]
                self.rules_before.points[element] += outcome.points * times
                self.rules_before.awards[element] += times

    def add_payments(self, payments: Iterable[Payment]) -> int:
        """What rules pay otherwise; returns how many points more that is."""
        total = 0
        points, awards = self.rules_change.points, self.rules_change.awards
        for _, element, before, after in payments:
            more = (after.points if after else 0) - (before.points if before else 0)
            points[element] += more
            awards[element] += (after is not None) - (before is not None)
            total += more
        return total

    def add_award(self, award: Award, points: int) -> None:
        """An award of the span that stands."""
        self.badges_before.points[award.element] += points
        self.badges_before.awards[award.element] += 1
        self.levels_before[award.element, award.level] += 1

    def add_awards(self, done: Rejudged, points: Mapping[tuple[int, int], int], badges: Mapping[int, Badge]) -> None:
        """What is awarded otherwise. `points` has those of the awards that were, by their place."""
        for award in ended(done):
            self._change(award.element, award.level, -1, -points[award.seq, award.ordinal])
        for _, reached in begun(done):
            self._change(reached.goal.element, reached.level, 1, points_of(reached, badges))

    def _change(self, element: int, level: int, awards: int, points: int) -> None:
        self.badges_change.points[element] += points
        self.badges_change.awards[element] += awards
        self.levels_change[element, level] += awards

    def add_member(self, member: int, before: int, after: int) -> None:
        """The points of a member for what happened in the span."""
        self.points_before += before
        self.points_after += after
        if before == after:
            return
        self.changed += 1
        kept = self.gained if after > before else self.lost
        kept.append((before, after, member))
        if len(kept) > MEMBERS_KEPT:
            kept[:] = most(kept)


def most(changes: list[Change]) -> list[Change]:
    """The largest changes first, of equal ones the lower key."""
    return sorted(changes, key=lambda each: (-abs(each[1] - each[0]), each[2]))[:MEMBERS_SHOWN]


def ended(done: Rejudged) -> list[Award]:
    """The awards that end, or go on under another version."""
    return [*done.lost, *(award for award, _, _ in done.repaid)]


def begun(done: Rejudged) -> list[tuple[Case, Reached]]:
    """The awards that begin, or go on under another version."""
    return [*((case, reached) for _, reached, case in done.repaid), *done.won]


def points_of(reached: Reached, badges: Mapping[int, Badge]) -> int:
    """What is paid for reaching a level, or a zone."""
    return 0 if reached.goal.is_zone else points_at(badges[reached.goal.version], reached.level)
