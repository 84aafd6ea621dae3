"""Transfers as they are stored: whose activities were, before they turned out to be another member's."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, literal, select

from activity.tables import activity, transfer, transferred
from operations.case import Case
from operations.events import Transfer
from operations.history import CASE, case_columns, case_of, facts_in_force
from operations.revision import Revision
from rules.tables import verdict
from storage.bulk import AnyRow
from storage.work import UnitOfWork


class Transfers:
    """All transfers there have been, for a proof of what they left."""

    def __init__(self) -> None:
        self.events: list[Transfer] = []
        self.latest: dict[int, int] = {}  # by member, the last place at which their history became another
        self.gone: set[tuple[int, int]] = set()  # member and activity: what was a member's, and is another's now
        self._chains: dict[int, list[tuple[int, int]]] = {}  # by activity, from whom to whom, in order
        self._facts: dict[tuple[int, int], Sequence[Any]] = {}  # of members when an activity was recorded

    @classmethod
    async def load(cls, work: UnitOfWork, state: Revision, teams: dict[int, str]) -> "Transfers":
        self = cls()
        rows = await work.rows(_of(transfer.c.to_member))
        for row in rows:
            self._chains.setdefault(row.seq, []).append((row.from_member, row.to_member))
            self.gone.add((row.from_member, row.seq))
            self.gone.discard((row.to_member, row.seq))
            for key in (row.from_member, row.to_member):
                self.latest[key] = max(row.at, self.latest.get(key, 0))
        for row in await work.rows(_of(transfer.c.from_member)) if rows else ():
            self._facts[row.seq, row.from_member] = row[len(CASE) + 3 :]
        places = await self._places(work)
        for at, group in groupby(rows, key=lambda row: row.at):
            those = list(group)
            moved = [self._case(row, state, teams, places) for row in those]
            self.events.append(Transfer(at, those[0].from_member, moved))
        return self

    def recorded_for(self, seq: int, member: int) -> tuple[int, Sequence[Any]] | None:
        """For whom an activity of a member was recorded, with the columns of FACTS then; None if it was for them."""
        owner = member
        for before, after in reversed(self._chains.get(seq, ())):
            if after == owner:
                owner = before
        return None if owner == member else (owner, self._facts[seq, owner])

    def belongs_to(self, seq: int, member: int) -> int:
        """Whose an activity is now that was recorded for a member."""
        for before, after in self._chains.get(seq, ()):
            if before == member:
                member = after
        return member

    async def _places(self, work: UnitOfWork) -> Mapping[tuple[int, int], int]:
        """The places of members among those that the activities credit."""
        moved = select(transferred.c.activity)
        query = select(verdict.c.activity, verdict.c.member, verdict.c.place).where(verdict.c.activity.in_(moved))
        return {(row.activity, row.member): row.place for row in await work.rows(query)} if self._chains else {}

    def _case(self, row: AnyRow, state: Revision, teams: dict[int, str], places: Mapping[tuple[int, int], int]) -> Case:
        case = case_of(row, row[len(CASE) + 3 :], state.type_keys, teams, state.calendar.day)
        case.place = places.get((row.seq, self.belongs_to(row.seq, row.to_member)), 0)
        return case


def _of(owner: ColumnElement[int]) -> Any:
    """What was transferred, as cases of one of the two members, with the facts of them then."""
    query = (
        select(*case_columns(owner, literal(0)), transfer.c.seq.label("at"), transfer.c.from_member)
        .add_columns(transfer.c.to_member)
        .select_from(transferred)
        .join(transfer, transfer.c.seq == transferred.c.seq)
        .join(activity, activity.c.seq == transferred.c.activity)
        .order_by(transfer.c.seq, activity.c.seq)
    )
    return facts_in_force(query, owner, activity.c.seq)
