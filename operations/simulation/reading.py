"""Reading: rows of the past made into what a simulation asks. What comes again and again, such as a verdict's text, is
read once; an activity's data is read only where it is judged again."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import orjson

from activity.activity import Activity
from activity.calendar import Calendar, instant
from activity.member import Facts
from activity.roster import facts_of
from operations.case import Case
from operations.simulation.first_places import Paid, entered
from operations.simulation.past import Row
from rules.verdict import Outcome, load

# Local days change where an hour begins, or half an hour or a quarter of one: what lies between is of one day, unless
# both ends of such a quarter differ.
QUARTER_US = 900_000_000
KEPT = 20_000  # verdicts, quarters and facts that are remembered


class Said:
    """A verdict's text, for activities of one type: what the rules said. Whoever asks must not change it."""

    __slots__ = ("looked_at", "outcomes", "paid", "points", "times", "type_id", "type_key")

    def __init__(self, type_id: int, type_key: str, text: str) -> None:
        self.type_id = type_id
        self.type_key = type_key  # empty for one that is retired
        self.outcomes: list[Outcome] = load(text)
        self.paid: Paid = entered(self.outcomes)  # what became entries at once
        self.points = sum(points for _, points in self.paid)
        self.times = 0  # that it was said in the span, since it was last asked
        self.looked_at: bool | None = None  # by what is judged again; None: not known yet


class Told(NamedTuple):
    """One activity for one member, and what was said of it at last."""

    seq: int
    time_us: int
    day: int  # local
    facts: Facts  # of the member, when it was recorded
    said: Said
    row: Row

    def case(self) -> Case:
        """As it was judged."""
        member, seq, place, _, _, time_us, data, credited, source = self.row[:9]
        activity = Activity(
            source or "", "", self.said.type_key, member, instant(time_us), orjson.loads(data) if data else {}
        )
        return Case(activity, self.facts, time_us, self.day, seq, place, credited, outcomes=self.said.outcomes)


class Reading:
    """Makes sense of rows, in the words of one revision."""

    def __init__(self, type_keys: Mapping[int, str], teams: Mapping[int, str], calendar: Calendar) -> None:
        self._type_keys = type_keys
        self._teams = dict(teams)
        self._calendar = calendar
        self._days: dict[int, int] = {}
        self._said: dict[tuple[int, str], Said] = {}
        self._facts: dict[tuple[int, int], Facts] = {}

    def member(self, rows: Iterable[Row], facts: list[Row], retracted: Collection[int]) -> list[Told]:
        """What a member did, in the order of the sequence, without what was retracted."""
        told: list[Told] = []
        place, force, last = -1, Facts(), -1
        days, verdicts = self._days, self._said
        next_facts = facts[0][1] if facts else -1
        for row in rows:
            seq, text, kind, time_us = row[1], row[3], row[4], row[5]
            if seq in retracted:
                continue
            said = verdicts.get((kind, text)) or self._read(kind, text)
            if seq == last:  # judged anew: the latest counts
                told[-1] = told[-1]._replace(said=said)
                continue
            last = seq
            if 0 <= next_facts < seq:
                while place + 1 < len(facts) and facts[place + 1][1] < seq:
                    place += 1
                force = facts_of(facts[place][2:], self._teams)
                next_facts = facts[place + 1][1] if place + 1 < len(facts) else -1
            day = days.get(time_us // QUARTER_US) or self._day(time_us)
            told.append(Told(seq, time_us, day, force, said, row))
        return told

    def one(self, row: Row) -> Told:
        """One activity, of a row with the columns of SEQUENCE."""
        key = row[0], row[9]
        force = self._facts.get(key)
        if force is None:
            if len(self._facts) > KEPT:
                self._facts.clear()
            force = self._facts[key] = facts_of(row[10:], self._teams)
        said = self._said.get((row[4], row[3])) or self._read(row[4], row[3])
        return Told(row[1], row[5], self._days.get(row[5] // QUARTER_US) or self._day(row[5]), force, said, row)

    def take(self) -> list[tuple[Said, int]]:
        """What was said in the span since this was last asked, and how often. Forgets it, if it is too much."""
        found = []
        for said in self._said.values():
            if said.times:
                found.append((said, said.times))
                said.times = 0
        if len(self._said) > KEPT:
            self._said.clear()
        return found

    def _read(self, kind: int, text: str) -> Said:
        said = self._said[kind, text] = Said(kind, self._type_keys.get(kind, ""), text)
        return said

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
