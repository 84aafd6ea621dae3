"""The ranking of a final period: every question against a plain list, with gaps where somebody has left."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from sqlalchemy import delete, insert, update

from activity.tables import member
from leaderboard.board import Competitors, TieRule
from leaderboard.closing import State
from leaderboard.ranking import Mark, Place, Ranking
from leaderboard.ranking_closed import ClosedRanking
from leaderboard.result import NOBODY, Digest, ResultRow, columns_of, ranked, results
from leaderboard.tables import closing, result, standing
from rules.tables import element, revision, version
from storage.engine import Store
from tests.leaderboard.boards import crowd, stand
from tests.leaderboard.boards import ranked as ranked_whole
from tests.leaderboard.contract import assert_answers
from tests.leaderboard.test_ranking import order

CLOSING = 1


@pytest.fixture
async def closed(store: Store) -> Store:
    """A store with one final closing, of which nobody has a place yet."""
    final = {"state": State.FINAL, "attempt": 1, "cutoff_seq": 1, "cutoff_us": 0, "disputes_until_us": 0}
    final |= {"id": CLOSING, "element": 1, "board": 1, "period": 739_000, "final_seq": 1, "final_us": 0, "digest": ""}
    async with store.writing() as work:
        row = {"number": 1, "seq": 1, "applied_us": 0, "document": "{}", "author": "", "pending": False}
        await work.execute(insert(revision).values(row))
        await work.execute(insert(element).values(id=1, kind="board", key="board"))
        row = {"id": 1, "element": 1, "revision": 1, "key": "board", "definition": "{}"}
        await work.execute(insert(version).values(row))
        await work.execute(insert(closing).values(final))
    return store


async def freeze(store: Store, marks: Sequence[Mark], ties: TieRule) -> list[Place]:
    """Give competitors their places; all of them are members who take part."""
    ordered = sorted(marks, key=order)
    rows = ranked(ordered, NOBODY, ties)
    people: dict[str, Sequence[object]] = {
        "key": [mark.competitor for mark in marks],
        "external_id": [f"m{mark.competitor}" for mark in marks],
    }
    people |= {"name": people["external_id"], "attributes": ["{}"] * len(marks), "rejudged": [0] * len(marks)}
    people |= {"external_id_hash": [0] * len(marks), "name_hash": [0] * len(marks)}
    async with store.writing() as work:
        await work.insert(member, people | {"participates": [True] * len(marks), "first_day": [1] * len(marks)})
        await work.insert(result, columns_of(CLOSING, rows))
    await stand(store, marks, period=739_000)
    async with store.writing() as work:
        await work.execute(update(closing).values(participants=len(rows)))
    return [Place(rank, position, key, score, reached) for position, rank, key, score, reached in rows]


@pytest.mark.parametrize("ties", TieRule)
async def test_every_answer_is_that_of_a_sorted_list(closed: Store, ties: TieRule) -> None:
    """As of an open period: top, pages in both directions, around and place, with ties everywhere."""
    marks = [mark for mark in crowd(seed=len(ties)) if mark.competitor > 0]
    whole = await freeze(closed, marks, ties)
    assert ranked_whole(marks, ties) == whole
    ranking: Ranking = ClosedRanking(closed.reading, CLOSING, Competitors.MEMBERS)
    await assert_answers(ranking, whole)


async def test_a_mark_where_nobody_stands_is_a_place_too(closed: Store) -> None:
    """A page begins behind it, or ends ahead of it."""
    whole = await freeze(closed, [Mark(10, 5, 110), Mark(8, 5, 108), Mark(6, 5, 7)], TieRule.DENSE)
    ranking = ClosedRanking(closed.reading, CLOSING, Competitors.MEMBERS)
    nowhere = {Mark(11, 0, 1): 0, Mark(9, 0, 1): 1, Mark(8, 5, 1): 1, Mark(8, 5, 999): 2, Mark(1, 0, 1): 3}
    for mark, ahead in nowhere.items():
        assert whole[ahead:] == await ranking.after(mark, 10)
        assert whole[:ahead] == await ranking.before(mark, 10)


async def test_who_has_left_is_not_shown_and_leaves_a_gap(closed: Store) -> None:
    """Nobody moves up; pages step over the gap, and whoever comes back has their place again."""
    whole = await freeze(closed, [Mark(score, 0, score) for score in range(10, 0, -1)], TieRule.COMPETITION)
    ranking = ClosedRanking(closed.reading, CLOSING, Competitors.MEMBERS)
    async with closed.writing() as work:
        await work.execute(update(member).where(member.c.key.in_((10, 7))).values(participates=False))
    shown = [place for place in whole if place.competitor not in (10, 7)]
    assert shown == await ranking.top(10)
    assert [2, 3, 5] == [place.rank for place in await ranking.top(3)]
    assert shown[2:] == await ranking.after(shown[1].mark, 10)
    assert shown[2:] == await ranking.after(Mark(7, 0, 7), 10)
    assert await ranking.place(7) is None
    assert [] == await ranking.around(10, 5, 5)
    assert (8, 10, (2, 10)) == (await ranking.participants(), await ranking.places(), await ranking.ends())
    async with closed.writing() as work:
        await work.execute(update(member).values(participates=True))
    assert whole == await ranking.top(10)
    assert (10, (1, 10)) == (await ranking.participants(), await ranking.ends())


async def test_of_who_has_left_those_alone_are_taken_off_who_had_a_place(closed: Store) -> None:
    """Not who stood below the board's minimum, or was not listed."""
    marks = [Mark(score, 0, score) for score in range(10, 0, -1)]
    whole = await freeze(closed, marks, TieRule.COMPETITION)
    async with closed.writing() as work:
        await work.execute(delete(result).where(result.c.position > 6))
        await work.execute(update(closing).values(participants=6))
        await work.execute(update(standing).where(standing.c.competitor == 8).values(listed=False))
        await work.execute(update(member).where(member.c.key.in_((9, 8, 5, 4))).values(participates=False))
    ranking = ClosedRanking(closed.reading, CLOSING, Competitors.MEMBERS)
    assert whole[5].competitor == 5
    assert (4, 6, (1, 5)) == (await ranking.participants(), await ranking.places(), await ranking.ends())
    async with closed.writing() as work:
        await work.execute(update(member).values(participates=False))
    assert (0, 0) == await ranking.ends()


