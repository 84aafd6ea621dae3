"""Hindsight: what the activities of the last days tell of a draft, of which a sample is judged by it. Pure.

Where too little was recorded to tell, nothing is said.
"""

from collections.abc import Iterable, Iterator, Sequence

from activity.calendar import PeriodKind
from operations.advice.sample import Sample
from operations.advice.trial import Answered, LimitTried, RuleTried, Trial, answers, try_out, vocabulary
from operations.programme import Programme
from rewards.advice import Measured
from rules.advice import Advice, Code, Written, amounts_of, of_deeds
from rules.double import alike, named, same_thing
from rules.literal import compared, nearly
from rules.rule import Limit, Rule

DAYS = 90
ENOUGH = 20  # activities, awards or periods: of fewer nothing is said
MEMBERS_ENOUGH = 5

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

EXPLAINS = (Code.NEAR_WORD, Code.QUOTED_FIELD)  # why a condition is never true, which is then not told

LATELY = f"in the last {DAYS} days"


def hindsight(
    sample: Sample,
    declared: Programme,
    metrics: Sequence[Measured],
    expressions: Sequence[Written],
    told: Sequence[Advice],
) -> Iterator[Advice]:
    """What the sample tells of a draft. `told` is what the file tells by itself, which is not said again."""
    past = {advice.path.rpartition(".")[0] for advice in told if advice.code is Code.OVER}
    rules = [rule for rule in declared.rules.values() if f"rules.{rule.key}" not in past]
    metrics = [item for item in metrics if item.path not in past]
    expressions = [each for each in expressions if not past.intersection(_above(each.path))]
    yield from _nothing_reported(sample, rules)
    near = list(_near_words(sample, expressions))
    yield from near
    explained = {advice.path for advice in (*told, *near) if advice.code in (*EXPLAINS, Code.NEVER_TRUE, Code.NO_VALUE)}
    conditions = list(_conditions(answers(sample, declared, expressions), explained))
    yield from conditions
    trial = try_out(sample, declared, rules, metrics)
    for rule in rules:
        yield from _limits(rule, sample, trial)
        yield from _amounts(rule, declared, trial.rules[rule.key])
    yield from _same_things(rules, trial)
    never = (advice for advice in conditions if advice.code is Code.NEVER_TRUE)
    silent = {above for advice in (*told, *near, *never) for above in _above(advice.path)}
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
            message = f"nobody reported {kinds} {LATELY}: {remedy}"
            also = tuple(f"activities.{kind}" for kind in rule.on)
            yield Advice(Code.NOTHING_REPORTED, f"rules.{rule.key}.on", message, also)


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
    for rule, others in alike(rules):
        met = []
        for other in others:
            both = (masks[other.key] & masks[rule.key]).bit_count()
            either = (masks[other.key] | masks[rule.key]).bit_count()
            if either >= ENOUGH and both >= ALWAYS * either:
                met.append((other, both, either))
        if met:
            first, both, either = met[0]
            more = f", and much the same met that of {named([each for each, _, _ in met[1:]])}" if met[1:] else ""
            found = f"{LATELY} {both:,} of {either:,} activities met this rule's condition and that of {named([first])}"
            yield same_thing(rule, [each for each, _, _ in met], found + more)


def _amounts(rule: Rule, declared: Programme, tried: RuleTried) -> Iterator[Advice]:
    """What a rule came to that nobody means: nothing at all, or less than nothing."""
    for path, (reason, count) in tried.failed.items():
        yield Advice(
            Code.NO_VALUE,
            path,
            f"for {count:,} of {_activities(tried.looked_at)} looked at {LATELY} this has no value, and the rule pays "
            f"nothing: {reason}; ask for that first, as in 'a > 0 ? b / a : 0'",
        )
    asked, calculated = tried.candidates, any(isinstance(amount, str) for amount in amounts_of(rule))
    if calculated and tried.below and (any(tried.meant) or of_deeds(rule, declared.activities)):
        yield Advice(
            Code.BELOW_ZERO,
            f"rules.{rule.key}.points",
            f"for {tried.below:,} of {_activities(asked)} looked at {LATELY} for which this rule pays, this comes to "
            f"less than 0, {tried.least:,} at the least, and takes points away: "
            "write 'a > b ? a - b : 0' if nothing is to be taken",
        )


def _activities(count: int) -> str:
    return f"{count:,} {'activity' if count == 1 else 'activities'}"


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
