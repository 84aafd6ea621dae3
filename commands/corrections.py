"""What a person corrects: an activity that does not count, points and badges given and taken, each with a reason."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from commands.arguments import moment_of, user
from commands.outcome import DONE, Clock
from commands.store import writing
from errors import LaurelsError
from settings import Settings
from terminal import escaped, say

if TYPE_CHECKING:
    from operations.adjust import Author
    from storage.work import UnitOfWork


def retract(settings: Settings, clock: Clock, source: str, id: str, reason: str) -> int:
    from activity.intake import Refused
    from operations.retract import retract as retracted
    from operations.retracted import RetractStatus
    from operations.revision import Revisions

    try:
        done = writing(
            settings,
            lambda work: retracted(work, Revisions(), source, id, author=user(), reason=reason, now=clock()),
        )
    except Refused as refused:
        raise LaurelsError(refused.message) from None
    said = "Retracted. " if done.status is RetractStatus.RETRACTED else ""
    say(f"{said}{escaped(done.told)}")
    return DONE


def adjust(
    settings: Settings, clock: Clock, member: str, points: int, reason: str, rule: str | None, at: str | None
) -> int:
    from operations.adjust import adjust as adjusted
    from operations.revision import Revisions

    moment = moment_of(at) if at is not None else None
    _correct(
        settings,
        lambda work, author: adjusted(
            work, Revisions(), member, points, author=author, reason=reason, rule=rule, at=moment, now=clock()
        ),
    )
    say(f"{points:+,} points for {member}.")
    return DONE


def give(settings: Settings, clock: Clock, member: str, badge: str, level: int, reason: str) -> int:
    from operations.give import give_badge
    from operations.revision import Revisions

    _correct(
        settings,
        lambda work, author: give_badge(
            work, Revisions(), member, badge, level=level, author=author, reason=reason, now=clock()
        ),
    )
    say(f"{member} has {badge}.")
    return DONE


def take(settings: Settings, clock: Clock, member: str, badge: str, level: int | None, reason: str) -> int:
    from operations.give import take_badge
    from operations.revision import Revisions

    _correct(
        settings,
        lambda work, author: take_badge(
            work, Revisions(), member, badge, level=level, author=author, reason=reason, now=clock()
        ),
    )
    say(f"{badge} was taken from {member}.")
    return DONE


def _correct(settings: Settings, do: "Callable[[UnitOfWork, Author], Awaitable[int]]") -> None:
    """Do what a person corrects. Raises LaurelsError."""
    from activity.intake import Refused
    from operations.adjust import Author

    try:
        writing(settings, lambda work: do(work, Author(user())))
    except Refused as refused:
        raise LaurelsError(refused.message) from None
