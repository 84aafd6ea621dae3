"""Reading: rows of the past made into cases. What comes again and again, such as a verdict's text, is read once."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import orjson

from activity.activity import Activity
from activity.calendar import Calendar, instant
from activity.member import Facts
from activity.roster import facts_of
from operations.case import Case
from operations.first_places import Paid, entered
from operations.past import Row
from rules.verdict import Outcome, load

# Local days change where an hour begins, or half an hour or a quarter of one: what lies between is of one day, unless
# both ends of such a quarter differ.
QUARTER_US = 900_000_000
KEPT = 20_000  # texts and quarters that are remembered


class Told(NamedTuple):
    """One activity for one member, and what became of it."""

    case: Case
    text: str  # of its latest verdict
    type_id: int


class Reading:
    """Makes cases of rows, in the words of one revision."""

    def __init__(self, type_keys: Mapping[int, str], teams: Mapping[int, str], calendar: Calendar) -> None:
        self._type_keys = type_keys
        self._teams = dict(teams)
        self._calendar = calendar
        self._days: dict[int, int] = {}
        self._outcomes: dict[str, list[Outcome]] = {}
        self._entered: dict[str, tuple[Paid, int]] = {}
        self._facts: dict[tuple[int, int], Facts] = {}
        self._taken: Counter[str] = Counter()

    def member(self, rows: Iterable[Row], facts: list[Row], retracted: Collection[int]) -> list[Told]:
        """What a member did, in the order of the sequence, without what was retracted."""
        told: list[Told] = []
        place, force, last = -1, None, -1
        for member, seq, at, text, kind, time_us, data, credited, source in rows:
            if seq == last:  # judged anew: the latest counts
                told[-1].case.outcomes = self.outcomes(text)
                told[-1] = told[-1]._replace(text=text)
                continue
            if seq in retracted:
                continue
            last = seq
            while force is None or (place + 1 < len(facts) and facts[place + 1][1] < seq):
                place += 1
                force = facts_of(facts[place][2:], self._teams)
            told.append(self._told(member, seq, at, text, kind, time_us, data, credited, source, force))
        return told

    def one(self, row: Row) -> Told:
        """One activity, of a row with the columns of SEQUENCE."""
        key = row[0], row[9]
        force = self._facts.get(key)
        if force is None:
            if len(self._facts) > KEPT:
                self._facts.clear()
            force = self._facts[key] = facts_of(row[10:], self._teams)
        member, seq, at, text, kind, time_us, data, credited, source = row[:9]
        return self._told(member, seq, at, text, kind, time_us, data, credited, source, force)

    def _told(
        self,
        member: int,
        seq: int,
        place: int,
        text: str,
        kind: int,
        time_us: int,
        data: str | None,
        credited: int,
        source: str | None,
        facts: Facts,
    ) -> Told:
        time = instant(time_us)
        day = self._days.get(time_us // QUARTER_US) or self._day(time_us)
        activity = Activity(source or "", "", self._type_keys.get(kind, ""), member, time, orjson.loads(data or "{}"))
        case = Case(activity, facts, time_us, day, seq, place, credited)
        case.outcomes = self.outcomes(text)
        return Told(case, text, kind)

    def outcomes(self, text: str) -> list[Outcome]:
        """The outcomes of a verdict's text. Whoever asks must not change them: others have them too."""
        found = self._outcomes.get(text)
        if found is None:
            if len(self._outcomes) > KEPT:
                self._outcomes.clear()
            found = self._outcomes[text] = load(text)
        return found

    def entered(self, text: str) -> tuple[Paid, int]:
        """What became entries at once by a verdict's text, and the sum of the points."""
        found = self._entered.get(text)
        if found is None:
            if len(self._entered) > KEPT:
                self._entered.clear()
            paid = entered(self.outcomes(text))
            found = self._entered[text] = paid, sum(points for _, points in paid)
        return found

    def _day(self, time_us: int) -> int:
        """The local day of a time; kept where its whole quarter of an hour is of that day."""
        quarter, calendar = time_us // QUARTER_US, self._calendar
        first = calendar.day(instant(quarter * QUARTER_US))
        if first != calendar.day(instant((quarter + 1) * QUARTER_US - 1)):
            return calendar.day(instant(time_us))
        if len(self._days) > KEPT:
            self._days.clear()
        self._days[quarter] = first
        return first
