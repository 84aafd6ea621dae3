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


Targets = tuple[list[tuple[int, int]], list[tuple[int, int]]]  # board and period: of members, and of teams


class Gains:
    """The points of one batch, summed by standing. Written once, in key order, whatever the batch held.

    `counting` says which boards count the points that a rule version pays for an activity type.
    """

    def __init__(self, calendar: Calendar, counting: Mapping[tuple[int, str], Sequence[BoardVersion]]) -> None:
        self._calendar = calendar
        self._counting = counting
        self._targets: dict[tuple[int, str, int], Targets] = {}
        self._members: dict[StandingKey, list[int]] = {}
        self._teams: dict[StandingKey, list[int]] = {}

    def add(
        self, version: int, activity_type: str, member: int, team: int | None, day: int, time_us: int, points: int
    ) -> None:
        """Count one entry of a member, recorded in a team."""
        targets = self._targets.get((version, activity_type, day)) or self._find_targets(version, activity_type, day)
        _add_gain(self._members, targets[0], member, time_us, points)
        if team is not None:
            _add_gain(self._teams, targets[1], team, time_us, points)

    def _find_targets(self, version: int, activity_type: str, day: int) -> Targets:
        targets: Targets = ([], [])
        for identifier, board in self._counting[version, activity_type]:
            period = self._calendar.period(board.period, day).first
            targets[board.of is Competitors.TEAMS].append((identifier, period))
        self._targets[version, activity_type, day] = targets
        return targets

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


def _add_gain(
    gains: dict[StandingKey, list[int]], targets: list[tuple[int, int]], competitor: int, time_us: int, points: int
) -> None:
    for board, period in targets:
        gain = gains.get((board, period, competitor))
        if gain is None:
            gains[board, period, competitor] = [points, time_us, 1]
        else:
            gain[0] += points
            gain[2] += 1
            if time_us > gain[1]:
                gain[1] = time_us


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
