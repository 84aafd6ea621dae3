"""Who somebody is: identities are moved to whom they belong, and members merged who turned out to be one."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from commands.arguments import user
from commands.outcome import DONE, Clock
from commands.store import writing
from errors import LaurelsError
from settings import Settings
from terminal import say

if TYPE_CHECKING:
    from operations.adjust import Author
    from operations.move import Moved
    from storage.work import UnitOfWork

T = TypeVar("T")


def move_identity(settings: Settings, clock: Clock, identity: str, to: str, reason: str) -> int:
    from sqlalchemy import select

    from activity.tables import member
    from operations.move import move_identity as moved
    from operations.revision import Revisions

    async def moving(work: "UnitOfWork", author: "Author") -> "tuple[Moved, str]":
        done = await moved(work, Revisions(), identity, to, author=author, reason=reason, now=clock())
        rows = await work.rows(select(member.c.external_id).where(member.c.key.in_(done.formers)))
        return done, " and ".join(sorted(row.external_id for row in rows))

    done, formers = _attempt(settings, moving)
    say(f"{identity} is of {to} now, with {_activities(done.activities)}: {done.given:+,} points for them.")
    less = f"{abs(done.taken):,} point{'s' * (abs(done.taken) != 1)} {'less' if done.taken > 0 else 'more'}"
    has = "has" if len(done.formers) == 1 else "have"
    say(f"{formers} {has} {less}." if done.taken else f"Nothing changed in the points of {formers}.")
    _say_joint(done.joint, done.others, to)
    if done.retracted:
        say(f"{_activities(done.retracted)} retracted, as {to} took no part then.")
    return DONE


def merge_members(settings: Settings, clock: Clock, member: str, into: str, reason: str) -> int:
    from operations.merge import merge_members as merged
    from operations.revision import Revisions

    done = _attempt(
        settings,
        lambda work, author: merged(work, Revisions(), member, into, author=author, reason=reason, now=clock()),
    )
    say(f"{member} is {into} now, with {_activities(done.activities)}: {done.points:+,} points for them.")
    _say_joint(done.joint, done.others, into)
    return DONE


def _say_joint(count: int, others: int, left: str) -> None:
    if count:
        also = (
            f", and whom {'it names' if count == 1 else 'they name'} beside them {others:+,} points" if others else ""
        )
        say(f"{_activities(count)} of these credited both, and {left} is credited once now{also}.")


def _activities(count: int) -> str:
    return f"{count:,} activit{'y' if count == 1 else 'ies'}"


def _attempt(settings: Settings, do: "Callable[[UnitOfWork, Author], Awaitable[T]]") -> T:
    """Raises LaurelsError."""
    from activity.intake import Refused
    from operations.adjust import Author

    try:
        return writing(settings, lambda work: do(work, Author(user())))
    except Refused as refused:
        raise LaurelsError(refused.message) from None
