"""The questions of a ranking, answered alike from SQL on both databases and from Redis."""

import pytest

from leaderboard.board import TieRule
from leaderboard.ranking import Mark
from storage.engine import Store
from tests.leaderboard.boards import BOARD, PERIOD, crowd, leave, ranked, stand
from tests.leaderboard.conftest import Ask
from tests.leaderboard.contract import assert_answers


@pytest.mark.parametrize("ties", TieRule)
async def test_every_answer_is_that_of_a_sorted_list(board: Store, ask: Ask, ties: TieRule) -> None:
    """Top, pages in both directions, around and place: with ties everywhere, from every place, for every tie rule."""
    marks = crowd(seed=len(ties))
    await stand(board, marks)
    await stand(board, crowd(seed=99), board=BOARD + 1)
    await stand(board, crowd(seed=98), period=PERIOD + 1)
    whole = ranked(marks, ties)
    await assert_answers(await ask(ties), whole)


MINIMUM = 3


@pytest.mark.parametrize("ties", TieRule)
async def test_who_has_too_few_points_is_not_on_the_board(board: Store, ask: Ask, ties: TieRule) -> None:
    """The places of the others are what they were: pages, neighbours and the count end at the minimum."""
    marks = crowd(seed=7)
    await stand(board, marks)
    everyone = ranked(marks, ties)
    whole = [place for place in everyone if place.score >= MINIMUM]
    assert 0 < len(whole) < len(everyone)
    ranking = await ask(ties, MINIMUM)
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
    empty = await ask(ties, 10**6)
    assert (0, []) == (await empty.participants(), await empty.before(None, 3))


@pytest.mark.parametrize("ties", TieRule)
async def test_an_empty_board_answers(board: Store, ask: Ask, ties: TieRule) -> None:
    """Before the first points there is nobody, and no error."""
    ranking = await ask(ties)
    assert 0 == await ranking.participants()
    assert [] == await ranking.top(10) + await ranking.before(None, 10) + await ranking.around(1, 1, 1)


async def test_a_place_that_nobody_holds_has_neighbours(board: Store, ask: Ask) -> None:
    """A page begins behind any place: between scores, inside a tie, above all and below all."""
    marks = crowd(seed=4)
    await stand(board, marks)
    whole = ranked(marks, TieRule.COMPETITION)
    ranking = await ask(TieRule.COMPETITION)
    for score in range(-4, 10):
        for reached_us in (-1, 1, 5):
            for competitor in (0, 5_000, 20_000):
                key = -score, reached_us, competitor
                behind = [place for place in whole if (-place.score, place.reached_us, place.competitor) > key]
                ahead = [place for place in whole if (-place.score, place.reached_us, place.competitor) < key]
                at = Mark(score, reached_us, competitor)
                assert behind[:4] == await ranking.after(at, 4)
                assert ahead[-4:] == await ranking.before(at, 4)


async def test_who_takes_no_part_has_no_place(board: Store, ask: Ask) -> None:
    """An unlisted standing is in no page, has no neighbours, and takes no rank from others."""
    await stand(board, [Mark(90, 0, -1), Mark(50, 0, 2), Mark(40, 0, 3)])
    ranking = await ask(TieRule.COMPETITION)
    assert [(1, 2), (2, 3)] == [(place.rank, place.competitor) for place in await ranking.top(10)]
    assert await ranking.place(-1) is None
    assert [] == await ranking.around(-1, 5, 5)
    assert 2 == await ranking.participants()


async def test_nothing_is_asked_for_and_nothing_comes(board: Store, ask: Ask) -> None:
    """Pages of nothing, and pages past the end."""
    marks = crowd(seed=6)
    await stand(board, marks)
    ranking = await ask(TieRule.EARLIEST)
    first, *_, last = ranked(marks, TieRule.EARLIEST)
    assert [] == await ranking.top(0) + await ranking.after(first.mark, 0) + await ranking.before(last.mark, 0)
    assert [] == await ranking.after(last.mark, 5) + await ranking.before(first.mark, 5)
    assert [] == await ranking.before(None, 0)


@pytest.mark.parametrize("score", [2**53, -(2**53), 2**53 - 1])
async def test_large_scores_are_told_exactly(board: Store, ask: Ask, score: int) -> None:
    """Up to 2^53 each is a number of its own everywhere."""
    marks = [Mark(score, 2**50, 2**62), Mark(score - 1 if score > 0 else score + 1, 0, 1)]
    await stand(board, marks)
    ranking = await ask(TieRule.COMPETITION)
    assert sorted(marks, reverse=True) == [place.mark for place in await ranking.top(2)]


async def test_a_page_behind_a_mark_neither_skips_nor_repeats_while_the_board_changes(board: Store, ask: Ask) -> None:
    """Someone overtakes and someone leaves between two pages: the second begins where the first ended."""
    await stand(board, [Mark(score, 0, score) for score in range(10, 0, -1)])
    first = await (await ask(TieRule.COMPETITION)).top(4)
    await stand(board, [Mark(99, 0, 1)])
    await leave(board, [7])
    second = await (await ask(TieRule.COMPETITION)).after(first[-1].mark, 4)
    assert [10, 9, 8, 7] == [place.competitor for place in first]
    assert [6, 5, 4, 3] == [place.competitor for place in second]
    assert [5, 6, 7, 8] == [place.position for place in second]
