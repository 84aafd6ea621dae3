"""Which boards ask who can earn on them, in which words, and the proof of what is kept of it.

A board version asks in the words of the revision in force, as long as it is in force itself; before and after, in those
of the revision that published it. What it kept is asked for periods that were closed by it and, as of a past day, for
the time in which it was in force.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import func, select

from activity.calendar import instant
from activity.member import Facts
from activity.tables import member, member_facts
from leaderboard.closing import State
from leaderboard.eligibility import Stretch, audiences_of, exclusions
from leaderboard.standing import BoardVersion
from leaderboard.tables import closing, exclusion
from operations.names import Names
from operations.revision import Revision, Revisions
from rules.audience import Audience
from rules.tables import version
from storage.work import UnitOfWork

EVER = 2**63 - 1


async def audiences_in_use(work: UnitOfWork, revisions: Revisions, current: Revision) -> Mapping[int, Audience]:
    """The `members` of all boards that say it and can still count something: those in force, and those by which a
    period was closed whose result is not final."""
    disputable = {cut.version.id: cut.version for cut in current.closings.disputable}
    former = [each for each in disputable.values() if each.board.members and each.id not in current.audiences]
    if not former:
        return current.audiences
    query = select(version.c.id, version.c.revision).where(version.c.id.in_([each.id for each in former]))
    numbers = {row.id: row.revision for row in await work.rows(query)}
    found = dict(current.audiences)
    for each in former:
        attributes = (await revisions.at(work, numbers[each.id])).programme.attributes
        found |= audiences_of([each], attributes)
    return found


class EligibilityProof:
    """Works out anew who was eligible, on all boards that ever asked; names what differs."""

    def __init__(
        self, work: UnitOfWork, revisions: Sequence[Revision], names: Names, differ: Callable[[str], None]
    ) -> None:
        self._work = work
        self._revisions = revisions
        self._names = names
        self._differ = differ

    async def prove(self) -> None:
        await self._first_days()
        known = []
        for board in self._asking():
            known.append(board.id)
            await self._compare(board)
        strays = select(func.count()).select_from(exclusion).where(exclusion.c.board.not_in(known))
        if count := (await self._work.execute(strays)).scalar_one():
            self._differ(f"exclusions: {count} rows are of no board that says for which members it is")

    async def _first_days(self) -> None:
        """The day on which members first took part must be that of the first facts that say so."""
        first = select(func.min(member_facts.c.seq).label("seq"), member_facts.c.member)
        first = first.where(member_facts.c.participates).group_by(member_facts.c.member)
        seqs = first.subquery()
        query = select(member_facts.c.member, member_facts.c.recorded_us)
        query = query.join(seqs, (seqs.c.member == member_facts.c.member) & (seqs.c.seq == member_facts.c.seq))
        calendar = self._revisions[-1].calendar
        days = {row.member: calendar.day(instant(row.recorded_us)) for row in await self._work.rows(query)}
        for row in await self._work.rows(select(member.c.key, member.c.first_day)):
            if row.first_day != days.get(row.key):
                told = f"stored as the first day is {row.first_day}; the facts give {days.get(row.key)}"
                self._differ(f"{self._names.member(row.key)}: {told}")

    def _asking(self) -> Iterator[BoardVersion]:
        found = {each.id: each for state in self._revisions for each in state.board_versions if each.board.members}
        yield from found.values()

    async def _compare(self, board: BoardVersion) -> None:
        until = await self._until(board)
        expected: dict[int, list[Stretch]] = {}
        async for chunk in exclusions(self._work, self._holds(board), dict(self._names.teams), until):
            for key, stretch in chunk:
                expected.setdefault(key, []).append(stretch)
        stored: dict[int, list[Stretch]] = {}
        query = select(exclusion.c.member, exclusion.c.first_seq, exclusion.c.after_seq)
        query = query.where(exclusion.c.board == board.id, exclusion.c.first_seq <= until)
        for key, first, after in await self._work.rows(query.order_by(exclusion.c.member, exclusion.c.first_seq)):
            stretch = Stretch(first, after if after is not None and after <= until else None)
            stored.setdefault(key, []).append(stretch)
        for key in sorted(expected.keys() | stored.keys()):
            if expected.get(key) != stored.get(key):
                told = f"stored is {_told(stored.get(key))}; what was known of them gives {_told(expected.get(key))}"
                self._differ(f"{self._names.member(key)}, outside of the members of {board.board.key}: {told}")

    def _holds(self, board: BoardVersion) -> Callable[[int, Facts], bool]:
        """Whether facts from a place in the sequence on are as a board asks."""
        first = next(each for each in self._revisions if board in each.board_versions)
        begins = [each.seq for each in self._revisions]
        asked = [each.audiences.get(board.id, first.audiences[board.id]) for each in self._revisions]

        def holds(seq: int, facts: Facts) -> bool:
            at = bisect_right(begins, seq) - 1
            return asked[at].holds(facts) if at >= 0 else first.audiences[board.id].holds(facts)

        return holds

    async def _until(self, board: BoardVersion) -> int:
        """The place in the sequence up to which what was learned of members had to be kept for a board version."""
        last = max(at for at, each in enumerate(self._revisions) if board in each.board_versions)
        if last + 1 == len(self._revisions):
            return EVER
        ends = [self._revisions[last + 1].seq]
        query = select(closing.c.final_seq).where(closing.c.board == board.id, closing.c.state != State.OPEN)
        ends += [EVER if row.final_seq is None else row.final_seq for row in await self._work.rows(query)]
        return max(ends)


def _told(stretches: Sequence[Stretch] | None) -> str:
    if not stretches:
        return "never"
    return ", ".join(
        f"from {first} on" if after is None else f"from {first} to before {after}" for first, after in stretches
    )
