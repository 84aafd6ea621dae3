"""The reference of closings: what each period counts, told from the order in which things happened."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from tests.model.calendar import DAY, Period, begins, day_of, later, period_of
from tests.model.prizes import Prizes
from tests.model.programme import Board, Podium
from tests.model.reference import Entry, Place, Reference, selects

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass
class Closing:
    """One period of a board that was closed, perhaps to be opened again."""

    number: int
    board: Board  # as it was at the cutoff
    period: Period
    state: str
    cutoff: int  # the place in the order of what came last before it
    until: datetime  # it can be disputed
    podiums: Sequence[Podium]  # as they were at the cutoff
    present: frozenset[str]  # who took part at the cutoff
    attempt: int = 1
    opened: datetime | None = None
    disqualified: set[str] = field(default_factory=set)
    fence: int | None = None  # the place in the order after which nothing counts
    there: frozenset[str] = frozenset()  # who took part at the fence
    result: list[Place] = field(default_factory=list)
    line: list[Place] = field(default_factory=list)  # for prizes: with those who left since the cutoff
    digest: str | None = None

    @property
    def disputed(self) -> bool:
        """Whether people can still correct what it counts."""
        return self.state == "provisional" and self.fence is None

    def counts(self, entry: Entry) -> bool:
        """Whether it is not too late for an entry."""
        if self.fence is not None and entry.order > self.fence:
            return False
        if entry.order <= self.cutoff or entry.adjusted:
            return True
        return entry.released and entry.activity is not None and entry.activity <= self.cutoff

    def lost(self, entry: Entry) -> bool:
        """Whether an entry counts that was taken back since."""
        if self.fence is None or entry.taken is None or entry.taken <= self.fence:
            return False
        return self.counts(entry) and entry.member in self.there


class Late(NamedTuple):
    name: str
    entries: int
    points: int


class Answer(NamedTuple):
    """All that there is to say of a board in a period."""

    state: str
    participants: int
    places: list[Place]
    attempt: int = 0
    until: datetime | None = None
    digest: str | None = None
    late: frozenset[Late] = frozenset()


class Closings:
    """The closings of all boards, and with them the prizes."""

    def __init__(self, told: Reference) -> None:
        self.told = told
        self.all: dict[tuple[str, str], Closing] = {}
        self.prizes = Prizes(told)

    def period(self, board: Board, moment: datetime) -> Period:
        return period_of(self.told.era.calendar, board.period, day_of(moment))

    def board(self, key: str) -> Board:
        (found,) = (board for board in self.told.rules.boards if board.key == key)
        return found

    def answer(self, board: Board, period: Period) -> Answer:
        """Who stands where, `board` being as it is now."""
        closing = self.all.get((board.key, period.key))
        if closing is None or closing.state == "open":
            places = self._places(board, period, None)
            return Answer("open", len(places), places, closing.attempt if closing else 0)
        told = closing.attempt, closing.until, closing.digest, self._late(closing)
        if closing.fence is not None:
            shown = [each for each in closing.result if closing.board.of == "teams" or self.told.present(each.name)]
            counted = shown if closing.state == "final" else closing.result
            return Answer(closing.state, len(counted), shown, *told)
        places = self._places(closing.board, period, closing)
        return Answer("provisional", len(places), places, *told)

    def asked(self) -> Iterable[tuple[Board, Period]]:
        """The boards and periods that something can be said of."""
        times = {entry.time for entry in self.told.entries} | {self.told.now}
        for board in self.told.rules.boards:
            found = {period.key: period for period in (self.period(board, time) for time in times)}
            found |= {key: each.period for (of, key), each in self.all.items() if of == board.key}
            for period in found.values():
                yield board, period

    def states(self) -> dict[tuple[str, int], str]:
        """The state of every closing, by board and first day."""
        return {(key, _ordinal(each.period)): each.state for (key, _), each in self.all.items()}

    def _places(self, board: Board, period: Period, closing: Closing | None, back: Collection[str] = ()) -> list[Place]:
        entries = [each for each in self.told.entries if selects(board, each) and period.has(each.day)]
        if closing is None:
            return self.told.places(board, entries)
        entries = [each for each in entries if closing.counts(each)]
        out = closing.disqualified
        entries = [each for each in entries if (each.team if board.of == "teams" else each.member) not in out]
        return self.told.places(board, entries, back)

    def _late(self, closing: Closing) -> frozenset[Late]:
        """What stands and does not count; and, below 0, what counts and does not stand any more."""
        board, found = closing.board, dict[str, list[int]]()
        for entry in self.told.entries:
            name = entry.team if board.of == "teams" else entry.member
            if name is None or not closing.period.has(entry.day) or not self.told.present(entry.member):
                continue
            if selects(board, entry) and not closing.counts(entry):
                found.setdefault(name, []).append(entry.points)
            if selects(board, replace(entry, taken=None)) and name not in closing.disqualified and closing.lost(entry):
                found.setdefault(name, []).append(-entry.points)
        return frozenset(Late(name, len(points), sum(points)) for name, points in found.items())

    def close_due(self, *, fails: bool = False) -> None:
        """What a scheduler does: release and cut off what is due, and make final what nobody can dispute any more.

        One that fails when it is to pay has decided what counts in the first period of each board, and no more.
        """
        self.told.release()
        due = [each for each in self._dues() if each[0] <= self.told.now]
        for _, board, period in sorted(due, key=lambda each: each[0]):
            self._cut(board, period)
        waiting = [each for each in self.all.values() if each.state == "provisional" and each.until <= self.told.now]
        for closing in sorted(waiting, key=lambda each: (each.period.first, each.number)):
            if self._is_next(closing):
                self._decide(closing)
                if not fails:
                    self._finish(closing)

    def _is_next(self, closing: Closing) -> bool:
        """Whether all earlier periods of the board are final."""
        first = closing.period.first
        assert first is not None
        periods = self.told.era.calendar.periods(closing.board.period, self.told.era.starts, first - DAY)
        found = [self.all.get((closing.board.key, period.key)) for period in periods]
        return all(each is not None and each.state == "final" for each in found)

    def coming(self) -> list[datetime]:
        """The moments at which something comes by itself, from now on, in order."""
        found = [at for at, *_ in self._dues()]
        found += [each.until for each in self.all.values() if each.state == "provisional"]
        found += [hold.due for hold in self.told.holds if not hold.ended]
        found += [each.until for each in self.prizes.payouts if each.until and each.state == "granted"]
        return sorted({at for at in found if at > self.told.now})

    def _dues(self) -> list[tuple[datetime, Board, Period]]:
        """When each period that is open, up to the present one, is closed."""
        found = []
        for board in self.told.rules.boards:
            if board.grace is None:
                continue
            for period in self.told.era.calendar.periods(board.period, self.told.era.starts, day_of(self.told.now)):
                assert period.after is not None
                at = begins(period.after + board.grace * DAY)
                closing = self.all.get((board.key, period.key))
                if closing and closing.opened:
                    at = max(at, later(closing.opened, max(board.grace, 1)))
                if closing is None or closing.state == "open":
                    found.append((at, board, period))
        return found

    def _cut(self, board: Board, period: Period) -> None:
        key, told = (board.key, period.key), self.told
        until = later(told.now, board.dispute)
        present = frozenset(name for name in told.members if told.present(name))
        former = self.all.get(key)
        if former:
            again = replace(former, board=board, state="provisional", cutoff=told.order, until=until)
            again.podiums, again.present = told.rules.podiums, present
            self.all[key] = replace(again, attempt=former.attempt + 1)
        else:
            self.all[key] = Closing(
                len(self.all), board, period, "provisional", told.order, until, told.rules.podiums, present
            )

    def _decide(self, closing: Closing) -> None:
        if closing.fence is None:
            closing.fence = self.told.order
            closing.there = frozenset(name for name in self.told.members if self.told.present(name))
            closing.result = self._places(closing.board, closing.period, closing)
            closing.line = self._places(closing.board, closing.period, closing, closing.present)

    def _finish(self, closing: Closing) -> None:
        closing.state = "final"
        lines = [f"model,{closing.board.key},{closing.period.key}"]
        for place in closing.result:
            number, reached = self.told.number(closing.board, place.name), _micros(place.reached)
            lines.append(f"{place.position},{place.rank},{number},{place.score},{reached}")
        closing.digest = sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
        self.prizes.give(closing.podiums, closing.board.key, closing.period, closing.result, closing.line)

    def close_early(self, key: str, period: Period) -> bool:
        board, closing = self.board(key), self.all.get((key, period.key))
        if board.grace is None or (closing and closing.state != "open"):
            return False
        assert period.first is not None
        assert period.after is not None
        if begins(period.first) > self.told.now or period.after <= self.told.era.starts:
            return False
        self._cut(board, period)
        return True

    def reopen(self, key: str, period: Period) -> bool:
        closing = self.all.get((key, period.key))
        if closing is None or not closing.disputed:
            return False
        closing.state, closing.opened = "open", self.told.now
        return True

    def disqualify(self, key: str, period: Period, name: str) -> bool:
        closing = self.all.get((key, period.key))
        if closing is None or not closing.disputed or name in closing.disqualified:
            return False
        for entry in self.told.entries:
            if selects(closing.board, entry) and period.has(entry.day) and closing.counts(entry):
                of_team = closing.board.of == "teams"
                if entry.team == name and self.told.present(entry.member) if of_team else entry.member == name:
                    closing.disqualified.add(name)
                    return True
        return False

    def reinstate(self, key: str, period: Period, name: str) -> bool:
        closing = self.all.get((key, period.key))
        if closing is None or not closing.disputed or name not in closing.disqualified:
            return False
        closing.disqualified.remove(name)
        return True


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _ordinal(period: Period) -> int:
    assert period.first is not None
    return period.first.toordinal()
