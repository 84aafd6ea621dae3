"""Progress towards badges and zones: examples to read, and a naive reference on random goals and activities."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activity.calendar import EVER, Calendar, PeriodKind, zone
from rewards.award import Award
from rewards.badge import Badge, Level
from rewards.book import Book, Held
from rewards.goal import BadgeVersion, Goal, ZoneVersion, goals_of, in_order, measures_of_badge, measures_of_zone
from rewards.journey import Need, Zone
from rewards.progress import LEVELS_AT_ONCE, Progress, ProgressKey, Reached, Step
from rules.judge import Count
from rules.metric import Aggregate, Metric
from rules.tally import Tallies
from tests.rewards.naive import Act, Naive, Told

DAY_US = 86_400_000_000
LAST = EVER.after - 1
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


def test_levels_are_reached_one_after_the_other() -> None:
    """Each level is awarded once, when the value is at least what it asks; several at once if the value jumps."""
    ledger = Ledger(badge(metric=Metric(ON, Aggregate.SUM, by="activity.reach"), levels=levels(10, 20, 50)))
    assert [] == ledger.on("2026-11-02", amount=9)
    assert [("badge", 1), ("badge", 2)] == ledger.on("2026-11-02", amount=15)
    assert [("badge", 3)] == ledger.on("2026-11-03", amount=100)
    assert [] == ledger.on("2026-11-04", amount=100)


def test_every_so_many_is_a_level() -> None:
    """Levels without end; one activity reaches at most so many, and the next goes on."""
    ledger = Ledger(badge(metric=Metric(ON, Aggregate.SUM, by="activity.reach"), levels=levels(5), every=True))
    assert [("badge", 1), ("badge", 2)] == ledger.on("2026-11-02", amount=14)
    assert LEVELS_AT_ONCE == len(ledger.on("2026-11-02", amount=10_000))
    assert ("badge", 103) == ledger.on("2026-11-02")[0]


def test_once_is_once_whichever_period_came_first() -> None:
    """Without `repeat` a level that was reached in one month is not reached again in another."""
    ledger = Ledger(badge(metric=Metric(ON, Aggregate.COUNT, window=PeriodKind.MONTH), levels=levels(2, 3)))
    assert [("badge", 1)] == ledger.on("2026-11-02", "2026-12-01", "2026-11-30", "2026-12-31")
    assert [("badge", 2)] == ledger.on("2026-12-15")


def test_repeat_is_once_in_each_period() -> None:
    """With `repeat` each calendar period has levels of its own, also when activities come late."""
    ledger = Ledger(badge(metric=Metric(ON, Aggregate.COUNT, window=PeriodKind.MONTH), levels=levels(2), repeat=True))
    found = [
        each
        for act_day in ("2026-11-02", "2026-12-01", "2026-12-31", "2026-11-30")
        for each in ledger.batch(act(act_day))[0]
    ]
    assert [(day("2026-12-01"), day("2026-12-31")), (day("2026-11-01"), day("2026-11-30"))] == [
        (each.first_day, each.last_day) for each in found
    ]
    assert [day("2026-12-01"), day("2026-11-01")] == [each.period for each in found]


def test_years_start_where_the_programme_says() -> None:
    """A year, half or quarter from April: the last day of March is in another than the first of April."""
    for kind in (PeriodKind.YEAR, PeriodKind.HALF_YEAR, PeriodKind.QUARTER):
        ledger = Ledger(badge(metric=Metric(ON, Aggregate.COUNT, window=kind), levels=levels(2)))
        assert [] == ledger.on("2026-03-31", "2026-04-01")
        assert [("badge", 1)] == ledger.on("2026-06-30")


def test_distinct_values_count_once() -> None:
    """However often a value comes, it is one; hashes that look like scopes of other rows are values as well."""
    ledger = Ledger(badge(metric=Metric(ON, Aggregate.DISTINCT, by="activity.url"), levels=levels(4)))
    assert [] == [each for value in (0, 1, 0, 2, 2) for each in ledger.on("2026-11-02", value=value)]
    assert [("badge", 1)] == ledger.on("2026-11-02", value=-1)


def test_a_streak_forgives_as_many_units_as_it_says() -> None:
    """Misses are counted over the whole streak, and not one after the other."""
    metric = Metric(ON, Aggregate.STREAK, unit=PeriodKind.DAY, forgiving=1)
    ledger = Ledger(badge(metric=metric, levels=levels(4)))
    assert [] == ledger.on("2028-02-26", "2028-02-28", "2028-03-01", "2028-03-02")  # the 27th and 29th are missing
    assert [("badge", 1)] == ledger.on("2028-02-29")


def test_streaks_of_weeks_and_months() -> None:
    """One activity is enough for each unit, on whichever of its days."""
    weeks = badge("weeks", Metric(ON, Aggregate.STREAK, unit=PeriodKind.WEEK), levels=levels(3))
    months = badge("months", Metric(ON, Aggregate.STREAK, unit=PeriodKind.MONTH), levels=levels(3))
    assert [("weeks", 1)] == Ledger(weeks).on("2026-12-21", "2027-01-03", "2027-01-04")
    assert [("months", 1)] == Ledger(months).on("2027-01-31", "2027-03-01", "2027-02-14")


def test_a_streak_within_a_year_ends_with_it() -> None:
    """A window cuts a streak where a period ends."""
    metric = Metric(ON, Aggregate.STREAK, unit=PeriodKind.DAY, window=PeriodKind.YEAR)
    assert [] == Ledger(badge(metric=metric, levels=levels(3))).on("2026-03-30", "2026-03-31", "2026-04-01")


def test_a_rolling_window_is_any_days_in_a_row() -> None:
    """Also those before and after an activity that comes late."""
    ledger = Ledger(badge(metric=Metric(ON, Aggregate.COUNT, window=3), levels=levels(3)))
    assert [] == ledger.on("2028-02-28", "2028-03-01", "2028-03-02")
    assert [("badge", 1)] == ledger.on("2028-02-29")
    assert [Reached(ledger.goal("badge"), 1, 0, 3, day("2028-02-28"), day("2028-03-01"))] == [*ledger.awards.values()]


def test_a_repeated_run_uses_its_days_up() -> None:
    """After an award only later days count for the next."""
    rolling = Ledger(badge(metric=Metric(ON, Aggregate.COUNT, window=7), levels=levels(2), repeat=True))
    assert [("badge", 1)] * 2 == rolling.on("2026-11-02", "2026-11-04", "2026-11-03", "2026-11-05", "2026-11-06")
    streak = Ledger(badge(metric=Metric(ON, Aggregate.STREAK, unit=PeriodKind.DAY), levels=levels(2), repeat=True))
    assert [("badge", 1)] * 2 == streak.on("2026-11-02", "2026-11-03", "2026-11-03", "2026-11-04", "2026-11-05")
    periods = [key[3] for key in streak.awards]
    assert [day("2026-11-02"), day("2026-11-04")] == periods


def test_what_a_badge_requires_must_be_held() -> None:
    """A value reached before counts as soon as the requirement is awarded, wherever in the file it stands."""
    star = badge("star", levels=levels(1), requires=("writer", "reader"))
    writer = badge("writer", Metric(("content.published",), Aggregate.COUNT))
    reader = badge("reader", Metric(("content.read",), Aggregate.COUNT))
    ledger = Ledger(star, writer, reader)
    assert [] == ledger.on("2026-11-02")
    assert [("writer", 1)] == ledger.on("2026-11-02", type="content.published")
    assert [("reader", 1), ("star", 1)] == ledger.on("2026-11-02", type="content.read")


def test_a_run_that_is_alive_counts_when_its_requirement_comes() -> None:
    """A streak that was long enough yesterday is awarded today, and its days are used up; one that has ended is not."""
    metric = Metric(ON, Aggregate.STREAK, unit=PeriodKind.DAY)
    star = badge("star", metric, requires=("writer",), levels=levels(2), repeat=True)
    writer = badge("writer", Metric(("content.published",), Aggregate.COUNT))
    alive, ended = Ledger(star, writer), Ledger(star, writer)
    assert [] == alive.on("2026-11-02", "2026-11-03") == ended.on("2026-11-02", "2026-11-03")
    assert [("writer", 1), ("star", 1)] == alive.on("2026-11-04", type="content.published")
    assert [] == alive.on("2026-11-04")
    assert [("writer", 1)] == ended.on("2026-11-05", type="content.published")


def test_an_expired_badge_is_not_held() -> None:
    """What requires it waits; the badge itself is not awarded again."""
    star = badge("star", requires=("writer",), levels=levels(2))
    writer = badge("writer", Metric(("content.published",), Aggregate.COUNT), expires_days=30)
    ledger = Ledger(star, writer)
    assert [("writer", 1)] == ledger.on("2026-11-02", type="content.published")
    assert [] == ledger.on("2026-12-01", "2026-12-02")
    assert [] == ledger.on("2026-12-02", type="content.published")
    assert [("star", 1)] == ledger.on("2026-12-01")


def test_a_badge_may_rest_on_others_alone() -> None:
    """Without a metric it is awarded when everything that it requires is held, through any number of steps."""
    badges = [
        badge("all", None, requires=("both",)),
        badge("both", None, requires=("one", "other")),
        badge("one"),
        badge("other", Metric(ON, Aggregate.COUNT), levels=levels(2)),
    ]
    ledger = Ledger(*badges)
    assert [("one", 1)] == ledger.on("2026-11-02")
    assert [("other", 1), ("both", 1), ("all", 1)] == ledger.on("2026-11-02")
    assert [] == ledger.on("2026-11-02")


def test_only_the_first_members_get_it() -> None:
    """A member takes one place, however many levels follow."""
    ledger = Ledger(badge(levels=levels(1, 2), first=2))
    assert [("badge", 1), ("badge", 2)] == ledger.on("2026-11-02", "2026-11-02", member=1)
    assert [("badge", 1)] == ledger.on("2026-11-02", member=2)
    assert [] == ledger.on("2026-11-02", "2026-11-02", member=3)
    assert [("badge", 2)] == ledger.on("2026-11-03", member=2)
    assert [2] == [*ledger.tallies.values()]


def test_a_zone_is_entered_when_all_its_needs_are_met() -> None:
    """Each once and for good, in whichever order and period; the zone once."""
    month = Metric(ON, Aggregate.COUNT, window=PeriodKind.MONTH)
    streak = Metric(("content.read",), Aggregate.STREAK, unit=PeriodKind.DAY)
    ledger = Ledger(Zone("sharer", "Sharer", (Need("Share", month, 2), Need("Read", streak, 2))))
    goal = ledger.goal("sharer")
    assert [] == ledger.on("2026-10-02", "2026-10-03")
    assert [Step(2, None), Step(0, 2)] == ledger.steps(1, goal, day("2026-11-02"))
    assert [] == ledger.on("2026-11-02", type="content.read")
    assert [("sharer", 1)] == ledger.on("2026-11-03", type="content.read")
    assert [] == ledger.on("2026-11-04", type="content.read")


def test_a_retraction_revokes_what_loses_its_evidence() -> None:
    """Values are worked out anew, levels that they no longer reach go, and can be reached again."""
    ledger = Ledger(badge("lost", levels=levels(1, 2)), badge("kept", levels=levels(2), keep=True))
    assert [("lost", 1), ("lost", 2), ("kept", 1)] == ledger.on("2026-11-02", "2026-11-03")
    assert [("lost", 2)] == [(ledger.keys[each.goal.element], each.level) for each in ledger.retract(act("2026-11-03"))]
    assert [("lost", 2)] == ledger.on("2026-11-04")


def test_what_a_run_used_up_is_free_again_when_it_is_lost() -> None:
    """A repeated award that is revoked gives its days back."""
    metric = Metric(ON, Aggregate.STREAK, unit=PeriodKind.DAY)
    ledger = Ledger(badge(metric=metric, levels=levels(3), repeat=True))
    assert [("badge", 1)] == ledger.on("2026-11-02", "2026-11-03", "2026-11-04")
    assert 1 == len(ledger.retract(act("2026-11-02")))
    assert [("badge", 1)] == ledger.on("2026-11-05")


def test_progress_is_of_the_window_that_stands() -> None:
    """The day's period, the days up to it, the streak that is alive: and what is next."""
    ledger = Ledger(
        badge("ever", levels=levels(2, 5)),
        badge("month", Metric(ON, Aggregate.COUNT, window=PeriodKind.MONTH), levels=levels(9), repeat=True),
        badge("rolling", Metric(ON, Aggregate.COUNT, window=3), levels=levels(9)),
        badge("streak", Metric(ON, Aggregate.STREAK, unit=PeriodKind.DAY, forgiving=1), levels=levels(9)),
        badge("every", levels=levels(2), every=True),
    )
    ledger.on("2026-10-31", "2026-11-01", "2026-11-02")
    steps = {key: ledger.steps(1, ledger.goal(key), day("2026-11-04"))[0] for key in ledger.keys.values()}
    assert {
        "ever": Step(3, 5),
        "month": Step(2, 9),
        "rolling": Step(1, 9),
        "streak": Step(3, 9),
        "every": Step(3, 4),
    } == steps
    assert [Step(0, 9)] == ledger.steps(1, ledger.goal("streak"), day("2026-11-05"))


