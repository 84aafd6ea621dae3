"""From which end a position is counted: a hint that is learned, and learned again."""

from random import Random

import pytest

from leaderboard.board import TieRule
from leaderboard.middles import KNOWN_MAX, Middles
from leaderboard.ranking import Mark
from leaderboard.ranking_sql import SqlRanking
from storage.engine import Store
from tests.leaderboard.boards import BOARD, PERIOD, crowd, ranked, stand

KEY = BOARD, PERIOD


def learned(middles: Middles, marks: list[Mark], questions: int) -> int:
    """How many of these marks, best first, are counted the longer way after so many questions."""
    random = Random(4)
    for _ in range(questions):
        index = random.randrange(len(marks))
        middles.learn(KEY, marks[index], index, len(marks) - index)
    return sum(middles.is_behind(KEY, mark) != (index > len(marks) / 2) for index, mark in enumerate(marks))


def test_the_middle_is_soon_known() -> None:
    """A few questions, from anybody, and hardly anyone is counted the longer way."""
    marks = [Mark(9_000 - index, index % 7, index + 1) for index in range(1_000)]
    middles = Middles()
    assert learned(middles, marks, 0) > 400
    assert learned(middles, marks, 100) < 30


def test_a_middle_that_moved_is_learned_again() -> None:
    """All who stand there have many more points than when the middle was learned."""
    middles = Middles()
    learned(middles, [Mark(9_000 - index, 1, index + 1) for index in range(1_000)], 100)
    later = [Mark(90_000 - index, 1, index + 1) for index in range(1_000)]
    assert learned(middles, later, 0) > 400
    assert learned(middles, later, 100) < 30


def test_only_the_latest_middles_are_kept() -> None:
    """However many boards and periods are asked for."""
    middles = Middles()
    mark = Mark(5, 1, 7)
    for period in range(KNOWN_MAX + 1):
        middles.learn((BOARD, period), mark, 9, 1)
    assert [False, True, True] == [middles.is_behind((BOARD, period), mark) for period in (0, 1, KNOWN_MAX)]


class Mistaken(Middles):
    """Knows always the same."""

    def __init__(self, behind: bool) -> None:
        super().__init__()
        self._behind = behind

    def is_behind(self, key: tuple[int, int], mark: Mark) -> bool:
        return self._behind


@pytest.mark.parametrize("ties", TieRule)
@pytest.mark.parametrize("behind", [True, False])
async def test_a_mistaken_middle_changes_no_place(board: Store, ties: TieRule, behind: bool) -> None:
    """Counted from either end, everyone stands where they stand."""
    marks = crowd(seed=8)
    await stand(board, marks)
    ranking = SqlRanking(board.reading, BOARD, PERIOD, ties, Mistaken(behind))
    for place in ranked(marks, ties):
        assert place == await ranking.place(place.competitor)
