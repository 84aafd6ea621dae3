"""The drain and the mirror: what changes in the standings reaches Redis, whatever happens on the way."""

import pytest
from sqlalchemy import select, update

from leaderboard.changes import changes_of
from leaderboard.dirty import attached
from leaderboard.mirror import placed
from leaderboard.ranking import Mark
from leaderboard.ranking_redis import RedisRanking
from leaderboard.ranking_sql import SqlRanking
from leaderboard.tables import dirty, mirror
from operations.drain import Drain
from operations.jobs import Jobs
from storage.engine import Store
from storage.redis import KEPT_SECONDS, SCORE_MAX, Change, Redis
from tests.leaderboard.boards import BOARD, PERIOD, leave, stand
from tests.leaderboard.nobody import Nobody
from tests.operations.mirroring import TIES, agree, asked, draining, mirrored, told
from tests.redis_server import RedisServer

SET = BOARD, PERIOD


async def test_what_arrives_late_changes_nothing(board: Store, drain: Drain) -> None:
    """Two drains read one after the other and send in the other order: the later reading stands."""
    ranked = drain.mirror.ranked(SET)
    (token,) = await drain.mirror.redis.admit([ranked])
    assert token is not None
    async with board.reading() as work:
        early = (await changes_of(work, {SET: {1, 2, 3}}))[SET]
    assert early is not None
    await stand(board, [Mark(60, 0, 2), Mark(45, 0, 3)])
    await leave(board, [1])
    await agree(board, drain)
    assert [True] == await drain.mirror.redis.apply([(ranked, token, early)])
    await agree(board, drain)
    assert [2, 3] == [place.competitor for place in await told(board, SET)]


async def test_what_was_meant_for_a_former_building_of_a_set_changes_nothing(board: Store, drain: Drain) -> None:
    """A set that was lost and built again knows nothing of whom it never saw; an old message must not bring them in."""
    ranked = drain.mirror.ranked(SET)
    (token,) = await drain.mirror.redis.admit([ranked])
    assert token is not None
    async with board.reading() as work:
        early = (await changes_of(work, {SET: {1, 2}}))[SET]
    assert early is not None
    await drain.mirror.redis.discard([ranked])
    await leave(board, [1])
    await drain.round()
    assert await drain.build(SET)
    assert [False] == await drain.mirror.redis.apply([(ranked, token, early)])
    await agree(board, drain)


