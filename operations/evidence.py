"""Evidence: what past activities count for badges and zones, and what falls away with one that is retracted. Pure."""

from collections.abc import Mapping, Sequence

from operations.case import Case
from operations.revision import Life
from rewards.award import Award
from rewards.book import Book
from rewards.progress import Progress
from rules.judge import Count, Judge
from rules.tally import Tallies


def counted(lives: Mapping[int, Life], engine: Progress, judge: Judge, case: Case) -> list[Count]:
    """What an activity of the past adds to the metrics that counted it: those that were there, or look back so far."""
    metered = engine.metered
    counts = judge.counts(case.activity, case.facts, case.day)
    return [each for each in counts if lives[metered[each.metered].measure].counts(case.seq, case.time_us)]


def fallen(
    engine: Progress, case: Case, counts: Sequence[Count], book: Book, awards: Sequence[Award], tallies: Tallies
) -> list[Award]:
    """Take what an activity counted out of the member's progress; the awards that lose what they rest on.

    `awards` are those that the member holds. `book` has all rows of the measures that counted. An award that was given
    by hand, or is kept by its policy, never falls.
    """
    changed = set(engine.take_back(case.member, case.day, counts, book))
    goals = {goal.element: goal for goal in engine.goals}
    lost = []
    for award in awards:
        goal = goals.get(award.element)
        if goal is None or goal.keep or award.by_hand or changed.isdisjoint(need.measure for need in goal.needs):
            continue
        days = award.first_day, award.last_day
        if not engine.stands(case.member, goal, award.level, award.period, *days, book):
            lost.append(award)
    for award in sorted(lost, key=lambda each: -each.level):
        goal = goals[award.element]
        engine.lower(case.member, goal, award.period, award.level - 1, book)
        if goal.first_measure is not None and award.level == 1:
            key = (0, goal.first_measure, 0, 0)
            tallies[key] = tallies.get(key, 0) - 1
    return lost
