"""Progress in memory, kept as the service keeps it, with activities and badges made in a few words."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from activity.calendar import Calendar, zone
from rewards.badge import Badge, Level
from rewards.book import Book, Held
from rewards.goal import BadgeVersion, Goal, ZoneVersion, goals_of, measures_of_badge, measures_of_zone
from rewards.journey import Zone
from rewards.progress import Progress, ProgressKey, Reached, Step
from rules.judge import Count
from rules.metric import Aggregate, Metric
from rules.tally import Tallies
from tests.rewards.naive import Act, Told

DAY_US = 86_400_000_000
ON = ("post.shared",)
COUNT = Metric(ON, Aggregate.COUNT)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def levels(*at: int) -> tuple[Level, ...]:
    return tuple(Level(each) for each in at)


def badge(key: str = "badge", metric: Metric | None = COUNT, **settings: Any) -> Badge:
    return Badge(key, key, metric, **settings)


class Ledger:
    """Progress as the service keeps it: each batch reads the rows it asks for, and nothing else, and writes them."""

    def __init__(self, *goals: Badge | Zone, year_starts: tuple[int, int] = (4, 1)) -> None:
        badges = [BadgeVersion(100 + at, at, each) for at, each in enumerate(goals, 1) if isinstance(each, Badge)]
        zones = [ZoneVersion(100 + at, at, each) for at, each in enumerate(goals, 1) if isinstance(each, Zone)]
        counted = [each for item in badges for each in measures_of_badge(item.element, item.badge)]
        counted += [each for item in zones for each in measures_of_zone(item.element, item.zone)]
        measures = {measure: number for number, measure in enumerate(dict.fromkeys(counted), 1)}
        self.calendar = Calendar(zone("Europe/London"), year_starts)
        self.progress = Progress(self.calendar, *goals_of(badges, zones, measures))
        self.keys = {each.element: each.badge.key for each in badges} | {each.element: each.zone.key for each in zones}
        self.rows: dict[ProgressKey, tuple[int, int]] = {}
        self.tallies: Tallies = {}
        self.held = Held()
        self.awards: dict[tuple[int, int, int, int], Reached] = {}  # by member, element, level and period

    def goal(self, key: str) -> Goal:
        return next(each for each in self.progress.goals if self.keys[each.element] == key)

    def counts(self, act: Act) -> list[Count]:
        """What the judge would count."""
        found = []
        for index, item in enumerate(self.progress.metered):
            if act.type in item.metric.on:
                amount = act.amount if item.metric.aggregate is Aggregate.SUM else 1
                scope = act.value if item.metric.aggregate is Aggregate.DISTINCT else 0
                if amount:
                    found.append(Count(index, amount, scope))
        return found

    def load(self, book: Book, keys: Iterable[ProgressKey], spans: Iterable[tuple[int, int, int, int]] = ()) -> None:
        book.load([(*key, *self.rows[key]) for key in keys if key in self.rows])
        for member, measure, first, last in spans:
            assert 0 < first <= last
            book.load(
                [
                    (*key, *row)
                    for key, row in self.rows.items()
                    if key[:2] == (member, measure) and first <= key[2] <= last
                ]
            )

    def store(self, book: Book) -> None:
        changed = book.changed()
        assert changed == sorted(changed)
        self.rows.update({row[:4]: row[4:] for row in changed})

    def batch(self, *acts: Act) -> list[list[Reached]]:
        """Record activities together; what each reached."""
        book = Book()
        self.load(book, [key for act in acts for key in self.progress.keys(act.member, self.counts(act), act.day)])
        spans = [span for act in acts for span in self.progress.spans(act.member, self.counts(act), act.day, book)]
        self.load(book, (), spans)
        shared = {key for act in acts for key in self.progress.shared(self.counts(act))}
        tallies = {key: self.tallies.get(key, 0) for key in shared}
        found = []
        for act in acts:
            counts = self.counts(act)
            held = self.held if self.progress.needs_held(counts) else Held()
            reached = self.progress.settle(act.member, act.number, act.time_us, act.day, counts, book, tallies, held)
            for each in reached:
                place = act.member, each.goal.element, each.level, each.period
                assert place not in self.awards
                self.awards[place] = each
                self.held.add(*place, each.goal.expires_us(act.time_us))
            found.append(reached)
        assert tallies.keys() == shared
        self.tallies |= tallies
        self.store(book)
        return found

    def retract(self, act: Act) -> list[Reached]:
        """Take an activity back and revoke what loses its evidence."""
        book, counts = Book(), self.counts(act)
        touched = {self.progress.metered[count.metered].measure for count in counts}
        self.load(book, [key for key in self.rows if key[0] == act.member and key[1] in touched])
        for goal in self.progress.goals:
            for _, element, _, period in [key for key in self.awards if key[0] == act.member]:
                if element == goal.element:
                    self.load(book, self.progress.summaries(act.member, goal, period))
        assert touched == set(self.progress.take_back(act.member, act.day, counts, book))
        lost = []
        for place, award in list(self.awards.items()):
            goal, (member, element, level, period) = award.goal, place
            if member != act.member or goal.keep or not touched & {need.measure for need in goal.needs}:
                continue
            if not self.progress.stands(member, goal, level, period, award.first_day, award.last_day, book):
                lost.append(award)
                del self.awards[place]
                self.held.drop(member, element, level, period)
                left = [other[2] for other in self.awards if other[:2] == place[:2] and other[3] == period]
                self.progress.lower(member, goal, period, max(left, default=0), book)
        self.store(book)
        return lost

    def steps(self, member: int, goal: Goal, on: int) -> list[Step]:
        book = Book()
        self.load(book, self.progress.progress_keys(member, goal, on))
        self.load(book, (), self.progress.progress_spans(member, goal, on, book))
        return self.progress.progress(member, goal, on, book)

    def on(self, *days: str, member: int = 1, **parts: Any) -> list[tuple[str, int]]:
        """Record an activity on each of these days, one after the other; keys and levels of what that reaches."""
        acts = [act(each, member=member, **parts) for each in days]
        return [(self.keys[each.goal.element], each.level) for one in acts for each in self.batch(one)[0]]


def act(
    on: str, *, number: int = 0, member: int = 1, type: str = "post.shared", amount: int = 1, value: int = 9
) -> Act:
    return Act(number, member, type, day(on), day(on) * DAY_US, amount, value)


def told(reached: Reached) -> Told:
    return (reached.goal.element, *reached[1:])
