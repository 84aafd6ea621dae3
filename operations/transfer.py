"""Transfer: activities that turned out to be another member's. What they earned is reversed at the one, and judged for
the other, as if they had been reported rightly: both are judged again from the beginning, by the rules of then.

What members share (a budget, a limit across members, points that are held, a badge for the first so many) is decided
once: what such a rule paid for an activity goes along with it, and its counts change hands now. As with a revision that
looks back, no closed period changes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, update

from activity.calendar import instant, microseconds
from activity.roster import RosterMember, lock_keys
from activity.tables import activity, transfer, transferred
from operations.case import Case
from operations.catch_up import bring_up
from operations.handover import HandOver
from operations.joint import AT_ONCE, Joint, credit_once, joint_among
from operations.posting import Posting, Revoked
from operations.replay import Replay
from operations.revision import Revision, Revisions, load_revision
from operations.rewriting import standing_entries, write_counters
from operations.rightful import Rightful
from operations.rule_history import RuleHistory, rule_history
from operations.unwind import Unwinding
from rewards.badge import Badge, points_at
from rewards.book import Book
from rewards.ledger import Entry, Kind
from rules.tables import verdict
from rules.verdict import Outcome, Result, dump
from storage.bulk import Columns
from storage.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Transferred:
    """What a transfer did: how many activities changed hands, and what that changed of points."""

    seq: int
    activities: int
    joint: int  # of them, those that credited both, and credit the other once now
    taken: int
    given: int
    others: int  # points that those have more whom the joint ones credit beside the two


async def transfer_activities(
    work: UnitOfWork,
    revisions: Revisions,
    activities: Collection[int],
    *,
    from_member: int,
    to_member: int,
    author: str,
    reason: str,
    now: datetime,
) -> Transferred:
    """Have activities that credit a member credit another; once, where they credit both. Nothing is committed here.

    The programme is shared or held. Raises NoProgramme.
    """
    state = await revisions.current(work)
    joint = await joint_among(work, sorted(activities), from_member, to_member)
    members = await lock_keys(work, {from_member, to_member}.union(*(each.others for each in joint)))
    posting = Posting(state, now)
    await bring_up(work, state, members.values(), posting)
    (seq,) = await work.take_seq(1)
    between = {"seq": seq, "from_member": from_member, "to_member": to_member}
    told = {"recorded_us": microseconds(now), "author": author, "reason": reason}
    await work.execute(insert(transfer).values(between | told))
    whole = sorted(set(activities) - {each.activity for each in joint})
    rows = [*((each, None, None, None) for each in whole), *(each[:4] for each in joint)]
    columns: Columns = {"seq": [seq] * len(rows)}
    for index, name in enumerate(("activity", "from_place", "to_place", "named")):
        columns = {**columns, name: [row[index] for row in rows]}
    await work.insert(transferred, columns)
    doing = _Transferring(work, state, await rule_history(work), members, posting, seq)
    return await doing.transfer(whole, joint, from_member, to_member)


class _Transferring:
    def __init__(
        self,
        work: UnitOfWork,
        state: Revision,
        history: RuleHistory,
        members: Mapping[int, RosterMember],
        posting: Posting,
        seq: int,
    ) -> None:
        self._work = work
        self._state = state
        self._history = history
        self._members = members
        self._posting = posting
        self._seq = seq

    async def transfer(
        self, whole: Sequence[int], joint: Sequence[Joint], from_member: int, to_member: int
    ) -> Transferred:
        work, keys = self._work, sorted(self._members)
        entries = await standing_entries(work, keys)
        listed = [self._listed(from_member), self._listed(to_member)]
        handing = HandOver(work, self._state, self._history, self._posting, self._seq)
        dropped = [each.activity for each in joint]
        await handing.take_out(sorted([*whole, *dropped]), from_member, entries.values(), listed[0])
        await self._rename(whole, from_member, to_member)
        await credit_once(work, joint, from_member, to_member)
        ended = await handing.end(dropped, from_member, entries.values(), listed[0])
        shared = await handing.put_in(whole, to_member, from_member, entries.values(), listed)
        revisions = [await load_revision(work, number) for number in range(1, self._state.number + 1)]
        rightful = await Rightful.load(work, self._replay(revisions), revisions, keys)
        points = {key: self._pay(key, rightful, entries) for key in keys}
        self._award(rightful, entries, {item.id: item.badge for each in revisions for item in each.badge_versions})
        await self._rewrite(rightful)
        unwinding = self._unwinding()
        book = Book()
        groups = rightful.replay.book.groups
        book.groups |= {key: rows for key, rows in groups.items() if key[1] in unwinding.progress_measures}
        tallies = {key: count for key, count in rightful.replay.tallies.items() if key[1] in unwinding.measures}
        await write_counters(work, keys, unwinding.measures, unwinding.progress_measures, [tallies], [book])
        await self._posting.write(work)
        taken, given = shared + ended - points.pop(from_member), shared + points.pop(to_member)
        return Transferred(self._seq, len(whole) + len(joint), len(joint), taken, given, sum(points.values()))

    def _mine(self, element: int) -> bool:
        """Whether a rule, badge or zone asks one member only, and always did."""
        return element not in self._history.excluded

    def _listed(self, key: int) -> bool:
        return self._members[key].facts.participates

    def _replay(self, revisions: Sequence[Revision]) -> Replay:
        since = self._history.excluded_since
        return Replay(revisions, self._mine, self._history.versions, lambda _: self._state.number, since)

    def _unwinding(self) -> Unwinding:
        return Unwinding(self._state, self._history.versions, self._mine)

    async def _rename(self, moved: Sequence[int], from_member: int, to_member: int) -> None:
        for start in range(0, len(moved), AT_ONCE):
            some = moved[start : start + AT_ONCE]
            theirs = update(verdict).where(verdict.c.activity.in_(some), verdict.c.member == from_member)
            await self._work.execute(theirs.values(member=to_member))
            named = update(activity).where(activity.c.seq.in_(some), activity.c.member == from_member)
            await self._work.execute(named.values(member=to_member))

    def _pay(self, key: int, rightful: Rightful, entries: Mapping[tuple[int, int, int], Entry]) -> int:
        """Post what the rules that ask one member only pay otherwise. Returns the points that this adds."""
        elements = rightful.replay.elements_ever
        paid = {
            (row[7], elements[row[5]]): row
            for row in entries.values()
            if row[3] == key and row[7] is not None and row[5] in elements and self._mine(elements[row[5]])
        }
        added = 0
        for case, outcomes in rightful.standing(key):
            for outcome in outcomes:
                element = elements[outcome.version]
                if outcome.result is not Result.AWARDED or not outcome.points or not self._mine(element):
                    continue
                row = paid.get((case.seq, element))
                if row is not None and self._pays_alike(row, outcome):
                    del paid[case.seq, element]
                else:
                    added += self._enter(case, outcome)
        for row in sorted(paid.values()):
            self._posting.reverse(self._seq, row, self._listed(key), revised=True)
            added -= row[8]
        return added

    def _enter(self, case: Case, outcome: Outcome) -> int:
        place = case.kind, case.seq, outcome.points, case.time_us, case.day
        told = case.member, case.facts.team_id, outcome.version, *place
        self._posting.enter_row(self._seq, Kind.REVISION, told, self._listed(case.member))
        return outcome.points

    def _pays_alike(self, row: Entry, outcome: Outcome) -> bool:
        versions = self._history.versions
        tags = [frozenset(versions[each].tags) for each in (row[5], outcome.version) if each is not None]
        return row[8] == outcome.points and tags[0] == tags[1]

    def _award(
        self, rightful: Rightful, entries: Mapping[tuple[int, int, int], Entry], badges: Mapping[int, Badge]
    ) -> None:
        """Post what differs in badges and zones."""
        rows = {(row.seq, row.ordinal): row for row in rightful.awards}
        unwinding = self._unwinding()
        for key in sorted(self._members):
            then = rightful.replay.awards.get(key, [])
            done = unwinding.unwind((), {}, rightful.held(key), then, rightful.given)
            for lost in done.lost:
                why = "an activity that it rests on was another member's, or came to be theirs"
                self._posting.revoke(self._seq, Revoked(rows[lost.seq, lost.ordinal], None, why))
                if lost.entry is not None:
                    row = entries[lost.member, lost.seq, lost.entry]
                    self._posting.reverse(self._seq, row, self._listed(key), revised=True)
            for made in done.made:
                badge = badges.get(made.version)  # None: it is a zone
                found = rightful.latest.get((key, made.activity or 0))
                team = found.case.facts.team_id if found else rightful.teams[made.seq]
                day = found.case.day if found else self._state.calendar.day(instant(made.time_us))
                points = points_at(badge, made.level) if badge else 0
                self._posting.make(self._seq, made, points, team, day, self._listed(key))

    async def _rewrite(self, rightful: Rightful) -> None:
        """Have the verdicts of both say what is right."""
        stored: dict[int, dict[tuple[int, int], str]] = {key: {} for key in self._members}
        named: dict[tuple[int, int, int], str] = {}
        for row in rightful.rows:
            stored[row.credited_member][row.seq, row.revision] = row.outcomes
            named[row.credited_member, row.seq, row.revision] = row.named
        for key in sorted(self._members):
            wanted = {place: (told.case, dump(told.outcomes)) for place, told in rightful.verdicts[key].items()}
            texts = {place: text for place, (_, text) in wanted.items()}
            differ = (place for place in {**stored[key], **texts} if stored[key].get(place) != texts.get(place))
            rewritten = sorted({activity for activity, _ in differ})
            for start in range(0, len(rewritten), AT_ONCE):
                some = rewritten[start : start + AT_ONCE]
                theirs = delete(verdict).where(verdict.c.member == key, verdict.c.activity.in_(some))
                await self._work.execute(theirs)
            again = set(rewritten)
            rows = [
                (*place, case.place, text, named.get((key, *place)))
                for place, (case, text) in sorted(wanted.items())
                if place[0] in again
            ]
            columns: Columns = {"member": [key] * len(rows)}
            for index, name in enumerate(("activity", "revision", "place", "outcomes", "named")):
                columns = {**columns, name: [row[index] for row in rows]}
            await self._work.insert(verdict, columns)
