"""Verify: prove that the ledger and everything derived from it are what the recorded history makes them.

The history is judged again and compared with the verdicts, entries and tallies that are stored; the standings and
participants of every board are summed again from the ledger. Reads one snapshot and changes nothing.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, except_, func, or_, select

from activity.member import Facts
from activity.roster import facts_of, team_names
from activity.tables import activity
from leaderboard.rebuild import expected_standings
from leaderboard.tables import board_period, standing
from operations.history import ACTIVITY, ACTIVITY_COLUMNS, activity_of, facts_in_force
from operations.publish import counted_by
from operations.replay import Replay
from operations.revision import Revision, load_revision
from rewards.ledger import COLUMNS, Entry
from rewards.tables import entry
from rules.judge import RuleVersion
from rules.tables import programme, tally, verdict
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
    proof = _Proof(work, [await load_revision(work, each) for each in range(1, number + 1)], report)
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

    async def history(self) -> None:
        """Replay members chunk by chunk, then the rules whose limits all members share in one sequence."""
        self.teams = await team_names(self.work)
        for first, after in pairwise(await self._chunks()):
            await self._members(first, after)
        if self._shared:
            await self._shared_rules()

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
            self._compare(row, replay)
            self._compare_rules(row, replay.revision)
            self._compare_entries(row, entries.pop(row.seq, []))
        for left in entries.values():
            self.differ(f"ledger: entry {left[0][:2]} of member {left[0][2]} belongs to no activity of theirs")
        replay.finish()
        own = tally.c.measure.not_in(self._shared_measures)
        await self._compare_tallies(replay, and_(tally.c.member >= first, tally.c.member < after, own))

    async def _shared_rules(self) -> None:
        replay = Replay(self.revisions, lambda rule: rule.element in self._shared)
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
            select(*ACTIVITY_COLUMNS, verdict.c.revision, verdict.c.outcomes)
            .outerjoin(verdict, verdict.c.activity == activity.c.seq)
            .order_by(activity.c.seq)
        )
        return facts_in_force(query, activity.c.member, activity.c.seq)

    def _facts(self, row: AnyRow) -> Facts:
        return facts_of(row[len(ACTIVITY) + 2 :], self.teams)

    def _compare(self, row: AnyRow, replay: Replay) -> None:
        if row.outcomes is None:
            self.differ(f"verdict: the activity at {row.seq} has none")
            return
        replay.advance(row.seq)
        revision = replay.revision
        if revision is None or row.revision != revision.number:
            wanted = revision.number if revision else "none"
            self.differ(f"verdict: {row.seq} was judged under revision {row.revision}; in force was {wanted}")
            return
        expected = replay.judge(activity_of(row, revision.type_keys), self._facts(row))
        found = [outcome for outcome in load(row.outcomes) if outcome.version in replay.elements]
        if found != expected:
            self.differ(f"verdict: {row.seq} has {_told(found)}; replay gives {_told(expected)}")

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
            counted = await counted_by(self.work, self.current, board)
            expected = await expected_standings(self.work, board, counted, self.current.calendar)
            stored = select(*standing.columns).where(standing.c.board == board.id)
            for query, what in (
                (except_(stored, expected), "is not what the ledger gives"),
                (except_(expected, stored), "is what the ledger gives"),
            ):
                for row in await self.work.rows(query):
                    self.differ(f"standing on {board.board.key}: {tuple(row)} {what}")
            listed = (
                select(standing.c.period, func.count().label("listed"))
                .where(standing.c.board == board.id, standing.c.listed)
                .group_by(standing.c.period)
            )
            counts = {row.period: row.listed for row in await self.work.rows(listed)}
            told = select(board_period.c.period, board_period.c.participants).where(board_period.c.board == board.id)
            for row in await self.work.rows(told):
                if row.participants != counts.pop(row.period, 0):
                    self.differ(f"participants on {board.board.key} in {row.period}: {row.participants} is wrong")
            for period, count in counts.items():
                self.differ(f"participants on {board.board.key} in {period}: none are told, but {count} are listed")
        strays = select(func.count()).select_from(standing).where(standing.c.board.not_in(current))
        if count := (await self.work.execute(strays)).scalar_one():
            self.differ(f"standings: {count} belong to no board in force")


def _told(outcomes: list[Outcome]) -> str:
    return ", ".join(
        f"{version} {result.value} {points or detail or ''}".strip() for version, result, points, detail in outcomes
    )
