"""The judge: what the rules in force say of an activity.

Judging is a function of the activity, the member's facts, the rules in force and the tallies before it: no database and
no clock. It has two steps, so that a batch can read its tallies in one go: `assess` finds what each rule would pay and
which tallies decide it; `settle` pays what the limits admit, and counts it.

    judge = Judge(calendar, secret, rules, types, attributes)
    assessment = judge.assess(activity, facts, day)
    tallies = ...                      # of assessment.keys, from wherever they are kept
    outcomes = judge.settle(assessment, tallies)
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from activity.activity import Activity
from activity.calendar import Calendar
from activity.catalogue import ActivityType, FieldType
from activity.member import Facts
from rules.condition import EvaluationFailed, Expression, Scope
from rules.measure import Measure, Measures, Tallies, TallyKey, scope_of, tally_key
from rules.rule import Limit, Rule
from rules.verdict import Outcome, Result

POINTS_MAX = 1_000_000_000  # for one award; nine million of them still fit the 2^53 that a ranking can hold exactly

BY_TYPES = (FieldType.STRING, FieldType.INT, FieldType.BOOL)


class RuleVersion(NamedTuple):
    """A rule as one revision has it, with the ids that the database gave it."""

    id: int
    element: int
    rule: Rule


class Candidate(NamedTuple):
    """What a rule would pay, and the tallies that its limits look at, in the order of its limits."""

    points: int
    keys: tuple[TallyKey, ...]
    limits: tuple[Limit, ...]


class Assessment(NamedTuple):
    """For each rule that looks at the activity's type, in the programme's order: a final outcome or a candidate."""

    versions: tuple[int, ...]
    findings: list[Outcome | Candidate]

    def keys(self) -> Iterator[TallyKey]:
        """The tallies that `settle` needs."""
        for finding in self.findings:
            if type(finding) is Candidate:
                yield from finding.keys


@dataclass(slots=True)
class _BoundLimit:
    limit: Limit
    measure: int
    by: Expression | None


@dataclass(slots=True)
class _BoundRule:
    """A rule version made ready for one activity type."""

    version: int
    valid_from: datetime | None
    valid_to: datetime | None
    when: Expression | None
    points: int | Expression
    bound_limits: tuple[_BoundLimit, ...]
    limits: tuple[Limit, ...]


@dataclass(slots=True)
class _Docket:
    """Everything that judging activities of one type takes."""

    scope: Scope
    names: frozenset[str]  # what its expressions refer to
    rules: tuple[_BoundRule, ...]
    versions: tuple[int, ...]


class Judge:
    """The rules of one revision, compiled. Building one compiles every expression; judging then compiles nothing."""

    def __init__(
        self,
        calendar: Calendar,
        secret: bytes,
        rules: Iterable[RuleVersion],
        measures: Measures,
        types: Mapping[str, ActivityType],
        attributes: Mapping[str, FieldType],
    ) -> None:
        self._calendar = calendar
        self._secret = secret
        rules = list(rules)
        self._dockets = {
            key: self._docket(Scope({f.name: f.type for f in kind.fields.values()}, attributes), key, rules, measures)
            for key, kind in types.items()
        }

    def versions(self, type_key: str) -> tuple[int, ...]:
        """The rule versions that look at activities of a type, in the programme's order."""
        return self._dockets[type_key].versions

    def assess(self, activity: Activity, facts: Facts, day: int) -> Assessment:
        """What each rule makes of an activity before its limits are asked. `day` is the activity's local day."""
        docket = self._dockets[activity.type]
        activation = docket.scope.activation(docket.names, activity, facts) if docket.names else None
        time = activity.time
        findings: list[Outcome | Candidate] = []
        for rule in docket.rules:
            if (rule.valid_from and time < rule.valid_from) or (rule.valid_to and time >= rule.valid_to):
                findings.append(Outcome(rule.version, Result.NOT_ELIGIBLE))
                continue
            try:
                if rule.when is not None and not rule.when.evaluate(activation):
                    findings.append(Outcome(rule.version, Result.CONDITION_FALSE))
                    continue
                points = rule.points if type(rule.points) is int else _amount(rule.points, activation)
                keys = tuple(self._key(bound, activity.member, day, activation) for bound in rule.bound_limits)
            except EvaluationFailed as failure:
                findings.append(Outcome(rule.version, Result.ERROR, 0, str(failure)))
                continue
            findings.append(Candidate(points, keys, rule.limits))
        return Assessment(docket.versions, findings)

    def settle(self, assessment: Assessment, tallies: Tallies) -> list[Outcome]:
        """The outcomes. An award is added to each of its tallies; one of 0 points takes no place in a limit."""
        outcomes = []
        for version, finding in zip(assessment.versions, assessment.findings, strict=True):
            outcomes.append(finding if type(finding) is Outcome else _settle(version, finding, tallies))
        return outcomes

    def _key(self, bound: _BoundLimit, member: int, day: int, activation: object) -> TallyKey:
        scope = scope_of(bound.by.evaluate(activation), self._secret) if bound.by is not None else 0
        return tally_key(bound.measure, bound.limit, member, day, scope, self._calendar)

    @staticmethod
    def _docket(scope: Scope, type_key: str, rules: Collection[RuleVersion], measures: Measures) -> _Docket:
        names: set[str] = set()

        def compiled(text: str, *expected: FieldType) -> Expression:
            expression = scope.compile(text, expected)
            names.update(expression.names)
            return expression

        bound_rules = []
        for version, element, rule in rules:
            if type_key not in rule.on:
                continue
            limits = tuple(
                _BoundLimit(
                    limit, measures[Measure.of(element, limit)], compiled(limit.by, *BY_TYPES) if limit.by else None
                )
                for limit in rule.limits
            )
            bound_rules.append(
                _BoundRule(
                    version,
                    rule.valid_from,
                    rule.valid_to,
                    compiled(rule.when, FieldType.BOOL) if rule.when else None,
                    rule.points if isinstance(rule.points, int) else compiled(rule.points, FieldType.INT),
                    limits,
                    rule.limits,
                )
            )
        return _Docket(scope, frozenset(names), tuple(bound_rules), tuple(rule.version for rule in bound_rules))


def _amount(expression: Expression, activation: object) -> int:
    points = expression.evaluate(activation)
    if type(points) is not int or abs(points) > POINTS_MAX:
        raise EvaluationFailed(f"{points} points are more than one award may pay ({POINTS_MAX:,})")
    return points


def _settle(version: int, candidate: Candidate, tallies: Tallies) -> Outcome:
    points, keys, limits = candidate
    for index, limit in enumerate(limits):
        if tallies.get(keys[index], 0) >= limit.max:
            return Outcome(version, Result.LIMITED, 0, index)
    if points:
        for key in set(keys):  # two limits of one rule may look at the same tally
            tallies[key] = tallies.get(key, 0) + 1
    return Outcome(version, Result.AWARDED, points)
