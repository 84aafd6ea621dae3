"""What every ranking answers, wherever its places come from."""

from collections.abc import Sequence

from leaderboard.ranking import Place, Ranking


async def assert_answers(ranking: Ranking, whole: Sequence[Place]) -> None:
    """Top, pages in both directions, around and place, of a ranking that has these places and no others."""
    assert len(whole) == await ranking.participants()
    assert whole == await ranking.top(100)
    assert whole[:7] == await ranking.top(7)
    assert whole[-7:] == await ranking.before(None, 7)
    for index, place in enumerate(whole):
        assert place == await ranking.place(place.competitor)
        assert whole[index + 1 : index + 6] == await ranking.after(place.mark, 5)
        assert whole[max(0, index - 5) : index] == await ranking.before(place.mark, 5)
        assert whole[max(0, index - 2) : index + 4] == await ranking.around(place.competitor, 2, 3)
