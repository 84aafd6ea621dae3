"""Candidates: who stands in line for the prizes of a period that is decided, or would if it was.

They are the places of its result, and between them those who stood there at the cutoff and left while it was closed:
the others moved up on the board, but what becomes of their prize is the podium's to say.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple

from sqlalchemy import select

from activity.calendar import Calendar
from activity.tables import member
from leaderboard.closing import Cut
from leaderboard.left import Mark, left_since
from leaderboard.ranking import Ranking
from leaderboard.tables import result
from operations.closings import cuts_of, load_closing
from rewards.winners import Candidate
from storage.work import UnitOfWork

CHUNK = 200  # places of a result that are looked at in one go


class Offered(NamedTuple):
    """Who is offered to a podium. `placed` says whether they have a place in the result, `present` whether they have
    one and take part today."""

    candidate: Candidate
    placed: bool
    present: bool


async def candidates(work: UnitOfWork, calendar: Calendar, closing_id: int) -> AsyncIterator[Offered]:
    """Who stands in line in a closing, in the total order. Who left has the position of those who moved up to it."""
    row = await load_closing(work, closing_id)
    assert row is not None
    (cut,) = await cuts_of(work, calendar, [row])
    async for offered in _with_who_left(_placed(work, closing_id), left_since(work, cut)):
        yield offered


async def candidates_now(work: UnitOfWork, ranking: Ranking, cut: Cut | None) -> AsyncIterator[Offered]:
    """Who would stand in line in a period that is not decided, by its ranking; `cut` is that of one that was closed."""
    if cut is None:
        async for offered in _ranked(ranking):
            yield offered
        return
    async for offered in _with_who_left(_ranked(ranking), left_since(work, cut)):
        yield offered


async def _with_who_left(placed: AsyncIterator[Offered], left: AsyncIterator[Mark]) -> AsyncIterator[Offered]:
    away = await anext(left, None)
    last = 0
    async for offered in placed:
        place = offered.candidate
        while away is not None and (-away[0], *away[1:]) < (-place.score, place.reached_us, place.competitor):
            yield _away(place.position, away)
            away = await anext(left, None)
        last = place.position
        yield offered
    while away is not None:
        yield _away(last + 1, away)
        away = await anext(left, None)


def _away(position: int, mark: Mark) -> Offered:
    score, reached_us, competitor = mark
    return Offered(Candidate(position, competitor, score, reached_us), placed=False, present=False)


async def _ranked(ranking: Ranking) -> AsyncIterator[Offered]:
    places = await ranking.top(CHUNK)
    while places:
        for each in places:
            place = Candidate(each.position, each.competitor, each.score, each.reached_us)
            yield Offered(place, placed=True, present=True)
        places = await ranking.after(places[-1].mark, CHUNK)


async def _placed(work: UnitOfWork, closing_id: int) -> AsyncIterator[Offered]:
    columns = [result.c[name] for name in Candidate._fields]
    last = 0
    while True:
        behind = (result.c.closing == closing_id) & (result.c.position > last)
        rows = await work.rows(select(*columns).where(behind).order_by(result.c.position).limit(CHUNK))
        keys = [row.competitor for row in rows]
        there = select(member.c.key).where(member.c.key.in_(keys), member.c.participates)
        present = {row.key for row in await work.rows(there)}
        for row in rows:
            yield Offered(Candidate(*row), placed=True, present=row.competitor in present)
        if len(rows) < CHUNK:
            return
        last = rows[-1].position
