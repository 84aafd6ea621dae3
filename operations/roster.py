"""The roster, changed: members as they are kept, and what follows from what is learned of them.

Whatever changes members (profiles from a directory, people who left) loads their rows, changes them, and has them kept.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from activity.alias import GOES_BY, likeness
from activity.calendar import microseconds
from activity.member import Facts
from activity.roster import FACTS
from activity.tables import member, member_facts, team
from leaderboard.board import Competitors, Scoring
from leaderboard.cut import restate
from leaderboard.eligibility import exclude
from leaderboard.relist import relist, resum
from leaderboard.share import restate_teams
from operations.closings import counted_in
from operations.counting import counted_by
from operations.eligibility import audiences_in_use
from operations.revision import Revision, Revisions
from rewards.tables import entry
from storage.work import UnitOfWork

MemberRow = dict[str, Any]  # the columns of a member, with the name of their team and the attributes as a mapping

KEY_BITS = 53  # a key stays exact in JavaScript and as a score in Redis


async def load_rows(work: UnitOfWork, external_ids: Iterable[str]) -> dict[str, MemberRow]:
    """The members with these external ids; unknown ones are missing."""
    names = [column.name for column in member.columns]
    rows = await work.find(member, {"external_id": sorted(set(external_ids))}, names)
    teams = {row.id: row.name for row in await work.rows(select(team))}
    known = {}
    for found in rows:
        row: MemberRow = dict(zip(names, found, strict=True))
        row |= {"team_name": teams.get(row["team"]), "participates": bool(row["participates"])}
        row["took_part"] = None if row["took_part"] is None else bool(row["took_part"])
        row["attributes"] = orjson.loads(row["attributes"])
        known[row["external_id"]] = row
    return known


async def external_id_of(work: UnitOfWork, key: int) -> str:
    (row,) = await work.find(member, {"key": [key]}, ("external_id",))
    return str(row.external_id)


def merged_told(external_id: str, into: str) -> str:
    """That a member is another by now, in words."""
    return f"{external_id!r} was merged into {into!r}"


async def keep_rows(
    work: UnitOfWork,
    revisions: Revisions,
    revision: Revision,
    before: Mapping[str, MemberRow],
    known: Mapping[str, MemberRow],
    *,
    now: datetime,
) -> None:
    """Write what is known now of members, where it differs from what it was before, and what follows from it.

    Whoever stops taking part leaves every board in this transaction, which holds the programme.
    """
    changed = [row for external_id, row in known.items() if before.get(external_id) != row]
    for row in changed:
        if row["participates"] and row["first_day"] is None:
            row["first_day"] = revision.calendar.day(now)
    await _name_teams(work, changed)
    seqs = await _write(work, changed, now)
    audiences = await audiences_in_use(work, revisions, revision)
    turned: Mapping[int, Collection[int]] = {}
    if audiences and changed:
        # What is known first holds from the beginning: an activity from before can turn out to be theirs.
        begins = [seq if row["external_id"] in before else 0 for row, seq in zip(changed, seqs, strict=True)]
        learned = [(row["key"], seq, _facts(row)) for row, seq in zip(changed, begins, strict=True)]
        turned = await exclude(work, audiences, learned)
    moved = [row for row in changed if row["external_id"] in before]
    moved = [row for row in moved if before[row["external_id"]]["participates"] != row["participates"]]
    if moved:
        await _relist(work, revision, moved)
    await _restate_means(work, revision, _resized(before, changed), _regrouped(turned, changed), moved)


async def _name_teams(work: UnitOfWork, changed: Sequence[MemberRow]) -> None:
    """Give each row the id of its team, making the teams that are new."""
    names = sorted({row["team_name"] for row in changed if row["team_name"] is not None})
    await work.insert(team, {"name": names}, unless="name")
    ids = {name: identifier for identifier, name in await work.find(team, {"name": names}, ("id", "name"))}
    for row in changed:
        row["team"] = ids.get(row["team_name"])


async def _write(work: UnitOfWork, changed: list[MemberRow], now: datetime) -> list[int]:
    """Write the rows, in the order of their keys from now on; the places of their facts in the sequence."""
    created = [row for row in changed if row["key"] is None]
    for row, key in zip(created, await _free_keys(work, len(created)), strict=True):
        row["key"] = key
    changed.sort(key=lambda row: row["key"])
    stored = [
        row | _hashes(row) | {"attributes": orjson.dumps(row["attributes"], option=orjson.OPT_SORT_KEYS).decode()}
        for row in changed
    ]
    await work.upsert(member, {column.name: [row[column.name] for row in stored] for column in member.columns})
    seqs = await work.take_seq(len(stored)) if stored else []
    facts = {name: [row[name] for row in stored] for name in FACTS}
    keys = {"member": [row["key"] for row in stored], "seq": seqs, "recorded_us": [microseconds(now)] * len(stored)}
    await work.insert(member_facts, keys | facts)
    return seqs


def _hashes(row: MemberRow) -> MemberRow:
    return {hashed: None if row[column] is None else likeness(row[column]) for _, column, hashed in GOES_BY}


def _facts(row: MemberRow) -> Facts:
    known = {name: row[name] for name in FACTS if name != "team"}
    return Facts(team=row["team_name"], team_id=row["team"], **known)


async def _free_keys(work: UnitOfWork, count: int) -> list[int]:
    """So many random keys that nobody has."""
    found: set[int] = set()
    while len(found) < count:
        drawn = {secrets.randbits(KEY_BITS) for _ in range(count - len(found))} - {0}
        found |= drawn - {row.key for row in await work.find(member, {"key": sorted(drawn)}, ("key",))}
    return list(found)


async def _relist(work: UnitOfWork, revision: Revision, moved: list[MemberRow]) -> None:
    """Take members who no longer take part off every board and count, and bring back those who do again."""
    takes_part = {row["key"]: row["participates"] for row in moved}
    keys = list(takes_part)
    teams = await _earned_in(work, keys)
    for board in revision.board_versions:
        if board.board.is_mean:
            continue
        if board.board.of is Competitors.TEAMS:
            counted, closed = await counted_by(work, revision, board), revision.closings.closed(board)
            await resum(work, board, counted, revision.calendar, teams, closed=closed)
        else:
            await relist(work, board, takes_part, closed=revision.closings.closed(board))
    for cut in revision.closings.disputable:
        if cut.version.board.is_mean:
            continue
        of_teams = cut.version.board.of is Competitors.TEAMS
        await restate(work, cut, await counted_in(work, cut), teams if of_teams else keys)


def _resized(before: Mapping[str, MemberRow], changed: Sequence[MemberRow]) -> set[int]:
    """The teams that have other members who take part."""
    resized: set[int] = set()
    for row in changed:
        former = before.get(row["external_id"])
        belonged = former["team"] if former and former["participates"] else None
        belongs = row["team"] if row["participates"] else None
        if belonged != belongs:
            resized |= {each for each in (belonged, belongs) if each is not None}
    return resized


def _regrouped(turned: Mapping[int, Collection[int]], changed: Sequence[MemberRow]) -> dict[int, set[int]]:
    """The teams of members who take part and `turned` eligible or no longer are, by board version."""
    teams = {row["key"]: row["team"] for row in changed if row["participates"] and row["team"] is not None}
    return {board: {teams[key] for key in keys if key in teams} for board, keys in turned.items()}


async def _restate_means(
    work: UnitOfWork,
    revision: Revision,
    resized: set[int],
    regrouped: Mapping[int, set[int]],
    moved: list[MemberRow],
) -> None:
    """Let boards of means follow who belongs to teams, takes part and is eligible. Closed periods keep the teams, and
    who was eligible, of their cutoff."""
    keys = [row["key"] for row in moved]
    boards = [board for board in revision.board_versions if board.board.is_mean]
    cuts = [cut for cut in revision.closings.disputable if cut.version.board.is_mean] if moved else []
    if not boards and not cuts:
        return
    earned_in = await _earned_in(work, keys)
    for board in boards:
        others = regrouped.get(board.id, ()) if board.board.score is Scoring.MEAN else ()
        if teams := resized.union(earned_in, others):
            await restate_teams(work, board, teams, revision.closings.closed(board))
    belonged = select(member_facts.c.team).where(member_facts.c.member.in_(keys), member_facts.c.team.is_not(None))
    former = {row.team for row in await work.rows(belonged.distinct())} if cuts else set()
    for cut in cuts:
        await restate(work, cut, await counted_in(work, cut), former.union(earned_in))


async def _earned_in(work: UnitOfWork, keys: Collection[int]) -> list[int]:
    """The teams in which members have earned points."""
    query = select(entry.c.team).where(entry.c.member.in_(keys), entry.c.team.is_not(None)).distinct()
    return [row.team for row in await work.rows(query)]
