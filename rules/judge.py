"""The judge: what the rules in force say of an activity.

Judging is a function of the activity, the member's facts, the rules in force and the tallies before it: no database and
no clock. It has two steps, so that a batch can read its tallies in one go: `assess` finds what each rule would pay and
which tallies decide it; `settle` pays what the limits admit, and counts it.

    judge = Judge(calendar, secret, rules, types, attributes)
    assessment = judge.assess(activity, facts, day)
    tallies = ...                      # of assessment.keys, from wherever they are kept
    outcomes = judge.settle(assessment, tallies)
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from activity.activity import Activity
from activity.calendar import Calendar, PeriodKind
from activity.catalogue import ActivityType, FieldType
from activity.member import Facts
from rules.condition import EvaluationFailed, Expression, Scope
from rules.measure import Measure, Measures, Tallies, TallyKey, scope_of
from rules.rule import Limit, Rule
from rules.verdict import Outcome, Result

POINTS_MAX = 1_000_000_000  # for one award; nine million of them still fit the 2^53 that a ranking can hold exactly

DAYS_KEPT = 4_000  # days whose periods are remembered: more than ten years

BY_TYPES = (FieldType.STRING, FieldType.INT, FieldType.BOOL)


class RuleVersion(NamedTuple):
    """A rule as one revision has it, with the ids that the database gave it."""

    id: int
    element: int
    rule: Rule


class Candidate(NamedTuple):
    """What a rule would pay, and the tallies that its limits look at, in the order of its limits."""

    points: int
    keys: list[TallyKey]
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


class _Slot(NamedTuple):
    """Where one limit finds its tally: indexes into what a docket works out once for all its rules."""

    measure: int
    kind: int  # of the docket's kinds of period
    by: int  # of the docket's expressions, or -1
    across_members: bool


@dataclass(slots=True)
class _BoundRule:
    """A rule version made ready for one activity type."""

    version: int
    valid_from: datetime | None
    valid_to: datetime | None
    when: Expression | None
    points: int | Expression
    limits: tuple[Limit, ...]
    slots: tuple[_Slot, ...]


class _Docket:
    """Everything that judging activities of one type takes. What several rules ask is worked out once."""

    def __init__(
        self, kind: ActivityType, attributes: Mapping[str, FieldType], rules: Iterable[RuleVersion], measures: Measures
    ) -> None:
        self.scope = Scope({field.name: field.type for field in kind.fields.values()}, attributes)
        self.kinds: list[PeriodKind] = []
        self.bys: list[Expression] = []
        self.rules = [self._bound(item, measures) for item in rules if kind.key in item.rule.on]
        self.versions = tuple(rule.version for rule in self.rules)
        asked = [rule.when for rule in self.rules] + [rule.points for rule in self.rules] + self.bys
        self.names = frozenset(name for each in asked if isinstance(each, Expression) for name in each.names)
        self.first_days: dict[int, list[int]] = {}  # of the periods that a day is in, in the order of kinds

    def _bound(self, item: RuleVersion, measures: Measures) -> _BoundRule:
        rule = item.rule
        return _BoundRule(
            item.id,
            rule.valid_from,
            rule.valid_to,
            self.scope.compile(rule.when, {FieldType.BOOL}) if rule.when else None,
            rule.points if isinstance(rule.points, int) else self.scope.compile(rule.points, {FieldType.INT}),
            rule.limits,
            tuple(self._slot(limit, measures[Measure.of(item.element, limit)]) for limit in rule.limits),
        )

    def _slot(self, limit: Limit, measure: int) -> _Slot:
        if limit.per not in self.kinds:
            self.kinds.append(limit.per)
        by = -1
        if limit.by:
            texts = [expression.text for expression in self.bys]
            if limit.by not in texts:
                self.bys.append(self.scope.compile(limit.by, BY_TYPES))
                texts.append(limit.by)
            by = texts.index(limit.by)
        return _Slot(measure, self.kinds.index(limit.per), by, limit.across_members)


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
        self._dockets = {key: _Docket(kind, attributes, rules, measures) for key, kind in types.items()}

    def versions(self, type_key: str) -> tuple[int, ...]:
        """The rule versions that look at activities of a type, in the programme's order."""
        return self._dockets[type_key].versions

    def assess(self, activity: Activity, facts: Facts, day: int) -> Assessment:
        """What each rule makes of an activity before its limits are asked. `day` is the activity's local day."""
        docket = self._dockets[activity.type]
        activation = docket.scope.activation(docket.names, activity, facts) if docket.names else None
        first_days = docket.first_days.get(day) or self._first_days(docket, day)
        scopes: list[int | None] = [None] * len(docket.bys)
        time, member = activity.time, activity.member
        findings: list[Outcome | Candidate] = []
        for rule in docket.rules:
            if (rule.valid_from and time < rule.valid_from) or (rule.valid_to and time >= rule.valid_to):
                findings.append(Outcome(rule.version, Result.NOT_ELIGIBLE))
                continue
            try:
                if rule.when is not None and not rule.when.evaluate(activation):
                    findings.append(Outcome(rule.version, Result.CONDITION_FALSE))
                    continue
                points = rule.points if isinstance(rule.points, int) else _amount(rule.points, activation)
                keys = []
                for measure, kind, by, across_members in rule.slots:
                    scope = 0
                    if by >= 0:
                        found = scopes[by]
                        if found is None:
                            found = scopes[by] = scope_of(docket.bys[by].evaluate(activation), self._secret)
                        scope = found
                    keys.append((0 if across_members else member, measure, first_days[kind], scope))
            except EvaluationFailed as failure:
                findings.append(Outcome(rule.version, Result.ERROR, 0, str(failure)))
                continue
            findings.append(Candidate(points, keys, rule.limits))
        return Assessment(docket.versions, findings)

    def settle(self, assessment: Assessment, tallies: Tallies) -> list[Outcome]:
        """The outcomes. An award is added to each of its tallies; one of 0 points takes no place in a limit."""
        outcomes = []
        for version, finding in zip(assessment.versions, assessment.findings, strict=True):
            outcomes.append(finding if isinstance(finding, Outcome) else _settle(version, finding, tallies))
        return outcomes

    def _first_days(self, docket: _Docket, day: int) -> list[int]:
        first_days = [self._calendar.period(kind, day).first for kind in docket.kinds]
        if len(docket.first_days) > DAYS_KEPT:
            docket.first_days.clear()
        docket.first_days[day] = first_days
        return first_days


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
        for key in keys if len(keys) < 2 else set(keys):  # two limits of one rule may look at the same tally
            tallies[key] = tallies.get(key, 0) + 1
    return Outcome(version, Result.AWARDED, points)
