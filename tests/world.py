"""A small company for tests: a store, a programme, members, and short words to say what happens."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, select

from activity.intake import Report
from activity.tables import activity, member, team
from leaderboard.board import Competitors
from leaderboard.tables import board_period, standing
from operations.adjust import Author, adjust
from operations.catch_up import catch_up
from operations.close import Closed, close_due, close_early, reopen
from operations.disqualify import Competitor, disqualify, reinstate
from operations.enrol import MemberReceipt, Profile, enrol
from operations.give import give_badge, take_badge
from operations.merge import Merged, merge_members
from operations.move import Moved, move_identity
from operations.programme import Programme, parse
from operations.publish import Plan, apply
from operations.reading import Reading
from operations.record import Receipt, record
from operations.release import release
from operations.resume import drop_kept, resume
from operations.retract import retract
from operations.retracted import Retracted
from operations.revision import Revisions
from operations.strip import Stripped, strip
from operations.transfer import Transferred, transfer_activities
from operations.undo import Undone, undo
from operations.verify import verify
from rewards.ledger import Kind
from rewards.tables import award, entry
from rules.tables import element, version
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


MANAGER = Author("manager")
WHY = "found in a test"


def reworded(text: str, *changes: tuple[str, str]) -> str:
    """A programme file with other words for some of it."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


class Stands(NamedTuple):
    """A listed standing: the score, when it was reached, and from how many entries."""

    score: int
    reached_us: int
    entries: int


class Badge(NamedTuple):
    """A badge or zone that a member holds. `given` says that a person gave it, or a badge that it requires."""

    member: str
    key: str
    level: int
    given: bool


