"""Transfers as they are stored: whose activities were, before they turned out to be another member's."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, literal, select

from activity.tables import activity, transfer, transferred
from operations.case import Case
from operations.events import Transfer
from operations.history import CASE, case_columns, case_of, facts_in_force
from operations.revision import Revision
from rules.tables import verdict
from storage.work import UnitOfWork

Owned = tuple[int, int]  # an activity and a member


class Link(NamedTuple):
    """That an activity went from one member to another. Where it credited both, the other is credited once from then
    on, and their places among those whom it credited are told."""

    at: int  # of the transfer, in the sequence
    from_member: int
    to_member: int
    from_place: int | None
    to_place: int | None

    @property
    def joint(self) -> bool:
        """Whether the activity credited both."""
        return self.from_place is not None


class Recorded(NamedTuple):
    """For whom an activity was recorded."""

    member: int
    place: int  # among those whom it credited
    among: int
    facts: Sequence[Any] | None  # the columns of FACTS then; None: those of the member whose it is now


class Transfers:
    """Transfers, for a proof of what they left. `chains` has what happened to each activity, in order; `cases` the
    activities as the other's, and `facts` those of whom they were, when they were recorded."""

    def __init__(
        self,
        chains: Mapping[int, Sequence[Link]],
        cases: Mapping[Owned, Case],
        facts: Mapping[Owned, Sequence[Any]],
        credited: Mapping[int, Sequence[int]],
    ) -> None:
        self.gone: set[Owned] = set()  # what was a member's, and is another's now
        self.latest: dict[int, int] = {}  # by member, the last place at which their history became another
        self._chains = chains
        self._cases = cases
        self._facts = facts
        for seq, links in chains.items():
            for link in links:
                self.gone.add((seq, link.from_member))
                self.gone.discard((seq, link.to_member))
                others = credited[seq] if link.joint else ()
                for key in (link.from_member, link.to_member, *others):
                    self.latest[key] = max(link.at, self.latest.get(key, 0))

    @classmethod
    async def load(cls, work: UnitOfWork, state: Revision, teams: dict[int, str]) -> "Transfers":
        """All there have been."""
        chains: dict[int, list[Link]] = {}
        cases: dict[Owned, Case] = {}
        for row in await work.rows(_of(transfer.c.to_member)):
            link = Link(row.at, row.from_member, row.to_member, row.from_place, row.to_place)
            chains.setdefault(row.seq, []).append(link)
            facts = row[len(CASE) + len(Link._fields) :]
            cases[row.seq, row.to_member] = case_of(row, facts, state.type_keys, teams, state.calendar.day)
        rows = await work.rows(_of(transfer.c.from_member)) if chains else ()
        then = {(row.seq, row.from_member): row[len(CASE) + len(Link._fields) :] for row in rows}
        credited: dict[int, list[int]] = {seq: [] for seq in chains}
        joint = select(transferred.c.activity).where(transferred.c.from_place.is_not(None))
        query = select(verdict.c.activity, verdict.c.member).where(verdict.c.activity.in_(joint))
        for seq, key in await work.rows(query.distinct()) if chains else ():
            credited[seq].append(key)
        return cls(chains, cases, then, credited)

    def after(self, seq: int) -> "Transfers":
        """Those after a place in the sequence: what happened before is as if it had been known from the beginning."""
        chains = {each: [link for link in links if link.at > seq] for each, links in self._chains.items()}
        found = {each: links for each, links in chains.items() if links}
        return Transfers(found, self._cases, self._facts, dict.fromkeys(found, ()))

    def events(self) -> Iterator[Transfer]:
        """They as events of a replay."""
        happened: dict[int, Transfer] = {}
        for seq, links in sorted(self._chains.items()):
            for link in links:
                each = happened.setdefault(link.at, Transfer(link.at, link.from_member, [], []))
                if link.joint:
                    each.dropped.append(seq)
                else:
                    each.moved.append(self._cases[seq, link.to_member])
        return iter(happened.values())

    def is_joint(self, seq: int) -> bool:
        """Whether an activity credited both members of one of them."""
        return any(link.joint for link in self._chains.get(seq, ()))

    def recorded_for(self, seq: int, member: int, place: int, among: int) -> Recorded | None:
        """For whom an activity was recorded that credits a member at a place now; None if nothing happened to it."""
        links = self._chains.get(seq)
        return self._back(links, seq, member, place, among) if links else None

    def dropped(self, seq: int, among: int) -> Iterator[Recorded]:
        """For whom else an activity was recorded that credits so many now."""
        links = self._chains.get(seq, ())
        for index, link in enumerate(links):
            if link.from_place is not None:
                then = among + sum(each.joint for each in links[index:])
                yield self._back(links[:index], seq, link.from_member, link.from_place, then)

    def belongs_to(self, seq: int, member: int) -> int | None:
        """Whose an activity is now that was recorded for a member; None if another was credited already."""
        for link in self._chains.get(seq, ()):
            if link.from_member == member:
                if link.joint:
                    return None
                member = link.to_member
        return member

    def _back(self, links: Sequence[Link], seq: int, member: int, place: int, among: int) -> Recorded:
        for link in reversed(links):
            if link.from_place is None or link.to_place is None:
                member = link.from_member if member == link.to_member else member
                continue
            among += 1
            if member == link.to_member:
                place = link.to_place
            elif place >= max(link.from_place, link.to_place):
                place += 1
        return Recorded(member, place, among, self._facts.get((seq, member)))


def _of(owner: ColumnElement[int]) -> Any:
    """What was transferred, as cases of one of the two members, with the facts of them then."""
    query = (
        select(*case_columns(owner, literal(0)), transfer.c.seq.label("at"), transfer.c.from_member)
        .add_columns(transfer.c.to_member, transferred.c.from_place, transferred.c.to_place)
        .select_from(transferred)
        .join(transfer, transfer.c.seq == transferred.c.seq)
        .join(activity, activity.c.seq == transferred.c.activity)
        .order_by(transfer.c.seq, activity.c.seq)
    )
    return facts_in_force(query, owner, activity.c.seq)
