"""Winners: who gets which prize, for every policy, and against a plain reference."""

from collections.abc import Collection, Sequence
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.podium import POINTS, Podium, Prize, TiePolicy, Vacancy
from rewards.winners import ABSENT, Candidate, Outcome, winners

SHARE, SPLIT, EARLIEST = TiePolicy
NEXT, EMPTY = Vacancy


def podium(*amounts: int, ties: TiePolicy = SHARE, minimum: int = 1, pause: int = 0, absent: Vacancy = NEXT) -> Podium:
    prizes = tuple(Prize(f"Prize {place}", None, amount, "GBP") for place, amount in enumerate(amounts, 1))
    return Podium("p", "P", "b", prizes, ties, minimum, pause, absent)


def board(*scores: int) -> list[Candidate]:
    """Candidates 1, 2, 3 and so on with these scores, the highest first."""
    return [Candidate(n, n, score, n) for n, score in enumerate(scores, 1)]


def found(outcome: Outcome) -> list[tuple[int, int, int | None]]:
    """Place, competitor and amount of each winner."""
    return [(each.place, each.candidate.competitor, each.amount) for each in outcome.winners]


EVERYONE = range(1, 1_000)

Won = list[tuple[int, int, int]]

TIES: list[tuple[TiePolicy, list[int], Won, list[int]]] = [
    # policy, scores, then place, competitor and amount, then the places that stay empty; prizes 90, 50, 10
    (SHARE, [9, 8, 7, 6], [(1, 1, 90), (2, 2, 50), (3, 3, 10)], []),
    (SPLIT, [9, 8, 7, 6], [(1, 1, 90), (2, 2, 50), (3, 3, 10)], []),
    (EARLIEST, [9, 8, 7, 6], [(1, 1, 90), (2, 2, 50), (3, 3, 10)], []),
    (SHARE, [9, 9, 7, 6], [(1, 1, 90), (1, 2, 90), (3, 3, 10)], []),
    (SPLIT, [9, 9, 7, 6], [(1, 1, 70), (1, 2, 70), (3, 3, 10)], []),
    (EARLIEST, [9, 9, 7, 6], [(1, 1, 90), (2, 2, 50), (3, 3, 10)], []),
    (SHARE, [9, 8, 8, 8], [(1, 1, 90), (2, 2, 50), (2, 3, 50), (2, 4, 50)], []),
    (SPLIT, [9, 8, 8, 8], [(1, 1, 90), (2, 2, 20), (2, 3, 20), (2, 4, 20)], []),
    (EARLIEST, [9, 8, 8, 8], [(1, 1, 90), (2, 2, 50), (3, 3, 10)], []),
    (SHARE, [9, 8, 7, 7, 7], [(1, 1, 90), (2, 2, 50), (3, 3, 10), (3, 4, 10), (3, 5, 10)], []),
    (SPLIT, [9, 8, 7, 7, 7], [(1, 1, 90), (2, 2, 50), (3, 3, 4), (3, 4, 3), (3, 5, 3)], []),
    (SHARE, [9, 9, 9, 9], [(1, 1, 90), (1, 2, 90), (1, 3, 90), (1, 4, 90)], []),
    (SPLIT, [9, 9, 9, 9], [(1, 1, 38), (1, 2, 38), (1, 3, 37), (1, 4, 37)], []),
    (SHARE, [9, 9], [(1, 1, 90), (1, 2, 90)], [3]),
    (SPLIT, [9, 9], [(1, 1, 70), (1, 2, 70)], [3]),
    (EARLIEST, [9, 9], [(1, 1, 90), (2, 2, 50)], [3]),
    (SHARE, [], [], [1, 2, 3]),
]


@pytest.mark.parametrize(("ties", "scores", "won", "empty"), TIES)
def test_equal_scores_get_what_the_policy_says(ties: TiePolicy, scores: list[int], won: Won, empty: list[int]) -> None:
    """They share a place, split what their places win, or stand in the order in which they reached the score."""
    outcome = winners(podium(90, 50, 10, ties=ties), board(*scores), present=EVERYONE)
    assert (won, empty) == (found(outcome), [each.place for each in outcome.empty])
    assert () == outcome.passed_over


