"""The journey: in which zone members are, what leads to the next, and who has fallen silent."""

from datetime import datetime, timedelta
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, Select, case, func, select

from activity.calendar import instant, microseconds
from activity.schema import BigInt, resolved
from activity.tables import activity, member, member_facts, retraction
from api.context import Context, Info
from api.history import page
from api.standing import Silence, Standing, load_silences, load_standings
from api.titles import titles
from errors import LaurelsError
from operations.revision import Revision
from paging import Ask, Cursors
from rewards.journey import Zone as ZoneValue
from rewards.schema import Zone
from rewards.tables import award
from rewards.wording import onward, still
from rules.tables import verdict

DORMANT = Cursors("dormant", 2)


class NotDeclared(LaurelsError):
    """Something is asked for that the programme does not have."""


@strawberry.type(description="How far a member is with one thing that leads into a zone.")
class NeedProgress:
    title: str = strawberry.field(description="What to do, in words.")
    value: BigInt = strawberry.field(description="What is measured; once it is met, the best there was.")
    at_least: BigInt = strawberry.field(description="The value at which it is met.")
    met: bool = strawberry.field(description="Whether it is met, which it then is for good.")
    missing: str | None = strawberry.field(
        description='What is missing, in words: "2 of 3 posts in November 2026; one more to go".'
    )


@strawberry.type(description="A zone that a member can enter, and how far they are.")
class NextZone:
    zone: Zone = strawberry.field(description="The zone.")
    needs: list[NeedProgress] = strawberry.field(description="What leads into it, and how far the member is.")


@strawberry.type(description="Where a member is on the journey.")
class MemberJourney:
    zone: Zone | None = strawberry.field(description="The last zone they entered. Null where the programme has none.")
    since: datetime | None = strawberry.field(description="When they entered it; the first zone when they joined.")
    text: str | None = strawberry.field(description="What is possible there, in words for them.")
    next: NextZone | None = strawberry.field(description="What comes next. Null at the end of the journey.")
    passed_by: list[NextZone] = strawberry.field(
        description="The zones before theirs that they did not enter. Each is judged for itself: they still can."
    )
    onward: str | None = strawberry.field(
        description='What is possible next, in words: "Creator comes next on your journey". Something always is; null '
        "only where the programme has no zones."
    )
    member_key: strawberry.Private[int]
    participates: strawberry.Private[bool]

    @resolved("Whether they take part, and nothing came from them for as long as the programme says.")
    async def dormant(self, info: Info) -> bool:
        return await self.dormant_since(info) is not None

    @resolved("Since when they are dormant. Null when they are not.")
    async def dormant_since(self, info: Info) -> datetime | None:
        silence = await self._silence(info)
        return silence.dormant_at if self.participates and silence.is_dormant(info.context.now()) else None

    @resolved("The time of their last activity; when they joined where there is none.")
    async def silent_since(self, info: Info) -> datetime:
        return (await self._silence(info)).since

    async def _silence(self, info: Info) -> Silence:
        return await info.context.loader(load_silences).load(self.member_key)


@strawberry.type(description="A zone, and how many are in it.")
class ZoneCount:
    zone: Zone = strawberry.field(description="The zone.")
    members: int = strawberry.field(description="How many of those who take part are in it now.")


@strawberry.type(description="The journey, with all who are on it.")
class Journey:
    @resolved("Its zones in order, and how many are in each.")
    async def zones(self, info: Info) -> list[ZoneCount]:
        return await _counts(info.context)

    @resolved("How many of those who take part are dormant. Null where the programme declares no silence.")
    async def dormant(self, info: Info) -> int | None:
        state = await info.context.revision()
        days = state.programme.journey.dormant_days
        if days is None:
            return None
        query = _silent(info.context, state, days).with_only_columns(func.count())
        async with info.context.reading() as work:
            return int((await work.execute(query)).scalar_one())


async def journey_of(context: Context, key: int) -> MemberJourney:
    """Where a member is on the journey."""
    standing = await context.loader(load_standings).load(key)
    state = standing.state
    zones = state.zone_versions
    place = _place(standing)
    entered = standing.awards.get(zones[place].element, ()) if place is not None else ()
    since = instant(entered[-1].time_us) if entered else None
    if place is not None and since is None:
        since = (await context.loader(load_joined).load(key)) if not zones[place].zone.needs else None
    found = zone_of(context, state, zones[place].zone) if place is not None else None
    following = 0 if place is None else place + 1
    entered_keys = {version.zone.key for version in zones if standing.awards.get(version.element)}
    passed_by = [
        at
        for at, version in enumerate(zones[:following])
        if version.zone.needs and version.zone.key not in entered_keys
    ]
    return MemberJourney(
        zone=found,
        since=since,
        text=found.text if found else None,
        next=_next(context, standing, following) if following < len(zones) else None,
        passed_by=[_next(context, standing, at) for at in passed_by],
        onward=onward([version.zone for version in zones], place, entered_keys),
        member_key=key,
        participates=standing.facts.participates,
    )


