"""Posting: what follows from verdicts, badges and corrections, collected and then written to the ledger at once.

Whatever changes points (a batch, a retraction, a release, a revision that looks back, a person) posts here: entries,
held points and awards, and with them the standings.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, update

from activity.calendar import microseconds
from leaderboard.eligibility import load_eligibility
from leaderboard.gains import CountedBy, Gains
from leaderboard.standing import BoardVersion, Counted
from operations.case import Case
from operations.closings import restate_corrected
from operations.counting import counted_by, counting_of
from operations.revision import Revision
from rewards.award import Award
from rewards.badge import points_at
from rewards.ledger import Entry, Kind, append, begin_day
from rewards.progress import Reached
from rewards.tables import award, hold
from rules.verdict import Result
from storage.bulk import AnyRow, Columns
from storage.work import UnitOfWork

HOLD_COLUMNS = ("seq", "ordinal", "member", "team", "version", "type", "points", "time_us", "day", "due_us", "released")
AWARD_COLUMNS = (
    "seq",
    "ordinal",
    "member",
    "element",
    "version",
    "level",
    "period",
    "activity",
    "time_us",
    "value",
    "first_day",
    "last_day",
    "expires_us",
    "entry",
    "author",
    "reason",
    "recorded_us",
)


class Revoked(NamedTuple):
    """An award that ends, and who ended it; None where its evidence fell away."""

    row: AnyRow
    by: str | None
    reason: str


class Posting:
    """Collects what is to be written, in the order of the sequence; `write` writes it."""

    def __init__(self, revision: Revision, now: datetime) -> None:
        self._revision = revision
        self._now_us = microseconds(now)
        self._day = revision.calendar.day(now)
        self._type_ids: dict[str | None, int | None] = {None: None}
        self._type_ids.update(revision.type_ids)
        self._ordinals: defaultdict[int, int] = defaultdict(int)  # the next for an entry or held points, by seq
        self._award_ordinals: defaultdict[int, int] = defaultdict(int)
        self.entries: list[Entry] = []
        self._written = 0  # how many of them are in the ledger
        self.taken: list[tuple[Entry, bool]] = []  # entries that are taken back, and whether their member takes part
        self._listed: dict[int, bool] = {}  # by member
        self._holds: list[tuple[Any, ...]] = []
        self._awards: list[tuple[Any, ...]] = []
        self._revoked: list[tuple[int, Revoked]] = []
        self._corrected: set[tuple[int, int | None, int]] = set()  # member, team and day of what people corrected

    def pay(self, case: Case) -> int:
        """Post what the rules pay for a case. Returns the points that count at once."""
        total = 0
        kind = self._revision.type_ids[case.activity.type]
        facts, seq, member = case.facts, case.seq, case.activity.member
        for version, result, points, _ in case.outcomes:
            if not points:
                continue
            if result is Result.AWARDED:
                ordinal = self._ordinals[seq]
                self._ordinals[seq] = ordinal + 1
                self.entries.append(
                    (
                        seq,
                        ordinal,
                        0,  # Kind.AWARD
                        member,
                        facts.team_id,
                        version,
                        kind,
                        seq,
                        points,
                        case.time_us,
                        case.day,
                        None,
                        None,
                    )
                )
                total += points
            elif result is Result.HELD:
                self._hold(case, version, kind, points)
        for reached in case.reached:
            total += self.award(reached, case)
        return total

    def _hold(self, case: Case, version: int, kind: int, points: int) -> None:
        ordinal = self._ordinals[case.seq]
        self._ordinals[case.seq] += 1
        due_us = case.recorded_us + self._revision.holds[version]
        self._holds.append(
            (
                case.seq,
                ordinal,
                case.member,
                case.facts.team_id,
                version,
                kind,
                points,
                case.time_us,
                case.day,
                due_us,
                False,
            )
        )

    def award(
        self, reached: Reached, case: Case, seq: int | None = None, listed: bool = True, kind: Kind = Kind.BADGE
    ) -> int:
        """Post a badge or zone that a case reached. `seq` says where, if not where the activity was recorded."""
        goal = reached.goal
        at = case.seq if seq is None else seq
        points = 0 if goal.is_zone else points_at(self._revision.badge_of_version[goal.version], reached.level)
        expires_us = goal.expires_us(case.time_us)
        ordinal = None
        if points:
            ordinal = self.enter(at, kind, case, goal.version, None, points, listed)
        self._awards.append(
            (
                at,
                self._award_ordinal(at),
                case.member,
                goal.element,
                goal.version,
                reached.level,
                reached.period,
                case.seq or None,
                case.time_us,
                reached.value,
                reached.first_day,
                reached.last_day,
                expires_us,
                ordinal,
                None,
                None,
                self._now_us,
            )
        )
        return points

    def make(self, seq: int, made: Award, points: int, team: int | None, day: int, listed: bool) -> None:
        """Post an award of the past again, as it was. Team and day are those of its entry."""
        ordinal = None
        if points:
            told = (made.member, team, made.version, None, made.activity, points, made.time_us, day)
            ordinal = self.enter_row(seq, Kind.REVISION, told, listed)
        # From `member` to `expires_us` the columns are those of an award.
        row = (seq, self._award_ordinal(seq), *made[2:13], ordinal, None, None, self._now_us)
        self._awards.append(row)

    def give(self, row: Sequence[Any]) -> None:
        """Post an award that a person gives, in the order of AWARD_COLUMNS without its second."""
        self._awards.append((row[0], self._award_ordinal(row[0]), *row[1:]))

    def enter(
        self, seq: int, kind: Kind, case: Case, version: int | None, type_key: str | None, points: int, listed: bool
    ) -> int:
        """Post one entry for an activity of the past, under the facts of then. Returns its ordinal."""
        return self.enter_row(
            seq,
            kind,
            (
                case.member,
                case.facts.team_id,
                version,
                self._type_ids[type_key],
                case.seq or None,
                points,
                case.time_us,
                case.day,
            ),
            listed,
        )

    def enter_row(self, seq: int, kind: Kind, told: tuple[Any, ...], listed: bool) -> int:
        """Post one entry: member, team, version, type, activity, points, time and day. Returns its ordinal."""
        ordinal = self._ordinals[seq]
        self._ordinals[seq] += 1
        self.entries.append((seq, ordinal, int(kind), *told, None, None))
        self._listed[told[0]] = listed
        if kind in (Kind.ADJUSTMENT, Kind.RELEASE):
            self.correct(told[0], told[1], told[7])
        return ordinal

    def reverse(self, seq: int, row: Entry, listed: bool, *, revised: bool = False) -> None:
        """Take back an entry, given as it is stored. `listed` says whether its member takes part, `revised` whether a
        revision takes it back, which changes no closed period."""
        ordinal = self._ordinals[seq]
        self._ordinals[seq] += 1
        member, team, version, kind, activity, points, time_us, day = row[3:11]
        self.entries.append(
            (seq, ordinal, int(Kind.REVERSAL), member, team, version, kind, activity, -points, time_us, day, *row[:2])
        )
        self.taken.append((row, listed))
        if not revised:
            self.correct(member, team, day)

    def correct(self, member: int, team: int | None, day: int) -> None:
        """What counts of a member on a day is corrected: also where its period is closed, but not final."""
        self._corrected.add((member, team, day))

    def revoke(self, seq: int, revoked: Revoked) -> None:
        """End an award. Its entry is to be reversed beside."""
        self._revoked.append((seq, revoked))

    def _award_ordinal(self, seq: int) -> int:
        self._award_ordinals[seq] += 1
        return self._award_ordinals[seq] - 1

    async def write(self, work: UnitOfWork) -> None:
        """Write everything, what everyone shares last: the standings, and the day."""
        await self.write_ledger(work)
        await self._write_standings(work)
        if self.entries:
            first = min(entry[0] for entry in self.entries)
            await begin_day(work, self._day, first, self._revision.recording_days)

    async def write_ledger(self, work: UnitOfWork) -> None:
        """Write what is posted so far and is the members' own. The standings are everyone's: `write` them last."""
        await append(work, self.entries[self._written :])
        self._written = len(self.entries)
        if self._holds:
            await work.insert(hold, _columns(HOLD_COLUMNS, self._holds))
        if self._revoked:
            await self._end(work)
        if self._awards:
            await work.insert(award, _columns(AWARD_COLUMNS, self._awards))
        for posted in (self._holds, self._revoked, self._awards):
            posted.clear()

    async def _end(self, work: UnitOfWork) -> None:
        ended = update(award).where(award.c.seq == bindparam("at"), award.c.ordinal == bindparam("within"))
        ended = ended.values(
            revoked_seq=bindparam("by_seq"),
            revoked_us=self._now_us,
            revoked_by=bindparam("who"),
            revoked_reason=bindparam("why"),
        )
        for seq, (row, by, reason) in self._revoked:
            told = {"at": row.seq, "within": row.ordinal, "by_seq": seq, "who": by, "why": reason}
            await work.execute(ended, told)

    async def _write_standings(self, work: UnitOfWork) -> None:
        state = self._revision
        versions = {entry[5] for entry in self.entries}
        counting = state.counting
        if not all(version is None or version in state.paying for version in versions):
            counting = await counting_of(work, state, versions)
        eligibility = None
        if state.selective_boards:
            eligibility = await load_eligibility(work, state.selective_boards, {entry[3] for entry in self.entries})
        gains = Gains(state.calendar, counting, state.closings, eligibility)
        keys = state.type_keys_or_none
        reversal = int(Kind.REVERSAL)
        for seq, _, kind, member, team, version, type_id, activity, points, time_us, day, _, _ in self.entries:
            if kind != reversal:
                listed = self._listed.get(member, True)
                gains.add(version, keys[type_id], member, team, day, time_us, points, listed, activity or seq)
        for row, listed in self.taken:
            seq, _, _, member, team, version, type_id, activity, points, time_us, day, _, _ = row
            gains.take(version, keys[type_id], member, team, day, time_us, points, listed, activity or seq)
        await gains.write(work, _counted(work, state))
        await restate_corrected(work, state.closings.disputable, self._corrected)


def _columns(names: Sequence[str], rows: list[tuple[Any, ...]]) -> Columns:
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _counted(work: UnitOfWork, state: Revision) -> CountedBy:
    boards: Mapping[int, BoardVersion] = {board.id: board for board in state.board_versions}
    known: dict[int, Counted] = {}

    async def counted(board: int) -> tuple[BoardVersion, Counted]:
        if board not in known:
            known[board] = await counted_by(work, state, boards[board])
        return boards[board], known[board]

    return counted
