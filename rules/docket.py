"""What judging takes: rules and metrics made ready for activities of one type. Nothing here looks at an activity."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from activity.activity import Activity
from activity.calendar import MICROSECOND, Calendar, PeriodKind
from activity.catalogue import ActivityType, FieldType
from rules.condition import Activation, EvaluationFailed, Expression, Scalar, Scope
from rules.metric import Aggregate, Metric
from rules.rule import Bonus, Budget, Credit, Limit, Rule, Steps, WorkingTime
from rules.tally import Measure, Measures

DAYS_KEPT = 4_000  # days whose periods are remembered: more than ten years

Answers = list[Scalar | EvaluationFailed | None]  # to a docket's questions; None: not asked yet

BY_TYPES = (FieldType.STRING, FieldType.INT, FieldType.BOOL)


class RuleVersion(NamedTuple):
    """A rule as one revision has it, with the ids that the database gave it."""

    id: int
    element: int
    rule: Rule


class Metered(NamedTuple):
    """A metric that is counted, for a badge or a need of a zone, and the activities that count for it."""

    measure: int  # the id by which its contributions are kept
    metric: Metric
    audience: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class Count(NamedTuple):
    """What one activity adds to a metric."""

    metered: int  # index into the judge's metered
    amount: int  # 1, or the value for a sum, which is not 0
    scope: int  # hash of the value for distinct values, else 0


class Slot(NamedTuple):
    """Where a tally is found: indexes into what a docket works out once for all its rules."""

    measure: int
    kind: int  # of the docket's kinds of period
    by: int  # of the docket's values, or -1
    across_members: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """Whom a rule turns away before it looks at the activity. Indexes are of the docket's questions, or -1."""

    working_time: bool
    audience: int
    audience_text: str | None


@dataclass(frozen=True, slots=True)
class Terms:
    """How a rule pays that has more than an amount and limits."""

    steps: tuple[int | Expression, ...]  # empty: always the rule's points
    steps_per: PeriodKind
    steps_slot: Slot | None
    bonuses: tuple[Bonus, ...]
    credit: Credit
    cooldown_us: int  # 0: none
    cooldown_measure: int
    budget: Budget | None
    budget_slot: Slot | None
    holds: bool


@dataclass(slots=True)
class BoundRule:
    """A rule version made ready for one activity type. Without a gate and terms it is judged the fastest."""

    version: int
    element: int
    valid_from: datetime | None
    valid_to: datetime | None
    when: Expression | None
    points: int | Expression
    limits: tuple[Limit, ...]
    slots: tuple[Slot, ...]  # of the limits
    gate: Gate | None
    terms: Terms | None


@dataclass(slots=True)
class _Meter:
    """Metrics that the same activities count for."""

    valid_from: datetime | None
    valid_to: datetime | None
    questions: tuple[int, ...]  # that must all be true
    ones: list[Count]  # of metrics for which an activity is an activity
    sums: list[tuple[int, int]]  # index of the metered, and of the question
    distinct: list[tuple[int, int]]  # index of the metered, and of the value


