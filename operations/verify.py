"""Verify: prove that the ledger and everything derived from it are what the recorded history makes them.

The history is judged again and compared with the verdicts, entries and tallies that are stored; the standings and
participants of every board are summed again from the ledger. Reads one snapshot and changes nothing.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import except_, exists, func, select

from activity.calendar import instant
from activity.roster import FACTS
from activity.tables import activity, member, member_facts, retraction
from leaderboard.board import Scoring
from leaderboard.closing import State
from leaderboard.mean import shown
from leaderboard.rebuild import expected_shares, expected_standings
from leaderboard.standing import BoardVersion
from leaderboard.tables import board_period, closing, standing, team_share
from operations.claim_proof import ClaimProof
from operations.closing_proof import ClosingProof
from operations.counting import counted_by
from operations.eligibility import EligibilityProof
from operations.names import Names, load_names
from operations.people_proof import PeopleProof
from operations.prize_proof import PrizeProof
from operations.proof import HistoryProof
from operations.publish import SECTIONS
from operations.retention_proof import RetentionProof
from operations.revision import UNREADABLE, Revision, load_revision
from rewards.tables import award, entry, recording_day
from rules.tables import element, programme, version
from rules.tables import revision as revision_table
from storage.work import UnitOfWork

QUARTER_US = 900_000_000  # of an hour


async def verify(work: UnitOfWork, report: Callable[[str], None]) -> int:
    """Compare everything; name each difference to `report`. Returns how many there are."""
    number = (await work.execute(select(programme.c.revision))).scalar_one_or_none()
    if number is None:
        return 0
    try:
        revisions = [await load_revision(work, each) for each in range(1, number + 1)]
        for revision in revisions:
            assert revision.used is not None
    except UNREADABLE as error:
        report(f"programme: its revisions cannot be read, so nothing can be judged again: {error!r}")
        return 1
    names = await load_names(work)
    proof = _Proof(work, revisions, names, report)
    await proof.published()
    await proof.members()
    await proof.days()
    await HistoryProof(work, revisions, names, proof.differ).prove()
    await EligibilityProof(work, revisions, names, proof.differ).prove()
    await PeopleProof(work, revisions[-1], names, proof.differ).prove()
    await proof.standings()
    await ClosingProof(work, revisions[-1], names, proof.differ).prove()
    await ClaimProof(work, revisions[-1].secret, names, proof.differ).prove()
    await RetentionProof(work, proof.differ).prove()
    await PrizeProof(work, revisions[-1].calendar, names, proof.differ).prove()
    return proof.differences


class _Proof:
    def __init__(
        self, work: UnitOfWork, revisions: Sequence[Revision], names: Names, report: Callable[[str], None]
    ) -> None:
        self.work = work
        self.revisions = revisions
        self.current = revisions[-1]
        self.differences = 0
        self.names = names
        self._report = report

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
        for row in await self.work.rows(except_(told, facts.where(member_facts.c.seq.in_(latest)))):
            self.differ(f"{self.names.member(row.key)}: the facts in force are not the latest that were recorded")
        behind = select(func.count()).select_from(member).where(member.c.rejudged < self.current.rejudged)
        count = (await self.work.execute(behind)).scalar_one()
        pending = select(revision_table.c.number).where(revision_table.c.pending)
        if count and self.current.rejudged not in {row.number for row in await self.work.rows(pending)}:
            self.differ(f"revision {self.current.rejudged}: it is done, but {count} members are behind it")
        places = [activity.c.seq, member_facts.c.seq, revision_table.c.seq, retraction.c.seq, entry.c.seq, award.c.seq]
        newest = max([(await self.work.execute(select(func.max(place)))).scalar() or 0 for place in places])
        last = await self.work.last_seq()
        if last < newest:
            self.differ(f"sequence: it stands at {last}, but {newest} is taken; the next to come would be in the past")

    async def days(self) -> None:
        """What was recorded on a day must stand behind its beginning, which is a place that is taken."""
        begins = {row.day: row.first_seq for row in await self.work.rows(select(recording_day))}
        taken = select(entry.c.seq).union(select(activity.c.seq))
        strays = select(recording_day.c.day).where(recording_day.c.first_seq.not_in(taken))
        for row in await self.work.rows(strays):
            self.differ(f"recording day {date.fromordinal(row.day)}: nothing stands where it begins")
        quarter = (activity.c.recorded_us // QUARTER_US).label("quarter")  # every day begins with one
        paid = exists().where(entry.c.seq == activity.c.seq)
        first = select(quarter, func.min(activity.c.seq).label("seq")).where(paid).group_by(quarter)
        for row in await self.work.rows(first):
            day = self.current.calendar.day(instant(row.quarter * QUARTER_US))
            if row.seq < begins.get(day, row.seq + 1):
                told = f"begins at {begins[day]}" if day in begins else "does not begin"
                self.differ(f"recording day {date.fromordinal(day)}: {told}, but {row.seq} was recorded on it")

    async def standings(self) -> None:
        """Sum every board again."""
        current = [board.id for board in self.current.board_versions]
        for board in self.current.board_versions:
            await self._compare_standings(board)
            await self._compare_participants(board)
            if board.board.is_mean:
                await self._compare_shares(board)
        for table in (standing, board_period, team_share):
            # What is closed goes by the board of then.
            closed = select(closing.c.id).where(closing.c.board == table.c.board, closing.c.period == table.c.period)
            ours = closed.where(closing.c.state != State.OPEN).exists()
            strays = select(func.count()).select_from(table).where(table.c.board.not_in(current), ~ours)
            if count := (await self.work.execute(strays)).scalar_one():
                self.differ(f"standings: {count} rows of {table.name} belong to no board in force")

    async def _compare_standings(self, board: BoardVersion) -> None:
        counted = await counted_by(self.work, self.current, board)
        closed = self.current.closings.closed(board)
        expected = await expected_standings(self.work, board, counted, self.current.calendar, closed=closed)
        stored = select(*standing.columns).where(standing.c.board == board.id)
        stored = stored.where(standing.c.period.not_in([span.first for span in closed]))
        found = {row[1:3]: row[3:] for row in await self.work.rows(except_(stored, expected))}
        wanted = {row[1:3]: row[3:] for row in await self.work.rows(except_(expected, stored))}
        for key in sorted(found.keys() | wanted.keys()):
            who = f"{self.names.competitor(board.board.of, key[1])} in {self._period(board, key[0])}"
            had, gives = (_standing(board.board.score, rows.get(key)) for rows in (found, wanted))
            self.differ(f"standing on {board.board.key} of {who}: stored is {had}; the ledger gives {gives}")

    async def _compare_shares(self, board: BoardVersion) -> None:
        counted, closed = await counted_by(self.work, self.current, board), self.current.closings.closed(board)
        expected = await expected_shares(self.work, board, counted, self.current.calendar, closed=closed)
        stored = select(*team_share.columns).where(team_share.c.board == board.id)
        stored = stored.where(team_share.c.period.not_in([span.first for span in closed]))
        found = await self.work.rows(except_(stored, expected)), await self.work.rows(except_(expected, stored))
        for period, team in sorted({row[1:3] for rows in found for row in rows}):
            who = f"{self.names.team(team)} in {self._period(board, period)}"
            self.differ(f"shares on {board.board.key} of {who}: they are not what the ledger gives its members")

    async def _compare_participants(self, board: BoardVersion) -> None:
        closed = [span.first for span in self.current.closings.closed(board)]
        listed = (
            select(standing.c.period, func.count().label("listed"))
            .where(standing.c.board == board.id, standing.c.listed, standing.c.period.not_in(closed))
            .group_by(standing.c.period)
        )
        counts = {row.period: row.listed for row in await self.work.rows(listed)}
        told = select(board_period.c.period, board_period.c.participants).where(board_period.c.board == board.id)
        told = told.where(board_period.c.period.not_in(closed))
        stored = {row.period: row.participants for row in await self.work.rows(told)}
        for period in sorted(counts.keys() | stored.keys()):
            if stored.get(period, 0) != counts.get(period, 0):
                name = f"participants on {board.board.key} in {self._period(board, period)}"
                self.differ(f"{name}: stored are {stored.get(period, 'none')}; {counts.get(period, 0)} are listed")

    def _period(self, board: BoardVersion, first: int) -> str:
        return board.board.period_from(self.current.calendar, first).key


def _standing(scoring: Scoring, row: Sequence[Any] | None) -> str:
    if row is None:
        return "nothing"
    score, reached_us, entries, listed = row
    unlisted = "" if listed else ", not listed"
    return f"score {shown(scoring, score)} from {entries} entries, reached {instant(reached_us).isoformat()}{unlisted}"
