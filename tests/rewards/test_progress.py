"""Progress towards badges and zones: examples to read."""

from activity.calendar import EVER, PeriodKind
from rewards.award import Award
from rewards.book import Book
from rewards.goal import Goal, in_order
from rewards.journey import Need, Zone
from rewards.progress import LEVELS_AT_ONCE, Reached, Step
from rules.metric import Aggregate, Metric
from tests.rewards.ledger import DAY_US, ON, Ledger, act, badge, day, levels

LAST = EVER.after - 1


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