class Docket:
    """Everything that judging activities of one type takes. What several rules and metrics ask is worked out once.

    `values` are the expressions that are hashed: `by` of limits and of distinct values. `questions` are those whose
    answer several may share: audiences, and the conditions and sums of metrics.
    """

    def __init__(
        self,
        kind: ActivityType,
        attributes: Mapping[str, FieldType],
        rules: Iterable[RuleVersion],
        measures: Measures,
        working_time: WorkingTime | None,
        metered: Iterable[Metered],
    ) -> None:
        self.scope = Scope({field.name: field.type for field in kind.fields.values()}, attributes)
        self.kinds: list[PeriodKind] = []
        self.values: list[Expression] = []
        self.questions: list[Expression] = []
        self._working_time = working_time
        self._measures = measures
        self._defaults = {name: field.default for name, field in kind.fields.items() if field.default is not None}
        self.days: dict[int, list[int]] = {}  # for each day met, the first days of the periods that it is in
        self.rules = [self._bound(item) for item in rules if kind.key in item.rule.on]
        self.versions = tuple(rule.version for rule in self.rules)
        self.by_element = {rule.element: rule for rule in self.rules}
        # Asked only where an activity lies outside the working time.
        self.working_time = any(rule.gate is not None and rule.gate.working_time for rule in self.rules)
        self.works = -1
        if self.working_time and working_time is not None and working_time.applies_to:
            self.works = self._question(working_time.applies_to, {FieldType.BOOL})
        self._meters: dict[tuple[object, ...], _Meter] = {}
        for index, item in enumerate(metered):
            if kind.key in item.metric.on:
                self._meter(index, item)
        self.meters = list(self._meters.values())
        self.value_names = _names(self.values)
        self.metric_names = _names(self.questions) | self.value_names
        self.names = self.metric_names | _names(self._expressions())

    def first_days(self, calendar: Calendar, day: int) -> list[int]:
        """The first days of the periods that a day is in, in the order of `kinds`."""
        found = self.days.get(day)
        if found is None:
            if len(self.days) > DAYS_KEPT:
                self.days.clear()
            found = self.days[day] = [calendar.period(kind, day).first for kind in self.kinds]
        return found

    def completed(self, activity: Activity) -> Activity:
        """The activity with the defaults of fields that came after it."""
        if not self._defaults or self._defaults.keys() <= activity.data.keys():
            return activity
        return replace(activity, data=self._defaults | dict(activity.data))

    def answer(self, question: int, answers: Answers, activation: Activation | None) -> Scalar | EvaluationFailed:
        """The answer to one of the questions, or why it has none; asked once, then kept in `answers`."""
        found = answers[question]
        if found is None:
            try:
                found = self.questions[question].evaluate(activation)
            except EvaluationFailed as failure:
                found = failure
            answers[question] = found
        return found

    def all_true(self, questions: Iterable[int], answers: Answers, activation: Activation | None) -> bool:
        """Whether these questions have true for an answer; they are asked in order, up to one that has not."""
        for question in questions:
            found = answers[question]
            if found is None:
                found = self.answer(question, answers, activation)
            if found is not True:
                return False
        return True

    def _bound(self, item: RuleVersion) -> BoundRule:
        rule = item.rule
        points = 0 if isinstance(rule.points, Steps) else self._amount(rule.points)
        return BoundRule(
            item.id,
            item.element,
            rule.valid_from,
            rule.valid_to,
            self.scope.compile(rule.when, {FieldType.BOOL}) if rule.when else None,
            points,
            rule.limits,
            tuple(
                self._slot(Measure.of_limit(item.element, limit), limit.per, limit.by, limit.across_members)
                for limit in rule.limits
            ),
            self._gate(rule),
            self._terms(item.element, rule),
        )

    def _gate(self, rule: Rule) -> Gate | None:
        working_time = self._working_time is not None and not rule.any_time
        if not working_time and not rule.audience:
            return None
        audience = self._question(rule.audience, {FieldType.BOOL}) if rule.audience else -1
        return Gate(working_time, audience, rule.audience)

    def _terms(self, element: int, rule: Rule) -> Terms | None:
        steps, budget = rule.points if isinstance(rule.points, Steps) else None, rule.budget
        if not (steps or rule.bonuses or rule.credit is not Credit.EACH or rule.cooldown or budget or rule.hold):
            return None
        return Terms(
            tuple(self._amount(amount) for amount in steps.amounts) if steps else (),
            steps.per if steps else PeriodKind.EVER,
            self._slot(Measure.of_steps(element, steps), steps.per) if steps else None,
            rule.bonuses,
            rule.credit,
            rule.cooldown // MICROSECOND if rule.cooldown else 0,
            self._measures[Measure.of_cooldown(element, rule.cooldown)] if rule.cooldown else 0,
            budget,
            self._slot(Measure.of_budget(element, budget), budget.per, across=True) if budget else None,
            rule.hold is not None,
        )

    def _amount(self, amount: int | str) -> int | Expression:
        return amount if isinstance(amount, int) else self.scope.compile(amount, {FieldType.INT})

    def _slot(self, measure: Measure, per: PeriodKind, by: str | None = None, across: bool = False) -> Slot:
        if per not in self.kinds:
            self.kinds.append(per)
        value = self._index(self.values, by, BY_TYPES) if by else -1
        return Slot(self._measures[measure], self.kinds.index(per), value, across)

    def _meter(self, index: int, item: Metered) -> None:
        metric = item.metric
        questions = tuple(self._question(text, {FieldType.BOOL}) for text in (item.audience, metric.when) if text)
        key = (item.valid_from, item.valid_to, questions)
        meter = self._meters.setdefault(key, _Meter(item.valid_from, item.valid_to, questions, [], [], []))
        if metric.aggregate is Aggregate.SUM:
            meter.sums.append((index, self._question(metric.by or "", {FieldType.INT})))
        elif metric.aggregate is Aggregate.DISTINCT:
            meter.distinct.append((index, self._index(self.values, metric.by or "", BY_TYPES)))
        else:
            meter.ones.append(Count(index, 1, 0))

    def _question(self, text: str, expected: Collection[FieldType]) -> int:
        return self._index(self.questions, text, expected)

    def _index(self, expressions: list[Expression], text: str, expected: Collection[FieldType]) -> int:
        """The index of the expression with this text, which is compiled where it is new."""
        for index, expression in enumerate(expressions):
            if expression.text == text:
                return index
        expressions.append(self.scope.compile(text, expected))
        return len(expressions) - 1

    def _expressions(self) -> Iterator[Expression]:
        """What the rules evaluate beside values and questions."""
        for rule in self.rules:
            for each in (rule.when, rule.points, *(rule.terms.steps if rule.terms else ())):
                if isinstance(each, Expression):
                    yield each


def _names(expressions: Iterable[Expression]) -> frozenset[str]:
    return frozenset(name for expression in expressions for name in expression.names)
