"""The ranking as SQL, on both databases: the index that answers its questions."""

import pytest
from sqlalchemy import text

from leaderboard import ranking_sql
from storage.engine import Store
from tests.leaderboard.boards import BOARD, PERIOD, crowd, stand

QUESTIONS = {
    "first": ranking_sql.FIRST,
    "last": ranking_sql.LAST,
    "behind": ranking_sql.BEHIND,
    "ahead": ranking_sql.AHEAD,
    "counts from the top": ranking_sql.COUNTS_FROM_TOP,
    "counts from the end": ranking_sql.COUNTS_FROM_END,
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
    if question not in ("first", "last", "scores"):
        tied = "(reached_us,competitor)" if work.is_sqlite else "(ROW(reached_us, competitor)"
        assert [line for line in plan if tied in line], plan