def test_a_badge_given_by_hand_is_looked_behind() -> None:
    """What requires it is awarded at once; its own level is not reached again."""
    ledger = Ledger(badge("hand", levels=levels(3)), badge("star", requires=("hand",)))
    ledger.on("2026-11-02")
    engine, goal, today = ledger.progress, ledger.goal("hand"), day("2026-11-03")
    book = Book()
    ledger.load(book, engine.summaries(1, goal, 0) + engine.keys_after(1, goal.element, today))
    ledger.load(book, (), engine.spans_after(1, goal.element, today, book))
    engine.raise_(1, goal, 0, 1, book)
    ledger.held.add(1, goal.element, 1, 0)
    assert [] == engine.shared_after(goal.element)
    found = engine.settle_after(1, goal.element, today * DAY_US, today, book, ledger.tallies, ledger.held)
    assert [Reached(ledger.goal("star"), 1, 0, 1, 0, LAST)] == found
    ledger.store(book)
    assert [] == ledger.on("2026-11-03", "2026-11-03")


def test_what_was_awarded_before_is_taken_up() -> None:
    """Values accumulated without deciding, and the awards there were: from there on as if nothing had been between."""
    badges = [
        badge("ever", levels=levels(2, 3)),
        badge("run", Metric(ON, Aggregate.COUNT, window=7), levels=levels(2), repeat=True),
    ]
    days = ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"]
    ledger, again = Ledger(*badges), Ledger(*badges)
    ledger.batch(*(act(each) for each in days[:2]))
    book = Book()
    for each in days[:2]:
        again.progress.accumulate(1, day(each), again.counts(act(each)), book)
    for (member, element, level, period), reached in ledger.awards.items():
        stored = Award(
            1,
            0,
            member,
            element,
            1,
            level,
            period,
            1,
            0,
            reached.value,
            reached.first_day,
            reached.last_day,
            None,
            None,
        )
        goal = next(each for each in again.progress.goals if each.element == element)
        again.progress.resume(goal, stored, book)
    again.store(book)
    assert ledger.rows == again.rows
    assert [("ever", 2), ("run", 1)] == ledger.on(*days[2:]) == again.on(*days[2:])


