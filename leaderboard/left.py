"""Who left while a period was closed: they stood in it at its cutoff, and did not take part when it was decided.

Its standings keep them, unlisted, as they were at the fence.
"""

from collections.abc import AsyncIterator

from sqlalchemy import literal_column, select

from leaderboard.closing import Cut
from leaderboard.cut import took_part
from leaderboard.tables import standing
from storage.work import UnitOfWork

CHUNK = 200  # that are read in one go

Mark = tuple[int, int, int]  # score, reached, competitor


async def left_since(work: UnitOfWork, cut: Cut) -> AsyncIterator[Mark]:
    """What they would have had on a decided board of members, in the total order; without who was disqualified."""
    # Word for word as the index has it, or SQLite does not take it.
    here = (standing.c.board == cut.version.id) & (standing.c.period == cut.span.first) & literal_column("NOT listed")
    stood = (standing.c.entries > 0) & took_part(standing.c.competitor, cut.cutoff_seq)
    query = select(standing.c.score, standing.c.reached_us, standing.c.competitor).where(here, stood)
    query = query.where(standing.c.competitor.not_in(sorted(cut.disqualified)))
    query = query.order_by(standing.c.score.desc(), standing.c.reached_us, standing.c.competitor).limit(CHUNK)
    read = 0
    while rows := await work.rows(query.offset(read)):
        for row in rows:
            if not cut.version.board.qualifies(row.score):
                return
            yield row.score, row.reached_us, row.competitor
        read += len(rows)
