"""Comparing: what rules say of an activity now beside what they said, and what that pays differently. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from operations.case import Case
from operations.recognition import Recognition
from operations.revision import Revision
from rules.verdict import PAID, Outcome

Said = list[tuple[Case, list[Outcome]]]


class VersionFacts(NamedTuple):
    """What is asked of a version of a rule or badge, whichever revision it is of."""

    element: int
    tags: tuple[str, ...]
    recognition: Recognition | None = None  # of a badge


class Payment(NamedTuple):
    """What one rule pays for one activity now, and paid before. The same points can count on other boards now."""

    case: Case
    element: int
    before: Outcome | None
    after: Outcome | None


class Comparing:
    """Compares outcomes. `versions` has all versions of rules and badges there have been; of the elements that `mine`
    does not pick, what was said stays."""

    def __init__(self, revision: Revision, versions: Mapping[int, VersionFacts], mine: Callable[[int], bool]) -> None:
        self.versions = versions
        self.elements = rule_elements(versions)
        self._mine = mine
        self._order = {item.element: index for index, item in enumerate(revision.rule_versions)}
        self._tags = {item.id: frozenset(item.rule.tags) for item in revision.rule_versions if mine(item.element)}

    def compare(self, case: Case, outcomes: Sequence[Outcome], verdicts: Said, payments: list[Payment]) -> None:
        """Beside what a case's outcomes are, what the rules say of it now: a verdict is added where it is another, and
        payments that differ."""
        before = {self.elements[outcome.version]: outcome for outcome in case.outcomes}
        after = {self.elements[outcome.version]: outcome for outcome in outcomes}
        after |= {element: outcome for element, outcome in before.items() if not self._mine(element)}
        if after == before:  # in whatever order
            return
        found = [after[element] for element in sorted(after, key=lambda each: self._order.get(each, len(self._order)))]
        verdicts.append((case, found))
        for element in dict.fromkeys((*before, *after)):
            old, new = before.get(element), after.get(element)
            if old != new and self._mine(element):
                old, new = _paid(old), _paid(new)
                if self._pays_otherwise(old, new):
                    payments.append(Payment(case, element, old, new))

    def _pays_otherwise(self, old: Outcome | None, new: Outcome | None) -> bool:
        if old is None or new is None:
            return old is not new
        return old.points != new.points or self._tags_of(old) != self._tags_of(new)

    def _tags_of(self, outcome: Outcome) -> frozenset[str]:
        return self._tags.get(outcome.version) or frozenset(self.versions[outcome.version].tags)


def rule_elements(versions: Mapping[int, VersionFacts]) -> dict[int, int]:
    """The elements of rules, by their versions."""
    return {version: facts.element for version, facts in versions.items() if facts.recognition is None}


def _paid(outcome: Outcome | None) -> Outcome | None:
    return outcome if outcome and outcome.points and outcome.result in PAID else None
