"""Gains: what a batch of ledger entries does to every standing that counts them."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence

from sqlalchemy import delete, update

from activity.calendar import Calendar
from leaderboard.board import Competitors
from leaderboard.closing import NOTHING_CLOSED, Closings, Span
from leaderboard.dirty import mark
from leaderboard.eligibility import Eligibility
from leaderboard.rebuild import latest_time
from leaderboard.share import Shares
from leaderboard.standing import BoardVersion, Counted, StandingKey
from leaderboard.tables import board_period, standing
from storage.work import UnitOfWork

# Which boards count the points that a rule or badge version pays for an activity type.
Counting = Mapping[tuple[int | None, str | None], Sequence[BoardVersion]]

BoardPeriods = list[tuple[int, int]]
Targets = Sequence[BoardPeriods]  # of members, of teams by sums, of teams by means

CountedBy = Callable[[int], Awaitable[tuple[BoardVersion, Counted]]]  # by the id of a board version


class Gains:
    """The points of one batch, summed by standing. Written once, in key order, whatever the batch held.

    Of closed periods there are none: what comes is late, and what corrects is not a sum (see `leaderboard/cut.py`).
    """

    def __init__(
        self,
        calendar: Calendar,
        counting: Counting,
        closings: Closings = NOTHING_CLOSED,
        eligibility: Eligibility | None = None,
    ) -> None:
        """`eligibility` is that of the batch's members, on boards that ask for more than points."""
        self._calendar = calendar
        self._eligibility = eligibility
        self._closings = closings
        self._counting = counting
        self._targets: dict[tuple[int | None, str | None, int], Targets] = {}
        self._members: dict[StandingKey, list[int]] = {}
        self._teams: dict[StandingKey, list[int]] = {}
        self._shares = Shares(calendar)
        self._unlisted: set[int] = set()  # members who do not take part
        self._taken: dict[StandingKey, int] = {}  # the latest time of the entries taken back, of members
        self._taken_of_teams: dict[StandingKey, int] = {}

    def add(
        self,
        version: int | None,
        activity_type: str | None,
        member: int,
        team: int | None,
        day: int,
        time_us: int,
        points: int,
        listed: bool = True,
        place: int = 0,
    ) -> None:
        """Count one entry of a member, recorded in a team at a place in the sequence. `listed` says whether the member
        takes part."""
        targets = self._targets.get((version, activity_type, day)) or self._find_targets(version, activity_type, day)
        if self._eligibility is not None:
            targets = self._eligibility.among(targets, member, day, place)
        _add_gain(self._members, targets[0], member, time_us, points)
        if targets[2] and team is not None:
            self._shares.add(targets[2], team, member, time_us, points)
        if not listed:
            self._unlisted.add(member)
        elif team is not None:
            _add_gain(self._teams, targets[1], team, time_us, points)

    def take(
        self,
        version: int | None,
        activity_type: str | None,
        member: int,
        team: int | None,
        day: int,
        time_us: int,
        points: int,
        listed: bool = True,
        place: int = 0,
    ) -> None:
        """Take back one entry that was counted: the same words as it was added with."""
        targets = self._targets.get((version, activity_type, day)) or self._find_targets(version, activity_type, day)
        if self._eligibility is not None:
            targets = self._eligibility.among(targets, member, day, place)
        _take_gain(self._members, self._taken, targets[0], member, time_us, points)
        if targets[2] and team is not None:
            self._shares.take(targets[2], team, member, time_us, points)
        if not listed:
            self._unlisted.add(member)
        elif team is not None:
            _take_gain(self._teams, self._taken_of_teams, targets[1], team, time_us, points)

    def _find_targets(self, version: int | None, activity_type: str | None, day: int) -> Targets:
        targets: Targets = ([], [], [])
        for each in self._counting[version, activity_type]:
            period = each.board.period_at(self._calendar, day)
            if period and Span(period.first, period.after) not in self._closings.closed(each):
                if each.board.is_mean:
                    self._shares.boards[each.id] = each
                targets[2 if each.board.is_mean else each.board.of is Competitors.TEAMS].append((each.id, period.first))
        self._targets[version, activity_type, day] = targets
        return targets

    async def write(self, work: UnitOfWork, counted_by: CountedBy | None = None) -> None:
        """Add the gains to the standings. `counted_by` is asked when something was taken back; entries come first.

        Members are locked by now, so their standings come first. Periods and teams are everyone's: they come last, each
        period's row before the teams in it, so that writers meet in one order and count newcomers one after the other.
        """
        newcomers = await _newcomers(work, self._members, self._unlisted)
        await _add(work, self._members, self._unlisted)
        if self._taken and counted_by:
            await self._mend(work, self._taken, newcomers, counted_by)
        await self._shares.write(work, counted_by)
        periods = {key[:2] for key in (*self._members, *self._teams, *self._shares.teams)}
        await _touch(work, {key: newcomers[key] for key in periods}, revision=1)
        newcomers = await _newcomers(work, self._teams, set())
        await _add(work, self._teams, set())
        if self._taken_of_teams and counted_by:
            await self._mend(work, self._taken_of_teams, newcomers, counted_by)
        newcomers.update(await self._shares.restate(work))
        await _touch(work, {key: count for key, count in newcomers.items() if count}, revision=0)
        changed: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for board, period, competitor in (*self._members, *self._teams, *self._shares.teams):
            changed[board, period].append(competitor)
        await mark(work, changed)

    async def _mend(
        self,
        work: UnitOfWork,
        taken: Mapping[StandingKey, int],
        newcomers: Counter[tuple[int, int]],
        counted_by: CountedBy,
    ) -> None:
        """Standings that lost entries: drop those that have none left, and find again when the others were reached."""
        wanted = ("board", "period", "competitor", "entries", "reached_us", "listed")
        for row in await work.find(standing, _keys(sorted(taken)), wanted):
            key = row.board, row.period, row.competitor
            mine = (standing.c.board == key[0]) & (standing.c.period == key[1]) & (standing.c.competitor == key[2])
            if row[3] <= 0:
                await work.execute(delete(standing).where(mine))
                newcomers[key[:2]] -= bool(row.listed)
            elif row.reached_us <= taken[key]:
                board, counted = await counted_by(key[0])
                reached = await latest_time(work, board, counted, self._calendar, key[1], key[2])
                await work.execute(update(standing).where(mine).values(reached_us=reached))


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


