"""Record: take a batch of reports, have it judged, and write what follows in one transaction.

The way of one event, in the order in which it must happen:

1. share the programme, so that neither its revision nor a closing comes between;
2. check each report (pure), lock the members it names in key order, and set aside what was recorded before;
3. assess: what each rule would pay, and which tallies decide it;
4. lock the counters that members share, in key order;
5. take places in the sequence, and write the activities;
6. read the tallies, settle, and write verdicts, entries, tallies and standings, what everyone shares last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from activity.activity import Activity
from activity.calendar import microseconds
from activity.intake import Admitted, Intake, Refused, Report, identity_of
from activity.roster import RosterMember, lock_members
from activity.tables import activity as activity_table
from leaderboard.standing import Gains
from operations.revision import Revision, Revisions
from rewards.ledger import Entry, append
from rules.judge import Assessment
from rules.measure import TALLY_KEY, Tallies, TallyKey
from rules.tables import tally, verdict
from rules.verdict import Outcome, Result, dump
from storage.bulk import Columns
from storage.work import UnitOfWork

BATCH_MAX = 1_000


class Status(StrEnum):
    RECORDED = "recorded"
    DUPLICATE = "duplicate"  # recorded before, with the same content
    CONFLICT = "conflict"  # recorded before, with other content: the first stays
    IGNORED = "ignored"  # the member does not take part
    REFUSED = "refused"


class Receipt(NamedTuple):
    """What became of one report. `seq` is where the activity stands in the sequence, if it was recorded now."""

    status: Status
    message: str = ""
    field: str = ""
    seq: int | None = None
    points: int = 0


@dataclass(slots=True)
class _Case:
    """One report on its way."""

    index: int
    report: Admitted
    member: RosterMember
    activity: Activity
    identity: bytes
    content: bytes
    time_us: int
    day: int
    seq: int = 0
    assessment: Assessment | None = None
    outcomes: list[Outcome] = field(default_factory=list)


async def record(work: UnitOfWork, revisions: Revisions, reports: Sequence[Report], *, now: datetime) -> list[Receipt]:
    """Record a batch; a receipt for each report, in order. What is wrong with one harms no other.

    Nothing is committed here. Raises NoProgramme when none has been applied.
    """
    await work.share_programme()
    revision = await revisions.current(work)
    receipts: list[Receipt | None] = [None] * len(reports)
    cases = await _open(work, revision, reports, receipts, now)
    cases = await _without_known(work, cases, receipts)
    for case in cases:
        case.assessment = revision.judge.assess(case.activity, case.member.facts, case.day)
    await _lock_shared(work, cases)
    cases = await _write_activities(work, revision, cases, receipts, now)
    await _settle(work, revision, cases)
    await _write_results(work, revision, cases, receipts)
    return [receipt for receipt in receipts if receipt is not None]


async def _open(
    work: UnitOfWork,
    revision: Revision,
    reports: Sequence[Report],
    receipts: list[Receipt | None],
    now: datetime,
) -> list[_Case]:
    admitted = list(_admit(revision.intake, reports, receipts, now))
    members = await lock_members(work, {report.member for _, report in admitted})
    cases = []
    for index, report in admitted:
        member = members.get(report.member)
        if member is None:
            message = f"there is no member with the external id {report.member!r}; import members first"
            receipts[index] = Receipt(Status.REFUSED, message, "member")
        elif not member.facts.participates:
            receipts[index] = Receipt(Status.IGNORED, f"member {report.member!r} does not take part")
        else:
            cases.append(_case(revision, index, report, member))
    return cases


def _admit(
    intake: Intake, reports: Sequence[Report], receipts: list[Receipt | None], now: datetime
) -> Iterable[tuple[int, Admitted]]:
    for index, report in enumerate(reports):
        try:
            yield index, intake.admit(report, now)
        except Refused as refusal:
            receipts[index] = Receipt(Status.REFUSED, refusal.message, refusal.field)


def _case(revision: Revision, index: int, report: Admitted, member: RosterMember) -> _Case:
    time_us = microseconds(report.time)
    content = f"{revision.type_ids[report.type.key]}:{time_us}:".encode() + report.sent
    return _Case(
        index=index,
        report=report,
        member=member,
        activity=Activity(report.source, report.id, report.type.key, member.key, report.time, report.data),
        identity=identity_of(report.source, report.id, revision.secret),
        content=blake2b(content, digest_size=16, key=revision.secret).digest(),
        time_us=time_us,
        day=revision.calendar.day(report.time),
    )


async def _without_known(work: UnitOfWork, cases: list[_Case], receipts: list[Receipt | None]) -> list[_Case]:
    """The cases that are new: not in the database, and the first with their identity in this batch."""
    known = await _known(work, {case.identity for case in cases})
    new = []
    for case in cases:
        first = known.get(case.identity)
        if first is None:
            known[case.identity] = case.content, case.member.key
            new.append(case)
        else:
            receipts[case.index] = _again(case, first)
    return new


async def _known(work: UnitOfWork, identities: set[bytes]) -> dict[bytes, tuple[bytes, int]]:
    rows = await work.find(activity_table, {"identity": sorted(identities)}, ("identity", "content", "member"))
    return {bytes(identity): (bytes(content), member) for identity, content, member in rows}


def _again(case: _Case, first: tuple[bytes, int]) -> Receipt:
    if first == (case.content, case.member.key):
        return Receipt(Status.DUPLICATE, "recorded before; nothing was added")
    message = (
        f"({case.report.source}, {case.report.id}) was recorded before with other content, which stays; "
        "give a new activity a new id"
    )
    return Receipt(Status.CONFLICT, message, "id")


async def _lock_shared(work: UnitOfWork, cases: list[_Case]) -> None:
    """Lock the tallies that members share, in key order, making those that are missing."""
    shared = sorted({key for case in cases for key in _keys(case) if key[0] == 0})
    if not work.is_sqlite:
        await work.upsert(tally, _tally_columns(shared, dict.fromkeys(shared, 0)), add=("count",))


def _keys(case: _Case) -> Iterable[TallyKey]:
    return case.assessment.keys() if case.assessment else ()


async def _write_activities(
    work: UnitOfWork, revision: Revision, cases: list[_Case], receipts: list[Receipt | None], now: datetime
) -> list[_Case]:
    """Give each case its place in the sequence and write its activity; what another process wrote first drops out."""
    for case, seq in zip(cases, await work.take_seq(len(cases)) if cases else (), strict=True):
        case.seq = seq
    # In order of identity: two batches that hold the same activities wait for each other, and never both ways.
    ordered = sorted(cases, key=lambda case: case.identity)
    columns: Columns = {
        "seq": [case.seq for case in ordered],
        "identity": [case.identity for case in ordered],
        "content": [case.content for case in ordered],
        "source": [case.report.source for case in ordered],
        "id": [case.report.id for case in ordered],
        "type": [revision.type_ids[case.activity.type] for case in ordered],
        "member": [case.member.key for case in ordered],
        "time_us": [case.time_us for case in ordered],
        "recorded_us": [microseconds(now)] * len(ordered),
        "data": [case.report.stored.decode() for case in ordered],
    }
    if await work.insert(activity_table, columns, unless="identity") == len(cases):
        return cases
    written = {row[0] for row in await work.find(activity_table, {"seq": columns["seq"]}, ("seq",))}
    late = [case for case in cases if case.seq not in written]
    known = await _known(work, {case.identity for case in late})
    for case in late:
        receipts[case.index] = _again(case, known[case.identity])
    return [case for case in cases if case.seq in written]


async def _settle(work: UnitOfWork, revision: Revision, cases: list[_Case]) -> None:
    """Decide each case in the order of the sequence, and write the tallies that this changes."""
    wanted = sorted({key for case in cases for key in _keys(case)})
    rows = await work.find(tally, _tally_keys(wanted), (*TALLY_KEY, "count"))
    before: Tallies = {(row[0], row[1], row[2], row[3]): row[4] for row in rows}
    tallies = before.copy()
    for case in cases:
        if case.assessment is not None:
            case.outcomes = revision.judge.settle(case.assessment, tallies)
    changed = [key for key in wanted if tallies.get(key, 0) != before.get(key, 0)]
    await work.upsert(tally, _tally_columns(changed, tallies))


def _tally_keys(keys: list[TallyKey]) -> dict[str, list[int]]:
    return {name: [key[index] for key in keys] for index, name in enumerate(TALLY_KEY)}


def _tally_columns(keys: list[TallyKey], tallies: Tallies) -> dict[str, list[int]]:
    return _tally_keys(keys) | {"count": [tallies[key] for key in keys]}


async def _write_results(
    work: UnitOfWork, revision: Revision, cases: list[_Case], receipts: list[Receipt | None]
) -> None:
    """Write verdicts and entries, and what they do to the standings."""
    entries: list[Entry] = []
    gains = Gains(revision.calendar, revision.counting)
    for case in cases:
        facts, kind = case.member.facts, case.activity.type
        points = 0
        ordinal = 0
        for outcome in case.outcomes:
            if outcome.result is Result.AWARDED and outcome.points:
                entries.append(
                    (
                        case.seq,
                        ordinal,
                        case.member.key,
                        facts.team_id,
                        outcome.version,
                        revision.type_ids[kind],
                        case.seq,
                        outcome.points,
                        case.time_us,
                        case.day,
                    )
                )
                gains.add(outcome.version, kind, case.member.key, facts.team_id, case.day, case.time_us, outcome.points)
                points += outcome.points
                ordinal += 1
        receipts[case.index] = Receipt(Status.RECORDED, seq=case.seq, points=points)
    verdicts: Columns = {
        "activity": [case.seq for case in cases],
        "revision": [revision.number] * len(cases),
        "outcomes": [dump(case.outcomes) for case in cases],
    }
    await work.insert(verdict, verdicts)
    await append(work, entries)
    await gains.write(work)