def test_what_does_not_divide_goes_to_the_earliest_one_each() -> None:
    """The reason says so, for those who get more and those who do not."""
    outcome = winners(podium(90, 50, 10, ties=SPLIT), board(9, 9, 9, 9), present=EVERYONE)
    more = "place 1, shared by 4: an equal part of the 150 GBP of places 1 to 3"
    assert [
        f"{more}, with 1 of what does not divide, as one of the earliest",
        f"{more}, with 1 of what does not divide, as one of the earliest",
        more,
        more,
    ] == [each.reason for each in outcome.winners]
    assert ["Prize 1"] * 4 == [each.prize.title for each in outcome.winners]


def test_a_sum_that_does_not_reach_for_all_goes_to_the_earliest() -> None:
    """The others are told why they get nothing, and no prize of 0 is given."""
    outcome = winners(podium(2, ties=SPLIT), board(9, 9, 9), present=EVERYONE)
    assert [(1, 1, 1), (1, 2, 1)] == found(outcome)
    assert [(3, "2 GBP of place 1 do not reach for all 3 who share them")] == [
        (each.candidate.competitor, each.reason) for each in outcome.passed_over
    ]


def test_one_point_is_one_point() -> None:
    """In what is said of those who share it, and of whom it does not reach for."""
    one = Podium("p", "P", "b", (Prize("Extra", None, 1, POINTS),), SPLIT)
    outcome = winners(one, board(9, 9), present=EVERYONE)
    part = "an equal part of the 1 point of place 1, with 1 of what does not divide, as one of the earliest"
    assert [f"place 1, shared by 2: {part}"] == [each.reason for each in outcome.winners]
    short = "1 point of place 1 does not reach for all 2 who share it"
    assert [short] == [each.reason for each in outcome.passed_over]


@pytest.mark.parametrize("ties", TiePolicy)
def test_nobody_wins_below_the_minimum(ties: TiePolicy) -> None:
    """Places that nobody reaches stay empty, with the reason; 0 points win nothing unless it is said."""
    outcome = winners(podium(90, 50, 10, ties=ties, minimum=8), board(9, 8, 7), present=EVERYONE)
    assert [(1, 1, 90), (2, 2, 50)] == found(outcome)
    assert [(3, "nobody else has a score of 8 or more")] == list(outcome.empty)
    assert [(1, 1, 90)] == found(winners(podium(90, 50, ties=ties), board(1, 0, -5), present=EVERYONE))


def test_fewer_candidates_than_places_leave_places_empty() -> None:
    """With another reason."""
    outcome = winners(podium(90, 50), board(9), present=EVERYONE)
    assert [(2, "nobody else is on the board")] == list(outcome.empty)


@pytest.mark.parametrize("ties", TiePolicy)
def test_those_behind_a_disqualified_or_paused_winner_move_up(ties: TiePolicy) -> None:
    """Whatever the policy for the absent says."""
    declared = podium(90, 50, ties=ties, pause=2, absent=EMPTY)
    outcome = winners(declared, board(9, 8, 7, 6), present=EVERYONE, disqualified={1}, recent={2})
    assert [(1, 3, 90), (2, 4, 50)] == found(outcome)
    assert [(1, "was disqualified"), (2, "won in the last 2 periods")] == [
        (each.candidate.competitor, each.reason) for each in outcome.passed_over
    ]


@pytest.mark.parametrize("ties", TiePolicy)
def test_absent_winners_make_room_or_leave_their_place_empty(ties: TiePolicy) -> None:
    """As the podium says."""
    present = {2, 3, 4}
    moved = winners(podium(90, 50, ties=ties), board(9, 8, 7), present=present)
    assert [(1, 2, 90), (2, 3, 50)] == found(moved)
    assert [(1, ABSENT)] == [(each.candidate.competitor, each.reason) for each in moved.passed_over]
    kept = winners(podium(90, 50, ties=ties, absent=EMPTY), board(9, 8, 7), present=present)
    assert [(2, 2, 50)] == found(kept)
    assert [(1, "its winner does not take part any more")] == list(kept.empty)
    assert [1] == [each.candidate.competitor for each in kept.passed_over]


def test_those_who_share_a_place_with_somebody_absent() -> None:
    """Sharers lose nothing by it; the part of a sum stays with nobody; and the places behind stay where they were."""
    present = {2, 3}
    share = winners(podium(90, 50, 10, absent=EMPTY), board(9, 9, 7), present=present)
    assert [(1, 2, 90), (3, 3, 10)] == found(share)
    assert () == share.empty
    split = winners(podium(90, 51, 10, ties=SPLIT, absent=EMPTY), board(9, 9, 7), present=present)
    assert [(1, 2, 70), (3, 3, 10)] == found(split)


