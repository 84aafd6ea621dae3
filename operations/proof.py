"""The proof of the history: it is judged again, and compared with the verdicts, badges, ledger and counts stored."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import pairwise

from sqlalchemy import ColumnElement, Table, and_, func, select, tuple_

from activity.intake import identity_of
from activity.tables import activity, member, retraction
from operations.audit import Account, Audit
from operations.case import Case
from operations.comparing import rule_elements
from operations.counters import PROGRESS
from operations.events import Events
from operations.history import CASE, AnySelect, case_columns, case_of, facts_in_force
from operations.names import Names, activity_told
from operations.replay import Replay
from operations.revision import Revision
from operations.rule_history import rule_history
from operations.sharing import shared_after
from operations.transfers import Recorded, Transfers
from rewards.award import Award
from rewards.ledger import COLUMNS, Kind
from rewards.tables import adjustment, award, entry, hold, progress
from rules.tables import tally, verdict
from rules.tally import TALLY_KEY, Tallies
from rules.verdict import Outcome, alike, load
from storage.bulk import AnyRow
from storage.work import UnitOfWork

# Bound memory: the activities and tallies of one chunk of members are held at a time, and so many rows in one sequence.
CHUNK_ACTIVITIES = 50_000
ROWS_AT_ONCE = 10_000


class HistoryProof:
    """Replays members chunk by chunk, then what all members share in one sequence. Names what differs."""

    def __init__(
        self, work: UnitOfWork, revisions: Sequence[Revision], names: Names, differ: Callable[[str], None]
    ) -> None:
        self.work = work
        self.revisions = revisions
        self.current = revisions[-1]
        self.names = names
        self.differ = differ

    async def prove(self) -> None:
        """Compare everything that judging gave."""
        self._history = await rule_history(self.work)
        # What revisions that look back said, by activity, member and revision.
        self._later: dict[tuple[int, int, int], list[Outcome]] = {}  # of what members came to share later
        self._unexplained: set[tuple[int, int, int]] = set()
        retracted = await self.work.rows(select(retraction.c.activity, retraction.c.seq))
        self._retracted = {row.activity: row.seq for row in retracted}
        self._brought_up = {
            row.key: row.rejudged for row in await self.work.rows(select(member.c.key, member.c.rejudged))
        }
        self._transfers = await Transfers.load(self.work, self.current, self.names.teams)
        badges = {item.id: item.badge for each in self.revisions for item in each.badge_versions}
        adjusted = [row.seq for row in await self.work.rows(select(adjustment.c.seq))]
        holds = {version: held_us for each in self.revisions for version, held_us in each.holds.items()}
        elements = rule_elements(self._history.versions)
        self._shared_measures = self._measures_of(self._history.excluded)
        self._audit = Audit(
            elements, badges, self._retracted, self._transfers, adjusted, holds, self.names, self.differ
        )
        for first, after in pairwise(await self._chunks()):
            await self._members(first, after)
        if self._history.excluded:
            await self._shared_rules()
        for seq, key, number in sorted(self._unexplained):
            what = f"verdict: {await self._activity(seq)} of {self.names.member(key)}"
            self.differ(f"{what} was judged again under revision {number}, which says nothing else")
        given = select(entry.c.seq).where(entry.c.kind == int(Kind.ADJUSTMENT))
        for row in await self.work.rows(select(adjustment.c.seq).where(adjustment.c.seq.not_in(given))):
            self.differ(f"ledger: there is no entry of the adjustment {row.seq}")
        strays = select(verdict.c.activity).where(verdict.c.activity.not_in(select(activity.c.seq)))
        for row in await self.work.rows(strays):
            self.differ(f"verdict: there is one of the activity at {row.activity}, but no such activity")
        unjudged = select(activity.c.seq, activity.c.source, activity.c.id).where(
            activity.c.seq.not_in(select(verdict.c.activity))
        )
        for row in await self.work.rows(unjudged):
            self.differ(f"verdict: {activity_told(row.source, row.id, row.seq)} has none")

    def _measures_of(self, elements: Collection[int]) -> list[int]:
        return [identifier for found, identifier in self.current.measures.items() if found.element in elements]

    def _replay(self, mine: Callable[[int], bool], *, shared: bool = False) -> Replay:
        return Replay(
            self.revisions,
            mine,
            self._history.versions,
            lambda key: self._brought_up.get(key, 0),
            self._history.excluded_since,
            shared=shared,
        )

    async def _chunks(self) -> list[int]:
        """Member keys that part the members into runs of about CHUNK_ACTIVITIES activities."""
        query = select(member.c.key, func.count(verdict.c.activity)).outerjoin(
            verdict, verdict.c.member == member.c.key
        )
        bounds, held = [1], 0  # tallies of member 0 are those that members share
        for key, count in await self.work.rows(query.group_by(member.c.key).order_by(member.c.key)):
            if held and held + count > CHUNK_ACTIVITIES:
                bounds.append(key)
                held = 0
            held += count
        return [*bounds, 2**63 - 1]

    async def _members(self, first: int, after: int) -> None:
        replay = self._replay(lambda element: element not in self._history.excluded)
        accounts = await self._accounts(first, after)
        awarded = [row for account in accounts.values() for row in account.awards]
        events = Events(self._retracted, awarded, replay)
        chunk = and_(verdict.c.member >= first, verdict.c.member < after)
        types: dict[int, int] = {}
        later: dict[tuple[int, int, int], list[Outcome]] = {}
        for row in await self.work.rows(self._verdicts().where(chunk)):
            account = accounts.setdefault(row.credited_member, Account())
            types[row.seq] = row.type
            outcomes = self._load(row)
            again = row.seq in account.latest
            account.latest[row.seq] = outcomes
            if again:
                later[row.seq, row.credited_member, row.revision] = outcomes
                continue
            events.before(row.seq)
            self._compare_identity(row)
            if case := self._compare(row, replay, outcomes):
                self._compare_rules(row, replay.revision, outcomes)
                account.cases[row.seq] = replace(case, outcomes=outcomes)
        events.rest()
        replay.finish()
        for key, account in accounts.items():
            self._audit.check(key, account, types)
        self._unexplained |= later.keys()
        self._compare_again(replay, later)
        # Rules that members came to share later were judged again while they did not.
        since = self._history.excluded_since
        last = max(since.values(), default=0)
        for place, said in later.items():
            if last > place[2] and any(self._history.versions[each.version].element in since for each in said):
                self._later[place] = said
        self._compare_awards(replay, awarded)
        mine = and_(tally.c.member >= first, tally.c.member < after, tally.c.measure.not_in(self._shared_measures))
        await self._compare_tallies(replay.tallies, mine)
        own = and_(progress.c.member >= first, progress.c.member < after)
        await self._compare_progress(replay, and_(own, progress.c.measure.not_in(self._shared_measures)))
        self._compare_lives(replay)

    async def _shared_rules(self) -> None:
        """What members share. A transfer is as if it had been known from the beginning to what they came to share
        after it, so that is judged apart."""
        awards = await self.work.rows(select(award).order_by(award.c.seq, award.c.ordinal))
        for seq, elements in await shared_after(self.work, self._history):
            await self._shared(self._transfers.after(seq), elements, awards)
        strays = and_(tally.c.member == 0, tally.c.measure.not_in(self._shared_measures))
        await self._compare_tallies({}, strays)

    async def _shared(self, transfers: Transfers, elements: Collection[int], awards: Sequence[AnyRow]) -> None:
        replay = self._replay(elements.__contains__, shared=True)
        events = Events(self._retracted, awards, replay, transfers.events())
        joint: set[int] = set()
        last = (-1, -1)
        key = tuple_(verdict.c.activity, verdict.c.place)
        # The first row of an activity and member: later ones were judged again.
        while rows := await self.work.rows(self._verdicts(first=True).where(key > last).limit(ROWS_AT_ONCE)):
            for row in rows:
                if row.seq in joint:
                    continue
                events.before(row.seq)
                if transfers.is_joint(row.seq):
                    joint.add(row.seq)
                    await self._compare_joint(row.seq, replay, transfers)
                    continue
                recorded = transfers.recorded_for(row.seq, row.credited_member, row.place, row.credited)
                self._compare(row, replay, self._load(row), recorded)
            last = rows[-1].seq, rows[-1].place
        events.rest()
        replay.finish()
        self._compare_again(replay, self._later, transfers)
        self._compare_awards(replay, awards)
        measures = self._measures_of(elements)
        await self._compare_tallies(replay.tallies, tally.c.measure.in_(measures))
        await self._compare_progress(replay, progress.c.measure.in_(measures))

    async def _compare_joint(self, seq: int, replay: Replay, transfers: Transfers) -> None:
        """An activity that was recorded for more members than it credits now, in the order of then."""
        rows = await self.work.rows(self._verdicts(first=True).where(verdict.c.activity == seq))
        then = [(transfers.recorded_for(seq, row.credited_member, row.place, row.credited), row) for row in rows]
        found: list[tuple[Recorded, AnyRow, list[Outcome] | None]]
        found = [(recorded, row, self._load(row)) for recorded, row in then if recorded]
        found += [(each, rows[0], None) for each in transfers.dropped(seq, rows[0].credited)]
        for recorded, row, stored in sorted(found, key=lambda each: each[0].place):
            self._compare(row, replay, stored, recorded)

    async def _accounts(self, first: int, after: int) -> dict[int, Account]:
        accounts: dict[int, Account] = {}
        for row in await self._of_members(entry, first, after):
            found = tuple(row._mapping[name] for name in COLUMNS)
            accounts.setdefault(row.member, Account()).entries[row.seq, row.ordinal] = found
        for row in await self._of_members(hold, first, after):
            accounts.setdefault(row.member, Account()).holds[row.seq, row.ordinal] = row
        for row in await self._of_members(award, first, after):
            accounts.setdefault(row.member, Account()).awards.append(row)
        return accounts

    async def _of_members(self, table: Table, first: int, after: int) -> Sequence[AnyRow]:
        query = select(table).where(table.c.member >= first, table.c.member < after)
        return await self.work.rows(query.order_by(table.c.seq, table.c.ordinal))

    def _verdicts(self, *, first: bool = False) -> AnySelect:
        order = (verdict.c.activity, verdict.c.place, verdict.c.revision)
        query = (
            select(
                *case_columns(verdict.c.member, verdict.c.place),
                activity.c.identity,
                verdict.c.revision,
                verdict.c.outcomes,
            )
            .select_from(verdict)
            .join(activity, activity.c.seq == verdict.c.activity)
            .order_by(*order)
        )
        if first:
            other = verdict.alias()
            oldest = select(func.min(other.c.revision)).where(
                other.c.activity == verdict.c.activity, other.c.member == verdict.c.member
            )
            query = query.where(verdict.c.revision == oldest.scalar_subquery())
        return facts_in_force(query, verdict.c.member, verdict.c.activity)

    def _load(self, row: AnyRow) -> list[Outcome]:
        try:
            return load(row.outcomes)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            self.differ(f"verdict: that of {self._of(row)} cannot be read: {error!r}")
            return []

    def _compare(
        self,
        row: AnyRow,
        replay: Replay,
        stored: list[Outcome] | None,
        recorded: Recorded | None = None,
    ) -> Case | None:
        """The case of a row, judged again; None where it cannot be. What differs in it is named, unless nothing is
        stored any more. `recorded` says for whom it was recorded, where it has turned out to be another member's."""
        replay.advance(row.seq)
        revision = replay.revision
        if revision is None or row.revision != revision.number:
            wanted = revision.number if revision else "none"
            self.differ(f"verdict: {self._of(row)} was judged under revision {row.revision}; in force was {wanted}")
            return None
        try:
            facts = (recorded and recorded.facts) or row[len(CASE) + 3 :]
            case = case_of(row, facts, revision.type_keys, self.names.teams, revision.calendar.day)
            if recorded:
                case.activity = replace(case.activity, member=recorded.member)
                case.place, case.among = recorded.place, recorded.among
            expected = replay.judge(case)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            self.differ(f"{self._of(row)} or its verdict cannot be read: {error!r}")
            return None
        found = [outcome for outcome in stored or () if outcome.version in replay.elements]
        if stored is not None and not alike(found, expected):
            had, gives = self.names.outcomes(found), self.names.outcomes(expected)
            self.differ(f"verdict: {self._of(row)} has {had}; replay gives {gives}")
        return case

    def _compare_identity(self, row: AnyRow) -> None:
        named = None not in (row.source, row.id)
        if named and identity_of(row.source, row.id, self.current.secret) != bytes(row.identity):
            what = f"{self._of(row)} is kept under this name"
            self.differ(f"{what}, but was recorded under another name")

    def _compare_rules(self, row: AnyRow, revision: Revision | None, stored: list[Outcome]) -> None:
        if revision is None:
            return
        expected = revision.judge.versions(revision.type_keys[row.type])
        found = tuple(outcome.version for outcome in stored)
        if found != expected:
            had, gives = (self.names.judged_by(each) for each in (found, expected))
            self.differ(f"verdict: {self._of(row)} was judged by {had}; in force were {gives}")

    def _compare_again(
        self,
        replay: Replay,
        stored: dict[tuple[int, int, int], list[Outcome]],
        transfers: Transfers | None = None,
    ) -> None:
        """What revisions that look back said of activities of the past."""
        elements = self._history.versions
        for number, case, expected in replay.again:
            owner = transfers.belongs_to(case.seq, case.member) if transfers else case.member
            if owner is None:
                continue
            key = case.seq, owner, number
            outcomes = stored.get(key)
            mine = [each for each in outcomes or () if replay.picks(elements[each.version].element)]
            if outcomes is None or not alike(mine, expected):
                had = self.names.outcomes(mine) if outcomes is not None else "nothing"
                what = f"verdict: {self.names.case(case)} judged again under revision {number} has {had}"
                self.differ(f"{what}; replay gives {self.names.outcomes(expected)}")
            self._unexplained.discard(key)

    def _compare_awards(self, replay: Replay, stored: Sequence[AnyRow]) -> None:
        """The badges and zones that members hold."""
        mine = replay.picks
        found = {_compared(Award.of(row)) for row in stored if row.revoked_seq is None and mine(row.element)}
        expected = {_compared(each) for held in replay.awards.values() for each in held if mine(each.element)}
        for each in sorted(found - expected, key=repr):
            self.differ(f"{self.names.award(each)}: it is held, but replay does not give it")
        for each in sorted(expected - found, key=repr):
            self.differ(f"{self.names.award(each)}: it is not held, but replay gives it")

    async def _compare_tallies(self, counts: Tallies, mine: ColumnElement[bool]) -> None:
        columns = [tally.c[name] for name in TALLY_KEY]
        rows = await self.work.rows(select(*columns, tally.c.count.label("count_")).where(mine))
        stored = {tuple(row[:4]): row.count_ for row in rows}
        expected = {tuple(key): count for key, count in counts.items()}
        for key in stored.keys() | expected.keys():
            if stored.get(key, 0) != expected.get(key, 0):
                self.differ(
                    f"tally: {self.names.counted(key)} is {stored.get(key, 0)}; replay gives {expected.get(key, 0)}"
                )

    async def _compare_progress(self, replay: Replay, mine: ColumnElement[bool]) -> None:
        rows = await self.work.rows(select(*(progress.c[name] for name in PROGRESS)).where(mine))
        stored = {tuple(row[:4]): tuple(row[4:]) for row in rows}
        expected = {row[:4]: row[4:] for row in replay.book.changed()}
        for key in stored.keys() | expected.keys():
            if stored.get(key, (0, 0)) != expected.get(key, (0, 0)):
                what = f"{stored.get(key, (0, 0))}; replay gives {expected.get(key, (0, 0))}"
                self.differ(f"progress: value and level of {self.names.counted(key)} are {what}")

    def _compare_lives(self, replay: Replay) -> None:
        for identifier in self.current.used:
            stored, expected = self.current.lives[identifier], replay.lives[identifier]
            if stored != expected:
                what = f"measure: {self.names.measure(identifier)} counts since {stored}"
                self.differ(f"{what}; its revisions make it {expected}")

    async def _activity(self, seq: int) -> str:
        rows = await self.work.find(activity, {"seq": [seq]}, ("source", "id"))
        return activity_told(rows[0].source if rows else None, rows[0].id if rows else None, seq)

    def _of(self, row: AnyRow) -> str:
        """What a row of `_verdicts` is about."""
        return f"{activity_told(row.source, row.id, row.seq)} of {self.names.member(row.credited_member)}"


def _compared(award: Award) -> Award:
    """What is compared of an award: not where it stands, which for one of a revision that looks back is not known."""
    return award._replace(seq=0, ordinal=0, entry=None)
