"""The ranking of a board that shows its first places alone: every question against a plain list of what is seen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from leaderboard.board import TieRule
from leaderboard.ranking import Place
from leaderboard.ranking_shown import ShownRanking
from leaderboard.ranking_sql import SqlRanking
from storage.engine import Store
from storage.work import UnitOfWork
from tests.leaderboard.boards import BOARD, PERIOD, crowd, ranked, stand

SHOWS = 10


@pytest.mark.parametrize("at", [None, 3, SHOWS, SHOWS + 1, 30, -1])
@pytest.mark.parametrize("ties", TieRule)
async def test_only_the_first_places_and_the_own_one_are_seen(board: Store, ties: TieRule, at: int | None) -> None:
    """From every place, seen or not: no question tells of a place below but the own one; `at` is where that is."""
    marks = crowd(seed=3)
    await stand(board, marks)
    whole = ranked(marks, ties)
    own = None if at is None else whole[at].competitor

    def seen(places: list[Place]) -> list[Place]:
        return [place for place in places if place.position <= SHOWS or place.competitor == own]

    async with board.reading() as work:

        @asynccontextmanager
        async def reading() -> AsyncIterator[UnitOfWork]:
            yield work

        ranking = ShownRanking(SqlRanking(reading, BOARD, PERIOD, ties), SHOWS, own)
        assert len(whole) == await ranking.participants()
        assert (seen(whole)[0].position, seen(whole)[-1].position) == await ranking.ends()
        for count in (1, SHOWS, SHOWS + 2, 31, 100):
            assert seen(whole[:count]) == await ranking.top(count)
            assert seen(whole)[-count:] == await ranking.before(None, count)
        for index, place in enumerate(whole):
            is_seen = place in seen([place])
            assert (place if is_seen else None) == await ranking.place(place.competitor)
            assert seen(whole[index + 1 :])[:5] == await ranking.after(place.mark, 5)
            assert seen(whole[:index])[-5:] == await ranking.before(place.mark, 5)
            around = seen(whole[max(0, index - 2) : index + 4]) if is_seen else []
            assert around == await ranking.around(place.competitor, 2, 3)


async def test_an_empty_board_answers(board: Store) -> None:
    """Before the first points nobody is seen, and there is no error."""
    ranking = ShownRanking(SqlRanking(board.reading, BOARD, PERIOD, TieRule.DENSE), SHOWS, 7)
    assert (0, 0) == await ranking.ends()
    assert [] == await ranking.top(10) + await ranking.before(None, 10) + await ranking.around(7, 1, 1)
