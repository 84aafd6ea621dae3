"""What members claimed to have done: listed, approved and refused."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from commands.arguments import checked_first, user
from commands.outcome import DONE, FOUND, Clock
from commands.store import reading, writing
from errors import LaurelsError
from settings import Settings
from terminal import escaped, say

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from operations.review import Reviewed
    from storage.bulk import AnyRow
    from storage.work import UnitOfWork


def list_claims(settings: Settings, _: Clock, state: str | None, member: str | None, first: int) -> int:
    checked_first(first)
    found, zone = reading(settings, lambda work: _found(work, state, member, first + 1))
    say("\n".join(_lines(found[:first], zone)) if zone else "There are no such claims.")
    if len(found) > first:
        say(f"… and more; --first {2 * first} shows them")
    return DONE


def approve_claims(settings: Settings, clock: Clock, numbers: list[int]) -> int:
    from activity.intake import Refused
    from operations.adjust import Author
    from operations.review import approve
    from operations.revision import Revisions

    async def approving(work: "UnitOfWork") -> "list[Reviewed]":
        return await approve(work, Revisions(), numbers, author=Author(user()), now=clock())

    try:
        done = writing(settings, approving)
    except Refused as refused:
        raise LaurelsError(refused.message) from None
    for each in done:
        say(f"Not approved: {each.message}." if each.seq is None else _approved(each))
        for words in each.why:
            say(f"  {escaped(words)}")
    return DONE if all(each.seq is not None for each in done) else FOUND


def refuse_claim(settings: Settings, clock: Clock, number: int, reason: str) -> int:
    from activity.intake import Refused
    from operations.adjust import Author
    from operations.review import refuse

    async def refusing(work: "UnitOfWork") -> None:
        await refuse(work, number, author=Author(user()), reason=reason, now=clock())

    try:
        writing(settings, refusing)
    except Refused as refused:
        raise LaurelsError(refused.message) from None
    say(f"Claim {number} is refused.")
    return DONE


def _approved(done: "Reviewed") -> str:
    late = ", ".join(f"{each.board.board.title} {each.period.key}" for each in done.too_late)
    told = f" It comes too late for {late}." if late else ""
    return f"Claim {done.number} is approved: {done.points:,} point{'s' * (done.points != 1)}.{told}"


async def _found(
    work: "UnitOfWork", state: str | None, external_id: str | None, count: int
) -> "tuple[Sequence[AnyRow], ZoneInfo | None]":
    """Such claims, and the programme's time zone, where there are any."""
    from sqlalchemy import select

    from activity.tables import claim, member, retraction
    from operations.adjust import member_key
    from operations.revision import Revisions
    from rules.tables import element

    key = None if external_id is None else await member_key(work, external_id)
    if external_id is not None and key is None:
        raise LaurelsError(f"there is no member with the external id {external_id!r}; --member takes one as imported")
    query = (
        select(claim, member.c.external_id, element.c.key, retraction.c.reason.label("retracted"))
        .join(member, member.c.key == claim.c.member)
        .join(element, element.c.id == claim.c.type)
        .outerjoin(retraction, retraction.c.activity == claim.c.activity)
        .where(member.c.participates)
    )
    if state is not None:
        query = query.where(claim.c.state == state)
    if key is not None:
        query = query.where(claim.c.member == key)
    rows = await work.rows(query.order_by(claim.c.id).limit(count))
    return rows, (await Revisions().current(work)).calendar.time_zone if rows else None


def _lines(found: "Sequence[AnyRow]", zone: "ZoneInfo") -> Iterator[str]:
    from activity.calendar import instant

    for row in found:
        when = f"{instant(row.time_us).astimezone(zone):%Y-%m-%d %H:%M}"
        data = "stripped" if row.stripped else row.data
        yield f"{row.id:>6}  {row.state:<9}  {escaped(row.external_id):<20}  {when}  {row.key}  {data}"
        became = row.reason and f"refused: {row.reason}", row.retracted and f"retracted later: {row.retracted}"
        for words in (row.link, row.note and " ".join(row.note.split()), *became):
            if words:
                yield f"        {escaped(words)}"
    yield f"Times are by the clock of {zone.key}."
