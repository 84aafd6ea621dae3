"""The rankings as SQL, on both databases: every question against a plain list, and the index that answers it."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, text

from leaderboard import ranking_sql
from leaderboard.board import TieRule
from leaderboard.ranking import Mark, Place, Ranking, places
from leaderboard.ranking_qualified import QualifiedRanking
from leaderboard.ranking_selected import SelectedRanking, standing_marks
from leaderboard.ranking_sql import SqlRanking
from leaderboard.tables import board_period, standing
from leaderboard.within import Within
from rules.tables import element, revision, version
from storage.engine import Store
from tests.leaderboard.contract import assert_answers
from tests.leaderboard.test_ranking import ahead_of, order

BOARD, PERIOD = 1, 739_000


@pytest.fixture
async def board(store: Store) -> Store:
    """A store with two boards; nobody stands on them."""
    async with store.writing() as work:
        row = {"number": 1, "seq": 1, "applied_us": 0, "document": "{}", "author": "", "pending": False}
        await work.execute(insert(revision).values(row))
        for board in (BOARD, BOARD + 1):
            await work.execute(insert(element).values(id=board, kind="board", key=f"board-{board}"))
            row = {"id": board, "element": board, "revision": 1, "key": f"board-{board}", "definition": "{}"}
            await work.execute(insert(version).values(row))
    return store


async def stand(store: Store, marks: Sequence[Mark], *, board: int = BOARD, period: int = PERIOD) -> None:
    """Put competitors on a board; who has a negative key takes no part."""
    listed = [mark.competitor > 0 for mark in marks]
    columns: dict[str, list[int]] = {
        "board": [board] * len(marks),
        "period": [period] * len(marks),
        "competitor": [mark.competitor for mark in marks],
        "score": [mark.score for mark in marks],
        "reached_us": [mark.reached_us for mark in marks],
        "entries": [1] * len(marks),
        "listed": list(listed),
    }
    seen = {"board": [board], "period": [period], "participants": [sum(listed)], "revision": [1]}
    async with store.writing() as work:
        await work.insert(standing, columns)
        await work.upsert(board_period, seen)


def crowd(seed: int, size: int = 60) -> list[Mark]:
    """Competitors with many equal scores and times, some of whom take no part."""
    random = Random(seed)
    keys = random.sample(range(1, 10_000), size)
    return [Mark(random.randrange(-2, 8), random.randrange(4), key if random.random() < 0.85 else -key) for key in keys]


def ranked(marks: Sequence[Mark], ties: TieRule) -> list[Place]:
    """The whole ranking, from a list."""
    listed = sorted((mark for mark in marks if mark.competitor > 0), key=order)
    return places(listed, ahead_of(listed, 0), ties)


def ranking_of(kind: str, reading: Any, ties: TieRule) -> Ranking:
    """The ranking of the board by its index, or of the same standings as any selection."""
    if kind == "indexed":
        return SqlRanking(reading, BOARD, PERIOD, ties)
    return SelectedRanking(reading, standing_marks(BOARD, PERIOD, Within()), ties)


MINIMUM = 3


@pytest.mark.parametrize("kind", ["indexed", "selected"])
@pytest.mark.parametrize("ties", TieRule)
async def test_who_has_too_few_points_is_not_on_the_board(board: Store, ties: TieRule, kind: str) -> None:
    """The places of the others are what they were: pages, neighbours and the count end at the minimum."""
    marks = crowd(seed=7)
    await stand(board, marks)
    everyone = ranked(marks, ties)
    whole = [place for place in everyone if place.score >= MINIMUM]
    assert 0 < len(whole) < len(everyone)
    async with board.reading() as work:
        ranking: Ranking = QualifiedRanking(SqlRanking(one(work), BOARD, PERIOD, ties), MINIMUM)
        if kind == "selected":
            ranking = SelectedRanking(one(work), standing_marks(BOARD, PERIOD, Within()), ties, MINIMUM)
        assert len(whole) == await ranking.participants()
        assert whole == await ranking.top(100)
        assert whole[-7:] == await ranking.before(None, 7)
        for index, place in enumerate(everyone):
            listed = place in whole
            assert (place if listed else None) == await ranking.place(place.competitor)
            assert whole[index + 1 : index + 6] == await ranking.after(place.mark, 5)
            assert whole[: min(index, len(whole))][-5:] == await ranking.before(place.mark, 5)
            around = whole[max(0, index - 2) : index + 4] if listed else []
            assert around == await ranking.around(place.competitor, 2, 3)
    empty = QualifiedRanking(SqlRanking(board.reading, BOARD, PERIOD, ties), 10**6)
    assert (0, []) == (await empty.participants(), await empty.before(None, 3))


KINDS = ("indexed", "selected")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ties", TieRule)
async def test_every_answer_is_that_of_a_sorted_list(board: Store, ties: TieRule, kind: str) -> None:
    """Top, pages in both directions, around and place: with ties everywhere, from every place, for every tie rule."""
    marks = crowd(seed=len(ties))
    await stand(board, marks)
    await stand(board, crowd(seed=99), board=BOARD + 1)
    await stand(board, crowd(seed=98), period=PERIOD + 1)
    whole = ranked(marks, ties)
    async with board.reading() as work:
        await assert_answers(ranking_of(kind, one(work), ties), whole)


@pytest.mark.parametrize("kind", KINDS)
async def test_who_takes_no_part_has_no_place(board: Store, kind: str) -> None:
    """An unlisted standing is in no page, has no neighbours, and takes no rank from others."""
    await stand(board, [Mark(90, 0, -1), Mark(50, 0, 2), Mark(40, 0, 3)])
    ranking = ranking_of(kind, board.reading, TieRule.COMPETITION)
    assert [(1, 2), (2, 3)] == [(place.rank, place.competitor) for place in await ranking.top(10)]
    assert await ranking.place(-1) is None
    assert [] == await ranking.around(-1, 5, 5)
    assert 2 == await ranking.participants()


@pytest.mark.parametrize("kind", KINDS)
async def test_an_empty_board_answers(board: Store, kind: str) -> None:
    """Before the first points there is nobody, and no error."""
    ranking = ranking_of(kind, board.reading, TieRule.DENSE)
    assert 0 == await ranking.participants()
    assert [] == await ranking.top(10) + await ranking.before(None, 10) + await ranking.around(1, 1, 1)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_page_behind_a_mark_neither_skips_nor_repeats_while_the_board_changes(board: Store, kind: str) -> None:
    """Someone overtakes and someone leaves between two pages: the second begins where the first ended."""
    await stand(board, [Mark(score, 0, score) for score in range(10, 0, -1)])
    ranking = ranking_of(kind, board.reading, TieRule.COMPETITION)
    first = await ranking.top(4)
    async with board.writing() as work:
        await work.execute(text("UPDATE standing SET score = 99 WHERE competitor = 1"))
        await work.execute(text("DELETE FROM standing WHERE competitor = 7"))
    second = await ranking.after(first[-1].mark, 4)
    assert [10, 9, 8, 7] == [place.competitor for place in first]
    assert [6, 5, 4, 3] == [place.competitor for place in second]
    assert [5, 6, 7, 8] == [place.position for place in second]


QUESTIONS = {
    "first": ranking_sql.FIRST,
    "last": ranking_sql.LAST,
    "behind": ranking_sql.BEHIND,
    "ahead": ranking_sql.AHEAD,
    "counts": ranking_sql.AHEAD_COUNTS,
    "scores": ranking_sql.AHEAD_AND_SCORES,
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_one_index_answers_in_its_own_order(board: Store, question: str) -> None:
    """No question sorts, none reads the table on SQLite, and ties are cut by the index, not one by one."""
    await stand(board, crowd(seed=5, size=3_000))
    async with board.writing() as work:
        await work.execute(text("ANALYZE standing"))
    async with board.reading() as work:
        if not work.is_sqlite:
            # So small a table is as quickly read whole; without these the planner must show what else it can do.
            for setting in ("enable_seqscan", "enable_bitmapscan", "enable_hashagg"):
                await work.execute(text(f"SET LOCAL {setting} = off"))
        values = {"board": BOARD, "period": PERIOD, "score": 3, "reached_us": 2, "competitor": 5000, "count": 10}
        statement = QUESTIONS[question].params(**values)
        compiled = statement.compile(dialect=work.connection.dialect, compile_kwargs={"literal_binds": True})
        explain = "EXPLAIN QUERY PLAN " if work.is_sqlite else "EXPLAIN "
        plan = [str(row[-1]) for row in await work.connection.exec_driver_sql(explain + str(compiled))]
    scans = [line for line in plan if " on standing" in line or "SEARCH standing" in line or "SCAN standing" in line]
    assert scans
    for line in scans:
        assert ("COVERING INDEX ix_standing_order" if work.is_sqlite else "using ix_standing_order") in line, plan
    assert not [line for line in plan if "Sort" in line or "TEMP B-TREE" in line], plan
    if question in ("behind", "ahead", "counts"):
        tied = "(reached_us,competitor)" if work.is_sqlite else "(ROW(reached_us, competitor)"
        assert [line for line in plan if tied in line], plan


def one(work: Any) -> Any:
    """Gives the same transaction for every question."""

    class Reading:
        async def __aenter__(self) -> Any:
            return work

        async def __aexit__(self, *_: object) -> None:
            """The transaction goes on."""

    return Reading
