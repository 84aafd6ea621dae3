"""An activity with what the rules said of it, for each of the members whom it credits, and whether it still counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast

import orjson
import strawberry
from sqlalchemy import select
from strawberry.scalars import JSON

from activity.activity import Activity
from activity.calendar import Calendar, instant, microseconds
from activity.catalogue import FieldValue
from activity.intake import identity_of
from activity.member import Facts
from activity.roster import FACTS, facts_of, team_names
from activity.schema import MemberSummary, ReportedActivity, member_summaries, resolved, storable
from activity.tables import activity, member_facts, retraction
from api.context import Context, Info
from api.titles import sees_hidden
from rewards.tables import hold
from rules.rule import Rule as RuleValue
from rules.schema import Verdict
from rules.sentence import Hold
from rules.tables import element, programme, verdict
from rules.verdict import Outcome, Result, load
from rules.why import deciding_names, values_of

Key = tuple[int, int | None]  # the seq of an activity, and for whom it is shown: None for who is named first


class Said(NamedTuple):
    """What the rules said of an activity for one member, under one revision."""

    member: int
    revision: int
    outcomes: Sequence[Outcome]
    recorded: datetime
    holds: Mapping[int, Hold]  # by rule version

    def hold(self, outcome: Outcome, rule: RuleValue) -> Hold | None:
        """Until when an outcome holds its points."""
        if outcome.result is not Result.HELD or rule.hold is None:
            return None
        return self.holds.get(outcome.version) or Hold(self.recorded + rule.hold, released=False)


class Judging(NamedTuple):
    """What a page of activities shares: the rules that judged, and the calendar."""

    rules: Mapping[int, RuleValue]
    calendar: Calendar


@strawberry.type(description="That an activity turned out not to count.")
class Retraction:
    at: datetime = strawberry.field(description="When it was retracted.")
    author: str = strawberry.field(description="Who retracted it.")
    reason: str = strawberry.field(description="Why, in their words.")


@strawberry.type(description="What the rules of an earlier revision said, which was judged anew later.")
class EarlierVerdicts:
    revision: int = strawberry.field(description="The revision whose rules judged.")
    verdicts: list[Verdict] = strawberry.field(description="What each of them said.")


@strawberry.type(description="A member whom an activity credits, and what the rules said for them.")
class CreditedMember:
    key: strawberry.Private[int]
    verdicts: list[Verdict] = strawberry.field(description="What each rule said that looks at its type.")
    earlier_verdicts: list[EarlierVerdicts] = strawberry.field(
        description="What they had said before, if it was judged anew; the latest first."
    )

    @resolved("Who it is.")
    async def member(self, info: Info) -> MemberSummary:
        return await info.context.loader(load_members).load(self.key)


@strawberry.type(description="A badge or zone for which an activity should count and does not.")
class Uncounted:
    key: str = strawberry.field(description="The key of the badge or zone.")
    title: str = strawberry.field(description="What it is called.")
    zone: bool = strawberry.field(description="Whether it is a zone.")
    reason: str = strawberry.field(
        description="Why, in words: an expression had no value, or one larger than an activity can add to a sum."
    )


@strawberry.type(name="Activity", description="One thing that a member did, and what the rules said of it.")
class JudgedActivity(ReportedActivity):
    shown_for: strawberry.Private[int]
    said: strawberry.Private[Sequence[Said]]  # each member's in a row, in the order in which they are named
    judging: strawberry.Private[Judging]
    retraction: Retraction | None = strawberry.field(
        description="That it turned out not to count. What it had earned was taken back."
    )

    @resolved("Whose it is: the member for whom it is shown, else the one who is named first.")
    async def member(self, info: Info) -> MemberSummary:
        return await info.context.loader(load_members).load(self.shown_for)

    @resolved("What each rule said for that member that looks at its type, in the programme's order: what holds now.")
    def verdicts(self, info: Info) -> list[Verdict]:
        return self._verdicts(info.context, self._of(self.shown_for)[-1:])

    @resolved("What the rules had said for that member before, if it was judged anew; the latest first.")
    def earlier_verdicts(self, info: Info) -> list[EarlierVerdicts]:
        return self._earlier(info.context, self._of(self.shown_for))

    @resolved("The other members whom it credits and who took part, in the order in which they are named.")
    async def contributors(self, info: Info) -> list[MemberSummary]:
        keys = [key for key in dict.fromkeys(each.member for each in self.said) if key != self.shown_for]
        return await info.context.loader(load_members).load_many(keys)

    @resolved("Every member whom it credits and who took part, and why they got what they did.")
    def credited(self, info: Info) -> list[CreditedMember]:
        context = info.context
        return [
            CreditedMember(
                key=key,
                verdicts=self._verdicts(context, self._of(key)[-1:]),
                earlier_verdicts=self._earlier(context, self._of(key)),
            )
            for key in dict.fromkeys(each.member for each in self.said)
        ]

    @resolved(
        "The badges and zones, as they are now, for which it should count for that member and does not, as an "
        "expression of theirs has no value for it or too large a one. None for one that was retracted."
    )
    async def uncounted(self, info: Info) -> list[Uncounted]:
        return await _uncounted(info.context, self) if self.retraction is None and self._of(self.shown_for) else []

    def _of(self, member: int) -> Sequence[Said]:
        return [each for each in self.said if each.member == member]

    def _earlier(self, context: Context, said: Sequence[Said]) -> list[EarlierVerdicts]:
        return [
            EarlierVerdicts(revision=each.revision, verdicts=self._verdicts(context, [each]))
            for each in reversed(said[:-1])
        ]

    def _verdicts(self, context: Context, said: Iterable[Said]) -> list[Verdict]:
        rules, calendar = self.judging
        return [
            Verdict.of(
                outcome,
                rules[outcome.version],
                calendar,
                self.time,
                _Deciding(context, self, each.member, deciding_names(outcome, rules[outcome.version])),
                hold=each.hold(outcome, rules[outcome.version]),
                retracted=self.retraction is not None,
            )
            for each in said
            for outcome in each.outcomes
        ]


class _Deciding:
    """Finds the values of some names, when they are asked for."""

    def __init__(self, context: Context, judged: JudgedActivity, member: int, names: list[str]) -> None:
        self._context = context
        self._judged = judged
        self._member = member
        self._names = names

    async def __call__(self) -> Mapping[str, object]:
        judged, facts = self._judged, Facts()
        if any(name.startswith("member.") for name in self._names):
            facts = await self._context.loader(load_facts).load((self._member, judged.seq))
        declared = (await self._context.revision()).programme.activities.get(judged.type)
        data: dict[str, FieldValue] = {}
        if declared is not None:  # a field that came later has its default
            data = {name: field.default for name, field in declared.fields.items() if field.default is not None}
        data.update(cast(dict[str, FieldValue], judged.data))
        return values_of(self._names, data, judged.type, judged.source, judged.time, facts)


async def _uncounted(context: Context, judged: JudgedActivity) -> list[Uncounted]:
    state = await context.revision()
    data = cast(dict[str, FieldValue], judged.data)
    did = Activity(judged.source or "", judged.external_id or "", judged.type, judged.shown_for, judged.time, data)
    facts = await context.loader(load_facts).load((judged.shown_for, judged.seq))
    goals = {need.measure: goal for goal in state.progress.goals for need in goal.needs}
    badges = {version.id: version.badge for version in state.badge_versions}
    zones = {version.id: version.zone for version in state.zone_versions}
    found = []
    for metered, words in state.judge.uncounted(did, facts):
        measure = state.progress.metered[metered].measure
        life, goal = state.lives.get(measure), goals[measure]
        if life is not None and not life.counts(judged.seq, microseconds(judged.time)):
            continue  # it began to count later
        thing = zones[goal.version] if goal.is_zone else badges[goal.version]
        if goal.is_zone or not badges[goal.version].hidden or sees_hidden(context):
            found.append(Uncounted(key=thing.key, title=thing.title, zone=goal.is_zone, reason=words))
    return found


async def load_activities(context: Context, keys: list[Key]) -> list[JudgedActivity | None]:
    """Activities with everything that was said of them, in four queries at most. None where there is none, or none of
    that member."""
    calendar = (await context.revision()).calendar
    seqs = sorted({seq for seq, _ in keys})
    query = (
        select(
            activity,
            element.c.key.label("type_key"),
            (activity.c.seq <= select(programme.c.stripped).scalar_subquery()).label("stripped"),
            retraction.c.author,
            retraction.c.reason,
            retraction.c.recorded_us.label("retracted_us"),
        )
        .join(element, element.c.id == activity.c.type)
        .outerjoin(retraction, retraction.c.activity == activity.c.seq)
        .where(activity.c.seq.in_(seqs))
    )
    judged = select(verdict).where(verdict.c.activity.in_(seqs))
    order = verdict.c.activity, verdict.c.place, verdict.c.member, verdict.c.revision
    said: dict[int, list[Said]] = {seq: [] for seq in seqs}
    holds: dict[tuple[int, int], dict[int, Hold]] = defaultdict(dict)
    async with context.reading() as work:
        rows = {row.seq: row for row in await work.rows(query)}
        for row in await work.rows(judged.order_by(*order)):
            outcomes = load(row.outcomes)
            recorded = instant(rows[row.activity].recorded_us)
            mine = holds[row.activity, row.member]
            said[row.activity].append(Said(row.member, row.revision, outcomes, recorded, mine))
        if any(outcome.result is Result.HELD for each in said.values() for one in each for outcome in one.outcomes):
            for row in await work.rows(select(hold).where(hold.c.seq.in_(seqs))):
                holds[row.seq, row.member][row.version] = Hold(instant(row.due_us), row.released)
        versions = {outcome.version for each in said.values() for one in each for outcome in one.outcomes}
        rules = await context.service.rulebook.rules(work, versions, calendar)
    judging = Judging(rules, calendar)
    found: list[JudgedActivity | None] = []
    for seq, member in keys:
        if seq not in rows or (member is not None and member not in {each.member for each in said[seq]}):
            found.append(None)  # or it turned out to be another member's
            continue
        row = rows[seq]
        first = said[seq][0].member if said[seq] else row.member
        found.append(
            JudgedActivity(
                seq=row.seq,
                source=row.source,
                external_id=row.id,
                type=row.type_key,
                time=instant(row.time_us),
                recorded_at=instant(row.recorded_us),
                data=JSON(orjson.loads(row.data or "{}")),
                stripped=bool(row.stripped),
                shown_for=first if member is None else member,
                said=said[seq],
                judging=judging,
                retraction=None
                if row.retracted_us is None
                else Retraction(at=instant(row.retracted_us), author=row.author, reason=row.reason),
            )
        )
    return found


async def activity_at(context: Context, seq: int) -> JudgedActivity | None:
    """The activity at a place in the sequence."""
    return await context.loader(load_activities).load((seq, None))


async def activity_reported(context: Context, source: str, identifier: str) -> JudgedActivity | None:
    """The activity that a source reported under an id."""
    if not storable(source) or not storable(identifier):
        return None
    identity = identity_of(source, identifier, (await context.revision()).secret)
    async with context.reading() as work:
        rows = await work.find(activity, {"identity": [identity]}, ("seq",))
    return await activity_at(context, rows[0].seq) if rows else None


async def load_members(context: Context, keys: list[int]) -> list[MemberSummary]:
    """What everyone may see of members, by key."""
    async with context.reading() as work:
        found = await member_summaries(work, keys, context.sees_names)
    return [found[key] for key in keys]


async def load_facts(context: Context, keys: list[tuple[int, int]]) -> list[Facts]:
    """What was known of members at places in the sequence."""
    members = sorted({member for member, _ in keys})
    query = select(member_facts).where(member_facts.c.member.in_(members)).order_by(member_facts.c.seq)
    async with context.reading() as work:
        rows = await work.rows(query)
        teams = await team_names(work, {row.team for row in rows if row.team is not None})
    found = []
    for member, seq in keys:
        theirs = [row for row in rows if row.member == member]
        past = [row for row in theirs if row.seq < seq] or theirs[:1]  # what was known first holds before, too
        found.append(facts_of([getattr(past[-1], name) for name in FACTS], teams) if past else Facts())
    return found
