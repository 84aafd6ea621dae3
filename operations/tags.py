"""The tags of rule and badge versions: by them boards select what they count."""

from collections.abc import Iterable

import orjson
from sqlalchemy import select

from rules.tables import element, version
from storage.work import UnitOfWork


async def tags_of_versions(work: UnitOfWork, versions: Iterable[int] | None = None) -> dict[int, list[str]]:
    """The tags of these versions of rules and badges, or of all that there have been."""
    query = select(version.c.id, version.c.definition).join(element).where(element.c.kind.in_(("rule", "badge")))
    if versions is not None:
        query = query.where(version.c.id.in_(sorted(versions)))
    return {row.id: orjson.loads(row.definition).get("tags", []) for row in await work.rows(query)}
