"""Advice on what results count: held points that come too late for one, and prizes that count in the next. Pure."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from math import ceil

from activity.calendar import Period
from leaderboard.standing import BoardVersion
from operations.programme import Programme
from rewards.podium import POINTS
from rules.advice import Advice, Code
from section import duration_to_plain as written

DAY = timedelta(days=1)


def advice_on_holds(declared: Programme, ended: Collection[str]) -> Iterator[Advice]:
    """Rules that hold points for longer than a result can be disputed. `ended` are boards whose only period is over.

    An activity counts if it is recorded by the cutoff, and its held points are released before the result is final. So
    all do where the hold is no longer than the dispute window.
    """
    for rule in declared.rules.values():
        for key, board in declared.boards.items():
            if rule.hold is None or board.closing is None or key in ended:
                continue
            window = board.closing.dispute_days * DAY
            if rule.hold <= window or not any(BoardVersion(0, board).counts(rule.tags, on, rule.key) for on in rule.on):
                continue
            until = written(window) if window else "no time"
            least = f"write 'dispute_window: {written(ceil(rule.hold / DAY) * DAY)}' in the board's 'closing'"
            instead = f"hold for {written(window)} at most" if window else "do without the hold"
            yield Advice(
                Code.HELD_TOO_LONG,
                f"rules.{rule.key}.hold",
                f"board '{key}' can be disputed for {until}, and these points are held for longer: those of the last "
                f"{written(rule.hold - window)} before a period is closed come free when its result is final, and "
                f"count neither there nor for its prizes; {least}, or {instead}",
                also=(f"boards.{key}",),
            )


def advice_on_own_prizes(declared: Programme) -> Iterator[Advice]:
    """Podiums whose prizes are points that count on the board that they reward, in the period in which they are
    delivered. A board with days of its own is over by then."""
    for podium in declared.podiums.values():
        board = declared.boards[podium.board]
        if isinstance(board.period, Period) or not BoardVersion(0, board).counts((), None, None):
            continue
        most = max((prize.amount or 0 for prize in podium.prizes if prize.currency == POINTS), default=0)
        if most:
            yield Advice(
                Code.PRIZE_COUNTS,
                f"podiums.{podium.key}.board",
                f"board '{podium.board}' counts all points, those of prizes too: who won begins the next "
                f"{board.period_name} up to {most:,} ahead of the others; "
                "give the board 'tags' of what it is to count, or prizes that are no points",
                also=(f"boards.{podium.board}",),
            )
