"""Prizes: what podiums gave for closed periods, read back for whoever asks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Select, Table, select

from activity.calendar import Calendar, Period
from activity.intake import Refused, nearest
from activity.tables import member
from leaderboard.definition import board_from_plain
from leaderboard.tables import closing
from operations.retired import retired_podium
from operations.revision import Revision
from rewards.payout import State
from rewards.podium import Podium, Prize
from rewards.podium_definition import podium_from_plain
from rewards.tables import payout, payout_event
from rules.tables import version
from storage.bulk import AnyRow
from storage.work import UnitOfWork

AnySelect: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class PayoutRecord:
    """One payout, as it stands."""

    id: int
    podium: Podium  # as it was when it gave the prize
    period: Period
    place: int
    share: int  # among those who share the place, from 1
    turn: int  # 0 for the winner, then the next in line
    member: int  # key
    external_id: str
    position: int  # in the result
    state: State
    prize: Prize
    amount: int | None
    expires_us: int | None


def payouts_query() -> AnySelect:
    """Everything that `record_of` needs; to be narrowed and ordered by columns of `payout` and `closing`."""
    podium, board = version.alias("of_podium"), version.alias("of_board")
    return (
        select(
            payout,
            member.c.external_id,
            closing.c.period,
            podium.c.key,
            podium.c.definition,
            board.c.definition.label("board"),
        )
        .join(member, member.c.key == payout.c.member)
        .join(closing, closing.c.id == payout.c.closing)
        .join(podium, podium.c.id == payout.c.version)
        .join(board, board.c.id == closing.c.board)
    )


def record_of(row: AnyRow, calendar: Calendar) -> PayoutRecord:
    """The payout in a row of `payouts_query`."""
    return PayoutRecord(
        id=row.id,
        podium=podium_from_plain(row.key, orjson.loads(row.definition)),
        period=period_of(row.board, row.period, calendar),
        place=row.place,
        share=row.share,
        turn=row.turn,
        member=row.member,
        external_id=row.external_id,
        position=row.position,
        state=State(row.state),
        prize=Prize(**orjson.loads(row.prize)),
        amount=row.amount,
        expires_us=row.expires_us,
    )


def period_of(board: str, first: int, calendar: Calendar) -> Period:
    """The period that begins on a day, of a board given by its definition as it is stored."""
    return board_from_plain("", orjson.loads(board)).period_from(calendar, first)


async def narrowed(
    work: UnitOfWork,
    query: AnySelect,
    state: Revision,
    *,
    podium: str | None = None,
    period: str | None = None,
    of: Table = payout,
) -> AnySelect:
    """The query, `of` payouts or of what belongs to a podium otherwise, for a podium alone, in force or else retired,
    and for one of its periods, given by its key or a date in it. Raises Refused, and PeriodInvalid."""
    if podium is None:
        if period is not None:
            raise Refused("period", "a period is one of a podium: name the podium too")
        return query
    found = {item.podium.key: item for item in state.podium_versions}
    if podium in found:
        element, board = found[podium].element, state.programme.boards[found[podium].podium.board]
    elif (retired := await retired_podium(work, state, podium)) is not None:
        element, board = retired
    else:
        raise Refused("podium", f"the programme has no podium {podium!r}{nearest(podium, found)}")
    query = query.where(of.c.podium == element)
    if period is not None:
        query = query.where(closing.c.period == board.period_named(state.calendar, period).first)
    return query


async def events_of(work: UnitOfWork, payouts: Collection[int]) -> Mapping[int, Sequence[AnyRow]]:
    """What happened to payouts, in order."""
    query = select(payout_event).where(payout_event.c.payout.in_(payouts))
    found: dict[int, list[AnyRow]] = {}
    for row in await work.rows(query.order_by(payout_event.c.payout, payout_event.c.ordinal)):
        found.setdefault(row.payout, []).append(row)
    return found
