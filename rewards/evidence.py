"""What awards rest on, and how far a member is: questions about goals that count nothing themselves."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from activity.calendar import EVER, Calendar, instant
from rewards.award import Award
from rewards.book import Book, Place, ProgressKey, row_at
from rewards.gauge import SINCE_PLACE, Gauge, Total
from rewards.goal import Goal
from rewards.series import gauge_of
from rules.judge import Count, Metered

Span = tuple[int, int, int, int]  # member, measure, first and last period: all rows between, both included


class Step(NamedTuple):
    """How far a member is: the value that stands, and the next one that reaches something, if there is any."""

    value: int
    threshold: int | None


class Evidence:
    """The goals of one revision and the gauges of their metrics. `metered` is what the judge counts for them."""

    def __init__(self, calendar: Calendar, goals: Iterable[Goal], metered: Iterable[Metered]) -> None:
        self.metered: Sequence[Metered] = tuple(metered)
        self.goals: Sequence[Goal] = tuple(goals)
        self._calendar = calendar
        self._gauges: Mapping[int, Gauge] = {
            need.measure: gauge_of(need.measure, need.metric, calendar, repeat=goal.repeat, lasting=goal.is_zone)
            for goal in self.goals
            for need in goal.needs
        }

    def resume(self, goal: Goal, award: Award, book: Book) -> None:
        """Have an award that was made before: its level is not reached again, nor do its days count again."""
        for need in goal.needs:
            if not self._gauges[need.measure].runs:
                self.raise_(award.member, goal, award.period, award.level, book)
            elif not award.by_hand:
                since = row_at(book.rows(award.member, need.measure), SINCE_PLACE)
                # What rests on all days there are, because it was no run then, has used up those until it was made.
                last_day = award.last_day
                if last_day >= EVER.after - 1:
                    last_day = self._calendar.day(instant(award.time_us))
                if last_day > since[0]:
                    since[:2] = [last_day, award.period]

    def take_back(self, member: int, day: int, counts: Iterable[Count], book: Book) -> list[int]:
        """Undo what a retracted activity counted; the measures that changed. Needs all rows of these measures."""
        changed = []
        for metered, amount, scope in counts:
            gauge = self._gauges[self.metered[metered].measure]
            rows = book.rows(member, gauge.measure)
            gauge.add(rows, day, -amount, scope)
            gauge.renew(rows, day)
            changed.append(gauge.measure)
        return changed

    def summaries(self, member: int, goal: Goal, period: int) -> list[ProgressKey]:
        """The rows that `stands`, `lower` and `raise_` need of an award; `stands` also the days of a run."""
        return [
            (member, need.measure, *place)
            for need in goal.needs
            for gauge in (self._gauges[need.measure],)
            for place in ((SINCE_PLACE, gauge.summary_of(0)) if gauge.runs else (_summary(goal, gauge, period),))
        ]

    def stands(
        self, member: int, goal: Goal, level: int, period: int, first_day: int, last_day: int, book: Book
    ) -> bool:
        """Whether an award still has what it rests on, after `take_back`. What rests on other badges alone always."""
        for need in goal.needs:
            gauge, rows = self._gauges[need.measure], book.rows(member, need.measure)
            threshold = need.thresholds[0] if goal.is_zone else goal.threshold(level)
            place = _summary(goal, gauge, period)
            value = gauge.within(rows, first_day, last_day) if gauge.runs else row_at(rows, place)[0]
            if threshold is not None and value < threshold:
                return False
        return True

    def lower(self, member: int, goal: Goal, period: int, level: int, book: Book) -> None:
        """Have at most `level` as the highest awarded: what is above was revoked and can be reached again.

        The days that the last award of a run has used up are free again; those of an earlier one are not.
        """
        for need in goal.needs:
            gauge, rows = self._gauges[need.measure], book.rows(member, need.measure)
            if not gauge.runs:
                row = row_at(rows, _summary(goal, gauge, period))
                row[1] = min(row[1], level)
            elif level == 0 and (since := row_at(rows, SINCE_PLACE))[1] == period:
                since[:2] = [period - 1, 0]

    def raise_(self, member: int, goal: Goal, period: int, level: int, book: Book) -> None:
        """Have at least `level` as the highest awarded, because it was given by hand. Runs are awarded all the same."""
        for need in goal.needs:
            gauge = self._gauges[need.measure]
            if not gauge.runs:
                row = row_at(book.rows(member, need.measure), _summary(goal, gauge, period))
                row[1] = max(row[1], level)

    def progress_keys(self, member: int, goal: Goal, day: int) -> list[ProgressKey]:
        """The rows that `progress` needs."""
        keys: list[ProgressKey] = []
        for need in goal.needs:
            gauge = self._gauges[need.measure]
            keys += ((member, need.measure, *place) for place in gauge.standing(day))
            if isinstance(gauge, Total):
                keys.append((member, need.measure, *gauge.value_place(day)))
        return keys

    def progress_spans(self, member: int, goal: Goal, day: int, book: Book) -> list[Span]:
        """The ranges of rows that `progress` needs beside those, once `progress_keys` are loaded."""
        return [
            (member, need.measure, *days)
            for need in goal.needs
            if (days := self._gauges[need.measure].days_current(book.rows(member, need.measure), day))
        ]

    def progress(self, member: int, goal: Goal, day: int, book: Book) -> list[Step]:
        """How far a member is on a day, need by need.

        The value is that of the day's calendar period, of the days up to it in a rolling window, or of the streak that
        is alive on it. Of a zone's need that is met, which is for good, it is the best there was, and nothing is next.
        """
        steps = []
        for need in goal.needs:
            gauge, rows = self._gauges[need.measure], book.rows(member, need.measure)
            best, level, *_ = row_at(rows, gauge.summary(day))
            if not goal.is_zone:
                threshold = need.thresholds[0] if gauge.runs else goal.threshold(level + 1)
                steps.append(Step(gauge.current(rows, day), threshold))
            elif best >= need.thresholds[0]:
                steps.append(Step(best, None))
            else:
                steps.append(Step(gauge.current(rows, day), need.thresholds[0]))
        return steps


def _summary(goal: Goal, gauge: Gauge, period: int) -> Place:
    """Where levels are kept for an award; one that was made while the badge repeated may name a period."""
    return gauge.summary_of(period if goal.repeat else 0)
