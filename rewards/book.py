"""What is known of members while their progress is worked out: rows of progress, and the badges they hold."""

from collections.abc import Collection, Iterable

# Primary key of a row of progress: member, measure, period, scope. A plain tuple: a batch makes thousands.
ProgressKey = tuple[int, int, int, int]
PROGRESS_KEY = ("member", "measure", "period", "scope")

# Scopes of rows that hold no value of a day or period. Hashes of values keep clear of them and of 0.
SUMMARY = 1  # value: the best so far; level: the highest that was awarded
SINCE = 2  # value: the last day that a repeated award has used up; level: the first day of that award

Place = tuple[int, int]  # period and scope: which of the rows of a member and measure
Row = list[int]  # value and level as they are now, and as they were loaded
Rows = dict[Place, Row]  # of one member and measure

VALUE_MAX = 2**63 - 1  # of a sum: what the database can keep


def row_at(rows: Rows, place: Place) -> Row:
    """The row at a place; where there is none yet, a new one of nothing."""
    row = rows.get(place)
    if row is None:
        row = rows[place] = [0, 0, 0, 0]
    return row


class Book:
    """Rows of progress in memory, for one batch. What is not in it counts nothing, so load all that was asked for.

    >>> book = Book()
    >>> book.load([(7, 3, 0, 0, 4, 1)])         # member 7 has a value of 4 and level 1 by measure 3
    >>> progress.settle(7, seq, time_us, day, counts, book, tallies, held)
    >>> book.changed()
    [(7, 3, 0, 0, 5, 1)]
    """

    __slots__ = ("groups",)

    def __init__(self) -> None:
        self.groups: dict[tuple[int, int], Rows] = {}  # by member and measure

    def load(self, rows: Iterable[tuple[int, int, int, int, int, int]]) -> None:
        """Take in rows: the key, value and level of each. A row that is there already stays as it is."""
        groups = self.groups
        for member, measure, period, scope, value, level in rows:
            group = groups.get((member, measure))
            if group is None:
                group = groups[member, measure] = {}
            if (period, scope) not in group:
                group[period, scope] = [value, level, value, level]

    def rows(self, member: int, measure: int) -> Rows:
        rows = self.groups.get((member, measure))
        if rows is None:
            rows = self.groups[member, measure] = {}
        return rows

    def renew(self, members: Collection[int], measures: Collection[int], anew: "Book") -> None:
        """Have these measures of members as another book has them, and nothing else of them."""
        for group in [group for group in self.groups if group[0] in members and group[1] in measures]:
            del self.groups[group]
        found = anew.groups.items()
        self.groups |= {key: rows for key, rows in found if key[0] in members and key[1] in measures}

    def changed(self) -> list[tuple[int, int, int, int, int, int]]:
        """The rows that are not as they were loaded, in the order of their keys. New rows of nothing are left out."""
        found = []
        for group in sorted(self.groups):
            member, measure = group
            rows = [
                (
                    member,
                    measure,
                    period,
                    scope,
                    value if -VALUE_MAX <= value <= VALUE_MAX else VALUE_MAX if value > 0 else -VALUE_MAX,
                    level,
                )
                for (period, scope), (value, level, value_before, level_before) in self.groups[group].items()
                if value != value_before or level != level_before
            ]
            rows.sort()
            found += rows
        return found


class Held:
    """Which badges members hold: every award that was not revoked, also those that have expired."""

    __slots__ = ("_awards",)

    def __init__(self) -> None:
        self._awards: dict[tuple[int, int], dict[tuple[int, int], int | None]] = {}

    def add(self, member: int, element: int, level: int, period: int, expires_us: int | None = None) -> None:
        """A member was awarded a level of a badge, in a period if it repeats."""
        self._awards.setdefault((member, element), {})[level, period] = expires_us

    def drop(self, member: int, element: int, level: int, period: int) -> None:
        """An award was revoked. One that is not known is passed over."""
        self._awards.get((member, element), {}).pop((level, period), None)

    def has(self, member: int, element: int) -> bool:
        """Whether a member was ever awarded the badge and still has it, be it expired."""
        return bool(self._awards.get((member, element)))

    def holds(self, member: int, element: int, time_us: int) -> bool:
        """Whether a member holds the badge at a moment: an award counts until it expires."""
        awards = self._awards.get((member, element), {})
        return any(expires_us is None or time_us < expires_us for expires_us in awards.values())