def test_badges_are_looked_at_in_an_order_in_which_requirements_come_first() -> None:
    """Otherwise in the order of the file; what is required and not there changes nothing."""
    goals = [Goal(0, 1, requires=(3, 9)), Goal(0, 2), Goal(0, 3), Goal(0, 4, requires=(1,))]
    assert [2, 3, 1, 4] == [goal.element for goal in in_order(goals)]


# Days about which something changes: a leap day, a year that starts in April or in January, and quiet ones.
STARTS = [day(each) for each in ("2028-02-20", "2026-03-25", "2026-12-25", "2026-06-08")]
TYPES = ("post.shared", "content.read")
CALENDAR = [kind for kind in PeriodKind if kind is not PeriodKind.EVER]
STREAKS = [
    *((PeriodKind.DAY, window) for window in PeriodKind),
    (PeriodKind.WEEK, PeriodKind.EVER),
    *((PeriodKind.MONTH, PeriodKind(window)) for window in ("quarter", "half-year", "year", "ever")),
]
WINDOWS: list[PeriodKind | int] = [*PeriodKind, 1, 5, 30]
SHAPES: list[tuple[Aggregate, PeriodKind | None, PeriodKind | int]] = [
    *((each, None, window) for each in Aggregate if each is not Aggregate.STREAK for window in WINDOWS),
    *((Aggregate.STREAK, unit, window) for unit, window in STREAKS),
]


