"""Catch up: bring members to a revision that takes effect from a past date, each under lock, whoever meets them first.

Publishing such a revision writes one row. Then a writer that meets a member behind it brings them up before anything
else, and `catch_up` goes through all others, some at a time, a transaction each: it can be stopped and go on later.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

import orjson
from sqlalchemy import delete, func, select, update

from activity.roster import RosterMember, lock_keys, team_names
from activity.tables import member
from operations.case import Case
from operations.counters import PROGRESS, standing_awards, taken_awards
from operations.history import histories
from operations.posting import Posting, Revoked
from operations.recognition import Recognition
from operations.rejudge import Rejudged, Rejudging, VersionFacts
from operations.revision import Revision, Revisions, load_revision
from rewards.award import Award
from rewards.definition import badge_to_plain
from rewards.ledger import COLUMNS, Entry, Kind
from rewards.tables import entry, progress
from rules.tables import element, revision, tally, verdict, version
from rules.tally import TALLY_KEY
from rules.verdict import Result, dump
from storage.bulk import AnyRow, Columns
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
        await _Bringing(work, state, await load_rejudging(work, state), posting).bring(behind)
    return len(behind)


async def catch_up(store: Store, revisions: Revisions, *, now: datetime, chunk: int = CHUNK) -> int:
    """Bring up the next members who are behind the revision in force. Returns how many; 0 when it is done."""
    async with store.writing() as work:
        await work.share_programme()
        state = await revisions.current(work)
        if state.from_us is None:
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


class RuleHistory(NamedTuple):
    """All versions of rules and badges that there have been, and the elements that take effect from now only."""

    versions: Mapping[int, VersionFacts]
    excluded: frozenset[int]
    excluded_since: Mapping[int, int]  # by element, the first revision with which it took effect from now only


async def rule_history(work: UnitOfWork, states: Sequence[Revision] = ()) -> RuleHistory:
    """Read the versions. `states` may hold more, which are not stored: those of a draft."""
    columns = (version.c.id, version.c.element, version.c.key, version.c.definition, version.c.revision, element.c.kind)
    query = select(*columns).join(element).where(element.c.kind.in_(("activity", "rule", "badge")))
    types: dict[str, int] = {}
    versions: dict[int, VersionFacts] = {}
    since: dict[int, int] = {}
    linked: list[set[int]] = []  # badges that look at each other
    badges: dict[str, int] = {}
    first: set[int] = set()
    rows = await work.rows(query.order_by(version.c.revision, version.c.id))
    for number, rows_ in groupby(rows, key=lambda row: row.revision):
        group = list(rows_)
        badges |= {row.key: row.element for row in group if row.kind == "badge"}
        for row in group:
            if row.kind == "activity":
                types[row.key] = row.element
                continue
            told = orjson.loads(row.definition)
            if row.kind == "rule":
                versions[row.id] = VersionFacts(row.element, tuple(told.get("tags", ())))
                if "budget" in told or "hold" in told or any("across" in limit for limit in told.get("limits", ())):
                    since.setdefault(row.element, number)
                continue
            recognition = Recognition.of(number, row.element, told, types, badges)
            versions[row.id] = VersionFacts(row.element, tuple(told.get("tags", ())), recognition)
            linked.append({row.element, *recognition.requires})
            if "first" in told:
                first.add(row.element)
        for each in connected(first, linked):
            since.setdefault(each, number)
    for state in states:
        for item in state.rule_versions:
            versions[item.id] = VersionFacts(item.element, item.rule.tags)
            shared = any(limit.across_members for limit in item.rule.limits)
            if item.rule.budget or item.rule.hold or shared:
                since.setdefault(item.element, state.number)
        elements = {key: item.element for key, item in state.badges.items()}
        for badge in state.badge_versions:
            told = badge_to_plain(badge.badge, state.calendar)
            recognition = Recognition.of(state.number, badge.element, told, state.type_ids, elements)
            versions.setdefault(badge.id, VersionFacts(badge.element, badge.badge.tags, recognition))
            if badge.badge.first is not None:
                first.add(badge.element)
            linked.append({badge.element, *recognition.requires})
        for each in connected(first, linked):
            since.setdefault(each, state.number)
    return RuleHistory(versions, frozenset(since), since)


def connected(first: set[int], linked: Sequence[set[int]]) -> set[int]:
    """All badges that can depend on one of which only so many are given."""
    found = set(first)
    while grown := {each for group in linked if not group.isdisjoint(found) for each in group} - found:
        found |= grown
    return found


async def load_rejudging(work: UnitOfWork, state: Revision) -> Rejudging:
    """What judges past activities again under a revision that takes effect from a past date."""
    if state.from_us is None:
        state = await load_revision(work, state.rejudged)
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
        await self._write_verdicts(done)
        await self._write_counters(keys, done)
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
                posting.reverse(seq, paid[case.member, case.seq, part], listed)
            if after is not None and after.result is Result.AWARDED:
                posting.enter(seq, Kind.REVISION, case, after.version, case.activity.type, after.points, listed)
        for award in done.lost:
            posting.revoke(seq, Revoked(rows[award.seq, award.ordinal], None, self._reason))
            if award.entry is not None:
                posting.reverse(seq, entries[award.member, award.seq, award.entry], listed)
        for award, reached, case in done.repaid:
            posting.revoke(seq, Revoked(rows[award.seq, award.ordinal], None, self._reason))
            if award.entry is not None:
                posting.reverse(seq, entries[award.member, award.seq, award.entry], listed)
            posting.award(reached, case, seq, listed, Kind.REVISION)
        for case, reached in done.won:
            posting.award(reached, case, seq, listed, Kind.REVISION)

    async def _write_verdicts(self, done: Mapping[int, Rejudged]) -> None:
        said: list[tuple[Case, str]] = []
        for each in done.values():
            said += [(case, dump(outcomes)) for case, outcomes in each.verdicts]
        columns: Columns = {
            "activity": [case.seq for case, _ in said],
            "member": [case.member for case, _ in said],
            "revision": [self._state.rejudged] * len(said),
            "place": [case.place for case, _ in said],
            "outcomes": [text for _, text in said],
        }
        await self._work.insert(verdict, columns)

    async def _write_counters(self, keys: Sequence[int], done: Mapping[int, Rejudged]) -> None:
        work, rejudging = self._work, self._rejudging
        mine = tally.c.member.in_(keys) & tally.c.measure.in_(sorted(rejudging.measures))
        await work.execute(delete(tally).where(mine))
        counts = sorted(item for each in done.values() for item in each.tallies.items() if item[1])
        columns = {name: [key[index] for key, _ in counts] for index, name in enumerate(TALLY_KEY)}
        await work.insert(tally, columns | {"count": [count for _, count in counts]})
        mine = progress.c.member.in_(keys) & progress.c.measure.in_(sorted(rejudging.progress_measures))
        await work.execute(delete(progress).where(mine))
        rows = sorted(row for each in done.values() for row in each.book.changed())
        if rows:
            await work.insert(progress, dict(zip(PROGRESS, zip(*rows, strict=True), strict=True)))


async def standing_entries(work: UnitOfWork, members: Sequence[int]) -> dict[tuple[int, int, int], Entry]:
    """The entries of members that take nothing back and were not taken back, by member, seq and ordinal."""
    taken = entry.alias()
    reversed_ = select(taken.c.seq).where(
        taken.c.reverses_seq == entry.c.seq, taken.c.reverses_ordinal == entry.c.ordinal
    )
    query = select(*(entry.c[name] for name in COLUMNS)).where(
        entry.c.member.in_(members), entry.c.kind != Kind.REVERSAL, ~reversed_.exists()
    )
    found: dict[tuple[int, int, int], Entry] = {}
    for row in await work.rows(query) if members else ():
        found[row.member, row.seq, row.ordinal] = tuple(row)
    return found