def _take_gain(
    gains: dict[StandingKey, list[int]],
    taken: dict[StandingKey, int],
    targets: list[tuple[int, int]],
    competitor: int,
    time_us: int,
    points: int,
) -> None:
    for board, period in targets:
        key = board, period, competitor
        gain = gains.setdefault(key, [0, 0, 0])
        gain[0] -= points
        gain[2] -= 1
        taken[key] = max(taken.get(key, 0), time_us)


async def _newcomers(
    work: UnitOfWork, gains: Mapping[StandingKey, list[int]], unlisted: set[int]
) -> Counter[tuple[int, int]]:
    """How many listed competitors of each board and period have no entry counted there yet."""
    listed = sorted(gains if not unlisted else (key for key in gains if key[2] not in unlisted))
    newcomers = Counter(key[:2] for key in listed)
    for board, period, known in await work.count_found(standing, _keys(listed), by=("board", "period")):
        newcomers[board, period] -= known
    return newcomers


async def _add(work: UnitOfWork, gains: Mapping[StandingKey, list[int]], unlisted: set[int]) -> None:
    keys = sorted(gains)
    columns = _keys(keys) | {
        "score": [gains[key][0] for key in keys],
        "reached_us": [gains[key][1] for key in keys],
        "entries": [gains[key][2] for key in keys],
        "listed": [key[2] not in unlisted for key in keys] if unlisted else [True] * len(keys),
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