@st.composite
def metrics(draw: st.DrawFn, shape: tuple[Aggregate, PeriodKind | None, PeriodKind | int] | None = None) -> Metric:
    aggregate, unit, window = shape or draw(st.sampled_from(SHAPES))
    forgiving = draw(st.integers(0, 2)) if unit else 0
    on = draw(st.sampled_from([TYPES[:1], TYPES[1:], TYPES]))
    return Metric(on, aggregate, by=None if unit else "by", unit=unit, forgiving=forgiving, window=window)


@st.composite
def badges(draw: st.DrawFn, number: int, metric: Metric | None) -> Badge:
    """One of the combinations that a programme file may have."""
    requires = draw(st.lists(st.sampled_from([f"badge-{each}" for each in range(3) if each != number]), max_size=1))
    if metric is None:
        return badge(f"badge-{number}", None, requires=tuple(requires))
    unit, window = metric.unit, metric.window
    rolling = not isinstance(window, PeriodKind)
    repeat = (unit is not None or window is not PeriodKind.EVER) and draw(st.booleans())
    every = unit is None and not rolling and draw(st.booleans())
    several = not every and not (repeat and (rolling or unit))
    ats = draw(st.lists(st.integers(1, 6), min_size=1, max_size=3 if several else 1, unique=True))
    return badge(
        f"badge-{number}",
        metric,
        levels=levels(*sorted(ats)),
        every=every,
        repeat=repeat,
        requires=tuple(requires),
        first=None if repeat else draw(st.sampled_from([None, 1])),
        keep=draw(st.booleans()),
        expires_days=draw(st.sampled_from([None, None, 3])),
    )


