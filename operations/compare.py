"""Compare: prove that the mirror has what the standings are, while both go on changing."""

import asyncio
from collections.abc import Callable
from datetime import date
from struct import Struct

from sqlalchemy import select

from activity.calendar import instant
from leaderboard.changes import LOWEST, chunk_of
from leaderboard.dirty import SetKey, attached, read_marks
from leaderboard.mirror import Mirror, competitor_name, mark_of
from leaderboard.ranking import Mark
from leaderboard.ranking_sql import PARTICIPANTS
from leaderboard.tables import board_period
from rules.tables import version
from storage.engine import Store
from storage.redis import RankedSet, Redis, RedisUnavailable

CHUNK = 1_000
SCORE = Struct(">d")
MARKS_MAX = 100_000
LOOKS = 5
PAUSE_SECONDS = 0.5  # between looks: what was committed before one has arrived by the next but one

Differences = dict[int | None, str]  # by competitor; None for how many there are


async def compare(store: Store, redis: Redis, report: Callable[[str], None]) -> int:
    """Compare every set that the mirror holds; name each difference to `report`. Returns how many there are."""
    try:
        return await _compare(store, redis, report)
    except RedisUnavailable as error:
        report(f"mirror: Redis does not answer, so not all of it was compared: {error}; see LAURELS_REDIS_URL")
        return 1


async def _compare(store: Store, redis: Redis, report: Callable[[str], None]) -> int:
    run = await redis.meet()
    query = select(board_period.c.board, board_period.c.period, version.c.key).join(version)
    async with store.reading() as work:
        attachment = await attached(work)
        rows = await work.rows(query.order_by(board_period.c.board, board_period.c.period))
    if attachment is None or attachment.run != run:
        return 0  # nothing is mirrored there
    mirror = Mirror(redis)
    mirror.epoch = attachment.epoch
    count = 0
    for board, period, name in rows:
        found = await _lasting(store, mirror.ranked((board, period)), (board, period))
        for message in found.values():
            first = f" from {date.fromordinal(period)}" if period else ""
            report(f"mirror: board {name}{first}: {message}")
        count += len(found)
    return count


async def _lasting(store: Store, ranked: RankedSet, key: SetKey) -> Differences:
    """What differs at every look: a difference that goes was a change on its way."""
    found = await _differences(store, ranked, key)
    for _ in range(LOOKS - 1):
        if not found:
            break
        await asyncio.sleep(PAUSE_SECONDS)
        again = await _differences(store, ranked, key)
        found = {competitor: message for competitor, message in again.items() if found.get(competitor) == message}
    return found


async def _differences(store: Store, ranked: RankedSet, key: SetKey) -> Differences:
    """What the set has otherwise than the standings, both as they are now; nothing where there is no set to read.

    Who is marked has yet to be sent, and is left out.
    """
    async with store.reading() as work:
        marks = await read_marks(work, MARKS_MAX)
    if key in marks.rebuilt:
        return {}
    marked = marks.competitors.get(key, set())
    found: Differences = {}
    last: int | None = LOWEST
    while last is not None:
        async with store.reading() as work:
            chunk = await chunk_of(work, key, last, CHUNK)
            listed = (await work.execute(PARTICIPANTS, {"board": key[0], "period": key[1]})).scalar_one_or_none()
        if chunk is None or chunk.change is None:
            return {}
        last = chunk.last
        standings = [mark_of(each[:16], *SCORE.unpack(each[16:])) for each in chunk.change.placed]
        held = await ranked.held([competitor_name(mark.competitor) for mark in standings])
        size = await ranked.size()
        if held is None or size is None:
            return {}
        for mark, place in zip(standings, held, strict=True):
            there = mark_of(*place) if place else None
            if there != mark and mark.competitor not in marked:
                found[mark.competitor] = (
                    f"competitor {mark.competitor} stands at {_told(mark)}; Redis has {_told(there)}"
                )
        if size != listed and not marked:
            found[None] = f"{listed} take part; Redis has {size}"
    return found


def _told(mark: Mark | None) -> str:
    return "nothing" if mark is None else f"score {mark.score}, reached {instant(mark.reached_us).isoformat()}"
