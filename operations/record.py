"""Record: take a batch of reports, have it judged, and write what follows in one transaction.

The way of one event, in the order in which it must happen:

1. share the programme, so that neither its revision nor a closing comes between;
2. check each report (pure), lock the members it names in key order, bring up those who are behind the revision, and set
   aside what was recorded before;
3. assess: what each rule would pay, what counts for badges and zones, and which tallies decide it;
4. lock the counters that members share, in key order;
5. take places in the sequence, and write the activities;
6. read tallies and progress, settle, and write verdicts, entries, awards and standings, what everyone shares last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from activity.activity import Activity
from activity.calendar import microseconds
from activity.intake import Admitted, Intake, Refused, Report, content_of, identity_of
from activity.roster import RosterMember, lock_members
from activity.tables import activity as activity_table
from operations.case import Case
from operations.catch_up import bring_up
from operations.counters import load_book, load_held, load_tallies, lock_shared, store_book, store_tallies
from operations.posting import Posting
from operations.revision import Revision, Revisions
from rewards.book import Held
from rules.tables import verdict
from rules.tally import TallyKey
from rules.verdict import dump
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
class _Delivery:
    """One report on its way, and a case for each member whom it credits and who takes part."""

    index: int
    report: Admitted
    identity: bytes
    content: bytes
    time_us: int
    cases: list[Case] = field(default_factory=list)
    seq: int = 0


async def record(work: UnitOfWork, revisions: Revisions, reports: Sequence[Report], *, now: datetime) -> list[Receipt]:
    """Record a batch; a receipt for each report, in order. What is wrong with one harms no other.

    Nothing is committed here. Raises NoProgramme when none has been applied.
    """
    await work.share_programme()
    revision = await revisions.current(work)
    receipts: list[Receipt | None] = [None] * len(reports)
    posting = Posting(revision, now)
    deliveries = await _open(work, revision, reports, receipts, posting, now)
    deliveries = await _without_known(work, deliveries, receipts)
    engine = revision.progress
    shared: set[TallyKey] = set()
    for delivery in deliveries:
        for case in delivery.cases:
            found = revision.judge.assess(case.activity, case.facts, case.day, case.place, case.among)
            case.assessment = found
            shared.update(key for key in found.keys() if key[0] == 0)  # noqa: SIM118  (no dict)
            shared.update(engine.shared(found.counts))
    await lock_shared(work, shared)
    deliveries = await _write_activities(work, revision, deliveries, receipts, now)
    cases = [case for delivery in deliveries for case in delivery.cases]
    await _settle(work, revision, cases)
    await _write_results(work, revision, deliveries, receipts, posting)
    return [receipt for receipt in receipts if receipt is not None]


async def _open(
    work: UnitOfWork,
    revision: Revision,
    reports: Sequence[Report],
    receipts: list[Receipt | None],
    posting: Posting,
    now: datetime,
) -> list[_Delivery]:
    admitted = list(_admit(revision.intake, reports, receipts, now))
    members = await lock_members(work, {name for _, report in admitted for name in report.members})
    await bring_up(work, revision, members.values(), posting)
    now_us = microseconds(now)
    deliveries = []
    for index, report in admitted:
        named = [members.get(name) for name in report.members]
        if None in named:
            place = named.index(None)
            message = f"there is no member with the external id {report.members[place]!r}; import members first"
            field = "member" if place == 0 else f"contributors[{place - 1}]"
            receipts[index] = Receipt(Status.REFUSED, message, field)
            continue
        delivery = _delivery(revision, index, report, named, now_us)
        if delivery.cases:
            deliveries.append(delivery)
        else:
            who = "does" if len(named) == 1 else "and the others credited do"
            receipts[index] = Receipt(Status.IGNORED, f"member {report.members[0]!r} {who} not take part")
    return deliveries


def _admit(
    intake: Intake, reports: Sequence[Report], receipts: list[Receipt | None], now: datetime
) -> Iterable[tuple[int, Admitted]]:
    for index, report in enumerate(reports):
        try:
            yield index, intake.admit(report, now)
        except Refused as refusal:
            receipts[index] = Receipt(Status.REFUSED, refusal.message, refusal.field)


def _delivery(
    revision: Revision, index: int, report: Admitted, named: Sequence[RosterMember | None], now_us: int
) -> _Delivery:
    time_us = microseconds(report.time)
    day = revision.calendar.day(report.time)
    delivery = _Delivery(
        index=index,
        report=report,
        identity=identity_of(report.source, report.id, revision.secret),
        content=content_of(revision.type_ids[report.type.key], time_us, report.sent, report.members, revision.secret),
        time_us=time_us,
    )
    activity: Activity | None = None
    for place, member in enumerate(named):
        if member is None or not member.facts.participates:
            continue
        if activity is None:
            activity = Activity(report.source, report.id, report.type.key, member.key, report.time, report.data)
        mine = activity if activity.member == member.key else replace(activity, member=member.key)
        delivery.cases.append(Case(mine, member.facts, time_us, day, 0, place, len(named), now_us))
    return delivery


async def _without_known(
    work: UnitOfWork, deliveries: list[_Delivery], receipts: list[Receipt | None]
) -> list[_Delivery]:
    """The deliveries that are new: not in the database, and the first with their identity in this batch."""
    known = await _known(work, {delivery.identity for delivery in deliveries})
    new = []
    for delivery in deliveries:
        first = known.get(delivery.identity)
        if first is None:
            known[delivery.identity] = delivery.content, delivery.cases[0].member
            new.append(delivery)
        else:
            receipts[delivery.index] = _again(delivery, first)
    return new


async def _known(work: UnitOfWork, identities: set[bytes]) -> dict[bytes, tuple[bytes, int]]:
    rows = await work.find(activity_table, {"identity": sorted(identities)}, ("identity", "content", "member"))
    return {bytes(identity): (bytes(content), member) for identity, content, member in rows}


def _again(delivery: _Delivery, first: tuple[bytes, int]) -> Receipt:
    content, member = first
    # Who is named first may have left since: then others that it credits still tell it.
    if content == delivery.content and (len(delivery.report.members) > 1 or member == delivery.cases[0].member):
        return Receipt(Status.DUPLICATE, "recorded before; nothing was added")
    message = (
        f"({delivery.report.source}, {delivery.report.id}) was recorded before with other content, which stays; "
        "give a new activity a new id"
    )
    return Receipt(Status.CONFLICT, message, "id")


async def _write_activities(
    work: UnitOfWork, revision: Revision, deliveries: list[_Delivery], receipts: list[Receipt | None], now: datetime
) -> list[_Delivery]:
    """Give each delivery its place in the sequence and write its activity; what another process wrote drops out."""
    for delivery, seq in zip(deliveries, await work.take_seq(len(deliveries)) if deliveries else (), strict=True):
        delivery.seq = seq
        for case in delivery.cases:
            case.seq = seq
    # In order of identity: two batches that hold the same activities wait for each other, and never both ways.
    ordered = sorted(deliveries, key=lambda delivery: delivery.identity)
    columns: Columns = {
        "seq": [delivery.seq for delivery in ordered],
        "identity": [delivery.identity for delivery in ordered],
        "content": [delivery.content for delivery in ordered],
        "source": [delivery.report.source for delivery in ordered],
        "id": [delivery.report.id for delivery in ordered],
        "type": [revision.type_ids[delivery.report.type.key] for delivery in ordered],
        "member": [delivery.cases[0].member for delivery in ordered],
        "credited": [len(delivery.report.members) for delivery in ordered],
        "time_us": [delivery.time_us for delivery in ordered],
        "recorded_us": [microseconds(now)] * len(ordered),
        "data": [delivery.report.stored.decode() for delivery in ordered],
    }
    if await work.insert(activity_table, columns, unless="identity") == len(deliveries):
        return deliveries
    written = {row[0] for row in await work.find(activity_table, {"seq": columns["seq"]}, ("seq",))}
    late = [delivery for delivery in deliveries if delivery.seq not in written]
    known = await _known(work, {delivery.identity for delivery in late})
    for delivery in late:
        receipts[delivery.index] = _again(delivery, known[delivery.identity])
    return [delivery for delivery in deliveries if delivery.seq in written]


async def _settle(work: UnitOfWork, revision: Revision, cases: list[Case]) -> None:
    """Decide each case in the order of the sequence, and write the tallies and the progress that this changes."""
    engine = revision.progress
    wanted = {key for case in cases if case.assessment for key in case.assessment.keys()}  # noqa: SIM118
    asking = set()
    for case in cases:
        counts = case.assessment.counts if case.assessment else ()
        if counts:
            wanted.update(engine.shared(counts))
            if engine.needs_held(counts):
                asking.add(case.member)
    before = await load_tallies(work, wanted)
    book = await load_book(work, engine, cases)
    held = await load_held(work, asking) if asking else Held()
    tallies = before.copy()
    for case in cases:
        if case.assessment is None:
            continue
        case.outcomes = revision.judge.settle(case.assessment, tallies)
        if case.assessment.counts:
            case.reached = engine.settle(
                case.member, case.seq, case.time_us, case.day, case.assessment.counts, book, tallies, held
            )
    await store_tallies(work, before, tallies)
    await store_book(work, book)


async def _write_results(
    work: UnitOfWork,
    revision: Revision,
    deliveries: list[_Delivery],
    receipts: list[Receipt | None],
    posting: Posting,
) -> None:
    """Write verdicts, and what they do to ledger, badges and standings."""
    cases: list[Case] = []
    for delivery in deliveries:
        points = 0
        for case in delivery.cases:
            points += posting.pay(case)
            cases.append(case)
        receipts[delivery.index] = Receipt(Status.RECORDED, seq=delivery.seq, points=points)
    verdicts: Columns = {
        "activity": [case.seq for case in cases],
        "member": [case.member for case in cases],
        "revision": [revision.number] * len(cases),
        "place": [case.place for case in cases],
        "outcomes": [dump(case.outcomes) for case in cases],
    }
    await work.insert(verdict, verdicts)
    await posting.write(work)
