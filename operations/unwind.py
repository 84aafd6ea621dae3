"""Unwind: what differs between what a member has and what they would have without revisions that are undone. Pure.

What they would have comes of a replay of the revisions that are left: see operations/line.py. What members share takes
effect from now only, so what it said and gave stays. What a person gave stays too.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from operations.case import Case
from operations.comparing import Comparing, Payment, Said, VersionFacts
from operations.revision import Revision
from rewards.award import Award
from rules.verdict import Outcome


@dataclass(slots=True)
class Unwound:
    """What comes of unwinding one member's history."""

    verdicts: Said = field(default_factory=list)  # those that say something else
    payments: list[Payment] = field(default_factory=list)  # those that differ
    lost: list[Award] = field(default_factory=list)
    made: list[Award] = field(default_factory=list)  # some of them on the occasions of those that are lost

    @property
    def changes_ledger(self) -> bool:
        return bool(self.payments or self.lost or self.made)


class Unwinding:
    """Compares members with what they would have. `mine` picks the rules, badges and zones by element: what it does not
    pick stays as it is."""

    def __init__(self, revision: Revision, versions: Mapping[int, VersionFacts], mine: Callable[[int], bool]) -> None:
        self.revision = revision
        self._versions = versions
        self._mine = mine
        self._comparing = Comparing(revision, versions, mine)
        self.elements = self._comparing.elements
        used = {identifier: each for identifier, each in revision.used.items() if mine(each.element)}
        self.progress_measures = {identifier for identifier, each in used.items() if each.is_metric}
        self.measures = {identifier for identifier, each in used.items() if not each.across_members} - (
            self.progress_measures
        )

    def unwind(
        self,
        history: Iterable[Case],
        then: Mapping[int, Sequence[Outcome]],
        awards: Iterable[Award],
        awards_then: Iterable[Award],
        given: Collection[tuple[int, int]],
    ) -> Unwound:
        """Compare a member's activities that were not retracted, with what the rules said of them at last, and the
        awards that the member holds, with the outcomes, by seq, and awards of then. `given` has the seq and element of
        what persons gave."""
        done = Unwound()
        for case in history:
            outcomes = then.get(case.seq) or []
            if outcomes != case.outcomes:
                self._comparing.compare(case, outcomes, done.verdicts, done.payments)
        wanted = {award.occasion: award for award in awards_then}
        for award in awards:
            if not self._mine(award.element):
                continue
            other = wanted.pop(award.occasion, None)
            if (award.seq, award.element) in given or (other and self._same(award, other)):
                continue
            done.lost.append(award)
            if other:
                done.made.append(other)
        done.made += wanted.values()
        return done

    def _same(self, award: Award, other: Award) -> bool:
        """Whether two awards on one occasion rest on the same, and pay the same. Words that differ are nothing."""
        if _evidence(award) != _evidence(other):
            return False
        if award.version == other.version or award.version not in self._versions:  # those of zones are not
            return True
        before, after = (self._versions[each.version].recognition for each in (award, other))
        assert before is not None
        assert after is not None
        return before.terms(award.level) == after.terms(award.level)


def _evidence(award: Award) -> tuple[int | None, ...]:
    return award.activity, award.time_us, award.value, award.first_day, award.last_day, award.expires_us