async def test_a_set_that_is_built_while_its_board_changes_is_whole(
    board: Store, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two chunks competitors come, move and leave, and the drain tells of it: the set has it all."""
    monkeypatch.setattr("operations.drain.CHUNK", 7)
    await stand(board, [Mark(number % 9, number % 3, number) for number in range(1, 60)])
    await drain.mirror.redis.discard([drain.mirror.ranked(SET)])
    apply, steps = Redis.apply, iter(range(1_000))

    async def apply_and_change(*arguments: object, **options: int) -> object:
        answer = await apply(*arguments, **options)  # type: ignore[arg-type]
        if options:
            step = next(steps)
            await stand(board, [Mark(step, step, 5 * step + 1), Mark(3, 3, 100 + step)])
            await leave(board, [60 - 6 * step])
            await drain.round()
        return answer

    monkeypatch.setattr(Redis, "apply", apply_and_change)
    assert await drain.build(SET)
    assert next(steps) > 8
    monkeypatch.setattr(Redis, "apply", apply)
    await agree(board, drain)


async def test_a_set_that_lost_a_part_is_not_asked(board: Store, drain: Drain) -> None:
    """Redis may evict one key of a set and keep the other: neither is an answer, and both are built anew."""
    redis = drain.mirror.redis
    for lost in drain.mirror.ranked(SET).keys[:2]:
        await redis._writers.unlink(lost)
        places = RedisRanking(drain.mirror, SqlRanking(board.reading, *SET, TIES), *SET, TIES)
        for place in await told(board, SET):
            assert place == await places.place(place.competitor)
        await stand(board, [Mark(70, 0, 2)])
        await drain.round()
        assert await mirrored(drain.mirror, SET) is None
        assert (await asked(board, drain.mirror, SET))[0].score == 70
        assert SET in drain.mirror.missed
        assert await drain.build(SET)
        await agree(board, drain)
        await stand(board, [Mark(40, 0, 2)])
        await agree(board, drain)


async def test_only_one_builds_a_set(board: Store, drain: Drain, redis_url: str) -> None:
    """Who comes second leaves it to the first; when that one is gone its lease ends."""
    ranked = drain.mirror.ranked(SET)
    assert not await ranked.begin("nobody"), "it is there"
    await drain.mirror.redis.discard([ranked])
    assert await ranked.begin("first")
    assert not await drain.build(SET)
    assert await mirrored(drain.mirror, SET) is None
    await drain.mirror.redis._writers.unlink(ranked.keys[2])
    assert await drain.build(SET)
    assert not await ranked.announce("first")
    await agree(board, drain)


async def test_a_set_that_loses_a_part_while_it_is_built_is_never_read(board: Store, drain: Drain) -> None:
    """What was placed before the loss is missing in it: it is not announced, and built anew."""
    ranked = drain.mirror.ranked(SET)
    for lost in ranked.keys[:2]:
        await drain.mirror.redis.discard([ranked])
        assert await ranked.begin("token")
        await drain.mirror.redis.apply([(ranked, b"token", Change(1, [placed(50, 0, 1)], []))])
        await drain.mirror.redis._writers.unlink(lost)
        await drain.mirror.redis.apply([(ranked, b"token", Change(1, [placed(40, 0, 2)], []))])
        assert not await ranked.announce("token")
        assert await mirrored(drain.mirror, SET) is None
        await drain.mirror.redis._writers.unlink(ranked.keys[2])
        assert await drain.build(SET)
        await agree(board, drain)


@pytest.mark.parametrize("score", [SCORE_MAX + 1, -SCORE_MAX - 1, 2**62])
async def test_scores_that_a_double_cannot_hold_are_the_databases(board: Store, drain: Drain, score: int) -> None:
    """Such a board leaves the mirror, whether it had it before or would build it, and nothing is rounded."""
    await stand(board, [Mark(score, 0, 1), Mark(score - 1 if score > 0 else score + 1, 0, 2)])
    await drain.round()
    for _ in range(2):
        assert await mirrored(drain.mirror, SET) is None
        assert await told(board, SET) == await asked(board, drain.mirror, SET)
        assert not await drain.build(SET)
        await drain.mirror.redis._writers.unlink(*drain.mirror.ranked(SET).keys)


async def test_a_board_without_points_is_not_mirrored(board: Store, drain: Drain) -> None:
    """Any date can be asked for: what has nobody is not worth a key."""
    empty = BOARD, PERIOD + 7
    assert [] == await asked(board, drain.mirror, empty)
    assert not await drain.build(empty)


async def test_marks_that_nobody_takes_are_given_up(
    board: Store, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis is used no more: the marks go, and none are written. A drain that comes back begins anew, and is right."""
    monkeypatch.setattr("operations.jobs.MARKS_MAX", 3)
    jobs = Jobs(board, None, None)  # type: ignore[arg-type]
    for number in range(3):
        await stand(board, [Mark(60 + number, 0, 3)])
    assert 0 == await jobs.give_up_the_mirror()
    await stand(board, [Mark(70, 0, 3)])
    assert 4 == await jobs.give_up_the_mirror()
    await stand(board, [Mark(80, 0, 3)])
    async with board.reading() as work:
        assert [] == await work.rows(select(dirty))
        assert await attached(work) is None
    former = drain.mirror.epoch
    await drain.round()
    assert not drain.mirror.is_usable()
    await drain.round()
    assert former != drain.mirror.epoch
    assert await mirrored(drain.mirror, SET) is None
    assert await drain.build(SET)
    await agree(board, drain)


async def test_the_database_says_which_redis_mirrors_it(board: Store, drain: Drain) -> None:
    """Two processes are told of two servers: the one that was attached last is asked, and the other takes no mark."""
    server = RedisServer()
    try:
        server.start()
        async with draining(board, server.url) as other:
            await other.round()
            await stand(board, [Mark(90, 0, 2)])
            await other.round()
            assert await other.build(SET)
            await agree(board, other)
            assert drain.mirror.epoch != other.mirror.epoch
            await stand(board, [Mark(10, 0, 2)])
            await drain.round()
            assert not drain.mirror.is_usable()
            await drain.round()
            assert await mirrored(drain.mirror, SET) is None
            assert await drain.build(SET)
            await agree(board, drain)
            await other.round()
            assert not other.mirror.is_usable()
    finally:
        server.close()


async def test_a_round_that_meets_another_mirror_at_its_end_takes_no_mark(
    board: Store, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The marks were read for one mirror; while they are sent another is attached, which has yet to be told."""
    await stand(board, [Mark(90, 0, 2)])
    apply = Redis.apply

    async def apply_and_attach(*arguments: object) -> object:
        async with board.writing() as work:
            await work.execute(update(mirror).values(epoch="another"))
        return await apply(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Redis, "apply", apply_and_attach)
    await drain.round()
    async with board.reading() as work:
        assert await work.rows(select(dirty))
    assert not drain.mirror.is_usable()


async def test_a_server_that_forgot_the_scripts_is_told_them_again(board: Store, drain: Drain) -> None:
    """Whoever shares the server may flush them at any time; neither a reader nor the drain notices."""
    client = drain.mirror.redis._writers
    await client.script_flush()
    assert await told(board, SET) == await RedisRanking(drain.mirror, Nobody(), *SET, TIES).before(None, 100)
    await client.script_flush()
    await stand(board, [Mark(60, 0, 2), Mark(45, 0, 3)])
    await agree(board, drain)


async def test_sets_that_nobody_asks_for_go_by_themselves(
    board: Store, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every key has an end, put off while somebody asks, and kept when the set changes."""
    client, keys = drain.mirror.redis._writers, drain.mirror.ranked(SET).keys
    await stand(board, [Mark(60, 0, 2)])
    await drain.round()
    assert all([0 < await client.ttl(key) <= KEPT_SECONDS for key in keys[:2]])
    assert not await client.exists(keys[2])
    for key in keys[:2]:
        await client.expire(key, 100)
    monkeypatch.setattr("operations.drain.KEPT_SECONDS", 0)
    drain.mirror.asked.clear()
    await drain.round()
    assert all([await client.ttl(key) <= 100 for key in keys[:2]])
    drain.mirror.asked[SET] = float("inf")
    await drain.round()
    assert all([await client.ttl(key) > 100 for key in keys[:2]])


async def test_a_competitor_moves_whole(board: Store, drain: Drain) -> None:
    """A new time is a new name in the set: the former one goes with it, up, down, out and back."""
    moves = [Mark(50, 9, 1), Mark(50, 2, 1), Mark(-3, 2, 1), Mark(0, 0, 1), Mark(0, -5, 1)]
    for move in moves:
        await stand(board, [move])
        await agree(board, drain)
        assert 2 == await drain.mirror.ranked(SET).size()
        await leave(board, [1])
        await agree(board, drain)
        assert 1 == await drain.mirror.ranked(SET).size()
