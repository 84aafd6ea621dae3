"""Simulation: what a draft would have done, and that publishing it does the same."""

import asyncio
import multiprocessing
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from activity.calendar import instant
from activity.intake import Refused
from activity.intake import Report as Activity
from activity.tables import member, team
from leaderboard.board import Competitors
from leaderboard.tables import standing
from operations.adjust import Author, adjust
from operations.catch_up import catch_up
from operations.enrol import Profile
from operations.give import give_badge
from operations.programme import parse
from operations.publish import SinceInvalid, apply
from operations.release import release
from operations.retract import retract
from operations.revision import Revisions
from operations.simulation.job import (
    Simulations,
    SimulationStatus,
    SimulationUnknown,
    cancel,
    simulation_of,
    with_warnings,
)
from operations.simulation.report import Placed, Report
from operations.simulation.simulate import SpanInvalid, simulate
from rewards.tables import award, entry
from rules.tables import element, version
from tests.conftest import OpenStore
from tests.operations.company import times
from tests.world import World, published, shared

PEOPLE = ("ada", "ben", "cid", "dot")
BOSS = Author("boss")

PROGRAMME = """
programme: test
starts: 2026-01-01
time_zone: Europe/London
year_starts: 04-01
participation: opt-out
attributes: {hourly: bool, joined: date}
activities:
  post.shared:
    title: Shared a post
    zone: sharer
    fields: {network: string, url: string, reach: int, with_comment: {type: bool, default: false}}
  article.published:
    title: Published an article
    zone: creator
    fields: {url: string, topics: list(string)}
rules:
  share:
    title: Share a post
    on: [post.shared]
    when: activity.network in ["linkedin", "x", "mastodon"]
    points: "5 + (activity.with_comment ? 5 : 0)"
    limits:
      - {max: 2, per: day}
      - {max: 1, per: ever, by: activity.url}
    tags: [effort]
  reach:
    title: Be read
    on: [post.shared]
    points: {steps: [9, 4, "int(double(activity.reach) / 1000.0)"], per: month}
    tags: [impact]
  first:
    title: Be the first to share it
    on: [post.shared]
    points: 7
    limits:
      - {max: 1, per: ever, by: activity.url, across: members}
    tags: [effort]
  paced:
    title: Not too often
    on: [post.shared]
    points: 3
    cooldown: PT4H
  held:
    title: Held back
    on: [article.published]
    points: 11
    hold: P1D
  article:
    title: Publish an article
    on: [article.published]
    points: 40
    credit: split
    limits:
      - {max: 2, per: week}
    tags: [effort]
    from: 2026-02-01
badges:
  sharer:
    title: Sharer
    on: [post.shared]
    measure: count
    levels: [{at: 2, points: 10}, {at: 4, points: 20}]
    tags: [effort]
  wide:
    title: Wide
    on: [post.shared]
    measure: {distinct: activity.network}
    window: P30D
    levels: [2]
    requires: [sharer]
    points: 4
  daily:
    title: Every day
    on: [post.shared, article.published]
    measure: {streak: day}
    levels: [2]
    repeat: true
    points: 2
  early:
    title: Early
    on: [article.published]
    measure: count
    levels: [1]
    first: 2
    points: 6
  kept:
    title: Kept
    on: [article.published]
    measure: count
    window: month
    levels: [2]
    evidence_lost: keep
    points: 5
zones:
  consumer: {title: Consumer}
  sharer:
    title: Sharer
    needs: [{title: Share two, on: [post.shared], measure: count, at_least: 2}]
  creator:
    title: Creator
    needs: [{title: Publish one, on: [article.published], measure: count, at_least: 1}]
boards:
  effort: {title: Effort, tags: [effort], period: month}
  impact: {title: Impact, tags: [impact], period: half-year, ties: earliest}
  everything: {title: Everything, period: ever, ties: dense}
  articles: {title: Articles, activities: [article.published], period: week}
  teams: {title: Teams, period: quarter, of: teams}
  reds: {title: Reds, period: year, members: 'member.team == "Red"'}
  crew: {title: Crew, period: year, of: teams, members: 'member.team != "Blue"', newcomers: P3D}
  starters: {title: Off to a start, period: month, newcomers: P2D}
  means: {title: Means, period: quarter, of: teams, score: mean, minimum: 3}
  active: {title: Active, period: half-year, of: teams, tags: [effort], score: mean-active}
  near: {title: Near, period: ever, of: teams, score: mean, members: 'member.location != "Oslo"'}
"""

