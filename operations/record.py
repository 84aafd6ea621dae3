"""Record: take a batch of reports, have it judged, and write what follows in one transaction.

The way of one event, in the order in which it must happen:

1. share the programme, so that neither its revision nor a closing comes between;
2. check each report (pure), find the members it names, by external id or identity, and lock them in key order, bring up
   those who are behind the revision, keep aside what names somebody unknown, and set aside what was recorded before;
3. assess: what each rule would pay, what counts for badges and zones, and which tallies decide it;
4. lock the counters that members share, in key order;
5. take places in the sequence, and write the activities;
6. read tallies and progress, settle, and write verdicts, entries, awards and standings, what everyone shares last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from activity.activity import Activity
from activity.calendar import microseconds
from activity.identity import Identity
from activity.intake import Admitted, Claimed, Refused, Report, identity_of
from activity.roster import RosterMember, lock_named
from activity.tables import activity as activity_table
from operations.case import Case
from operations.catch_up import bring_up
from operations.counters import load_book, load_held, load_tallies, lock_shared, store_book, store_tallies
from operations.kept import Unknown, forget, keep, kept_contents
from operations.known import Recorded, content_told, recorded_before
from operations.naming import credited, field_of, first_unknown, kept_told, names_of, nobody_yet
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
    KEPT = "kept"  # kept aside until the person is known
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
    members: tuple[int, ...]  # keys of all that it credits
    named: list[str | None]  # how it names each of them
    cases: list[Case] = field(default_factory=list)
    seq: int = 0


_Named: TypeAlias = tuple[int, Admitted, tuple[Identity, ...]]  # a report, where it stood, and whom it names


async def record(
    work: UnitOfWork, revisions: Revisions, reports: Sequence[Report], *, now: datetime, resumed: bool = False
) -> list[Receipt]:
    """Record a batch; a receipt for each report, in order. What is wrong with one harms no other. What is `resumed` was
    kept itself.

    Nothing is committed here. Raises NoProgramme when none has been applied.
    """
    await work.share_programme()
    revision = await revisions.current(work)
    receipts: list[Receipt | None] = [None] * len(reports)
    posting = Posting(revision, now)
    deliveries, unknown = await _open(work, revision, reports, receipts, posting, now)
    deliveries = await _sift(work, revision, deliveries, unknown, receipts, now, resumed)
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
) -> tuple[list[_Delivery], list[Unknown]]:
    admitted = list(_admit(revision, reports, receipts, now))
    people = await lock_named(work, {name for _, _, names in admitted for name in names})
    await bring_up(work, revision, {member.key: member for member in people.values()}.values(), posting)
    now_us = microseconds(now)
    deliveries: list[_Delivery] = []
    unknown: list[Unknown] = []
    for index, report, names in admitted:
        if (found := credited(names, people)) is None:
            if revision.programme.opt_in:
                receipts[index] = _refused(nobody_yet(report, names, people))
            else:
                unknown.append(_unknown(revision, index, report, names, people))
            continue
        delivery = _delivery(revision, index, report, *found, now_us)
        if delivery.cases:
            deliveries.append(delivery)
        else:
            who = "does" if len(delivery.members) == 1 else "and the others credited do"
            receipts[index] = Receipt(Status.IGNORED, f"member {report.members[0]!r} {who} not take part")
    return deliveries, unknown


def _admit(
    revision: Revision, reports: Sequence[Report], receipts: list[Receipt | None], now: datetime
) -> Iterable[_Named]:
    intake, kinds = revision.intake, revision.programme.identities
    for index, report in enumerate(reports):
        try:
            admitted = intake.admit(report, now)
            # A claim names its member by their external id, whatever kinds of identities there are by now.
            yield index, admitted, names_of(admitted, {} if isinstance(report, Claimed) else kinds)
        except Refused as refusal:
            receipts[index] = _refused(refusal)


def _refused(refusal: Refused) -> Receipt:
    return Receipt(Status.REFUSED, refusal.message, refusal.field)


def _unknown(
    revision: Revision,
    index: int,
    report: Admitted,
    names: Sequence[Identity],
    people: Mapping[Identity, RosterMember],
) -> Unknown:
    place = first_unknown(names, people)
    kind = revision.type_ids[report.type.key]
    identity = identity_of(report.source, report.id, revision.secret)
    members = tuple(people[name].key if name in people else None for name in names)
    return Unknown(index, report, kind, identity, content_told(revision, report), members, place, names[place])


def _delivery(
    revision: Revision,
    index: int,
    report: Admitted,
    members: Sequence[RosterMember],
    named: list[str | None],
    now_us: int,
) -> _Delivery:
    time_us = microseconds(report.time)
    day = revision.calendar.day(report.time)
    delivery = _Delivery(
        index=index,
        report=report,
        identity=identity_of(report.source, report.id, revision.secret),
        content=content_told(revision, report),
        time_us=time_us,
        members=tuple(member.key for member in members),
        named=named,
    )
    activity: Activity | None = None
    for place, member in enumerate(members):
        if not member.facts.participates:
            continue
        if activity is None:
            activity = Activity(report.source, report.id, report.type.key, member.key, report.time, report.data)
        mine = activity if activity.member == member.key else replace(activity, member=member.key)
        delivery.cases.append(Case(mine, member.facts, time_us, day, 0, place, len(members), now_us))
    return delivery


async def _sift(
    work: UnitOfWork,
    revision: Revision,
    deliveries: Sequence[_Delivery],
    unknown: Sequence[Unknown],
    receipts: list[Receipt | None],
    now: datetime,
    resumed: bool,
) -> list[_Delivery]:
    """The deliveries that are new: neither recorded nor kept with other content, in the database or before in this
    batch. What is new and names somebody unknown is kept aside."""
    every: list[_Delivery | Unknown] = sorted([*deliveries, *unknown], key=lambda each: each.index)
    identities = {each.identity for each in every}
    known = await recorded_before(work, identities)
    held = {} if resumed or revision.programme.opt_in else await kept_contents(work, identities)
    before = set(held)
    new: list[_Delivery] = []
    waiting: list[Unknown] = []
    for each in every:
        first = known.get(each.identity)
        if first is not None:
            receipts[each.index] = _again(revision, each.report, each.content, each.members, first)
        elif held.get(each.identity, each.content) != each.content:
            receipts[each.index] = _kept_otherwise(each.report)
        elif isinstance(each, _Delivery):
            known[each.identity] = Recorded(each.content, len(each.members), dict(enumerate(each.members)))
            new.append(each)
        else:
            held[each.identity] = each.content
            waiting.append(each)
    await _keep(work, revision, waiting, before, receipts, now)
    await forget(work, held.keys() & known.keys())
    return new


async def _keep(
    work: UnitOfWork,
    revision: Revision,
    waiting: Sequence[Unknown],
    before: set[bytes],
    receipts: list[Receipt | None],
    now: datetime,
) -> None:
    """Keep these aside, of which some were kept before."""
    held = await keep(work, waiting, now) if waiting else {}
    for each in waiting:
        if held.get(each.identity, each.content) != each.content:
            receipts[each.index] = _kept_otherwise(each.report)
            continue
        again = each.identity in before
        before.add(each.identity)
        told = kept_told(each.report.members[each.place], each.name, revision.programme.kept_days, again=again)
        receipts[each.index] = Receipt(Status.KEPT, told, field_of(each.place))


def _again(
    revision: Revision, report: Admitted, content: bytes, members: Sequence[int | None], first: Recorded
) -> Receipt:
    """What became of something that was recorded before."""
    if first.is_same(revision, report, content, members):
        return Receipt(Status.DUPLICATE, "recorded before; nothing was added")
    return _conflict(report, "was recorded before with other content")


def _kept_otherwise(report: Admitted) -> Receipt:
    return _conflict(report, "is kept for somebody unknown with other content")


def _conflict(report: Admitted, how: str) -> Receipt:
    message = f"({report.source}, {report.id}) {how}, which stays; give a new activity a new id"
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
        "credited": [len(delivery.members) for delivery in ordered],
        "time_us": [delivery.time_us for delivery in ordered],
        "recorded_us": [microseconds(now)] * len(ordered),
        "data": [delivery.report.stored.decode() for delivery in ordered],
    }
    if await work.insert(activity_table, columns, unless="identity") == len(deliveries):
        return deliveries
    written = {row[0] for row in await work.find(activity_table, {"seq": columns["seq"]}, ("seq",))}
    late = [delivery for delivery in deliveries if delivery.seq not in written]
    known = await recorded_before(work, {delivery.identity for delivery in late})
    for delivery in late:
        first = known[delivery.identity]
        receipts[delivery.index] = _again(revision, delivery.report, delivery.content, delivery.members, first)
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
        "named": [delivery.named[case.place] for delivery in deliveries for case in delivery.cases],
    }
    await work.insert(verdict, verdicts)
    await posting.write(work)
