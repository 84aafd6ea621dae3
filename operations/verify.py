"""Verify: prove that the ledger and everything derived from it are what the recorded history makes them.

The history is judged again and compared with the verdicts, entries and tallies that are stored; the standings and
participants of every board are summed again from the ledger. Reads one snapshot and changes nothing.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import orjson
from sqlalchemy import and_, except_, func, or_, select
from sqlalchemy.exc import NoResultFound

from activity.calendar import instant
from activity.intake import identity_of
from activity.member import Facts
from activity.roster import FACTS, facts_of, team_names
from activity.tables import activity, member, member_facts
from leaderboard.board import Competitors
from leaderboard.rebuild import expected_standings
from leaderboard.standing import BoardVersion
from leaderboard.tables import board_period, standing
from operations.history import ACTIVITY, ACTIVITY_COLUMNS, activity_of, facts_in_force
from operations.publish import SECTIONS, counted_by, used_measures
from operations.replay import Replay
from operations.revision import Revision, load_revision
from rewards.ledger import COLUMNS, Entry
from rewards.tables import entry
from rules.judge import RuleVersion
from rules.tables import element, programme, tally, verdict, version
from rules.tables import revision as revision_table
from rules.verdict import Outcome, Result, load
from storage.bulk import AnyRow
from storage.work import UnitOfWork

# Bound memory: the activities and tallies of one chunk of members are held at a time, and so many rows in one sequence.
CHUNK_ACTIVITIES = 50_000
ROWS_AT_ONCE = 10_000


def shares(rule: RuleVersion) -> bool:
    """Whether a rule has a limit that all members share: it must be replayed in one sequence."""
    return any(limit.across_members for limit in rule.rule.limits)


async def verify(work: UnitOfWork, report: Callable[[str], None]) -> int:
    """Compare everything; name each difference to `report`. Returns how many there are."""
    number = (await work.execute(select(programme.c.revision))).scalar_one_or_none()
    if number is None:
        return 0
    try:
        revisions = [await load_revision(work, each) for each in range(1, number + 1)]
        for revision in revisions:
            used_measures(revision)
    except (KeyError, ValueError, TypeError, NoResultFound) as error:
        report(f"programme: its revisions cannot be read, so nothing can be judged again: {error!r}")
        return 1
    proof = _Proof(work, revisions, report)
    await proof.published()
    await proof.members()
    await proof.history()
    await proof.standings()
    return proof.differences


class _Proof:
    def __init__(self, work: UnitOfWork, revisions: Sequence[Revision], report: Callable[[str], None]) -> None:
        self.work = work
        self.revisions = revisions
        self.current = revisions[-1]
        self.differences = 0
        self.teams: dict[int, str] = {}
        self._report = report
        self._shared = {rule.element for each in revisions for rule in each.rule_versions if shares(rule)}
        measures = self.current.measures.items()
        self._shared_measures = [identifier for measure, identifier in measures if measure.element in self._shared]

    def differ(self, message: str) -> None:
        self.differences += 1
        self._report(message)

    async def published(self) -> None:
        """What was published stands twice, whole in its revision and in versions: they must say the same."""
        query = (
            select(version.c.revision, version.c.key, version.c.definition, element.c.kind)
            .join(element, element.c.id == version.c.element)
            .order_by(version.c.id)
        )
        documents = {
            row.number: orjson.loads(row.document)
            for row in await self.work.rows(select(revision_table.c.number, revision_table.c.document))
        }
        for row in await self.work.rows(query):
            said = documents.get(row.revision, {}).get(SECTIONS[row.kind], {}).get(row.key)
            if row.definition != orjson.dumps(said or {}).decode():
                self.differ(f"programme: {row.kind} {row.key} of revision {row.revision} is not what was published")

    async def members(self) -> None:
        """What is known of members now must be the latest of their facts; and the sequence must be past everything."""
        latest = select(func.max(member_facts.c.seq)).group_by(member_facts.c.member)
        facts = select(member_facts.c.member, *(member_facts.c[name] for name in FACTS))
        told = select(member.c.key, *(member.c[name] for name in FACTS))
        names = {row.key: row.external_id for row in await self.work.rows(select(member.c.key, member.c.external_id))}
        for row in await self.work.rows(except_(told, facts.where(member_facts.c.seq.in_(latest)))):
            self.differ(f"member {names[row.key]}: the facts in force are not the latest that were recorded")
        places = [activity.c.seq, member_facts.c.seq, revision_table.c.seq]
        newest = max([(await self.work.execute(select(func.max(place)))).scalar() or 0 for place in places])
        last = await self.work.last_seq()
        if last < newest:
            self.differ(f"sequence: it stands at {last}, but {newest} is taken; the next to come would be in the past")

    async def history(self) -> None:
        """Replay members chunk by chunk, then the rules whose limits all members share in one sequence."""
        self.teams = await team_names(self.work)
        for first, after in pairwise(await self._chunks()):
            await self._members(first, after)
        if self._shared:
            await self._shared_rules()
        strays = select(verdict.c.activity).where(verdict.c.activity.not_in(select(activity.c.seq)))
        for row in await self.work.rows(strays):
            self.differ(f"verdict: there is one of {row.activity}, but no such activity")

    async def _chunks(self) -> list[int]:
        """Member keys that part the members into runs of about CHUNK_ACTIVITIES activities."""
        query = select(activity.c.member, func.count()).group_by(activity.c.member).order_by(activity.c.member)
        bounds, held = [1], 0  # tallies of member 0 are those that members share
        for key, count in await self.work.rows(query):
            if held and held + count > CHUNK_ACTIVITIES:
                bounds.append(key)
                held = 0
            held += count
        return [*bounds, 2**63 - 1]

    async def _members(self, first: int, after: int) -> None:
        replay = Replay(self.revisions, lambda rule: rule.element not in self._shared)
        chunk = and_(activity.c.member >= first, activity.c.member < after)
        entries: dict[int, list[Entry]] = {}
        stored = select(*(entry.c[name] for name in COLUMNS)).where(entry.c.member >= first, entry.c.member < after)
        for row in await self.work.rows(stored.order_by(entry.c.seq, entry.c.ordinal)):
            entries.setdefault(row.activity, []).append(tuple(row))
        for row in await self.work.rows(self._activities().where(chunk)):
            paid = entries.pop(row.seq, [])
            if self._compare(row, replay):
                self._compare_identity(row)
                self._compare_rules(row, replay.revision)
                self._compare_entries(row, paid)
        for left in entries.values():
            self.differ(f"ledger: entry {left[0][:2]} of member {left[0][2]} belongs to no activity of theirs")
        replay.finish()
        own = tally.c.measure.not_in(self._shared_measures)
        await self._compare_tallies(replay, and_(tally.c.member >= first, tally.c.member < after, own))

    async def _shared_rules(self) -> None:
        replay = Replay(self.revisions, lambda rule: rule.element in self._shared, shared=True)
        last = -1
        while rows := await self.work.rows(self._activities().where(activity.c.seq > last).limit(ROWS_AT_ONCE)):
            for row in rows:
                self._compare(row, replay)
            last = rows[-1].seq
        replay.finish()
        shared = tally.c.measure.in_(self._shared_measures)  # a rule with a limit that is shared may have others too
        await self._compare_tallies(replay, or_(shared, tally.c.member == 0))

    def _activities(self) -> Any:
        query = (
            select(*ACTIVITY_COLUMNS, activity.c.identity, verdict.c.revision, verdict.c.outcomes)
            .outerjoin(verdict, verdict.c.activity == activity.c.seq)
            .order_by(activity.c.seq)
        )
        return facts_in_force(query, activity.c.member, activity.c.seq)

    def _facts(self, row: AnyRow) -> Facts:
        return facts_of(row[len(ACTIVITY) + 3 :], self.teams)

    def _compare(self, row: AnyRow, replay: Replay) -> bool:
        """Whether the row can be read at all; what differs in it is named."""
        if row.outcomes is None:
            # Named where every activity is looked at once.
            if not replay.shared:
                self.differ(f"verdict: the activity at {row.seq} has none")
            return False
        replay.advance(row.seq)
        revision = replay.revision
        if revision is None or row.revision != revision.number:
            wanted = revision.number if revision else "none"
            self.differ(f"verdict: {row.seq} was judged under revision {row.revision}; in force was {wanted}")
            return False
        try:
            stored = load(row.outcomes)
            expected = replay.judge(activity_of(row, revision.type_keys), self._facts(row))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            self.differ(f"activity: {row.seq} or its verdict cannot be read: {error!r}")
            return False
        found = [outcome for outcome in stored if outcome.version in replay.elements]
        if found != expected:
            self.differ(f"verdict: {row.seq} has {_told(found)}; replay gives {_told(expected)}")
        return True

    def _compare_identity(self, row: AnyRow) -> None:
        if row.source is not None and identity_of(row.source, row.id, self.current.secret) != bytes(row.identity):
            self.differ(f"activity: {row.seq} is kept as ({row.source}, {row.id}), but was recorded under another name")

    def _compare_rules(self, row: AnyRow, revision: Revision | None) -> None:
        if row.outcomes is None or revision is None:
            return
        expected = revision.judge.versions(revision.type_keys[row.type])
        found = tuple(outcome.version for outcome in load(row.outcomes))
        if found != expected:
            self.differ(f"verdict: {row.seq} was judged by the rule versions {found}; in force were {expected}")

    def _compare_entries(self, row: AnyRow, found: list[Entry]) -> None:
        if row.outcomes is None:
            return
        facts = self._facts(row)
        day = self.current.calendar.day(activity_of(row, {}).time)
        paid = [each for each in load(row.outcomes) if each.result is Result.AWARDED and each.points]
        expected: list[Entry] = [
            (row.seq, ordinal, row.member, facts.team_id, version, row.type, row.seq, points, row.time_us, day)
            for ordinal, (version, _, points, _) in enumerate(paid)
        ]
        if found != expected:
            self.differ(f"ledger: entries of {row.seq} are {found}; its verdicts make them {expected}")

    async def _compare_tallies(self, replay: Replay, mine: Any) -> None:
        stored = {
            tuple(row[:4]): row.count_
            for row in await self.work.rows(
                select(
                    *(tally.c[name] for name in ("member", "measure", "period", "scope")), tally.c.count.label("count_")
                ).where(mine)
            )
        }
        expected = {tuple(key): count for key, count in replay.tallies.items()}
        for key in stored.keys() | expected.keys():
            if stored.get(key, 0) != expected.get(key, 0):
                self.differ(f"tally: {key} is {stored.get(key, 0)}; replay gives {expected.get(key, 0)}")

    async def standings(self) -> None:
        """Sum every board again."""
        current = [board.id for board in self.current.board_versions]
        for board in self.current.board_versions:
            await self._compare_standings(board)
            await self._compare_participants(board)
        for table in (standing, board_period):
            strays = select(func.count()).select_from(table).where(table.c.board.not_in(current))
            if count := (await self.work.execute(strays)).scalar_one():
                self.differ(f"standings: {count} rows of {table.name} belong to no board in force")

    async def _compare_standings(self, board: BoardVersion) -> None:
        counted = await counted_by(self.work, self.current, board)
        expected = await expected_standings(self.work, board, counted, self.current.calendar)
        stored = select(*standing.columns).where(standing.c.board == board.id)
        found = {row[1:3]: row[3:] for row in await self.work.rows(except_(stored, expected))}
        wanted = {row[1:3]: row[3:] for row in await self.work.rows(except_(expected, stored))}
        for key in sorted(found.keys() | wanted.keys()):
            who = f"{await self._competitor(board, key[1])} in {self._period(board, key[0])}"
            had, gives = _standing(found.get(key)), _standing(wanted.get(key))
            self.differ(f"standing on {board.board.key} of {who}: stored is {had}; the ledger gives {gives}")

    async def _compare_participants(self, board: BoardVersion) -> None:
        listed = (
            select(standing.c.period, func.count().label("listed"))
            .where(standing.c.board == board.id, standing.c.listed)
            .group_by(standing.c.period)
        )
        counts = {row.period: row.listed for row in await self.work.rows(listed)}
        told = select(board_period.c.period, board_period.c.participants).where(board_period.c.board == board.id)
        stored = {row.period: row.participants for row in await self.work.rows(told)}
        for period in sorted(counts.keys() | stored.keys()):
            if stored.get(period, 0) != counts.get(period, 0):
                name = f"participants on {board.board.key} in {self._period(board, period)}"
                self.differ(f"{name}: stored are {stored.get(period, 'none')}; {counts.get(period, 0)} are listed")

    def _period(self, board: BoardVersion, first: int) -> str:
        return self.current.calendar.period(board.board.period, first or 1).key

    async def _competitor(self, board: BoardVersion, key: int) -> str:
        if board.board.of is Competitors.TEAMS:
            return f"team {self.teams.get(key, key)}"
        name = await self.work.execute(select(member.c.external_id).where(member.c.key == key))
        return f"member {name.scalar() or key}"


def _standing(row: Sequence[Any] | None) -> str:
    if row is None:
        return "nothing"
    score, reached_us, entries, listed = row
    unlisted = "" if listed else ", not listed"
    return f"score {score} from {entries} entries, reached {instant(reached_us).isoformat()}{unlisted}"


def _told(outcomes: list[Outcome]) -> str:
    return ", ".join(
        f"{version} {result.value} {points or detail or ''}".strip() for version, result, points, detail in outcomes
    )