CHANGES = (
    ("{max: 2, per: day}", "{max: 1, per: day}"),
    ("{max: 1, per: ever, by: activity.url}", "{max: 2, per: month, by: activity.network}"),
    ('"5 + (activity.with_comment ? 5 : 0)"', "50"),
    ("steps: [9, 4,", "steps: [1, 2,"),
    ("cooldown: PT4H", "cooldown: P1D"),
    ("points: 7\n", "points: 8\n"),  # of a rule that members share
    ("credit: split", "credit: first"),
    ("  share:\n    title: Share a post", "  shared-post:\n    was: share\n    title: Share a post"),
    ("  reach:\n    title: Be read", "  read:\n    title: Be read"),
    ("tags: [impact]\n", "tags: [effort, impact]\n"),
    ("levels: [{at: 2, points: 10}, {at: 4, points: 20}]", "levels: [{at: 1, points: 10}, {at: 3, points: 21}]"),
    ("{distinct: activity.network}\n    window: P30D\n    levels: [2]", "count\n    window: week\n    levels: [3]"),
    ("{streak: day}\n    levels: [2]\n    repeat: true", "{streak: week}\n    levels: [1, 2]"),
    ("first: 2", "first: 1"),
    ("window: month\n    levels: [2]", "window: month\n    levels: [3]"),
    (
        "Share two, on: [post.shared], measure: count, at_least: 2",
        "One, on: [post.shared], measure: count, at_least: 1",
    ),
    ("Publish one, on: [article.published]", "Do two, on: [article.published, post.shared]"),
    ("period: month}", "period: week}"),
    ("of: teams}", "of: teams, tags: [effort]}"),
    ("score: mean, minimum", "score: mean-active, minimum"),
    ("  impact: {title", "  worth:\n    was: impact\n    title: Worth\n    period: half-year\n  other: {title"),
    ('when: activity.network in ["linkedin", "x", "mastodon"]', 'when: activity.network == "x"'),
    ("  daily:\n    title: Every day", "  every-day:\n    title: Every day"),  # the badge of before is retired
    ("  kept:\n    title: Kept", "  still:\n    title: Still"),  # and so is one of which awards are kept
    ("title: Wide", "title: Broad"),
    ("""members: 'member.team == "Red"'""", """members: 'member.team in ["Blue", ""]'"""),
    ("""members: 'member.location != "Oslo"'""", """members: 'member.location == "Oslo"'"""),
    ("newcomers: P2D", "newcomers: P300D"),
    ("newcomers: P3D", "newcomers: P250D"),
)

days = st.sampled_from([date(2026, 1, 1), date(2026, 3, 30), date(2026, 4, 1), date(2026, 11, 12), date(2026, 11, 21)])

histories = settings(
    max_examples=settings().max_examples // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    number, who, at = draw(st.integers(0, 30)), draw(st.sampled_from(PEOPLE)), draw(times)
    url = f"https://example.com/{draw(st.integers(0, 4))}"
    if draw(st.integers(0, 2)):
        network = draw(st.sampled_from(["linkedin", "x", "letter"]))
        reach, comment = draw(st.sampled_from([0, 999, 25_000])), draw(st.booleans())
        return shared(number, who, at=at, url=url, network=network, reach=reach, with_comment=comment)
    others = draw(st.sets(st.sampled_from(PEOPLE), max_size=2)) - {who}
    return replace(published(number, who, at=at, url=url), contributors=sorted(others))


edits = st.sets(st.sampled_from(CHANGES), max_size=6)

events = st.one_of(
    st.lists(activities(), min_size=1, max_size=10).map(lambda batch: ("record", batch)),
    st.lists(activities(), min_size=1, max_size=10).map(lambda batch: ("record", batch)),
    st.tuples(edits, st.one_of(st.none(), days)).map(lambda told: ("apply", told)),
    st.builds(
        Profile,
        st.sampled_from(PEOPLE),
        team=st.sampled_from(["Red", "Blue", "", None]),
        location=st.sampled_from(["Oslo", "Paris", "", None]),
        participates=st.booleans(),
    ).map(lambda profile: ("enrol", profile)),
    st.integers(0, 30).map(lambda number: ("retract", number)),
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from([-20, 3, 30]), times).map(lambda told: ("adjust", told)),
    st.sampled_from(PEOPLE).map(lambda name: ("give", name)),
    st.just(("release", None)),
)


