"""Bring back: members to what they would have without the revisions that are undone, in one transaction."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update

from activity.calendar import instant
from activity.roster import RosterMember, team_names
from activity.tables import activity, member, retraction
from operations.case import Case
from operations.comparing import Payment
from operations.events import Events
from operations.history import CASE, case_columns, case_of, facts_in_force
from operations.line import load_line
from operations.posting import Posting, Revoked
from operations.replay import Replay
from operations.revision import Revision
from operations.rewriting import standing_entries, write_counters, write_verdicts
from operations.rule_history import rule_history
from operations.unwind import Unwinding, Unwound
from rewards.award import Award
from rewards.badge import Badge, points_at
from rewards.book import Book
from rewards.ledger import Entry, Kind
from rewards.tables import award
from rules.tables import verdict
from rules.verdict import Result, load
from storage.bulk import AnyRow
from storage.work import UnitOfWork


async def bring_back(work: UnitOfWork, undo: Revision, members: Mapping[int, RosterMember], posting: Posting) -> None:
    """Bring members, who are locked, to what a revision that undoes others makes of their history. What changes for
    them is written, but for the standings: `posting` has them."""
    assert undo.back_to is not None
    line, history = await load_line(work, undo.back_to), await rule_history(work)
    since = history.excluded_since

    def mine(element: int) -> bool:
        return since.get(element, undo.number + 1) > undo.number

    replay = Replay(line, mine, history.versions, lambda _: undo.number, since, undone=True)
    past = await _Past.load(work, undo, sorted(members))
    past.tell(replay)
    unwinding = Unwinding(undo, history.versions, mine)
    done = {
        key: unwinding.unwind(
            past.standing(key),
            replay.outcomes_of(key),
            [Award.of(row) for row in past.awards if row.member == key and row.revoked_seq is None],
            replay.awards.get(key, []),
            past.given,
        )
        for key in members
    }
    badges = {item.id: item.badge for each in line for item in each.badge_versions}
    await _Returning(work, undo, past, badges, posting).post(done, unwinding.elements, members)
    await write_verdicts(work, undo.number, (done[key].verdicts for key in sorted(done)))
    book = Book()
    book.groups |= {key: rows for key, rows in replay.book.groups.items() if key[1] in unwinding.progress_measures}
    tallies = {key: count for key, count in replay.tallies.items() if key[1] in unwinding.measures}
    keys = sorted(members)
    await write_counters(work, keys, unwinding.measures, unwinding.progress_measures, [tallies], [book])
    await work.execute(update(member).where(member.c.key.in_(keys)).values(rejudged=undo.number))
    await posting.write_ledger(work)


class _Past:
    """What some members did and were given, from the beginning."""

    def __init__(self) -> None:
        self.cases: dict[tuple[int, int], Case] = {}  # by seq and member, with what was said of them at last
        self.retracted: dict[int, int] = {}  # activities, with the place of their retraction
        self.awards: Sequence[AnyRow] = ()
        self.given: set[tuple[int, int]] = set()  # seq and element of what persons gave
        self.teams: dict[int, int | None] = {}  # of the member then, by its seq

    @classmethod
    async def load(cls, work: UnitOfWork, state: Revision, members: Sequence[int]) -> "_Past":
        self = cls()
        columns = case_columns(verdict.c.member, verdict.c.place)
        query = select(*columns, verdict.c.outcomes).select_from(verdict)
        query = query.join(activity, activity.c.seq == verdict.c.activity)
        query = query.where(verdict.c.member.in_(members))
        query = query.order_by(verdict.c.activity, verdict.c.place, verdict.c.revision)
        teams = await team_names(work)
        for row in await work.rows(facts_in_force(query, verdict.c.member, verdict.c.activity)):
            case = self.cases.get((row.seq, row.credited_member))
            if case is None:
                case = case_of(row, row[len(CASE) + 1 :], state.type_keys, teams, state.calendar.day)
                self.cases[case.seq, case.member] = case
            case.outcomes = load(row.outcomes)
        theirs = select(verdict.c.activity).where(verdict.c.member.in_(members))
        query = select(retraction.c.activity, retraction.c.seq).where(retraction.c.activity.in_(theirs))
        self.retracted = {row.activity: row.seq for row in await work.rows(query)}
        self.awards = await work.rows(
            select(award).where(award.c.member.in_(members)).order_by(award.c.seq, award.c.ordinal)
        )
        gifts = (
            select(award.c.seq, award.c.element)
            .select_from(award)
            .where(award.c.member.in_(members), award.c.author.is_not(None))
        )
        for row in await work.rows(facts_in_force(gifts, award.c.member, award.c.seq)):
            self.given.add((row.seq, row.element))
            self.teams[row.seq] = row.team
        return self

    def tell(self, replay: Replay) -> None:
        """Have a replay follow it."""
        events = Events(self.retracted, self.awards, replay)
        for (seq, _), case in self.cases.items():
            events.before(seq)
            replay.follow(case)
        events.rest()
        replay.finish()

    def standing(self, key: int) -> list[Case]:
        """What a member did that was not retracted, in the order of the sequence."""
        return [case for (seq, who), case in self.cases.items() if who == key and seq not in self.retracted]


class _Returning:
    """Posts what differs. `badges` are those of the versions that can come back."""

    def __init__(
        self, work: UnitOfWork, undo: Revision, past: _Past, badges: Mapping[int, Badge], posting: Posting
    ) -> None:
        assert undo.back_to is not None
        self._work = work
        self._calendar = undo.calendar
        self._past = past
        self._badges = badges
        self._posting = posting
        self._rows = {(row.seq, row.ordinal): row for row in past.awards}
        self._reason = f"revision {undo.number} undoes {told(undo.back_to + 1, undo.number - 1)}"

    async def post(
        self, done: Mapping[int, Unwound], elements: dict[int, int], members: Mapping[int, RosterMember]
    ) -> None:
        """Post the differences of members, each at a place of its own. `elements` are those of rule versions."""
        changed = [key for key in sorted(done) if done[key].changes_ledger]
        seqs = await self._work.take_seq(len(changed)) if changed else ()
        entries = await standing_entries(self._work, changed)
        paid = {(found[3], found[7], elements[found[5]]): found for found in entries.values() if found[5] in elements}
        for seq, key in zip(seqs, changed, strict=True):
            listed = members[key].facts.participates
            for payment in done[key].payments:
                self._pay(seq, payment, paid, listed)
            for lost in done[key].lost:
                self._posting.revoke(seq, Revoked(self._rows[lost.seq, lost.ordinal], None, self._reason))
                if lost.entry is not None:
                    self._posting.reverse(seq, entries[lost.member, lost.seq, lost.entry], listed)
            for made in done[key].made:
                self._make(seq, made, listed)

    def _pay(self, seq: int, payment: Payment, paid: Mapping[tuple[int, int | None, int], Entry], listed: bool) -> None:
        case, part, before, after = payment
        if before is not None:
            self._posting.reverse(seq, paid[case.member, case.seq, part], listed)
        if after is not None and after.result is Result.AWARDED:
            place = case.kind, case.seq, after.points, case.time_us, case.day
            entry = case.member, case.facts.team_id, after.version, *place
            self._posting.enter_row(seq, Kind.REVISION, entry, listed)

    def _make(self, seq: int, made: Award, listed: bool) -> None:
        badge = self._badges.get(made.version)  # None: it is a zone
        case = self._past.cases.get((made.activity or 0, made.member))
        team = case.facts.team_id if case else self._past.teams[made.seq]  # with what a person gave
        day = case.day if case else self._calendar.day(instant(made.time_us))
        self._posting.make(seq, made, points_at(badge, made.level) if badge else 0, team, day, listed)


def told(first: int, last: int) -> str:
    """Revisions in words.

    >>> told(2, 4)
    'revisions 2 to 4'
    """
    if first == last:
        return f"revision {first}"
    return f"revisions {first} {'and' if last == first + 1 else 'to'} {last}"
