"""Evidence: what past activities count for badges and zones, and what falls away with one that is retracted. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from operations.case import Case
from operations.revision import Life, Revision
from rewards.award import Award
from rewards.book import Book
from rewards.goal import BadgeVersion, Goal, ZoneVersion, goals_of
from rewards.progress import Progress
from rules.judge import Count, Judge
from rules.metric import Metric
from rules.tally import Tallies


class Fallen(NamedTuple):
    """An award that loses what it rests on: what activities count for it, or a badge that it requires."""

    award: Award
    required: int | None = None  # the element of that badge, which fell before it


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
    goal_then: Callable[[int], Goal],
) -> list[Fallen]:
    """Take what an activity counted out of the member's progress; the awards that lose what they rest on, what is
    required before what requires it.

    `awards` are those that the member holds. `book` has all rows of the measures that counted, and of those of
    `dependents`. An award that was given by hand, or is kept by its policy, never falls; nor does one that rests on
    what is no longer counted or required. `goal_then` has the goal of the version that was awarded: its levels decide,
    not those of now. What is required is to be held at the time of the award; whichever award of it stands will do.
    """
    changed = set(engine.take_back(case.member, case.day, counts, book))
    left: dict[int, list[Award]] = {}
    for award in awards:
        left.setdefault(award.element, []).append(award)
    lost: dict[int, list[Award]] = {}
    found: list[Fallen] = []
    for goal in engine.goals:  # those that others require come before these
        if goal.keep:
            continue
        falling = []
        for award in left.get(goal.element, ()):
            if award.by_hand:
                continue
            then = goal_then(award.version)
            if not _is_counted(engine, award, goal, then, changed, book):
                falling.append(Fallen(award))
            elif (required := _missing(award, goal, then, left, lost)) is not None:
                falling.append(Fallen(award, required))
        if falling:
            lost[goal.element] = [each.award for each in falling]
            left[goal.element] = [each for each in left[goal.element] if each not in lost[goal.element]]
            found += falling
    goals = {goal.element: goal for goal in engine.goals}
    for award, _ in sorted(found, key=lambda each: -each.award.level):
        beside = (each.level for each in left[award.element] if each.period == award.period)
        engine.lower(case.member, goals[award.element], award.period, max(award.level - 1, *beside, 0), book)
    for element in lost:
        measure = goals[element].first_measure
        if measure is not None and not left[element]:
            tallies[0, measure, 0, 0] = tallies.get((0, measure, 0, 0), 0) - 1
    return found


def dependents(goals: Sequence[Goal], elements: Iterable[int]) -> list[Goal]:
    """The goals of these elements, and the badges that require one of them, over however many steps. Of `goals`, those
    that others require come before these."""
    found = set(elements)
    for goal in goals:
        if not found.isdisjoint(goal.requires):
            found.add(goal.element)
    return [goal for goal in goals if goal.element in found]


def _is_counted(engine: Progress, award: Award, goal: Goal, then: Goal, changed: Collection[int], book: Book) -> bool:
    """Whether what counts for an award is still enough."""
    rests = {need.measure for need in then.needs}
    if rests.isdisjoint(changed) or not rests <= {need.measure for need in goal.needs}:
        return True
    return engine.stands(award.member, then, award.level, award.period, award.first_day, award.last_day, book)


def _missing(
    award: Award, goal: Goal, then: Goal, left: Mapping[int, Sequence[Award]], lost: Mapping[int, Sequence[Award]]
) -> int | None:
    """The badge that an award requires and that was held at its time by what fell alone."""
    for element in then.requires:
        fell = any(each.holds(award.time_us) for each in lost.get(element, ()))
        if fell and element in goal.requires and not any(each.holds(award.time_us) for each in left[element]):
            return element
    return None


def goal_of(
    item: BadgeVersion | ZoneVersion, state: Revision, types: Mapping[str, int], badges: Mapping[str, int]
) -> Goal:
    """What an award of a version of a badge or zone rests on, in the measures of now; 0 where there is none such.

    `types` has the activity types by all keys that they ever had, `badges` the badges by those of then.
    """
    measures = defaultdict(int, state.measures)

    def now(metric: Metric) -> Metric:
        return replace(metric, on=tuple(state.type_keys.get(types.get(key, 0), key) for key in metric.on))

    if isinstance(item, ZoneVersion):
        needs = tuple(replace(need, metric=now(need.metric)) for need in item.zone.needs)
        goals, _ = goals_of((), [item._replace(zone=replace(item.zone, needs=needs))], measures)
        return goals[0]
    metric = item.badge.metric
    badge = replace(item.badge, metric=metric and now(metric), requires=(), first=None)
    goals, _ = goals_of([item._replace(badge=badge)], (), measures)
    return goals[0]._replace(requires=tuple(badges[key] for key in item.badge.requires))