def edited(changes: Any) -> str:
    text = PROGRAMME
    for old, new in sorted(changes):
        assert old in text
        text = text.replace(old, new)
    return text


class Company(World):
    """A world in which all can happen that changes a result."""

    async def founded(self) -> "Company":
        await self.apply(PROGRAMME)
        now = self.now
        self.now = datetime(2026, 3, 28, 12, tzinfo=UTC)
        await self.hire("Ada", "Ben", team="Red")
        self.now = now
        await self.hire("Cid", team="Blue")
        await self.hire("Dot")
        return self

    async def happen(self, kind: str, what: Any) -> None:
        if kind == "record":
            await self.record(*what)
        elif kind == "apply":
            await self.publish(edited(what[0]), what[1])
        elif kind == "enrol":
            await self.enrol(what)
        else:
            async with self.store.writing() as work:
                known = {row.id for row in await work.rows(select(entry.c.activity.label("id")))}
                told: dict[str, Any] = {"now": self.now, "author": BOSS, "reason": "because"}
                if kind == "adjust":
                    who, points, at = what
                    with suppress(Refused):  # of who does not take part
                        await adjust(work, self.revisions, who, points, at=datetime.fromisoformat(at), **told)
                elif kind == "give":
                    held = await work.rows(select(award).where(award.c.revoked_seq.is_(None)))
                    keys = {row.key: row.external_id for row in await work.rows(select(member))}
                    if (what, 1) not in {(keys[row.member], row.level) for row in held}:
                        with suppress(Refused):
                            await give_badge(work, self.revisions, what, "kept", **told)
                elif kind == "release":
                    await release(work, self.revisions, now=self.now)
                elif kind == "retract" and known:
                    told["author"] = BOSS.name
                    try:
                        await retract(work, self.revisions, "test", str(what), **told)
                    except Refused:
                        return

    async def publish(self, text: str, since: date | None = None) -> None:
        async with self.store.writing() as work:
            await apply(work, self.revisions, parse(text), now=self.now, since=since)
        while await catch_up(self.store, self.revisions, now=self.now):
            pass

    async def simulate(self, text: str, since: date, **options: Any) -> Report:
        return await simulate(
            self.store, Revisions(), parse(text), since=since, now=self.now, **{"processes": 0} | options
        )

    async def state(self, since: date) -> Any:
        """What stands, from the tables: points and awards of the span, and the first places of all boards."""
        async with self.store.reading() as work:
            revision = await self.revisions.current(work)
            people = {row.key: row.external_id for row in await work.rows(select(member))}
            taking_part = {row.key for row in await work.rows(select(member)) if row.participates}
            teams = {row.id: row.name for row in await work.rows(select(team))}
            kinds = {row.id: row.kind for row in await work.rows(select(element))}
            of_version = {row.id: row.element for row in await work.rows(select(version))}
            entries = await work.rows(select(entry))
            awards = await work.rows(select(award).where(award.c.revoked_seq.is_(None)))
            standings = await work.rows(select(standing).where(standing.c.listed))
        since_day = since.toordinal()
        taken = {(row.reverses_seq, row.reverses_ordinal) for row in entries}
        stand = [row for row in entries if row.kind != 5 and (row.seq, row.ordinal) not in taken]
        stand = [row for row in stand if row.day >= since_day]
        awards_since = [row for row in awards if revision.calendar.day(instant(row.time_us)) >= since_day]
        points, members = Counter[int](), Counter[str]()
        for row in stand:
            members[people[row.member]] += row.points
            if row.version and row.kind not in (2, 4):
                points[of_version[row.version]] += row.points
        zones = Counter[str]()
        for key in taking_part:
            held = {row.element for row in awards if row.member == key}
            entered = [each for each in revision.zone_versions if not each.zone.needs or each.element in held]
            if entered:
                zones[entered[-1].zone.key] += 1
        boards: dict[tuple[str, str], list[tuple[str, int]]] = {}
        versions = {item.id: item.board for item in revision.board_versions}
        for row in sorted(standings, key=lambda row: (-row.score, row.reached_us, row.competitor)):
            board = versions[row.board]
            period = board.period_from(revision.calendar, row.period)
            if period.after > since_day and board.qualifies(row.score):
                names = teams if board.of is Competitors.TEAMS else people
                boards.setdefault((board.key, period.key), []).append((names[row.competitor], row.score))
        return {
            "points": {key: total for key, total in points.items() if total},
            "levels": Counter((row.element, row.level) for row in awards_since if kinds[row.element] == "badge"),
            "members": {name: total for name, total in members.items() if total},
            "zones": {key: count for key, count in zones.items() if count},
            "boards": {key: places[:3] for key, places in boards.items()},
            "keys": {item.element: item.rule.key for item in revision.rule_versions}
            | {item.element: item.badge.key for item in revision.badge_versions},
        }


