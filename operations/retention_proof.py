"""The proof of what was stripped: everything up to the place that the programme names, and nothing behind it."""

from collections.abc import Callable

from sqlalchemy import select

from activity.intake import CLAIMS
from activity.tables import activity
from rules.tables import programme
from storage.work import UnitOfWork


class RetentionProof:
    """Names each difference to `differ`. That enough is left is proved by judging it again."""

    def __init__(self, work: UnitOfWork, differ: Callable[[str], None]) -> None:
        self._work = work
        self._differ = differ

    async def prove(self) -> None:
        """Compare the activities with the place up to which they are stripped."""
        marker = (await self._work.execute(select(programme.c.stripped))).scalar_one()
        query = select(activity.c.seq).order_by(activity.c.seq)
        named = activity.c.id.is_not(None) & (activity.c.source.is_(None) | (activity.c.source != CLAIMS))
        for row in await self._work.rows(query.where(activity.c.seq <= marker, named)):
            self._differ(f"retention: everything up to {marker} is stripped, but the activity at {row.seq} has its id")
        nameless = activity.c.id.is_(None) | activity.c.source.is_(None)
        for row in await self._work.rows(query.where(activity.c.seq > marker, nameless)):
            self._differ(
                f"retention: only up to {marker} was stripped, but the activity at {row.seq} has lost its name"
            )
