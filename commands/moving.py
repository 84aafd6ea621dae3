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


def move_identity(settings: Settings, clock: Clock, identity: str, to: str, reason: str, dry_run: bool) -> int:
    from sqlalchemy import select

    from activity.tables import member
    from operations.move import move_identity as moved
    from operations.revision import Revisions

    async def moving(work: "UnitOfWork", author: "Author") -> "tuple[Moved, str]":
        done = await moved(work, Revisions(), identity, to, author=author, reason=reason, now=clock())
        rows = await work.rows(select(member.c.external_id).where(member.c.key.in_(done.formers)))
        return done, " and ".join(sorted(row.external_id for row in rows))

    done, formers = _attempt(settings, moving, dry_run)
    becomes = f"would be of {to}" if dry_run else f"is of {to} now"
    say(f"{identity} {becomes}, with {_activities(done.activities)}: {done.given:+,} points for them.")
    less = f"{abs(done.taken):,} point{'s' * (abs(done.taken) != 1)} {'less' if done.taken > 0 else 'more'}"
    has = "would have" if dry_run else "has" if len(done.formers) == 1 else "have"
    changed = "would change" if dry_run else "changed"
    say(f"{formers} {has} {less}." if done.taken else f"Nothing {changed} in the points of {formers}.")
    _say_joint(done.joint, done.others, to, dry_run)
    if done.retracted:
        say(f"{_activities(done.retracted)}{' would be' * dry_run} retracted, as {to} took no part then.")
    _say_rehearsed(dry_run)
    return DONE


def merge_members(settings: Settings, clock: Clock, member: str, into: str, reason: str, dry_run: bool) -> int:
    from operations.merge import merge_members as merged
    from operations.revision import Revisions

    done = _attempt(
        settings,
        lambda work, author: merged(work, Revisions(), member, into, author=author, reason=reason, now=clock()),
        dry_run,
    )
    becomes = f"would be {into}" if dry_run else f"is {into} now"
    say(f"{member} {becomes}, with {_activities(done.activities)}: {done.points:+,} points for them.")
    _say_joint(done.joint, done.others, into, dry_run)
    _say_rehearsed(dry_run)
    return DONE


def _say_rehearsed(dry_run: bool) -> None:
    if dry_run:
        say("Nothing was changed; without --dry-run it would be.")


def _say_joint(count: int, others: int, left: str, dry_run: bool) -> None:
    if count:
        also = (
            f", and whom {'it names' if count == 1 else 'they name'} beside them {others:+,} points" if others else ""
        )
        once = "would be credited once" if dry_run else "is credited once now"
        say(f"{_activities(count)} of these credited both, and {left} {once}{also}.")


def _activities(count: int) -> str:
    return f"{count:,} activit{'y' if count == 1 else 'ies'}"


def _attempt(settings: Settings, do: "Callable[[UnitOfWork, Author], Awaitable[T]]", dry_run: bool) -> T:
    """Raises LaurelsError."""
    from activity.intake import Refused
    from operations.adjust import Author

    try:
        return writing(settings, lambda work: do(work, Author(user())), rehearse=dry_run)
    except Refused as refused:
        raise LaurelsError(refused.message) from None
