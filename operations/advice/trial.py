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
from rules.advice import Written
from rules.award import Candidate
from rules.condition import EvaluationFailed, Scope
from rules.judge import Judge, Metered, RuleVersion
from rules.rule import Rule
from rules.tally import Measure, Tallies, TallyKey, measures_of
from rules.verdict import Result

SECRET = b"trial"  # keys hashes that are compared with one another and never kept
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
    for at, case in enumerate(cases):
        completed = judge.completed(case.activity)
        assessment = judge.assess(completed, case.facts, case.day, case.place, case.among)
        for finding, outcome in zip(assessment.findings, judge.settle(assessment, tallies), strict=True):
            if not isinstance(finding, Candidate):
                continue
            found = tried[outcome.version]
            found.meant[at] = _pays(finding)
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
    told = {name for cases in sample.cases.values() for case in cases for name in case.facts.attributes}
    untold = {f"member.{name}" for name in declared.attributes if name not in told}
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


def _fact(case: Case, name: str) -> object:
    return case.facts.attributes[name] if name in case.facts.attributes else getattr(case.facts, name, None)


def _pays(candidate: Candidate) -> bool:
    amounts = candidate.claim.amounts if candidate.claim else (candidate.points,)
    return any(amount > 0 for amount in amounts)


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
