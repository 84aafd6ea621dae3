"""Progress towards badges and zones beside a naive reference, on random goals and activities."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activity.calendar import PeriodKind
from rewards.badge import Badge
from rewards.journey import Need, Zone
from rules.metric import Aggregate, Metric
from tests.rewards.ledger import DAY_US, ON, Ledger, badge, day, levels, told
from tests.rewards.naive import Act, Naive

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