class World:
    """Every word commits its own transaction, as an edge would."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.revisions = Revisions()
        self.now = NOW

    async def apply(self, programme: str | Programme = PROGRAMME, *, since: str | None = None) -> Plan:
        """Publish from now on, or for what happened since a day; then members are brought up by `catch_up`."""
        declared = programme if isinstance(programme, Programme) else parse(programme)
        day = date.fromisoformat(since) if since else None
        async with self.store.writing() as work:
            return await apply(work, self.revisions, declared, now=self.now, since=day)

    async def undo(self, number: int | None = None, *, all_up: bool = True) -> Undone:
        """Publish what was in force before a revision; then members are brought up to it."""
        async with self.store.writing() as work:
            done = await undo(work, self.revisions, number, author="manager", now=self.now)
        if all_up:
            await self.catch_up()
        return done

    async def catch_up(self, *, chunk: int = 100, most: int = 1_000) -> int:
        """Bring members up to a revision with effect from a past date, `chunk` in a transaction; how many were."""
        brought = 0
        for _ in range(most):
            count = await catch_up(self.store, self.revisions, now=self.now, chunk=chunk)
            if not count:
                break
            brought += count
        return brought

    async def enrol(self, *profiles: Profile) -> list[MemberReceipt]:
        async with self.store.writing() as work:
            return await enrol(work, self.revisions, profiles, now=self.now)

    async def hire(self, *names: str, team: str | None = None) -> None:
        """Members whose external ids are their names in lower case."""
        await self.enrol(*(Profile(name.lower(), name=name, team=team, participates=True) for name in names))

    async def record(self, *reports: Report) -> list[Receipt]:
        async with self.store.writing() as work:
            return await record(work, self.revisions, reports, now=self.now)

    async def resume(self) -> int:
        """Judge what was kept for people who are known now; how many were looked at."""
        return await resume(self.store, self.revisions, now=self.now)

    async def drop_kept(self) -> int:
        return await drop_kept(self.store, self.revisions, now=self.now)

    async def strip(self, *, chunk: int = 1_000) -> Stripped:
        """Strip what is old enough of what nothing reads."""
        return await strip(self.store, self.revisions, Reading(), now=self.now, chunk=chunk)

    async def retract(self, identifier: int | str, *, reason: str = WHY) -> Retracted:
        async with self.store.writing() as work:
            return await retract(
                work, self.revisions, "test", str(identifier), author=MANAGER.name, reason=reason, now=self.now
            )

    async def transfer(self, identifiers: Iterable[int | str], from_member: str, to_member: str) -> Transferred:
        """Activities of one member turned out to be another's."""
        async with self.store.writing() as work:
            await work.share_programme()
            keys = {row.external_id: row.key for row in await work.rows(select(member))}
            named = activity.c.id.in_([str(each) for each in identifiers])
            seqs = [row.seq for row in await work.rows(select(activity.c.seq).where(named))]
            return await transfer_activities(
                work,
                self.revisions,
                seqs,
                from_member=keys[from_member],
                to_member=keys[to_member],
                author=MANAGER.name,
                reason=WHY,
                now=self.now,
            )

    async def move(self, identity: str, name: str, *, author: Author = MANAGER) -> Moved:
        """An identity turned out to be somebody else's."""
        async with self.store.writing() as work:
            return await move_identity(work, self.revisions, identity, name, author=author, reason=WHY, now=self.now)

    async def merge(self, name: str, into: str, *, author: Author = MANAGER) -> Merged:
        """Two members turned out to be one."""
        async with self.store.writing() as work:
            return await merge_members(work, self.revisions, name, into, author=author, reason=WHY, now=self.now)

    async def adjust(
        self, name: str, points: int, *, rule: str | None = None, at: datetime | None = None, author: Author = MANAGER
    ) -> int:
        async with self.store.writing() as work:
            return await adjust(
                work, self.revisions, name, points, author=author, reason=WHY, rule=rule, at=at, now=self.now
            )

    async def give(self, name: str, badge: str, *, level: int = 1, author: Author = MANAGER) -> int:
        async with self.store.writing() as work:
            return await give_badge(
                work, self.revisions, name, badge, level=level, author=author, reason=WHY, now=self.now
            )

    async def take(self, name: str, badge: str, *, level: int | None = None, author: Author = MANAGER) -> int:
        async with self.store.writing() as work:
            return await take_badge(
                work, self.revisions, name, badge, level=level, author=author, reason=WHY, now=self.now
            )

    async def release(self, *, most: int = 500) -> int:
        async with self.store.writing() as work:
            return await release(work, self.revisions, now=self.now, most=most)

    async def close(self) -> Closed:
        """Close what is due, and end what nobody can dispute any more."""
        return await close_due(self.store, self.revisions, now=self.now)

    async def close_early(self, board: str, period: str, *, author: Author = MANAGER) -> None:
        async with self.store.writing() as work:
            await close_early(work, self.revisions, board, period, author=author, reason=WHY, now=self.now)

    async def reopen(self, board: str, period: str, *, author: Author = MANAGER) -> None:
        async with self.store.writing() as work:
            await reopen(work, self.revisions, board, period, author=author, reason=WHY, now=self.now)

    async def disqualify(self, board: str, period: str, who: Competitor, *, author: Author = MANAGER) -> None:
        async with self.store.writing() as work:
            await disqualify(work, self.revisions, board, period, who, author=author, reason=WHY, now=self.now)

    async def reinstate(self, board: str, period: str, who: Competitor, *, author: Author = MANAGER) -> None:
        async with self.store.writing() as work:
            await reinstate(work, self.revisions, board, period, who, author=author, reason=WHY, now=self.now)

    async def differences(self) -> list[str]:
        """What verify finds."""
        found: list[str] = []
        async with self.store.reading() as work:
            count = await verify(work, found.append)
        assert len(found) == count
        return found

    async def standings(self) -> dict[tuple[str, str], dict[str, int]]:
        """Listed scores on boards in force, by board and period key, of members by external id and of teams by name."""
        async with self.store.reading() as work:
            revision = await self.revisions.current(work)
            boards = {version.id: version.board for version in revision.board_versions}
            members = {row.key: row.external_id for row in await work.rows(select(member))}
            teams = {row.id: row.name for row in await work.rows(select(team))}
            found: dict[tuple[str, str], dict[str, int]] = {}
            current = standing.c.board.in_(boards)
            for row in await work.rows(select(standing).where(standing.c.listed, current)):
                board = boards[row.board]
                names = teams if board.of is Competitors.TEAMS else members
                period = board.period_from(revision.calendar, row.period)
                found.setdefault((board.key, period.key), {})[names[row.competitor]] = row.score
            return found

    async def places(self) -> dict[tuple[str, str, str], Stands]:
        """Everything of each listed standing, by board, period and competitor, proved to be as many as are counted."""
        async with self.store.reading() as work:
            revision = await self.revisions.current(work)
            boards = {version.id: version.board for version in revision.board_versions}
            members = {row.key: row.external_id for row in await work.rows(select(member))}
            teams = {row.id: row.name for row in await work.rows(select(team))}
            counts = {(row.board, row.period): row.participants for row in await work.rows(select(board_period))}
            found = {}
            for row in await work.rows(select(standing).where(standing.c.listed)):
                board = boards[row.board]
                name = (teams if board.of is Competitors.TEAMS else members)[row.competitor]
                period = board.period_from(revision.calendar, row.period)
                found[board.key, period.key, name] = Stands(row.score, row.reached_us, row.entries)
                counts[row.board, row.period] -= 1
            assert not any(counts.values())
            return found

    async def badges(self) -> list[Badge]:
        """The badges and zones that members hold."""
        async with self.store.reading() as work:
            people = {row.key: row.external_id for row in await work.rows(select(member))}
            keys = {row.id: row.key for row in await work.rows(select(element))}
            rows = await work.rows(select(award).where(award.c.revoked_seq.is_(None)))
            return sorted(Badge(people[row.member], keys[row.element], row.level, row.activity is None) for row in rows)

    async def badge_row(self, name: str, key: str, level: int) -> AnyRow:
        """The award of a level of a badge that a member holds, as it is stored."""
        async with self.store.reading() as work:
            query = select(award).join(element).join(member, member.c.key == award.c.member)
            mine = member.c.external_id == name, element.c.key == key, award.c.level == level
            return (await work.rows(query.where(*mine, award.c.revoked_seq.is_(None))))[0]

    async def ledger(self) -> list[tuple[str, str, int]]:
        """The entries that stand: member, key of the rule or badge ("" for a person's gift), and points."""
        async with self.store.reading() as work:
            people = {row.key: row.external_id for row in await work.rows(select(member))}
            keys = {row.id: row.key for row in await work.rows(select(version))}
            rows = await work.rows(select(entry).order_by(entry.c.seq, entry.c.ordinal))
        taken = {(row.reverses_seq, row.reverses_ordinal) for row in rows}
        stand = [row for row in rows if row.kind != Kind.REVERSAL and (row.seq, row.ordinal) not in taken]
        return [(people[row.member], keys.get(row.version, ""), row.points) for row in stand]

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
