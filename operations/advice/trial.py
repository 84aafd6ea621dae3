"""A trial: what the rules, badges and zones of a draft would have made of a sample of activities. Pure.

It counts what warnings ask for and no more; what a change does in full is told by the simulation. Rules and badges are
tried as if they had always been in force: one that begins next month is tried on what happened before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from activity.catalogue import FieldType
from operations.advice.sample import Sample
from operations.case import Case
from operations.programme import Programme
from rewards.advice import Measured
from rewards.book import Book, row_at
from rewards.gauge import Gauge
from rewards.series import gauge_of
from rules.advice import Written, expressions_of
from rules.award import Candidate
from rules.condition import RESERVED_FIELDS, EvaluationFailed, Expression, Scope
from rules.judge import Judge, Metered, RuleVersion
from rules.rule import Rule
from rules.tally import Measure, Tallies, TallyKey, measures_of
from rules.verdict import Result

SECRET = b"trial"  # keys hashes that are compared with one another and never kept
RESULTS = frozenset({FieldType.BOOL, FieldType.INT, FieldType.DOUBLE, FieldType.STRING})
WORDS_MAX = 200  # a field with more values than that is no vocabulary, but a title or an address

Vocabulary = Mapping[str, frozenset[str]]  # the texts that were seen, by field


class Answered(NamedTuple):
    """How often a condition was true, of all activities that have the fields it asks for."""

    true: int
    looked_at: int


@dataclass(slots=True)
class LimitTried:
    """How one limit did: over members, periods and values of `by`, which are its groups."""

    most: int = 0  # awards in one group
    groups: set[TallyKey] = field(default_factory=set)
    refused: set[TallyKey] = field(default_factory=set)  # those in which it turned something away


@dataclass(slots=True)
class RuleTried:
    """What one rule did."""

    meant: bytearray  # of each activity of the sample, whether it pays for it, where limits admit it
    awards: int = 0
    limits: list[LimitTried] = field(default_factory=list)
    looked_at: int = 0  # activities
    candidates: int = 0  # those that it pays for, where limits admit them
    below: int = 0  # those of them for which an amount was less than 0
    least: int = 0
    failed: dict[str, tuple[str, int]] = field(default_factory=dict)  # why, and how often, by path of an expression


@dataclass(slots=True)
class Trial:
    """What became of a sample."""

    rules: Mapping[str, RuleTried]
    best: Mapping[str, Mapping[int, int]]  # the best value of each member, by the path of the badge or need


def try_out(sample: Sample, declared: Programme, rules: Sequence[Rule], metrics: Sequence[Measured]) -> Trial:
    """Judge the sample by these rules, with empty tallies before it, and measure it for badges and zones."""
    rules = [replace(rule, valid_from=None, valid_to=None) for rule in rules]
    versions = [RuleVersion(number, number, rule) for number, rule in enumerate(rules)]
    counted = dict.fromkeys(each for item in versions for each in measures_of(item.element, item.rule))
    measures = {each: number for number, each in enumerate(counted)}
    metered = [
        Metered(number, item.metric, item.badge.audience if item.badge else None) for number, item in enumerate(metrics)
    ]
    calendar = declared.calendar
    judge = Judge(
        calendar,
        SECRET,
        versions,
        measures,
        declared.activities,
        declared.attributes,
        working_time=declared.working_time,
        metered=metered,
    )
    gauges = [gauge_of(item.measure, item.metric, calendar, repeat=False, lasting=True) for item in metered]
    cases = _in_order(sample)
    tried = [RuleTried(bytearray(len(cases)), limits=[LimitTried() for _ in rule.limits]) for rule in rules]
    tallies: Tallies = {}
    book = Book()
    failures = _Failures(sample, declared)
    for at, case in enumerate(cases):
        completed = judge.completed(case.activity)
        assessment = judge.assess(completed, case.facts, case.day, case.place, case.among)
        for finding, outcome in zip(assessment.findings, judge.settle(assessment, tallies), strict=True):
            found = tried[outcome.version]
            found.looked_at += 1
            if not isinstance(finding, Candidate):
                if outcome.result is Result.ERROR:
                    failures.note(found, rules[outcome.version], case, str(outcome.detail))
                continue
            amounts = finding.claim.amounts if finding.claim else (finding.points,)
            found.meant[at] = any(amount > 0 for amount in amounts)
            found.candidates += 1
            if (least := min(amounts)) < 0:
                found.below += 1
                found.least = min(found.least, least)
            for limit, key in zip(found.limits, finding.keys, strict=False):  # keys of other terms follow
                limit.groups.add(key)
            if outcome.result is Result.LIMITED and isinstance(outcome.detail, int):
                found.limits[outcome.detail].refused.add(finding.keys[outcome.detail])
            found.awards += outcome.points != 0
        for index, amount, scope in assessment.counts:
            gauges[index].add(book.rows(case.member, index), case.day, amount, scope)
    _note_most(versions, tried, tallies, measures)
    return Trial(
        {rule.key: found for rule, found in zip(rules, tried, strict=True)},
        _best(metrics, gauges, book, cases[-1].day if cases else 1),
    )


def answers(sample: Sample, declared: Programme, written: Iterable[Written]) -> dict[str, Answered]:
    """How often conditions were true, by their paths.

    An activity that is older than a field says nothing about it, and neither do members of whom none has an attribute.
    """
    written = [each for each in written if each.condition]
    untold = _untold(sample, declared)
    found: dict[tuple[str, str], Answered] = {}
    for kind, cases in sample.cases.items():
        texts = dict.fromkeys(each.text for each in written if kind in each.on)
        if not texts or not cases:
            continue
        fields = declared.activities[kind].fields
        scope = Scope({each.name: each.type for each in fields.values()}, declared.attributes)
        expressions = [scope.compile(text, {FieldType.BOOL}) for text in texts]
        names = frozenset(name for each in expressions for name in each.names)
        asked = [frozenset(name for name in fields if f"activity.{name}" in each.names) for each in expressions]
        true, looked_at = [0] * len(expressions), [0] * len(expressions)
        for case in cases:
            activation = scope.activation(names, case.activity, case.facts)
            known = case.activity.data.keys()
            for at, expression in enumerate(expressions):
                if asked[at] <= known and untold.isdisjoint(expression.names):
                    looked_at[at] += 1
                    try:
                        true[at] += expression.evaluate(activation) is True
                    except EvaluationFailed:
                        continue
        for at, text in enumerate(texts):
            found[kind, text] = Answered(true[at], looked_at[at])
    return {each.path: _sum(found.get((kind, each.text), Answered(0, 0)) for kind in each.on) for each in written}


def vocabulary(cases: Sequence[Case], fields: Iterable[str], least: int) -> Vocabulary:
    """The texts that activities and their members have in these fields, such as activity.network or member.location.

    A field is left out that has no texts, too many different ones, or is known of fewer than `least` activities.
    """
    found = {}
    for name in fields:
        owner, _, own = name.partition(".")
        words: set[str] = set()
        known = 0
        for case in cases:
            value = case.activity.data.get(own) if owner == "activity" else _fact(case, own)
            texts = [value] if isinstance(value, str) else value if isinstance(value, list) else ()
            words.update(text for text in texts if isinstance(text, str) and text)
            known += bool(texts)
            if len(words) > WORDS_MAX:
                break
        if words and known >= least and len(words) <= WORDS_MAX:
            found[name] = frozenset(words)
    return found


class _Failures:
    """Finds the expression of a rule that has no value for an activity."""

    def __init__(self, sample: Sample, declared: Programme) -> None:
        self._declared = declared
        self._untold = _untold(sample, declared)
        self._scopes: dict[str, Scope] = {}
        self._compiled: dict[tuple[str, str], Expression] = {}

    def note(self, tried: RuleTried, rule: Rule, case: Case, reason: str) -> None:
        path = f"rules.{rule.key}.points"  # where an amount has a value, but a larger one than can be paid
        known = {f"activity.{name}" for name in (*RESERVED_FIELDS, *case.activity.data)}
        for written in expressions_of(rule):
            expression, scope = self._expression(case.activity.type, written.text)
            try:
                expression.evaluate(scope.activation(expression.names, case.activity, case.facts))
            except EvaluationFailed as failure:
                fields = {name for name in expression.names if name.startswith("activity.")}
                if not fields <= known or not self._untold.isdisjoint(expression.names):
                    return  # it was not known then
                path, reason = written.path, str(failure)
                break
        first, count = tried.failed.get(path, (reason, 0))
        tried.failed[path] = first, count + 1

    def _expression(self, kind: str, text: str) -> tuple[Expression, Scope]:
        scope = self._scopes.get(kind)
        if scope is None:
            fields = self._declared.activities[kind].fields
            scope = Scope({each.name: each.type for each in fields.values()}, self._declared.attributes)
            self._scopes[kind] = scope
        found = self._compiled.get((kind, text))
        if found is None:
            found = self._compiled[kind, text] = scope.compile(text, RESULTS)
        return found, scope


def _untold(sample: Sample, declared: Programme) -> set[str]:
    """The attributes that no member of the sample has."""
    told = {name for cases in sample.cases.values() for case in cases for name in case.facts.attributes}
    return {f"member.{name}" for name in declared.attributes if name not in told}


def _fact(case: Case, name: str) -> object:
    return case.facts.attributes[name] if name in case.facts.attributes else getattr(case.facts, name, None)


def _in_order(sample: Sample) -> list[Case]:
    cases = [case for each in sample.cases.values() for case in each]
    return sorted(cases, key=lambda case: (case.seq, case.place))


def _sum(answered: Iterable[Answered]) -> Answered:
    true = looked_at = 0
    for each in answered:
        true, looked_at = true + each.true, looked_at + each.looked_at
    return Answered(true, looked_at)


def _note_most(
    versions: Iterable[RuleVersion], tried: Sequence[RuleTried], tallies: Tallies, measures: Mapping[Measure, int]
) -> None:
    most = dict.fromkeys(measures.values(), 0)
    for (_, measure, _, _), count in tallies.items():
        most[measure] = max(most[measure], count)
    for item, found in zip(versions, tried, strict=True):
        for limit, limited in zip(item.rule.limits, found.limits, strict=True):
            limited.most = most[measures[Measure.of_limit(item.element, limit)]]


def _best(metrics: Sequence[Measured], gauges: Sequence[Gauge], book: Book, day: int) -> dict[str, dict[int, int]]:
    """The best value of each member who has any, by the paths of the metrics."""
    best: dict[str, dict[int, int]] = {item.path: {} for item in metrics}
    for (member, index), rows in book.groups.items():
        gauge = gauges[index]
        gauge.renew(rows, day)
        value = row_at(rows, gauge.summary_of(0))[0]
        if value > 0:
            best[metrics[index].path][member] = value
    return best
