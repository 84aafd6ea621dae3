"""The judge: what the rules in force say of an activity, and what it counts for badges and zones.

Judging is a function of the activity, the member's facts, the rules in force and the tallies before it: no database and
no clock. It has two steps, so that a batch can read its tallies in one go: `assess` finds what each rule would pay and
which tallies decide it; `settle` pays what the limits admit, and counts it.

    judge = Judge(calendar, secret, rules, measures, types, attributes)
    assessment = judge.assess(activity, facts, day)
    tallies = ...                      # of assessment.keys(), from wherever they are kept
    outcomes = judge.settle(assessment, tallies)

An award is decided in this order: the rule's validity, the working time, its audience, `when`; amounts and values are
evaluated; then the limits, the cool-down, the amount (step, bonus, share of each member), and the budget.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from activity.activity import Activity
from activity.calendar import Calendar, PeriodInvalid, zone
from activity.catalogue import ActivityType, FieldType
from activity.member import Facts
from rules.award import POINTS_MAX, Candidate, claim_of, effects_of, evaluated, keys_of, settle
from rules.condition import Activation, EvaluationFailed
from rules.docket import BY_TYPES, Answers, Count, Docket, Gate, Metered, RuleVersion, Slot
from rules.rule import WorkingTime
from rules.tally import Measures, Tallies, TallyKey, scope_of
from rules.uncounted import SUM_MAX, Uncounted, uncounted
from rules.verdict import FOR_MEMBERS, Outcome, Result

__all__ = [
    "BY_TYPES",
    "POINTS_MAX",
    "SUM_MAX",
    "Assessment",
    "Candidate",
    "Count",
    "Judge",
    "Metered",
    "RuleVersion",
    "Uncounted",
]

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Assessment(NamedTuple):
    """For each rule that looks at the activity's type, in the programme's order: a final outcome or a candidate."""

    versions: tuple[int, ...]
    findings: list[Outcome | Candidate]
    counts: list[Count]  # what the activity adds to metrics, whatever the rules say

    def keys(self) -> Iterator[TallyKey]:
        """The tallies that `settle` needs."""
        for finding in self.findings:
            if type(finding) is Candidate:
                yield from finding.keys


class Judge:
    """The rules and metrics of one revision, compiled. Building one compiles every expression; judging compiles none.

    `clocks` are the measures whose tallies keep a time and not a sum: those of cool-downs.
    """

    def __init__(
        self,
        calendar: Calendar,
        secret: bytes,
        rules: Iterable[RuleVersion],
        measures: Measures,
        types: Mapping[str, ActivityType],
        attributes: Mapping[str, FieldType],
        working_time: WorkingTime | None = None,
        metered: Iterable[Metered] = (),
    ) -> None:
        self._calendar = calendar
        self._secret = secret
        self._working_time = working_time
        rules, metered = list(rules), list(metered)
        self._dockets = {
            key: Docket(kind, attributes, rules, measures, working_time, metered) for key, kind in types.items()
        }
        terms = [rule.terms for docket in self._dockets.values() for rule in docket.rules if rule.terms]
        self.clocks = frozenset(each.cooldown_measure for each in terms if each.cooldown_us)

    def versions(self, type_key: str) -> tuple[int, ...]:
        """The rule versions that look at activities of a type, in the programme's order."""
        return self._dockets[type_key].versions

    def assess(self, activity: Activity, facts: Facts, day: int, place: int = 0, among: int = 1) -> Assessment:
        """What each rule makes of an activity before its limits are asked. `day` is the activity's local day.

        An activity that names several members is assessed for each: `place` is 0 for the one named first.
        """
        docket = self._dockets[activity.type]
        activation = docket.scope.activation(docket.names, activity, facts) if docket.names else None
        first_days = docket.days.get(day) or docket.first_days(self._calendar, day)
        scopes: list[int | None] = [None] * len(docket.values)
        answers: Answers = [None] * len(docket.questions)
        time, member = activity.time, activity.member
        outside = self._outside(time, facts) if docket.working_time else None
        findings: list[Outcome | Candidate] = []
        for rule in docket.rules:
            if (rule.valid_from and time < rule.valid_from) or (rule.valid_to and time >= rule.valid_to):
                findings.append(Outcome(rule.version, Result.NOT_ELIGIBLE))
                continue
            try:
                if rule.gate is not None:
                    words = _turned_away(rule.gate, docket, answers, activation, outside)
                    if words is not None:
                        findings.append(Outcome(rule.version, Result.NOT_ELIGIBLE, 0, words))
                        continue
                if rule.when is not None and not rule.when.evaluate(activation):
                    findings.append(Outcome(rule.version, Result.CONDITION_FALSE))
                    continue
                points = rule.points if isinstance(rule.points, int) else evaluated(rule.points, activation)
                keys = []
                for measure, kind, by, across_members in rule.slots:
                    scope = 0
                    if by >= 0:
                        found = scopes[by]
                        if found is None:
                            found = scopes[by] = scope_of(docket.values[by].evaluate(activation), self._secret)
                        scope = found
                    keys.append((0 if across_members else member, measure, first_days[kind], scope))
                if rule.terms is None:
                    findings.append(Candidate(points, keys, rule.limits))
                    continue
                claim = claim_of(rule.terms, points, activation, activity, day, place, among)
                keys += keys_of(claim, activity, first_days)
            except EvaluationFailed as failure:
                findings.append(Outcome(rule.version, Result.ERROR, 0, str(failure)))
                continue
            findings.append(Candidate(points, keys, rule.limits, claim))
        counts = self._counts(docket, time, activation, answers, scopes) if docket.meters else []
        return Assessment(docket.versions, findings, counts)

    def settle(self, assessment: Assessment, tallies: Tallies) -> list[Outcome]:
        """The outcomes. An award is added to each of its tallies; one of 0 points takes no place in a limit."""
        calendar = self._calendar
        outcomes = []
        for version, finding in zip(assessment.versions, assessment.findings, strict=True):
            outcomes.append(settle(version, finding, tallies, calendar) if isinstance(finding, Candidate) else finding)
        return outcomes

    def completed(self, activity: Activity) -> Activity:
        """An activity of the past with the fields that its type got later, as far as they have defaults."""
        docket = self._dockets.get(activity.type)
        return docket.completed(activity) if docket else activity

    def counts(self, activity: Activity, facts: Facts, day: int) -> list[Count]:  # noqa: ARG002  # as assess takes it
        """What an activity of the past adds to metrics. Nothing where its type is no longer known."""
        docket = self._dockets.get(activity.type)
        if docket is None or not docket.meters:
            return []
        completed = docket.completed(activity)
        activation = docket.scope.activation(docket.metric_names, completed, facts) if docket.metric_names else None
        answers: Answers = [None] * len(docket.questions)
        return self._counts(docket, activity.time, activation, answers, [None] * len(docket.values))

    def uncounted(self, activity: Activity, facts: Facts) -> list[Uncounted]:
        """What keeps an activity from metrics that it would count for. Nothing where its type is no longer known."""
        docket = self._dockets.get(activity.type)
        return list(uncounted(docket, docket.completed(activity), facts)) if docket else []

    def effects(
        self, activity: Activity, facts: Facts, day: int, paid: Mapping[int, int]
    ) -> list[tuple[TallyKey, int]]:
        """What awards of the past add to the tallies of these rules, whatever the rules would say of them now.

        `paid` has points by the element of a rule. An award is worth 1 in the tallies of limits and steps, its points
        in that of a budget, and its time in that of a cool-down. A tally whose value of `by` the activity does not have
        (its field did not exist yet) gets nothing, and neither does one of a rule that does not look at this type now.
        """
        docket = self._dockets.get(activity.type)
        if docket is None:
            return []
        names = docket.value_names
        activation = docket.scope.activation(names, docket.completed(activity), facts) if names else None
        first_days = docket.first_days(self._calendar, day)
        found: list[tuple[TallyKey, int]] = []
        for element, points in paid.items():
            rule = docket.by_element.get(element)
            if rule is None or not points:
                continue
            effects = [(self._key(slot, docket, activity.member, first_days, activation), 1) for slot in rule.slots]
            added = {key: amount for key, amount in effects if key is not None}  # two limits may look at the same tally
            if rule.terms is not None:
                added |= effects_of(rule.terms, activity, first_days, points)
            found += added.items()
        return found

    def _key(
        self, slot: Slot, docket: Docket, member: int, first_days: list[int], activation: Activation | None
    ) -> TallyKey | None:
        """The tally of a slot; None where its `by` has no value."""
        scope = 0
        if slot.by >= 0:
            try:
                scope = scope_of(docket.values[slot.by].evaluate(activation), self._secret)
            except EvaluationFailed:
                return None
        return (0 if slot.across_members else member, slot.measure, first_days[slot.kind], scope)

    def _counts(
        self,
        docket: Docket,
        time: datetime,
        activation: Activation | None,
        answers: Answers,
        scopes: list[int | None],
    ) -> list[Count]:
        """What an activity adds to the metrics that look at it. One whose expression has no value gets nothing."""
        counts: list[Count] = []
        for meter in docket.meters:
            if (meter.valid_from and time < meter.valid_from) or (meter.valid_to and time >= meter.valid_to):
                continue
            if meter.questions and not docket.all_true(meter.questions, answers, activation):
                continue
            counts += meter.ones
            for metered, question in meter.sums:
                amount = docket.answer(question, answers, activation)
                if type(amount) is int and amount and abs(amount) <= SUM_MAX:
                    counts.append(Count(metered, amount, 0))
            for metered, value in meter.distinct:
                scope = scopes[value]
                if scope is None:
                    try:
                        scope = scopes[value] = scope_of(docket.values[value].evaluate(activation), self._secret)
                    except EvaluationFailed:
                        continue
                counts.append(Count(metered, 1, scope))
        return counts

    def _outside(self, time: datetime, facts: Facts) -> str | None:
        """That an activity lies outside the working time, in words for its member; None where it does not."""
        works = self._working_time
        assert works is not None
        name = facts.time_zone or ""
        local_zone = _zone(name)
        local = time.astimezone(local_zone or self._calendar.time_zone)
        if local.weekday() in works.days and works.starts <= local.hour * 60 + local.minute < works.ends:
            return None
        clock = name if local_zone else self._calendar.time_zone.key
        return f"outside working time: {DAY_NAMES[local.weekday()]} {local:%H:%M} in {clock}"


def _turned_away(
    gate: Gate, docket: Docket, answers: Answers, activation: Activation | None, outside: str | None
) -> str | None:
    """Why a rule is not for this member now, in words; None where it is. Raises EvaluationFailed."""
    if (
        outside is not None
        and gate.working_time
        # Of whom nobody knows whether it is for them, it is not.
        and (docket.works < 0 or docket.answer(docket.works, answers, activation) is True)
    ):
        return outside
    if gate.audience >= 0 and not _holds(gate.audience, docket, answers, activation):
        return f"{FOR_MEMBERS}{gate.audience_text}"
    return None


def _holds(question: int, docket: Docket, answers: Answers, activation: Activation | None) -> bool:
    found = docket.answer(question, answers, activation)
    if isinstance(found, EvaluationFailed):
        raise found
    return found is True


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo | None:
    """The time zone with this name; None where there is none, as nobody checks what a member's is."""
    try:
        return zone(name) if name else None
    except PeriodInvalid:
        return None
