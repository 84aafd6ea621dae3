"""Which awards of the badges that it requires an award rests on."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from api.context import Context
from rewards.award import Award
from rewards.tables import award
from rules.tables import element, version
from storage.bulk import AnyRow

Place = tuple[int, int]  # seq and ordinal of an award


class RequiredKey(NamedTuple):
    """An award whose badge may require others."""

    member: int
    version: int
    time_us: int
    seq: int


async def load_required(context: Context, keys: list[RequiredKey]) -> list[list[Place]]:
    """The awards of what each requires, in the order in which its badge names them.

    One of each that was held at its time: that stands still, and was made before it, if any such is there; of several
    the highest level, and the latest of it.
    """
    calendar = (await context.revision()).calendar
    async with context.reading() as work:
        stored = await context.service.rulebook.badges(work, (key.version for key in keys), calendar)
        names = sorted({name for key in keys for name in stored[key.version].badge.requires})
        if not names:
            return [[] for _ in keys]
        columns = version.c.key, version.c.revision, version.c.element
        called = select(*columns).join(element).where(element.c.kind == "badge", version.c.key.in_(names))
        badges = await work.rows(called.order_by(version.c.revision))
        members, elements = {key.member for key in keys}, {row.element for row in badges}
        rows = await work.rows(select(award).where(award.c.member.in_(members), award.c.element.in_(elements)))
    awards: dict[tuple[int, int], list[AnyRow]] = {}
    for row in rows:
        awards.setdefault((row.member, row.element), []).append(row)
    found = []
    for key in keys:
        badge, revision = stored[key.version].badge, stored[key.version].revision
        then: Mapping[str, int] = {row.key: row.element for row in badges if row.revision <= revision}
        chosen = (_chosen(key, awards.get((key.member, then[name]), ())) for name in badge.requires)
        found.append([(row.seq, row.ordinal) for row in chosen if row is not None])
    return found


def _chosen(key: RequiredKey, rows: Sequence[AnyRow]) -> AnyRow | None:
    def preference(row: AnyRow) -> tuple[bool, bool, int, int, int]:
        return row.revoked_seq is None, row.seq <= key.seq, row.level, row.seq, row.ordinal

    held = [row for row in rows if Award.of(row).holds(key.time_us)]
    return max(held, key=preference, default=None)
