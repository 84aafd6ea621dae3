"""Review: somebody else approves what a member claimed, and it is recorded; or refuses it, and says why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import select

from activity.calendar import Period, instant
from activity.claim import By, State, Verb, decided
from activity.intake import CLAIMS, Claimed, Refused, content_of
from activity.tables import member
from leaderboard.standing import BoardVersion
from operations.adjust import Author
from operations.claim import decide, locked_claims
from operations.reasons import checked_reason
from operations.record import Status, record
from operations.revision import Revision, Revisions
from operations.why import why
from rewards.tables import entry, hold
from storage.bulk import AnyRow
from storage.work import UnitOfWork

REVIEWED_MAX = 100


class TooLate(NamedTuple):
    """A closed period in which an activity would have counted, had it come in time."""

    board: BoardVersion
    period: Period


class Reviewed(NamedTuple):
    """What became of the approval of one claim: `seq` is where the activity stands, or `message` says why it waits
    still. `too_late` are the closed periods that do not count it, and `why` says why it earned no points."""

    number: int
    seq: int | None = None
    points: int = 0
    too_late: tuple[TooLate, ...] = ()
    why: tuple[str, ...] = ()
    message: str = ""
    field: str = ""


async def approve(
    work: UnitOfWork, revisions: Revisions, numbers: Sequence[int], *, author: Author, now: datetime
) -> list[Reviewed]:
    """Approve claims, and record each at the time that was claimed; what became of each, in their order.

    What cannot be approved harms no other, and stays as it is: one's own, one that was decided before, and what
    recording refuses. Nothing is committed here. Raises Refused for too many, and NoProgramme.
    """
    if len(numbers) > REVIEWED_MAX:
        told = f"{len(numbers):,} claims are more than one request may approve"
        raise Refused("numbers", f"{told}; name at most {REVIEWED_MAX} at a time")
    await work.share_programme()
    state = await revisions.current(work)
    rows = await locked_claims(work, numbers)
    names = await _external_ids(work, rows)
    results: dict[int, Reviewed] = {}
    reports: dict[int, Claimed] = {}
    for number in dict.fromkeys(numbers):
        try:
            reports[number] = _report(state, number, rows.get(number), names, author, now)
        except Refused as refused:
            results[number] = Reviewed(number, message=refused.message, field=refused.field)
    receipts = await record(work, revisions, list(reports.values()), now=now)
    for number, receipt in zip(reports, receipts, strict=True):
        if receipt.status is Status.RECORDED:
            results[number] = Reviewed(number, receipt.seq, receipt.points)
        else:
            results[number] = Reviewed(number, message=receipt.message, field=receipt.field)
    seqs = {number: done.seq for number, done in results.items() if done.seq is not None}
    await decide(work, seqs, State.APPROVED, author, now)
    too_late = await _too_late(work, state, list(seqs.values()))
    unpaid = [done.seq for done in results.values() if done.seq is not None and not done.points]
    said = await why(work, state, unpaid, now) if unpaid else {}
    return [
        done._replace(too_late=too_late.get(done.seq or 0, ()), why=said.get(done.seq or 0, ()))
        for done in map(results.__getitem__, numbers)
    ]


async def refuse(work: UnitOfWork, number: int, *, author: Author, reason: str, now: datetime) -> None:
    """Refuse a claim, with a reason for the claimant. Nothing is committed here. Raises Refused."""
    told = checked_reason(reason)
    row = (await locked_claims(work, [number])).get(number)
    after = decided(Verb.REFUSE, number, State(_there(number, row).state), _by(author, row))
    await decide(work, {number: None}, after, author, now, reason=told)


def _report(
    state: Revision, number: int, row: AnyRow | None, names: Mapping[int, str], author: Author, now: datetime
) -> Claimed:
    """What is to be recorded for a claim, found sound as it was when it was claimed. Raises Refused."""
    row = _there(number, row)
    decided(Verb.APPROVE, number, State(row.state), _by(author, row))
    if row.type not in state.type_keys:
        raise Refused("type", f"the type of claim {number} was retired; refuse it, and say what counts in its place")
    kind, time = state.type_keys[row.type], instant(row.time_us)
    report = Claimed(CLAIMS, str(number), kind, names[row.member], time, orjson.loads(row.data))
    admitted = state.intake.admit(report, now)
    content = content_of(row.type, row.time_us, admitted.sent, state.secret)
    if content != bytes(row.content):
        told = f"the fields of {kind} have changed since claim {number} was made"
        raise Refused("data", f"{told}; refuse it, and have it claimed again")
    return report


def _there(number: int, row: AnyRow | None) -> AnyRow:
    if row is None:
        raise Refused("number", f"there is no claim {number}; take the number of one that is listed")
    return row


def _by(author: Author, row: AnyRow | None) -> By:
    return By.CLAIMANT if row is not None and author.member == row.member else By.REVIEWER


async def _external_ids(work: UnitOfWork, rows: Mapping[int, AnyRow]) -> dict[int, str]:
    keys = sorted({row.member for row in rows.values()})
    found = await work.find(member, {"key": keys}, ("key", "external_id")) if keys else []
    return {row.key: row.external_id for row in found}


async def _too_late(work: UnitOfWork, state: Revision, seqs: Sequence[int]) -> dict[int, tuple[TooLate, ...]]:
    """The closed periods that would count what activities earned, had they come in time, by activity."""
    found: dict[int, dict[tuple[int, str], TooLate]] = {}
    for table in (entry, hold):
        earned = select(table.c.seq, table.c.version, table.c.type, table.c.day).where(table.c.seq.in_(seqs))
        for row in await work.rows(earned) if seqs else ():
            for board in state.counting.get((row.version, state.type_keys_or_none[row.type]), ()):
                period = board.board.period_at(state.calendar, row.day)
                if period and any(span.first <= row.day < span.after for span in state.closings.closed(board)):
                    found.setdefault(row.seq, {})[board.id, period.key] = TooLate(board, period)
    return {seq: tuple(each.values()) for seq, each in found.items()}
