"""Warnings: what a manager would want to know of a sound programme before publishing it. Nothing is written.

Some are plain from the file (rules/advice.py, rewards/advice.py), others from what was recorded in the last 90 days: a
sample of it is judged by the draft. Where too little was recorded to tell, nothing is said.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from activity.calendar import PeriodKind
from leaderboard.standing import BoardVersion
from operations.programme import Programme
from operations.revision import NoProgramme, Revision, Revisions
from operations.sample import CASES_MAX, Sample, take_sample
from operations.trial import Answered, LimitTried, Trial, answers, try_out, vocabulary
from rewards.advice import Measured, advice_on_goals, advice_on_requirements, measured
from rewards.advice import expressions_of as expressions_of_metric
from rules.advice import (
    Advice,
    Code,
    Written,
    advice_on_rules,
    advice_on_words,
    alike,
    may_pay,
    one_condition,
    same_thing,
)
from rules.advice import expressions_of as expressions_of_rule
from rules.literal import compared, nearly
from rules.rule import Limit, Rule
from storage.work import UnitOfWork

DAYS = 90
ENOUGH = 20  # activities, awards or periods: of fewer nothing is said
MEMBERS_ENOUGH = 5
EVALUATIONS_MAX = 600_000  # of rules and expressions, each of which takes a few microseconds

ALWAYS = 0.95  # share of a limit's periods, and of what two rules pay
EVERYBODY = 0.9  # share of the active members
EVER_DAYS = 3_650  # what "ever" can mean for a badge: ten years
FURTHER = 2  # how many times the best of now somebody may come to yet

PERIOD_DAYS = {
    PeriodKind.DAY: 1,
    PeriodKind.WEEK: 7,
    PeriodKind.MONTH: 31,
    PeriodKind.QUARTER: 92,
    PeriodKind.HALF_YEAR: 184,
    PeriodKind.YEAR: 366,
    PeriodKind.EVER: EVER_DAYS,
}
# Longer ones began before the sample, and may have been reached by what it does not show.
PERIODS_SEEN = (PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH)

LATELY = f"in the last {DAYS} days"


async def warnings(work: UnitOfWork, revisions: Revisions, declared: Programme, *, now: datetime) -> list[Advice]:
    """What to know before `declared` is published, in the order of its file."""
    metrics = list(measured(declared.badges.values(), declared.journey.zones))
    expressions = list(_expressions(declared, metrics))
    found = [
        *advice_on_rules(declared.rules, declared.calendar, now),
        *advice_on_goals(metrics, declared.activities, declared.calendar, now),
        *advice_on_words(expressions, declared.activities, declared.attributes),
        *_boards(declared),
    ]
    try:
        current = await revisions.current(work)
    except NoProgramme:
        current = None
    if current:
        most = max(ENOUGH, min(CASES_MAX, EVALUATIONS_MAX // _most_asked(declared, metrics, expressions)))
        keys = _recorded_as(current, declared)
        sample = await take_sample(work, keys, declared.calendar, now=now, days=DAYS, most=most)
        found += list(_on_sample(sample, declared, metrics, expressions, tuple(found)))
    lost = {advice.path.split(".")[1] for advice in found if _is_lost(advice, declared)}
    found += advice_on_requirements(declared.badges, lost)
    placed = [_placed(advice, declared) for advice in found]
    return sorted(placed, key=lambda advice: (advice.line, advice.column))


def _placed(advice: Advice, declared: Programme) -> Advice:
    """The warning with its place in the file: that of its path, or of what is nearest to it."""
    path = advice.path
    while path and path not in declared.places:
        path = path.rpartition(".")[0]
    line, column = declared.places.get(path, (0, 0))
    return replace(advice, line=line, column=column)


def _expressions(declared: Programme, metrics: Iterable[Measured]) -> Iterator[Written]:
    for rule in declared.rules.values():
        yield from expressions_of_rule(rule)
    for item in metrics:
        yield from expressions_of_metric(item)
    if declared.working_time and declared.working_time.applies_to:
        bound = (rule for rule in declared.rules.values() if not rule.any_time)
        on = tuple(dict.fromkeys(kind for rule in bound for kind in rule.on))
        yield Written("working_time.for", declared.working_time.applies_to, on, True)


def _most_asked(declared: Programme, metrics: Sequence[Measured], expressions: Sequence[Written]) -> int:
    """How many rules, metrics and expressions look at the activity type at which the most do."""
    looking = [rule.on for rule in declared.rules.values()]
    looking += [item.metric.on for item in metrics]
    looking += [written.on for written in expressions]
    return max((sum(kind in on for on in looking) for kind in declared.activities), default=0) or 1


def _recorded_as(current: Revision, declared: Programme) -> dict[int, str]:
    """The keys that activity types have in the draft, by the ids under which their activities are recorded."""
    found = {}
    for key, kind in declared.activities.items():
        identifier = current.type_ids.get(key) or current.type_ids.get(kind.was or "")
        if identifier is not None:
            found[identifier] = key
    return found


def _is_lost(advice: Advice, declared: Programme) -> bool:
    """Whether it says that nobody reaches the first level of a badge."""
    section, _, rest = advice.path.partition(".")
    if section != "badges":
        return False
    badge = declared.badges[rest.split(".")[0]]
    if advice.code is Code.OUT_OF_REACH:
        return len(badge.levels) == 1
    return advice.code is Code.NEVER_TRUE


def _boards(declared: Programme) -> Iterator[Advice]:
    paid = [(rule.tags, kind) for rule in declared.rules.values() if may_pay(rule) for kind in rule.on]
    given = [badge.tags for badge in declared.badges.values() if any(level.points for level in badge.levels)]
    for key, board in declared.boards.items():
        counts = BoardVersion(0, board).counts
        if not any(counts(tags, kind) for tags, kind in paid) and not any(counts(tags, None) for tags in given):
            yield Advice(
                Code.BOARD_WITHOUT_POINTS,
                f"boards.{key}",
                "no rule or badge gives points that this board counts, so that it stays empty: "
                "look at its 'tags' and 'activities', or remove it",
            )


def _on_sample(
    sample: Sample,
    declared: Programme,
    metrics: Sequence[Measured],
    expressions: Sequence[Written],
    told: Sequence[Advice],
) -> Iterator[Advice]:
    """What only the recorded activities tell."""
    past = {advice.path.rpartition(".")[0] for advice in told if advice.code is Code.OVER}
    rules = [rule for rule in declared.rules.values() if f"rules.{rule.key}" not in past]
    metrics = [item for item in metrics if item.path not in past]
    expressions = [each for each in expressions if not past.intersection(_above(each.path))]
    yield from _nothing_reported(sample, rules)
    near = list(_near_words(sample, expressions))
    yield from near
    explained = {advice.path for advice in (*told, *near) if advice.code in (Code.NEAR_WORD, Code.QUOTED_FIELD)}
    conditions = list(_conditions(answers(sample, declared, expressions), explained))
    yield from conditions
    trial = try_out(sample, declared, rules, metrics)
    for rule in rules:
        yield from _limits(rule, sample, trial)
    yield from _same_things(rules, trial)
    silent = {above for advice in (*told, *near, *conditions) for above in _above(advice.path)}
    for item in metrics:
        yield from _everybody(item, sample, trial)
        if item.path not in silent:
            yield from _out_of_reach(item, sample, trial)


def _above(path: str) -> Iterator[str]:
    """A path, and those of all that it lies in."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _nothing_reported(sample: Sample, rules: Iterable[Rule]) -> Iterator[Advice]:
    if sum(sample.totals.values()) < ENOUGH:
        return
    for rule in rules:
        if all(sample.totals.get(kind, 1) == 0 for kind in rule.on):
            kinds = " or ".join(f"'{kind}'" for kind in rule.on)
            remedy = "ask whether the tool still reports it, or remove the rule"
            yield Advice(Code.NOTHING_REPORTED, f"rules.{rule.key}.on", f"nobody reported {kinds} {LATELY}: {remedy}")


