"""Reading: which fields of activities rules, badges and zones read, or ever read: what verify needs of the past."""

from collections.abc import Iterator
from typing import NamedTuple

from operations.programme import Programme
from operations.revision import Revision, load_revision
from rewards.advice import expressions_of as expressions_of_metric
from rewards.advice import measured
from rules.advice import Written
from rules.advice import expressions_of as expressions_of_rule
from rules.reads import Read, Reads
from storage.work import UnitOfWork

Place = tuple[int, str]  # the element of an activity type, and one of its fields


class Since(NamedTuple):
    """The first revision that declared or read a field: its place in the sequence, and up to which place activities
    had been stripped then."""

    seq: int
    stripped: int


def expressions_of(declared: Programme) -> Iterator[Written]:
    """The expressions that are asked of an activity."""
    for rule in declared.rules.values():
        yield from expressions_of_rule(rule)
    for item in measured(declared.badges.values(), declared.journey.zones):
        yield from expressions_of_metric(item)


class Reading:
    """What the revisions of one database declare and read. Keep it: each revision is looked at once."""

    def __init__(self) -> None:
        self._reads = Reads()
        self._number = 0
        self.declared: dict[Place, Since] = {}
        self.read: dict[Place, Since] = {}
        self.types: dict[str, int] = {}  # elements by the keys that they had last

    async def up_to(self, work: UnitOfWork, number: int) -> "Reading":
        """Itself, when it knows every revision up to this one."""
        while self._number < number:
            self._add(await load_revision(work, self._number + 1))
        return self

    def of(self, declared: Programme) -> Iterator[Read]:
        """What the expressions of a programme read."""
        return self._reads.of(expressions_of(declared), declared.activities, declared.attributes)

    def _add(self, revision: Revision) -> None:
        since = Since(revision.seq, revision.stripped)
        self.types |= revision.type_ids
        for key, kind in revision.programme.activities.items():
            for name in kind.fields:
                self.declared.setdefault((revision.type_ids[key], name), since)
        for each in self.of(revision.programme):
            self.read.setdefault((revision.type_ids[each.type], each.field), since)
        self._number = revision.number
