"""Eligibility: on boards with `members` or `newcomers`, whose points count.

A member is eligible by what was known of them when something was recorded (of what an activity brought later, when the
activity was), so it never changes afterwards. Stretches of the sequence in which they are not are kept as exclusions,
written when facts or boards change. Newcomers are told by the first day on which they took part, which never changes
either.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, func, or_, select, tuple_

from activity.catalogue import FieldType
from activity.member import Facts
from activity.roster import FACTS, facts_of
from activity.tables import member, member_facts
from leaderboard.standing import BoardVersion, Counted
from leaderboard.tables import exclusion
from rewards.tables import entry
from rules.audience import Audience
from storage.work import UnitOfWork

CHUNK = 10_000  # facts that are read at a time


class Stretch(NamedTuple):
    """Places in the sequence: from the first to before the other, or to the end of it."""

    first_seq: int
    after_seq: int | None

    def holds(self, place: int) -> bool:
        return self.first_seq <= place and (self.after_seq is None or place < self.after_seq)


class Eligibility:
    """When some members are eligible on some boards. `first_days` are the days on which they first took part."""

    def __init__(
        self,
        boards: Iterable[BoardVersion],
        excluded: Mapping[tuple[int, int], Sequence[Stretch]],
        first_days: Mapping[int, int | None],
    ) -> None:
        self._newcomer_days = {each.id: each.board.newcomer_days for each in boards}
        self._excluded = excluded
        self._first_days = first_days

    def among(
        self, targets: Iterable[Sequence[tuple[int, int]]], key: int, day: int, place: int
    ) -> list[list[tuple[int, int]]]:
        """Those of some boards, with their periods, that count what was recorded of a member at a place in the sequence
        for a day."""
        return [[each for each in some if self._counts(each[0], key, day, place)] for some in targets]

    def _counts(self, board: int, key: int, day: int, place: int) -> bool:
        if board not in self._newcomer_days:
            return True
        days, first = self._newcomer_days[board], self._first_days.get(key)
        if days is not None and first is not None and day >= first + days:
            return False
        return not any(stretch.holds(place) for stretch in self._excluded.get((board, key), ()))


async def load_eligibility(work: UnitOfWork, boards: Sequence[BoardVersion], members: Collection[int]) -> Eligibility:
    """The eligibility of members on boards that are selective."""
    keys = sorted(members)
    asking = [each.id for each in boards if each.board.members is not None]
    pairs = [(board, key) for board in asking for key in keys]
    excluded: defaultdict[tuple[int, int], list[Stretch]] = defaultdict(list)
    wanted = {"board": [pair[0] for pair in pairs], "member": [pair[1] for pair in pairs]}
    for row in await work.find(exclusion, wanted, ("board", "member", *Stretch._fields)):
        excluded[row[0], row[1]].append(Stretch(row[2], row[3]))
    first_days: dict[int, int | None] = {}
    if any(each.board.newcomer_days is not None for each in boards):
        first_days = {row[0]: row[1] for row in await work.find(member, {"key": keys}, ("key", "first_day"))}
    return Eligibility(boards, excluded, first_days)


def eligible(counted: Counted) -> list[ColumnElement[bool]]:
    """When an entry, joined with its member, is of one who was eligible."""
    conditions: list[ColumnElement[bool]] = []
    if counted.members_of is not None:
        place = func.coalesce(entry.c.activity, entry.c.seq)
        conditions.append(eligible_by(counted.members_of, entry.c.member, place))
    if counted.newcomer_days is not None:
        begun = member.c.first_day + counted.newcomer_days
        conditions.append(or_(member.c.first_day.is_(None), entry.c.day < begun))
    return conditions


def eligible_now(board: int, key: ColumnElement[int]) -> ColumnElement[bool]:
    """When a member is among those whom a board version's `members` ask for, by what is known of them."""
    theirs = (exclusion.c.board == board) & (exclusion.c.member == key)
    return ~exists().where(theirs, exclusion.c.after_seq.is_(None))


