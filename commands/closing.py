"""Closing periods of boards, and what a person corrects before a result is final."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from commands.arguments import user
from commands.outcome import DONE, Clock
from commands.store import on_store, reading, writing
from errors import LaurelsError
from settings import Settings
from terminal import say

if TYPE_CHECKING:
    from operations.adjust import Author
    from operations.close import Closed
    from operations.disqualify import Competitor
    from operations.named_period import Decided
    from storage.engine import Store
    from storage.work import UnitOfWork


def close(settings: Settings, clock: Clock, board: str | None, period: str | None, reason: str | None) -> int:
    from operations.close import close_due, close_early
    from operations.pay import paying
    from operations.payouts import expire_due
    from operations.revision import Revisions

    if board is None:
        if reason is not None:
            raise LaurelsError("a reason is for a period that is closed early; give its BOARD and PERIOD too")

        async def due(store: "Store") -> "tuple[Closed, int]":
            now = clock()
            closed = await close_due(store, Revisions(), now=now, pay=paying(Revisions(), now))
            return closed, await expire_due(store, Revisions(), now=now)

        done, expired = on_store(settings, due)
        say(f"{_periods(done.closed)} closed; {_periods(done.final)} final.")
        if expired:
            say(f"{expired:,} prize{'s' * (expired != 1)} not claimed in time expired.")
        return DONE
    if period is None or reason is None:
        raise LaurelsError("a period that is closed early needs BOARD, PERIOD and --reason; without all of them, close")
    _change(
        settings,
        lambda work, author: close_early(work, Revisions(), board, period, author=author, reason=reason, now=clock()),
    )
    return DONE


def reopen(settings: Settings, clock: Clock, board: str, period: str, reason: str) -> int:
    from operations.close import reopen as reopened
    from operations.revision import Revisions

    _change(
        settings,
        lambda work, author: reopened(work, Revisions(), board, period, author=author, reason=reason, now=clock()),
    )
    return DONE


def disqualify(
    settings: Settings, clock: Clock, board: str, period: str, member: str | None, team: str | None, reason: str
) -> int:
    from operations.disqualify import Competitor
    from operations.disqualify import disqualify as disqualified

    who = Competitor(member, team)
    _decide(settings, clock, disqualified, board, period, who, reason)
    return DONE


def reinstate(
    settings: Settings, clock: Clock, board: str, period: str, member: str | None, team: str | None, reason: str
) -> int:
    from operations.disqualify import Competitor
    from operations.disqualify import reinstate as reinstated

    who = Competitor(member, team)
    _decide(settings, clock, reinstated, board, period, who, reason)
    return DONE


def rehearse(settings: Settings, _: Clock, board: str, period: str, places: int) -> int:
    from activity.intake import Refused
    from operations.rehearse import rehearse as rehearsed
    from operations.revision import Revisions

    try:
        lines = reading(settings, lambda work: rehearsed(work, Revisions(), board, period, places))
    except Refused as refused:
        raise LaurelsError(refused.message) from None
    say("\n".join(lines))
    return DONE


def _decide(
    settings: Settings,
    clock: Clock,
    verb: "Callable[..., Awaitable[Decided]]",
    board: str,
    period: str,
    who: "Competitor",
    reason: str,
) -> None:
    """Do what a person decides about one competitor. Raises LaurelsError."""
    from operations.revision import Revisions

    told = {"reason": reason, "now": clock()}
    _change(settings, lambda work, author: verb(work, Revisions(), board, period, who, author=author, **told))


def _change(settings: Settings, do: "Callable[[UnitOfWork, Author], Awaitable[Decided]]") -> None:
    """Do what a person decides, and say what was done. Raises LaurelsError."""
    from activity.intake import Refused
    from operations.adjust import Author

    try:
        done = writing(settings, lambda work: do(work, Author(user())))
    except Refused as refused:
        raise LaurelsError(refused.message) from None
    say(done.told)


def _periods(count: int) -> str:
    return f"{count:,} period{'s' * (count != 1)}"
