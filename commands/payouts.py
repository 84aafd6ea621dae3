"""The prizes of podiums: which were won and where they are, and what a manager does with them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from commands.arguments import user
from commands.outcome import DONE, Clock
from commands.store import reading, writing
from errors import LaurelsError
from settings import Settings
from terminal import escaped, say

if TYPE_CHECKING:
    from operations.payouts import Moved
    from operations.prizes import PayoutRecord
    from storage.work import UnitOfWork


def list_payouts(settings: Settings, _: Clock, podium: str | None, period: str | None, state: str | None) -> int:
    from activity.intake import Refused

    try:
        found = reading(settings, lambda work: _found(work, podium, period, state))
    except Refused as refused:
        raise LaurelsError(refused.message) from None
    say("\n".join(_lines(found)) or "There are no such payouts.")
    return DONE


def move_payout(settings: Settings, clock: Clock, number: int, verb: str, reason: str | None) -> int:
    from activity.intake import Refused
    from operations.adjust import Author
    from operations.payouts import move
    from operations.revision import Revisions
    from rewards.payout import Verb

    async def moving(work: "UnitOfWork") -> "Moved":
        return await move(work, Revisions(), number, Verb(verb), author=Author(user()), reason=reason, now=clock())

    try:
        done = writing(settings, moving)
    except Refused as refused:
        raise LaurelsError(refused.message) from None
    say(f"Payout {number} is {done.state}.")
    if done.passed_on:
        say(f"The prize went on to the next in line, as payout {done.passed_on}.")
    return DONE


async def _found(
    work: "UnitOfWork", podium: str | None, period: str | None, state: str | None
) -> "Sequence[PayoutRecord]":
    from operations.prizes import narrowed, payouts_query, record_of
    from operations.revision import Revisions
    from rewards.tables import payout

    revision = await Revisions().current(work)
    query = await narrowed(work, payouts_query(), revision, podium=podium, period=period)
    if state is not None:
        query = query.where(payout.c.state == state)
    rows = await work.rows(query.order_by(payout.c.closing, payout.c.podium, payout.c.place, payout.c.id))
    return [record_of(row, revision.calendar) for row in rows]


def _lines(found: "Sequence[PayoutRecord]") -> "Iterator[str]":
    from rewards.podium import in_words

    group = None
    for each in found:
        if group != (each.podium.key, each.period.key):
            group = (each.podium.key, each.period.key)
            yield f"{each.podium.title}, {each.period.key}:"
        amount = "" if each.amount is None else f", {in_words(each.amount, each.prize.currency)}"
        prize = f"{each.prize.title}{amount}"
        yield f"  {each.id:>6}  place {each.place:<3}  {escaped(each.external_id):<20}  {each.state:<17}  {prize}"
