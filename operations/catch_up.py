"""Catch up: bring members to a revision that looks back, each under lock, whoever meets them first.

It takes effect from a past date, or undoes others.
Publishing such a revision writes one row. Then a writer that meets a member behind it brings them up before anything
else, and `catch_up` goes through all others, some at a time, a transaction each: it can be stopped and go on later.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select, update

from activity.roster import RosterMember, lock_keys, team_names
from activity.tables import member
from operations.bring_back import bring_back
from operations.counters import standing_awards, taken_awards
from operations.history import histories
from operations.posting import Posting, Revoked
from operations.rejudge import Rejudged, Rejudging
from operations.revision import Revision, Revisions, load_revision
from operations.rewriting import standing_entries, write_counters, write_verdicts
from operations.rule_history import rule_history
from rewards.award import Award
from rewards.ledger import Entry, Kind
from rules.tables import revision
from rules.verdict import Result
from storage.bulk import AnyRow
from storage.engine import Store
from storage.work import UnitOfWork

CHUNK = 100  # members in one transaction


async def bring_up(work: UnitOfWork, state: Revision, members: Iterable[RosterMember], posting: Posting) -> int:
    """Bring those of these members up who are behind the revision. They are locked. Returns how many were.

    What changes for them is written, but for the standings: `posting` has them, and is to be written at last. Whoever
    wrote them first, and then locked counters or activities, would wait for others who wait for the standings.
    """
    behind = {each.key: each for each in members if each.rejudged < state.rejudged}
    if behind:
        applied = state if state.looks_back else await load_revision(work, state.rejudged)
        if applied.back_to is not None:
            await bring_back(work, applied, behind, posting)
        else:
            await _Bringing(work, state, await load_rejudging(work, applied), posting).bring(behind)
    return len(behind)


async def catch_up(store: Store, revisions: Revisions, *, now: datetime, chunk: int = CHUNK) -> int:
    """Bring up the next members who are behind the revision in force. Returns how many; 0 when it is done."""
    async with store.writing() as work:
        await work.share_programme()
        state = await revisions.current(work)
        if not state.looks_back:
            return 0
        behind = select(member.c.key).where(member.c.rejudged < state.rejudged).order_by(member.c.key).limit(chunk)
        keys = [row.key for row in await work.rows(behind)]
        if not keys:
            ended = update(revision).where(revision.c.number == state.number, revision.c.pending)
            await work.execute(ended.values(pending=False))
            return 0
        posting = Posting(state, now)
        brought = await bring_up(work, state, (await lock_keys(work, keys)).values(), posting)
        await posting.write(work)
        return brought or 1


async def members_behind(work: UnitOfWork, state: Revision) -> int:
    """How many members are still to be brought up."""
    query = select(func.count()).select_from(member).where(member.c.rejudged < state.rejudged)
    return int((await work.execute(query)).scalar_one())


async def load_rejudging(work: UnitOfWork, state: Revision) -> Rejudging:
    """What judges past activities again under a revision that takes effect from a past date."""
    assert state.from_us is not None
    history = await rule_history(work)
    return Rejudging(state, history.versions, state.from_us, lambda element: element not in history.excluded)


class _Bringing:
    def __init__(self, work: UnitOfWork, state: Revision, rejudging: Rejudging, posting: Posting) -> None:
        self._work = work
        self._state = state
        self._rejudging = rejudging
        self._posting = posting
        self._reason = f"revision {state.rejudged} takes effect from a past date"

    async def bring(self, members: Mapping[int, RosterMember]) -> None:
        work, keys = self._work, sorted(members)
        past = await histories(work, keys, self._state.type_keys, await team_names(work), self._state.calendar.day)
        awards: dict[int, list[Award]] = {key: [] for key in keys}
        rows: dict[tuple[int, int], AnyRow] = {}
        for row in await standing_awards(work, keys):
            awards[row.member].append(Award.of(row))
            rows[row.seq, row.ordinal] = row
        taken: dict[int, list[Award]] = {key: [] for key in keys}
        for row in await taken_awards(work, keys):
            taken[row.member].append(Award.of(row))
        done = {key: self._rejudging.rejudge(past[key], awards[key], taken[key]) for key in keys}
        changed = [key for key in keys if done[key].changes_ledger]
        seqs = dict(zip(changed, await work.take_seq(len(changed)), strict=True)) if changed else {}
        entries = await standing_entries(work, changed)
        elements = self._rejudging.elements
        paid = {(found[3], found[7], elements[found[5]]): found for found in entries.values() if found[5] in elements}
        for key in changed:
            self._post(seqs[key], done[key], entries, paid, rows, members[key].facts.participates)
        await write_verdicts(work, self._state.rejudged, (each.verdicts for each in done.values()))
        await write_counters(
            work,
            keys,
            self._rejudging.measures,
            self._rejudging.progress_measures,
            [each.tallies for each in done.values()],
            [each.book for each in done.values()],
        )
        await work.execute(update(member).where(member.c.key.in_(keys)).values(rejudged=self._state.rejudged))
        await self._posting.write_ledger(work)

    def _post(
        self,
        seq: int,
        done: Rejudged,
        entries: Mapping[tuple[int, int, int], Entry],
        paid: Mapping[tuple[int, int | None, int], Entry],
        rows: Mapping[tuple[int, int], AnyRow],
        listed: bool,
    ) -> None:
        posting = self._posting
        for case, part, before, after in done.payments:
            if before is not None:
                posting.reverse(seq, paid[case.member, case.seq, part], listed, revised=True)
            if after is not None and after.result is Result.AWARDED:
                posting.enter(seq, Kind.REVISION, case, after.version, case.activity.type, after.points, listed)
        for award in done.lost:
            posting.revoke(seq, Revoked(rows[award.seq, award.ordinal], None, self._reason))
            if award.entry is not None:
                posting.reverse(seq, entries[award.member, award.seq, award.entry], listed, revised=True)
        for award, reached, case in done.repaid:
            posting.revoke(seq, Revoked(rows[award.seq, award.ordinal], None, self._reason))
            if award.entry is not None:
                posting.reverse(seq, entries[award.member, award.seq, award.entry], listed, revised=True)
            posting.award(reached, case, seq, listed, Kind.REVISION)
        for case, reached in done.won:
            posting.award(reached, case, seq, listed, Kind.REVISION)
