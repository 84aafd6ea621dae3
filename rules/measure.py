"""What limits count, and the keys under which the counts are kept."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

from activity.calendar import PeriodKind
from rules.rule import Limit


class Measure(NamedTuple):
    """Identity of what a tally counts: the paid awards of one rule (its element), by period and by a value.

    Limits of different versions of a rule that count the same share a measure; `max` is no part of it.
    """

    element: int
    per: PeriodKind
    by: str  # CEL, or empty
    across_members: bool

    @classmethod
    def of(cls, element: int, limit: Limit) -> "Measure":
        return cls(element, limit.per, limit.by or "", limit.across_members)


# Primary key of a tally, in the order in which tallies are locked: member key (0 across members), measure, first day of
# the period (0 for ever), and the scope of the value of `by` (0 without one). A plain tuple: a batch makes thousands.
TallyKey = tuple[int, int, int, int]
TALLY_KEY = ("member", "measure", "period", "scope")

# How many awards have been paid under each key. A key that is not there counts 0.
Tallies = dict[TallyKey, int]

Measures = Mapping[Measure, int]  # the ids that measures have in the database


def scope_of(value: bool | int | float | str, secret: bytes) -> int:
    """A keyed hash of the value of `by`, as a signed 64-bit integer. Values of different types never share one."""
    text = f"{type(value).__name__}:{value}".encode()
    return int.from_bytes(blake2b(text, digest_size=8, key=secret).digest(), "big", signed=True)