@st.composite
def zones(draw: st.DrawFn) -> Zone:
    needs = [Need("Do it", draw(metrics()), draw(st.integers(1, 4))) for _ in range(draw(st.integers(1, 3)))]
    return Zone("sharer", "Sharer", tuple(needs))


@st.composite
def histories(draw: st.DrawFn, *, dense: bool = False) -> list[list[Act]]:
    """Batches of activities in any order: most within a few days, some months away."""
    start = draw(st.sampled_from(STARTS))
    amounts = draw(st.sampled_from([st.integers(1, 3), st.integers(-2, 4)]))
    offsets = st.integers(0, 6) if dense else st.one_of(st.integers(0, 12), st.integers(0, 12), st.integers(0, 200))
    batches = []
    number = 0
    for size in draw(st.lists(st.integers(1, 6), max_size=6)):
        batch = []
        for _ in range(size):
            number += 1
            on = start + draw(offsets)
            kind, member = draw(st.sampled_from(TYPES)), draw(st.sampled_from([1, 1, 2]))
            value = draw(st.sampled_from([-7, 0, 1, 2, 50]))
            batch.append(Act(number, member, kind, on, on * DAY_US + number, draw(amounts), value))
        batches.append(batch)
    return batches


def acyclic(goals: list[Badge]) -> list[Badge]:
    """The same badges without the requirements that go round."""
    known: dict[str, tuple[str, ...]] = {}

    def leads_to(key: str, target: str) -> bool:
        return key == target or any(leads_to(each, target) for each in known.get(key, ()))

    for each in goals:
        known[each.key] = tuple(key for key in each.requires if not leads_to(key, each.key))
    return [replace(each, requires=known[each.key]) for each in goals]