def told(report: Report, when: str) -> Any:
    """What a report says of before or after, in the words of `state`, by key."""
    points, levels = Counter[str](), Counter[tuple[str, int]]()
    for paid in report.paid:
        points[paid.key] += getattr(paid, f"points_{when}")
    for level in report.levels:
        levels[level.badge, level.level] += getattr(level, when)
    boards = {
        (each.board, each.period): [(place.competitor, _score(place)) for place in getattr(each, when)]
        for each in report.boards
        if getattr(each, when)
    }
    zones = {each.zone: getattr(each, f"members_{when}") for each in report.zones}
    return {
        "points": {key: total for key, total in points.items() if total},
        "levels": {key: count for key, count in levels.items() if count},
        "total": getattr(report, f"points_{when}"),
        "zones": {key: count for key, count in zones.items() if count},
        "boards": boards,
    }


def _score(place: Placed) -> int:
    return place.score if place.thousandths is None else place.thousandths


def stands(state: Any, keys: dict[int, str], apart: set[str]) -> Any:
    """The same of a state; without what takes effect from now only, which a report tells apart."""
    points, levels = Counter[str](), Counter[tuple[str, int]]()
    for part, total in state["points"].items():
        points[keys[part]] += total
    for (part, level), count in state["levels"].items():
        levels[keys[part], level] += count
    return {
        "points": {key: total for key, total in points.items() if total and key not in apart},
        "levels": {key: count for key, count in levels.items() if key[0] not in apart},
        "total": sum(state["members"].values()),
        "zones": state["zones"],
        "boards": state["boards"],
    }


@histories
@given(st.lists(events, min_size=1, max_size=12), edits, days)
async def test_simulation_and_publication_give_the_same_numbers(
    open_store: OpenStore, history: list[tuple[str, Any]], changes: Any, since: date
) -> None:
    """Whatever happened, and whatever the draft changes: what is simulated before is what stands afterwards."""
    async with open_store() as store:
        company = await Company(store).founded()
        for kind, what in history:
            await company.happen(kind, what)
        draft = edited(changes)
        before = await company.state(since)
        report = await company.simulate(draft, since)
        assert report.to_json() == (await company.simulate(draft, since)).to_json()
        assert before == await company.state(since)
        await company.publish(draft, since)
        after = await company.state(since)
        assert await company.differences() == []
        keys = {row.id: row.key for row in await company.rows(element)}
        apart = {each.key for each in report.from_now_only}
        assert stands(after, keys, apart) == told(report, "after")
        said = told(report, "before")
        expected = stands(before, keys, apart)
        if "was: impact" in draft:
            expected["boards"] = {
                ("worth" if key == "impact" else key, period): places
                for (key, period), places in expected["boards"].items()
            }
        assert expected == said
        changed = {
            name: (before["members"].get(name, 0), after["members"].get(name, 0))
            for name in PEOPLE
            if before["members"].get(name, 0) != after["members"].get(name, 0)
        }
        assert changed == {each.member: (each.before, each.after) for each in (*report.gained, *report.lost)}
        assert len(changed) == report.members_changed
        assert all(each.after > each.before for each in report.gained)