async def load_joined(context: Context, keys: list[int]) -> list[datetime]:
    """When members became known."""
    first = select(member_facts.c.member, func.min(member_facts.c.recorded_us).label("joined_us"))
    async with context.reading() as work:
        rows = await work.rows(first.where(member_facts.c.member.in_(keys)).group_by(member_facts.c.member))
    found = {row.member: instant(row.joined_us) for row in rows}
    return [found[key] for key in keys]


async def dormant_members(context: Context, ask: Ask) -> tuple[list[tuple[int, int]], bool]:
    """A page of the dormant members who take part, the longest silence first, and whether there are more.
    Of each: since when, in microseconds, and the key."""
    state = await context.revision()
    days = state.programme.journey.dormant_days
    if days is None:
        raise NotDeclared("the programme does not say after which silence a member is dormant; write dormant: P60D")
    last = _signs_of_life(state, func.max(activity.c.time_us)).scalar_subquery()
    joined = select(func.min(member_facts.c.recorded_us)).where(member_facts.c.member == member.c.key).scalar_subquery()
    silent = _silent(context, state, days).add_columns(last.label("last_us"), joined.label("joined_us")).subquery()
    since_us = case((silent.c.last_us > silent.c.joined_us, silent.c.last_us), else_=silent.c.joined_us)
    query = select(silent.c.key, since_us.label("since_us"))
    rows, more = await page(context, query, (since_us, silent.c.key), ask, ascending=True)
    return [(row.since_us, row.key) for row in rows], more


def zone_of(context: Context, state: Revision, zone: ZoneValue) -> Zone:
    """A zone as it is shown. One that the programme no longer has stands at the end."""
    keys = [each.key for each in state.programme.journey.zones]
    place = keys.index(zone.key) if zone.key in keys else len(keys)
    return Zone.of(zone, titles(context, state), place + 1, max(len(keys), place + 1))


def _place(standing: Standing) -> int | None:
    """Where a member is: the last zone that they entered, else the first that has no needs."""
    zones = standing.state.zone_versions
    held = [place for place, version in enumerate(zones) if standing.awards.get(version.element)]
    open_ = [place for place, version in enumerate(zones) if not version.zone.needs]
    return held[-1] if held else next(iter(open_), None)


def _next(context: Context, standing: Standing, place: int) -> NextZone:
    state = standing.state
    version = state.zone_versions[place]
    goal = next(goal for goal in state.progress.goals if goal.element == version.element)
    needs = [
        NeedProgress(
            title=need.title,
            value=BigInt(step.value),
            at_least=BigInt(need.at_least),
            met=step.threshold is None,
            missing=still(need.metric, step, standing.day, state.calendar, need.noun, titles(context, state)),
        )
        for need, step in zip(version.zone.needs, standing.steps(goal), strict=True)
    ]
    return NextZone(zone=zone_of(context, state, version.zone), needs=needs)


async def _counts(context: Context) -> list[ZoneCount]:
    state = await context.revision()
    zones = state.zone_versions
    if not zones:
        return []
    places = case({version.element: place for place, version in enumerate(zones)}, value=award.c.element)
    mine = (
        select(award.c.member, func.max(places).label("place"))
        .join(member, (member.c.key == award.c.member) & member.c.participates)
        .where(award.c.element.in_([version.element for version in zones]), award.c.revoked_seq.is_(None))
        .group_by(award.c.member)
        .subquery()
    )
    async with context.reading() as work:
        counted = {
            row.place: row.number
            for row in await work.rows(select(mine.c.place, func.count().label("number")).group_by(mine.c.place))
        }
        everyone = select(func.count()).select_from(member).where(member.c.participates)
        others = int((await work.execute(everyone)).scalar_one()) - sum(counted.values())
    open_ = [place for place, version in enumerate(zones) if not version.zone.needs]
    if open_:
        counted[open_[0]] = counted.get(open_[0], 0) + others
    return [
        ZoneCount(zone=zone_of(context, state, version.zone), members=counted.get(place, 0))
        for place, version in enumerate(zones)
    ]


def _silent(context: Context, state: Revision, days: int) -> Select[tuple[int]]:
    """Those who take part, were there before, and of whom nothing has come since so many days ago."""
    before_us = microseconds(context.now() - timedelta(days=days))
    did = _signs_of_life(state, activity.c.seq).where(activity.c.time_us > before_us)
    was_there = select(member_facts.c.seq).where(
        member_facts.c.member == member.c.key, member_facts.c.recorded_us <= before_us
    )
    return select(member.c.key).where(member.c.participates, was_there.exists(), ~did.exists())


def _signs_of_life(state: Revision, what: ColumnElement[Any]) -> Select[Any]:
    """Of what a member, the one whom the query around it is about, did that breaks a silence and still counts."""
    return (
        select(what)
        .select_from(verdict.join(activity, activity.c.seq == verdict.c.activity))
        .where(
            verdict.c.member == member.c.key,
            activity.c.type.in_(state.signs_of_life),
            activity.c.seq.not_in(select(retraction.c.activity)),
        )
    )
