"""Advice on boards: days of their own on which nothing can count. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date

from activity.calendar import Period
from leaderboard.board import Board
from rules.advice import Advice, Code


def advice_on_windows(boards: Iterable[Board], starts: date) -> Iterator[Advice]:
    """Days of boards that are before the first one of the programme."""
    for board in boards:
        window = board.period
        if not isinstance(window, Period) or window.first >= starts.toordinal():
            continue
        path = f"boards.{board.key}.period"
        if window.after <= starts.toordinal():
            told = f"these days end before the programme starts, on {starts}, so that nothing can ever count here"
            yield Advice(Code.BEFORE_START, f"{path}.to", f"{told}: write later ones, or remove the board")
        else:
            told = f"this is before the programme starts: only what happens from {starts} on counts"
            yield Advice(Code.BEFORE_START, f"{path}.from", f"{told}; write that day, or leave it if that is meant")
