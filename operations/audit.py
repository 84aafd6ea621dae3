"""Audit: whether a member's ledger is what their verdicts, badges, held points and corrections make it. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from operations.case import Case
from rewards.badge import Badge, points_at
from rewards.ledger import Entry, Kind
from rules.verdict import Outcome, Result

Place = tuple[int, int]  # of an entry: its seq and ordinal


@dataclass(slots=True)
class Account:
    """Everything that is kept of one member's points."""

    cases: dict[int, Case] = field(default_factory=dict)  # by seq, with what the rules said of each at first
    latest: dict[int, Sequence[Outcome]] = field(default_factory=dict)  # what they said at last
    entries: dict[Place, Entry] = field(default_factory=dict)
    holds: dict[Place, Any] = field(default_factory=dict)  # rows
    awards: list[Any] = field(default_factory=list)  # rows, the revoked ones too


class Audit:
    """Checks accounts. `elements` are those of all rule versions, `badges` all badge versions there have been."""

    def __init__(
        self,
        elements: Mapping[int, int],
        badges: Mapping[int, Badge],
        retracted: Mapping[int, int],
        adjusted: Iterable[int],
        holds: Mapping[int, int],
        differ: Callable[[str], None],
    ) -> None:
        self._elements = elements
        self._badges = badges
        self._retracted = retracted  # activities, and where each was retracted
        self._adjusted = frozenset(adjusted)
        self._holds = holds  # for how many microseconds rule versions hold what they pay
        self._differ = differ

    def check(self, member: int, account: Account, type_ids: Mapping[int, int]) -> None:
        """Name every difference. `type_ids` has the type of each activity."""
        reversed_ = self._reversals(account)
        by_activity: dict[int, list[Entry]] = {}
        for entry in account.entries.values():
            if entry[7] is not None and entry[5] in self._elements:
                by_activity.setdefault(entry[7], []).append(entry)
        for seq, case in account.cases.items():
            found = by_activity.pop(seq, [])
            self._first(case, found, type_ids[seq])
            standing = [entry for entry in found if entry[2] != Kind.REVERSAL and entry[:2] not in reversed_]
            self._last(seq, account, standing, case)
            self._later(case, found, type_ids[seq])
            self._held(case, account, type_ids[seq])
        for place in account.holds:
            if place[0] not in account.cases:
                self._differ(f"held points: {place} of member {member} belong to no activity of theirs")
        for left in by_activity.values():
            self._differ(f"ledger: entry {left[0][:2]} of member {member} belongs to no activity of theirs")
        self._awards(account, reversed_)
        for entry in account.entries.values():
            if entry[2] == Kind.ADJUSTMENT and entry[0] not in self._adjusted:
                self._differ(f"ledger: nobody made the adjustment {entry[:2]} of member {member}")

    def _reversals(self, account: Account) -> set[Place]:
        """The entries that are taken back. Each reversal must mirror one."""
        found = set()
        for entry in account.entries.values():
            if entry[2] != Kind.REVERSAL:
                continue
            place = entry[11], entry[12]
            reversed_ = account.entries.get(place)  # type: ignore[arg-type]
            if reversed_ is None or (*entry[3:8], -entry[8], *entry[9:11]) != reversed_[3:11]:
                self._differ(f"ledger: {entry[:2]} takes back {place}, which is not its opposite")
            else:
                found.add(reversed_[:2])
        return found

    def _first(self, case: Case, found: list[Entry], type_id: int) -> None:
        """What was paid when the activity was recorded."""
        told = case.facts.team_id, type_id, case.time_us, case.day
        expected = [
            (outcome.version, outcome.points, *told)
            for outcome in case.outcomes
            if outcome.result is Result.AWARDED and outcome.points
        ]
        paid = [
            (entry[5], entry[8], entry[4], entry[6], entry[9], entry[10])
            for entry in sorted(found)
            if entry[2] == Kind.AWARD
        ]
        if paid != expected:
            self._differ(f"ledger: entries of {case.seq} are {paid}; its verdicts make them {expected}")

    def _last(self, seq: int, account: Account, standing: list[Entry], case: Case) -> None:
        """What the activity pays now: the sum of its entries that stand."""
        expected: Counter[int] = Counter()
        if seq not in self._retracted:
            for outcome in account.latest[seq]:
                if outcome.result is Result.AWARDED:
                    expected[self._elements[outcome.version]] += outcome.points
            for place, row in account.holds.items():
                if place[0] == seq and row.released:
                    expected[self._elements[row.version]] += row.points
        paid: Counter[int] = Counter()
        for entry in standing:
            if entry[5] is not None:
                paid[self._elements[entry[5]]] += entry[8]
        if {key: points for key, points in paid.items() if points} != {
            key: points for key, points in expected.items() if points
        }:
            what = f"ledger: for {seq} of member {case.member} stand {dict(paid)}"
            self._differ(f"{what}; its latest verdicts make them {dict(expected)}")

    def _later(self, case: Case, found: list[Entry], type_id: int) -> None:
        """What was paid later is of the activity's time, and of the team of then."""
        told = case.facts.team_id, type_id, case.time_us, case.day
        for entry in found:
            if entry[2] in (Kind.RELEASE, Kind.REVISION) and (entry[4], entry[6], entry[9], entry[10]) != told:
                self._differ(f"ledger: entry {entry[:2]} is not of the time, day, type and team of {case.seq}")

    def _held(self, case: Case, account: Account, type_id: int) -> None:
        told = case.facts.team_id, type_id, case.time_us, case.day
        held = [row for place, row in sorted(account.holds.items()) if place[0] == case.seq]
        expected = [
            (each.version, each.points, *told, case.recorded_us + self._holds.get(each.version, 0))
            for each in case.outcomes
            if each.result is Result.HELD
        ]
        found = [(row.version, row.points, row.team, row.type, row.time_us, row.day, row.due_us) for row in held]
        if found != expected:
            self._differ(f"held points: of {case.seq} are {found}; its verdicts make them {expected}")
        for row in held:
            retracted = self._retracted.get(case.seq)
            if row.released:
                released = [
                    entry for entry in account.entries.values() if entry[0] == row.ended_seq and entry[7] == case.seq
                ]
                if [entry[8] for entry in released] != [row.points]:
                    self._differ(f"held points: those of {case.seq} were released, but no entry says so")
            elif row.ended_seq != retracted:
                self._differ(f"held points: those of {case.seq} ended at {row.ended_seq}; retracted is {retracted}")

    def _awards(self, account: Account, reversed_: set[Place]) -> None:
        """Each badge that pays has an entry, which stands as long as the member holds the badge."""
        told = set()
        for row in account.awards:
            badge = self._badges.get(row.version)
            points = points_at(badge, row.level) if badge else 0
            if row.entry is None:
                if points:
                    self._differ(f"badge: the award {row.seq} of member {row.member} pays {points}, but has no entry")
                continue
            place = row.seq, row.entry
            told.add(place)
            entry = account.entries.get(place)
            if entry is None or (entry[5], entry[8]) != (row.version, points):
                self._differ(f"badge: the award {row.seq} of member {row.member} pays {points}; its entry is {entry}")
            elif not _of_award(entry, row, account.cases.get(row.activity)):
                self._differ(f"ledger: the badge entry {place} is not of the time, day and team of what was awarded")
            elif (place in reversed_) != (row.revoked_seq is not None):
                self._differ(f"badge: the points of the award {row.seq} of member {row.member} are not what it is")
        for place, entry in account.entries.items():
            if entry[5] in self._badges and entry[2] != Kind.REVERSAL and place not in told:
                self._differ(f"ledger: the badge entry {place} belongs to no award")


def _of_award(entry: Entry, row: Any, case: Case | None) -> bool:
    """Whether the entry of an award is of its time and, where an activity reached it, of its day and team."""
    if entry[9] != row.time_us or entry[7] != row.activity or entry[6] is not None:
        return False
    return case is None or (entry[4], entry[10]) == (case.facts.team_id, case.day)
