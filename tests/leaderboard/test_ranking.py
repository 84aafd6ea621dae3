"""Ranks and positions from an ordered run of marks: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.board import TieRule
from leaderboard.ranking import Ahead, Mark, places


def order(mark: Mark) -> tuple[int, int, int]:
    return -mark.score, mark.reached_us, mark.competitor


def expected_rank(marks: list[Mark], index: int, ties: TieRule) -> int:
    """The shown rank by its definition, counted from the whole list."""
    score = marks[index].score
    higher = [mark.score for mark in marks if mark.score > score]
    return {
        TieRule.COMPETITION: len(higher) + 1,
        TieRule.DENSE: len(set(higher)) + 1,
        TieRule.EARLIEST: index + 1,
    }[ties]


def ahead_of(marks: list[Mark], first: int) -> Ahead:
    """What stands ahead of the mark at an index, counted from the whole list."""
    score = marks[first].score
    higher = [mark.score for mark in marks if mark.score > score]
    return Ahead(len(higher), first - len(higher), len(set(higher)))


@pytest.mark.parametrize(
    ("ties", "ranks"),
    [(TieRule.COMPETITION, [1, 1, 3, 4]), (TieRule.DENSE, [1, 1, 2, 3]), (TieRule.EARLIEST, [1, 2, 3, 4])],
)
def test_the_tie_rule_decides_the_rank_that_is_shown(ties: TieRule, ranks: list[int]) -> None:
    """Two who share the first place: then comes the third, the second, or the first two are told apart."""
    marks = [Mark(50, 1, 7), Mark(50, 2, 3), Mark(40, 1, 1), Mark(30, 9, 9)]
    found = places(marks, Ahead(0, 0), ties)
    assert ranks == [place.rank for place in found]
    assert [1, 2, 3, 4] == [place.position for place in found]


def test_nobody_has_no_place() -> None:
    """An empty run is an empty ranking."""
    assert [] == places([], Ahead(3, 2, 1), TieRule.DENSE)


MARKS = st.lists(
    st.builds(Mark, st.integers(-3, 3), st.integers(0, 3), st.integers(1, 1000)),
    min_size=1,
    max_size=30,
    unique_by=lambda mark: mark.competitor,
).map(lambda marks: sorted(marks, key=order))


@given(MARKS, st.sampled_from(TieRule), st.data())
def test_every_run_of_a_ranking_shows_what_the_whole_shows(
    marks: list[Mark], ties: TieRule, data: st.DataObject
) -> None:
    """Wherever a page begins, inside a tie or not, its ranks and positions are those of the whole ranking."""
    first = data.draw(st.integers(0, len(marks) - 1))
    found = places(marks[first:], ahead_of(marks, first), ties)
    assert list(range(first + 1, len(marks) + 1)) == [place.position for place in found]
    assert [expected_rank(marks, index, ties) for index in range(first, len(marks))] == [place.rank for place in found]
    assert marks[first:] == [place.mark for place in found]
