"""Means of teams: one rule, in Python and in both databases, and the words for what comes of it."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, literal, select

from leaderboard.board import Scoring
from leaderboard.mean import divisor, mean_of, points_of, score_of, shown, thousandths
from storage.engine import Store

MEANS = st.sampled_from([Scoring.MEAN, Scoring.MEAN_ACTIVE])
points = st.integers(-(10**12), 10**12)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MEANS, points, st.integers(0, 10**6), st.integers(1, 10**6))
@example(Scoring.MEAN, -2, 3, 1)
@example(Scoring.MEAN, 37, 0, 3)
async def test_databases_divide_as_python_does(
    store: Store, scoring: Scoring, sum_: int, members: int, active: int
) -> None:
    """Towards zero, above and below it, and by those who have points where nobody else is left."""
    by = divisor(scoring, members, active)
    expected = int(Fraction(sum_ * 1_000, by))
    assert expected == thousandths(sum_, by)
    query = score_of(scoring, literal(sum_, BigInteger), literal(active, BigInteger), literal(members, BigInteger))
    async with store.reading() as work:
        assert expected == (await work.execute(select(query))).scalar_one()


@pytest.mark.parametrize(
    ("scoring", "members", "expected"),
    [(Scoring.MEAN, 5, 5), (Scoring.MEAN, 0, 2), (Scoring.MEAN_ACTIVE, 5, 2), (Scoring.MEAN_ACTIVE, 0, 2)],
)
def test_who_is_divided_by(scoring: Scoring, members: int, expected: int) -> None:
    """All members or, where there are none or the board says so, the two who have points."""
    assert expected == divisor(scoring, members, 2)


@pytest.mark.parametrize(
    ("score", "words", "whole", "mean"),
    [
        (12_345, "12.345", 12, 12.345),
        (1_234_567_008, "1,234,567.008", 1_234_567, 1_234_567.008),
        (-1, "-0.001", 0, -0.001),
        (-12_999, "-12.999", -12, -12.999),
        (0, "0.000", 0, 0.0),
    ],
)
def test_a_score_in_thousandths_is_told_as_points(score: int, words: str, whole: int, mean: float) -> None:
    """With three decimals; whole points are rounded towards zero."""
    told = [
        (shown(each, score), points_of(each, score), mean_of(each, score)) for each in Scoring if each != Scoring.SUM
    ]
    assert [(words, whole, mean)] * 2 == told


def test_a_sum_is_told_as_it_is() -> None:
    """It has no decimals, and is no mean."""
    assert ("12,345", 12_345, None) == (
        shown(Scoring.SUM, 12_345),
        points_of(Scoring.SUM, 12_345),
        mean_of(Scoring.SUM, 12_345),
    )
