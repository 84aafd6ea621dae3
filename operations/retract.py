"""Retract: take back an activity that turned out not to count, with everything that followed from it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, insert, select, update

from activity.calendar import microseconds
from activity.intake import Refused, checked_name, identity_of
from activity.roster import RosterMember, lock_keys, team_names
from activity.tables import activity, member, retraction
from operations.case import Case, paid
from operations.catch_up import bring_up
from operations.counters import load_measures, load_tallies, lock_shared, standing_awards, store_book, store_tallies
from operations.evidence import Fallen, counted, dependents, fallen, goal_of
from operations.history import CASE, case_columns, case_of, facts_in_force
from operations.posting import Posting, Revoked
from operations.reasons import checked_reason
from operations.retracted import Because, Retracted, RetractStatus, Staying
from operations.revision import Revision, Revisions
from operations.rewriting import standing_entries
from rewards.award import Award
from rewards.definition import badge_from_plain
from rewards.goal import BadgeVersion, Goal, ZoneVersion
from rewards.journey_definition import zone_from_plain
from rewards.ledger import Entry
from rewards.tables import hold
from rules.recount import count_out
from rules.tables import element, verdict, version
from rules.tally import Tallies, TallyKey
from rules.verdict import load
from storage.bulk import AnyRow
from storage.work import UnitOfWork


async def retract(
    work: UnitOfWork, revisions: Revisions, source: str, identifier: str, *, author: str, reason: str, now: datetime
) -> Retracted:
    """Retract the activity that a source reported under an id. Retracting it again does nothing more.

    Its points are taken back by entries that reverse them, points that are held back are voided, its places in limits
    are free again for later activities, and badges whose evidence falls away are revoked unless they are kept, with
    those that require them. Nothing is committed here. Raises Refused, and NoProgramme.
    """
    told = checked_reason(reason)
    await work.share_programme()
    state = await revisions.current(work)
    seq = await _find(work, state, checked_name("source", source), checked_name("id", identifier))
    return await retract_at(work, state, seq, author=author, reason=told, now=now)


async def retract_at(
    work: UnitOfWork, state: Revision, seq: int, *, author: str, reason: str, now: datetime
) -> Retracted:
    """The same of the activity at a place in the sequence. The programme is shared or held."""
    credited = await work.rows(select(verdict.c.member).where(verdict.c.activity == seq).distinct())
    members = await lock_keys(work, (row.member for row in credited))
    if await work.rows(select(retraction.c.seq).where(retraction.c.activity == seq)):
        return Retracted(RetractStatus.UNCHANGED, seq)
    posting = Posting(state, now)
    await bring_up(work, state, members.values(), posting)
    return await _Retracting(work, state, members, posting).retract(seq, author, reason, now)


async def _find(work: UnitOfWork, state: Revision, source: str, identifier: str) -> int:
    identity = identity_of(source, identifier, state.secret)
    rows = await work.find(activity, {"identity": [identity]}, ("seq",))
    if not rows:
        raise Refused("id", f"no activity was recorded as ({source}, {identifier}); look for its source and id")
    return int(rows[0].seq)


class _Retracting:
    def __init__(
        self, work: UnitOfWork, state: Revision, members: Mapping[int, RosterMember], posting: Posting
    ) -> None:
        self._work = work
        self._state = state
        self._members = members
        self._posting = posting
        self._points = 0
        self._counting: dict[int, set[int]] = {}  # the measures that counted the activity, by member

    async def retract(self, seq: int, author: str, reason: str, now: datetime) -> Retracted:
        work, state = self._work, self._state
        keys = sorted(self._members)
        cases = await self._cases(seq)
        effects = await self._effects(cases)
        awards = await standing_awards(work, keys)
        shared = {key for key, _ in effects if key[0] == 0} | _first_counters(state, awards)
        await lock_shared(work, shared)
        at = (await work.take_seq(1))[0]
        row = {"seq": at, "activity": seq, "recorded_us": microseconds(now), "author": author, "reason": reason}
        await work.execute(insert(retraction).values(row))
        before = await load_tallies(work, {key for key, _ in effects} | shared)
        tallies = before.copy()
        for key, amount in effects:
            count_out(tallies, key, amount, state.judge.clocks)
        entries = await standing_entries(work, keys)
        of_awards = {(each.seq, each.entry) for each in awards}
        paid = sum(entry[8] for entry in entries.values() if entry[7] == seq)
        for entry in sorted(entries.values()):
            if entry[7] == seq and entry[:2] not in of_awards:
                self._reverse(at, entry)
        waiting = hold.c.seq == seq, hold.c.ended_seq.is_(None)
        held = select(func.coalesce(func.sum(hold.c.points), 0)).where(*waiting)
        voided = int((await work.execute(held)).scalar_one())
        await work.execute(update(hold).where(*waiting).values(ended_seq=at))
        for case in cases:
            self._posting.correct(case.member, case.facts.team_id, case.day)
        gone: set[tuple[int, int]] = set()
        rows = {(each.seq, each.ordinal): each for each in awards}
        titles = {item.element: item.badge.title for item in state.badge_versions}
        for case in cases:
            for lost, required in await self._fallen(case, awards, tallies):
                told = f"an activity that it rests on was retracted: {reason}"
                if required is not None:
                    told = f"{titles[required]}, which it requires, was revoked, because {told}"
                self._posting.revoke(at, Revoked(rows[lost.seq, lost.ordinal], None, told))
                gone.add((lost.seq, lost.ordinal))
                if lost.entry is not None:
                    self._reverse(at, entries[lost.member, lost.seq, lost.entry])
        await store_tallies(work, before, tallies)
        await self._posting.write(work)
        left = [each for each in awards if each.activity == seq and (each.seq, each.ordinal) not in gone]
        staying = await self._staying(left, entries)
        return Retracted(RetractStatus.RETRACTED, seq, paid, self._points, len(gone), voided, staying)

    def _reverse(self, at: int, entry: Entry) -> None:
        self._posting.reverse(at, entry, self._members[entry[3]].facts.participates)
        self._points += entry[8]

    async def _cases(self, seq: int) -> list[Case]:
        """The activity for each member whom it credits, with what the rules said at last."""
        query = (
            select(*case_columns(verdict.c.member, verdict.c.place), verdict.c.outcomes)
            .select_from(verdict)
            .join(activity, activity.c.seq == verdict.c.activity)
            .where(verdict.c.activity == seq)
            .order_by(verdict.c.revision)
        )
        found: dict[int, Case] = {}
        teams = await team_names(self._work)
        for row in await self._work.rows(facts_in_force(query, verdict.c.member, verdict.c.activity)):
            facts = row[len(CASE) + 1 :]
            case = case_of(row, facts, self._state.type_keys, teams, self._state.calendar.day)
            case.outcomes = load(row.outcomes)
            found[case.member] = case
        return sorted(found.values(), key=lambda case: case.place)

    async def _effects(self, cases: Sequence[Case]) -> list[tuple[TallyKey, int]]:
        versions = sorted({outcome.version for case in cases for outcome in case.outcomes})
        query = select(version.c.id, version.c.element).where(version.c.id.in_(versions))
        elements = {row.id: row.element for row in await self._work.rows(query)}
        judge = self._state.judge
        return [
            effect
            for case in cases
            for effect in judge.effects(case.activity, case.facts, case.day, paid(case.outcomes, elements))
        ]

    async def _fallen(self, case: Case, awards: Sequence[AnyRow], tallies: Tallies) -> list[Fallen]:
        state = self._state
        counts = counted(state.lives, state.progress, state.judge, case)
        if not counts:
            return []
        measures = {state.progress.metered[each.metered].measure for each in counts}
        self._counting[case.member] = measures
        counting = [goal for goal in state.progress.goals if any(need.measure in measures for need in goal.needs)]
        goals = dependents(state.progress.goals, (goal.element for goal in counting))
        touched = {need.measure for goal in goals for need in goal.needs}
        book = await load_measures(self._work, case.member, touched)
        mine = [Award.of(row) for row in awards if row.member == case.member]
        then = await goals_then(self._work, state, {award.version for award in mine})
        lost = fallen(state.progress, case, counts, book, mine, tallies, then.__getitem__)
        await store_book(self._work, book)
        return lost

    async def _staying(
        self, awards: Sequence[AnyRow], entries: Mapping[tuple[int, int, int], Entry]
    ) -> tuple[Staying, ...]:
        """The awards that the activity had completed and that stay, with their points and why."""
        if not awards:
            return ()
        state, versions = self._state, {row.version for row in awards}
        thens = await goals_then(self._work, state, versions)
        told = await self._work.find(version, {"id": sorted(versions)}, ("id", "definition"))
        plain = {row.id: orjson.loads(row.definition) for row in told}
        names = await self._work.find(member, {"key": sorted(self._members)}, ("key", "external_id"))
        called = {row.key: row.external_id for row in names}
        goals = {goal.element: goal for goal in state.progress.goals}
        return tuple(
            Staying(
                called[row.member],
                _called(plain[row.version], row.level),
                0 if row.entry is None else entries[row.member, row.seq, row.entry][8],
                _because(goals.get(row.element), thens[row.version], self._counting.get(row.member, set())),
            )
            for row in awards
        )


async def goals_then(work: UnitOfWork, state: Revision, versions: Collection[int]) -> dict[int, Goal]:
    """What awards of these versions of badges and zones rest on, in the measures of now."""
    found = {goal.version: goal for goal in state.progress.goals}
    if earlier := sorted(set(versions) - found.keys()):
        columns = version.c.id, version.c.element, version.c.key, version.c.definition, version.c.revision
        named = select(*columns, element.c.kind).join(element, element.c.id == version.c.element)
        rows = await work.rows(named.where(element.c.kind.in_(("activity", "badge"))).order_by(version.c.id))
        types = {row.key: row.element for row in rows if row.kind == "activity"}
        for row in await work.rows(named.where(version.c.id.in_(earlier))):
            told = orjson.loads(row.definition)
            item: BadgeVersion | ZoneVersion
            if row.kind == "zone":
                item = ZoneVersion(row.id, row.element, zone_from_plain(row.key, told))
            else:
                item = BadgeVersion(row.id, row.element, badge_from_plain(row.key, told, state.calendar))
            named_then = (each for each in rows if each.kind == "badge" and each.revision <= row.revision)
            found[row.id] = goal_of(item, state, types, {each.key: each.element for each in named_then})
    return found


def _called(plain: Mapping[str, Any], level: int) -> str:
    """What an award is called: with its level, where there are several."""
    several = "every" in plain or len(plain.get("levels", ())) > 1
    return f"{plain['title']}, level {level}," if several else str(plain["title"])


def _because(goal: Goal | None, then: Goal, counting: Collection[int]) -> Because:
    """Why an award of a goal did not fall; `then` is the goal of the version that was awarded."""
    if goal is not None and goal.keep:
        return Because.POLICY
    rests = {need.measure for need in then.needs}
    asked = set() if goal is None else {need.measure for need in goal.needs}
    if goal is None or (rests and (rests.isdisjoint(counting) or not rests <= asked)):
        return Because.UNCOUNTED
    return Because.ENOUGH


def _first_counters(state: Revision, awards: Sequence[AnyRow]) -> set[TallyKey]:
    held = {row.element for row in awards}
    measures = (goal.first_measure for goal in state.progress.goals if goal.element in held)
    return {(0, measure, 0, 0) for measure in measures if measure is not None}
