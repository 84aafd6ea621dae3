"""The cost of a podium: the most that one period can take."""

from hypothesis import given
from hypothesis import strategies as st

from rewards.podium import Podium, Prize, TiePolicy
from rewards.podium_cost import Cost, costs
from rewards.winners import Candidate, winners

SHARE, SPLIT, EARLIEST = TiePolicy


def podium(ties: TiePolicy, *prizes: Prize) -> Podium:
    return Podium("impact", "Impact", "impact", prizes, ties)


def test_without_sharing_there_is_a_most() -> None:
    """Split and earliest pay each prize once, however many are tied."""
    prizes = Prize("A", None, 1_500, "GBP"), Prize("B", None, 300, "GBP")
    for ties in (SPLIT, EARLIEST):
        assert [Cost("impact", "half-year", "GBP", 1_800, 1_800)] == list(costs(podium(ties, *prizes), "half-year", 30))


def test_each_currency_has_its_own() -> None:
    """And prizes without an amount have none."""
    found = costs(
        podium(EARLIEST, Prize("A", None, 500, "GBP"), Prize("B"), Prize("C", None, 90, "points")), "month", 30
    )
    assert [
        "podium impact: each month costs at most 500 GBP",
        "podium impact: each month costs at most 90 points",
    ] == list(map(str, found))
    assert [] == list(costs(podium(SHARE, Prize("Dinner")), "month", 30))
    (one,) = costs(podium(EARLIEST, Prize("A", None, 1, "points")), "month", 30)
    assert "podium impact: each month costs at most 1 point" == str(one)


def test_sharing_costs_more_with_each_who_ties() -> None:
    """It is said for as many winners as places, for each one more, and for all who take part where those are more."""
    prizes = Prize("A", None, 1_500, "GBP"), Prize("B", None, 300, "GBP"), Prize("C", None, 100, "GBP")
    told = (
        "podium impact: each half-year costs at most 4,500 GBP for 3 winners (1,900 without ties), and up to 1,500 "
        "more for each winner more who ties with them"
    )
    for members in (0, 3):
        assert [told] == list(map(str, costs(podium(SHARE, *prizes), "half-year", members)))
    (cost,) = costs(podium(SHARE, *prizes), "half-year", 30)
    assert f"{told}; at most 45,000 GBP if all 30 who take part tie" == str(cost)
    (rising,) = costs(podium(SHARE, *reversed(prizes)), "half-year", 4)
    assert 100 + 300 + 2 * 1_500 == rising.most_of_all, "the last place alone is shared"


@given(st.lists(st.integers(1, 50), min_size=1, max_size=5), st.lists(st.integers(1, 4), max_size=10))
def test_no_period_costs_more(amounts: list[int], scores: list[int]) -> None:
    """However the scores are tied, each policy stays within what was said."""
    candidates = [Candidate(n, n, score, n) for n, score in enumerate(sorted(scores, reverse=True), 1)]
    for ties in TiePolicy:
        declared = podium(ties, *(Prize("A", None, amount, "GBP") for amount in amounts))
        (cost,) = costs(declared, "month", len(candidates))
        won = winners(declared, candidates, present=range(1, 100)).winners
        more = max(0, len(won) - declared.places)
        assert sum(each.amount or 0 for each in won) <= cost.most + more * cost.each_more
        assert sum(each.amount or 0 for each in won) <= max(cost.most, cost.most_of_all)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=5), st.integers(0, 4))
def test_some_period_costs_as_much(amounts: list[int], more: int) -> None:
    """What is said is no more than ties can bring about."""
    declared = podium(SHARE, *(Prize("A", None, amount, "GBP") for amount in amounts))
    seats = declared.places + more
    (cost,) = costs(declared, "month", seats)
    most = 0
    for ways in range(2 ** (seats - 1)):
        groups = [ways >> n & 1 for n in range(seats - 1)]
        scores = [100 - sum(groups[:n]) for n in range(seats)]
        candidates = [Candidate(n, n, score, n) for n, score in enumerate(scores, 1)]
        won = winners(declared, candidates, present=range(1, 100)).winners
        if len(won) == seats:
            most = max(most, sum(each.amount or 0 for each in won))
    assert most <= cost.most + more * cost.each_more
    assert most == (cost.most_of_all if more else cost.most)
