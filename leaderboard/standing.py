"""Standings: what a batch of new points does to every board that counts them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from activity.calendar import Calendar
from leaderboard.board import Board, Competitors
from leaderboard.tables import board_period, standing
from storage.work import UnitOfWork

StandingKey = tuple[int, int, int]  # board version, first day of the period, competitor


class BoardVersion(NamedTuple):
    """A board as one revision has it, with the id that the database gave it."""

    id: int
    board: Board

    def counts(self, tags: Iterable[str], activity_type: str) -> bool:
        """Whether points of a rule with these tags, for an activity of this type, count on the board."""
        board = self.board
        return (not board.tags or not set(board.tags).isdisjoint(tags)) and (
            not board.activities or activity_type in board.activities
        )


class Gains:
    """The points of one batch, summed by standing. Written once, in key order, whatever the batch held."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._members: dict[StandingKey, list[int]] = {}
        self._teams: dict[StandingKey, list[int]] = {}

    def add(
        self, boards: Sequence[BoardVersion], member: int, team: int | None, day: int, time_us: int, points: int
    ) -> None:
        """Count one entry of a member, recorded in a team, on the boards given."""
        for version, board in boards:
            if board.of is Competitors.MEMBERS:
                gains, competitor = self._members, member
            elif team is not None:
                gains, competitor = self._teams, team
            else:
                continue
            key = (version, self._calendar.period(board.period, day).first, competitor)
            gain = gains.get(key)
            if gain is None:
                gains[key] = [points, time_us, 1]
            else:
                gain[0] += points
                gain[2] += 1
                if time_us > gain[1]:
                    gain[1] = time_us

    async def write(self, work: UnitOfWork) -> None:
        """Add the gains to the standings.

        Members are locked by now, so their standings come first. Periods and teams are everyone's: they come last, each
        period's row before the teams in it, so that writers meet in one order and count newcomers one after the other.
        """
        newcomers = await _newcomers(work, self._members)
        await _add(work, self._members)
        periods = {key[:2] for key in self._members} | {key[:2] for key in self._teams}
        await _touch(work, {key: newcomers[key] for key in periods}, revision=1)
        newcomers = await _newcomers(work, self._teams)
        await _add(work, self._teams)
        await _touch(work, +newcomers, revision=0)


async def _newcomers(work: UnitOfWork, gains: Mapping[StandingKey, list[int]]) -> Counter[tuple[int, int]]:
    """How many competitors of each board and period have no entry counted there yet."""
    newcomers = Counter(key[:2] for key in gains)
    for board, period, known in await work.count_found(standing, _keys(sorted(gains)), by=("board", "period")):
        newcomers[board, period] -= known
    return newcomers


async def _add(work: UnitOfWork, gains: Mapping[StandingKey, list[int]]) -> None:
    keys = sorted(gains)
    columns = _keys(keys) | {
        "score": [gains[key][0] for key in keys],
        "reached_us": [gains[key][1] for key in keys],
        "entries": [gains[key][2] for key in keys],
        "listed": [True] * len(keys),
    }
    await work.upsert(standing, columns, add=("score", "entries"), greatest=("reached_us",))


async def _touch(work: UnitOfWork, participants: Mapping[tuple[int, int], int], *, revision: int) -> None:
    keys = sorted(participants)
    columns = {
        "board": [key[0] for key in keys],
        "period": [key[1] for key in keys],
        "participants": [participants[key] for key in keys],
        "revision": [revision] * len(keys),
    }
    await work.upsert(board_period, columns, add=("participants", "revision"))


def _keys(keys: list[StandingKey]) -> dict[str, list[int]]:
    return {
        "board": [key[0] for key in keys],
        "period": [key[1] for key in keys],
        "competitor": [key[2] for key in keys],
    }
