"""Compare: prove that the mirror has what the standings are, while both go on changing."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from struct import Struct

import orjson
from sqlalchemy import select

from leaderboard.board import Board
from leaderboard.changes import LOWEST, chunk_of
from leaderboard.definition import board_from_plain
from leaderboard.dirty import SetKey, attached, read_marks
from leaderboard.mean import shown
from leaderboard.mirror import NAME, Mirror, competitor_name, mark_of
from leaderboard.ranking import Mark
from leaderboard.ranking_sql import PARTICIPANTS
from leaderboard.tables import board_period
from operations.names import Names, day_told, load_names, time_told
from operations.revision import UNREADABLE, load_revision
from rules.tables import programme, version
from storage.bulk import AnyRow
from storage.engine import Store
from storage.redis import RankedSet, Redis, RedisUnavailable

CHUNK = 1_000
SCORE = Struct(">d")
MARKS_MAX = 100_000
LOOKS = 5
PAUSE_SECONDS = 0.5  # between looks: what was committed before one has arrived by the next but one

# What the set has, and what the standings are: of a competitor, or under None how many there are.
Found = Mark | str | int | None
Differences = dict[int | None, tuple[Found, Found]]

REMEDY = """mirror: what Redis has is a copy; run "python app.py rebuild-mirror", and whoever serves makes it anew"""


async def compare(store: Store, redis: Redis, report: Callable[[str], None]) -> int:
    """Compare every set that the mirror holds; name each difference to `report`, and what to do about them. Returns how
    many there are."""
    try:
        return await _compare(store, redis, report)
    except RedisUnavailable as error:
        report(f"mirror: Redis does not answer, so not all of it was compared: {error}; see LAURELS_REDIS_URL")
        return 1


async def _compare(store: Store, redis: Redis, report: Callable[[str], None]) -> int:
    run = await redis.meet()
    query = select(board_period.c.board, board_period.c.period, version.c.key, version.c.definition).join(version)
    async with store.reading() as work:
        attachment = await attached(work)
        rows = await work.rows(query.order_by(board_period.c.board, board_period.c.period))
    if attachment is None or attachment.run != run:
        return 0  # nothing is mirrored there
    mirror = Mirror(redis)
    mirror.epoch = attachment.epoch
    differing: list[tuple[AnyRow, Differences]] = []
    for row in rows:
        key = row.board, row.period
        if found := await _lasting(store, mirror.ranked(key), key):
            differing.append((row, found))
    if not differing:
        return 0
    for message in await _told(store, differing):
        report(f"mirror: {message}")
    report(REMEDY)
    return sum(len(found) for _, found in differing)


async def _told(store: Store, differing: Sequence[tuple[AnyRow, Differences]]) -> list[str]:
    async with store.reading() as work:
        names = await load_names(work)
        try:
            number = (await work.execute(select(programme.c.revision))).scalar_one()
            calendar = (await load_revision(work, number)).calendar
            boards = [board_from_plain(row.key, orjson.loads(row.definition)) for row, _ in differing]
        except UNREADABLE:  # which verify says
            return [
                f"board {row.key}, from {day_told(row.period)}: {len(found)} of its places differ"
                for row, found in differing
            ]
    messages: list[str] = []
    for board, (row, found) in zip(boards, differing, strict=True):
        messages += sorted(_messages(board, board.period_from(calendar, row.period).key, names, found))
    return messages


def _messages(board: Board, period: str, names: Names, found: Differences) -> Iterator[str]:
    for competitor, values in found.items():
        there, here = (_value(board, value) for value in values)
        who = "those listed" if competitor is None else names.competitor(board.of, competitor)
        yield f"board {board.key}, {period}, {who}: Redis has {there}; the database has {here}"


def _value(board: Board, value: Found) -> str:
    if isinstance(value, Mark):
        return f"score {shown(board.score, value.score)}, reached {time_told(value.reached_us)}"
    return "nothing" if value is None else str(value)


async def _lasting(store: Store, ranked: RankedSet, key: SetKey) -> Differences:
    """What differs at every look: a difference that goes was a change on its way."""
    found = await _differences(store, ranked, key)
    for _ in range(LOOKS - 1):
        if not found:
            break
        await asyncio.sleep(PAUSE_SECONDS)
        again = await _differences(store, ranked, key)
        found = {competitor: values for competitor, values in again.items() if found.get(competitor) == values}
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
            there = _held(*place) if place else None
            if there != mark and mark.competitor not in marked:
                found[mark.competitor] = there, mark
        if size != listed and not marked:
            found[None] = size, listed
    return found


def _held(name: bytes, score: float) -> Mark | str:
    """What a set says of a competitor; in words, where it is nothing that Laurels writes."""
    if len(name) != NAME.size or not score.is_integer():
        return f"score {-score}, which is none of Laurels"
    return mark_of(name, score)