def eligible_by(board: int, key: ColumnElement[int], seq: ColumnElement[int]) -> ColumnElement[bool]:
    """The same by what was known of them at a place in the sequence."""
    theirs = (exclusion.c.board == board) & (exclusion.c.member == key)
    not_yet_over = or_(exclusion.c.after_seq.is_(None), exclusion.c.after_seq > seq)
    return ~exists().where(theirs, exclusion.c.first_seq <= seq, not_yet_over)


def audiences_of(boards: Iterable[BoardVersion], attributes: Mapping[str, FieldType]) -> dict[int, Audience]:
    """The `members` of the boards that say it, by board version."""
    return {each.id: Audience(each.board.members, attributes) for each in boards if each.board.members is not None}


async def exclude(
    work: UnitOfWork, audiences: Mapping[int, Audience], changed: Iterable[tuple[int, int, Facts]]
) -> dict[int, set[int]]:
    """Begin and end exclusions. `changed` has, once for each member, a place in the sequence and what is known of them
    from there on. Returns for whom one began or ended, by board version."""
    known = sorted(changed, key=lambda each: each[:2])
    keys = [(board, key) for board in sorted(audiences) for key, _, _ in known]
    wanted = {"board": [each[0] for each in keys], "member": [each[1] for each in keys]}
    rows = await work.find(exclusion, wanted, ("board", "member", *Stretch._fields))
    begun = {(row[0], row[1]): row[2] for row in rows if row[3] is None}
    written: list[tuple[int, int, int, int | None]] = []
    for board, audience in sorted(audiences.items()):
        for key, seq, facts in known:
            first = begun.get((board, key))
            if audience.holds(facts) is (first is None):
                continue
            written.append((board, key, seq, None) if first is None else (board, key, first, seq))
    await work.upsert(exclusion, _columns(written))
    found: defaultdict[int, set[int]] = defaultdict(set)
    for board, key, _, _ in written:
        found[board].add(key)
    return found


async def rebuild_exclusions(work: UnitOfWork, board: int, audience: Audience, teams: dict[int, str]) -> None:
    """Write the exclusions of a new board version, by all that was known of members so far."""
    async for found in exclusions(work, lambda _, facts: audience.holds(facts), teams):
        await work.insert(exclusion, _columns([(board, key, *stretch) for key, stretch in found]))


async def exclusions(
    work: UnitOfWork, holds: Callable[[int, Facts], bool], teams: dict[int, str], until: int | None = None
) -> AsyncIterator[list[tuple[int, Stretch]]]:
    """The stretches in which members are not as `holds` asks, given a place in the sequence and the facts from there
    on, in the order of members; without what was learned after a place, if there is one. So many are in memory."""
    columns = [member_facts.c[name] for name in ("member", "seq", *FACTS)]
    query = select(*columns).order_by(member_facts.c.member, member_facts.c.seq).limit(CHUNK)
    if until is not None:
        query = query.where(member_facts.c.seq <= until)
    last = (-1, -1)
    of, first = -1, -1  # whose facts are read, and where they were excluded; -1: they are not
    while rows := await work.rows(query.where(tuple_(member_facts.c.member, member_facts.c.seq) > last)):
        found: list[tuple[int, Stretch]] = []
        for row in rows:
            key, seq = row[0], row[1]
            begins = seq
            if key != of:
                if first >= 0:
                    found.append((of, Stretch(first, None)))
                # What was known first holds before, too: an activity from then can turn out to be theirs.
                of, first, begins = key, -1, 0
            inside = holds(seq, facts_of(row[2:], teams))
            if inside and first >= 0:
                found.append((key, Stretch(first, seq)))
                first = -1
            elif not inside and first < 0:
                first = begins
        last = rows[-1][0], rows[-1][1]
        yield found
    if first >= 0:
        yield [(of, Stretch(first, None))]


def _columns(rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    names = [column.name for column in exclusion.columns]
    return {name: [row[index] for row in rows] for index, name in enumerate(names)}
