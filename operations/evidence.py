"""Evidence: what past activities count for badges and zones, and what falls away with one that is retracted. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from operations.case import Case
from operations.revision import Life, Revision
from rewards.award import Award
from rewards.book import Book
from rewards.goal import BadgeVersion, Goal, ZoneVersion, goals_of
from rewards.progress import Progress
from rules.judge import Count, Judge
from rules.metric import Metric
from rules.tally import Tallies


def counted(lives: Mapping[int, Life], engine: Progress, judge: Judge, case: Case) -> list[Count]:
    """What an activity of the past adds to the metrics that counted it: those that were there, or look back so far."""
    metered = engine.metered
    counts = judge.counts(case.activity, case.facts, case.day)
    return [each for each in counts if lives[metered[each.metered].measure].counts(case.seq, case.time_us)]


def fallen(
    engine: Progress,
    case: Case,
    counts: Sequence[Count],
    book: Book,
    awards: Sequence[Award],
    tallies: Tallies,
    goal_then: Callable[[int], Goal | None],
) -> list[Award]:
    """Take what an activity counted out of the member's progress; the awards that lose what they rest on.

    `awards` are those that the member holds. `book` has all rows of the measures that counted. An award that was given
    by hand, or is kept by its policy, never falls; nor does one that rests on what is no longer counted. `goal_then`
    has the goal of the version that was awarded: its levels decide, not those of now.
    """
    changed = set(engine.take_back(case.member, case.day, counts, book))
    goals = {goal.element: goal for goal in engine.goals}
    lost = []
    for award in awards:
        goal = goals.get(award.element)
        if goal is None or goal.keep or award.by_hand:
            continue
        then = goal_then(award.version)
        rests = {need.measure for need in then.needs} if then else set()
        if then is None or changed.isdisjoint(rests) or not rests <= {need.measure for need in goal.needs}:
            continue
        if not engine.stands(case.member, then, award.level, award.period, award.first_day, award.last_day, book):
            lost.append(award)
    left = [award for award in awards if award not in lost]
    for award in sorted(lost, key=lambda each: -each.level):
        beside = (each.level for each in left if (each.element, each.period) == (award.element, award.period))
        engine.lower(case.member, goals[award.element], award.period, max(award.level - 1, *beside, 0), book)
    for element in {award.element for award in lost} - {award.element for award in left}:
        measure = goals[element].first_measure
        if measure is not None:
            tallies[0, measure, 0, 0] = tallies.get((0, measure, 0, 0), 0) - 1
    return lost


def goal_of(item: BadgeVersion | ZoneVersion, state: Revision, types: Mapping[str, int]) -> Goal | None:
    """What an award of a version of a badge or zone rests on, in the measures of now; None where there are none such.

    `types` has the activity types by all keys that they ever had.
    """

    def now(metric: Metric) -> Metric:
        return replace(metric, on=tuple(state.type_keys.get(types.get(key, 0), key) for key in metric.on))

    try:
        if isinstance(item, ZoneVersion):
            needs = tuple(replace(need, metric=now(need.metric)) for need in item.zone.needs)
            goals, _ = goals_of((), [item._replace(zone=replace(item.zone, needs=needs))], state.measures)
        else:
            metric = item.badge.metric
            badge = replace(item.badge, metric=metric and now(metric), requires=(), first=None)
            goals, _ = goals_of([item._replace(badge=badge)], (), state.measures)
    except KeyError:
        return None
    return goals[0]
