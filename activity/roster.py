"""The roster: members and their facts, as the database keeps them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select

from activity.identity import Identity
from activity.member import Facts
from activity.tables import identity, member, team
from storage.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RosterMember:
    """A member as judging needs them: their key and the facts in force."""

    key: int
    facts: Facts
    rejudged: int  # the latest revision under which their past activities were judged anew


FACTS = ("team", "location", "department", "time_zone", "attributes", "participates")


def facts_of(row: Sequence[Any], teams: dict[int, str]) -> Facts:
    """Facts from the columns of FACTS, in that order."""
    team_id, location, department, time_zone, attributes, participates = row
    return Facts(
        team=teams.get(team_id) if team_id is not None else None,
        team_id=team_id,
        location=location,
        department=department,
        time_zone=time_zone,
        attributes=orjson.loads(attributes) if attributes != "{}" else {},
        participates=bool(participates),
    )


async def team_names(work: UnitOfWork, ids: Iterable[int] | None = None) -> dict[int, str]:
    """Names by id: of these teams, or of all."""
    query = select(team.c.id, team.c.name)
    if ids is not None:
        query = query.where(team.c.id.in_(sorted(set(ids))))
    return {row.id: row.name for row in await work.rows(query)}


async def lock_members(work: UnitOfWork, external_ids: Iterable[str]) -> dict[str, RosterMember]:
    """The members with these external ids, locked in key order until the transaction ends; unknown ones are missing.
    Whoever asks shares the programme, so that nobody is merged meanwhile."""
    keys = await keys_of(work, [Identity("", each) for each in external_ids], ())
    members = await lock_keys(work, keys.values())
    return {name.handle: members[key] for name, key in keys.items()}


async def lock_named(work: UnitOfWork, names: Iterable[Identity]) -> dict[Identity, RosterMember]:
    """The members with these external ids and identities, locked in key order until the transaction ends; of unknown
    names there is none. Whoever asks shares the programme, so that no identity changes hands meanwhile."""
    wanted = set(names)
    handles = {each for each in wanted if each.kind}
    keys = await keys_of(work, wanted - handles, handles)
    members = await lock_keys(work, keys.values())
    return {name: members[key] for name, key in keys.items()}


async def keys_of(
    work: UnitOfWork, external_ids: Iterable[Identity], identities: Iterable[Identity]
) -> dict[Identity, int]:
    """The keys of the members with these names. The external id of who was merged into another names that one."""
    wanted = sorted(set(identities))
    columns = {"kind": [each.kind for each in wanted], "handle": [each.handle for each in wanted]}
    found = {
        Identity(kind, handle): key
        for kind, handle, key in await work.find(identity, columns, ("kind", "handle", "member"))
    }
    plain = {"external_id": sorted({each.handle for each in external_ids})}
    rows = await work.find(member, plain, ("external_id", "key", "merged_into"))
    return found | {Identity("", external_id): key if into is None else into for external_id, key, into in rows}


async def lock_keys(work: UnitOfWork, keys: Iterable[int]) -> dict[int, RosterMember]:
    """The members with these keys, locked in key order until the transaction ends."""
    rows = await work.find(member, {"key": sorted(set(keys))}, ("key", "rejudged", *FACTS), lock=True)
    teams = await team_names(work, {row.team for row in rows if row.team is not None})
    return {row[0]: RosterMember(row[0], facts_of(row[2:], teams), row[1]) for row in rows}
