"""Audit: whether a member's ledger is what their verdicts, badges, held points and corrections make it. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from operations.case import Case
from operations.names import Names, day_told, time_told
from operations.transfers import Transfers
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
        transfers: Transfers,
        adjusted: Iterable[int],
        holds: Mapping[int, int],
        names: Names,
        differ: Callable[[str], None],
    ) -> None:
        self._elements = elements
        self._badges = badges
        self._retracted = retracted  # activities, and where each was retracted
        self._transfers = transfers
        self._adjusted = frozenset(adjusted)
        self._holds = holds  # for how many microseconds rule versions hold what they pay
        self._names = names
        self._differ = differ

    def check(self, member: int, account: Account, type_ids: Mapping[int, int]) -> None:
        """Name every difference. `type_ids` has the type of each activity."""
        who = self._names.member(member)
        reversed_ = self._reversals(who, account)
        by_activity: dict[int, list[Entry]] = {}
        for entry in account.entries.values():
            if entry[7] is not None and entry[5] in self._elements:
                by_activity.setdefault(entry[7], []).append(entry)
        for seq, case in account.cases.items():
            found = by_activity.pop(seq, [])
            if seq > self._transfers.latest.get(member, 0):  # what was paid before it may have been another's
                self._first(case, found, type_ids[seq])
            standing = [entry for entry in found if entry[2] != Kind.REVERSAL and entry[:2] not in reversed_]
            self._last(seq, account, standing, case)
            self._later(case, found, type_ids[seq])
            self._held(case, account, type_ids[seq])
        for place in account.holds:
            if place[0] not in account.cases:
                self._differ(f"held points: {place} of {who} belong to no activity of theirs")
        for seq, left in by_activity.items():
            if (seq, member) in self._transfers.gone and not sum(entry[8] for entry in left):
                continue
            self._differ(f"ledger: entry {left[0][:2]} of {who} belongs to no activity of theirs")
        self._awards(who, account, reversed_)
        for entry in account.entries.values():
            if entry[2] == Kind.ADJUSTMENT and entry[0] not in self._adjusted:
                self._differ(f"ledger: nobody made the adjustment {entry[:2]} of {who}")

    def _reversals(self, who: str, account: Account) -> set[Place]:
        """The entries that are taken back. Each reversal must mirror one."""
        found = set()
        for entry in account.entries.values():
            if entry[2] != Kind.REVERSAL:
                continue
            place = entry[11], entry[12]
            reversed_ = account.entries.get(place)  # type: ignore[arg-type]
            if reversed_ is None or (*entry[3:8], -entry[8], *entry[9:11]) != reversed_[3:11]:
                self._differ(f"ledger: entry {entry[:2]} of {who} takes back {place}, which is not its opposite")
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
            had, gives = self._apart(paid, expected)
            self._differ(
                f"ledger: entries of {self._names.case(case)} differ: stored is {had}; its verdicts give {gives}"
            )

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
            had, gives = (self._by_element(points) for points in (paid, expected))
            what = f"ledger: for {self._names.case(case)} stand {had}"
            self._differ(f"{what}; its latest verdicts make them {gives}")

    def _later(self, case: Case, found: list[Entry], type_id: int) -> None:
        """What was paid later is of the activity's time, and of the team of then."""
        told = case.facts.team_id, type_id, case.time_us, case.day
        for entry in found:
            if entry[2] in (Kind.RELEASE, Kind.REVISION) and (entry[4], entry[6], entry[9], entry[10]) != told:
                what = f"ledger: entry {entry[:2]} is not of the time, day, type and team of"
                self._differ(f"{what} {self._names.case(case)}")

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
            had, gives = self._apart(found, expected)
            self._differ(f"held points: of {self._names.case(case)} differ: stored is {had}; its verdicts give {gives}")
        for row in held:
            retracted = self._retracted.get(case.seq)
            if row.released:
                released = [
                    entry
                    for entry in account.entries.values()
                    if entry[0] == row.ended_seq and entry[7] == case.seq and entry[5] == row.version
                ]
                if [entry[8] for entry in released] != [row.points]:
                    self._differ(f"held points: those of {self._names.case(case)} were released, but no entry says so")
            elif row.ended_seq != retracted:
                what = f"held points: those of {self._names.case(case)}"
                self._differ(f"{what} ended at {row.ended_seq}; retracted is {retracted}")

    def _awards(self, who: str, account: Account, reversed_: set[Place]) -> None:
        """Each badge that pays has an entry, which stands as long as the member holds the badge."""
        told = set()
        for row in account.awards:
            badge = self._badges.get(row.version)
            points = points_at(badge, row.level) if badge else 0
            if row.entry is None:
                if points:
                    self._differ(f"{self._award(who, row)} pays {points}, but has no entry")
                continue
            place = row.seq, row.entry
            told.add(place)
            entry = account.entries.get(place)
            if entry is None or (entry[5], entry[8]) != (row.version, points):
                paid = "missing" if entry is None else self._told([(entry[5], entry[8])])
                self._differ(f"{self._award(who, row)} pays {points}; its entry {place} is {paid}")
            elif not _of_award(entry, row, account.cases.get(row.activity)):
                what = f"ledger: the badge entry {place} of {who}"
                self._differ(f"{what} is not of the time, day and team of what was awarded")
            elif (place in reversed_) != (row.revoked_seq is not None):
                what = "held" if row.revoked_seq is None else "revoked"
                self._differ(f"{self._award(who, row)} is {what}, and its points are not")
        for place, entry in account.entries.items():
            if entry[5] in self._badges and entry[2] != Kind.REVERSAL and place not in told:
                self._differ(f"ledger: the badge entry {place} of {who} belongs to no award")

    def _award(self, who: str, row: Any) -> str:
        return f"{self._names.version(row.version)} of {who}: the award of level {row.level} at {row.seq}"

    def _by_element(self, points: Mapping[int, int]) -> str:
        return ", ".join(f"{self._names.element(key)} {each}" for key, each in points.items()) or "nothing"

    def _apart(self, stored: Sequence[Any], expected: Sequence[Any]) -> tuple[str, str]:
        """What is stored and expected, in words, without what is both."""
        apart = [each for each in stored if each not in expected], [each for each in expected if each not in stored]
        stored, expected = apart if any(apart) else (stored, expected)
        return self._told(stored), self._told(expected)

    def _told(self, paid: Sequence[Sequence[Any]]) -> str:
        """Version and points of each, and of what is of an activity: team, type, time, day, and when it is due."""
        return ", ".join(self._one(*each) for each in paid) or "nothing"

    def _one(self, version: int | None, points: int, *of: Any) -> str:
        told = f"{self._names.version(version)} {points}"
        if not of:
            return told
        team, kind, time_us, day, *due = of
        told += (
            f" for {self._names.team(team)}, {self._names.element(kind)}, at {time_told(time_us)}, day {day_told(day)}"
        )
        return f"{told}, due {time_told(due[0])}" if due else told


def _of_award(entry: Entry, row: Any, case: Case | None) -> bool:
    """Whether the entry of an award is of its time and, where an activity reached it, of its day and team."""
    if entry[9] != row.time_us or entry[7] != row.activity or entry[6] is not None:
        return False
    return case is None or (entry[4], entry[10]) == (case.facts.team_id, case.day)