def follow(ledger: Ledger, history: list[list[Act]], data: st.DataObject) -> None:
    """Everything that the service and the naive reference say of a history, with retractions between its batches."""
    naive = Naive(list(ledger.progress.goals), ledger.calendar.year_starts[0])
    alive: list[Act] = []
    for batch in history:
        expected = [naive.record(each) for each in batch]
        assert expected == [[told(each) for each in reached] for reached in ledger.batch(*batch)]
        alive += batch
        for back in data.draw(st.lists(st.sampled_from(alive), max_size=2, unique=True)):
            alive.remove(back)
            assert sorted(naive.retract(back)) == sorted(told(each) for each in ledger.retract(back))
    for member in (1, 2):
        mine = {key[1:]: told(each) for key, each in ledger.awards.items() if key[0] == member}
        assert naive.held(member) == sorted(mine.values())
        on = data.draw(st.sampled_from([each.day for batch in history for each in batch] or [STARTS[0]]))
        on += data.draw(st.integers(0, 3))
        for goal in ledger.progress.goals:
            assert naive.steps(member, goal, on) == ledger.steps(member, goal, on)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(str(each) for each in shape if each is not None))
@settings(max_examples=max(10, settings().max_examples // 4), deadline=None)
@given(st.data())
def test_every_measure_over_every_window(
    shape: tuple[Aggregate, PeriodKind | None, PeriodKind | int], data: st.DataObject
) -> None:
    """One badge of each measure, window and unit, with all else at random, reaches what the reference says."""
    one = data.draw(badges(0, data.draw(metrics(shape))))
    ledger = Ledger(replace(one, requires=()), year_starts=data.draw(st.sampled_from([(4, 1), (1, 1)])))
    follow(ledger, data.draw(histories()), data)


@settings(deadline=None)
@given(st.data())
def test_any_badges_and_zones_together(data: st.DataObject) -> None:
    """Badges that require each other, places for few, and a zone, in batches of any size."""
    many = [data.draw(badges(at, data.draw(st.none() | metrics()))) for at in range(3)]
    ledger = Ledger(*acyclic(many), data.draw(zones()), year_starts=data.draw(st.sampled_from([(4, 1), (1, 1)])))
    follow(ledger, data.draw(histories()), data)


@settings(deadline=None)
@given(st.data())
def test_what_repeats_and_waits_for_another_badge(data: st.DataObject) -> None:
    """Runs that were long enough before the badge that they require was there, and a zone with a sum that goes down."""
    runs = st.one_of(
        st.builds(
            Metric, st.just(ON), st.just(Aggregate.STREAK), unit=st.just(PeriodKind.DAY), forgiving=st.integers(0, 1)
        ),
        st.builds(
            Metric, st.just(ON), st.sampled_from([Aggregate.COUNT, Aggregate.DISTINCT]), window=st.integers(2, 5)
        ),
    )
    wait = badge("wait", Metric(TYPES[1:], Aggregate.COUNT), levels=levels(1, 2, 3), expires_days=2)
    run, at = data.draw(runs), data.draw(st.integers(2, 3))
    again = badge("again", run, levels=levels(at), repeat=True, requires=data.draw(st.sampled_from([("wait",), ()])))
    once = badge("once", run, levels=levels(at, at + 1), requires=("wait",))
    needs = (
        Need("Do it", Metric(TYPES, Aggregate.SUM, by="by"), 4),
        Need("Read", Metric(TYPES[1:], Aggregate.COUNT), 3),
    )
    ledger = Ledger(again, once, wait, Zone("sharer", "Sharer", needs))
    follow(ledger, data.draw(histories(dense=True)), data)