def _conditions(answered: dict[str, Answered], explained: set[str]) -> Iterator[Advice]:
    for path, (true, looked_at) in answered.items():
        if looked_at < ENOUGH or path in explained:
            continue
        if true == looked_at:
            remedy = "remove it if it changes nothing, or check what it compares"
            message = f"this was true for all {looked_at:,} activities looked at {LATELY}: {remedy}"
            yield Advice(Code.ALWAYS_TRUE, path, message)
        elif true == 0:
            remedy = "check what it compares, and how words are written"
            message = f"this was true for none of the {looked_at:,} activities looked at {LATELY}: {remedy}"
            yield Advice(Code.NEVER_TRUE, path, message)


def _near_words(sample: Sample, expressions: Iterable[Written]) -> Iterator[Advice]:
    for written in expressions:
        pairs = list(dict.fromkeys(compared(written.text)))
        if not pairs:
            continue
        cases = [case for kind in written.on for case in sample.cases.get(kind, ())]
        known = vocabulary(cases, dict.fromkeys(pair.field for pair in pairs), ENOUGH)
        for field, text in pairs:
            meant = nearly(text, known.get(field, ()))
            if meant is not None and (field, meant) not in pairs:
                whose = "activity" if field.startswith("activity.") else "member"
                told = f'no {whose} had "{text}" in {field} {LATELY}'
                yield Advice(Code.NEAR_WORD, written.path, f'{told}; did you mean "{meant}"?')


