"""What verify says of the mirror: every difference from the standings, and nothing of what is on its way."""

from collections.abc import Sequence

import pytest
from redis.asyncio import Redis as Client
from sqlalchemy import update

from leaderboard.dirty import SetKey, detach
from leaderboard.mirror import competitor_name, name_of, placed
from leaderboard.ranking import Mark
from operations.compare import REMEDY, compare
from operations.drain import Drain
from rules.tables import revision
from storage.engine import Store
from storage.redis import Change, Redis
from tests.leaderboard.boards import leave, stand
from tests.operations.mirroring import agree, build_all, mirrored, told
from tests.operations.prizes import key_of
from tests.world import PROGRAMME, World, shared


@pytest.fixture
async def company(world: World, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> World:
    """Three members of two teams on boards that are mirrored; nobody waits between looks."""
    monkeypatch.setattr("operations.compare.PAUSE_SECONDS", 0)
    await world.apply(PROGRAMME.replace("of: teams}", "of: teams, score: mean}"))
    await world.hire("Ada", "Ben", team="Red")
    await world.hire("Cy", team="Blue")
    await world.record(shared(1, "ada"), shared(2, "ben"), shared(3, "ben"), shared(4, "cy"))
    await drain.round()
    await build_all(world.store, drain)
    return world


async def of_board(world: World, board: str) -> SetKey:
    """The set of a board in the month and quarter of now."""
    async with world.store.reading() as work:
        state = await world.revisions.current(work)
    found = next(each for each in state.board_versions if each.board.key == board)
    return found.id, found.board.period_named(state.calendar, "2026-11-12").first


async def tampered(drain: Drain, key: SetKey, placed: list[bytes], gone: Sequence[int] = ()) -> None:
    ranked = drain.mirror.ranked(key)
    (token,) = await drain.mirror.redis.admit([ranked])
    assert token is not None
    change = Change(1_000, placed, [competitor_name(each) for each in gone])
    assert [True] == await drain.mirror.redis.apply([(ranked, token, change)])


REACHED_US = 1_794_475_800_000_000
ZERO, ONE = "2026-11-12T09:30:00+00:00", "2026-11-12T09:30:01+00:00"


async def test_verify_names_who_differs_and_what_to_do(company: World, drain: Drain) -> None:
    """A score, a time and somebody who is missing, by their names, as the database and as Redis has it."""
    ada, ben, cy = [await key_of(company, name) for name in ("ada", "ben", "cy")]
    effort, teams, found = await of_board(company, "effort"), await of_board(company, "teams"), list[str]()
    wrong = [placed(51, REACHED_US, ada), placed(24, REACHED_US + 1_000_000, ben)]
    await tampered(drain, effort, wrong, [cy])
    red = (await told(company.store, teams))[0].competitor
    await tampered(drain, teams, [placed(99_500, REACHED_US, red)])
    assert 5 == await compare(company.store, drain.mirror.redis, found.append)
    start = "mirror: board effort, 2026-11, "
    assert [
        f"{start}member ada: Redis has score 51, reached {ZERO}; the database has score 12, reached {ZERO}",
        f"{start}member ben: Redis has score 24, reached {ONE}; the database has score 24, reached {ZERO}",
        f"{start}member cy: Redis has nothing; the database has score 12, reached {ZERO}",
        f"{start}those listed: Redis has 2; the database has 3",
        f"mirror: board teams, 2026/27-Q3, team Red: Redis has score 99.500, reached {ZERO}; the database has score "
        f"19.500, reached {ZERO}",
        REMEDY,
    ] == found


@pytest.mark.parametrize("score", [-12.5, float("-inf")])
async def test_a_score_that_laurels_never_writes_is_named(
    company: World, drain: Drain, redis_url: str, score: float
) -> None:
    """One with a fraction, or without an end, of which a whole number could not be made."""
    effort, found = await of_board(company, "effort"), list[str]()
    async with Client.from_url(redis_url) as client:
        name = name_of(REACHED_US, await key_of(company, "ada"))
        await client.zadd(drain.mirror.ranked(effort).keys[0], {name: score})
    assert 1 == await compare(company.store, drain.mirror.redis, found.append)
    assert f"member ada: Redis has score {-score}, which is none of Laurels; the database has score 12, " in found[0]


async def test_what_differs_is_told_where_the_programme_cannot_be_read(company: World, drain: Drain) -> None:
    """Then verify says that too; the board and the first day of the period are known all the same."""
    effort, found = await of_board(company, "effort"), list[str]()
    await tampered(drain, effort, [placed(51, REACHED_US, await key_of(company, "ada"))])
    async with company.store.writing() as work:
        await work.execute(update(revision).values(document="junk"))
    assert 1 == await compare(company.store, drain.mirror.redis, found.append)
    assert ["mirror: board effort, from 2026-11-01: 1 of its places differ", REMEDY] == found


async def test_what_verify_says_to_do_helps(company: World, drain: Drain) -> None:
    """Whoever serves takes another mirror, which has what the database has; nobody is told of the former."""
    effort, found = await of_board(company, "effort"), list[str]()
    await tampered(drain, effort, [placed(51, REACHED_US, await key_of(company, "ada"))])
    assert "rebuild-mirror" in REMEDY
    async with company.store.writing() as work:
        await detach(work)
    await drain.round()
    await drain.round()
    assert await mirrored(drain.mirror, effort) is None
    await build_all(company.store, drain)
    await agree(company.store, drain)
    assert 0 == await compare(company.store, drain.mirror.redis, found.append)
    assert [] == found


async def test_what_is_on_its_way_is_no_difference(board: Store, drain: Drain) -> None:
    """A change that the mirror has yet to be told of, be it that nothing drains just now."""
    found: list[str] = []
    await stand(board, [Mark(99, 0, 2), Mark(5, 0, 5)])
    await leave(board, [1])
    assert 0 == await compare(board, drain.mirror.redis, found.append)
    await drain.round()
    assert 0 == await compare(board, drain.mirror.redis, found.append)
    assert [] == found


async def test_verify_says_when_redis_does_not_answer(board: Store) -> None:
    """It is a difference that a person must look at, and no error."""
    found: list[str] = []
    assert 1 == await compare(board, Redis("unix:///nowhere.sock"), found.append)
    assert "mirror: Redis does not answer, so not all of it was compared: " in found[0]
