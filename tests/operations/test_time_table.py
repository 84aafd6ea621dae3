"""What every limit, window and measure makes of the times in the tables of times.py, from recording to retraction.

All rows of a zone go through one company, each with a member, an activity type, rules and badges of its own.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import zip_longest
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from activity.intake import Report
from activity.tables import activity
from rewards.tables import award
from rules.tables import element, verdict, version
from rules.verdict import load
from tests.operations.times import BADGES, EVER, HISTORY, LONDON, LORD_HOWE, NEW_YORK, PERIODS, RULES
from tests.world import World

NO_PERIOD = range(1)
LEVELS = [*range(1, 16)]


class Step(NamedTuple):
    """An activity that is recorded, or retracted; and what is expected, column by column."""

    words: str
    time: datetime
    retracted: bool
    amount: int
    value: str
    expected: tuple[int, ...]
    periods: range  # the first days of those that it can be in, of badges that repeat; else 0


class Case(NamedTuple):
    """A row of a table: what it is called, what its rules and badges say, and what happens."""

    name: str
    rules: Sequence[str]
    badges: Sequence[str]
    steps: Sequence[Step]


def step(zone: str, words: str, expected: Sequence[int], periods: range = NO_PERIOD) -> Step:
    told = words.replace("(", " ").replace(")", " ").split()
    rest = [each for each in told[2:] if each not in {"again", "retracted"}] or ["1", "a"]
    local = datetime.fromisoformat(" ".join(told[:2])).replace(tzinfo=ZoneInfo(zone), fold="again" in told)
    return Step(words, local.astimezone(UTC), "retracted" in told, int(rest[0]), rest[1], tuple(expected), periods)


def cases(zone: str) -> Iterator[Case]:
    """The rows of a zone, from all tables."""
    for period in (each for each in PERIODS if each.zone == zone):
        steps = []
        for words, *expected in HISTORY:
            name, _, rest = words.partition(" ")
            at = getattr(period, name)
            own = date.fromisoformat(period.first[:10]).toordinal()
            periods = {"before": range(1, own), "after": range(own + 1, date.max.toordinal())}
            steps.append(step(zone, f"{at} {rest}", expected, periods.get(name, range(own, own + 1))))
        yield _periodic(f"{period.per} from {period.first}", period.per, "repeat: true, ", steps)
    if zone == LONDON:
        yield _periodic("ever", "ever", "", [step(zone, words, expected) for words, *expected in EVER])
    for rows, is_rule in ((RULES, True), (BADGES, False)):
        for row in (each for each in rows if each.zone == zone):
            steps = [
                step(zone, words, [int(expected)]) for words, expected in (each.rsplit(None, 1) for each in row.steps)
            ]
            first = row.steps[0].rsplit(None, 1)[0]
            name = f"{row.what} from {first}"
            if is_rule:
                yield Case(name, [f"points: 5, {row.what}"], [], steps)
            else:
                yield Case(name, [], [f"{row.what}, levels: {LEVELS}"], steps)


def _periodic(name: str, per: str, repeat: str, steps: Sequence[Step]) -> Case:
    paid = f"limits: [{{max: 1, per: {per}}}], points: 5", f"points: {{steps: [50, 20, 10], per: {per}}}"
    counted = "count", "{sum: activity.amount}", "{distinct: activity.value}"
    badges = [f"measure: {measure}, window: {per}, {repeat}every: 1" for measure in counted]
    return Case(name, [*paid, f"points: 5, budget: {{points: 14, per: {per}}}"], badges, steps)


def programme(zone: str, found: Sequence[Case]) -> str:
    fields = "{amount: int, value: string}"
    rules = [(at, part, words) for at, case in enumerate(found) for part, words in enumerate(case.rules)]
    badges = [(at, part, words) for at, case in enumerate(found) for part, words in enumerate(case.badges)]
    return "\n".join(
        [
            f"programme: times\nstarts: 2026-01-01\ntime_zone: {zone}\nyear_starts: 04-01\nparticipation: opt-out",
            "activities:",
            *(f"  act-{at}: {{title: Did it, fields: {fields}}}" for at in range(len(found))),
            "rules:",
            *(f"  rule-{at}-{part}: {{title: Pay, on: [act-{at}], {words}}}" for at, part, words in rules),
            "badges:",
            *(f"  badge-{at}-{part}: {{title: Badge, on: [act-{at}], {words}}}" for at, part, words in badges),
        ]
    )


@pytest.mark.parametrize("zone", [LONDON, NEW_YORK, LORD_HOWE])
async def test_every_time_is_in_its_place(world: World, zone: str) -> None:
    """By the programme's clock, in whatever order activities are told, and when one of them is taken back."""
    world.now = datetime(2029, 6, 1, 12, tzinfo=UTC)
    found = list(cases(zone))
    await world.apply(programme(zone, found))
    await world.hire(*(f"m{at}" for at in range(len(found))))
    values: list[list[tuple[int, ...]]] = [[] for _ in found]
    recorded: list[list[str]] = [[] for _ in found]  # which activity each step is about
    for number, steps in enumerate(zip_longest(*(case.steps for case in found))):
        now = [(at, each) for at, each in enumerate(steps) if each is not None]
        for at, each in now:
            same = (past for past in range(number) if found[at].steps[past].time == each.time)
            recorded[at].append(f"{at} {next(same) if each.retracted else number}")
        await world.record(*(_report(at, each, recorded[at][-1]) for at, each in now if not each.retracted))
        for at, each in now:
            if each.retracted:
                await world.retract(recorded[at][-1])
        levels = await _levels(world)
        for at, each in now:
            badges = (levels[f"badge-{at}-{part}"] for part in range(len(found[at].badges)))
            values[at].append(
                tuple(max((held[day] for day in held if day in each.periods), default=0) for held in badges)
            )
    paid = await _paid(world)
    for at, case in enumerate(found):
        rules = [f"rule-{at}-{part}" for part in range(len(case.rules))]
        earned = [tuple(paid[identifier, rule] for rule in rules) for identifier in recorded[at]]
        for each, points, value in zip(case.steps, earned, values[at], strict=True):
            assert (case.name, each.words, each.expected) == (case.name, each.words, points + value)
    assert await world.differences() == []


def _report(at: int, told: Step, identifier: str) -> Report:
    return Report("test", identifier, f"act-{at}", f"m{at}", told.time, {"amount": told.amount, "value": told.value})


async def _levels(world: World) -> Mapping[str, Mapping[int, int]]:
    """The highest level that is held of each badge, by period."""
    async with world.store.reading() as work:
        query = select(element.c.key, award.c.period, award.c.level).join(element, element.c.id == award.c.element)
        rows = await work.rows(query.where(award.c.revoked_seq.is_(None)).order_by(award.c.level))
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        found[row.key][row.period] = row.level
    return found


async def _paid(world: World) -> Mapping[tuple[str, str], int]:
    """What each rule said of each activity, by the activity's id and the rule's key."""
    async with world.store.reading() as work:
        rules = {row.id: row.key for row in await work.rows(select(version.c.id, version.c.key))}
        query = select(activity.c.id, verdict.c.outcomes).join(activity, activity.c.seq == verdict.c.activity)
        rows = await work.rows(query)
    return {(row.id, rules[each.version]): each.points for row in rows for each in load(row.outcomes)}
