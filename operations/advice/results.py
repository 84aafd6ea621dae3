"""Advice on what results count: held points that come too late for one, and prizes that count in the next. Pure."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from math import ceil

from leaderboard.standing import BoardVersion
from operations.programme import Programme
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
