"""A small company for tests: a store, a programme, members, and short words to say what happens."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, select

from activity.intake import Report
from activity.tables import member, team
from leaderboard.board import Competitors
from leaderboard.tables import standing
from operations.enrol import MemberReceipt, Profile, enrol
from operations.programme import Programme, parse
from operations.publish import Plan, apply
from operations.record import Receipt, record
from operations.revision import Revisions
from operations.verify import verify
from storage.bulk import AnyRow
from storage.engine import Store

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

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
      - {max: 3, per: day}
      - {max: 1, per: ever, by: activity.url}
    tags: [effort]
  reach:
    title: Be read
    on: [post.shared]
    points: int(double(activity.reach) / 1000.0)
    tags: [impact]
  first:
    title: Be the first to share it
    on: [post.shared]
    points: 7
    limits:
      - {max: 1, per: ever, by: activity.url, across: members}
      - {max: 50, per: month}
    tags: [effort]
  article:
    title: Publish an article
    on: [article.published]
    points: 40
    limits:
      - {max: 2, per: week}
    tags: [effort]
    from: 2026-02-01
boards:
  effort: {title: Effort, tags: [effort], period: month}
  impact: {title: Impact, tags: [impact], period: half-year, ties: earliest}
  everything: {title: Everything, period: ever, ties: dense}
  articles: {title: Articles, activities: [article.published], period: week}
  teams: {title: Teams, period: quarter, of: teams}
"""


class World:
    """Every word commits its own transaction, as an edge would."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.revisions = Revisions()
        self.now = NOW

    async def apply(self, programme: str | Programme = PROGRAMME) -> Plan:
        declared = programme if isinstance(programme, Programme) else parse(programme)
        async with self.store.writing() as work:
            return await apply(work, self.revisions, declared, now=self.now)

    async def enrol(self, *profiles: Profile) -> list[MemberReceipt]:
        async with self.store.writing() as work:
            return await enrol(work, self.revisions, profiles, now=self.now)

    async def hire(self, *names: str, team: str | None = None) -> None:
        """Members whose external ids are their names in lower case."""
        await self.enrol(*(Profile(name.lower(), name=name, team=team, participates=True) for name in names))

    async def record(self, *reports: Report) -> list[Receipt]:
        async with self.store.writing() as work:
            return await record(work, self.revisions, reports, now=self.now)

    async def differences(self) -> list[str]:
        """What verify finds."""
        found: list[str] = []
        async with self.store.reading() as work:
            count = await verify(work, found.append)
        assert len(found) == count
        return found

    async def standings(self) -> dict[tuple[str, str], dict[str, int]]:
        """Listed scores by board and period key, of members by external id and of teams by name."""
        async with self.store.reading() as work:
            revision = await self.revisions.current(work)
            boards = {version.id: version.board for version in revision.board_versions}
            members = {row.key: row.external_id for row in await work.rows(select(member))}
            teams = {row.id: row.name for row in await work.rows(select(team))}
            found: dict[tuple[str, str], dict[str, int]] = {}
            for row in await work.rows(select(standing).where(standing.c.listed)):
                board = boards[row.board]
                names = teams if board.of is Competitors.TEAMS else members
                period = revision.calendar.period(board.period, row.period or 1)
                found.setdefault((board.key, period.key), {})[names[row.competitor]] = row.score
            return found

    async def rows(self, table: Table) -> Sequence[AnyRow]:
        async with self.store.reading() as work:
            return await work.rows(select(table).order_by(*table.primary_key))


def shared(number: int | str, member: str = "ada", *, at: str = "2026-11-12T09:30:00Z", **data: Any) -> Report:
    """Somebody shared a post."""
    fields = {"network": "linkedin", "url": f"https://example.com/{number}", "reach": 1000} | data
    return Report("test", str(number), "post.shared", member, at, fields)


def published(number: int | str, member: str = "ada", *, at: str = "2026-11-12T09:30:00Z", **data: Any) -> Report:
    """Somebody published an article."""
    return Report("test", str(number), "article.published", member, at, {"url": str(number), "topics": ["ai"]} | data)