def _limits(rule: Rule, sample: Sample, trial: Trial) -> Iterator[Advice]:
    found = trial.rules[rule.key]
    for number, (limit, tried) in enumerate(zip(rule.limits, found.limits, strict=True), 1):
        path = f"rules.{rule.key}.limits.{number}"
        if len(tried.groups) >= ENOUGH and len(tried.refused) >= ALWAYS * len(tried.groups):
            yield Advice(Code.LIMIT_ALWAYS_REACHED, path, _always(limit, tried))
        elif (
            limit.per in PERIODS_SEEN
            and found.awards >= ENOUGH
            and sample.span_days >= PERIOD_DAYS[limit.per]
            and tried.most < limit.max
            and (sample.complete or not limit.across_members)
        ):
            yield Advice(Code.LIMIT_NEVER_REACHED, path, _never(limit, tried, found.awards))


def _always(limit: Limit, tried: LimitTried) -> str:
    return (
        f"this limit of {limit.max:,} {_per(limit)} turned something away {len(tried.refused):,} of the "
        f"{len(tried.groups):,} times that anybody came to it {LATELY}: raise it, or be sure that it is meant so tight"
    )


def _never(limit: Limit, tried: LimitTried, awards: int) -> str:
    return (
        f"nobody reached this limit of {limit.max:,} {_per(limit)} {LATELY}, {tried.most:,} being the most "
        f"in {awards:,} awards looked at: lower it, or leave it as a safeguard"
    )


def _per(limit: Limit) -> str:
    words = "ever" if limit.per is PeriodKind.EVER else f"a {limit.per}"
    if limit.by:
        words += f" for each {limit.by.removeprefix('activity.')}"
    return words + " among all members" * limit.across_members


def _same_things(rules: Iterable[Rule], trial: Trial) -> Iterator[Advice]:
    """Rules that pay for nearly the same activities, though under other conditions."""
    masks = {key: int.from_bytes(tried.meant, "little") for key, tried in trial.rules.items()}
    for former, latter in alike(rules):
        if one_condition(former, latter):
            continue
        both = (masks[former.key] & masks[latter.key]).bit_count()
        either = (masks[former.key] | masks[latter.key]).bit_count()
        if either >= ENOUGH and both >= ALWAYS * either:
            found = (
                f"{LATELY} {both:,} of {either:,} activities met this rule's condition and that of rule '{former.key}'"
            )
            yield same_thing(latter, found)


def _everybody(item: Measured, sample: Sample, trial: Trial) -> Iterator[Advice]:
    badge, metric = item.badge, item.metric
    if badge is None or item.at != 1 or metric.when or badge.audience or badge.requires or badge.first:
        return
    active = sample.members
    have = active.intersection(trial.best[item.path])
    if _looked_at(item, sample) >= ENOUGH and len(active) >= MEMBERS_ENOUGH and len(have) >= EVERYBODY * len(active):
        yield Advice(
            Code.COUNTS_EVERYBODY,
            item.path,
            f"{len(have):,} of {len(active):,} members who did anything {LATELY} would get this badge for it: "
            "ask for more than 1, or add a condition",
        )


def _out_of_reach(item: Measured, sample: Sample, trial: Trial) -> Iterator[Advice]:
    """What asks for far more than anybody came to, also when they go on so for as long as it counts."""
    if _looked_at(item, sample) < ENOUGH:
        return
    metric = item.metric
    days = metric.window if isinstance(metric.window, int) else PERIOD_DAYS[metric.window]
    if metric.unit is not None:
        days = min(days, item.at * PERIOD_DAYS[metric.unit])
    best = max(trial.best[item.path].values(), default=0)
    if item.at > FURTHER * best * max(1.0, days / sample.span_days):
        within = "" if metric.window is PeriodKind.EVER else f" in {_window(metric.window)}"
        yield Advice(
            Code.OUT_OF_REACH,
            item.asked,
            f"nobody came near the {item.at:,} that this asks for{within}, as {best:,} was the most that anyone looked "
            f"at came to {LATELY}: ask for less, or for a longer time",
        )


def _window(window: PeriodKind | int) -> str:
    return f"a {window}" if isinstance(window, PeriodKind) else f"{window:,} days"


def _looked_at(item: Measured, sample: Sample) -> int:
    return sum(len(sample.cases.get(kind, ())) for kind in item.metric.on)