def day_of_shares(count: int, *names: str) -> list[Activity]:
    """So many posts of each member, one an hour."""
    reports = []
    for number in range(count):
        for name in names:
            at = f"2026-11-{1 + number // 24:02}T{number % 24:02}:00:00Z"
            reports.append(shared(f"{name}-{number}", name, at=at, reach=2_500))
    return reports


async def test_children_find_what_one_process_finds(world: World) -> None:
    """Members judged by two processes, in whatever order: the same bytes."""
    company = await Company(world.store).founded()
    await company.record(*day_of_shares(40, *PEOPLE), *[published(1, "ada", at="2026-11-12T09:30:00Z")])
    draft = edited({CHANGES[0], CHANGES[5], CHANGES[10], CHANGES[13]})
    seen: list[tuple[int, int]] = []
    alone = await company.simulate(draft, date(2026, 11, 1))
    together = await company.simulate(
        draft, date(2026, 11, 1), processes=2, progress=lambda judged, total: seen.append((judged, total))
    )
    assert alone.to_json() == together.to_json()
    assert alone.points_before != alone.points_after
    assert seen[0] == (0, seen[0][1])
    assert sorted(seen) == seen
    # What members share is judged once more: those of the types that such rules look at.
    assert seen[-1][0] == seen[-1][1]


async def test_what_members_share_is_told_apart(world: World) -> None:
    """A limit across members takes effect from now only; the report says what it would have done."""
    company = await Company(world.store).founded()
    url = {"url": "https://example.com/same"}
    await company.record(
        shared(1, "ada", **url), shared(2, "ben", **url), shared(3, "cid", url="https://example.com/3")
    )
    report = await company.simulate(edited({("points: 7\n", "points: 8\n")}), date(2026, 1, 1))
    assert report.points_before == report.points_after
    (first,) = (each for each in report.from_now_only if each.key == "first")
    assert (14, 16, 2, 2) == (first.points_before, first.points_after, first.awards_before, first.awards_after)


async def test_a_span_ends_before_its_last_day_is_over(world: World) -> None:
    """With `until`, what happened later is no part of it, before or after."""
    company = await Company(world.store).founded()
    await company.record(shared(1, at="2026-11-01T12:00:00Z"), shared(2, at="2026-11-10T12:00:00Z"))
    draft = edited({('"5 + (activity.with_comment ? 5 : 0)"', "50")})
    report = await company.simulate(draft, date(2026, 11, 1), until=date(2026, 11, 9))
    assert (1, 45) == (report.judged, report.points_after - report.points_before)
    assert ("2026-11-01", "2026-11-09") == (report.first_day, report.last_day)


async def test_what_came_after_the_span_still_decides(world: World) -> None:
    """The second share of the month was recorded last and happened first: the badge that it made stands in the span."""
    company = await Company(world.store).founded()
    for number, day in enumerate(("09", "02")):
        await company.record(shared(number, "ada", at=f"2026-11-{day}T09:30:00Z"))
    draft = edited({CHANGES[0]}).replace("at: 4, points: 20", "at: 4, points: 21")
    report = await company.simulate(draft, date(2026, 11, 1), until=date(2026, 11, 5))
    assert {("sharer", 1): (1, 1)} == {
        (each.badge, each.level): (each.before, each.after) for each in report.levels if each.badge == "sharer"
    }
    assert report.points_before == report.points_after
    assert 0 == report.members_changed


