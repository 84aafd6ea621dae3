"""The report of a simulation, made of what it found: keys and names in place of ids, in an order that never changes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import orjson
from sqlalchemy import select

from activity.calendar import Period
from activity.tables import member
from leaderboard.board import Board, Competitors
from leaderboard.closing import Span
from leaderboard.mean import points_of, team_sizes
from leaderboard.standing import BoardVersion
from operations.simulation.first_places import First
from operations.simulation.prospect import Prospect
from operations.simulation.report import BoardPlaces, Gain, LevelReached, Paid, Placed, Report, ZoneEntered
from operations.simulation.simulated import Change, Simulated, Sums
from operations.simulation.simulating import Job
from operations.simulation.sizes import board_sizes
from rules.tables import element, version
from storage.work import UnitOfWork


class _Thing(NamedTuple):
    """A rule, badge or zone, in the words of the draft, or of the last revision that had it."""

    kind: str
    key: str
    title: str
    declared: bool


async def report_of(work: UnitOfWork, prospect: Prospect, job: Job, found: Simulated, now: datetime) -> Report:
    things = await _things(work, prospect)
    state, sizes = prospect.revision, await team_sizes(work)
    sizes_before = await board_sizes(work, job.boards, job.attributes, job.teams, sizes)
    sizes_after = await board_sizes(work, state.board_versions, state.programme.attributes, job.teams, sizes)
    before = found.places_before.first(job.boards, sizes_before)
    after = found.places_after.first(state.board_versions, sizes_after)
    members = {change[2] for change in (*found.gained, *found.lost)}
    for places, boards in ((before, job.boards), (after, state.board_versions)):
        for (index, _), firsts in places.items():
            if boards[index].board.of is Competitors.MEMBERS:
                members |= {each.competitor for each in firsts}
    names = await _names(work, members)
    own = {key: thing for key, thing in things.items() if key not in job.from_now_only}
    shared = {key: thing for key, thing in things.items() if key in job.from_now_only}
    return Report(
        first_day=date.fromordinal(job.days[0]).isoformat(),
        last_day=date.fromordinal(job.days[1]).isoformat(),
        seq=job.source.seq,
        revision=job.source.revision,
        judged=found.judged,
        points_before=found.points_before,
        points_after=found.points_after,
        members_changed=found.changed,
        paid=tuple(_paid(own, found)),
        levels=tuple(_levels(own, found)),
        zones=tuple(_zones(prospect, things, found)),
        gained=tuple(_gain(change, names) for change in found.gained),
        lost=tuple(_gain(change, names) for change in found.lost),
        boards=tuple(_Places(prospect, job, names, now).of(before, after)),
        from_now_only=tuple(_paid(shared, found)),
        levels_from_now_only=tuple(_levels(shared, found)),
        costs=tuple(prospect.plan.costs()),
    )


async def _things(work: UnitOfWork, prospect: Prospect) -> dict[int, _Thing]:
    """By element: those of the draft in its order, then all others there have been."""
    state = prospect.revision
    things = {item.element: _Thing("rule", item.rule.key, item.rule.title, True) for item in state.rule_versions}
    things |= {item.element: _Thing("badge", item.badge.key, item.badge.title, True) for item in state.badge_versions}
    things |= {item.element: _Thing("zone", item.zone.key, item.zone.title, True) for item in state.zone_versions}
    query = (
        select(version.c.element, version.c.key, version.c.definition, element.c.kind)
        .join(element)
        .where(element.c.kind.in_(("rule", "badge", "zone")))
        .order_by(version.c.element, version.c.revision.desc())
    )
    for row in await work.rows(query):
        if row.element not in things:
            title = orjson.loads(row.definition).get("title", row.key)
            things[row.element] = _Thing(row.kind, row.key, title, False)
    return things


async def _names(work: UnitOfWork, keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    rows = await work.find(member, {"key": sorted(keys)}, ("key", "external_id", "name"))
    return {row[0]: (row[1], row[2]) for row in rows}


def _gain(change: Change, names: Mapping[int, tuple[str, str]]) -> Gain:
    before, after, key = change
    return Gain(*names[key], before, after)


def _paid(things: Mapping[int, _Thing], found: Simulated) -> Iterable[Paid]:
    """Rules and badges: all that the draft declares, and of the others those that paid or were awarded."""
    sums: dict[str, tuple[Sums, Sums]] = {
        "rule": (found.rules_before, found.rules_change),
        "badge": (found.badges_before, found.badges_change),
    }
    for key, thing in things.items():
        if thing.kind not in sums:
            continue
        before, change = sums[thing.kind]
        points, awards = before.points[key], before.awards[key]
        if thing.declared or points or awards:
            yield Paid(*thing, points, points + change.points[key], awards, awards + change.awards[key])


def _levels(things: Mapping[int, _Thing], found: Simulated) -> Iterable[LevelReached]:
    levels: dict[int, set[int]] = {}
    for key, level in (*found.levels_before, *found.levels_change):
        levels.setdefault(key, set()).add(level)
    for key, thing in things.items():
        for level in sorted(levels.get(key, ())) if thing.kind == "badge" else ():
            before = found.levels_before[key, level]
            yield LevelReached(thing.key, level, before, before + found.levels_change[key, level])


def _zones(prospect: Prospect, things: Mapping[int, _Thing], found: Simulated) -> Iterable[ZoneEntered]:
    elements = [item.element for item in (*prospect.revision.zone_versions, *prospect.former.zone_versions)]
    for key in dict.fromkeys(elements):
        before = found.badges_before.awards[key]
        after = before + found.badges_change.awards[key]
        yield ZoneEntered(things[key].key, before, after, found.zones_before[key], found.zones_after[key])


class _Places:
    """The first places of each board and period, before and after beside each other."""

    def __init__(self, prospect: Prospect, job: Job, names: Mapping[int, tuple[str, str]], now: datetime) -> None:
        self._boards = prospect.boards
        self._former = job.boards
        self._draft = prospect.revision.board_versions
        self._closings = prospect.revision.closings
        self._teams = job.teams
        self._names = names
        self._calendar = prospect.revision.calendar
        self._today = self._calendar.day(now)

    def of(
        self, before: Mapping[tuple[int, int], list[First]], after: Mapping[tuple[int, int], list[First]]
    ) -> Iterable[BoardPlaces]:
        """The boards in the order of the draft, then those that it retires; their periods in order."""
        former = {item.board.key: index for index, item in enumerate(self._former)}
        pairs: list[tuple[str, int | None, int | None]] = []
        for index, item in enumerate(self._draft):
            key = item.board.key
            pairs.append((key, former.pop(self._boards.get(key, ""), None), index))
        pairs += [(key, index, None) for key, index in former.items()]
        for key, old, new in pairs:
            was = self._of_board(self._former, old, before)
            now = self._of_board(self._draft, new, after)
            for period in sorted(was.keys() | now.keys(), key=lambda each: (each.first, each.after)):
                ended = bool(period.first) and period.after <= self._today
                closed = Span(period.first, period.after) in self._closed(old, new)
                yield BoardPlaces(key, period.key, ended, was.get(period, ()), now.get(period, ()), closed)

    def _closed(self, old: int | None, new: int | None) -> Collection[Span]:
        version = self._former[old] if old is not None else self._draft[new or 0]
        return self._closings.closed(version)

    def _of_board(
        self, boards: Sequence[BoardVersion], index: int | None, places: Mapping[tuple[int, int], list[First]]
    ) -> dict[Period, tuple[Placed, ...]]:
        if index is None:
            return {}
        board = boards[index].board
        found = {}
        for (at, first), firsts in places.items():
            if at == index:
                period = board.period_from(self._calendar, first)
                qualified = [each for each in firsts if board.qualifies(each.score)]
                found[period] = tuple(self._placed(board, place, each) for place, each in enumerate(qualified, 1))
        return found

    def _placed(self, board: Board, place: int, each: First) -> Placed:
        if board.of is Competitors.TEAMS:
            team = self._teams[each.competitor]
            exactly = each.score if board.is_mean else None
            return Placed(place, team, points_of(board.score, each.score), team, exactly)
        external_id, name = self._names[each.competitor]
        return Placed(place, external_id, each.score, name)
