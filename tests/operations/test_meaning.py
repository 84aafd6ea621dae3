"""The whole meaning against a naive reference, on random programmes and histories and on both databases."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from activity.calendar import PeriodKind
from activity.intake import Refused, Report
from activity.tables import activity, member
from leaderboard.board import Board, Competitors
from operations.enrol import Profile
from operations.publish import Unfinished
from rewards.tables import award, entry
from rules.tables import element, verdict, version
from rules.verdict import load
from tests.conftest import OpenStore
from tests.operations.naive import Naive
from tests.operations.naive_state import Refusal, period_of
from tests.operations.pool import BADGES, RULES, SECTIONS, WORKING_TIMES, spec_of
from tests.operations.spec import Facts
from tests.world import World

PEOPLE = ("ada", "ben", "cid")
JOINED = tuple(
    datetime.fromisoformat(at) for at in ("2026-03-26T12:00:00Z", "2026-03-29T23:30:00Z", "2026-11-20T08:00:00Z")
)
NETWORKS = ("linkedin", "x")
DAYS_SINCE = ("2026-03-15", "2026-03-29", "2026-04-01", "2026-10-25", "2026-11-12")

# Few days, around what is special about some: so limits, windows and streaks meet, and many activities come late.
TIMES = (
    "2026-03-16T09:00:00Z",
    "2026-03-28T12:00:00Z",
    "2026-03-28T23:30:00Z",  # the night before clocks go forward
    "2026-03-29T00:30:00Z",
    "2026-03-29T23:30:00Z",  # already the 30th in London
    "2026-03-31T21:30:00Z",
    "2026-03-31T23:30:00Z",  # April, and with it a year, a half and a quarter
    "2026-04-02T08:00:00Z",
    "2026-10-25T00:30:00Z",  # clocks go back
    "2026-11-12T09:30:00Z",
    "2026-11-12T23:59:59Z",
    "2026-11-13T00:00:00Z",
)

Happening = tuple[Any, ...]


@st.composite
def activities(draw: st.DrawFn) -> Happening:
    number, at = draw(st.integers(0, 30)), draw(st.sampled_from(TIMES))
    kind = draw(st.sampled_from(["post.shared", "post.shared", "article.published"]))
    names = draw(st.sampled_from([("ada",), ("ada",), ("ben",), ("cid",), ("ada", "ben"), ("cid", "ada", "ben")]))
    data = {"url": f"u{draw(st.integers(0, 3))}", "reach": draw(st.sampled_from([0, 1_999, 25_000]))}
    if kind == "post.shared":
        data["network"] = draw(st.sampled_from(NETWORKS))
    return str(number), kind, names, datetime.fromisoformat(at), data


people = st.sampled_from(PEOPLE)
choices = st.dictionaries(
    st.sampled_from([(section, key) for section, pool in SECTIONS.items() for key in pool]), st.integers(0, 11)
)
programmes = st.tuples(choices, st.integers(0, len(WORKING_TIMES) - 1))
facts = st.builds(
    Facts,
    team=st.sampled_from(["Red", "Blue", None]),
    location=st.sampled_from(["Paris", "Oslo"]),
    time_zone=st.sampled_from([None, "Asia/Tokyo", "America/New_York"]),
    hourly=st.booleans(),
    participates=st.sampled_from([True, True, True, False]),
)
happenings = st.one_of(
    st.tuples(st.just("record"), st.lists(activities(), min_size=1, max_size=8)),
    st.tuples(st.just("record"), st.lists(activities(), min_size=1, max_size=3)),
    st.tuples(st.just("retract"), st.integers(0, 30).map(str)),
    st.tuples(
        st.just("adjust"),
        people,
        st.sampled_from([-5, 9]),
        st.sampled_from([None, *RULES]),
        st.sampled_from(TIMES).map(datetime.fromisoformat),
    ),
    st.tuples(st.just("give"), people, st.sampled_from([*BADGES]), st.integers(1, 3)),
    st.tuples(st.just("take"), people, st.sampled_from([*BADGES]), st.sampled_from([None, 1, 2])),
    st.tuples(st.just("wait"), st.integers(1, 60)),
    st.tuples(st.just("enrol"), people, facts),
    st.tuples(st.just("apply"), programmes),
    st.tuples(st.just("since"), programmes, st.sampled_from(DAYS_SINCE)),
    st.tuples(st.just("words"), st.sampled_from([None, *DAYS_SINCE])),
    st.tuples(st.just("catch up"), st.integers(1, 2)),
)


# Badges that require others over two steps, with those that they require, and what makes them fall and come back.
towers = st.fixed_dictionaries(
    {("badges", key): st.integers(1, len(BADGES[key]) - 1) for key in ("many", "soon", "both", "crown")}
)
FOUNDATION: Happening = (
    "record",
    [
        (
            str(number),
            kind,
            ("ada",),
            datetime.fromisoformat(TIMES[place]),
            {"url": f"u{number}", "reach": 2_000} | data,
        )
        for kind, data, places in (
            ("post.shared", {"network": "x"}, {0: 0, 1: 1, 2: 4, 3: 9, 4: 11}),
            ("article.published", {}, {5: 9}),
        )
        for number, place in places.items()
    ],
)
quakes = st.one_of(
    st.tuples(st.just("record"), st.lists(activities(), min_size=1, max_size=4)),
    st.tuples(st.just("retract"), st.sampled_from("01234555")),
    st.tuples(st.just("retract"), st.sampled_from("01234555")),
    st.tuples(st.just("retract"), st.sampled_from("01234555")),
    st.tuples(st.just("give"), people, st.sampled_from(["many", "soon", "both", "crown"]), st.integers(1, 2)),
    st.tuples(st.just("take"), people, st.sampled_from(["many", "soon", "both", "crown"]), st.just(None)),
    st.tuples(st.just("since"), st.tuples(towers, st.just(0)), st.sampled_from(DAYS_SINCE)),
    st.tuples(st.just("apply"), st.tuples(towers, st.just(0))),
    st.tuples(st.just("words"), st.sampled_from([None, *DAYS_SINCE])),
)


class Both:
    """The service and the reference, told the same."""

    def __init__(self, world: World) -> None:
        self.world, self.naive = world, Naive()
        self._choice: dict[tuple[str, str], int] = {}
        self._working_time = 0
        self._words = 0

    async def begin(self, programme: Any) -> None:
        await self.apply(programme)
        now = self.world.now
        for name, joined in zip(PEOPLE, JOINED, strict=True):
            self.world.now = self.naive.now = joined
            await self.enrol(name, Facts(team="Blue" if name == "cid" else "Red", hourly=name == "ben"))
        self.world.now = self.naive.now = now

    async def happen(self, what: Happening) -> None:
        kind, *told = what
        await getattr(self, kind.replace(" ", "_"))(*told)

    async def apply(self, programme: Any, since: str | None = None) -> None:
        choice, self._working_time = programme
        self._choice |= choice
        spec = spec_of(self._choice, self._working_time, self._words)
        day = date.fromisoformat(since) if since else None
        try:
            await self.world.apply(spec.text(), since=since)
        except Unfinished:
            await self.world.catch_up(chunk=1)
            await self.world.apply(spec.text(), since=since)
        self.naive.apply(spec, day)

    since = apply

    async def words(self, since: str | None) -> None:
        """All badges are called otherwise, and nothing else changes."""
        self._words += 1
        await self.apply(({}, self._working_time), since)

    async def enrol(self, name: str, known: Facts) -> None:
        await self.world.enrol(
            Profile(
                name,
                name=name,
                team=known.team or "",
                location=known.location,
                time_zone=known.time_zone or "",
                attributes={"hourly": known.hourly},
                participates=known.participates,
            )
        )
        self.naive.enrol(name, known)

    async def record(self, batch: Sequence[Happening]) -> None:
        reports = [
            Report("test", identifier, kind, names[0], time, data, list(names[1:]))
            for identifier, kind, names, time, data in batch
        ]
        receipts = await self.world.record(*reports)
        told = [(receipt.status.value, receipt.points) for receipt in receipts]
        assert [self.naive.record(*each) for each in batch] == told

    async def retract(self, identifier: str) -> None:
        await self._corrected(self.world.retract(identifier), lambda: self.naive.retract(identifier))

    async def adjust(self, name: str, points: int, rule: str | None, at: datetime) -> None:
        assert self.naive.spec is not None
        if rule in {None, *(each.key for each in self.naive.spec.rules)}:
            adjusted = self.world.adjust(name, points, rule=rule, at=at)
            await self._corrected(adjusted, lambda: self.naive.adjust(name, points, rule, at))

    async def give(self, name: str, badge: str, level: int) -> None:
        await self._corrected(self.world.give(name, badge, level=level), lambda: self.naive.give(name, badge, level))

    async def take(self, name: str, badge: str, level: int | None) -> None:
        await self._corrected(self.world.take(name, badge, level=level), lambda: self.naive.take(name, badge, level))

    async def wait(self, hours: int) -> None:
        self.world.now = self.naive.now = self.naive.now + timedelta(hours=hours)
        assert self.naive.release() == await self.world.release()

    async def catch_up(self, chunk: int) -> None:
        await self.world.catch_up(chunk=chunk, most=1)

    async def compare(self) -> None:
        """Everything that there is, when all members have been brought up."""
        await self.world.catch_up(chunk=2)
        expected, found = self.naive, await Seen.of(self.world)
        assert expected.ledger() == found.ledger
        assert expected.verdicts() == found.verdicts
        assert expected.badges() == found.badges
        assert expected.standings() == found.standings
        assert await self.world.differences() == []

    async def _corrected(self, done: Any, expect: Any) -> None:
        try:
            expect()
        except Refusal:
            with pytest.raises(Refused):
                await done
        else:
            await done


@dataclass
class Seen:
    """What the service has, in the words of the reference."""

    ledger: list[tuple[Any, ...]] = field(default_factory=list)
    verdicts: list[tuple[Any, ...]] = field(default_factory=list)
    badges: list[tuple[Any, ...]] = field(default_factory=list)
    standings: dict[tuple[Any, ...], tuple[int, ...]] = field(default_factory=dict)

    @classmethod
    async def of(cls, world: World) -> "Seen":
        self = cls()
        async with world.store.reading() as work:
            revision = await world.revisions.current(work)
            people = {row.key: row.external_id for row in await work.rows(select(member))}
            versions = {row.id: row for row in await work.rows(select(version))}
            elements = {row.id: row for row in await work.rows(select(element))}
            acts = {row.seq: row.id for row in await work.rows(select(activity))} | {None: ""}
            entries = await work.rows(select(entry))
            awards = await work.rows(select(award).where(award.c.revoked_seq.is_(None)))
            verdicts = await work.rows(select(verdict).order_by(verdict.c.revision))
        gone = {(row.reverses_seq, row.reverses_ordinal) for row in entries}
        badges = {row.id for row in elements.values() if row.kind == "badge"}
        self.ledger = sorted(
            (
                people[row.member],
                versions[row.version].key if row.version else "",
                "" if row.version and versions[row.version].element in badges else acts[row.activity],
                row.points,
                row.day,
            )
            for row in entries
            if row.reverses_seq is None and (row.seq, row.ordinal) not in gone
        )
        latest = {(row.activity, row.member): load(row.outcomes) for row in verdicts}
        self.verdicts = sorted(
            (
                acts[seq],
                people[key],
                sorted(
                    (versions[each.version].key, each.result.value, each.points)
                    for each in outcomes
                    if elements[versions[each.version].element].retired is None
                ),
            )
            for (seq, key), outcomes in latest.items()
        )
        self.badges = sorted(
            (
                people[row.member],
                elements[row.element].key,
                row.level,
                row.period,
                acts[row.activity],
                orjson.loads(versions[row.version].definition)["title"],
            )
            for row in awards
        )
        calendar, boards = revision.calendar, {each.board.key: each.board for each in revision.board_versions}
        self.standings = {
            (board, _first(calendar, boards[board], period), name): tuple(stands)
            for (board, period, name), stands in (await world.places()).items()
        }
        assert {board.of for board in boards.values()} <= set(Competitors)
        return self


def _first(calendar: Any, board: Board, key: str) -> int:
    first = board.period_named(calendar, key).first
    assert isinstance(board.period, PeriodKind)
    assert first == (period_of(board.period, first) if first else 0)
    return int(first)


# Each example is a company of its own: fewer than of what is quickly asked.
meanings = settings(
    max_examples=settings().max_examples // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@meanings
@given(programmes, st.lists(happenings, min_size=3, max_size=20))
async def test_whatever_happens_is_what_it_means(
    open_store: OpenStore, programme: Any, history: list[Happening]
) -> None:
    """Ledger, verdicts, badges, zones and standings are those of the reference, and verify finds nothing."""
    async with open_store() as store:
        both = Both(World(store))
        await both.begin(programme)
        for what in history:
            await both.happen(what)
        await both.compare()


@meanings
@given(st.tuples(towers, st.just(0)), st.lists(quakes, min_size=6, max_size=20))
async def test_what_rests_on_badges_falls_with_them(
    open_store: OpenStore, programme: Any, history: list[Happening]
) -> None:
    """The same, of badges that require others, while activities are retracted and badges given and taken."""
    async with open_store() as store:
        both = Both(World(store))
        await both.begin(programme)
        for what in (FOUNDATION, *history):
            await both.happen(what)
        await both.compare()
