"""Disqualify: take a competitor out of a provisional result, or let them back in, with a reason.

Nobody does so in a period in which they stand themself, or their team.
"""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from activity.calendar import Period, microseconds
from activity.intake import Refused
from activity.tables import member as member_table
from activity.tables import team as team_table
from leaderboard.board import Competitors
from leaderboard.closing import Cut, Happened
from leaderboard.cut import restate
from leaderboard.standing import BoardVersion
from leaderboard.tables import standing
from operations.adjust import Author
from operations.close import provisional
from operations.closings import Event, counted_in, cuts_of, renumber, tell
from operations.impartial import refuse_involved
from operations.named_period import Decided, named_period
from operations.reasons import checked_reason
from operations.revision import Revisions
from storage.work import UnitOfWork

READERS = "managers, and the member it is about,"


class Competitor(NamedTuple):
    """Who competes: a member by external id, or a team by name."""

    member: str | None = None
    team: str | None = None


async def disqualify(
    work: UnitOfWork,
    revisions: Revisions,
    board: str,
    period: str,
    who: Competitor,
    *,
    author: Author,
    reason: str,
    now: datetime,
) -> Decided:
    """Give a competitor no place in a provisional result. Nothing is committed here.

    Raises Refused, and NoProgramme.
    """
    told = checked_reason(reason, READERS)
    version, span, cut, key = await _found(work, revisions, board, period, who, author)
    field, name = _named(who)
    if key in cut.disqualified:
        raise Refused(field, f"{name!r} is disqualified already")
    place = select(standing.c.competitor).where(
        standing.c.board == cut.version.id, standing.c.period == cut.span.first, standing.c.competitor == key
    )
    if not await work.rows(place):
        raise Refused(field, f"{name!r} has no place in {span.key} of {version.board.key!r}")
    await _change(work, cut, key, Event(Happened.DISQUALIFIED, microseconds(now), author.name, told, key))
    return Decided(version, span, f"{name} has no place in {span.key} of {board}.")


async def reinstate(
    work: UnitOfWork,
    revisions: Revisions,
    board: str,
    period: str,
    who: Competitor,
    *,
    author: Author,
    reason: str,
    now: datetime,
) -> Decided:
    """Give a disqualified competitor their place again. Nothing is committed here. Raises Refused, and NoProgramme."""
    told = checked_reason(reason, READERS)
    version, span, cut, key = await _found(work, revisions, board, period, who, author)
    field, name = _named(who)
    if key not in cut.disqualified:
        raise Refused(field, f"{name!r} is not disqualified in {span.key} of {version.board.key!r}")
    await _change(work, cut, key, Event(Happened.REINSTATED, microseconds(now), author.name, told, key))
    return Decided(version, span, f"{name} has their place in {span.key} of {board} again.")


async def _found(
    work: UnitOfWork, revisions: Revisions, board: str, period: str, who: Competitor, author: Author
) -> tuple[BoardVersion, Period, Cut, int]:
    await work.hold_programme()
    state = await revisions.current(work)
    version, span, _ = await named_period(work, state, board, period)
    (cut,) = await cuts_of(work, state.calendar, [await provisional(work, version, span)])
    await refuse_involved(work, author, cut.version, span, cut)
    field, name = _named(who)
    if (field == "team") is not (cut.version.board.of is Competitors.TEAMS):
        raise Refused(field, f"{board!r} is a board of {cut.version.board.of}; name one of them")
    if field == "team":
        query = select(team_table.c.id).where(team_table.c.name == name)
    else:
        query = select(member_table.c.key).where(member_table.c.external_id == name)
    key = (await work.execute(query)).scalar_one_or_none()
    if key is None:
        raise Refused(field, f"there is no {field} {name!r}")
    return version, span, cut, key


def _named(who: Competitor) -> tuple[str, str]:
    """The field that names a competitor, and its value. Raises Refused."""
    if who.member is not None and who.team is None:
        return "member", who.member
    if who.team is not None and who.member is None:
        return "team", who.team
    raise Refused("member", "give either member, an external id, or team, a name")


async def _change(work: UnitOfWork, cut: Cut, key: int, event: Event) -> None:
    await tell(work, cut.closing, event)
    await renumber(work)
    changed = replace(cut, disqualified=cut.disqualified ^ {key})
    await restate(work, changed, await counted_in(work, changed), [key])
