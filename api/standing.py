"""How far members are: everything that their progress towards badges and zones is told from, read for many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from activity.calendar import instant, microseconds
from activity.member import Facts
from activity.roster import FACTS, facts_of, team_names
from activity.tables import activity, member, member_facts, retraction
from api.context import Context
from operations.counters import load_progress, load_spans, load_tallies, standing_awards
from operations.revision import Revision
from rewards.book import Book, Held
from rewards.goal import Goal
from rewards.progress import Step
from rewards.tables import award
from rules.tables import verdict
from rules.tally import Tallies
from storage.bulk import AnyRow

DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Standing:
    """What is known of one member's progress, as it is now."""

    state: Revision
    member: int
    facts: Facts
    now: datetime
    day: int
    book: Book
    held: Held
    awards: Mapping[int, Sequence[AnyRow]]  # that stand, by element, the earliest first
    tallies: Tallies  # of badges that only the first so many get

    def steps(self, goal: Goal) -> list[Step]:
        """How far the member is towards a badge or zone, need by need."""
        return self.state.progress.progress(self.member, goal, self.day, self.book)

    def holds(self, element: int) -> bool:
        """Whether the member holds a badge that has not expired."""
        return self.held.holds(self.member, element, microseconds(self.now))

    def taken(self, goal: Goal) -> int:
        """How many members hold a badge that only the first so many get."""
        return 0 if goal.first_measure is None else self.tallies.get((0, goal.first_measure, 0, 0), 0)


class Silence(NamedTuple):
    """Since when nothing came from a member: their last activity, or else when they joined."""

    since: datetime
    dormant_at: datetime | None  # when it has lasted as long as the programme says, be it in the future

    def is_dormant(self, now: datetime) -> bool:
        return self.dormant_at is not None and self.dormant_at <= now


async def load_standings(context: Context, members: list[int]) -> list[Standing]:
    """Where members stand, in so many queries however many they are."""
    state, now = await context.revision(), context.now()
    engine, day = state.progress, state.calendar.day(now)
    async with context.reading() as work:
        keys = {key for each in members for goal in engine.goals for key in engine.progress_keys(each, goal, day)}
        book = await load_progress(work, keys)
        spans = {
            span for each in members for goal in engine.goals for span in engine.progress_spans(each, goal, day, book)
        }
        await load_spans(work, book, spans)
        rows = await standing_awards(work, members)
        first = [goal.first_measure for goal in engine.goals if goal.first_measure is not None]
        tallies = await load_tallies(work, [(0, measure, 0, 0) for measure in first]) if first else {}
        known = await work.find(member, {"key": members}, ("key", *FACTS))
        teams = await team_names(work, {row.team for row in known if row.team is not None})
    facts = {row[0]: facts_of(row[1:], teams) for row in known}
    held = Held()
    awards: dict[int, dict[int, list[AnyRow]]] = {each: {} for each in members}
    for row in rows:
        held.add(row.member, row.element, row.level, row.period, row.expires_us)
        awards[row.member].setdefault(row.element, []).append(row)
    return [
        Standing(state, each, facts.get(each, Facts()), now, day, book, held, awards[each], tallies) for each in members
    ]


async def load_silences(context: Context, members: list[int]) -> list[Silence]:
    """Since when nothing came from members."""
    days = (await context.revision()).programme.journey.dormant_days
    last = (
        select(verdict.c.member, func.max(activity.c.time_us).label("time_us"))
        .join(activity, activity.c.seq == verdict.c.activity)
        .where(verdict.c.member.in_(members), activity.c.seq.not_in(select(retraction.c.activity)))
        .where(activity.c.type.in_((await context.revision()).signs_of_life))
        .group_by(verdict.c.member)
    )
    first = select(member_facts.c.member, func.min(member_facts.c.recorded_us).label("joined_us"))
    first = first.where(member_facts.c.member.in_(members)).group_by(member_facts.c.member)
    async with context.reading() as work:
        joined = {row.member: row.joined_us for row in await work.rows(first)}
        did = {row.member: row.time_us for row in await work.rows(last)}
    found = []
    for each in members:
        since_us = max(did.get(each, 0), joined.get(each, 0))
        dormant_us = since_us + days * DAY_US if days else None
        found.append(Silence(instant(since_us), None if dormant_us is None else instant(dormant_us)))
    return found


async def load_lost(context: Context, keys: list[tuple[int, int]]) -> list[AnyRow | None]:
    """The last award that members had of badges and that was revoked, by member and element."""
    members, elements = ({key[index] for key in keys} for index in (0, 1))
    query = select(award).where(award.c.member.in_(members), award.c.element.in_(elements))
    async with context.reading() as work:
        rows = await work.rows(query.where(award.c.revoked_seq.is_not(None)).order_by(award.c.revoked_seq))
    found = {(row.member, row.element): row for row in rows}
    return [found.get(key) for key in keys]
