"""Kept aside: activities that are sound, but name somebody who is not known yet. Only in opt-out programmes.

They have no place in the sequence, and nobody has judged them: operations/resume.py does so when the person is known.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import bindparam, delete, select, update

from activity.calendar import microseconds
from activity.identity import Identity
from activity.intake import Admitted, Report
from activity.tables import kept
from storage.bulk import Columns
from storage.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Unknown:
    """An activity that names somebody who is not known, and its hashes."""

    index: int  # in its batch
    report: Admitted
    type: int  # element id
    identity: bytes
    content: bytes
    members: tuple[int | None, ...]  # keys of all that it names; None for who is not known
    place: int  # of the first name that nobody has
    name: Identity  # that name, as it is compared


async def keep(work: UnitOfWork, unknown: Collection[Unknown], now: datetime) -> dict[bytes, bytes]:
    """Keep these, each once. Returns the content that is kept, which may be another's, by identity."""
    first = {each.identity: each for each in reversed(list(unknown))}
    # In order of identity: see operations/record.py.
    rows = [first[identity] for identity in sorted(first)]
    columns: Columns = {
        "identity": [each.identity for each in rows],
        "content": [each.content for each in rows],
        "source": [each.report.source for each in rows],
        "type": [each.type for each in rows],
        "report": [_to_json(each.report) for each in rows],
        "kind": [each.name.kind for each in rows],
        "handle": [each.name.handle for each in rows],
        "name": [each.report.members[each.place] for each in rows],
        "received_us": [microseconds(now)] * len(rows),
        "place": [each.index for each in rows],
        "due": [False] * len(rows),
    }
    await work.insert(kept, columns, unless="identity")
    return await kept_contents(work, first)


async def kept_contents(work: UnitOfWork, identities: Iterable[bytes]) -> dict[bytes, bytes]:
    """The contents of those of these that are kept, by identity."""
    if not await work.rows(select(kept.c.id).limit(1)):
        return {}
    found = await work.find(kept, {"identity": sorted(identities)}, ("identity", "content"))
    return {bytes(identity): bytes(content) for identity, content in found}


async def forget(work: UnitOfWork, identities: Iterable[bytes]) -> None:
    """Keep these no longer: they are recorded."""
    wanted = sorted(identities)
    found = await work.find(kept, {"identity": wanted}, ("id",), lock=True) if wanted else ()
    if found:
        await work.execute(delete(kept).where(kept.c.id.in_([row[0] for row in found])))


async def wake(work: UnitOfWork, names: Sequence[Identity]) -> None:
    """Have looked at again what waits for these names: they are a member's now."""
    if not names or not await work.rows(select(kept.c.id).limit(1)):
        return
    named = update(kept).where(kept.c.kind == bindparam("of"), kept.c.handle == bindparam("called")).values(due=True)
    await work.execute(named, [{"of": kind, "called": handle} for kind, handle in names])


async def wake_all(work: UnitOfWork) -> None:
    """Have everything looked at again: the programme reads names otherwise, or takes what it refused."""
    await work.execute(update(kept).values(due=True))


async def forget_all(work: UnitOfWork) -> None:
    """Keep nothing: taking part is for each to say now."""
    await work.execute(delete(kept))


def report_of(text: str) -> Report:
    """What was reported, from what is kept of it."""
    return Report(**orjson.loads(text))


def _to_json(report: Admitted) -> str:
    first, *others = report.members
    told = {
        "source": report.source,
        "id": report.id,
        "type": report.type.key,
        "member": first,
        "time": report.time.isoformat(),
        "data": orjson.Fragment(report.sent),
        "contributors": others or None,
    }
    return orjson.dumps(told).decode()
