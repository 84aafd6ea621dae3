"""The first places of boards, worked out from what members were paid: before a draft, and with it. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from activity.calendar import Calendar
from leaderboard.board import Competitors
from leaderboard.mean import divisor, thousandths
from leaderboard.standing import BoardVersion
from operations.simulation.barred import Barred
from rules.verdict import Outcome, Result

PLACES = 3
SUMS_KEPT = 20_000

# Index of a board, first day of the period.
BoardPeriod = tuple[int, int]
# What stands: score and the latest activity time.
Standings = dict[BoardPeriod, list[int]]
TeamStandings = dict[tuple[int, int, int], list[int]]  # with the team
# Versions and points of entries.
Paid = tuple[tuple[int | None, int], ...]
Sums = tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]  # index and points: boards of members, of teams

OUTSIDE = -1  # in place of a period that does not touch the span, or is closed


class First(NamedTuple):
    """One of the first places: sorts in the total order of boards."""

    negative: int  # the score, below 0 for points above
    reached_us: int
    competitor: int

    @property
    def score(self) -> int:
        return -self.negative


class Boards:
    """The boards of one revision, and what they count. `tags` are those of all rule and badge versions, `rules` the
    keys of those versions whose rule is in force."""

    def __init__(
        self,
        boards: Sequence[BoardVersion],
        type_keys: Mapping[int, str],
        tags: Mapping[int, Collection[str]],
        rules: Mapping[int, str],
        calendar: Calendar,
        days: tuple[int, int],
    ) -> None:
        self._boards = boards
        self._type_keys = type_keys
        self._tags = tags
        self._rules = rules
        self._calendar = calendar
        self._days = days
        self._counted: dict[tuple[int | None, int | None], tuple[tuple[int, ...], tuple[int, ...]]] = {}
        self._sums: dict[tuple[int | None, Paid], Sums] = {}
        self._more: dict[tuple[int | None, Paid, Paid], Sums | None] = {}
        self._periods: dict[int, list[int]] = {}

    def periods(self, day: int) -> list[int]:
        """The first day of the period of each board that a day is in; OUTSIDE where it does not touch the span."""
        found = self._periods.get(day)
        if found is None:
            spans = [item.board.period_at(self._calendar, day) for item in self._boards]
            first, last = self._days
            found = [each.first if each and each.after > first and each.first <= last else OUTSIDE for each in spans]
            self._periods[day] = found
        return found

    def sums(self, type_id: int | None, paid: Paid) -> Sums:
        """What entries of one activity add to each board that counts any of them. `paid`: versions and points."""
        found = self._sums.get((type_id, paid))
        if found is None:
            members: dict[int, int] = {}
            teams: dict[int, int] = {}
            for version, points in paid:
                counted = self._counted.get((version, type_id)) or self._find(version, type_id)
                for into, indexes in zip((members, teams), counted, strict=True):
                    for index in indexes:
                        into[index] = into.get(index, 0) + points
            if len(self._sums) > SUMS_KEPT:
                self._sums.clear()
            found = self._sums[type_id, paid] = (tuple(members.items()), tuple(teams.items()))
        return found

    def more(self, type_id: int | None, old: Paid, new: Paid) -> Sums | None:
        """What other entries of one activity add to boards; None where a board counted some, and now counts none."""
        key = type_id, old, new
        if key not in self._more:
            if len(self._more) > SUMS_KEPT:
                self._more.clear()
            parts = []
            for before, after in zip(self.sums(type_id, old), self.sums(type_id, new), strict=True):
                counted = dict(before)
                parts.append(tuple((index, points - counted.pop(index, 0)) for index, points in after))
                if counted:
                    parts = []
                    break
            self._more[key] = (parts[0], parts[1]) if parts else None
        return self._more[key]

    def _find(self, version: int | None, type_id: int | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
        tags, rule = (self._tags[version], self._rules.get(version)) if version is not None else ((), None)
        kind = self._type_keys.get(type_id) if type_id is not None else None
        found: tuple[list[int], list[int]] = ([], [])
        for index, item in enumerate(self._boards):
            if item.counts(tags, kind, rule):
                found[item.board.of is Competitors.TEAMS].append(index)
        self._counted[version, type_id] = counted = (tuple(found[0]), tuple(found[1]))
        return counted


class Standing:
    """What one member stands at on the boards of one revision, and what they add to their teams."""

    __slots__ = ("barred", "boards", "members", "teams")

    def __init__(self, boards: Boards, barred: Barred | None = None) -> None:
        self.boards = boards
        self.barred = barred
        self.members: Standings = {}
        self.teams: TeamStandings = {}

    def copy(self) -> "Standing":
        other = Standing(self.boards, self.barred)
        other.members = {key: stands[:] for key, stands in self.members.items()}
        other.teams = {key: stands[:] for key, stands in self.teams.items()}
        return other

    def move(
        self, type_id: int | None, old: Paid, new: Paid, team: int | None, time_us: int, day: int, place: int
    ) -> bool:
        """Count other entries for one activity. False, and nothing done, where a board no longer counts any."""
        more = self.boards.more(type_id, old, new)
        if more is not None:
            self.add(more, team, time_us, day, place)
        return more is not None

    def add(self, sums: Sums, team: int | None, time_us: int, day: int, place: int) -> None:
        """Count the entries of one activity, by what they add to boards; `place` is its place in the sequence."""
        if self.barred is not None:
            sums = _without(sums, self.barred.at(place, day))
        periods = self.boards.periods(day)
        standings = self.members
        for index, points in sums[0]:
            period = periods[index]
            if period != OUTSIDE:
                stands = standings.get((index, period))
                if stands is None:
                    standings[index, period] = [points, time_us]
                else:
                    stands[0] += points
                    if time_us > stands[1]:
                        stands[1] = time_us
        if team is None:
            return
        for index, points in sums[1]:
            period = periods[index]
            if period != OUTSIDE:
                key = (index, period, team)
                stands = self.teams.get(key)
                if stands is None:
                    self.teams[key] = [points, time_us]
                else:
                    stands[0] += points
                    if time_us > stands[1]:
                        stands[1] = time_us


class FirstPlaces:
    """The first places of boards, collected member by member in any order; those of several add up."""

    def __init__(self) -> None:
        self.members: dict[BoardPeriod, list[First]] = {}
        self.teams: TeamStandings = {}  # with how many members they are of

    def add(self, member: int, standing: Standing) -> None:
        """Where a member who takes part stands."""
        for key, (score, reached_us) in standing.members.items():
            firsts = self.members.get(key)
            if firsts is None or len(firsts) < PLACES or -score <= firsts[-1].negative:
                self._rank(key, First(-score, reached_us, member))
        self._add_teams(standing.teams)

    def _add_teams(self, standings: TeamStandings) -> None:
        for key, (score, reached_us, *active) in standings.items():
            members = active[0] if active else 1
            known = self.teams.get(key)
            if known is None:
                self.teams[key] = [score, reached_us, members]
            else:
                known[0] += score
                known[1] = max(known[1], reached_us)
                known[2] += members

    def merge(self, other: "FirstPlaces") -> None:
        for key, found in other.members.items():
            for each in found:
                self._rank(key, each)
        self._add_teams(other.teams)

    def first(
        self, boards: Sequence[BoardVersion], sizes: Sequence[Mapping[int, int]]
    ) -> dict[BoardPeriod, list[First]]:
        """The first places of all boards and periods, of teams too. `sizes`: for each board, how many members of each
        team a mean divides by now."""
        found = {key: list(firsts) for key, firsts in self.members.items()}
        of_teams: dict[BoardPeriod, list[First]] = {}
        for (index, period, team), (points, reached_us, active) in self.teams.items():
            scoring, score = boards[index].board.score, points
            if boards[index].board.is_mean:
                score = thousandths(points, divisor(scoring, sizes[index].get(team, 0), active))
            of_teams.setdefault((index, period), []).append(First(-score, reached_us, team))
        return found | {key: sorted(firsts)[:PLACES] for key, firsts in of_teams.items()}

    def _rank(self, key: BoardPeriod, new: First) -> None:
        firsts = self.members.get(key)
        if firsts is None:
            self.members[key] = [new]
        elif len(firsts) < PLACES or new < firsts[-1]:
            firsts.append(new)
            firsts.sort()
            del firsts[PLACES:]


def _without(sums: Sums, barred: Collection[int]) -> Sums:
    if not barred:
        return sums
    of_members, of_teams = (tuple(each for each in some if each[0] not in barred) for some in sums)
    return of_members, of_teams


def entered(outcomes: Iterable[Outcome]) -> Paid:
    """Versions and points of what became entries at once: what is held back did not."""
    return tuple((each[0], each[2]) for each in outcomes if each[2] and each[1] is Result.AWARDED)