def test_nobody_behind_the_last_place_is_looked_at() -> None:
    """Nor passed over: they would have won nothing. Who ties with the last place is."""
    outcome = winners(podium(90), board(9, 9, 8), present={1}, recent={3})
    assert [2] == [each.candidate.competitor for each in outcome.passed_over]
    earliest = winners(podium(90, ties=EARLIEST), board(9, 9), present={1})
    assert () == earliest.passed_over


def test_only_as_many_candidates_are_asked_for_as_are_needed() -> None:
    """A board of a million is read as far as the last place and those who tie with it."""
    asked = []

    def stream() -> object:
        for candidate in board(9, 8, 8, 7, 6, 5):
            asked.append(candidate.competitor)
            yield candidate

    winners(podium(90, 50), stream(), present=EVERYONE)  # type: ignore[arg-type]
    assert [1, 2, 3, 4] == asked


def reference(
    declared: Podium,
    candidates: Sequence[Candidate],
    present: Collection[int],
    disqualified: Collection[int],
    recent: Collection[int],
) -> dict[int, tuple[int, int]]:
    """Place and amount by winner, from the whole board at once."""
    line = [
        each
        for each in candidates
        if each.score >= declared.minimum
        and each.competitor not in disqualified
        and each.competitor not in recent
        and (each.competitor in present or declared.absent is EMPTY)
    ]
    amounts = [prize.amount or 0 for prize in declared.prizes]
    won = {}
    if declared.ties is EARLIEST:
        won = {each.competitor: (n, amount) for n, (each, amount) in enumerate(zip(line, amounts, strict=False), 1)}
    else:
        for _, tied in groupby(line, key=lambda each: each.score):
            group = list(tied)
            ahead = sum(each.score > group[0].score for each in line)
            if ahead >= declared.places:
                continue
            for number, each in enumerate(group):
                if declared.ties is SHARE:
                    won[each.competitor] = (ahead + 1, amounts[ahead])
                else:
                    pot = sum(amounts[ahead : ahead + len(group)])
                    part = pot // len(group) + (1 if number < pot % len(group) else 0)
                    won[each.competitor] = (ahead + 1, part)
    return {key: (place, amount) for key, (place, amount) in won.items() if key in present and amount}


somebody = st.sets(st.integers(1, 12))


@given(
    amounts=st.lists(st.integers(1, 50), min_size=1, max_size=5),
    ties=st.sampled_from(TiePolicy),
    minimum=st.integers(1, 4),
    absent=st.sampled_from(Vacancy),
    scores=st.lists(st.integers(-1, 6), max_size=12),
    present=st.one_of(st.just(set(EVERYONE)), somebody),
    disqualified=st.one_of(st.just(set()), somebody),
    recent=st.one_of(st.just(set()), somebody),
)
def test_the_winners_are_those_of_the_reference(
    amounts: list[int],
    ties: TiePolicy,
    minimum: int,
    absent: Vacancy,
    scores: list[int],
    present: set[int],
    disqualified: set[int],
    recent: set[int],
) -> None:
    """For every combination of policies; nobody wins twice, and each place is won, shared, or empty for a reason."""
    declared = podium(*amounts, ties=ties, minimum=minimum, pause=1, absent=absent)
    candidates = board(*sorted(scores, reverse=True))
    outcome = winners(declared, candidates, present=present, disqualified=disqualified, recent=recent)
    won = {each.candidate.competitor: (each.place, each.amount) for each in outcome.winners}
    assert reference(declared, candidates, present, disqualified, recent) == won
    assert len(won) == len(outcome.winners)
    assert not won.keys() & {each.candidate.competitor for each in outcome.passed_over}
    shares = [(each.place, each.share) for each in outcome.winners]
    assert sorted(set(shares)) == shares
    empty = {each.place for each in outcome.empty}
    assert not empty & {each.place for each in outcome.winners}
    if ties is EARLIEST:
        assert set(range(1, declared.places + 1)) == empty | {place for place, _ in shares}
    if ties is SPLIT:
        assert sum(amount or 0 for _, amount in won.values()) <= sum(amounts)
