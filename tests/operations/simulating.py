"""A company in which all can happen that changes a result, drafts of its programme, and what stands in its tables."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from activity.calendar import instant
from activity.intake import Refused
from activity.intake import Report as Activity
from activity.tables import member, team
from leaderboard.board import Competitors
from leaderboard.tables import standing
from operations.adjust import Author, adjust
from operations.catch_up import catch_up
from operations.give import give_badge
from operations.programme import parse
from operations.publish import apply
from operations.release import release
from operations.retract import retract
from operations.revision import Revisions
from operations.simulation.report import Report
from operations.simulation.simulate import simulate
from rewards.tables import award, entry
from rules.tables import element, version
from tests.world import PROGRAMME as SMALL
from tests.world import World, reworded, shared

PEOPLE = ("ada", "ben", "cid", "dot")
BOSS = Author("boss")

MORE_RULES = """\
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
"""

BADGES = """\
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
"""

BOARDS = """\
  reds: {title: Reds, period: year, members: 'member.team == "Red"'}
  crew: {title: Crew, period: year, of: teams, members: 'member.team != "Blue"', newcomers: P3D}
  starters: {title: Off to a start, period: month, newcomers: P2D}
  means: {title: Means, period: quarter, of: teams, score: mean, minimum: 3}
  active: {title: Active, period: half-year, of: teams, tags: [effort], score: mean-active}
  near: {title: Near, period: ever, of: teams, score: mean, members: 'member.location != "Oslo"'}
"""

PROGRAMME = (
    reworded(
        SMALL,
        ("{max: 3, per: day}", "{max: 2, per: day}"),
        (
            "points: int(double(activity.reach) / 1000.0)",
            """points: {steps: [9, 4, "int(double(activity.reach) / 1000.0)"], per: month}""",
        ),
        ("      - {max: 50, per: month}\n", ""),
        ("    points: 40\n", "    points: 40\n    credit: split\n"),
        ("  article:\n", MORE_RULES + "  article:\n"),
        ("boards:\n", BADGES + "boards:\n"),
    )
    + BOARDS
)

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


def edited(changes: Any) -> str:
    """The programme with some of the changes."""
    return reworded(PROGRAMME, *sorted(changes))


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


def day_of_shares(count: int, *names: str) -> list[Activity]:
    """So many posts of each member, one an hour."""
    reports = []
    for number in range(count):
        for name in names:
            at = f"2026-11-{1 + number // 24:02}T{number % 24:02}:00:00Z"
            reports.append(shared(f"{name}-{number}", name, at=at, reach=2_500))
    return reports
