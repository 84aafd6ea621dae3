"""Simulating: judge the past again, chunk of members by chunk of members, in this process or in a child of it.

A job says everything that it takes, so that it can be sent to another process. It reads and never writes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from activity.catalogue import FieldType
from leaderboard.standing import BoardVersion
from operations.comparing import VersionFacts
from operations.rejudge import Rejudged, Rejudging
from operations.revision import Revision
from operations.simulation.barred import Bars
from operations.simulation.first_places import Boards, Paid, Standing, entered
from operations.simulation.narrow import Narrow
from operations.simulation.past import (
    ADJUSTED,
    AWARDS,
    DISTURBED,
    FACTS,
    FIRST_DAYS,
    HISTORY,
    RELEASED,
    RETRACTED,
    SEQUENCE,
    TAKEN,
    Past,
    Row,
    Source,
)
from operations.simulation.reading import Reading, Told
from operations.simulation.settled import Settled
from operations.simulation.simulated import Simulated, begun, ended, points_of
from rewards.award import Award

AWARD_FIELDS = len(Award._fields)
ADVANCE_EVERY = 500  # activities that members share
ALL = (-(2**63), 2**63 - 1)  # member keys
EVER_US = 2**63 - 1

Task = tuple[int, int] | None  # the first member key and the first after; None for what members share
Advance = Callable[[int], None]

# An entry that no verdict tells: version, type, team, points, time, day, place in the sequence.
Entered = tuple[int | None, int | None, int | None, int, int, int, int]


@dataclass(frozen=True)
class Job:
    """What is simulated, and on which history."""

    source: Source
    revision: Revision  # the draft's
    versions: Mapping[int, VersionFacts]
    from_now_only: frozenset[int]  # elements
    settled: Settled
    tags: Mapping[int, Collection[str]]  # of all rule and badge versions
    boards: tuple[BoardVersion, ...]  # in force
    type_keys: Mapping[int, str]  # in force
    rule_keys: Mapping[int, str]  # in force, by element
    attributes: Mapping[str, FieldType]  # in force
    zones: tuple[tuple[int, bool], ...]  # in force: element, and whether it needs anything
    teams: Mapping[int, str]
    days: tuple[int, int]  # first and last

    @property
    def from_us(self) -> int:
        assert self.revision.from_us is not None
        return self.revision.from_us

    def to_send(self) -> "Job":
        """The same without what was compiled in this process, which can be sent to no other."""
        return replace(self, revision=replace(self.revision, programme=replace(self.revision.programme)))

    def shares(self) -> bool:
        """Whether the draft has rules or badges that take effect from now only."""
        state = self.revision
        elements = {rule.element for rule in state.rule_versions} | {badge.element for badge in state.badge_versions}
        return not self.from_now_only.isdisjoint(elements)


class _Member(NamedTuple):
    """All that is known of one member."""

    key: int
    listed: bool  # takes part
    told: list[Told]
    beside: list[Entered]
    awards: list[Row]  # that they hold
    taken: list[Row]
    facts: list[Row]
    first_day: int | None  # on which they first took part, where a board asks


class Simulating:
    """Does a job, chunk by chunk. One for each process."""

    def __init__(self, job: Job, past: Past) -> None:
        self._job = job
        self._past = past
        state, calendar = job.revision, job.revision.calendar
        self._rejudging = Rejudging(state, job.versions, job.from_us, lambda element: element not in job.from_now_only)
        apart = job.from_now_only | job.settled.elements
        before, after = (
            {each: keys[facts.element] for each, facts in job.versions.items() if facts.element in keys}
            for keys in (job.rule_keys, state.rule_keys)
        )
        self._before = Boards(job.boards, job.type_keys, job.tags, before, calendar, job.days)
        self._after = Boards(state.board_versions, state.type_keys, job.tags, after, calendar, job.days)
        self._alike = job.boards == state.board_versions and job.type_keys == state.type_keys and before == after
        self._bars_before = Bars(job.boards, job.attributes, job.teams)
        self._bars_after = Bars(state.board_versions, state.programme.attributes, job.teams)
        self._zones = tuple((item.element, bool(item.zone.needs)) for item in state.zone_versions)
        self._reading = Reading(state.type_keys, job.teams, calendar)
        narrow = Rejudging(state, job.versions, job.from_us, lambda element: element not in apart)
        self._narrow = Narrow(narrow)
        self._retracted: frozenset[int] = frozenset()
        self._disturbed: frozenset[int] = frozenset()
        self._adjusted: dict[int, list[Row]] = {}

    async def open(self) -> None:
        """Read what is rare, and asked for every member."""
        source = self._job.source
        self._retracted = frozenset(row[0] for row in await self._past.rows(RETRACTED, source.seq))
        self._disturbed = frozenset(row[0] for row in await self._past.rows(DISTURBED, source.seq))
        self._adjusted = _grouped(await self._past.rows(ADJUSTED, source.seq, source.to_us), 0)

    async def do(self, task: Task, advance: Advance) -> Simulated:
        """One task; `advance` is told of activities as they are judged."""
        if task is None:
            return await self.shared(advance)
        read, found = await self.members(*task)
        advance(read)
        return found

    async def members(self, first: int, after: int) -> tuple[int, Simulated]:
        """Members with keys from `first` to before `after`: how many activities were read, and what was found."""
        source, found, read = self._job.source, Simulated(), 0
        span = first, after, source.seq
        facts = _grouped(await self._past.rows(FACTS, *span), 0)
        awards = _grouped(await self._past.rows(AWARDS, *span), 2)
        taken = _grouped(await self._past.rows(TAKEN, *span), 2)
        released = _grouped(await self._past.rows(RELEASED, *span, source.to_us), 0)
        first_days: dict[int, int | None] = {}
        if self._bars_before.asks_first_day or self._bars_after.asks_first_day:
            first_days = {row[0]: row[1] for row in await self._past.rows(FIRST_DAYS, first, after)}
        history = groupby(await self._past.rows(HISTORY, *span, source.revision), itemgetter(0))
        group = next(history, None)
        for key in sorted(facts):
            told: list[Told] = []
            if group is not None and group[0] == key:
                told = self._reading.member(group[1], facts[key], self._retracted)
                group = next(history, None)
            beside: list[Entered] = [tuple(row[1:]) for row in (*released.get(key, ()), *self._adjusted.get(key, ()))]
            mine = awards.get(key, []), taken.get(key, [])
            known = facts[key], first_days.get(key)
            self._member(_Member(key, bool(facts[key][-1][-1]), told, beside, *mine, *known), found)
            read += len(told)
        for said, times in self._reading.take():
            found.judged += times
            found.add_verdicts(said.outcomes, self._rejudging.elements, times)
        return read, found

    def _member(self, of: _Member, found: Simulated) -> None:
        """Judge one member's history again, and add up what differs."""
        from_us, badges = self._job.from_us, self._job.revision.badge_of_version
        awards = [Award(*row[:AWARD_FIELDS]) for row in of.awards]
        taken = [Award(*row) for row in of.taken]
        done = self._rejudge(of, awards, taken)
        to_us = self._job.source.to_us
        if to_us < EVER_US:
            told = [each for each in of.told if each.time_us < to_us]
            rows = [row for row, award in zip(of.awards, awards, strict=True) if award.time_us < to_us]
            of, awards = of._replace(told=told, awards=rows), [each for each in awards if each.time_us < to_us]
            done.cut(to_us)
        points = {(row[0], row[1]): row[AWARD_FIELDS] for row in of.awards}
        gone = {(award.seq, award.ordinal) for award in ended(done)}
        stay, go, come = of.beside, list[Entered](), list[Entered]()
        for award, row in zip(awards, of.awards, strict=True):
            paid, team, day = row[AWARD_FIELDS:]
            if award.time_us >= from_us:
                found.add_award(award, paid)
            if paid:
                entry = award.version, None, team, paid, award.time_us, day, award.activity or award.seq
                (go if (award.seq, award.ordinal) in gone else stay).append(entry)
        for case, reached in begun(done):
            if paid := points_of(reached, badges):
                told_by = case.facts.team_id, paid, case.time_us, case.day, case.seq
                come.append((reached.goal.version, None, *told_by))
        total = sum(each[3] for each in (*stay, *go) if each[4] >= from_us)
        for each in of.told:
            if each.time_us >= from_us:
                said = each.said
                said.times += 1
                total += said.points
        more = found.add_payments(done.payments)
        more += sum(each[3] for each in come) - sum(each[3] for each in go)
        found.add_awards(done, points, badges)
        found.add_member(of.key, total, total + more)
        if of.listed:
            now = {case.seq: entered(outcomes) for case, outcomes in done.verdicts}
            self._add_places(of, now, stay, go, come, found)
            self._add_zones(awards, done, found)

    def _rejudge(self, of: _Member, awards: list[Award], taken: list[Award]) -> Rejudged:
        settled = self._job.settled
        if settled.elements and of.key not in self._disturbed and settled.of(of.told, awards, taken):
            return self._narrow.rejudge(of.told, awards)
        return self._rejudging.rejudge([each.case() for each in of.told], awards, taken)

    def _add_places(
        self,
        of: _Member,
        now: Mapping[int, Paid],
        stay: list[Entered],
        go: list[Entered],
        come: list[Entered],
        found: Simulated,
    ) -> None:
        """Where a member stands, by what the rules said at last and, where it differs, by what they say now."""
        standing = Standing(self._before, self._bars_before.of(of.facts, of.first_day))
        self._count(standing, of.told, {}, (*stay, *go))
        found.places_before.add(of.key, standing)
        after: Standing | None = None
        if self._alike and not go:
            after = standing if not now and not come else standing.copy()
            moved = (each for each in of.told if each.seq in now) if now else ()
            for each in moved:
                said, new = each.said, now[each.seq]
                if said.paid != new and not after.move(
                    said.type_id, said.paid, new, each.facts.team_id, each.time_us, each.day, each.seq
                ):
                    after = None  # something was taken away: when the rest was reached must be found again
                    break
            else:
                self._count(after, (), {}, come)
        if after is None:
            after = Standing(self._after, self._bars_after.of(of.facts, of.first_day))
            self._count(after, of.told, now, (*stay, *come))
        found.places_after.add(of.key, after)

    def _count(
        self, standing: Standing, told: Iterable[Told], now: Mapping[int, Paid], beside: Iterable[Entered]
    ) -> None:
        add, sums_of = standing.add, standing.boards.sums
        for seq, time_us, day, facts, said, _ in told:
            paid = now.get(seq, said.paid) if now else said.paid
            if paid:
                add(sums_of(said.type_id, paid), facts.team_id, time_us, day, seq)
        for version, kind, team, points, time_us, day, seq in beside:
            add(sums_of(kind, ((version, points),)), team, time_us, day, seq)

    def _add_zones(self, awards: list[Award], done: Rejudged, found: Simulated) -> None:
        """The zone in which a member stands: the last that they entered."""
        before = {award.element for award in awards}
        after = before - {award.element for award in done.lost} | {each.goal.element for _, each in done.won}
        for zones, held, counted in (
            (self._job.zones, before, found.zones_before),
            (self._zones, after, found.zones_after),
        ):
            entered_last = [element for element, needs in zones if not needs or element in held]
            if entered_last:
                counted[entered_last[-1]] += 1

    async def shared(self, advance: Advance) -> Simulated:
        """What members share: all of them in the order of the sequence. Only `change` of rules and badges is told."""
        job, source, found = self._job, self._job.source, Simulated()
        rejudging = Rejudging(
            job.revision, job.versions, job.from_us, lambda each: each in job.from_now_only, shared=True
        )
        rows = await self._past.rows(AWARDS, *ALL, source.seq)
        kept = [row for row in rows if row[3] in job.from_now_only]
        taken = [Award(*row) for row in await self._past.rows(TAKEN, *ALL, source.seq)]
        done = rejudging.begin([Award(*row[:AWARD_FIELDS]) for row in kept], taken)
        async for told in self._sequence(0, job.from_us, advance):
            rejudging.count(told.case(), done)
        rejudging.resume(done)
        async for told in self._sequence(job.from_us, EVER_US, advance):
            rejudging.judge_again(told.case(), done)
            if told.time_us < source.to_us:
                found.add_payments(done.payments)
            done.payments.clear()
            done.verdicts.clear()
        rejudging.finish(done)
        done.cut(source.to_us)
        found.add_awards(done, {(row[0], row[1]): row[AWARD_FIELDS] for row in kept}, job.revision.badge_of_version)
        return found

    async def _sequence(self, from_us: int, to_us: int, advance: Advance) -> AsyncIterator[Told]:
        """What all members did in a time, in the order of the sequence, with what was said of it at last."""
        source = self._job.source
        waiting: Told | None = None
        async for rows in self._past.stream(SEQUENCE, source.seq, source.revision, from_us, to_us):
            for at in range(0, len(rows), ADVANCE_EVERY):
                part = rows[at : at + ADVANCE_EVERY]
                for row in part:
                    if row[1] in self._retracted:
                        continue
                    told = self._reading.one(row)
                    if waiting is not None and told.row[:2] != waiting.row[:2]:
                        yield waiting
                    waiting = told
                advance(len(part))
                await asyncio.sleep(0)  # without a child process, whoever tells how far it is has a turn
        if waiting is not None:
            yield waiting


def _grouped(rows: Iterable[Row], column: int) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found
