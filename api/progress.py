"""How far a member is towards each badge, and what is missing, in words."""

import asyncio
from collections.abc import Iterator

import strawberry

from activity.schema import BigInt
from api.badges import BadgeAward, level_of, load_awards
from api.context import Context
from api.standing import Standing, load_lost, load_standings
from api.titles import sees_hidden, titles
from paging import checked_count
from rewards.goal import BadgeVersion, Goal
from rewards.progress import Step
from rewards.schema import Badge, BadgeLevel
from rewards.wording import again, moment, still
from rules.words import members


@strawberry.type(description="How far a member is towards a badge.")
class BadgeProgress:
    badge: Badge = strawberry.field(description="The badge, as it is in force.")
    award: BadgeAward | None = strawberry.field(description="The highest level they hold, and the latest of it.")
    level: int = strawberry.field(description="The highest level they hold; 0 for none.")
    value: BigInt | None = strawberry.field(
        description="What is measured: in the window that is open today. Null where nothing is measured."
    )
    next_level: BadgeLevel | None = strawberry.field(description="What they can reach next. Null: they have it all.")
    missing: str | None = strawberry.field(
        description='What is missing from it, in words: "3 of 5 colleagues; 2 more to go", "you need Newcomer first". '
        "Null when nothing is."
    )


async def progress_of(context: Context, member: int, key: str) -> BadgeProgress | None:
    """A member's progress towards the badge with a key; None where there is none, or none that may be shown."""
    standing = await context.loader(load_standings).load(member)
    version = standing.state.badges.get(key)
    if version is None or not _is_shown(context, standing, version):
        return None
    return (await _progress(context, standing, [version]))[0]


async def next_of(context: Context, member: int, count: int) -> list[BadgeProgress]:
    """The badges that a member is closest to."""
    checked_count("first", count)
    standing = await context.loader(load_standings).load(member)
    chosen = sorted(_reachable(context, standing))[:count]
    versions = standing.state.badge_versions
    return await _progress(context, standing, [versions[place] for _, _, place in chosen])


def _reachable(context: Context, standing: Standing) -> Iterator[tuple[bool, float, int]]:
    """What a member can earn by what they do: whether other badges must come first, how far it is, and its place."""
    goals = {goal.element: goal for goal in standing.state.progress.goals}
    rulebook = context.service.rulebook
    for place, version in enumerate(standing.state.badge_versions):
        badge, goal = version.badge, goals[version.element]
        if not goal.needs or (badge.hidden and not standing.awards.get(version.element)):
            continue
        (step,) = standing.steps(goal)
        if step.threshold is None or _is_over(standing, version) or _is_full(standing, goal):
            continue
        if rulebook.is_for(standing.state, badge.audience, standing.facts):
            yield bool(_lacking(standing, version)), 1 - min(step.value / step.threshold, 1), place


async def _progress(context: Context, standing: Standing, versions: list[BadgeVersion]) -> list[BadgeProgress]:
    state = standing.state
    goals = {goal.element: goal for goal in state.progress.goals}
    told = titles(context, state)

    async def progress(version: BadgeVersion) -> BadgeProgress:
        goal = goals[version.element]
        shown = Badge.of(version.id, version.badge, told, state.calendar)
        rows = standing.awards.get(version.element, ())
        highest = max(rows, key=lambda row: (row.level, row.seq, row.ordinal), default=None)
        level = highest.level if highest is not None else 0
        step = next(iter(standing.steps(goal)), None)
        return BadgeProgress(
            badge=shown,
            award=await context.loader(load_awards).load((highest.seq, highest.ordinal)) if highest else None,
            level=level,
            value=BigInt(step.value) if step else None,
            next_level=_next(shown, goal, step, level),
            missing=await _missing(context, standing, version, goal, step),
        )

    return await asyncio.gather(*map(progress, versions))  # side by side, so that what they need is read at once


def _next(shown: Badge, goal: Goal, step: Step | None, level: int) -> BadgeLevel | None:
    if step is None:
        return level_of(shown, level + 1)
    if step.threshold is None:
        return None
    at = step.threshold
    if goal.every:
        return level_of(shown, at // goal.needs[0].thresholds[0])
    return level_of(shown, goal.needs[0].thresholds.index(at) + 1)


async def _missing(
    context: Context, standing: Standing, version: BadgeVersion, goal: Goal, step: Step | None
) -> str | None:
    """What a member lacks of what is next, the first thing first: what nobody can change, then what they can do."""
    badge, calendar = version.badge, standing.state.calendar
    held = bool(standing.awards.get(version.element))
    if held and (step is None or (step.threshold is None and not badge.repeat)):
        return None
    if not held and not badge.repeat and (step is None or step.threshold is None):
        lost = await context.loader(load_lost).load((standing.member, version.element))
        if lost is not None:
            why = f"it was taken back: {lost.revoked_reason}"
            lacking = _lacking(standing, version) if lost.revoked_by is None else ()
            return f"{why}; you need {titles(context, standing.state).of_badges(lacking)} first" if lacking else why
        if step is not None:
            return None
    if not context.service.rulebook.is_for(standing.state, badge.audience, standing.facts):
        return f"it is for {members(badge.audience or '')}"
    if badge.valid_to and badge.valid_to <= standing.now:
        return f"it ended on {moment(badge.valid_to, calendar)}"
    if not held and _is_full(standing, goal):
        return f"all {badge.first:,} are taken" if badge.first != 1 else "the only one is taken"
    if lacking := _lacking(standing, version):
        return f"you need {titles(context, standing.state).of_badges(lacking)} first"
    if badge.metric is None or step is None:
        return "it comes with your next badge" if badge.requires else "it is given by hand"
    if step.threshold is None:
        return again(badge.metric, standing.day, calendar)
    told = still(badge.metric, step, standing.day, calendar, badge.noun, titles(context, standing.state))
    if badge.valid_from and badge.valid_from > standing.now:
        return f"{told}, from {moment(badge.valid_from, calendar)}"
    return told


def _lacking(standing: Standing, version: BadgeVersion) -> list[str]:
    """The keys of the badges that must come first, and that the member does not hold."""
    badges = standing.state.badges
    return [key for key in version.badge.requires if not standing.holds(badges[key].element)]


def _is_full(standing: Standing, goal: Goal) -> bool:
    return goal.first is not None and standing.taken(goal) >= goal.first and not standing.awards.get(goal.element)


def _is_over(standing: Standing, version: BadgeVersion) -> bool:
    return version.badge.valid_to is not None and version.badge.valid_to <= standing.now


def _is_shown(context: Context, standing: Standing, version: BadgeVersion) -> bool:
    return not version.badge.hidden or bool(standing.awards.get(version.element)) or sees_hidden(context)
