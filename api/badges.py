"""The badges that members were awarded, and the activities that each award rests on."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import strawberry
from sqlalchemy import Select, literal, select, tuple_, union_all

from activity.activity import Activity
from activity.calendar import EVER, Calendar, PeriodKind, instant, microseconds
from activity.member import Facts
from activity.roster import FACTS, team_names
from activity.schema import BigInt, resolved
from activity.tables import activity, retraction
from api.activity import JudgedActivity
from api.arguments import After, First
from api.context import Context, Info
from api.history import ACTIVITIES, activities_page, page
from api.required import RequiredKey, load_required
from api.rulebook import Counter, StoredBadge
from api.titles import sees_hidden, titles_of
from operations.history import case_columns, case_of, facts_in_force
from operations.revision import Life, Revision
from paging import Ask, Connection, Cursors, connection
from rewards.badge import points_at
from rewards.schema import Badge, BadgeLevel
from rewards.tables import award
from rules.tables import element, verdict
from rules.tally import Measure
from storage.bulk import AnyRow
from storage.work import UnitOfWork

AWARDS = Cursors("award", 2)

CHUNK, CHUNK_MAX = 200, 5_000  # activities that are looked at in one go, of one award
AWARDS_AT_ONCE = 100  # in one statement


class EvidenceKey(NamedTuple):
    """A page that is wanted of the activities that an award rests on."""

    member: int
    version: int
    first_day: int
    last_day: int
    seq: int  # of the award: it rests on what was recorded up to it
    length: int  # of the page
    after: int | None


class Found(NamedTuple):
    """The activities of a page, by seq, and whether there are more."""

    seqs: list[int]
    more: bool


@strawberry.type(description="What an award rests on.")
class Evidence:
    value: BigInt = strawberry.field(
        description="What was measured when it was reached. Activities that were retracted since counted too."
    )
    first_day: date | None = strawberry.field(description="The first day that counted. Null: from the beginning.")
    last_day: date | None = strawberry.field(description="The last day that counted. Null: up to the award.")
    row: strawberry.Private[AnyRow]

    @resolved(
        "The activities that count for it, the latest recorded first, without those that were retracted since. None "
        "where it came with other badges: those are `badges`."
    )
    async def activities(
        self, info: Info, first: First = None, after: After = None
    ) -> Connection[JudgedActivity] | None:
        row, ask = self.row, ACTIVITIES.asked(first, after)
        key = EvidenceKey(
            row.member,
            row.version,
            row.first_day,
            row.last_day,
            row.seq,
            ask.count,
            ask.after[0] if ask.after else None,
        )
        found = await info.context.loader(load_evidence).load(key)
        return await activities_page(info.context, row.member, found.seqs, ask, found.more)

    @resolved(
        "The badges that it requires, as they were held when it was reached, in the order in which it names them. Also "
        "one that was taken since."
    )
    async def badges(self, info: Info) -> list["BadgeAward"]:
        row, context = self.row, info.context
        places = await context.loader(load_required).load(RequiredKey(row.member, row.version, row.time_us, row.seq))
        awards = await context.loader(load_awards).load_many(places)
        return [award for award in awards if award is not None]


@strawberry.type(description="A level of a badge that a member was awarded.")
class BadgeAward:
    badge: Badge = strawberry.field(description="The version of the badge that was awarded.")
    level: int = strawberry.field(description="Which of its levels, from 1.")
    title: str = strawberry.field(description="What the level is called; the badge's title where it has none.")
    points: BigInt = strawberry.field(description="What it paid.")
    awarded_at: datetime = strawberry.field(
        description="When it was reached: the time of the activity that it took, or when it was given."
    )
    expires_at: datetime | None = strawberry.field(description="When it is no longer held. Null: never.")
    expired: bool = strawberry.field(description="Whether that time is over.")
    given_by: str | None = strawberry.field(description="Who gave it by hand. Null: it was earned.")
    reason: str | None = strawberry.field(description="Why it was given by hand.")
    evidence: Evidence | None = strawberry.field(description="What it rests on. Null: it was given by hand.")
    seq: BigInt = strawberry.field(description="Its place in the programme's one sequence of events.")
    ordinal: strawberry.Private[int]


async def badges_of(context: Context, member: int, ask: Ask) -> Connection[BadgeAward]:
    """The badges that a member holds, those that have expired too, the latest first."""
    query = (
        select(award)
        .join(element, (element.c.id == award.c.element) & (element.c.kind == "badge"))
        .where(award.c.member == member, award.c.revoked_seq.is_(None))
    )
    rows, more = await page(context, query, (award.c.seq, award.c.ordinal), ask)
    nodes = await awards_of(context, rows)
    return connection(
        nodes, lambda node: AWARDS.write((node.seq, node.ordinal)), has_previous=ask.after is not None, has_next=more
    )


async def awards_of(context: Context, rows: Sequence[AnyRow]) -> list[BadgeAward]:
    """The awards in rows of the table."""
    calendar, titles = (await context.revision()).calendar, await titles_of(context)
    async with context.reading() as work:
        badges = await context.service.rulebook.badges(work, (row.version for row in rows), calendar)
    now_us = microseconds(context.now())
    nodes = []
    for row in rows:
        badge = badges[row.version].badge
        written = badge.levels[0 if badge.every else min(row.level, len(badge.levels)) - 1]
        nodes.append(
            BadgeAward(
                badge=Badge.of(row.version, badge, titles, calendar),
                level=row.level,
                title=written.title or badge.title,
                points=BigInt(points_at(badge, row.level)),
                awarded_at=instant(row.time_us),
                expires_at=instant(row.expires_us) if row.expires_us is not None else None,
                expired=row.expires_us is not None and row.expires_us <= now_us,
                given_by=row.author,
                reason=row.reason,
                evidence=_evidence(row) if row.author is None else None,
                seq=BigInt(row.seq),
                ordinal=row.ordinal,
            )
        )
    return nodes


async def load_awards(context: Context, places: list[tuple[int, int]]) -> list[BadgeAward | None]:
    """The awards of badges at places in the sequence."""
    async with context.reading() as work:
        rows = await work.rows(select(award).where(tuple_(award.c.seq, award.c.ordinal).in_(places)))
    found = {(node.seq, node.ordinal): node for node in await awards_of(context, rows)}
    return [found.get((BigInt(seq), ordinal)) for seq, ordinal in places]


async def badge_at(context: Context, version: int) -> Badge | None:
    """A version of a badge. One that is hidden is shown when somebody has it."""
    calendar = (await context.revision()).calendar
    async with context.reading() as work:
        badges = await context.service.rulebook.badges(work, [version], calendar)
    stored = badges.get(version)
    if stored is None or not (sees_hidden(context) or await is_shown(context, stored)):
        return None
    return Badge.of(version, stored.badge, await titles_of(context), calendar)


async def is_shown(context: Context, stored: StoredBadge) -> bool:
    """Whether a badge is shown to everyone: because it is not hidden, or somebody has it."""
    if not stored.badge.hidden:
        return True
    async with context.reading() as work:
        return await is_held(work, stored.element)


async def is_held(work: UnitOfWork, badge: int) -> bool:
    """Whether somebody has a badge, given by its element."""
    query = select(award.c.seq).where(award.c.element == badge, award.c.revoked_seq.is_(None)).limit(1)
    return bool(await work.rows(query))


async def load_evidence(context: Context, keys: list[EvidenceKey]) -> list[Found]:
    """The activities that awards rest on: one query for all of them, and further ones only where conditions leave
    too few of what was read."""
    current = await context.revision()
    found: dict[EvidenceKey, Found] = {}
    async with context.reading() as work:
        teams = await team_names(work)
        rulebook = context.service.rulebook
        counters = {
            version: await rulebook.counter(work, current, version) for version in {key.version for key in keys}
        }
        stored = await rulebook.badges(work, counters, current.calendar)
        open_ = {key: _Search(key, counter, stored[key.version]) for key in keys if (counter := counters[key.version])}
        found |= {key: Found([], False) for key in keys if key not in open_}
        while open_:
            searches = list(open_.values())[:AWARDS_AT_ONCE]
            parts = [select(search.query(place, current.calendar).subquery()) for place, search in enumerate(searches)]
            statement = parts[0] if len(parts) == 1 else union_all(*parts)
            rows: list[list[AnyRow]] = [[] for _ in searches]
            for row in await work.rows(statement):
                rows[row.search].append(row)
            for search, read in zip(searches, rows, strict=True):
                if search.take(read, current, teams):
                    found[search.key] = Found(search.seqs[: search.key.length], len(search.seqs) > search.key.length)
                    del open_[search.key]
    return [found[key] for key in keys]


class _Search:
    """Looks for the activities that count for one award, the latest recorded first, some at a time."""

    def __init__(self, key: EvidenceKey, counter: Counter, stored: StoredBadge) -> None:
        self.key = key
        self.seqs: list[int] = []
        self._counter = counter
        self._stored = stored
        self._before = key.seq + 1 if key.after is None else min(key.after, key.seq + 1)
        self._chunk = CHUNK

    def query(self, place: int, calendar: Calendar) -> Select[Any]:
        key, none = self.key, select(retraction.c.seq).where(retraction.c.activity == activity.c.seq)
        chosen = (
            select(*case_columns(verdict.c.member, verdict.c.place), literal(place).label("search"))
            .select_from(verdict.join(activity, activity.c.seq == verdict.c.activity))
            .where(
                verdict.c.member == key.member,
                verdict.c.activity < self._before,
                activity.c.type.in_(self._counter.types),
                ~none.exists(),
            )
            .order_by(verdict.c.activity.desc())
            .limit(self._chunk)
        )
        if key.first_day > EVER.first:
            chosen = chosen.where(activity.c.time_us >= _midnight_us(calendar, key.first_day))
            chosen = chosen.where(activity.c.time_us < _midnight_us(calendar, key.last_day + 1))
        return facts_in_force(chosen, verdict.c.member, verdict.c.activity)

    def take(self, rows: Sequence[AnyRow], current: Revision, teams: dict[int, str]) -> bool:
        """Look at what was read; whether the page is full, or there is no more."""
        seen = set(self.seqs)
        for row in sorted(rows, key=lambda each: -each.seq):
            self._before = row.seq
            if row.seq in seen or len(self.seqs) > self.key.length:
                continue  # judged under several revisions
            seen.add(row.seq)
            facts = [getattr(row, name) for name in FACTS]
            case = case_of(row, facts, self._counter.type_keys, teams, current.calendar.day)
            if self._counts(case.activity, case.facts, case.seq, case.time_us, case.day, current):
                self.seqs.append(row.seq)
        done = len(rows) < self._chunk or len(self.seqs) > self.key.length
        self._chunk = min(2 * self._chunk, CHUNK_MAX)
        return done

    def _counts(self, did: Activity, facts: Facts, seq: int, time_us: int, day: int, current: Revision) -> bool:
        badge = self._stored.badge
        if badge.metric is None or not self._counter.judge.counts(did, facts, day):
            return False
        measure = Measure.of_metric(self._stored.element, badge.metric, badge.audience, repeat=badge.repeat)
        number = current.measures.get(measure)
        life: Life | None = current.lives.get(number) if number is not None else None
        # What counts it now may have begun after this award; then it was another that counted.
        return life is None or life.since >= self.key.seq or life.counts(seq, time_us)


def level_of(stored: Badge, level: int) -> BadgeLevel | None:
    """A level of a badge, if it has it."""
    if level < 1 or (not stored.every and level > len(stored.levels)):
        return None
    return BadgeLevel.of(stored.badge, level)


def _evidence(row: AnyRow) -> Evidence:
    whole = row.first_day <= EVER.first
    return Evidence(
        value=BigInt(row.value),
        first_day=None if whole else date.fromordinal(row.first_day),
        last_day=None if whole else date.fromordinal(row.last_day),
        row=row,
    )


def _midnight_us(calendar: Calendar, day: int) -> int:
    begins = calendar.starts_at(calendar.period(PeriodKind.DAY, min(day, EVER.after - 1)))
    assert begins is not None
    return microseconds(begins)
