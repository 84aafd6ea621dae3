"""A programme with podiums, periods of it that are decided, and short words for what becomes of the prizes."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import insert, select

from activity.tables import member
from leaderboard.tables import closing, result
from operations.adjust import Author
from operations.names import load_names
from operations.pay import pay, paying
from operations.payouts import Moved, expire, move
from operations.prize_proof import PrizeProof
from rewards.payout import Verb
from rewards.tables import passed_over, payout, payout_event, prize_giving
from rules.tables import version
from tests.world import MANAGER, PROGRAMME, World

CLOSING = PROGRAMME.replace("[effort], period: month", "[effort], period: month, closing: {}").replace(
    "ties: earliest}", "ties: earliest, closing: {}}"
)

PODIUM = """
podiums:
  best:
    title: Best of the month
    board: effort
    currency: GBP
    prizes: {1: {title: Conference, amount: 90}, 2: {title: Dinner, amount: 50}, 3: {title: Book, amount: 10}}
"""

PEOPLE = ("Ada", "Ben", "Cy", "Dee", "Eve", "Flo")


def with_podium(*changes: str, podium: str = PODIUM) -> str:
    """The programme with a podium of three places, and settings added to it."""
    return CLOSING + podium + "".join(f"    {change}\n" for change in changes)


async def company(world: World, *changes: str) -> World:
    """Six members, and the podium."""
    await world.apply(with_podium(*changes))
    await world.hire(*PEOPLE)
    return world


async def decided(world: World, period: str, scores: dict[str, int], *, board: str = "effort") -> int:
    """A period of a board that is final, with these scores; who is named first reached theirs first."""
    async with world.store.writing() as work:
        state = await world.revisions.current(work)
        of_board = next(each for each in state.board_versions if each.board.key == board)
        row = (await work.rows(select(version).where(version.c.id == of_board.id)))[0]
        first = of_board.board.period_named(state.calendar, period).first
        values = {"element": row.element, "board": row.id, "period": first, "state": "final", "attempt": 1}
        values |= {"cutoff_seq": state.seq, "cutoff_us": 0, "disputes_until_us": 0, "participants": len(scores)}
        number = (await work.execute(insert(closing).values(values).returning(closing.c.id))).scalar_one()
        keys = {row.external_id: row.key for row in await work.rows(select(member))}
        order = sorted(scores, key=lambda name: -scores[name])
        places = [
            {
                "closing": number,
                "position": position,
                "rank": 1 + sum(other > scores[name] for other in scores.values()),
                "competitor": keys[name],
                "score": scores[name],
                "reached_us": position,
            }
            for position, name in enumerate(order, 1)
        ]
        if places:
            await work.execute(insert(result), places)
        return int(number)


async def paid(world: World, closing_id: int, *, disqualified: Sequence[str] = ()) -> int:
    keys = [await key_of(world, name) for name in disqualified]
    async with world.store.writing() as work:
        return await pay(work, world.revisions, closing_id, now=world.now, disqualified=keys)


async def month(world: World, period: str, **scores: int) -> int:
    """A month that is final and paid."""
    number = await decided(world, period, scores)
    async with world.store.writing() as work:
        await paying(world.revisions, world.now)(work, number)
    return number


async def key_of(world: World, name: str) -> int:
    async with world.store.reading() as work:
        return int((await work.execute(select(member.c.key).where(member.c.external_id == name))).scalar_one())


async def winner(world: World, name: str) -> Author:
    """A member, who acts for themself."""
    return Author(name, await key_of(world, name))


async def moving(
    world: World, number: int, verb: Verb, *, author: Author = MANAGER, reason: str | None = "found in a test"
) -> Moved:
    async with world.store.writing() as work:
        return await move(work, world.revisions, number, verb, author=author, reason=reason, now=world.now)


async def expiring(world: World) -> int:
    async with world.store.writing() as work:
        return (await expire(work, world.revisions, now=world.now)).done


async def payouts(world: World, closing_id: int | None = None) -> list[tuple[int, str, str, int | None, str]]:
    """Place, member, title of the prize, amount and state of each payout, as they were made."""
    async with world.store.reading() as work:
        query = select(payout, member.c.external_id).join(member, member.c.key == payout.c.member)
        if closing_id is not None:
            query = query.where(payout.c.closing == closing_id)
        return [
            (row.place, row.external_id, orjson.loads(row.prize)["title"], row.amount, row.state)
            for row in await work.rows(query.order_by(payout.c.id))
        ]


async def numbers(world: World) -> dict[str, int]:
    """The latest payout of each member."""
    async with world.store.reading() as work:
        query = select(payout.c.id, member.c.external_id).join(member, member.c.key == payout.c.member)
        return {row.external_id: row.id for row in await work.rows(query.order_by(payout.c.id))}


async def events(world: World, number: int) -> list[tuple[str | None, str, str | None, str | None]]:
    """From, to, author and reason of each event of a payout."""
    async with world.store.reading() as work:
        query = select(payout_event).where(payout_event.c.payout == number).order_by(payout_event.c.ordinal)
        return [(row.from_state, row.to_state, row.author, row.reason) for row in await work.rows(query)]


async def passed(world: World) -> list[tuple[str, str]]:
    """Who was passed over, and why."""
    async with world.store.reading() as work:
        query = select(passed_over.c.reason, member.c.external_id).join(member, member.c.key == passed_over.c.member)
        rows = await work.rows(query.order_by(passed_over.c.closing, passed_over.c.position, member.c.external_id))
        return [(row.external_id, row.reason) for row in rows]


async def unproved(world: World) -> list[str]:
    """What is wrong with prizes and payouts."""
    found: list[str] = []
    async with world.store.reading() as work:
        state = await world.revisions.current(work)
        await PrizeProof(work, state.calendar, await load_names(work), found.append).prove()
    return found


async def empty(world: World) -> list[list[dict[str, Any]]]:
    """The places that nobody won, by giving."""
    async with world.store.reading() as work:
        rows = await work.rows(select(prize_giving).order_by(prize_giving.c.closing, prize_giving.c.podium))
        return [orjson.loads(row.empty) for row in rows]
