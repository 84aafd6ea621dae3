"""An award: a badge that a member holds, or a zone that they entered."""

from typing import Any, NamedTuple


class Award(NamedTuple):
    """One award as it is stored, or as replay makes it."""

    seq: int
    ordinal: int
    member: int
    element: int
    version: int
    level: int
    period: int
    activity: int | None  # None: given by hand
    time_us: int
    value: int
    first_day: int
    last_day: int
    expires_us: int | None
    entry: int | None  # the ordinal of the entry with its points, which has the same seq

    @classmethod
    def of(cls, row: Any) -> "Award":
        """From a row that has a column of each name."""
        return cls(*(getattr(row, name) for name in cls._fields))

    @property
    def by_hand(self) -> bool:
        return self.activity is None

    def holds(self, time_us: int) -> bool:
        """Whether what requires it can rest on it at a moment: until it expires."""
        return self.expires_us is None or time_us < self.expires_us

    @property
    def occasion(self) -> tuple[int, int, int, int]:
        """What can be awarded once: member, element, level and period."""
        return self.member, self.element, self.level, self.period
