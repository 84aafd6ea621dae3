"""Rightful: what members would have if every activity had been theirs, and only theirs, from the beginning. Pure replay
of what is stored of them; `operations/transfer.py` writes what differs."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from activity.roster import team_names
from activity.tables import activity, retraction
from operations.case import Case
from operations.events import Events
from operations.history import CASE, case_columns, case_of, facts_in_force
from operations.replay import Replay
from operations.revision import Revision
from rewards.award import Award
from rewards.tables import award
from rules.tables import verdict
from rules.verdict import Outcome, load
from storage.bulk import AnyRow
from storage.work import UnitOfWork

Place = tuple[int, int]  # of a verdict beside its member: activity and revision


class Told(NamedTuple):
    """What is said of one activity of a member: by a revision, or by all at last."""

    case: Case
    outcomes: list[Outcome]


class Rightful:
    """What some members did and were given, judged again from the beginning by the rules that ask one member only; what
    the others said of it stays."""

    def __init__(self, replay: Replay, revisions: Sequence[Revision]) -> None:
        self.replay = replay
        self._revisions = {each.number: each for each in revisions}
        self.rows: Sequence[AnyRow] = ()
        self.retracted: Mapping[int, int] = {}
        self.awards: Sequence[AnyRow] = ()
        self.given: set[tuple[int, int]] = set()  # seq and element of what persons gave
        self.teams: dict[int, int | None] = {}  # of the member then, by its seq
        self.verdicts: dict[int, dict[Place, Told]] = {}  # by member
        self.latest: dict[tuple[int, int], Told] = {}  # by member and activity

    @classmethod
    async def load(
        cls, work: UnitOfWork, replay: Replay, revisions: Sequence[Revision], members: Sequence[int]
    ) -> "Rightful":
        """Read what is stored of members, and judge it again."""
        self = cls(replay, revisions)
        query = (
            select(
                *case_columns(verdict.c.member, verdict.c.place),
                verdict.c.revision,
                verdict.c.outcomes,
                verdict.c.named,
            )
            .select_from(verdict)
            .join(activity, activity.c.seq == verdict.c.activity)
            .where(verdict.c.member.in_(members))
            .order_by(verdict.c.activity, verdict.c.place, verdict.c.revision)
        )
        self.rows = await work.rows(facts_in_force(query, verdict.c.member, verdict.c.activity))
        theirs = select(verdict.c.activity).where(verdict.c.member.in_(members))
        query = select(retraction.c.activity, retraction.c.seq).where(retraction.c.activity.in_(theirs))
        self.retracted = {row.activity: row.seq for row in await work.rows(query)}
        awards = select(award).where(award.c.member.in_(members)).order_by(award.c.seq, award.c.ordinal)
        self.awards = await work.rows(awards)
        gifts = select(award.c.seq, award.c.element).select_from(award)
        gifts = gifts.where(award.c.member.in_(members), award.c.author.is_not(None))
        for row in await work.rows(facts_in_force(gifts, award.c.member, award.c.seq)):
            self.given.add((row.seq, row.element))
            self.teams[row.seq] = row.team
        self._judge(members, await team_names(work))
        return self

    def standing(self, member: int) -> list[Told]:
        """What is said at last of a member's activities that were not retracted, in the order of the sequence."""
        return [told for (who, seq), told in self.latest.items() if who == member and seq not in self.retracted]

    def _judge(self, members: Sequence[int], teams: dict[int, str]) -> None:
        self.verdicts = {member: {} for member in members}
        events = Events(self.retracted, self.awards, self.replay)
        again: dict[tuple[int, int, int], dict[int, Outcome]] = {}  # what members share said later, by element
        for row in self.rows:
            member = row.credited_member
            if (member, row.seq) in self.latest:
                again[row.revision, member, row.seq] = self._shared(load(row.outcomes))
                continue
            events.before(row.seq)
            self.replay.advance(row.seq)
            revision = self.replay.revision
            assert revision is not None
            facts = row[len(CASE) + 3 :]
            case = case_of(row, facts, revision.type_keys, teams, revision.calendar.day)
            said = {outcome.version: outcome for outcome in load(row.outcomes)}
            said |= {outcome.version: outcome for outcome in self.replay.judge(case)}
            outcomes = [said[each] for each in revision.judge.versions(case.activity.type) if each in said]
            self._say(case, revision.number, outcomes)
        events.rest()
        self.replay.finish()
        mine = {(number, case.member, case.seq): outcomes for number, case, outcomes in self.replay.again}
        for number, member, seq in sorted({*mine, *again}):
            self._say_again(number, member, seq, mine.get((number, member, seq)), again.get((number, member, seq)))

    def _say(self, case: Case, number: int, outcomes: list[Outcome]) -> None:
        told = Told(case, outcomes)
        self.verdicts[case.member][case.seq, number] = told
        self.latest[case.member, case.seq] = told

    def _say_again(
        self,
        number: int,
        member: int,
        seq: int,
        mine: Sequence[Outcome] | None,
        shared: dict[int, Outcome] | None,
    ) -> None:
        """What a revision that looks back says of an activity: what asks one member only, and what members share."""
        elements = self.replay.elements_ever
        case, before = self.latest[member, seq]
        was_shared = self._shared(before)
        if mine is None and shared in (None, was_shared):
            return
        found = was_shared if shared is None else dict(shared)
        said = before if mine is None else mine
        found |= {elements[each.version]: each for each in said if self.replay.picks(elements[each.version])}
        order = {item.element: index for index, item in enumerate(self._revisions[number].rule_versions)}
        in_order = sorted(found, key=lambda each: order.get(each, len(order)))
        self._say(case, number, [found[element] for element in in_order])

    def _shared(self, outcomes: Sequence[Outcome]) -> dict[int, Outcome]:
        elements = self.replay.elements_ever
        return {elements[each.version]: each for each in outcomes if not self.replay.picks(elements[each.version])}

    def held(self, member: int) -> list[Award]:
        """The awards that a member has."""
        return [Award.of(row) for row in self.awards if row.member == member and row.revoked_seq is None]