async def test_a_result_is_read_as_a_stream_and_its_digest_is_of_its_lines(closed: Store) -> None:
    """The digest is what anybody computes from the canonical lines."""
    await freeze(closed, [Mark(20, 1_000, 7), Mark(30, 2_000, 5), Mark(-4, 3_000, 6)], TieRule.COMPETITION)
    async with closed.reading() as work:
        rows = [row async for row in results(work, CLOSING)]
        behind = [row async for row in results(work, CLOSING, after=2)]
    assert [ResultRow(1, 1, 5, 30, 2_000), ResultRow(2, 2, 7, 20, 1_000), ResultRow(3, 3, 6, -4, 3_000)] == rows
    assert rows[2:] == behind
    digest = Digest("journey", "impact", "2026-H1")
    digest.add(rows[:2])
    digest.add(rows[2:])
    lines = b"journey,impact,2026-H1\n1,1,5,30,2000\n2,2,7,20,1000\n3,3,6,-4,3000\n"
    assert sha256(lines).hexdigest() == digest.text


@pytest.mark.parametrize("ties", TieRule)
async def test_ranks_go_on_from_wherever_a_chunk_ends(closed: Store, ties: TieRule) -> None:
    """A chunk that begins inside a tie shares the rank of those before."""
    marks = sorted((mark for mark in crowd(seed=3)), key=order)
    given = [(mark.score, mark.reached_us, mark.competitor) for mark in marks]
    whole = ranked(given, NOBODY, ties)
    for first in range(1, len(given)):
        assert whole[first:] == ranked(given[first:], ResultRow(*whole[first - 1]), ties)