async def test_ended_periods_are_marked(world: World) -> None:
    """Who would have won a period that is over is information; the report says which are."""
    company = await Company(world.store).founded()
    await company.record(shared(1, at="2026-09-01T12:00:00Z"), shared(2, at="2026-11-10T12:00:00Z"))
    report = await company.simulate(PROGRAMME, date(2026, 1, 1))
    ended = {(each.board, each.period): each.ended for each in report.boards if each.board in ("effort", "everything")}
    assert {("effort", "2026-09"): True, ("effort", "2026-11"): False, ("everything", "ever"): False} == ended


@pytest.mark.parametrize(
    ("since", "until", "error", "words"),
    [
        (date(2025, 12, 31), None, SinceInvalid, "before the programme starts"),
        (date(2026, 11, 22), None, SinceInvalid, "is not past"),
        (date(2026, 11, 1), date(2026, 10, 31), SpanInvalid, "write a day between them"),
        (date(2026, 11, 1), date(2026, 11, 22), SpanInvalid, "write a day between them"),
    ],
)
async def test_a_span_must_lie_in_the_past(
    world: World, since: date, until: date | None, error: type[Exception], words: str
) -> None:
    """It begins after the programme does, and ends after it begins and not after today."""
    company = await Company(world.store).founded()
    with pytest.raises(error, match=words):
        await company.simulate(PROGRAMME, since, until=until)


async def test_a_cancelled_simulation_leaves_no_children(world: World) -> None:
    """Cancelling the task ends the processes at once."""
    company = await Company(world.store).founded()
    await company.record(*day_of_shares(100, *PEOPLE))
    task = asyncio.create_task(company.simulate(PROGRAMME, date(2026, 1, 1), processes=2))
    while not multiprocessing.active_children():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [] == multiprocessing.active_children()


async def test_a_simulation_in_the_background_is_seen_from_elsewhere(world: World) -> None:
    """It has a number, and who asks for it finds how far it is, and in the end the report."""
    company = await Company(world.store).founded()
    await company.record(*day_of_shares(20, *PEOPLE))
    running = Simulations(world.store, lambda: company.now, processes=0)
    number = await running.start(PROGRAMME, date(2026, 1, 1), author="boss")
    assert SimulationStatus.RUNNING is (await simulation_of(world.store, number)).status
    await running.wait(number)
    found = await simulation_of(world.store, number)
    plain = await company.simulate(PROGRAMME, date(2026, 1, 1))
    expected = await with_warnings(world.store, plain, parse(PROGRAMME), now=company.now)
    assert (SimulationStatus.DONE, expected.to_json(), expected.seq) == (found.status, found.report, found.seq)
    assert (found.total, "boss") == (found.judged, found.author)
    assert not await cancel(world.store, number, now=company.now)


async def test_a_simulation_can_be_cancelled_from_elsewhere(world: World) -> None:
    """Whoever knows its number ends it, in whichever process it runs."""
    company = await Company(world.store).founded()
    await company.record(*day_of_shares(100, *PEOPLE))
    running = Simulations(world.store, lambda: company.now, processes=1)
    number = await running.start(PROGRAMME, date(2026, 1, 1), author="boss")
    assert await cancel(world.store, number, now=company.now)
    await running.wait(number)
    assert SimulationStatus.CANCELLED is (await simulation_of(world.store, number)).status
    with pytest.raises(SimulationUnknown):
        await cancel(world.store, 99, now=company.now)


async def test_a_simulation_that_fails_says_why(world: World) -> None:
    """What publishing would refuse, simulating refuses in the same words."""
    company = await Company(world.store).founded()
    running = Simulations(world.store, lambda: company.now, processes=0)
    number = await running.start(PROGRAMME.replace("programme: test", "programme: other"), date(2026, 1, 1), author="x")
    await running.wait(number)
    found = await simulation_of(world.store, number)
    assert found.status is SimulationStatus.FAILED
    assert "cannot become other" in str(found.reason)
