"""Claims: the way of an activity that a member reports themselves and somebody else confirms, as a state machine. Pure.

    waiting -> approved     a reviewer confirms it: it is recorded, at the time that was claimed
            -> refused      a reviewer does not, and says why
            -> withdrawn    the claimant takes it back

Beside it the words of a claim, checked: its link and its note.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from activity.calendar import moment_words
from activity.catalogue import ActivityType, FieldType, LinkRule
from activity.intake import CHECKS, Refused

LINK_LENGTH_MAX = 2_048
NOTE_LENGTH_MAX = 2_000
NOTHING_LEFT = "{}"  # the data of a claim that was stripped


class State(StrEnum):
    """Where a claim is."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What decides a claim."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class By(StrEnum):
    """Who decides a claim, in their relation to it."""

    CLAIMANT = "claimant"  # whose claim it is, whatever else they may do
    REVIEWER = "reviewer"  # somebody else


class Step(NamedTuple):
    """What a verb makes of a claim that waits, and who may."""

    after: State
    by: By


STEPS: Mapping[Verb, Step] = {
    Verb.APPROVE: Step(State.APPROVED, By.REVIEWER),
    Verb.REFUSE: Step(State.REFUSED, By.REVIEWER),
    Verb.WITHDRAW: Step(State.WITHDRAWN, By.CLAIMANT),
}

# What is held against a claim that says the same: it waits, or was recorded.
STANDING = frozenset({State.WAITING, State.APPROVED})


@dataclass(frozen=True, slots=True)
class ClaimLimits:
    """How many claims of one member may wait, and how many they may make in a day of the programme."""

    open_max: int = 20
    per_day: int = 10


class LimitReached(Refused):
    """A member has as many claims waiting, or made as many today, as the programme allows."""


class AlreadyClaimed(Refused):
    """A claim that says the same waits already, or was approved."""


def decided(verb: Verb, number: int, state: State, by: By) -> State:
    """The state after a verb. Raises Refused."""
    step = STEPS[verb]
    if by is not step.by:
        if step.by is By.REVIEWER:
            raise Refused("number", f"claim {number} is your own, and nobody reviews theirs; ask another manager")
        raise Refused("number", f"claim {number} is not yours; who made it withdraws it, with a key that acts for them")
    if state is not State.WAITING:
        raise Refused("number", f"claim {number} was {state} already, which is final; take one that waits")
    return step.after


def check_claimable(
    kind: ActivityType, time: datetime, now: datetime, claimable: Collection[str], zone: ZoneInfo
) -> None:
    """Whether an activity of a type may be claimed that happened then. `claimable` has the keys of those
    that may; `zone` is that of the claimant's clock. Raises Refused."""
    if kind.claim is None:
        which = f"claim one of {', '.join(claimable)}" if claimable else "the programme has no type that can be"
        raise Refused("type", f"{kind.key} cannot be claimed, as tools report it; {which}")
    if kind.claim.within is not None and time < now - kind.claim.within:
        first = moment_words(now - kind.claim.within, zone)
        told = f"this is too long ago: what happened since {first} can be claimed"
        raise Refused("time", f"{told}; ask a manager about what is older")


def checked_link(kind: ActivityType, value: Any) -> str | None:
    """The link of a claim, as its type asks for it. Raises Refused."""
    rule = kind.claim.link if kind.claim else LinkRule.OPTIONAL
    link = None if value is None else str(CHECKS[FieldType.STRING]("link", value)).strip() or None
    if link is None:
        if rule is LinkRule.REQUIRED:
            hint = f" ({kind.claim.hint})" if kind.claim and kind.claim.hint else ""
            raise Refused("link", f"link is missing; this is claimed with one{hint}")
        return None
    if rule is LinkRule.NONE:
        raise Refused("link", "this is claimed without a link; leave it out, and say what there is in the note")
    try:
        parts = urlsplit(link)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or any(character.isspace() or not character.isprintable() for character in link):
        raise Refused("link", "link is no web address; write one that begins with https:// or http://, without blanks")
    return link


def checked_note(value: Any) -> str | None:
    """The note of a claim. Raises Refused."""
    if value is None:
        return None
    if isinstance(value, str) and len(value.strip()) > NOTE_LENGTH_MAX:
        told = f"note has {len(value.strip()):,} characters; at most {NOTE_LENGTH_MAX:,} are allowed"
        raise Refused("note", f"{told}: say it in short, or link to it")
    text = value.strip() if isinstance(value, str) else value
    return str(CHECKS[FieldType.STRING]("note", text)) or None
